"""The dated events that a chart marks and a mail lists: margins, limits, rules, delivery dates, closures."""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb

_PAST: Final = """
    select session, string_agg(label, ', ' order by label) from market_events
    where session between $1 and $2 and metal in ($3, '') and venue in ($4, '')
        and kind not in ('last_trade', 'closure')
    group by session order by session
"""
_AHEAD: Final = """
    select session, string_agg(text, '; ' order by text) from market_events
    where session > $1 and session <= $2 and metal in ($3, '') and venue in ($4, '')
    group by session order by session
"""


def past(cur: duckdb.DuckDBPyConnection, start: date, end: date, metal: str, venue: str) -> list[tuple[date, str]]:
    """(day, a few words) of what happened from `start` to `end`, known at the cursor's moment; closures left out."""
    rows: list[tuple[date, str]] = cur.execute(_PAST, [start, end, metal, venue]).fetchall()
    return rows


def ahead(cur: duckdb.DuckDBPyConnection, start: date, end: date, metal: str, venue: str) -> list[tuple[date, str]]:
    """(day, what happens) after `start` up to `end`, in whole words."""
    rows: list[tuple[date, str]] = cur.execute(_AHEAD, [start, end, metal, venue]).fetchall()
    return rows
