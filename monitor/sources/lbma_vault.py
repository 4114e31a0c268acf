"""London vault holdings: how much gold and silver lies in the vaults of London at the end of each month.

Publisher: London Bullion Market Association; venue LBMA; monthly, on the fifth working day of the next month; from July
2016. Gross custody: what funds and customers own is inside it, so it is no free float. Thousands of troy ounces, kept
as such (unit koz), never tonnes.

Read: the site's JSON, a list of [milliseconds, gold, silver] in which the moment is the second of the month it is
about, so that only its month counts; and the monthly workbook, newest first, its heading found by its text, its months
written as text or as dates. The JSON rounds to whole thousands, the workbook may carry fractions. The session is the
last London session of the month. No hour is given: 17:00 London of the fifth working day is assumed, and for what the
first publication of 2017-07-31 brought, that day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from monitor import clock, sessions
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.sources import histories, tables, workbooks
from monitor.sources.tables import show

_ZONE: Final = "Europe/London"
_HOUR: Final = "17:00"
_FIRST: Final = date(2016, 7, 1)
_FIRST_PUBLISHED: Final = date(2017, 7, 31)
_METALS: Final = ("gold", "silver")
_SHEET: Final = "London Vault Holdings Data"
_LIKELY: Final = {"gold": (5e4, 1e6), "silver": (2e5, 3e6)}
"""Thousands of troy ounces that London can hold; tonnes, ounces or swapped columns fall outside."""
_RATIO: Final = (1.2, 12.0)
"""Ounces of silver to one of gold in London; 2.5 to 5 since 2016."""
_HEAD: Final = re.compile(
    rb"\s*\[\s*\[\s*1[0-9]{12}\s*,\s*([0-9]{5,7})(?:\.[0-9]*)?\s*,\s*([0-9]{5,7})(?:\.[0-9]*)?\s*\]"
)

_Month = tuple[date, str, list[float | None]]
"""First day of the month, place in the file, gold and silver."""


def asks(day: date) -> tuple[Ask, ...]:
    """The site's list, which holds every month."""
    headers = (("Accept", "application/json"), ("Referer", "https://www.lbma.org.uk/prices-and-data/london-vault-data"))
    return (Ask("lbma_vault", day, "https://www.lbma.org.uk/vault-holdings-data/data.json", headers=headers),)


