"""The daemon reads anew only what was written, and knows the same as if it read everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from monitor import checks
from monitor.checks import Evaluation, Moment
from monitor.house import House
from monitor.standing import Standing
from tests import facts, years
from tests.homes import house, only

NOW = datetime.fromisoformat("2026-04-02T12:00:00+00:00")
MARCH = date(2026, 3, 1)
SOME = only("roll_gap", "front_back", "oi_revision", "registered_drop_1d", "source_stale", "calendar_expiring")
"""Of each kind some: of one table, of several, of a clock."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, NOW, checks=SOME) as found:
        yield found


def put(opened: House, day: date, lots: int, at: datetime) -> None:
    facts.put(
        opened,
        "open_interest_rows",
        [
            {
                "venue": "COMEX", "product": "SI", "delivery_month": MARCH, "session": day, "status": "final",
                "open_interest": lots, "volume": 1_000, "published_at": at.replace(tzinfo=None),
            }
        ],
        at=at,
    )  # fmt: skip


def read(evaluation: Evaluation) -> set[str]:
    return {reading.check for reading in evaluation.readings}


def agrees(opened: House, standing: Standing, now: datetime) -> Evaluation:
    """The readings taken anew, once all of them are known to be those of a plain reading."""
    whole, fresh = standing.at(now)
    plain = checks.evaluate(opened.store, opened.checks.values(), Moment(now))
    assert set(map(repr, whole.readings)) == set(map(repr, plain.readings))
    assert whole.broken == plain.broken
    return fresh


def test_a_file_of_one_table_leaves_the_checks_of_the_others_as_they_were(opened: House) -> None:
    facts.stocks(opened, dict.fromkeys((date(2026, 2, 6), date(2026, 2, 9)), 100e6))
    put(opened, date(2026, 2, 6), 70_000, NOW)
    standing = Standing(opened.store, opened.checks)
    assert "registered_drop_1d" in read(agrees(opened, standing, NOW + timedelta(minutes=1)))
    put(opened, date(2026, 2, 9), 69_000, NOW + timedelta(minutes=2))
    fresh = read(agrees(opened, standing, NOW + timedelta(minutes=2)))
    assert "roll_gap" in fresh
    assert "registered_drop_1d" not in fresh


def test_without_news_only_what_follows_the_clock_is_read(opened: House) -> None:
    put(opened, date(2026, 2, 9), 70_000, NOW)
    standing = Standing(opened.store, opened.checks)
    standing.at(NOW)
    assert read(agrees(opened, standing, NOW + timedelta(hours=1))) <= {"source_stale", "calendar_expiring"}


def test_a_new_day_moves_the_window_and_everything_is_read(opened: House) -> None:
    put(opened, date(2026, 2, 9), 70_000, NOW)
    standing = Standing(opened.store, opened.checks)
    _, first = standing.at(NOW)
    assert read(agrees(opened, standing, NOW + timedelta(days=1))) >= read(first) - {"source_stale"}


def test_the_same_bytes_read_by_a_mended_parser_are_read_by_every_check(opened: House) -> None:
    facts.put(opened, "fx_rows", [{"session": date(2026, 2, 9), "base": "EUR", "quote": "USD", "rate": 1.1}], sha="x")
    put(opened, date(2026, 2, 9), 70_000, NOW)
    standing = Standing(opened.store, opened.checks)
    standing.at(NOW)
    facts.put(opened, "fx_rows", [{"session": date(2026, 2, 9), "base": "EUR", "quote": "USD", "rate": 1.2}], sha="x")
    assert "roll_gap" in read(agrees(opened, standing, NOW + timedelta(minutes=1)))


def test_facts_of_a_later_moment_are_known_when_that_moment_has_come(opened: House) -> None:
    standing = Standing(opened.store, opened.checks)
    put(opened, date(2026, 2, 9), 70_000, NOW + timedelta(hours=2))
    assert "roll_gap" not in read(agrees(opened, standing, NOW))
    assert "front_back" not in read(agrees(opened, standing, NOW + timedelta(hours=1)))
    agrees(opened, standing, NOW + timedelta(hours=3))


def test_a_clock_set_back_makes_later_facts_unknown_again(opened: House) -> None:
    standing = Standing(opened.store, opened.checks)
    put(opened, date(2026, 2, 9), 70_000, NOW)
    agrees(opened, standing, NOW + timedelta(hours=1))
    agrees(opened, standing, NOW - timedelta(hours=1))
    agrees(opened, standing, NOW)


@pytest.mark.slow
def test_over_weeks_of_files_arriving_it_knows_what_a_plain_reading_knows(tmp_path: Path) -> None:
    """Every check, those that stand on others among them."""
    with house(tmp_path, NOW) as opened:
        years.fill(opened, date(2026, 1, 5), date(2026, 2, 6), restated=0.2, late=0.2)
        standing = Standing(opened.store, opened.checks)
        for hours in range(0, 48, 12):
            now = NOW + timedelta(hours=hours)
            put(opened, date(2026, 2, 9), 70_000 + hours, now)
            agrees(opened, standing, now)
