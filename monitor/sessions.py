"""Trading days per venue, from our own dated tables.

One file per venue in `monitor/calendars`; each names the span it knows, the weekdays on which a session is usual
(Monday to Friday, for the CFTC's weekly reports Tuesday alone) and the days that differ. Beyond that span every usual
weekday is assumed and `known` says so; the check calendar_expiring says it two months ahead. An operator mends a table
without waiting for a release through a file given to `load_overrides`; a report of a day the table calls closed proves
a session by itself, see `prove`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from monitor.calendartables import MONDAY_TO_FRIDAY, VENUES, Override, read_overrides, table, week_of

__all__ = [
    "VENUES", "Calendar", "between", "calendar", "edition", "following", "is_session", "known", "load_overrides",
    "on_or_after", "previous", "prove", "proven", "sessions", "shift",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calendar:
    """The trading days of one venue.

    `closed` maps a usual weekday without a session to its reason, `open` a session on any other day to its own.
    Sessions are numbered from the Monday of date.min; the number of a session is counted, not looked up,
    so that any day of any year has an answer.
    """

    venue: str
    zone: str
    valid_from: date
    valid_through: date
    closed: dict[date, str]
    source: str = ""
    open: dict[date, str] = field(default_factory=dict)
    week: tuple[int, ...] = MONDAY_TO_FRIDAY
    """The weekdays on which a session is usual, Monday 0, ascending."""
    closed_ordinals: tuple[int, ...] = field(default=(), repr=False)
    """The closed days as ordinals, ascending."""
    closed_counts: tuple[int, ...] = field(default=(), repr=False)
    """How many usual sessions lie before each of them."""
    open_ordinals: tuple[int, ...] = field(default=(), repr=False)
    """The sessions on unusual weekdays as ordinals, ascending."""
    open_numbers: tuple[int, ...] = field(default=(), repr=False)
    """The number of each of them among all sessions."""

    def count(self, day: date) -> int:
        """How many sessions lie before or on `day`: its number, where it is a session."""
        ordinal = day.toordinal()
        usual = _usual(ordinal, self.week) - bisect_right(self.closed_ordinals, ordinal)
        return usual + bisect_right(self.open_ordinals, ordinal)

    def nth(self, number: int) -> date:
        """The session of that number."""
        place = bisect_left(self.open_numbers, number)
        if place < len(self.open_numbers) and self.open_numbers[place] == number:
            return date.fromordinal(self.open_ordinals[place])
        usual = number - place
        weeks, rest = divmod(usual + bisect_left(self.closed_counts, usual) - 1, len(self.week))
        return date.fromordinal(weeks * 7 + self.week[rest] + 1)

    @property
    def days(self) -> tuple[date, ...]:
        """Every session of the span the table knows."""
        before = self.count(self.valid_from) - (1 if _is_session(self, self.valid_from) else 0)
        return tuple(self.nth(number) for number in range(before + 1, self.count(self.valid_through) + 1))


_overrides: dict[str, Override] = {}
_proven: dict[str, frozenset[date]] = {}


@lru_cache(maxsize=16)
def calendar(venue: str) -> Calendar:
    """The calendar of a venue in VENUES; KeyError for any other."""
    if venue not in VENUES:
        raise KeyError(f"no trading calendar for venue {venue!r}; known: {', '.join(VENUES)}")
    data = table(venue)
    closed: dict[date, str] = {row["day"]: row["reason"] for row in data["closed"]}
    opened: dict[date, str] = {row["day"]: row["reason"] for row in data.get("open", [])}
    week = week_of(data)
    through: date = data["valid_through"]
    if override := _overrides.get(venue):
        override.apply(closed, opened, week)
        through = max(through, override.valid_through or through)
    for day in _proven.get(venue, ()):
        closed.pop(day, None)
        if day.weekday() not in week:
            opened[day] = "proven by a report"
    shut = sorted(day.toordinal() for day in closed)
    counts = tuple(_usual(ordinal, week) - place for place, ordinal in enumerate(shut, start=1))
    extra = sorted(day.toordinal() for day in opened)
    numbers = tuple(
        _usual(ordinal, week) - bisect_right(shut, ordinal) + place for place, ordinal in enumerate(extra, start=1)
    )
    return Calendar(
        venue, data["zone"], data["valid_from"], through, closed, data["source"], opened, week,
        tuple(shut), counts, tuple(extra), numbers,
    )  # fmt: skip


def _usual(ordinal: int, week: tuple[int, ...]) -> int:
    """How many days on those weekdays lie up to that ordinal; ordinal 1 is a Monday."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * len(week) + bisect_left(week, rest)


