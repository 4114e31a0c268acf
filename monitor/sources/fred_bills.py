"""Treasury bill yields of 1, 3 and 6 months, and SOFR, from the St. Louis Fed's data service FRED.

Publisher: Federal Reserve Bank of St. Louis, repeating the U.S. Treasury (DGS1MO, DGS3MO, DGS6MO: yields of constant
maturity, percent a year, bond-equivalent) and the Federal Reserve Bank of New York (SOFR, ACT/360). One CSV with a
column per series; the first heading is observation_date, in older files DATE; a missing value is blank, in older files
a full stop. Holidays stand there as rows without values. The file carries no hour: SOFR is assumed public at 09:00,
the yields at 16:30 America/New_York of the next session of government securities (SIFMA's holidays).
"""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from typing import Final

from monitor import clock, sessions
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import histories, tables
from monitor.sources.tables import show

_ZONE: Final = "America/New_York"
_FIRST: Final = date(1962, 1, 1)
_SERIES: Final = {
    "DGS1MO": ("bond-equivalent", "16:30"),
    "DGS3MO": ("bond-equivalent", "16:30"),
    "DGS6MO": ("bond-equivalent", "16:30"),
    "SOFR": ("ACT/360", "09:00"),
}
"""Column -> basis and the hour at which it is public."""
_DATES: Final = ("observation_date", "DATE")
_MISSING: Final = ("", ".")
_MOST: Final = 60_000
_WINDOW: Final = timedelta(days=14)


def asks(day: date) -> tuple[Ask, ...]:
    """The two weeks to `day`."""
    return backlog(day, day)


def backlog(start: date, end: date) -> tuple[Ask, ...]:
    """All days of a span, and the two weeks before it."""
    site = "https://fred.stlouisfed.org/graph/fredgraph.csv"
    return (Ask("fred_bills", end, f"{site}?id={','.join(_SERIES)}&cosd={start - _WINDOW}&coed={end}"),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A CSV that begins with FRED's date heading and has one of the four series."""
    head = body[:2_000].removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip().split(b",")
    return head[0].decode("latin-1") in _DATES and any(name.encode() in head[1:] for name in _SERIES)


def parse(answer: Answer) -> Batch:
    """Rows of rate_rows, one per series and date that has a value.

    Raises NotPublished (no value at all), Blocked (a firewall's page), Unreadable (another layout, a ragged or cut
    line, a date twice, a value that is no number), Implausible (a date of the future or a weekend, a rate beyond -5 or
    30 percent).
    """
    text = tables.text_of(answer.body)
    if text.lstrip().startswith("<"):
        tables.refuse_block_page(text, "FRED")
        raise Unreadable("a page where a CSV should be")
    tables.whole_lines(text)
    lines = text.splitlines()
    names = _headings(lines)
    rows: list[dict[str, object]] = []
    days: list[date] = []
    for number, line in enumerate(lines[1:], 2):
        cells = _cells(line, f"line {number}")
        if len(cells) != len(names):
            raise Unreadable(f"{len(cells)} fields under {len(names)} headings", f"line {number}")
        days.append(tables.iso_date(cells[0], f"line {number}"))
        histories.check_span(days[-1:], _FIRST, answer, _ZONE)
        rows += _rows(days[-1], dict(zip(names, cells, strict=True)), f"line {number}")
    if len(set(days)) != len(days):
        raise Unreadable("a date stands there twice")
    if not rows:
        raise NotPublished("FRED has no value for those dates yet")
    notes = tables.strangers(names[1:], tuple(_SERIES), "series, left out") + tables.absent(names, _SERIES, "series")
    return Batch({"rate_rows": tables.frame("rate_rows", rows)}, notes)


def _headings(lines: list[str]) -> list[str]:
    names = [name.strip() for name in _cells(lines[0], "line 1")] if lines else []
    if not names or names[0] not in _DATES or not set(names) & set(_SERIES):
        raise Unreadable(f"no CSV of these series: {show(names[:4])}", "line 1")
    if len(set(names)) != len(names):
        raise Unreadable("two columns of one series", "line 1")
    if len(lines) > _MOST:
        raise Unreadable(f"more than {_MOST} lines")
    return names


def _cells(line: str, where: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise Unreadable(f"the line does not split into fields: {error}", where) from None


def _rows(day: date, cells: dict[str, str], line: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for name, (basis, hour) in _SERIES.items():
        raw = cells.get(name, "").strip()
        if raw in _MISSING:
            continue
        where = f"{line} column {name}"
        if not re.fullmatch(r"-?[0-9]{1,3}(?:\.[0-9]{1,6})?", raw):
            raise Unreadable(f"{show(raw)} is no rate", where)
        percent = float(raw)
        if not -5 <= percent <= 30:
            raise Implausible(f"{day}: a rate of {raw} percent", where)
        if day.weekday() > 4:
            raise Implausible(f"a rate of a {day:%A}: {day}", where)
        published = clock.local(sessions.following("SIFMA", day), hour, _ZONE)
        rows.append(
            {
                "session": day,
                "series": name,
                "percent": percent,
                "basis": basis,
                "revision": "",
                "published_at": clock.naive(published),
                "published_assumed": True,
            }
        )
    return rows


SOURCE: Final = Source(
    name="fred_bills",
    title="Treasury bill yields and SOFR from FRED",
    publisher="Federal Reserve Bank of St. Louis",
    venue="SIFMA",
    tables=("rate_rows",),
    due=Due("17:00", _ZONE, days=1, in_sessions=True, grace_minutes=36 * 60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    hosts=("fred.stlouisfed.org",),
    page="https://fred.stlouisfed.org/series/DGS3MO",
    terms="Open without a key; the yields are the U.S. Treasury's, in the public domain, SOFR the New York Fed's. "
    "FRED's own conditions for programs were not reviewed here; name FRED and the original source.",
    terms_url="https://fred.stlouisfed.org/legal/",
    licence="public domain (Treasury); free under terms of use (SOFR)",
    unit="percent a year",
    history_start="2001-07-31",
    proof=Proof.DOCUMENTS,
    verified="Known from documents; a table assembled by others from the same series served to learn which days have "
    "values, not as a layout.",
    parser_version=2,
)
