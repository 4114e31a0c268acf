"""The page under twenty readers, beside Datasette on a SQLite copy and a dashboard that polls by plain SQL.

Ten made-up years of five metals with every reading of them, and a made-up table of a million rows; a generation is
swapped every ten seconds. Each reader asks again half a second after its answer. `make bench` installs Datasette in an
environment of its own; without it the lines stand alone. The dashboard asks the page's own queries at every poll.
"""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import httpx2
import psutil

from monitor import checks, checktables, chores, publish, published
from monitor.store import Store
from monitor.web.look import tile_sql
from tests import years
from tests.benchmarks._rows import Row, within
from tests.benchmarks.evaluation import _ALL, _END
from tests.homes import house

_DATASETTE = Path(__file__).parents[2] / ".venv-datasette" / "bin" / "datasette"
_NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
_READERS, _PAUSE, _SWAP_EVERY = 20, 0.5, 10.0
_THOUGHT = 0.3
"""Seconds a reader looks at an answer before the next question; a child of the page then stands ready again."""
_NEWEST = (
    "select * from reading_rows r join (select check_name, subject, max(session) as session from reading_rows "
    "group by 1, 2) using (check_name, subject, session)"
)
_SUM = "select kind, count(*) as n, sum(amount) as amount, max(amount) as most from made_up_rows group by kind"


def run(short: bool) -> list[Row]:
    """Latency of Now and of an aggregate, memory and start-up, each beside the peers that are there."""
    span, lasting, asked = (timedelta(days=20), 1.2, 3) if short else (timedelta(days=3_653), 60.0, 40)
    rows = 10_000 if short else 1_000_000
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name:
        home = Path(name, "home")
        _fill(home, span, ("SI", "ag") if short else _ALL, rows)
        ours = _page(home, lasting, asked)
        polled = _polling(home, lasting)
        theirs = _peer(Path(name, "copy.sqlite"), home, lasting, asked) if _DATASETTE.exists() and not short else None
    size = f"{span.days / 365.25:.1f} made-up years, {_READERS} readers"
    return [
        _held(
            f"Now, {size}, a swap every 10 s, p95; Datasette's newest readings", 1e3, "ms", 0, ours, theirs, most=100
        ),
        _against(f"Now, {size}, p95, against polling by plain SQL", 1e3 * ours[0], 1e3 * polled),
        _held(
            f"an aggregate over {rows:,} rows through the page, {_THOUGHT:g} s between questions, p95; Datasette",
            1e3,
            "ms",
            1,
            ours,
            theirs,
            most=50,
        ),
        _held("start-up to the first page; Datasette", 1e3, "ms", 2, ours, theirs),
        _held("memory of the page after that; Datasette", 2.0**-20, "MB", 3, ours, theirs),
    ]


Figures = tuple[float, float, float, float]
"""p95 of Now and of the aggregate, start-up, all in seconds; memory in bytes."""


def _held(
    name: str, by: float, unit: str, at: int, ours: Figures, theirs: Figures | None, most: float | None = None
) -> Row:
    alone = within(name, by * ours[at], unit, most=most)
    if theirs is None:
        return alone
    return Row(name, alone.ours, by * theirs[at], unit, ours[at] / theirs[at], alone.target, alone.ok)


def _against(name: str, ours: float, other: float) -> Row:
    return Row(name, ours, other, "ms", ours / other, "", None)


def _fill(home: Path, span: timedelta, products: tuple[str, ...], rows: int) -> None:
    known = checks.discover({})[0]
    with house(home, years.LOADED) as opened:
        years.fill(opened, _END - span, _END, products=products)
        with opened.store.cursor() as cur:
            checks.look(cur, checks.Moment(_NOW), _END - span)
            found = checks.read(cur, known.values())
        checktables.write(opened.store, known, found, _NOW)
        with opened.store.transaction() as cur:
            cur.execute(
                "create table made_up_rows as select i % 7 as kind, hash(i) % 1000 / 7 as amount from range(?) r(i)",
                [rows],
            )
        opened.publish(_NOW)


def _page(home: Path, lasting: float, asked: int) -> Figures:
    command = [sys.executable, "-m", "monitor.cli", "--home", str(home), "page"]
    with _served(lambda port: [*command, "--listen", f"127.0.0.1:{port}"]) as (url, started, process):
        with _swapping(home):
            now = _p95(lambda client: client.get(url), lasting)
        aggregate = _p95_alone(f"{url}ask?{urlencode({'sql': _SUM})}", asked)
        return now, aggregate, started, _memory(process)


