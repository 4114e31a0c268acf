"""Work out ahead what most readers look at: of a new generation before it is shown, of a minute before it comes.

Readers keep the older generation until the newer one is ready, a few seconds at most; without this thread, or where it
fails, they open the newer one themselves and wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from monitor.web.generations import Generation, Generations

EVERY_SECONDS: Final = 0.2
"""How often the stable link is looked at."""
BEFORE: Final = 45
"""The second of a minute from which the next one is worked out."""
LAST_WORDS_SECONDS: Final = 5.0
"""How long a stop waits for what is being worked out."""
IDLE_SECONDS: Final = 120.0
"""After so long without a reader no minute is worked out ahead; generations still are."""


class Ahead:
    """A thread between `start` and `stop`; `prepare` works out what is wanted of a generation at a minute."""

    def __init__(
        self, generations: Generations, clock: Callable[[], datetime], prepare: Callable[[Generation, datetime], object]
    ) -> None:
        self._generations, self._clock, self._prepare = generations, clock, prepare
        self._done = threading.Event()
        self._ready: datetime | None = None
        """The last minute worked out before it came."""
        self._thread = threading.Thread(target=self._run, name="page-ahead", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End what `start` began, and let go of the generation where nobody reads it."""
        self._done.set()
        self._thread.join(LAST_WORDS_SECONDS)
        self._generations.close()

    def step(self) -> None:
        """One look: a new generation, or the next minute."""
        at = self._clock()
        minute = at.replace(second=0, microsecond=0)
        self._generations.renew(lambda fresh: self._prepare(fresh, minute))
        following = minute + timedelta(minutes=1)
        if at.second >= BEFORE and self._ready != following and self._generations.idle_seconds() < IDLE_SECONDS:
            self._ready = following
            with self._generations.lease(is_reader=False) as generation:
                self._prepare(generation, following)

    def _run(self) -> None:
        while not self._done.wait(EVERY_SECONDS):
            with suppress(Exception):  # readers meet the same trouble, and are told
                self.step()
