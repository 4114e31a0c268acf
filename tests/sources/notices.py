"""Made-up reports of delivery notices, and how tests read one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from monitor import validate
from monitor.model import Answer, Batch
from monitor.sources.comex_notices import parse
from tests.factories.comex_pdf import (
    Firm,
    Section,
    notices_pdf,
)

FRIDAY = date(2026, 2, 27)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

SILVER = Section(
    "MARCH 2026 COMEX 5000 SILVER FUTURES",
    [
        Firm("099", "H", "DEUTSCHE BANK AG", stopped=1),
        Firm("363", "H", "WELLS FARGO SECURITIES LLC", stopped=1199),
        Firm("661", "C", "JP MORGAN SECURITIES", 1_220, 37),
        Firm("661", "H", "JP MORGAN SECURITIES", 20, 3),
    ],
    to_date=4_580,
)

PLATINUM = Section(
    "MARCH 2026 PLATINUM FUTURES NYMEX",
    [Firm("072", "H", "GOLDMAN", 15), Firm("624", "H", "BOFA SECURITIES", stopped=15)],
    to_date=161,
    settlement="2,365.600000000",
    exchange="NYMEX",
)


def read(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "report.pdf", at))
    validate.checked(batch.frames)
    return batch


def made(*sections: Section, day: date = FRIDAY, **more: Any) -> bytes:
    return notices_pdf(day, sections or (SILVER, PLATINUM), **more)


def firms(batch: Batch) -> pl.DataFrame:
    return batch.frames["delivery_notice_rows"]


def totals(batch: Batch) -> pl.DataFrame:
    return batch.frames["delivery_total_rows"]
