"""Results print so that people can read them and programs can read them back."""

import csv
import io
import json
import math
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.tabular import Column, Result, distinct, footer, frame, pieces, render, width, write_parquet

STOCKS = Result(
    (Column("metal", "VARCHAR"), Column("ounces", "DOUBLE"), Column("lots", "BIGINT"), Column("final", "BOOLEAN")),
    [("silver", 102257.5, 12, True), ("gold", None, 7, False)],
)


def one(kind: str, *values: Any) -> Result:
    """A made-up result of one column `x`."""
    return Result((Column("x", kind),), [(value,) for value in values])


# --- table --------------------------------------------------------------------------------


def test_a_table_is_aligned_with_numbers_to_the_right() -> None:
    assert render(STOCKS, "table") == (
        "metal     ounces  lots  final\n"
        "------  --------  ----  -----\n"
        "silver  102257.5    12  true\n"
        "gold        NULL     7  false\n"
    )


def test_a_table_without_rows_shows_its_columns() -> None:
    assert render(one("VARCHAR"), "table") == "x\n-\n"


def test_wide_characters_take_two_columns() -> None:
    result = Result((Column("仓库", "VARCHAR"), Column("t", "INTEGER")), [("上海期货", 1), ("LBMA", 22), ("é", 3)])
    lines = render(result, "table").splitlines()
    assert [width(line) for line in lines] == [12, 12, 12, 12, 12]
    assert lines[3] == "LBMA      22"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b2J", "\\x9b2J"),
        ("abc\u202etxt", "abc\\u202etxt"),
        ("nul\0", "nul\\x00"),
        ("two\u2028lines", "two\\u2028lines"),
    ],
)
def test_control_characters_never_reach_the_terminal(value: str, shown: str) -> None:
    table = render(Result((Column(value, "VARCHAR"),), [(value,)]), "table")
    assert table.splitlines()[0] == table.splitlines()[2] == shown
    assert table.replace("\n", "").isprintable()


@given(st.text())
def test_no_text_at_all_breaks_a_line_of_the_table(text: str) -> None:
    table = render(Result((Column(text, "VARCHAR"), Column("n", "BIGINT")), [(text, 1)]), "table")
    assert table.count("\n") == 3
    assert not {unicodedata.category(char) for char in table.replace("\n", "")} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_one_long_cell_does_not_widen_every_row() -> None:
    lines = render(Result((Column("a", "VARCHAR"), Column("b", "VARCHAR")), [("x" * 500, "1"), ("y", "2")]), "table")
    assert lines.splitlines()[2] == "x" * 500 + "  1"
    assert lines.splitlines()[3] == "y" + " " * 61 + "2"


def test_a_query_plan_keeps_its_lines() -> None:
    plan = Result(
        (Column("explain_key", "VARCHAR"), Column("explain_value", "VARCHAR")),
        [("physical_plan", "╭─ Scan ─╮\n╰────────╯\x1b")],
    )
    assert render(plan, "table") == "╭─ Scan ─╮\n╰────────╯\\x1b\n"


@pytest.mark.parametrize(
    ("rows", "truncated", "text"),
    [
        (0, False, "(0 rows)"),
        (1, False, "(1 row)"),
        (1000, False, "(1,000 rows)"),
        (1000, True, "(1,000 rows; truncated: use --limit 0 for all)"),
    ],
)
def test_the_footer_counts_and_says_when_rows_were_left(rows: int, truncated: bool, text: str) -> None:
    assert footer(Result((Column("x", "BIGINT"),), [(1,)] * rows, truncated)) == text


# --- csv ----------------------------------------------------------------------------------


def test_csv_tells_null_from_empty_text_and_quotes_what_needs_it() -> None:
    result = Result(
        (Column("a", "VARCHAR"), Column("b,c", "VARCHAR")), [(None, ""), ('say "x"', "a\nb"), (" pad", "ok")]
    )
    assert render(result, "csv") == 'a,"b,c"\r\n,""\r\n"say ""x""","a\nb"\r\n" pad",ok\r\n'


def test_csv_keeps_numbers_plain() -> None:
    result = Result(
        (Column("d", "DOUBLE"), Column("n", "DECIMAL(10,2)"), Column("b", "BOOLEAN"), Column("l", "INTEGER[]")),
        [(0.1, "-1.50", True, [1, 2])],
    )
    assert render(result, "csv").splitlines()[1] == '0.1,-1.50,true,"[1, 2]"'


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_csv_reads_back_as_it_was(rows: list[tuple[str, str]]) -> None:
    text = render(Result((Column("a", "VARCHAR"), Column("b", "VARCHAR")), list(rows)), "csv")
    assert [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] == [("a", "b"), *rows]


def test_a_lone_null_is_not_an_empty_line() -> None:
    assert render(one("VARCHAR", None), "csv") == 'x\r\n""\r\n'


# --- json ---------------------------------------------------------------------------------


def test_json_is_one_object_a_line() -> None:
    assert render(STOCKS, "json") == (
        '[\n  {"metal": "silver", "ounces": 102257.5, "lots": 12, "final": true},\n'
        '  {"metal": "gold", "ounces": null, "lots": 7, "final": false}\n]\n'
    )


