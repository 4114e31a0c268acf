"""What the JSON, HTML and CSV sources share: strict text and JSON, number cells, tables by header, frames.

Pure. Everything here raises only Unreadable, Implausible or Blocked, whatever the bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import polars as pl
from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor import clock, sessions
from monitor.errors import Blocked, Implausible, Unreadable
from monitor.model import Answer, Note
from monitor.schema import TABLES
from monitor.validate import frame_schema

_EARLIEST: Final = date(1999, 1, 1)
_BLANK: Final = frozenset({"", "-", "--"})
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_LARGEST: Final = 1e15
"""Beyond this a figure of these reports is a fault, and a whole number no longer exact enough to count."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_PATH_DATE: Final = re.compile(r"(?<![0-9])((?:19|20)[0-9]{6})(?![0-9])")
_BLOCK_WORDS: Final = (
    "safeline",
    "web 应用防火墙",
    "web应用防火墙",
    "访问被阻断",
    "访问被拒绝",
    "access denied",
    "request rejected",
    "captcha",
)
_MOST_TABLES: Final = 500
_MOST_ROWS: Final = 5_000
_MOST_COLUMNS: Final = 64
_MOST_TAGS: Final = 200_000
_DEEPEST: Final = 1_000
_LONGEST_CELL: Final = 5_000
"""Limits far above any page seen (a full SHFE page has some 40 tables of up to 60 rows): nested tables, and tags
that are never closed, cost the square of their number to read."""


_TAG: Final = re.compile(
    r"<(/?)(?!(?:area|base|br|col|d[dt]|embed|hr|img|input|li|link|meta|option|p|param|source|t[dhr]|tbody|tfoot|thead|wbr)"
    r"(?![a-z0-9]))([a-z][a-z0-9]{0,20})",
    re.IGNORECASE,
)
"""Tags of what has to be closed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as printed; a cell spanning columns or rows is the same object in each place."""

    text: str


def show(raw: object) -> str:
    """`raw` for a message: quoted and short."""
    text = repr(raw)
    return text if len(text) <= 60 else text[:57] + "..."


def text_of(body: bytes) -> str:
    """The body as UTF-8 whatever the headers say, without a byte order mark; Unreadable otherwise."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("the file is not UTF-8", f"byte {error.start}") from None


def refuse_block_page(text: str, publisher: str) -> None:
    """Raises Blocked where `text` is the page of a firewall rather than a report."""
    lowered = text.lower()
    for word in _BLOCK_WORDS:
        if word in lowered:
            raise Blocked(f"{publisher} answers with a block page ({word!r}); fetch the file by hand into the inbox")


# --- JSON ----------------------------------------------------------------------------------


def json_of(text: str) -> dict[str, object]:
    """The JSON object in `text`; control characters inside strings are let through, nothing else is.

    A repeated key, NaN, an infinity, a lone surrogate or too deep a nesting is Unreadable.
    """
    try:
        loaded: object = json.loads(text, strict=False, object_pairs_hook=_once, parse_constant=_no_constant)
        if _SURROGATE.search(text):
            json.dumps(loaded, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise Unreadable(f"the JSON does not parse: {error.msg}", f"line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise Unreadable("the JSON is nested too deep") from None
    except UnicodeEncodeError:
        raise Unreadable("half a character (a lone surrogate) in a text of the JSON") from None
    except ValueError as error:
        raise Unreadable(f"the JSON does not parse: {show(str(error))}") from None
    if not isinstance(loaded, dict):
        raise Unreadable("the JSON is no object")
    return loaded


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def objects(payload: Mapping[str, object], key: str) -> list[dict[str, object]]:
    """The list of objects under `key`; Unreadable where there is none."""
    found = payload.get(key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Unreadable(f"no list of objects under {key!r}")
    return found


def label(raw: object, where: str = "") -> str:
    """A text field, trimmed, without control characters; None is ''. Unreadable for anything but text or a number."""
    if raw is None:
        return ""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Unreadable(f"{show(raw)} where a text should be", where)
    return " ".join(_CONTROL.sub(" ", str(raw)).split())


# --- numbers and dates ---------------------------------------------------------------------


def number(raw: object, where: str) -> float | None:
    """A number cell, None where it is blank or a dash; never 0 for a blank.

    Thousands separators are read where they group by three. Unreadable otherwise, with the position.
    """
    if raw is None:
        return None
    if isinstance(raw, str):
        text = raw.strip()
        if text in _BLANK:
            return None
        if len(text) > 40 or not _NUMBER.fullmatch(text):
            raise Unreadable(f"{show(raw)} is no number", where)
        value = float(text.replace(",", ""))
    elif isinstance(raw, int | float) and not isinstance(raw, bool) and -_LARGEST < raw < _LARGEST:
        value = float(raw)
    else:
        raise Unreadable(f"{show(raw)} is no number", where)
    if not math.isfinite(value) or abs(value) >= _LARGEST:
        raise Unreadable(f"{show(raw)} is no number", where)
    return value


def whole(raw: object, where: str) -> int | None:
    """As `number`, for a count: Unreadable where it has a fraction."""
    value = number(raw, where)
    if value is None:
        return None
    if not value.is_integer():
        raise Unreadable(f"{show(raw)} is no whole number", where)
    return int(value)


def iso_date(text: str, where: str = "") -> date:
    """The date of `YYYY-MM-DD` or `YYYYMMDD`; Unreadable otherwise."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}", text):
        raise Unreadable(f"{show(text)} is no date", where)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{show(text)} is no date", where) from None


