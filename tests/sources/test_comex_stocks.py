"""COMEX warehouse stocks: the captured workbooks, every known way such parsers went wrong, damaged workbooks.

Every workbook that is not read from the captures is made up by `tests.factories.comex`.
"""

from __future__ import annotations

import contextlib
import csv
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import zip_longest
from typing import Any

import polars as pl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch, Note
from monitor.sources import biff, comex_settlements, comex_volume
from monitor.sources.comex_stocks import METALS, SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex import (
    COPPER,
    ENHANCED,
    PALLADIUM,
    PLATINUM,
    SILVER,
    Knobs,
    Stock,
    Vault,
    copper_stocks_xls,
    gold_stocks_xls,
    pa_pl_stocks_xls,
    silver_stocks_xls,
)

ACTIVITY, REPORT = date(2026, 2, 9), date(2026, 2, 10)
NOW = datetime(2026, 2, 11, 12, tzinfo=UTC)
STOCKS = CAPTURES / "comex" / "stocks"
KINDS: dict[str, Callable[..., bytes]] = {
    "silver": silver_stocks_xls,
    "gold": gold_stocks_xls,
    "copper": copper_stocks_xls,
    "pa-pl": pa_pl_stocks_xls,
}
NUMBERS = ("prev_total", "received", "withdrawn", "net_change", "adjustment", "total_today")


def read(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "file.xls", at))
    validate.checked(batch.frames)
    return batch


def made(kind: str = "silver", activity: date = ACTIVITY, report: date = REPORT, **knobs: Any) -> bytes:
    return KINDS[kind](activity, report, knobs=Knobs(**knobs))


def rows(batch: Batch) -> list[tuple[object, ...]]:
    return batch.frames["comex_stock_rows"].rows()


def sums(batch: Batch) -> dict[tuple[str, str], float]:
    frame = batch.frames["comex_stock_sums"]
    return {(row[0], row[1]): row[2] for row in frame.select("metal", "category", "total_today").rows()}


def of(batch: Batch, depository: str) -> dict[str, tuple[float | None, ...]]:
    frame = batch.frames["comex_stock_rows"].filter(pl.col("depository") == depository)
    return {row[0]: row[1:] for row in frame.select("category", *NUMBERS).rows()}


# --- the captured workbooks ---


@cache
def captured() -> dict[str, Batch]:
    """Every captured workbook by file name, read as of the summer of 2026."""
    return {path.name: read(path.read_bytes(), datetime(2026, 6, 1, tzinfo=UTC)) for path in sorted(STOCKS.iterdir())}


def differences(answers: str, table: str) -> tuple[int, list[str]]:
    """How many rows were compared, and every one that differs, is missing or is too many."""
    with (CAPTURES / "comex" / "expected" / answers).open(encoding="utf-8") as file:
        wanted = list(csv.DictReader(file))
    expected = {tuple(row.values()) for row in wanted}
    assert len(expected) == len(wanted)
    found = set()
    for name, batch in captured().items():
        frame = batch.frames[table].rename({"session": "activity_date"})
        for row in frame.with_columns(source_file=pl.lit(f"stocks/{name}")).iter_rows(named=True):
            found.add(tuple("" if row[key] is None else str(row[key]) for key in wanted[0]))
    return len(expected), [f"- {row}" for row in expected - found] + [f"+ {row}" for row in found - expected]


@needs_captures
@pytest.mark.captures
def test_every_captured_depository_row_equals_its_answer() -> None:
    """213 workbooks, 10,197 rows, every number to the last digit."""
    assert differences("stocks_by_depository.csv", "comex_stock_rows") == (10_197, [])
    assert len(captured()) == 213


@needs_captures
@pytest.mark.captures
def test_every_captured_sum_equals_its_answer() -> None:
    """213 workbooks, 851 rows, every number to the last digit."""
    assert differences("stocks_totals.csv", "comex_stock_sums") == (851, [])


@needs_captures
@pytest.mark.captures
def test_every_captured_workbook_is_recognised_by_this_source_alone() -> None:
    """Content decides: the name given is a wrong one."""
    for path in STOCKS.iterdir():
        body = path.read_bytes()
        assert recognise(body, "x.json")
        assert not comex_volume.recognise(body, path.name)
        assert not comex_settlements.recognise(body, path.name)


@needs_captures
@pytest.mark.captures
def test_no_captured_workbook_has_a_text_that_is_new_to_us() -> None:
    """The usual wording, the gold note and the ghost cells under it make no notes."""
    assert [batch.notes for batch in captured().values() if batch.notes] == []


