"""Children that stand ready before a question comes: started, the generation open, behind every wall, asked nothing.

A child takes some 100 ms to get there, which no asker then waits for. Each answers one statement and is gone; another
takes its place once that answer is out, so that no start competes with an answer for the processor.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Final

from monitor.adhoc import Child
from monitor.adhoc_request import Start, start
from monitor.errors import QueryRefused

IDLE_SECONDS: Final = 300.0
"""After the last question, how long spares are kept."""


class Spares:
    """At most `most` of them, all alike; none before the first question. For the threads of one process.

    One thread starts and ends them all and lasts until `close`: the kernel ends a child with the thread it came from.
    """

    def __init__(self, most: int, idle_seconds: float = IDLE_SECONDS) -> None:
        self._most, self._idle = most, idle_seconds
        self._wanted: Start | None = None
        """How spares are to be started; None where none are wanted."""
        self._asked = 0.0
        """When the last question came, on the monotonic clock."""
        self._ready: list[Child] = []
        self._lent = 0
        self._done: list[Child] = []
        """Killed already, not yet gone."""
        self._keeper: threading.Thread | None = None
        self._is_closed = False
        self._changed = threading.Condition()

    def take(self, begin: Start) -> Child:
        """A child started so: the spare that has waited longest, or else a new one."""
        with self._changed:
            self._asked, self._wanted = time.monotonic(), begin
            self._lent += 1
            self._changed.notify_all()
        try:
            return self._fitting(begin) or Child(begin)
        except BaseException:
            self._give_back()
            raise

    def leave(self, child: Child) -> None:
        """Kill a child that has answered, or has not; the thread waits until it is gone."""
        child.kill()
        if not self._give_back(child):
            child.end()

    def follow(self, database: Path) -> None:
        """Where spares are kept, keep them for this file from now on."""
        with self._changed:
            wanted = self._wanted
        if wanted is None:
            return
        try:
            newer = start(database, wanted.seconds, wanted.memory_mb)
        except QueryRefused:
            return  # it is gone already: the next question meets that, and tells it
        with self._changed:
            if self._wanted is wanted:
                self._wanted = newer
                self._changed.notify_all()

    def close(self) -> None:
        """End every spare, and every child that began as one. Questions after that are answered by new children."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            keeper = self._keeper
        if keeper is not None:
            keeper.join()

    def _fitting(self, begin: Start) -> Child | None:
        with self._changed:
            if self._is_closed:
                return None
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="spare-questions", daemon=True)
                self._keeper.start()
            found = next((one for one in self._ready if one.begin == begin and one.is_alive), None)
            if found is not None:
                self._ready.remove(found)
            return found

    def _give_back(self, child: Child | None = None) -> bool:
        """Whether the thread is there to see to the child."""
        with self._changed:
            self._lent -= 1
            if child is not None and not self._is_closed:
                self._done.append(child)
            self._changed.notify_all()
            return not self._is_closed

    def _keep(self) -> None:
        while not self._is_closed:
            with self._changed:
                if self._changed.wait_for(self._has_work, self._patience()):
                    leaving, wanted = self._sorted_out(), self._short()
                else:
                    leaving, wanted = [], None
                    if self._patience() == 0:  # no question came while we waited
                        self._wanted = None
            for one in leaving:
                one.end()
            if wanted is not None:
                self._add(wanted)
        with self._changed:
            leaving = self._ready + self._done
            self._ready, self._done = [], []
        for one in leaving:
            one.end()

    def _has_work(self) -> bool:
        return bool(self._is_closed or self._done or self._short() or any(map(self._is_useless, self._ready)))

    def _patience(self) -> float | None:
        """Seconds until spares have stood idle for long enough; None where none are wanted."""
        return None if self._wanted is None else max(0.0, self._asked + self._idle - time.monotonic())

    def _short(self) -> Start | None:
        """How to start one more spare; None where there are enough."""
        return self._wanted if len(self._ready) + self._lent < self._most and not self._is_closed else None

    def _is_useless(self, one: Child) -> bool:
        return one.begin != self._wanted or not one.is_alive

    def _sorted_out(self) -> list[Child]:
        """The children that have to go, no longer among the others."""
        useless = [one for one in self._ready if self._is_useless(one)]
        leaving, self._done = useless + self._done, []
        self._ready = [one for one in self._ready if one not in useless]
        return leaving

    def _add(self, wanted: Start) -> None:
        try:
            child = Child(wanted)
        except (OSError, QueryRefused):  # no process to be had: the next question tells it, or tries again
            with self._changed:
                self._wanted = None
            return
        with self._changed:
            self._ready.append(child)
