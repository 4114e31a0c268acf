"""Spot quotes of silver, gold, platinum and palladium, each with its own moment and kind.

Providers: gold-api.com (`/price/XAG`, one metal an answer, open to programs) and metals.dev (`/v1/latest` and
`/v1/metal/spot`, with a key, saved by a person). USD per troy ounce unless the answer says otherwise.

`spot_kind` says what a quote may prove. Only an answer that names both sides is an otc_quote; a lone figure is
derived, because nobody says how it is made (gold-api.com's has the digits of a 32-bit float, as Yahoo's futures
have), and a spot made from a future says nothing about the basis. metals.dev's copies of the LBMA's, MCX's and LME's
prices are left out: they carry no moment of their own, and the LBMA's are licensed. So is copper, whose unit neither
provider fixes.

The trade date of a quote turns at 17:00 New York. Between Friday 17:00 and Sunday 18:00 nobody deals and the figure
stands still: such an answer counts as not published. It is asked for at 15:15 Shanghai, within a quarter of an hour of
both Shanghai closes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from monitor import clock
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.sources import tables
from monitor.sources.tables import show

_METALS: Final = {"XAG": "silver", "XAU": "gold", "XPT": "platinum", "XPD": "palladium"}
_UNITS: Final = {"toz": "troy_oz", "g": "gram", "kg": "kg"}
_BELIEVED: Final = {"silver": (3, 1_500), "gold": (500, 50_000), "platinum": (200, 50_000), "palladium": (100, 50_000)}
"""USD per troy ounce. A rate turned upside down or a price per gram falls outside."""
_PLACES: Final = 4
_API_KEYS: Final = frozenset(
    ("currency", "currencySymbol", "exchangeRate", "name", "price", "symbol", "updatedAt", "updatedAtReadable")
)
_LATEST_KEYS: Final = frozenset(("status", "currency", "unit", "metals", "currencies", "timestamps", "timestamp"))
_LEFT_OUT: Final = re.compile(r"(?:lbma|lme|mcx|ibja)_[a-z_]+|copper|aluminum|lead|nickel|zinc")
_SPOT_KEYS: Final = frozenset(("status", "timestamp", "currency", "unit", "metal", "rate"))
_RATE_KEYS: Final = frozenset(("price", "ask", "bid", "high", "low", "change", "change_percent"))
_NEW_YORK: Final = "America/New_York"
_SKEW: Final = timedelta(minutes=5)


def asks(day: date) -> tuple[Ask, ...]:
    """One open question a metal; the answer is of the moment it is asked, whatever the day."""
    return tuple(Ask("spot_quotes", day, f"https://api.gold-api.com/price/{symbol}") for symbol in _METALS)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, never the name
    """A JSON object with the keys of one of the three answers, or metals.dev's failure."""
    if not body[:16].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or len(body) > 1_000_000:
        return False
    keys = (
        (b'"updatedAt"', b'"symbol"', b'"price"'),
        (b'"status"', b'"metals"', b'"timestamps"'),
        (b'"status"', b'"metal"', b'"rate"', b'"unit"'),
        (b'"status"', b'"error_code"', b'"error_message"'),
    )
    return any(all(key in body for key in wanted) for wanted in keys)


def parse(answer: Answer) -> Batch:
    """Rows of spot_quote_rows.

    Raises NotPublished (a moment of the weekend), Blocked (a block page; metals.dev refuses the key or the quota, with
    HTTP 200), Unreadable (another layout, a metal or unit we do not know), Implausible (a price or spread no metal
    has, a moment after the fetch, a symbol and a name that differ).
    """
    text = tables.text_of(answer.body)
    if not text.lstrip().startswith("{"):
        tables.refuse_block_page(text, "the provider")
        raise Unreadable("no JSON object of a spot quote")
    payload = tables.json_of(text)
    if "symbol" in payload:
        rows, notes = _from_gold_api(payload)
    elif "status" in payload:
        rows, notes = _from_metals_dev(payload)
    else:
        raise Unreadable("neither a quote of gold-api.com nor an answer of metals.dev")
    return Batch({"spot_quote_rows": tables.frame("spot_quote_rows", [_dated(row, answer) for row in rows])}, notes)