@needs_captures
@pytest.mark.captures
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("2026-01-06_Silver_stocks.xls", "silver"),
        ("2026-03-20_Gold_Stocks.xls", "gold"),
        ("2026-01-06_Copper_Stocks.xls", "copper"),
        ("2026-01-06_PA-PL_Stck_Rprt.xls", "pa-pl"),
    ],
)
def test_a_made_workbook_has_the_layout_of_the_captured_one(name: str, kind: str) -> None:
    """Made from the captured numbers, it has every text and every number in the captured cell."""
    (real,) = biff.read_workbook((STOCKS / name).read_bytes())
    body = KINDS[kind](*made_from(captured()[name]))
    (ours,) = biff.read_workbook(body)
    assert (ours.top, ours.left, len(ours.rows)) == (real.top, real.left, len(real.rows))
    for index, (left, right) in enumerate(zip(ours.rows, real.rows, strict=True)):
        if str(right[0]).startswith("Note:"):
            assert str(left[0]).startswith("Note:")
            continue
        for column, (one, other) in enumerate(zip_longest(left, right, fillvalue="")):
            both = isinstance(one, int | float) and isinstance(other, int | float)
            assert one == other or (both and abs(float(str(one)) - float(str(other))) < 0.01), real.at(index, column)


def made_from(batch: Batch) -> list[object]:
    """The arguments that make the workbook this batch was read from."""
    frame = batch.frames["comex_stock_rows"]
    given: list[object] = [frame["session"][0], frame["report_date"][0]]
    for metal in frame["metal"].unique(maintain_order=True):
        one = Batch({"comex_stock_rows": frame.filter(pl.col("metal") == metal)})
        vaults = {}
        for name in one.frames["comex_stock_rows"]["depository"].unique(maintain_order=True):
            lines = of(one, name)
            both = [
                Stock(*(lines[category][index] or 0.0 for index in (0, 1, 2, 4)))
                for category in ("registered", "eligible")
            ]
            memo = lines.get("pledged")
            vaults[name] = Vault(both[0], both[1], (memo[0] or 0.0, memo[5] or 0.0) if memo else None)
        given.append(vaults)
    return given


# --- how such parsers went wrong ---


def test_a_made_report_gives_each_number_as_printed() -> None:
    """The whole row of one depository, to the third decimal."""
    batch = read(made())
    assert of(batch, "ASAHI DEPOSITORY LLC") == {
        "registered": (31_000_000.5, 500_000.0, 0.0, 500_000.0, -250_000.25, 31_250_000.25),
        "eligible": (6_000_000.0, 0.0, 0.0, 0.0, 250_000.25, 6_250_000.25),
        "total": (37_000_000.5, 500_000.0, 0.0, 500_000.0, 0.0, 37_500_000.5),
    }
    assert of(batch, "JP MORGAN CHASE BANK NA")["eligible"][1] == 12_345.678


def test_rows_are_keyed_by_the_activity_date_and_published_at_the_report_date() -> None:
    """The dates stand in column G; the hour is 17:00 in New York, in winter 22:00 UTC, and marked as assumed."""
    frame = read(made()).frames["comex_stock_rows"]
    assert set(frame.select("session", "report_date", "published_at", "published_assumed").rows()) == {
        (ACTIVITY, REPORT, naive(datetime(2026, 2, 10, 22, tzinfo=UTC)), True)
    }


def test_in_summer_the_assumed_hour_is_21_utc() -> None:
    """17:00 in New York on daylight saving time."""
    body = made(activity=date(2026, 7, 13), report=date(2026, 7, 14))
    frame = read(body, datetime(2026, 7, 15, tzinfo=UTC)).frames["comex_stock_sums"]
    assert frame["published_at"][0] == naive(datetime(2026, 7, 14, 21, tzinfo=UTC))


@pytest.mark.parametrize("shift", [{"blank_rows": 3}, {"blank_columns": 2}, {"inserted": {9: ["", "", "", "by hand"]}}])
def test_shifted_rows_and_columns_are_read_all_the_same(shift: dict[str, Any]) -> None:
    """No cell is addressed by a fixed position."""
    assert rows(read(made(**shift))) == rows(read(made()))


def test_moved_columns_are_read_by_their_header() -> None:
    """The six numbers stand in another order, the label in the middle."""
    body = made(columns=(4, 8, 7, 6, 5, 3, 2, 1, 0))
    assert rows(read(body)) == rows(read(made()))


