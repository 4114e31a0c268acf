"""Warrants of Shanghai, on invented pages and on figures that were in the news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests import facts
from tests.checks.shanghai import APRIL, LATER, days, months, proves, read, warrants
from tests.homes import house

WINDOW = days("2026-01-28", "2026-02-13")
LAST = date(2026, 2, 13)
NINTH = date(2026, 2, 9)
FEBRUARY_TONNES = {"2026-02-02": 462.6, "2026-02-03": 449.65, "2026-02-04": 423.2, "2026-02-05": 412.5,
                   "2026-02-06": 349.84, "2026-02-09": 318.546}  # fmt: skip
"""SHFE silver warrants of February 2026, tonnes (market.md 3)."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def february(opened: House) -> None:
    warrants(opened, {date.fromisoformat(day): 1000 * t for day, t in FEBRUARY_TONNES.items()})


# --- shanghai_stocks -----------------------------------------------------------------


def test_warrants_weekly_report_and_sge_vaults_stand_side_by_side_and_are_not_added(opened: House) -> None:
    warrants(opened, {NINTH: 318_546.0})
    week = {"session": date(2026, 2, 6), "metal": "silver", "unit": "kg"}
    facts.put(
        opened,
        "shfe_weekly_rows",
        [week | {"region": "", "warehouse": "总计", "level": "total", "warrants": 349_840.0}],
    )
    facts.put(opened, "sge_weekly_rows", [week | {"last_week": 500_000.0, "change": -1_000.0, "this_week": 499_000.0}])
    (row,) = opened.store.rows(
        "select shfe_warrants_t, shfe_warrants_lots, shfe_weekly_warrants_t, shfe_weekly_stock_t, shfe_weekly_session, "
        "sge_vaults_t from shanghai_stocks where session = ?",
        [NINTH],
    )
    assert row == (318.546, pytest.approx(21_236.4), 349.84, None, date(2026, 2, 6), 499.0)


def test_450_t_are_30_000_lots(opened: House) -> None:
    warrants(opened, {NINTH: 450_000.0})
    assert opened.store.rows("select shfe_warrants_lots from shanghai_stocks") == [(pytest.approx(30_000),)]


def test_a_weekly_report_older_than_two_weeks_is_not_carried(opened: House) -> None:
    week = {"session": date(2026, 1, 16), "metal": "silver", "unit": "kg"}
    facts.put(opened, "sge_weekly_rows", [week | {"last_week": 1.0, "change": 0.0, "this_week": 1.0}])
    warrants(opened, {NINTH: 318_546.0})
    assert opened.store.rows("select sge_vaults_t from shanghai_stocks where session = ?", [NINTH]) == [(None,)]


def test_3_to_9_february_lost_29_percent_and_the_last_session_9(opened: House) -> None:
    warrants(opened, {date.fromisoformat(day): 1000 * t for day, t in FEBRUARY_TONNES.items()})
    (row,) = opened.store.rows(
        "select 100 * (shfe_warrants_t / 449.65 - 1), shfe_warrants_change_1_pct, shfe_warrants_change_5_pct "
        "from shanghai_stocks where session = ?",
        [NINTH],
    )
    assert row == (pytest.approx(-29.16, abs=0.01), pytest.approx(-8.95, abs=0.005), pytest.approx(-31.14, abs=0.01))


# --- shfe_warrant_drop_1d ------------------------------------------------------------


def test_the_fall_of_9_february_is_a_warning_and_no_mail(opened: House) -> None:
    february(opened)
    found = read(opened, "shfe_warrant_drop_1d")
    assert found[("SHFE silver", NINTH)].verdict is Verdict.WARNING
    assert found[("SHFE silver", date(2026, 2, 5))].verdict is Verdict.CLEAR
    assert opened.checks["shfe_warrant_drop_1d"].route == "memo"


def test_a_session_whose_page_is_missing_is_unknown_and_so_is_the_next(opened: House) -> None:
    warrants(opened, {day: 300_000.0 for day in WINDOW if day != NINTH})
    found = read(opened, "shfe_warrant_drop_1d")
    assert found[("SHFE silver", NINTH)].reason == "the page of this session is not held"
    assert found[("SHFE silver", date(2026, 2, 10))].reason == "the page of the session before is not held"
    assert found[("SHFE silver", date(2026, 2, 11))].verdict is Verdict.CLEAR


def test_five_sessions_are_unknown_where_either_end_is_missing_and_never_silently_old(opened: House) -> None:
    warrants(opened, {day: 300_000.0 for day in WINDOW if day != NINTH})
    reading = read(opened, "shfe_warrant_drop")[("SHFE silver", NINTH)]
    assert (reading.verdict, reading.reason) == (Verdict.NODATA, "the page of this session is not held")
    proves(opened, "shfe_warrant_drop")


# --- shfe_month_cover ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("lots", "verdict"),
    [(15_000, Verdict.CLEAR), (16_000, Verdict.BAND), (18_000, Verdict.WARNING), (26_000, Verdict.CRITICAL)],
)
def test_warrants_are_held_against_the_month_about_to_be_delivered(opened: House, lots: int, verdict: Verdict) -> None:
    warrants(opened, dict.fromkeys(WINDOW, 300_000.0))
    months(opened, dict.fromkeys(WINDOW, lots))
    reading = read(opened, "shfe_month_cover")[("ag2602", NINTH)]
    assert reading.verdict is verdict
    assert reading.value == pytest.approx(20_000 / lots)


def test_9_6_percent_of_the_main_month_alerts_nobody_and_has_its_place_among_the_sessions_before(opened: House) -> None:
    """222,363 lots of the main month against 318.546 t on 9 February 2026; the delivery month is well covered."""
    long = days("2025-10-08", "2026-02-09")
    warrants(opened, {day: 318_546.0 if day == NINTH else 700_000.0 for day in long})
    months(opened, dict.fromkeys(WINDOW, 10_000), {APRIL: dict.fromkeys(long, 222_363)})
    found = read(opened, "shfe_month_cover")
    assert {subject for subject, _ in found} & {"ag2604"} == set()
    assert found[("ag2602", NINTH)].verdict is Verdict.CLEAR
    (row,) = opened.store.rows(
        "select contract, round(main_cover, 3), main_cover_percentile from shfe_main_cover where session = ?", [NINTH]
    )
    assert row == ("ag2604", 0.096, 0.0)


def test_without_the_page_of_warrants_the_cover_is_unknown(opened: House) -> None:
    warrants(opened, {day: 300_000.0 for day in WINDOW if day != NINTH})
    months(opened, dict.fromkeys(WINDOW, 26_000))
    reading = read(opened, "shfe_month_cover")[("ag2602", NINTH)]
    assert reading.verdict is Verdict.NODATA
    assert reading.reason == "the page of warrants of this session is not held"


def test_the_month_ends_with_its_last_trading_day(opened: House) -> None:
    """The 15th of February 2026 is a Sunday of the holiday: ag2602 trades last on the 24th."""
    window = days("2026-01-28", "2026-02-26")
    warrants(opened, dict.fromkeys(window, 300_000.0))
    months(opened, {day: 26_000 for day in window if day <= date(2026, 2, 24)})
    found = {day: r.verdict for (subject, day), r in read(opened, "shfe_month_cover").items() if subject == "ag2602"}
    assert max(found) == date(2026, 2, 25)
    assert found[date(2026, 2, 24)] is Verdict.CRITICAL
    assert found[date(2026, 2, 25)] is Verdict.CLEAR
    proves(opened, "shfe_month_cover")
    proves(opened, "shfe_warrant_drop_1d")