def test_json_of_no_rows_is_an_empty_array() -> None:
    assert json.loads(render(one("VARCHAR"), "json")) == []


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("DECIMAL(38,10)", "1.5000000000", "1.5000000000"),
        ("HUGEINT", 2**120, str(2**120)),
        ("DOUBLE", math.inf, '"Infinity"'),
        ("DOUBLE", -math.inf, '"-Infinity"'),
        ("DOUBLE", math.nan, '"NaN"'),
        ("DOUBLE[]", [1.5, math.nan], '[1.5, "NaN"]'),
        ("JSON", '{"a": [1]}', '{"a": [1]}'),
        ("JSON", "not json", '"not json"'),
        ("VARCHAR", "银\x9b\u202e", '"银\\u009b\\u202e"'),
        ("DATE", "2026-02-10", '"2026-02-10"'),
    ],
)
def test_json_writes_each_type_so_that_any_reader_accepts_it(kind: str, value: object, written: str) -> None:
    text = render(one(kind, value), "json")
    assert text == f'[\n  {{"x": {written}}}\n]\n'
    json.loads(text, parse_constant=pytest.fail)


def test_json_nested_too_deeply_to_print_is_left_as_text() -> None:
    deep = "[" * 90_000 + "]" * 90_000
    assert json.loads(render(one("JSON", deep), "json")) == [{"x": deep}]


def test_repeated_names_are_told_apart() -> None:
    columns = [Column(name, "BIGINT") for name in ("a", "a", "a_1", "a")]
    assert distinct(columns) == ["a", "a_1", "a_1_1", "a_2"]
    assert json.loads(render(Result(tuple(columns), [(1, 2, 3, 4)]), "json")) == [
        {"a": 1, "a_1": 2, "a_1_1": 3, "a_2": 4}
    ]


# --- markdown -----------------------------------------------------------------------------


def test_markdown_is_a_pipe_table() -> None:
    assert render(STOCKS, "markdown").splitlines() == [
        "| metal | ounces | lots | final |",
        "| --- | ---: | ---: | --- |",
        "| silver | 102257.5 | 12 | true |",
        "| gold | NULL | 7 | false |",
    ]


def test_markdown_shows_text_as_text() -> None:
    row = render(one("VARCHAR", "a|b <script> *x* `y` delivery_month _z_ [l](u)\n"), "markdown").splitlines()[2]
    assert row == "| a\\|b \\<script> \\*x\\* \\`y\\` delivery_month \\_z\\_ \\[l](u)\\\\n |"


# --- parquet ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "dtype", "read"),
    [
        ("BOOLEAN", True, pl.Boolean, True),
        ("TINYINT", -1, pl.Int8, -1),
        ("INTEGER", 1, pl.Int32, 1),
        ("BIGINT", 2**62, pl.Int64, 2**62),
        ("UBIGINT", 2**64 - 1, pl.UInt64, 2**64 - 1),
        ("HUGEINT", 2**100, pl.String, str(2**100)),
        ("HUGEINT", -(2**63), pl.Int64, -(2**63)),
        ("UHUGEINT", 2**63, pl.String, str(2**63)),
        ("FLOAT", 0.5, pl.Float32, 0.5),
        ("DOUBLE", math.inf, pl.Float64, math.inf),
        ("DECIMAL(10,2)", "1.50", pl.Decimal(10, 2), Decimal("1.50")),
        ("DATE", "2026-02-10", pl.Date, date(2026, 2, 10)),
        ("DATE", "0045-03-15 (BC)", pl.String, "0045-03-15 (BC)"),
        ("TIMESTAMP", "2026-02-10 22:00:00.000001", pl.Datetime("us"), datetime(2026, 2, 10, 22, 0, 0, 1)),  # noqa: DTZ001
        ("VARCHAR", "", pl.String, ""),
        ("INTEGER[]", [1, None], pl.String, "[1, null]"),
        ("DECIMAL(10,2)[]", [1.5], pl.String, "[1.5]"),
        ("INTERVAL", "1 month", pl.String, "1 month"),
        ("NULL", None, pl.String, None),
    ],
)
def test_parquet_keeps_types_values_and_nulls(
    tmp_path: Path, kind: str, value: object, dtype: pl.DataType, read: object
) -> None:
    write_parquet(one(kind, value, None), tmp_path / "x.parquet")
    column = pl.read_parquet(tmp_path / "x.parquet")["x"]
    assert column.dtype == dtype
    assert column.to_list() == [read, None]


def test_parquet_of_no_rows_keeps_its_columns() -> None:
    empty = frame(Result((Column("a", "DATE"), Column("a", "BIGINT")), []))
    assert empty.schema == {"a": pl.Date, "a_1": pl.Int64}


# --- all ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", ["table", "csv", "json", "markdown"])
def test_batches_give_the_same_text_as_the_whole(fmt: str) -> None:
    batches = [[row] for row in STOCKS.rows]
    assert "".join(pieces(STOCKS.columns, batches, fmt)) == render(STOCKS, fmt)


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(ValueError, match="'xml' is no format: table, csv, json, markdown"):
        render(STOCKS, "xml")
