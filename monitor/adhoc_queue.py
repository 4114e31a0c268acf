"""Questions of many askers at once: a few run, a few wait in line, and the next is told so at once.

Together they use at most `workers` times the memory and processor time of one question, whatever is asked; beside
them stand at most as many idle spares.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monitor import adhoc
from monitor.adhoc_spares import Spares
from monitor.errors import QueueFull
from monitor.tabular import Result


class Queue:
    """Shared by the threads of one process; first come, first served."""

    def __init__(self, workers: int = 2, waiting: int = 8) -> None:
        self._workers, self._waiting = workers, waiting
        self._line: list[object] = []
        self._running = 0
        self._changed = threading.Condition()
        self._spares = Spares(workers)

    def run(self, database: Path, sql: str, **limits: Any) -> Result:
        """`adhoc.run` when its turn comes; raises QueueFull where too many wait already."""
        with self.turn():
            return self.answer(database, sql, **limits)

    def answer(self, database: Path, sql: str, **limits: Any) -> Result:
        """`adhoc.run` in a child that stands ready, for whoever holds a turn; the limits are best always the same."""
        return adhoc.run(database, sql, lender=self._spares, **limits)

    def follow(self, database: Path) -> None:
        """A newer generation is there: children that stand ready are to stand on it."""
        self._spares.follow(database)

    def close(self) -> None:
        """End the children that stand ready."""
        self._spares.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it in the block. Raises QueueFull, without waiting, where the line is full."""
        self._enter()
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _enter(self) -> None:
        ticket = object()
        with self._changed:
            if len(self._line) >= self._waiting and not self._free():
                raise QueueFull(
                    f"{self._running} questions are running and {len(self._line)} wait: ask again in a few seconds."
                )
            self._line.append(ticket)
            try:
                self._changed.wait_for(lambda: self._line[0] is ticket and self._running < self._workers)
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()
            self._running += 1

    def _free(self) -> bool:
        """Whether who comes now need not wait."""
        return not self._line and self._running < self._workers
