"""COMEX and NYMEX settlement prices by contract month: CmeWS Settlements, one JSON answer per product.

Publisher: CME Group. Prices are texts, dollars per troy ounce, for copper per pound; `-` is none, and A or B behind
open, high, low and last marks an ask or a bid. `openInterest` belongs to the session BEFORE the trade date, proved
on silver of 2026-02-25, and is kept as `prior_open_interest` beside that session. A change without a sign, such as
the 0 of a month just listed, proves no previous settlement.

The trade date is the session. `updateTime` carries no zone; it is taken as America/Chicago, assumed from the hour
(late evening of the trade date). The publisher keeps about five trade dates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from monitor import clock, contracts, sessions
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import cells, plausible, tables
from monitor.sources.tables import show

_ZONE: Final = "America/Chicago"
_USUAL_HOUR: Final = "23:55"
_STATUS: Final = {"Final": "final", "Preliminary": "preliminary"}
_PRODUCTS: Final = {
    f"{name} {word}": code
    for name, code in {"Silver": "SI", "Gold": "GC", "Copper": "HG", "Platinum": "PL", "Palladium": "PA"}.items()
    for word in ("Future", "Futures")
}
_PRICES: Final = {"open": "open", "high": "high", "low": "low", "close": "last"}
"""Column -> key of the payload."""
_TOP: Final = ("settlements", "updateTime", "dsHeader", "reportType", "tradeDate", "empty")
_FIELDS: Final = ("month", *_PRICES.values(), "change", "settle", "volume", "openInterest")
_PRICE: Final = re.compile(r"([0-9,]+(?:\.[0-9]+)?)[AB]?")
_SIGNED: Final = re.compile(r"[+-][0-9]+(?:\.[0-9]+)?")
_AMERICAN_DAY: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_UPDATED: Final = re.compile(r"[A-Za-z]+, ([0-9]{1,2}) ([A-Za-z]{3}) ([0-9]{4}) ([0-9]{1,2}):([0-9]{2}) ([AP])M")


def parse(answer: Answer) -> Batch:
    """One payload as `settlement_rows`."""
    payload = cells.payload_of(answer, "CME's settlements payload in JSON")
    session = _trade_date(cells.text_under(payload, "tradeDate", "tradeDate"))
    cells.check_session(session, answer, "tradeDate")
    listed = cells.listed(payload, "settlements", session)
    product = _product(payload, answer.hint)
    published, assumed = _published(payload, session, answer)
    known: dict[str, object] = {
        "venue": product.venue,
        "product": product.code,
        "session": session,
        "status": _status(payload),
        "prior_session": sessions.previous("COMEX", session),
        "currency": product.currency,
        "unit": product.price_unit,
        "published_at": clock.naive(published),
        "published_assumed": assumed,
    }
    rows, total = _rows(listed, product.code)
    if len({row["delivery_month"] for row in rows}) != len(rows):
        raise Unreadable("a delivery month appears twice", "settlements")
    _check_total(rows, total)
    notes = tables.unknown_fields([payload], _TOP) + tables.unknown_fields(listed, _FIELDS, "settlements")
    return Batch({"settlement_rows": tables.frame("settlement_rows", [row | known for row in rows])}, notes)


def _trade_date(text: str) -> date:
    found = _AMERICAN_DAY.fullmatch(text)
    return tables.iso_date(f"{found[3]}-{found[1]}-{found[2]}" if found else text, "tradeDate")


def _product(payload: Mapping[str, object], asked: str | None) -> contracts.Product:
    """The product of the payload's header; Implausible where another one was asked for."""
    header = cells.text_under(payload, "dsHeader", "dsHeader")
    if header not in _PRODUCTS:
        raise Unreadable(f"expected one of {', '.join(sorted(_PRODUCTS))}, found {show(header)}", "dsHeader")
    if asked and asked != _PRODUCTS[header]:
        raise Implausible(f"asked for {show(asked)}, the payload is of {header}; look at the file", "dsHeader")
    return contracts.product_of(_PRODUCTS[header])


def _status(payload: Mapping[str, object]) -> str:
    text = cells.text_under(payload, "reportType", "reportType")
    if text not in _STATUS:
        raise Unreadable(f"expected one of {', '.join(_STATUS)}, found {show(text)}", "reportType")
    return _STATUS[text]


def _published(payload: Mapping[str, object], session: date, answer: Answer) -> tuple[datetime, bool]:
    """When the payload was last updated, and whether that is only assumed."""
    if payload.get("updateTime") in (None, ""):
        return clock.local(session, _USUAL_HOUR, _ZONE), True
    raw = cells.text_under(payload, "updateTime", "updateTime")
    found = _UPDATED.fullmatch(raw)
    month = cells.month_number(found[2]) if found else None
    if not found or month is None or not 1 <= int(found[4]) <= 12:
        raise Unreadable(f"{show(raw)} is no moment such as 'Wednesday, 25 Feb 2026 11:55 PM'", "updateTime")
    hour = int(found[4]) % 12 + (12 if found[6] == "P" else 0)
    try:
        updated = clock.local(date(int(found[3]), month, int(found[1])), f"{hour}:{found[5]}", _ZONE)
    except (ValueError, OverflowError):
        raise Unreadable(f"{show(raw)} is no moment", "updateTime") from None
    cells.check_update(updated, session, answer, "updateTime")
    return updated, False


