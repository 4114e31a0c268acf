"""The tables of trading days as they lie in `monitor/calendars`, and the operator's corrections to them."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from monitor.errors import ConfigError

VENUES: Final = ("COMEX", "SHFE", "SGE", "TARGET", "NYSE", "LBMA", "CFTC", "MCX", "CFETS", "SIFMA", "SOFR")
_FOLDER: Final = Path(__file__).parent / "calendars"
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONDAY_TO_FRIDAY: Final = (0, 1, 2, 3, 4)


@lru_cache(maxsize=16)
def table(venue: str) -> Mapping[str, Any]:
    """The venue's own file, without the operator's corrections."""
    return tomllib.loads((_FOLDER / f"{venue.lower()}.toml").read_text(encoding="utf-8"))


def week_of(found: Mapping[str, Any]) -> tuple[int, ...]:
    """The weekdays on which its sessions are usual, Monday 0, ascending."""
    return tuple(_DAYS.index(name) for name in found.get("week", ())) or MONDAY_TO_FRIDAY


@dataclass(frozen=True, slots=True)
class Override:
    """The operator's corrections to one venue."""

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


_KINDS: Final = ("closed", "open", "valid_through")


def read_overrides(path: Path) -> dict[str, Override]:
    """The corrections by venue; ConfigError naming every entry that cannot be meant."""
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
    found = table(venue)
    usual = day.weekday() in week_of(found)
    listed = any(entry["day"] == day for entry in found.get("open", []))
    possible = usual or listed if kind == "closed" else day.weekday() < 5 or found.get("weekends", False)
    if kind == "valid_through" or possible:
        return None
    return f"names {day}, a {day:%A}, on which {venue} holds no session anyway"


def _override(venue: str, entries: list[tuple[str, str, date, str]]) -> Override:
    mine = [(kind, day, reason) for kind, whose, day, reason in entries if whose == venue]
    return Override(
        closed={day: reason for kind, day, reason in mine if kind == "closed"},
        open=frozenset(day for kind, day, _ in mine if kind == "open"),
        valid_through=max((day for kind, day, _ in mine if kind == "valid_through"), default=None),
    )
