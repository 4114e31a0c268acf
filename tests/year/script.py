"""What happens in a made-up year: readings that flap, come late, are missing or revised, and two things that break.

Everything is drawn from one seed. A reading is a letter, as in `tests.oracle`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from monitor import sessions
from monitor.model import Policy

METALS: Final = ("silver", "gold", "copper", "platinum", "palladium")
HOURS: Final = {"SHFE": 8, "LBMA": 16, "COMEX": 22}
"""UTC hour at which a venue's readings of the day are there. Three calendars, three sets of holidays."""
POLICIES: Final = (Policy(1, 1, 2), Policy(2, 2, 3), Policy(2, 3, 3, 1, 1), Policy(3, 3, 3), Policy(2, 2, 3, 2, 3))
TROUBLES: Final = (
    "W", "WCWCW", "WWWW", "WWbWbbWW", "WWXXWW", "XX", "XXXXXXXXXXXXXX", "W.W..W", "WW....CCC", "WWC.CCWWCCbC",
    "bbbb", "X", "WXCXCXCC", "WWCWWCWWCC",
)  # fmt: skip
"""What an otherwise calm key runs through; then it is clear again, for as long as it takes."""
HISTORY: Final = timedelta(days=120)
WINDOW: Final = timedelta(days=400)
"""How far back readings are seen, as by the monitor."""
QUIET: Final = timedelta(days=4)
"""At the end nothing new comes, so that all that is to be told can be."""
Span = tuple[datetime, datetime]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """From `at` on, this key's reading of a session is this letter."""

    at: datetime
    key: Key
    session: date
    letter: str


@dataclass(frozen=True, slots=True)
class Script:
    """A span of time, and all that happens in it."""

    start: datetime
    end: datetime
    policies: Mapping[Key, Policy]
    arrivals: tuple[Arrival, ...]
    """In order; those before `start` are the history it begins with."""
    restarts: frozenset[datetime]
    post_down: tuple[Span, ...]
    """The mail server does not answer."""
    desk_down: tuple[Span, ...]
    """Nobody evaluates or sends anything."""

    def rounds(self) -> Iterator[datetime]:
        """Every full hour at which the desk is up."""
        moment = self.start
        while moment <= self.end:
            if not within(moment, self.desk_down):
                yield moment
            moment += timedelta(hours=1)


def within(moment: datetime, spans: tuple[Span, ...]) -> bool:
    return any(start <= moment < end for start, end in spans)


def write(seed: int, start: date, days: int, *, checks: int = 30, history: timedelta = HISTORY) -> Script:
    """So many days of so many checks, each of two metals at one venue."""
    random = Random(seed)
    begin = datetime.combine(start, time(), UTC)
    end = begin + timedelta(days=days)
    policies = dict(_keys(checks))
    outages = {venue: _outages(random, venue, start, end.date()) for venue in HOURS}
    last = end - QUIET
    arrivals = [
        arrival
        for key in policies
        for arrival in _history(random, key, (begin - history).date(), last, outages[venue_of(key)])
        if arrival.at <= last
    ]
    hours = [begin + timedelta(hours=hour) for hour in range(48, 24 * (days - 4))]
    return Script(
        start=begin,
        end=end,
        policies=policies,
        arrivals=tuple(sorted(arrivals, key=lambda one: one.at)),
        restarts=frozenset(random.sample(hours, max(days // 5, 5))),
        post_down=tuple(_spans(random, hours, max(days // 40, 1), (5, 40))),
        desk_down=tuple(_spans(random, hours, max(days // 40, 1), (30, 9 * 24))),
    )


def venue_of(key: Key) -> str:
    return key[1].split()[0]


def _keys(checks: int) -> Iterator[tuple[Key, Policy]]:
    venues = tuple(HOURS)
    for number in range(checks):
        venue = venues[number % len(venues)]
        for step in (0, 1):
            metal = METALS[(number + step) % len(METALS)]
            yield (f"check_{number}", f"{venue} {metal}"), POLICIES[number % len(POLICIES)]


def _spans(random: Random, hours: list[datetime], count: int, length: tuple[int, int]) -> Iterator[Span]:
    for start in random.sample(hours, count):
        yield start, min(start + timedelta(hours=random.randint(*length)), hours[-1])


def _outages(random: Random, venue: str, start: date, end: date) -> dict[date, bool]:
    """Sessions of which a venue publishes nothing at its hour -> whether it comes days later."""
    days = sessions.sessions(venue, start, end)
    found: dict[date, bool] = {}
    for _ in range(max(len(days) // 60, 1)):
        first, comes = random.randrange(len(days) - 6), random.random() < 0.5
        found |= dict.fromkeys(days[first : first + random.randint(2, 6)], comes)
    return found


def _history(random: Random, key: Key, first: date, last: datetime, outages: Mapping[date, bool]) -> Iterator[Arrival]:
    """Everything ever said of one key, in session order: on time, late, missing, revised."""
    days = sessions.sessions(venue_of(key), first, last.date())
    for day, letter in zip(days, _letters(random, len(days)), strict=True):
        at = datetime.combine(day, time(HOURS[venue_of(key)]), UTC)
        is_late = random.random() < 0.03
        if day in outages or is_late:
            yield Arrival(at, key, day, ".")
            if not outages.get(day, True):
                continue
            at += timedelta(hours=random.randint(9, 100))
        yield Arrival(at, key, day, letter)
        if random.random() < (0.12 if letter in "WX" else 0.004):
            other = random.choice({"C": "WX", "b": "CW", "W": "CX.", "X": "WC"}.get(letter, "CW"))
            yield Arrival(at + timedelta(hours=random.randint(2, 150)), key, day, other)


def _letters(random: Random, count: int) -> str:
    """Calm for weeks, with a session in between or without data now and then, and then some trouble."""
    found = ""
    while len(found) < count:
        found += "".join(random.choices("Cb.", (98, 1, 1), k=random.randint(8, 60))) + random.choice(TROUBLES)
    return found[:count]
