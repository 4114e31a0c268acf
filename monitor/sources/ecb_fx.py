"""ECB euro reference rates: how much of each currency one euro buys.

Publisher: European Central Bank; follows the TARGET calendar; about 16:00 Europe/Berlin on every TARGET day. Free of
charge with attribution. Base EUR, quote currency per 1 EUR; CNY is the onshore yuan, not CNH. A currency without a
rate that day prints N/A and gives no row; currencies that ended keep their column.

Read: `eurofxref-hist.zip` or its CSV (ISO dates, newest first, an empty last column), `eurofxref.zip` or its CSV (one
date written "30 October 2026", comma and space), and the daily, 90-day and whole XML. The XML layout is known from
documents only. The files carry no hour: 16:00 is assumed.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from xml.parsers import expat

import polars as pl

from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import plausible, tables, unzip

_ZONE: Final = "Europe/Berlin"
_HOUR: Final = "16:00"
_SITE: Final = "https://www.ecb.europa.eu/stats/eurofxref"
_CSV_BYTES: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789,./- \n"
_SEEN: Final = (
    "USD", "JPY", "BGN", "CYP", "CZK", "DKK", "EEK", "GBP", "HUF", "LTL", "LVL", "MTL", "PLN", "ROL", "RON", "SEK",
    "SIT", "SKK", "CHF", "ISK", "NOK", "HRK", "RUB", "TRL", "TRY", "AUD", "BRL", "CAD", "CNY", "HKD", "IDR", "ILS",
    "INR", "KRW", "MXN", "MYR", "NZD", "PHP", "SGD", "THB", "ZAR",
)  # fmt: skip
"""Every currency of the history of 2026; a new one is stored, and noted."""
_HIGHEST: Final = 1e7
_LOWEST: Final = 1e-6


def asks(day: date) -> tuple[Ask, ...]:
    """The daily file: it holds the newest date only, whatever the day asked for."""
    return (Ask("ecb_fx", day, f"{_SITE}/eurofxref.zip"),)


def backlog(start: date, end: date) -> tuple[Ask, ...]:  # noqa: ARG001
    """The whole history in one file."""
    return (Ask("ecb_fx", end, f"{_SITE}/eurofxref-hist.zip"),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A zip whose member is called eurofxref, a CSV that begins with Date and USD, or the XML of that name."""
    head = body[:2_000].lstrip()
    if head.startswith(b"PK\x03\x04"):
        return b"eurofxref" in head[:200]
    if head.startswith(b"<"):
        return b"eurofxref" in head and b"Cube" in head
    return re.match(rb"(?:\xef\xbb\xbf)?Date, ?USD, ?JPY,", head) is not None


def parse(answer: Answer) -> Batch:
    """Rows of fx_rows, base EUR.

    Raises Blocked (a block page), Unreadable (a zip that is too large, too dense, nested or damaged; a ragged or cut
    file; a value that is no positive number; a date twice), Implausible (a weekend, a date of the future, a rate
    beyond 10,000,000 or below 0.000001).
    """
    body = answer.body
    if body[:2] == b"PK":
        body = unzip.only_file(body)
    rates, odd = _from_xml(tables.text_of(body)) if body.lstrip()[:1] == b"<" else _from_csv(body)
    _check_dates(rates, answer)
    notes = tables.strangers(odd, (), "column") + tables.strangers(rates.columns, ("session", *_SEEN), "currency")
    return Batch({"fx_rows": _rows(rates)}, notes)


# --- the CSV ---------------------------------------------------------------------------------


