"""IBJA rates: India's daily rates of gold and silver by fineness, morning and afternoon.

Publisher: India Bullion and Jewellers Association; Asia/Kolkata; Indian business days, about noon (AM) and 17:00 (PM).
One HTML page. Its tables of earlier days are dated, a row a day, each cell named by `data-label`. The newest rates
stand above them in spans (`lblGold999_AM`) WITHOUT any date: they are read only where their day is known, from the
day asked for, if the page was fetched between that day's PM rate and the next noon, or from a date in the file name
(`ibja_2026-08-07.html`). Otherwise they wait until the page dates them itself.

Gold is INR per 10 g, silver INR per kg, without the 3 percent GST and making charges, import duty included. The page
does not say the unit of platinum, which is left out. The finenesses of one fixing are the same price times a fixed
share each: that is proved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from monitor import clock
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.sources import tables
from monitor.sources.tables import show

_ZONE: Final = "Asia/Kolkata"
_ADDRESS: Final = "https://ibjarates.com/"
_FIXINGS: Final = {"AM": ("morning", "12:30"), "PM": ("afternoon", "17:30")}
_LABELS: Final = {
    "Gold 999": ("gold", 999),
    "Gold 995": ("gold", 995),
    "Gold 916": ("gold", 916),
    "Gold 750": ("gold", 750),
    "Gold 585": ("gold", 585),
    "Silver 999": ("silver", 999),
}
_LEFT_OUT: Final = ("Platinum 999",)
_SHARES: Final = {995: 0.996, 916: 0.916, 750: 0.75, 585: 0.585}
"""Of the rate of gold 999, within one part in a thousand."""
_RANGE: Final = {"gold": (10_000.0, 2e6), "silver": (10_000.0, 1e7)}
_UNITS: Final = {"gold": (10.0, "gram"), "silver": (1.0, "kg")}
_FARTHEST: Final = 1.25
_NEXT_AM: Final = "11:30"
_MOST_ROWS: Final = 2_000

_Rates = dict[tuple[str, int], float]
"""(metal, fineness) -> rate of one fixing."""
_Days = dict[tuple[date, str], _Rates]
"""(day, AM or PM) -> its rates."""


def hint_of(path_text: str) -> str | None:
    """The day a file or folder name says (`2026-08-07`, `20260807`), None where it says none.

    Unreadable where it says two.
    """
    found = set(re.findall(r"(?<![0-9])(20[0-9]{2})-?([0-9]{2})-?([0-9]{2})(?![0-9])", path_text))
    if len(found) > 1:
        raise Unreadable(f"{show(path_text)} names {len(found)} days: keep one, or say --product")
    return str(tables.iso_date("-".join(found.pop()), "name")) if found else None


def asks(day: date) -> tuple[Ask, ...]:
    """The page, which shows the newest rates only, whatever the day asked for."""
    return (Ask("ibja_rates", day, _ADDRESS, hint=str(day)),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A page with IBJA's spans or its dated cells."""
    return b"lblGold999_" in body or (b'data-label="Gold 999"' in body and b'data-label="Silver 999"' in body)


def parse(answer: Answer) -> Batch:
    """Rows of ibja_rows.

    Raises NotPublished (no dated rates, and newest ones of an unknown day), Blocked (a refusal page), Unreadable
    (layout, a cut page, a fineness missing), Implausible (finenesses that do not agree, two rates for one fixing, a
    rate far from any seen).
    """
    text = tables.text_of(answer.body)
    if not recognise(answer.body, answer.name):
        tables.refuse_block_page(text, "IBJA")
        raise Unreadable("no IBJA rates in the page")
    page = tables.page_of(text)
    notes: list[Note] = []
    days = _dated(page, answer, notes)
    _add_newest(page, answer, days, notes)
    if not days:
        raise NotPublished("the page dates none of its rates: save it with the day in its name, such as 2026-08-07")
    for (day, fixing), rates in days.items():
        _check(f"{day} {fixing}", rates)
    _check_pairs(days)
    records = [
        _record(day, fixing, key, rate) for (day, fixing), rates in sorted(days.items()) for key, rate in rates.items()
    ]
    return Batch({"ibja_rows": tables.frame("ibja_rows", records)}, tuple(notes))


def _dated(page: LexborHTMLParser, answer: Answer, notes: list[Note]) -> _Days:
    """The rates of the dated tables."""
    days: _Days = {}
    unknown: set[str] = set()
    lines = page.css("tr")
    if len(lines) > _MOST_ROWS:
        raise Unreadable(f"more than {_MOST_ROWS} rows in one page")
    for index, line in enumerate(lines, 1):
        own = (cell for cell in line.iter() if cell.tag == "td")  # those of rows inside a cell belong to their rows
        cells = {cell.attributes.get("data-label") or "": tables.cell_text(cell) for cell in own}
        fixing = next((name for name in _FIXINGS if name in cells), None)
        if fixing is None:
            continue
        where = f"row {index}"
        day = _day(cells[fixing], where)
        tables.believable(day, answer, _ZONE, where)
        rates = _rates({label: cells.get(label) for label in _LABELS}, where)
        unknown |= cells.keys() - {*_LABELS, *_LEFT_OUT, *_FIXINGS}
        if days.setdefault((day, fixing), rates) != rates:
            raise Implausible(f"{day} {fixing} stands there twice with other rates", where)
    notes += [Note("layout", f"an unknown column {show(label)}") for label in sorted(unknown)]
    return days


def _day(text: str, where: str) -> date:
    found = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", text)
    if found is None:
        raise Unreadable(f"{show(text)} is no day such as 07/08/2026", where)
    return tables.iso_date(f"{found[3]}-{found[2]}-{found[1]}", where)