def _peer(copy: Path, home: Path, lasting: float, asked: int) -> Figures:
    _to_sqlite(copy, home)
    command = [str(_DATASETTE), "serve", str(copy), "--setting", "sql_time_limit_ms", "5000"]
    with _served(lambda port: [*command, "--port", str(port)]) as (url, started, process):
        newest = f"{url}{copy.stem}.json?{urlencode({'sql': _NEWEST, '_shape': 'array'})}"
        now = _p95(lambda client: client.get(newest), lasting)
        aggregate = _p95_alone(f"{url}{copy.stem}?{urlencode({'sql': _SUM})}", asked)
        return now, aggregate, started, _memory(process)


def _to_sqlite(copy: Path, home: Path) -> None:
    source = str(published.newest(home / "published"))
    with duckdb.connect(source, read_only=True) as con, closing(sqlite3.connect(copy)) as lite:
        for table in ("reading_rows", "made_up_rows"):
            read = con.execute(f"select * from {table}")
            names = [column[0] for column in read.description or ()]
            lite.execute(f"create table {table} ({', '.join(names)})")
            while batch := read.fetchmany(50_000):
                texts = [[c if isinstance(c, int | float | str | None) else str(c) for c in row] for row in batch]
                lite.executemany(f"insert into {table} values ({', '.join('?' * len(names))})", texts)
        lite.execute("create index newest on reading_rows (check_name, subject, session)")
        lite.commit()


def _polling(home: Path, lasting: float) -> float:
    """p95 of a poll: every query of Now, asked anew of the file at each poll, as a panel of a dashboard does."""
    queries = [tile_sql(name) for name in ("now", "covered", "health", "dates_ahead")] + list(chores.QUESTIONS)
    con = duckdb.connect(str(published.newest(home / "published")), read_only=True)

    def poll(_: httpx2.Client) -> None:
        with con.cursor() as cur:
            cur.execute("set variable now = ?::timestamp", [_NOW.replace(tzinfo=None)])
            for query in queries:
                cur.execute(query).fetchall()

    try:
        return _p95(poll, lasting)
    finally:
        con.close()


@contextmanager
def _served(command: Callable[[int], list[str]]) -> Iterator[tuple[str, float, psutil.Process]]:
    """(address, seconds to the first answer, process) of a server on a free port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    began, url = time.perf_counter(), f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(url):
            if process.poll() is not None or time.perf_counter() - began > 60:
                raise AssertionError(f"{command(port)[0]} does not serve")
            time.sleep(0.02)
        yield url, time.perf_counter() - began, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=30).status_code == 200
    except httpx2.HTTPError:
        return False


@contextmanager
def _swapping(home: Path) -> Iterator[None]:
    done, store = threading.Event(), Store(home / "live" / "market.duckdb")

    def work() -> None:
        while not done.wait(_SWAP_EVERY):
            publish.publish(store, home / "published", _NOW)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        store.close()


def _p95(ask: Callable[[httpx2.Client], object], lasting: float) -> float:
    """Seconds below which 95 of 100 answers came, of so many readers for so long; an error is an error."""
    taken: list[float] = []
    ends = time.perf_counter() + lasting

    def read(number: int) -> None:
        time.sleep(_PAUSE * number / _READERS)
        with httpx2.Client(timeout=60) as client:
            for _ in count():
                began = time.perf_counter()
                answer = ask(client)
                taken.append(time.perf_counter() - began)
                if isinstance(answer, httpx2.Response) and answer.status_code != 200:
                    raise AssertionError(f"{answer.status_code}: {answer.text[:200]}")
                if time.perf_counter() > ends:
                    return
                time.sleep(_PAUSE)

    with ThreadPoolExecutor(_READERS) as readers:
        for one in [readers.submit(read, number) for number in range(_READERS)]:
            one.result()
    return sorted(taken)[int(0.95 * len(taken))]


def _p95_alone(url: str, asked: int) -> float:
    """The same of one reader who asks so often, looking at each answer for a moment; the first is not counted."""
    taken = []
    with httpx2.Client(timeout=60) as client:
        for _ in range(asked + 1):
            began = time.perf_counter()
            answer = client.get(url)
            taken.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise AssertionError(f"{answer.status_code}: {answer.text[:200]}")
            time.sleep(_THOUGHT)
    return sorted(taken[1:])[int(0.95 * asked) - 1]


def _memory(process: psutil.Process) -> float:
    return float(sum(one.memory_info().rss for one in (process, *process.children(recursive=True))))
