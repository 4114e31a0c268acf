"""What the readings of a scripted year said, hour by hour, by the naive search of `tests.oracle`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from monitor.model import Reading
from tests.oracle import Trouble, troubles
from tests.year.desk import Rows
from tests.year.script import Key, Script


@dataclass(frozen=True, slots=True)
class Sight:
    """What one key's readings say from a moment on."""

    at: datetime
    readings: tuple[Reading, ...]
    found: tuple[Trouble, ...]

    @property
    def head(self) -> Trouble | None:
        return self.found[-1] if self.found and self.found[-1].closed is None else None


def sights(script: Script) -> dict[Key, list[Sight]]:
    """By key, what its readings said at each hour at which somebody looked and they had changed."""
    rows, found = Rows(script), dict[Key, list[Sight]]()
    for now in script.rounds():
        changed = {arrival.key for arrival in rows.take(now)}
        for key in changed:
            seen = tuple(sorted(rows.of(key, now), key=lambda one: one.session))
            found.setdefault(key, []).append(Sight(now, seen, tuple(troubles(seen, script.policies[key]))))
    return found


def was_critical(sight: Sight, opened: date) -> bool:
    """Whether a story of that opening, or what a revision that moves the opening made of it, was critical once."""
    return any(t.peak == "critical" and (t.closed is None or t.closed >= opened) for t in sight.found)


def covers(sight: Sight, day: date) -> bool:
    return any(t.opened <= day and (t.closed is None or day <= t.closed) for t in sight.found)
