"""The lines of a PDF with the places of their words, by way of pdfium.

A PDF may say anything about itself, so its bytes are looked over before pdfium sees them: size, an end that is
there, every stream inflated within a limit, and none of the constructions that let a small file grow without end
(forms, drawn fonts, object streams, encryption, escaped names). The reports read here need none of them.

Pure. Everything here raises only Unreadable, whatever the bytes; pdfium serves one caller at a time.
"""

from __future__ import annotations

import ctypes
import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from monitor.errors import Unreadable

MAGIC: Final = b"%PDF-"
_LARGEST: Final = 1_000_000
_MOST_INFLATED: Final = 2_000_000
"""Bytes that the streams may hold unpacked, each counted as often as it is referred to. A bulletin, the largest report,
is 0.1 MB and inflates to 0.33 MB; two million bytes of text cost pdfium some 200 MB of memory and a second."""
_MOST_PAGES: Final = 200
_MOST_LISTED: Final = 300
"""References in one list: the pages, or the parts of one page."""
_MOST_CHARACTERS: Final = 500_000
_STREAM: Final = re.compile(rb"(?<!end)stream[^\r\n]*(?:\r\n|\r|\n)")
_FILTER: Final = re.compile(rb"/Filter\s*+(?!\[\s*/FlateDecode\s*\]|/FlateDecode[\s/>])")
_REFUSED: Final = re.compile(rb"/Encrypt\b|/ObjStm\b|/Subtype\s*/Form\b|/Type3\b|/[^\s/<>\[\]()%{}]*#")
_FLATE: Final = b"/FlateDecode"
_OBJECT: Final = re.compile(rb"([0-9]{1,9})\s+[0-9]{1,9}\s+obj")
_REFERENCE: Final = re.compile(rb"([0-9]{1,9})\s+[0-9]{1,9}\s+R")
_WORD: Final = re.compile(r"\S+")
_PDFIUM: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Word:
    """One word and its horizontal extent on the page, in points from the left edge."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `words` asks pdfium where they stand, only while the document is open."""

    text: str
    page: int
    """From 1."""
    number: int
    """On its page, from 1."""
    _start: int
    _place: Any

    @property
    def where(self) -> str:
        """Its position for a message."""
        return f"page {self.page}, line {self.number}"

    def words(self) -> tuple[Word, ...]:
        """The words of the line from left to right as printed, with their places."""
        place: _Places = self._place
        return tuple(
            Word(word[0], place.left(self._start + word.start()), place.right(self._start + word.end() - 1))
            for word in _WORD.finditer(self.text)
        )


class _Places:
    """Where the characters of one page stand."""

    def __init__(self, raw: Any, page: Any) -> None:
        self._ask = raw.FPDFText_GetCharBox
        self._page = page
        self._numbers = tuple(ctypes.c_double() for _ in range(4))
        self._out = tuple(ctypes.byref(number) for number in self._numbers)

    def left(self, index: int) -> float:
        self._ask(self._page, index, *self._out)
        return float(self._numbers[0].value)

    def right(self, index: int) -> float:
        self._ask(self._page, index, *self._out)
        return float(self._numbers[1].value)


@contextmanager
def opened(body: bytes) -> Iterator[tuple[tuple[Line, ...], ...]]:
    """The lines of each page that are not blank, top to bottom as the file writes them; trailing blanks removed.

    Raises Unreadable for anything that is no sound, plain PDF.
    """
    _check(body)
    from pypdfium2 import raw  # type: ignore[import-untyped]  # 0.05 s that only the first PDF pays

    with _PDFIUM, ExitStack() as stack:
        document = raw.FPDF_LoadMemDocument64(body, len(body), None)
        if not document:
            raise Unreadable("the PDF is damaged; save the original file again")
        stack.callback(raw.FPDF_CloseDocument, document)
        count = raw.FPDF_GetPageCount(document)
        if not 0 < count <= _MOST_PAGES:
            raise Unreadable(f"a PDF of {count} pages; no report has so many or so few")
        left = _MOST_CHARACTERS
        pages = []
        for index in range(count):
            page = raw.FPDF_LoadPage(document, index)
            if not page:
                raise Unreadable("the page is damaged; save the original file again", f"page {index + 1}")
            stack.callback(raw.FPDF_ClosePage, page)
            words = raw.FPDFText_LoadPage(page)
            if not words:
                raise Unreadable("the page is damaged; save the original file again", f"page {index + 1}")
            stack.callback(raw.FPDFText_ClosePage, words)
            text = _text(raw, words, index + 1, left)
            left -= len(text)
            pages.append(tuple(_lines(text, index + 1, _Places(raw, words))))
        yield tuple(pages)


