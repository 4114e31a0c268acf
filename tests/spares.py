"""Questions put to children that stood ready: a line of its own, and what it holds at the moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monitor.adhoc import Child
from monitor.adhoc_queue import Queue
from monitor.tabular import Result


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    """Wait for a child of ours to do what it does by itself."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def standing(queue: Queue) -> list[Child]:
    """The children that stand ready now."""
    return list(queue._spares._ready)


def pids(queue: Queue) -> set[int]:
    """The same by process number."""
    return {child._process.pid for child in standing(queue)}


class Prepared:
    """`adhoc.run`, each question in a child that stood ready before it came."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.used: list[int] = []
        """Process numbers of the children that answered."""

    def run(self, database: Path, sql: str, **how: Any) -> Result:
        """As `adhoc.run`; fails where no spare was used."""
        limits: dict[str, float] = {name: value for name, value in how.items() if name in ("seconds", "memory_mb")}
        if not self._fit(database, limits):
            self.queue.run(database, "select 1", **limits)
            until(lambda: self._fit(database, limits))
        before = pids(self.queue)
        try:
            return self.queue.run(database, sql, **how)
        finally:
            (taken,) = before - pids(self.queue)
            self.used.append(taken)

    def _fit(self, database: Path, limits: dict[str, float]) -> bool:
        """Whether every spare is there and fits."""
        fits = [
            one.begin.database == database.resolve()
            and one.begin.seconds == limits.get("seconds", 10.0)
            and one.begin.memory_mb == limits.get("memory_mb", 900)
            for one in standing(self.queue)
        ]
        return len(fits) == self.queue._workers and all(fits)


@contextmanager
def prepared() -> Iterator[Prepared]:
    """A line of its own, closed afterwards."""
    queue = Queue()
    try:
        yield Prepared(queue)
    finally:
        queue.close()
