"""Ranges and orders that prices and rates have never left: what catches a factor of 1,000 and columns exchanged.

Pure. Each function gives the reason why a figure cannot be right, or ''. The ranges are wide: no price since 1999 comes
near their ends, and a thousandfold figure lies outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_DOLLARS: Final = {
    "SI": (2.0, 1_500.0),
    "GC": (200.0, 1e5),
    "PL": (200.0, 5e4),
    "PA": (100.0, 5e4),
    "HG": (0.5, 100.0),
    "ALI": (500.0, 5e4),
}
_ALIKE: Final = {"SIL": "SI", "SIC": "SI", "QI": "SI", "MGC": "GC", "1OZ": "GC", "QO": "GC", "MHG": "HG", "QC": "HG"}
_APART: Final = 3.0
"""How many times the settlement another price of the same day and contract can be; 0.91 to 1.07 was seen."""
_PER_EURO: Final = {
    "EUR": (1.0, 1.0), "USD": (0.4, 3.2), "JPY": (45, 380), "GBP": (0.28, 2.0), "CHF": (0.45, 3.4), "CNY": (3.2, 23),
    "HKD": (3.2, 25), "INR": (28, 300), "AUD": (0.6, 4.2), "CAD": (0.6, 3.7), "NZD": (0.7, 5.2), "SGD": (0.7, 4.5),
    "SEK": (4, 24), "NOK": (3.6, 25), "DKK": (7, 8), "PLN": (1.6, 10), "CZK": (11, 78), "HUF": (110, 900),
    "RON": (1.5, 11), "ILS": (1.6, 11), "KRW": (460, 4_000), "MXN": (7, 60), "MYR": (1.9, 11), "PHP": (23, 150),
    "THB": (16, 110), "ZAR": (3, 45), "BRL": (1, 14), "IDR": (5_400, 45_000), "TRY": (0.7, 600), "RUB": (16, 400),
    "ISK": (34, 620), "BGN": (1.9, 2.0), "HRK": (6.9, 8.0),
}  # fmt: skip
"""Currency -> half the least and twice the most that a euro has bought of it, or more."""


def price(code: str, dollars: float) -> str:
    """Of a contract of CME, in dollars per unit of its price."""
    low, high = _DOLLARS.get(_ALIKE.get(code, code), (float("-inf"), float("inf")))
    return "" if low <= dollars <= high else f"{dollars:g} dollars is no price of {code}"


def apart(prices: Mapping[str, float | None], reference: float) -> str:
    """Of one contract and day: whether each price lies within three times the reference, a settlement or a close."""
    for name, value in prices.items():
        if value is not None and not reference / _APART <= value <= reference * _APART:
            return f"{name} {value:g} is too far from {reference:g}"
    return ""


def order(prices: Mapping[str, float | None]) -> str:
    """Of one contract and day: whether `open`, `close` and `high` lie between `low` and `high`."""
    low, high = prices.get("low"), prices.get("high")
    for name in ("open", "close", "high"):
        value = prices.get(name)
        if value is not None and low is not None and value < low:
            return f"{name} {value:g} below the low of {low:g}"
        if value is not None and high is not None and value > high:
            return f"{name} {value:g} above the high of {high:g}"
    return ""


def rate(base: str, quote: str, value: float) -> str:
    """Of one currency in another, quote per one base; '' where one of them is not known."""
    if base not in _PER_EURO or quote not in _PER_EURO:
        return ""
    low, high = _PER_EURO[quote][0] / _PER_EURO[base][1], _PER_EURO[quote][1] / _PER_EURO[base][0]
    return "" if low <= value <= high else f"{value:g} {quote} for one {base}"
