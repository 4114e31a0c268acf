"""Registered metal over the claims on it before first notice, and how those roll away, on invented facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests import facts
from tests.checks.comex import LATER, MARCH, MAY, days, read
from tests.homes import house

NINE, TEN = date(2026, 2, 9), date(2026, 2, 10)
"""Thirteen and twelve sessions before first notice of March."""
LONG_AGO = date(2025, 11, 3)
T13_OF_MAY = date(2026, 4, 13)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def test_three_denominators_stand_side_by_side_with_all_claims_per_ounce(opened: House) -> None:
    facts.stocks(opened, {NINE: 100e6})
    facts.interest(opened, "SI", MARCH, {LONG_AGO: 100_000, NINE: 60_000})
    facts.interest(opened, "SI", MAY, {NINE: 40_000})
    (row,) = opened.store.rows(
        "select raw_coverage, projected_coverage, projected_coverage_15, projected_coverage_25, remaining_coverage, "
        "claims_per_registered_oz, days_held from coverage_family where contract = 'SIH26' and session = ?",
        [NINE],
    )
    assert row == (
        pytest.approx(1 / 3), pytest.approx(100 / 44), pytest.approx(100 / 75), pytest.approx(0.8), None,
        pytest.approx(5.0), 98,
    )  # fmt: skip


def test_all_claims_are_not_summed_while_a_month_is_preliminary(opened: House) -> None:
    facts.stocks(opened, {NINE: 100e6})
    facts.interest(opened, "SI", MARCH, {NINE: 60_000})
    facts.interest(opened, "SI", MAY, {NINE: 40_000}, status="preliminary")
    assert opened.store.rows("select distinct claims_per_registered_oz from coverage_family") == [(None,)]


# --- the roll ------------------------------------------------------------------------------


def test_a_share_is_of_the_largest_open_interest_so_far_and_never_of_a_later_one(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {date(2025, 12, 1): 80_000, NINE: 60_000, TEN: 90_000})
    found = opened.store.rows("select session, peak_share, peak_open_interest from roll_curve order by session")
    assert found[1:] == [(NINE, 0.75, 80_000), (TEN, 1.0, 90_000)]


def test_a_month_not_held_from_sixty_days_before_first_notice_has_no_known_peak(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {date(2026, 1, 5): 80_000, NINE: 60_000})
    assert opened.store.rows("select distinct peak_is_known, peak_share from roll_curve") == [(False, None)]


def test_a_roll_curve_may_be_quoted_from_its_own_first_notice(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {LONG_AGO: 100_000, NINE: 60_000})
    found = opened.store.rows("select peak_share, origin, valid_from from roll_points where contract = 'SIH26'")
    assert found == [(0.6, "own history", date(2026, 2, 27))]


def test_a_published_share_stands_where_our_own_peak_is_not_known(opened: House) -> None:
    facts.stocks(opened, {NINE: 100e6})
    facts.interest(opened, "SI", MARCH, {NINE: 60_000})
    found = opened.store.rows("select peak_share, round(raw_coverage, 3) from roll_points where contract = 'SIH26'")
    assert found == [(0.634, 0.333)]


def may(opened: House, share: float, at: tuple[date, ...] = (T13_OF_MAY,), **more: str) -> None:
    facts.interest(opened, "SI", MAY, {date(2026, 2, 2): 100_000})
    facts.interest(opened, "SI", MAY, dict.fromkeys(at, round(share * 100_000)), **more)


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.66, Verdict.CLEAR), (0.75, Verdict.BAND), (0.76, Verdict.WARNING), (0.95, Verdict.WARNING)],
)
def test_a_month_is_compared_with_the_one_published_curve_and_warns_at_most(
    opened: House, share: float, verdict: Verdict
) -> None:
    may(opened, share)
    reading = read(opened, "roll_gap")[("SIK26", T13_OF_MAY)]
    assert reading.value == pytest.approx(100 * (share - 0.634))
    assert (reading.inputs["months_compared"], reading.inputs["typical"]) == (1, "Mar 2026 0.634")
    assert reading.verdict is verdict


def earlier_months(opened: House, shares: Mapping[tuple[date, date], float]) -> None:
    for (month, session), share in shares.items():
        facts.interest(opened, "SI", month, {date(2025, 4, 1): 100_000, session: round(share * 100_000)})


def test_four_months_of_our_own_make_a_median_that_a_critical_gap_is_held_against(opened: House) -> None:
    shares = (0.5, 0.6, 0.62, 0.7)
    months = [date(2025, 7, 1), date(2025, 9, 1), date(2025, 12, 1), MARCH]
    sessions_ = [date(2025, 6, 10), date(2025, 8, 12), date(2025, 11, 10), NINE]
    earlier_months(opened, dict(zip(zip(months, sessions_, strict=True), shares, strict=True)))
    found = opened.store.rows(
        "select contract, peak_share from roll_points where sessions_to_fnd = 13 and origin = 'own history'"
    )
    assert sorted(share for _, share in found) == [0.5, 0.6, 0.62, 0.7]
    may(opened, 0.83)
    reading = read(opened, "roll_gap")[("SIK26", T13_OF_MAY)]
    assert reading.value == pytest.approx(22.0)
    assert reading.verdict is Verdict.CRITICAL


def test_before_the_first_curve_is_valid_a_gap_is_unknown(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {LONG_AGO: 100_000, NINE: 95_000})
    reading = read(opened, "roll_gap")[("SIH26", NINE)]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)
    assert reading.reason == "no earlier month on file at this distance"


def test_preliminary_open_interest_makes_no_gap(opened: House) -> None:
    may(opened, 0.95, status="preliminary")
    reading = read(opened, "roll_gap")[("SIK26", T13_OF_MAY)]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)
    assert "preliminary" in reading.reason


def test_two_sessions_before_first_notice_a_story_of_the_roll_ends(opened: House) -> None:
    at = days("2026-04-24", "2026-04-29")
    may(opened, 0.9, at)
    found = {day: r.verdict for (_, day), r in read(opened, "roll_gap").items() if day in at}
    assert list(found.values()) == [Verdict.WARNING, Verdict.WARNING, Verdict.CLEAR]


# --- coverage_projected --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registered", "verdict"),
    [(102e6, Verdict.CLEAR), (68e6, Verdict.BAND), (60e6, Verdict.WARNING), (43e6, Verdict.CRITICAL)],
)
def test_projected_cover_is_of_8_8_percent_of_the_peak(opened: House, registered: float, verdict: Verdict) -> None:
    facts.stocks(opened, {NINE: registered})
    facts.interest(opened, "SI", MARCH, {LONG_AGO: 100_000, NINE: 60_000})
    reading = read(opened, "coverage_projected")[("SIH26", NINE)]
    assert reading.value == pytest.approx(registered / 44e6)
    assert reading.inputs["cover_if_25_pct_stand"] == pytest.approx(registered / 125e6)
    assert reading.verdict is verdict


def test_a_raw_cover_of_0_28_thirteen_sessions_out_opens_nothing(opened: House) -> None:
    facts.stocks(opened, {NINE: 102e6})
    facts.interest(opened, "SI", MARCH, {LONG_AGO: 115_432, NINE: 73_128})
    for check in ("coverage_raw", "coverage_projected", "roll_gap", "delivery_remaining", "standing_cover"):
        assert not any(reading.verdict.breach for reading in read(opened, check).values()), check
    assert read(opened, "coverage_raw")[("SIH26", NINE)].value == pytest.approx(0.279, abs=0.0005)


def test_with_less_than_ninety_days_of_open_interest_projected_cover_is_shown_and_unknown(opened: House) -> None:
    facts.stocks(opened, {NINE: 30e6})
    facts.interest(opened, "SI", MARCH, {date(2025, 12, 19): 115_432, NINE: 73_128})
    reading = read(opened, "coverage_projected")[("SIH26", NINE)]
    assert reading.value is not None
    assert reading.verdict is Verdict.NODATA
    assert "90 days" in reading.reason


def test_projected_cover_without_stocks_or_on_preliminary_open_interest_is_unknown(opened: House) -> None:
    facts.stocks(opened, {NINE: 30e6})
    facts.interest(opened, "SI", MARCH, {LONG_AGO: 100_000, TEN: 60_000})
    facts.interest(opened, "SI", MARCH, {NINE: 60_000}, status="preliminary")
    found = read(opened, "coverage_projected")
    assert {found[("SIH26", day)].verdict for day in (NINE, TEN)} == {Verdict.NODATA}
    assert "preliminary" in found[("SIH26", NINE)].reason
    assert "not held" in found[("SIH26", TEN)].reason


# --- oi_revision ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("final", "verdict"), [(61_000, Verdict.CLEAR), (54_600, Verdict.BAND), (42_000, Verdict.WARNING)]
)
def test_a_front_month_revised_by_a_tenth_is_told(opened: House, final: int, verdict: Verdict) -> None:
    facts.interest(opened, "SI", MARCH, {NINE: 60_000}, status="preliminary")
    facts.interest(opened, "SI", MARCH, {NINE: final})
    reading = read(opened, "oi_revision")[("COMEX silver", NINE)]
    assert reading.value == pytest.approx(abs(100 * (final / 60_000 - 1)))
    assert reading.inputs["revision_lots"] == final - 60_000
    assert reading.verdict is verdict


def test_until_a_final_figure_is_held_a_revision_is_unknown(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {NINE: 60_000}, status="preliminary")
    reading = read(opened, "oi_revision")[("COMEX silver", NINE)]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)


def test_a_back_month_may_be_revised_as_it_likes(opened: House) -> None:
    for month, final in ((MARCH, 60_000), (MAY, 30_000)):
        facts.interest(opened, "SI", month, {NINE: 60_000}, status="preliminary")
        facts.interest(opened, "SI", month, {NINE: final})
    found = read(opened, "oi_revision")
    assert {key: reading.value for key, reading in found.items()} == {("COMEX silver", NINE): 0}


def test_from_the_day_after_first_notice_the_next_active_month_is_the_front_one(opened: House) -> None:
    for session in (date(2026, 2, 27), date(2026, 3, 2)):
        for month in (MARCH, MAY):
            facts.interest(opened, "SI", month, {session: 60_000}, status="preliminary")
    found = read(opened, "oi_revision")
    assert [reading.inputs["contract"] for reading in found.values()] == ["SIH26", "SIK26"]


def test_a_report_of_a_day_without_trading_is_no_session_to_revise(opened: House) -> None:
    good_friday = date(2026, 4, 3)
    facts.interest(opened, "SI", MAY, {good_friday: 60_000}, status="preliminary")
    facts.interest(opened, "SI", MAY, {good_friday: 30_000})
    with opened.store.transaction() as cur:
        cur.execute("update open_interest_rows set volume = 0")
    assert read(opened, "oi_revision") == {}
