"""Queries of pages that do not hang on the clock: answered once a generation, over as many days as they need.

Views over ten years take seconds. Facts since a day, laid down as temp tables under the names of their views, leave
the views that stand on them as they are and make them quick: the checks read the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from monitor.web.generations import Row
from monitor.web.look import Look, tile_sql

Tiles = Mapping[str, Mapping[str, Any]]
"""By name of a file in `sql/pages`, its parameters."""


@dataclass(frozen=True, slots=True)
class Window:
    """Views to lay down: `facts` from a day on, then `derived` ones that several queries stand on, in that order."""

    facts: tuple[str, ...]
    derived: tuple[str, ...] = ()


def once(look: Look, name: str, **parameters: Any) -> list[Row]:
    """The rows of `sql/pages/NAME.sql`, read once a generation and set of parameters, whatever the time."""
    return look.remember(("once", name, *sorted(parameters.items())), lambda: look.rows(tile_sql(name), **parameters))


def together(look: Look, window: Window, since: date, tiles: Tiles) -> dict[str, list[Row]]:
    """The rows of several tiles over facts since a day, asked one after the other on one cursor."""
    key = ("together", since, *((name, *sorted(given.items())) for name, given in tiles.items()))
    return look.remember(key, lambda: _read(look, window, since, tiles))


def _read(look: Look, window: Window, since: date, tiles: Tiles) -> dict[str, list[Row]]:
    with look.generation.cursor(look.now) as cur:
        for view in window.facts:
            cur.execute(f"create temp table {view} as select * from main.{view} where session >= ?", [since])  # noqa: S608
        for view in window.derived:
            cur.execute(f"create temp table {view} as select * from main.{view}")  # noqa: S608
        return {name: _rows(cur, name, given) for name, given in tiles.items()}


def _rows(cur: duckdb.DuckDBPyConnection, name: str, given: Mapping[str, Any]) -> list[Row]:
    result = cur.execute(tile_sql(name), dict(given)) if given else cur.execute(tile_sql(name))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def newest_session(look: Look) -> date:
    """The newest session that any source holds; today where none holds any."""
    return look.remember(("newest session",), lambda: _newest(look))


def _newest(look: Look) -> date:
    found = look.rows(
        "select max(session) as newest from source_sessions where session <= $today", today=look.now.date()
    )
    newest: date | None = found[0]["newest"]
    return newest or look.now.date()
