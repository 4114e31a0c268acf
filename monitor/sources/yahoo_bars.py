"""Daily prices of silver miners and bullion funds: Yahoo's chart answer, one JSON document a symbol.

Yahoo's terms forbid automated collection: nothing is fetched unless the operator switches it on, a browser's answer
is saved into the inbox. Prices are USD, printed as 32-bit floats (27.479000091552734) and kept to four places; splits
are taken out of all of them, dividends of `adjclose` alone, both as of the file. A bar's date is its timestamp in New
York; the printed gmtoffset is today's and moves a bar of the other half of the year where it is stamped at midnight.

Left out, each as a Reject: a bar without a close, of a day the NYSE is closed, of a session that is not over (before
16:00, on half days 13:00, by the file's own market time), the last bar of a file made after 18:00 (it may be the new
session under the old date), two bars under one date, prices that contradict each other. `range=max` answers with
monthly bars whatever is asked: a file that is not daily is refused. So are continuous futures such as SI=F: they are
the nominal nearest contract, often without a trade; COMEX settlements are read from CME's own files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from monitor import clock, sessions
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import tables
from monitor.sources.tables import show

MINERS: Final = ("HL", "PAAS", "CDE", "AG", "EXK", "SVM")
FUNDS: Final = ("SLV", "AGQ", "PSLV", "GLD", "GDX", "SIL", "SILJ")
SYMBOLS: Final = MINERS + FUNDS
_ZONE: Final = "America/New_York"
_PLACES: Final = 4
_PRICES: Final = ("open", "high", "low", "close")
_COLUMNS: Final = frozenset((*_PRICES, "volume"))
_PARTS: Final = frozenset(("meta", "timestamp", "indicators", "events"))
_META: Final = frozenset(
    (
        "currency", "symbol", "exchangeName", "fullExchangeName", "instrumentType", "firstTradeDate", "priceHint",
        "regularMarketTime", "hasPrePostMarketData", "gmtoffset", "timezone", "exchangeTimezoneName", "longName",
        "regularMarketPrice", "fiftyTwoWeekHigh", "fiftyTwoWeekLow", "regularMarketDayHigh", "regularMarketDayLow",
        "regularMarketVolume", "shortName", "chartPreviousClose", "previousClose", "scale", "tradingPeriods",
        "currentTradingPeriod", "dataGranularity", "range", "validRanges",
    )
)  # fmt: skip
"""What Yahoo was seen to say of a symbol."""
_INDICATORS: Final = frozenset(("quote", "adjclose"))
_REFUSALS: Final = ("too many requests", "unauthorized", "forbidden", "will be right back")
_UNFINISHED: Final = "the session is not over in this file"
_NO_CLOSE: Final = "no close"
_SETTLED: Final = timedelta(minutes=15)
_MOST_BARS: Final = 50_000
_DEAREST: Final = 10_000
_BUSIEST: Final = 1e12


def asks(day: date) -> tuple[Ask, ...]:
    """One question a symbol, for the bar of `day`."""
    return _asks(day, day)


def backlog(start: date, end: date) -> tuple[Ask, ...]:
    """One question a symbol, for all bars from `start` to `end`."""
    return _asks(start, end)


def _asks(start: date, end: date) -> tuple[Ask, ...]:
    first = int(clock.local(start, "00:00", _ZONE).timestamp())
    last = int(clock.local(end + timedelta(days=1), "00:00", _ZONE).timestamp())
    site = "https://query1.finance.yahoo.com/v8/finance/chart"
    asked = f"period1={first}&period2={last}&interval=1d&events=div%2Csplits"
    return tuple(Ask("yahoo_bars", end, f"{site}/{symbol}?{asked}", hint=None) for symbol in SYMBOLS)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, never the name
    """A JSON object whose first key is `chart`."""
    head = b"".join(body[:64].removeprefix(b"\xef\xbb\xbf").split())
    return head.startswith(b'{"chart":{')


def parse(answer: Answer) -> Batch:
    """Rows of bar_rows, a Reject for every bar left out.

    Raises NotPublished (no data for the symbol, or no finished session), Blocked (Yahoo's refusal), Unreadable (not
    daily, a symbol outside SYMBOLS, a future, arrays of different lengths), Implausible (timestamps out of order or of
    the future, no bar left to believe).
    """
    text = tables.text_of(answer.body)
    if not text.lstrip().startswith("{"):
        tables.refuse_block_page(text, "Yahoo")
        if any(words in text[:2_000].lower() for words in _REFUSALS):
            raise Blocked(f"Yahoo refuses us: {show(text.strip()[:60])}; save the answer in a browser")
        raise Unreadable("no JSON object of Yahoo's chart")
    payload = tables.json_of(text)
    result = _result(payload)
    meta = _object(result, "meta", "chart.result[0]")
    symbol = _symbol(meta)
    stamps = _stamps(result, answer)
    columns, notes = _columns(result, len(stamps))
    as_of = _market_time(meta, answer)
    kept, rejects = _bars(stamps, columns, as_of, answer)
    if not kept:
        first = rejects[0]
        if all(reject.message in (_UNFINISHED, _NO_CLOSE) for reject in rejects):
            raise NotPublished(f"{symbol}: {first.message} ({first.where})")
        raise Implausible(f"{symbol}: none of {len(rejects)} bars can be believed: {first.message}", first.where)
    known = {
        "symbol": symbol,
        "currency": "USD",
        "adjusted_as_of": clock.naive(as_of or datetime.fromtimestamp(stamps[-1], UTC)),
        "published_assumed": True,
    }
    rows = [bar | known for bar in kept]
    notes += tables.unknown_fields([payload], ("chart",))
    notes += tables.unknown_fields([_object(payload, "chart", "")], ("result", "error"), "chart")
    return Batch({"bar_rows": tables.frame("bar_rows", rows)}, notes, tuple(rejects))


# --- the document ----------------------------------------------------------------------------------


def _result(payload: Mapping[str, object]) -> Mapping[str, object]:
    chart = _object(payload, "chart", "")
    error = chart.get("error")
    if isinstance(error, dict):
        code = tables.label(error.get("code"), "chart.error.code")
        said = f"Yahoo answers {show(code)}: {show(tables.label(error.get('description'), 'chart.error.description'))}"
        if any(word in code.lower() for word in _REFUSALS):
            raise Blocked(said)
        if code.lower() == "not found":
            raise NotPublished(said)
        raise Unreadable(said, "chart.error")
    results = tables.objects(chart, "result")
    if len(results) != 1:
        raise Unreadable(f"{len(results)} results, expected one", "chart.result")
    return results[0]


def _symbol(meta: Mapping[str, object]) -> str:
    """The symbol, where the document is one of daily bars in dollars of a share or fund we know."""
    symbol, where = tables.label(meta.get("symbol"), "meta.symbol"), "chart.result[0].meta"
    if symbol.endswith("=F") or meta.get("instrumentType") == "FUTURE":
        raise Unreadable(
            f"{show(symbol)} is a future: Yahoo's continuous series is the nominal nearest contract, its bars often "
            "without a trade; take settlements from CME's files (comex_settlements)",
            where,
        )
    if symbol not in SYMBOLS:
        raise Unreadable(f"{show(symbol)} is none of {', '.join(SYMBOLS)}", where)
    wanted = {"dataGranularity": "1d", "currency": "USD", "exchangeTimezoneName": _ZONE}
    for key, value in wanted.items():
        if meta.get(key) != value:
            hint = "; range=max answers with monthly bars, ask by period1 and period2" if key[0] == "d" else ""
            raise Unreadable(f"{symbol}: {key} is {show(meta.get(key))}, not {value!r}{hint}", where)
    return symbol


def _stamps(result: Mapping[str, object], answer: Answer) -> list[int]:
    raw = result.get("timestamp")
    if raw is None:
        raise NotPublished("Yahoo has no bar for these days")
    if not isinstance(raw, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in raw):
        raise Unreadable("timestamp is no list of whole numbers", "chart.result[0].timestamp")
    stamps = [one for one in raw if isinstance(one, int)]
    if not stamps:
        raise NotPublished("Yahoo has no bar for these days")
    if len(stamps) > _MOST_BARS:
        raise Unreadable(f"{len(stamps)} bars are more than a day each since 1900", "chart.result[0].timestamp")
    limit = answer.fetched_at.timestamp() + 86_400
    if stamps != sorted(stamps) or stamps[0] < 0 or stamps[-1] > limit:
        raise Implausible("the timestamps are out of order or of the future", "chart.result[0].timestamp")
    gaps = [after - before for before, after in pairwise(stamps)]
    if len(gaps) >= 4 and median(gaps) > 5 * 86_400:
        raise Unreadable("the bars lie weeks or months apart, though called daily", "chart.result[0].timestamp")
    return stamps


def _columns(result: Mapping[str, object], count: int) -> tuple[dict[str, Sequence[object]], tuple[Note, ...]]:
    """Our column -> values, each as long as the timestamps; notes on keys nobody has seen."""
    indicators = _object(result, "indicators", "chart.result[0]")
    quotes = tables.objects(indicators, "quote")
    if len(quotes) != 1:
        raise Unreadable(f"{len(quotes)} blocks of quotes, expected one", "indicators.quote")
    found = {name: _values(quotes[0], name, count) for name in (*_PRICES, "volume")}
    adjusted = tables.objects(indicators, "adjclose") if "adjclose" in indicators else []
    found["adjusted_close"] = _values(adjusted[0], "adjclose", count) if adjusted else [None] * count
    odd = (result.keys() - _PARTS) | (indicators.keys() - _INDICATORS) | (quotes[0].keys() - _COLUMNS)
    odd |= {key for block in adjusted for key in block.keys() - {"adjclose"}}
    odd |= _object(result, "meta", "chart.result[0]").keys() - _META
    notes = (Note("layout", f"unknown keys: {show(', '.join(sorted(odd)[:9]))}"),) if odd else ()
    return found, notes


def _values(block: Mapping[str, object], key: str, count: int) -> Sequence[object]:
    values = block.get(key)
    if not isinstance(values, list) or len(values) != count:
        size = len(values) if isinstance(values, list) else "no"
        raise Unreadable(f"{key} has {size} values beside {count} timestamps", f"indicators.{key}")
    return values


def _market_time(meta: Mapping[str, object], answer: Answer) -> datetime | None:
    """When the file says its last trade was; None where it does not."""
    raw = meta.get("regularMarketTime")
    if raw is None:
        return None
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 < raw <= answer.fetched_at.timestamp() + 86_400:
        raise Implausible(f"a market time of {show(raw)}", "meta.regularMarketTime")
    return datetime.fromtimestamp(raw, UTC)


def _object(holder: Mapping[str, object], key: str, where: str) -> Mapping[str, object]:
    found = holder.get(key)
    if not isinstance(found, dict):
        raise Unreadable(f"expected an object under {key!r}, found {show(found)}", where)
    return found


# --- the bars --------------------------------------------------------------------------------------


def _bars(
    stamps: Sequence[int], columns: Mapping[str, Sequence[object]], as_of: datetime | None, answer: Answer
) -> tuple[list[dict[str, object]], list[Reject]]:
    days = [datetime.fromtimestamp(stamp, UTC).astimezone(clock.zone(_ZONE)).date() for stamp in stamps]
    twice = {before for before, after in pairwise(days) if before == after}
    kept: list[dict[str, object]] = []
    rejects: list[Reject] = []
    for place, day in enumerate(days):
        where = f"bar {place + 1}, {day}"
        bar = _bar(columns, place, where)
        reason = "two bars under one date" if day in twice else _why_not(bar, day, as_of, answer)
        if reason:
            rejects.append(Reject(reason, where, raw=", ".join(f"{bar[name]}" for name in (*_PRICES, "volume"))))
            continue
        published = tables.usual_hour(day, "16:15", _ZONE)
        kept.append({**bar, "session": day, "published_at": published})
    return kept, rejects


def _bar(columns: Mapping[str, Sequence[object]], place: int, where: str) -> dict[str, float | int | None]:
    bar: dict[str, float | int | None] = {}
    for name in (*_PRICES, "adjusted_close"):
        raw = columns[name][place]
        if isinstance(raw, str):
            raise Unreadable(f"{show(raw)} is a text, not a number", f"{where}, {name}")
        value = tables.number(raw, f"{where}, {name}")
        bar[name] = None if value is None else round(value, _PLACES)
    volume = columns["volume"][place]
    if isinstance(volume, str):
        raise Unreadable(f"{show(volume)} is a text, not a number", f"{where}, volume")
    bar["volume"] = tables.whole(volume, f"{where}, volume")
    return bar


def _why_not(bar: Mapping[str, float | int | None], day: date, as_of: datetime | None, answer: Answer) -> str:
    """Why a bar is not stored, or ''."""
    if not sessions.is_session("NYSE", day):
        return f"{day:%A} {day} is no session of the NYSE"
    if problem := _unsettled(day, as_of, answer):
        return problem
    return _NO_CLOSE if bar["close"] is None else _contradiction(bar)


def _contradiction(bar: Mapping[str, float | int | None]) -> str:
    """What no share's day can be, or ''."""
    prices = [value for name in _PRICES if (value := bar[name]) is not None]
    adjusted, volume, high, low = (bar[name] for name in ("adjusted_close", "volume", "high", "low"))
    if not all(0 < value < _DEAREST for value in (*prices, 1 if adjusted is None else adjusted)):
        return f"a price that is not between 0 and {_DEAREST:,} dollars"
    if volume is not None and not 0 <= volume < _BUSIEST:
        return "a volume no share has"
    if (high is not None and high < max(prices) - 0.01) or (low is not None and low > min(prices) + 0.01):
        return "a price outside the day's high and low"
    return ""


