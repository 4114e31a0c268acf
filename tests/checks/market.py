"""Made-up curves, rates and spot quotes. Every figure here is invented unless a test says whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from monitor import apart, evidence
from monitor.house import House
from monitor.model import Reading
from tests import facts


def curve(opened: House, product: str, day: date, months: Mapping[date, float], **more: Any) -> None:
    """Settlements of one session, each month with 30,000 lots open, the nearest with the most."""
    facts.settle(opened, product, {(day, month): price for month, price in months.items()}, **more)
    for place, month in enumerate(sorted(months)):
        facts.interest(opened, product, month, {day: 60_000 - 10_000 * place})


def rate(opened: House, levels: Mapping[date, float], series: str = "SOFR") -> None:
    """A money rate by date, percent a year; Treasury yields on their own basis."""
    basis = "ACT/360" if series == "SOFR" else "bond-equivalent"
    shared = {"series": series, "basis": basis, "revision": ""}
    facts.put(opened, "rate_rows", [shared | {"session": day, "percent": percent} for day, percent in levels.items()])


def spot(
    opened: House,
    metal: str,
    at: str,
    price: float,
    *,
    spread: float = 0.0,
    kind: str = "otc_quote",
    crossed: bool = False,
) -> None:
    """One quote at that moment, UTC, its sides half a spread from the price; the session is its day."""
    moment = datetime.fromisoformat(at)
    sides = {"bid": price - spread / 2, "ask": price + spread / 2}
    if crossed:
        sides = {"bid": price + spread / 2, "ask": price - spread / 2}
    quote = {
        "session": moment.date(), "metal": metal, "provider": "metals.dev", "quoted_at": moment, "price": price,
        "spot_kind": kind, "currency": "USD", "unit": "troy_oz", "published_at": moment, **sides,
    }  # fmt: skip
    facts.put(opened, "spot_quote_rows", [quote])


def auctions(opened: House, name: str, prices: dict[date, float]) -> None:
    """London's morning prices of a metal, silver's of noon, USD per troy ounce."""
    shared = {"metal": name, "fixing": "noon" if name == "silver" else "am", "currency": "USD"}
    facts.put(opened, "lbma_price_rows", [shared | {"session": day, "price": price} for day, price in prices.items()])


def before(day: date, days: int = 1) -> date:
    """The calendar day so many days earlier."""
    return day - timedelta(days=days)


def holds(opened: House, reading: Reading) -> bool:
    """Whether the arithmetic in the check's header gives the value, and every leg has session, moment and file."""
    with opened.store.cursor() as cur:
        _, again = apart.worked(cur, opened.checks[reading.check].worked, reading.inputs)
    parts, _ = evidence.legs(reading.inputs, lambda sha: evidence.File(sha, "", "", "", ""))
    whole = all(leg.session and leg.published_at and leg.file for leg in parts)
    return bool(parts) and whole and again is not None and again == pytest.approx(reading.value, rel=1e-9)
