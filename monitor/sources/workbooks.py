"""Workbooks written in XML, read as rows of cells: .xlsx, and the SpreadsheetML of Excel 2003 that is named .xls.

A document type, and with it every entity a file could declare, is refused before anything is expanded; sizes are
limited before anything is laid out. Formulas give the value saved with them. Pure; raises only Unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from xml.parsers import expat

from monitor.errors import Unreadable
from monitor.sources.biff import letters
from monitor.sources.tables import number, show
from monitor.sources.unzip import Package

_ROWS: Final = 20_000
_COLUMNS: Final = 256
_CELLS: Final = 500_000
_SHEETS: Final = 32
_LONGEST_LIST: Final = 100_000
"""Bytes of the list of sheets, which is read in the running program to recognise a workbook; a real one has 2,000."""
_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_BARE: Final = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
_SERIAL_START: Final = date(1899, 12, 30)
_SERIALS: Final = range(61, 73_051)
"""1900-03-01, from which on Excel counts correctly, to 2099-12-31."""

Value = str | float | None


@dataclass(slots=True)
class Sheet:
    """One worksheet: `rows[n]` is the row n + 1 of Excel, a cell a text, a number or None."""

    name: str
    rows: list[list[Value]] = field(default_factory=list)
    cells: int = 0

    def put(self, row: int, column: int, value: Value) -> None:
        """Lay a value (0-based place); Unreadable beyond the size of any report."""
        if not (0 <= row < _ROWS and 0 <= column < _COLUMNS) or self.cells >= _CELLS:
            raise Unreadable(f"a cell in row {row + 1}, column {column + 1}; no report is that large", self.name)
        self.cells += 1
        while len(self.rows) <= row:
            self.rows.append([])
        line = self.rows[row]
        line.extend([None] * (column + 1 - len(line)))
        line[column] = value

    def where(self, row: int, column: int) -> str:
        """The 0-based place as Excel shows it."""
        return f"sheet {self.name!r}, row {row + 1}, column {letters(column)}"


def text(value: Value) -> str:
    """A cell as a trimmed text; '' for an empty one."""
    return "" if value is None else " ".join(str(value).split())


def header_row(sheet: Sheet, wanted: Sequence[str]) -> tuple[int, dict[str, int]]:
    """(row, heading -> column) of the first row that holds every wanted heading, whatever its letter case.

    Unreadable where there is none, or where one stands there twice.
    """
    lowered = [name.lower() for name in wanted]
    for index, line in enumerate(sheet.rows):
        names = [text(cell).lower() for cell in line]
        if set(lowered) <= set(names):
            for name in lowered:
                if names.count(name) > 1:
                    raise Unreadable(f"the heading {name!r} stands there twice", f"sheet {sheet.name!r}")
            return index, {name: column for column, name in enumerate(names) if name}
    raise Unreadable(f"no row with the headings {', '.join(wanted)}", f"sheet {sheet.name!r}")


def day_of(serial: float, where: str) -> date:
    """The date of Excel's day number (1900 system); Unreadable where it is none or carries an hour."""
    if not serial.is_integer() or int(serial) not in _SERIALS:
        raise Unreadable(f"{serial!r} is no date", where)
    return _SERIAL_START + timedelta(days=int(serial))


# --- the XML inside --------------------------------------------------------------------------


def _refuse(*_: object) -> None:
    raise Unreadable("a document type declaration, which no workbook has", "XML")


def read_xml(
    body: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    data: Callable[[str], None] | None = None,
) -> None:
    """Calls back for each element by its local name and local attribute names; Unreadable for damage or a DOCTYPE."""
    parser = expat.ParserCreate(None, " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: start(
        _local(name), {_local(key): value for key, value in attributes.items()}
    )
    if end is not None:
        finish = end
        parser.EndElementHandler = lambda name: finish(_local(name))
    if data is not None:
        parser.CharacterDataHandler = data
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unreadable(f"the XML does not parse: {show(str(error))}", "XML") from None


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


# --- .xlsx -----------------------------------------------------------------------------------


def sheet_names(body: bytes) -> tuple[str, ...]:
    """The names of the sheets of an .xlsx, () where it is none; for recognising, so it never raises."""
    try:
        return tuple(_parts(Package(body, most_files=_SHEETS * 8)))
    except Unreadable:
        return ()


