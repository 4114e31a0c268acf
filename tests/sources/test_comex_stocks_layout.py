"""Warehouse workbooks that are laid out otherwise, are none, or whose bones are broken.

Every workbook here is made up by `tests.factories.comex`.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from io import BytesIO

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.sources import biff
from monitor.sources.comex_stocks import recognise
from tests.sources.stock_reports import KINDS, made, read, rows


@pytest.mark.parametrize(
    "name", ["DEPOSITORY", "PREV TOTAL", "RECEIVED", "WITHDRAWN", "NET CHANGE", "ADJUSTMENT", "TOTAL TODAY"]
)
def test_a_renamed_column_is_named_with_what_was_found(name: str) -> None:
    """Never guessed from its place."""
    with pytest.raises(Unreadable, match=rf"{name}.*'RENAMED'.*row 11") as error:
        read(made(rename={name: "RENAMED"}))
    assert error.value.where == "sheet 'Daily Metal Stocks Report', row 11"


def test_a_column_that_is_there_twice_is_not_guessed() -> None:
    """Two columns TOTAL TODAY: neither is taken."""
    with pytest.raises(Unreadable, match="expected one column TOTAL TODAY"):
        read(made(cells={(10, 8): "TOTAL TODAY"}))


def test_a_missing_header_names_the_words_and_the_sheets() -> None:
    """A report without its header row."""
    with pytest.raises(Unreadable, match=r"PREV TOTAL.*'Daily Metal Stocks Report' with \d+ rows"):
        read(made(dropped=frozenset({10})))


def test_an_empty_sheet_is_unreadable() -> None:
    """Not zero stock."""
    with pytest.raises(Unreadable, match="with 0 rows"):
        read(made(no_sheet=True))


def test_another_sheet_before_the_report_does_no_harm() -> None:
    """The report is found by its header row, not by being first."""
    assert rows(read(made(sheet_before="Notes"))) == rows(read(made()))


def test_a_workbook_of_something_else_is_not_claimed_and_not_read() -> None:
    """OLE2 alone is not enough."""
    book = xlwt.Workbook()
    book.add_sheet("Budget").write(0, 0, "TOTAL")
    out = BytesIO()
    book.save(out)
    assert not recognise(out.getvalue(), "Silver_stocks.xls")
    with pytest.raises(Unreadable, match="'Budget'"):
        read(out.getvalue())


def test_a_report_in_wide_characters_is_recognised() -> None:
    """Its words may be stored with two bytes each."""
    assert recognise(biff.OLE2 + "METAL DEPOSITORY STATISTICS".encode("utf-16-le"), "")
    assert not recognise(b"METAL DEPOSITORY STATISTICS", "Silver_stocks.xls")


def test_a_metal_we_do_not_follow_is_named() -> None:
    """Aluminum has a report of the same layout."""
    with pytest.raises(Unreadable, match=r"expected one metal of .*SILVER.* found .*'ALUMINUM'"):
        read(made(rename={"SILVER": "ALUMINUM"}))


def test_one_metal_twice_is_not_added_up() -> None:
    """Two blocks of platinum in one file."""
    with pytest.raises(Unreadable, match="platinum appears 2 times"):
        read(made("pa-pl", rename={"PALLADIUM": "PLATINUM"}))


@pytest.mark.parametrize(
    ("kind", "old", "new"), [("silver", "Troy Ounce", "Short Tons"), ("copper", "Short Tons", "Troy Ounce")]
)
def test_a_metal_in_the_wrong_unit_is_unreadable(kind: str, old: str, new: str) -> None:
    """Copper is in short tons, everything else in troy ounces."""
    with pytest.raises(Unreadable, match=f"expected {kind} in {old!r}, found {new!r}"):
        read(made(kind, rename={old: new}))


def test_an_unknown_unit_is_unreadable() -> None:
    """Kilograms are not read as ounces."""
    with pytest.raises(Unreadable, match=r"expected one unit of .* found .*'Kilograms'"):
        read(made(rename={"Troy Ounce": "Kilograms"}))


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ((13, 3), None, "an empty cell where 'Registered' should have a number"),
        ((13, 3), "none", "'none' where 'Registered' should have a number"),
        ((13, 3), True, "True where 'Registered' should have a number"),
        ((12, 3), 5.0, "numbers beside 'ASAHI DEPOSITORY LLC', which is no category"),
        ((14, 0), "  Deposited", "numbers beside 'Deposited', which is no category"),
        ((14, 0), "  Registered", "'Registered' of 'ASAHI DEPOSITORY LLC' appears twice"),
        ((17, 0), "ASAHI DEPOSITORY LLC", "'ASAHI DEPOSITORY LLC' appears twice"),
    ],
)
def test_a_cell_that_is_not_understood_is_named(place: tuple[int, int], value: object, says: str) -> None:
    """A missing number is never invented, an unknown row never skipped."""
    with pytest.raises(Unreadable, match=says) as error:
        read(made(cells={place: value}))
    assert f"row {place[0] + 1}" in error.value.where


@pytest.mark.parametrize("row", [13, 14, 15])
def test_a_depository_without_one_of_its_rows_is_unreadable(row: int) -> None:
    """Registered, eligible and total are all needed."""
    with pytest.raises(Unreadable, match=r"'ASAHI DEPOSITORY LLC' has no (registered|eligible|total) row"):
        read(made(dropped=frozenset({row})))


def test_a_name_without_rows_is_unreadable() -> None:
    """A depository is not passed over because its rows are gone."""
    with pytest.raises(Unreadable, match="'NEW VAULT' has no registered row"):
        read(made(inserted={12: ["NEW VAULT"]}))


@pytest.mark.parametrize(
    ("row", "says"), [(32, "'the sums' has no registered row"), (34, "ends before the combined total")]
)
def test_missing_sums_are_unreadable(row: int, says: str) -> None:
    """Without the report's sums nothing can be proved."""
    with pytest.raises(Unreadable, match=says):
        read(made(dropped=frozenset({row})))


