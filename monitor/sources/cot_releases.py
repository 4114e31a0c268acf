"""When each report of the Commitments of Traders was released, as far as it is known.

The report is released on the third working day after its date at 15:30 New York, a Friday in an ordinary week, later
when `monitor/tables/cot_releases.csv` says so. No report comes before an earlier one. Disaggregated figures before
September 2009 were computed later and released on 2009-10-20. All of these hours are marked as assumed; where a row
carries the moment it was put on the CFTC's server, within ten days of that release, this is taken instead.
"""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from monitor import clock, sessions

ZONE: Final = "America/New_York"
HOUR: Final = "15:30"
_RELEASES: Final = Path(__file__).parent.parent / "tables" / "cot_releases.csv"
_LIVE: Final = datetime(2022, 8, 2)  # noqa: DTZ001 - naive UTC, as frames are
"""Older rows carry the moment the server was filled, not that of their release."""
_BACKCAST_BEFORE: Final = date(2009, 9, 1)
_BACKCAST_RELEASED: Final = date(2009, 10, 20)


@lru_cache(maxsize=1)
def _late() -> dict[date, date]:
    with _RELEASES.open(encoding="utf-8", newline="") as file:
        return {
            date.fromisoformat(row["report_date"]): date.fromisoformat(row["release_date"])
            for row in csv.DictReader(file)
        }


@lru_cache(maxsize=4096)
def release_day(report_date: date, report: str) -> date:
    """The day on which the report of `report_date` was, or will be, released."""
    late = _late()
    day = late.get(report_date) or _third_working_day(report_date)
    held_up = [out for when, out in late.items() if report_date - timedelta(days=60) <= when < report_date]
    backcast = [_BACKCAST_RELEASED] if report == "disaggregated" and report_date < _BACKCAST_BEFORE else []
    return max([day, *held_up, *backcast])


def _third_working_day(day: date) -> date:
    left = 3
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and not _federal_holiday(day)
    return day


def _federal_holiday(day: date) -> bool:
    """New York's closures but Good Friday, and Veterans Day: the holidays that fall behind a Tuesday."""
    reason = sessions.calendar("NYSE").closed.get(day)
    observed = date(day.year, 11, 11)
    observed += timedelta(days={5: -1, 6: 1}.get(observed.weekday(), 0))
    return (reason is not None and reason != "Good Friday") or day == observed


def released(frame: pl.DataFrame, report: str) -> pl.DataFrame:
    """The frame with published_at and published_assumed."""
    days = frame["session"].unique().to_list()
    moments = {day: clock.naive(clock.local(release_day(day, report), HOUR, ZONE)) for day in days}
    usual = pl.col("session").replace_strict(moments, return_dtype=pl.Datetime("us"))
    stored = pl.col("stored").str.extract(r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$")
    stored = stored.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    near = stored.is_between(usual.dt.offset_by("-1d"), usual.dt.offset_by("10d")) & (stored > _LIVE)
    near = near & (stored > pl.col("session").cast(pl.Datetime("us")))
    told = near.fill_null(value=False)
    return frame.with_columns(
        pl.lit(report).alias("report"),
        pl.when(told).then(stored).otherwise(usual).alias("published_at"),
        (~told).alias("published_assumed"),
    )