def test_a_new_depository_is_its_own_rows() -> None:
    """A name never seen before between two others changes nothing but itself."""
    vaults = dict(SILVER) | {"TEXAS PRECIOUS METALS, LLC": Vault(Stock(1_000.0, 0, 0, 5.0), Stock(2_000.0))}
    batch = read(silver_stocks_xls(ACTIVITY, REPORT, vaults))
    assert of(batch, "TEXAS PRECIOUS METALS, LLC")["total"][5] == 3_005.0
    assert rows(batch)[: 3 * len(SILVER)] == rows(read(made()))


def test_a_new_city_of_copper_is_its_own_rows() -> None:
    """Chicago appeared in April 2026 and belongs to no other city."""
    cities = {"BALTIMORE": COPPER["BALTIMORE"], "CHICAGO": Vault(Stock(7_000), Stock(0)), "TUCSON": COPPER["TUCSON"]}
    batch = read(copper_stocks_xls(ACTIVITY, REPORT, cities))
    assert of(batch, "CHICAGO")["registered"][5] == 7_000
    assert of(batch, "BALTIMORE")["registered"][5] == 15_144


def test_platinum_and_palladium_keep_their_own_sums() -> None:
    """Both blocks print TOTAL REGISTERED; the last one is palladium's only."""
    found = sums(read(made("pa-pl")))
    assert found["platinum", "registered"] == pytest.approx(sum(v.registered.six[5] for v in PLATINUM.values()))
    assert found["palladium", "registered"] == pytest.approx(sum(v.registered.six[5] for v in PALLADIUM.values()))


def test_each_block_has_the_dates_printed_above_it() -> None:
    """Palladium re-served with an old activity date does not borrow platinum's."""
    body = made("pa-pl", cells={})
    changed = {"Activity Date: 2/9/2026": "Activity Date: 2/6/2026"}
    assert len(set(read(body).frames["comex_stock_rows"]["session"])) == 1
    sheet = biff.read_workbook(body)[0]
    at = [sheet.top + i for i, row in enumerate(sheet.rows) if "Activity Date: 2/9/2026" in row]
    batch = read(made("pa-pl", cells={(at[1], 6): changed["Activity Date: 2/9/2026"]}))
    frame = batch.frames["comex_stock_sums"].select("metal", "session").unique()
    assert set(frame.rows()) == {("platinum", date(2026, 2, 9)), ("palladium", date(2026, 2, 6))}


def test_sums_are_no_depository() -> None:
    """Adding up the depositories gives the sum once, not twice."""
    frame = read(made()).frames["comex_stock_rows"]
    registered = frame.filter(pl.col("category") == "registered")["total_today"].sum()
    assert registered == pytest.approx(sums(read(made()))["silver", "registered"])
    assert set(frame["depository"]) == set(SILVER)


def test_the_enhanced_block_does_not_overwrite_its_depository() -> None:
    """BRINK'S, INC. and its block of enhanced delivery are two names, never matched by their beginning."""
    batch = read(made("gold"))
    assert of(batch, "BRINK'S, INC.")["registered"][0] == 6_700_000.0
    assert of(batch, "BRINK'S, INC." + ENHANCED)["registered"][0] == 0.0


def test_pledged_is_a_memo_and_its_middle_columns_stay_null() -> None:
    """It is kept as printed, only where printed, and is part of no total."""
    batch = read(made("gold"))
    assert of(batch, "BRINK'S, INC.")["pledged"] == (507_000.0, None, None, None, None, 508_000.0)
    assert "pledged" not in of(batch, "STONEX PRECIOUS METALS LLC")
    found = sums(batch)
    assert found["gold", "total"] == found["gold", "registered"] + found["gold", "eligible"]
    assert found["gold", "pledged"] == 683_500.0


def test_silver_has_no_pledged_rows_of_its_own() -> None:
    """A category that is not printed is not invented."""
    assert set(read(made()).frames["comex_stock_sums"]["category"]) == {"registered", "eligible", "total"}


def test_the_combined_adjustment_need_not_be_zero() -> None:
    """Metal is corrected into and out of the whole, as on silver of 2026-01-06."""
    vaults = dict(SILVER) | {"ASAHI DEPOSITORY LLC": Vault(Stock(31e6, adjustment=-1_200_585.0), Stock(6e6))}
    frame = read(silver_stocks_xls(ACTIVITY, REPORT, vaults)).frames["comex_stock_sums"]
    assert frame.filter(pl.col("category") == "total")["adjustment"][0] == -1_200_585.0


