"""Bullion funds: ounces over sessions, and the price of a share over what lies behind it. Most figures are invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path

import pytest

from monitor.house import House
from monitor.model import Verdict
from tests import facts
from tests.checks.shanghai import LATER, days, entered, proves, read, warrants
from tests.homes import house

WEEK = days("2026-01-21", "2026-01-28", "NYSE")
"""Six sessions: five changes."""
LAST = WEEK[-1]
SLV, GLD = ("SLV silver", LAST), ("GLD gold", LAST)
UNITS = {"ounces": "troy_oz", "shares": "share", "ounces_per_share": "troy_oz/share"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def fund(opened: House, day: date, figures: Mapping[str, float], name: str = "SLV") -> None:
    facts.put(
        opened,
        "fund_rows",
        [
            {
                "session": day, "fund": name, "measure": what, "value": value, "as_of": day,
                "unit": UNITS.get(what, "USD/share"),
            }
            for what, value in figures.items()
        ],
        source="slv_trust" if name == "SLV" else "gld_trust",
    )  # fmt: skip


def ounces(opened: House, levels: Mapping[date, float]) -> None:
    for day, level in levels.items():
        fund(opened, day, {"ounces": level})


def falling(opened: House, last: float, before: float = 500e6) -> None:
    ounces(opened, dict.fromkeys(WEEK[:-1], before) | {LAST: last})


def quote(opened: House, at: datetime, price: float, kind: str = "otc_quote") -> None:
    facts.put(
        opened,
        "spot_quote_rows",
        [
            {
                "session": at.date(), "metal": "silver", "provider": "invented", "quoted_at": at, "price": price,
                "spot_kind": kind, "currency": "USD", "unit": "troy_oz",
            }
        ],
    )  # fmt: skip


# --- fund_flow, fund_inflow ----------------------------------------------------------


def test_519_75_to_499_09_moz_are_4_0_percent_less(opened: House) -> None:
    falling(opened, 499.09e6, before=519.75e6)
    reading = read(opened, "fund_flow")[SLV]
    assert reading.value == pytest.approx(-3.975, abs=0.001)
    assert reading.verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("last", "verdict"),
    [(490e6, Verdict.CLEAR), (486e6, Verdict.BAND), (484e6, Verdict.WARNING), (474e6, Verdict.CRITICAL)],
)
def test_what_left_the_fund_is_judged_over_five_sessions(opened: House, last: float, verdict: Verdict) -> None:
    falling(opened, last)
    assert read(opened, "fund_flow")[SLV].verdict is verdict
    proves(opened, "fund_flow")


def test_what_came_in_is_told_in_the_memo_alone(opened: House) -> None:
    falling(opened, 530e6)
    assert read(opened, "fund_inflow")[SLV].verdict is Verdict.WARNING
    assert read(opened, "fund_flow")[SLV].verdict is Verdict.CLEAR
    assert opened.checks["fund_inflow"].route == "memo"
    proves(opened, "fund_inflow")


def test_trading_volume_kept_as_ounces_ends_unknown(opened: House) -> None:
    """A public database did so: figures that jump by tenths of a fund from day to day."""
    volume = dict(zip(WEEK, (500e6, 121e6, 88e6, 143e6, 96e6, 210e6), strict=True))
    ounces(opened, volume)
    reading = read(opened, "fund_flow")[SLV]
    assert reading.verdict is Verdict.NODATA
    assert "may not be ounces" in reading.reason


def test_one_wrong_figure_makes_five_more_sessions_unknown_and_then_it_is_over(opened: House) -> None:
    more = days("2026-01-21", "2026-02-06", "NYSE")
    ounces(opened, {day: 90e6 if day == LAST else 500e6 for day in more})
    found = {day: r.verdict for (_, day), r in read(opened, "fund_flow").items()}
    unknown = [day for day, verdict in found.items() if verdict is Verdict.NODATA]
    assert unknown == list(more[5:12])
    assert found[more[12]] is Verdict.CLEAR


def test_a_session_without_ounces_is_unknown(opened: House) -> None:
    ounces(opened, {day: 500e6 for day in days("2026-01-21", "2026-01-30", "NYSE") if day != LAST})
    assert read(opened, "fund_flow")[SLV].reason == "the ounces of this session are not held"
    assert read(opened, "fund_inflow")[SLV].verdict is Verdict.NODATA


# --- fund_premium --------------------------------------------------------------------


def test_a_value_struck_at_noon_in_london_is_unknown_without_a_spot_of_the_close(opened: House) -> None:
    """The metal rose 8 percent after noon: the share is 8 percent above the value printed, and at no premium."""
    fund(opened, LAST, {"ounces": 500e6, "shares": 550e6, "nav": 90.0, "close": 97.2})
    reading = read(opened, "fund_premium")[SLV]
    assert reading.verdict is Verdict.NODATA
    assert "noon in London" in reading.reason
    assert reading.inputs["over_struck_nav_pct"] == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("close", "verdict"),
    [
        (97.5, Verdict.CLEAR), (98.1, Verdict.BAND), (98.5, Verdict.WARNING), (100.9, Verdict.CRITICAL),
        (95.0, Verdict.WARNING),
    ],
)  # fmt: skip
def test_the_ounces_behind_a_share_are_marked_to_the_spot_of_the_close(
    opened: House, close: float, verdict: Verdict
) -> None:
    fund(opened, LAST, {"ounces": 500e6, "shares": 550e6, "nav": 90.0, "close": close})
    quote(opened, datetime.combine(LAST, time(21, 10)), 107.25)
    reading = read(opened, "fund_premium")[SLV]
    assert reading.inputs["behind"] == pytest.approx(97.5)
    assert reading.verdict is verdict
    proves(opened, "fund_premium")


@pytest.mark.parametrize(
    ("day", "hour", "counts"),
    [
        (date(2026, 1, 28), 20, False), (date(2026, 3, 6), 21, True), (date(2026, 3, 9), 20, True),
        (date(2026, 3, 9), 21, False),
    ],
)  # fmt: skip
def test_the_close_is_at_16_00_of_new_york_in_winter_and_summer(
    opened: House, day: date, hour: int, counts: bool
) -> None:
    fund(opened, day, {"ounces": 500e6, "shares": 550e6, "close": 97.5})
    quote(opened, datetime.combine(day, time(hour)), 107.25)
    assert (read(opened, "fund_premium")[("SLV silver", day)].value is not None) == counts


def test_gld_is_read_from_the_quote_and_the_indicative_value_of_one_minute(opened: House) -> None:
    fund(opened, LAST, {"mid": 459.0, "indicative": 450.0, "nav": 441.0}, "GLD")
    reading = read(opened, "fund_premium")[GLD]
    assert reading.verdict is Verdict.WARNING
    assert reading.value == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("price", "verdict"), [(2.7, Verdict.CLEAR), (2.94, Verdict.WARNING), (3.6, Verdict.CRITICAL)]
)  # fmt: skip
def test_the_chinese_fund_has_levels_of_its_own(opened: House, price: float, verdict: Verdict) -> None:
    entered(opened, "lof_161226_price", LAST, price, "cny_per_share")
    entered(opened, "lof_161226_nav", LAST, 2.61, "cny_per_share")
    assert read(opened, "fund_premium")[("161226 silver", LAST)].verdict is verdict
    proves(opened, "fund_premium")


def test_a_fund_nobody_entered_again_is_unknown_and_not_silently_old(opened: House) -> None:
    entered(opened, "lof_161226_price", LAST, 3.6, "cny_per_share")
    entered(opened, "lof_161226_nav", LAST, 2.61, "cny_per_share")
    warrants(opened, {date(2026, 1, 29): 500_000.0})
    reading = read(opened, "fund_premium")[("161226 silver", date(2026, 1, 29))]
    assert (reading.verdict, reading.reason) == (Verdict.NODATA, "no price of this session is held")


@pytest.mark.parametrize(
    ("minutes", "note", "reason"),
    [
        (0, "FUND A", ""), (40, "FUND A", "price and indicative value lie more than 15 minutes apart"),
        (0, "FUND B", "price and indicative value are of different funds"),
    ],
)  # fmt: skip
def test_price_and_indicative_value_of_india_are_of_one_fund_and_one_minute(
    opened: House, minutes: int, note: str, reason: str
) -> None:
    at = datetime.combine(LAST, time(9))
    entered(opened, "india_silver_etf_price", LAST, 112.0, "inr_per_share", published_at=at, note="FUND A")
    later = at.replace(minute=minutes)
    entered(opened, "india_silver_etf_inav", LAST, 100.0, "inr_per_share", published_at=later, note=note)
    assert read(opened, "fund_premium")[("India silver", LAST)].reason == reason
