"""Cells of .xls workbooks, the container walked before any of it is believed.

python-calamine believes every size a workbook claims: one flipped byte in a sector chain, a string count, a
sheet extent or a cell address makes it ask for terabytes, and then the process dies instead of raising. So the
container and the records are walked here first, and only a workbook of plausible shape is handed over.

Pure. Everything here raises only Unreadable, whatever the bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from monitor.errors import Unreadable

OLE2: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_LARGEST: Final = 4_000_000
_SHEETS: Final = 16
_ROWS: Final = 4096
_COLUMNS: Final = 32
_SECTOR: Final = 512
_END: Final = 0xFFFFFFFE
_NO_SECTOR: Final = 0xFFFFFFFA

# Runs of ordinary cell records, each inside the first _ROWS rows and _COLUMNS columns, matched at C speed:
# label, number, short number, blank; and row heights between them.
_PLACE: Final = rb".[\x00-\x0f][\x00-\x1f]\x00"
_RUN: Final = re.compile(
    rb"(?:\x03\x02\x0e\x00" + _PLACE + rb".{10}|(?:\xfd\x00|\x7e\x02)\x0a\x00" + _PLACE + rb".{6}"
    rb"|\x01\x02\x06\x00" + _PLACE + rb"..|\x08\x02\x10\x00.{16})*+",
    re.DOTALL,
)
# The same records, one match for each stretch of cells in one row with the heights before it, capturing its number.
_STRETCH: Final = re.compile(
    rb"(?:\x08\x02\x10\x00.{16})*+(?=.{4}(..))(?:\x03\x02\x0e\x00\1.{12}|(?:\xfd\x00|\x7e\x02)\x0a\x00\1.{8}"
    rb"|\x01\x02\x06\x00\1.{4})++",
    re.DOTALL,
)
# Fonts of the usual lengths and cell formats, which fill most of the part before the sheets.
_STYLES: Final = re.compile(rb"(?:\xe0\x00\x14\x00.{20}|\x31\x00\x1f\x00.{31}|\x31\x00\x15\x00.{21})*+", re.DOTALL)
_STYLED: Final = frozenset({0x0031, 0x00E0})
_RUNNING: Final = frozenset({0x00FD, 0x0201, 0x0203, 0x0208, 0x027E})
_BOUNDSHEET: Final = 0x0085
_STRINGS: Final = 0x00FC
_EOF: Final = 0x000A
_DIMENSIONS: Final = 0x0200
_FORMULA: Final = 0x0006
_FORMULA_TEXT: Final = 0x0207
_MANY: Final = frozenset({0x00BD, 0x00BE})
_PLACED: Final = frozenset({0x0201, 0x0203, 0x0204, 0x0205, _FORMULA, 0x027E, 0x00FD, *_MANY})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its cells as Python values ('' for an empty one), without leading blank rows."""

    name: str
    top: int
    """How many blank rows precede rows[0]."""
    left: int
    """How many blank columns precede rows[..][0]."""
    rows: Sequence[Sequence[object]]

    def at(self, row: int, column: int | None = None) -> str:
        """Where `rows[row][column]` is, as Excel shows it: 1-based row, lettered column."""
        place = f"sheet {self.name!r}, row {self.top + row + 1}"
        return place if column is None else f"{place}, column {letters(self.left + column)}"


