"""MCX bhavcopy: daily prices, volume and open interest of gold, silver and copper futures in India.

Publisher: Multi Commodity Exchange of India; venue MCX; Asia/Kolkata; after the evening session, about midnight. Three
forms of the same rows: a CSV with the columns of the web service, its JSON (`d.Data`, days as /Date(ms)/ at midnight in
India), and the site's newer JSON (`Data`, days as MM/DD/YYYY). Either one contract over many days or all contracts of a
day; options and other goods are passed over.

Gold is INR per 10 g, silver and copper INR per kg; prices include import duty and not the 3 percent GST. A day
without trades prints 0 for open, high and low, which is stored as NULL, and carries its close over. `Value` is in lakh
(100,000) INR; over the quantity printed it gives the average price, which must lie inside the day's range: proved.

The site asks not to be scraped and turns robots away: save the file in a browser. No hour is given: 01:00 of the next
day is assumed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from monitor import clock
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.sources import plausible, tables
from monitor.sources.tables import show
from monitor.units import GRAMS

_ZONE: Final = "Asia/Kolkata"
_SITE: Final = "https://www.mcxindia.com/market-data/bhavcopy"
_FIRST: Final = date(2003, 11, 10)


class Product(NamedTuple):
    """How many units a price is for, the unit, and the lot in that unit."""

    quantity: float
    unit: str
    lot: float
    proved: bool = False
    """Whether the lot was seen in captured files, so that another one is a fault of the file."""


_PRODUCTS: Final = {
    "GOLD": Product(10, "gram", 1_000, proved=True),
    "GOLDM": Product(10, "gram", 100),
    "SILVER": Product(1, "kg", 30),
    "SILVERM": Product(1, "kg", 5),
    "SILVERMIC": Product(1, "kg", 1),
    "COPPER": Product(1, "kg", 2_500),
}
_NEEDED: Final = (
    "Date", "Symbol", "ExpiryDate", "Open", "High", "Low", "Close", "PreviousClose", "Volume", "Value", "OpenInterest",
    "InstrumentName",
)  # fmt: skip
_KNOWN: Final = frozenset((*_NEEDED, "__type", "VolumeInThousands", "DateDisplay", "StrikePrice", "OptionType"))
_TOP: Final = ("__type", "Data", "Summary", "IsSuccess", "Message")
_FUTURES: Final = "FUTCOM"
_INSTRUMENTS: Final = frozenset({_FUTURES, "OPTCOM", "OPTFUT", "FUTIDX", "OPTIDX", "COM"})
_WEIGHTS: Final = {"GRMS": "gram", "GMS": "gram", "KGS": "kg", "KG": "kg", "MT": "tonne"}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LAKH: Final = 100_000.0
_MOST_ROWS: Final = 50_000


class Row(NamedTuple):
    """One contract's day: prices in INR per `product.quantity` units, value in lakh INR."""

    session: date
    symbol: str
    expiry: date
    product: Product
    open: float | None
    high: float | None
    low: float | None
    close: float
    previous_close: float | None
    lots: int
    volume_text: str | None
    value: float | None
    interest: int
    where: str

    @property
    def name(self) -> str:
        return f"{self.symbol} {self.expiry:%d%b%Y}".upper()


def asks(day: date) -> tuple[Ask, ...]:
    """The site's own question for all contracts of `day`, known from documents."""
    if day < _FIRST:
        return ()
    return (Ask("mcx_bhavcopy", day, f"{_SITE}/GetDateWiseBhavCopy?InstrumentName=ALL&fromDate={day:%d/%m/%Y}"),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A CSV whose headings, or JSON whose fields, are the bhavcopy's."""
    head = body[:20_000]
    if not all(word in head for word in (b"ExpiryDate", b"PreviousClose", b"OpenInterest", b"InstrumentName")):
        return False
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"<"):
        return start[:1] == b"{"
    return {b"ExpiryDate", b"PreviousClose"} <= set(start.split(b"\n", 1)[0].split(b","))


