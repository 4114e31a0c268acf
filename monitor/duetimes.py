"""When each session's report is expected, and which sessions are due by a given moment.

due = publication at its usual hour; late = due plus the source's grace. Both are computed for each session from the
wall clock of the publisher's zone, so that a change of summer time moves the moment and never skips or repeats one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from monitor import clock, sessions
from monitor.model import Source

CADENCES: Final = ("daily", "weekly", "monthly")
"""Which sessions have a report: every one, the last of each week, the last of each month."""


def due_at(source: Source, session: date) -> datetime:
    """The UTC moment at which the session's report is expected, without grace."""
    due = source.due
    day = sessions.shift(source.venue, session, due.days) if due.in_sessions else session + timedelta(days=due.days)
    return clock.local(day, due.clock, due.zone)


def late_at(source: Source, session: date) -> datetime:
    """The UTC moment after which a report still missing is stale."""
    return due_at(source, session) + timedelta(minutes=source.due.grace_minutes)


def report_sessions(source: Source, start: date, end: date) -> tuple[date, ...]:
    """Every session from `start` to `end` that has a report; ValueError for a cadence not in CADENCES."""
    return tuple(day for day in sessions.sessions(source.venue, start, end) if _has_report(source, day))


def due_sessions(source: Source, start: date, now: datetime) -> tuple[date, ...]:
    """Every session from `start` whose report is due by `now`, oldest first."""
    return report_sessions(source, start, newest_due(source, now))


def newest_due(source: Source, now: datetime) -> date:
    """The newest session whose report is due by `now`."""
    return next(day for day in _walk(source, _after(source, now), -1) if due_at(source, day) <= now)


def next_due(source: Source, now: datetime) -> tuple[date, datetime]:
    """The first session whose report is not yet due, and when it will be."""
    session = next(_walk(source, newest_due(source, now), 1))
    return session, due_at(source, session)


def due_rows(sources: Iterable[Source], start: date, end: date) -> list[dict[str, object]]:
    """Rows of the reference table `due`: source, session, due_at, late_at (naive UTC), sessions of `start` to `end`."""
    rows: list[dict[str, object]] = []
    for source in sources:
        grace = timedelta(minutes=source.due.grace_minutes)
        for session in report_sessions(source, start, end):
            due = clock.naive(due_at(source, session))
            rows.append({"source": source.name, "session": session, "due_at": due, "late_at": due + grace})
    return rows


def _after(source: Source, now: datetime) -> date:
    """A day after every session that can be due: nothing is due before its own date in the publisher's zone."""
    return now.astimezone(clock.zone(source.due.zone)).date() + timedelta(days=1)


def _walk(source: Source, day: date, step: int) -> Iterator[date]:
    """The sessions with a report after (step 1) or before (step -1) `day`, nearest first."""
    while True:
        day = sessions.shift(source.venue, day, step)
        if _has_report(source, day):
            yield day


def _has_report(source: Source, session: date) -> bool:
    if source.cadence == "daily":
        return True
    then = sessions.following(source.venue, session)
    if source.cadence == "weekly":
        return then.isocalendar()[:2] != session.isocalendar()[:2]
    if source.cadence == "monthly":
        return then.month != session.month
    raise ValueError(f"source {source.name}: the cadence {source.cadence!r} is none of {', '.join(CADENCES)}")
