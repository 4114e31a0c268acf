"""Moves, volatility, strength, levels and highs: one contract on both days."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Reading, Verdict
from tests import facts
from tests.captures import CAPTURES, needs_captures
from tests.checks.comex import LATER, days, read
from tests.checks.market import auctions, holds
from tests.homes import house

MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 23), date(2026, 3, 24), date(2026, 3, 25)
MEMOS = (
    "price_shock", "realised_volatility", "rsi", "price_level", "high_52w", "gold_silver_ratio",
    "gold_silver_ratio_low", "gold_silver_ratio_speed",
)  # fmt: skip


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def metal(opened: House, check: str, subject: str = "silver") -> dict[date, Reading]:
    return {day: r for (found, day), r in read(opened, check).items() if found == subject}


def may(opened: House, prices: dict[date, float], product: str = "SI") -> None:
    """Settlements of one month, the only one listed."""
    facts.settle(opened, product, {(day, MAY): price for day, price in prices.items()})


def path(span: Sequence[date], moves: Sequence[float], start: float = 80.0) -> dict[date, float]:
    """A price by session that goes through these changes of the logarithm again and again."""
    found, price = {}, start
    for number, day in enumerate(span):
        price *= math.exp(moves[number % len(moves)])
        found[day] = price
    return found


def test_none_of_them_is_mailed_and_none_goes_beyond_warning(opened: House) -> None:
    assert {(opened.checks[name].route, opened.checks[name].capped) for name in MEMOS} == {("memo", True)}


# --- one session -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "verdict"),
    [(82.0, Verdict.CLEAR), (83.5, Verdict.BAND), (84.1, Verdict.WARNING), (70.0, Verdict.WARNING)],
)
def test_a_move_of_five_percent_either_way_is_a_shock(opened: House, price: float, verdict: Verdict) -> None:
    may(opened, {MONDAY: 80.0, TUESDAY: price})
    reading = metal(opened, "price_shock")[TUESDAY]
    assert reading.value == pytest.approx(abs(100 * (price / 80 - 1)))
    assert reading.inputs["change_pct"] == pytest.approx(100 * (price / 80 - 1))
    assert reading.verdict is verdict
    assert holds(opened, reading)


def test_a_roll_is_no_move(opened: House) -> None:
    """On Tuesday July becomes the most open month, six percent above May; July itself stands still."""
    facts.settle(opened, "SI", {(MONDAY, MAY): 80.0, (MONDAY, JULY): 84.8, (TUESDAY, MAY): 80.0, (TUESDAY, JULY): 84.8})
    facts.interest(opened, "SI", MAY, {MONDAY: 60_000, TUESDAY: 40_000})
    facts.interest(opened, "SI", JULY, {MONDAY: 50_000, TUESDAY: 50_000})
    reading = metal(opened, "price_shock")[TUESDAY]
    assert (reading.inputs["contract"], reading.value, reading.verdict) == ("SIN26", 0.0, Verdict.CLEAR)


def test_a_spot_month_is_never_the_series_however_much_is_open(opened: House) -> None:
    """On 24 April May is four sessions from first notice."""
    day = date(2026, 4, 24)
    facts.settle(opened, "SI", {(day, MAY): 80.0, (day, JULY): 84.8})
    facts.interest(opened, "SI", MAY, {day: 60_000})
    facts.interest(opened, "SI", JULY, {day: 50_000})
    assert opened.store.rows("select contract from active_settlements") == [("SIN26",)]


def test_a_session_between_that_is_not_held_makes_the_move_unknown(opened: House) -> None:
    may(opened, {MONDAY: 80.0, WEDNESDAY: 100.0})
    reading = metal(opened, "price_shock")[WEDNESDAY]
    assert (reading.verdict, reading.reason) == (Verdict.NODATA, "the price of the session before is not held")


def test_what_the_report_prints_of_the_session_before_stands_in_for_it(opened: House) -> None:
    facts.settle(opened, "SI", {(MONDAY, MAY): 80.0})
    facts.settle(opened, "SI", {(WEDNESDAY, MAY): 100.0}, previous_settle=99.0)
    assert metal(opened, "price_shock")[WEDNESDAY].value == pytest.approx(100 / 99 * 100 - 100)


def test_london_speaks_where_it_is_held_and_is_never_joined_to_new_york(opened: House) -> None:
    may(opened, {MONDAY: 80.0, TUESDAY: 80.0, WEDNESDAY: 80.0})
    auctions(opened, "silver", {TUESDAY: 60.0, WEDNESDAY: 61.0})
    found = metal(opened, "price_shock")
    assert {day: r.inputs["series"] for day, r in found.items()} == {WEDNESDAY: "LBMA noon"}
    assert found[WEDNESDAY].value == pytest.approx(100 / 60)


# --- over sessions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("move", "verdict"),
    [(0.01, Verdict.CLEAR), (0.03, Verdict.BAND), (0.033, Verdict.WARNING), (0.09, Verdict.WARNING)],
)
def test_volatility_is_the_deviation_of_20_returns_over_a_year(opened: House, move: float, verdict: Verdict) -> None:
    span = days("2026-02-02", "2026-03-25")
    may(opened, path(span, (move, -move)))
    found = metal(opened, "realised_volatility")
    assert min(found) == span[20]
    reading = found[span[-1]]
    assert reading.value == pytest.approx(100 * move * math.sqrt(20 / 19 * 252))
    assert reading.verdict is verdict


def test_a_missing_session_makes_volatility_unknown_until_20_are_in_a_row_again(opened: House) -> None:
    span = days("2026-01-20", "2026-03-25")
    prices = path(span, (0.01, -0.01))
    del prices[span[30]]
    may(opened, prices)
    found = metal(opened, "realised_volatility")
    assert found[span[31]].verdict is found[span[40]].verdict is Verdict.NODATA
    assert found[span[40]].reason == "fewer than 20 changes in a row are held: 9"
    assert found[span[-1]].verdict is Verdict.NODATA
    assert found[span[29]].verdict is Verdict.CLEAR


@pytest.mark.parametrize(
    ("moves", "strength", "verdict"),
    [((0.01,), 100.0, Verdict.WARNING), ((-0.01,), 0.0, Verdict.CLEAR), ((0.004, -0.004), 50.0, Verdict.CLEAR)],
)
def test_strength_is_100_in_a_rise_0_in_a_fall_and_half_way_in_between(
    opened: House, moves: Sequence[float], strength: float, verdict: Verdict
) -> None:
    span = days("2025-10-01", "2026-03-25")
    may(opened, path(span, moves))
    found = metal(opened, "rsi")
    assert found[span[99]].verdict is Verdict.NODATA
    assert found[span[100]].reason == ""
    reading = found[span[-1]]
    assert reading.value == pytest.approx(strength, abs=2)
    assert reading.verdict is verdict


def test_wilders_mean_is_the_plain_one_at_first_and_then_moves_by_a_part(opened: House) -> None:
    ((plain, next_one),) = opened.store.rows("select wilder_mean([1, 2, 3, 4], 4), wilder_mean([1, 2, 3, 4, 10], 4)")
    assert (plain, next_one) == (2.5, 4.375)


def test_a_price_that_never_moved_has_no_strength(opened: House) -> None:
    assert opened.store.rows("select rsi_of([0.0, 0.0, 0.0], 2)") == [(None,)]


@needs_captures
@pytest.mark.captures
@pytest.mark.parametrize(("day", "strength"), [("2026-01-20", 71.0), ("2026-01-26", 80.0)])
def test_strength_of_january_2026_is_the_measured_one(opened: House, day: str, strength: float) -> None:
    """Yahoo's closes, as market.md was measured on; they are of the spot month and enter no view."""
    closes = [price for session, price in yahoo() if session <= day][-251:]
    changes = [after - before for before, after in pairwise(closes)]
    ((found,),) = opened.store.rows("select rsi_of(?::double[], 14)", [changes])
    assert round(found, 1) == strength


