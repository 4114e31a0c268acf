"""A backfill is no news: people hear nothing of what opened and ended long before they were told anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from monitor import backfill, plan, sessions
from monitor.batch import Teller
from monitor.house import House
from tests.asker import TownAsker, desk_settings, utc
from tests.factories import shanghai
from tests.homes import all_but, house
from tests.past import WARRANTS, Past, url_of

NOW = utc("2026-11-20 12:00")
LAST_YEAR = sessions.sessions("SHFE", date(2025, 11, 18), date(2025, 12, 31))
THIS_WEEK = sessions.sessions("SHFE", date(2026, 11, 11), date(2026, 11, 19))
LEVEL = 1_000_000
SETTINGS = desk_settings(["shfe_warrants"], all_but(["shfe_warrant_drop"])).model_dump()


def reports(levels: Mapping[date, int], *, gold: Mapping[date, int] | None = None) -> dict[str, bytes]:
    """Pages of SHFE by URL: silver of one warehouse, and gold where given."""
    found, before, gold_before = {}, LEVEL, LEVEL
    for day, silver in levels.items():
        coins = (gold or {}).get(day)
        found[url_of(day)] = shanghai.shfe_warrants_html(
            day,
            silver=[("上海", "甲库", silver, silver - before)],
            gold=[("上海", "乙库", coins, coins - gold_before)] if coins else [],
        )
        before, gold_before = silver, coins or gold_before
    return found


def falling(days: Iterable[date], since: date, until: date = date.max) -> dict[date, int]:
    """A level that is lower from one session to another."""
    return {day: LEVEL * 7 // 10 if since <= day <= until else LEVEL for day in days}


@pytest.fixture
def past() -> Iterator[Past]:
    with Past(reports(dict.fromkeys(THIS_WEEK, LEVEL))) as opened:
        yield opened


def told(opened: House, past: Past, first: date, last: date) -> list[tuple[str, str, date]]:
    """What a backfill of that span has people told: event, subject, opening."""
    said: list[tuple[str, str, date]] = []
    teller = Teller(opened)

    def tell() -> None:
        said.extend(
            (str(change.transition.event), change.transition.subject, change.transition.opened)
            for change in teller.turn(NOW).changes
            if change.transition.check == "shfe_warrant_drop"
        )

    held = plan.Held(opened.store.files_held("shfe_warrants"))
    work = backfill.plan_of(WARRANTS, held, {}, NOW, first, last)
    try:
        backfill.run(work, TownAsker(past.base), backfill.Own(opened, tell), dict, lambda: NOW)
    finally:
        teller.close()
    return said


@pytest.mark.parametrize(
    ("levels", "gold"),
    [
        pytest.param(falling(LAST_YEAR, LAST_YEAR[10], LAST_YEAR[12]), {}, id="opened and ended last year"),
        pytest.param(falling(LAST_YEAR, LAST_YEAR[-9]), {}, id="ended with the last of last year's sessions"),
        pytest.param(falling(LAST_YEAR, LAST_YEAR[-2]), {}, id="ends with this week's sessions"),
        pytest.param(dict.fromkeys(LAST_YEAR, LEVEL), falling(LAST_YEAR, LAST_YEAR[-2]), id="of a metal not known"),
    ],
)
def test_last_years_sessions_are_no_news(
    tmp_path: Path, past: Past, levels: dict[date, int], gold: dict[date, int]
) -> None:
    with house(tmp_path, NOW, **SETTINGS) as opened:
        assert told(opened, past, THIS_WEEK[0], THIS_WEEK[-1]) == []
        assert opened.store.rows("select count(*) > 0 from readings where check_name = 'shfe_warrant_drop'") == [
            (True,)
        ]
        past.reports |= reports(levels, gold=gold)
        assert told(opened, past, LAST_YEAR[0], LAST_YEAR[-1]) == []
        breaches = (
            "select count(*) > 0 from readings where session < '2026-01-01' and verdict in ('warning', 'critical')"
        )
        assert opened.store.rows(breaches) == [(True,)], "there was something to be silent about"
        past.reports |= reports(dict.fromkeys([date(2026, 11, 20)], LEVEL))
        assert told(opened, past, date(2026, 11, 20), date(2026, 11, 20)) == []


def test_this_weeks_news_among_last_years_sessions_is_told_as_news(tmp_path: Path, past: Past) -> None:
    levels = falling(LAST_YEAR, LAST_YEAR[10], LAST_YEAR[12]) | falling(THIS_WEEK, THIS_WEEK[-1])
    with house(tmp_path, NOW, **SETTINGS) as opened:
        told(opened, past, THIS_WEEK[0], THIS_WEEK[-2])
        past.reports |= reports(levels)
        said = told(opened, past, LAST_YEAR[0], THIS_WEEK[-1])
        assert said == [("firing", "SHFE silver", THIS_WEEK[-1])]
