"""Made-up bulletins, and how tests read one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from monitor import validate
from monitor.model import Answer, Batch
from monitor.sources.comex_bulletin import parse
from tests.factories.comex_pdf import (
    Block,
    Line,
    Page,
    bulletin_pages,
    bulletin_pdf,
)

FRIDAY = date(2026, 2, 27)

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)

N = None

GOLD = Block(
    "GC",
    "COMEX GOLD FUTURES",
    [
        Line("MAR26", "4375.50", "- 174.30", 1070, N, 1063, 660, "4441.50", "4443.10", "4441.50", "03/27"),
        Line(
            "APR26", "4376.30", "- 176.00", 241_228, 6_212, 63_034, -40_398, "4508.90", "4541.60B", "4348.20A", "04/28"
        ),
        Line("APR27", "1998.00", "+ 15.20", 5, N, 450, 1, "", "1972.90A", "", "04/28"),
        Line("DEC27", "4691.80", "NEW", 7, N, 7, 7),
    ],
    {"MAR26": (107, 5_455, N, N, N, N, N, N, N, N, N), "APR26": (N, N, 3_912, N, N, N, 1_498, N, 802, 160, 2_335)},
)

SILVER = Block(
    "SI",
    "COMEX SILVER FUTURES",
    [
        Line("MAY26", "67.934", "- 4.707", 56_308, 201, 72_645, -1_111, "71.505", "72.385", "66.705", "05/27"),
        Line("JUL26", "68.432", "+ 4.743", 8_059, N, 23_091, 833, "", "72.880B", "", "07/29"),
        Line("NOV26", "69.415", "UNCH", N, N, 48, 0, last_trade="11/25"),
    ],
    {"MAY26": (275, 2_331, 115, N, N, N, N, N, 86, N, 1_460)},
)

ALUMINUM = Block(
    "AUP",
    "ALUMINUM MW TRANS PREM PLATTS SWAPS",
    [Line("APR26", "1.08647", "+0.02147", 3, 60, 4_256, 63, "1.08250", "1.08250", "1.08250", "04/30")],
    {"APR26": (N, N, N, N, N, N, N, N, 60, N, N)},
)

PLATINUM = Block(
    "PL",
    "NYMEX PLATINUM FUTURES",
    [Line("APR26", "1838.90", "- 86.90", N, 170, 7_314, -4_402, last_trade="04/28")],
    {"APR26": (N, N, 170, N, N, N, N, N, N, N, 39)},
    nymex=True,
)

BLOCKS = (GOLD, SILVER, ALUMINUM, PLATINUM)


def whole(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "bulletin.pdf", at))
    validate.checked(batch.frames)
    return batch


def read(body: bytes, table: str = "bulletin_rows") -> pl.DataFrame:
    return whole(body).frames[table]


def made(*blocks: Block, **more: Any) -> bytes:
    return bulletin_pdf(FRIDAY, blocks or BLOCKS, **more)


def pages(*blocks: Block) -> list[Page]:
    return bulletin_pages(FRIDAY, blocks or BLOCKS)


def row(frame: pl.DataFrame, product: str, month: date) -> dict[str, Any]:
    return frame.filter((pl.col("product") == product) & (pl.col("delivery_month") == month)).row(0, named=True)


def number(text: str) -> float | None:
    return float(text) if text else None


def month_names(count: int) -> list[str]:
    names = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
    return [f"{names[at % 12]}{26 + at // 12}" for at in range(count)]