def backlog(start: date, end: date) -> tuple[Ask, ...]:  # noqa: ARG001
    """The same list."""
    return asks(end)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A list of a moment and two amounts of this size, or a workbook with this sheet."""
    if body[:2] == b"PK":
        return _SHEET in workbooks.sheet_names(body)
    return _HEAD.match(body[:200].removeprefix(b"\xef\xbb\xbf")) is not None


def parse(answer: Answer) -> Batch:
    """Rows of vault_holding_rows.

    Raises NotPublished (an empty list), Blocked (a firewall's page), Unreadable (another layout, a month twice),
    Implausible (an amount London cannot hold, a month of the future or before July 2016, months out of order).
    """
    months, notes = _from_workbook(answer.body) if answer.body[:2] == b"PK" else (_from_json(answer), ())
    if not months:
        raise NotPublished("the LBMA lists no month")
    firsts = [first for first, _, _ in months]
    if len(set(firsts)) != len(firsts):
        raise Unreadable("a month stands there twice")
    histories.check_span(firsts, _FIRST, answer, _ZONE)
    if firsts != sorted(firsts) and firsts != sorted(firsts, reverse=True):
        raise Implausible("the months are in no order")
    rows = [row for month in months for row in _rows(*month, answer)]
    if not rows:
        raise Implausible("not one amount under the months")
    return Batch({"vault_holding_rows": tables.frame("vault_holding_rows", rows)}, (*notes, *_gaps(firsts)))


def _from_json(answer: Answer) -> list[_Month]:
    text = tables.text_of(answer.body)
    if text.lstrip().startswith("<"):
        tables.refuse_block_page(text, "the LBMA")
    found: list[_Month] = []
    for index, item in enumerate(histories.json_list(text)):
        if not isinstance(item, list) or len(item) != 3:
            raise Unreadable(f"{show(item)} where a moment, gold and silver should be", f"[{index}]")
        moment = tables.whole(item[0], f"[{index}][0]")
        amounts = [tables.number(raw, f"[{index}][{place}]") for place, raw in enumerate(item[1:], 1)]
        found.append((_month_of(moment, f"[{index}][0]"), f"[{index}]", amounts))
    return found


def _month_of(moment: int | None, where: str) -> date:
    """The month in which the moment, in milliseconds, lies."""
    if moment is None or not 0 <= moment < 4_102_444_800_000:
        raise Unreadable(f"{show(moment)} is no moment in milliseconds", where)
    return datetime.fromtimestamp(moment / 1000, UTC).date().replace(day=1)


def _from_workbook(body: bytes) -> tuple[list[_Month], tuple[Note, ...]]:
    sheet = workbooks.xlsx(body, _SHEET)
    top, at = workbooks.header_row(sheet, ("Month End", *_METALS))
    units = [workbooks.text(cell) for line in sheet.rows[top : top + 2] for cell in line]
    if not any(re.search(r"ounces\W+000", unit, re.IGNORECASE) for unit in units):
        raise Unreadable(f"the amounts are not said to be thousands of troy ounces: {show(units[-3:])}")
    found: list[_Month] = []
    for index, line in enumerate(sheet.rows[top + 1 :], top + 1):
        cells = [line[at[name]] if at[name] < len(line) else None for name in ("month end", *_METALS)]
        where = sheet.where(index, at["month end"])
        if not workbooks.text(cells[0]):
            if any(isinstance(cell, float) for cell in cells):
                raise Unreadable("amounts without their month", where)
            continue
        amounts = [
            tables.number(cell, sheet.where(index, at[name])) for name, cell in zip(_METALS, cells[1:], strict=True)
        ]
        found.append((_month_in(cells[0], where), where, amounts))
    return found, tables.strangers(sorted(at), ("month end", *_METALS), "column", f"sheet {_SHEET!r}")


def _month_in(value: workbooks.Value, where: str) -> date:
    """The month of a cell: YYYY-MM as text, a date as text, or Excel's number of one."""
    if isinstance(value, float):
        return workbooks.day_of(value, where).replace(day=1)
    found = re.match(r"([0-9]{4})-(0[1-9]|1[0-2])(?:-[0-9]{2}(?:[T ]00:00:00(?:\.0+)?)?)?$", workbooks.text(value))
    if not found or not found[1].startswith("20"):
        raise Unreadable(f"{show(value)} is no month such as 2026-07", where)
    return date(int(found[1]), int(found[2]), 1)


def _rows(first: date, where: str, amounts: Sequence[float | None], answer: Answer) -> list[dict[str, object]]:
    if month_end(first) > answer.fetched_at.astimezone(clock.zone(_ZONE)).date():
        raise Implausible(f"{first:%Y-%m} is not over", where)
    published = clock.naive(_published(first))
    rows: list[dict[str, object]] = []
    gold, silver = amounts
    if gold and silver and not _RATIO[0] < silver / gold < _RATIO[1]:
        raise Implausible(f"{silver:g} thousand ounces of silver beside {gold:g} of gold: are they exchanged?", where)
    for metal, amount in zip(_METALS, amounts, strict=True):
        if amount is None or amount <= 0:
            continue
        low, high = _LIKELY[metal]
        if not low <= amount <= high:
            raise Implausible(f"{amount:g} thousand ounces of {metal}; London holds {low:g} to {high:g}", where)
        rows.append(
            {
                "session": month_end(first),
                "venue": "LBMA",
                "metal": metal,
                "quantity": amount,
                "unit": "koz",
                "published_at": published,
                "published_assumed": True,
            }
        )
    return rows


def month_end(day: date) -> date:
    """The last London session of the month in which `day` lies."""
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return sessions.shift("LBMA", last, 0)


def _published(first: date) -> datetime:
    """When the figures of that month were public: the fifth session after it, or the first publication of all."""
    return clock.local(max(sessions.shift("LBMA", month_end(first), 5), _FIRST_PUBLISHED), _HOUR, _ZONE)


def _gaps(firsts: Sequence[date]) -> list[Note]:
    """A note for each month missing between the first and the last."""
    missing: list[Note] = []
    month, end = min(firsts), max(firsts)
    while month < end:
        if month not in firsts:
            missing.append(Note("layout", f"no row for {month:%Y-%m}"))
        month = (month + timedelta(days=31)).replace(day=1)
    return missing


SOURCE: Final = Source(
    name="lbma_vault",
    title="London vault holdings",
    publisher="London Bullion Market Association",
    venue="LBMA",
    tables=("vault_holding_rows",),
    due=Due(_HOUR, _ZONE, days=5, in_sessions=True, grace_minutes=2 * 24 * 60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    keeps_history=False,
    hosts=("www.lbma.org.uk", "cdn.lbma.org.uk"),
    page="https://www.lbma.org.uk/prices-and-data/london-vault-data",
    terms="Published openly by the LBMA, which is to be named as the source; its conditions for programs were not "
    "reviewed here, so save the file in a browser or read them first.",
    terms_url="https://www.lbma.org.uk/terms-and-conditions",
    licence="attribution",
    cadence="monthly",
    unit="koz",
    history_start="2016-07",
    proof=Proof.DOCUMENTS,
    verified="The 113 months to November 2025 as others recorded them, their moments and amounts; no file of the "
    "publisher itself was at hand. Layouts of the list and the workbook are known from documents.",
)
