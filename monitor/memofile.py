"""A section of the memo: a TOML header in `-- ` lines over one select, and its rows as figures or as a sheet.

Figures have the columns `what` and `value` (or `text`), and any of `unit`, `typical`, `note`, `reason`; any other
select is a sheet. Both have `session` and `published_at` (UTC).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from alerts.memo import Figure, Section, Sheet
from alerts.textual import one_line
from monitor import sqlfiles
from monitor.checkfile import split
from monitor.clock import aware
from monitor.errors import ConfigError

_KNOWN: Final = {"title", "needs", "note", "empty", "always"}
_BESIDE: Final = ("session", "published_at")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of sql/digest."""

    name: str
    title: str
    needs: tuple[str, ...]
    note: str
    empty: str
    always: bool
    sql: str


def parts() -> tuple[Part, ...]:
    """Every section, in the order of the memo. Raises ConfigError naming the file and the key."""
    return tuple(read(path) for path in sqlfiles.folder("digest"))


def read(path: Path) -> Part:
    """The section in this file."""
    header, sql = split(path.read_text(encoding="utf-8"))
    try:
        data = tomllib.loads(header)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: its header is not TOML: {error}") from error
    if odd := sorted(set(data) - _KNOWN):
        raise ConfigError(f"{path.name}: unknown header key {odd[0]!r}; known: {', '.join(sorted(_KNOWN))}")
    if missing := [key for key in ("title", "needs", "empty") if not data.get(key)]:
        raise ConfigError(f"{path.name}: the header lacks {missing[0]!r}")
    return Part(
        name=path.stem,
        title=data["title"],
        needs=tuple(data["needs"]),
        note=data.get("note", ""),
        empty=data["empty"],
        always=bool(data.get("always", False)),
        sql=sql,
    )


def run(cur: duckdb.DuckDBPyConnection, part: Part, known: frozenset[str]) -> Section:
    """The section as the cursor's moment has it; one that cannot be read says why. `known` are tables and views."""
    missing = [name for name in part.needs if name not in known]
    if missing:
        return _section(part, trouble=f"this release has no {missing[0]}")
    try:
        result = cur.execute(part.sql)
        names = [column[0] for column in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        return _of(part, names, rows)
    except (duckdb.Error, KeyError, TypeError, ValueError) as error:
        return _section(part, trouble=f"{type(error).__name__}: {one_line(error, 160)}")


def _of(part: Part, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Section:
    sessions = [row["session"] for row in rows if row["session"] is not None]
    moments = [aware(row["published_at"]) for row in rows if row["published_at"] is not None]
    is_figures = "what" in names
    return _section(
        part,
        figures=tuple(_figure(row) for row in rows) if is_figures else (),
        sheet=None if is_figures else _sheet(names, rows),
        session=max(sessions, default=None),
        published_at=max(moments, default=None),
    )


def _section(part: Part, **found: Any) -> Section:
    return Section(part.name, part.title, part.note, empty=part.empty, **found)


def _figure(row: Mapping[str, Any]) -> Figure:
    value = row.get("value")
    words = {name: str(row.get(name) or "") for name in ("unit", "text", "typical", "note", "reason")}
    if value is not None and not math.isfinite(value):
        value = None
    if value is None and not words["text"] and not words["reason"] and "value" in row:
        words["reason"] = "no data"
    return Figure(
        what=row["what"],
        value=None if value is None else float(value),
        session=row["session"],
        **words,
        signed=bool(row.get("signed")),
    )


def _sheet(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Sheet:
    head = tuple(name for name in names if name not in _BESIDE)
    cells = tuple(tuple(row[name] for name in head) for row in rows)
    numeric = frozenset(
        at for at in range(len(head)) if any(isinstance(row[at], int | float) and row[at] is not None for row in cells)
    )
    return Sheet(head, cells, numeric)
