"""Spot beside the settlement: what may be paired, and the basis and the EFP that follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests.checks.comex import LATER, read
from tests.checks.market import before, curve, rate, spot
from tests.homes import house

DAY = date(2026, 3, 26)
AT = "2026-03-26T17:25:00"
"""13:25 in New York."""
SILVER, GOLD = ("COMEX silver", DAY), "COMEX gold"
MAY, JULY, SEPTEMBER = date(2026, 5, 1), date(2026, 7, 1), date(2026, 9, 1)
WAITING = ("cobasis", "efp_excess", "lease")
"""Checks that say nothing without a timestamped spot."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def silver(opened: House, near: float = 70.0) -> None:
    """A curve in contango of 4 percent, and money at 3.6."""
    curve(opened, "SI", DAY, {MAY: near, JULY: near * 1.007, SEPTEMBER: near * 1.014})
    rate(opened, {before(DAY): 3.6})


# --- what may be paired ----------------------------------------------------------------------


@pytest.mark.parametrize("check", WAITING)
def test_without_a_quote_of_the_hour_the_check_is_unknown_and_says_so(opened: House, check: str) -> None:
    silver(opened)
    reading = read(opened, check)[SILVER]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)
    assert reading.reason == "no timestamped spot quote within 15 minutes of the settlement"


@pytest.mark.parametrize(
    ("kind", "says"), [("derived", "one price of unknown making"), ("auction", "never paired with a settlement")]
)
@pytest.mark.parametrize("check", WAITING)
def test_a_derived_price_or_an_auction_of_the_very_minute_is_never_spot(
    opened: House, check: str, kind: str, says: str
) -> None:
    silver(opened)
    spot(opened, "silver", AT, 75.0, kind=kind)
    reading = read(opened, check)[SILVER]
    assert reading.verdict is Verdict.NODATA
    assert says in reading.reason


def test_the_nearest_quote_counts_and_one_16_minutes_off_does_not(opened: House) -> None:
    silver(opened)
    spot(opened, "silver", "2026-03-26T17:08:59", 75.0)
    assert read(opened, "cobasis")[SILVER].verdict is Verdict.NODATA
    spot(opened, "silver", "2026-03-26T17:15:00", 72.0)
    spot(opened, "silver", "2026-03-26T17:27:00", 71.0)
    reading = read(opened, "cobasis")[SILVER]
    assert (reading.inputs["spot_usd"], reading.inputs["seconds_apart"]) == (71.0, 120)
    assert reading.inputs["spot_quoted_at"] == datetime(2026, 3, 26, 17, 27)  # noqa: DTZ001 - storage form
    assert reading.inputs["settled_at"] == datetime(2026, 3, 26, 17, 25)  # noqa: DTZ001 - storage form


def test_beyond_a_minute_the_mid_stands_for_both_sides(opened: House) -> None:
    silver(opened)
    spot(opened, "silver", "2026-03-26T17:26:01", 71.0, spread=0.2)
    far_off = read(opened, "cobasis")[SILVER].inputs
    assert (far_off["quality"], far_off["spot_bid_usd"], far_off["spot_ask_usd"]) == ("mid", 71.0, 71.0)
    spot(opened, "silver", "2026-03-26T17:25:59", 71.0, spread=0.2)
    close = read(opened, "cobasis")[SILVER].inputs
    assert (close["quality"], close["spot_bid_usd"], close["spot_ask_usd"]) == ("sides", 70.9, 71.1)


def test_in_winter_the_same_hour_of_new_york_is_an_hour_later(opened: House) -> None:
    day = date(2026, 2, 10)
    curve(opened, "SI", day, {date(2026, 3, 1): 80.0, MAY: 80.5, JULY: 81.0})
    spot(opened, "silver", "2026-02-10T18:25:30", 80.0, spread=0.1)
    assert read(opened, "cobasis")[("COMEX silver", day)].inputs["seconds_apart"] == 30


# --- cobasis ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "verdict"),
    [(69.8, Verdict.CLEAR), (69.99, Verdict.BAND), (70.05, Verdict.WARNING), (70.2, Verdict.CRITICAL)],
)
def test_spot_above_the_future_pays_the_co_basis(opened: House, price: float, verdict: Verdict) -> None:
    """36 days from 26 March to the first delivery day, 1 May."""
    silver(opened)
    spot(opened, "silver", AT, price)
    reading = read(opened, "cobasis")[SILVER]
    assert reading.value == pytest.approx((price - 70) / price * 360 / 36 * 100)
    assert reading.verdict is verdict
    assert reading.inputs["days_to_delivery"] == 36