def _from_csv(body: bytes) -> tuple[pl.DataFrame, list[str]]:
    """One row a date, `session` and a text column a currency; and headings that are none, which are left out.

    Every line must have the heading's commas.
    """
    clean = body.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b", ", b",").strip(b"\n")
    odd = clean.translate(None, _CSV_BYTES)
    if odd or not clean:
        raise Unreadable(f"no CSV of rates: {tables.show(odd[:10]) if odd else 'the file is empty'}")
    lines = clean.split(b"\n")
    names = lines[0].decode("ascii").split(",")
    at = {name: index for index, name in enumerate(names) if re.fullmatch(r"[A-Z]{3}", name)}
    strange = [name for name in names[1:] if name and name not in at]
    nameless = [index for index, name in enumerate(names) if not name]
    damaged = len(set(names)) != len(names) or any(name.strip().upper() in _SEEN for name in strange)
    if names[0] != "Date" or not at or damaged or len(strange) >= len(at):
        raise Unreadable(f"the headings are not Date and currencies: {tables.show(names[:4])}", "line 1")
    commas = lines[0].count(b",")
    for index, line in enumerate(lines, 1):
        if line.count(b",") != commas:
            raise Unreadable(f"{line.count(b',') + 1} fields under {commas + 1} headings", f"line {index}")
    if len(lines) == 1:
        raise Unreadable("headings and no rates")
    columns = [f"column_{index}" for index in range(commas + 1)]
    try:
        table = pl.read_csv(
            b"\n".join(lines[1:]),
            has_header=False,
            schema=dict.fromkeys(columns, pl.String),
            quote_char=None,
        ).fill_null("")
    except pl.exceptions.PolarsError as error:
        raise Unreadable(f"the CSV does not parse: {tables.show(str(error))}") from None
    if table.height != len(lines) - 1:
        raise Unreadable(f"{table.height} rows read from {len(lines) - 1} lines")
    if any((table[columns[index]] != "").any() for index in nameless):
        raise Unreadable("a value under a nameless heading")
    chosen = [pl.col(columns[index]).alias(currency) for currency, index in at.items()]
    renamed = table.select(pl.col(columns[0]).alias("session"), *chosen)
    return renamed.with_columns(_dates(renamed["session"])), strange


def _dates(texts: pl.Series) -> pl.Series:
    found = texts.str.to_date("%Y-%m-%d", strict=False)
    found = found.fill_null(texts.str.to_date("%d %B %Y", strict=False)).alias("session")
    odd = found.is_null() | (found.dt.year() < 1).fill_null(value=True)
    if odd.any():
        line = odd.arg_max() or 0
        raise Unreadable(f"{tables.show(texts[line])} is no date", f"line {line + 2}")
    return found


# --- the XML ---------------------------------------------------------------------------------


_ELEMENTS: Final = ("Envelope", "subject", "Sender", "name", "Cube")
_ATTRIBUTES: Final = ("time", "currency", "rate")


class _Cubes:
    """Collects rates from Cube elements: one with a time holds those with currency and rate."""

    def __init__(self) -> None:
        self.days: list[dict[str, object]] = []
        self.odd: dict[str, None] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        bare = name.rpartition(" ")[2]
        if bare not in _ELEMENTS:
            self.odd[bare] = None
        if bare != "Cube":
            return
        self.odd |= dict.fromkeys(key for key in attributes if key not in _ATTRIBUTES)
        if "time" in attributes:
            self.days.append({"session": tables.iso_date(attributes["time"], f"Cube {len(self.days) + 1}")})
        elif "currency" in attributes:
            currency, where = attributes["currency"], f"Cube {len(self.days)}"
            if not self.days or not re.fullmatch(r"[A-Z]{3}", currency):
                raise Unreadable(f"a rate of {tables.show(currency)} outside a date", where)
            if currency in self.days[-1]:
                raise Unreadable(f"{currency} stands twice under one date", where)
            self.days[-1][currency] = attributes.get("rate", "")


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("a document type declaration, which the ECB's files have not")


