"""Miners beside their metal: a slope of the past, a residual after it, and what is no miner."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor import sessions
from monitor.house import House
from monitor.model import Reading, Verdict
from tests import facts
from tests.captures import CAPTURES, needs_captures
from tests.checks.comex import LATER, read
from tests.checks.market import holds
from tests.homes import house

SPAN = sessions.sessions("NYSE", date(2025, 11, 3), date(2026, 3, 25))
METAL = 0.02
"""Daily move of the made-up metal, up and down by turns."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def bars(opened: House, symbol: str, closes: Mapping[date, float], adjusted: str = "2026-04-01") -> None:
    shared = {"symbol": symbol, "currency": "USD", "adjusted_as_of": datetime.fromisoformat(adjusted)}
    facts.put(opened, "bar_rows", [shared | {"session": day, "close": price} for day, price in closes.items()])


def walk(returns: Mapping[date, float], start: float = 20.0) -> dict[date, float]:
    found, price = {}, start
    for day, step in returns.items():
        price *= math.exp(step)
        found[day] = price
    return found


def metal_returns() -> dict[date, float]:
    """A made-up series, the same at every run."""
    chance = random.Random(7)
    return {day: chance.gauss(0, METAL) for day in SPAN}


def share_returns(metal: Mapping[date, float], beta: float = 0.8, noise: float = 0.01) -> dict[date, float]:
    chance = random.Random(8)
    return {day: beta * step + chance.gauss(0, noise) for day, step in metal.items()}


def found(opened: House, symbol: str = "HL") -> dict[date, Reading]:
    return {day: r for (subject, day), r in read(opened, "miner_residual").items() if subject == symbol}


def test_a_share_that_goes_with_its_metal_is_clear_and_its_slope_comes_out(opened: House) -> None:
    metal = metal_returns()
    bars(opened, "SLV", walk(metal))
    bars(opened, "HL", walk(share_returns(metal, noise=0.0005)))
    reading = found(opened)[SPAN[-1]]
    assert reading.inputs["beta"] == pytest.approx(0.8, abs=0.02)
    assert not reading.verdict.breach
    assert holds(opened, reading)


@pytest.mark.parametrize("drift", [0.012, -0.012])
def test_a_share_that_leaves_its_metal_either_way_is_a_warning(opened: House, drift: float) -> None:
    metal = metal_returns()
    share = share_returns(metal)
    bars(opened, "SLV", walk(metal))
    bars(opened, "HL", walk({day: step + (drift if day in SPAN[-20:] else 0) for day, step in share.items()}))
    reading = found(opened)[SPAN[-1]]
    assert reading.verdict is Verdict.WARNING
    assert (float(str(reading.inputs["residual_20_pct"])) > 0) is (drift > 0)


def test_the_slope_looks_at_nothing_of_the_20_sessions_it_judges(opened: House) -> None:
    metal = metal_returns()
    share = share_returns(metal)
    bars(opened, "SLV", walk(metal))
    bars(opened, "HL", walk(share))
    bars(opened, "PAAS", walk({day: step * (9 if day in SPAN[-20:] else 1) for day, step in share.items()}))
    last = SPAN[-1]
    assert found(opened, "PAAS")[last].inputs["beta"] == pytest.approx(found(opened)[last].inputs["beta"])


def test_the_slope_is_that_of_least_squares(opened: House) -> None:
    metal = metal_returns()
    share = share_returns(metal)
    bars(opened, "SLV", walk(metal))
    bars(opened, "HL", walk(share))
    used = SPAN[-80:-20]
    x, y = [metal[day] for day in used], [share[day] for day in used]
    mx, my = sum(x) / 60, sum(y) / 60
    sxx = sum((a - mx) ** 2 for a in x)
    beta = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sxx
    error = math.sqrt(sum((b - my - beta * (a - mx)) ** 2 for a, b in zip(x, y, strict=True)) / 58)
    inputs = found(opened)[SPAN[-1]].inputs
    assert inputs["beta"] == pytest.approx(beta)
    assert inputs["daily_residual_pct"] == pytest.approx(100 * error)


def test_a_hole_of_a_session_makes_it_unknown(opened: House) -> None:
    metal = metal_returns()
    bars(opened, "SLV", walk(metal))
    bars(opened, "HL", {day: close for day, close in walk(share_returns(metal)).items() if day != SPAN[-10]})
    reading = found(opened)[SPAN[-1]]
    assert reading.verdict is Verdict.NODATA
    assert reading.reason == "fewer than 80 returns of share and metal are held in a row: 8"


def test_without_the_fund_that_stands_for_the_metal_it_is_unknown(opened: House) -> None:
    bars(opened, "HL", walk(share_returns(metal_returns())))
    assert found(opened)[SPAN[-1]].reason == "the close of SLV, which stands for the metal, is not held"


def test_a_leveraged_fund_is_no_miner(opened: House) -> None:
    metal = metal_returns()
    bars(opened, "SLV", walk(metal))
    bars(opened, "AGQ", walk({day: 2 * step for day, step in metal.items()}))
    assert read(opened, "miner_residual") == {}


def test_a_split_between_two_files_is_no_move_of_the_share(opened: House) -> None:
    metal = metal_returns()
    closes = walk(share_returns(metal))
    bars(opened, "SLV", walk(metal))
    bars(opened, "HL", {day: closes[day] for day in SPAN[:-5]}, adjusted="2026-03-18")
    bars(opened, "HL", {day: closes[day] / 2 for day in SPAN[-5:]}, adjusted="2026-03-25")
    reading = found(opened)[SPAN[-1]]
    assert reading.verdict is Verdict.NODATA
    assert reading.reason.startswith("a split may lie between two files")


@needs_captures
@pytest.mark.captures
def test_silver_miners_moved_with_their_metal_by_more_than_its_own_size_in_2023(tmp_path: Path) -> None:
    """Yahoo's closes of three miners to March 2024; Stooq's spot silver of the same days stands in for the fund."""
    now = datetime(2024, 3, 8, 23, tzinfo=UTC)
    with house(tmp_path, now) as opened:
        silver = closes("spot/silver_spot_stooq.csv", "Close")
        bars(opened, "SLV", silver, adjusted="2024-03-08")
        for symbol in ("AG", "HL", "PAAS"):
            bars(opened, symbol, closes(f"equities/yahoo_{symbol}_2024-03.csv", "Adj Close"), adjusted="2024-03-08")
        rows = opened.store.rows(
            "select symbol, count(beta), min(beta), max(beta), quantile_cont(abs(residual_z), 0.95) from miner_betas "
            "where session between '2023-06-01' and '2024-03-01' group by symbol order by symbol"
        )
    assert [row[0] for row in rows] == ["AG", "HL", "PAAS"]
    for _, known, low, high, tail in rows:
        assert known > 150
        assert 0.3 < low < high < 2.5
        assert tail < 3


def closes(name: str, column: str) -> dict[date, float]:
    with (CAPTURES / "world" / name).open(encoding="utf-8") as file:
        told = {date.fromisoformat(row["Date"]): float(row[column]) for row in csv.DictReader(file) if row[column]}
    nyse = set(sessions.sessions("NYSE", date(2022, 12, 1), date(2024, 3, 8)))
    return {day: price for day, price in told.items() if day in nyse}
