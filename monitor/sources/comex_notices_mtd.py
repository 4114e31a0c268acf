"""COMEX and NYMEX delivery notices of each contract month so far, a line a day: fills days whose report was missed.

Publisher: CME Clearing, MetalsIssuesAndStopsMTDReport.pdf. NO ORIGINAL WAS SEEN: the layout is known from programs
that others wrote against it, and says only this. Under `CONTRACT:` and a contract's name stand lines of a date, the
notices of that day and their running total, as in `12/23/2025 417 36,498`; the first is the contract's first intent
day; a contract goes on over pages. The head of the pages, the line EXCHANGE and the end mark are assumed to be those
of the daily and the year-to-date report, which agree. Where the head has no RUN TIME, 21:30 America/Chicago of the
business date is assumed.

Believed only where every running total is the one before plus the day; a lost page that held whole contracts and
nothing else cannot be told. One number stands for both sides, since issues equal stops; settlement and delivery date
are not printed. Everything counts as published at the run of this report, although each day's figure was public on
its own evening.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from monitor import clock
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.sources import cells, cme, glance, pdf, tables
from monitor.sources.cme import Head
from monitor.sources.pdf import Line
from monitor.sources.tables import show

_TITLE: Final = "DELIVERY NOTICES"
_OTHERS: Final = ("DAILY DELIVERY NOTICES", "YEAR TO DATE DELIVERY NOTICES")
_ADDRESS: Final = "https://www.cmegroup.com/delivery_reports/MetalsIssuesAndStopsMTDReport.pdf"
_USUAL_HOUR: Final = "21:30"
_DAY: Final = re.compile(r"([0-9]{2}/[0-9]{2}/[0-9]{4})\s+([0-9,]+)\s+([0-9,]+)")
_ANY_DAY: Final = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}[0-9]")
"""A day and its figures, in a text without blanks; no other date has a figure behind it."""


@dataclass(slots=True)
class _Contract:
    """One contract as far as it has been read; it may go on over pages that repeat its name."""

    where: str
    venue: str
    name: str
    days: list[tuple[date, int, int]] = field(default_factory=list)


def parse(answer: Answer) -> Batch:
    """One report as `delivery_total_rows`, a row for each contract and day.

    Raises Blocked, Unreadable (no such PDF, cut, a contract or exchange that is not known), Implausible (a running
    total that does not follow, days out of order or after the business date).
    """
    cells.require(answer.body, pdf.MAGIC, "the month-to-date delivery notices, a PDF")
    with pdf.opened(answer.body) as pages:
        head = cme.head_of(pages, _TITLE, answer)
        found, notes = _contracts(cme.body_of(pages), head)
    run, assumed = _published(head)
    rows = []
    for contract in found:
        _check(contract, head)
        shared = _shared(contract, head, notes)
        shared |= {
            "run_time": clock.naive(head.run) if head.run else None,
            "published_at": clock.naive(run),
            "published_assumed": assumed,
        }
        rows += [shared | _row(day, daily, total) for day, daily, total in contract.days]
    if not rows:
        raise Unreadable("no contract with a line a day in the report")
    return Batch({"delivery_total_rows": tables.frame("delivery_total_rows", rows)}, cme.few(notes))


def _published(head: Head) -> tuple[datetime, bool]:
    if head.run is not None:
        return head.run, False
    return clock.local(head.session, _USUAL_HOUR, cme.ZONE), True


def _contracts(lines: Sequence[Line], head: Head) -> tuple[list[_Contract], list[Note]]:
    """The contracts of the report in the order of their first appearance."""
    contracts: dict[tuple[str, str], _Contract] = {}
    notes: list[Note] = []
    current: _Contract | None = None
    venue = ""
    for line in lines:
        text = " ".join(line.text.split())
        if text.startswith("EXCHANGE:"):
            venue, current = text.removeprefix("EXCHANGE:").strip(), None
        elif text.startswith("CONTRACT:"):
            name = text.removeprefix("CONTRACT:").strip()
            current = contracts.setdefault((venue, name), _Contract(line.where, venue, name))
        elif day := _DAY.fullmatch(text):
            if current is None:
                raise Unreadable("a day that stands under no contract", line.where)
            where = line.where
            current.days.append((cme.american_day(day[1], where), cme.count(day[2], where), cme.count(day[3], where)))
        elif text.strip("_"):
            notes.append(cme.stranger(line, head.session))
    return list(contracts.values()), notes


def _check(contract: _Contract, head: Head) -> None:
    """Raises Implausible where a running total is not the one before plus its day, or days are out of order."""
    before, running = date.min, 0
    if not contract.days:
        raise Unreadable(f"{contract.name} is cut: no line of a day under it", contract.where)
    for day, daily, total in contract.days:
        running += daily
        if total != running:
            text = f"{contract.name} on {day}: {total} so far, the days add up to {running}; look at the file"
            raise Implausible(text, contract.where)
        if not before < day <= head.session:
            text = f"{contract.name}: {day} after {before} in a report of {head.session}; look at the file"
            raise Implausible(text, contract.where)
        if day.weekday() > 4:
            raise Implausible(f"{contract.name}: {day} is a {day:%A}; look at the file", contract.where)
        before = day


def _shared(contract: _Contract, head: Head, notes: list[Note]) -> dict[str, object]:
    month, product = cme.contract_of(contract.name, contract.where)
    venue, code = cme.DELIVERED.get(product, (contract.venue, None))
    if code is None:
        notes.append(Note("layout", f"a product that is not known: {show(product)}", head.session, contract.where))
    if venue not in ("COMEX", "NYMEX") or contract.venue not in ("", venue):
        raise Unreadable(f"{product} under the exchange {show(contract.venue)}", contract.where)
    return {"venue": venue, "contract": contract.name, "product": code, "delivery_month": month}


def _row(day: date, daily: int, total: int) -> dict[str, object]:
    return {"session": day, "intent_date": day, "issued": daily, "stopped": daily, "month_to_date": total}


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """A PDF of CME Clearing's delivery notices, neither daily nor of the year, with a contract and a line of a day."""
    if not cme.is_delivery_report(body, _TITLE) or any(cme.is_delivery_report(body, title) for title in _OTHERS):
        return False
    text = glance.first_text(body)
    return "CONTRACT:" in text and bool(_ANY_DAY.search(text))


def asks(day: date) -> tuple[Ask, ...]:
    """The one address, which holds the newest report only."""
    return (Ask("comex_notices_mtd", day, _ADDRESS),)


SOURCE: Final = Source(
    name="comex_notices_mtd",
    title="COMEX and NYMEX delivery notices of the contract month, day by day",
    publisher="CME Group",
    venue="COMEX",
    tables=("delivery_total_rows",),
    due=Due(_USUAL_HOUR, cme.ZONE, grace_minutes=cme.NEVER_LATE),
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
    proof=Proof.DOCUMENTS,
    verified="Nothing: no original was seen. The layout is known from others' programs alone, its head and end mark "
    "are taken from the daily and the year-to-date report.",
)
