"""Made-up warehouse reports, and how tests read one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from monitor import validate
from monitor.model import Answer, Batch
from monitor.sources.comex_stocks import parse
from tests.factories.comex import (
    Knobs,
    copper_stocks_xls,
    gold_stocks_xls,
    pa_pl_stocks_xls,
    silver_stocks_xls,
)

ACTIVITY, REPORT = date(2026, 2, 9), date(2026, 2, 10)

NOW = datetime(2026, 2, 11, 12, tzinfo=UTC)

KINDS: dict[str, Callable[..., bytes]] = {
    "silver": silver_stocks_xls,
    "gold": gold_stocks_xls,
    "copper": copper_stocks_xls,
    "pa-pl": pa_pl_stocks_xls,
}

NUMBERS = ("prev_total", "received", "withdrawn", "net_change", "adjustment", "total_today")


def read(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "file.xls", at))
    validate.checked(batch.frames)
    return batch


def made(kind: str = "silver", activity: date = ACTIVITY, report: date = REPORT, **knobs: Any) -> bytes:
    return KINDS[kind](activity, report, knobs=Knobs(**knobs))


def rows(batch: Batch) -> list[tuple[object, ...]]:
    return batch.frames["comex_stock_rows"].rows()


def of(batch: Batch, depository: str) -> dict[str, tuple[float | None, ...]]:
    frame = batch.frames["comex_stock_rows"].filter(pl.col("depository") == depository)
    return {row[0]: row[1:] for row in frame.select("category", *NUMBERS).rows()}
