"""`bullion run` as a process of its own: signals, other commands beside it, and what ends it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.commands.run import clock_jump
from tests.factories import shanghai
from tests.homes import furnish, only_toml, published
from tests.mailserver import MailServer, Script

DAYS = [date(2026, 3, day) for day in (9, 10, 11, 12, 13, 16, 17)]
START_SECONDS = 30.0


def bullion(home: Path, *args: str, config: Path | None = None) -> list[str]:
    chosen = ["--config", str(config)] if config else []
    return [sys.executable, "-W", "error", "-m", "monitor.cli", "--home", str(home), *chosen, *args]


def finished(home: Path, *args: str, config: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command that has ended."""
    return subprocess.run(bullion(home, *args, config=config), check=False, capture_output=True, text=True)


def configured(folder: Path, text: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text("[daemon]\ninterval_seconds = 1\n[page]\nlisten = '127.0.0.1:0'\n" + text)
    return path


def quick(folder: Path, text: str = "") -> Path:
    """The same with all checks but two switched off."""
    return configured(folder, text + only_toml("shfe_warrant_drop", "source_stale"))


def until(holds: Callable[[], object], seconds: float = START_SECONDS) -> None:
    """Wait for something another process does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def running(home: Path, config: Path) -> Iterator[subprocess.Popen[str]]:
    """A daemon that has done its first round; killed at the end where it still runs."""
    furnish(home)
    child = subprocess.Popen(bullion(home, "run", config=config), stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: (home / "beat").exists() or child.poll() is not None)
        yield child
    finally:
        child.kill()
        child.communicate()


def ended(child: subprocess.Popen[str], by: signal.Signals = signal.SIGTERM) -> tuple[int, float, str]:
    """(exit code, seconds it took, what it said) after a signal."""
    began = time.monotonic()
    child.send_signal(by)
    _, said = child.communicate(timeout=30)
    return child.returncode, time.monotonic() - began, said


def pages(folder: Path) -> list[Path]:
    """Warrant pages of seven sessions, silver falling: one alert in them."""
    folder.mkdir()
    for place, day in enumerate(DAYS):
        silver = [("上海", "甲库", 1_000_000 - 40_000 * place, -40_000)]
        (folder / f"page-{day}.html").write_bytes(shanghai.shfe_warrants_html(day, silver=silver))
    return sorted(folder.iterdir())


@pytest.mark.parametrize(
    ("seconds", "jump"),
    [(305, ""), (300 + 6, "forward by 301 s"), (5 - 3_600, "back by 3600 s"), (86_405, "forward by 86400 s")],
)
def test_a_clock_that_leaves_the_time_that_passed_by_more_than_five_minutes_has_jumped(seconds: int, jump: str) -> None:
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    said = clock_jump((before, 100.0), (before + timedelta(seconds=seconds), 105.0))
    assert (jump in said, bool(said)) == (True, bool(jump))


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_daemon_cleanly_in_seconds(tmp_path: Path, by: signal.Signals) -> None:
    with running(tmp_path / "home", quick(tmp_path)) as child:
        code, seconds, said = ended(child, by)
    assert (code, said.splitlines()[-1].endswith("stopped")) == (0, True), said
    assert seconds < 4


@pytest.mark.slow
def test_a_mail_server_that_never_ends_its_answer_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    """The round is cut off after eight seconds; the mail goes at the next start, under the same Message-ID."""
    home = tmp_path / "home"
    with MailServer(tls="none", script=Script(drip={"ehlo"})) as post:
        config = quick(
            tmp_path,
            f'[mail]\nchannel = "email"\nrecipients = ["desk@example.org"]\nmemo = "off"\n'
            f'[mail.smtp]\nhost = "127.0.0.1"\n'
            f'port = {post.port}\ntls = "none"\nsender = "bullion@example.org"\n',
        )
        with running(home, config) as child:
            for path in pages(tmp_path / "pages"):
                path.rename(home / "inbox" / path.name)
            until(lambda: post.connections)
            code, seconds, said = ended(child)
        assert (code, seconds < 12) == (0, True), said
        assert "in the middle of a round" in said
        queued = published(home, "select message_id from deliveries")
        post.script.drip.clear()
        with running(home, config):
            until(lambda: post.mails)
        assert [(mail.message_id,) for mail in post.mails] == queued


@pytest.mark.slow
def test_a_disk_that_fills_up_ends_the_process_with_a_sentence_and_the_next_one_has_it_all(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the database cannot write its checkpoint."""
    home, config = tmp_path / "home", quick(tmp_path)
    files = pages(tmp_path / "pages")
    with running(home, config) as child:
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (100 << 10, resource.RLIM_INFINITY))
        for path in files:
            (home / "inbox" / path.name).write_bytes(path.read_bytes())
        _, said = child.communicate(timeout=30)
    assert child.returncode == 1
    assert "the database gave up" in said.splitlines()[-1]
    assert "Traceback" not in said
    with running(home, config) as child:
        until(lambda: published(home, "select count(distinct session) from shfe_warrants") == [(7,)])
        until(lambda: not list((home / "inbox").glob("*.html")))
        assert ended(child)[0] == 0
    assert finished(home, "archive", "verify", config=config).stdout == "7 files, 0 problems\n"