def _rows(listed: list[dict[str, object]], code: str) -> tuple[list[dict[str, object]], Mapping[str, object] | None]:
    """The rows of the months, and the row 'Total' as it stands, if there is one."""
    rows: list[dict[str, object]] = []
    total: Mapping[str, object] | None = None
    for index, item in enumerate(listed):
        where = f"settlements[{index}]"
        month = cells.text_under(item, "month", f"{where}.month")
        if month != "Total":
            rows.append(_row(item, month, code, where))
        elif total is None:
            total = item
        else:
            raise Unreadable("'Total' appears twice", where)
    if not rows:
        raise Unreadable("a total without any month", "settlements")
    return rows, total


def _row(item: Mapping[str, object], month: str, code: str, where: str) -> dict[str, object]:
    settle = tables.number(cells.text_under(item, "settle", f"{where}.settle"), f"{where}.settle")
    if settle is None:
        raise Unreadable(f"no settlement price for {month}", f"{where}.settle")
    prices = {column: _price(item, key, f"{where}.{key}") for column, key in _PRICES.items()}
    previous = _previous(settle, cells.text_under(item, "change", f"{where}.change"), f"{where}.change")
    near = plausible.apart({**prices, "previous settlement": previous}, settle)
    if problem := plausible.price(code, settle) or near or plausible.order(prices):
        raise Implausible(f"{month}: {problem}; look at the file", where)
    return {
        "delivery_month": cells.month_of(month, f"{where}.month"),
        "settle": settle,
        **prices,
        "previous_settle": previous,
        "volume": cells.count_under(item, "volume", f"{where}.volume"),
        "prior_open_interest": cells.count_under(item, "openInterest", f"{where}.openInterest"),
    }


def _previous(settle: float, change: str, where: str) -> float | None:
    """The settlement before, where the change is signed; rounded, since none has more than four decimals."""
    moved = tables.number(change, where) if _SIGNED.fullmatch(change) else None
    return None if moved is None else round(settle - moved, 6)


def _price(item: Mapping[str, object], key: str, where: str) -> float | None:
    """A price without its bid or ask letter, None for a dash."""
    text = cells.text_under(item, key, where)
    found = _PRICE.fullmatch(text)
    return tables.number(found[1] if found else text, where)


def _check_total(rows: list[dict[str, object]], total: Mapping[str, object] | None) -> None:
    """Implausible where the months do not add up to the payload's own total of volume or open interest."""
    for column, key in (("volume", "volume"), ("prior_open_interest", "openInterest")):
        printed = cells.count_under(total, key, f"Total.{key}") if total else None
        added = sum(count for row in rows if isinstance(count := row[column], int))
        if printed is not None and printed != added:
            raise Implausible(
                f"{key} is {printed} in all, but the months add up to {added}; look at the file", f"Total.{key}"
            )


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """A JSON object with the keys of a settlements payload, also where its end is cut off."""
    head = body[:16].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and b'"settlements"' in body and (b'"settle"' in body or b'"dsHeader"' in body)


def asks(day: date) -> tuple[Ask, ...]:
    """One question per product."""
    return tuple(
        Ask(
            "comex_settlements",
            day,
            f"https://www.cmegroup.com/CmeWS/mvc/Settlements/Futures/Settlements/{number}/FUT"
            f"?strategy=DEFAULT&tradeDate={day:%m/%d/%Y}&pageSize=500&isProtected",
            hint=code,
        )
        for code, number in cells.PRODUCT_IDS.items()
    )


SOURCE: Final = Source(
    name="comex_settlements",
    title="COMEX and NYMEX settlement prices",
    publisher="CME Group",
    venue="COMEX",
    tables=("settlement_rows",),
    due=Due(_USUAL_HOUR, _ZONE),
    parse=parse,
    recognise=recognise,
    asks=asks,
    parts=tuple((code,) for code in cells.PRODUCT_IDS),
    hosts=cells.HOSTS,
    page="https://www.cmegroup.com/markets/metals/precious/silver.settlements.html",
    terms=cells.TERMS,
    terms_url=cells.TERMS_URL,
    licence=cells.LICENCE,
    unit="USD per troy_oz; USD per pound for copper",
    history_start="none: about the last five trade dates can be had",
    proof=Proof.CAPTURES,
    verified="1 captured payload, silver of 2026-02-25, its open interest equal to that of the day before; "
    "the other products assumed to be alike",
)
