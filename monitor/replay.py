"""What the checks read at each of many moments, at the cost of what became known between them.

A moment is read anew only where something moved: a check none of whose tables has news keeps its readings, and one
that says how far it reaches (`reach` in its header) is read over the sessions that the news can touch. The readings
are those of `checks.evaluate` at the same moment; `Replay.plainly` reads them so, and `differs` compares.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from typing import Final, Self

import duckdb

from monitor import checktables, composite, lineage, reads
from monitor.checkfile import Check
from monitor.checks import Evaluation
from monitor.kept import Kept, Key
from monitor.lane import Change, Lane, window
from monitor.model import Reading
from monitor.published import Reader
from monitor.store import insert

_LANES: Final = 2
_STRETCH: Final = 40
"""Moments a lane reads in one go; the other lane meanwhile reads those after them."""
_UNSAID: Final = timedelta(days=120)
_QUIET_HOUR: Final = time(23, tzinfo=UTC)
"""When a day without any publication is looked at by checks that follow the clock."""


class Replay:
    """The checks over one generation at ever later moments; not to be asked about an earlier one again."""

    def __init__(self, reader: Reader, known: Mapping[str, Check], *, plain: bool = False) -> None:
        self.checks = dict(known)
        self.broken: dict[str, str] = {}
        self._standing = [check for check in known.values() if check.stands_on]
        beside = composite.absent(known.values())
        self._read_from_facts = {n: c for n, c in known.items() if not c.stands_on} | beside
        self._plain = plain
        self._before: datetime | None = None
        self._open = ExitStack()
        with reader.cursor() as cur:
            cur.execute("set threads = 1")  # the lanes are what runs side by side: threads within them only cost
        cursors = [self._open.enter_context(reader.cursor()) for _ in range(_LANES + 1)]
        self._needs = reads.needs(cursors[0], self._read_from_facts.values())
        self._feeds = lineage.feeds(cursors[0])
        self._prover, *self._lanes = (self._lane(cur, tuple(beside)) for cur in cursors)
        self._pools = [self._open.enter_context(ThreadPoolExecutor(1)) for _ in self._lanes]
        self._kept, self._below = Kept(), Kept()
        self._rows = composite.Rows()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._open.close()

    def moments(self, start: date, end: date) -> list[datetime]:
        """The last publication of each day from `start` to `end`; days without one only for checks that need them."""
        last: dict[date, datetime] = {}
        for entries in self._feeds.values():
            for entry in entries:
                day = entry.moment.date()
                if start <= day <= end:
                    last[day] = max(entry.moment, last.get(day, entry.moment))
        if any(needs.clocked for needs in self._needs.values()):
            for number in range((end - start).days + 1):
                day = start + timedelta(days=number)
                last.setdefault(day, datetime.combine(day, _QUIET_HOUR))
        return [last[day] for day in sorted(last)]

    def over(self, moments: Sequence[datetime]) -> Iterator[tuple[datetime, dict[Key, list[Reading]]]]:
        """Each of these moments, in order and later than any before, with every reading of its window by key."""
        for stretch in self._stretches(moments):
            for change, more in zip(stretch, self._composed(stretch), strict=True):
                self.broken.update(change.broken | more.broken)
                self._kept.take(change.fresh | more.fresh)
                yield change.moment, dict(self._kept.since(self.checks, window(change.moment)))

    def plainly(self, moment: datetime, names: Iterable[str]) -> Evaluation:
        """The readings of these checks as a batch of that moment has them, over the whole window."""
        asked = list(names)
        standing = [check for check in self._standing if check.name in asked]
        wanted = {name for name in asked if not self.checks[name].stands_on} | composite.wanted(standing)
        found = self._prover.plainly(moment, sorted(wanted & self._read_from_facts.keys()))
        if standing:
            more = self._prover.compose(standing, found.readings)
            found = Evaluation(found.readings + more.readings, {**found.broken, **more.broken})
        return Evaluation(tuple(r for r in found.readings if r.check in asked), found.broken)

    def all_sessions(self) -> dict[Key, list[Reading]]:
        """Every reading of the replay as last known, also of sessions that have left the window; oldest first."""
        return dict(self._kept.since(self.checks, date.min))

    def _stretches(self, moments: Sequence[datetime]) -> Iterator[list[Change]]:
        """What each moment says anew: the lanes take turns, a stretch each, one stretch ahead of the reader.

        What a moment says anew is told beside the moment before it, whichever lane read that one.
        """
        under_way: deque[Future[list[Change]]] = deque()
        turns = cycle(zip(self._lanes, self._pools, strict=True))
        for first, (lane, pool) in zip(range(0, len(moments), _STRETCH), turns, strict=False):
            stretch, before = moments[first : first + _STRETCH], self._before
            under_way.append(pool.submit(lane.changes, before, stretch, plain=self._plain))
            self._before = stretch[-1]
            if len(under_way) > _LANES:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _composed(self, stretch: Sequence[Change]) -> list[Change]:
        """What the checks that stand on others say anew at each moment of a stretch, out of what those say there."""
        names, asked = composite.wanted(self._standing), {}
        for number, change in enumerate(stretch):
            moved = self._below.take({name: fresh for name, fresh in change.fresh.items() if name in names})
            if moved < date.max:
                first = max(window(change.moment), moved)
                told = (reading for _, said in self._below.since(names, first - composite.BACK) for reading in said)
                asked[number] = (first, self._rows.of(told))
        return self._prover.composed([change.moment for change in stretch], self._standing, asked)

    def _lane(self, cur: duckdb.DuckDBPyConnection, beside: tuple[str, ...]) -> Lane:
        """A connection with the thresholds of the checks at hand before those of the generation.

        Those of checks that are read only for others to stand on are the generation's.
        """
        theirs = "select * from main.thresholds where list_contains(?::varchar[], check_name)"
        cur.execute(f"create temp table thresholds as {theirs}", [list(beside)])
        insert(cur, "temp.thresholds", checktables.threshold_frame(self.checks.values()))
        return Lane(cur, self._read_from_facts, self._needs, self._feeds)


def differs(check: Check, fast: Iterable[Reading], plain: Iterable[Reading], start: date) -> str:
    """Where two readings of one check at one moment say different things; '' where nowhere. Unknown ones say nothing.

    Sessions within the reach of the window's start are left out: what they draw on has left the window. So are 120 days
    of a check that does not say how far it reaches.
    """
    first = start + (_UNSAID if check.reach is None else timedelta(days=check.reach))
    left, right = (
        {(r.subject, r.session): r for r in side if r.session >= first and r.verdict.observed} for side in (fast, plain)
    )
    for subject, session in sorted(left.keys() | right.keys()):
        one, other = left.get((subject, session)), right.get((subject, session))
        if one is None or other is None or not _agree(check, one, other):
            return f"{subject} {session}"
    return ""


def _agree(check: Check, one: Reading, other: Reading) -> bool:
    """Whether two readings say the same but for the last digits: sums taken in another order differ there."""
    named = (one.inputs.keys() | other.inputs.keys()) - set(check.looks_farther)
    return (
        (one.verdict, one.warn, one.critical, one.clear, one.reason, one.published_at)
        == (other.verdict, other.warn, other.critical, other.clear, other.reason, other.published_at)
        and _same(one.value, other.value)
        and all(_same(one.inputs.get(name), other.inputs.get(name)) for name in named)
    )


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-8, abs_tol=1e-8)
    return one == other
