"""The state of the curve, its carry against money, and the published figures of forward and lease."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests import facts
from tests.checks.comex import LATER, read
from tests.checks.market import before, curve, rate
from tests.homes import house

DAY = date(2026, 3, 26)
MARCH, MAY, JULY, SEPTEMBER, DECEMBER = (date(2026, month, 1) for month in (3, 5, 7, 9, 12))
SILVER = ("COMEX silver", DAY)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def asked(opened: House, formula: str) -> float:
    ((value,),) = opened.store.rows(f"select ({formula})::double")
    assert isinstance(value, float)
    return value


# --- the formulas alone ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "published"),
    [
        ("lease_of_quotes_pct(4.94, -7.00)", 11.94),
        ("lease_of_quotes_pct(5.22, -5.00)", 10.22),
        ("lease_of_quotes_pct(0.21135, -0.045)", 0.25635),
        ("lease_of_quotes_pct(0.762, -0.11667)", 0.87867),
        ("forward_ann_pct(68.432, 67.934, 61)", 4.326),
        ("forward_ann_pct(73.745, 73.219, 61)", 4.24),
    ],
)
def test_the_published_forwards_and_leases_come_out(opened: House, formula: str, published: float) -> None:
    digits = len(str(published).partition(".")[2])
    assert round(asked(opened, formula), digits) == published


@pytest.mark.parametrize(("days", "forward", "quoted", "exact"), [(74, -13.5, 17.6, 18.1), (46, -21.8, 25.9, 26.6)])
def test_london_of_16_october_2025_leases_at_18_to_27_percent(
    opened: House, days: int, forward: float, quoted: float, exact: float
) -> None:
    """Spot 52.51 against 51.05 for December, at an assumed 4.1 percent of money: money less forward, and exactly."""
    f = asked(opened, f"forward_ann_pct(51.05, 52.51, {days})")
    assert round(f, 1) == forward
    assert round(asked(opened, f"lease_of_quotes_pct(4.1, {f})"), 1) == quoted
    assert round(asked(opened, f"lease_ann_pct(4.1, 51.05, 52.51, {days})"), 1) == exact


def test_a_future_at_full_carry_leases_at_nothing(opened: House) -> None:
    assert asked(opened, "lease_ann_pct(4.0, 101.0, 100.0, 90)") == pytest.approx(0)


def test_a_treasury_yield_is_brought_to_360_days_and_an_unknown_basis_to_nothing(opened: House) -> None:
    assert asked(opened, "act360_pct(3.65, 'bond-equivalent')") == pytest.approx(3.60)
    assert asked(opened, "act360_pct(3.65, 'ACT/360')") == pytest.approx(3.65)
    assert opened.store.rows("select act360_pct(3.65, 'ACT/365')") == [(None,)]


# --- the state of the curve ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "state", "depth"),
    [
        ((70.0, 70.5, 71.0, 72.0), "contango_full", 0),
        ((70.0, 70.2, 71.0, 72.0), "contango_below_carry", 0),
        ((70.0, 69.9, 71.0, 72.0), "backwardated_front", 1),
        ((70.0, 69.9, 69.8, 72.0), "backwardated_multi", 2),
        ((70.0, 69.9, 69.8, 69.7), "backwardated_whole", 3),
        ((70.0, 70.5, 70.4, 70.3), "contango_full", 0),
    ],
)
def test_the_curve_is_named_by_its_pairs_from_the_front(
    opened: House, prices: tuple[float, ...], state: str, depth: int
) -> None:
    curve(opened, "SI", DAY, dict(zip((MAY, JULY, SEPTEMBER, DECEMBER), prices, strict=True)))
    rate(opened, {before(DAY): 3.7})
    assert opened.store.rows("select state, backwardated_pairs from curve_state") == [(state, depth)]


def test_without_a_rate_a_contango_is_neither_full_nor_short(opened: House) -> None:
    curve(opened, "SI", DAY, {MAY: 70.0, JULY: 70.5})
    assert opened.store.rows("select state from curve_state") == [("contango",)]


# --- curve_depth -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "verdict"),
    [
        ((70.0, 70.5, 71.0, 72.0), Verdict.CLEAR),
        ((70.0, 69.9, 71.0, 72.0), Verdict.WARNING),
        ((70.0, 69.9, 69.8, 72.0), Verdict.CRITICAL),
        ((70.0, 70.5, 70.4, 70.3), Verdict.CLEAR),
    ],
)
def test_depth_counts_inverted_pairs_from_the_front_alone(
    opened: House, prices: tuple[float, ...], verdict: Verdict
) -> None:
    curve(opened, "SI", DAY, dict(zip((MAY, JULY, SEPTEMBER, DECEMBER), prices, strict=True)))
    reading = read(opened, "curve_depth")[SILVER]
    assert reading.verdict is verdict
    assert reading.inputs["measured_on"] == "futures alone: no timestamped spot near the settlement"


def test_depth_on_two_liquid_months_is_unknown(opened: House) -> None:
    curve(opened, "SI", DAY, {MAY: 70.0, JULY: 69.0})
    reading = read(opened, "curve_depth")[SILVER]
    assert reading.verdict is Verdict.NODATA
    assert reading.reason.startswith("fewer than three liquid active months")


# --- carry_gap -------------------------------------------------------------------------------


def far(gap: float, near: float = 70.0, money: float = 3.7) -> float:
    """The July price that leaves this gap between May's carry over 61 days and money."""
    return near * (1 + (money + gap) / 100 * 61 / 360)


