"""India over New York, the change of Shanghai's premium, and what is left of a premium after costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests import facts
from tests.checks.shanghai import LATER, close, days, mumbai, new_york, proves, rates, read
from tests.homes import house

PER_KG = 32.15074656862798
FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)
MONDAY_SILVER = ("MCX silver", MONDAY)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def india(opened: House, premium: float, *, duty: float = 0.06, before: float = 80.0, after: float = 80.0) -> None:
    """MCX silver on Monday at this premium over 80 USD, duty inside."""
    rates(opened, {FRIDAY: 90.0})
    new_york(opened, {FRIDAY: before, MONDAY: after})
    mumbai(opened, MONDAY, 80.0 * (1 + premium) * (1 + duty) * PER_KG * 90.0)


# --- india_premium -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("premium", "verdict"),
    [
        (0.01, Verdict.CLEAR), (0.025, Verdict.BAND), (0.04, Verdict.WARNING), (0.09, Verdict.CRITICAL),
        (-0.04, Verdict.WARNING), (-0.09, Verdict.CRITICAL),
    ],
)  # fmt: skip
def test_india_is_judged_either_way_with_the_duty_taken_off(opened: House, premium: float, verdict: Verdict) -> None:
    india(opened, premium)
    reading = read(opened, "india_premium")[MONDAY_SILVER]
    assert reading.verdict is verdict
    assert reading.value == pytest.approx(abs(100 * premium))
    assert reading.inputs["side"] == ("above New York" if premium > 0 else "below New York")
    proves(opened, "india_premium")


def test_the_duty_is_that_of_the_day(opened: House) -> None:
    """15 percent until late July 2024: what would be 8.5 percent too dear under today's duty is no premium then."""
    day = date(2024, 3, 11)
    rates(opened, {day: 83.0})
    facts.settle(opened, "SI", {(date(2024, 3, 8), date(2024, 5, 1)): 24.0, (day, date(2024, 5, 1)): 24.0})
    mumbai(opened, day, 24.0 * 1.15 * PER_KG * 83.0, expiry=date(2024, 5, 3))
    assert opened.store.rows("select duty, round(ex_duty_low_pct, 6) from india_premium") == [(0.15, 0.0)]


def test_before_a_duty_is_on_file_the_premium_is_unknown(opened: House) -> None:
    day = date(2022, 3, 9)
    rates(opened, {day: 76.0})
    facts.settle(opened, "SI", {(date(2022, 3, 8), date(2022, 5, 1)): 24.0, (day, date(2022, 5, 1)): 24.0})
    mumbai(opened, day, 24.0 * PER_KG * 76.0, expiry=date(2022, 5, 5))
    assert opened.store.rows("select unknown_because, ex_duty_low_pct from india_premium") == [
        ("no duty on file for this day", None)
    ]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [(79.0, 80.0, Verdict.WARNING), (80.0, 81.5, Verdict.BAND), (76.0, 80.0, Verdict.NODATA)],
)
def test_both_settlements_around_the_day_must_agree(
    opened: House, before: float, after: float, verdict: Verdict
) -> None:
    india(opened, 0.04, before=before, after=after)
    assert read(opened, "india_premium")[MONDAY_SILVER].verdict is verdict


def test_a_month_that_did_not_trade_carries_an_old_close_and_says_nothing(opened: House) -> None:
    rates(opened, {FRIDAY: 90.0})
    new_york(opened, {FRIDAY: 80.0, MONDAY: 80.0})
    mumbai(opened, MONDAY, 300_000.0, volume_lots=0)
    reading = read(opened, "india_premium")[MONDAY_SILVER]
    assert (reading.verdict, reading.reason[:13]) == (Verdict.NODATA, "the month did")


def test_a_session_without_a_price_is_unknown(opened: House) -> None:
    india(opened, 0.0)
    mumbai(opened, date(2026, 3, 11), 300_000.0)
    assert read(opened, "india_premium")[("MCX silver", date(2026, 3, 10))].reason == "no price of this session is held"


