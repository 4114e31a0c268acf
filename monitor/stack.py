"""Checks at many moments in one statement each: every view beside a table of moments, joined laterally.

To plan a check's SQL takes longer than to run it over a few weeks. DuckDB carries the moment through every join, window
and group of a lateral subquery, so a stretch of moments costs one plan, and what it returns for a moment is what the
same SQL returns when that moment alone is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import duckdb

from monitor import checks, reads
from monitor.checkfile import Check
from monitor.clock import naive
from monitor.model import Reading
from monitor.verdicts import Row, Shape, once_each

_MACROS: Final = (
    "create or replace temp macro public_by(moment, published, loaded) as least(published, loaded) <= moment"
)
_KNOWN: Final = re.compile(r"\bis_known\s*\(")
_NOW: Final = re.compile(r"\bthis_moment\s*\(\s*\)")


@dataclass(frozen=True, slots=True)
class Place:
    """One moment of a stack, and the first session that is laid down for it."""

    moment: datetime
    since: date


class Stack:
    """The views of several moments as temp tables on one connection, until the next `lay`."""

    def __init__(self, cur: duckdb.DuckDBPyConnection) -> None:
        self._cur = cur
        found = cur.execute("select view_name, sql from duckdb_views() where not internal").fetchall()
        self._views = {name: sql.partition(" AS ")[2].rstrip().rstrip(";") for name, sql in found}
        self._laid: set[str] = set()
        self._beside: dict[tuple[str, frozenset[str]], str] = {}
        cur.execute(_MACROS)
        cur.execute("set variable basis = 'published'")

    def lay(self, places: Sequence[Place], views: Iterable[str]) -> None:
        """Lay these views down as known at each place. Raises duckdb.Error where one cannot be read."""
        wanted = set(views)
        for name in self._laid:
            self._cur.execute(f"drop table temp.stacked_{name}")
        self._laid = set()
        self._cur.execute("create or replace temp table stacked (place int, moment timestamp, since date)")
        rows = [(number, naive(place.moment), place.since) for number, place in enumerate(places)]
        self._cur.executemany("insert into temp.stacked values (?, ?, ?)", rows)
        earliest = min(place.since for place in places)
        for name in (view for view in checks.BASE_VIEWS if view in wanted):
            windowed = f"where session >= date '{earliest}' and session >= stacked.since"
            self._down(name, f"select * from ({self._views[name]}) {windowed}")  # noqa: S608 - our own view
        for name in (view for view in checks.DERIVED_VIEWS if view in wanted):
            self._down(name, self._views[name])

    def holds(self, name: str) -> None:
        """The temp table `stacked_NAME` takes the place of a view until the next `lay`."""
        self._laid.add(name)

    def read(self, check: Check, firsts: Mapping[int, date]) -> dict[int, list[Reading]]:
        """A check's readings by place, each from its own first session on; what does not change is one object.

        Raises duckdb.Error, ValueError, TypeError or KeyError as `checks.run` does.
        """
        asked = ", ".join(f"({place}, date '{first}')" for place, first in sorted(firsts.items()))
        result = self._cur.execute(
            f"with asked(place, first) as (values {asked}), "  # noqa: S608 - numbers and dates
            "stacked as (select * from temp.stacked join asked using (place)) "
            f"select stacked.place, said.* from stacked, lateral ({self._lateral(check.sql)}) said "
            "where said.session >= stacked.first order by stacked.place"
        )
        shape = Shape(check, [column[0] for column in result.description[1:]])
        found: dict[int, list[Row]] = {place: [] for place in firsts}
        for place, *row in result.fetchall():
            found[place].append(tuple(row))
        return _shared(shape, found)

    def _down(self, name: str, sql: str) -> None:
        self._cur.execute(
            f"create temp table stacked_{name} as "  # noqa: S608 - our own view
            f"select stacked.place as stacked_place, said.* from temp.stacked, lateral ({self._lateral(sql)}) said"
        )
        self._laid.add(name)

    def _lateral(self, sql: str) -> str:
        """A select as of the row of `stacked` beside it."""
        key = (sql, frozenset(self._laid))
        if key not in self._beside:
            order: dict[str, str] = {}
            self._gather(sql, order)
            named = ", ".join(f"{name} as ({text})" for name, text in order.items())
            body = _as_of_the_place(sql)
            self._beside[key] = f"with {named} select * from ({body}\n)" if named else f"select * from ({body}\n)"  # noqa: S608
        return self._beside[key]

    def _gather(self, sql: str, order: dict[str, str]) -> None:
        """What a select names, as queries of the place, in the order they need each other."""
        for name in sorted(reads.named_by(self._cur, sql)):
            if name in order or name not in self._views:
                continue
            if name in self._laid:
                mine = f"from temp.stacked_{name} where stacked_place = stacked.place"
                order[name] = f"select * exclude (stacked_place) {mine}"
            else:
                self._gather(self._views[name], order)
                order[name] = _as_of_the_place(self._views[name])


def _as_of_the_place(sql: str) -> str:
    """The macros that hang on a moment, told to take the one of the row beside."""
    return _NOW.sub("stacked.moment", _KNOWN.sub("public_by(stacked.moment, ", sql))


def _shared(shape: Shape, found: Mapping[int, Iterable[Row]]) -> dict[int, list[Reading]]:
    """Rows as readings; a row that says the same as at the place before is the same object."""
    before: dict[Row, tuple[Row, Reading]] = {}
    told: dict[int, list[Reading]] = {}
    for place in sorted(found):
        now: dict[Row, tuple[Row, Reading]] = {}
        readings = []
        for row in found[place]:
            key = shape.key(row)
            was = before.get(key)
            reading = was[1] if was is not None and was[0] == row else shape.reading(row)
            now[key] = (row, reading)
            readings.append(reading)
        told[place] = once_each(shape.check, readings)
        before = now
    return told