def test_registered_and_eligible_swapped_throughout_is_read_as_printed() -> None:
    """What no identity of one file can see: yesterday's file must tell."""
    found, sound = sums(read(made(swapped=True))), sums(read(made()))
    assert found["silver", "registered"] == sound["silver", "eligible"]


def test_whole_numbers_are_numbers() -> None:
    """Copper counts whole tons, which a workbook stores in another way; a frame holds them as DOUBLE."""
    assert of(read(made("copper")), "NEW ORLEANS")["registered"] == (206_991.0, 726.0, 726.0, 0.0, 0.0, 206_991.0)


# --- what a report says beside its numbers ---


def test_a_correction_under_the_sums_is_a_note() -> None:
    """Gold of 2026-04-29 carried one; the note has the text, the session and the cell."""
    text = "A CORRECTION HAS BEEN MADE TO GOLD INVENTORY. THE REPORT NOW CORRECTLY REFLECTS INVENTORY FOR GOLD."
    (note,) = read(made("gold", footers=["", text])).notes
    assert (note.kind, note.text, note.session) == ("correction", text, ACTIVITY)
    assert note.where == "sheet 'Daily Metal Stocks Report', row 50, column A"


def test_a_correction_between_the_depositories_is_a_note_and_no_name() -> None:
    """Wherever it stands, it changes no number."""
    batch = read(made(inserted={17: ["CORRECTION: SEE BELOW."]}))
    assert [(note.kind, note.where) for note in batch.notes] == [
        ("correction", "sheet 'Daily Metal Stocks Report', row 18, column A")
    ]
    assert rows(batch) == rows(read(made()))


def test_any_other_new_text_is_a_footer_note() -> None:
    """It is kept, so that a person sees it."""
    assert [(n.kind, n.text) for n in read(made(footers=["Closed on Friday."])).notes] == [
        ("footer", "Closed on Friday.")
    ]


def test_the_usual_texts_make_no_notes() -> None:
    """Disclaimer, addresses, the gold note with its line breaks, ghost cells."""
    assert [read(made(kind)).notes for kind in KINDS] == [(), (), (), ()]


def test_a_new_column_is_a_layout_note() -> None:
    """It is named with its cell and not read."""
    batch = read(made(cells={(10, 8): "VAULTED"}))
    where = "sheet 'Daily Metal Stocks Report', row 11, column I"
    assert batch.notes == (Note("layout", "unknown column 'VAULTED', not read", ACTIVITY, where),)


# --- layouts that are not understood ---


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


# --- numbers that are not believed ---


@pytest.mark.parametrize(
    ("place", "column", "says"),
    [
        ((13, 5), "F", "NET CHANGE of 'ASAHI DEPOSITORY LLC Registered' is 9.0, but RECEIVED - WITHDRAWN gives 500000"),
        ((13, 7), "H", r"TOTAL TODAY of .* but PREV TOTAL \+ NET CHANGE \+ ADJUSTMENT gives 31250000.25"),
        ((13, 6), "H", r"TOTAL TODAY of .* but PREV TOTAL \+ NET CHANGE \+ ADJUSTMENT gives 31500009.5"),
        ((15, 3), "F", "NET CHANGE of 'ASAHI DEPOSITORY LLC Total' is 500000.0, but RECEIVED - WITHDRAWN gives 9.0"),
    ],
)
def test_a_row_that_does_not_balance_is_refused_with_its_cell(place: tuple[int, int], column: str, says: str) -> None:
    """NET = RECEIVED - WITHDRAWN, TODAY = PREV + NET + ADJUSTMENT; the place is the one Excel shows."""
    with pytest.raises(Implausible, match=says) as error:
        read(made(cells={place: 9.0}))
    assert error.value.where == f"sheet 'Daily Metal Stocks Report', row {place[0] + 1}, column {column}"


SIX = [9.0, 9.0, 9.0, 0.0, 9.0, 18.0]
"""A row that balances in itself and belongs to nothing."""


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (15, r"'ASAHI DEPOSITORY LLC Total' is 9.0, but registered \+ eligible gives 37000000.5"),
        (13, r"'ASAHI DEPOSITORY LLC Total' is 37000000.5, but registered \+ eligible gives 6000009.0"),
        (32, r"'COMBINED TOTAL' is .*, but registered \+ eligible gives"),
        (34, r"'COMBINED TOTAL' is 9.0, but registered \+ eligible gives"),
    ],
)
def test_sums_that_do_not_hold_are_refused(row: int, says: str) -> None:
    """A depository's total, and the report's combined total, are registered and eligible together."""
    with pytest.raises(Implausible, match=says):
        read(made(cells={(row, 2 + index): value for index, value in enumerate(SIX)}))


