"""The largest short seat against all warrants, on invented rankings and two figures that were in the news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests.checks.shanghai import LATER, days, proves, ranking, read, warrants
from tests.homes import house

WINDOW = days("2026-01-28", "2026-02-13")
NINTH = date(2026, 2, 9)
OTHERS = {f"{number:04d}": 900 - number for number in range(2, 21)}
"""Nineteen small seats: with a large one, a full list."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        warrants(found, dict.fromkeys(WINDOW, 318_540.0))
        yield found


@pytest.mark.parametrize(
    ("lots", "tonnes", "ratio"), [(30_000, 318.54, 1.4127), (32_300, 462.6, 1.0473)]
)  # fmt: skip
def test_a_seat_of_450_t_is_1_41_times_the_warrants_and_484_5_t_1_05_times(
    tmp_path: Path, lots: int, tonnes: float, ratio: float
) -> None:
    with house(tmp_path / "news", LATER) as opened:
        warrants(opened, {NINTH: 1000 * tonnes})
        ranking(opened, NINTH, {"0001": lots}, {"0002": 10})
        (row,) = opened.store.rows(
            "select over_warrants_low, over_warrants_high, net_short_low_kg from member_net where member_id = '0001'"
        )
    assert row == (pytest.approx(ratio, abs=5e-5), pytest.approx(ratio, abs=5e-5), lots * 15)


@pytest.mark.parametrize(
    ("lots", "verdict"),
    [(15_000, Verdict.CLEAR), (20_000, Verdict.BAND), (22_000, Verdict.WARNING), (40_000, Verdict.WARNING)],
)
def test_a_seat_short_more_than_all_warrants_is_a_warning_and_never_more(
    opened: House, lots: int, verdict: Verdict
) -> None:
    ranking(opened, NINTH, {"0001": lots}, {"0002": 10})
    assert read(opened, "member_short_over_warrants")[("ag2602", NINTH)].verdict is verdict


def test_longs_of_the_same_seat_are_taken_off(opened: House) -> None:
    ranking(opened, NINTH, {"0001": 40_000}, {"0001": 30_000})
    assert read(opened, "member_short_over_warrants")[("ag2602", NINTH)].verdict is Verdict.CLEAR


def test_a_long_that_is_not_printed_may_be_as_large_as_the_smallest_that_is(opened: House) -> None:
    """22,000 lots short are 1.04 times the warrants, but the seat may be 2,000 long: only one end passes."""
    longs = {f"1{number:03d}": 4_000 - 100 * number for number in range(1, 21)}
    ranking(opened, NINTH, {"0001": 22_000, **OTHERS}, longs)
    reading = read(opened, "member_short_over_warrants")[("ag2602", NINTH)]
    assert reading.verdict is Verdict.BAND
    assert reading.inputs["seat_net_short_lots_at_least"] == 20_000


def test_totals_are_no_seats(opened: House) -> None:
    ranking(opened, NINTH, {"0001": 12_000, "0003": 11_000}, {"0002": 10})
    assert read(opened, "member_short_over_warrants")[("ag2602", NINTH)].inputs["seat_net_short_lots_at_most"] == 12_000


def test_other_months_than_the_one_about_to_be_delivered_alert_nobody(opened: House) -> None:
    ranking(opened, NINTH, {"0001": 90_000}, {"0002": 10}, contract="ag2604", delivery_month=date(2026, 4, 1))
    found = read(opened, "member_short_over_warrants")
    assert {subject for subject, _ in found} == {"ag2602"}
    assert found[("ag2602", NINTH)].verdict is Verdict.NODATA
    assert opened.store.rows("select round(over_warrants_low, 1) from member_net where member_id = '0001'") == [(4.2,)]


def test_without_the_page_of_warrants_nothing_is_said(tmp_path: Path) -> None:
    with house(tmp_path / "other", LATER) as opened:
        ranking(opened, NINTH, {"0001": 90_000}, {"0002": 10})
        reading = read(opened, "member_short_over_warrants")[("ag2602", NINTH)]
    assert reading.reason == "the page of warrants of this session is not held"


def test_no_seat_is_named_in_what_a_reader_sees(opened: House) -> None:
    ranking(opened, NINTH, {"0001": 40_000}, {"0002": 10})
    reading = read(opened, "member_short_over_warrants")[("ag2602", NINTH)]
    check = opened.checks["member_short_over_warrants"]
    assert "seat 0001" not in str(reading)
    assert "0001" not in str(dict(reading.inputs))
    proves(opened, "member_short_over_warrants")
    assert "broker with all its clients" in check.why
