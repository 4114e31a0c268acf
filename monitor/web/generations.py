"""The newest generation, kept open for as long as anybody reads it, and what was worked out from it already."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from monitor.clock import aware, naive
from monitor.errors import BullionError
from monitor.published import LINK, Reader, newest

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
Made = TypeVar("Made")
_THREADS: Final = 2
_MEMORY: Final = "600MB"
"""Of the database engine for one generation: pages leave the machine to the daemon's own work."""
_REMEMBERED: Final = 200
"""Views kept of one generation; beyond that all are forgotten and made again."""


class Generation:
    """One published file, open read-only. Its content never changes, so what is made of it once holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        self.is_left = False
        """Whether a newer one has taken its place: closed when its last user is done."""
        self._reader = Reader(path)
        self._kept: dict[Hashable, tuple[threading.Lock, list[Any]]] = {}
        self._lock = threading.Lock()
        try:
            with self._reader.cursor() as cur:
                cur.execute(
                    f"set threads = {_THREADS}; set memory_limit = '{_MEMORY}'; set enable_external_access = false"
                )
                row = cur.execute("select number, published_at from generation").fetchone()
        except BaseException:
            self.close()
            raise
        if row is None:
            self.close()
            raise BullionError(f"{path.name} does not say which generation it is: load a file, or start the daemon")
        self.number = int(row[0])
        self.published_at: datetime = aware(row[1])

    @contextmanager
    def cursor(self, now: datetime) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on which views that compare with the clock see `now`."""
        with self._reader.cursor() as cur:
            cur.execute("set variable now = ?::timestamp", [naive(now)])
            yield cur

    def remember(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """`make()`, called once for each key however many ask at the same time."""
        with self._lock:
            if key not in self._kept and len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            lock, made = self._kept.setdefault(key, (threading.Lock(), []))
        with lock:
            if not made:
                made.append(make())
            return made[0]  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close the file."""
        self._reader.__exit__(None, None, None)


class Generations:
    """The newest generation of one folder for as many threads as ask."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current: Generation | None = None
        self._lock = threading.Lock()

    @contextmanager
    def lease(self, *, newest: bool = True) -> Iterator[Generation]:
        """A generation, which stays open and the same in the block: the newest, or else the one that is open already.

        Raises BullionError before the first.
        """
        with self._lock:
            found = self._newest() if newest or self._current is None else self._current
            found.users += 1
        try:
            yield found
        finally:
            with self._lock:
                found.users -= 1
                self._let_go(found)

    def name(self) -> str:
        """What the stable link points at now; '' before the first generation. Opens nothing."""
        try:
            return (self._folder / LINK).readlink().name
        except OSError:
            return ""

    def current(self) -> str:
        """The name of the generation that is open; '' where none is."""
        current = self._current
        return current.path.name if current is not None else ""

    def advance(self, work: Callable[[Generation], object]) -> None:
        """Do some work on the newest generation, then let it take the place of the one that is open."""
        with self._lock:
            current = self._current
            fresh = current if current is not None and current.path.name == self.name() else None
            if fresh is not None:
                fresh.users += 1
        if fresh is None:
            fresh = self._opened()
            fresh.users += 1
        try:
            work(fresh)
        finally:
            with self._lock:
                self._replace(fresh)
                fresh.users -= 1
                self._let_go(fresh)

    def close(self) -> None:
        """Close what nobody reads any more."""
        with self._lock:
            if self._current is not None:
                self._current.is_left = True
                self._let_go(self._current)
                self._current = None

    def _newest(self) -> Generation:
        if self._current is not None and self._current.path.name == self.name():
            return self._current
        fresh = self._opened()
        self._replace(fresh)
        return fresh

    def _replace(self, fresh: Generation) -> None:
        """The newer of the two stays."""
        current = self._current
        if current is fresh:
            return
        if current is not None and current.number >= fresh.number:
            fresh.is_left = True
            return
        if current is not None:
            current.is_left = True
            self._let_go(current)
        self._current = fresh

    def _opened(self) -> Generation:
        """The file behind the link; looked up again where it was deleted between the look and the opening."""
        import duckdb

        for _ in range(3):
            try:
                return Generation(newest(self._folder))
            except duckdb.IOException:
                continue
        return Generation(newest(self._folder))

    def _let_go(self, one: Generation) -> None:
        if one.is_left and one.users == 0:
            one.close()
