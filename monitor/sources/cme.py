"""What CME's printed reports share: product names, price units, dates, run times, the head of a delivery report.

Pure. Everything here raises only Unreadable or Implausible, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from monitor import clock
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Note
from monitor.sources import cells, glance
from monitor.sources.pdf import Line
from monitor.sources.tables import show

ZONE: Final = "America/Chicago"
NEVER_LATE: Final = 100 * 365 * 24 * 60
"""Grace in minutes for files that fill gaps: none of them is ever missed."""
PRICE_UNITS: Final = {
    **dict.fromkeys(("GC", "MGC", "1OZ", "QO", "SI", "SIL", "SIC", "QI", "PL", "PA"), "troy_oz"),
    **dict.fromkeys(("HG", "MHG", "QC"), "pound"),
    "ALI": "tonne",
}
"""Product code -> the unit its price, in dollars, is for; the others' are not established here."""
DELIVERED: Final = {
    "COMEX 5000 SILVER FUTURES": ("COMEX", "SI"),
    "COMEX 100 GOLD FUTURES": ("COMEX", "GC"),
    "COMEX COPPER FUTURES": ("COMEX", "HG"),
    "PLATINUM FUTURES NYMEX": ("NYMEX", "PL"),
    "PALLADIUM FUTURES NYMEX": ("NYMEX", "PA"),
    "ALUMINUM FUTURES": ("COMEX", "ALI"),
    "MICRO GOLD FUTURES": ("COMEX", "MGC"),
    "MICRO SILVER FUTURES": ("COMEX", "SIL"),
}
"""Name in the delivery reports, whole, since GOLD and SILVER alone are in two of them -> venue and code."""
ACCOUNTS: Final = {"C": "customer", "H": "house"}
END: Final = "<<< End of Report >>>"
_MOST_NOTES: Final = 50
_MONTHS: Final = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER",
    "DECEMBER",
)  # fmt: skip
_DAY: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_CONTRACT: Final = re.compile(r"([A-Z]+) (20[0-9]{2}) (\S.*)")
_COUNT: Final = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,3}")
_BUSINESS: Final = re.compile(r"BUSINESS DATE:\s+(\S+)")
_RUN_DATE: Final = re.compile(r"RUN DATE:\s+(\S+)")
_RUN_TIME: Final = re.compile(r"RUN TIME:\s+([0-9]{2}):([0-9]{2}):([0-9]{2})([AP]M)?(?!\S)")
_GROUP: Final = re.compile(r"PRODUCT GROUP:\s+(\S+)")
_HEADS: Final = 3


@dataclass(frozen=True, slots=True)
class Head:
    """What every page of a delivery report says of it."""

    session: date
    run: datetime | None
    """Run date and time, aware UTC; None where the report prints none."""


def american_day(text: str, where: str) -> date:
    """The date of `mm/dd/yyyy`; Unreadable otherwise."""
    found = _DAY.fullmatch(text)
    try:
        if found:
            return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise Unreadable(f"{show(text)} is no date such as 02/27/2026", where)


def short_month(text: str, where: str) -> date:
    """First day of `MAR26`, `JUL26` or `JLY26`; Unreadable otherwise."""
    return cells.month_of(f"{text[:3]} {text[3:]}", where)


def contract_of(text: str, where: str) -> tuple[date, str]:
    """Delivery month and product name of `MAY 2026 COMEX 5000 SILVER FUTURES`; Unreadable otherwise."""
    found = _CONTRACT.fullmatch(text)
    if not found or found[1] not in _MONTHS:
        raise Unreadable(f"{show(text)} is no contract such as 'MAY 2026 COMEX 5000 SILVER FUTURES'", where)
    return date(int(found[2]), _MONTHS.index(found[1]) + 1, 1), found[3]


def count(text: str, where: str) -> int:
    """A number of lots, its thousands separators where they belong or left out; Unreadable otherwise."""
    if not _COUNT.fullmatch(text):
        raise Unreadable(f"{show(text)} is no number of lots", where)
    return int(text.replace(",", ""))


def head_of(pages: Sequence[Sequence[Line]], title: str, answer: Answer) -> Head:
    """The head that every page repeats, its session and run believable.

    Raises Unreadable where a page has none, where `title` is not in it, where the product group is not METALS or
    where the last page does not end the report; Implausible where pages differ or a date cannot be.
    """
    heads = {_head(page, title) for page in pages}
    if len(heads) != 1:
        raise Implausible("the pages are of different reports: their heads differ; look at the file")
    found = heads.pop()
    cells.check_session(found.session, answer, "BUSINESS DATE")
    if found.run is not None:
        cells.check_update(found.run, found.session, answer, "RUN TIME")
        if found.run.astimezone(clock.zone(ZONE)).date() < found.session:
            raise Implausible(
                f"a run before its day: it does not fit session {found.session}; look at the file", "RUN TIME"
            )
    if not any(line.text.split() == END.split() for line in pages[-1][-1:]):
        raise Unreadable(f"the report is cut: its last line is not '{END}'", f"page {len(pages)}")
    return found


def _head(page: Sequence[Line], title: str) -> Head:
    where = page[0].where if page else "a blank page"
    text = " ".join(line.text for line in page[:_HEADS])
    business, group, ran = _BUSINESS.search(text), _GROUP.search(text), _RUN_TIME.search(text)
    if not text.startswith("DLV") or not business or title not in text:
        raise Unreadable(f"expected a page head with BUSINESS DATE and {title}, found {show(text)}", where)
    if not group or group[1] != "METALS":
        raise Unreadable(f"a report of the product group {show(group[1] if group else '')}, not METALS", where)
    session = american_day(business[1], where)
    if not ran:
        if "RUN TIME" in text:
            raise Unreadable("a RUN TIME that is no time such as 20:14:30 or 08:54:58PM", where)
        return Head(session, None)
    dated = _RUN_DATE.search(text)
    return Head(session, _run(american_day(dated[1], where) if dated else session, ran, where))


def _run(day: date, found: re.Match[str], where: str) -> datetime:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    if found[4]:
        if not 1 <= hour <= 12:
            raise Unreadable(f"{show(found[0])} is no time", where)
        hour = hour % 12 + (12 if found[4] == "PM" else 0)
    try:
        local = datetime.combine(day, time(hour, minute, second), clock.zone(ZONE))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"{show(found[0])} is no time", where) from None


def is_delivery_report(body: bytes, title: str) -> bool:
    """Whether these bytes first print the head of a delivery report of this title; for recognising, never raises."""
    text = glance.first_text(body)
    return text.startswith("DLV") and "CMECLEARING" in text and title.replace(" ", "") in text


def body_of(pages: Iterable[Sequence[Line]]) -> list[Line]:
    """The lines of all pages without their heads and without the end mark, which `head_of` has seen."""
    return [line for page in pages for line in page[_HEADS:]][:-1]


def stranger(line: Line, session: date) -> Note:
    """The note for a line that no rule knows."""
    return Note("layout", f"a line that is not known: {show(line.text)}", session, line.where)


def few(notes: Sequence[Note]) -> tuple[Note, ...]:
    """The first notes, and one more that counts the rest."""
    if len(notes) <= _MOST_NOTES:
        return tuple(notes)
    return (*notes[:_MOST_NOTES], Note("layout", f"and {len(notes) - _MOST_NOTES} more such notes", notes[0].session))
