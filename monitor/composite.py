"""Checks that stand on other checks: the others' readings of the same evaluation, laid down as the table `judged`.

What was not known then cannot be in them, so such a check sees nothing early either, neither live nor in a backtest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Final

import duckdb

from monitor import checkfile, sqlfiles
from monitor.checkfile import Check
from monitor.clock import naive
from monitor.errors import ConfigError
from monitor.model import Reading
from monitor.store import insert

BACK: Final = timedelta(days=14)
"""How far before a session a check may look at the readings it stands on."""
_COLUMNS: Final = {
    "check_name": "varchar", "subject": "varchar", "session": "date", "metal": "varchar", "venue": "varchar",
    "value": "double", "verdict": "varchar", "reason": "varchar", "published_at": "timestamp", "raw_sha256": "varchar",
}  # fmt: skip


def wanted(checks: Iterable[Check]) -> frozenset[str]:
    """The names of all checks that these stand on."""
    return frozenset(name for check in checks for name in check.stands_on)


def absent(checks: Iterable[Check]) -> dict[str, Check]:
    """The checks that these stand on and that are not among them, from their files; one that is broken is left out.

    Whether they are switched on, and their levels, is told by the table `thresholds`.
    """
    given = tuple(checks)
    missing = wanted(given) - {check.name for check in given}
    found = {}
    for path in sqlfiles.folder("checks"):
        if path.stem in missing:
            try:
                found[path.stem] = checkfile.read(path)
            except ConfigError:
                continue
    return found


Row = tuple[object, ...]


class Rows:
    """Readings as rows of `judged`; what was asked about last is not made again."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[Reading, Row]] = {}

    def of(self, readings: Iterable[Reading]) -> list[Row]:
        """One row a reading."""
        self._last = {id(r): self._last.get(id(r)) or (r, _row(r)) for r in readings}
        return [row for _, row in self._last.values()]


def lay(cur: duckdb.DuckDBPyConnection, names: frozenset[str], readings: Iterable[Reading]) -> None:
    """The readings of these checks as the temp table `judged`, which shadows the view of that name.

    Whole columns go in as parameters: a process that only reads checks need not import polars, which takes longer.
    """
    rows = [_row(reading) for reading in readings if reading.check in names]
    cells = [[row[place] for row in rows] for place in range(len(_COLUMNS))]
    given = ", ".join(f"unnest(?::{kind}[]) as {name}" for name, kind in _COLUMNS.items())
    cur.execute(f"create or replace temp table judged as select {given}", cells)


def lay_stacked(cur: duckdb.DuckDBPyConnection, places: Mapping[int, list[Row]]) -> None:
    """The rows of many places as the temp table `stacked_judged`, each beside the number of its place."""
    import polars as pl

    kinds = {"varchar": pl.String(), "date": pl.Date(), "double": pl.Float64(), "timestamp": pl.Datetime("us")}
    schema = {"stacked_place": pl.Int32(), **{name: kinds[kind] for name, kind in _COLUMNS.items()}}
    rows = [(place, *row) for place, mine in places.items() for row in mine]
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    cur.execute(f"create or replace temp table stacked_judged (stacked_place int, {columns})")
    insert(cur, "temp.stacked_judged", pl.DataFrame(rows, schema=schema, orient="row"))


def _row(r: Reading) -> Row:
    published = naive(r.published_at) if r.published_at else None
    return (
        r.check, r.subject, r.session, _text(r.inputs, "metal"), _text(r.inputs, "venue"), r.value, r.verdict.value,
        r.reason, published, _file(r.inputs),
    )  # fmt: skip


def _text(inputs: Mapping[str, object], name: str) -> str:
    return str(inputs.get(name) or "")


def _file(inputs: Mapping[str, object]) -> str | None:
    """The archived file of its first leg."""
    return next((str(inputs[name]) for name in _of_files(tuple(inputs)) if inputs[name]), None)


@lru_cache(maxsize=256)
def _of_files(names: tuple[str, ...]) -> tuple[str, ...]:
    """Asked once a row, and the rows of a check all have the same names."""
    return tuple(name for name in names if name.endswith("_sha256"))
