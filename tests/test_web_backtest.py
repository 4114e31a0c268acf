"""The page Backtest: its scores are those of the command, it never blocks, and its process ends with it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
from starlette.testclient import TestClient

from monitor.errors import QueueFull
from monitor.web.look import Tools
from monitor.web.replays import Replays, Run, Wanted
from tests import homes, pages, years
from tests.test_backtest import END, START, falling, warrants
from tests.test_web_claims import text_of
from tests.test_web_payloads import PAYLOADS, Reader

SHORT = Wanted("shfe_warrant_drop", START, END)
ASKED = {"check": "shfe_warrant_drop", "from": str(START), "to": str(END)}
EVENT = "2026-02-27,a made-up event"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a made-up fall of SHFE warrants."""
    folder = tmp_path_factory.mktemp("backtest")
    warrants(folder, falling(), {})
    return folder


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home, years.LOADED) as opened:
        yield opened


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def finished(client: TestClient, **query: str) -> str:
    """The page once the replay is over, asked again as a browser does."""
    address = "/backtest?" + urlencode(query)
    seen = [client.get(address)]

    def over() -> bool:
        seen.append(client.get(address))
        return seen[-1].status_code != 202

    until(over)
    assert seen[-1].status_code == 200, text_of(seen[-1].text)
    return seen[-1].text