def _rates(texts: Mapping[str, str | None], where: str) -> _Rates:
    """The rates of one fixing by metal and fineness; Unreadable where one is missing."""
    rates: _Rates = {}
    for label, key in _LABELS.items():
        rate = tables.number(texts[label], f"{where} column {label}")
        if rate is None:
            raise Unreadable(f"no rate of {label}", where)
        rates[key] = rate
    return rates


def _add_newest(page: LexborHTMLParser, answer: Answer, days: _Days, notes: list[Note]) -> None:
    """Add the undated rates to `days` where their day is known; what is not added is noted."""
    newest = {fixing: rates for fixing in _FIXINGS if (rates := _spans(page, fixing)) is not None}
    _compare_grams(page, newest, notes)
    day = _known_day(answer)
    if day is None:
        if newest:
            notes.append(Note("layout", "the newest rates carry no date, and none is known: not stored"))
        return
    tables.believable(day, answer, _ZONE, "name")
    last = max((known for known, _ in days), default=None)
    for fixing, rates in newest.items():
        if last is not None and last != day and days.get((last, fixing)) == rates:
            notes.append(Note("layout", f"the newest {fixing} rates are still those of {last}", day))
        elif days.setdefault((day, fixing), rates) != rates:
            raise Implausible(f"the newest {fixing} rates are not those the page dates {day}", f"{day} {fixing}")


def _spans(page: LexborHTMLParser, fixing: str) -> _Rates | None:
    """The undated rates of one fixing, None where there is not one."""
    texts: dict[str, str | None] = {}
    for label in _LABELS:
        node = page.css_first(f"#lbl{label.replace(' ', '')}_{fixing}")
        texts[label] = None if node is None else tables.cell_text(node)
    if not any(texts.values()):
        return None
    return _rates(texts, f"lbl..._{fixing}")


def _known_day(answer: Answer) -> date | None:
    """The day of the undated rates: as named by a person, or as asked where the page was fetched in time."""
    if not answer.hint:
        return None
    day = tables.iso_date(answer.hint, "name")
    if answer.url is None:
        return day
    opens, closes = clock.local(day, "17:00", _ZONE), clock.local(day + timedelta(days=1), _NEXT_AM, _ZONE)
    return day if opens <= answer.fetched_at < closes else None


def _compare_grams(page: LexborHTMLParser, newest: Mapping[str, _Rates], notes: list[Note]) -> None:
    """The rate of gold 999 also stands above the table, per gram in one document and per 10 g in another."""
    node = page.css_first("#GoldRatesCompare999")
    printed = None if node is None else tables.number(tables.cell_text(node), "GoldRatesCompare999")
    if printed is None or not newest:
        return
    rates = [found["gold", 999] for found in newest.values()]
    if not any(abs(printed * times - rate) <= times for times in (1, 10) for rate in rates):
        text = f"gold 999 is {printed:g} above the table, {' and '.join(f'{rate:g}' for rate in rates)} in it"
        notes.append(Note("layout", text, where="GoldRatesCompare999"))


def _check(what: str, rates: _Rates) -> None:
    """Raises Implausible where a rate is far from any seen, or a fineness not its share of gold 999."""
    for (metal, fineness), rate in rates.items():
        least, most = _RANGE[metal]
        if not least <= rate <= most:
            raise Implausible(f"{what}: {metal} {fineness} at {rate:g} INR", what)
    pure = rates["gold", 999]
    for fineness, share in _SHARES.items():
        rate = rates["gold", fineness]
        if abs(rate - pure * share) > 0.001 * pure:
            raise Implausible(f"{what}: gold {fineness} at {rate:g} beside gold 999 at {pure:g}", what)


def _check_pairs(days: _Days) -> None:
    for (day, fixing), rates in days.items():
        other = days.get((day, "PM")) if fixing == "AM" else None
        for key, rate in (other or {}).items():
            low, high = sorted((rate, rates[key]))
            if high > _FARTHEST * low:
                raise Implausible(f"{day}: {key[0]} {key[1]} at {rates[key]:g} in the morning and {rate:g} after noon")


def _record(day: date, fixing: str, key: tuple[str, int], rate: float) -> dict[str, object]:
    metal, fineness = key
    name, hour = _FIXINGS[fixing]
    quantity, unit = _UNITS[metal]
    return {
        "session": day,
        "metal": metal,
        "fineness": fineness,
        "fixing": name,
        "price": rate,
        "price_quantity": quantity,
        "unit": unit,
        "published_at": tables.usual_hour(day, hour, _ZONE),
        "published_assumed": True,
    }


SOURCE: Final = Source(
    name="ibja_rates",
    title="IBJA gold and silver rates",
    publisher="India Bullion and Jewellers Association",
    venue="MCX",
    tables=("ibja_rows",),
    due=Due(clock="17:30", zone=_ZONE, grace_minutes=600),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    hint_of=hint_of,
    hosts=("ibjarates.com", "www.ibjarates.com"),
    page=_ADDRESS,
    terms="The association sells its rates as a feed; the site's conditions were not reviewed here: save the page in a "
    "browser.",
    terms_url=_ADDRESS,
    licence="none stated on the page",
    unit="INR per 10 g (gold), INR per kg (silver)",
    history_start="none: only the newest rates can be had",
    proof=Proof.DOCUMENTS,
    verified="No page was read. Span ids, cell names, units and hours are known from the documents of others; a few "
    "rates quoted there agree with the shares of each fineness.",
)
