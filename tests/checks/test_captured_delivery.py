"""COMEX stocks, the roll and the delivery month of March 2026 on the captured files: the measured figures come out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor import checks
from monitor.checks import Moment
from monitor.house import House
from monitor.model import Reading, Verdict
from tests.captures import needs_captures
from tests.test_captured_comex import NOW, season  # noqa: F401 - the home is built once there

pytestmark = [needs_captures, pytest.mark.captures, pytest.mark.slow]

SILVER = {
    "2026-01-05": (127.2, 449.2), "2026-01-13": (122.7, 434.4), "2026-01-30": (104.0, 405.7),
    "2026-02-06": (102.3, 390.5), "2026-02-11": (93.0, 379.2), "2026-02-20": (88.2, 364.0),
    "2026-02-26": (88.4, 360.3), "2026-03-04": (81.2, 351.3), "2026-03-20": (79.2, 332.1),
}  # fmt: skip
"""Registered and total by activity date, million ounces."""

ROLL = {
    14: 0.659, 13: 0.634, 11: 0.567, 8: 0.494, 6: 0.415, 5: 0.381, 4: 0.322, 3: 0.190, 2: 0.091, 1: 0.054, 0: 0.014,
}  # fmt: skip
"""Share of the March contract's peak by sessions to first notice."""

PRECIOUS = ("silver", "gold", "platinum", "palladium")
TWENTY_THIRD = date(2026, 3, 23)


@pytest.fixture(scope="module")
def readings(season: House) -> dict[tuple[str, str, date], Reading]:  # noqa: F811 - the fixture
    """Every reading after the last captured file."""
    found = checks.evaluate(season.store, season.checks.values(), Moment(NOW))
    assert found.broken == {}
    return {(r.check, r.subject, r.session): r for r in found.readings}


def rows(home: House, sql: str) -> list[tuple[Any, ...]]:
    return home.store.rows(sql)


def test_registered_and_total_silver_by_date_are_the_published_ones(season: House) -> None:  # noqa: F811
    found = {
        str(day): (registered, total)
        for day, registered, total in rows(
            season,
            "select session, round(registered_oz / 1e6, 1), round(total_oz / 1e6, 1) from comex_flows "
            "where metal = 'silver'",
        )
    }
    assert {day: found[day] for day in SILVER} == SILVER


def test_nothing_is_withdrawn_from_registered_and_52_7_million_ounces_are_reclassified(season: House) -> None:  # noqa: F811
    found = dict(rows(season, "select metal, sum(registered_withdrawn_oz) from comex_flows group by metal"))
    assert {metal: found[metal] for metal in PRECIOUS} == dict.fromkeys(PRECIOUS, 0.0)
    assert found["copper"] > 0
    ((moved, outflow, sessions),) = rows(
        season,
        "select sum(registered_to_eligible_oz) / 1e6, avg(outflow_oz) / 1e6, count(*) from comex_flows "
        "where metal = 'silver'",
    )
    assert (round(moved, 1), sessions) == (52.7, 53)
    assert outflow == pytest.approx(2.2, abs=0.06)


def test_silver_claims_per_registered_ounce_on_20_february_are_seven_and_a_half(season: House) -> None:  # noqa: F811
    ((claims,),) = rows(
        season,
        "select claims_per_registered_oz from coverage_family where contract = 'SIH26' and session = '2026-02-20'",
    )
    assert claims == pytest.approx(7.5, abs=0.05)


def test_the_share_of_the_peak_of_march_is_the_published_curve(season: House) -> None:  # noqa: F811
    found = dict(rows(season, "select sessions_to_fnd, round(peak_share, 3) from roll_curve where contract = 'SIH26'"))
    assert {t: found[t] for t in ROLL} == ROLL
    assert rows(season, "select distinct peak_open_interest from roll_curve where contract = 'SIH26'") == [(115_432,)]


def test_the_march_curve_serves_from_27_february_on_and_not_before(
    readings: dict[tuple[str, str, date], Reading],
) -> None:
    march = [r for (check, subject, _), r in readings.items() if (check, subject) == ("roll_gap", "SIH26")]
    assert {r.reason for r in march if int(str(r.inputs["sessions_to_fnd"])) >= 3} == {
        "no earlier month on file at this distance"
    }
    may = readings[("roll_gap", "SIK26", date(2026, 4, 10))]
    assert may.inputs["typical"] == "SIH26 0.659"
    assert may.verdict is Verdict.CLEAR


