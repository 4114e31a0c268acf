"""What to ask now: derived from the gap between sessions due and sessions held, never from timers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from monitor import duetimes
from monitor.addresses import redact
from monitor.archive import AskLine
from monitor.model import Ask, Source

BLOCKED_PAUSE: Final = timedelta(hours=20)
"""A site that refused us is asked again the next day, not sooner."""
LONGEST_REST: Final = timedelta(hours=6)
"""The longest a URL is left alone that answers, but not with what is missing."""
BACKLOG_FROM: Final = 3
"""With this many sessions missing, one question that covers them all is kinder than one each."""
MOST_ASKS: Final = 10
"""Questions to one source in one round."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one source: the files of each session, by hash."""

    files: Mapping[date, frozenset[str]]

    def of(self, session: date) -> frozenset[str]:
        return self.files.get(session, frozenset())


def asks(
    source: Source, held: Held, last: Mapping[str, AskLine], now: datetime, *, lookback: int, retry: timedelta
) -> tuple[Ask, ...]:
    """The questions to send to one source now, oldest session first; `last` is the last ask by URL without secrets.

    A session is asked about once it is due and as long as it is one of the last `lookback`, until every one of its
    files is held. A URL is left alone for `retry` after an answer that did not bring the session, later for a quarter
    of the time it has been due, at most six hours; and the whole source for 20 hours after a refusal.
    Where the publisher overwrites one file, only the newest session can be asked for, unless a backlog covers more.
    A log written by a clock that was ahead is no reason to wait for that clock.
    """
    if refused(last.values(), now):
        return ()
    due = _due(source, now, lookback)
    missing = missing_of(source, held, last, due)
    ready = [
        ask
        for ask in wanted(source, held, last, missing, now)
        if _rested(source, ask, last.get(redact(ask.url)), now, retry)
    ]
    return tuple(ready[:MOST_ASKS])


def missing_of(source: Source, held: Held, last: Mapping[str, AskLine], due: Iterable[date]) -> tuple[date, ...]:
    """Those of the sessions that are not completely held."""
    return tuple(session for session in due if not _complete(source, held, last, session))


def wanted(
    source: Source, held: Held, last: Mapping[str, AskLine], missing: Sequence[date], now: datetime
) -> tuple[Ask, ...]:
    """The questions that would bring the missing sessions, oldest first: one for all of them where there is such."""
    if missing and source.backlog is not None and _is_backlog(source, missing, duetimes.newest_due(source, now)):
        return source.backlog(missing[0], missing[-1])
    return tuple(
        ask
        for session in missing
        for ask in source.asks(session)
        if not _brought(held, last.get(redact(ask.url)), session)
    )


def refused(lines: Iterable[AskLine], now: datetime) -> bool:
    """Whether the site has refused us so lately that it is left alone."""
    return any(line.outcome == "blocked" and abs(now - line.at) < BLOCKED_PAUSE for line in lines)


def _due(source: Source, now: datetime, lookback: int) -> tuple[date, ...]:
    """The sessions that can be asked for, oldest first."""
    if not source.keeps_history and source.backlog is None:
        return (duetimes.newest_due(source, now),)
    start = now.date() - timedelta(days=2 * lookback + 15)
    return duetimes.due_sessions(source, start, now)[-lookback:]


def _is_backlog(source: Source, missing: Sequence[date], newest: date) -> bool:
    """Whether to ask for all at once: where there are many, or where a plain question would bring only the newest."""
    return len(missing) >= BACKLOG_FROM if source.keeps_history else list(missing) != [newest]


def _complete(source: Source, held: Held, last: Mapping[str, AskLine], session: date) -> bool:
    """Whether each URL brought its file, or, where we asked none of them, as many files came some other way."""
    wanted = source.asks(session)
    brought = [_brought(held, last.get(redact(ask.url)), session) for ask in wanted]
    return all(brought) or (not any(brought) and len(held.of(session)) >= len(wanted))


def _brought(held: Held, line: AskLine | None, session: date) -> bool:
    """Whether this URL's last answer is a file of that session."""
    return line is not None and line.sha256 in held.of(session)


def _rested(source: Source, ask: Ask, line: AskLine | None, now: datetime, retry: timedelta) -> bool:
    if line is None:
        return True
    rest = retry
    if line.outcome != "unreachable":
        overdue = line.at - duetimes.due_at(source, ask.session)
        rest = max(retry, min(overdue / 4, LONGEST_REST))
    return abs(now - line.at) >= rest