@pytest.mark.slow
def test_load_reparse_and_rebuild_beside_a_daemon_hand_over_and_print_its_verdicts(tmp_path: Path) -> None:
    home, config = tmp_path / "home", quick(tmp_path)
    files = [str(path) for path in pages(tmp_path / "pages")]
    (tmp_path / "beach.html").write_bytes(b"<html><body>beach</body></html>")
    with running(home, config) as child:
        loaded = finished(home, "load", *files, config=config)
        assert (loaded.returncode, loaded.stderr) == (0, "")
        assert loaded.stdout.count("loaded  ") == 7
        assert loaded.stdout.splitlines()[-1] == "7 files: 7 loaded"
        assert published(home, "select count(distinct session) from shfe_warrants") == [(7,)]
        again = finished(home, "load", files[0], config=config)
        assert again.stdout.splitlines()[-1] == "1 files: 1 held"
        refused = finished(home, "load", str(tmp_path / "beach.html"), config=config)
        assert (refused.returncode, "HTML" in refused.stdout) == (1, True)
        for command in (["rebuild"], ["reparse", "shfe_warrants"]):
            done = finished(home, *command, config=config)
            assert (done.returncode, done.stdout, done.stderr) == (0, "7 files read again: 7 loaded\n", "")
            assert published(home, "select count(distinct session) from shfe_warrants") == [(7,)]
        assert list((home / "spool").iterdir()) == []
        status = finished(home, "status", "--json", config=config)
        assert f"process {child.pid}" in json.loads(status.stdout)["daemon"]
        assert ended(child)[0] == 0


@pytest.mark.slow
def test_a_second_daemon_on_one_home_ends_with_3_and_names_the_first(tmp_path: Path) -> None:
    home, config = tmp_path / "home", quick(tmp_path)
    with running(home, config) as child:
        second = finished(home, "run", config=config)
        assert second.returncode == 3
        assert f"process {child.pid}" in second.stderr
        assert ended(child)[0] == 0


_STAND_IN = """
import sys, time
import duckdb
from monitor.commands.run import serve
from monitor.rounds import Round

class Daemon:
    rounds = 0
    def step(self, now):
        self.rounds += 1
        print(self.rounds, flush=True)
        {body}
        return Round()
    def stop(self): pass
    def clock_jumped(self, words): print(words, flush=True)

{before}
serve(Daemon(), 1, lambda done: None)
"""


def stand_in(body: str, before: str = "") -> subprocess.Popen[str]:
    """A process that serves something whose round is `body`, called by the real scheduler."""
    code = _STAND_IN.format(body=body, before=before)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_an_error_that_leaves_the_database_unusable_ends_the_process(tmp_path: Path) -> None:
    child = stand_in('raise duckdb.FatalException("database has been invalidated")')
    said, complaint = child.communicate(timeout=20)
    assert (child.returncode, said) == (1, "1\n")
    assert "database has been invalidated" in complaint


@pytest.mark.slow
def test_rounds_go_on_when_the_clock_is_set_back(tmp_path: Path) -> None:
    """The scheduler's clock, set back an hour after the first round, would have it wait for an hour."""
    before = """
import datetime
from apscheduler.schedulers import base
class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        real = datetime.datetime.now(tz)
        return real - datetime.timedelta(hours=1) if Daemon.rounds else real
base.datetime = Clock
import monitor.commands.run as run
run.read_clock = lambda: Clock.now(datetime.timezone.utc)
"""
    child = stand_in("Daemon.rounds = self.rounds", before)
    try:
        assert child.stdout is not None
        began = time.monotonic()
        said = [child.stdout.readline() for _ in range(4)]
        assert (said[0], said[2:]) == ("1\n", ["2\n", "3\n"])
        assert "it went back by 36" in said[1] or "it went back by 35" in said[1]
        assert time.monotonic() - began < 15
    finally:
        child.send_signal(signal.SIGTERM)
        _, complaint = child.communicate(timeout=20)
    assert (child.returncode, complaint) == (0, "")


@pytest.mark.slow
def test_a_long_round_is_finished_before_the_process_ends(tmp_path: Path) -> None:
    child = stand_in("time.sleep(1.5); print('through', flush=True)")
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGTERM)
    said, complaint = child.communicate(timeout=20)
    assert (child.returncode, said, complaint) == (0, "through\n", "")


def test_one_round_can_be_asked_for(tmp_path: Path) -> None:
    """In a home that is not there yet, with every check on."""
    config = tmp_path / "config.toml"
    config.write_text("[page]\nenabled = false\n")
    done = finished(tmp_path / "home", "run", "--once", config=config)
    assert done.returncode == 0
    assert "one round: questions none; files no file; 0 letters queued, 0 sent" in done.stderr
    assert os.path.realpath(tmp_path / "home" / "published" / "market.duckdb").endswith("market-000001.duckdb")
