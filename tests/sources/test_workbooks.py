"""Workbooks in XML: cells where they stand, sizes, places that run back, and entities that are refused unread."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import Unreadable
from monitor.sources import workbooks
from monitor.sources.unzip import Package
from monitor.sources.workbooks import header_row, sheet_names, spreadsheetml, xlsx
from tests.factories import shanghai, world
from tests.factories.world import BOMB, EDITS, EXAMPLES, zipped
from tests.hostile_packed import xlsx_dense_list_of_sheets

GRID: list[list[world.Cell]] = [["Month", "Gold"], ["2026-01 & more", 1.5], [date(2026, 1, 31), None, "end"]]
LAID = [["Month", "Gold"], ["2026-01 & more", 1.5], [46053.0, None, "end"]]


@pytest.mark.parametrize("shared", [True, False], ids=["shared texts", "inline texts"])
def test_cells_stand_where_their_names_say(shared: bool) -> None:
    assert xlsx(world.xlsx({"A": [["x"]], "B": GRID}, shared=shared), "B").rows == LAID


def test_the_sheets_are_known_by_their_names() -> None:
    assert sheet_names(world.xlsx({"A": [["x"]], "B": GRID})) == ("A", "B")
    assert sheet_names(b"PK\x03\x04 no workbook") == ()
    assert sheet_names(zipped({"a.txt": b"1"})) == ()


def test_a_long_list_of_sheets_is_no_list_of_sheets() -> None:
    """It is read in the running program, which a list of 60 MB must not reach."""
    body = xlsx_dense_list_of_sheets()
    started = time.process_time()
    assert sheet_names(body) == ()
    assert time.process_time() - started < 0.1


def test_a_sheet_that_is_not_there_is_named() -> None:
    with pytest.raises(Unreadable, match="no sheet 'C'"):
        xlsx(world.xlsx({"A": GRID}), "C")


def test_a_day_number_is_a_date_of_the_1900_system() -> None:
    assert workbooks.day_of(46053.0, "") == date(2026, 1, 31)
    for wrong in (46053.5, 3.0, 9e9, -1.0):
        with pytest.raises(Unreadable, match="is no date"):
            workbooks.day_of(wrong, "A1")


def test_days_counted_from_1904_are_refused() -> None:
    body = _changed(world.xlsx({"A": GRID}), "xl/workbook.xml", "<workbookPr/>", '<workbookPr date1904="1"/>')
    with pytest.raises(Unreadable, match="from 1904"):
        xlsx(body, "A")


def test_a_document_type_is_refused_before_anything_expands() -> None:
    with pytest.raises(Unreadable, match="document type"):
        xlsx(world.xlsx({"A": GRID}, prolog=BOMB), "A")
    with pytest.raises(Unreadable, match="document type"):
        spreadsheetml(world.spreadsheetml({"A": GRID[:1]}, prolog=BOMB), "A")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('r="A2"', 'r="A99999"', "no report is that large"),
        ('r="A2"', 'r="ZZZ2"', "no report is that large"),
        ('r="A2"', 'r="2A"', "is no place of a cell"),
        ('<row r="2">', '<row r="1">', "is no row or column after"),
        ("<v>1</v>", "<v>77</v>", "not among the shared ones"),
        ("<v>1.5</v>", "<v>1.5.5</v>", "is no number"),
        ("</worksheet>", "", "does not parse"),
    ],
)
def test_a_damaged_sheet_is_unreadable(old: str, new: str, message: str) -> None:
    body = _changed(world.xlsx({"A": GRID}), "xl/worksheets/sheet1.xml", old, new)
    with pytest.raises(Unreadable, match=message):
        xlsx(body, "A")


def test_a_number_may_carry_an_exponent() -> None:
    body = _changed(world.xlsx({"A": GRID}), "xl/worksheets/sheet1.xml", "<v>1.5</v>", "<v>1.5E-2</v>")
    assert xlsx(body, "A").rows[1][1] == 0.015


def test_empty_cells_are_leapt_by_their_index() -> None:
    body = world.spreadsheetml({"A": [["As Of", None, "Shares"]], "B": [["x"]]})
    assert b'ss:Index="3"' in body
    assert spreadsheetml(body, "A").rows == [["As Of", None, "Shares"]]


def test_a_merged_cell_covers_the_places_behind_it() -> None:
    body = world.spreadsheetml({"A": [["wide", "next"]]}).replace(b"<ss:Cell>", b'<ss:Cell ss:MergeAcross="2">', 1)
    assert spreadsheetml(body, "A").rows == [["wide", None, None, "next"]]


def test_a_bare_ampersand_is_the_character() -> None:
    body = world.spreadsheetml({"A": [["a=1&b=2&amp;c&nbsp;&#38;"]]})
    assert spreadsheetml(body, "A").rows == [["a=1&b=2&c&nbsp;&"]]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"</ss:Workbook>", b"", "does not parse"),
        (b'Name="A"', b'Name="B"', "no worksheet 'A'"),
        (b'ss:Type="Number">1.5', b'ss:Type="Number">x', "is no number"),
        (b'Name="C"', b'Name="A"', "two worksheets 'A'"),
    ],
)
def test_damaged_spreadsheetml_is_unreadable(old: bytes, new: bytes, message: str) -> None:
    body = world.spreadsheetml({"A": [["x", 1.5]], "C": [["y"]]})
    with pytest.raises(Unreadable, match=message):
        spreadsheetml(body.replace(old, new, 1), "A")


def test_the_header_is_found_by_its_text() -> None:
    sheet = xlsx(world.xlsx({"A": [["title"], [None, "month end ", "GOLD"]]}), "A")
    assert header_row(sheet, ("Month End", "Gold")) == (1, {"month end": 1, "gold": 2})
    with pytest.raises(Unreadable, match="no row with the headings Silver"):
        header_row(sheet, ("Silver",))


def _parts(body: bytes) -> dict[str, bytes]:
    package = Package(body)
    return {name: package.read(name) for name in package.names}


def _changed(body: bytes, name: str, old: str, new: str) -> bytes:
    """The workbook with one text of one part replaced."""
    files = _parts(body)
    assert old.encode() in files[name]
    return zipped(files | {name: files[name].replace(old.encode(), new.encode(), 1)})


@given(st.binary(max_size=1_000), st.sampled_from([b"", b"<?xml", b"<ss:Workbook>"]))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_are_unreadable(body: bytes, start: bytes) -> None:
    assert sheet_names(start + body) == ()
    with pytest.raises(Unreadable):
        spreadsheetml(start + body, "A")


@given(EDITS, st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"]))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_workbooks_are_read_or_unreadable(edits: list[tuple[str, int, bytes]], part: str) -> None:
    with suppress(Unreadable):
        spreadsheetml(shanghai.damage(world.spreadsheetml({"A": GRID[:2]}), edits), "A")
    files = _parts(world.xlsx({"A": GRID}))
    with suppress(Unreadable):
        xlsx(zipped(files | {part: shanghai.damage(files[part], edits)}), "A")
