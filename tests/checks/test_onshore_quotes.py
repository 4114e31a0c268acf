"""Onshore spot over Ag(T+D), dealers' spreads and their prices over New York, on entered figures; most are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests import facts
from tests.checks.shanghai import LATER, close, entered, new_york, proves, read
from tests.homes import house

THURSDAY = date(2026, 2, 5)
FRIDAY, SATURDAY, MONDAY = date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 2)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def spot(opened: House, day: date, over: float, **more: object) -> None:
    entered(opened, "smm_silver_over_td", day, over, "cny_per_kg", **more)


# --- onshore_spot --------------------------------------------------------------------


def test_3_500_to_4_000_yuan_over_19_885_are_critical(opened: House) -> None:
    close(opened, THURSDAY, 19_885.0)
    spot(opened, THURSDAY, 3_750.0, bid=3_500.0, ask=4_000.0)
    reading = read(opened, "onshore_spot")[("SGE silver", THURSDAY)]
    assert (reading.verdict, round(reading.value or 0, 1)) == (Verdict.CRITICAL, 18.9)
    assert reading.inputs["low_pct"] == pytest.approx(17.6, abs=0.05)
    assert reading.inputs["high_pct"] == pytest.approx(20.1, abs=0.05)


@pytest.mark.parametrize(
    ("over", "verdict"),
    [(100.0, Verdict.CLEAR), (350.0, Verdict.BAND), (450.0, Verdict.WARNING), (1_300.0, Verdict.CRITICAL)],
)
def test_the_quoted_difference_is_judged_as_a_share_of_the_close(opened: House, over: float, verdict: Verdict) -> None:
    close(opened, THURSDAY, 20_000.0)
    spot(opened, THURSDAY, over)
    assert read(opened, "onshore_spot")[("SGE silver", THURSDAY)].verdict is verdict
    proves(opened, "onshore_spot")


@pytest.mark.parametrize(("price", "verdict"), [(20_500.0, Verdict.BAND), (20_900.0, Verdict.WARNING)])
def test_a_quoted_price_must_lie_above_the_whole_range_of_the_session(
    opened: House, price: float, verdict: Verdict
) -> None:
    """The price is made at noon, the close at 15:30: 2.5 % above the close may be 1.5 % above what traded then."""
    close(opened, THURSDAY, 20_000.0)
    entered(opened, "smm_silver_spot", THURSDAY, price, "cny_per_kg")
    assert read(opened, "onshore_spot")[("SGE silver", THURSDAY)].verdict is verdict
    proves(opened, "onshore_spot")


def test_legs_of_two_sessions_are_never_paired(opened: House) -> None:
    close(opened, date(2026, 2, 4), 20_000.0)
    spot(opened, THURSDAY, 4_000.0)
    reading = read(opened, "onshore_spot")[("SGE silver", THURSDAY)]
    assert (reading.value, reading.reason) == (None, "the SGE quotations of this session are not held")


def test_a_limit_locked_exchange_freezes_it(opened: House) -> None:
    close(opened, THURSDAY, 20_000.0, low=20_000.0, change=20_000.0 - 20_000.0 / 0.84)
    spot(opened, THURSDAY, 4_000.0)
    reading = read(opened, "onshore_spot")[("SGE silver", THURSDAY)]
    assert (reading.verdict, reading.reason) == (Verdict.NODATA, "Shanghai limit-locked")


def test_a_quote_without_tax_is_not_held_against_a_price_with_it(opened: House) -> None:
    close(opened, THURSDAY, 20_000.0)
    spot(opened, THURSDAY, 4_000.0, tax_basis="unknown")
    assert "does not say that it includes tax" in read(opened, "onshore_spot")[("SGE silver", THURSDAY)].reason


def test_a_session_nobody_entered_is_unknown_and_the_holiday_is_no_session(opened: House) -> None:
    close(opened, date(2026, 2, 13), 20_000.0)
    spot(opened, date(2026, 2, 13), 4_000.0)
    close(opened, date(2026, 2, 24), 20_000.0)
    found = {day: r.reason for (_, day), r in read(opened, "onshore_spot").items()}
    assert found == {date(2026, 2, 13): "", date(2026, 2, 24): "no onshore quote was entered for this session"}


# --- dealer_spread, inbox_premium ----------------------------------------------------


def test_136_80_and_91_60_are_39_58_percent_of_their_middle_and_go_to_the_memo(opened: House) -> None:
    entered(opened, "shuibei_silver", SATURDAY, 114.2, "usd_per_troy_oz", bid=91.6, ask=136.8)
    reading = read(opened, "dealer_spread")[("Shuibei silver", SATURDAY)]
    assert reading.value == pytest.approx(39.58, abs=0.005)
    assert reading.verdict is Verdict.WARNING
    assert opened.checks["dealer_spread"].route == "memo"
    proves(opened, "dealer_spread")


@pytest.mark.parametrize(("ask", "verdict"), [(102.0, Verdict.CLEAR), (108.5, Verdict.BAND), (112.0, Verdict.WARNING)])
def test_a_spread_is_judged_in_percent_of_the_middle(opened: House, ask: float, verdict: Verdict) -> None:
    entered(opened, "shuibei_silver", FRIDAY, (100 + ask) / 2, "cny_per_gram", bid=100.0, ask=ask)
    assert read(opened, "dealer_spread")[("Shuibei silver", FRIDAY)].verdict is verdict


def test_a_session_without_a_quote_is_unknown(opened: House) -> None:
    entered(opened, "shuibei_silver", FRIDAY, 100.0, "cny_per_gram", bid=99.0, ask=101.0)
    close(opened, MONDAY, 24_000.0)
    reading = read(opened, "dealer_spread")[("Shuibei silver", MONDAY)]
    assert (reading.verdict, reading.reason) == (Verdict.NODATA, "no quote was entered for this session")


def test_a_dealers_price_over_new_york_is_an_interval_without_tax_and_alerts_nobody(opened: House) -> None:
    """A Saturday: Friday's settlement before it, Monday's after it."""
    facts.dollars(opened, {FRIDAY: 7.0})
    new_york(opened, {FRIDAY: 80.0, MONDAY: 78.0})
    entered(opened, "shuibei_silver", SATURDAY, 20_340.0, "cny_per_kg", bid=20_340.0, ask=22_600.0)
    (row,) = opened.store.rows(
        "select before_session, after_session, ex_tax_low_pct, ex_tax_high_pct, headline_low_pct, unknown_because "
        "from inbox_premium"
    )
    per_oz = 7.0 * 32.15074656862798
    assert row == (
        FRIDAY,
        MONDAY,
        pytest.approx(100 * (18_000 / per_oz / 80 - 1)),
        pytest.approx(100 * (20_000 / per_oz / 78 - 1)),
        pytest.approx(100 * (20_340 / per_oz / 80 - 1)),
        "",
    )


def test_a_quote_of_unknown_tax_has_no_price_without_tax(opened: House) -> None:
    facts.dollars(opened, {FRIDAY: 7.0})
    new_york(opened, {FRIDAY: 80.0, MONDAY: 78.0})
    entered(opened, "shuibei_silver", SATURDAY, 20_340.0, "cny_per_kg", tax_basis="unknown")
    assert opened.store.rows("select ex_tax_low_pct, unknown_because from inbox_premium") == [
        (None, "whether the quote includes tax is not known")
    ]
