"""Delivery notices from day to day, on invented facts: a month's notices add up, or a report is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.house import House
from tests import facts
from tests.homes import house

MAY = date(2026, 5, 1)
SILVER = "MAY 2026 COMEX 5000 SILVER FUTURES"
FIRST, SECOND, THIRD, FOURTH = date(2026, 4, 29), date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 4)
"""First intent day of a May contract, and the sessions after it."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, datetime(2026, 5, 8, tzinfo=UTC)) as found:
        yield found


def report(opened: House, day: date, lots: dict[str, tuple[int, int]], *, noon: bool = False) -> None:
    """One evening's report (or a run at noon): notices of the day and month to date by contract."""
    run = datetime(day.year, day.month, day.day, 18) + timedelta(hours=0 if noon else 8)  # noqa: DTZ001 - storage form
    rows = [
        {
            "session": day, "venue": "COMEX", "contract": name, "product": "SI", "delivery_month": MAY,
            "issued": issued, "stopped": issued, "month_to_date": so_far, "intent_date": day, "run_time": run,
            "published_at": run,
        }
        for name, (issued, so_far) in lots.items()
    ]  # fmt: skip
    facts.put(opened, "delivery_total_rows", rows, source="comex_notices")


def chain(opened: House, columns: str) -> list[tuple[Any, ...]]:
    return opened.store.rows(f"select {columns} from delivery_chain where contract = '{SILVER}' order by session")


def test_a_month_begins_at_nothing_on_its_first_intent_day_and_adds_up(opened: House) -> None:
    report(opened, FIRST, {SILVER: (4_580, 4_580)})
    report(opened, SECOND, {SILVER: (234, 4_814)})
    found = chain(opened, "previous_session, held_before, gap, missing_reports, breaks, contradicts")
    assert found == [(None, 0, 0, 0, False, False), (FIRST, 4_580, 0, 0, False, False)]


def test_a_break_names_the_sessions_whose_report_is_missing(opened: House) -> None:
    report(opened, FIRST, {SILVER: (4_580, 4_580)})
    report(opened, FOURTH, {SILVER: (20, 5_094)})
    last = chain(opened, "gap, missing_reports, missing_from, missing_to, breaks, contradicts")[-1]
    assert last == (494, 2, SECOND, THIRD, True, False)


def test_a_break_without_a_missing_report_contradicts(opened: House) -> None:
    report(opened, FIRST, {SILVER: (4_580, 4_580)})
    report(opened, SECOND, {SILVER: (234, 4_815)})
    assert chain(opened, "gap, missing_reports, breaks, contradicts")[-1] == (1, 0, True, True)


def test_notices_that_become_fewer_contradict_even_across_a_missing_report(opened: House) -> None:
    report(opened, FIRST, {SILVER: (4_580, 4_580)})
    report(opened, THIRD, {SILVER: (10, 4_500)})
    assert chain(opened, "gap, missing_reports, breaks, contradicts")[-1] == (-90, 1, True, True)


def test_a_day_on_which_only_others_had_notices_is_not_missing(opened: House) -> None:
    report(opened, FIRST, {SILVER: (4_580, 4_580)})
    report(opened, SECOND, {"MAY 2026 COMEX COPPER FUTURES": (1, 900)})
    report(opened, THIRD, {SILVER: (10, 4_590)})
    assert chain(opened, "gap, missing_reports, breaks")[-1] == (0, 0, False)


def test_a_run_at_noon_does_not_stand_for_the_evening(opened: House) -> None:
    report(opened, FIRST, {"APRIL 2026 COMEX 5000 SILVER FUTURES": (1, 60)}, noon=True)
    report(opened, SECOND, {SILVER: (633, 2_514)})
    found = chain(opened, "held_before, gap, missing_reports, missing_from, contradicts")
    assert found == [(0, 1_881, 1, FIRST, False)]
    held = opened.store.rows("select session, is_held from delivery_days order by session desc limit 2")
    assert held == [(SECOND, True), (FIRST, False)]