def _text(raw: Any, words: Any, page: int, most: int) -> str:
    """The text of one page, character by character in step with pdfium's own count."""
    count = raw.FPDFText_CountChars(words)
    if not 0 <= count <= most:
        raise Unreadable(f"{count} characters on one page", f"page {page}")
    if not count:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    got = raw.FPDFText_GetText(words, 0, count, buffer)
    text = bytes(buffer)[: 2 * max(got - 1, 0)].decode("utf-16-le", "replace")
    if len(text) != count:
        raise Unreadable("text whose characters cannot be placed", f"page {page}")
    return text


def _lines(text: str, page: int, place: _Places) -> Iterator[Line]:
    start = number = 0
    for raw_line in text.split("\n"):
        line = raw_line.rstrip()
        if line:
            number += 1
            lead = len(line) - len(line.lstrip())
            yield Line(line[lead:], page, number, start + lead, place)
        start += len(raw_line) + 1


# --- before pdfium ---------------------------------------------------------------------------


def _check(body: bytes) -> None:
    """Raises Unreadable unless the body is a plain PDF that is whole and stays small when inflated."""
    if not body.startswith(MAGIC):
        raise Unreadable("no PDF: it does not begin with %PDF-; save the original file again")
    if len(body) > _LARGEST:
        raise Unreadable(f"a PDF of {len(body)} bytes; no report is larger than {_LARGEST}")
    if b"%%EOF" not in body[-1_024:]:
        raise Unreadable("the PDF is cut: it does not end with %%EOF; save the whole file again", f"byte {len(body)}")
    syntax, sizes = _taken_apart(body)
    if found := _REFUSED.search(syntax) or _FILTER.search(syntax):
        raise Unreadable(f"a PDF with {found[0][:20].decode('latin-1')!r}, which this report does not use")
    if any(part.split(b"]", 1)[0].count(b"R") > _MOST_LISTED for part in syntax.split(b"[")[1:]):
        raise Unreadable(f"a PDF with a list of more than {_MOST_LISTED} parts")
    if sum(sizes.get(int(number), 0) for number in _REFERENCE.findall(syntax)) > _MOST_INFLATED:
        raise Unreadable(f"the PDF would grow beyond {_MOST_INFLATED} bytes: it uses the same parts again and again")


def _taken_apart(body: bytes) -> tuple[bytes, dict[int, int]]:
    """The body without the content of its streams, and how long each stream is unpacked, by its object's number."""
    kept: list[bytes] = []
    sizes: dict[int, int] = {}
    at, left = 0, _MOST_INFLATED
    while found := _STREAM.search(body, at):
        kept.append(body[at : found.start()])
        at = body.find(b"endstream", found.end())
        if at < 0:
            raise Unreadable("a part of the PDF is cut; save the whole file again", f"byte {found.start()}")
        begins = [*_OBJECT.finditer(kept[-1])]
        head = kept[-1][begins[-1].start() :] if begins else kept[-1]
        size = _inflated(body[found.end() : at], left) if _FLATE in head else at - found.end()
        left -= size
        if begins:
            number = int(begins[-1][1])
            sizes[number] = max(size, sizes.get(number, 0))
    kept.append(body[at:])
    return b"\n".join(kept), sizes


def _inflated(packed: bytes, most: int) -> int:
    """How long the stream is unpacked; Unreadable where it is longer than `most`, damaged or cut."""
    unpacker = zlib.decompressobj()
    try:
        size = len(unpacker.decompress(packed, max(most, 0) + 1))
    except zlib.error:
        raise Unreadable("a part of the PDF does not unpack; save the original file again") from None
    if size > most:
        raise Unreadable(f"the PDF would grow beyond {_MOST_INFLATED} bytes")
    if not unpacker.eof:
        raise Unreadable("a part of the PDF is cut; save the whole file again")
    return size
