"""CME's list of margins, CSV and JSON, as others' programs describe it; all figures made up."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

HEADS = (
    "Exchange", "Asset Class", "Product Name", "Product Code", "Start Period", "End Period", "Maintenance", "Currency",
    "Maint. Vol. Scan",
)  # fmt: skip
GOLD = ("CMX", "METALS", "COMEX 100 GOLD FUTURES", "GC", "06/2026", "06/2032", "24,881", "USD", "25.000%")
SILVER = ("CMX", "METALS", "COMEX 5000 SILVER FUTURES", "SI", "06/2026", "08/2026", "45417.000", "USD", "45.000%")
SILVER_LATER = ("CMX", "METALS", "COMEX 5000 SILVER FUTURES", "SI", "09/2026", "12/2030", "18.000%", "", "")
PLATINUM = ("NYM", "METALS", "PLATINUM FUTURES", "PL", "07/2026", "12/2028", "5,300 USD", "USD", "-")
CORN = ("CBT", "AGRICULTURE", "CORN FUTURES", "C", "07/2026", "07/2026", "1,100", "USD", "7.000%")
ROWS = (CORN, GOLD, SILVER, SILVER_LATER, PLATINUM)
KEYS = (
    "exchange", "sector", "name", "clearingCode", "startPeriod", "endPeriod", "maintenanceRate", "currency",
    "volScanMaintenanceRatePercent",
)  # fmt: skip


def made(rows: Sequence[Sequence[str]] = ROWS, heads: Sequence[str] = HEADS) -> bytes:
    """`OUTRIGHT.csv`."""
    text = io.StringIO()
    csv.writer(text).writerows([heads, *rows])
    return text.getvalue().encode()


def made_json(rows: Sequence[Sequence[str]] = ROWS, **changed: Any) -> bytes:
    """The answer of the same service to a search."""
    rates = [{"id": at, "clearingOrg": "CMX", **dict(zip(KEYS, row, strict=True))} for at, row in enumerate(rows)]
    return json.dumps({"total": len(rates), "props": {}, "marginRates": rates} | changed).encode()