def parse(answer: Answer) -> Batch:
    """Rows of mcx_rows.

    Raises NotPublished (no rows), Blocked (a refusal page), Unreadable (layout, a cut line, no contract of ours, a
    contract twice under one day), Implausible (prices outside the day's range, a value that contradicts them, a lot of
    another size in gold, a row after its expiry, a count that is not the number of rows).
    """
    text = tables.text_of(answer.body)
    start = text.lstrip()[:1]
    if start == "<":
        tables.refuse_block_page(text, "MCX")
        raise Unreadable("a web page, not a bhavcopy")
    items, notes = _from_json(text) if start == "{" else _from_csv(text)
    asked = _asked(answer.url)
    rows: list[Row] = []
    for where, item in items:
        row = _row(item, where, notes)
        if row is None:
            continue
        tables.believable(row.session, answer, _ZONE, where)
        if asked and row.session != asked:
            raise Implausible(f"asked for {asked}, the file holds {row.session}", where)
        notes += _check(row)
        rows.append(row)
    if not rows:
        raise Unreadable(f"no futures of {', '.join(_PRODUCTS)} in the file")
    if len({(row.session, row.symbol, row.expiry) for row in rows}) != len(rows):
        raise Unreadable("a contract stands twice under one day")
    notes += _chains(rows)
    frames = {"mcx_rows": tables.frame("mcx_rows", [_record(row) for row in rows])}
    return Batch(frames, tuple(dict.fromkeys(notes)))


# --- reading -------------------------------------------------------------------------------------

_Items = list[tuple[str, dict[str, object]]]


def _from_csv(text: str) -> tuple[_Items, list[Note]]:
    """Rows by heading, with their positions."""
    tables.whole_lines(text)
    try:
        lines = list(csv.reader(StringIO(text), strict=True))
    except csv.Error as error:
        raise Unreadable(f"the CSV does not parse: {show(str(error))}") from None
    if not lines or not set(_NEEDED) <= set(lines[0]) or len(set(lines[0])) != len(lines[0]):
        raise Unreadable(f"the headings are not a bhavcopy's: {show(lines[0] if lines else '')}", "line 1")
    names, rest = lines[0], lines[1:]
    if len(rest) > _MOST_ROWS:
        raise Unreadable(f"more than {_MOST_ROWS} rows")
    for number, line in enumerate(rest, 2):
        if len(line) != len(names):
            raise Unreadable(f"{len(line)} fields under {len(names)} headings", f"line {number}")
    if not rest:
        raise NotPublished("MCX's file has headings and no rows")
    notes = [Note("layout", f"an unknown column {show(name)}", where="line 1") for name in names if name not in _KNOWN]
    return [(f"line {number}", dict(zip(names, line, strict=True))) for number, line in enumerate(rest, 2)], notes


def _from_json(text: str) -> tuple[_Items, list[Note]]:
    """Rows of `d.Data` or `Data`, with their positions."""
    payload = tables.json_of(text)
    inner = payload.get("d") if "d" in payload else payload
    if not isinstance(inner, dict):
        raise Unreadable(f"{show(inner)} under 'd'", "d")
    if inner.get("IsSuccess") is False or inner.get("Data") is None or inner.get("Data") == []:
        raise NotPublished(f"MCX has no rows: {show(tables.label(inner.get('Message'), 'Message'))}")
    items = tables.objects(inner, "Data")
    summary = inner.get("Summary")
    count = tables.whole(summary.get("Count"), "Summary.Count") if isinstance(summary, dict) else None
    if count is not None and count != len(items):
        raise Implausible(f"{len(items)} rows, the summary counts {count}", "Summary.Count")
    if len(items) > _MOST_ROWS:
        raise Unreadable(f"more than {_MOST_ROWS} rows")
    unknown = sorted({key for item in items for key in item} - _KNOWN)
    notes = [Note("layout", f"an unknown field {show(key)}", where="Data") for key in unknown]
    notes += tables.unknown_fields([payload], ("d",) if "d" in payload else _TOP)
    notes += tables.unknown_fields([inner], _TOP, "d") if "d" in payload else ()
    notes += tables.unknown_fields([summary], ("Count",), "Summary") if isinstance(summary, dict) else ()
    return [(f"Data[{index}]", item) for index, item in enumerate(items)], notes


