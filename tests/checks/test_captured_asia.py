"""Shanghai, London, positions and a gold fund on captured files: their own figures come back."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor import checks, judge, sessions
from monitor.checks import Moment
from monitor.house import House
from monitor.model import Reading, Severity
from tests import facts
from tests.captures import CAPTURES, needs_captures
from tests.homes import house, offer

pytestmark = [needs_captures, pytest.mark.captures]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILES = ("china/shfe/*stock_*.html", "world/cot/raw_disagg_*", "world/etf/GLD_US_archive_*.csv")


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("asia"), NOW) as opened:
        paths = [path for pattern in FILES for path in sorted(CAPTURES.glob(pattern))]
        outcomes = offer(opened, [(path.name, path.read_bytes()) for path in paths], NOW)
        assert {outcome.status for outcome in outcomes} == {"loaded"}
        with (CAPTURES / "world/vault/lbma_vault_monthly_2016-07_2025-11.csv").open(encoding="utf-8") as file:
            rows = [
                {
                    "session": _month_end(date.fromisoformat(line["date"])), "venue": "LBMA", "metal": "silver",
                    "quantity": int(line["silver_oz"]) / 1000, "unit": "koz",
                }
                for line in csv.DictReader(file)
            ]  # fmt: skip
        facts.put(opened, "vault_holding_rows", rows, source="lbma_vault")
        yield opened


def _month_end(day: date) -> date:
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return sessions.previous("LBMA", first)


def test_18_september_2026_stands_in_shanghai_as_printed(captured: House) -> None:
    """Silver 1,407,381 kg, gold 114,831 kg; copper 26,655 t of warrants inside 56,073 t of stock."""
    rows = captured.store.rows(
        "select metal, shfe_warrants_t, shfe_warrants_lots, shfe_weekly_stock_t, shfe_weekly_warrants_t "
        "from shanghai_stocks where session = date '2026-09-18' order by metal"
    )
    assert rows == [
        ("copper", 26_655.0, 5_331.0, 56_073.0, 26_655.0),
        ("gold", 114.831, pytest.approx(114_831.0), 114.831, 114.831),
        ("silver", 1_407.381, pytest.approx(93_825.4), None, 1_407.381),
    ]


def test_london_took_in_53_796_koz_in_october_2025(captured: House) -> None:
    rows = captured.store.rows(
        "select vault_oz / 1000, change_1_month_oz / 1000 from london_vaults "
        "where metal = 'silver' and session between '2025-10-01' and '2025-10-31'"
    )
    assert rows == [(pytest.approx(844_105, abs=1), pytest.approx(53_796, abs=1))]


def test_the_four_largest_in_gold_are_short_12_7_moz_and_a_year_and_a_half_is_no_percentile(captured: House) -> None:
    """2 June 2026: open interest 326,052 lots of futures alone."""
    rows = captured.store.rows(
        "select open_interest_lots, round(net4_short_oz / 1e6, 1), net4_short_percentile, weeks_before "
        "from positioning where metal = 'gold' and session = date '2026-06-02'"
    )
    assert rows == [(326_052, 12.7, None, 80)]


def test_half_a_year_of_a_gold_fund_opens_nothing_but_one_inflow_for_the_memo(captured: House) -> None:
    """GLD from December 2024 to May 2025, gold rising by a quarter: never a fifth of a percent from its value."""
    found = checks.evaluate(
        captured.store,
        [captured.checks[name] for name in ("fund_premium", "fund_flow", "fund_inflow")],
        Moment(NOW, as_of=date(2025, 6, 1)),
    )
    assert found.broken == {}
    breaches = [(r.check, r.session) for r in found.readings if r.verdict.breach]
    values = [r.value for r in found.readings if r.check == "fund_premium" and r.value is not None]
    assert [name for name, _ in breaches] == ["fund_inflow"]
    assert len(values) > 100
    assert max(values) < 0.2


def snapshot(source: str) -> dict[date, float]:
    """Ounces of SLV by New York evening, as a public program stored them from January to February 2026."""
    path = CAPTURES / "world/etf/slv_dashboard_market_data_2026-01-16_02-14.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as con:
        rows = con.execute("select timestamp, raw_data from records where source = ? order by timestamp", [source])
        found = {}
        for at, raw in rows:
            ounces = json.loads(raw or "{}").get("holdings_oz")
            if ounces:
                found[(datetime.fromisoformat(at) - timedelta(hours=12)).date()] = float(ounces)
    return found


def held(opened: House, levels: Mapping[date, float]) -> tuple[Reading, ...]:
    rows = [
        {"session": day, "fund": "SLV", "measure": "ounces", "value": ounces, "unit": "troy_oz", "as_of": day}
        for day, ounces in levels.items()
        if day in sessions.sessions("NYSE", date(2026, 1, 1), date(2026, 2, 28))
    ]
    facts.put(opened, "fund_rows", rows, source="slv_trust")
    return checks.evaluate(opened.store, [opened.checks["fund_flow"]], Moment(NOW, as_of=date(2026, 2, 14))).readings


def test_slv_warns_from_29_january_2026_and_is_clear_again_in_february(tmp_path: Path) -> None:
    """519.75 to 499.09 Moz are 4.0 percent from the 21st on; over five sessions 3.6 on the 28th and the 29th."""
    with house(tmp_path, NOW) as opened:
        readings = held(opened, snapshot("SLV_HOLDINGS"))
        folded = judge.fold(readings, opened.checks["fund_flow"].policy)
    lowest = min(r.value for r in readings if r.value is not None)
    assert lowest == pytest.approx(-3.61, abs=0.01)
    assert [(e.opened, e.peak, e.closed) for e in folded.episodes] == [
        (date(2026, 1, 29), Severity.WARNING, date(2026, 2, 4))
    ]


def test_another_number_that_the_program_once_kept_as_ounces_is_unknown_while_it_is_in_reach(tmp_path: Path) -> None:
    """On 16 January it stored 30,730,498 ounces between 522.2 and 516.4 million."""
    levels = snapshot("SLV_HOLDINGS") | {date(2026, 1, 15): 522_199_537.8, date(2026, 1, 16): 30_730_498.0}
    with house(tmp_path, NOW) as opened:
        readings = held(opened, levels)
    unknown = {r.session for r in readings if "may not be ounces" in r.reason}
    assert unknown == set(sessions.sessions("NYSE", date(2026, 1, 23), date(2026, 1, 27)))
    assert min(r.value or 0 for r in readings if r.session not in unknown) > -4
