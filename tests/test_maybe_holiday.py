"""A venue of which nothing came may have a holiday its calendar does not know; all reports here are invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from monitor import duetimes
from monitor.house import House
from monitor.model import Source, Verdict
from tests.test_freshness import hold, holding, invented, read

DAYS = [date(2025, 3, day) for day in (10, 11, 12, 13, 14)]
"""Monday to Friday, sessions of both venues."""
SPAN = (DAYS[0], DAYS[-1])
FIRST, SECOND = invented("SHFE", "first"), invented("SHFE", "second")
ELSEWHERE = invented("SGE", "elsewhere")
ALL = (FIRST, SECOND, ELSEWHERE)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with holding(tmp_path, [(source, SPAN) for source in ALL]) as found:
        fetched(found, {source.name: True for source in ALL})
        yield found


def fetched(opened: House, which: Mapping[str, bool]) -> None:
    rows = [
        {"source": one.name, "title": one.title, "publisher": "nobody", "calendar": one.venue,
         "fetches": which[one.name], "page": "", "terms": "", "keeps_history": True}
        for one in ALL
    ]  # fmt: skip
    opened.store.replace("sources", pl.DataFrame(rows))


def late(source: Source, day: date) -> datetime:
    """A minute after the report of a session is late."""
    grace = timedelta(minutes=source.due.grace_minutes)
    return duetimes.due_at(source, day).astimezone(UTC) + grace + timedelta(minutes=1)


def verdicts(opened: House, moment: datetime, day: date) -> dict[str, Verdict]:
    found = read(opened, moment)
    return {source.name: found[(source.name, day)].verdict for source in ALL}


def missing(*, of: tuple[Source, ...], on: tuple[date, ...]) -> list[tuple[Source, date]]:
    """Every report but these."""
    return [(source, day) for source in ALL for day in DAYS if not (source in of and day in on)]


def test_nothing_of_a_venue_while_another_reports_is_unknown_and_says_why(opened: House) -> None:
    hold(opened, missing(of=(FIRST, SECOND), on=(DAYS[2], DAYS[3], DAYS[4])))
    moment = late(ELSEWHERE, DAYS[2])
    assert verdicts(opened, moment, DAYS[2]) == {
        "first": Verdict.NODATA, "second": Verdict.NODATA, "elsewhere": Verdict.CLEAR,
    }  # fmt: skip
    assert "it may be a holiday there" in read(opened, moment)[("first", DAYS[2])].reason


def test_if_the_next_session_brings_nothing_either_both_are_overdue(opened: House) -> None:
    hold(opened, missing(of=(FIRST, SECOND), on=(DAYS[2], DAYS[3], DAYS[4])))
    moment = late(ELSEWHERE, DAYS[3])
    found = read(opened, moment)
    assert (found[("first", DAYS[2])].verdict, found[("first", DAYS[2])].value) == (Verdict.WARNING, 1.0)


def test_if_the_next_session_brings_its_reports_it_stays_unknown_and_nobody_is_told(opened: House) -> None:
    hold(opened, missing(of=(FIRST, SECOND), on=(DAYS[2],)))
    found = verdicts(opened, late(ELSEWHERE, DAYS[4]), DAYS[2])
    assert (found["first"], found["second"]) == (Verdict.NODATA, Verdict.NODATA)


def test_one_source_of_a_venue_alone_is_overdue_at_once(opened: House) -> None:
    hold(opened, missing(of=(FIRST,), on=(DAYS[2],)))
    assert verdicts(opened, late(ELSEWHERE, DAYS[2]), DAYS[2])["first"] is Verdict.WARNING


def test_where_no_venue_reports_everything_is_overdue_at_once(opened: House) -> None:
    hold(opened, missing(of=ALL, on=(DAYS[2],)))
    assert set(verdicts(opened, late(ELSEWHERE, DAYS[2]), DAYS[2]).values()) == {Verdict.WARNING}


def test_reports_that_a_person_saves_are_overdue_at_once(opened: House) -> None:
    """Nobody was asked, so that nothing is known of a holiday."""
    fetched(opened, {"first": True, "second": False, "elsewhere": True})
    hold(opened, missing(of=(FIRST, SECOND), on=(DAYS[2],)))
    found = verdicts(opened, late(ELSEWHERE, DAYS[2]), DAYS[2])
    assert (found["first"], found["second"]) == (Verdict.WARNING, Verdict.WARNING)
