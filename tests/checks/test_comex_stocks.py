"""COMEX stocks over sessions, on invented reports: levels, flows, and the checks on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests.checks.comex import LATER, Day, days, read, reports
from tests.homes import house

WINDOW = days("2026-01-20", "2026-02-18")
"""Twenty-one sessions: twenty changes."""
LONGER = days("2026-01-12", "2026-02-18")
LAST = WINDOW[-1]
SILVER = ("COMEX silver", LAST)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def test_a_session_of_flows_says_what_left_what_was_reclassified_and_what_is_deliverable(opened: House) -> None:
    told = {WINDOW[0]: Day(), WINDOW[1]: Day(moved=2e6, received=1e6, withdrawn=4e6)}
    reports(opened, told)
    (row,) = opened.store.rows(
        "select registered_oz, eligible_oz, total_oz, deliverable_supply_oz, received_oz, withdrawn_oz, outflow_oz, "
        "registered_withdrawn_oz, registered_to_eligible_oz, adjustment_residual_oz, identity_residual_oz, "
        "previous_residual_oz, registered_change_1_pct, registered_change_5_pct from comex_flows where session = ?",
        [WINDOW[1]],
    )
    assert row == (98e6, 249e6, 347e6, 222.5e6, 1e6, 4e6, 3e6, 0, 2e6, 0, 0, 0, pytest.approx(-2.0), None)


def test_copper_flows_are_in_ounces_and_in_the_tons_of_the_report(opened: House) -> None:
    reports(opened, {WINDOW[0]: Day(withdrawn=1e3)}, metal="copper", registered=3e5, eligible=2e5)
    with opened.store.transaction() as cur:
        cur.execute("update comex_stock_sums set unit = 'short_ton'")
        cur.execute("update comex_stock_rows set unit = 'short_ton'")
    (row,) = opened.store.rows("select withdrawn, unit, withdrawn_oz from comex_flows")
    assert row == (1e3, "short_ton", pytest.approx(1e3 * 907_184.74 / 31.1034768))


def test_a_change_is_unknown_where_a_report_in_between_is_missing(opened: House) -> None:
    reports(opened, dict.fromkeys(LONGER, Day(withdrawn=1e6)), left_out=[WINDOW[-3]])
    changes = opened.store.rows(
        "select total_change_1_pct is null, total_change_5_pct is null, total_change_20_pct is null "
        "from comex_flows where session = ?",
        [LAST],
    )
    assert changes == [(False, True, True)]


def test_changes_count_sessions_and_not_days(opened: House) -> None:
    reports(opened, dict.fromkeys(WINDOW, Day(withdrawn=1e6)))
    (row,) = opened.store.rows(
        "select session_5_before, session_20_before, total_change_20_pct from comex_flows where session = ?", [LAST]
    )
    assert row == (WINDOW[-6], WINDOW[0], pytest.approx(100 * (329 / 349 - 1)))


# --- vault_outflow -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("daily", "verdict"),
    [(1e6, Verdict.CLEAR), (1.18e6, Verdict.BAND), (1.3e6, Verdict.WARNING), (2.2e6, Verdict.CRITICAL)],
)
def test_metal_leaving_the_vaults_is_judged_over_twenty_sessions(opened: House, daily: float, verdict: Verdict) -> None:
    reports(opened, dict.fromkeys(WINDOW, Day(withdrawn=daily)))
    found = read(opened, "vault_outflow")
    assert list(found) == [SILVER]
    assert found[SILVER].value == pytest.approx(-100 * 20 * daily / (350e6 - daily))
    assert found[SILVER].verdict is verdict


def test_an_outflow_across_a_missing_report_is_unknown(opened: House) -> None:
    reports(opened, dict.fromkeys(LONGER, Day(withdrawn=2.2e6)), left_out=[WINDOW[7]])
    reading = read(opened, "vault_outflow")[SILVER]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)


def test_warrants_reclassified_by_the_million_are_no_outflow(opened: House) -> None:
    """SER-5736: registered falls by a fifth within a week, no metal moves."""
    reports(opened, {day: Day(moved=1.5e6 if day in WINDOW[-5:] else 0) for day in WINDOW}, registered=38e6)
    assert read(opened, "vault_outflow")[SILVER].value == 0
    assert read(opened, "vault_outflow")[SILVER].verdict is Verdict.CLEAR
    for check in ("registered_drop", "registered_drop_1d", "runway", "stock_identity"):
        assert {r.verdict for r in read(opened, check).values()} <= {Verdict.CLEAR, Verdict.BAND, Verdict.WARNING}


# --- registered_drop_1d ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("registered", "moved", "verdict"),
    [
        (100e6, 2.5e6, Verdict.CLEAR), (100e6, 2.8e6, Verdict.BAND), (100e6, 3.1e6, Verdict.WARNING),
        (100e6, 30e6, Verdict.WARNING), (40e6, 1.6e6, Verdict.CLEAR), (40e6, 2.1e6, Verdict.WARNING),
    ],
)  # fmt: skip
def test_a_fall_in_one_session_is_a_warning_at_most_and_from_two_million_ounces_on(
    opened: House, registered: float, moved: float, verdict: Verdict
) -> None:
    reports(opened, {WINDOW[0]: Day(), WINDOW[1]: Day(moved=moved)}, registered=registered)
    found = read(opened, "registered_drop_1d")
    assert list(found) == [("COMEX silver", WINDOW[1])]
    assert found[("COMEX silver", WINDOW[1])].verdict is verdict


def test_a_one_session_fall_after_a_missing_report_is_unknown(opened: House) -> None:
    reports(opened, {day: Day(moved=5e6) for day in WINDOW[:3]}, left_out=[WINDOW[1]])
    reading = read(opened, "registered_drop_1d")[("COMEX silver", WINDOW[2])]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)


# --- runway ------------------------------------------------------------------------------


def test_a_steady_fall_gives_a_run_rate_in_sessions_that_warns_at_most(opened: House) -> None:
    reports(opened, dict.fromkeys(WINDOW, Day(moved=4e6)))
    reading = read(opened, "runway")[SILVER]
    assert reading.value == pytest.approx(16e6 / 4e6)
    assert reading.verdict is Verdict.WARNING
    assert reading.inputs["r_squared"] == pytest.approx(1.0)
    assert reading.inputs["runway_at_5_sessions_rate"] == pytest.approx(4.0)


def test_a_run_rate_made_of_two_jumps_is_shown_and_judged_by_nobody(opened: House) -> None:
    told = {day: Day(moved=-1e5) for day in WINDOW}
    told |= {WINDOW[5]: Day(moved=40e6), WINDOW[9]: Day(moved=30e6)}
    reports(opened, told)
    reading = read(opened, "runway")[SILVER]
    assert reading.value is not None
    assert reading.value < 20
    assert reading.inputs["changes_not_above_zero"] == 2
    assert reading.verdict is Verdict.CLEAR


def test_a_run_rate_of_a_registered_that_does_not_fall_is_clear_and_without_value(opened: House) -> None:
    reports(opened, dict.fromkeys(WINDOW, Day(moved=-1e5)))
    reading = read(opened, "runway")[SILVER]
    assert (reading.value, reading.verdict) == (None, Verdict.CLEAR)


def test_a_run_rate_across_a_missing_report_is_unknown(opened: House) -> None:
    reports(opened, dict.fromkeys(WINDOW, Day(moved=4e6)), left_out=[WINDOW[3]])
    assert read(opened, "runway")[SILVER].verdict is Verdict.NODATA


# --- stock_identity ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("correction", "verdict"), [(0.0, Verdict.CLEAR), (-0.3e6, Verdict.BAND), (-1.2e6, Verdict.WARNING)]
)
def test_an_adjustment_that_does_not_cancel_is_a_notice_about_the_data(
    opened: House, correction: float, verdict: Verdict
) -> None:
    reports(opened, {day: Day(correction=correction if day == LAST else 0) for day in WINDOW})
    reading = read(opened, "stock_identity")[SILVER]
    assert reading.value == pytest.approx(100 * abs(correction) / (350e6 + correction))
    assert reading.verdict is verdict
    assert read(opened, "vault_outflow")[SILVER].verdict is Verdict.CLEAR
    assert read(opened, "registered_drop_1d")[SILVER].verdict is Verdict.CLEAR


def test_a_large_reclassification_that_cancels_adds_up(opened: House) -> None:
    reports(opened, {day: Day(moved=5e6 if day == LAST else 0) for day in WINDOW})
    assert read(opened, "stock_identity")[SILVER].value == 0


def test_a_previous_total_that_is_not_the_one_held_is_told(opened: House) -> None:
    reports(opened, {WINDOW[0]: Day()})
    reports(opened, {WINDOW[1]: Day()}, registered=101e6)
    reading = read(opened, "stock_identity")[("COMEX silver", WINDOW[1])]
    assert reading.verdict is Verdict.WARNING
    assert reading.inputs["previous_residual_oz"] == 1e6


def test_with_yesterdays_report_missing_a_stock_report_is_judged_by_itself(opened: House) -> None:
    reports(opened, {day: Day(moved=1e6) for day in WINDOW[:3]}, left_out=[WINDOW[1]])
    reading = read(opened, "stock_identity")[("COMEX silver", WINDOW[2])]
    assert (reading.value, reading.inputs["previous_residual_oz"]) == (0, None)


def test_a_report_without_its_movements_has_no_identity_to_judge(opened: House) -> None:
    reports(opened, {date(2026, 1, 20): Day()})
    with opened.store.transaction() as cur:
        cur.execute("update comex_stock_sums set adjustment = null where category = 'registered'")
    assert read(opened, "stock_identity")[("COMEX silver", date(2026, 1, 20))].verdict is Verdict.NODATA
