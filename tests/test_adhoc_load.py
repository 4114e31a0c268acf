"""Many questions at once, all of them greedy: two run, eight wait, each ends in time, and honest ones are answered."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from monitor import adhoc
from monitor.adhoc_queue import Queue
from monitor.errors import QueryRefused, QueueFull
from tests import attacks, starving
from tests.attacks import HONEST, HONEST_ANSWER

LIMIT_S, LIMIT_MB = 5.0, 900
EVERY = os.environ.get("BULLION_ATTACK") == "all"
CHOSEN = list(starving.ALL) if EVERY else random.Random(20260210).sample(starving.ALL, 10)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return attacks.make_scene(tmp_path).database


@contextmanager
def watched() -> Iterator[list[tuple[int, int]]]:
    """(largest child, all of us together) in bytes resident, several times a second while in the block."""
    seen: list[tuple[int, int]] = []
    over, us = threading.Event(), psutil.Process()

    def look() -> None:
        while not over.wait(0.05):
            sizes = [_resident(child) for child in us.children()]
            seen.append((max(sizes, default=0), sum(sizes) + _resident(us)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def test_there_are_forty_two_ways_to_ask_for_too_much() -> None:
    assert len(set(starving.ALL)) >= 42


@pytest.mark.slow
def test_greedy_questions_end_within_six_seconds_below_the_memory_limit_under_a_full_queue(database: Path) -> None:
    queue, started, answered = Queue(), time.monotonic(), []

    def ask(number: int) -> float:
        """Seconds the question took once its turn had come."""
        with queue.turn():
            begun = time.monotonic()
            with suppress(QueryRefused):
                adhoc.run(database, CHOSEN[number], seconds=LIMIT_S, memory_mb=LIMIT_MB)
            return time.monotonic() - begun

    def be_honest() -> None:
        with queue.turn():
            answered.append(adhoc.run(database, HONEST, seconds=LIMIT_S, memory_mb=LIMIT_MB).rows)

    with watched() as seen, ThreadPoolExecutor(10) as askers:
        took = []
        for first in range(0, len(CHOSEN), 8):  # eight greedy and two honest at once fill the two places and the line
            batch = range(first, min(first + 8, len(CHOSEN)))
            work = [askers.submit(ask, number) for number in batch]
            honest = [askers.submit(be_honest) for _ in range(2)]
            took += [(one.result(), CHOSEN[number]) for number, one in zip(batch, work, strict=True)]
            assert [one.result() for one in honest] == [None, None]
    assert [(seconds, sql[:80]) for seconds, sql in took if seconds > 6] == []
    assert answered
    assert set(map(tuple, answered)) == {tuple(HONEST_ANSWER)}
    assert max(child for child, _ in seen) < LIMIT_MB << 20
    assert max(together for _, together in seen) < 2560 << 20
    assert time.monotonic() - started < 6 * len(CHOSEN)


def test_two_run_eight_wait_and_the_eleventh_is_told_at_once() -> None:
    queue, gate, running = Queue(), threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        with queue.turn():
            running.release()
            gate.wait(10)

    with ThreadPoolExecutor(10) as askers:
        held = [askers.submit(hold) for _ in range(10)]
        assert running.acquire(timeout=5)
        assert running.acquire(timeout=5)
        _until(lambda: len(queue._line) == 8)
        began = time.monotonic()
        with pytest.raises(QueueFull, match="2 questions are running and 8 wait"):
            queue.run(Path("nowhere"), "select 1")
        assert time.monotonic() - began < 1
        assert not running.acquire(timeout=0.1), "a third ran"
        gate.set()
        assert [one.result(timeout=10) for one in held] == [None] * 10
    with queue.turn(), queue.turn():
        pass


def test_turns_come_in_the_order_of_asking() -> None:
    queue, order = Queue(workers=1), list[int]()
    with ThreadPoolExecutor(6) as askers, ExitStack() as held:
        held.enter_context(queue.turn())

        def take(number: int) -> None:
            with queue.turn():
                order.append(number)

        work = []
        for number in range(6):
            work.append(askers.submit(take, number))
            _until(lambda waiting=number + 1: len(queue._line) == waiting)
        held.close()
        for one in work:
            one.result(timeout=10)
    assert order == list(range(6))


def test_a_question_that_is_refused_gives_its_place_back(database: Path) -> None:
    queue = Queue(workers=1, waiting=0)
    for _ in range(3):
        with pytest.raises(QueryRefused, match="DELETE is not allowed"):
            queue.run(database, "delete from stocks")
    assert queue.run(database, HONEST).rows == HONEST_ANSWER


def _until(true: object, seconds: float = 5) -> None:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)
