"""`bullion backfill` as a process of its own: stopped, out of disk, beside a daemon, and what it prints."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.backfill import Plan, Summary
from monitor.commands.backfill import _Progress
from tests.asker import utc
from tests.homes import contents, furnish, house, only_toml, published
from tests.past import DAYS, WARRANTS, Past, pages, url_of
from tests.publisher import Reply
from tests.test_run import ended, running, until

pytestmark = pytest.mark.slow
SPACING = 0.02
SHFE = ("shfe_warrants", "--from", "2026-03-09", "--to", "2026-03-20")


def configured(folder: Path, *sources: str, contact: str = "desk@example.org") -> Path:
    """A config.toml that lets these sources be asked, quickly, and reads one check."""
    path = folder / "config.toml"
    allowed = "".join(f"[sources.{name}]\nfetch = true\n" for name in sources)
    daemon = f"[daemon]\nspacing_seconds = {SPACING}\ninterval_seconds = 1\n"
    path.write_text(f'contact = "{contact}"\n{daemon}{allowed}{only_toml("source_stale")}')
    return path


def bullion(home: Path, past: Past, config: Path, *args: str) -> list[str]:
    command = [sys.executable, "-W", "error", "-m", "tests.backfill_child", past.base, f"{home}.turns"]
    return [*command, "--home", str(home), "--config", str(config), *args]


def started(home: Path, past: Past, config: Path, *args: str, **options: Any) -> subprocess.Popen[str]:
    """A command at work, its publishers on loopback."""
    furnish(home)
    return subprocess.Popen(
        bullion(home, past, config, *args),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def finished(home: Path, past: Past, config: Path, *args: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a command that has ended."""
    child = started(home, past, config, *args)
    said, complaint = child.communicate(timeout=120)
    return child.returncode, said, complaint


