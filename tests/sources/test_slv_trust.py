"""SLV: the workbook's shares, the page's ounces, each with its own date, and the pages that are something else."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources.slv_trust import asks, backlog, parse, recognise
from tests.factories import shanghai
from tests.factories.world import (
    BOMB,
    EDITS,
    EXAMPLES,
    SLV_HISTORY,
    Cell,
    answer,
    outcome,
    slv_page,
    slv_workbook,
    spreadsheetml,
)

HEAD = SLV_HISTORY[0]
SIXTH, FIFTH = date(2026, 10, 6), date(2026, 10, 5)


def figures(batch: Batch) -> dict[tuple[date, str], float]:
    frame = validate.checked(batch.frames)["fund_rows"]
    assert frame["fund"].unique().to_list() == ["SLV"]
    assert frame["session"].to_list() == frame["as_of"].to_list()
    return {(row[0], row[1]): row[2] for row in frame.select("session", "measure", "value").rows()}


# --- the workbook ---


def test_shares_and_values_come_from_the_historical_sheet_alone() -> None:
    body = slv_workbook()
    assert recognise(body, "download.bin")
    assert figures(parse(answer(body))) == {
        (SIXTH, "nav"): 55.08,
        (SIXTH, "shares"): 545_800_000,
        (FIFTH, "nav"): 54.25,
        (FIFTH, "shares"): 545_100_000,
    }


def test_an_empty_cell_that_is_leapt_does_not_shift_the_shares() -> None:
    assert b'ss:Index="4"' in slv_workbook()
    assert figures(parse(answer(slv_workbook())))[FIFTH, "shares"] == 545_100_000


def test_columns_may_move_and_a_new_one_is_noted() -> None:
    rows: list[list[Cell]] = [
        ["As Of", "Index Level", "Shares Outstanding", "NAV per Share"],
        ["Oct 06, 2026", 9.9, 545_800_000, 55.08],
    ]
    batch = parse(answer(slv_workbook(rows)))
    assert figures(batch) == {(SIXTH, "nav"): 55.08, (SIXTH, "shares"): 545_800_000}
    assert [note.text for note in batch.notes] == ["unknown column: 'index level'"]


def test_a_dash_and_a_zero_are_no_figures_and_a_distribution_is_one() -> None:
    rows: list[list[Cell]] = [[*HEAD], ["Oct 06, 2026", 55.08, 0.5, "--"], ["Oct 05, 2026", 0, "--", 5e8]]
    assert figures(parse(answer(slv_workbook(rows)))) == {
        (SIXTH, "nav"): 55.08,
        (SIXTH, "distribution"): 0.5,
        (FIFTH, "shares"): 5e8,
    }


def test_one_bad_line_among_a_hundred_is_left_out_and_named() -> None:
    days = [date.fromordinal(date(2026, 1, 5).toordinal() + n) for n in range(120)]
    lines: list[list[Cell]] = [[f"{day:%b %d, %Y}", 50.0, "--", 500_000_000] for day in days]
    batch = parse(answer(slv_workbook([HEAD, *lines, ["Total", "x", "--", "1"]])))
    assert len({day for day, _ in figures(batch)}) == 120
    assert [reject.where for reject in batch.rejects] == ["sheet 'Historical', row 122, column A"]


def test_a_jump_of_the_shares_is_kept() -> None:
    """The trust took in 32.9 million ounces in one week-end of 2026: it is looked at, not dropped."""
    rows: list[list[Cell]] = [
        [*HEAD],
        ["Feb 02, 2026", 70.0, "--", 586_000_000],
        ["Jan 30, 2026", 70.0, "--", 549_000_000],
    ]
    assert figures(parse(answer(slv_workbook(rows))))[date(2026, 2, 2), "shares"] == 586_000_000


# --- the page ---


def test_each_figure_of_the_page_has_its_own_date() -> None:
    found = figures(parse(answer(slv_page())))
    assert recognise(slv_page(), "download.bin")
    assert found == {
        (FIFTH, "ounces"): 492_910_352.50,
        (FIFTH, "tonnes"): 15_331.22,
        (SIXTH, "shares"): 545_800_000,
        (SIXTH, "close"): 55.1,
    }


def test_a_figure_that_is_not_shown_is_taken_from_the_data_of_the_page() -> None:
    shown = {"ounces": ("492,910,352.50", "Oct 06, 2026")}
    body = slv_page(shown, embedded={"sharesOutstanding": ("545,800,000", "Oct 06, 2026")})
    assert figures(parse(answer(body))) == {(SIXTH, "ounces"): 492_910_352.5, (SIXTH, "shares"): 545_800_000}


def test_a_figure_without_its_date_is_left_out_and_named() -> None:
    body = slv_page().replace(b"keyFundFacts-closingPrice-asOf", b"x")
    batch = parse(answer(body))
    assert "close" not in {measure for _, measure in figures(batch)}
    assert [reject.where for reject in batch.rejects] == ["keyFundFacts-closingPrice"]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"ounces": ("492,910,352.50", "Oct 06, 2026"), "tonnes": ("492.9", "Oct 06, 2026")}, "tonnes, printed is"),
        (
            {"ounces": ("492,910,352.50", "Oct 06, 2026"), "sharesOutstanding": ("54,580,000", "Oct 06, 2026")},
            "ounces behind a share",
        ),
    ],
)
def test_figures_of_one_date_that_contradict_each_other_are_implausible(
    facts: dict[str, tuple[str, str]], message: str
) -> None:
    with pytest.raises(Implausible, match=message):
        parse(answer(slv_page(facts)))


def test_figures_of_two_dates_are_not_held_against_each_other() -> None:
    facts = {"ounces": ("492,910,352.50", "Oct 05, 2026"), "sharesOutstanding": ("700,000,000", "Oct 06, 2026")}
    assert len(figures(parse(answer(slv_page(facts))))) == 2


def test_the_page_of_another_fund_is_implausible() -> None:
    with pytest.raises(Implausible, match="of another fund: 'iShares MSCI South Korea ETF"):
        parse(answer(slv_page(title="iShares MSCI South Korea ETF | EWY")))


# --- what it is not ---


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<!DOCTYPE html><html><title>EWY</title></html>", Unreadable),
        (b"<html><body>Access Denied</body></html>", Blocked),
        (slv_page()[:-8], Unreadable),
        (slv_page({}), Unreadable),
        (slv_page({"ounces": ("492,910,352.50", "yesterday")}), Unreadable),
        (slv_page({"ounces": ("492,910,352.50", "Oct 06, 2027")}), Implausible),
        (slv_workbook([HEAD]), NotPublished),
        (slv_workbook([["As Of", "NAV"]]), Unreadable),
        (slv_workbook([*SLV_HISTORY, SLV_HISTORY[1]]), Unreadable),
        (slv_workbook([HEAD, ["Jan 03, 2005", 45.0, "--", 10_000_000]]), Implausible),
        (slv_workbook([HEAD, ["06/10/2026", 55.08, "--", "1"]]), Implausible),
        (slv_workbook(prolog=BOMB), Unreadable),
        (slv_workbook(tail="<ss:Worksheet>"), Unreadable),
        (spreadsheetml({"Holdings": [["x"]]}), Unreadable),
        (b"", Unreadable),
    ],
)
def test_what_is_not_the_fund_is_named_whatever_its_type_says(body: bytes, error: type[Exception]) -> None:
    given_as_csv = answer(body)
    with pytest.raises(error):
        parse(given_as_csv)


def test_the_figures_are_public_the_next_session() -> None:
    frame = parse(answer(slv_workbook([HEAD, ["Oct 09, 2026", 55.0, "--", 545_000_000]]))).frames["fund_rows"]
    assert frame["published_at"].unique().to_list() == [datetime(2026, 10, 12, 12)]  # noqa: DTZ001
    assert frame["published_assumed"].all()


def test_the_page_is_asked_for_each_day_and_the_workbook_for_the_past() -> None:
    day = date(2026, 10, 6)
    assert asks(day)[0].url == "https://www.ishares.com/us/products/239855/ishares-silver-trust-fund"
    assert "portfolioId=239855&component=fundDownload" in backlog(day, day)[0].url


def test_other_pages_and_workbooks_are_not_recognised() -> None:
    assert not recognise(b"<html>keyFundFacts-ounces of fund 239561</html>", "SLV.html")
    assert not recognise(spreadsheetml({"Holdings": [["x"]]}), "SLV.xls")


@given(
    st.binary(max_size=1_000),
    st.sampled_from([b"", b"<html>", b"<ss:Workbook xmlns:ss='urn:schemas-microsoft-com:office:spreadsheet'>"]),
)
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body)) in {"Unreadable", "Blocked"}


@given(EDITS, st.sampled_from([slv_page(), slv_workbook()]))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], whole: bytes) -> None:
    body = shanghai.damage(whole, edits)
    recognise(body, "")
    assert outcome(parse, answer(body)) in {"Batch", "Unreadable", "Blocked", "NotPublished", "Implausible"}
