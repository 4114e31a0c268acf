"""Figures without a feed, entered by a person: one CSV layout for dealers' quotes, margins, costs, funds and events.

`docs/inbox_csv.md` describes it with an example of every series; `monitor/tables/inbox_series.csv` lists the series
with their units, plausible ranges and whether tax may be in the figure. Every figure needs its unit, its tax basis and
the address of the page it was read from.

Numbers are plain digits with a point (1234.5): separators are ambiguous between countries and refused. `published_at`
is a moment with its zone; a bare date counts as known at the end of that day (UTC), a blank as known when the file
came in. A figure is corrected by a later file with the same series, session and address.

A mistake is a Reject with its line and column, and the other rows are loaded; a wrong header refuses the file.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from monitor import clock
from monitor.errors import Unreadable
from monitor.model import Answer, Ask, Batch, Due, Proof, Reject, Source
from monitor.sources import tables
from monitor.sources.tables import show

HEADER: Final = ("series", "session", "value", "unit", "tax_basis", "source_url", "published_at", "note")
QUOTE: Final = ("bid", "ask")
TAX_BASES: Final = ("inclusive", "exclusive", "unknown", "not_taxed")
_TABLE: Final = Path(__file__).parents[1] / "tables" / "inbox_series.csv"
_PLAIN: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST: Final = date(1970, 1, 1)
_MOST_ROWS: Final = 20_000
_LONGEST: Final = 500
_DAY_LONG: Final = timedelta(days=1)
_NEVER_DUE: Final = 400
"""Days from a session to its due time. Nobody awaits an entered figure: this lies beyond all that is checked for
lateness, so that no alarm comes of a series nobody keeps up."""


@dataclass(frozen=True, slots=True)
class Series:
    """What one series may say: plausible range by unit, tax bases, whether a bid and ask are entered."""

    ranges: Mapping[str, tuple[float, float]]
    tax_bases: tuple[str, ...]
    quote: str
    """required, optional or none."""
    days_ahead: int
    """How far its day may lie in the future."""
    needs_note: bool
    meaning: str


@lru_cache(maxsize=1)
def known_series() -> Mapping[str, Series]:
    """Every series of the shipped table by name."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, Series] = {}
    for name in dict.fromkeys(row["series"] for row in rows):
        mine = [row for row in rows if row["series"] == name]
        found[name] = Series(
            ranges={row["unit"]: (float(row["low"]), float(row["high"])) for row in mine},
            tax_bases=tuple(mine[0]["tax_basis"].split("|")),
            quote=mine[0]["quote"],
            days_ahead=int(mine[0]["days_ahead"]),
            needs_note=mine[0]["note"] == "required",
            meaning=mine[0]["meaning"],
        )
    return found


def asks(day: date) -> tuple[Ask, ...]:  # noqa: ARG001 - there is nobody to ask
    """Nothing: a person enters these figures."""
    return ()


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, never the name
    """A first line that is our header, or near enough to be meant: `series` and three more of its words."""
    line = re.split(rb"[\r\n]", body[:1_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n"))[0].lower()
    words = {word.strip(b" \"'") for word in re.split(rb"[,;\t|]", line)}
    wanted = {word.encode() for word in HEADER}
    return b"series" in words and len(words & wanted) >= 4


def parse(answer: Answer) -> Batch:
    """Rows of manual_rows, a Reject for each cell that cannot be meant.

    Raises Unreadable: no UTF-8, a wrong header, broken quotes, no row, or not one row to load.
    """
    text = tables.text_of(answer.body)
    lines = _lines(text)
    names = _header(lines[0][1] if lines else [])
    if names[-1] in QUOTE and text[-1:].isdigit():
        raise Unreadable(
            "the file ends in a figure that may be cut: press Enter after the last row and save it again",
            f"line {lines[-1][0]}",
        )
    rejects: list[Reject] = []
    rows: list[tuple[int, dict[str, object]]] = []
    for number, cells in lines[1:]:
        record, problems = _record(dict(zip(names, cells, strict=False)), len(cells), len(names), number, answer)
        rejects += problems
        if record is not None:
            rows.append((number, record))
    kept = _without_twins(rows, rejects)
    if not kept:
        first = rejects[0] if rejects else Reject("there is a header and no row")
        raise Unreadable(f"not one row can be loaded: {first.message}", first.where)
    return Batch({"manual_rows": tables.frame("manual_rows", kept)}, rejects=tuple(rejects))


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, [cell.strip() for cell in cells]))
            if len(found) > _MOST_ROWS:
                raise Unreadable(f"more than {_MOST_ROWS} rows: split the file", f"line {reader.line_num}")
    except csv.Error as error:
        raise Unreadable(f"the CSV does not parse: {error}", f"line {reader.line_num}") from None
    return found


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cells)
    if names not in (HEADER, HEADER + QUOTE):
        right = ",".join(HEADER)
        raise Unreadable(
            f"the header is {show(','.join(names))}; it must be {right} or {right},{','.join(QUOTE)}", "line 1"
        )
    return names


