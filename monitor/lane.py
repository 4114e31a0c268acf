"""The checks at ever later moments on one connection: at each, what may read otherwise than at the one before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import duckdb

from monitor import checks, composite, lineage
from monitor.checkfile import Check
from monitor.checks import Evaluation, Moment
from monitor.composite import Row
from monitor.kept import Fresh
from monitor.lineage import Feeds
from monitor.model import Reading
from monitor.reads import Needs
from monitor.stack import Place, Stack

BASIS: Final = "published"
_AHEAD: Final = timedelta(days=10)
"""No fact changes what is said of a session longer before its own."""
_NEAR: Final = timedelta(days=70)
"""Checks that reach no farther are read apart: they need not look so far back with the others."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a moment may say otherwise than the moment before it."""

    moment: datetime
    fresh: dict[str, Fresh] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


Asked = Mapping[str, Mapping[int, date]]
"""By check, the first session to read anew at the numbered moments at which something behind it moved."""


class Lane:
    """One connection with temp tables of its own, which has the table `thresholds` ready."""

    def __init__(
        self, cur: duckdb.DuckDBPyConnection, known: Mapping[str, Check], needs: Mapping[str, Needs], feeds: Feeds
    ) -> None:
        self._cur = cur
        self._checks = known
        self._needs = needs
        self._feeds = feeds
        self._stack = Stack(cur)

    def changes(self, before: datetime | None, moments: Sequence[datetime], *, plain: bool) -> list[Change]:
        """What each of these moments says anew, the first one beside `before`; `plain` reads all of it anew."""
        found = [Change(moment) for moment in moments]
        first_of_all = found[:1] if before is None else []
        for change in found if plain else first_of_all:
            self._read_alone(change, dict.fromkeys(self._checks, window(change.moment)))
        if plain:
            return found
        far, near = self._asked(before, moments)
        self._read(found, far, [Place(moment, window(moment)) for moment in moments])
        self._read(found, near, self._narrow(moments, near))
        return found

    def plainly(self, moment: datetime, names: Iterable[str]) -> Evaluation:
        """The readings of these checks as a batch of that moment has them, over the whole window."""
        wanted = list(names)
        checks.look(self._cur, Moment(moment, BASIS), None, self._views(wanted))
        return checks.read(self._cur, [self._checks[name] for name in wanted])

    def compose(self, standing: Iterable[Check], readings: Iterable[Reading]) -> Evaluation:
        """The checks that stand on these readings of others."""
        return checks.compose(self._cur, standing, readings)

    def composed(
        self, moments: Sequence[datetime], standing: Iterable[Check], asked: Mapping[int, tuple[date, list[Row]]]
    ) -> list[Change]:
        """What the checks that stand on others say anew at each moment.

        `asked` has, by number of a moment, the first session to read there and the rows they stand on.
        """
        found = [Change(moment) for moment in moments]
        if asked:
            self._stack.lay([Place(moment, window(moment)) for moment in moments], ())
            composite.lay_stacked(self._cur, {number: rows for number, (_, rows) in asked.items()})
            self._stack.holds("judged")
        firsts = {number: first for number, (first, _) in asked.items()}
        for check in standing:
            if why := self._read_stacked(found, check, firsts):
                found[0].broken[check.name] = why
        return found

    def _views(self, names: Iterable[str]) -> set[str]:
        return set().union(*(self._needs[name].views for name in names))

    def _asked(self, before: datetime | None, moments: Sequence[datetime]) -> tuple[Asked, Asked]:
        """(what to read with the whole window laid down, what with no more than it reaches).

        Of a moment with none before it, nothing: all of it is read alone.
        """
        far: dict[str, dict[int, date]] = defaultdict(dict)
        near: dict[str, dict[int, date]] = defaultdict(dict)
        for number, (earlier, moment) in enumerate(zip((before, *moments), moments, strict=False)):
            start = window(moment)
            touched = lineage.touched(self._feeds, earlier, moment) if earlier else {}
            for name, needs in self._needs.items() if earlier else ():
                first = _first(touched, needs)
                if needs.clocked or (first and self._checks[name].reach is None):
                    far[name][number] = start
                elif first:
                    since = max(start, first - _AHEAD)
                    is_near = self._reach(name) <= min(_NEAR, since - start)
                    (near if is_near else far)[name][number] = since
        return far, near

    def _narrow(self, moments: Sequence[datetime], near: Asked) -> list[Place]:
        """The moments with the first session that any check read there can see."""
        since = [moment.date() for moment in moments]
        for name, firsts in near.items():
            for number, first in firsts.items():
                since[number] = min(since[number], first - self._reach(name))
        return [Place(moment, day) for moment, day in zip(moments, since, strict=True)]

    def _reach(self, name: str) -> timedelta:
        return timedelta(days=self._checks[name].reach or 0)

    def _read(self, found: Sequence[Change], asked: Asked, places: Sequence[Place]) -> None:
        """Read these checks at all their moments together; one that cannot be read so, a moment at a time."""
        if not asked:
            return
        try:
            self._stack.lay(places, self._views(asked))
        except duckdb.Error:
            alone = dict(asked)
        else:
            alone = {n: firsts for n, firsts in asked.items() if self._read_stacked(found, self._checks[n], firsts)}
        for number, change in enumerate(found):
            names = {name: firsts[number] for name, firsts in alone.items() if number in firsts}
            self._read_alone(change, names)

    def _read_stacked(self, found: Sequence[Change], check: Check, firsts: Mapping[int, date]) -> str:
        """Read one check at all its moments together; why it cannot be read so, or ''."""
        if not firsts:
            return ""
        try:
            told = self._stack.read(check, firsts)
        except checks.BROKEN as error:
            return checks.why(error)
        for number, first in firsts.items():
            found[number].fresh[check.name] = of_one(told[number], first)
        return ""

    def _read_alone(self, change: Change, firsts: Mapping[str, date]) -> None:
        """These checks at one moment, as a batch reads them: what each says from its own first session on."""
        if not firsts:
            return
        checks.look(self._cur, Moment(change.moment, BASIS), None, self._views(firsts))
        said = checks.read(self._cur, [self._checks[name] for name in firsts], firsts)
        change.fresh.update(gathered(said.readings, firsts))
        change.broken.update(said.broken)


def gathered(readings: Iterable[Reading], firsts: Mapping[str, date]) -> dict[str, Fresh]:
    """What each of these checks says from its own first session on."""
    kept: dict[str, list[Reading]] = {name: [] for name in firsts}
    for reading in readings:
        if reading.session >= firsts[reading.check]:
            kept[reading.check].append(reading)
    return {name: of_one(kept[name], first) for name, first in firsts.items()}


def of_one(readings: Iterable[Reading], first: date) -> Fresh:
    by_subject: dict[str, list[Reading]] = defaultdict(list)
    for reading in sorted(readings, key=lambda reading: reading.session):
        by_subject[reading.subject].append(reading)
    return Fresh(first, by_subject)


def window(moment: datetime) -> date:
    return checks.window_start(Moment(moment))


def _first(touched: Mapping[str, date], needs: Needs) -> date | None:
    """The first session about which something new may be said of what a check stands on."""
    return min((touched[table] for table in needs.tables if table in touched), default=None)
