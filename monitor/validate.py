"""Frames held to the schema before anything is stored: types, keys, ranges, allowed words.

A source has already proved its file's own identities; this is the same last gate for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import Final, cast

import polars as pl

from monitor.errors import Implausible, Unreadable
from monitor.schema import TABLES, Column, Table

DTYPES: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "DATE": pl.Date,
    "TIMESTAMP": pl.Datetime("us"),
    "VARCHAR": pl.String,
    "DOUBLE": pl.Float64,
    "BIGINT": pl.Int64,
    "BOOLEAN": pl.Boolean,
}


def frame_schema(table: Table) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Column name -> polars type, in the table's order: what a source builds its frame with."""
    return {column.name: DTYPES[column.type] for column in table.columns}


def checked(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The frames with columns in table order, every rule of the schema holding.

    Raises Unreadable where the shape is wrong (a fault of the source), Implausible where a value is.
    """
    return {name: _checked(TABLES[name], frame) for name, frame in frames.items() if not frame.is_empty()}


def _checked(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    names, kinds, timed = _shape(table)
    if frame.columns != names:
        if odd := sorted(set(frame.columns) ^ set(names)):
            raise Unreadable(f"{table.name}: the columns do not match the schema: {', '.join(odd)}")
        frame = frame.select(names)
    found = frame.dtypes
    if list(map(type, found)) != kinds or any(found[at] != DTYPES["TIMESTAMP"] for at in timed):
        column, dtype = next((c, f) for c, f in zip(table.columns, found, strict=True) if f != DTYPES[c.type])
        raise Unreadable(f"{table.name}.{column.name} is {dtype}, not {column.type}")
    values = frame.get_columns()
    for column, series in zip(table.columns, values, strict=True):
        if problem := _problem(series, column):
            raise Implausible(f"{table.name}: {problem}")
    _check_keys(table, [values[names.index(name)] for name in table.key])
    return frame


@cache
def _shape(table: Table) -> tuple[list[str], list[type], list[int]]:
    """A table's column names, the classes of their types, which of them are moments: asked for with every file."""
    names = list(table.names)
    dtypes = pl.Schema(frame_schema(table)).dtypes()
    return names, [type(dtype) for dtype in dtypes], [at for at, c in enumerate(table.columns) if c.type == "TIMESTAMP"]


# Files have some dozens of rows. There a polars expression costs a hundred times what Python's own sets do, so
# everything below asks a series for its minimum, sum or list and builds no expression until a value is wrong.


_NULL: Final = (None,)
_MANY: Final = 5_000
"""Rows from which a polars expression is the cheaper way."""


def _check_keys(table: Table, columns: list[pl.Series]) -> None:
    if columns[0].len() > _MANY and not pl.DataFrame(columns).is_duplicated().any():
        return
    keys = list(zip(*(column.to_list() for column in columns), strict=True))
    if len(set(keys)) < len(keys):
        twice = next(key for key, count in Counter(keys).items() if count > 1)
        raise Implausible(f"{table.name}: the same key twice: {', '.join(map(str, twice))}")


def _problem(values: pl.Series, column: Column) -> str:
    if not column.null and values.null_count():
        return f"{column.name} is missing in row {values.is_null().arg_max()}"
    if column.type == "DOUBLE" and not isfinite(values.sum()) and not values.drop_nulls().is_finite().all():
        return f"{column.name} is not a finite number"
    if column.low is not None and (low := cast("float | None", values.min())) is not None and low < column.low:
        return f"{column.name} is {low:g}, below {column.low:g}"
    if column.high is not None and (high := cast("float | None", values.max())) is not None and high > column.high:
        return f"{column.name} is {high:g}, above {column.high:g}"
    if column.among and (odd := set(values.to_list()).difference(column.among, _NULL)):
        return f"{column.name} is {min(odd)!r}, not one of {', '.join(column.among)}"
    return ""