@needs_captures
@pytest.mark.captures
def test_the_largest_volatility_since_2014_is_169_in_february_2026(opened: House) -> None:
    told = yahoo()
    returns = [math.log(b[1] / a[1]) for a, b in pairwise(told)]
    ends = [n for n in range(20, len(told)) if "2026-01-15" < told[n][0] < "2026-03-15"]
    found = {
        told[n][0]: opened.store.rows("select volatility_pct(?::double[])", [returns[n - 20 : n]])[0][0] for n in ends
    }
    largest = max(found, key=lambda day: found[day])
    assert (largest[:7], round(found[largest])) == ("2026-02", 169)


def yahoo() -> list[tuple[str, float]]:
    with (CAPTURES / "world" / "spot" / "yahoo_SI_F_ohlcv_2000_2026-06.csv").open(encoding="utf-8") as file:
        return [(row["Date"], float(row["Close"])) for row in csv.DictReader(file)]


# --- levels and highs ------------------------------------------------------------------------


def test_a_level_is_told_when_passed_and_again_only_after_a_fall_of_a_percent_below(opened: House) -> None:
    """The first settlements above 90 and 100 were those of 14 and 23 January 2026; these are invented."""
    span = days("2026-03-16", "2026-03-20")
    may(opened, dict(zip(span, (88.0, 90.5, 89.5, 90.2, 89.0), strict=True)))
    found = metal(opened, "price_level", "silver over 90 USD/oz")
    clear, band, over = Verdict.CLEAR, Verdict.BAND, Verdict.WARNING
    assert [found[day].verdict for day in span] == [clear, over, band, over, clear]
    assert {r.verdict for r in metal(opened, "price_level", "silver over 100 USD/oz").values()} == {clear}
    assert holds(opened, found[span[1]])


