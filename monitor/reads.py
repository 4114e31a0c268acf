"""What the SQL of each check reads: itself, and through the views it names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import duckdb

from monitor.checkfile import Check

_CLOCKED: Final = {"this_moment", "due", "ask_states"}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a check stands on."""

    views: frozenset[str]
    tables: frozenset[str]
    """Of facts, books and references."""
    clocked: bool
    """It reads the hour, or tables that no publication moves: read at every moment."""


def needs(cur: duckdb.DuckDBPyConnection, known: Iterable[Check]) -> dict[str, Needs]:
    """By check, the views and tables it reads, itself or through views. Only views that are reached are parsed."""
    found = cur.execute("select view_name, sql from duckdb_views() where not internal").fetchall()
    views = {name: sql.partition(" AS ")[2] for name, sql in found}
    tables = {name for (name,) in cur.execute("select table_name from duckdb_tables() where not temporary").fetchall()}
    result = {}
    for check in known:
        named, waiting = set[str](), [check.sql]
        while waiting:
            fresh = named_by(cur, waiting.pop()) - named
            named |= fresh
            waiting += [views[word] for word in fresh if word in views]
        result[check.name] = Needs(frozenset(named & views.keys()), frozenset(named & tables), bool(named & _CLOCKED))
    return result


_known: Final[dict[str, set[str]]] = {}


def named_by(cur: duckdb.DuckDBPyConnection, select: str) -> set[str]:
    """The tables, views and functions a select names; to parse every view takes a quarter of a second, once."""
    return _known.get(select) or _known.setdefault(select, _parsed(cur, select))


def _parsed(cur: duckdb.DuckDBPyConnection, select: str) -> set[str]:
    """What a select names, as DuckDB's own parser finds it.

    SQL that does not parse names nothing: running it says what is wrong.
    """
    (text,) = cur.execute("select json_serialize_sql(?::varchar)", [select.strip().rstrip(";")]).fetchall()[0]
    found, waiting = set[str](), [json.loads(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            found |= {str(node[key]) for key in ("table_name", "function_name") if node.get(key)}
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found