def _is_session(found: Calendar, day: date) -> bool:
    return day in found.open or (day.weekday() in found.week and day not in found.closed)


def known(venue: str, day: date) -> bool:
    """Whether the table covers `day`, rather than assuming the usual weekdays."""
    found = calendar(venue)
    return found.valid_from <= day <= found.valid_through


def is_session(venue: str, day: date) -> bool:
    """Whether the venue trades on `day`."""
    return _is_session(calendar(venue), day)


@lru_cache(maxsize=64)
def sessions(venue: str, start: date, end: date) -> tuple[date, ...]:
    """Every session from `start` to `end`, both included."""
    found = calendar(venue)
    first = found.count(start) + (0 if _is_session(found, start) else 1)
    return tuple(found.nth(number) for number in range(first, found.count(end) + 1))


def shift(venue: str, day: date, count: int) -> date:
    """The session `count` sessions after `day` (before it where negative).

    From a day that is no session, the next one in that direction counts as one step; 0 gives `day` itself
    or, where it is no session, the one before.
    """
    found = calendar(venue)
    number = found.count(day) + count
    if count < 0 and not _is_session(found, day):
        number += 1
    return found.nth(number)


def previous(venue: str, day: date) -> date:
    """The last session before `day`."""
    return shift(venue, day, -1)


def following(venue: str, day: date) -> date:
    """The first session after `day`."""
    return shift(venue, day, 1)


def on_or_after(venue: str, day: date) -> date:
    """`day` where it is a session, else the first one after it."""
    return day if is_session(venue, day) else following(venue, day)


def between(venue: str, after: date, through: date) -> int:
    """How many sessions lie after `after`, up to and including `through`; negative where through is earlier."""
    found = calendar(venue)
    return found.count(through) - found.count(after)


@lru_cache(maxsize=1)
def edition() -> object:
    """The calendars as they are, by a mark that is another one once any of them has changed."""
    return object()


def _forget() -> None:
    """What was worked out from tables that have changed since."""
    calendar.cache_clear()
    sessions.cache_clear()
    edition.cache_clear()


# --- what reports prove -------------------------------------------------------------------


def prove(days: Mapping[str, Collection[date]]) -> bool:
    """Count these days as sessions beside those of the tables, in place of any earlier ones; whether that changes any.

    Left out are days that are sessions anyway, weekends of a venue that has none, and what the operator's file closes.
    """
    fresh = {venue: found for venue in VENUES if (found := frozenset(_provable(venue, days.get(venue, ()))))}
    if fresh == _proven:
        return False
    _proven.clear()
    _proven.update(fresh)
    _forget()
    return True


def proven(venue: str) -> frozenset[date]:
    """The sessions of the venue that only a report proves."""
    return _proven.get(venue, frozenset())


def _provable(venue: str, days: Collection[date]) -> Iterator[date]:
    now, override = calendar(venue), _overrides.get(venue)
    weekends = table(venue).get("weekends", False)
    for day in days:
        is_new = day in proven(venue) or not _is_session(now, day)
        if is_new and (day.weekday() < 5 or weekends) and not (override and day in override.closed):
            yield day


# --- the operator's own corrections -------------------------------------------------------


def load_overrides(path: Path | None) -> None:
    """Lay the operator's file over the tables, in place of any earlier one; None takes it away.

        [[closed]]
        venue = "SHFE"
        day = 2027-02-08
        reason = "Spring Festival"
        [[open]]
        venue = "SGE"
        day = 2027-02-05
        [[valid_through]]
        venue = "SHFE"
        day = 2027-12-31

    Raises ConfigError naming every entry that cannot be meant; the tables then stay as they were.
    """
    fresh = read_overrides(path) if path else {}
    if fresh == _overrides:
        return
    _overrides.clear()
    _overrides.update(fresh)
    _forget()
