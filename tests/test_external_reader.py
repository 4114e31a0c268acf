"""Another process asks the stable link all the time while the daemon loads and publishes, and neither minds.

A thousand questions in `make soak`, 120 here.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from datetime import time as clock
from pathlib import Path

import pytest

from monitor import published, sessions
from monitor.batch import Teller
from monitor.daemon import Daemon
from monitor.house import House
from tests.factories import shanghai
from tests.homes import house, only

pytestmark = pytest.mark.slow
QUESTIONS = 1_000 if int(os.environ.get("BULLION_SOAK", "1")) >= 20 else 120
READER = """
import json, sys
import duckdb
link, count = sys.argv[1], int(sys.argv[2])
told, errors = [], []
print("ready", flush=True)
for _ in range(count):
    try:
        with duckdb.connect(link, read_only=True) as con:
            (number,) = con.execute("select number from generation").fetchone()
            where = "level = 'total' and metal = 'silver'"
            rows = con.execute(f"select session from shfe_warrants where {where}").fetchall()
            loads = con.execute("select count(*) from loads where source = 'shfe_warrants'").fetchone()[0]
            again = con.execute("select number from generation").fetchone()[0]
        told.append([number, again, len(rows), len(set(rows)), loads, str(max(rows)[0])])
    except Exception as error:
        errors.append(f"{type(error).__name__}: {error}")
print(json.dumps({"told": told, "errors": errors}))
"""


class Desk:
    """A daemon without publishers that finds one more page in its inbox in every round."""

    def __init__(self, opened: House, days: list[date]) -> None:
        self.house, self._days = opened, days
        self.daemon = Daemon(opened, Teller(opened, {}, host="desk.example.org"))
        self.held: dict[int, tuple[int, date]] = {}
        """Generation -> (pages loaded, the newest session)."""

    def round(self) -> float:
        """Seconds of one round: a page found, loaded, read by the checks, published."""
        day = self._days.pop(0)
        now = datetime.combine(day, clock(12), UTC)
        page = self.house.folders.inbox / f"warrants-{day}.html"
        page.write_bytes(shanghai.shfe_warrants_html(day))
        os.utime(page, (now.timestamp() - 3600,) * 2)
        before = max(self.held.values(), default=(0, day))[0]
        number = 1 + max(self.held, default=0)
        self.held[number] = (before + 1, day)  # told beforehand: a reader may see it while the round is not over
        began = time.monotonic()
        done = self.daemon.step(now)
        took = time.monotonic() - began
        assert [outcome.status for outcome in done.outcomes] == ["loaded"], done
        assert done.troubles == []
        shown = published.newest(self.house.folders.published)
        assert int(shown.stem.rpartition("-")[2]) == number, "one batch, one generation"
        return took


def test_every_question_from_outside_is_answered_whole_while_the_daemon_loads_and_publishes(tmp_path: Path) -> None:
    days = list(sessions.sessions("SHFE", date(2024, 1, 2), date(2026, 11, 1)))
    begun = datetime.combine(days[0], clock(12), UTC)
    with house(tmp_path / "home", begun, checks=only("source_stale", "shfe_warrant_drop")) as opened:
        desk = Desk(opened, days)
        alone = [desk.round() for _ in range(8)]
        link = opened.folders.published / published.LINK
        with subprocess.Popen(
            [sys.executable, "-I", "-c", READER, str(link), str(QUESTIONS)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as reader:  # fmt: skip
            assert reader.stdout
            assert reader.stdout.readline() == "ready\n"
            beside = []
            while reader.poll() is None:
                beside.append(desk.round())
                assert len(beside) < 600, "the reader does not come to its end"
            said = json.loads(reader.stdout.read())
    assert said["errors"] == []
    assert len(said["told"]) == QUESTIONS
    numbers = [number for number, *_ in said["told"]]
    assert numbers == sorted(numbers), "no answer is older than the one before"
    assert len(set(numbers)) >= 10, "it saw many generations"
    for number, again, rows, different, loads, newest in said["told"]:
        pages, day = desk.held[number]
        assert (again, rows, different, loads, newest) == (number, pages, pages, pages, day.isoformat())
    # the reader takes one of two cores, and that is all: to wait for a reader would cost each round all its questions
    assert statistics.median(beside) < 5 * statistics.median(alone) + 0.5
    assert max(beside) < 10 * statistics.median(alone) + 5
