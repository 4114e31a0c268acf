"""The checks at ever later moments on one connection: at each, what may read otherwise than at the one before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import duckdb

from monitor import checks, lineage
from monitor.checkfile import Check
from monitor.checks import Evaluation, Moment
from monitor.lineage import Feeds, Needs
from monitor.model import Reading

BASIS: Final = "published"


@dataclass(frozen=True, slots=True)
class Fresh:
    """What one check says of its sessions from `first` on: whatever was read of them before is void."""

    first: date
    readings: Mapping[str, list[Reading]]
    """By subject, oldest first."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a moment may say otherwise than the moment before it."""

    moment: datetime
    fresh: Mapping[str, Fresh]
    broken: Mapping[str, str]


class Lane:
    """One connection with temp tables of its own, which has the table `thresholds` ready."""

    def __init__(
        self, cur: duckdb.DuckDBPyConnection, known: Mapping[str, Check], needs: Mapping[str, Needs], feeds: Feeds
    ) -> None:
        self._cur = cur
        self._checks = known
        self._needs = needs
        self._feeds = feeds
        self._before: datetime | None = None

    def changes(self, moments: Iterable[datetime], *, plain: bool) -> list[Change]:
        """What each moment, later than the last one asked about, says anew; `plain` reads all of it anew."""
        return [self._change(moment, plain=plain) for moment in moments]

    def plainly(self, moment: datetime, names: Iterable[str]) -> Evaluation:
        """The readings of these checks as a batch of that moment has them, over the whole window."""
        wanted = list(names)
        return self._evaluated(moment, wanted, None, self._views(wanted))

    def compose(self, standing: Iterable[Check], readings: Iterable[Reading]) -> Evaluation:
        """The checks that stand on these readings of others."""
        return checks.compose(self._cur, standing, readings)

    def _evaluated(self, moment: datetime, names: Iterable[str], since: date | None, views: set[str]) -> Evaluation:
        checks.look(self._cur, Moment(moment, BASIS), since, views)
        return checks.read(self._cur, [self._checks[name] for name in names])

    def _views(self, names: Iterable[str]) -> set[str]:
        return set().union(*(self._needs[name].views for name in names))

    def _change(self, moment: datetime, *, plain: bool) -> Change:
        start = checks.window_start(Moment(moment))
        whole, partly = self._moved(moment, start, plain=plain)
        fresh, broken = self._read(moment, dict.fromkeys(whole, start), start, self._views(whole))
        if partly:
            since = max(start, min(first - timedelta(days=self._reach(name)) for name, first in partly.items()))
            more, broken_too = self._read(moment, partly, since, self._views(partly) - self._views(whole))
            fresh, broken = fresh | more, {**broken, **broken_too}
        self._before = moment
        return Change(moment, fresh, broken)

    def _moved(self, moment: datetime, start: date, *, plain: bool) -> tuple[list[str], dict[str, date]]:
        """(checks to read over the whole window, first session to read anew of the others)."""
        if plain or self._before is None:
            return list(self._checks), {}
        touched = lineage.touched(self._feeds, self._before, moment)
        whole, partly = [], {}
        for name, needs in self._needs.items():
            first = min((touched[table] for table in needs.tables if table in touched), default=None)
            if needs.clocked or (first is not None and self._checks[name].reach is None):
                whole.append(name)
            elif first is not None:
                since = first - timedelta(days=self._reach(name))
                if since - timedelta(days=self._reach(name)) <= start:
                    whole.append(name)
                else:
                    partly[name] = since
        return whole, partly

    def _reach(self, name: str) -> int:
        return self._checks[name].reach or 0

    def _read(
        self, moment: datetime, firsts: Mapping[str, date], since: date, views: set[str]
    ) -> tuple[dict[str, Fresh], Mapping[str, str]]:
        """These checks with `views` laid down from `since` on: what each says from its own first session on."""
        if not firsts:
            return {}, {}
        checks.look(self._cur, Moment(moment, BASIS), since, views)
        found = checks.read(self._cur, [self._checks[name] for name in firsts], firsts)
        return gathered(found.readings, firsts), found.broken


def gathered(readings: Iterable[Reading], firsts: Mapping[str, date]) -> dict[str, Fresh]:
    """What each of these checks says from its own first session on."""
    kept: dict[str, dict[str, list[Reading]]] = {name: defaultdict(list) for name in firsts}
    for reading in sorted(readings, key=lambda reading: reading.session):
        if reading.session >= firsts[reading.check]:
            kept[reading.check][reading.subject].append(reading)
    return {name: Fresh(first, kept[name]) for name, first in firsts.items()}
