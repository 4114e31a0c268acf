"""LBMA auction prices: what gold, silver, platinum and palladium cost in London, in dollars, sterling and euro.

Publisher: ICE Benchmark Administration for the LBMA; venue LBMA; Europe/London. **Licensed**: IBA asks for a licence to
obtain, use or pass on these prices, so nothing is asked unless its owner says so, and no price is ever shipped.
One JSON list per series, oldest first: `d` is the day, `v` the price per fine troy ounce in USD, GBP, EUR, in this
order; null, zero or less is a missing price (the euro before 1999 was once printed as 0). The file does not say which
series it is: the hint does, a word of the file name such as gold_pm, platinum_am or silver.

Silver is set once, at noon; the others in the morning and the afternoon, on 24 and 31 December in the morning alone.
The open page shows a price from midnight London of its day: this hour is assumed. The file has the whole history. An
address that carries `since=` gives the rows from that day on alone, so that a daily question does not store half a
century again.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

import polars as pl

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Proof, Reject, Source
from monitor.schema import TABLES
from monitor.sources import histories, tables
from monitor.sources.tables import show

_ZONE: Final = "Europe/London"
_FIRST: Final = date(1968, 1, 1)
_EURO: Final = date(1999, 1, 1)
_SERIES: Final = {
    "gold_am": ("gold", "am"),
    "gold_pm": ("gold", "pm"),
    "silver": ("silver", "noon"),
    "platinum_am": ("platinum", "am"),
    "platinum_pm": ("platinum", "pm"),
    "palladium_am": ("palladium", "am"),
    "palladium_pm": ("palladium", "pm"),
}
"""Hint and file name -> metal and fixing."""
_CURRENCIES: Final = ("USD", "GBP", "EUR")
_KEYS: Final = ("is_cms_locked", "d", "v")
_DOLLARS: Final = {
    "silver": (1.2, 1_200.0),
    "gold": (34.0, 34_000.0),
    "platinum": (80.0, 5e4),
    "palladium": (25.0, 2.5e4),
}
"""Dollars an ounce has cost since the series began, with room: of 1968 silver was 2.17, gold 35."""
_POUND: Final = (0.9, 3.0)
"""Dollars a pound has ever cost since 1968, with room."""
_HEAD: Final = re.compile(rb'\s*\[\s*\{[^{}]{0,200}"d"\s*:\s*"[0-9]{4}-[0-9]{2}-[0-9]{2}"[^{}]{0,200}\}')
_MARGIN: Final = timedelta(days=40)


def hint_of(path_text: str) -> str | None:
    """The series a file or folder name says (`lbma_gold_pm.json`: gold_pm), None where it says none.

    Unreadable where it names two.
    """
    words = re.split(r"[^a-z]+", path_text.lower())
    metals = {metal for metal, _ in _SERIES.values() if metal in words}
    halves = {half for half in ("am", "pm") if half in words}
    if len(metals) > 1 or len(halves) > 1:
        raise Unreadable(f"{show(path_text)} names {' and '.join(sorted(metals | halves))}: keep one, or say --product")
    if not metals:
        return None
    metal = metals.pop()
    name = metal if metal == "silver" else f"{metal}_{halves.pop()}" if halves else ""
    return name or None


def asks(day: date) -> tuple[Ask, ...]:
    """The seven lists, to be read from 40 days before `day`."""
    return _asks(day, day)


def backlog(start: date, end: date) -> tuple[Ask, ...]:
    """The same lists, to be read from 40 days before `start`."""
    return _asks(start, end)


def _asks(start: date, end: date) -> tuple[Ask, ...]:
    site = "https://prices.lbma.org.uk/json"
    headers = (("Accept", "application/json"), ("Referer", "https://www.lbma.org.uk/"))
    return tuple(
        Ask("lbma_prices", end, f"{site}/{name}.json?since={start - _MARGIN}", hint=name, headers=headers)
        for name in _SERIES
    )


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A list of objects with a day `d` and prices `v`."""
    head = body[:1_000].removeprefix(b"\xef\xbb\xbf")
    found = _HEAD.match(head)
    return found is not None and re.search(rb'"v"\s*:\s*\[', found[0]) is not None


def parse(answer: Answer) -> Batch:
    """Rows of lbma_price_rows of the series in `answer.hint`.

    A weekend, or a row whose currencies contradict each other, is a Reject where it is one in a hundred, and otherwise
    Implausible. Raises besides NotPublished (no rows), Blocked (a firewall's page), Unreadable (another layout, a day
    twice, no series named), Implausible (a day of the future).
    """
    if answer.hint not in _SERIES:
        known = ", ".join(_SERIES)
        raise Unreadable(f"the list does not say its series: put one of {known} into the file name, or use --product")
    text = tables.text_of(answer.body)
    if text.lstrip().startswith("<"):
        tables.refuse_block_page(text, "the LBMA")
    items = histories.objects_of(histories.json_list(text))
    if not items:
        raise NotPublished("the LBMA's list is empty")
    notes = tables.strangers([key for item in items for key in item], _KEYS, "field")
    days, prices = _read(items)
    histories.check_span(days, _FIRST, answer, _ZONE)
    metal, fixing = _SERIES[answer.hint]
    rejects = _judged(days, prices, metal)
    histories.refuse_many(rejects, len(days))
    return Batch({"lbma_price_rows": _frame(days, prices, metal, fixing, _since(answer.url))}, notes, tuple(rejects))


