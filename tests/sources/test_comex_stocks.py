"""COMEX warehouse stocks: every known way such parsers went wrong, notes, dates, the source itself.

Every workbook here is made up by `tests.factories.comex`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from monitor.clock import naive
from monitor.errors import Implausible, Unreadable
from monitor.model import Batch, Note
from monitor.sources import biff
from monitor.sources.comex_stocks import SOURCE, asks
from tests.factories.comex import (
    COPPER,
    ENHANCED,
    PALLADIUM,
    PLATINUM,
    SILVER,
    Stock,
    Vault,
    copper_stocks_xls,
    silver_stocks_xls,
)
from tests.sources.stock_reports import ACTIVITY, KINDS, REPORT, made, of, read, rows


def sums(batch: Batch) -> dict[tuple[str, str], float]:
    frame = batch.frames["comex_stock_sums"]
    return {(row[0], row[1]): row[2] for row in frame.select("metal", "category", "total_today").rows()}


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