def test_basis_and_co_basis_both_negative_is_a_wide_quote_and_both_positive_is_no_data(opened: House) -> None:
    silver(opened)
    spot(opened, "silver", AT, 70.0, spread=0.4)
    wide = read(opened, "cobasis")[SILVER]
    assert wide.value is not None
    assert wide.value < 0 > float(str(wide.inputs["basis_ann_pct"]))
    assert wide.reason == ""


def test_a_quote_with_its_bid_above_its_ask_gives_nothing(opened: House) -> None:
    silver(opened)
    spot(opened, "silver", AT, 70.0, spread=0.4, crossed=True)
    crossed = read(opened, "cobasis")[SILVER]
    assert crossed.verdict is Verdict.NODATA
    assert crossed.reason == "basis and co-basis are both positive, which cannot be"


def test_a_month_in_its_roll_is_passed_over(opened: House) -> None:
    """Five sessions from first notice sellers roll: March above spot or below it says little, May is read."""
    day, march = date(2026, 2, 20), date(2026, 3, 1)
    curve(opened, "SI", day, {march: 69.0, MAY: 70.5, JULY: 71.0})
    spot(opened, "silver", "2026-02-20T18:25:00", 70.0)
    reading = read(opened, "cobasis")[("COMEX silver", day)]
    assert (reading.inputs["contract"], reading.verdict) == ("SIK26", Verdict.CLEAR)


# --- efp_excess ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "verdict", "short"),
    [
        (69.8, Verdict.CLEAR, ""),
        (69.0, Verdict.WARNING, "New York is short"),
        (72.0, Verdict.CRITICAL, "London is short"),
    ],
)
def test_the_gap_beyond_carry_says_which_city_is_short(
    opened: House, price: float, verdict: Verdict, short: str
) -> None:
    silver(opened)
    spot(opened, "silver", AT, price)
    reading = read(opened, "efp_excess")[SILVER]
    assert reading.value == pytest.approx(abs(100 * (70 / price - 1) - 3.6 * 36 / 360))
    assert reading.verdict is verdict
    assert short in str(reading.inputs["meaning"])


def test_without_a_money_rate_the_excess_is_unknown(opened: House) -> None:
    curve(opened, "SI", DAY, {MAY: 70.0, JULY: 70.5, SEPTEMBER: 71.0})
    spot(opened, "silver", AT, 60.0)
    reading = read(opened, "efp_excess")[SILVER]
    assert (reading.verdict, reading.reason) == (Verdict.NODATA, "no money rate of the last five days is held")


def test_april_2020_gold_is_critical_against_spot_and_clear_on_its_own_curve(tmp_path: Path) -> None:
    """3 April 2020: spot 1,646 and June about 1,682; later months, open interest and the hour are invented."""
    day, june, august, december = (date(2020, month, first) for month, first in ((4, 3), (6, 1), (8, 1), (12, 1)))
    now = datetime(2020, 4, 15, tzinfo=UTC)
    with house(tmp_path, now) as opened:
        curve(opened, "GC", day, {june: 1_682.0, august: 1_686.0, december: 1_692.0})
        rate(opened, {before(day): 0.01})
        spot(opened, "gold", "2020-04-03T17:30:00", 1_646.0, spread=1.0)
        efp = read(opened, "efp_excess", now)[(GOLD, day)]
        assert efp.value == pytest.approx(2.2, abs=0.05)
        assert efp.verdict is Verdict.CRITICAL
        assert "New York is short" in str(efp.inputs["meaning"])
        assert efp.inputs["fut_minus_spot_usd"] == pytest.approx(36)
        assert read(opened, "front_back", now)[(GOLD, day)].verdict is Verdict.CLEAR
        assert read(opened, "curve_depth", now)[(GOLD, day)].verdict is Verdict.CLEAR


# --- curve_depth with spot -------------------------------------------------------------------


@pytest.mark.parametrize("session", ["2025-12-08", "2025-12-09", "2025-12-10"])
def test_gold_of_december_2008_fires_on_february_though_december_is_past_its_first_notice(
    tmp_path: Path, session: str
) -> None:
    """Spot 768 and February 766.40 were published for 9 December 2008; on days of 2025 here, the rest invented."""
    day = date.fromisoformat(session)
    now = datetime(2025, 12, 20, tzinfo=UTC)
    with house(tmp_path, now) as opened:
        december, february, april, june = date(2025, 12, 1), date(2026, 2, 1), date(2026, 4, 1), date(2026, 6, 1)
        curve(opened, "GC", day, {december: 765.5, february: 766.4, april: 769.0, june: 771.0})
        spot(opened, "gold", f"{session}T18:30:00", 768.0, spread=0.2)
        reading = read(opened, "curve_depth", now)[(GOLD, day)]
        assert (reading.value, reading.verdict) == (1.0, Verdict.WARNING)
        assert reading.inputs["near_contract"] == "GCG26"
        assert reading.inputs["backwardated_pairs"] == 0
