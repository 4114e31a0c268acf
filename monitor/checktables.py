"""Readings and what checks declare, as tables: what a batch writes down, and the levels and sources beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from monitor import checkfile
from monitor.checkfile import Check
from monitor.checks import WINDOW_DAYS, Evaluation
from monitor.clock import naive
from monitor.model import Reading
from monitor.store import Store, insert


def write(store: Store, checks: Mapping[str, Check], evaluation: Evaluation, now: datetime) -> None:
    """Upsert the readings: one per (check, subject, session); unchanged ones stay, vanished ones of the window go."""
    frame = _frame(checks, evaluation.readings, now)
    same = "check_name, subject, session"
    with store.transaction() as cur:
        cur.execute("create or replace temp table fresh as select * from reading_rows limit 0")
        insert(cur, "fresh", frame)
        compared = "value, verdict, warn, critical, clear, reason, inputs, version"
        cur.execute(
            f"create or replace temp table changed as select {same} from "  # noqa: S608
            f"(select {same}, {compared} from fresh except select {same}, {compared} from reading_rows)"
        )
        cur.execute(f"delete from reading_rows where ({same}) in (select ({same}) from changed)")  # noqa: S608
        cur.execute(
            f"delete from reading_rows where check_name in (select check_name from fresh) and session >= ? "  # noqa: S608
            f"and ({same}) not in (select ({same}) from fresh)",
            [naive(now).date() - timedelta(days=WINDOW_DAYS)],
        )
        cur.execute(f"insert into reading_rows select fresh.* from fresh join changed using ({same})")  # noqa: S608


def _frame(checks: Mapping[str, Check], readings: Sequence[Reading], now: datetime) -> pl.DataFrame:
    at = naive(now)
    return pl.DataFrame(
        {
            "check_name": [r.check for r in readings],
            "subject": [r.subject for r in readings],
            "session": [r.session for r in readings],
            "value": [r.value for r in readings],
            "verdict": [r.verdict.value for r in readings],
            "warn": [r.warn for r in readings],
            "critical": [r.critical for r in readings],
            "clear": [r.clear for r in readings],
            "unit": [checks[r.check].unit for r in readings],
            "published_at": [naive(r.published_at) if r.published_at else None for r in readings],
            "reason": [r.reason for r in readings],
            "inputs": [json.dumps(r.inputs, default=str) for r in readings],
            "version": [checks[r.check].version for r in readings],
            "evaluated_at": [at] * len(readings),
        },
        schema={
            "check_name": pl.String, "subject": pl.String, "session": pl.Date, "value": pl.Float64,
            "verdict": pl.String, "warn": pl.Float64, "critical": pl.Float64, "clear": pl.Float64, "unit": pl.String,
            "published_at": pl.Datetime("us"), "reason": pl.String, "inputs": pl.String, "version": pl.String,
            "evaluated_at": pl.Datetime("us"),
        },
    )  # fmt: skip


def threshold_frame(checks: Iterable[Check]) -> pl.DataFrame:
    """The `thresholds` reference table."""
    rows = [row for check in checks for row in checkfile.expand(check)]
    return pl.DataFrame(
        rows,
        schema={
            "check_name": pl.String, "venue": pl.String, "metal": pl.String, "valid_from": pl.Date,
            "valid_to": pl.Date, "from_t": pl.Int32, "to_t": pl.Int32, "warn": pl.Float64, "critical": pl.Float64,
            "clear": pl.Float64,
        },
    )  # fmt: skip


def source_frame(checks: Iterable[Check]) -> pl.DataFrame:
    """The `check_sources` reference table."""
    rows = [(check.name, check.title, source) for check in checks for source in check.sources]
    return pl.DataFrame(rows, schema=dict.fromkeys(("check_name", "title", "source"), pl.String), orient="row")
