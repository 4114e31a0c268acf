"""The data dictionary is read off the comments: each view and column once, and no unit the comment does not say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor import dictionary
from monitor.dictionary import View
from tests.homes import house


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[View, ...]]:
    with house(tmp_path_factory.mktemp("dictionary")) as opened:
        yield dictionary.views(opened.store.rows(dictionary.SQL))


@pytest.mark.parametrize(
    ("comment", "unit"),
    [
        ("Registered metal, troy ounces; NULL where it is not said.", "troy ounces"),
        ("Far minus near, percent a year of near, act/360: negative is backwardation.", "percent a year of near"),
        ("Registered over 8.8 percent of the peak, the mean share that stood, a ratio.", "ratio"),
        ("When the stocks were public, UTC.", "UTC"),
        ("Settlement price, currency per unit.", "currency per unit"),
        ("Movement, in unit; NULL where the report leaves it blank.", "unit"),
        ("Value-added tax in force, as a fraction.", "fraction"),
        ("How far the number may be off, in unit or in percent; NULL where it is no matter.", ""),
        ("Sessions to first notice day, lots of them.", ""),
        ("", ""),
    ],
)
def test_a_unit_is_what_the_comment_says_behind_a_comma_and_nothing_else(comment: str, unit: str) -> None:
    assert dictionary.unit_of(comment) == unit


def test_every_view_is_listed_once_with_its_columns_and_meanings(views: tuple[View, ...]) -> None:
    names = [view.name for view in views]
    assert names == sorted(set(names))
    assert {"coverage", "comex_flows", "readings", "alerts", "deliveries"} <= set(names)
    assert not {"open_interest_rows", "loads"} & set(names), "fact tables are no views"
    assert [v.name for v in views if not v.meaning or not v.fields] == []
    assert [(v.name, f.name) for v in views for f in v.fields if not f.meaning] == []


def test_a_name_that_carries_a_unit_is_never_given_another(views: tuple[View, ...]) -> None:
    wanted = {
        "_usd_oz": "per troy ounce", "_ann_pct": "percent a year", "_pct": "percent", "_oz": "troy ounces",
        "_lots": "lots", "_kg": "kg", "_at": "UTC",
    }  # fmt: skip
    wrong = []
    for field in (field for view in views for field in view.fields):
        suffix = next((end for end in wanted if field.name.endswith(end)), "")
        if field.unit and suffix and wanted[suffix] not in field.unit:
            wrong.append((field.name, field.unit))
    assert wrong == []


def test_most_measures_have_a_unit_of_their_own(views: tuple[View, ...]) -> None:
    """Of the columns of fractional numbers fewer than a fifth say theirs only in words."""
    measures = [field for view in views for field in view.fields if field.type == "DOUBLE"]
    assert sum(not field.unit for field in measures) < len(measures) / 5


def test_the_text_gives_each_column_a_line_and_the_table_a_row(views: tuple[View, ...]) -> None:
    (coverage,) = [view for view in views if view.name == "coverage"]
    lines = dictionary.text([coverage]).splitlines()
    assert lines[0] == "coverage"
    assert lines[1].startswith("  Registered metal over open claims")
    assert len(lines) == 2 + len(coverage.fields)
    (registered,) = [line for line in lines if line.split()[0] == "registered_oz"]
    assert registered.split(None, 2)[:2] == ["registered_oz", "DOUBLE"]
    assert "troy ounces  Registered metal" in registered
    rows = dictionary.table([coverage]).rows
    assert ("coverage", "registered_oz", "DOUBLE", "troy ounces", "Registered metal, troy ounces.") in rows