def test_pledged_rows_without_their_sum_are_unreadable() -> None:
    """TOTAL PLEDGED is needed where anyone has pledged."""
    body = made("gold")
    sheet = biff.read_workbook(body)[0]
    at = next(sheet.top + index for index, row in enumerate(sheet.rows) if row[0] == "TOTAL PLEDGED")
    with pytest.raises(Unreadable, match="'the sums' has no pledged row"):
        read(made("gold", dropped=frozenset({at})))


def test_depositories_after_the_sums_are_unreadable() -> None:
    """A row of a depository cannot follow TOTAL REGISTERED."""
    with pytest.raises(Unreadable, match="which is no category of a depository"):
        read(made(inserted={33: ["  Registered", "", 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, ""]}))


REFUSAL = b"""<html><body><p>This IP address is blocked due to suspected
  web scraping activity on our pages.</p></body></html>"""


def test_the_refusal_page_is_blocked() -> None:
    """Never taken for a day without a report."""
    with pytest.raises(Blocked, match="inbox"):
        read(REFUSAL)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<html><table><tr><td>TOTAL REGISTERED</td></tr></table></html>", "an HTML page"),
        (b"PK\x03\x04", "a ZIP archive or .xlsx workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b'{"message":"Bad Request"}', "JSON"),
        (b"", "an empty file"),
        (b"\x01\x02", "bytes beginning 01 02"),
    ],
)
def test_something_else_named_xls_is_unreadable(body: bytes, found: str) -> None:
    """The error says what was expected and what was found."""
    with pytest.raises(Unreadable, match=f"expected CME's stock report as an .xls workbook, found {found}"):
        read(body)


def place_of(body: bytes, record: bytes) -> int:
    """Where a record begins, in the file."""
    at = body.find(record)
    assert at > 0
    return at


def patched(at: int, value: bytes, body: bytes | None = None) -> bytes:
    base = bytearray(body or made())
    base[at : at + len(value)] = value
    return bytes(base)


