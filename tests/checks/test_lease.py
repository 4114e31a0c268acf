"""Borrowing metal: the lease, its jumps, gold's forward, and the arithmetic all checks of spot print."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests.checks.comex import LATER, read
from tests.checks.market import before, curve, holds, rate, spot
from tests.homes import house

DAY = date(2026, 3, 26)
AT = "2026-03-26T17:25:00"
"""13:25 in New York."""
SILVER, GOLD = ("COMEX silver", DAY), "COMEX gold"
MAY, JULY, SEPTEMBER = date(2026, 5, 1), date(2026, 7, 1), date(2026, 9, 1)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def silver(opened: House) -> None:
    """A curve in contango of 4 percent, and money at 3.6."""
    curve(opened, "SI", DAY, {MAY: 70.0, JULY: 70.49, SEPTEMBER: 70.98})
    rate(opened, {before(DAY): 3.6})


@pytest.mark.parametrize(
    ("price", "verdict"), [(69.8, Verdict.CLEAR), (69.9, Verdict.WARNING), (71.0, Verdict.CRITICAL)]
)
def test_the_lease_of_about_a_month_is_exact(opened: House, price: float, verdict: Verdict) -> None:
    silver(opened)
    spot(opened, "silver", AT, price)
    reading = read(opened, "lease")[SILVER]
    t = 36 / 360
    assert reading.value == pytest.approx(((1 + 0.036 * t) / (70 / price) - 1) / t * 100)
    assert reading.verdict is verdict


def test_a_month_a_few_days_from_delivery_is_never_annualised(opened: House) -> None:
    """On 20 February March delivers in ten days; May in seventy is taken."""
    day, march = date(2026, 2, 20), date(2026, 3, 1)
    curve(opened, "SI", day, {march: 70.0, MAY: 70.5, JULY: 71.0})
    rate(opened, {before(day): 3.6})
    spot(opened, "silver", "2026-02-20T18:25:00", 70.0)
    reading = read(opened, "lease")[("COMEX silver", day)]
    assert (reading.inputs["contract"], reading.inputs["days_to_delivery"]) == ("SIK26", 70)


@pytest.mark.parametrize(("later", "verdict"), [(70.0, Verdict.CLEAR), (70.3, Verdict.WARNING), (69.0, Verdict.CLEAR)])
def test_the_lease_jumps_when_it_is_three_points_above_5_sessions_before(
    opened: House, later: float, verdict: Verdict
) -> None:
    """19 March and 26 March; four tenths of a percent of spot are about three points a year to 1 May."""
    first = date(2026, 3, 19)
    silver(opened)
    curve(opened, "SI", first, {MAY: 70.0, JULY: 70.49, SEPTEMBER: 70.98})
    rate(opened, {before(first): 3.6})
    spot(opened, "silver", "2026-03-19T17:25:00", 70.0)
    assert read(opened, "lease_jump")[SILVER].reason.startswith("no timestamped spot")
    spot(opened, "silver", AT, later)
    reading = read(opened, "lease_jump")[SILVER]
    assert reading.verdict is verdict
    assert holds(opened, reading)


def test_a_week_without_a_curve_before_it_makes_no_jump(opened: House) -> None:
    silver(opened)
    spot(opened, "silver", AT, 75.0)
    curve(opened, "SI", date(2026, 3, 18), {MAY: 70.0, JULY: 70.5, SEPTEMBER: 71.0})
    assert read(opened, "lease_jump")[SILVER].reason == "the curve of 5 sessions before is not held"


@pytest.mark.parametrize(
    ("forward", "verdict"), [(0.1, Verdict.CLEAR), (-0.065, Verdict.WARNING), (-0.112, Verdict.CRITICAL)]
)
def test_golds_forward_of_july_2013_warns_below_zero_and_is_critical_two_days_later(
    opened: House, forward: float, verdict: Verdict
) -> None:
    """-0.065 percent on 8 July and -0.112 on the 10th were quoted for a month; the prices here are invented."""
    june = date(2026, 6, 1)
    days = (june - DAY).days
    curve(opened, "GC", DAY, {june: 4_000 * (1 + forward / 100 * days / 360), date(2026, 8, 1): 4_010.0})
    spot(opened, "gold", "2026-03-26T17:30:00", 4_000.0)
    reading = read(opened, "gold_forward")[(GOLD, DAY)]
    assert reading.value == pytest.approx(forward)
    assert reading.verdict is verdict


def test_golds_forward_without_a_quote_is_unknown(opened: House) -> None:
    curve(opened, "GC", DAY, {date(2026, 6, 1): 3_900.0, date(2026, 8, 1): 4_010.0})
    assert read(opened, "gold_forward")[(GOLD, DAY)].verdict is Verdict.NODATA


@pytest.mark.parametrize("check", ["carry_gap", "cobasis", "efp_excess", "lease", "gold_forward"])
def test_the_arithmetic_printed_gives_the_value_and_every_leg_is_named(opened: House, check: str) -> None:
    silver(opened)
    spot(opened, "silver", AT, 70.3, spread=0.2)
    curve(opened, "GC", DAY, {date(2026, 6, 1): 4_000.0, date(2026, 8, 1): 4_030.0})
    spot(opened, "gold", "2026-03-26T17:30:00", 4_010.0)
    subject = (GOLD, DAY) if check == "gold_forward" else SILVER
    assert holds(opened, read(opened, check)[subject])
