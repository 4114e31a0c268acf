"""What a source must say of itself before anyone may rely on it, and how its due time reads in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from monitor import duetimes, sessions
from monitor.model import Ask, Source
from monitor.schema import TABLES

_SAID: Final = ("title", "publisher", "page", "terms", "licence", "unit", "verified", "tables", "history_start")
_SINCE: Final = re.compile(r"[12][0-9]{3}(-[01][0-9](-[0-3][0-9])?)?|not known\b.*|none: .+")
_LATE_ENOUGH_MINUTES: Final = 366 * 24 * 60


def faults(source: Source, now: datetime) -> tuple[str, ...]:
    """What its declaration lacks or contradicts, a sentence each; () for a sound one.

    Its questions are those about its newest session due by `now`.
    """
    return tuple(_faults(source, now))


def _faults(source: Source, now: datetime) -> Iterator[str]:
    for name in _SAID:
        if not getattr(source, name):
            yield f"{name} is empty"
    for table in source.tables:
        if table not in TABLES:
            yield f"there is no table {table}"
    if source.history_start and not _SINCE.fullmatch(source.history_start):
        yield f"history_start {source.history_start!r} is no date, and neither 'none: ...' nor 'not known'"
    if source.venue not in sessions.VENUES:
        yield f"there is no calendar {source.venue}"
    elif source.cadence not in duetimes.CADENCES:
        yield f"the cadence {source.cadence!r} is none of {', '.join(duetimes.CADENCES)}"
    else:
        yield from _foreign(source, now)


def _foreign(source: Source, now: datetime) -> Iterator[str]:
    """Questions that would leave the hosts it names."""
    day = duetimes.newest_due(source, now)
    asks: list[Ask] = list(source.asks(day))
    if source.backlog is not None:
        asks += source.backlog(day, day)
    if asks and not source.hosts:
        yield "hosts is empty"
        return
    for host in sorted({str(urlsplit(ask.url).hostname) for ask in asks} - set(source.hosts)):
        yield f"it asks {host}, which is not among its hosts"


def is_awaited(source: Source) -> bool:
    """False where its absence is never late: a report to add when one likes."""
    return source.due.grace_minutes < _LATE_ENOUGH_MINUTES and source.due.days < 366


def due_words(source: Source) -> str:
    """`17:00 America/New_York, 1 session later`."""
    due = source.due
    if due.days >= 366:
        return "never"
    unit = "session" if due.in_sessions else "day"
    later = f", {due.days} {unit}{'s' if due.days > 1 else ''} later" if due.days else " the same day"
    return f"{due.clock} {due.zone}{later}" + ("" if is_awaited(source) else "; its absence is not told")
