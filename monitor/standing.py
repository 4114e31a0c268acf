"""The checks over the live store, each read anew only where something it stands on was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import duckdb

from monitor import checks, composite, reads
from monitor.checkfile import Check
from monitor.checks import Evaluation, Moment
from monitor.clock import naive
from monitor.model import Reading
from monitor.reads import Needs
from monitor.store import Store


class Standing:
    """What one store's checks said last.

    Everything is read anew at first, when the window moves with the day, when the clock went back, and where a file
    was loaded later than the moment last asked about; the readings are those of `checks.evaluate` at that moment.
    """

    def __init__(self, store: Store, known: Mapping[str, Check]) -> None:
        self.store = store
        self._known = known
        self._of_facts = {n: c for n, c in known.items() if not c.stands_on} | composite.absent(known.values())
        self._composed = [check for check in known.values() if check.stands_on]
        self._needs: dict[str, Needs] = {}
        self._kept: dict[str, tuple[Reading, ...]] = {}
        self._broken: dict[str, str] = {}
        self._written: dict[str, int] = {}
        self._start = date.min
        self._before = self._newest = datetime.min  # noqa: DTZ901 - naive UTC, as the store has it

    def at(self, now: datetime) -> tuple[Evaluation, Evaluation]:
        """(every reading as known now, those among them that were read anew)."""
        written = self.store.written()
        wanted = self._wanted(now, written)
        anew = self._read(wanted, now)
        self._written, self._before, self._start = written, naive(now), checks.window_start(Moment(now))
        ((newest,),) = self.store.rows("select max(loaded_at) from loads")
        self._newest = newest or self._newest
        return self._said(self._known), self._said(name for name in anew if name in self._known)

    def _read(self, wanted: list[str], now: datetime) -> list[str]:
        """Read these checks of facts, and those that stand on any of them; the names of all that were read."""
        with self.store.cursor() as cur:
            if len(self._of_facts) <= checks.FEW:
                self._find_needs(cur)
            views = set().union(*(self._needs[name].views for name in wanted)) if self._needs else None
            checks.look(cur, Moment(now), views=views)
            self._keep(wanted, checks.read(cur, [self._of_facts[name] for name in wanted]))
            moved = [check for check in self._composed if set(check.stands_on) & set(wanted)]
            if moved:
                below = composite.wanted(moved) & self._kept.keys()
                readings = (reading for name in below for reading in self._kept[name])
                self._keep([check.name for check in moved], checks.compose(cur, moved, readings))
        return wanted + [check.name for check in moved]

    def _find_needs(self, cur: duckdb.DuckDBPyConnection) -> None:
        """What the checks read, once: of many, when it first spares anything, for it takes longer than to lay all."""
        self._needs = self._needs or reads.needs(cur, self._of_facts.values())

    def _keep(self, names: Iterable[str], found: Evaluation) -> None:
        for name in names:
            self._broken.pop(name, None)
            self._kept[name] = tuple(reading for reading in found.readings if reading.check == name)
        self._broken |= found.broken

    def _said(self, names: Iterable[str]) -> Evaluation:
        wanted = tuple(names)
        readings = tuple(reading for name in wanted for reading in self._kept[name])
        return Evaluation(readings, {name: why for name, why in self._broken.items() if name in wanted})

    def _wanted(self, now: datetime, written: Mapping[str, int]) -> list[str]:
        moved = self._start != checks.window_start(Moment(now))
        if not self._kept or moved or naive(now) < self._before or self._before < self._newest:
            return list(self._of_facts)
        with self.store.cursor() as cur:
            self._find_needs(cur)
        return [
            name
            for name, needs in self._needs.items()
            if needs.clocked or any(written.get(table) != self._written.get(table) for table in needs.tables)
        ]
