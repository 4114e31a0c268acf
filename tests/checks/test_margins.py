"""Margins: what counts as a rise, from which day, and what a margin is of a contract's value."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.house import House
from monitor.model import Reading, Verdict
from tests import facts
from tests.captures import CAPTURES, needs_captures
from tests.checks.comex import days, read
from tests.homes import house

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MAY = date(2026, 5, 1)
USD, PCT = "usd_per_contract", "pct_of_notional"
WINTER: Mapping[str, tuple[float, str]] = {
    "2025-11-03": (20_000, USD), "2025-12-12": (22_000, USD), "2025-12-29": (25_000, USD), "2025-12-31": (32_500, USD),
    "2026-01-13": (9, PCT), "2026-01-28": (11, PCT), "2026-02-02": (15, PCT), "2026-02-06": (18, PCT),
}  # fmt: skip
"""Silver's initial margins as the articles of that winter report them; the first day is invented."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, NOW) as found:
        yield found


def entered(opened: House, steps: Mapping[str, tuple[float, str]], *, page: str = "a", **more: Any) -> None:
    """Margins of silver by the day each applies from, known on the day itself."""
    shared = {
        "series": "margin_comex_si_initial", "tax_basis": "not_taxed", "source_url": f"https://example.org/{page}",
        "note": "", "received_at": facts.LOADED.replace(tzinfo=None),
    }  # fmt: skip
    rows = []
    for day, (value, unit) in steps.items():
        at = datetime.fromisoformat(day)
        rows.append(shared | {"session": at.date(), "value": value, "unit": unit, "published_at": at} | more)
    facts.put(opened, "manual_rows", rows, source="inbox_csv")


def settled(opened: House, start: str, end: str, price: float = 70.0) -> None:
    facts.settle(opened, "SI", {(day, MAY): price for day in days(start, end)})


def silver(opened: House, check: str, now: datetime = NOW) -> dict[date, Reading]:
    return {day: r for (subject, day), r in read(opened, check, now).items() if subject == "COMEX silver"}


def test_22_000_to_32_500_is_47_73_percent(opened: House) -> None:
    settled(opened, "2025-12-12", "2026-01-05")
    entered(opened, {day: WINTER[day] for day in ("2025-12-12", "2025-12-29", "2025-12-31")})
    reading = silver(opened, "margin_hike")[date(2025, 12, 31)]
    assert reading.value == pytest.approx(47.73, abs=0.005)
    assert reading.verdict is Verdict.WARNING
    assert reading.inputs["steps"] == (
        "2025-12-12 -> 22000.0 usd_per_contract; 2025-12-29 22000.0 -> 25000.0 usd_per_contract; "
        "2025-12-31 25000.0 -> 32500.0 usd_per_contract"
    )


def test_december_2025_to_february_2026_fires_twice_by_size_and_by_count(opened: House) -> None:
    settled(opened, "2025-11-03", "2026-02-27")
    entered(opened, WINTER)
    size, count = silver(opened, "margin_hike"), silver(opened, "margin_hike_count")
    assert {day: round(size[day].value or 0, 1) for day in map(date.fromisoformat, WINTER) if day in size} == {
        date(2025, 11, 3): 0.0, date(2025, 12, 12): 10.0, date(2025, 12, 29): 25.0, date(2025, 12, 31): 62.5,
        date(2026, 1, 13): 47.7, date(2026, 1, 28): 58.9, date(2026, 2, 2): 66.7, date(2026, 2, 6): 100.0,
    }  # fmt: skip
    fired = [day for day, r in size.items() if r.verdict is Verdict.WARNING]
    assert (min(fired), max(fired)) == (date(2025, 12, 29), date(2026, 2, 27))
    counted = [day for day, r in count.items() if r.verdict is Verdict.WARNING]
    assert min(counted) == date(2025, 12, 31)
    assert date(2026, 1, 14) not in counted
    assert date(2026, 2, 2) in counted
    assert count[date(2026, 2, 6)].value == 3


def test_dollars_that_follow_the_price_are_no_rise(opened: House) -> None:
    """At nine percent of value the margin of a contract doubles with the price; the rate stands still."""
    first, last = days("2026-01-13", "2026-02-27")[0], days("2026-01-13", "2026-02-27")[-1]
    entered(opened, {"2025-12-01": (9, PCT)})
    settled(opened, "2025-12-01", "2026-02-26", price=60.0)
    settled(opened, "2026-02-27", "2026-02-27", price=120.0)
    found = silver(opened, "margin_hike_count")
    assert found[last].inputs["margin_usd"] == 2 * float(str(found[first].inputs["margin_usd"])) == 54_000
    assert (found[last].value, found[last].inputs["change_20_pct"]) == (0, 0)
    assert silver(opened, "margin_hike")[last].value == 0


