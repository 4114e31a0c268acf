"""COMEX and NYMEX warehouse stocks: four .xls reports, each overwritten in place every business day.

Publisher: CME Group. One sheet of nine columns; platinum and palladium stand one above the other in one file. The
header row is found by its words and so are the columns; depositories are blocks under a row with only a name. The
session is the activity date; the report date is usually the next business day. The file carries no hour, so it
counts as published at 17:00 America/New_York of its report date, marked as assumed.

A file is believed only where its own sums hold, to 0.01 of the unit; `pledged` is a memo inside `registered` and
never added. Not checked here, because no file shows it: registered and eligible swapped throughout, or two
depositories swapped. Metal kept: silver, gold, platinum and palladium in troy ounces, copper in short tons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter
from typing import Final, NamedTuple, cast

import polars as pl

from monitor import clock
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.schema import TABLES
from monitor.sources import biff, cells
from monitor.sources.tables import believable, show
from monitor.validate import frame_schema

TOLERANCE: Final = 0.01
"""How far a printed sum may lie from ours, in the report's unit; enough for the float dust of every captured file."""


class Metal(NamedTuple):
    """A metal of the report: its unit as printed and as stored, and the combined total we can believe, in that unit.

    Each range holds the levels of 2026 and is narrower than a factor of 1000, so that a slip of three digits never
    passes: silver 316 to 449 million, gold 29 to 36 million, platinum 645,366, palladium 211,306, copper 508,881 to
    633,000.
    """

    name: str
    printed_unit: str
    unit: str
    low: float
    high: float


