"""The newest generation, kept open for as long as anybody reads it, and what was worked out from it already."""

from __future__ import annotations

import threading
import time
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
PATIENCE_SECONDS: Final = 5.0
"""How long readers keep an older generation while the newer one is made ready for them."""
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
                cur.execute("set enable_external_access = false")
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
        self._is_renewed = False
        """Whether somebody calls `renew`, so that readers may wait for it."""
        self._seen = ("", 0.0)
        """The newest name a reader met without having it, and since when (monotonic seconds)."""
        self._read_at = float("-inf")

    @contextmanager
    def lease(self, *, is_reader: bool = True) -> Iterator[Generation]:
        """The newest generation, which stays open and the same in the block. Raises BullionError before the first.

        Where `renew` is at work, for some seconds still the one before.
        """
        with self._lock:
            found = self._newest()
            found.users += 1
            if is_reader:
                self._read_at = time.monotonic()
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

    def idle_seconds(self) -> float:
        """How long ago the last reader came; infinite before the first."""
        return time.monotonic() - self._read_at

    def renew(self, prepare: Callable[[Generation], object]) -> None:
        """Open a newer generation beside the one in use, `prepare` it, and only then give it to readers.

        Where `prepare` raises, readers get it unprepared. To be called again and again by one thread.
        """
        self._is_renewed = True
        with self._lock:
            if self._current is not None and self._current.path.name == self.name():
                return
        fresh = self._opened()
        try:
            prepare(fresh)
        finally:
            with self._lock:
                self._take(fresh)

    def close(self) -> None:
        """Close what nobody reads any more."""
        with self._lock:
            if self._current is not None:
                self._current.is_left = True
                self._let_go(self._current)
                self._current = None

    def _newest(self) -> Generation:
        name = self.name()
        if self._current is not None and (self._current.path.name == name or self._is_awaited(name)):
            return self._current
        return self._take(self._opened())

    def _is_awaited(self, name: str) -> bool:
        """Whether `renew` may still be expected to bring this one."""
        if self._seen[0] != name:
            self._seen = (name, time.monotonic())
        return self._is_renewed and time.monotonic() - self._seen[1] < PATIENCE_SECONDS

    def _take(self, fresh: Generation) -> Generation:
        """Let readers have this one, unless they have what the link names by now."""
        if self._current is not None:
            if self._current.path.name == self.name():
                fresh.close()
                return self._current
            self._current.is_left = True
            self._let_go(self._current)
        self._current = fresh
        return fresh

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