def believable(session: date, answer: Answer, zone: str, where: str = "") -> None:
    """Raises Implausible for a session before 1999 or later than the day after the fetch, in the venue's zone."""
    if session < _EARLIEST:
        raise Implausible(f"a file of {session}, before anything was published", where)
    limit = answer.fetched_at.astimezone(clock.zone(zone)).date() + timedelta(days=1)
    if session > limit:
        raise Implausible(f"a file of the future: {session}, fetched on {limit - timedelta(days=1)}", where)


def same_day_as_address(session: date, url: str | None) -> None:
    """Raises Implausible where the address carries a date (YYYYMMDD in its path) that is not the one inside."""
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return
    for found in _PATH_DATE.findall(path):
        if found != f"{session:%Y%m%d}":
            raise Implausible(f"asked for {found}, the file inside is of {session:%Y%m%d}", "address")


def usual_hour(session: date, hour: str, zone: str) -> datetime:
    """`hour` ("15:30") of the session in the publisher's zone, as naive UTC."""
    return clock.naive(clock.local(session, hour, zone))


def update_moment(raw: object, session: date, hour: str, zone: str) -> tuple[datetime, bool, tuple[Note, ...]]:
    """(published, assumed, notes) from an update stamp `YYYYMMDD HH:MM:SS` in the publisher's zone.

    The stamp counts where it lies after the 15:00 close and within ten days of it: an old file served again by a
    newer site must not look as if nobody had known it. Otherwise `hour` of the session is assumed.
    """
    text, usual = label(raw, "update_date"), usual_hour(session, hour, zone)
    if not text:
        return usual, True, ()
    try:
        stamp = datetime.strptime(text, "%Y%m%d %H:%M:%S").replace(tzinfo=clock.zone(zone))
    except ValueError:
        return (
            usual,
            True,
            (Note("layout", f"the update stamp {show(text)} is not understood", session, "update_date"),),
        )
    if session <= stamp.date() <= session + timedelta(days=10) and stamp >= clock.local(session, "15:00", zone):
        return clock.naive(stamp), False, ()
    return usual, True, (Note("layout", f"the update stamp {text} does not fit {session}", session, "update_date"),)


def ordinal_note(venue: str, session: date, printed: int) -> tuple[Note, ...]:
    """A note where `printed`, the report's number in its year, is not the session's number in our calendar."""
    if not sessions.known(venue, session):
        return ()
    if not sessions.is_session(venue, session):
        return (Note("layout", f"{session} is no {venue} session in our calendar, yet a report is there", session),)
    ours = len(sessions.sessions(venue, date(session.year, 1, 1), session))
    if ours == printed:
        return ()
    return (Note("layout", f"report number {printed} of the year, our {venue} calendar counts {ours}", session),)


# --- HTML ----------------------------------------------------------------------------------


def page_of(text: str) -> LexborHTMLParser:
    """The parsed page; Unreadable unless it ends with `</html>`, because a page cut in half parses quietly, and
    where it is larger or deeper than any report.
    """
    if not text.rstrip().lower().endswith("</html>"):
        raise Unreadable("the page is cut: it does not end with </html>", f"character {len(text)}")
    if (at := text.find("\0")) >= 0:
        raise Unreadable("a NUL in the page, which a parser would leave out of a number", f"character {at}")
    if (tags := text.count("<")) > _MOST_TAGS:
        raise Unreadable(f"a page of {tags} tags; no report has more than {_MOST_TAGS}")
    if tags > _DEEPEST and _is_deep(text):
        raise Unreadable(f"more than {_DEEPEST} elements inside one another")
    page = LexborHTMLParser(text)
    if len(page.css("table")) > _MOST_TABLES:
        raise Unreadable(f"more than {_MOST_TABLES} tables in one page")
    return page


