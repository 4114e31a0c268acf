"""Curves on captured figures: the bulletins of 2026, London in October 2025, gold from 1975 on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor import judge
from monitor.collect import gather
from monitor.house import House
from monitor.judge import Folded
from monitor.model import Reading, Severity, Verdict
from tests import facts
from tests.captures import CAPTURES, needs_captures
from tests.checks.comex import read
from tests.checks.market import curve, spot
from tests.homes import house

pytestmark = [needs_captures, pytest.mark.captures, pytest.mark.slow]
NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
SERIES = ("SOFR", "DGS1MO", "DGS3MO", "DGS6MO")


def table(name: str) -> list[dict[str, str]]:
    with (CAPTURES / "world" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rates(opened: House, start: str, end: str) -> None:
    """FRED's series as captured, each on its own basis."""
    rows = [
        {
            "session": date.fromisoformat(row["date"]), "series": series, "percent": float(row[series]),
            "basis": "ACT/360" if series == "SOFR" else "bond-equivalent", "revision": "",
        }
        for row in table("rates/fred_rates_2018_2026-08.csv")
        for series in SERIES
        if start <= row["date"] <= end and row[series]
    ]  # fmt: skip
    facts.put(opened, "rate_rows", rows)


# --- the bulletins, the payload and the settlement file ----------------------------------------


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("curve"), NOW) as opened:
        folders = ("bulletin62", "settlements_json", "settle_flatfile")
        files = [path for folder in folders for path in sorted((CAPTURES / "comex" / folder).iterdir())]
        list(opened.collector.offer(gather(files, NOW), NOW))
        rates(opened, "2025-12-01", "2026-04-15")
        yield opened


def test_silver_gold_and_copper_pay_full_carry_on_every_captured_session_of_2026(season: House) -> None:
    found = season.store.rows(
        "select product, count(*), min(front_ann_pct), max(front_ann_pct), list(distinct state), sum(inverted_pairs) "
        "from curve_state where session >= '2026-01-01' and product in ('SI', 'GC', 'HG') group by product order by all"
    )
    assert [(row[0], row[1], row[4], row[5]) for row in found] == [
        ("GC", 13, ["contango_full"], 0), ("HG", 13, ["contango_full"], 0), ("SI", 14, ["contango_full"], 0),
    ]  # fmt: skip
    assert [(round(low, 2), round(high, 2)) for _, _, low, high, _, _ in found] == [
        (4.27, 4.63), (5.41, 5.99), (4.19, 4.51),
    ]  # fmt: skip


def test_carry_lies_half_a_point_to_a_point_above_money_and_nothing_fires(season: House) -> None:
    for check in ("carry_gap", "curve_depth", "front_back"):
        found = read(season, check, NOW)
        assert {r.verdict for r in found.values()} == {Verdict.CLEAR}, check
    gaps = [r.value for r in read(season, "carry_gap", NOW).values() if r.value is not None]
    assert 0.5 < min(gaps) < max(gaps) < 1.0


def test_on_25_february_neither_the_dying_month_nor_the_one_before_its_notice_is_on_the_curve(season: House) -> None:
    """February had one day to trade and printed 90.939; March was two sessions from first notice."""
    rows = season.store.rows("select months from curve_state where product = 'SI' and session = '2026-02-25'")
    assert rows == [("SIK26 91.63, SIN26 92.28, SIU26 92.869, SIZ26 93.612",)]


def test_the_settlement_file_of_2015_gives_all_three_curves_and_no_rate(season: House) -> None:
    found = season.store.rows(
        "select product, state, near_contract, far_contract, round(front_ann_pct, 2) from curve_state "
        "where session = '2015-10-29' and product in ('GC', 'HG', 'SI') order by product"
    )
    assert found == [
        ("GC", "contango", "GCZ15", "GCG16", 0.47), ("HG", "contango", "HGZ15", "HGH16", 1.53),
        ("SI", "contango", "SIZ15", "SIH16", 1.22),
    ]  # fmt: skip


def test_a_move_is_read_from_one_report_where_the_session_before_is_not_held(season: House) -> None:
    """The bulletin of 26 March prints what May settled at the day before."""
    reading = read(season, "price_shock", NOW)[("silver", date(2026, 3, 26))]
    assert (reading.verdict, round(float(str(reading.inputs["change_pct"])), 2)) == (Verdict.WARNING, -6.48)
    assert reading.inputs["contract"] == "SIK26"


def test_without_a_spot_quote_what_needs_one_is_unknown_on_every_session(season: House) -> None:
    for check in ("cobasis", "efp_excess", "lease"):
        found = [r for (subject, _), r in read(season, check, NOW).items() if subject == "COMEX silver"]
        assert len(found) == 14
        assert {r.reason for r in found} == {"no timestamped spot quote within 15 minutes of the settlement"}


def test_the_ratio_stood_at_52_on_21_january_and_in_the_sixties_in_spring(season: House) -> None:
    found = {day: r.value for (_, day), r in read(season, "gold_silver_ratio", NOW).items()}
    assert round(found.pop(date(2026, 1, 21)) or 0) == 52
    assert all(value is not None and 62 < value < 67 for value in found.values())


# --- London, October 2025 ----------------------------------------------------------------------

MONTHS = {"2": date(2025, 12, 1), "5": date(2026, 3, 1), "7": date(2026, 5, 1), "9": date(2026, 7, 1)}
"""Column -> month: a column counts months from the current one, as the next test finds."""
SQUEEZED = [date(2025, 10, day) for day in (9, 10, 13, 14, 15, 16, 17, 20, 21, 22)]


