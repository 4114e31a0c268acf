"""What the checks read at each of many moments, at the cost of what became known between them.

A moment is read anew only where something moved: a check none of whose tables has news keeps its readings, and one
that says how far it reaches (`reach` in its header) is read over the sessions that the news can touch. The readings
are those of `checks.evaluate` at the same moment; `Replay.plainly` reads them so, and `differs` compares.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self

import duckdb

from monitor import checks, composite
from monitor.checkfile import Check
from monitor.checks import Evaluation, Moment
from monitor.clock import aware
from monitor.model import Reading
from monitor.published import Reader
from monitor.schema import TABLES
from monitor.store import insert

BASIS: Final = "published"
_LANES: Final = 2
_QUIET_HOUR: Final = time(23, tzinfo=UTC)
"""When a day without any publication is looked at by checks that follow the clock."""
_CLOCKED: Final = {"this_moment", "due", "ask_states"}
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _News:
    """Rows of one table and source that became known at one moment."""

    moment: datetime
    first: date
    """The oldest session among them."""
    newest: date
    """The newest session of all that was known by then."""


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a check stands on."""

    views: frozenset[str]
    tables: frozenset[str]
    clocked: bool
    """It reads the hour, or tables that no publication moves: read at every moment."""


class Replay:
    """The checks over one generation at ever later moments; not to be asked about an earlier one again."""

    def __init__(self, reader: Reader, known: Mapping[str, Check], *, plain: bool = False) -> None:
        self.checks = dict(known)
        self.broken: dict[str, str] = {}
        self._standing = [check for check in known.values() if check.stands_on]
        beside = composite.absent(known.values())
        self._read_from_facts = {n: c for n, c in known.items() if not c.stands_on} | beside
        self._plain = plain
        self._open = ExitStack()
        self._lanes = [self._lane(reader, tuple(beside)) for _ in range(_LANES)]
        self._pool = self._open.enter_context(ThreadPoolExecutor(_LANES))
        self._needs = _needs(self._lanes[0], self._read_from_facts.values())
        self._news = _news(self._lanes[0])
        self._kept: dict[str, dict[str, list[Reading]]] = {name: {} for name in (*self._read_from_facts, *known)}
        self._before: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._open.close()

    def moments(self, start: date, end: date) -> list[datetime]:
        """The last publication of each day from `start` to `end`; days without one only for checks that need them."""
        last: dict[date, datetime] = {}
        for entries in self._news.values():
            for entry in entries:
                day = entry.moment.date()
                if start <= day <= end:
                    last[day] = max(entry.moment, last.get(day, entry.moment))
        if any(needs.clocked for needs in self._needs.values()):
            for number in range((end - start).days + 1):
                day = start + timedelta(days=number)
                last.setdefault(day, datetime.combine(day, _QUIET_HOUR))
        return [last[day] for day in sorted(last)]

    def at(self, moment: datetime) -> list[Reading]:
        """Every reading of the window at a moment later than the last one asked about."""
        start = checks.window_start(Moment(moment))
        whole, partly = self._moved(moment, start)
        self._read(moment, whole, start, dict.fromkeys(whole, date.min))
        if partly:
            reach = {name: self._read_from_facts[name].reach or 0 for name in partly}
            since = max(start, min(partly[name] - timedelta(days=reach[name]) for name in partly))
            self._read(moment, partly, since, partly)
        if composite.wanted(self._standing) & {*whole, *partly}:
            self._compose(start)
        self._before = moment
        return [reading for name in self.checks for reading in self._since(name, start)]

    def plainly(self, moment: datetime, names: Iterable[str]) -> Evaluation:
        """The readings of these checks as a batch of that moment has them, over the whole window."""
        asked = list(names)
        standing = [check for check in self._standing if check.name in asked]
        wanted = {name for name in asked if not self.checks[name].stands_on} | composite.wanted(standing)
        found = self._evaluated(moment, sorted(wanted & self._read_from_facts.keys()), None)
        if standing:
            more = checks.compose(self._lanes[0], standing, found.readings)
            found = Evaluation(found.readings + more.readings, {**found.broken, **more.broken})
        return Evaluation(tuple(r for r in found.readings if r.check in asked), found.broken)

    def all_sessions(self) -> dict[Key, list[Reading]]:
        """Every reading of the replay as last known, also of sessions that have left the window; oldest first."""
        return {(name, subject): kept for name in self.checks for subject, kept in self._kept[name].items()}

    def _since(self, name: str, start: date) -> Iterator[Reading]:
        """What is kept of a check from a session on."""
        for kept in self._kept[name].values():
            yield from kept[bisect_left(kept, start, key=_session) :]

    def _compose(self, start: date) -> None:
        """Read the checks that stand on others anew, from the readings kept of the window."""
        of = composite.wanted(self._standing) & self._kept.keys()
        found = checks.compose(self._lanes[0], self._standing, (r for name in of for r in self._since(name, start)))
        self.broken.update(found.broken)
        self._keep(found.readings, dict.fromkeys((check.name for check in self._standing), start), start)

    def _moved(self, moment: datetime, start: date) -> tuple[list[str], dict[str, date]]:
        """(checks to read over the whole window, first session to read anew of the others)."""
        if self._plain or self._before is None:
            return list(self._read_from_facts), {}
        touched = {table: self._touched(table, moment) for table in {key[0] for key in self._news}}
        whole, partly = [], {}
        for name, needs in self._needs.items():
            first = min((touched.get(table) or date.max for table in needs.tables), default=date.max)
            reach = self._read_from_facts[name].reach
            if needs.clocked or (first < date.max and reach is None):
                whole.append(name)
            elif first < date.max and reach is not None:
                since = first - timedelta(days=reach)
                if since - timedelta(days=reach) <= start:
                    whole.append(name)
                else:
                    partly[name] = since
        return whole, partly

    def _touched(self, table: str, moment: datetime) -> date | None:
        """The first session about which news of a table may say something new; None without news.

        What was the newest session before counts as touched: a check may speak of every session up to the newest.
        """
        found: list[date] = []
        for key, entries in self._news.items():
            if key[0] != table or self._before is None:
                continue
            here = bisect_right(entries, self._before, key=_moment)
            fresh = entries[here : bisect_right(entries, moment, key=_moment)]
            if fresh:
                found += [entry.first for entry in fresh]
                found += [entries[here - 1].newest] if here else []
        return min(found, default=None)

    def _read(self, moment: datetime, names: Iterable[str], since: date, replaced_from: Mapping[str, date]) -> None:
        """Read these checks with facts from `since` on; keep what they say from each one's own first session on."""
        wanted = list(names)
        if not wanted:
            return
        found = self._evaluated(moment, wanted, since)
        self.broken.update(found.broken)
        self._keep(found.readings, {name: replaced_from[name] for name in wanted}, checks.window_start(Moment(moment)))

    def _keep(self, readings: Iterable[Reading], replaced_from: Mapping[str, date], start: date) -> None:
        """Put readings in the place of those kept, of each check from its own first session on."""
        fresh: dict[str, dict[str, list[Reading]]] = {name: defaultdict(list) for name in replaced_from}
        for reading in sorted(readings, key=_session):
            if reading.session >= replaced_from[reading.check]:
                fresh[reading.check][reading.subject].append(reading)
        for name in replaced_from:
            kept, first = self._kept[name], max(start, replaced_from[name])
            for subject in kept.keys() | fresh[name].keys():
                old = kept.get(subject, [])
                kept[subject] = old[: bisect_left(old, first, key=_session)] + fresh[name].get(subject, [])

    def _evaluated(self, moment: datetime, names: list[str], since: date | None) -> Evaluation:
        """These checks at a moment, shared out over the lanes: each has its own connection and temp tables."""

        def lane(number: int) -> Evaluation:
            mine = names[number::_LANES]
            views = set().union(*(self._needs[name].views for name in mine))
            if mine:
                checks.look(self._lanes[number], Moment(moment, BASIS), since, views)
            return checks.read(self._lanes[number], [self._read_from_facts[name] for name in mine])

        parts = list(self._pool.map(lane, range(_LANES)))
        readings = tuple(reading for part in parts for reading in part.readings)
        return Evaluation(readings, {name: why for part in parts for name, why in part.broken.items()})

    def _lane(self, reader: Reader, beside: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
        """A cursor with the thresholds of the checks at hand before those of the generation.

        Those of checks that are read only for others to stand on are the generation's.
        """
        cur = self._open.enter_context(reader.cursor())
        theirs = "select * from main.thresholds where list_contains(?::varchar[], check_name)"
        cur.execute(f"create temp table thresholds as {theirs}", [list(beside)])
        insert(cur, "temp.thresholds", checks.threshold_frame(self.checks.values()))
        return cur


def differs(check: Check, fast: Iterable[Reading], plain: Iterable[Reading], start: date) -> str:
    """Where two readings of one check at one moment are judged differently; '' where nowhere.

    Sessions within the reach of the window's start are left out: what they draw on has left the window.
    """
    first = start + timedelta(days=check.reach or 0)
    left, right = ({key: said for key, said in _judged(side) if key[1] >= first} for side in (fast, plain))
    for subject, session in sorted(left.keys() | right.keys()):
        if left.get((subject, session)) != right.get((subject, session)):
            return f"{subject} {session}"
    return ""


def _judged(readings: Iterable[Reading]) -> Iterator[tuple[tuple[str, date], tuple[object, ...]]]:
    for r in readings:
        value = None if r.value is None else float(f"{r.value:.9g}")
        yield (r.subject, r.session), (value, r.verdict, r.warn, r.critical, r.clear, r.reason)


def _session(reading: Reading) -> date:
    return reading.session


def _moment(entry: _News) -> datetime:
    return entry.moment


def _needs(cur: duckdb.DuckDBPyConnection, known: Iterable[Check]) -> dict[str, _Needs]:
    """By check, the views and fact tables it names, itself or through views: every word of the SQL is looked up."""
    found = cur.execute("select view_name, sql from duckdb_views() where not internal").fetchall()
    views = {name: _words(sql) for name, sql in found}
    facts = _fact_tables()
    needs = {}
    for check in known:
        named, waiting = set[str](), [_words(check.sql)]
        while waiting:
            fresh = waiting.pop() - named
            named |= fresh
            waiting += [views[word] for word in fresh if word in views]
        needs[check.name] = _Needs(frozenset(named & views.keys()), frozenset(named & facts), bool(named & _CLOCKED))
    return needs


def _fact_tables() -> set[str]:
    return {*TABLES, "source_sessions"}


def _words(sql: str) -> set[str]:
    return set(re.findall(r"[a-z_][a-z0-9_]*", sql.lower()))


def _news(cur: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[_News]]:
    """By (table, source), what became known when, in order."""
    found: dict[tuple[str, str], list[_News]] = {}
    for table in sorted(_fact_tables()):
        rows = cur.execute(
            f"select source, least(published_at, loaded_at) as moment, min(session), max(session) from {table} "  # noqa: S608
            "group by source, moment order by source, moment"
        ).fetchall()
        for source, moment, first, last in rows:
            earlier = found.setdefault((table, source), [])
            earlier.append(_News(aware(moment), first, max(last, earlier[-1].newest) if earlier else last))
    return found
