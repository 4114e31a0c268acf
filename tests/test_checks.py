"""Each check on invented facts: one case that fires, one that is clear, one unknown, and a trap of market.md."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor import checks, sessions
from monitor.checks import Moment
from monitor.house import House
from monitor.model import Reading, Verdict
from tests import facts
from tests.homes import house

LATER = datetime(2026, 4, 1, tzinfo=UTC)
MARCH, MAY, JULY = date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def read(opened: House, check: str, moment: datetime = LATER) -> dict[tuple[str, date], Reading]:
    found = checks.evaluate(opened.store, [opened.checks[check]], Moment(moment))
    assert found.broken == {}
    return {(r.subject, r.session): r for r in found.readings}


def days(start: str, end: str, venue: str = "COMEX") -> tuple[date, ...]:
    return sessions.sessions(venue, date.fromisoformat(start), date.fromisoformat(end))


# --- coverage ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "cover", "verdict"),
    [
        ("2026-02-09", 0.279, Verdict.CLEAR),
        ("2026-02-09", 0.21, Verdict.BAND),
        ("2026-02-09", 0.19, Verdict.WARNING),
        ("2026-02-09", 0.05, Verdict.WARNING),
        ("2026-02-24", 0.41, Verdict.BAND),
        ("2026-02-24", 0.39, Verdict.WARNING),
        ("2026-02-25", 0.99, Verdict.WARNING),
        ("2026-02-25", 1.10, Verdict.CLEAR),
        ("2026-02-27", 0.80, Verdict.WARNING),
    ],
)
def test_coverage_thresholds_follow_the_distance_to_first_notice(
    opened: House, day: str, cover: float, verdict: Verdict
) -> None:
    session = date.fromisoformat(day)
    facts.stocks(opened, {session: cover * 20_000 * 5_000})
    facts.interest(opened, "SI", MARCH, {session: 20_000})
    reading = read(opened, "coverage_raw")[("SIH26", session)]
    assert reading.value == pytest.approx(cover)
    assert reading.verdict is verdict


def test_coverage_fifteen_sessions_out_is_not_judged_at_all(opened: House) -> None:
    facts.stocks(opened, {date(2026, 2, 5): 1e6})
    facts.interest(opened, "SI", MARCH, {date(2026, 2, 5): 90_000})
    assert read(opened, "coverage_raw") == {}


def test_preliminary_open_interest_opens_nothing_and_says_so(opened: House) -> None:
    day = date(2026, 2, 9)
    facts.stocks(opened, {day: 20e6})
    facts.interest(opened, "SI", MARCH, {day: 73_142}, status="preliminary")
    reading = read(opened, "coverage_raw")[("SIH26", day)]
    assert reading.verdict is Verdict.NODATA
    assert reading.value == pytest.approx(20e6 / (73_142 * 5_000))
    assert "preliminary" in reading.reason


def test_a_session_without_stocks_is_unknown(opened: House) -> None:
    facts.stocks(opened, {date(2026, 2, 9): 100e6})
    facts.interest(opened, "SI", MARCH, {date(2026, 2, 9): 73_128, date(2026, 2, 10): 67_946})
    reading = read(opened, "coverage_raw")[("SIH26", date(2026, 2, 10))]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)


def test_a_stock_report_that_contradicts_yesterdays_opens_nothing(opened: House) -> None:
    monday, tuesday = date(2026, 2, 9), date(2026, 2, 10)
    facts.stocks(opened, {monday: 100e6})
    facts.stocks(opened, {tuesday: 10e6})
    facts.interest(opened, "SI", MARCH, {tuesday: 73_128})
    reading = read(opened, "coverage_raw")[("SIH26", tuesday)]
    assert reading.verdict is Verdict.NODATA
    assert "contradicts" in reading.reason


def test_after_first_notice_a_story_of_coverage_ends(opened: House) -> None:
    facts.stocks(opened, dict.fromkeys(days("2026-02-25", "2026-03-04"), 30e6))
    facts.interest(opened, "SI", MARCH, dict.fromkeys(days("2026-02-25", "2026-03-04"), 10_000))
    found = read(opened, "coverage_raw")
    assert found[("SIH26", date(2026, 2, 27))].verdict is Verdict.WARNING
    assert found[("SIH26", date(2026, 3, 2))].verdict is Verdict.CLEAR
    assert ("SIH26", date(2026, 3, 5)) not in found


@pytest.mark.parametrize(
    ("registered", "verdict"),
    [(88.424e6, Verdict.CLEAR), (60e6, Verdict.WARNING), (37e6, Verdict.CRITICAL), (66e6, Verdict.BAND)],
)
def test_standing_cover_judges_from_the_eve_of_first_notice(opened: House, registered: float, verdict: Verdict) -> None:
    eve = date(2026, 2, 26)
    facts.stocks(opened, dict.fromkeys(days("2026-02-25", "2026-03-02"), registered))
    facts.interest(opened, "SI", MARCH, {eve: 6_223, date(2026, 3, 2): 500})
    found = read(opened, "standing_cover")
    assert ("SIH26", date(2026, 2, 25)) not in found
    assert found[("SIH26", eve)].value == pytest.approx(registered / 31.115e6)
    assert found[("SIH26", eve)].verdict is verdict
    assert found[("SIH26", date(2026, 3, 2))].value == pytest.approx(registered / 31.115e6)


# --- curve ---------------------------------------------------------------------------

DAY = date(2026, 3, 20)


def pair(opened: House, near: float, far: float, *, lots: tuple[int, int] = (40_000, 30_000), day: date = DAY) -> None:
    facts.settle(opened, "SI", {(day, MAY): near, (day, JULY): far})
    facts.interest(opened, "SI", MAY, {day: lots[0]})
    facts.interest(opened, "SI", JULY, {day: lots[1]})


def test_may_to_july_over_61_days_is_the_golden_4_326_percent(opened: House) -> None:
    pair(opened, 67.934, 68.432)
    reading = read(opened, "front_back")[("COMEX silver", DAY)]
    assert reading.value == pytest.approx(4.326, abs=0.0005)
    assert reading.inputs["days_between"] == 61
    assert reading.verdict is Verdict.CLEAR


@pytest.mark.parametrize(("far", "verdict"), [(67.9, Verdict.WARNING), (67.0, Verdict.CRITICAL), (67.95, Verdict.BAND)])
def test_a_far_month_below_the_near_one_is_backwardation(opened: House, far: float, verdict: Verdict) -> None:
    pair(opened, 67.934, far)
    assert read(opened, "front_back")[("COMEX silver", DAY)].verdict is verdict


def test_an_illiquid_far_month_makes_the_spread_unknown(opened: House) -> None:
    pair(opened, 67.934, 60.0, lots=(40_000, 1_999))
    reading = read(opened, "front_back")[("COMEX silver", DAY)]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)


def test_a_settlement_report_that_contradicts_the_session_before_opens_nothing(opened: House) -> None:
    pair(opened, 67.934, 60.0)
    before, month = sessions.previous("COMEX", DAY), MAY
    facts.settle(opened, "SI", {(before, month): 67.9})
    facts.settle(opened, "SI", {(DAY, month): 67.934}, previous_settle=67.4, status="final")
    reading = read(opened, "front_back")[("COMEX silver", DAY)]
    assert reading.verdict is Verdict.NODATA
    assert "contradicts" in reading.reason


def test_a_month_within_five_sessions_of_first_notice_never_makes_the_pair(opened: House) -> None:
    dying = date(2026, 4, 27)
    pair(opened, 90.0, 68.4, day=dying)
    assert read(opened, "front_back", datetime(2026, 5, 1, tzinfo=UTC))[("COMEX silver", dying)].value is None


def test_an_expired_month_with_a_stale_price_is_not_on_the_curve(opened: House) -> None:
    facts.settle(opened, "SI", {(DAY, date(2026, 2, 1)): 113.111, (DAY, MAY): 70.0})
    assert opened.store.rows("select contract from curve") == [("SIK26",)]


# --- Shanghai --------------------------------------------------------------------------

FRIDAY, MONDAY = date(2026, 1, 30), date(2026, 2, 2)


def shanghai(opened: House, close: float, new_york: dict[date, float], **prices: float) -> None:
    """SHFE silver on Monday 2 February, its FX and the New York settlements given."""
    month = date(2026, 4, 1)
    row = {"high": close + 500, "low": close - 500, "previous_settle": 25_000.0, "settle": close} | prices
    facts.settle(
        opened, "ag", {(MONDAY, month): row.pop("settle")}, venue="SHFE", currency="CNY", unit="kg", close=close, **row
    )
    facts.interest(opened, "ag", month, {MONDAY: 250_000}, venue="SHFE")
    facts.dollars(opened, {FRIDAY: 6.9526})
    facts.settle(opened, "SI", {(day, MARCH): price for day, price in new_york.items()})


def test_24_832_yuan_at_6_9526_is_111_09_dollars_and_98_31_without_tax(opened: House) -> None:
    shanghai(opened, 24_832.0, {FRIDAY: 79.01, MONDAY: 79.01})
    (row,) = opened.store.rows(
        "select round(price_usd_oz, 2), round(ex_tax_usd_oz, 2), round(headline_pct, 1), round(ex_tax_pct, 1) "
        "from regional_premium"
    )
    assert row == (111.09, 98.31, 40.6, 24.4)


def test_a_limit_locked_close_is_unknown_whatever_the_premium(opened: House) -> None:
    shanghai(opened, 24_832.0, {FRIDAY: 79.01, MONDAY: 79.01}, previous_settle=29_919.0, low=24_832.0)
    reading = read(opened, "regional_premium")[("SHFE silver", MONDAY)]
    assert reading.verdict is Verdict.NODATA
    assert reading.reason == "Shanghai limit-locked"


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (75.0, 75.5, Verdict.CRITICAL), (78.2, 77.8, Verdict.WARNING), (78.5, 79.5, Verdict.BAND),
        (81.0, 80.5, Verdict.CLEAR), (70.0, 75.0, Verdict.NODATA),
    ],
)  # fmt: skip
def test_both_ends_of_the_bracket_must_pass(opened: House, before: float, after: float, verdict: Verdict) -> None:
    shanghai(opened, 20_000.0, {FRIDAY: before, MONDAY: after})
    assert read(opened, "regional_premium")[("SHFE silver", MONDAY)].verdict is verdict


def test_before_new_york_settles_the_premium_is_unknown(opened: House) -> None:
    shanghai(opened, 20_000.0, {FRIDAY: 70.0})
    reading = read(opened, "regional_premium")[("SHFE silver", MONDAY)]
    assert reading.verdict is Verdict.NODATA
    assert "settlement around" in reading.reason


def test_the_shanghai_price_is_the_close_and_never_the_settlement(opened: House) -> None:
    shanghai(opened, 20_000.0, {FRIDAY: 78.0, MONDAY: 78.0}, settle=29_919.0)
    assert opened.store.rows("select close from shanghai_closes") == [(20_000.0,)]


# --- drops -----------------------------------------------------------------------------


@pytest.mark.parametrize(("fall", "verdict"), [(0.10, Verdict.CLEAR), (0.13, Verdict.WARNING), (0.30, Verdict.WARNING)])
def test_registered_drop_looks_twenty_sessions_back_and_is_capped(opened: House, fall: float, verdict: Verdict) -> None:
    window = days("2026-01-20", "2026-02-18")
    assert len(window) == 21
    levels = {day: 100e6 * (1 - fall * place / 20) for place, day in enumerate(window)}
    facts.stocks(opened, levels)
    found = read(opened, "registered_drop")
    assert list(found) == [("COMEX silver", window[-1])]
    assert found[("COMEX silver", window[-1])].value == pytest.approx(-100 * fall)
    assert found[("COMEX silver", window[-1])].verdict is verdict


def test_registered_drop_with_a_hole_twenty_sessions_back_is_unknown(opened: House) -> None:
    window = days("2026-01-20", "2026-02-19")
    facts.stocks(opened, {day: 100e6 for day in window if day != window[1]})
    assert read(opened, "registered_drop")[("COMEX silver", window[-1])].verdict is Verdict.NODATA


def warrants(opened: House, levels: dict[date, float]) -> None:
    facts.put(
        opened,
        "shfe_warrant_rows",
        [
            {
                "session": day, "metal": "silver", "region": "", "warehouse": "总计", "level": "total",
                "quantity": kg, "change": 0.0, "unit": "kg",
            }
            for day, kg in levels.items()
        ],
    )  # fmt: skip


def test_the_february_fall_of_shfe_warrants_is_critical(opened: House) -> None:
    window = days("2026-02-02", "2026-02-09", "SHFE")
    levels = (462_600.0, 449_700.0, 423_200.0, 412_500.0, 349_840.0, 318_546.0)
    warrants(opened, dict(zip(window, levels, strict=True)))
    reading = read(opened, "shfe_warrant_drop")[("SHFE silver", date(2026, 2, 9))]
    assert reading.value == pytest.approx(-31.14, abs=0.005)
    assert reading.verdict is Verdict.CRITICAL


def test_a_change_over_the_new_year_holiday_spans_sessions_and_not_days(opened: House) -> None:
    window = days("2026-02-09", "2026-02-24", "SHFE")
    assert (window[-2], window[-1]) == (date(2026, 2, 13), date(2026, 2, 24))
    warrants(opened, dict.fromkeys(window, 318_546.0))
    found = read(opened, "shfe_warrant_drop")
    assert found[("SHFE silver", date(2026, 2, 24))].verdict is Verdict.CLEAR


def test_a_fall_of_warrants_across_a_page_not_held_is_unknown(opened: House) -> None:
    window = days("2026-02-02", "2026-02-10", "SHFE")
    warrants(opened, {day: 900_000.0 / (place + 1) for place, day in enumerate(window) if place != 1})
    reading = read(opened, "shfe_warrant_drop")[("SHFE silver", window[6])]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)
    assert reading.reason == "the page of 5 sessions before is not held"


# --- freshness -------------------------------------------------------------------------


def test_a_report_is_stale_by_its_venues_sessions_and_recovers_with_the_session_itself(opened: House) -> None:
    warrants(opened, dict.fromkeys(days("2026-03-23", "2026-03-27", "SHFE"), 300_000.0))
    monday_evening = datetime(2026, 3, 30, 8, 30, tzinfo=UTC)
    key = ("shfe_warrants", date(2026, 3, 30))
    opened.write_reference(LATER)
    assert key not in read(opened, "source_stale", monday_evening)
    stale = read(opened, "source_stale", datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert (stale[key].value, stale[key].verdict) == (1.0, Verdict.WARNING)
    on_wednesday = read(opened, "source_stale", datetime(2026, 4, 1, 12, tzinfo=UTC))
    assert on_wednesday[("shfe_warrants", date(2026, 4, 1))].verdict is Verdict.CRITICAL
    warrants(opened, {date(2026, 3, 30): 300_000.0})
    assert read(opened, "source_stale", datetime(2026, 4, 1, 12, tzinfo=UTC))[key].value == 0.0


def test_a_holiday_makes_nothing_stale(opened: House) -> None:
    warrants(opened, {date(2026, 2, 12): 300_000.0, date(2026, 2, 13): 300_000.0})
    opened.write_reference(datetime(2026, 2, 23, 12, tzinfo=UTC))
    found = read(opened, "source_stale", datetime(2026, 2, 23, 12, tzinfo=UTC))
    assert all(reading.verdict is Verdict.CLEAR for reading in found.values())


def test_a_backfill_of_old_sessions_never_makes_a_stale_source_fresh(opened: House) -> None:
    now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    warrants(opened, dict.fromkeys(days("2026-03-16", "2026-03-20", "SHFE"), 300_000.0))
    before = read(opened, "source_stale", now)[("shfe_warrants", date(2026, 4, 1))].value
    warrants(opened, dict.fromkeys(days("2026-02-02", "2026-03-13", "SHFE"), 300_000.0))
    assert read(opened, "source_stale", now)[("shfe_warrants", date(2026, 4, 1))].value == before == 8.0


def test_as_known_shows_nothing_published_later(opened: House) -> None:
    warrants(opened, dict.fromkeys(days("2026-02-02", "2026-02-09", "SHFE"), 300_000.0))
    at = datetime(2026, 2, 6, 12, 30, tzinfo=UTC)
    assert max(day for _, day in read(opened, "shfe_warrant_drop", datetime(2026, 2, 12, tzinfo=UTC))) == date(
        2026, 2, 9
    )
    assert read(opened, "shfe_warrant_drop", at) == {}


def test_a_volume_file_under_the_wrong_product_is_suspect_and_opens_nothing(opened: House) -> None:
    monday, tuesday = date(2026, 2, 9), date(2026, 2, 10)
    facts.stocks(opened, {monday: 10e6, tuesday: 10e6})
    facts.interest(opened, "SI", MARCH, {monday: 73_128})
    gold_named_silver = {
        "venue": "COMEX", "product": "SI", "delivery_month": MARCH, "session": tuesday, "status": "final",
        "open_interest": 250_000, "open_interest_change": -1_000, "volume": 1_000,
    }  # fmt: skip
    facts.put(opened, "open_interest_rows", [gold_named_silver])
    reading = read(opened, "coverage_raw")[("SIH26", tuesday)]
    assert reading.verdict is Verdict.NODATA
    assert reading.reason == "the open-interest file contradicts the session before it"


def test_what_we_held_was_public_even_before_its_assumed_hour(opened: House) -> None:
    at = datetime(2026, 2, 9, 8, tzinfo=UTC)
    row = {"session": date(2026, 2, 9), "base": "EUR", "quote": "CNY", "rate": 8.2}
    facts.put(opened, "fx_rows", [row], at=at)
    with opened.store.cursor() as cur:
        cur.execute("set variable known_at = timestamp '2026-02-09 08:00:01'")
        assert cur.execute("select count(*) from fx_reference").fetchall() == [(1,)]


def test_a_view_that_an_older_generation_lacks_costs_the_checks_that_read_it_and_no_other(opened: House) -> None:
    facts.stocks(opened, dict.fromkeys(days("2026-02-09", "2026-02-10"), 100e6))
    with opened.store.cursor() as cur:
        cur.execute("drop view settlement_days")
    found = checks.evaluate(opened.store, opened.checks.values(), Moment(LATER))
    assert {"front_back", "carry_gap", "curve_depth"} <= set(found.broken)
    assert all("settlement_days" in why for why in found.broken.values())
    assert {r.check for r in found.readings} >= {"registered_drop_1d", "stock_identity"}