def test_a_column_of_the_captured_curve_counts_months_ahead(season: House) -> None:
    """On 21 January 2026 columns 2, 4, 6 and 8 are the bulletin's March, May, July and September, to three digits."""
    (row,) = [row for row in table("curve/yahoo_silver_forward_curve.csv") if row["Date"] == "2026-01-21"]
    settled = season.store.rows(
        "select settle from curve where product = 'SI' and session = '2026-01-21' and is_active and "
        "contract in ('SIH26', 'SIK26', 'SIN26', 'SIU26') order by delivery_month"
    )
    assert [float(row[column]) for column in ("2", "4", "6", "8")] == [float(f"{price:.3g}") for (price,) in settled]


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """October 2025 as a public forward curve has it, to three digits, with SOFR and Treasury yields of the days.

    Spot is the curve's own column of about 17:00 New York and stands here at the hour of the settlement, its two
    sides the same: the true moment of neither leg is on file. Open interest is invented.
    """
    with house(tmp_path_factory.mktemp("london"), datetime(2025, 11, 15, tzinfo=UTC)) as opened:
        rates(opened, "2025-09-20", "2025-10-31")
        for row in table("curve/yahoo_silver_forward_curve.csv"):
            if row["Date"].startswith("2025-10"):
                day = date.fromisoformat(row["Date"])
                curve(opened, "SI", day, {month: float(row[column]) for column, month in MONTHS.items()})
                spot(opened, "silver", f"{day}T17:25:00", float(row["0.0"]))
        yield opened


def silver(london: House, check: str) -> dict[date, Reading]:
    at = datetime(2025, 11, 15, tzinfo=UTC)
    return {day: r for (_, day), r in read(london, check, at).items()}


def folded(london: House, check: str) -> Folded:
    return judge.fold(silver(london, check).values(), london.checks[check].policy)


def test_in_october_2025_lease_and_efp_are_critical_from_the_9th_to_the_22nd(london: House) -> None:
    for check in ("lease", "efp_excess", "cobasis"):
        found = silver(london, check)
        assert {found[day].verdict for day in SQUEEZED} == {Verdict.CRITICAL}, check
        assert found[date(2025, 10, 8)].verdict is not Verdict.CRITICAL
        assert found[date(2025, 10, 28)].verdict is Verdict.CLEAR
    assert {silver(london, "efp_excess")[day].inputs["meaning"] for day in SQUEEZED} == {
        "future below spot and carry: London is short of metal"
    }


@pytest.mark.parametrize(
    ("day", "low", "high", "quoted"),
    [("2025-10-09", 30, 36, "34.9 to 39.2 percent"), ("2025-10-27", 5, 7, "5.6 percent")],
)
def test_the_lease_is_near_what_was_quoted_that_day(
    london: House, day: str, low: float, high: float, quoted: str
) -> None:
    value = silver(london, "lease")[date.fromisoformat(day)].value
    assert value is not None
    assert low < value < high, quoted


def test_every_month_on_the_curve_stood_below_spot_and_the_curve_itself_never_inverted(london: House) -> None:
    depth = silver(london, "curve_depth")
    assert depth[date(2025, 10, 10)].inputs["months_below_spot"] == 4
    assert {r.inputs["backwardated_pairs"] for r in depth.values()} == {0}
    for check in ("front_back", "carry_gap"):
        assert {r.verdict for r in silver(london, check).values()} == {Verdict.CLEAR}


def test_depth_opens_after_three_sessions_and_not_on_the_single_day_of_2_october(london: House) -> None:
    """On the 2nd two months stood below spot, on the 3rd none."""
    assert silver(london, "curve_depth")[date(2025, 10, 2)].verdict is Verdict.CRITICAL
    (episode,) = folded(london, "curve_depth").episodes
    assert episode.opened == date(2025, 10, 13)
    told = [r for r in silver(london, "curve_depth").values() if r.session <= date(2025, 10, 13)]
    at_start = judge.fold(told, london.checks["curve_depth"].policy)
    assert at_start.head is not None
    assert at_start.head.severity is Severity.CRITICAL


# --- gold, 1975 to 2016 ------------------------------------------------------------------------


def gold(season: House, where: str) -> list[tuple[Any, ...]]:
    """By day the carry between the two months a public series names, percent a year, about 30.4 days a month."""
    path = CAPTURES / "world" / "curve" / "pysystemtrade_2016_GOLD_carrydata.csv"
    return season.store.rows(
        "with told as (select DATETIME::date as day, PRICE as near, CARRY as far, "
        "make_date(CARRY_CONTRACT::int // 100, CARRY_CONTRACT::int % 100, 1) "
        "- make_date(PRICE_CONTRACT::int // 100, PRICE_CONTRACT::int % 100, 1) as days "
        f"from read_csv('{path}') where PRICE > 0 and CARRY > 0) "
        f"select day, forward_ann_pct(far, near, days) as pct from told where days > 0 and {where} order by day"
    )


def test_golds_futures_stood_in_contango_all_december_2008_so_that_depth_came_from_spot_alone(season: House) -> None:
    """What was below spot then, February, was not below its own neighbour."""
    month = [pct for _, pct in gold(season, "day between '2008-12-01' and '2008-12-31'")]
    assert len(month) == 22
    assert 0.5 < min(month) < max(month) < 1.5


def test_gold_inverted_on_one_day_in_a_hundred_of_forty_years_and_never_by_more_than_two_percent(season: House) -> None:
    every = gold(season, "true")
    below = [(day, pct) for day, pct in every if pct < 0]
    assert len(every) == 10_386
    assert len(below) == 99
    assert {day.year for day, _ in below} == {1976, 2013, 2014, 2015, 2016}
    assert min(pct for _, pct in below) > -2.0
