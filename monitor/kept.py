"""What checks said over many moments: the readings of each subject, replaced from some session on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from monitor.model import Reading

Key = tuple[str, str]
"""(check, subject)."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What one check says of its sessions from `first` on: whatever was read of them before is void."""

    first: date
    readings: Mapping[str, list[Reading]]
    """By subject, oldest first."""


class Kept:
    """The readings of some checks as last told, oldest first."""

    def __init__(self) -> None:
        self._by_check: dict[str, dict[str, list[Reading]]] = {}

    def take(self, fresh: Mapping[str, Fresh]) -> date:
        """Keep what checks say now; the first session of which any says something else than before, or date.max."""
        return min((self._replace(name, one) for name, one in fresh.items()), default=date.max)

    def since(self, names: Iterable[str], start: date) -> Iterator[tuple[Key, list[Reading]]]:
        """What these checks say of their subjects from a session on; nothing of a subject without any."""
        for name in names:
            for subject, kept in self._by_check.get(name, {}).items():
                if said := kept[bisect_left(kept, start, key=_session) :]:
                    yield (name, subject), said

    def _replace(self, name: str, fresh: Fresh) -> date:
        kept, moved = self._by_check.setdefault(name, {}), date.max
        for subject in kept.keys() | fresh.readings.keys():
            old, new = kept.get(subject, []), fresh.readings.get(subject, [])
            place = bisect_left(old, fresh.first, key=_session)
            moved = min(moved, _first_difference(old[place:], new))
            kept[subject] = old[:place] + new
        return moved


def _first_difference(old: list[Reading], new: list[Reading]) -> date:
    """The first session of which two runs of one subject's readings say different things; date.max where none."""
    for before, now in zip_longest(old, new):
        if before is None or now is None:
            return (before or now).session
        if before is not now and before != now:
            return min(before.session, now.session)
    return date.max


def _session(reading: Reading) -> date:
    return reading.session