def _unsettled(day: date, as_of: datetime | None, answer: Answer) -> str:
    """Why the bar of `day` cannot be the whole session's, or ''."""
    close = clock.local(day, _closing_hour(day), _ZONE)
    if answer.fetched_at < close + _SETTLED:
        return _UNFINISHED
    if as_of is None:
        return ""
    local = as_of.astimezone(clock.zone(_ZONE))
    if local.date() < day or (local.date() == day and as_of < close - timedelta(minutes=1)):
        return _UNFINISHED
    if local.date() == day and local.hour >= 18:
        return "made after 18:00 New York, when the last bar may be the next session under the old date"
    return ""


def _closing_hour(day: date) -> str:
    """13:00 on the eves of Independence Day and Christmas and the day after Thanksgiving, 16:00 otherwise."""
    eve = (day.month, day.day) in ((7, 3), (12, 24)) and day.weekday() < 4
    thanksgiving = day.month == 11 and day.weekday() == 4 and 23 <= day.day <= 29
    return "13:00" if eve or thanksgiving else "16:00"


SOURCE: Final = Source(
    name="yahoo_bars",
    title="Daily prices of silver miners and bullion funds",
    publisher="Yahoo",
    venue="NYSE",
    tables=("bar_rows",),
    due=Due("16:30", _ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    hosts=("query1.finance.yahoo.com", "query2.finance.yahoo.com"),
    page="https://finance.yahoo.com/quote/HL/history/",
    terms="The terms of service forbid automated collection and passing on: save the answer in a browser. Programs "
    "that name themselves are answered with 429.",
    terms_url="https://legal.yahoo.com/us/en/yahoo/terms/otos/index.html",
    licence="personal use; not to be passed on",
    unit="USD per share; shares",
    history_start="not known",
    proof=Proof.QUOTED,
    verified="The layout on one captured answer of another symbol (a future, which is refused) and one made-up one; no "
    "captured answer of a share or fund. The traps are known from public documents.",
)
