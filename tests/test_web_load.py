"""The page while generations change under it: no error, no torn read, nothing left open; many clients at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from monitor import publish
from monitor.published import LINK
from monitor.store import Store
from monitor.web import serve
from monitor.web.app import application
from monitor.web.freshness import Freshness
from monitor.web.generations import Generation, Generations
from monitor.web.look import Look
from monitor.web.page import Download, Page
from monitor.web.routes import PAGES
from tests import homes, pages
from tests.test_run import until


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


def held(home: Path) -> set[str]:
    """Generations of a home that this process has open, deleted ones too."""
    links = list[Path]()
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile by another thread
            links.append(fd.readlink())
    return {link.name.removesuffix(" (deleted)") for link in links if link.parent == home / "published"}


def crowd(url: str, clients: int, enough: Callable[[list[tuple[int, str]]], bool]) -> list[tuple[int, str]]:
    """(status, text) of what so many clients are answered that ask again and again until it is enough."""
    answers: list[tuple[int, str]] = []
    end = time.monotonic() + 120

    def ask() -> None:
        with httpx2.Client() as client:
            while not enough(answers) and time.monotonic() < end:
                answer = client.get(url, timeout=60)
                answers.append((answer.status_code, answer.text))

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


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
    with serving(home) as url, publishing(home, 0.05):
        answers = crowd(url + "twice", 8, lambda so_far: len(so_far) > 200 and len({text for _, text in so_far}) > 3)
    assert {status for status, _ in answers} == {200}
    numbers = {tuple(text.split()) for _, text in answers}
    assert all(len(set(three)) == 1 for three in numbers)
    assert len(numbers) > 3


@pytest.mark.slow
def test_generations_that_nobody_reads_are_let_go(home: Path) -> None:
    """After many swaps at most the newest is still open in this process."""
    with serving(home) as url:
        with publishing(home, 0.05) as made:
            crowd(url + "twice", 4, lambda _: len(made) > 10)
        until(lambda: httpx2.get(url + "twice") and held(home) == {made[-1].name}, 30)


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
    generations, calls, all_ask = Generations(home / "published"), list[int](), threading.Event()

    def make() -> int:
        assert all_ask.wait(10)
        calls.append(1)
        return len(calls)

    with generations.lease() as one:
        threads = [threading.Thread(target=one.remember, args=("key", make)) for _ in range(8)]
        for thread in threads:
            thread.start()
        all_ask.set()
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


def test_a_new_generation_takes_its_place_only_when_it_is_worked_out(home: Path) -> None:
    """While the thread reads the newer one, requests and announcements see the older; then the newer, worked out."""
    generations = Generations(home / "published")
    begun, go_on, done = threading.Event(), threading.Event(), list[tuple[int, datetime]]()

    def prepare(generation: Generation, minute: datetime) -> None:
        if generation.number > 1:
            begun.set()
            assert go_on.wait(10)
        done.append((generation.number, minute))

    freshness = Freshness(generations, lambda: pages.DEMO_ENDS, prepare)
    with freshness.working():
        until(lambda: _number(freshness) and done == [(1, pages.DEMO_ENDS)], 10)
        store = Store(home / "live" / "market.duckdb")
        publish.publish(store, home / "published", pages.DEMO_ENDS)
        store.close()
        assert begun.wait(10)
        assert (_number(freshness), freshness.shown()) == (1, "market-000001.duckdb")
        go_on.set()
        until(lambda: _number(freshness) == 2, 10)
        assert done[-1] == (2, pages.DEMO_ENDS)
        assert freshness.shown() == "market-000002.duckdb"
    generations.close()


def test_without_the_thread_a_request_sees_what_is_newest(home: Path) -> None:
    """And its own minute, to the minute."""
    generations = Generations(home / "published")
    moment = pages.DEMO_ENDS.replace(second=41)
    freshness = Freshness(generations, lambda: moment, lambda *_: None)
    with freshness.lease() as seen:
        assert (seen.generation.number, seen.now, seen.at) == (1, pages.DEMO_ENDS, moment)
    generations.close()


def test_a_minute_that_is_too_old_is_not_shown(home: Path) -> None:
    """Where the thread does not keep up, a request works out its own minute: nothing overdue looks fine for long."""
    generations, clock = Generations(home / "published"), [pages.DEMO_ENDS]
    held_up = threading.Event()

    def prepare(_: Generation, minute: datetime) -> None:
        if minute > pages.DEMO_ENDS:
            held_up.wait(10)

    freshness = Freshness(generations, lambda: clock[0], prepare)
    with freshness.working():
        until(lambda: _number(freshness) and freshness.shown() == generations.current() != "", 10)
        clock[0] += timedelta(minutes=3)
        with freshness.lease() as seen:
            assert seen.now == clock[0]
        held_up.set()
    generations.close()


def _number(freshness: Freshness) -> int:
    with freshness.lease() as seen:
        return seen.generation.number
