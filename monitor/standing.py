"""The checks over the live store, each read anew only where something it stands on was written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from monitor import checks, lineage
from monitor.checkfile import Check
from monitor.checks import Evaluation, Moment
from monitor.clock import naive
from monitor.lineage import Needs
from monitor.model import Reading
from monitor.store import Store


class Standing:
    """What one store's checks said last.

    Everything is read anew at first, when the window moves with the day, when the clock went back, and where a file
    was loaded later than the moment last asked about; the readings are those of `checks.evaluate` at that moment.
    """

    def __init__(self, store: Store, known: Mapping[str, Check]) -> None:
        self.store = store
        self._checks = known
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
        fresh = self._read(wanted, now)
        for name in wanted:
            self._broken.pop(name, None)
            self._kept[name] = tuple(reading for reading in fresh.readings if reading.check == name)
        self._broken |= fresh.broken
        self._written, self._before, self._start = written, naive(now), checks.window_start(Moment(now))
        ((newest,),) = self.store.rows("select max(loaded_at) from loads")
        self._newest = newest or self._newest
        whole = tuple(reading for kept in self._kept.values() for reading in kept)
        return Evaluation(whole, dict(self._broken)), fresh

    def _read(self, wanted: list[str], now: datetime) -> Evaluation:
        if len(wanted) == len(self._checks):
            return checks.evaluate(self.store, self._checks.values(), Moment(now))
        views = set().union(*(self._needs[name].views for name in wanted))
        with self.store.cursor() as cur:
            checks.look(cur, Moment(now), views=views)
            return checks.read(cur, [self._checks[name] for name in wanted])

    def _wanted(self, now: datetime, written: Mapping[str, int]) -> list[str]:
        moved = self._start != checks.window_start(Moment(now))
        if not self._kept or moved or naive(now) < self._before or self._before < self._newest:
            return list(self._checks)
        if not self._needs:
            with self.store.cursor() as cur:
                self._needs = lineage.needs(cur, self._checks.values())
        return [
            name
            for name, needs in self._needs.items()
            if needs.clocked or any(written.get(table) != self._written.get(table) for table in needs.tables)
        ]
