"""Saved questions and questions from files: typed values in, plain refusals, and every one of them runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor import adhoc, queryfile, sqlfiles
from monitor.errors import QueryRefused
from monitor.queryfile import looks, parsed
from tests.facts import interest, settle, stocks
from tests.homes import NOW, house

DAYS = (date(2026, 2, 9), date(2026, 2, 10))
MARCH = date(2026, 3, 1)
HEADED = """\
-- title = "Made up"
-- parameters.metal = { type = "text", default = "silver", about = "a metal" }
-- parameters.month = { type = "month", about = "delivery month" }
select $metal, $month -- not $this
"""


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two invented sessions of silver."""
    with house(tmp_path_factory.mktemp("saved")) as opened:
        stocks(opened, {DAYS[0]: 102e6, DAYS[1]: 101e6})
        interest(opened, "SI", MARCH, {DAYS[0]: 73_000, DAYS[1]: 70_000})
        settle(opened, "SI", {(DAYS[0], MARCH): 80.0, (DAYS[1], MARCH): 81.0})
        settle(opened, "SI", {(DAYS[1], MARCH): 81.5}, status="preliminary")
        yield opened.publish(NOW)


@pytest.mark.parametrize("path", sqlfiles.folder("queries"), ids=lambda path: path.stem)
def test_each_saved_question_says_what_it_is_and_runs_with_its_defaults(generation: Path, path: Path) -> None:
    question = queryfile.read(path)
    assert question.title
    assert all(parameter.about for parameter in question.parameters)
    result = adhoc.run(generation, question.sql, parameters=question.values([]))
    assert len({column.name for column in result.columns}) == len(result.columns)


@pytest.mark.parametrize(
    ("name", "given", "column", "values"),
    [
        ("cover", ["contract=SIH26"], "raw_coverage", [102e6 / (73_000 * 5_000), 101e6 / (70_000 * 5_000)]),
        ("cover", ["contract=GCJ26"], "raw_coverage", []),
        ("stock_flows", ["since=2026-02-10"], "registered_oz", [101e6]),
        ("depositories", ["day=2026-02-09"], "registered", [102e6]),
        ("curve", ["day=2026-02-09"], "settle", [80.0]),
        ("restated", [], "settle", [81.0, 81.5]),
        ("restated", ["product=GC"], "settle", []),
        ("disagreements", [], "difference", []),
    ],
)
def test_a_saved_question_answers_for_the_values_given(
    generation: Path, name: str, given: list[str], column: str, values: list[float]
) -> None:
    question = queryfile.saved()[name]
    result = adhoc.run(generation, question.sql, parameters=question.values(given))
    at = [c.name for c in result.columns].index(column)
    assert sorted(row[at] for row in result.rows) == pytest.approx(sorted(values))


def test_there_are_ten_saved_questions_and_more() -> None:
    assert len(queryfile.saved()) >= 10


def test_values_are_read_by_the_type_the_header_declares() -> None:
    question = parsed("made_up", HEADED)
    assert question.values(["month=2026-03"]) == {"metal": "silver", "month": MARCH}
    assert question.values(["metal=2026", "month=2026-03-17"]) == {"metal": "2026", "month": MARCH}
    assert question.values(["metal=null", "month=2026-03"])["metal"] is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "made_up needs a value for month"),
        (["month=soon"], "month is 'soon', which is no month"),
        (["month=2026-03", "metals=gold"], "has no parameter metals; it has metal, month"),
        (["2026-03"], "is no name=value"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(given: list[str], said: str) -> None:
    with pytest.raises(QueryRefused, match=said):
        parsed("made_up", HEADED).values(given)


def test_a_question_without_a_header_takes_its_values_as_they_look() -> None:
    question = parsed("query", "-- which day?\nselect * from coverage where session = $day and product = $product")
    assert question.values(["day=2026-02-10", "product=SI"]) == {"day": date(2026, 2, 10), "product": "SI"}
    with pytest.raises(QueryRefused, match="query has no parameter dya"):
        question.values(["dya=2026-02-10"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-0.5", -0.5), ("1e3", 1000.0), ("true", True), ("SIH26", "SIH26"), ("'12'", "12"),
        ("'it''s'", "it's"), ("2026-02-10", date(2026, 2, 10)), ("1.2.3", "1.2.3"), ("", ""), ("'", "'"),
        ("2026-02-10T12:00", datetime(2026, 2, 10, 12, tzinfo=UTC)), ("inf", "inf"), ("nan", "nan"),
    ],
)  # fmt: skip
def test_a_bare_value_is_what_it_looks_like(text: str, value: object) -> None:
    assert looks(text) == value
    assert type(looks(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('-- title = "x"\n-- colour = "red"\nselect 1', "the header has 'colour'"),
        ('-- title = "x"\nselect $metal', r"\$metal is used and not declared"),
        ('-- title = "x"\n-- parameters.metal = { type = "text" }\nselect 1', r"\$metal is declared and not used"),
        ('-- title = "x"\n-- parameters.metal = { type = "colour" }\nselect $metal', "parameter metal needs a type"),
        ('-- title = "x"\n-- parameters.n = { type = "integer", default = "x" }\nselect $n', "which is no integer"),
    ],
)
def test_a_header_that_says_something_odd_is_refused(text: str, said: str) -> None:
    with pytest.raises(QueryRefused, match=said):
        parsed("odd", text)


def test_a_dollar_in_a_text_or_a_comment_is_no_parameter() -> None:
    assert parsed("query", "select '$a', \"$b\" /* $c */ -- $d\n, $e").declared.keys() == {"e"}
