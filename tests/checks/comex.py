"""Made-up stock reports, open interest and delivery notices of COMEX. Every figure here is invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from monitor import checks, sessions
from monitor.checks import Moment
from monitor.house import House
from monitor.model import Reading
from tests import facts

MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)
FIRST_POSITION, FIRST_NOTICE = date(2026, 2, 26), date(2026, 2, 27)
"""Of the March contract."""
LATER = datetime(2026, 5, 1, tzinfo=UTC)


def read(opened: House, check: str, moment: datetime = LATER) -> dict[tuple[str, date], Reading]:
    """The readings of one check by subject and session."""
    found = checks.evaluate(opened.store, [opened.checks[check]], Moment(moment))
    assert found.broken == {}
    return {(r.subject, r.session): r for r in found.readings}


def days(start: str, end: str) -> tuple[date, ...]:
    """COMEX sessions of a span, both ends in it."""
    return sessions.sessions("COMEX", date.fromisoformat(start), date.fromisoformat(end))


@dataclass(frozen=True)
class Day:
    """What one stock report tells: ounces moved to eligible, received, withdrawn, and a correction of eligible."""

    moved: float = 0.0
    received: float = 0.0
    withdrawn: float = 0.0
    correction: float = 0.0


def reports(
    opened: House,
    told: Mapping[date, Day],
    *,
    metal: str = "silver",
    registered: float = 100e6,
    eligible: float = 250e6,
    left_out: Iterable[date] = (),
) -> None:
    """Chained stock reports of one depository from these opening levels; those left out are kept back."""
    rows, sums = [], []
    for day, one in sorted(told.items()):
        lines = {
            "registered": (registered, 0.0, 0.0, -one.moved),
            "eligible": (eligible, one.received, one.withdrawn, one.moved + one.correction),
        }
        lines["total"] = (
            registered + eligible, one.received, one.withdrawn, one.correction,
        )  # fmt: skip
        for category, (before, received, withdrawn, adjustment) in lines.items():
            row = {
                "session": day, "report_date": sessions.following("COMEX", day), "metal": metal, "category": category,
                "unit": "troy_oz", "prev_total": before, "received": received, "withdrawn": withdrawn,
                "net_change": received - withdrawn, "adjustment": adjustment,
                "total_today": before + received - withdrawn + adjustment,
            }  # fmt: skip
            if day not in left_out:
                sums.append(row)
                if category != "total":
                    rows.append(row | {"depository": "MADE-UP VAULT"})
        registered -= one.moved
        eligible += one.received - one.withdrawn + one.moved + one.correction
    facts.put(opened, "comex_stock_rows", rows)
    facts.put(opened, "comex_stock_sums", sums)


def notices(opened: House, day: date, issued: int | None, to_date: int = 0, *, house: tuple[int, int] = (0, 0)) -> None:
    """One evening's delivery report of March silver: `house` is (issued, stopped) of house accounts.

    None issued is a report without a section for silver.
    """
    run = datetime(day.year, day.month, day.day) + timedelta(days=1, hours=2)  # noqa: DTZ001 - storage form
    shared = {"session": day, "intent_date": day, "run_time": run, "published_at": run, "delivery_month": MARCH}
    named = {"venue": "COMEX", "contract": "MARCH 2026 COMEX 5000 SILVER FUTURES", "product": "SI"}
    other = {"venue": "COMEX", "contract": "MARCH 2026 COMEX COPPER FUTURES", "product": "HG"}
    totals = [shared | other | {"issued": 1, "stopped": 1, "month_to_date": 1 + (day - FIRST_POSITION).days}]
    if issued is not None:
        totals.append(shared | named | {"issued": issued, "stopped": issued, "month_to_date": to_date})
        firms = [
            shared | named | {"firm_id": "001", "firm": "MADE UP", "delivery_date": day, "account": account, **lots}
            for account, lots in (
                ("house", {"issued": house[0], "stopped": house[1]}),
                ("customer", {"issued": issued - house[0], "stopped": issued - house[1]}),
            )
        ]
        facts.put(opened, "delivery_notice_rows", firms, source="comex_notices")
    facts.put(opened, "delivery_total_rows", totals, source="comex_notices")
