"""Files that a person drops: when they are whole, what they are, and where they go afterwards.

A file is taken when it has stopped growing and leaves the inbox for `done/` or `rejected/`, the latter with
the reason beside it. Nothing is overwritten, and no file is ever without a place: each move is one rename.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from monitor.durable import is_same, write_all
from monitor.errors import Unreachable, Unreadable
from monitor.model import Answer, Source
from monitor.settling import Looks, finished, is_litter

BYTE_CAP: Final = 32 * 1024 * 1024
_DONE: Final = "done"
_REJECTED: Final = "rejected"
_REASON: Final = ".reason.txt"
_INCOMING: Final = ".incoming.tmp"


class Inbox:
    """The inbox folder of a home. It remembers its last look: keep one for as long as the daemon runs."""

    def __init__(self, folder: Path, *, settle_seconds: float = 60.0, byte_cap: int = BYTE_CAP) -> None:
        self.folder = folder
        self._cap = byte_cap
        self._looks = Looks(settle_seconds)

    def waiting(self, now: datetime) -> list[Path]:
        """The files that may be taken, in order of path.

        They are whole as `Looks.whole` says. Hidden files, unfinished downloads, links and whatever lies in `done/`
        and `rejected/` are left alone.
        """
        return sorted(self._looks.whole(self._candidates(), now))

    def add(self, name: str, body: bytes) -> Path:
        """Puts a file of our own into the inbox, whole and on disk, overwriting nothing; where it lies."""
        draft = self.folder / _INCOMING
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            write_all(handle, body)
            os.fsync(handle)
        finally:
            os.close(handle)
        target = _reserve(self.folder, name)
        try:
            draft.replace(target)
        except OSError:
            target.unlink()
            raise
        self._looks.trust(target)
        return target

    def holds(self, name: str, body: bytes) -> bool:
        """Whether this file waits here, or was taken or refused before, under this name or a number after it."""
        stem, ending = os.path.splitext(name)  # noqa: PTH122  (a Path would read ".xls" otherwise)
        ours = re.compile(f"{re.escape(stem)}(-[0-9]+)?{re.escape(ending)}")
        return any(
            ours.fullmatch(found) and is_same(Path(folder, found), body)
            for folder, _, names in os.walk(self.folder)
            for found in names
        )

    def take(self, path: Path, fetched_at: datetime) -> Answer:
        """The file's bytes, named by its path inside the inbox, so that folder names count. Raises as `read` does."""
        if path.is_symlink():
            raise Unreadable(f"{path.name} is a link; put the file itself into the inbox")
        return read(path, fetched_at, name=path.relative_to(self.folder).as_posix(), byte_cap=self._cap)

    def done(self, path: Path) -> Path:
        """Moves a file that was loaded to `done/`, under the same path; where it went."""
        return self._file(path, _DONE, None)

    def reject(self, path: Path, reason: str) -> Path:
        """Moves a file that was refused to `rejected/`, with `<name>.reason.txt` beside it; where it went."""
        return self._file(path, _REJECTED, reason)

    def _candidates(self) -> Iterator[Path]:
        for folder, below, names in os.walk(self.folder):
            below[:] = [name for name in below if name not in (_DONE, _REJECTED) and not name.startswith(".")]
            for name in finished(names):
                yield Path(folder, name)

    def _file(self, path: Path, place: str, reason: str | None) -> Path:
        inside = path.relative_to(self.folder)
        folder = self.folder / place / inside.parent
        folder.mkdir(parents=True, exist_ok=True)
        target = _reserve(folder, inside.name)
        if reason is not None:
            target.with_name(target.name + _REASON).write_text(f"{reason}\n", "utf-8", errors="backslashreplace")
        _move(path, target)
        self._looks.forget(path)
        return target


def read(path: Path, fetched_at: datetime, *, name: str | None = None, byte_cap: int = BYTE_CAP) -> Answer:
    """A file's bytes; without `name` it is named by its folder and file name, what is no text in it spelled out.

    Raises Unreadable where it is larger than `byte_cap` bytes or no regular file, Unreachable where it cannot be
    read now (gone, not permitted, still being written).
    """
    name = os.fsencode(name or f"{path.absolute().parent.name}/{path.name}").decode("utf-8", "backslashreplace")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(handle, "rb", buffering=0) as file:  # noqa: PTH123  (a handle opened so that a pipe cannot hang us)
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise Unreadable(f"{name} is not a regular file; put the report itself there")
            body = b"" if before.st_size > byte_cap else _read_up_to(file.fileno(), byte_cap + 1)
            after = os.fstat(handle)
    except OSError as error:
        raise Unreachable(f"{name} cannot be read: {error.strerror}; it stays where it is") from error
    if max(before.st_size, len(body)) > byte_cap:
        raise Unreadable(
            f"{name} is larger than {byte_cap:,} bytes; no report is, so look whether it is the right file"
        )
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Unreachable(f"{name} is still being written; it stays where it is until it is whole")
    return Answer(body, name, fetched_at)


