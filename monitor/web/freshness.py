"""Which generation and minute a request sees, and the thread that works both out before anybody has to wait for them.

While somebody reads, a new generation (and each new minute, for what compares with the clock) is read once in the
background and then takes the place of the one before: no reader waits for it, and none sees half of it. With nobody
there nothing is worked out; the next request does it itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from monitor.errors import BullionError
from monitor.web.generations import Generation, Generations

EVERY_SECONDS: Final = 0.5
"""How often the thread looks at the stable link and the clock."""
ATTENTION_SECONDS: Final = 300.0
"""How long after the last request it goes on."""
OLDEST: Final = timedelta(minutes=2)
"""A minute older than this is not shown: the request works out its own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a request sees."""

    generation: Generation
    now: datetime
    """The minute its figures are compared with."""
    at: datetime
    """The very moment."""


class Freshness:
    """Hands out what is newest and worked out. `prepare` reads a generation as at a minute, for later requests."""

    def __init__(
        self,
        generations: Generations,
        clock: Callable[[], datetime],
        prepare: Callable[[Generation, datetime], object],
    ) -> None:
        self._generations, self._clock, self._prepare = generations, clock, prepare
        self._minute: datetime | None = None
        self._ready: tuple[str, datetime] | None = None
        self._asked = -ATTENTION_SECONDS
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def lease(self) -> Iterator[Seen]:
        """One generation and minute for one request. Raises BullionError before the first generation."""
        at = self._clock()
        self._asked = time.monotonic()
        warm = self._warm(at)
        with self._generations.lease(newest=warm is None) as generation:
            yield Seen(generation, warm or _minute(at), at)

    def shown(self) -> str:
        """The name of the generation that the next request will see; '' before the first."""
        return self._generations.name() if self._warm(self._clock()) is None else self._generations.current()

    @contextmanager
    def working(self) -> Iterator[None]:
        """The thread works in the block."""
        self._ended.clear()
        self._thread = threading.Thread(target=self._work, name="page-freshness", daemon=True)
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join(5)
            self._thread = None

    def _warm(self, at: datetime) -> datetime | None:
        """The minute that is worked out, where it is recent enough and the thread keeps it so."""
        minute = self._minute
        is_kept = self._thread is not None and minute is not None and _minute(at) - minute <= OLDEST
        return minute if is_kept else None

    def _work(self) -> None:
        import duckdb

        while not self._ended.wait(EVERY_SECONDS):
            if time.monotonic() - self._asked > ATTENTION_SECONDS:
                continue
            try:
                self._advance()
            except (BullionError, duckdb.Error, OSError):
                self._minute = None  # the next request meets the same trouble, and tells it

    def _advance(self) -> None:
        minute = _minute(self._clock())
        wanted = (self._generations.name(), minute)
        if wanted != self._ready:
            self._generations.advance(lambda generation: self._prepare(generation, minute))
            self._ready, self._minute = wanted, minute


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