def letters(column: int) -> str:
    """The letters of a 0-based column: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def read_workbook(body: bytes) -> tuple[Sheet, ...]:
    """Every worksheet of an .xls body that begins with OLE2; Unreadable where it is damaged or too large."""
    stream = _workbook_stream(body)
    for start in _sheet_starts(stream):
        _check_cells(stream, start)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(body))
        return tuple(_sheet(book, index) for index in range(len(book.sheet_names)))
    except CalamineError as error:
        raise Unreadable(f"the workbook is damaged: {error}; save the original file again") from error
    except BaseException as error:
        # A panic in the reader arrives as an exception that is no Exception and has no importable class.
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(f"the workbook is damaged: {error}; save the original file again") from error


def _sheet(book: CalamineWorkbook, index: int) -> Sheet:
    sheet = book.get_sheet_by_index(index)
    top, left = sheet.start or (0, 0)
    return Sheet(sheet.name, top, left, sheet.to_python())


def _damaged(what: str, offset: int | None = None) -> Unreadable:
    where = "" if offset is None else f"byte {offset} of the workbook stream"
    return Unreadable(f"the workbook is damaged: {what}; save the original file again", where)


def _workbook_stream(body: bytes) -> bytes:
    """The records of the workbook, out of its sectors; Unreadable where a sector, a chain or a size is impossible."""
    count = -(-(len(body) - _SECTOR) // _SECTOR)
    if count < 1 or len(body) > _LARGEST:
        raise Unreadable(f"{len(body)} bytes is no size for a stock report, which has about 15,000 to 25,000")
    shift = struct.unpack_from("<H", body, 30)[0]
    directories, tables, start, _, _, mini, minis, more, mores = struct.unpack_from("<9I", body, 40)
    if shift != 9 or more < _NO_SECTOR or max(directories, tables, minis, mores) > count:
        raise _damaged("its header describes more than the file holds")
    used = -(-len(body[76:_SECTOR].rstrip(b"\xff")) // 4)
    ids = [one for one in struct.unpack_from(f"<{used}I", body, 76) if one < 0xFFFFFFFC]
    if any(one >= count for one in ids):
        raise _damaged("its sector table lies outside the file")
    table = b"".join(_sector(body, one) for one in ids)
    fat = struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])
    entries = b"".join(_sector(body, one) for one in _chain(fat, start, count))
    if minis:
        _chain(fat, mini, count)
        _chain(fat, struct.unpack_from("<I", entries.ljust(128, b"\0"), 116)[0], count)
    begin, size = _workbook_entry(entries, len(body))
    chain = _chain(fat, begin, count)
    if chain == list(range(begin, begin + len(chain))):
        return body[_SECTOR + begin * _SECTOR :][:size]
    return b"".join(_sector(body, one) for one in chain)[:size]


def _sector(body: bytes, one: int) -> bytes:
    return body[_SECTOR + one * _SECTOR : 2 * _SECTOR + one * _SECTOR]


def _chain(fat: tuple[int, ...], start: int, count: int) -> list[int]:
    """The sectors of one chain; Unreadable where it leaves the file or runs in a circle."""
    found: list[int] = []
    at = start
    while at != _END:
        if at >= min(count, len(fat)) or len(found) > count:
            raise _damaged("a chain of sectors does not end")
        found.append(at)
        at = fat[at]
    return found


def _workbook_entry(entries: bytes, most: int) -> tuple[int, int]:
    """First sector and size of the stream named Workbook, the only one that may hold cells."""
    found: dict[str, tuple[int, int]] = {}
    if len(entries) % 128:
        raise _damaged("its directory is cut")
    for at in range(0, len(entries), 128):
        begin, size = struct.unpack_from("<II", entries, at + 116)
        name = entries[at : at + 64]
        if size > most or name.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
            raise _damaged("its directory describes more than the file holds")
        found.setdefault(name.decode("utf-16-le", "replace").split("\0", 1)[0], (begin, size))
    if "Workbook" not in found or "Book" in found or "_VBA_PROJECT_CUR" in found:
        names = ", ".join(repr(name) for name in found if name)
        raise Unreadable(f"not a plain Excel 97 workbook: expected one stream named 'Workbook', found {names[:200]}")
    begin, size = found["Workbook"]
    if size < 4096:
        raise Unreadable(f"a workbook of {size} bytes is no stock report")
    return begin, size


def _sheet_starts(stream: bytes) -> list[int]:
    """Where each sheet's records begin; Unreadable where the string table or the list of sheets is impossible."""
    starts: list[int] = []
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind in _STYLED and (run := _STYLES.match(stream, at)) and run.end() > at:
            at = run.end()
            continue
        if kind == _EOF:
            break
        if kind == _BOUNDSHEET:
            if size < 8 or at + 12 > len(stream):
                raise _damaged("the place of a sheet is missing", at)
            starts.append(struct.unpack_from("<I", stream, at + 4)[0])
        elif kind == _STRINGS and at + 12 <= len(stream):
            unique = struct.unpack_from("<i", stream, at + 8)[0]
            if not 0 <= unique <= len(stream):
                raise _damaged(f"it claims {unique} different texts", at)
        at += 4 + size
    if len(starts) > _SHEETS:
        raise _damaged(f"it claims {len(starts)} sheets")
    return starts


def _check_cells(stream: bytes, start: int) -> None:
    """Walk one sheet's records; Unreadable where cells are out of order or lie far outside a report."""
    at, last, formula = start, 0, 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind in _RUNNING and (run := _RUN.match(stream, at)) and run.end() > at:
            last = _last_row(stream, at, run.end(), last)
            at = run.end()
            continue
        if kind == _EOF:
            return
        if kind == _DIMENSIONS:
            _check_extent(stream, at, size)
        elif kind == _FORMULA_TEXT:
            last = _next_row(formula, last, at)
        elif kind in _PLACED and size >= 6 and at + 4 + size <= len(stream):
            last = _next_row(_placed_row(stream, at, kind, size), last, at)
            formula = last if kind == _FORMULA else formula
        at += 4 + size


def _last_row(stream: bytes, at: int, end: int, last: int) -> int:
    """The last row of a run of cells, none of which may lie above the one before."""
    numbers = b"".join(_STRETCH.findall(stream, at, end))
    rows = [last, *struct.unpack(f"<{len(numbers) // 2}H", numbers)]
    if rows != sorted(rows):
        raise _damaged("the rows of a sheet are out of order", at)
    return int(rows[-1])


def _next_row(row: int, last: int, at: int) -> int:
    if row < last:
        raise _damaged(f"a cell of row {row + 1} follows one of row {last + 1}", at)
    return row


def _placed_row(stream: bytes, at: int, kind: int, size: int) -> int:
    row, column = struct.unpack_from("<HH", stream, at + 4)
    if kind in _MANY:
        column = max(column, struct.unpack_from("<H", stream, at + 2 + size)[0])
    if row >= _ROWS or column >= _COLUMNS:
        raise _damaged(f"a cell lies in row {row + 1}, column {column + 1}", at)
    return int(row)


def _check_extent(stream: bytes, at: int, size: int) -> None:
    if size != 14 or at + 18 > len(stream):
        raise _damaged("a sheet's extent has no known form", at)
    top, bottom, left, right = struct.unpack_from("<IIHH", stream, at + 4)
    if not (top <= bottom <= _ROWS and left <= right <= 256):
        raise _damaged(f"a sheet claims rows {top} to {bottom} and columns {left} to {right}", at)
