"""The SQL that makes the tables and the schema that guards them are one description."""

import re
from pathlib import Path

import pytest

from monitor import sqlfiles
from monitor.errors import BullionError
from monitor.schema import STAMPS, TABLES
from monitor.store import Store, StoreDamaged
from tests.homes import house

_CLOCKED = ("00_knowledge.sql", "70_health.sql", "75_by_hand.sql", "source_stale.sql", "calendar_expiring.sql")
"""What is due, and when a calendar ends, is the business of the clock."""


def test_every_fact_table_has_the_columns_types_and_nulls_of_the_schema(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        for table in TABLES.values():
            made = opened.store.rows(
                "select column_name, data_type, is_nullable from duckdb_columns() "
                "where table_name = ? order by column_index",
                [table.name],
            )
            described = [(c.name, c.type, c.null) for c in table.columns] + [(n, t, False) for n, t, _ in STAMPS]
            assert made == described, table.name


def test_every_published_view_and_column_says_what_it_means(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        seen = "(select view_name from duckdb_views() where not internal union all values ('alerts'), ('deliveries'))"
        silent = opened.store.rows(
            "select table_name, column_name from duckdb_columns() "
            f"where not internal and comment is null and table_name in {seen}"
        )
        assert silent == []
        assert opened.store.rows("select view_name from duckdb_views() where not internal and comment is null") == []


def test_no_statement_uses_what_ducklake_lacks() -> None:
    for folder in ("schema", "views", "checks", "queries"):
        for file in sqlfiles.folder(folder):
            text = file.read_text(encoding="utf-8").lower()
            for word in ("primary key", "foreign key", "unique", "on conflict", "create sequence", " enum "):
                assert word not in text, f"{file.name}: {word}"


def test_no_view_or_check_reads_the_clock_but_what_is_due() -> None:
    for folder in ("views", "checks"):
        for file in sqlfiles.folder(folder):
            if file.name != "00_knowledge.sql":
                assert "now()" not in file.read_text(encoding="utf-8"), file.name
            if file.name not in _CLOCKED:
                assert "this_moment()" not in file.read_text(encoding="utf-8"), file.name


def test_no_view_is_stored_with_an_offset_that_other_versions_of_duckdb_cannot_read() -> None:
    """DuckDB 1.5.5 and 2.0.1 opened a file of 2.0.0 and refused its views with lag(x, n); one-row frames they read."""
    offset = re.compile(r"\b(lag|lead)\s*\([^()]*,", re.IGNORECASE)
    assert offset.search("lag(session, 5) over days")
    assert [file.name for file in sqlfiles.folder("views") if offset.search(file.read_text())] == []


def test_a_view_that_does_not_apply_is_named_and_the_file_is_not_taken_for_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "market.duckdb"
    Store(path).close()
    wrong = tmp_path / "99_wrong.sql"
    wrong.write_text("create view wrong as select no_such_column from loads", encoding="utf-8")
    shipped = sqlfiles.folder("views")
    monkeypatch.setattr(sqlfiles, "folder", lambda name: (*shipped, wrong) if name == "views" else ())
    with pytest.raises(BullionError, match=r"99_wrong\.sql does not apply: Binder Error") as raised:
        Store(path)
    assert not isinstance(raised.value, StoreDamaged)
    monkeypatch.undo()
    Store(path).close()


def test_views_of_an_older_release_are_replaced_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "market.duckdb"
    store = Store(path)
    columns = "select column_name, comment from duckdb_columns() where table_name = 'readings' order by column_index"
    before = store.rows(columns)
    with store.transaction() as cur:
        cur.execute("create or replace view readings as select 1 as older")
        cur.execute("update migrations set sha256 = 'of an older release' where name = 'views'")
    store.close()
    again = Store(path)
    assert again.rows(columns) == before
    again.close()
