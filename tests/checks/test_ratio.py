"""Gold over silver: both prices of one venue, both sides of the band, and how fast it moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor import sessions
from monitor.house import House
from monitor.model import Reading, Verdict
from tests import facts
from tests.checks.comex import LATER, days, read
from tests.checks.market import auctions, holds
from tests.homes import house

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
MONDAY, TUESDAY = date(2026, 3, 23), date(2026, 3, 24)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def ratio(opened: House, check: str) -> dict[date, Reading]:
    return {day: r for (_, day), r in read(opened, check).items()}


def may(opened: House, prices: dict[date, float]) -> None:
    """Silver of May."""
    facts.settle(opened, "SI", {(day, MAY): price for day, price in prices.items()})


@pytest.mark.parametrize(
    ("gold", "high", "low"),
    [
        (5_200.0, Verdict.CLEAR, Verdict.CLEAR), (7_000.0, Verdict.CLEAR, Verdict.CLEAR),
        (9_100.0, Verdict.WARNING, Verdict.CLEAR), (11_000.0, Verdict.WARNING, Verdict.CLEAR),
        (4_900.0, Verdict.CLEAR, Verdict.WARNING), (1_400.0, Verdict.CLEAR, Verdict.WARNING),
    ],
)  # fmt: skip
def test_the_ratio_warns_above_90_and_below_50(opened: House, gold: float, high: Verdict, low: Verdict) -> None:
    may(opened, {MONDAY: 100.0})
    facts.settle(opened, "GC", {(MONDAY, JUNE): gold})
    above = ratio(opened, "gold_silver_ratio")[MONDAY]
    assert (above.value, above.verdict) == (gold / 100, high)
    assert ratio(opened, "gold_silver_ratio_low")[MONDAY].verdict is low
    assert holds(opened, above)


def test_5000_over_50_is_100_and_over_110_is_45_45(opened: House) -> None:
    facts.settle(opened, "GC", {(MONDAY, JUNE): 5_000.0, (TUESDAY, JUNE): 5_000.0})
    may(opened, {MONDAY: 50.0, TUESDAY: 110.0})
    found = [r.value for r in ratio(opened, "gold_silver_ratio").values()]
    assert [round(value or 0, 2) for value in found] == [100.0, 45.45]


def test_a_settlement_report_that_contradicts_the_session_before_makes_no_ratio(opened: House) -> None:
    facts.settle(opened, "GC", {(MONDAY, JUNE): 5_000.0, (TUESDAY, JUNE): 9_900.0})
    may(opened, {MONDAY: 100.0})
    facts.settle(opened, "SI", {(TUESDAY, MAY): 100.0}, previous_settle=90.0)
    for check in ("gold_silver_ratio", "gold_silver_ratio_low"):
        reading = ratio(opened, check)[TUESDAY]
        assert (reading.verdict, "contradicts" in reading.reason) == (Verdict.NODATA, True)


def test_a_ratio_of_one_london_and_one_new_york_price_is_never_made(opened: House) -> None:
    facts.settle(opened, "GC", {(MONDAY, JUNE): 5_000.0})
    auctions(opened, "silver", {MONDAY: 50.0})
    assert ratio(opened, "gold_silver_ratio") == {}


def test_the_london_ratio_speaks_where_no_settlement_is_held(opened: House) -> None:
    auctions(opened, "silver", {MONDAY: 50.0})
    auctions(opened, "gold", {MONDAY: 5_000.0})
    (reading,) = ratio(opened, "gold_silver_ratio").values()
    assert (reading.value, reading.inputs["venue"], reading.inputs["minutes_apart"]) == (100.0, "LBMA", 90)


@pytest.mark.parametrize(("last", "verdict"), [(72.0, Verdict.CLEAR), (95.0, Verdict.WARNING), (59.0, Verdict.WARNING)])
def test_the_ratio_runs_when_it_moved_15_percent_in_20_sessions(opened: House, last: float, verdict: Verdict) -> None:
    span = days("2026-02-02", "2026-03-25")[:21]
    facts.settle(opened, "GC", {(day, JUNE): 7_000.0 for day in span[:-1]} | {(span[-1], JUNE): 100 * last})
    may(opened, dict.fromkeys(span, 100.0))
    reading = ratio(opened, "gold_silver_ratio_speed")[span[-1]]
    assert reading.value == pytest.approx(abs(100 * (last / 70 - 1)))
    assert reading.verdict is verdict
    assert holds(opened, reading)


def test_a_hole_20_sessions_back_makes_the_speed_unknown(opened: House) -> None:
    span = sessions.sessions("COMEX", date(2026, 2, 2), date(2026, 3, 10))
    kept = [day for day in span if day != span[1]]
    facts.settle(opened, "GC", {(day, JUNE): 7_000.0 for day in span})
    may(opened, dict.fromkeys(kept, 100.0))
    found = ratio(opened, "gold_silver_ratio_speed")
    assert found[span[21]].verdict is Verdict.NODATA
    assert found[span[20]].verdict is Verdict.CLEAR
