"""What each check stands on, and when the facts behind it became known."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import duckdb

from monitor.checkfile import Check
from monitor.clock import aware
from monitor.model import Source
from monitor.schema import TABLES

FACT_TABLES: Final = frozenset({*TABLES, "source_sessions"})
_CLOCKED: Final = {"this_moment", "due", "ask_states"}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a check stands on."""

    views: frozenset[str]
    tables: frozenset[str]
    """Of facts, books and references."""
    clocked: bool
    """It reads the hour, or tables that no publication moves: read at every moment."""


@dataclass(frozen=True, slots=True)
class News:
    """Rows of one table and source that became known at one moment."""

    moment: datetime
    first: date
    """The oldest session among them."""
    newest: date
    """The newest session of all that was known by then."""


Feeds = Mapping[tuple[str, str], list[News]]
"""By (table, source), what became known when, in order."""


def needs(cur: duckdb.DuckDBPyConnection, known: Iterable[Check]) -> dict[str, Needs]:
    """By check, the views and fact tables it reads, itself or through views."""
    found = cur.execute("select view_name, sql from duckdb_views() where not internal").fetchall()
    views = {name: sql.partition(" AS ")[2] for name, sql in found}
    tables = {name for (name,) in cur.execute("select table_name from duckdb_tables() where not temporary").fetchall()}
    result = {}
    for check in known:
        named, waiting = set[str](), [read_by(cur, check.sql)]
        while waiting:
            fresh = waiting.pop() - named
            named |= fresh
            waiting += [read_by(cur, views[word]) for word in fresh if word in views]
        result[check.name] = Needs(frozenset(named & views.keys()), frozenset(named & tables), bool(named & _CLOCKED))
    return result


def sources(
    cur: duckdb.DuckDBPyConnection, known: Mapping[str, Check], wanted: Iterable[str], feeding: Iterable[Source]
) -> dict[str, frozenset[str]]:
    """By wanted check, whose reports it stands on: itself, or through the checks it reads.

    They are those its header names; where it names none, those that fill a table it reads.
    """
    below = {name: [known[name], *_below(known, known[name])] for name in wanted if name in known}
    unnamed = {check.name: check for found in below.values() for check in found if not check.sources}
    tables = {name: found.tables for name, found in needs(cur, unnamed.values()).items()} if unnamed else {}
    feeds_of = [(source.name, frozenset(source.tables)) for source in feeding]
    return {
        name: frozenset(
            source
            for check in found
            for source in check.sources or [fed for fed, into in feeds_of if into & tables[check.name]]
        )
        for name, found in below.items()
    }


def _below(known: Mapping[str, Check], check: Check) -> Iterable[Check]:
    return (known[name] for name in check.stands_on if name in known)


_known: Final[dict[str, set[str]]] = {}


def read_by(cur: duckdb.DuckDBPyConnection, select: str) -> set[str]:
    """The tables, views and functions a select names; each is parsed once, and all views take a quarter of a second."""
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


def feeds(cur: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[News]]:
    """Every table's news by source."""
    found: dict[tuple[str, str], list[News]] = {}
    for table in sorted(FACT_TABLES):
        rows = cur.execute(
            f"select source, least(published_at, loaded_at) as moment, min(session), max(session) from {table} "  # noqa: S608
            "group by source, moment order by source, moment"
        ).fetchall()
        for source, moment, first, last in rows:
            earlier = found.setdefault((table, source), [])
            earlier.append(News(aware(moment), first, max(last, earlier[-1].newest) if earlier else last))
    return found


def touched(news: Feeds, before: datetime, moment: datetime) -> dict[str, date]:
    """By table, the first session about which what became known after `before` and by `moment` may say something new.

    What was the newest session before counts as touched: a check may speak of every session up to the newest.
    """
    found: dict[str, date] = {}
    for (table, _), entries in news.items():
        here = bisect_right(entries, before, key=_moment)
        fresh = entries[here : bisect_right(entries, moment, key=_moment)]
        if fresh:
            first = min(entry.first for entry in fresh)
            first = min(first, entries[here - 1].newest) if here else first
            found[table] = min(first, found.get(table, first))
    return found


def _moment(entry: News) -> datetime:
    return entry.moment
