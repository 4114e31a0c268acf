"""Ad-hoc SQL answers honest questions exactly, within its limits, and says plainly why it refuses."""

import math
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import adhoc, adhoc_worker
from monitor.errors import QueryRefused
from monitor.tabular import Column, pieces


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small made-up generation: 1,000 rows, a view over a variable, read-only."""
    path = tmp_path_factory.mktemp("gen") / "gen.duckdb"
    with duckdb.connect(str(path), config={"storage_compatibility_version": "v1.5.0"}) as con:
        con.execute(
            "create table stocks as select i as n, case when i % 2 = 0 then 'silver' else 'gold' end as metal,"
            " i * 1.5::double as ounces, timestamp '2026-01-01' + interval (i) minute as published_at"
            " from range(1000) r(i)"
        )
        con.execute(
            "create view known as select * from stocks where published_at <="
            " coalesce(try_cast(getvariable('known_at') as timestamp), timestamp '9999-12-31')"
        )
    path.chmod(0o444)
    return path


@pytest.fixture
def no_child_left() -> Iterator[None]:
    """Fails the test if it leaves a process behind."""
    before = set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) == before


def refusal(database: Path, sql: str, **limits: Any) -> str:
    """The sentence with which `sql` is refused."""
    with pytest.raises(QueryRefused) as refused:
        adhoc.run(database, sql, **limits)
    return str(refused.value)


# --- values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("null", "NULL", None),
        ("true", "BOOLEAN", True),
        ("1::tinyint", "TINYINT", 1),
        ("9223372036854775807", "BIGINT", 9223372036854775807),
        ("18446744073709551615::ubigint", "UBIGINT", 18446744073709551615),
        ("170141183460469231731687303715884105727::hugeint", "HUGEINT", 170141183460469231731687303715884105727),
        ("0.1::double", "DOUBLE", 0.1),
        ("'inf'::double", "DOUBLE", math.inf),
        ("1.50::decimal(10,2)", "DECIMAL(10,2)", "1.50"),
        ("0::decimal(38,10)", "DECIMAL(38,10)", "0.0000000000"),
        ("'银 \"x\"' || chr(0)", "VARCHAR", '银 "x"\0'),
        ("date '2026-02-10'", "DATE", "2026-02-10"),
        ("date '-0044-03-15'", "DATE", "0045-03-15 (BC)"),
        ("timestamp '2026-02-10 22:00:00'", "TIMESTAMP", "2026-02-10 22:00:00"),
        ("timestamp '2026-02-10 22:00:00.000001'", "TIMESTAMP", "2026-02-10 22:00:00.000001"),
        ("timestamp_ns '2026-02-10 22:00:00.123456789'", "TIMESTAMP_NS", "2026-02-10 22:00:00.123456789"),
        ("timestamptz '2026-02-10 22:00:00-05'", "TIMESTAMP WITH TIME ZONE", "2026-02-11 03:00:00+00"),
        ("time '17:00:00'", "TIME", "17:00:00"),
        ("interval '1 month 2 days'", "INTERVAL", "1 month 2 days"),
        ("'\\xAA\\x00'::blob", "BLOB", "aa00"),
        ("'00000000-0000-0000-0000-00000000000a'::uuid", "UUID", "00000000-0000-0000-0000-00000000000a"),
        ("'b'::enum('a', 'b')", "ENUM('a', 'b')", "b"),
        ("'101'::bit", "BIT", "101"),
        ("[1, null]", "INTEGER[]", [1, None]),
        ("[[interval '1 month']]", "INTERVAL[][]", [["1 month"]]),
        ("{'a': 1, 'b': [date '2026-02-10']}", "STRUCT(a INTEGER, b DATE[])", {"a": 1, "b": ["2026-02-10"]}),
        ("map {'k': 1.5::double}", "MAP(VARCHAR, DOUBLE)", {"k": 1.5}),
        ("'{\"a\": 1.10}'::json", "JSON", '{"a": 1.10}'),
    ],
)
def test_a_value_of_each_type_arrives_exactly(database: Path, expression: str, kind: str, value: object) -> None:
    result = adhoc.run(database, f"select {expression} as x")
    assert result.columns == (Column("x", kind),)
    assert result.rows == [(value,)]
    assert type(result.rows[0][0]) is type(value)


def test_not_a_number_stays_a_float(database: Path) -> None:
    (value,) = adhoc.run(database, "select 'nan'::double").rows[0]
    assert math.isnan(value)


def test_columns_keep_their_names_even_when_repeated(database: Path) -> None:
    result = adhoc.run(database, 'select 1 as a, interval 1 day as a, 3 as "x y"')
    assert [column.name for column in result.columns] == ["a", "a", "x y"]
    assert result.rows == [(1, "1 day", 3)]


def test_order_survives_the_cast_of_unusual_types(database: Path) -> None:
    """INTERVAL columns make the worker wrap the statement; ORDER BY and a trailing comment survive it."""
    result = adhoc.run(
        database, "select n, interval (n) day as d from stocks order by n desc; -- newest first", limit=3
    )
    assert result.rows == [(999, "999 days"), (998, "998 days"), (997, "997 days")]


@pytest.mark.parametrize(
    "sql",
    [
        "from stocks limit 1",
        "values (1)",
        "table stocks",
        "describe stocks",
        "summarize stocks",
        "show tables",
        "(select 1);",
        "-- first\n select 1 /* ; */ ; -- last",
        "with a as (select 1) select * from a",
        "with recursive r as (select 1 as i union all select i + 1 from r where i < 9) select * from r",
        "pivot stocks on metal in ('silver', 'gold') using sum(ounces)",
        'select "copy", "update" from (select 1 as "copy", 2 as "update")',
        "explain select * from known",
        "select 'insert into', '(copy' -- (delete\n",
    ],
)
def test_every_way_of_only_reading_is_allowed(database: Path, sql: str) -> None:
    assert adhoc.run(database, sql).rows


# --- limits -------------------------------------------------------------------------------


def test_truncated_is_told_only_when_rows_were_left(database: Path) -> None:
    assert adhoc.run(database, "from stocks", limit=999).truncated
    whole = adhoc.run(database, "from stocks", limit=1000)
    assert (len(whole.rows), whole.truncated) == (1000, False)


def test_limit_nought_gives_all_rows(database: Path) -> None:
    result = adhoc.run(database, "select * from range(30000)", limit=0)
    assert result.rows == [(i,) for i in range(30000)]
    assert not result.truncated


def test_a_byte_cap_cuts_between_rows_and_says_so(database: Path) -> None:
    result = adhoc.run(database, "select repeat('x', 1000) from range(500)", max_bytes=50_000)
    assert 40 <= len(result.rows) <= 50
    assert result.truncated


def test_a_first_row_over_the_byte_cap_is_refused(database: Path) -> None:
    assert "first row alone is larger than 1,000 bytes" in refusal(database, "select repeat('x', 2000)", max_bytes=1000)


def test_an_endless_result_stops_at_the_row_limit(database: Path) -> None:
    sql = "with recursive r as (select 1 as i union all select i + 1 from r) select i from r"
    assert adhoc.run(database, sql, limit=3, seconds=5).rows == [(1,), (2,), (3,)]


def test_over_time_the_child_is_gone_and_the_limit_named(database: Path, no_child_left: None) -> None:
    started = time.monotonic()
    said = refusal(database, "select count(*) from range(10000000000) a, range(1000000) b", seconds=0.3)
    assert said.startswith("Still running after 0.3 s")
    assert time.monotonic() - started < 1.3


def test_a_flood_of_rows_is_over_time_too(database: Path, no_child_left: None) -> None:
    """The child always has rows ready, so that nobody ever waits for it."""
    started = time.monotonic()
    said = refusal(database, "select * from range(10000000000)", limit=0, seconds=0.3)
    assert said.startswith("Still running after 0.3 s")
    assert time.monotonic() - started < 1.3


def test_over_memory_the_limit_is_named(database: Path, no_child_left: None) -> None:
    said = refusal(database, "select repeat('x', 2000000000)", memory_mb=500)
    assert said.startswith("The statement ran out of memory (limit 500 MB)")


def test_a_child_that_cannot_even_start_is_a_refusal(database: Path, no_child_left: None) -> None:
    assert "out of memory (limit 40 MB)" in refusal(database, "select 1", memory_mb=40)


def test_leaving_a_stream_early_ends_the_child(database: Path, no_child_left: None) -> None:
    with adhoc.stream(database, "select * from range(100000000)", limit=0) as batches:
        assert next(iter(batches))[0] == (0,)


def test_a_stream_hands_over_batches_that_a_writer_can_use(database: Path) -> None:
    with adhoc.stream(database, "select i, i from range(20000) r(i)", limit=0) as batches:
        text = list(pieces(batches.columns, batches, "csv"))
    assert len(text) > 3
    assert "".join(text).endswith("19999,19999\r\n")
    assert not batches.truncated


# --- variables and parameters -------------------------------------------------------------


@pytest.mark.parametrize("moment", ["2026-01-01T00:05:00Z", "2026-01-01 00:05:00", "2026-01-01T08:05:00+08:00"])
def test_a_moment_is_set_as_a_timestamp_in_utc(database: Path, moment: str) -> None:
    result = adhoc.run(
        database,
        "select count(*), any_value(typeof(getvariable('known_at'))) from known",
        variables={"known_at": moment},
    )
    assert result.rows == [(6, "TIMESTAMP")]


def test_other_variables_are_dates_text_or_unset(database: Path) -> None:
    result = adhoc.run(
        database,
        "select typeof(getvariable('as_of')), getvariable('basis'), getvariable('known_at') is null",
        variables={"as_of": "2026-02-10", "basis": "loaded'; drop", "known_at": None},
    )
    assert result.rows == [("DATE", "loaded'; drop", True)]


@pytest.mark.parametrize("value", ["2026-13-01", "2026-02-10 25:00", "2026-02-10Tnoon"])
def test_a_variable_that_looks_like_a_moment_and_is_none_is_refused(database: Path, value: str) -> None:
    """It would be cast to NULL and mean "newest"."""
    assert f"known_at is set to {value}, which is no moment" in refusal(
        database, "select 1", variables={"known_at": value}
    )


def test_parameters_keep_their_types_and_surplus_ones_are_left_out(database: Path) -> None:
    given_values: dict[str, object] = {
        "text": "a'b",
        "whole": 3,
        "part": 0.5,
        "exact": Decimal("1.10"),
        "day": date(2026, 2, 10),
        "moment": datetime(2026, 2, 10, 12, tzinfo=UTC),
        "none": None,
        "surplus": 1,
    }
    result = adhoc.run(
        database,
        "select $text, $whole + 1, $part * 2, $exact, $day + interval 1 day, $moment, $none",
        parameters=given_values,
    )
    assert result.rows == [("a'b", 4, 1.0, "1.10", "2026-02-11 00:00:00", "2026-02-10 12:00:00", None)]


def test_parameters_reach_a_wrapped_statement(database: Path) -> None:
    result = adhoc.run(
        database,
        "select n, interval (n) day from stocks where n = $n or metal = $metal",
        parameters={"n": 3, "metal": "x"},
    )
    assert result.rows == [(3, "3 days")]


def test_a_missing_parameter_is_named(database: Path) -> None:
    said = refusal(database, "select $metal, $day", parameters={"day": "x"})
    assert said.startswith("No value was given for $metal.")


@pytest.mark.parametrize("name", ['a" = 1; --', "", "1a", "é"])
def test_a_strange_variable_name_is_refused(database: Path, name: str) -> None:
    assert "no name for a variable" in refusal(database, "select 1", variables={name: "x"})


def test_a_parameter_of_an_unknown_type_is_refused(database: Path) -> None:
    assert "Parameter x is a list" in refusal(database, "select $x", parameters={"x": [1]})


# --- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "no statement"),
        ("-- nothing\n;", "no statement"),
        ("select 1; select 2", "2 statements"),
        ("insert into stocks select 1", "INSERT is not allowed"),
        ("set threads = 1", "SET is not allowed"),
        ("update extensions", "This kind of statement is not allowed"),
        ("pivot stocks on metal using sum(ounces)", "PIVOT without IN"),
        ("explain analyze select 1", "without ANALYZE"),
        ("explain (format json) select 1", "without options"),
        ("explain create table x (i int)", "Plain EXPLAIN of one SELECT"),
        ("with a as (copy stocks to 'x.csv') select * from a", "COPY inside a SELECT"),
        ("with a as (delete from stocks returning n) from a", "DELETE inside a SELECT"),
        ("with a as (with b as (select 1) insert into stocks select 1 returning 1) from a", "INSERT inside a SELECT"),
        ("explain with a as (copy stocks to 'x.csv') select * from a", "COPY inside a SELECT"),
        ("select * from read_text('/etc/passwd')", "no files, no network"),
        ("select nosuch from stocks", 'column "nosuch" not found'),
        ("select *\nfrom nosuch", "LINE 2: from nosuch"),
        ("selec 1", 'syntax error at or near "selec"'),
        ("select 'abc", "unterminated"),
        ("select 'x'::int", "Could not convert string 'x'"),
        ("select \ud800", "not Unicode text"),
    ],
)
def test_a_refusal_says_what_is_wrong(database: Path, sql: str, said: str) -> None:
    assert said in refusal(database, sql)


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    assert f"no database at {tmp_path / 'none.duckdb'}" in refusal(tmp_path / "none.duckdb", "select 1")


def test_a_file_that_is_no_database_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "gen.duckdb").write_bytes(b"<html>" * 1000)
    assert "not a valid DuckDB database file" in refusal(tmp_path / "gen.duckdb", "select 1")


def test_a_database_someone_is_writing_is_a_refusal(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "live.duckdb")):
        assert "Could not set lock" in refusal(tmp_path / "live.duckdb", "select 1")


def test_a_negative_row_limit_is_refused(database: Path) -> None:
    assert "row limit of -1" in refusal(database, "select 1", limit=-1)


def test_the_newest_generation_is_found_through_its_link(database: Path, tmp_path: Path) -> None:
    (tmp_path / "newest.duckdb").symlink_to(database)
    assert adhoc.run(tmp_path / "newest.duckdb", "select count(*) from stocks").rows == [(1000,)]


# --- the gate, without a process ----------------------------------------------------------

_gaps = st.lists(
    st.sampled_from([" ", "\n", "\t", "/* select 1 */", "-- select 1;\n", "/* /* nested */ */"]), min_size=1
).map("".join)


def _mixed(word: str) -> st.SearchStrategy[str]:
    return st.lists(st.booleans(), min_size=len(word), max_size=len(word)).map(
        lambda upper: "".join(char.upper() if up else char for char, up in zip(word, upper, strict=True))
    )


def verdict(sql: str) -> str:
    """Kind of the statement the gate lets through, or why it lets none through."""
    con = duckdb.connect(config={"threads": 1})
    try:
        return str(adhoc_worker.gate(con, sql).type.name)
    except (adhoc_worker.Refusal, duckdb.Error) as reason:
        return str(reason)
    finally:
        con.close()


@settings(max_examples=40)
@given(before=_gaps, explain=_mixed("explain"), between=_gaps, analyze=_mixed("analyze"), after=_gaps)
def test_no_comment_or_case_hides_explain_analyze(
    before: str, explain: str, between: str, analyze: str, after: str
) -> None:
    assert verdict(before + explain + between + analyze + after + "select 1").startswith("Plain EXPLAIN of one SELECT")


@settings(max_examples=40)
@given(gap=_gaps, copy=_mixed("copy"), word=_mixed("materialized"))
def test_no_comment_or_case_hides_a_cte_that_writes(gap: str, copy: str, word: str) -> None:
    said = verdict(f"with a as {word} ({gap}{copy}{gap}t to 'x.csv') select * from a")
    assert said.startswith("COPY inside a SELECT is not allowed")


_WORDS = ["explain", "analyze", "(", ")", ";", "'x'", "$a", "select", "1", "with", "a", "as", "copy", "--", "/*", "é"]


@settings(max_examples=40)
@given(sql=st.text() | st.lists(st.sampled_from(_WORDS)).map(" ".join))
def test_the_gate_answers_any_text_with_a_statement_or_a_reason(sql: str) -> None:
    said = verdict(sql)
    assert said in ("SELECT", "EXPLAIN") or len(said) > 10


def test_the_child_imports_the_engine_and_nothing_heavy() -> None:
    """Its imports are its start-up time: `duckdb`, `polars` and our own vocabulary stay out."""
    code = (
        "import sys; sys.path += sys.argv[1:]; import monitor.adhoc_worker;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names),"
        " *(name for name in sys.modules if name.startswith('monitor.')))"
    )
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, *adhoc._import_path()], capture_output=True, text=True, check=True
    )
    assert set(told.stdout.split()) == {"__main__", "_duckdb", "monitor", "monitor.adhoc_walls", "monitor.adhoc_worker"}