@pytest.mark.parametrize(("first", "then"), [((32_500, USD), (20, PCT)), ((9, PCT), (32_500, USD))])
def test_a_change_between_dollars_and_percent_is_no_rise_and_is_said(
    opened: House, first: tuple[float, str], then: tuple[float, str]
) -> None:
    settled(opened, "2025-11-03", "2026-01-20")
    entered(opened, {"2025-11-03": first, "2026-01-13": then})
    reading = silver(opened, "margin_hike")[date(2026, 1, 13)]
    assert (reading.value, reading.inputs["rises_15"], reading.inputs["method_changed"]) == (0, 0, True)


def test_a_rise_counts_from_the_day_it_applies_and_not_from_its_announcement(opened: House) -> None:
    settled(opened, "2025-11-03", "2026-01-09")
    entered(opened, {"2025-11-03": (20_000, USD)})
    entered(opened, {"2026-01-08": (30_000, USD)}, published_at=datetime(2026, 1, 5))  # noqa: DTZ001 - storage form
    found = silver(opened, "margin_hike")
    assert found[date(2026, 1, 7)].verdict is Verdict.CLEAR
    assert found[date(2026, 1, 8)].verdict is Verdict.WARNING


def test_two_rises_within_ten_sessions_warn_and_two_within_fifteen_do_not(opened: House) -> None:
    span = days("2025-11-03", "2026-01-30")
    settled(opened, "2025-11-03", "2026-01-30")
    one, near, far = span[30], span[39], span[53]
    steps = {"2025-11-03": 10_000.0, one.isoformat(): 10_100.0, near.isoformat(): 10_200.0, far.isoformat(): 10_300.0}
    entered(opened, {day: (value, USD) for day, value in steps.items()})
    found = silver(opened, "margin_hike_count")
    assert found[near].verdict is Verdict.WARNING
    assert (found[far].value, found[far].inputs["rises_10"]) == (2, 1)
    assert not found[far].verdict.breach


def test_a_margin_in_dollars_is_9_3_percent_of_a_contract_at_70(opened: House) -> None:
    settled(opened, "2025-12-31", "2025-12-31", price=70.13)
    entered(opened, {"2025-12-31": (32_500, USD)})
    ((share, notional),) = opened.store.rows("select margin_pct_of_notional, notional_usd from margin_levels")
    assert (round(share, 1), notional) == (9.3, 350_650)


def test_two_pages_that_disagree_make_it_unknown(opened: House) -> None:
    settled(opened, "2025-11-03", "2026-01-09")
    entered(opened, {"2025-11-03": (20_000, USD), "2026-01-08": (30_000, USD)})
    entered(opened, {"2026-01-08": (40_000, USD)}, page="b")
    reading = silver(opened, "margin_hike")[date(2026, 1, 8)]
    assert reading.verdict is Verdict.NODATA
    assert reading.reason.startswith("two pages entered disagree")


def test_a_short_file_of_margins_is_unknown_and_so_is_one_nobody_keeps_up(opened: House) -> None:
    settled(opened, "2025-11-03", "2026-02-27")
    entered(opened, {"2025-11-03": (20_000, USD)})
    for check in ("margin_hike", "margin_hike_count"):
        found = silver(opened, check)
        span = list(found)
        assert found[span[0]].verdict is Verdict.NODATA
        assert found[span[20]].verdict is Verdict.CLEAR
        assert found[span[60]].reason == "no margin was entered for 60 sessions: enter again what applies"


@needs_captures
@pytest.mark.captures
def test_silver_of_2020_fires_in_march_and_from_july_on(tmp_path: Path) -> None:
    """The history of CME's silver margins, Lean's file: 6,600 to 9,900 in March, 8,800 to 14,575 by 12 August, and
    18,700 by 16 October; each stands in the window for 20 sessions."""
    with (CAPTURES / "world" / "margins" / "lean_SI.csv").open(encoding="utf-8") as file:
        steps = {
            datetime.strptime(row["date"], "%Y%m%d").replace(tzinfo=UTC).date().isoformat(): (
                float(row["initial"]),
                USD,
            )
            for row in csv.DictReader(file)
        }
    now = datetime(2021, 1, 10, tzinfo=UTC)
    with house(tmp_path, now) as opened:
        settled(opened, "2019-12-31", "2020-12-31")
        entered(opened, {day: step for day, step in steps.items() if day > "2015"})
        size, count = silver(opened, "margin_hike", now), silver(opened, "margin_hike_count", now)
    spells = {day.strftime("%Y-%m") for day, r in size.items() if r.verdict.breach}
    assert spells == {"2020-03", "2020-04", "2020-07", "2020-08", "2020-09", "2020-10"}
    assert round(size[date(2020, 8, 12)].value or 0, 1) == 65.6
    assert round(size[date(2020, 3, 26)].value or 0, 1) == 63.6
    assert {day.strftime("%Y-%m") for day, r in count.items() if r.verdict.breach} >= {"2020-03", "2020-08"}
