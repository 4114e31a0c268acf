"""How often the price measures stand beyond warn on calm days: 2014 to 2024 of captured daily closes.

The closes are Yahoo's continuous series, which enter no view: they serve here for nothing but how often a price moves
so. What stands there on more than three days in a hundred is told in the memo alone, and its header says how often.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from monitor import checks
from monitor.checkfile import Check
from monitor.house import House
from tests.captures import CAPTURES, needs_captures
from tests.checks.comex import LATER
from tests.homes import house

pytestmark = [needs_captures, pytest.mark.captures]
CALM = ("2014-01-01", "2024-12-31")
KNOWN, _ = checks.discover({})
Prices = dict[str, float]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("rates"), LATER) as found:
        yield found


def closes(symbol: str) -> Prices:
    path = Path(CAPTURES) / "world" / "spot" / f"yahoo_{symbol}_F_ohlcv_2000_2026-06.csv"
    with path.open(encoding="utf-8") as file:
        return {row["Date"]: float(row["Close"]) for row in csv.DictReader(file)}


def measured(opened: House, check: str, prices: Prices) -> list[float]:
    """The measure on every calm day, by the checks' own formulas where they are macros."""
    days = list(prices)
    series = list(prices.values())
    ends = [n for n, day in enumerate(days) if CALM[0] <= day <= CALM[1] and n > 260]
    if check == "price_shock":
        return [100 * abs(series[n] / series[n - 1] - 1) for n in ends]
    if check == "high_52w":
        return [100 * (series[n] / max(series[n - 251 : n + 1]) - 1) for n in ends]
    if check == "realised_volatility":
        returns = [math.log(b / a) for a, b in pairwise(series)]
        return column(opened, "volatility_pct", [returns[n - 20 : n] for n in ends])
    changes = [b - a for a, b in pairwise(series)]
    return column(opened, "rsi_of", [changes[n - 250 : n] for n in ends], ", 14")


def column(opened: House, macro: str, lists: list[list[float]], more: str = "") -> list[float]:
    found = opened.store.rows(f"select {macro}(l{more}) from (select unnest(?::double[][]) as l)", [lists])
    return [value for (value,) in found]


def ratios(check: str) -> list[float]:
    gold, silver = closes("GC"), closes("SI")
    held = {day: gold[day] / silver[day] for day in gold if day in silver}
    days = list(held)
    ends = [n for n, day in enumerate(days) if CALM[0] <= day <= CALM[1] and n > 20]
    if check == "gold_silver_ratio_speed":
        return [100 * abs(held[days[n]] / held[days[n - 20]] - 1) for n in ends]
    return [held[days[n]] for n in ends]


def share(check: Check, values: list[float]) -> float:
    """Percent of days at or beyond warn."""
    warn = check.thresholds[0].warn
    beyond = [value >= warn if check.above_is_bad else value <= warn for value in values]
    return 100 * sum(beyond) / len(beyond)


@pytest.mark.parametrize("name", ["price_shock", "realised_volatility", "rsi", "high_52w"])
def test_a_measure_of_silver_beyond_warn_on_more_than_three_calm_days_in_a_hundred_says_so(
    opened: House, name: str
) -> None:
    says_so(KNOWN[name], share(KNOWN[name], measured(opened, name, closes("SI"))))


@pytest.mark.parametrize("name", ["gold_silver_ratio", "gold_silver_ratio_low", "gold_silver_ratio_speed"])
def test_a_ratio_beyond_warn_on_more_than_three_calm_days_in_a_hundred_says_so(name: str) -> None:
    says_so(KNOWN[name], share(KNOWN[name], ratios(name)))


def says_so(check: Check, found: float) -> None:
    told = re.search(r"([0-9.]+) % of days from 2014 to 2024", " ".join(check.references))
    assert told, (
        f"{check.name} stands beyond warn on {found:.1f} % of days from 2014 to 2024; its header does not say so"
    )
    assert float(told[1]) == pytest.approx(found, abs=0.06)
    assert found <= 3 or check.route == "memo"
