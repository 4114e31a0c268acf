"""Checks that stand on other checks: the others' readings of the same evaluation, laid down as the table `judged`.

What was not known then cannot be in them, so such a check sees nothing early either, neither live nor in a backtest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

import duckdb
import polars as pl

from monitor import checkfile, sqlfiles
from monitor.checkfile import Check
from monitor.clock import naive
from monitor.errors import ConfigError
from monitor.model import Reading
from monitor.store import insert

BACK: Final = timedelta(days=14)
"""How far before a session a check may look at the readings it stands on."""
_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "check_name": pl.String, "subject": pl.String, "session": pl.Date, "metal": pl.String, "venue": pl.String,
    "value": pl.Float64, "verdict": pl.String, "reason": pl.String, "published_at": pl.Datetime("us"),
    "raw_sha256": pl.String,
}  # fmt: skip
_TABLE: Final = (
    "create or replace temp table judged (check_name varchar, subject varchar, session date, metal varchar, "
    "venue varchar, value double, verdict varchar, reason varchar, published_at timestamp, raw_sha256 varchar)"
)


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
    """The readings of these checks as the temp table `judged`, which shadows the view of that name."""
    cur.execute(_TABLE)
    rows = [_row(reading) for reading in readings if reading.check in names]
    insert(cur, "temp.judged", pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def lay_stacked(cur: duckdb.DuckDBPyConnection, places: Mapping[int, list[Row]]) -> None:
    """The rows of many places as the temp table `stacked_judged`, each beside the number of its place."""
    cur.execute(_TABLE.replace("judged (", "stacked_judged (stacked_place int, "))
    rows = [(place, *row) for place, mine in places.items() for row in mine]
    insert(
        cur, "temp.stacked_judged", pl.DataFrame(rows, schema={"stacked_place": pl.Int32(), **_SCHEMA}, orient="row")
    )


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
    return next((str(cell) for name, cell in inputs.items() if name.endswith("_sha256") and cell), None)
