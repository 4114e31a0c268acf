"""The captured reports of delivery notices against their answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from monitor.clock import naive
from monitor.model import Batch
from monitor.sources.comex_notices import recognise
from tests.captures import CAPTURES, answers, differing, needs_captures
from tests.sources.notices import firms, read, totals

LATER = datetime(2026, 4, 20, tzinfo=UTC)

FOLDER = CAPTURES / "comex" / "issues_stops"


@cache
def captured() -> dict[str, Batch]:
    return {path.name: read(path.read_bytes(), LATER) for path in sorted(FOLDER.iterdir())}


@needs_captures
@pytest.mark.captures
def test_every_firm_of_the_captured_reports_equals_the_answers() -> None:
    """2,198 rows of 50 reports: number, account, name, issued, stopped."""
    wanted = {
        (Path(r["source_file"]).name, r["business_date"], r["contract"], r["firm"], r["org"]): (
            r["firm_name"], int(r["issued"]), int(r["stopped"]),
        )
        for r in answers("issues_stops_firms")
    }  # fmt: skip
    letters = {"customer": "C", "house": "H"}
    found = {
        (name, f"{r['session']:%m/%d/%Y}", r["contract"], r["firm_id"], letters[r["account"]]): (
            r["firm"], r["issued"], r["stopped"],
        )
        for name, batch in captured().items()
        for r in firms(batch).rows(named=True)
    }  # fmt: skip
    assert differing(wanted, found) == []
    assert len(found) == len(answers("issues_stops_firms")) == 2_198


@needs_captures
@pytest.mark.captures
def test_every_total_of_the_captured_reports_equals_the_answers() -> None:
    """232 contracts: exchange, settlement, both dates, totals, month to date."""
    wanted = {
        (Path(r["source_file"]).name, r["business_date"], r["contract"]): (
            r["exchange"], float(r["settlement"]), r["intent_date"], r["delivery_date"], int(r["total_issued"]),
            int(r["total_stopped"]), int(r["month_to_date"]),
        )
        for r in answers("issues_stops_contracts")
    }  # fmt: skip
    found = {
        (name, f"{r['session']:%m/%d/%Y}", r["contract"]): (
            r["venue"], r["settlement"], f"{r['intent_date']:%m/%d/%Y}", f"{r['delivery_date']:%m/%d/%Y}", r["issued"],
            r["stopped"], r["month_to_date"],
        )
        for name, batch in captured().items()
        for r in totals(batch).rows(named=True)
    }  # fmt: skip
    assert differing(wanted, found) == []
    assert len(found) == len(answers("issues_stops_contracts")) == 232


@needs_captures
@pytest.mark.captures
def test_the_captured_reports_hold_nothing_unknown() -> None:
    """No line, no product and no date that would be noted."""
    assert {name: batch.notes for name, batch in captured().items() if batch.notes} == {}


@needs_captures
@pytest.mark.captures
def test_month_to_date_grows_by_the_day() -> None:
    """Of each contract, but where a day between was not captured."""
    days = defaultdict(list)
    for batch in captured().values():
        for row in totals(batch).rows(named=True):
            days[row["contract"]].append((row["session"], row["issued"], row["month_to_date"]))
    breaks = [
        (contract, before[0], after[0])
        for contract, series in days.items()
        for before, after in pairwise(sorted(set(series)))
        if after[2] - after[1] != before[2]
    ]
    assert len(days) == 22
    assert all(after[2] >= before[2] for series in days.values() for before, after in pairwise(sorted(set(series))))
    assert len(breaks) <= 16
    known = {row[0] for series in days.values() for row in series}
    for _, before, after in breaks:
        between = [date.fromordinal(n) for n in range(before.toordinal() + 1, after.toordinal())]
        assert any(day.weekday() < 5 and day not in known for day in between)


@needs_captures
@pytest.mark.captures
def test_the_noon_run_of_29_january_lists_the_expiring_months_alone() -> None:
    """Three January contracts, no February first notices; silver's settlement has stood since the day before."""
    noon, before = (totals(captured()[f"2026-01-{day}_MetalsIssuesAndStopsReport.pdf"]) for day in ("29", "28"))
    assert set(noon["delivery_month"]) == {date(2026, 1, 1)}
    assert noon.height == 3
    assert set(noon["run_time"]) == {naive(datetime(2026, 1, 29, 18, 3, 11, tzinfo=UTC))}
    silver = pl.col("product") == "SI"
    assert noon.filter(silver)["settlement"].to_list() == before.filter(silver)["settlement"].to_list() == [113.111]


@needs_captures
@pytest.mark.captures
def test_only_daily_reports_are_recognised() -> None:
    """Not the bulletin, not the year-to-date report, whatever the names."""
    assert all(recognise(path.read_bytes(), "x.xls") for path in FOLDER.iterdir())
    others = [path for name in ("bulletin62", "issues_stops_ytd") for path in (CAPTURES / "comex" / name).iterdir()]
    assert not any(recognise(path.read_bytes(), "MetalsIssuesAndStopsReport.pdf") for path in others)