@pytest.mark.parametrize(("first", "category"), [(32, "registered"), (33, "eligible")])
def test_the_reports_sums_are_those_of_its_depositories(first: int, category: str) -> None:
    """A sum and the combined total changed together still do not fit the depositories."""
    changed: dict[tuple[int, int], object] = {}
    sheet = biff.read_workbook(made())[0]
    for row in (first, 34):
        before = sheet.rows[row - sheet.top]
        for index, value in enumerate(SIX):
            printed = before[2 + index]
            assert isinstance(printed, float | int)
            changed[row, 2 + index] = printed + value
    with pytest.raises(Implausible, match=f"{category} of all depositories together gives") as error:
        read(made(cells=changed))
    assert error.value.where.endswith(f"row {first + 1}, column C")


def test_the_sum_of_pledged_is_that_of_its_depositories() -> None:
    """Previous and today of the memo rows add up as well."""
    body = made("gold")
    sheet = biff.read_workbook(body)[0]
    at = next(sheet.top + index for index, row in enumerate(sheet.rows) if row[0] == "TOTAL PLEDGED")
    with pytest.raises(Implausible, match=r"PREV TOTAL of 'TOTAL PLEDGED' is 1.0, but pledged of all depositories"):
        read(made("gold", cells={(at, 2): 1.0}))


def test_the_place_of_an_error_counts_leading_blank_rows_and_columns() -> None:
    """The reader drops them; Excel does not."""
    with pytest.raises(Implausible) as error:
        read(made(cells={(13, 7): 9.0}, blank_rows=5, blank_columns=2))
    assert error.value.where == "sheet 'Daily Metal Stocks Report', row 19, column J"


@pytest.mark.parametrize("value", [0.009, -0.009])
def test_float_dust_below_a_hundredth_is_no_error(value: float) -> None:
    """Sums of the publisher carry it in their last digits."""
    assert read(made(cells={(13, 7): 31_250_000.25 + value})).frames["comex_stock_rows"].height == 12


def test_dust_below_zero_is_zero() -> None:
    """A vault emptied by subtraction may print -0.0000001; more than a hundredth below zero is refused."""
    emptied = dict(SILVER) | {"MALCA-AMIT ARMORED, INC.": Vault(Stock(0.3, 0.0, 0.1 + 0.2), Stock(0.0))}
    batch = read(silver_stocks_xls(ACTIVITY, REPORT, emptied))
    assert Stock(0.3, 0.0, 0.1 + 0.2).six[5] < 0
    assert of(batch, "MALCA-AMIT ARMORED, INC.")["registered"][5] == 0.0


@pytest.mark.parametrize("stock", [Stock(-5.0), Stock(5.0, 0.0, 6.0), Stock(5.0, -1.0), Stock(5.0, 0.0, -1.0)])
def test_a_negative_stock_or_movement_is_refused(stock: Stock) -> None:
    """It balances, and is impossible all the same."""
    vaults = dict(SILVER) | {"MALCA-AMIT ARMORED, INC.": Vault(stock, Stock(100.0))}
    with pytest.raises(Implausible, match="of 'Registered' is -"):
        read(silver_stocks_xls(ACTIVITY, REPORT, vaults))


@pytest.mark.parametrize("column", range(2, 8))
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300])
def test_a_number_that_is_none_is_refused(value: float, column: int) -> None:
    """Not a number, infinite, absurd: nothing balances with them, in any column."""
    with pytest.raises(Implausible, match="of 'ASAHI DEPOSITORY LLC Registered' is "):
        read(made(cells={(13, column): value}))


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("factor", [1_000.0, 0.001])
def test_a_slip_of_three_digits_is_refused_in_every_metal(kind: str, factor: float) -> None:
    """Every identity still holds; the level is impossible."""
    with pytest.raises(Implausible, match="look at the unit"):
        read(made(kind, scale=factor))


def test_no_plausible_range_is_as_wide_as_a_factor_of_1000() -> None:
    """So that a slip of three digits from anywhere inside ends outside; the levels of 2026 lie well inside."""
    levels = {"silver": (316e6, 449e6), "gold": (29e6, 36e6), "platinum": (484e3, 645e3), "palladium": (211e3, 214e3)}
    for metal in METALS.values():
        assert metal.high / metal.low < 1_000
        low, high = levels.get(metal.name, (508e3, 633e3))
        assert metal.low * 3 < low < high < metal.high / 3


