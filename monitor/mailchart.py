"""The picture of one alert: the measure with its levels, episodes as pale bands, marked days, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from alerts import wording
from alerts.story import CheckCard, Picture
from alerts.textual import count, one_line, quantity, subject_words, unit_name
from monitor import raster, sessions
from monitor.chart import Band, Level, Line, Tick, chart
from monitor.model import Episode, Reading, Severity

SIZE: Final = (600, 260)
PIXELS: Final = 900
"""Width of the PNG: sharp on a phone, small in a mail."""
_GAP_DAYS: Final = 12
"""Two readings farther apart than any usual holiday are not joined."""
_TITLE: Final = 62
_FEW: Final = 4


def picture(
    cid: str,
    card: CheckCard,
    readings: Sequence[Reading],
    episodes: Sequence[Episode],
    marks: Sequence[tuple[date, str]] = (),
) -> Picture | None:
    """The readings of one subject as a picture; None where none has a value, or nothing can be drawn."""
    known = [reading for reading in readings if reading.value is not None and reading.verdict.observed]
    if len(known) < 2:
        return None
    last = known[-1]
    side = "above" if card.direction == "above" else "below"
    unit = unit_name(card.unit) or "a ratio"
    subtitle = f"{card.title}, {unit}; bad is {side}"
    answer = wording.headline(card, last)
    title = f"{subject_words(last.subject)}: {answer}"
    title = title if len(title) <= _TITLE else answer[:1].upper() + answer[1:]
    svg = chart(
        one_line(title, _TITLE),
        one_line(subtitle, 90),
        Line(f"{quantity(last.value, card.unit, card.decimals)}, {_day(last.session)}", points(readings)),
        levels=[level for name in ("warn", "critical") if (level := level_of(readings, name)).points],
        bands=[band(episode) for episode in episodes],
        ticks=[Tick(day, one_line(label, 30)) for day, label in marks],
        size=SIZE,
        dark=False,
    )
    png = raster.png(svg, PIXELS)
    return None if png is None else Picture(cid, png, _words(card, readings, known, marks))


def points(readings: Sequence[Reading]) -> list[tuple[date, float | None]]:
    """The values that count; a reading without one, and sessions without a reading, are gaps."""
    daily = _is_daily(readings)
    found: list[tuple[date, float | None]] = []
    for reading in readings:
        if found and _is_gap(reading, found[-1][0], daily):
            found.append((found[-1][0], None))
        found.append((reading.session, reading.value if reading.verdict.observed else None))
    return found


def _is_daily(readings: Sequence[Reading]) -> bool:
    """False where most readings, of a few at least, lie sessions apart: those of weekly reports."""
    apart = [_skipped(later, earlier.session) for earlier, later in pairwise(readings)]
    return len(apart) < _FEW or 2 * sum(apart) < len(apart)


def _is_gap(reading: Reading, before: date, daily: bool) -> bool:
    return (reading.session - before).days > _GAP_DAYS or (daily and _skipped(reading, before))


def _skipped(reading: Reading, before: date) -> bool:
    """Whether its venue held a session in between."""
    calendar = str(reading.inputs.get("venue", "")).replace("NYMEX", "COMEX")
    if calendar not in sessions.VENUES:
        return False
    start, end = before + timedelta(days=1), reading.session - timedelta(days=1)
    return start <= end and bool(sessions.sessions(calendar, start, end))


def level_of(readings: Sequence[Reading], name: str) -> Level:
    """The level as it stood on each session; named with its last value."""
    found = [(r.session, getattr(r, name)) for r in readings if getattr(r, name) is not None]
    return Level(f"{name} {found[-1][1]:g}" if found else name, found, "critical" if name == "critical" else "warning")


def band(episode: Episode) -> Band:
    return Band(episode.opened, episode.closed, "critical" if episode.peak is Severity.CRITICAL else "warning")


def _words(
    card: CheckCard, readings: Sequence[Reading], known: Sequence[Reading], marks: Sequence[tuple[date, str]]
) -> str:
    """What the picture shows, for those who do not see it."""

    def said(reading: Reading) -> str:
        return f"{quantity(reading.value, card.unit, card.decimals)} on {reading.session}"

    lowest, highest = min(known, key=_value), max(known, key=_value)
    gaps = len(readings) - len(known)
    parts = [
        f"Chart of {wording.lowered(card.title)} by session: {said(known[0])}, {said(known[-1])}",
        f"lowest {said(lowest)}, highest {said(highest)}",
        f"{count(gaps, 'session')} without a value left open" if gaps else "",
        "marked " + ", ".join(f"{label} {day}" for day, label in marks) if marks else "",
    ]
    return "; ".join(part for part in parts if part) + "."


def _value(reading: Reading) -> float:
    return reading.value or 0.0


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
