"""What a PDF seems to print first, told from its bytes: for recognising, in the process that has to live on.

pdfium is not asked, since that is the business of the decoding child, and a text that looks right here is read and
proved there. Nothing is followed: of the first stream that prints text the strings are taken in their order, by the
tables that the fonts themselves have. Pure; whatever the bytes, nothing is raised, a few megabytes are held and a
tenth of a second passes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final

MAGIC: Final = b"%PDF-"
_LARGEST: Final = 1_000_000
"""Bytes of a PDF whose text is looked for; `pdf` reads none that is larger."""
_MOST_STREAMS: Final = 2_000
_PIECE: Final = 100_000
"""Bytes of one stream, packed and unpacked."""
_MOST_UNPACKED: Final = 10_000_000
"""Bytes of all streams together."""
_MOST_FONTS: Final = 200
_MOST_CODES: Final = 2_000
_BACK: Final = 2_000
"""How far before a word its object can begin."""
_OBJECT: Final = re.compile(rb"([0-9]{1,9})\s{1,9}[0-9]{1,5}\s{1,9}obj\b")
_TO_UNICODE: Final = re.compile(rb"/ToUnicode\s{1,9}([0-9]{1,9})\s")
_FONTS: Final = re.compile(rb"/Font\s{0,9}<<([^<>]{1,4000})>>")
_FONT: Final = re.compile(rb"/([^\s/<>()\[\]]{1,40})\s{1,9}([0-9]{1,9})\s{1,9}[0-9]{1,5}\s{1,9}R")
_PRINTED: Final = re.compile(
    rb"/([^\s/<>()\[\]]{1,40})\s{1,9}[0-9.]{1,12}\s{1,9}Tf"
    rb"|(?<!\\)\(((?:[^()\\]|\\.)*+)\)|<([0-9A-Fa-f\s]*+)>",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
_SECTION: Final = re.compile(rb"beginbf(char|range)")
_ONE: Final = re.compile(rb"<([0-9A-Fa-f]{1,4})>\s{0,9}<([0-9A-Fa-f]{4})>")
_RANGE: Final = re.compile(rb"<([0-9A-Fa-f]{1,4})>\s{0,9}<([0-9A-Fa-f]{1,4})>\s{0,9}<([0-9A-Fa-f]{4})>")


def streams(body: bytes, most: int = _PIECE, left: int = _MOST_UNPACKED) -> Iterator[tuple[int, bytes]]:
    """(place, content) of every stream, its beginning unpacked where it is packed.

    At most `most` bytes of each, and no more streams when `left` bytes were unpacked in all.
    """
    at = body.find(b"stream")
    for _ in range(_MOST_STREAMS):
        if at < 0 or left <= 0:
            return
        start = at + len(b"stream")
        end = body.find(b"endstream", start)
        packed = body[start : min(end if end >= 0 else len(body), start + most)].lstrip(b"\r\n")
        try:
            content = zlib.decompressobj().decompress(packed, most)
        except zlib.error:
            content = packed
        left -= max(len(content), len(packed))
        yield at, content
        at = body.find(b"stream", end + len(b"endstream")) if end >= 0 else -1


def characters(table: bytes) -> dict[int, str]:
    """Code -> character of a font's own table; ranges one by one, up to a limit."""
    found: dict[int, str] = {}
    _, *parts = _SECTION.split(table)
    for kind, section in zip(parts[::2], parts[1::2], strict=True):
        for code, to in _ONE.findall(section) if kind == b"char" else ():
            found[int(code, 16)] = chr(int(to, 16))
        for low, high, first in _RANGE.findall(section) if kind == b"range" else ():
            start, last, to = int(low, 16), int(high, 16), int(first, 16)
            for step in range(min(last - start + 1, _MOST_CODES - len(found))):
                found[start + step] = chr(min(to + step, 0xFFFF))
    return found


def first_text(body: bytes) -> str:
    """What the first stream that prints text prints, without any blanks; '' where the body is no small PDF."""
    return _first_text(body) if body.startswith(MAGIC) and len(body) <= _LARGEST else ""


@lru_cache(maxsize=1)
def _first_text(body: bytes) -> str:
    """Several recognisers ask about the same body in turn, so the last answer is kept."""
    content, tables = b"", {}
    for place, piece in streams(body):
        if b"begincmap" in piece or b"beginbf" in piece:
            tables[_object_of(body, place)] = piece
        elif not content and b"BT" in piece and (b"Tj" in piece or b"TJ" in piece):
            content = piece
    return "".join(_strings(content, _fonts(body, tables)).split())


def _fonts(body: bytes, tables: Mapping[int, bytes]) -> dict[bytes, dict[int, str]]:
    """The name of a font on the page -> its table."""
    found = islice(_TO_UNICODE.finditer(body), _MOST_FONTS)
    used = {_object_of(body, link.start()): int(link[1]) for link in found}
    named = _FONTS.search(body)
    read: dict[bytes, dict[int, str]] = {}
    for name, number in _FONT.findall(named[1]) if named else ():
        table = tables.get(used.get(int(number), -1))
        if table is not None:
            read[name] = characters(table)
    return read


def _object_of(body: bytes, place: int) -> int:
    """The number of the object that this place is in; -1 where none begins shortly before."""
    begins = _OBJECT.findall(body, max(place - _BACK, 0), place)
    return int(begins[-1]) if begins else -1


def _strings(content: bytes, fonts: Mapping[bytes, Mapping[int, str]]) -> str:
    """The printed strings in the order of the stream."""
    parts: list[str] = []
    font: Mapping[int, str] = {}
    for name, text, codes in _PRINTED.findall(content):
        if name:
            font = fonts.get(name, {})
            continue
        digits = b"".join(codes.split()).decode()
        raw = _ESCAPE.sub(_escaped, text) if text else bytes.fromhex(digits + "0" * (len(digits) % 2))
        parts.append("".join(font.get(code, "") for code in raw) if font else raw.decode("latin-1"))
    return "".join(parts)


def _escaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8) & 255]) if found[1] else found[2]
