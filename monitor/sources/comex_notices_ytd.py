"""COMEX and NYMEX delivery notices of the year so far: issues and stops by product, clearing firm and contract month.

Publisher: CME Clearing, MetalsIssuesAndStopsYTDReport.pdf. Columns are CONTRACT months, not months of delivery: the
December before the year, then January to December. Two lines a firm: the number and what it issued, the name, the
account and what it stopped. A blank cell is no activity, 0 means the other side was active; so both lines of a firm
are blank or neither. A product is believed only where, month by month, the firms' issues and their stops both add up
to its TOTALS. Counts are lots. The session is the BUSINESS DATE; RUN TIME is when the report was public.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from monitor import clock
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.sources import cells, cme, pdf, tables
from monitor.sources.cme import Head
from monitor.sources.pdf import Line
from monitor.sources.tables import show

_TITLE: Final = "YEAR TO DATE DELIVERY NOTICES"
_ADDRESS: Final = "https://www.cmegroup.com/delivery_reports/MetalsIssuesAndStopsYTDReport.pdf"
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_HEADING: Final = ["FIRM NAME O I/S PREV DEC", *_MONTHS]
_ISSUED: Final = re.compile(r"([0-9][0-9A-Z]{2,3})\s*\|\s*\|\s*I\s*\|(.*)\|")
_STOPPED: Final = re.compile(r"([^|]*[^|\s])\s*\|\s*([A-Z])\s*\|\s*S\s*\|(.*)\|")
_TOTALS: Final = re.compile(r"TOTALS:\s*\|(.*)\|")
_Cells = tuple[int | None, ...]


@dataclass(slots=True)
class _Product:
    """One product as far as it has been read; it may fill several pages."""

    where: str
    venue: str
    name: str
    is_headed: bool = False
    firms: list[dict[str, object]] = field(default_factory=list)
    issued: list[_Cells] = field(default_factory=list)
    stopped: list[_Cells] = field(default_factory=list)
    waiting: tuple[str, _Cells] | None = None
    """A firm's number and issues whose second line is still to come."""
    totals: _Cells | None = None


def parse(answer: Answer) -> Batch:
    """One report as `delivery_ytd_rows`.

    Raises Blocked, Unreadable (no such PDF, cut, headings that are not the thirteen months) and Implausible (firms
    that do not add up to TOTALS, half a firm blank, a date that cannot be).
    """
    cells.require(answer.body, pdf.MAGIC, "the year-to-date delivery notices, a PDF")
    with pdf.opened(answer.body) as pages:
        head = cme.head_of(pages, _TITLE, answer)
        if head.run is None:
            raise Unreadable("the head has no RUN TIME", "page 1")
        products, notes = _products(cme.body_of(pages), head)
    known: dict[str, object] = {
        "session": head.session,
        "run_time": clock.naive(head.run),
        "published_at": clock.naive(head.run),
        "published_assumed": False,
    }
    months = _months(head.session)
    rows = []
    for product in products:
        _check(product)
        venue, code = cme.DELIVERED.get(product.name, (product.venue, None))
        if code is None:
            notes.append(
                Note("layout", f"a product that is not known: {show(product.name)}", head.session, product.where)
            )
        if product.venue not in ("COMEX", "NYMEX") or venue != product.venue:
            raise Unreadable(f"{product.name} under the exchange {show(product.venue)}", product.where)
        shared = known | {"venue": venue, "product_name": product.name, "product": code}
        rows += [shared | row for row in _rows(product, months)]
    return Batch({"delivery_ytd_rows": tables.frame("delivery_ytd_rows", rows)}, cme.few(notes))


def _months(session: date) -> tuple[date, ...]:
    """The contract months of the thirteen columns."""
    return (date(session.year - 1, 12, 1), *(date(session.year, month, 1) for month in range(1, 13)))


def _products(lines: Sequence[Line], head: Head) -> tuple[list[_Product], list[Note]]:
    """The products of the report, each with its TOTALS."""
    products: dict[str, _Product] = {}
    notes: list[Note] = []
    venue = ""
    current: _Product | None = None
    for line in lines:
        text = line.text
        if text.startswith("EXCHANGE:"):
            venue = text.removeprefix("EXCHANGE:").strip()
        elif text.startswith("PRODUCT "):
            current = _turned_to(products, current, _Product(line.where, venue, " ".join(text.split()[1:])))
        elif not text.strip("_") or text == "FIRM NBR":
            continue
        elif text.startswith("FIRM NAME") and current is not None:
            _check_heading(line)
            current.is_headed = True
        elif current is None or not _read(current, line):
            notes.append(cme.stranger(line, head.session))
    if unfinished := [product for product in products.values() if product.totals is None or product.waiting]:
        raise Unreadable(f"{unfinished[0].name} is cut: its TOTALS are missing", unfinished[0].where)
    if not products:
        raise Unreadable("no PRODUCT in the report")
    return list(products.values()), notes


