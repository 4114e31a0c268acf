"""A delivery month from the eve of first notice on, on invented reports: who stands, what is left, who takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests import facts
from tests.checks.comex import FIRST_NOTICE, FIRST_POSITION, LATER, MARCH, days, notices, read
from tests.homes import house

MONTH = days("2026-02-26", "2026-03-31")
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
MARCH_SILVER = "SIH26"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def month(opened: House, columns: str) -> list[tuple[object, ...]]:
    return opened.store.rows(f"select {columns} from delivery_month where contract = 'SIH26' order by session")


def standing(opened: House) -> None:
    """Four days: 1,000 lots stand, 800 are delivered at once, 500 come new."""
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200, MONDAY: 650, TUESDAY: 600})
    notices(opened, FIRST_POSITION, 800, 800)
    notices(opened, FIRST_NOTICE, 50, 850)
    notices(opened, MONDAY, None)
    notices(opened, TUESDAY, 100, 950)


def test_a_month_is_told_by_day_with_what_stands_and_what_came_new(opened: House) -> None:
    standing(opened)
    found = month(
        opened, "sessions_to_fnd, issued_lots, delivered_lots, delivered_before_lots, standing_lots, net_new_lots"
    )
    assert found == [
        (1, 800, 800, 0, 1_000, 0), (0, 50, 850, 800, 1_000, 0), (-1, 0, 850, 850, 1_500, 500),
        (-2, 100, 950, 850, 1_450, 450),
    ]  # fmt: skip
    assert month(opened, "delivered_pct, first_day_share_pct")[-1] == (
        pytest.approx(95.0), pytest.approx(100 * 800 / 950),
    )  # fmt: skip


def test_a_day_whose_report_is_missing_is_unknown_and_the_next_report_tells_what_stood_before(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200, MONDAY: 150, TUESDAY: 90})
    notices(opened, FIRST_POSITION, 800, 800)
    notices(opened, TUESDAY, 10, 870)
    found = month(opened, "report_held, delivered_lots, delivered_before_lots")
    assert found == [(True, 800, 0), (False, None, 800), (False, None, None), (True, 870, 860)]


def test_a_month_without_its_first_report_is_unknown_until_a_report_tells(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200, MONDAY: 150})
    notices(opened, MONDAY, 10, 860)
    found = month(opened, "delivered_before_lots, delivered_lots, first_day_share_pct")
    assert found == [(0, None, None), (None, None, None), (850, 860, None)]


def test_the_three_largest_takers_and_the_houses_are_counted_over_the_month(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200})
    notices(opened, FIRST_POSITION, 800, 800, house=(100, 300))
    notices(opened, FIRST_NOTICE, 50, 850, house=(50, 10))
    with opened.store.transaction() as cur:
        cur.execute("update delivery_notice_rows set firm_id = strftime(session, '%d') || account")
    found = month(opened, "firm_lots, house_net_lots, top3_stopper_share_pct")
    assert found == [(800, 200, 100.0), (850, 160, pytest.approx(100 * 840 / 850))]


# --- standing_cover ------------------------------------------------------------------------


def test_standing_cover_counts_deliveries_and_what_is_left_once_notices_are_held(opened: House) -> None:
    standing(opened)
    facts.stocks(opened, dict.fromkeys(MONTH[:4], 12e6))
    found = read(opened, "standing_cover")
    assert [found[(MARCH_SILVER, day)].value for day in MONTH[:4]] == pytest.approx([2.4, 2.4, 1.6, 12 / 7.25])
    assert [found[(MARCH_SILVER, day)].verdict for day in MONTH[1:3]] == [Verdict.CLEAR, Verdict.WARNING]
    assert found[(MARCH_SILVER, MONDAY)].inputs["delivered_lots"] == 850
    assert found[(MARCH_SILVER, MONDAY)].inputs["open_interest_left_lots"] == 650


def test_what_is_typical_of_standing_cover_is_silvers_and_never_looks_ahead(opened: House) -> None:
    standing(opened)
    facts.stocks(opened, dict.fromkeys(MONTH[:4], 12e6))
    found = {day: str(r.inputs["typical"]) for (_, day), r in read(opened, "standing_cover").items()}
    assert found[FIRST_POSITION] == "no earlier month on file"
    assert found[MONDAY] == "March 2026 2.84 on its first position day (from final open interest)"
    assert "May" not in " ".join(found.values())


def test_standing_cover_with_a_hole_in_the_notices_is_unknown(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200, MONDAY: 150})
    facts.stocks(opened, dict.fromkeys(MONTH[:3], 4e6))
    notices(opened, FIRST_POSITION, 800, 800)
    found = read(opened, "standing_cover")
    assert found[(MARCH_SILVER, FIRST_NOTICE)].verdict is Verdict.CRITICAL
    assert found[(MARCH_SILVER, MONDAY)].verdict is Verdict.NODATA
    assert found[(MARCH_SILVER, MONDAY)].reason == "delivery notices through the session before are not held"


def test_standing_cover_on_preliminary_open_interest_opens_nothing(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000})
    facts.interest(opened, "SI", MARCH, {FIRST_NOTICE: 2_000}, status="preliminary")
    facts.stocks(opened, dict.fromkeys(MONTH[:2], 4e6))
    notices(opened, FIRST_POSITION, 800, 800)
    reading = read(opened, "standing_cover")[(MARCH_SILVER, FIRST_NOTICE)]
    assert reading.value is not None
    assert reading.verdict is Verdict.NODATA


# --- delivery_remaining --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registered", "verdict"),
    [(40e6, Verdict.CLEAR), (6.1e6, Verdict.BAND), (5.5e6, Verdict.WARNING), (4.9e6, Verdict.CRITICAL)],
)
def test_registered_is_held_against_the_claims_left_from_first_notice_on(
    opened: House, registered: float, verdict: Verdict
) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 90_000, FIRST_NOTICE: 1_000, MONDAY: 1_000})
    facts.stocks(opened, dict.fromkeys(MONTH[:3], registered))
    found = read(opened, "delivery_remaining")
    assert (MARCH_SILVER, FIRST_POSITION) not in found
    assert found[(MARCH_SILVER, FIRST_NOTICE)].value == pytest.approx(registered / 5e6)
    assert found[(MARCH_SILVER, FIRST_NOTICE)].verdict is verdict


def test_claims_left_are_unknown_without_stocks_and_while_preliminary(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_NOTICE: 1_000, TUESDAY: 1_000})
    facts.interest(opened, "SI", MARCH, {MONDAY: 1_000}, status="preliminary")
    facts.stocks(opened, dict.fromkeys(MONTH[:3], 1e6))
    found = read(opened, "delivery_remaining")
    assert found[(MARCH_SILVER, FIRST_NOTICE)].verdict is Verdict.CRITICAL
    assert {found[(MARCH_SILVER, day)].verdict for day in (MONDAY, TUESDAY)} == {Verdict.NODATA}


def test_with_no_claims_left_and_after_the_last_trade_day_the_story_ends(opened: House) -> None:
    lots = dict.fromkeys(MONTH, 1_000) | {MONDAY: 0}
    facts.interest(opened, "SI", MARCH, lots)
    facts.stocks(opened, dict.fromkeys(MONTH, 1e6))
    found = read(opened, "delivery_remaining")
    assert found[(MARCH_SILVER, MONDAY)].verdict is Verdict.CLEAR
    assert found[(MARCH_SILVER, TUESDAY)].verdict is Verdict.CRITICAL
    assert found[(MARCH_SILVER, MONTH[-1])].verdict is Verdict.CLEAR


# --- delivery_pace -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delivered", "verdict"),
    [(950, Verdict.CLEAR), (700, Verdict.BAND), (600, Verdict.WARNING), (100, Verdict.WARNING)],
)
def test_slow_deliveries_are_told_ten_sessions_after_first_notice(
    opened: House, delivered: int, verdict: Verdict
) -> None:
    facts.interest(opened, "SI", MARCH, dict.fromkeys(MONTH[:12], 1_000))
    for at, day in enumerate(MONTH[:12]):
        notices(opened, day, delivered if at == 0 else 0, delivered)
    found = read(opened, "delivery_pace")
    assert list(found) == [(MARCH_SILVER, MONTH[11])]
    assert found[(MARCH_SILVER, MONTH[11])].value == pytest.approx(delivered / 10)
    assert found[(MARCH_SILVER, MONTH[11])].verdict is verdict


def test_slow_deliveries_are_unknown_without_that_days_report(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, dict.fromkeys(MONTH[:12], 1_000))
    notices(opened, FIRST_POSITION, 100, 100)
    assert read(opened, "delivery_pace")[(MARCH_SILVER, MONTH[11])].verdict is Verdict.NODATA


def test_reports_without_a_section_mean_no_notices_and_not_missing_ones(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, dict.fromkeys(MONTH[:12], 1_000))
    notices(opened, FIRST_POSITION, 950, 950)
    for day in MONTH[1:12]:
        notices(opened, day, None)
    assert read(opened, "delivery_pace")[(MARCH_SILVER, MONTH[11])].value == pytest.approx(95.0)


# --- delivery_net_new ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "verdict"), [(150, Verdict.CLEAR), (245, Verdict.BAND), (250, Verdict.WARNING), (900, Verdict.WARNING)]
)
def test_what_comes_to_stand_after_first_position_day_is_told(opened: House, left: int, verdict: Verdict) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: left})
    notices(opened, FIRST_POSITION, 800, 800)
    reading = read(opened, "delivery_net_new")[(MARCH_SILVER, FIRST_NOTICE)]
    assert reading.value == pytest.approx((800 + left - 1_000) / 10)
    assert reading.inputs["net_new_oz"] == (800 + left - 1_000) * 5_000
    assert reading.verdict is verdict


def test_net_new_is_unknown_on_preliminary_figures_and_across_a_missing_report(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, MONDAY: 900})
    facts.interest(opened, "SI", MARCH, {FIRST_NOTICE: 900}, status="preliminary")
    notices(opened, FIRST_POSITION, 800, 800)
    found = read(opened, "delivery_net_new")
    assert {found[(MARCH_SILVER, day)].verdict for day in (FIRST_NOTICE, MONDAY)} == {Verdict.NODATA}


def test_notices_that_become_fewer_open_nothing(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 900, MONDAY: 900})
    notices(opened, FIRST_POSITION, 800, 800)
    notices(opened, FIRST_NOTICE, 10, 700)
    found = read(opened, "delivery_net_new")
    assert found[(MARCH_SILVER, FIRST_NOTICE)].reason == "the delivery notices contradict those before them"
    assert found[(MARCH_SILVER, MONDAY)].verdict is Verdict.NODATA


# --- house_net_stopped ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "verdict"), [(300, Verdict.CLEAR), (390, Verdict.BAND), (400, Verdict.WARNING), (0, Verdict.CLEAR)]
)
def test_what_houses_take_net_is_told_as_a_share_of_the_month(opened: House, taken: int, verdict: Verdict) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200})
    notices(opened, FIRST_POSITION, 900, 900, house=(100, taken))
    notices(opened, FIRST_NOTICE, 100, 1_000)
    reading = read(opened, "house_net_stopped")[(MARCH_SILVER, FIRST_NOTICE)]
    assert reading.value == pytest.approx((taken - 100) / 10)
    assert reading.verdict is verdict


def test_a_missing_report_that_could_undo_it_keeps_the_houses_from_being_told(opened: House) -> None:
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200, MONDAY: 100})
    notices(opened, FIRST_POSITION, 800, 800, house=(0, 400))
    notices(opened, MONDAY, 50, 1_000)
    found = read(opened, "house_net_stopped")
    assert found[(MARCH_SILVER, FIRST_NOTICE)].verdict is Verdict.NODATA
    reading = found[(MARCH_SILVER, MONDAY)]
    assert reading.value == pytest.approx(40.0)
    assert reading.inputs["lots_of_missing_reports"] == 150
    assert reading.verdict is Verdict.BAND


def test_houses_that_deliver_what_they_take_are_told_to_nobody(opened: House) -> None:
    """What is stopped alone would be nine tenths of the month."""
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200})
    notices(opened, FIRST_POSITION, 900, 900, house=(810, 810))
    notices(opened, FIRST_NOTICE, 100, 1_000)
    reading = read(opened, "house_net_stopped")[(MARCH_SILVER, FIRST_NOTICE)]
    assert (reading.value, reading.verdict) == (0.0, Verdict.CLEAR)