METALS: Final = {
    "SILVER": Metal("silver", "Troy Ounce", "troy_oz", 20e6, 2e9),
    "GOLD": Metal("gold", "Troy Ounce", "troy_oz", 1e6, 300e6),
    "PLATINUM": Metal("platinum", "Troy Ounce", "troy_oz", 20e3, 10e6),
    "PALLADIUM": Metal("palladium", "Troy Ounce", "troy_oz", 5e3, 4e6),
    "COPPER - HIGH GRADE": Metal("copper", "Short Tons", "short_ton", 5e3, 4e6),
}
NUMBERS: Final = ("PREV TOTAL", "RECEIVED", "WITHDRAWN", "NET CHANGE", "ADJUSTMENT", "TOTAL TODAY")
_LABELS: Final = ("DEPOSITORY", "DELIVERY POINT")
_HEADER_WORDS: Final = frozenset((*NUMBERS, *_LABELS))
_UNITS: Final = frozenset(metal.printed_unit for metal in METALS.values())
_KNOWN: Final = _UNITS.union(METALS)
_LINES: Final = {
    "registered": "registered",
    "registered (warranted)": "registered",
    "pledged": "pledged",
    "eligible": "eligible",
    "eligible (non-warranted)": "eligible",
    "total": "total",
}
_SUMS: Final = {
    "total registered": "registered",
    "total registered (warranted)": "registered",
    "total pledged": "pledged",
    "total eligible": "eligible",
    "total eligible (non-warranted)": "eligible",
    "combined total": "total",
    "total copper": "total",
}
_DATE_LINE: Final = re.compile(r"(Report|Activity) Date:\s*([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.IGNORECASE)
_TITLES: Final = frozenset(
    {
        "commodity exchange, inc.",
        "new york mercantile exchange",
        "metal depository statistics",
        "metal warehouse stocks statistics",
    }
)
_BOILERPLATE: Final = (
    "registrar's office email:",
    "the information in this report is taken from",
    "the commodity exchange, inc. disclaims",
    "the new york mercantile exchange, inc. disclaims",
    "this report is produced for information",
    "for questions regarding this report",
    "note: 400 oz and eligible brands",
)
_ALL_FLOAT: Final = {float}
_LONGEST_LAG: Final = timedelta(days=10)


class _Line(NamedTuple):
    """One printed row: its six numbers, of which only a pledged row may lack some. Sums have no depository."""

    row: int
    depository: str
    category: str
    label: str
    numbers: tuple[float | None, ...]


class _Loose(NamedTuple):
    """A text outside header and numbers."""

    row: int
    column: int
    text: str


@dataclass(slots=True)
class _Block:
    """One metal's part of a sheet; `lines` by (depository, category), as printed."""

    sheet: biff.Sheet
    label_column: int
    columns: list[int]
    metal: Metal
    report: date
    activity: date
    dated: str
    names: list[str] = field(default_factory=list)
    lines: dict[tuple[str, str], _Line] = field(default_factory=dict)

    def where(self, line: _Line, number: int) -> str:
        return self.sheet.at(line.row, self.columns[number])


def parse(answer: Answer) -> Batch:
    """One workbook as `comex_stock_rows` and `comex_stock_sums`, with notes for texts the report never had before."""
    cells.require(answer.body, biff.OLE2, "CME's stock report as an .xls workbook")
    sheets = biff.read_workbook(answer.body)
    blocks: list[_Block] = []
    notes: list[Note] = []
    for sheet in sheets:
        found, said = _read_sheet(sheet)
        blocks += found
        notes += said
    if not blocks:
        held = "; ".join(f"{sheet.name!r} with {len(sheet.rows)} rows" for sheet in sheets)
        raise Unreadable(f"no sheet has the header row {', '.join(NUMBERS)}; found {held or 'no sheet at all'}")
    names = [block.metal.name for block in blocks]
    for block in blocks:
        if names.count(block.metal.name) > 1:
            raise Unreadable(f"{block.metal.name} appears {names.count(block.metal.name)} times", block.sheet.name)
        _check_dates(block, answer)
        _check_balance(block)
    return Batch(_frames(blocks), tuple(notes))


# --- reading -------------------------------------------------------------------------------


def _read_sheet(sheet: biff.Sheet) -> tuple[list[_Block], list[Note]]:
    """The metals of one sheet, and its unfamiliar texts; none of either where it has no header row."""
    blocks: list[_Block] = []
    notes: list[Note] = []
    at = 0
    while (head := _header_row(sheet, at)) is not None:
        loose = _loose_texts(sheet, at, head)
        block, extra = _open_block(sheet, head, loose)
        session = blocks[-1].activity if blocks else block.activity
        notes += _notes(sheet, loose, session) + extra
        at = _read_body(block, head + 1, notes)
        blocks.append(block)
    if blocks:
        notes += _notes(sheet, _loose_texts(sheet, at, len(sheet.rows)), blocks[-1].activity)
    return blocks, notes


def _header_row(sheet: biff.Sheet, start: int) -> int | None:
    """The next row with at least three of the header's words."""
    for at in range(start, len(sheet.rows)):
        row = sheet.rows[at]
        if not _HEADER_WORDS.isdisjoint(row) and len(_HEADER_WORDS.intersection(row)) >= 3:
            return at
    return None


def _open_block(sheet: biff.Sheet, head: int, loose: list[_Loose]) -> tuple[_Block, list[Note]]:
    """A block from its header row and the texts above it; Unreadable where column, metal, unit or date is missing."""
    texts = [str(value).strip() for value in sheet.rows[head]]
    labels = [name for name in _LABELS if name in texts]
    missing = [name for name in NUMBERS if texts.count(name) != 1]
    if missing or len(labels) != 1:
        wanted = ", ".join(missing or _LABELS)
        raise Unreadable(f"expected one column {wanted} in the header, found {_shown(texts)}", sheet.at(head))
    metal = METALS[_one(sheet, head, loose, METALS, "metal")]
    unit = _one(sheet, head, loose, _UNITS, "unit")
    if unit != metal.printed_unit:
        raise Unreadable(f"expected {metal.name} in {metal.printed_unit!r}, found {unit!r}", sheet.at(head))
    printed = [(item, found) for item in loose if (found := _DATE_LINE.fullmatch(item.text))]
    days = {found[1].lower(): _day(found, sheet.at(item.row, item.column)) for item, found in printed}
    if len(days) != 2 or len(printed) != 2:
        raise _unexpected(sheet, head, "Report Date and one Activity Date", loose)
    columns = [texts.index(name) for name in NUMBERS]
    dated = sheet.at(printed[0][0].row, printed[0][0].column)
    block = _Block(sheet, texts.index(labels[0]), columns, metal, days["report"], days["activity"], dated)
    extra = [
        Note("layout", f"unknown column {show(text)}, not read", block.activity, sheet.at(head, column))
        for column, text in enumerate(texts)
        if text and text not in _HEADER_WORDS
    ]
    return block, extra


def _one(sheet: biff.Sheet, head: int, loose: list[_Loose], known: Iterable[str], what: str) -> str:
    """The one text above the header that is in `known`."""
    found = [item.text for item in loose if item.text in known]
    if len(found) != 1:
        raise _unexpected(sheet, head, f"{what} of {', '.join(sorted(known))}", loose)
    return found[0]


def _unexpected(sheet: biff.Sheet, head: int, wanted: str, loose: list[_Loose]) -> Unreadable:
    seen = _shown(item.text for item in loose)
    return Unreadable(f"expected one {wanted} above the header, found {seen}", sheet.at(head))


def _day(found: re.Match[str], where: str) -> date:
    try:
        return date(int(found[4]), int(found[2]), int(found[3]))
    except ValueError:
        raise Unreadable(f"{show(found[0])} is no date", where) from None


def _read_body(block: _Block, start: int, notes: list[Note]) -> int:
    """Depositories and sums from row `start`; returns the row after the combined total."""
    sheet, name = block.sheet, ""
    pick = itemgetter(*block.columns)
    for at in range(start, len(sheet.rows)):
        row = sheet.rows[at]
        raw = row[block.label_column]
        label = raw.strip() if isinstance(raw, str) else show(raw)
        key = label.lower()
        if key in _LINES and name:
            _put(block, _Line(at, name, _LINES[key], label, pick(row)))
        elif key in _SUMS:
            name = ""
            _put(block, _Line(at, name, _SUMS[key], label, pick(row)))
            if _SUMS[key] == "total":
                return at + 1
        elif len(row) - row.count("") > bool(label) and any(row[column] != "" for column in block.columns):
            raise Unreadable(f"numbers beside {show(label)}, which is no category of a depository", sheet.at(at))
        elif "correction" in key:
            notes.append(Note("correction", label, block.activity, sheet.at(at, block.label_column)))
        elif label in block.names:
            raise Unreadable(f"{block.metal.name}: {show(label)} appears twice", sheet.at(at))
        elif label:
            name = label
            block.names.append(name)
    raise Unreadable(f"the sheet ends before the combined total of {block.metal.name}", sheet.at(len(sheet.rows) - 1))


def _put(block: _Block, line: _Line) -> None:
    if block.lines.setdefault((line.depository, line.category), line) is not line:
        of = show(line.depository or "the sums")
        raise Unreadable(f"{block.metal.name}: {line.label!r} of {of} appears twice", block.sheet.at(line.row))


def _loose_texts(sheet: biff.Sheet, start: int, end: int) -> list[_Loose]:
    return [
        _Loose(at, column, str(value).strip())
        for at in range(start, end)
        for column, value in enumerate(sheet.rows[at])
        if value != ""
    ]


def _notes(sheet: biff.Sheet, loose: list[_Loose], session: date) -> list[Note]:
    """A note for every text that is neither the report's usual wording nor its metal, unit or dates."""
    notes = []
    for item in loose:
        lowered = item.text.lower()
        correction = "correction" in lowered
        usual = not item.text or item.text in _KNOWN or lowered in _TITLES or lowered.startswith(_BOILERPLATE)
        if correction or not (usual or _DATE_LINE.fullmatch(item.text)):
            kind = "correction" if correction else "footer"
            notes.append(Note(kind, " ".join(item.text.split())[:1000], session, sheet.at(item.row, item.column)))
    return notes


def _shown(texts: Iterable[str]) -> str:
    """The texts that are not empty, quoted, at most twelve."""
    found = [show(text) for text in texts if text]
    return ", ".join(found[:12]) or "nothing"


# --- believing -----------------------------------------------------------------------------


def _check_dates(block: _Block, answer: Answer) -> None:
    where = block.dated
    cells.check_session(block.activity, answer, where)
    believable(block.report, answer, "America/New_York", where)
    if not timedelta(0) <= block.report - block.activity <= _LONGEST_LAG:
        raise Implausible(
            f"{block.metal.name}: report of {block.report} on activity of {block.activity}, expected 0 to "
            f"{_LONGEST_LAG.days} days between them; look at the file",
            where,
        )


def _check_balance(block: _Block) -> None:
    """Every identity of the report; Implausible, with the cell, where one does not hold."""
    parts: dict[str, list[_Line]] = {"registered": [], "pledged": [], "eligible": [], "total": []}
    for key, line in block.lines.items():
        whole = line if set(map(type, line.numbers)) == _ALL_FLOAT else _with_numbers(block, line)
        block.lines[key] = proved = _balanced(block, whole)
        if line.depository:
            parts[line.category].append(proved)
    _check_complete(block, bool(parts["pledged"]))
    for name in (*block.names, ""):
        _check_pair(block, name)
    for category, lines in parts.items():
        if ("", category) in block.lines:
            _check_sum(block, block.lines["", category], lines)
    combined, metal = block.lines["", "total"], block.metal
    today = combined.numbers[5]
    if today is None or not metal.low <= today <= metal.high:
        raise Implausible(
            f"{metal.name}: {today} {metal.unit} in all, expected {metal.low:g} to {metal.high:g}; look at the unit",
            block.where(combined, 5),
        )


def _check_complete(block: _Block, pledged: bool) -> None:
    """Unreadable where a depository or the sums lack a row; there is a sum of pledged where anyone has pledged."""
    wanted = [(name, category) for name in (*block.names, "") for category in ("registered", "eligible", "total")]
    if pledged:
        wanted.append(("", "pledged"))
    for name, category in wanted:
        if (name, category) not in block.lines:
            raise Unreadable(f"{block.metal.name}: {show(name or 'the sums')} has no {category} row", block.sheet.name)


def _with_numbers(block: _Block, line: _Line) -> _Line:
    """The line with None for its empty cells; Unreadable for a text, or for a number that must not be missing."""
    numbers: list[float | None] = []
    for index, value in enumerate(cast("tuple[object, ...]", line.numbers)):
        if type(value) is float or type(value) is int:
            numbers.append(float(value))
        elif value == "" and line.category == "pledged" and 0 < index < 5:
            numbers.append(None)
        else:
            what = "an empty cell" if value == "" else show(value)
            raise Unreadable(f"{what} where {line.label!r} should have a number", block.where(line, index))
    return line._replace(numbers=tuple(numbers))


def _balanced(block: _Block, line: _Line) -> _Line:
    """The line, its own two identities proved where it is whole, and nothing in it below zero."""
    if None in line.numbers:
        return _not_negative(block, line)
    previous, received, withdrawn, net, adjustment, today = cast("tuple[float, ...]", line.numbers)
    moved, after = received - withdrawn, previous + net + adjustment
    if not abs(net - moved) <= TOLERANCE:
        raise _odd(block, line, 3, moved, "RECEIVED - WITHDRAWN")
    if not abs(today - after) <= TOLERANCE:
        raise _odd(block, line, 5, after, "PREV TOTAL + NET CHANGE + ADJUSTMENT")
    if previous < 0 or received < 0 or withdrawn < 0 or today < 0:
        return _not_negative(block, line)
    return line


def _not_negative(block: _Block, line: _Line) -> _Line:
    """The line with dust below zero as zero; Implausible where a stock or a movement is truly negative."""
    numbers = list(line.numbers)
    for index in (0, 1, 2, 5):
        value = numbers[index]
        if value is not None and not value >= 0:
            if not value >= -TOLERANCE:
                raise Implausible(
                    f"{block.metal.name}: {NUMBERS[index]} of {line.label!r} is {value}; look at the file",
                    block.where(line, index),
                )
            numbers[index] = 0.0
    return line._replace(numbers=tuple(numbers))


def _check_pair(block: _Block, name: str) -> None:
    """Total = registered + eligible, of one depository or, with '', of the sums; pledged is not added."""
    registered = cast("tuple[float, ...]", block.lines[name, "registered"].numbers)
    eligible = cast("tuple[float, ...]", block.lines[name, "eligible"].numbers)
    total = block.lines[name, "total"]
    whole = cast("tuple[float, ...]", total.numbers)
    for index, (printed, one, other) in enumerate(zip(whole, registered, eligible, strict=True)):
        if not abs(printed - one - other) <= TOLERANCE:
            raise _odd(block, total, index, one + other, "registered + eligible")


def _check_sum(block: _Block, total: _Line, parts: Sequence[_Line]) -> None:
    """Each number of a sum is that of its depositories; an empty cell adds nothing and is not a sum."""
    sums = [sum(filter(None, column)) for column in zip(*[part.numbers for part in parts], strict=True)]
    for index, (printed, added) in enumerate(zip(total.numbers, sums or [0.0] * len(NUMBERS), strict=True)):
        if printed is not None and not abs(printed - added) <= TOLERANCE:
            raise _odd(block, total, index, added, f"{total.category} of all depositories together")


def _odd(block: _Block, line: _Line, index: int, wanted: float, what: str) -> Implausible:
    return Implausible(
        f"{block.metal.name}: {NUMBERS[index]} of {show(f'{line.depository} {line.label}'.strip())} is "
        f"{line.numbers[index]}, but {what} gives {wanted}; look at the file",
        block.where(line, index),
    )


# --- frames --------------------------------------------------------------------------------


def _frames(blocks: list[_Block]) -> dict[str, pl.DataFrame]:
    """Both tables, built as one frame and cut in two: building a frame costs more than reading the sheet."""
    rows: list[tuple[object, ...]] = []
    sums: list[tuple[object, ...]] = []
    for block in blocks:
        known = block.activity, block.report, block.metal.name
        published = clock.naive(clock.local(block.report, "17:00", "America/New_York"))
        for line in block.lines.values():
            row = *known, line.depository, line.category, *line.numbers, block.metal.unit, published, True
            (rows if line.depository else sums).append(row)
    both = pl.DataFrame(rows + sums, schema=frame_schema(TABLES["comex_stock_rows"]), orient="row")
    tail = both.tail(len(sums))
    tail.drop_in_place("depository")
    return {"comex_stock_rows": both.head(len(rows)), "comex_stock_sums": tail}


# --- the source ----------------------------------------------------------------------------

_FILES: Final = ("Silver_stocks.xls", "Gold_Stocks.xls", "Copper_Stocks.xls", "PA-PL_Stck_Rprt.xls")
_SIGNS: Final = ("METAL DEPOSITORY STATISTICS", "METAL WAREHOUSE STOCKS STATISTICS", "Daily Metal Stocks Report")
_MARKS: Final = tuple(sign.encode(coding) for sign in _SIGNS for coding in ("latin-1", "utf-16-le"))


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """An .xls workbook with the report's own heading or sheet name in it."""
    return body.startswith(biff.OLE2) and any(mark in body for mark in _MARKS)


def asks(day: date) -> tuple[Ask, ...]:
    """The four files; they are the newest ones whatever the day, so only the newest session can be asked for."""
    return tuple(Ask("comex_stocks", day, f"https://www.cmegroup.com/delivery_reports/{file}") for file in _FILES)


SOURCE: Final = Source(
    name="comex_stocks",
    title="COMEX and NYMEX warehouse stocks",
    publisher="CME Group",
    venue="COMEX",
    tables=("comex_stock_rows", "comex_stock_sums"),
    due=Due("17:00", "America/New_York", days=1, in_sessions=True),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    parts=(("silver",), ("gold",), ("copper",), ("platinum", "palladium")),
    hosts=cells.HOSTS,
    page="https://www.cmegroup.com/solutions/clearing/operations-and-deliveries/nymex-delivery-notices.html",
    terms=cells.TERMS,
    terms_url=cells.TERMS_URL,
    licence=cells.LICENCE,
    unit="troy_oz; short_ton for copper",
    history_start="none: only the newest report can be had",
    proof=Proof.CAPTURES,
    verified="213 captured workbooks of activity 2025-12-24 to 2026-03-20, read in full and equal to their answers",
)
