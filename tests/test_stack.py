"""Many moments in one statement say what each of them alone says; what cannot be read so is read one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest

from monitor import checks, published
from monitor.checks import Moment
from monitor.model import Reading
from monitor.replay import Replay
from monitor.stack import Place, Stack
from tests import years
from tests.homes import house

START, END = date(2025, 10, 1), date(2026, 1, 30)
FROM, TO = date(2026, 1, 12), date(2026, 1, 23)
SIDE_BY_SIDE = """
with days as (select product, session, max(settle) as value from settlements where product = 'SI' group by all)
select product as subject, session, value
from (from days order by session) positional join (select value as again from days order by session)
"""
"""What DuckDB refuses within a lateral join."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[published.Reader]:
    """A published home of made-up facts, one in six restated and one in six late."""
    folder = tmp_path_factory.mktemp("stack")
    with house(folder, years.LOADED) as opened:
        years.fill(opened, START, END, seed=7, products=("SI", "GC", "ag"), restated=0.15, late=0.15)
        path = opened.publish(years.LOADED)
    with published.Reader(path) as found:
        yield found


def said(readings: list[Reading]) -> set[tuple[object, ...]]:
    return {(r.subject, r.session, r.verdict, r.reason, round(r.value or 0.0, 6)) for r in readings}


def test_each_place_of_a_stack_reads_as_that_moment_alone(reader: published.Reader) -> None:
    known, _ = checks.discover({})
    with Replay(reader, known) as replay:
        moments = replay.moments(FROM, TO)
        views = {view for needs in replay._needs.values() for view in needs.views}
    with reader.cursor() as cur:
        stack = Stack(cur)
        stack.lay([Place(moment, checks.window_start(Moment(moment))) for moment in moments], views)
        for name in ("registered_drop", "front_back", "shfe_warrant_drop", "oi_revision"):
            told = stack.read(known[name], dict.fromkeys(range(len(moments)), date.min))
            assert any(told.values()), name
            for number, moment in enumerate(moments):
                alone = checks.evaluate(reader, [known[name]], Moment(moment))
                assert said(told[number]) == said(list(alone.readings)), (name, moment)


def test_a_place_says_nothing_of_sessions_before_its_first(reader: published.Reader) -> None:
    known, _ = checks.discover({})
    check = known["registered_drop"]
    with Replay(reader, {check.name: check}) as replay:
        moments, views = replay.moments(FROM, TO), set(replay._needs[check.name].views)
    firsts = {number: moment.date() - timedelta(days=5) for number, moment in enumerate(moments)}
    with reader.cursor() as cur:
        stack = Stack(cur)
        stack.lay([Place(moment, START) for moment in moments], views)
        told = stack.read(check, firsts)
    assert all(reading.session >= firsts[number] for number, readings in told.items() for reading in readings)
    assert any(told.values())


def test_what_does_not_change_from_place_to_place_is_one_object(reader: published.Reader) -> None:
    known, _ = checks.discover({})
    check = known["registered_drop"]
    with Replay(reader, {check.name: check}) as replay:
        moments, views = replay.moments(FROM, TO), set(replay._needs[check.name].views)
    with reader.cursor() as cur:
        stack = Stack(cur)
        stack.lay([Place(moment, START) for moment in moments], views)
        told = stack.read(check, dict.fromkeys(range(len(moments)), date.min))
    before = {id(reading) for reading in told[0]}
    assert sum(id(reading) in before for reading in told[1]) > 0.8 * len(told[1])


def test_a_check_that_cannot_be_read_at_many_moments_at_once_is_read_at_each(reader: published.Reader) -> None:
    known, _ = checks.discover({})
    check = replace(known["registered_drop"], name="side_by_side", sql=SIDE_BY_SIDE, reach=30, thresholds=())
    with reader.cursor() as cur:
        stack = Stack(cur)
        stack.lay([Place(years.LOADED, START)], {"settlements"})
        with pytest.raises(duckdb.Error, match="Positional join"):
            stack.read(check, {0: START})
    with Replay(reader, {check.name: check}) as replay:
        for moment, found in replay.over(replay.moments(FROM, TO)):
            alone = checks.evaluate(reader, [check], Moment(moment)).readings
            assert alone
            assert said([r for group in found.values() for r in group]) == said(list(alone))
        assert not replay.broken