def _row(item: Mapping[str, object], where: str, notes: list[Note]) -> Row | None:
    """One row as typed figures, None where it is not a future of ours."""
    missing = [key for key in _NEEDED if key not in item]
    if missing:
        raise Unreadable(f"no {missing[0]}", where)
    kind = tables.label(item["InstrumentName"], f"{where}.InstrumentName")
    if kind not in _INSTRUMENTS:
        notes.append(Note("layout", f"an instrument of an unknown kind: {show(kind)}"))
    symbol = tables.label(item["Symbol"], f"{where}.Symbol")
    product = _PRODUCTS.get(symbol)
    if kind != _FUTURES or product is None:
        return None

    def number_at(key: str) -> float | None:
        return tables.number(item[key], f"{where}.{key}")

    lots = tables.whole(item["Volume"], f"{where}.Volume")
    interest = tables.whole(item["OpenInterest"], f"{where}.OpenInterest")
    close = number_at("Close")
    if lots is None or interest is None or close is None:
        raise Unreadable("a blank where the volume, the open interest or the close should be", where)
    prices = {key: None if not lots and not number_at(key) else number_at(key) for key in ("Open", "High", "Low")}
    return Row(
        session=_day(item["Date"], f"{where}.Date"),
        symbol=symbol,
        expiry=_expiry(item["ExpiryDate"], f"{where}.ExpiryDate"),
        product=product,
        open=prices["Open"],
        high=prices["High"],
        low=prices["Low"],
        close=close,
        previous_close=number_at("PreviousClose"),
        lots=lots,
        volume_text=tables.label(item.get("VolumeInThousands"), f"{where}.VolumeInThousands") or None,
        value=number_at("Value"),
        interest=interest,
        where=where,
    )


def _day(raw: object, where: str) -> date:
    """The day of `2025-10-03`, `10/03/2025` (month first) or `/Date(ms)/`, whose moment is read in India."""
    text = tables.label(raw, where)
    if found := re.fullmatch(r"/Date\(([0-9]{1,14})(?:[+-][0-9]{4})?\)/", text):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))
        return moment.astimezone(clock.zone(_ZONE)).date()
    if found := re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", text):
        return tables.iso_date(f"{found[3]}-{found[1]}-{found[2]}", where)
    return tables.iso_date(text, where)


def _expiry(raw: object, where: str) -> date:
    text = tables.label(raw, where).upper()
    found = re.fullmatch(r"([0-9]{2})([A-Z]{3})([0-9]{4})", text)
    if found is None or found[2] not in _MONTHS:
        raise Unreadable(f"{show(text)} is no expiry such as 05DEC2025", where)
    return tables.iso_date(f"{found[3]}-{_MONTHS.index(found[2]) + 1:02}-{found[1]}", where)


def _asked(url: str | None) -> date | None:
    """The day the address asks for (`fromDate=DD/MM/YYYY`), None where it asks for none."""
    try:
        found = parse_qs(urlsplit(url or "").query).get("fromDate", [""])[0]
    except ValueError:
        return None
    parts = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", found)
    return tables.iso_date(f"{parts[3]}-{parts[2]}-{parts[1]}", "address") if parts else None


# --- checking ------------------------------------------------------------------------------------


def _check(row: Row) -> Iterator[Note]:
    """The identities of one row: order of days, prices of one size, and those of its trade."""
    if row.session > row.expiry:
        raise Implausible(f"{row.name} has a row on {row.session}, after its expiry", row.where)
    if row.lots < 0 or row.interest < 0 or row.close <= 0:
        text = f"{row.lots} lots, {row.interest} open, close {row.close:g}"
        raise Implausible(f"{row.name} {row.session}: {text}", row.where)
    if problem := plausible.apart({"previous close": row.previous_close or None}, row.close):
        raise Implausible(f"{row.name} {row.session}: {problem}", row.where)
    if row.lots:
        yield from _check_trade(row)


