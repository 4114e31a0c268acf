"""Made-up facts straight into the store, for tests of views and checks. Every figure here is invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from monitor import sessions
from monitor.house import House
from monitor.schema import TABLES
from monitor.store import FileLoad
from monitor.validate import frame_schema

LOADED = datetime(2026, 4, 1, tzinfo=UTC)


def put(
    opened: House,
    table: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    sha: str = "",
    source: str = "",
    at: datetime = LOADED,
) -> None:
    """Rows of one fact table as one file; columns left out are NULL, published_at is noon UTC the next day."""
    described = TABLES[table]
    filled = [
        dict.fromkeys(described.names) | {"published_at": _noon(row["session"]), "published_assumed": False} | dict(row)
        for row in rows
    ]
    frame = pl.DataFrame(filled, schema=frame_schema(described))
    source = source or {"shfe_warrant_rows": "shfe_warrants", "sge_quote_rows": "sge_quotes", "fx_rows": "ecb_fx"}.get(
        table, "made_up"
    )
    named = sha or f"invented-{table}-{len(opened.store.rows('select 1 from loads'))}"
    opened.store.load(FileLoad(named, "", source, "invented", 1, at, {table: frame}))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12) + timedelta(days=1)  # noqa: DTZ001 - storage form is naive UTC


def stocks(opened: House, levels: Mapping[date, float], *, metal: str = "silver", eligible: float = 250e6) -> None:
    """One depository's registered stock by session, chained, with the sums the report prints."""
    rows, sums = [], []
    before = None
    for day, registered in sorted(levels.items()):
        both = {"registered": (registered, before), "eligible": (eligible, eligible)}
        for category, (now, previous) in both.items():
            numbers = {
                "prev_total": now if previous is None else previous,
                "total_today": now,
                "received": 0.0,
                "withdrawn": 0.0,
            }
            row = {
                "session": day, "report_date": sessions.following("COMEX", day), "metal": metal, "category": category,
                "unit": "troy_oz", "net_change": 0.0, "adjustment": 0.0, **numbers,
            }  # fmt: skip
            rows.append(row | {"depository": "MADE-UP VAULT"})
            sums.append(row)
        total = dict(sums[-1], category="total", total_today=registered + eligible, prev_total=registered + eligible)
        sums.append(total)
        before = registered
    put(opened, "comex_stock_rows", rows)
    put(opened, "comex_stock_sums", sums)


def interest(
    opened: House, product: str, month: date, levels: Mapping[date, int], *, status: str = "final", venue: str = "COMEX"
) -> None:
    """Open interest of one month by session; volume 1,000 lots, no change printed."""
    put(
        opened,
        "open_interest_rows",
        [
            {
                "venue": venue, "product": product, "delivery_month": month, "session": day, "status": status,
                "open_interest": lots, "volume": 1_000,
            }
            for day, lots in levels.items()
        ],
    )  # fmt: skip


def settle(opened: House, product: str, prices: Mapping[tuple[date, date], float], **more: Any) -> None:
    """Settlements by (session, month); COMEX silver in USD per troy ounce unless `more` says otherwise."""
    base = {"venue": "COMEX", "status": "final", "currency": "USD", "unit": "troy_oz", "volume": 1_000}
    put(
        opened,
        "settlement_rows",
        [
            base | {"product": product, "session": day, "delivery_month": month, "settle": price} | more
            for (day, month), price in prices.items()
        ],
    )


def dollars(opened: House, rates: Mapping[date, float]) -> None:
    """CNY per USD by date, by way of a euro worth exactly one dollar."""
    rows = [
        {"session": day, "base": "EUR", "quote": quote, "rate": rate}
        for day, cny in rates.items()
        for quote, rate in (("USD", 1.0), ("CNY", cny))
    ]
    put(opened, "fx_rows", rows)