def identify(body: bytes, name: str, sources: Sequence[Source], product: str | None) -> tuple[Source, str | None]:
    """Whose report this is, told by its content, and the hint it needs besides.

    The hint is `product`, else what the file name says, else its folder. `name` is a path with `/`.
    Raises Unreadable, with a sentence for the person who dropped it, where none or several sources claim it, or
    where the hint is missing, ambiguous or unknown.
    """
    claims = [source for source in sources if source.recognise(body, name)]
    if not claims:
        raise Unreadable(f"{name} is no report we know: it looks like {looks_like(body)}")
    if len(claims) > 1:
        names = " and ".join(source.name for source in claims)
        raise Unreadable(f"{name} is claimed by {names}; one of these sources recognises too much")
    return claims[0], _hint(claims[0], name, product)


def _hint(source: Source, name: str, product: str | None) -> str | None:
    if source.hint_of is None:
        hint = product if source.needs_hint else None
    elif product:
        hint = source.hint_of(product)
        if hint is None:
            raise Unreadable(f"{name}: {source.name} knows no product {product!r}")
    else:
        path = PurePosixPath(name)
        hint = source.hint_of(path.name)
        if hint is None and path.parent.name:
            hint = source.hint_of(path.parent.name)
    if source.needs_hint and not hint:
        raise Unreadable(
            f"{name} is a {source.title} and does not say which product it is about; "
            "name the product in the file or folder name, or use --product"
        )
    return hint


def looks_like(body: bytes) -> str:
    """What a person would call these bytes, for the sentence that refuses them."""
    if not body.strip(b"\0 \t\r\n"):
        return "an empty file"
    for magic, words in (
        (b"\xd0\xcf\x11\xe0", "an Excel workbook (.xls) or other old Office file"),
        (b"%PDF", "a PDF"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
    ):
        if body.startswith(magic):
            return words
    if body.startswith(b"PK\x03\x04"):
        return "an Excel workbook (.xlsx)" if b"xl/" in body else "a zip archive"
    return _looks_like_text(body)


def _looks_like_text(body: bytes) -> str:
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<body" in start or b"<table" in start:
        return "an HTML page"
    if start.startswith(b"<"):
        return "an XML document"
    if start.startswith((b"{", b"[")):
        return "JSON"
    if b"\0" in start:
        return "binary data of no kind we know"
    return "plain text"


def walk(paths: Iterable[Path]) -> list[Path]:
    """The files that `paths` name, folders with all they hold; sorted within each, every file once.

    A file named outright is taken whatever it is called; inside folders hidden files, unfinished downloads and
    our own reason notes are passed over, and links to folders are not followed.
    Raises Unreadable where a path does not exist.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(_inside(path))
        elif path.exists():
            inside = [path]
        else:
            raise Unreadable(f"{path} does not exist")
        for file in inside:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _inside(root: Path) -> Iterator[Path]:
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            if not is_litter(name) and not name.endswith(_REASON) and path.is_file():
                yield path


def _read_up_to(handle: int, most: int) -> bytes:
    pieces: list[bytes] = []
    while most > 0 and (piece := os.read(handle, min(most, 1 << 20))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _reserve(folder: Path, name: str) -> Path:
    """A name nothing has yet, held by an empty file: `name`, `name-2`, ... before its ending."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122  (a Path would read ".xls" otherwise)
    while len(os.fsencode(stem + ending)) > 200:
        stem, ending = (stem[:-1], ending) if stem else ("file", "")
    number = 1
    while True:
        target = folder / (f"{stem}{ending}" if number == 1 else f"{stem}-{number}{ending}")
        number += 1
        if target.with_name(target.name + _REASON).exists():
            continue
        with suppress(FileExistsError):
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
            return target


def _move(path: Path, reserved: Path) -> None:
    """Renames over the reserved name; to another device it copies, syncs, renames the copy, and only then removes."""
    try:
        path.replace(reserved)
    except OSError as error:
        if error.errno != errno.EXDEV:
            reserved.unlink()
            raise
        _copy(path, reserved)
        path.unlink()


def _copy(path: Path, reserved: Path) -> None:
    copy = reserved.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with path.open("rb") as source, copy.open("xb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        copy.replace(reserved)
    except BaseException:
        for left in (copy, reserved):
            left.unlink(missing_ok=True)
        raise
    folder = os.open(reserved.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