def _turned_to(products: dict[str, _Product], current: _Product | None, named: _Product) -> _Product:
    """The product a page names: the one of the page before while its TOTALS are to come, or a new one."""
    if current is not None and current.totals is None:
        if (current.name, current.venue) != (named.name, named.venue):
            raise Unreadable(f"{current.name} is cut: {named.name} follows before its TOTALS", named.where)
        return current
    if named.name in products:
        raise Unreadable(f"{named.name} goes on after its TOTALS", named.where)
    products[named.name] = named
    return named


def _check_heading(line: Line) -> None:
    found = [" ".join(part.split()) for part in line.text.rstrip("| ").split("|")]
    if found != _HEADING:
        raise Unreadable(f"expected the columns PREV DEC, JAN to DEC, found {show(found)}", line.where)


def _read(product: _Product, line: Line) -> bool:
    """Take in one line of a firm, or the TOTALS; False where the line is neither."""
    if product.totals is not None:
        return False
    if found := _ISSUED.fullmatch(line.text):
        if product.waiting:
            raise Unreadable("a firm's second line is missing", line.where)
        if not product.is_headed:
            raise Unreadable("a firm under no heads of columns", line.where)
        product.waiting = (found[1], _cells(found[2], line.where))
    elif found := _TOTALS.fullmatch(line.text):
        product.totals = _cells(found[1], line.where)
    elif found := _STOPPED.fullmatch(line.text):
        if product.waiting is None:
            raise Unreadable("a firm's first line is missing", line.where)
        _add_firm(product, found, line.where)
    else:
        return False
    return True


def _add_firm(product: _Product, found: re.Match[str], where: str) -> None:
    number, issued = product.waiting or ("", ())
    product.waiting = None
    stopped = _cells(found[3], where)
    if found[2] not in cme.ACCOUNTS:
        raise Unreadable(f"{show(found[2])} is no account; C and H are known", where)
    for one, other in zip(issued, stopped, strict=True):
        if (one is None) != (other is None):
            raise Implausible(f"{product.name}, firm {number}: one of two lines is blank; look at the file", where)
    firm = " ".join(found[1].split())
    product.firms.append({"firm_id": number, "account": cme.ACCOUNTS[found[2]], "firm": firm})
    product.issued.append(issued)
    product.stopped.append(stopped)


def _cells(text: str, where: str) -> _Cells:
    """The thirteen cells between bars, None for a blank."""
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != len(_HEADING):
        raise Unreadable(f"{len(parts)} cells under {len(_HEADING)} headings", where)
    return tuple(cme.count(part, where) if part else None for part in parts)


def _check(product: _Product) -> None:
    """Raises Implausible where the firms' issues or stops of a month are not the month's total."""
    for side, lines in (("issued", product.issued), ("stopped", product.stopped)):
        for place, printed in enumerate(product.totals or ()):
            added = sum(line[place] or 0 for line in lines)
            if added != (printed or 0):
                month = "PREV DEC" if place == 0 else _MONTHS[place - 1]
                text = f"{product.name} {month}: TOTALS is {printed}, {side} adds up to {added}; look at the file"
                raise Implausible(text, product.where)


def _rows(product: _Product, months: Sequence[date]) -> list[dict[str, object]]:
    """A row for each firm and month that is not blank."""
    return [
        {**firm, "delivery_month": month, "issued": one, "stopped": other}
        for firm, issued, stopped in zip(product.firms, product.issued, product.stopped, strict=True)
        for month, one, other in zip(months, issued, stopped, strict=True)
        if one is not None
    ]


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """A PDF that first prints the title of the year-to-date report of CME Clearing."""
    return cme.is_delivery_report(body, _TITLE)


def asks(day: date) -> tuple[Ask, ...]:
    """The one address, which holds the newest report only."""
    return (Ask("comex_notices_ytd", day, _ADDRESS),)


SOURCE: Final = Source(
    name="comex_notices_ytd",
    title="COMEX and NYMEX delivery notices of the year, by firm and contract month",
    publisher="CME Group",
    venue="COMEX",
    tables=("delivery_ytd_rows",),
    due=Due("21:30", cme.ZONE, grace_minutes=cme.NEVER_LATE),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    hosts=cells.HOSTS,
    page=_ADDRESS,
    terms=cells.TERMS,
    terms_url=cells.TERMS_URL,
    licence=cells.LICENCE,
    unit="lot",
    history_start="none: only the newest report can be had",
    proof=Proof.CAPTURES,
    verified="1 captured report of 2026-02-12, 22 pages, eight products, every total; the fourteen totals that "
    "captured daily reports also give are equal.",
)
