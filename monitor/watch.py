"""Folders outside the home, such as a browser's downloads, from which reports are copied into the inbox.

Nothing is ever written, moved or linked there, and what no source recognises is read once and left alone. A file
that is ours but incomplete (a volume payload whose name says no product) is copied too: the inbox rejects it with
the reason, where a person looks for it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from monitor.archive import Archive
from monitor.errors import ConfigError, Unreachable, Unreadable
from monitor.inbox import BYTE_CAP, Inbox, read
from monitor.settling import Looks, Mark, finished

OLDEST: Final = timedelta(days=30)
"""Of the files that lie in a folder when it is first looked at, those changed longer ago are left alone."""
MOST_BYTES: Final = 64 << 20
"""How much is read in one round; the rest waits for the next."""
_HEAD: Final = 4_096
_CONTAINERS: Final = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"%PDF")
_WIDE_TEXT: Final = (b"\xff\xfe", b"\xfe\xff")

Recogniser = Callable[[bytes, str], bool]


class Watch:
    """The watched folders of a home. It remembers what it has read: keep one for as long as the daemon runs."""

    def __init__(
        self,
        folders: Sequence[Path],
        inbox: Inbox,
        archive: Archive,
        recognisers: Iterable[Recogniser],
        *,
        settle_seconds: float = 60.0,
        byte_cap: int = BYTE_CAP,
    ) -> None:
        self._folders = {folder: Looks(settle_seconds) for folder in folders}
        self._inbox = inbox
        self._archive = archive
        self._recognisers = tuple(recognisers)
        self._cap = byte_cap
        self._known: dict[Path, dict[Path, Mark]] = {}
        """By folder, the files that are done with, as they were then."""

    def round(self, now: datetime) -> list[str]:
        """Copy what is ours and new into the inbox; one line for each folder that cannot be looked at.

        Raises OSError where the inbox cannot be written to: the file is tried again in the next round.
        """
        troubles = []
        left = MOST_BYTES
        for folder, looks in self._folders.items():
            try:
                candidates = _files(folder)
            except OSError as error:
                troubles.append(f"{folder} cannot be watched: {error.strerror}")
                continue
            left = self._look(folder, looks.whole(candidates, now), now, left)
        return troubles

    def _look(self, folder: Path, whole: dict[Path, Mark], now: datetime, left: int) -> int:
        """How many bytes may still be read afterwards."""
        known = self._known.get(folder)
        if known is None:
            earliest = (now - OLDEST).timestamp() * 1e9
            known = {path: mark for path, mark in whole.items() if mark[1] < earliest}
        self._known[folder] = known = {path: mark for path, mark in known.items() if whole.get(path) == mark}
        fresh = [(path, mark) for path, mark in whole.items() if path not in known]
        for path, mark in sorted(fresh, key=lambda file: (-file[1][1], file[0])):
            if left <= 0:
                break
            with suppress(Unreachable):  # gone, not ours to read, or written to: looked at again in the next round
                left -= self._consider(path, mark[0], now)
                known[path] = mark
        return left

    def _consider(self, path: Path, size: int, now: datetime) -> int:
        """Copy the file if it is a report we do not hold; how many bytes were read."""
        if not 0 < size <= self._cap or not _may_be_a_report(_head(path)):
            return min(size, _HEAD)
        try:
            answer = read(path, now, name=path.name, byte_cap=self._cap)
        except Unreadable:
            return size
        body, name = answer.body, answer.name
        is_new = not self._archive.holds(hashlib.sha256(body).hexdigest())
        if is_new and self._is_ours(body, name) and not self._inbox.holds(name, body):
            self._inbox.add(name, body)
        return size

    def _is_ours(self, body: bytes, name: str) -> bool:
        return any(_claims(recogniser, body, name) for recogniser in self._recognisers)


def folders(watch: Iterable[str], home: Path) -> tuple[Path, ...]:
    """The folders that `inbox.watch` names, `~` spelled out, each once.

    Raises ConfigError where one is not absolute, or is the home, lies in it or contains it.
    """
    found: dict[Path, None] = {}
    home = home.resolve()
    for text in watch:
        path = Path(text).expanduser()
        if not path.is_absolute():
            raise ConfigError(f"inbox.watch: {text!r} is not a whole path; begin it with / or ~")
        path = path.resolve()
        if path == home or home in path.parents:
            raise ConfigError(f"inbox.watch: {text!r} lies in the home {home}, whose inbox is watched anyway")
        if path in home.parents:
            raise ConfigError(f"inbox.watch: {text!r} contains the home {home}; name the folder you save reports in")
        found[path] = None
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    """What lies in the folder itself and is not being downloaded. Raises OSError where it cannot be listed."""
    with os.scandir(folder) as entries:
        return [folder / name for name in finished([entry.name for entry in entries])]


def _head(path: Path) -> bytes:
    """Its first bytes. Raises Unreachable where it cannot be read, or is a link or no regular file by now."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            return os.read(handle, _HEAD) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
        finally:
            os.close(handle)
    except OSError as error:
        raise Unreachable(f"{path.name} cannot be read: {error.strerror}") from error


def _may_be_a_report(head: bytes) -> bool:
    """False for pictures, films, programs and the like: all that is neither text nor a container reports come in."""
    return head.startswith((*_CONTAINERS, *_WIDE_TEXT)) or b"\0" not in head


def _claims(recogniser: Recogniser, body: bytes, name: str) -> bool:
    try:
        return recogniser(body, name)
    except Exception:  # noqa: BLE001 - whatever a stranger's file does to a recogniser, it is no report of that source
        return False