def test_mcx_gold_is_995_fine_and_per_ten_gram(opened: House) -> None:
    rates(opened, {FRIDAY: 90.0})
    new_york(opened, {FRIDAY: 5_000.0, MONDAY: 5_000.0}, product="GC")
    mumbai(opened, MONDAY, 5_000.0 * 1.06 * 0.995 * PER_KG * 90.0 / 100, symbol="GOLD")
    assert read(opened, "india_premium")[("MCX gold", MONDAY)].value == pytest.approx(0.0, abs=1e-9)


# --- regional_premium_jump -----------------------------------------------------------

WEEK = days("2026-03-09", "2026-03-16")


def shanghai(opened: House, first: float, last: float, *, moved: float = 80.0) -> None:
    """SGE silver from 9 to 16 March 2026 with these headline premiums at both ends, New York at 80 USD."""
    facts.dollars(opened, {date(2026, 3, 6): 7.0, date(2026, 3, 13): 7.0})
    new_york(opened, dict.fromkeys(days("2026-03-05", "2026-03-13", "COMEX"), 80.0) | {date(2026, 3, 16): moved})
    for day, premium in ((WEEK[0], first), (WEEK[-1], last)):
        close(opened, day, 80.0 * (1 + premium) * PER_KG * 7.0)


@pytest.mark.parametrize(
    ("last", "moved", "verdict"),
    [
        (0.12, 80.0, Verdict.CLEAR), (0.16, 80.0, Verdict.WARNING), (0.16, 81.5, Verdict.BAND),
        (0.0, 80.0, Verdict.CLEAR),
    ],
)  # fmt: skip
def test_six_points_in_five_sessions_count_where_both_ends_pass(
    opened: House, last: float, moved: float, verdict: Verdict
) -> None:
    shanghai(opened, 0.09, last, moved=moved)
    assert read(opened, "regional_premium_jump")[("SGE silver", WEEK[-1])].verdict is verdict
    proves(opened, "regional_premium_jump")


def test_a_premium_of_five_sessions_before_that_is_unknown_makes_the_change_unknown(opened: House) -> None:
    shanghai(opened, 0.09, 0.2)
    reading = read(opened, "regional_premium_jump", LATER)[("SGE silver", WEEK[-1])]
    assert reading.verdict is Verdict.WARNING
    close(
        opened,
        WEEK[0],
        20_000.0,
        low=20_000.0,
        change=20_000.0 - 20_000.0 / 0.81,
        published_at=LATER.replace(tzinfo=None),
    )
    reading = read(opened, "regional_premium_jump", LATER)[("SGE silver", WEEK[-1])]
    assert reading.reason == "5 sessions before: Shanghai limit-locked"


# --- import_edge ---------------------------------------------------------------------


def test_an_import_pays_above_fifteen_percent_of_headline(opened: House) -> None:
    """13 % of tax, 2 % of freight and a month at 4 %: 15.33 points."""
    shanghai(opened, 0.09, 0.2)
    facts.put(
        opened,
        "rate_rows",
        [{"session": date(2026, 3, 13), "series": "SOFR", "percent": 4.0, "basis": "ACT/360", "revision": ""}],
        source="nyfed_sofr",
    )
    (row,) = opened.store.rows(
        "select cost_pct, arb_edge_low_pct, arb_edge_high_pct, unknown_because from import_edge where session = ?",
        [WEEK[-1]],
    )
    assert row == (pytest.approx(15 + 1 / 3), pytest.approx(20 - 46 / 3), pytest.approx(20 - 46 / 3), "")
    early = "select arb_edge_low_pct, unknown_because from import_edge where session = ?"
    assert opened.store.rows(early, [WEEK[0]]) == [(None, "no SOFR within seven days")]


def test_every_cost_says_where_it_comes_from_and_what_is_not_confirmed(opened: House) -> None:
    for origin, duty in opened.store.rows("select origin, duty from duties"):
        assert "not confirmed" in origin, duty
    assert all("assumption" in origin for (origin,) in opened.store.rows("select origin from freight"))
