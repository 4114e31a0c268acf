"""Trading days per venue, from our own dated tables.

One file per venue in `monitor/calendars`; each names the span it knows, the weekdays on which a session is usual
(Monday to Friday, for the CFTC's weekly reports Tuesday alone) and the days that differ. Beyond that span every usual
weekday is assumed and `known` says so; the check calendar_expiring says it two months ahead. An operator mends a table
without waiting for a release through a file given to `load_overrides`; a report of a day the table calls closed proves
a session by itself, see `prove`.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from monitor.errors import ConfigError

VENUES: Final = ("COMEX", "SHFE", "SGE", "TARGET", "NYSE", "LBMA", "CFTC", "MCX", "CFETS", "SIFMA", "SOFR")
_FOLDER: Final = Path(__file__).parent / "calendars"
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONDAY_TO_FRIDAY: Final = (0, 1, 2, 3, 4)


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
    week: tuple[int, ...] = _MONDAY_TO_FRIDAY
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


@dataclass(frozen=True, slots=True)
class _Override:
    closed: Mapping[date, str]
    open: frozenset[date]
    valid_through: date | None

    def apply(self, closed: dict[date, str], opened: dict[date, str], week: tuple[int, ...]) -> None:
        """Lay this over a table's closures and openings."""
        for day, reason in self.closed.items():
            if day.weekday() in week:
                closed[day] = reason
            opened.pop(day, None)
        for day in self.open:
            closed.pop(day, None)
            if day.weekday() not in week:
                opened[day] = "listed in the override file"


_overrides: dict[str, _Override] = {}
_proven: dict[str, frozenset[date]] = {}


@lru_cache(maxsize=16)
def calendar(venue: str) -> Calendar:
    """The calendar of a venue in VENUES; KeyError for any other."""
    if venue not in VENUES:
        raise KeyError(f"no trading calendar for venue {venue!r}; known: {', '.join(VENUES)}")
    data = _table(venue)
    closed: dict[date, str] = {row["day"]: row["reason"] for row in data["closed"]}
    opened: dict[date, str] = {row["day"]: row["reason"] for row in data.get("open", [])}
    week = _week(data)
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


@lru_cache(maxsize=16)
def _table(venue: str) -> Mapping[str, Any]:
    """The venue's own file, without the operator's corrections."""
    return tomllib.loads((_FOLDER / f"{venue.lower()}.toml").read_text(encoding="utf-8"))


def _week(table: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(_DAYS.index(name) for name in table.get("week", ())) or _MONDAY_TO_FRIDAY


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
    calendar.cache_clear()
    return True


def proven(venue: str) -> frozenset[date]:
    """The sessions of the venue that only a report proves."""
    return _proven.get(venue, frozenset())


def _provable(venue: str, days: Collection[date]) -> Iterator[date]:
    table, override = calendar(venue), _overrides.get(venue)
    weekends = _table(venue).get("weekends", False)
    for day in days:
        is_new = day in proven(venue) or not _is_session(table, day)
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
    fresh = _read_overrides(path) if path else {}
    _overrides.clear()
    _overrides.update(fresh)
    calendar.cache_clear()


_KINDS: Final = ("closed", "open", "valid_through")


def _read_overrides(path: Path) -> dict[str, _Override]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"calendar override file {path} cannot be read: {error}") from error
    problems = [f"{key}: unknown, write one of [[{']], [['.join(_KINDS)}]]" for key in data if key not in _KINDS]
    entries: list[tuple[str, str, date, str]] = []
    for kind in _KINDS:
        for name, row in _rows(data, kind):
            if problem := _problem(kind, row):
                problems.append(f"{name}: {problem}")
            elif isinstance(row, dict):
                entries.append((kind, row["venue"], row["day"], str(row.get("reason", ""))))
    seen = Counter((venue, day) for kind, venue, day, _ in entries if kind != "valid_through")
    problems += [f"{venue} {day}: listed {times} times" for (venue, day), times in seen.items() if times > 1]
    if problems:
        raise ConfigError(f"calendar override file {path}: " + "; ".join(problems))
    return {venue: _override(venue, entries) for venue in VENUES}


def _rows(data: Mapping[str, object], kind: str) -> Iterator[tuple[str, object]]:
    rows = data.get(kind, [])
    for place, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        yield f"[[{kind}]] entry {place}", row


def _problem(kind: str, row: object) -> str | None:
    """What is wrong with one entry, naming its value; None where nothing is."""
    if not isinstance(row, dict):
        return f"is {row!r}, not a table with venue and day"
    wanted = {"venue", "day", "reason"} if kind == "closed" else {"venue", "day"}
    if missing := sorted(wanted - row.keys()):
        return f"lacks {' and '.join(missing)}"
    if extra := sorted(row.keys() - {"venue", "day", "reason"}):
        return f"has the unknown key {extra[0]}"
    if row["venue"] not in VENUES:
        return f"names the venue {row['venue']!r}, not one of {', '.join(VENUES)}"
    return _day_problem(kind, row["venue"], row["day"])


def _day_problem(kind: str, venue: str, day: object) -> str | None:
    """A closure must be of a day that could be a session, a weekend opening of a venue that has such."""
    if not isinstance(day, date) or isinstance(day, datetime):
        return f"has the day {day!r}, not a date such as 2027-02-08 without quotes"
    table = _table(venue)
    usual = day.weekday() in _week(table)
    listed = any(entry["day"] == day for entry in table.get("open", []))
    possible = usual or listed if kind == "closed" else day.weekday() < 5 or table.get("weekends", False)
    if kind == "valid_through" or possible:
        return None
    return f"names {day}, a {day:%A}, on which {venue} holds no session anyway"


def _override(venue: str, entries: list[tuple[str, str, date, str]]) -> _Override:
    mine = [(kind, day, reason) for kind, whose, day, reason in entries if whose == venue]
    return _Override(
        closed={day: reason for kind, day, reason in mine if kind == "closed"},
        open=frozenset(day for kind, day, _ in mine if kind == "open"),
        valid_through=max((day for kind, day, _ in mine if kind == "valid_through"), default=None),
    )
