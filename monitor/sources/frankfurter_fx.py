"""Frankfurter: the ECB's reference rates again, from a free service that can be run at home; a fallback.

Publisher: frankfurter.dev, which repeats the European Central Bank; follows the TARGET calendar. JSON: version 1 gives
one date with its rates, or many dates; version 2 a flat list of date, base, quote and rate. Version 2 mixes the rates
of several central banks unless `providers=ECB` is asked for, so it is believed only where the address says so. Asked
for a day without rates, the service answers with the last one before; the date inside counts. Base and quotes as
asked: EUR here. The answers carry no hour: 16:30 Europe/Berlin is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final
from urllib.parse import parse_qs, urlsplit

import polars as pl

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.schema import TABLES
from monitor.sources import histories, plausible, tables
from monitor.sources.tables import show

_ZONE: Final = "Europe/Berlin"
_HOUR: Final = "16:30"
_FIRST: Final = date(1999, 1, 4)
_SITE: Final = "https://api.frankfurter.dev/v1"
_QUOTES: Final = "USD,CNY,INR"
_ONE: Final = ("amount", "base", "date", "rates")
_MANY: Final = ("amount", "base", "start_date", "end_date", "rates")
_FLAT: Final = ("date", "base", "quote", "rate")
_CODE: Final = re.compile(r"[A-Z]{3}")

_Rate = tuple[date, str, str, float]
"""Date, base, quote, rate."""


def asks(day: date) -> tuple[Ask, ...]:
    """The rates of `day`, or of the last day before that had any."""
    return (Ask("frankfurter_fx", day, f"{_SITE}/{day}?base=EUR&symbols={_QUOTES}"),)


def backlog(start: date, end: date) -> tuple[Ask, ...]:
    """All days of a span in one answer."""
    return (Ask("frankfurter_fx", end, f"{_SITE}/{start}..{end}?base=EUR&symbols={_QUOTES}"),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """The keys of version 1, or the first object of version 2's list."""
    head = body[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{"):
        return all(f'"{key}"'.encode() in head for key in ("amount", "base", "rates"))
    first = re.match(rb"\[\s*\{[^{}]*\}", head)
    return first is not None and all(f'"{key}"'.encode() in first[0] for key in _FLAT)


def parse(answer: Answer) -> Batch:
    """Rows of fx_rows.

    Raises NotPublished (nothing for that date), Unreadable (another layout, a rate twice, rates of mixed origin),
    Implausible (a date of the future or a weekend, a rate beyond 10,000,000 or below 0.000001).
    """
    text = tables.text_of(answer.body)
    if text.lstrip().startswith("["):
        rates, notes = _flat(histories.objects_of(histories.json_list(text)), answer)
    else:
        rates, notes = _dated(tables.json_of(text))
    if not rates:
        raise NotPublished("the service has no rate for that date")
    if len({rate[:3] for rate in rates}) != len(rates):
        raise Unreadable("a rate stands there twice")
    days = [rate[0] for rate in rates]
    histories.check_span(days, _FIRST, answer, _ZONE)
    weekend = next((day for day in days if day.weekday() > 4), None)
    if weekend:
        raise Implausible(f"a rate on a weekend: {weekend}")
    frame = pl.DataFrame(rates, schema=["session", "base", "quote", "rate"], orient="row")
    return Batch({"fx_rows": histories.stamped(frame, _HOUR, _ZONE).select(TABLES["fx_rows"].names)}, notes)


def _dated(payload: Mapping[str, object]) -> tuple[list[_Rate], tuple[Note, ...]]:
    """Version 1."""
    if payload.get("message") == "not found":
        raise NotPublished("the service has nothing for that date")
    if payload.get("amount") != 1:
        raise Unreadable(f"rates for an amount of {show(payload.get('amount'))}, not 1", "amount")
    base, rates = _code(payload.get("base"), "base"), payload.get("rates")
    if not isinstance(rates, dict):
        raise Unreadable("no object under 'rates'")
    if "date" in payload:
        day = tables.iso_date(tables.label(payload["date"], "date"), "date")
        return list(_rates(day, base, rates.items())), tables.strangers(list(payload), _ONE, "field")
    found: list[_Rate] = []
    for text, quotes in rates.items():
        if not isinstance(quotes, dict):
            raise Unreadable("no object of rates under the date", f"rates.{show(text)}")
        found += _rates(tables.iso_date(text, "rates"), base, quotes.items())
    return found, tables.strangers(list(payload), _MANY, "field")


def _flat(items: list[dict[str, object]], answer: Answer) -> tuple[list[_Rate], tuple[Note, ...]]:
    """Version 2."""
    if _providers(answer.url) != "ECB":
        raise Unreadable("rates of several central banks, mixed: ask again with providers=ECB, or use version 1")
    found: list[_Rate] = []
    for index, item in enumerate(items):
        where = f"[{index}]"
        day = tables.iso_date(tables.label(item.get("date"), f"{where}.date"), f"{where}.date")
        found += _rates(day, _code(item.get("base"), f"{where}.base"), [(str(item.get("quote")), item.get("rate"))])
    return found, tables.strangers([key for item in items for key in item], _FLAT, "field")


def _providers(url: str | None) -> str:
    try:
        return parse_qs(urlsplit(url or "").query).get("providers", [""])[0]
    except ValueError:
        return ""


def _rates(day: date, base: str, quotes: Iterable[tuple[str, object]]) -> Iterator[_Rate]:
    for quote, raw in quotes:
        where = f"{day} {show(quote)}"
        rate = tables.number(raw, where)
        if rate is None or rate <= 0:
            raise Unreadable(f"{show(raw)} is no rate", where)
        if not 1e-6 <= rate <= 1e7:
            raise Implausible(f"a rate of {rate:g}", where)
        if problem := plausible.rate(base, quote, rate):
            raise Implausible(problem, where)
        yield day, base, _code(quote, where), rate


def _code(raw: object, where: str) -> str:
    if not isinstance(raw, str) or not _CODE.fullmatch(raw):
        raise Unreadable(f"{show(raw)} is no currency", where)
    return raw


SOURCE: Final = Source(
    name="frankfurter_fx",
    title="ECB reference rates from Frankfurter",
    publisher="frankfurter.dev, repeating the European Central Bank",
    venue="TARGET",
    tables=("fx_rows",),
    due=Due(_HOUR, _ZONE, grace_minutes=180),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    hosts=("api.frankfurter.dev",),
    page="https://frankfurter.dev",
    terms="A free and open service without a key; the rates are the ECB's, which is to be named as their source.",
    terms_url="https://frankfurter.dev",
    licence="open source; rates free with attribution to the ECB",
    unit="quote currency per one base",
    history_start="1999-01-04",
    proof=Proof.DOCUMENTS,
    verified="Known from the service's own description of its interface; no answer was at hand.",
)
