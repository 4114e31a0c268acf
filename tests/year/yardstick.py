"""What any alerter's mails of a scripted year are worth: how many, which episodes are in none, what was called over.

It asks less than `verdict`, so that a program that names no sessions can be held against it: only whether a key is
said to be open or over, and when.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tests.oracle import Trouble
from tests.year.script import Key, Script
from tests.year.sights import Sight
from tests.year.verdict import PATIENCE


@dataclass(frozen=True, slots=True)
class Heard:
    """One line of one mail: a key said to be open or over, or an episode told after the fact."""

    at: datetime
    key: Key
    is_open: bool
    missed: date | None = None
    """The opening session of an episode told when it was over."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a recipient got."""

    mails: int
    episodes: int
    """Those that opened after the start and that no revision took away."""
    missed: int
    """Episodes of which no mail told."""
    false_resolves: int
    """Ends told while the readings, for more than a day, said nothing of the kind."""


def score(script: Script, seen: Mapping[Key, list[Sight]], mails: int, heard: Sequence[Heard]) -> Score:
    """`seen` are the script's sights, `heard` what one recipient was told, in order."""
    by_key: dict[Key, list[Heard]] = {key: [] for key in seen}
    for one in heard:
        by_key[one.key].append(one)
    episodes = [(key, first, trouble) for key, history in seen.items() for first, trouble in _episodes(script, history)]
    return Score(
        mails=mails,
        episodes=len(episodes),
        missed=sum(not _is_told(by_key[key], first, trouble, seen[key]) for key, first, trouble in episodes),
        false_resolves=sum(_is_end(one, by_key[one.key]) and _is_open_for_long(seen[one.key], one.at) for one in heard),
    )


def _episodes(script: Script, history: list[Sight]) -> Iterator[tuple[datetime, Trouble]]:
    """(when it could first be seen, the episode) of each that still stands at the end."""
    known = {trouble.opened for trouble in history[0].found} if history[0].at <= script.start else set()
    for trouble in history[-1].found:
        if trouble.opened not in known:
            yield next(s.at for s in history if any(t.opened == trouble.opened for t in s.found)), trouble


def _is_told(heard: Sequence[Heard], first: datetime, trouble: Trouble, history: list[Sight]) -> bool:
    """Whether the key was believed open while the episode could be seen, and a day longer, or was told afterwards."""
    over = next((s.at for s in history if any(t == trouble for t in s.found)), None) if trouble.closed else None
    until = datetime.max.replace(tzinfo=first.tzinfo) if over is None else over + 4 * PATIENCE
    before = [one for one in heard if one.at <= first and one.missed is None]
    during = [one for one in heard if first < one.at <= until]
    told_after = any(one.missed == trouble.opened for one in heard)
    return told_after or (bool(before) and before[-1].is_open) or any(one.is_open for one in during)


def _is_end(one: Heard, heard: Sequence[Heard]) -> bool:
    """Whether the key is taken for over now: not where the same mail tells of its next story."""
    return not one.is_open and one.missed is None and not any(h.is_open and h.at == one.at for h in heard)


def _is_open_for_long(history: list[Sight], at: datetime) -> bool:
    """Whether the readings said open all through the day before."""
    last = bisect_right(history, at, key=lambda sight: sight.at)
    first = bisect_right(history, at - PATIENCE, key=lambda sight: sight.at)
    return last > 0 and all(sight.head for sight in history[max(first - 1, 0) : last])