def _read(items: list[dict[str, object]]) -> tuple[list[date], list[list[float | None]]]:
    """Days, and for each the prices in the order of the currencies, None where missing."""
    days: list[date] = []
    prices: list[list[float | None]] = []
    for index, item in enumerate(items):
        days.append(tables.iso_date(tables.label(item.get("d"), f"[{index}].d"), f"[{index}].d"))
        values = item.get("v")
        if not isinstance(values, list) or len(values) != len(_CURRENCIES):
            raise Unreadable(f"{show(values)} where prices in {', '.join(_CURRENCIES)} should be", f"[{index}].v")
        prices.append([_price(value, f"[{index}].v[{place}]") for place, value in enumerate(values)])
    if len(set(days)) != len(days):
        twice = next(day for day in days if days.count(day) > 1)
        raise Unreadable(f"{twice} stands there twice")
    return days, prices


def _price(raw: object, where: str) -> float | None:
    value = tables.number(raw, where)
    return value if value is not None and value > 0 else None


def _judged(days: list[date], prices: list[list[float | None]], metal: str) -> list[Reject]:
    """A Reject for each row that cannot be; its prices are emptied."""
    rejects: list[Reject] = []
    for index, (day, row) in enumerate(zip(days, prices, strict=True)):
        why = _contradiction(day, row, metal)
        if why:
            rejects.append(Reject(f"{day}: {why}", f"[{index}]", str(row)))
            row[:] = [None] * len(row)
    return rejects


def _contradiction(day: date, row: list[float | None], metal: str) -> str:
    dollars, pounds, euros = row
    if day.weekday() > 4:
        return f"a {day:%A}"
    if dollars and not _DOLLARS[metal][0] <= dollars <= _DOLLARS[metal][1]:
        return f"{dollars:g} dollars is no price of {metal}"
    if dollars and pounds and not _POUND[0] < dollars / pounds < _POUND[1]:
        return f"{dollars:g} dollars and {pounds:g} pounds cannot both be right"
    if pounds and euros and day >= _EURO and pounds >= euros:
        return f"{pounds:g} pounds and {euros:g} euro: a pound has always cost more than a euro"
    return ""


def _since(url: str | None) -> date:
    """The day from which on rows are wanted, as the address says."""
    try:
        asked = parse_qs(urlsplit(url or "").query).get("since", [""])[0]
        return date.fromisoformat(asked) if asked else _FIRST
    except ValueError:
        return _FIRST


def _frame(days: list[date], prices: list[list[float | None]], metal: str, fixing: str, since: date) -> pl.DataFrame:
    columns = {name: [row[place] for row in prices] for place, name in enumerate(_CURRENCIES)}
    schema: dict[str, type[pl.DataType]] = {"session": pl.Date} | dict.fromkeys(_CURRENCIES, pl.Float64)
    long = (
        pl.DataFrame({"session": days, **columns}, schema=schema)
        .filter(pl.col("session") >= since)
        .unpivot(index="session", variable_name="currency", value_name="price")
        .drop_nulls("price")
        .with_columns(
            pl.lit(metal).alias("metal"),
            pl.lit(fixing).alias("fixing"),
            pl.col("session").dt.offset_by("1d").alias("shown"),
        )
    )
    if long.is_empty():
        raise Implausible("not one price in the list")
    return histories.stamped(long, "00:00", _ZONE, on="shown").select(TABLES["lbma_price_rows"].names)


SOURCE: Final = Source(
    name="lbma_prices",
    title="LBMA auction prices",
    publisher="ICE Benchmark Administration, London Bullion Market Association",
    venue="LBMA",
    tables=("lbma_price_rows",),
    due=Due("00:30", _ZONE, days=1, grace_minutes=12 * 60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    keeps_history=False,
    hint_of=hint_of,
    needs_hint=True,
    hosts=("prices.lbma.org.uk",),
    page="https://www.lbma.org.uk/prices-and-data/precious-metal-prices",
    terms="A licence from ICE Benchmark Administration is required to obtain, use or redistribute these prices; there "
    "is no free one. Switch the fetch on only with that licence.",
    terms_url="https://www.ice.com/iba/lbma-gold-silver-price",
    licence="licensed; not to be used or passed on without a licence",
    unit="currency per troy_oz",
    history_start="1968-01-02",
    proof=Proof.DOCUMENTS,
    verified="Known from documents and literals of other parsers only; no file of the publisher was at hand.",
)
