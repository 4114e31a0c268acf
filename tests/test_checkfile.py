"""The check file: header read whole, thresholds expanded by venue, metal, date and distance, mistakes named."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor import checkfile, checks, sqlfiles, verdicts
from monitor.checkfile import NEVER
from monitor.errors import ConfigError
from monitor.model import Policy, Verdict

HEADER = """\
-- title = "Made-up measure"
-- why = "for tests"
-- unit = "%"
-- direction = "{direction}"
-- formula = "a / b"
-- enter = "2/3"
-- leave = 4
-- references = ["nowhere"]
{more}select 1 as value
"""
THRESHOLD = (
    '-- [[threshold]]\n-- metals = ["silver"]\n-- venues = ["COMEX"]\n-- warn = {warn}\n-- critical = {critical}\n'
)


def made(folder: Path, direction: str = "above", more: str = "", **overrides: Any) -> checkfile.Check:
    path = folder / "made_up.sql"
    path.write_text(HEADER.format(direction=direction, more=more), encoding="utf-8")
    return checkfile.read(path, overrides or None)


def test_a_header_says_policy_and_sql(tmp_path: Path) -> None:
    check = made(tmp_path)
    assert check.policy == Policy(enter_n=2, enter_m=3, leave=4, critical_n=2, critical_m=3)
    assert check.sql == "select 1 as value"
    assert check.above_is_bad


@pytest.mark.parametrize(
    ("direction", "warn", "critical", "clear"),
    [("above", 1.0, 3.0, 0.6), ("below", 0.0, -2.0, 0.4), ("below", 0.2, 0.12, 0.216)],
)
def test_the_clear_level_lies_a_fifth_of_the_way_towards_normal(
    tmp_path: Path, direction: str, warn: float, critical: float, clear: float
) -> None:
    check = made(tmp_path, direction, THRESHOLD.format(warn=warn, critical=critical))
    assert check.thresholds[0].clear == pytest.approx(clear)


def test_an_override_in_config_holds_from_its_date(tmp_path: Path) -> None:
    later = {"metals": ["silver"], "venues": ["COMEX"], "warn": 2.0, "critical": 4.0, "valid_from": date(2026, 6, 1)}
    check = made(tmp_path, more=THRESHOLD.format(warn=1, critical=3), threshold=[later])
    rows = checkfile.expand(check)
    assert [(r["warn"], r["valid_to"]) for r in rows] == [(1.0, date(2026, 6, 1)), (2.0, NEVER)]


def test_a_changed_threshold_is_another_version(tmp_path: Path) -> None:
    one = made(tmp_path, more=THRESHOLD.format(warn=1, critical=3)).version
    assert made(tmp_path, more=THRESHOLD.format(warn=1, critical=4)).version != one


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("-- tittle = 'x'\n", "unknown header key 'tittle'"),
        ("-- [[threshold]]\n-- critical = 1\n", "a threshold is wrong"),
        ("-- a = \n", "not TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, more: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        made(tmp_path, more=more)


def test_a_direction_must_be_one_of_two(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="direction must be"):
        made(tmp_path, direction="sideways")


LEVELS = (1.0, 3.0, 0.6)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.5, 0.5, Verdict.CLEAR), (0.8, 0.8, Verdict.BAND), (1.0, 1.0, Verdict.WARNING), (3.0, 3.0, Verdict.CRITICAL),
        (0.5, 5.0, Verdict.BAND), (1.5, 5.0, Verdict.WARNING), (-9.0, 0.5, Verdict.CLEAR),
    ],
)  # fmt: skip
def test_both_ends_of_an_interval_must_pass_a_level(tmp_path: Path, low: float, high: float, verdict: Verdict) -> None:
    assert verdicts.verdict_of(made(tmp_path), low, high, LEVELS) is verdict


def test_below_is_bad_mirrors_above(tmp_path: Path) -> None:
    check = made(tmp_path, "below")
    levels = (0.20, 0.12, 0.216)
    assert verdicts.verdict_of(check, 0.3, 0.3, levels) is Verdict.CLEAR
    assert verdicts.verdict_of(check, 0.21, 0.21, levels) is Verdict.BAND
    assert verdicts.verdict_of(check, 0.15, 0.15, levels) is Verdict.WARNING
    assert verdicts.verdict_of(check, 0.12, 0.12, levels) is Verdict.CRITICAL


def test_a_capped_check_never_goes_beyond_warning(tmp_path: Path) -> None:
    check = made(tmp_path, more='-- cap = "warning"\n')
    assert verdicts.verdict_of(check, 99, 99, LEVELS) is Verdict.WARNING


def test_every_shipped_check_cites_where_its_numbers_come_from() -> None:
    found, broken = checks.discover({})
    assert broken == {}
    assert set(found) >= {
        "coverage_raw", "standing_cover", "front_back", "regional_premium", "registered_drop", "shfe_warrant_drop",
        "source_stale",
    }  # fmt: skip
    for check in found.values():
        assert any("market.md" in text or "reliability.md" in text for text in check.references), check.name
        assert check.thresholds, check.name
        assert "default" not in (check.title + check.why + check.headline).lower(), check.name
    assert len(sqlfiles.folder("checks")) == len(found)


def test_the_capped_checks_are_capped() -> None:
    found, _ = checks.discover({})
    capped = {name for name, check in found.items() if check.capped}
    assert capped == {
        "coverage_raw", "registered_drop", "registered_drop_1d", "runway", "source_disagreement",
        "shfe_warrant_drop_1d", "member_short_over_warrants", "dealer_spread", "concentration", "market_suppressor",
        "carry_gap", "gold_silver_ratio", "gold_silver_ratio_low", "gold_silver_ratio_speed",
        "high_52w", "margin_hike", "margin_hike_count", "miner_residual", "price_level", "price_shock",
        "realised_volatility", "rsi",
    }  # fmt: skip
