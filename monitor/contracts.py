"""Contract sizes, and the days that matter in a delivery month.

A delivery month is the date of its first day; a product is its exchange code, a key of PRODUCTS. Every rule counts
sessions of the product's calendar, so a date is as sure as that calendar (`sessions.known`).

Sources: CME's contract specifications and the last-trade table of its bulletin for May to December 2026, which the
COMEX rule reproduces; SHFE's futures rules of October 2024. SHFE may move the last trading day of a Spring Festival
month by announcement; such a change is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from monitor import sessions

MONTH_LETTERS: Final = "FGHJKMNQUVXZ"
"""January to December, as every futures exchange writes them."""


@dataclass(frozen=True, slots=True)
class Product:
    """One futures product. `lot` is in `unit`; a price, and `tick`, is in `currency` per `price_unit`.

    `active_months` are the letters of the months that gather open interest; the others can list and deliver too.
    """

    code: str
    venue: str
    metal: str
    lot: float
    unit: str
    currency: str
    price_unit: str
    active_months: str
    tick: float


# Platinum and palladium belong to NYMEX and keep COMEX's days. October gold lies between the active months.
# SHFE: even months carry silver (dominant contracts of 2025-26: ag2512, 2602, 2604, 2606, 2608, 2610); gold lists
# even months beyond the nearest three; copper trades in every month.
_PRODUCTS: Final = (
    Product("SI", "COMEX", "silver", 5_000, "troy_oz", "USD", "troy_oz", "HKNUZ", 0.005),
    Product("GC", "COMEX", "gold", 100, "troy_oz", "USD", "troy_oz", "GJMQZ", 0.1),
    Product("HG", "COMEX", "copper", 12.5, "short_ton", "USD", "pound", "HKNUZ", 0.0005),
    Product("PL", "NYMEX", "platinum", 50, "troy_oz", "USD", "troy_oz", "FJNV", 0.1),
    Product("PA", "NYMEX", "palladium", 100, "troy_oz", "USD", "troy_oz", "HMUZ", 0.1),
    Product("ag", "SHFE", "silver", 15, "kg", "CNY", "kg", "GJMQVZ", 1),
    Product("au", "SHFE", "gold", 1_000, "gram", "CNY", "gram", "GJMQVZ", 0.02),
    Product("cu", "SHFE", "copper", 5, "tonne", "CNY", "tonne", MONTH_LETTERS, 10),
)

PRODUCTS: Final[dict[str, Product]] = {product.code: product for product in _PRODUCTS}
_CALENDARS: Final = {"COMEX": "COMEX", "NYMEX": "COMEX", "SHFE": "SHFE"}
_AMERICAN: Final = re.compile(r"([A-Z]{2})([FGHJKMNQUVXZ])([0-9]{2})")
_CHINESE: Final = re.compile(r"([A-Z]{2})([0-9]{2})(0[1-9]|1[0-2])")


def product_of(code: str) -> Product:
    """The product of that exchange code, as written ("SI", "ag"); KeyError naming the known ones."""
    try:
        return PRODUCTS[code]
    except KeyError:
        raise KeyError(f"no contract rules for product {code!r}; known: {', '.join(PRODUCTS)}") from None


def calendar_of(product: str) -> str:
    """The key of `sessions.VENUES` whose days the product keeps."""
    return _CALENDARS[product_of(product).venue]


# --- names ----------------------------------------------------------------------------------


def month_code(month: date) -> str:
    """`H26` for March 2026."""
    return f"{MONTH_LETTERS[month.month - 1]}{month:%y}"


def contract_name(product: str, month: date) -> str:
    """The name its exchange gives a contract: `SIH26`, `ag2603`."""
    code = product_of(product).code
    return f"{code}{month:%y%m}" if calendar_of(code) == "SHFE" else code + month_code(month)


def parse_contract(name: str) -> tuple[str, date]:
    """`SIH26` or `ag2603`, in capitals or not, as product and delivery month; two-digit years are 2000 to 2099.

    Raises ValueError where the text names no contract of PRODUCTS.
    """
    text = name.strip().upper()
    if (found := _AMERICAN.fullmatch(text)) and found[1] in PRODUCTS:
        return found[1], date(2000 + int(found[3]), MONTH_LETTERS.index(found[2]) + 1, 1)
    if (found := _CHINESE.fullmatch(text)) and found[1].lower() in PRODUCTS:
        return found[1].lower(), date(2000 + int(found[2]), int(found[3]), 1)
    raise ValueError(f"{name!r} is no contract we know: write product, month and year as in SIH26 or ag2603")


def is_active(product: str, month: date) -> bool:
    """Whether it is one of the months that gather open interest."""
    return MONTH_LETTERS[month.month - 1] in product_of(product).active_months


# --- days -----------------------------------------------------------------------------------


def last_trade(product: str, month: date) -> date:
    """Third last session of the delivery month; at SHFE its 15th, or the first session after it."""
    venue = calendar_of(product)
    if venue == "SHFE":
        return sessions.on_or_after(venue, month.replace(day=15))
    return sessions.shift(venue, _next_month(month), -3)


def first_notice(product: str, month: date) -> date | None:
    """Last session before the delivery month; None at SHFE, which has no notices."""
    venue = calendar_of(product)
    return None if venue == "SHFE" else sessions.previous(venue, month.replace(day=1))


def first_position(product: str, month: date) -> date | None:
    """First day a seller can declare intent: the session before first notice; None at SHFE."""
    notice = first_notice(product, month)
    return notice and sessions.previous(calendar_of(product), notice)


def first_delivery(product: str, month: date) -> date:
    """First session of the delivery month; at SHFE the one after last trade."""
    venue = calendar_of(product)
    if venue == "SHFE":
        return sessions.following(venue, last_trade(product, month))
    return sessions.on_or_after(venue, month.replace(day=1))


def delivery_anchor(product: str, month: date) -> date:
    """The day from which holders must deliver or take: first notice, at SHFE last trade."""
    return first_notice(product, month) or last_trade(product, month)


def sessions_to_first_notice(product: str, month: date, session: date) -> int:
    """How many sessions lie after `session` up to and including first notice (at SHFE: last trade).

    0 on the day itself, negative after it. SIH26: 15 on 5 February 2026, 1 on the 26th.
    """
    return sessions.between(calendar_of(product), session, delivery_anchor(product, month))


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


# --- reference table --------------------------------------------------------------------------


def contracts_between(start: date, end: date) -> list[dict[str, object]]:
    """One row per product and delivery month from the month of `start` to that of `end`, both included.

    Columns: venue, product, metal, delivery_month, contract, first_position, first_notice, last_trade,
    first_delivery, is_active, lot, unit, currency, price_unit. Every calendar month is there: the serial ones deliver.
    """
    rows = []
    month = start.replace(day=1)
    while month <= end:
        rows += [_row(product, month) for product in _PRODUCTS]
        month = _next_month(month)
    return rows


def _row(product: Product, month: date) -> dict[str, object]:
    code = product.code
    return {
        "venue": product.venue,
        "product": code,
        "metal": product.metal,
        "delivery_month": month,
        "contract": contract_name(code, month),
        "first_position": first_position(code, month),
        "first_notice": first_notice(code, month),
        "last_trade": last_trade(code, month),
        "first_delivery": first_delivery(code, month),
        "is_active": is_active(code, month),
        "lot": product.lot,
        "unit": product.unit,
        "currency": product.currency,
        "price_unit": product.price_unit,
    }