@pytest.mark.slow
def test_the_scores_are_those_of_the_command(client: TestClient, home: Path, tmp_path: Path) -> None:
    """With levels of one's own beside those in use, and an event: every number, every episode, every mail."""
    text = text_of(finished(client, **ASKED, warn="-20", events=EVENT))
    (tmp_path / "events.csv").write_text(f"date,label\n{EVENT}\n")
    said = ["--home", str(home), *Wanted(SHORT.check, START, END, ("warn=-20",)).arguments()]
    command = [sys.executable, "-m", "monitor.cli", *said, "--events", str(tmp_path / "events.csv"), "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert list(told) == ["shipped", "changed"]
    for name, part in told.items():
        (score,) = part["scores"]
        shares = [f"{100 * score[key]:.2f}" for key in ("beyond_warn", "firing")]
        counts = [str(score[key]) for key in ("episodes", "retracted", "mails")]
        row = [name, str(score["sessions"]), *shares, *counts, f"{score['mails_a_month']:.2f}"]
        assert " ".join([*row, f"{100 * score['precision']:.2f}", str(score["caught"])]) in text
        assert part["episodes"]
        for one in part["episodes"]:
            assert f"{name} {one['subject']} {one['opened']} {' > '.join(one['severities'])}" in text
        for mail in part["mails"]:
            assert f"{name} {mail['subject']}" in text


@pytest.mark.slow
def test_a_replay_under_way_is_answered_at_once_and_told_to_look_again(client: TestClient) -> None:
    """202 with a time to come back; other pages are answered; the second look begins nothing new."""
    address = "/backtest?" + urlencode(ASKED | {"to": str(START)})
    answer = client.get(address)
    assert (answer.status_code, answer.headers["refresh"]) == (202, "2")
    assert client.get("/").status_code == 200
    assert "warn" not in finished(client, **ASKED | {"to": str(START)}).split('id="words"')[1].split("</p>")[0]
    began = time.monotonic()
    assert client.get(address).status_code == 200
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_a_replay_says_its_generation_and_is_run_again_on_a_newer_one(tmp_path: Path) -> None:
    """It keeps what it found of the older one until asked."""
    warrants(tmp_path, falling(), {})
    query = ASKED | {"to": str(START)}
    with pages.served(tmp_path, years.LOADED) as client:
        assert "On generation 1." in text_of(finished(client, **query))
        with homes.house(tmp_path, years.LOADED) as opened:
            opened.publish(years.LOADED)
        assert "On generation 1; 2 is the newest now" in text_of(finished(client, **query))
        assert "On generation 2." in text_of(finished(client, **query, on="2"))


@pytest.mark.slow
def test_the_drawing_is_a_picture_without_a_script(client: TestClient) -> None:
    """Its own policy allows its own colours and nothing else; before there is one it is not found."""
    query = urlencode(ASKED | {"from": str(START), "to": "2026-03-20"})
    assert client.get(f"/backtest/chart.svg?{query}").status_code == 404
    finished(client, **ASKED | {"to": "2026-03-20"})
    answer = client.get(f"/backtest/chart.svg?{query}")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.text.startswith("<svg")


@pytest.mark.slow
def test_what_takes_too_long_is_stopped_and_said(home: Path) -> None:
    """Its process is gone, and the next in line is begun."""
    replays = Replays(home / "published", seconds=0.5)
    slow, next_one = replays.ask(Wanted("", START, END)), replays.ask(SHORT)
    until(lambda: slow.is_over and next_one.is_over)
    for run in (slow, next_one):
        assert "still running after 0.5 s and stopped" in run.trouble
        assert run.told is None
    assert [one for one in psutil.Process().children() if "backtest" in _line_of(one)] == []


def _line_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.mark.slow
def test_one_runs_four_wait_and_the_sixth_is_told_at_once(home: Path) -> None:
    """One that is under way is not begun twice."""
    replays = Replays(home / "published", seconds=1.0)
    first = replays.ask(SHORT)
    until(lambda: first.begun is not None)
    runs = [first, *(replays.ask(Wanted("", START, date(2026, 4, day))) for day in range(1, 5))]
    assert replays.ask(Wanted("", START, date(2026, 4, 1))) is runs[1]
    assert sum(run.begun is not None and not run.is_over for run in runs) <= 1
    with pytest.raises(QueueFull, match="One backtest is running and 4 wait"):
        replays.ask(Wanted("", START, date(2026, 4, 9)))
    until(lambda: all(run.is_over for run in runs))


@pytest.mark.slow
def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    """Nothing published, and a config.toml that is not there."""
    for replays, why in (
        (Replays(tmp_path), "nothing is published"),
        (Replays(_published(tmp_path), ("--config", str(tmp_path / "none.toml"))), "none.toml"),
    ):
        run = replays.ask(SHORT)
        until(lambda run=run: run.is_over)  # type: ignore[misc]
        assert why in run.trouble


def _published(folder: Path) -> Path:
    with homes.house(folder / "home") as opened:
        opened.publish(homes.NOW)
    return folder / "home" / "published"


def test_what_came_of_the_oldest_is_forgotten(tmp_path: Path) -> None:
    """Twenty are kept."""
    replays, runs = Replays(tmp_path), list[Run]()
    for day in range(1, 29):
        runs.append(replays.ask(Wanted("", START, date(2026, 4, day))))
        until(lambda: runs[-1].is_over)
    assert replays.find(Wanted("", START, date(2026, 4, 1))) is None
    assert replays.find(Wanted("", START, date(2026, 4, 28))) is runs[-1]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"check": "no_such"}, "there is no check no_such"),
        ({"from": "soon"}, "from: give a day as 2026-02-10"),
        ({"to": "2025-01-01"}, "lies before"),
        ({"warn": "low"}, "warn: give a number"),
        ({"check": "", "warn": "1"}, "levels are of one check"),
        ({"events": "no day,label"}, "is no line such as"),
        ({"events": "2026-02-10,x\n" * 400}, "more than 4,000 characters"),
    ],
)
def test_what_makes_no_backtest_is_refused_with_the_reason(client: TestClient, query: dict[str, str], why: str) -> None:
    """400, and nothing is begun."""
    answer = client.get("/backtest?" + urlencode(ASKED | query))
    assert (answer.status_code, why in text_of(answer.text)) == (400, True)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_field_is_shown_as_text(client: TestClient, payload: str) -> None:
    """The form is filled in again with what was refused."""
    for name in ("check", "from", "to", "warn", "critical", "clear", "events", "on"):
        query = {"check": "no_such", "from": "2026-01-01", "to": "2026-01-02"} | {name: payload}
        answer = client.get("/backtest?" + urlencode(query))
        assert answer.status_code == 400
        assert Reader(answer.text.replace("textarea", "div")).harm == []


def test_where_backtests_are_off_none_is_run(home: Path) -> None:
    """The page says how to turn them on."""
    with pages.served(home, years.LOADED, tools=Tools()) as client:
        answer = client.get("/backtest?" + urlencode(ASKED))
    assert answer.status_code == 404
    assert "no backtests are run here" in answer.text.lower()
