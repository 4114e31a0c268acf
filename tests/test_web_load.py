"""The page while generations change under it: no error, no torn read, nothing left open; many clients at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest

from monitor import publish
from monitor.published import LINK
from monitor.store import Store
from monitor.web import serve
from monitor.web.app import application
from monitor.web.generations import Generations
from monitor.web.look import Look
from monitor.web.page import Download, Page
from monitor.web.routes import PAGES
from tests import homes, pages


def _twice(look: Look) -> Download:
    """The generation's number by two queries with a wait between, and by the lease."""
    first = look.rows("select number from generation")[0]["number"]
    time.sleep(0.02)
    second = look.rows("select number from generation")[0]["number"]
    return Download(f"{first} {second} {look.generation.number}".encode(), "text/plain")


TWICE = Page("/twice", "Twice", "", _twice)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home with one generation."""
    with homes.house(tmp_path / "home") as opened:
        publish.publish(opened.store, opened.folders.published, pages.DEMO_ENDS)
    return tmp_path / "home"


@contextmanager
def publishing(home: Path, every: float) -> Iterator[list[Path]]:
    """A writer that publishes another generation every so many seconds; their paths."""
    done, made = threading.Event(), list[Path]()

    def work() -> None:
        store = Store(home / "live" / "market.duckdb")
        while not done.wait(every):
            made.append(publish.publish(store, home / "published", pages.DEMO_ENDS))
        store.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield made
    finally:
        done.set()
        thread.join()


@dataclass
class Crowd:
    """What so many clients were answered: (status, seconds, text)."""

    answers: list[tuple[int, float, str]]

    def p95(self) -> float:
        """Seconds below which 95 of 100 answers came."""
        return sorted(seconds for _, seconds, _ in self.answers)[int(len(self.answers) * 0.95) - 1]


def crowd(url: str, clients: int, seconds: float, pause: float = 0.0) -> Crowd:
    """So many clients that ask again and again."""
    answers: list[tuple[int, float, str]] = []

    def ask() -> None:
        with httpx2.Client() as client:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                began = time.monotonic()
                answer = client.get(url, timeout=30)
                answers.append((answer.status_code, time.monotonic() - began, answer.text))
                time.sleep(pause)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Crowd(answers)


@contextmanager
def serving(home: Path) -> Iterator[str]:
    with pages.house(home, a_minute=1e9) as built:
        server = serve.Server(application(built, (*PAGES, TWICE)), "127.0.0.1:0")
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


@pytest.mark.slow
def test_no_answer_mixes_two_generations(home: Path) -> None:
    """Eight clients, a new generation every 50 ms: every answer is of one generation, and none is an error."""
    with serving(home) as url, publishing(home, 0.05) as made:
        answers = crowd(url + "twice", 8, 3.0).answers
    assert {status for status, _, _ in answers} == {200}
    numbers = {tuple(text.split()) for _, _, text in answers}
    assert all(len(set(three)) == 1 for three in numbers)
    assert len(numbers) > 5, len(made)


@pytest.mark.slow
def test_generations_that_nobody_reads_are_let_go(home: Path) -> None:
    """After many swaps at most the newest is still open in this process."""
    with serving(home) as url:
        with publishing(home, 0.05) as made:
            crowd(url + "twice", 4, 2.0)
        httpx2.get(url + "twice")
        held = {Path(file.path).name for file in psutil.Process().open_files() if "/published/market-" in file.path}
        assert len(made) > 10
        assert held == {made[-1].name}


def test_a_reader_keeps_its_generation_while_the_next_is_published(home: Path) -> None:
    """A lease stays what it was; the next one is of the newer file, and the older is closed with its last reader."""
    generations = Generations(home / "published")
    with generations.lease() as old:
        store = Store(home / "live" / "market.duckdb")
        publish.publish(store, home / "published", pages.DEMO_ENDS)
        store.close()
        with generations.lease() as new:
            assert (old.number, new.number) == (1, 2)
        with old.cursor(pages.DEMO_ENDS) as cur:
            assert cur.execute("select number from generation").fetchall() == [(1,)]
        assert old.is_left
    with pytest.raises(Exception, match=r"(?i)closed"), old.cursor(pages.DEMO_ENDS):
        pass
    generations.close()


def test_what_is_worked_out_is_worked_out_once(home: Path) -> None:
    """However many ask at the same time; a newer generation begins anew."""
    generations, calls = Generations(home / "published"), list[int]()

    def make() -> int:
        time.sleep(0.05)
        calls.append(1)
        return len(calls)

    with generations.lease() as one:
        threads = [threading.Thread(target=one.remember, args=("key", make)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.remember("key", make) == 1
    assert len(calls) == 1
    generations.close()


def test_pages_of_a_generation_reach_no_file(home: Path) -> None:
    """A cursor of the pages reads the generation and nothing else on this machine."""
    generations = Generations(home / "published")
    with generations.lease() as one, one.cursor(pages.DEMO_ENDS) as cur:
        for sql in (
            "from read_text('/etc/passwd')",
            "from read_csv('/etc/passwd')",
            "attach '/tmp/x.db'",
            "create table t (a int)",
        ):
            with pytest.raises(Exception, match=r"(?i)permission|disabled|read-only|read only"):
                cur.execute(sql)
    generations.close()


def test_nothing_is_named_before_the_first_generation(tmp_path: Path) -> None:
    """No link, no name; a link that leads nowhere is no error either."""
    generations = Generations(tmp_path)
    assert generations.name() == ""
    (tmp_path / LINK).symlink_to("market-000009.duckdb")
    assert generations.name() == "market-000009.duckdb"