def _without_twins(rows: Sequence[tuple[int, dict[str, object]]], rejects: list[Reject]) -> list[dict[str, object]]:
    """The rows whose series, session and address stand once; of the others none, since nobody knows which is meant."""

    def key(row: Mapping[str, object]) -> tuple[object, ...]:
        return row["series"], row["session"], row["source_url"]

    times = Counter(key(row) for _, row in rows)
    for number, row in rows:
        if times[key(row)] > 1:
            text = f"{row['series']} of {row['session']} stands {times[key(row)]} times from one address"
            rejects.append(Reject(text, f"line {number}, column series"))
    return [row for _, row in rows if times[key(row)] == 1]


# --- one row ---------------------------------------------------------------------------------------


class _Row:
    """The cells of one row and the problems met in them."""

    def __init__(self, cells: Mapping[str, str], number: int) -> None:
        self.cells = cells
        self.number = number
        self.problems: list[Reject] = []

    def bad(self, column: str, message: str) -> None:
        self.problems.append(Reject(message, f"line {self.number}, column {column}", self.cells.get(column, "")[:80]))

    def plain(self, column: str) -> float | None:
        """The number in a cell; None where it is blank or wrong, and then said."""
        text = self.cells.get(column, "")
        if not text:
            return None
        if not _PLAIN.fullmatch(text):
            why = "is ambiguous" if re.fullmatch(r"-?[0-9][0-9.,' \u00a0\u202f]*", text) else "is no number"
            self.bad(column, f"{show(text)} {why}: write plain digits and a point, such as 1234.5")
            return None
        return float(text)


def _record(
    cells: Mapping[str, str], count: int, wanted: int, number: int, answer: Answer
) -> tuple[dict[str, object] | None, list[Reject]]:
    row = _Row(cells, number)
    if count != wanted:
        text = f"{count} cells under {wanted} headings: quote a cell that has a comma"
        return None, [Reject(text, f"line {number}", ",".join(cells.values())[:80])]
    series = known_series().get(cells["series"])
    if series is None:
        row.bad("series", f"{show(cells['series'])} is no series we know; docs/inbox_csv.md lists them")
        return None, row.problems
    unit = _among(row, "unit", tuple(series.ranges))
    session = _session(row, series, answer)
    published, assumed = _published(row, session, series, answer)
    record: dict[str, object] = {
        "series": cells["series"],
        "session": session,
        **_figures(row, series, unit),
        "unit": unit,
        "tax_basis": _among(row, "tax_basis", series.tax_bases),
        "source_url": _address(row),
        "note": _note(row, series),
        "received_at": clock.naive(answer.fetched_at),
        "published_at": clock.naive(published),
        "published_assumed": assumed,
    }
    return (None if row.problems else record), row.problems


def _among(row: _Row, column: str, allowed: tuple[str, ...]) -> str:
    text = row.cells[column]
    if text not in allowed:
        row.bad(column, f"{show(text) if text else 'a blank'} is not one of {', '.join(allowed)}")
    return text


