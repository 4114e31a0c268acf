"""The page Now with ten made-up years of five metals and 20 readers, a generation published every 10 s.

`bullion page` runs as a process of its own; its readers are threads of this one, each looking four times a second.
Server time is what the page says of itself in Server-Timing: from the request to the first byte of the answer. The
years' readings are those of the last 400 days, repeated for the time before.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx2

from monitor import publish
from monitor.batch import Teller
from monitor.store import Store
from tests import years
from tests.benchmarks._rows import Row, within
from tests.homes import house

_END = date(2026, 3, 31)
_NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
_ALL = ("SI", "GC", "HG", "PL", "PA", "ag", "au", "cu")
_PAUSE = 0.25


def run(short: bool) -> list[Row]:
    """Server time, waiting time, errors, size, start."""
    span, readers, seconds, swap = (60, 3, 1.2, 0.5) if short else (3_653, 20, 60.0, 10.0)
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name:
        home = Path(name, "home")
        _fill(home, span, short)
        began = time.perf_counter()
        with _served(home) as url:
            first = httpx2.get(url)
            started = time.perf_counter() - began
            with _publishing(home, swap):
                answers = _readers(url, readers, seconds)
    took = sorted(float(answer[1]) for answer in answers)
    waited = sorted(answer[2] for answer in answers)
    bad = sum(status != 200 for status, _, _ in answers)
    what = f"page Now, {span / 365.25:.1f} made-up years, {readers} readers"
    return [
        within(f"{what}: server time, p95", took[int(len(took) * 0.95) - 1], "ms", most=100),
        within(f"{what}: server time, median", median(took), "ms"),
        within(f"{what}: until the answer is whole, p95", 1e3 * waited[int(len(waited) * 0.95) - 1], "ms", most=200),
        within(f"{what}: answers that are errors, of {len(answers)}", bad, "", most=0),
        within("page Now: bytes of the page", len(first.content) / 1e3, "kB", most=150),
        within("bullion page: from start to the first answer", 1e3 * started, "ms"),
    ]


def _fill(home: Path, span: int, short: bool) -> None:
    with house(home, years.LOADED) as opened:
        years.fill(opened, _END - timedelta(days=span), _END, products=("SI", "ag") if short else _ALL)
        teller = Teller(opened)
        teller.turn(_NOW)
        teller.close()
        with opened.store.transaction() as cur:
            for back in range(400, span, 400):
                cur.execute(
                    "insert into reading_rows select * replace (session - ? as session) from reading_rows "
                    "where session > ?",
                    [back, _END - timedelta(days=400)],
                )
        opened.publish(_NOW)


@contextmanager
def _served(home: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "monitor.cli", "--home", str(home), "page", "--listen", "127.0.0.1:0"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr is not None
        found = re.search(r"http://[^\s;]+", child.stderr.readline())
        assert found is not None
        yield found[0]
    finally:
        child.terminate()
        child.communicate(timeout=30)


@contextmanager
def _publishing(home: Path, every: float) -> Iterator[None]:
    done = threading.Event()

    def work() -> None:
        store = Store(home / "live" / "market.duckdb")
        while not done.wait(every):
            publish.publish(store, home / "published", _NOW)
        store.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _readers(url: str, readers: int, seconds: float) -> list[tuple[int, str, float]]:
    """(status, server time in ms, seconds waited) of every answer."""
    answers: list[tuple[int, str, float]] = []

    def look() -> None:
        with httpx2.Client() as client:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                began = time.perf_counter()
                answer = client.get(url, timeout=30)
                waited = time.perf_counter() - began
                answers.append((answer.status_code, answer.headers["server-timing"].split("dur=")[1], waited))
                time.sleep(_PAUSE)

    threads = [threading.Thread(target=look) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