# --- the two providers -----------------------------------------------------------------------------


def _from_gold_api(payload: Mapping[str, object]) -> tuple[list[dict[str, object]], tuple[Note, ...]]:
    symbol = tables.label(payload.get("symbol"), "symbol")
    if symbol not in _METALS:
        raise Unreadable(f"{show(symbol)} is none of {', '.join(_METALS)}; the unit of others is not known", "symbol")
    metal = _METALS[symbol]
    name = tables.label(payload.get("name"), "name")
    if name and name.lower() != metal:
        raise Implausible(f"the symbol {symbol} and the name {show(name)}: look at the file", "name")
    quote = {
        "metal": metal,
        "provider": "gold-api.com",
        "quoted_at": _moment(payload.get("updatedAt"), "updatedAt"),
        "price": _price(payload.get("price"), "price"),
        "spot_kind": "derived",
        "currency": _currency(payload.get("currency", "USD")),
        "unit": "troy_oz",
    }
    return [quote], _unknown(payload, _API_KEYS, "")


def _from_metals_dev(payload: Mapping[str, object]) -> tuple[list[dict[str, object]], tuple[Note, ...]]:
    if payload.get("status") != "success":
        code, reason = payload.get("error_code"), tables.label(payload.get("error_message"), "error_message")
        raise Blocked(f"metals.dev refuses (code {show(code)}): {show(reason)}; look at the key and its quota")
    unit = tables.label(payload.get("unit"), "unit")
    if unit not in _UNITS:
        raise Unreadable(f"the unit {show(unit)} is none of {', '.join(_UNITS)}", "unit")
    shared = {"provider": "metals.dev", "currency": _currency(payload.get("currency")), "unit": _UNITS[unit]}
    if "metals" in payload:
        found, notes = _latest(payload)
    else:
        found, notes = _spot(payload)
    return [shared | quote for quote in found], notes


def _latest(payload: Mapping[str, object]) -> tuple[list[dict[str, object]], tuple[Note, ...]]:
    metals, stamps = _object(payload, "metals"), _object(payload, "timestamps")
    moment = _moment(stamps.get("metal"), "timestamps.metal")
    found: list[dict[str, object]] = [
        {"metal": metal, "quoted_at": moment, "price": _price(metals[metal], f"metals.{metal}"), "spot_kind": "derived"}
        for metal in _METALS.values()
        if metal in metals
    ]
    if not found:
        raise Unreadable("metals.dev names none of silver, gold, platinum and palladium", "metals")
    left_out = {key for key in metals if _LEFT_OUT.fullmatch(key)}
    return found, _unknown(payload, _LATEST_KEYS, "") + _unknown(metals, left_out | set(_METALS.values()), "metals.")


def _spot(payload: Mapping[str, object]) -> tuple[list[dict[str, object]], tuple[Note, ...]]:
    metal = tables.label(payload.get("metal"), "metal")
    if metal not in _METALS.values():
        raise Unreadable(f"{show(metal)} is none of {', '.join(_METALS.values())}", "metal")
    rate = _object(payload, "rate")
    price = _price(rate.get("price"), "rate.price")
    bid, ask = (_price(rate[key], f"rate.{key}") if rate.get(key) is not None else None for key in ("bid", "ask"))
    if bid is not None and ask is not None and not bid <= ask:
        raise Implausible(f"a bid of {bid:g} above the ask of {ask:g}: look at the file", "rate")
    found: dict[str, object] = {
        "metal": metal,
        "quoted_at": _moment(payload.get("timestamp"), "timestamp"),
        "price": price,
        "bid": bid,
        "ask": ask,
        "spot_kind": "derived" if bid is None or ask is None else "otc_quote",
    }
    return [found], _unknown(payload, _SPOT_KEYS, "") + _unknown(rate, _RATE_KEYS, "rate.")


# --- what they share -------------------------------------------------------------------------------


