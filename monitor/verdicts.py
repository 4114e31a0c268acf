"""Rows of a check's SQL as readings: which column means what, and what a value amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from operator import itemgetter
from typing import Any, Final

from monitor.checkfile import Check
from monitor.clock import aware
from monitor.model import Reading, Verdict

Row = tuple[Any, ...]
_NEEDED: Final = ("subject", "session", "value")
_OWN: Final = (*_NEEDED, "low", "high", "warn", "critical", "clear", "published_at", "reason", "ended")


class Shape:
    """The columns of one check's rows; whatever is none of a reading's own is an input."""

    def __init__(self, check: Check, names: Sequence[str]) -> None:
        """Raises ValueError where a column is missing that no reading can be without."""
        if missing := set(_NEEDED) - set(names):
            raise ValueError(f"{check.name} returns no column {min(missing)}")
        self.check = check
        places = {name: place for place, name in enumerate(names)}
        absent = len(names)
        self._key = itemgetter(places["subject"], places["session"])
        self._own = itemgetter(*(places.get(name, absent) for name in _OWN))
        self._names = tuple(name for name in places if name not in _OWN)
        self._inputs = itemgetter(*(places[name] for name in self._names), absent, absent)

    def key(self, row: Row) -> Row:
        """Its subject and session."""
        subject, session = self._key(row)
        return subject, session

    def reading(self, row: Row) -> Reading:
        """One row as a reading; a value that is no finite number is none."""
        full = (*row, None)
        subject, session, value, low, high, warn, critical, clear, published, reason, ended = self._own(full)
        if value is not None and not isfinite(value):
            value = None
        if ended:
            verdict = Verdict.CLEAR
        elif value is None or reason:
            verdict = Verdict.NODATA
        else:
            levels = (warn, critical, clear)
            verdict = verdict_of(self.check, value if low is None else low, value if high is None else high, levels)
        told = reason or ("" if value is not None else "no data")
        known = None if published is None else aware(published)
        inputs = dict(zip(self._names, self._inputs(full), strict=False))
        return Reading(self.check.name, subject, session, value, verdict, warn, critical, clear, known, told, inputs)


def once_each(check: Check, readings: Iterable[Reading]) -> list[Reading]:
    """The readings, of which no two may be of one subject and session.

    Raises ValueError where two are.
    """
    found = list(readings)
    if len({(reading.subject, reading.session) for reading in found}) != len(found):
        raise ValueError(f"{check.name} returns two rows for one subject and session")
    return found


def verdict_of(
    check: Check, low: float, high: float, levels: tuple[float | None, float | None, float | None]
) -> Verdict:
    """A value, or an interval whose two ends must both pass a level for it to count."""
    warn, critical, clear = levels
    if warn is None:
        return Verdict.CLEAR
    sign = 1 if check.above_is_bad else -1
    mildest, worst = (sign * low, sign * high) if sign * low <= sign * high else (sign * high, sign * low)
    if critical is not None and not check.capped and mildest >= sign * critical:
        return Verdict.CRITICAL
    if mildest >= sign * warn:
        return Verdict.WARNING
    if worst > sign * (clear if clear is not None else warn):
        return Verdict.BAND
    return Verdict.CLEAR