def _check_trade(row: Row) -> Iterator[Note]:
    """The identities of a row that was traded: range, quantity and value."""
    low, high = row.low, row.high
    if low is None or high is None or low <= 0:
        raise Implausible(f"{row.name} {row.session}: {row.lots} lots without a price", row.where)
    if problem := plausible.apart({"open": row.open, "high": high, "low": low}, row.close):
        raise Implausible(f"{row.name} {row.session}: {problem}", row.where)
    for name, value in (("open", row.open), ("close", row.close)):
        if value is not None and not low <= value <= high:
            text = f"{name} {value:g} outside the day's {low:g} to {high:g}"
            raise Implausible(f"{row.name} {row.session}: {text}", row.where)
    traded = _traded(row)
    if traded is None or abs(traded - row.lots * row.product.lot) > 0.001 * traded:
        lot = f"{row.product.lot:g} {row.product.unit} a lot"
        if row.product.proved:
            text = f"{row.volume_text or 'no quantity'} for {row.lots} lots is not {lot}"
            raise Implausible(f"{row.name} {row.session}: {text}", row.where)
        yield Note("layout", f"{row.symbol}: the quantity is not {lot}, so the value proves nothing")
        return
    _check_value(row, traded, low, high)


def _traded(row: Row) -> float | None:
    """The quantity traded in the product's unit, from the printed text in thousands; None where not understood."""
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]+)?) ([A-Z]{1,6})", row.volume_text or "")
    weight = _WEIGHTS.get(found[2]) if found else None
    if found is None or weight is None:
        return None
    return float(found[1]) * 1_000 * GRAMS[weight] / GRAMS[row.product.unit]


def _check_value(row: Row, traded: float, low: float, high: float) -> None:
    """The value over the quantity is the average price; the value is rounded to 1,000 INR."""
    if row.value is None or not traded:
        return
    pieces = traded / row.product.quantity
    average, slack = row.value * _LAKH / pieces, 0.006 * _LAKH / pieces + 0.001 * high
    if not low - slack <= average <= high + slack:
        text = f"the value gives {average:.2f} on average, the day's range is {low:g} to {high:g}"
        raise Implausible(f"{row.name} {row.session}: {text}", row.where)


def _chains(rows: Sequence[Row]) -> Iterator[Note]:
    """A note a contract whose previous close is not the close of the row before; MCX mends the close of idle days."""
    chains: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.session):
        chains.setdefault(row.name, []).append(row)
    for name, chain in chains.items():
        off = [b.session for a, b in pairwise(chain) if b.previous_close not in (None, a.close)]
        if off:
            text = f"{name}: on {len(off)} days the previous close is not the close of the row before, first {off[0]}"
            yield Note("layout", text)


def _record(row: Row) -> dict[str, object]:
    return {
        "session": row.session,
        "symbol": row.symbol,
        "expiry": row.expiry,
        "open": row.open,
        "high": row.high,
        "low": row.low,
        "close": row.close,
        "previous_close": row.previous_close,
        "volume_lots": row.lots,
        "volume_text": row.volume_text,
        "value": row.value,
        "open_interest": row.interest,
        "price_quantity": row.product.quantity,
        "unit": row.product.unit,
        "published_at": tables.usual_hour(row.session + timedelta(days=1), "01:00", _ZONE),
        "published_assumed": True,
    }


SOURCE: Final = Source(
    name="mcx_bhavcopy",
    title="MCX bhavcopy",
    publisher="Multi Commodity Exchange of India",
    venue="MCX",
    tables=("mcx_rows",),
    due=Due(clock="01:00", zone=_ZONE, days=1, grace_minutes=600),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hosts=("www.mcxindia.com",),
    page="https://www.mcxindia.com/market-data/bhavcopy",
    terms="Meant for readers of the site; a library that reads it repeats the exchange's wish not to be scraped, and "
    "robots are turned away: save the file in a browser.",
    terms_url="https://www.mcxindia.com/",
    licence="personal use; not to be passed on",
    unit="INR per 10 g (gold), per kg (silver, copper); lots; lakh INR",
    history_start="2003-11-10",
    proof=Proof.QUOTED,
    verified="CSV: 642 captured rows of five gold contracts, 2013 to 2026, every identity proved. The JSON forms, the "
    "other contracts and their lots are known from documents only.",
)
