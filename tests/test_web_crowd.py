"""Twenty readers of Now and Ask while generations change, and greedy questions in a full line: no error, no torn page.

`make soak` runs the readers for ten minutes, `make attack` every greedy question; how fast anything is, no test asks.
"""

from __future__ import annotations

import json
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from monitor import publish
from monitor.store import Store
from monitor.web import serve
from monitor.web.app import application
from tests import homes, pages, starving
from tests.test_adhoc_load import LIMIT_MB, watched

pytestmark = pytest.mark.slow
IS_LONG = "BULLION_SOAK" in os.environ
SECONDS, SWAP_EVERY = (600.0, 10.0) if IS_LONG else (4.0, 0.8)
READERS = 20
EVERY = os.environ.get("BULLION_ATTACK") == "all"
GREEDY = [sql for sql in starving.ALL if len(sql) < 8_000]
CHOSEN = GREEDY if EVERY else random.Random(20260210).sample(GREEDY, 6)
PLACES = tuple((metal, venue) for metal in ("silver", "gold", "copper") for venue in ("COMEX", "SHFE"))
ASKED = urlencode({"sql": "select number, min(value) as low, max(value) as high from generation, readings group by 1"})
NAMED = re.compile(r'id="generation">Generation (\d+)')
SHOWN = re.compile(r'data-label="Value" class="value num">\s*(\d+) %')


def stamped(store: Store, number: int) -> None:
    """A made-up reading of each place, whose value is the number of the generation it is published in."""
    with store.transaction() as cur:
        cur.execute("delete from reading_rows")
        for metal, venue in PLACES:
            cur.execute(
                "insert into reading_rows by name select 'registered_drop' as check_name, ? as subject, "
                "date '2026-02-26' as session, ? as value, '%' as unit, 'clear' as verdict, '' as reason, ? as inputs, "
                "'' as version, timestamp '2026-02-27' as published_at, timestamp '2026-02-27' as evaluated_at",
                [f"{venue} {metal}", number, json.dumps({"metal": metal, "venue": venue})],
            )


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of the pages of a home, as `bullion page` serves them."""
    with pages.house(home, a_minute=1e9) as built:
        server = serve.Server(application(built), "127.0.0.1:0")
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


@contextmanager
def publishing(home: Path) -> Iterator[list[int]]:
    """A writer that publishes a generation again and again; their numbers."""
    done, made = threading.Event(), [1]
    store = Store(home / "live" / "market.duckdb")
    stamped(store, 1)
    publish.publish(store, home / "published", pages.DEMO_ENDS)

    def work() -> None:
        while not done.wait(SWAP_EVERY):
            stamped(store, made[-1] + 1)
            publish.publish(store, home / "published", pages.DEMO_ENDS)
            made.append(made[-1] + 1)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield made
    finally:
        done.set()
        thread.join()
        store.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with homes.house(tmp_path / "home"):
        return tmp_path / "home"


def test_twenty_readers_see_whole_generations_and_no_error_while_they_change(home: Path) -> None:
    """Every figure on a page is of the generation it names; questions are answered or told to wait, never lost."""
    seen: list[tuple[int, int, list[int]]] = []
    answers: list[tuple[int, str]] = []

    def read(number: int) -> None:
        is_asker = number % 5 == 0
        with httpx2.Client(timeout=60) as client:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                answer = client.get(f"{url}ask?{ASKED}" if is_asker else url)
                if is_asker:
                    answers.append((answer.status_code, answer.text))
                else:
                    named = NAMED.search(answer.text)
                    figures = [int(value) for value in SHOWN.findall(answer.text)]
                    seen.append((answer.status_code, int(named[1]) if named else -1, figures))

    with publishing(home) as made, serving(home) as url, ThreadPoolExecutor(READERS) as crowd:
        assert [one.result() for one in [crowd.submit(read, number) for number in range(READERS)]] == [None] * READERS
    assert {status for status, _, _ in seen} == {200}
    assert [(number, figures) for _, number, figures in seen if figures != [number] * len(PLACES)] == []
    assert len({number for _, number, _ in seen}) > 1, (len(seen), made)
    assert {status for status, _ in answers} <= {200, 429}
    for text in (text for status, text in answers if status == 200):
        number = NAMED.search(text)
        assert number
        cells = re.findall(r'<td class="num">([\d.]+)</td>', text)
        assert [float(cell) for cell in cells] == [float(number[1])] * 3
    assert sum(status == 200 for status, _ in answers) > 1


def test_greedy_questions_in_a_full_line_leave_the_pages_answering(home: Path) -> None:
    """Each ends, by an answer, a reason or 429; Now is read all the while, and memory stays below its limits."""
    over, pages_read, ended = threading.Event(), list[int](), list[int]()

    def read() -> None:
        with httpx2.Client(timeout=60) as client:
            while not over.wait(0.05):
                pages_read.append(client.get(url).status_code)

    def ask(sql: str) -> None:
        with httpx2.Client(timeout=120) as client:
            while (status := client.get(f"{url}ask?{urlencode({'sql': sql})}").status_code) == 429:
                ended.append(status)
                time.sleep(0.2)
            ended.append(status)

    with (
        publishing(home),
        serving(home) as url,
        watched() as sizes,
        ThreadPoolExecutor(12) as greedy,
        ThreadPoolExecutor(4) as readers,
    ):
        reading = [readers.submit(read) for _ in range(4)]
        began = time.monotonic()
        try:
            assert [one.result() for one in [greedy.submit(ask, sql) for sql in CHOSEN]] == [None] * len(CHOSEN)
        finally:
            took = time.monotonic() - began
            over.set()
        assert [one.result() for one in reading] == [None] * 4
    assert set(ended) <= {200, 400, 429}
    assert sum(status != 429 for status in ended) == len(CHOSEN)
    assert set(pages_read) == {200}
    assert len(pages_read) > took, "fewer than one page a second"
    assert max(child for child, _ in sizes) < LIMIT_MB << 20
    assert max(together for _, together in sizes) < 2560 << 20
    assert took < 6 * len(CHOSEN)
