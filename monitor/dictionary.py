"""What the published views hold, from the database's own comments: columns, types, units, meanings.

A column's comment says its unit behind a comma ("Registered metal, troy ounces; NULL where ..."), and nothing else
is taken for one: no unit is better than a guessed one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from monitor.tabular import Column, Result, printable, width

SQL: Final = """
with shown as (
    select view_name as name, comment from duckdb_views() where not internal
    union all
    select table_name, comment from duckdb_tables() where table_name in ('alerts', 'deliveries')
)
select s.name, s.comment, c.column_name, c.data_type, c.comment
from shown s join duckdb_columns() c on c.table_name = s.name and not c.internal
order by s.name, c.column_index
"""
"""What `views` reads: one row a column."""

OF_NOW: Final = (
    "alerts", "claims", "deliveries", "due_by_hand", "judged", "readings", "source_health", "traded_days",
    "waiting_readings",
)  # fmt: skip
"""Views of the state of their generation: no as_of or known_at moves them."""

_UNIT: Final = re.compile(
    r"(?:, (?:in |an? )?|(?<!or )\bin |\bas (?:a )?)("
    r"troy ounces|(?:dollars|USD|CNY|INR) per [\w ]*?\w|currency per (?:unit|share)"
    r"|percent (?:a year(?: o[fn] \w+)?|of [\w ]*\w)|percent|ratio|fraction(?: of [\w' ]*\w)?"
    r"|lots|kg or tonnes for copper|kg|CNY|INR|unit|parts per thousand|UTC"
    r")(?=$|[.;:,])",
)


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its DuckDB type, its unit as the comment says it ('' for none), its meaning, the whole comment."""

    name: str
    type: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """A published view with its columns in order."""

    name: str
    meaning: str
    fields: tuple[Field, ...]


def views(rows: Iterable[Sequence[Any]]) -> tuple[View, ...]:
    """The views by name, from the rows of `SQL`."""
    return tuple(
        View(name, str(meaning or ""), tuple(_field(*row[2:5]) for row in group))
        for (name, meaning), group in groupby(rows, key=lambda row: (str(row[0]), row[1]))
    )


def _field(name: str, kind: str, comment: str | None) -> Field:
    return Field(name, kind, unit_of(comment or ""), comment or "")


def unit_of(comment: str) -> str:
    """`troy ounces` of "Registered metal, troy ounces; NULL where ..."; '' where the comment names no unit.

    `unit` and `currency` in it mean the row's columns of those names.
    """
    found = _UNIT.search(comment)
    return found[1] if found else ""


def unmoved(sql: str) -> list[str]:
    """The views named in a statement that are of now, whatever moment is set."""
    return [name for name in OF_NOW if re.search(rf"\b{name}\b", sql, re.IGNORECASE)]


def table(shown: Iterable[View]) -> Result:
    """One row a column: view, column, type, unit, meaning."""
    names = ("view", "column", "type", "unit", "meaning")
    return Result(
        tuple(Column(name, "VARCHAR") for name in names),
        [(v.name, f.name, f.type, f.unit, f.meaning) for v in shown for f in v.fields],
    )


def text(shown: Iterable[View]) -> str:
    """The views as a person reads them: the view and its meaning, then a line for each column."""
    return "\n".join("".join(_lines(view)) for view in shown)


def _lines(view: View) -> Iterable[str]:
    yield f"{view.name}\n  {printable(view.meaning)}\n"
    sizes = [max(width(part) for part in parts) for parts in zip(*map(_cells, view.fields), strict=True)]
    for field in view.fields:
        cells = [cell + " " * (size - width(cell)) for cell, size in zip(_cells(field), sizes, strict=True)]
        yield f"    {'  '.join(cells)}  {printable(field.meaning)}\n"


def _cells(field: Field) -> tuple[str, str, str]:
    return field.name, field.type, field.unit
