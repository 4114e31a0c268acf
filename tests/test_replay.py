"""A replay reads at each moment what a batch of that moment reads, whatever is restated or comes late."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain

import pytest

from monitor import checks, published
from monitor.checks import Moment
from monitor.model import Reading
from monitor.replay import Replay, differs
from tests import years
from tests.homes import house

START, END = date(2024, 10, 1), date(2026, 1, 30)
"""Longer than the window, so that its start moves within the data."""
NOT_MADE = {
    "concentration", "dealer_spread", "fund_flow", "fund_inflow", "fund_premium", "india_premium", "margin_hike",
    "margin_hike_count", "onshore_spot",
}  # fmt: skip
"""Checks with a reach of which these homes have no facts; a backtest proves theirs as it runs."""
FROM, TO = date(2026, 1, 8), date(2026, 1, 16 if "BULLION_SOAK" in os.environ else 13)


@pytest.fixture(scope="module", params=range(1, 1 + int(os.environ.get("BULLION_SOAK", "1"))))
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[published.Reader]:
    """A published home of made-up facts: one in six is restated, one in six late; BULLION_SOAK=20 makes 20 homes."""
    folder = tmp_path_factory.mktemp("replay")
    with house(folder, years.LOADED) as opened:
        years.fill(opened, START, END, seed=request.param, restated=0.15, late=0.15)
        path = opened.publish(years.LOADED)
    with published.Reader(path) as found:
        yield found


def of(name: str, readings: Iterable[Reading]) -> list[Reading]:
    return [reading for reading in readings if reading.check == name]


@pytest.mark.slow
def test_every_moment_reads_as_a_batch_of_that_moment_does(reader: published.Reader) -> None:
    known, _ = checks.discover({})
    compared = set()
    with Replay(reader, known) as replay:
        for moment, fast in replay.over(replay.moments(FROM, TO)):
            plain = checks.evaluate(reader, known.values(), Moment(moment))
            start = checks.window_start(Moment(moment))
            for name, check in known.items():
                assert not differs(check, of(name, chain(*fast.values())), of(name, list(plain.readings)), start), (
                    name,
                    moment,
                )
            compared |= {reading.check for said in fast.values() for reading in said if reading.value is not None}
        assert not replay.broken
    assert {name for name, check in known.items() if check.reach} - compared == NOT_MADE


def test_a_check_that_reaches_farther_than_it_says_is_found_out(reader: published.Reader) -> None:
    known, _ = checks.discover({})
    short = replace(known["registered_drop"], reach=1)
    with Replay(reader, {short.name: short}) as replay:
        found = []
        for moment, fast in replay.over(replay.moments(FROM, TO)[:8]):
            plain = replay.plainly(moment, [short.name])
            found.append(differs(short, chain(*fast.values()), plain.readings, checks.window_start(Moment(moment))))
    assert any(found)


@pytest.mark.parametrize(("sessions", "is_found_out"), [(4, False), (15, True)])
def test_a_check_that_looks_more_than_ten_days_ahead_is_found_out(
    reader: published.Reader, sessions: int, is_found_out: bool
) -> None:
    known, _ = checks.discover({})
    later = f"lead(registered, {sessions}) over (partition by metal order by session)"
    sql = (
        f"select metal as subject, session, {later} - registered as value, null as warn, null as published_at "
        "from comex_stock_totals"
    )
    ahead = replace(known["registered_drop"], sql=sql, reach=30)
    with Replay(reader, {ahead.name: ahead}) as replay:
        found = []
        for moment, fast in replay.over(replay.moments(FROM, TO)):
            plain = replay.plainly(moment, [ahead.name])
            found.append(differs(ahead, chain(*fast.values()), plain.readings, checks.window_start(Moment(moment))))
        assert not replay.broken
    assert any(found) is is_found_out


def test_each_day_is_looked_at_once_after_its_last_publication(reader: published.Reader) -> None:
    known, _ = checks.discover({})
    with Replay(reader, {"front_back": known["front_back"]}) as replay:
        moments = replay.moments(FROM, TO)
    days = [moment.date() for moment in moments]
    assert days == sorted(set(days))
    with reader.cursor() as cur:
        for moment in moments:
            later = cur.execute(
                "select count(*) from settlement_rows where published_at > ? and published_at::date = ?",
                [moment.replace(tzinfo=None), moment.date()],
            ).fetchone()
            assert later == (0,)
