"""Made-up reports of Shanghai: warrants, months, rankings, closes. Invented, unless a test says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor import apart, checks, evidence, sessions
from monitor.checks import Moment
from monitor.evidence import File
from monitor.house import House
from monitor.model import Reading
from tests import facts

LATER = datetime(2026, 5, 1, tzinfo=UTC)
FEBRUARY, APRIL = date(2026, 2, 1), date(2026, 4, 1)


def read(opened: House, check: str, moment: datetime = LATER) -> dict[tuple[str, date], Reading]:
    """The readings of one check by subject and session."""
    found = checks.evaluate(opened.store, [opened.checks[check]], Moment(moment))
    assert found.broken == {}
    return {(r.subject, r.session): r for r in found.readings}


def proves(opened: House, check: str) -> None:
    """Every reading with a value follows from the numbers shown, and each leg shown has its session, hour and file."""
    found = read(opened, check).values()
    assert any(reading.value is not None for reading in found)
    with opened.store.cursor() as cur:
        for reading in found:
            worked = opened.checks[check].worked
            if worked and reading.value is not None:
                assert apart.worked(cur, worked, reading.inputs)[1] == pytest.approx(reading.value, rel=1e-9)
            for leg in evidence.legs(reading.inputs, lambda sha: File(sha, "", "", "", ""))[0]:
                if reading.value is not None and any(figure is not None for figure in leg.figures.values()):
                    assert None not in (leg.session, leg.published_at, leg.file), (reading.session, leg.name)


def days(start: str, end: str, venue: str = "SHFE") -> tuple[date, ...]:
    """Sessions of a span, both ends in it."""
    return sessions.sessions(venue, date.fromisoformat(start), date.fromisoformat(end))


def warrants(opened: House, kilograms: Mapping[date, float]) -> None:
    """SHFE silver warrants by session, kg."""
    rows = [
        {
            "session": day, "metal": "silver", "region": "", "warehouse": "总计", "level": "total",
            "quantity": kg, "change": 0.0, "unit": "kg",
        }
        for day, kg in kilograms.items()
    ]  # fmt: skip
    facts.put(opened, "shfe_warrant_rows", rows)


def months(opened: House, lots: Mapping[date, int], days_: Mapping[date, Mapping[date, int]] | None = None) -> None:
    """Open interest of ag2602 by session, lots; further months by delivery month in `days_`."""
    for month, levels in {FEBRUARY: lots, **(days_ or {})}.items():
        if levels:
            facts.interest(opened, "ag", month, levels, venue="SHFE")


def ranking(opened: House, day: date, shorts: Mapping[str, int], longs: Mapping[str, int], **more: Any) -> None:
    """The largest members of ag2602, by number, lots; ranks follow the order given."""
    base = {"session": day, "venue": "SHFE", "product": "ag", "contract": "ag2602", "delivery_month": FEBRUARY}
    rows = [
        base
        | {
            "rank": rank, "side": side, "member_id": member, "member": f"seat {member}", "lots": lots,
            "change_lots": 0, "is_total": False,
        }
        | more
        for side, seats in (("short", shorts), ("long", longs))
        for rank, (member, lots) in enumerate(seats.items(), start=1)
    ]  # fmt: skip
    rows.append(
        base
        | {
            "rank": 999, "side": "short", "member_id": None, "member": None, "lots": 2 * sum(shorts.values()),
            "change_lots": 0, "is_total": True,
        }
    )  # fmt: skip
    facts.put(opened, "member_position_rows", rows, source="shfe_ranking")


def close(opened: House, day: date, price: float, *, contract: str = "Ag(T+D)", **more: Any) -> None:
    """One SGE quotation, CNY per kg; the day ranges 1 % around the close unless `more` says otherwise."""
    row = {
        "session": day, "contract": contract, "open": price, "high": price * 1.01, "low": price * 0.99,
        "close": price, "change": 0.0, "change_pct": 0.0, "weighted_average": price, "volume_kg": 500_000.0,
        "turnover_cny": 1e10, "open_interest_lots": 3_000_000, "unit": "kg",
    }  # fmt: skip
    facts.put(opened, "sge_quote_rows", [row | more])


def entered(opened: House, series: str, day: date, value: float, unit: str, **more: Any) -> None:
    """One figure entered by a person, public at 04:00 UTC of its day, tax inside."""
    at = datetime(day.year, day.month, day.day, 4)  # noqa: DTZ001 - storage form is naive UTC
    row = {
        "series": series, "session": day, "value": value, "unit": unit, "tax_basis": "inclusive",
        "source_url": f"https://example.org/{series}", "note": "", "received_at": at, "published_at": at,
    }  # fmt: skip
    facts.put(opened, "manual_rows", [row | more], source="inbox_csv")


def new_york(opened: House, prices: Mapping[date, float], *, product: str = "SI") -> None:
    """Settlements of an active month that trades, USD per ounce."""
    month = date(2026, 7, 1) if product == "SI" else date(2026, 8, 1)
    facts.settle(opened, product, {(day, month): price for day, price in prices.items()})


def after(day: date, number: int = 1, venue: str = "SHFE") -> date:
    """The session `number` after a day."""
    return sessions.shift(venue, day, number)


def rates(opened: House, quoted: Mapping[date, float], currency: str = "INR") -> None:
    """Units of a currency per USD by date, by way of a euro worth exactly one dollar."""
    rows = [
        {"session": day, "base": "EUR", "quote": quote, "rate": rate}
        for day, now in quoted.items()
        for quote, rate in (("USD", 1.0), (currency, now))
    ]
    facts.put(opened, "fx_rows", rows)


def mumbai(opened: House, day: date, price: float, *, symbol: str = "SILVER", **more: Any) -> None:
    """One MCX month that trades, INR per kg (gold: per 10 gram)."""
    row = {
        "session": day, "symbol": symbol, "expiry": date(2026, 12, 5), "close": price, "volume_lots": 9_000,
        "open_interest": 30_000, "price_quantity": 1 if symbol == "SILVER" else 10,
        "unit": "kg" if symbol == "SILVER" else "gram",
    }  # fmt: skip
    facts.put(opened, "mcx_rows", [row | more], source="mcx_bhavcopy")
