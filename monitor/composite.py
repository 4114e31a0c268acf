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

BACK: Final = timedelta(days=31)
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
Rows = dict[int, tuple[Reading, Row]]
"""Readings laid down last, by identity, each with its row."""


def lay(
    cur: duckdb.DuckDBPyConnection, names: frozenset[str], readings: Iterable[Reading], rows: Rows | None = None
) -> None:
    """The readings of these checks as the temp table `judged`, which shadows the view of that name.

    `rows` are those of the last call: the same readings' are laid down again, and this call's take their place.
    """
    known = rows or {}
    laid = {id(r): known.get(id(r)) or (r, _row(r)) for r in readings if r.check in names}
    cur.execute(_TABLE)
    insert(cur, "temp.judged", pl.DataFrame([row for _, row in laid.values()], schema=_SCHEMA, orient="row"))
    if rows is not None:
        rows.clear()
        rows.update(laid)


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
