"""Opening zips that strangers packed: nothing is read before its size and density are judged.

A zip may claim to be small and grow without end, hold a thousand files, hide another zip, or lie about itself; each of
these is Unreadable. Pure; whatever the bytes, nothing else is raised.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from monitor.errors import Unreadable
from monitor.sources.tables import show

LARGEST: Final = 64 * 1024 * 1024
"""Bytes that all files of one zip may have together, unpacked, unless the caller knows better."""
_RATIO: Final = 100
_PIECE: Final = 1 << 20
_END: Final = struct.Struct("<4s4HIIH")
_MARK: Final = b"PK\x05\x06"
_WIDE: Final = b"PK\x06\x07"
"""What precedes the end where files are counted in 64 bits, which no report needs."""
_LONGEST_ENTRY: Final = 1_024
_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    EOFError,
    KeyError,
    OSError,
)
"""What zipfile raises for damaged or deceitful bytes."""


class Package:
    """A zip whose files were judged and may be read one by one. Raises Unreadable where they may not.

    `most_files` and `largest` (bytes unpacked, all files together) are the limits.
    """

    def __init__(self, body: bytes, *, most_files: int = 64, largest: int = LARGEST) -> None:
        _check_list(body, most_files)
        with _faults():
            self._archive = zipfile.ZipFile(io.BytesIO(body))
            self._entries = {entry.filename: entry for entry in self._archive.infolist()}
            count = len(self._archive.infolist())
        if len(self._entries) != count:
            raise Unreadable("two files of one name in the zip", "zip")
        if not 1 <= count <= most_files:
            raise Unreadable(f"the zip holds {count} files, not {'one' if most_files == 1 else f'1 to {most_files}'}")
        for entry in self._entries.values():
            _judge(entry, largest)
        total = sum(entry.file_size for entry in self._entries.values())
        if total > largest:
            raise Unreadable(f"the zip would grow to {total} bytes; the limit is {largest}", "zip")

    @property
    def names(self) -> tuple[str, ...]:
        """The files inside, in the order of the zip's own list."""
        return tuple(self._entries)

    def read(self, name: str, most: int | None = None) -> bytes:
        """The whole file `name`; Unreadable where it is missing, damaged, longer than `most` bytes or than the zip
        says.
        """
        entry = self._entry(name)
        if most is not None and entry.file_size > most:
            raise Unreadable(f"{show(name)} would grow to {entry.file_size} bytes; the limit is {most}", "zip")
        with _faults(), self._archive.open(entry) as stream:
            content = stream.read(entry.file_size + 1)
        if len(content) != entry.file_size:
            raise Unreadable(f"the zip says {entry.file_size} bytes and holds {len(content)}", "zip")
        return content

    def lines(self, name: str, longest: int) -> Iterator[bytes]:
        """The lines of `name` without their line feeds, never the whole file at once; Unreadable where one is longer
        than `longest` bytes or the file turns out to be damaged.
        """
        rest = b""
        with _faults(), self._archive.open(self._entry(name)) as stream:
            while piece := stream.read(_PIECE):
                *whole, rest = (rest + piece).split(b"\n")
                if len(rest) > longest:
                    raise Unreadable(f"a line of more than {longest} bytes", name)
                yield from whole
        if rest:
            yield rest

    def _entry(self, name: str) -> zipfile.ZipInfo:
        if name not in self._entries:
            raise Unreadable(f"no {show(name)} in the zip; it holds {show(', '.join(self._entries))}", "zip")
        return self._entries[name]


def only_file(body: bytes, *, largest: int = LARGEST) -> bytes:
    """The one file inside a zip; Unreadable where there are more, or where it is a zip again."""
    package = Package(body, most_files=1, largest=largest)
    content = package.read(package.names[0])
    if content[:2] == b"PK":
        raise Unreadable("a zip inside a zip", "zip")
    return content


@contextmanager
def _faults() -> Iterator[None]:
    """Unreadable for everything zipfile raises about bad bytes; Unreadable itself passes."""
    try:
        yield
    except _FAULTS as error:
        raise Unreadable(f"the zip is damaged: {show(str(error))}") from None


def _check_list(body: bytes, most_files: int) -> None:
    """Judge the list of files by what the zip's end says of it: zipfile lays out every entry before we can count."""
    at = len(body) - _END.size
    if body[at : at + 4] != _MARK or body[-2:] != b"\0\0":
        at = body.rfind(_MARK, max(at - 65_535, 0))
    if at < 0 or at + _END.size > len(body):
        raise Unreadable("the zip is damaged: its end is missing")
    count, size = _END.unpack_from(body, at)[4:6]
    if count > most_files or body[max(at - 20, 0) : at].startswith(_WIDE):
        raise Unreadable(f"the zip holds {count} files, not {'one' if most_files == 1 else f'1 to {most_files}'}")
    if size > most_files * _LONGEST_ENTRY:
        raise Unreadable(f"a list of {size} bytes for {count} files", "zip")


def _judge(entry: zipfile.ZipInfo, largest: int) -> None:
    if entry.file_size > largest or entry.file_size > _RATIO * max(entry.compress_size, 1):
        text = f"the zip would grow from {entry.compress_size} to {entry.file_size} bytes"
        raise Unreadable(f"{text}; the limits are {_RATIO} to 1 and {largest} bytes", "zip")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
        raise Unreadable("the zip is encrypted or packed in an unusual way", "zip")