# --- dates ---


def test_an_activity_on_a_weekend_is_refused() -> None:
    """2026-02-08 is a Sunday; the error names the cell."""
    with pytest.raises(Implausible, match="2026-02-08 is a Sunday") as error:
        read(made(activity=date(2026, 2, 8)))
    assert error.value.where.startswith("sheet 'Daily Metal Stocks Report', row ")


@pytest.mark.parametrize("lag", [-1, 11])
def test_a_report_date_that_does_not_fit_its_activity_is_refused(lag: int) -> None:
    """Before the activity, or more than ten days after it."""
    with pytest.raises(Implausible, match="expected 0 to 10 days between them"):
        read(made(report=ACTIVITY + timedelta(days=lag)), datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize("lag", [0, 4, 10])
def test_up_to_ten_days_between_activity_and_report_are_read(lag: int) -> None:
    """Weekends and holidays lie between them."""
    body = made(report=ACTIVITY + timedelta(days=lag))
    assert rows(read(body, datetime(2026, 3, 1, tzinfo=UTC)))[0][:2] == (ACTIVITY, ACTIVITY + timedelta(days=lag))


@pytest.mark.parametrize("fetched", [datetime(2026, 2, 7, tzinfo=UTC), datetime(2026, 2, 8, 23, tzinfo=UTC)])
def test_a_file_of_the_future_is_refused(fetched: datetime) -> None:
    """Measured by the moment of the fetch, never by the clock."""
    with pytest.raises(Implausible, match="a file of the future"):
        read(made(), fetched)


@pytest.mark.parametrize(
    "text", ["Activity Date: 13/45/2026", "Activity Date: yesterday", "Report Date: 2/10/2026", ""]
)
def test_a_date_line_that_is_none_is_unreadable(text: str) -> None:
    """Nothing is taken from the day of the run."""
    with pytest.raises(Unreadable, match=r"Activity Date"):
        read(made(rename={"Activity Date: 2/9/2026": text}))


def test_two_report_dates_are_unreadable() -> None:
    """Neither is taken."""
    with pytest.raises(Unreadable, match="expected one Report Date and one Activity Date"):
        read(made(inserted={9: ["Report Date: 2/11/2026"]}))


# --- answers that are no workbook ---

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


# --- workbooks whose bones are broken: a reader that trusts them ends the process ---


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


# --- anything at all ---

SOUND = {kind: made(kind) for kind in KINDS}
EDITS = st.lists(st.tuples(st.integers(0, 25_000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6)


def only_known_endings(body: bytes) -> None:
    """A batch that passes the schema, or one of the four errors a source may raise."""
    recognise(body, "file")
    with contextlib.suppress(NotPublished, Blocked, Unreadable, Implausible):
        read(body)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(SOUND)), EDITS, st.integers(0, 25_000))
def test_a_damaged_workbook_gives_a_batch_or_a_named_error(
    kind: str, edits: list[tuple[int, bytes]], length: int
) -> None:
    """Bytes overwritten anywhere, the end cut off."""
    body = bytearray(SOUND[kind])
    for at, value in edits:
        body[at % len(body) : at % len(body) + len(value)] = value
    only_known_endings(bytes(body[: max(length, 600)]))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3_000), st.sampled_from([b"", biff.OLE2, b"<html>", b"{"]))
def test_arbitrary_bytes_give_a_named_error(body: bytes, opening: bytes) -> None:
    """Also behind the opening bytes of a workbook."""
    only_known_endings(opening + body)


# --- the source itself ---


def test_the_four_files_are_asked_for() -> None:
    """Whatever the day: the publisher keeps only the newest."""
    urls = [ask.url for ask in asks(ACTIVITY)]
    assert urls == [
        f"https://www.cmegroup.com/delivery_reports/{name}"
        for name in ("Silver_stocks.xls", "Gold_Stocks.xls", "Copper_Stocks.xls", "PA-PL_Stck_Rprt.xls")
    ]
    assert not SOURCE.keeps_history
    assert {ask.session for ask in asks(ACTIVITY)} == {ACTIVITY}


def test_the_report_is_due_at_17_new_york_one_session_later() -> None:
    """Friday's activity is reported on Monday."""
    assert (SOURCE.due.clock, SOURCE.due.zone, SOURCE.due.days) == ("17:00", "America/New_York", 1)
    assert SOURCE.due.in_sessions
