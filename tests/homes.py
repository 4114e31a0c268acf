"""Homes for tests: a house with its sources on a temporary folder, at a moment of the test's own."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from monitor import sqlfiles
from monitor.collect import Outcome
from monitor.config import Settings
from monitor.decode import Decoder
from monitor.house import House
from monitor.model import Answer
from monitor.places import Folders
from monitor.published import newest
from tests import once

NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)


def _empty_store(today: date) -> Path:
    """A store with its tables, views and reference tables of that day and nothing else, made once a run.

    That of any other day than `NOW` is made of the one of `NOW`: the views, which take longest, are the same.
    """

    def make(folder: Path) -> None:
        if today != NOW.date():
            Folders(folder).live.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_empty_store(NOW.date()), Folders(folder).live)
        House(Settings(), folder, datetime.combine(today, time(12), UTC), warm=False).close()

    return Folders(once.made(f"empty-{today}", make)).live


def all_but(wanted: Iterable[str]) -> tuple[str, ...]:
    """The checks to switch off where a test is about something else: all but these."""
    return tuple(sorted({path.stem for path in sqlfiles.folder("checks")} - set(wanted)))


def only(*wanted: str) -> dict[str, Any]:
    """`[checks]` of the settings with only these switched on."""
    return {name: {"enabled": False} for name in all_but(wanted)}


def only_toml(*wanted: str) -> str:
    """The same as text for a config.toml."""
    return "".join(f"[checks.{name}]\nenabled = false\n" for name in all_but(wanted))


def furnish(folder: Path, now: datetime = NOW) -> None:
    """Give a new home a copy of an empty store, which takes a second to make; a home that is in use is left alone."""
    live = Folders(folder).live
    if not live.exists() and not (folder / "archive").exists():
        live.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_empty_store(now.date()), live)


@cache
def decoder() -> Decoder:
    """The child that parses for one home after another: each would take a third of a second to start its own."""
    shared = Decoder()
    atexit.register(shared.close)
    return shared


@contextmanager
def house(folder: Path, now: datetime = NOW, **settings: Any) -> Iterator[House]:
    """A house open for writing, closed afterwards; most of them parse nothing, so the child waits for a file."""
    furnish(folder, now)
    opened = House(Settings.model_validate(settings), folder, now, warm=False, decoder=decoder())
    try:
        yield opened
    finally:
        opened.close()


def offer(opened: House, files: Iterable[tuple[str, bytes]], now: datetime = NOW) -> list[Outcome]:
    """Files by name through the whole pipeline."""
    return list(opened.collector.offer((Answer(body, name, now) for name, body in files), now))


def published(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the newest generation of a home."""
    with duckdb.connect(str(newest(folder / "published")), read_only=True) as con:
        return con.execute(sql).fetchall()


FACTS = (
    "comex_stock_rows", "comex_stock_sums", "open_interest_rows", "settlement_rows", "shfe_warrant_rows",
    "sge_quote_rows", "fx_rows", "source_sessions", "notes", "rejects",
)  # fmt: skip


def contents(opened: House, *, stamps: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Every fact table as sorted text rows; without stamps, what does not depend on when it was loaded."""
    found = {}
    for table in FACTS:
        columns = [
            name
            for (name,) in opened.store.rows(f"select column_name from duckdb_columns() where table_name = '{table}'")
        ]
        kept = [name for name in columns if stamps or name not in ("loaded_at", "name")]
        found[table] = sorted(
            opened.store.rows(f"select {', '.join(f'{c}::varchar' for c in kept)} from {table}"), key=str
        )
    return found
