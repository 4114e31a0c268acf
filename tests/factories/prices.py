"""Answers of spot providers and Yahoo, and hand-entered files, in their layouts. Every figure is made up."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from monitor.sources.inbox_csv import HEADER, QUOTE

EXAMPLES: Final = 200 * (50 if os.environ.get("BULLION_FUZZ") == "all" else 1)
"""Hypothesis examples a property; fifty times as many with BULLION_FUZZ=all."""
NEW_YORK: Final = ZoneInfo("America/New_York")


# --- spot ------------------------------------------------------------------------------------------


def gold_api(metal: str = "Silver", price: object = 64.2, at: str = "2026-01-05T11:59:00Z", **more: object) -> bytes:
    """One answer of gold-api.com; `more` adds or replaces keys, a value of None removes one."""
    symbol = {"Silver": "XAG", "Gold": "XAU", "Platinum": "XPT", "Palladium": "XPD", "Copper": "HG"}[metal]
    payload = {
        "currency": "USD", "currencySymbol": "$", "exchangeRate": 1, "name": metal, "price": price, "symbol": symbol,
        "updatedAt": at, "updatedAtReadable": "a few seconds ago",
    } | more  # fmt: skip
    return json.dumps({key: value for key, value in payload.items() if value is not None}).encode()


def metals_latest(
    metals: Mapping[str, object] | None = None, at: object = "2026-01-05T11:58:02.000Z", **more: object
) -> bytes:
    """metals.dev's latest rates, with the exchanges' own prices among them."""
    rates: dict[str, object] = {
        "gold": 4412.3, "silver": 64.21, "platinum": 1811.5, "palladium": 1502.25, "copper": 0.182,
        "lbma_gold_pm": 4401.9, "lbma_silver": 63.9, "mcx_silver": 71.2, "lme_copper": 0.181,
    }  # fmt: skip
    payload: dict[str, object] = {
        "status": "success", "currency": "USD", "unit": "toz", "metals": rates if metals is None else dict(metals),
        "currencies": {"EUR": 1.17}, "timestamps": {"metal": at, "currency": "2026-01-05T11:57:58.000Z"},
    }  # fmt: skip
    return json.dumps(payload | more).encode()


def metals_spot(
    at: object = "2026-01-05T11:58:02.000Z", rate: Mapping[str, object] | None = None, **more: object
) -> bytes:
    """metals.dev's spot quote of silver with both sides; `rate` replaces its fields, None removes one."""
    fields: dict[str, object] = {
        "price": 64.2, "ask": 64.25, "bid": 64.15, "high": 65.1, "low": 63.8, "change": 0.4, "change_percent": 0.63,
    }  # fmt: skip
    fields |= rate or {}
    payload: dict[str, object] = {
        "status": "success", "timestamp": at, "currency": "USD", "unit": "toz", "metal": "silver",
        "rate": {key: value for key, value in fields.items() if value is not None},
    }  # fmt: skip
    return json.dumps(payload | more).encode()


# --- Yahoo -----------------------------------------------------------------------------------------


def expanded(value: float) -> float:
    """The 32-bit float nearest to `value`, as Yahoo prints it: 27.479 -> 27.479000091552734."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def opening(day: date, clock: str = "09:30") -> int:
    """The timestamp of a bar: 09:30 New York."""
    return int(datetime.combine(day, time.fromisoformat(clock), NEW_YORK).timestamp())


def chart(
    bars: Sequence[tuple[int, float | None]],
    symbol: str = "HL",
    *,
    market: datetime | None = None,
    quote: Mapping[str, Sequence[object] | None] | None = None,
    meta: Mapping[str, object] | None = None,
    adjusted: bool = True,
    error: Mapping[str, object] | None = None,
) -> bytes:
    """A chart answer of (timestamp, close) bars; open and close equal, high and low half a dollar around, 1,000 shares.

    `market` is the last trade's moment, 16:00 New York of the last bar by default. `quote` replaces whole columns
    (None removes one), `meta` its fields.
    """
    stamps = [stamp for stamp, _ in bars]
    closes = [None if close is None else expanded(close) for _, close in bars]
    columns: dict[str, Any] = {
        "open": closes,
        "high": [None if close is None else close + 0.5 for close in closes],
        "low": [None if close is None else close - 0.5 for close in closes],
        "close": closes,
        "volume": [1_000 for _ in closes],
    } | dict(quote or {})
    last = datetime.fromtimestamp(stamps[-1], NEW_YORK) if stamps else datetime(2026, 2, 2, tzinfo=UTC)
    when = market or datetime.combine(last.date(), time(16, 0, 2), NEW_YORK)
    described: dict[str, object] = {
        "currency": "USD", "symbol": symbol, "exchangeName": "NYQ", "instrumentType": "EQUITY",
        "regularMarketTime": int(when.timestamp()), "gmtoffset": -18_000, "timezone": "EST",
        "exchangeTimezoneName": "America/New_York", "regularMarketPrice": 25.1, "chartPreviousClose": 24.9,
        "dataGranularity": "1d", "range": "", "validRanges": ["1d", "5d", "1mo", "max"],
    }  # fmt: skip
    indicators: dict[str, object] = {"quote": [{key: value for key, value in columns.items() if value is not None}]}
    if adjusted:
        indicators["adjclose"] = [{"adjclose": [None if close is None else close * 0.99 for close in closes]}]
    result = {"meta": described | dict(meta or {}), "timestamp": stamps, "indicators": indicators}
    return json.dumps({"chart": {"result": None if error else [result], "error": error}}).encode()


# --- figures entered by hand -----------------------------------------------------------------------


ROW: Final = {
    "series": "iron_ore_62", "session": "2026-01-30", "value": "104.5", "unit": "usd_per_tonne",
    "tax_basis": "not_taxed", "source_url": "https://example.org/ore", "published_at": "2026-01-30T18:00+00:00",
    "note": "made up",
}  # fmt: skip
QUOTED: Final = ROW | {
    "series": "shuibei_silver", "session": "2026-01-31", "value": "", "unit": "usd_per_troy_oz",
    "tax_basis": "inclusive", "source_url": "https://example.org/board", "published_at": "2026-01-31T18:00+08:00",
    "bid": "91.60", "ask": "136.80",
}  # fmt: skip
"""Asked and paid as a reader quoted them in February 2026; the address is made up."""


def entered(*rows: Mapping[str, str], header: Sequence[str] = HEADER + QUOTE, end: str = "\n") -> bytes:
    """A hand-entered file of these rows; a cell with a comma is quoted."""
    lines = [",".join(header)]
    for row in rows:
        cells = [row.get(name, "") for name in header]
        lines.append(",".join(f'"{cell}"' if "," in cell else cell for cell in cells))
    return (end.join(lines) + end).encode()
