"""An export is whole: every view as Parquet, each column in the dictionary, one generation at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from monitor import cli, published
from monitor.errors import BullionError
from monitor.export import export
from tests.facts import interest, stocks
from tests.homes import NOW, house

DAYS = (date(2026, 2, 9), date(2026, 2, 10))
MARCH = date(2026, 3, 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two invented sessions of silver, published."""
    folder = tmp_path_factory.mktemp("export") / "home"
    with house(folder) as opened:
        stocks(opened, {DAYS[0]: 102e6, DAYS[1]: 101e6})
        interest(opened, "SI", MARCH, {DAYS[0]: 73_000, DAYS[1]: 70_000})
        opened.publish(NOW)
    return folder


@pytest.fixture(scope="module")
def written(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole export through the command."""
    folder = tmp_path_factory.mktemp("written") / "out"
    assert cli.main(["--home", str(home), "export", str(folder)]) == 0
    return folder


@pytest.fixture
def cursor(home: Path) -> Iterator[Any]:
    with published.Reader(published.newest(home / "published")) as reader, reader.cursor() as cur:
        yield cur


def test_every_view_is_a_folder_of_its_own_with_the_rows_of_the_view(written: Path, cursor: Any) -> None:
    views = [name for (name,) in cursor.execute("select view_name from duckdb_views() where not internal").fetchall()]
    assert sorted(p.name for p in written.iterdir() if p.is_dir()) == sorted([*views, "alerts", "deliveries"])
    about = json.loads((written / "export.json").read_text())
    for view in views:
        read = cursor.execute(f"select count(*) from '{written}/{view}/{view}.parquet'").fetchone()[0]
        assert read == cursor.execute(f"select count(*) from {view}").fetchone()[0] == about["views"][view], view
    assert about["generation"] == 1
    assert about["published_at"] == "2026-02-20T12:00:00Z"
    assert (about["known_at"], about["basis"]) == (None, "published")


def test_every_column_of_every_file_is_in_the_dictionary_and_no_other(written: Path) -> None:
    with (written / "dictionary.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said = [(row["view"], row["column"]) for row in rows]
    found = [
        (path.name, column)
        for path in sorted(written.iterdir())
        if path.is_dir()
        for column in pl.read_parquet_schema(path / f"{path.name}.parquet")
    ]
    assert said == found
    assert all(row["meaning"] for row in rows)
    (ounces,) = [row for row in rows if (row["view"], row["column"]) == ("coverage", "registered_oz")]
    assert ounces["unit"] == "troy ounces"
    page = (written / "dictionary.md").read_text(encoding="utf-8")
    assert "## coverage\n" in page
    assert "| registered_oz | DOUBLE | troy ounces | Registered metal, troy ounces. |" in page


def test_values_and_types_are_those_of_the_view(written: Path) -> None:
    frame = pl.read_parquet(written / "coverage" / "coverage.parquet").sort("session")
    assert frame["raw_coverage"].to_list() == pytest.approx([102e6 / 365e6, 101e6 / 350e6])
    assert frame.schema["session"] == pl.Date
    assert frame.schema["oi_published_at"] == pl.Datetime("us", None)
    summed = pl.read_parquet(written / "coverage_family" / "coverage_family.parquet")
    assert summed.schema["all_months_open_interest"] == pl.Int64


def test_an_export_of_a_past_moment_holds_what_was_known_then_and_says_so(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "then"
    command = ["--home", str(home), "export", str(out), "--view", "coverage", "--known-at", "2026-02-10T13:00"]
    assert cli.main(command) == 0
    assert pl.read_parquet(out / "coverage" / "coverage.parquet")["session"].to_list() == [DAYS[0]]
    about = json.loads((out / "export.json").read_text())
    assert about["known_at"] == "2026-02-10T13:00:00Z"
    assert about["views"] == {"coverage": 1}


def test_an_earlier_export_is_replaced_as_a_whole(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli.main(["--home", str(home), "export", str(out), "--view", "coverage", "--view", "fx"]) == 0
    assert cli.main(["--home", str(home), "export", str(out), "--view", "coverage"]) == 0
    assert sorted(p.name for p in out.iterdir()) == ["coverage", "dictionary.csv", "dictionary.md", "export.json"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("strange", ["notes.txt", "coverage/mine.parquet", "export.json"])
def test_a_folder_with_anything_else_in_it_is_left_alone(cursor: Any, tmp_path: Path, strange: str) -> None:
    out = tmp_path / "out"
    if strange != "export.json":
        list(export(cursor, out, ["coverage"]))
    (out / strange).parent.mkdir(parents=True, exist_ok=True)
    (out / strange).write_text("mine")
    with pytest.raises(BullionError, match="which no export wrote"):
        list(export(cursor, out, ["coverage"]))
    assert (out / strange).read_text() == "mine"


def test_an_export_that_fails_leaves_the_one_before(cursor: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    list(export(cursor, out, ["coverage"]))
    before = (out / "export.json").read_text()
    begun = export(cursor, out, ["coverage", "fx"])
    next(begun)
    begun.close()
    assert (out / "export.json").read_text() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_a_view_that_is_not_is_named(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(home), "export", str(tmp_path / "x"), "--view", "nosuch"]) == 1
    assert "there is no view nosuch" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_sum_too_large_for_64_bits_is_an_error_and_never_rounded(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute("create view wide as select (2::hugeint ** 70)::hugeint as n")
        con.execute("comment on view wide is 'Invented.'")
        with pytest.raises(duckdb.ConversionException):
            list(export(con, tmp_path / "out", ["wide"]))
    assert list(tmp_path.iterdir()) == []