def test_month_to_date_on_23_march_is_8_834_lots_and_2_783_came_new(season: House) -> None:  # noqa: F811
    (row,) = rows(
        season,
        "select delivered_lots, delivered_before_lots, open_interest, first_position_open_interest, net_new_lots, "
        "round(net_new_pct), round(first_day_share_pct), round(delivered_lots * lot_oz / 1e6, 2) "
        "from delivery_month where contract = 'SIH26' and session = '2026-03-23'",
    )
    assert row == (8_834, 8_713, 293, 6_223, 2_783, 45.0, 51.0, 44.17)


def test_fresh_demand_for_march_is_told_from_the_first_days_of_march(
    readings: dict[tuple[str, str, date], Reading],
) -> None:
    found = {
        day: r for (check, subject, day), r in readings.items() if (check, subject) == ("delivery_net_new", "SIH26")
    }
    assert min(day for day, r in found.items() if r.verdict is Verdict.WARNING) == date(2026, 3, 3)
    assert found[date(2026, 3, 5)].verdict is Verdict.WARNING
    assert found[TWENTY_THIRD].inputs["net_new_lots"] == 2_783


def test_standing_cover_is_2_84_on_the_eve_and_falls_as_new_demand_comes(
    readings: dict[tuple[str, str, date], Reading],
) -> None:
    eve = readings[("standing_cover", "SIH26", date(2026, 2, 26))]
    assert eve.value == pytest.approx(2.842, abs=0.0005)
    last = readings[("standing_cover", "SIH26", date(2026, 3, 20))]
    assert last.value == pytest.approx(79.1995e6 / ((8_681 + 123) * 5_000), abs=0.001)
    assert not any(
        r.verdict is Verdict.CRITICAL for (check, subject, _), r in readings.items() if check == "standing_cover"
    )


def test_delivery_remaining_fires_on_no_session_of_the_season(readings: dict[tuple[str, str, date], Reading]) -> None:
    found = [r for (check, _, _), r in readings.items() if check == "delivery_remaining"]
    assert not any(r.verdict.breach for r in found)
    march = [r.value for r in found if r.subject == "SIH26" and r.value is not None]
    assert (len(march), round(min(march), 1)) == (16, 9.5)


def test_the_correction_of_6_january_is_a_notice_about_the_data_and_no_alarm_of_scarcity(
    readings: dict[tuple[str, str, date], Reading],
) -> None:
    notices = [day for (check, subject, day), r in readings.items()
               if (check, subject) == ("stock_identity", "COMEX silver") and r.verdict.breach]  # fmt: skip
    assert notices == [date(2026, 1, 6)]
    others = [r for (_, subject, day), r in readings.items() if (subject, day) == ("COMEX silver", notices[0])]
    assert {r.check for r in others if r.verdict.breach} == {"stock_identity"}


def test_runway_warns_on_no_session_though_it_reads_58_on_17_february(
    readings: dict[tuple[str, str, date], Reading],
) -> None:
    found = {day: r for (check, subject, day), r in readings.items() if (check, subject) == ("runway", "COMEX silver")}
    assert not any(r.verdict.breach for r in found.values())
    reading = found[date(2026, 2, 17)]
    assert reading.value is not None
    assert round(reading.value) == 58
    assert round(float(str(reading.inputs["runway_at_5_sessions_rate"]))) == 35


def test_vault_outflow_reaches_critical_in_silver_and_its_worst_is_13_5_percent(
    readings: dict[tuple[str, str, date], Reading],
) -> None:
    found = [r for (check, subject, _), r in readings.items() if (check, subject) == ("vault_outflow", "COMEX silver")]
    assert min(r.value for r in found if r.value is not None) == pytest.approx(-13.5, abs=0.05)
    assert {r.verdict for r in found} == {Verdict.WARNING, Verdict.CRITICAL}


def test_before_the_article_nothing_of_delivery_stands_open(season: House) -> None:  # noqa: F811
    at = datetime(2026, 2, 10, 12, tzinfo=UTC)
    found = checks.evaluate(season.store, season.checks.values(), Moment(at)).readings
    about_march = [r for r in found if r.subject == "SIH26"]
    assert about_march
    assert not any(r.verdict.breach for r in about_march)