def _dated(quote: dict[str, object], answer: Answer) -> dict[str, object]:
    """The quote with its session, believed where its moment and its price can be."""
    moment = quote["quoted_at"]
    if not isinstance(moment, datetime):
        raise Unreadable("a quote without its moment")
    if not datetime(2000, 1, 1, tzinfo=UTC) <= moment <= answer.fetched_at + _SKEW:
        raise Implausible(f"quoted at {clock.stamp(moment)}, fetched at {clock.stamp(answer.fetched_at)}")
    _check_prices(quote)
    naive = clock.naive(moment)
    stamps = {"quoted_at": naive, "published_at": naive, "published_assumed": False}
    return quote | stamps | {"session": _trade_date(moment)}


def _trade_date(moment: datetime) -> date:
    """The date dealers put on a quote: the day turns at 17:00 New York; NotPublished from Friday to Sunday evening."""
    local = moment.astimezone(clock.zone(_NEW_YORK))
    turned = local.date() + timedelta(days=1 if local.hour >= 17 else 0)
    weekend = turned.weekday() >= 5 or (local.weekday() == 6 and local.hour < 18)
    if weekend:
        raise NotPublished(f"quoted on {local:%A %Y-%m-%d %H:%M} New York, when nobody deals: the price stands still")
    return turned


def _check_prices(quote: Mapping[str, object]) -> None:
    """Implausible for a dollar price per ounce no such metal has had, and for sides more than a tenth apart from it."""
    metal, price, where = str(quote["metal"]), quote["price"], f"{quote['metal']} {quote['currency']}"
    low, high = _BELIEVED[metal]
    dollars = quote["currency"] == "USD" and quote["unit"] == "troy_oz"
    if dollars and isinstance(price, float) and not low <= price <= high:
        raise Implausible(f"{metal} at {price:g} USD an ounce: look at the file", where)
    for side in ("bid", "ask"):
        value = quote.get(side)
        if isinstance(value, float) and isinstance(price, float) and abs(value / price - 1) > 0.1:
            raise Implausible(f"{side} {value:g} beside a price of {price:g}: look at the file", where)


def _price(raw: object, where: str) -> float:
    if isinstance(raw, str):
        raise Unreadable(f"{show(raw)} is a text, not a number", where)
    value = tables.number(raw, where)
    if value is None:
        raise Unreadable("no price", where)
    if round(value, _PLACES) <= 0:
        raise Implausible(f"a price of {value:g}: look at the file", where)
    return round(value, _PLACES)


def _moment(raw: object, where: str) -> datetime:
    text = tables.label(raw, where)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise Unreadable(f"{show(text)} has no time zone", where)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"{show(text)} is no moment such as '2026-01-05T11:59:00Z'", where) from None


def _currency(raw: object) -> str:
    text = tables.label(raw, "currency")
    if not (len(text) == 3 and text.isascii() and text.isupper() and text.isalpha()):
        raise Unreadable(f"{show(text)} is no currency code", "currency")
    return text


def _object(payload: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = payload.get(key)
    if not isinstance(found, dict):
        raise Unreadable(f"expected an object, found {show(found)}", key)
    return found


def _unknown(payload: Mapping[str, object], known: Collection[str], prefix: str) -> tuple[Note, ...]:
    odd = sorted(payload.keys() - set(known))
    return (Note("layout", f"unknown keys: {show(', '.join(prefix + key for key in odd[:9]))}"),) if odd else ()


SOURCE: Final = Source(
    name="spot_quotes",
    title="Spot quotes of precious metals",
    publisher="gold-api.com; metals.dev",
    venue="SGE",
    tables=("spot_quote_rows",),
    due=Due("15:15", "Asia/Shanghai", grace_minutes=60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    hosts=("api.gold-api.com",),
    page="https://api.gold-api.com/price/XAG",
    terms="gold-api.com offers this address to programs, free, without a key, one question in 30 seconds; metals.dev "
    "answers to key holders under its own terms: save its answers into the inbox.",
    terms_url="https://gold-api.com/",
    licence="none stated by gold-api.com; metals.dev proprietary",
    unit="USD per troy ounce, or the currency and unit the answer names",
    history_start="none: only the present quote can be had",
    proof=Proof.DOCUMENTS,
    verified="No captured file. Both layouts are known from the providers' documents and from programs that read them.",
)