def xlsx(body: bytes, wanted: str) -> Sheet:
    """The sheet called `wanted` of an .xlsx; Unreadable where there is none or the package is damaged."""
    package = Package(body, most_files=_SHEETS * 8)
    parts = _parts(package)
    if wanted not in parts:
        raise Unreadable(f"no sheet {wanted!r}; the workbook has {show(', '.join(parts))}")
    shared = _shared(package.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in package.names else []
    reader = _Cells(Sheet(wanted), shared)
    read_xml(package.read(parts[wanted]), reader.start, reader.end, reader.data)
    return reader.sheet


def _parts(package: Package) -> dict[str, str]:
    """Sheet name -> the file that holds it. Workbooks that count days from 1904 are refused."""
    targets: dict[str, str] = {}
    found: dict[str, str] = {}

    def relation(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            raise Unreadable("the workbook counts its days from 1904", "xl/workbook.xml")
        if name == "sheet":
            target = targets.get(attributes.get("id", ""), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found[attributes.get("name", "")] = path
            if len(found) > _SHEETS:
                raise Unreadable(f"more than {_SHEETS} sheets", "xl/workbook.xml")

    read_xml(package.read("xl/_rels/workbook.xml.rels", _LONGEST_LIST), relation)
    read_xml(package.read("xl/workbook.xml", _LONGEST_LIST), sheet)
    return found


def _shared(body: bytes) -> list[str]:
    """The texts that cells name by number."""
    found: list[str] = []
    inside: list[str] = []
    depth = {"t": 0, "rPh": 0}

    def start(name: str, _: Mapping[str, str]) -> None:
        if name == "si":
            inside.clear()
        if name in depth:
            depth[name] += 1

    def end(name: str) -> None:
        if name in depth:
            depth[name] -= 1
        if name == "si":
            found.append("".join(inside))
            if len(found) > _CELLS:
                raise Unreadable("more texts than any report has", "xl/sharedStrings.xml")

    def data(piece: str) -> None:
        if depth["t"] and not depth["rPh"]:
            inside.append(piece)

    read_xml(body, start, end, data)
    return found


class _Cells:
    """Lays the cells of one worksheet as its XML passes by."""

    def __init__(self, sheet: Sheet, shared: Sequence[str]) -> None:
        self.sheet = sheet
        self._shared = shared
        self._row, self._column = -1, -1
        self._kind = ""
        self._inside = False
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row = _index(attributes.get("r"), self._row, self.sheet.name)
            self._column = -1
        elif name == "c":
            self._row, self._column = self._place(attributes.get("r"))
            self._kind = attributes.get("t", "n")
            self._pieces.clear()
        self._inside = name in ("v", "t")

    def data(self, piece: str) -> None:
        if self._inside:
            self._pieces.append(piece)

    def end(self, name: str) -> None:
        self._inside = False
        if name == "c":
            raw = "".join(self._pieces)
            value = self._value(raw)
            if value is not None:
                self.sheet.put(self._row, self._column, value)

    def _place(self, name: str | None) -> tuple[int, int]:
        if name is None:
            return self._row, self._column + 1
        found = _PLACE.fullmatch(name)
        if not found:
            raise Unreadable(f"{show(name)} is no place of a cell", f"sheet {self.sheet.name!r}")
        column = 0
        for letter in found[1]:
            column = 26 * column + ord(letter) - 64
        return int(found[2]) - 1, column - 1

    def _value(self, raw: str) -> Value:
        where = self.sheet.where(max(self._row, 0), max(self._column, 0))
        if self._kind == "s":
            index = int(raw) if re.fullmatch(r"[0-9]{1,7}", raw) else len(self._shared)
            if index >= len(self._shared):
                raise Unreadable(f"the text {show(raw)} is not among the shared ones", where)
            return self._shared[index]
        if self._kind == "n":
            return _number(raw, where)
        return raw or None


def _number(raw: str, where: str) -> float | None:
    """A number as XML writes it, exponents allowed; None for nothing."""
    if re.fullmatch(r"[+-]?[0-9]{1,17}(?:\.[0-9]{0,30})?[eE][+-]?[0-9]{1,2}", raw):
        return float(raw)
    return number(raw, where)


def _index(raw: str | None, last: int, name: str) -> int:
    """A 1-based index as a 0-based one; the place after `last` where none is given, Unreadable where it runs back."""
    if raw is None:
        return last + 1
    if not re.fullmatch(r"[0-9]{1,7}", raw) or int(raw) - 1 <= last:
        raise Unreadable(f"{show(raw)} is no row or column after {last + 1}", f"sheet {name!r}")
    return int(raw) - 1


# --- SpreadsheetML ---------------------------------------------------------------------------


def spreadsheetml(body: bytes, wanted: str) -> Sheet:
    """The worksheet `wanted` of a SpreadsheetML workbook; Unreadable where there is none.

    A bare ampersand, which the publisher writes in links, counts as the character; a cell's ss:Index is followed over
    the empty cells it leaps.
    """
    reader = _Table(wanted)
    read_xml(_BARE.sub(b"&amp;", body), reader.start, reader.end, reader.data)
    if reader.sheet is None:
        raise Unreadable(f"no worksheet {wanted!r}; the workbook has {show(', '.join(reader.names))}")
    return reader.sheet


class _Table:
    """Lays the cells of the one worksheet that is wanted."""

    def __init__(self, wanted: str) -> None:
        self.sheet: Sheet | None = None
        self.names: list[str] = []
        self._wanted = wanted
        self._open: Sheet | None = None
        self._row, self._column, self._across = -1, -1, 0
        self._kind = ""
        self._inside = False
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Worksheet":
            self._open_sheet(attributes.get("Name", ""))
        elif self._open is None:
            return
        elif name == "Row":
            self._row = _index(attributes.get("Index"), self._row, self._open.name)
            self._column, self._across = -1, 0
        elif name == "Cell":
            after = self._column + self._across
            self._column = _index(attributes.get("Index"), after, self._open.name)
            across = attributes.get("MergeAcross", "0")
            self._across = int(across) if re.fullmatch(r"[0-9]{1,3}", across) else 0
        elif name == "Data":
            self._kind, self._inside = attributes.get("Type", "String"), True
            self._pieces.clear()

    def data(self, piece: str) -> None:
        if self._inside:
            self._pieces.append(piece)

    def end(self, name: str) -> None:
        if name == "Worksheet":
            self._open = None
        if name != "Data" or self._open is None:
            return
        self._inside = False
        raw = "".join(self._pieces)
        where = self._open.where(max(self._row, 0), max(self._column, 0))
        value: Value = _number(raw.strip(), where) if self._kind == "Number" else raw
        self._open.put(self._row, self._column, value)

    def _open_sheet(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) > _SHEETS:
            raise Unreadable(f"more than {_SHEETS} worksheets")
        if name == self._wanted:
            if self.sheet is not None:
                raise Unreadable(f"two worksheets {name!r}")
            self.sheet = self._open = Sheet(name)
            self._row = -1