def _session(row: _Row, series: Series, answer: Answer) -> date | None:
    text = row.cells["session"]
    session = _day(text)
    if session is None:
        row.bad("session", f"{show(text)} is no date such as 2026-01-31")
        return None
    latest = answer.fetched_at.astimezone(UTC).date() + timedelta(days=1 + series.days_ahead)
    if not _FIRST <= session <= latest:
        row.bad("session", f"{session} is not between {_FIRST} and {latest}")
        return None
    return session


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _published(row: _Row, session: date | None, series: Series, answer: Answer) -> tuple[datetime, bool]:
    """When the figure was public, and whether that is assumed."""
    text = row.cells["published_at"]
    if not text:
        return answer.fetched_at, True
    day = _day(text)
    try:
        moment = datetime.combine(day, time(23, 59, 59), UTC) if day else datetime.fromisoformat(text)
        if moment.tzinfo is None:
            row.bad("published_at", f"{show(text)} has no zone: write 2026-01-31T18:00+08:00")
            return answer.fetched_at, True
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        row.bad("published_at", f"{show(text)} is no moment such as 2026-01-31T18:00+08:00, and no date")
        return answer.fetched_at, True
    if day and answer.fetched_at < moment <= answer.fetched_at + _DAY_LONG:
        moment = answer.fetched_at
    if moment > answer.fetched_at + _DAY_LONG:
        row.bad("published_at", f"{text} lies after the moment the file came in")
    elif session is not None and not series.days_ahead and moment.date() < session - _DAY_LONG:
        row.bad("published_at", f"{text} lies before {session}, the day the figure is of")
    return moment, day is not None


def _figures(row: _Row, series: Series, unit: str) -> dict[str, float | None]:
    """Value, bid and ask; the value is the mid where only the sides are given."""
    value, bid, ask = (row.plain(column) for column in ("value", *QUOTE))
    sides = [column for column in QUOTE if row.cells.get(column)]
    if sides and series.quote == "none":
        row.bad(sides[0], "this series is one figure, without bid and ask")
    elif series.quote == "required" and len(sides) < 2:
        row.bad("bid" if "bid" not in sides else "ask", "this series needs both bid and ask")
    elif len(sides) == 1:
        row.bad(sides[0], "bid and ask are entered together or not at all")
    if bid is not None and ask is not None:
        if bid > ask:
            row.bad("bid", f"a bid of {bid:g} above the ask of {ask:g}: bid is what the dealer pays")
        elif value is None and not row.cells["value"]:
            value = (bid + ask) / 2
        elif value is not None and not bid <= value <= ask:
            row.bad("value", f"{value:g} lies outside bid {bid:g} and ask {ask:g}")
    if value is None and not row.cells["value"] and not sides and series.quote != "required":
        row.bad("value", "a blank where a number should be")
    _check_range(row, series, unit, {"value": value, "bid": bid, "ask": ask})
    return {"value": value, "bid": bid, "ask": ask}


def _check_range(row: _Row, series: Series, unit: str, figures: Mapping[str, float | None]) -> None:
    low, high = series.ranges.get(unit, (-math.inf, math.inf))
    for column, value in figures.items():
        if value is not None and not low <= value <= high:
            row.bad(column, f"{value:g} {unit} is not between {low:g} and {high:g}: look at the unit")
            return


def _address(row: _Row) -> str:
    text = row.cells["source_url"]
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        parts, host = None, None
    plain = text.isprintable() and " " not in text and len(text) <= _LONGEST
    if parts is None or parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or not plain:
        row.bad(
            "source_url", f"{show(text) if text else 'a blank'} is no address of a page such as https://example.org/a"
        )
    return text


def _note(row: _Row, series: Series) -> str:
    text = tables.label(row.cells["note"])
    if len(text) > _LONGEST:
        row.bad("note", f"a note of {len(text)} characters; the longest is {_LONGEST}")
    elif series.needs_note and not text:
        row.bad("note", "this series needs a note saying what it is about")
    return text


SOURCE: Final = Source(
    name="inbox_csv",
    title="Figures entered by hand",
    publisher="the person who saves the file",
    venue="COMEX",
    tables=("manual_rows",),
    due=Due("00:00", "UTC", days=_NEVER_DUE),
    parse=parse,
    recognise=recognise,
    asks=asks,
    page="docs/inbox_csv.md",
    terms="Whatever the page named in source_url asks of its readers; the file is yours.",
    licence="yours, or that of the page named in source_url",
    unit="each row names its own",
    history_start="none: whatever you enter",
    proof=Proof.OWN,
    verified="Our own layout; every example of docs/inbox_csv.md is read by a test.",
)
