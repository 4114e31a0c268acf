"""When a file that somebody else writes is whole: the inbox and the watched folders wait by the same rule."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

Mark = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds: a file with the same mark has not been written to."""

_PARTIAL: Final = (".part", ".partial", ".crdownload", ".download", ".tmp")
_LITTER: Final = frozenset({"thumbs.db", "desktop.ini"})


class Looks:
    """What the last look at some files found. Keep one for as long as they are looked at."""

    def __init__(self, settle_seconds: float) -> None:
        self._settle = settle_seconds
        self._seen: dict[Path, Mark] = {}

    def whole(self, candidates: Iterable[Path], now: datetime) -> dict[Path, Mark]:
        """The candidates that may be taken, with their marks.

        A file counts as whole when its mark is that of the last look, or when it has not changed for
        `settle_seconds`. An empty one must be that old: browsers reserve a name before they write. Links and
        whatever else is no regular file are passed over.
        """
        looked: dict[Path, Mark] = {}
        whole: dict[Path, Mark] = {}
        for path in candidates:
            try:
                found = path.lstat()
            except OSError:
                continue  # gone since the folder was listed
            if not stat.S_ISREG(found.st_mode):
                continue
            looked[path] = mark = (found.st_size, found.st_mtime_ns)
            settled = now.timestamp() - found.st_mtime >= self._settle
            if settled or (found.st_size and self._seen.get(path) == mark):
                whole[path] = mark
        self._seen = looked
        return whole

    def trust(self, path: Path) -> None:
        """This file is whole as it lies there now: the next look takes it."""
        found = path.lstat()
        self._seen[path] = (found.st_size, found.st_mtime_ns)

    def forget(self, path: Path) -> None:
        """The file has left; another of its name is looked at afresh."""
        self._seen.pop(path, None)


def finished(names: Iterable[str]) -> Iterator[str]:
    """Of the names in one folder those that are neither litter nor still being downloaded beside their own name."""
    present = set(names)
    return (
        name for name in present if not is_litter(name) and not any(name + ending in present for ending in _PARTIAL)
    )


def is_litter(name: str) -> bool:
    """Hidden, unfinished, or put there by a desktop rather than a person."""
    lower = name.lower()
    return lower.startswith((".", "~$")) or lower.endswith(_PARTIAL) or lower in _LITTER