def test_a_report_that_contradicts_the_session_before_passes_no_level(opened: House) -> None:
    may(opened, {MONDAY: 80.0, TUESDAY: 80.0})
    facts.settle(opened, "SI", {(WEDNESDAY, MAY): 120.0}, previous_settle=70.0)
    reading = metal(opened, "price_level", "silver over 100 USD/oz")[WEDNESDAY]
    assert (reading.verdict, "contradicts" in reading.reason) == (Verdict.NODATA, True)


def test_the_high_of_52_weeks_is_that_of_the_same_month(opened: House) -> None:
    """July stood at 95 a year long and is the active month now; May's 110 is another month's price."""
    span = days("2025-03-20", "2026-03-25")
    facts.settle(opened, "SI", {(day, JULY): 95.0 for day in span[:-1]} | {(span[-1], JULY): 94.8})
    facts.settle(opened, "SI", {(day, MAY): 110.0 for day in span})
    facts.interest(opened, "SI", JULY, dict.fromkeys(span, 60_000))
    facts.interest(opened, "SI", MAY, dict.fromkeys(span, 50_000))
    found = metal(opened, "high_52w")
    reading = found[span[-1]]
    assert reading.value == pytest.approx(100 * (94.8 / 95 - 1))
    assert reading.verdict is Verdict.WARNING
    assert holds(opened, reading)
    assert found[span[100]].verdict is Verdict.NODATA
    assert found[span[100]].reason.startswith("of 252 sessions only 101 are held")


def test_a_high_of_a_year_is_found_before_the_window_of_the_checks(opened: House) -> None:
    """The window of 1 May 2026 begins on 27 March 2025; the high lies on the day before."""
    span = days("2025-02-03", "2026-03-25")
    may(opened, dict.fromkeys(span, 90.0) | {date(2025, 3, 26): 95.0})
    reading = metal(opened, "high_52w")[date(2025, 12, 1)]
    assert (reading.verdict, reading.inputs["year_high_session"]) == (Verdict.NODATA, date(2025, 3, 26))
    assert reading.reason.startswith("of 252 sessions only")
    later = metal(opened, "high_52w")[date(2026, 3, 25)]
    assert later.inputs["year_high_session"] == date(2025, 3, 26)
    assert later.verdict is Verdict.CLEAR


def test_a_price_well_below_its_high_is_clear(opened: House) -> None:
    span = days("2025-03-20", "2026-03-25")
    may(opened, dict.fromkeys(span[:-1], 95.0) | {span[-1]: 90.0})
    assert metal(opened, "high_52w")[span[-1]].verdict is Verdict.CLEAR
