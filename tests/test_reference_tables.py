"""The program's own tables: what they hold is dated and sourced, and the views over them never look ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.house import House
from monitor.sources import inbox_csv
from tests import facts
from tests.homes import house

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
TENTH = date(2026, 2, 10)
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, NOW) as found:
        yield found


def known(opened: House, moment: str, sql: str) -> list[tuple[Any, ...]]:
    with opened.store.cursor() as cur:
        cur.execute("set variable known_at = ?::timestamp", [moment])
        return cur.execute(sql).fetchall()


def entered(series: str, day: date, value: float, unit: str, note: str = "") -> dict[str, Any]:
    return {
        "series": series, "session": day, "value": value, "unit": unit, "tax_basis": "not_taxed", "note": note,
        "source_url": "https://example.org/made-up", "received_at": NOW.replace(tzinfo=None),
    }  # fmt: skip


@pytest.mark.parametrize(
    "table",
    ["silver_balance_rows", "miner_cost_rows", "target_rows", "event_rows", "published_stock_rows", "taxes"],
)
def test_every_row_says_where_it_was_read(opened: House, table: str) -> None:
    ((rows, silent),) = opened.store.rows(f"select count(*), count(*) filter (origin = '') from {table}")
    assert (rows > 0, silent) == (True, 0)


def test_the_deficit_of_a_year_is_its_own_figure_and_a_forecast_only_until_that_is_in_print(opened: House) -> None:
    """184.3 is 2023's; 2024 was forecast at 215.3 and became 148.9."""
    asked = "select year, value, status from silver_balance where measure = 'deficit' and year >= 2023 order by year"
    assert known(opened, "2024-12-01", asked) == [(2023, 184.3, "actual"), (2024, 215.3, "forecast")]
    assert known(opened, "2026-01-14", asked) == [(2023, 184.3, "actual"), (2024, 148.9, "actual")]


def test_mine_output_of_2024_is_819_7_million_ounces_and_72_percent_of_it_a_by_product(opened: House) -> None:
    found = opened.store.rows("select measure, value from silver_balance where year = 2024")
    assert dict(found)["mine_supply"] == 819.7
    assert dict(found)["by_product_share"] == 72


def test_costs_nobody_checked_say_so_and_entered_quarters_stand_beside_them(opened: House) -> None:
    facts.put(opened, "manual_rows", [entered("aisc_hl", date(2025, 12, 31), 11.5, "usd_per_troy_oz")])
    found = opened.store.rows(
        "select company, period_end, value_usd_oz, is_checked from miner_costs where measure = 'aisc'"
    )
    assert ("HL", date(2025, 12, 31), 11.5, True) in found
    assert ("Silvercorp", None, 12.0, False) in found


def test_a_target_implies_its_distance_from_the_newest_settlement(opened: House) -> None:
    facts.settle(opened, "SI", {(date(2026, 2, 9), MAY): 70.0, (TENTH, MAY): 80.0})
    found = opened.store.rows(
        "select value_usd_oz, settle_session, round(target_over_settle_pct, 1), is_over from target_implied order by 1"
    )
    assert found == [
        (56.0, TENTH, -30.0, False), (58.0, TENTH, -27.5, False), (58.0, TENTH, -27.5, False),
        (88.0, TENTH, 10.0, False), (100.0, TENTH, 25.0, False),
    ]  # fmt: skip


def test_a_target_whose_time_is_over_implies_nothing(opened: House) -> None:
    """The one for three months from January ends on 14 April."""
    facts.settle(opened, "SI", {(date(2026, 4, 15), MAY): 80.0})
    assert opened.store.rows("select is_over, target_over_settle_pct from target_implied where value_usd_oz = 100") == [
        (True, None)
    ]


def test_without_a_settlement_a_target_implies_nothing(opened: House) -> None:
    assert opened.store.rows("select distinct target_over_settle_pct, is_over from target_implied") == [(None, None)]


def test_no_publisher_of_a_target_is_named_outside_its_table(opened: House) -> None:
    publishers = [name for (name,) in opened.store.rows("select distinct publisher from target_rows")]
    for view in ("targets", "target_implied"):
        said = str(opened.store.rows(f"from {view}"))
        assert not [name for name in publishers if name in said]


def test_events_of_our_table_of_a_person_of_contracts_and_of_calendars_stand_in_one_view(opened: House) -> None:
    facts.put(
        opened,
        "manual_rows",
        [entered("event_company", date(2026, 2, 12), 1, "event", "A miner reports its fourth quarter")],
    )
    found = opened.store.rows(
        "select session, venue, metal, kind, text from market_events "
        "where session between '2026-02-09' and '2026-02-28' and metal in ('silver', '') "
        "and venue in ('COMEX', 'SHFE', '') order by session, kind, venue"
    )
    assert found == [
        (date(2026, 2, 9), "COMEX", "silver", "contract", "Silver futures of 100 ounces (SIC) are listed"),
        (date(2026, 2, 12), "", "", "company", "A miner reports its fourth quarter"),
        (date(2026, 2, 16), "COMEX", "", "closure", "COMEX holds no session"),
        (date(2026, 2, 16), "SHFE", "", "closure", "SHFE holds no session from 2026-02-16 to 2026-02-23"),
        (date(2026, 2, 24), "SHFE", "silver", "last_trade", "Last trade day of ag2602"),
        (date(2026, 2, 27), "COMEX", "silver", "first_notice", "First notice day of SIH26"),
    ]


def test_a_margin_is_an_event_from_its_announcement_on_and_not_before(opened: House) -> None:
    """15 percent was announced on 30 January, to apply from 2 February."""
    asked = (
        "select max(value) from market_events where kind = 'margin' and metal = 'silver' and unit = 'pct_of_notional'"
    )
    assert known(opened, "2026-01-29 12:00", asked) == [(11.0,)]
    assert known(opened, "2026-01-30 12:00", asked) == [(15.0,)]


def test_every_kind_a_person_may_enter_is_an_event_of_the_view(opened: House) -> None:
    kinds = [name for name in inbox_csv.known_series() if name.startswith("event_")]
    rows = [entered(name, date(2026, 2, 12), 1, "event", name) for name in kinds]
    facts.put(opened, "manual_rows", rows)
    found = {text for (text,) in opened.store.rows("select text from market_events")}
    assert kinds
    assert set(kinds) <= found


def test_copper_iron_ore_and_lithium_stand_side_by_side_each_in_its_own_unit(opened: House) -> None:
    facts.settle(opened, "HG", {(TENTH, MAY): 5.9, (TENTH, MARCH): 5.8}, unit="pound")
    facts.interest(opened, "HG", MAY, {TENTH: 90_000})
    facts.interest(opened, "HG", MARCH, {TENTH: 60_000})
    facts.settle(opened, "cu", {(TENTH, MAY): 101_000.0}, venue="SHFE", currency="CNY", unit="tonne")
    ore = entered("iron_ore_dce", TENTH, 780, "cny_per_tonne")
    lithium = entered("lithium_carbonate", TENTH, 20_000, "usd_per_tonne")
    facts.put(opened, "manual_rows", [ore, lithium])
    found = opened.store.rows(
        "select material, venue, series, value, currency, unit from other_metals order by material, venue"
    )
    assert found == [
        ("copper", "COMEX", "HGK26", 5.9, "USD", "pound"), ("copper", "SHFE", "cu2605", 101_000.0, "CNY", "tonne"),
        ("iron ore", "DCE", "iron_ore_dce", 780.0, "CNY", "tonne"),
        ("lithium carbonate", "", "lithium_carbonate", 20_000.0, "USD", "tonne"),
    ]  # fmt: skip
