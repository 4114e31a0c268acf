"""COMEX and NYMEX delivery notices of one evening: who issued and who stopped, by contract and clearing firm.

Publisher: CME Clearing, MetalsIssuesAndStopsReport.pdf, about 20:15 to 21:30 America/Chicago; each evening overwrites
the last. Counts are lots. The session is the BUSINESS DATE, on which intent was declared; delivery is two business
days later. RUN TIME is when it was public: a run at noon may list the expiring months alone, and of two runs the
later wins, contract by contract.

A line of print is fixed in width. A lone number belongs to ISSUED or to STOPPED by where it stands under the heading
of its section, which may lie on the page before. A contract is believed only where the firms' issues and their stops
both add up to its TOTAL; MONTH TO DATE counts the contract's notices since its first, not the calendar month.
SETTLEMENT of a month that has expired is that of its last trading day. A product without notices has no section, so
a page lost exactly between two contracts cannot be told from one that never was.
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
from monitor.sources import cells, cme, pdf, plausible, tables
from monitor.sources.cme import Head
from monitor.sources.pdf import Line, Word
from monitor.sources.tables import show

_TITLE: Final = "DAILY DELIVERY NOTICES"
_ADDRESS: Final = "https://www.cmegroup.com/delivery_reports/MetalsIssuesAndStopsReport.pdf"
_USUAL_HOUR: Final = "21:30"
_HEADING: Final = "FIRM ORG FIRM NAME ISSUED STOPPED"
_FIRM: Final = re.compile(r"([0-9][0-9A-Z]{2,3}) ([A-Z]) \S")
_PART: Final = re.compile(r"CONTRACT:|SETTLEMENT:|INTENT DATE:|FIRM|TOTAL:|MONTH TO DATE:|" + _FIRM.pattern)
"""How a line of a contract begins."""
_SETTLEMENT: Final = re.compile(r"SETTLEMENT:\s+(\S+)\s+([A-Z]{3})")
_DATES: Final = re.compile(r"INTENT DATE:\s+(\S+)\s+DELIVERY DATE:\s+(\S+)")
_TOTAL: Final = re.compile(r"TOTAL:\s+(\S+)\s+(\S+)")
_TO_DATE: Final = re.compile(r"MONTH TO DATE:\s+(\S+)")


@dataclass(slots=True)
class _Section:
    """One contract as far as it has been read; the lines of it may lie on two pages."""

    where: str
    venue: str
    contract: str = ""
    settlement: float | None = None
    intent: date | None = None
    delivery: date | None = None
    columns: tuple[float, float] | None = None
    """Where ISSUED and STOPPED begin, in points."""
    firms: list[dict[str, object]] = field(default_factory=list)
    total: tuple[int, int] | None = None
    to_date: int | None = None

    @property
    def is_whole(self) -> bool:
        parts = (self.contract, self.settlement, self.intent, self.delivery, self.columns, self.total, self.to_date)
        return None not in parts and self.contract != ""


def parse(answer: Answer) -> Batch:
    """One report as `delivery_notice_rows` and `delivery_total_rows`.

    Raises Blocked, Unreadable (no such PDF, cut, a line out of place) and Implausible (firms that do not add up to
    TOTAL, month to date below it, pages of two reports, a date that cannot be).
    """
    cells.require(answer.body, pdf.MAGIC, "the daily delivery notices, a PDF")
    with pdf.opened(answer.body) as pages:
        head = cme.head_of(pages, _TITLE, answer)
        if head.run is None:
            raise Unreadable("the head has no RUN TIME", "page 1")
        sections, notes = _sections(cme.body_of(pages), head)
    known: dict[str, object] = {
        "session": head.session,
        "run_time": clock.naive(head.run),
        "published_at": clock.naive(head.run),
        "published_assumed": False,
    }
    firms, totals = [], []
    for section in sections:
        notes += _check(section, head)
        shared = known | _shared(section, notes, head)
        totals.append(shared | _total(section))
        firms += [shared | firm for firm in section.firms]
    if not sections:
        notes.append(Note("footer", "the report lists no delivery notices", head.session))
    frames = {
        "delivery_notice_rows": tables.frame("delivery_notice_rows", firms),
        "delivery_total_rows": tables.frame("delivery_total_rows", totals),
    }
    return Batch(frames, cme.few(notes))


def _sections(lines: Sequence[Line], head: Head) -> tuple[list[_Section], list[Note]]:
    """The contracts of the report, each of them whole."""
    sections: list[_Section] = []
    notes: list[Note] = []
    for line in lines:
        if line.text.startswith("EXCHANGE:"):
            _require_whole(sections)
            sections.append(_Section(line.where, line.text.removeprefix("EXCHANGE:").strip()))
        elif line.text.strip("_") == "":
            continue
        elif not sections and _PART.match(line.text):
            raise Unreadable("the report is cut: it begins in the middle of a contract", line.where)
        elif not sections or not (_read_label(sections[-1], line) or _read_numbers(sections[-1], line)):
            notes.append(cme.stranger(line, head.session))
    _require_whole(sections)
    return sections, notes


def _require_whole(sections: Sequence[_Section]) -> None:
    if sections and not sections[-1].is_whole:
        name = sections[-1].contract or "a contract"
        raise Unreadable(
            f"the section of {name} is cut: a label, its TOTAL or MONTH TO DATE is missing", sections[-1].where
        )


def _read_label(section: _Section, line: Line) -> bool:
    """Take in a line above the firms; False where it is none."""
    text, where = line.text, line.where
    if text.startswith("CONTRACT:"):
        if section.contract:
            raise Unreadable("a second CONTRACT without its EXCHANGE", where)
        section.contract = " ".join(text.removeprefix("CONTRACT:").split())
    elif found := _SETTLEMENT.fullmatch(text):
        if found[2] != "USD":
            raise Unreadable(f"a settlement in {found[2]}, not USD", where)
        section.settlement = tables.number(found[1], where)
    elif found := _DATES.fullmatch(text):
        section.intent, section.delivery = (cme.american_day(found[at], where) for at in (1, 2))
    elif " ".join(text.split()) == _HEADING:
        issued, stopped = line.words()[-2:]
        section.columns = (issued.left, stopped.left)
    else:
        return False
    return True


def _read_numbers(section: _Section, line: Line) -> bool:
    """Take in a firm, the TOTAL or MONTH TO DATE; False where the line is none of them."""
    if found := _TOTAL.fullmatch(line.text):
        section.total = (cme.count(found[1], line.where), cme.count(found[2], line.where))
    elif found := _TO_DATE.fullmatch(line.text):
        section.to_date = cme.count(found[1], line.where)
    elif _FIRM.match(line.text) and section.columns and section.total is None:
        section.firms.append(_firm(line, section.columns))
    else:
        return False
    return True


def _firm(line: Line, columns: tuple[float, float]) -> dict[str, object]:
    """One firm; its numbers end left of the heading STOPPED where they are issues, right of it where they are stops."""
    firm, account, *rest = line.words()
    if account.text not in cme.ACCOUNTS:
        raise Unreadable(f"{show(account.text)} is no account; C and H are known", line.where)
    first, second = columns
    numbers = [word for word in rest if word.left >= first]
    issued = [word for word in numbers if word.right < second]
    stopped = [word for word in numbers if word.right >= second]
    name = " ".join(word.text for word in rest if word.left < first)
    if not name or not numbers or len(issued) > 1 or len(stopped) > 1:
        raise Unreadable(f"a firm without one number in ISSUED or STOPPED: {show(line.text)}", line.where)
    return {
        "firm_id": firm.text,
        "account": cme.ACCOUNTS[account.text],
        "firm": name,
        "issued": _count(issued, line.where),
        "stopped": _count(stopped, line.where),
    }


def _count(words: Sequence[Word], where: str) -> int:
    return cme.count(words[0].text, where) if words else 0


def _check(section: _Section, head: Head) -> list[Note]:
    """Raises Implausible where the section contradicts itself; a note where intent is not of the business date."""
    name, total = section.contract, section.total or (0, 0)
    for place, column in enumerate(("issued", "stopped")):
        added = sum(number for firm in section.firms if isinstance(number := firm[column], int))
        if added != total[place]:
            text = f"{name}: TOTAL {column} is {total[place]}, the firms add up to {added}; look at the file"
            raise Implausible(text, section.where)
    if total[0] != total[1]:
        raise Implausible(f"{name}: {total[0]} issued and {total[1]} stopped; look at the file", section.where)
    if (section.to_date or 0) < total[0]:
        text = f"{name}: {section.to_date} in the month to date, {total[0]} in one day; look at the file"
        raise Implausible(text, section.where)
    if section.intent is None or section.delivery is None or section.delivery <= section.intent:
        raise Implausible(
            f"{name}: intent {section.intent}, delivery {section.delivery}; look at the file", section.where
        )
    if section.intent == head.session:
        return []
    return [
        Note("layout", f"{name}: intent {section.intent} in a report of {head.session}", head.session, section.where)
    ]


def _shared(section: _Section, notes: list[Note], head: Head) -> dict[str, object]:
    """What every row of the section says; a note where the product is not known."""
    month, product = cme.contract_of(section.contract, section.where)
    venue, code = cme.DELIVERED.get(product, (section.venue, None))
    if code is None:
        notes.append(Note("layout", f"a product that is not known: {show(product)}", head.session, section.where))
    if code and section.settlement and (problem := plausible.price(code, section.settlement)):
        raise Implausible(f"{section.contract}: {problem}; look at the file", section.where)
    if section.venue not in ("COMEX", "NYMEX") or venue != section.venue:
        raise Unreadable(f"{product} under the exchange {show(section.venue)}", section.where)
    return {
        "venue": venue,
        "contract": section.contract,
        "product": code,
        "delivery_month": month,
        "intent_date": section.intent,
        "delivery_date": section.delivery,
    }


def _total(section: _Section) -> dict[str, object]:
    issued, stopped = section.total or (None, None)
    return {
        "settlement": section.settlement,
        "issued": issued,
        "stopped": stopped,
        "month_to_date": section.to_date,
    }


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """A PDF that first prints the title of the daily report of CME Clearing."""
    return cme.is_delivery_report(body, _TITLE)


def asks(day: date) -> tuple[Ask, ...]:
    """The one address, which holds the newest evening only."""
    return (Ask("comex_notices", day, _ADDRESS),)


SOURCE: Final = Source(
    name="comex_notices",
    title="COMEX and NYMEX delivery notices (issues and stops)",
    publisher="CME Group",
    venue="COMEX",
    tables=("delivery_notice_rows", "delivery_total_rows"),
    due=Due(_USUAL_HOUR, cme.ZONE),
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
    verified="50 captured reports, 2026-01-06 to 2026-03-23, every firm and every total; the hour of publication is "
    "that of the report's own run",
)