def facts(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every fact table, once the archive is found clean."""
    with house(home, utc("2026-12-31 12:00")) as opened:
        assert opened.archive.verify() == []
        return contents(opened, stamps=False)


@pytest.fixture
def past() -> Iterator[Past]:
    with Past(pages()) as opened:
        yield opened


# --- stopped -------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_after_the_file_in_hand_and_the_same_command_goes_on(
    tmp_path: Path, past: Past, by: signal.Signals
) -> None:
    """Sent to the whole group, as a terminal does it: the parser goes on too, and no good file is refused."""
    config, home = configured(tmp_path, "shfe_warrants"), tmp_path / "home"
    child = started(home, past, config, "backfill", *SHFE, start_new_session=True)
    until(lambda: len(past.log) >= 3)
    os.killpg(child.pid, by)
    said, complaint = child.communicate(timeout=60)
    asked = len(past.log)
    assert (child.returncode, asked < len(DAYS)) == (130, True)
    assert complaint == "bullion: stopped: as asked; the same command goes on where this one stopped\n"
    assert said.startswith(f"shfe_warrants: {asked} asked, {asked} loaded, 0 held, 0 not published, 0 refused; ")
    assert published(home, "select count(distinct session) from shfe_warrants") == [(asked,)]
    code, said, _ = finished(home, past, config, "backfill", *SHFE)
    assert (code, past.asked()) == (0, [url_of(day) for day in DAYS])
    assert f"{len(DAYS) - asked} asked, {len(DAYS) - asked} loaded" in said
    assert f"10 sessions from 2026-03-09 to 2026-03-20, {asked} of them complete before" in said


def test_a_second_signal_ends_it_in_the_middle_of_a_hung_question(tmp_path: Path, past: Past) -> None:
    past.rules[f"{DAYS[2]:%Y%m%d}"] = Reply(hang=True)
    config = configured(tmp_path, "shfe_warrants")
    child = started(tmp_path / "home", past, config, "backfill", *SHFE)
    until(lambda: len(past.log) >= 3)
    child.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.5)
    assert ended(child, signal.SIGINT)[::2] == (130, "bullion: stopped\n")


def test_a_disk_that_fills_up_ends_it_with_a_sentence_and_the_same_command_goes_on(tmp_path: Path, past: Past) -> None:
    """A limit on the size of files stands in for the disk: the database cannot write its checkpoint."""
    config, home = configured(tmp_path, "shfe_warrants"), tmp_path / "home"
    child = started(home, past, config, "backfill", *SHFE)
    until(lambda: len(past.log) >= 2)
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (100 << 10, resource.RLIM_INFINITY))
    _, complaint = child.communicate(timeout=60)
    assert (child.returncode, "Traceback" in complaint) == (1, False), complaint
    assert re.fullmatch(r"bullion: stopped: .*; the same command goes on where this one stopped\n", complaint)
    code, _, complaint = finished(home, past, config, "backfill", *SHFE)
    assert (code, complaint) == (0, "")
    assert published(home, "select count(distinct session) from shfe_warrants") == [(len(DAYS),)]
    assert facts(home)["rejects"] == []


# --- what is printed -----------------------------------------------------------------------------


def test_the_summary_adds_up_and_reparse_reads_it_all_again_without_a_question(tmp_path: Path, past: Past) -> None:
    del past.reports[url_of(DAYS[5])]
    past.reports[url_of(DAYS[7])] = b"<html><body>beach</body></html>"
    config, home = configured(tmp_path, "shfe_warrants"), tmp_path / "home"
    code, said, complaint = finished(home, past, config, "backfill", *SHFE, "--json")
    row = json.loads(said)
    assert (code, complaint) == (1, "")
    assert row == {
        "source": "shfe_warrants", "from": "2026-03-09", "to": "2026-03-20", "sessions": 10, "complete_before": 0,
        "asked": 10, "loaded": 8, "held": 0, "not_published": 1, "refused": 1, "unreachable": 0, "blocked": 0,
        "left_alone": 0, "stopped": "",
    }  # fmt: skip
    before = facts(home)
    past.log.clear()
    code, said, _ = finished(home, past, config, "reparse", "shfe_warrants")
    assert (code, said.splitlines()[-1]) == (0, "9 files read again: 8 loaded, 1 refused")
    assert past.log == []
    assert facts(home) == before


def test_a_refusal_ends_with_1_and_says_when_to_try_again(tmp_path: Path, past: Past) -> None:
    past.rules[f"{DAYS[1]:%Y%m%d}"] = Reply(b"no", status=403)
    config, home = configured(tmp_path, "shfe_warrants"), tmp_path / "home"
    code, said, complaint = finished(home, past, config, "backfill", *SHFE)
    assert (code, len(past.log)) == (1, 2)
    assert said.startswith("shfe_warrants: 2 asked, 1 loaded, 0 held, 0 not published, 0 refused, 1 blocked; ")
    assert "refuses us (HTTP 403)" in complaint
    assert published(home, "select last_outcome from source_health where source = 'shfe_warrants'") == [("blocked",)]
    code, _, complaint = finished(home, past, config, "backfill", *SHFE, "--again")
    assert (code, len(past.log)) == (1, 2)
    assert "left alone until" in complaint


def test_nobody_is_asked_without_leave(tmp_path: Path, past: Past) -> None:
    for sources, contact, word in (
        ((), "desk@example.org", "sources.shfe_warrants.fetch"),
        (("shfe_warrants",), "", "`contact` is empty"),
    ):
        config = configured(tmp_path, *sources, contact=contact)
        code, said, complaint = finished(tmp_path / "home", past, config, "backfill", *SHFE)
        assert (code, said, word in complaint) == (1, "", True)
    config = configured(tmp_path, "shfe_warrants")
    assert finished(tmp_path / "home", past, config, "backfill", "shfe_warrants", "--from", "soon")[0] == 2
    backwards = ("backfill", "shfe_warrants", "--from", "2026-03-20", "--to", "2026-03-09")
    assert finished(tmp_path / "home", past, config, *backwards)[0] == 2
    assert past.log == []


def test_progress_is_a_bar_on_a_terminal_and_nothing_of_it_is_left(tmp_path: Path, past: Past) -> None:
    ours, theirs = os.openpty()
    command = bullion(tmp_path / "home", past, configured(tmp_path, "shfe_warrants"), "backfill", *SHFE)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs):
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
    os.close(ours)
    frames = shown.decode().split("\r")
    assert frames[1].startswith("[........................] shfe_warrants 0/10 at session 2026-03-09")
    assert frames[10].startswith("[#####################...] shfe_warrants 9/10 at session 2026-03-20, 9 loaded")
    assert frames[-2].strip() == frames[-1] == ""


def test_progress_is_a_line_now_and_then_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Plan(WARRANTS, DAYS, DAYS, tuple(WARRANTS.asks(day)[0] for day in DAYS))
    quiet = _Progress(work)
    quiet.show(Summary(work), work.asks[0])
    assert capsys.readouterr().err == "", "nothing in the first seconds"
    monkeypatch.setattr("monitor.commands.backfill.QUIET_SECONDS", 0.0)
    progress = _Progress(work)
    for asked, ask in enumerate(work.asks):
        progress.show(Summary(work, asked=asked), ask)
    progress.clear()
    said = "shfe_warrants 0/10 at session 2026-03-09, 0 loaded, 0 held, 0 not published, 0 refused\n"
    assert capsys.readouterr().err == said, "and the next one after ten more"


def _read(terminal: int) -> bytes:
    """What is shown; nothing once the other end has closed."""
    try:
        return os.read(terminal, 10_000)
    except OSError:
        return b""


# --- beside a daemon -----------------------------------------------------------------------------


def test_beside_a_daemon_it_asks_itself_and_the_daemon_loads(tmp_path: Path, past: Past) -> None:
    home, config = tmp_path / "home", configured(tmp_path, "shfe_warrants")
    quiet = tmp_path / "quiet.toml"
    quiet.write_text("[daemon]\ninterval_seconds = 1\n" + only_toml("source_stale"))
    with running(home, quiet) as child:
        code, said, complaint = finished(home, past, config, "backfill", *SHFE)
        assert (code, complaint) == (0, "")
        assert said.startswith("shfe_warrants: 10 asked, 10 loaded, 0 held, ")
        assert published(home, "select count(distinct session) from shfe_warrants") == [(10,)]
        assert finished(home, past, config, "backfill", *SHFE)[1].startswith("shfe_warrants: 0 asked")
        assert past.asked() == [url_of(day) for day in DAYS]
        assert ended(child)[0] == 0
    assert facts(home)["rejects"] == []