@pytest.mark.parametrize(
    ("gap", "verdict"),
    [
        (0.3, Verdict.CLEAR),
        (-1.1, Verdict.CLEAR),
        (-1.9, Verdict.BAND),
        (-2.1, Verdict.WARNING),
        (-6.5, Verdict.WARNING),
    ],
)
def test_carry_two_points_below_money_is_a_warning_and_never_more(opened: House, gap: float, verdict: Verdict) -> None:
    curve(opened, "SI", DAY, {MAY: 70.0, JULY: far(gap)})
    rate(opened, {before(DAY): 3.7})
    reading = read(opened, "carry_gap")[SILVER]
    assert reading.value == pytest.approx(gap)
    assert reading.verdict is verdict
    assert reading.inputs["rate_session"] == before(DAY)


def test_the_term_of_the_rate_is_that_of_the_pair(opened: House) -> None:
    """61 days lie nearest to three months; the yield counts on 365 days, the gap on 360."""
    curve(opened, "SI", DAY, {MAY: 70.0, JULY: far(0.0)})
    rate(opened, {before(DAY): 5.0})
    rate(opened, {before(DAY): 4.0}, "DGS1MO")
    rate(opened, {before(DAY): 3.65}, "DGS3MO")
    reading = read(opened, "carry_gap")[SILVER]
    assert reading.value == pytest.approx(3.7 - 3.60)
    assert reading.inputs["rate_series"] == "DGS3MO"


def test_a_rate_older_than_five_days_makes_the_gap_unknown(opened: House) -> None:
    curve(opened, "SI", DAY, {MAY: 70.0, JULY: far(-4.0)})
    rate(opened, {before(DAY, 6): 3.7})
    reading = read(opened, "carry_gap")[SILVER]
    assert reading.verdict is Verdict.NODATA
    assert reading.reason == "no money rate of the last five days is held"


def test_a_rate_of_a_later_day_is_never_used(opened: House) -> None:
    curve(opened, "SI", DAY, {MAY: 70.0, JULY: far(0.0)})
    rate(opened, {before(DAY, -1): 9.0})
    assert read(opened, "carry_gap")[SILVER].verdict is Verdict.NODATA


def test_a_dying_month_never_makes_the_pair(opened: House) -> None:
    """20 February 2026: February to March paid 0.94 percent where March to May paid 4.52."""
    day, february = date(2026, 2, 20), date(2026, 2, 1)
    facts.settle(opened, "SI", {(day, february): 82.283}, volume=30)
    facts.interest(opened, "SI", february, {day: 400})
    curve(opened, "SI", day, {MARCH: 82.343, MAY: 82.984})
    rate(opened, {before(day): 3.7})
    assert round(asked(opened, "forward_ann_pct(82.343, 82.283, 28)"), 2) == 0.94
    reading = read(opened, "carry_gap")[("COMEX silver", day)]
    assert reading.verdict is Verdict.CLEAR
    assert (reading.inputs["near_contract"], reading.inputs["far_contract"]) == ("SIH26", "SIK26")
    assert round(float(str(reading.inputs["far_minus_near_ann_pct"])), 2) == 4.52