NUMBER, TEXT, STRINGS, EXTENT = b"\x03\x02\x0e\x00", b"\xfd\x00\x0a\x00", b"\xfc\x00", b"\x00\x02\x0e\x00"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda: patched(48, struct.pack("<I", 0xFFFFFF)), "a chain of sectors does not end"),
        (lambda: patched(44, struct.pack("<I", 0xFFFFFF)), "its header describes more than the file holds"),
        (lambda: patched(76, struct.pack("<I", 0xFFFFFF)), "its sector table lies outside the file"),
        (lambda: patched(68, struct.pack("<I", 1)), "its header describes more than the file holds"),
        (lambda: patched(30, b"\x0c"), "its header describes more than the file holds"),
        (lambda: patched(place_of(made(), EXTENT) + 8, b"\xff\xff\xff\xff"), "a sheet claims rows"),
        (lambda: patched(place_of(made(), EXTENT) + 2, b"\x0a"), "a sheet's extent has no known form"),
        (lambda: patched(place_of(made(), NUMBER) + 6, b"\xff\xff"), "a cell lies in row 14, column 65536"),
        (lambda: patched(place_of(made(), NUMBER) + 4, b"\xff\xff"), "a cell lies in row 65536"),
        (lambda: patched(place_of(made(), NUMBER) + 4, b"\xff\x00"), "a cell of row 14 follows one of row 256"),
        (lambda: patched(place_of(made(), TEXT) + 4, b"\xff\x00"), "the rows of a sheet are out of order"),
        (lambda: patched(place_of(made(), b"\x85\x00\x21\x00") + 2, b"\0\0"), "the place of a sheet is missing"),
        (lambda: made()[:-28], "its directory is cut"),
        (lambda: made()[:700], "a chain of sectors does not end|lies outside"),
        (lambda: made()[:512], "512 bytes is no size for a stock report"),
        (lambda: made() + bytes(4_000_000), "bytes is no size for a stock report"),
        (lambda: made().replace("Workbook".encode("utf-16-le"), "Workshop".encode("utf-16-le")), "found .*'Workshop'"),
    ],
)
def test_a_workbook_of_impossible_shape_is_refused_before_it_is_read(body: Callable[[], bytes], says: str) -> None:
    """Each of these would otherwise ask for terabytes, run for ever, or be read as something else."""
    with pytest.raises(Unreadable, match=says):
        read(body())


def test_a_circle_of_sectors_is_refused() -> None:
    """The sector after the first one of the workbook is itself."""
    body = made()
    table = (struct.unpack_from("<I", body, 76)[0] + 1) * 512
    with pytest.raises(Unreadable, match="a chain of sectors does not end"):
        read(patched(table + 4, struct.pack("<I", 1)))


def test_an_absurd_number_of_texts_is_refused() -> None:
    """The string table says how many there are before the first one."""
    body = made()
    text = place_of(body, b"COMMODITY EXCHANGE, INC.")
    at = body.rfind(STRINGS, 0, text)
    with pytest.raises(Unreadable, match="it claims 2147483647 different texts"):
        read(patched(at + 8, struct.pack("<I", 0x7FFFFFFF)))


def test_a_workbook_with_macros_is_refused() -> None:
    """The report has none, and reading them is another business."""
    body = made()
    at = place_of(body, "Root Entry".encode("utf-16-le"))
    with pytest.raises(Unreadable, match="not a plain Excel 97 workbook"):
        read(patched(at, "_VBA_PROJECT_CUR".encode("utf-16-le")))


def test_a_workbook_of_many_sheets_is_refused() -> None:
    """The report has one; a thousand of them would cost a thousand times the memory."""
    book = xlwt.Workbook()
    for number in range(17):
        book.add_sheet(f"Sheet {number}").write(0, 0, number)
    out = BytesIO()
    book.save(out)
    with pytest.raises(Unreadable, match="it claims 17 sheets"):
        read(out.getvalue())


def test_the_columns_of_excel_have_letters() -> None:
    """A to Z, then AA."""
    assert [biff.letters(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


SOUND = {kind: made(kind) for kind in KINDS}

EDITS = st.lists(st.tuples(st.integers(0, 25_000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6)


def only_known_endings(body: bytes) -> None:
    """A batch that passes the schema, or one of the four errors a source may raise."""
    recognise(body, "file")
    with contextlib.suppress(NotPublished, Blocked, Unreadable, Implausible):
        read(body)


@settings(max_examples=200)
@given(st.sampled_from(sorted(SOUND)), EDITS, st.integers(0, 25_000))
def test_a_damaged_workbook_gives_a_batch_or_a_named_error(
    kind: str, edits: list[tuple[int, bytes]], length: int
) -> None:
    """Bytes overwritten anywhere, the end cut off."""
    body = bytearray(SOUND[kind])
    for at, value in edits:
        body[at % len(body) : at % len(body) + len(value)] = value
    only_known_endings(bytes(body[: max(length, 600)]))


@settings(max_examples=100)
@given(st.binary(max_size=3_000), st.sampled_from([b"", biff.OLE2, b"<html>", b"{"]))
def test_arbitrary_bytes_give_a_named_error(body: bytes, opening: bytes) -> None:
    """Also behind the opening bytes of a workbook."""
    only_known_endings(opening + body)