def _is_deep(text: str) -> bool:
    """Whether more than _DEEPEST elements are open at once, those aside that a page need not close."""
    opened: dict[str, int] = {}
    depth = 0
    for slash, name in _TAG.findall(text):
        key = name.lower()
        if not slash:
            opened[key] = opened.get(key, 0) + 1
            depth += 1
        elif opened.get(key):
            opened[key] -= 1
            depth -= 1
        if depth > _DEEPEST:
            return True
    return False


def grid(table: LexborNode) -> list[list[Cell]]:
    """Rows of cells with row and column spans laid out; a span that is no number counts as 1.

    Unreadable where the table is larger than any report.
    """
    nodes = table.css("tr")
    if len(nodes) > _MOST_ROWS:
        raise Unreadable(f"a table of more than {_MOST_ROWS} rows")
    below: dict[int, tuple[Cell, int]] = {}
    lines: list[list[Cell]] = []
    for node in nodes:
        line: list[Cell] = []
        for child in node.css("td, th"):
            _hang_down(line, below)
            cell, rows = Cell(cell_text(child)), _span(child, "rowspan")
            for _ in range(_span(child, "colspan")):
                if rows > 1:
                    below[len(line)] = (cell, rows - 1)
                line.append(cell)
            if len(line) > _MOST_COLUMNS:
                raise Unreadable(f"a table of more than {_MOST_COLUMNS} columns", f"row {len(lines) + 1}")
        _hang_down(line, below)
        lines.append(line)
    return lines


def _hang_down(line: list[Cell], below: dict[int, tuple[Cell, int]]) -> None:
    """Append the cells that reach down from rows above into the next places of `line`."""
    while len(line) in below:
        cell, left = below.pop(len(line))
        if left > 1:
            below[len(line)] = (cell, left - 1)
        line.append(cell)
        if len(line) > _MOST_COLUMNS:
            return


def _span(node: LexborNode, name: str) -> int:
    raw = node.attributes.get(name) or ""
    return min(max(int(raw), 1), 1_000) if re.fullmatch(r"[0-9]{1,4}", raw) else 1


def cell_text(node: LexborNode) -> str:
    """The beginning of a cell's text, inner white space made single, comments left out."""
    return " ".join(_CONTROL.sub(" ", node.text()[:_LONGEST_CELL]).split())


def header_at(lines: Sequence[Sequence[Cell]], wanted: Collection[str]) -> int | None:
    """The first row that holds every wanted heading, or None."""
    for index, line in enumerate(lines):
        if set(wanted) <= {_heading(cell) for cell in line}:
            return index
    return None


def columns(header: Sequence[Cell], wanted: Collection[str]) -> dict[str, int]:
    """Heading -> column, by its text with full-width brackets made plain; Unreadable where one is there twice."""
    names = [_heading(cell) for cell in header]
    for name in wanted:
        if names.count(name) != 1:
            raise Unreadable(f"the heading {name!r} is there {names.count(name)} times: {show(names)}")
    return {name: names.index(name) for name in wanted}


def _heading(cell: Cell) -> str:
    return cell.text.replace("（", "(").replace("）", ")").replace(" ", "")


# --- what a publisher adds -------------------------------------------------------------------


def strangers(found: Iterable[str], known: Collection[str], what: str, where: str = "") -> tuple[Note, ...]:
    """One note that names whatever stands in the file and is not known, or none."""
    odd = [name for name in dict.fromkeys(found) if name not in known]
    if not odd:
        return ()
    names = ", ".join(show(name) for name in odd[:8]) + (f" and {len(odd) - 8} more" if len(odd) > 8 else "")
    return (Note("layout", f"unknown {what}: {names}", where=where),)


def absent(found: Collection[str], wanted: Iterable[str], what: str, where: str = "") -> tuple[Note, ...]:
    """One note that names what used to stand in the file and does not, or none."""
    gone = [name for name in wanted if name not in found]
    return (
        (Note("layout", f"no {what} {', '.join(show(name) for name in gone)} any more", where=where),) if gone else ()
    )


def whole_lines(text: str) -> None:
    """Raises Unreadable where the last line does not end: a number cut in its middle is a number still."""
    if text and not text.endswith("\n"):
        raise Unreadable("the file is cut: its last line does not end", f"line {text.count(chr(10)) + 1}")


def unknown_fields(items: Iterable[Mapping[str, object]], known: Collection[str], where: str = "") -> tuple[Note, ...]:
    """One note that names the fields of the objects that are not known, or none."""
    return strangers((key for item in items for key in item), known, "field", where)


# --- frames --------------------------------------------------------------------------------


def frame(name: str, rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """A frame of table `name` with the schema's columns and types; a missing key is NULL."""
    kept = list(rows)
    wanted = frame_schema(TABLES[name])
    return pl.DataFrame([pl.Series(key, [row.get(key) for row in kept], dtype=dtype) for key, dtype in wanted.items()])