def _from_xml(text: str) -> tuple[pl.DataFrame, list[str]]:
    """As `_from_csv`; document types and entities are refused before anything is expanded."""
    if "Cube" not in text:
        tables.refuse_block_page(text, "ECB")
        raise Unreadable("no ECB rates in the page")
    cubes = _Cubes()
    parser = expat.ParserCreate("utf-8", " ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = cubes.start
    try:
        parser.Parse(text.encode(), True)
    except (expat.ExpatError, ValueError) as error:
        raise Unreadable(f"the XML does not parse: {tables.show(str(error))}") from None
    if not cubes.days:
        raise Unreadable("no dated Cube in the XML")
    names = dict.fromkeys(name for day in cubes.days for name in day)
    found = pl.DataFrame(
        {name: [day.get(name, "" if name != "session" else None) for day in cubes.days] for name in names},
        schema={name: pl.Date if name == "session" else pl.String for name in names},
    )
    return found, list(cubes.odd)


# --- both ------------------------------------------------------------------------------------


def _check_dates(rates: pl.DataFrame, answer: Answer) -> None:
    sessions = rates["session"]
    if sessions.n_unique() != rates.height:
        twice = sessions.filter(sessions.is_duplicated())
        raise Unreadable(f"{twice[0]} stands there twice")
    for day in (sessions.min(), sessions.max()):
        if isinstance(day, date):
            tables.believable(day, answer, _ZONE)
    weekend = sessions.filter(sessions.dt.weekday() > 5)
    if not weekend.is_empty():
        raise Implausible(f"a rate on a weekend: {weekend[0]}")


def _rows(rates: pl.DataFrame) -> pl.DataFrame:
    hour = int(_HOUR.partition(":")[0])
    moment = pl.col("session").cast(pl.Datetime("us")).dt.offset_by(f"{hour}h").dt.replace_time_zone(_ZONE)
    published = moment.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    long = (
        rates.with_columns(published.alias("published_at"))
        .unpivot(index=["session", "published_at"], variable_name="quote", value_name="text")
        .filter(~pl.col("text").is_in(["N/A", ""]))
        .with_columns(pl.col("text").cast(pl.Float64, strict=False).alias("rate"))
    )
    bad = long.filter(~(pl.col("rate").is_finite() & (pl.col("rate") > 0)).fill_null(value=False))
    if not bad.is_empty():
        first = bad.row(0, named=True)
        raise Unreadable(f"{tables.show(first['text'])} is no rate", f"{first['session']} column {first['quote']}")
    wild = long.filter((pl.col("rate") > _HIGHEST) | (pl.col("rate") < _LOWEST))
    if not wild.is_empty():
        first = wild.row(0, named=True)
        raise Implausible(f"a rate of {first['text']}", f"{first['session']} column {first['quote']}")
    if long.is_empty():
        raise Unreadable("not one rate in the file")
    for quote, low, high in long.group_by("quote").agg(low=pl.col("rate").min(), high=pl.col("rate").max()).rows():
        if problem := plausible.rate("EUR", quote, low) or plausible.rate("EUR", quote, high):
            raise Implausible(problem, f"column {quote}")
    return long.select(
        "session",
        pl.lit("EUR").alias("base"),
        "quote",
        "rate",
        "published_at",
        pl.lit(value=True).alias("published_assumed"),
    )


SOURCE: Final = Source(
    name="ecb_fx",
    title="ECB euro reference rates",
    publisher="European Central Bank",
    venue="TARGET",
    tables=("fx_rows",),
    due=Due(clock=_HOUR, zone=_ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    keeps_history=False,
    hosts=("www.ecb.europa.eu",),
    page="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html",
    terms="Free of charge; quote the ECB as the source and say what was changed or computed.",
    terms_url="https://www.ecb.europa.eu/services/using-our-site/disclaimer/html/index.en.html",
    licence="free with attribution",
    unit="quote currency per 1 EUR",
    history_start="1999-01-04",
    proof=Proof.CAPTURES,
    verified="The history zip of 2026-10-30 and the daily CSV of that day, both whole. XML known from documents only.",
)
