"""Delivery notices of the year: the captured report, contract months, two lines a firm, made-up reports.

Every report that is not read from the captures is made up by `tests.factories.comex_pdf`.
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.comex_notices_ytd import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex_pdf import END, EXAMPLES, YearFirm, printed, ytd_pages, ytd_pdf
from tests.sources.damage import Edits, edits_of, endings, overwritten

DAY = date(2026, 2, 12)
NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)
FOLDER = CAPTURES / "comex" / "issues_stops_ytd"
FIRMS = [
    YearFirm("072", "C", "GOLDMAN", {0: (271, 0), 1: (29, 5), 2: (2, 0)}),
    YearFirm("072", "H", "GOLDMAN", {0: (0, 300)}),
    YearFirm("661", "C", "JP MORGAN SECURITIES LLC", {0: (29, 0), 1: (5, 29), 2: (0, 2)}),
]
MICRO = [FIRMS[0], YearFirm("991", "H", "CME", {0: (0, 271), 1: (5, 29), 2: (0, 2)})]
PRODUCTS = {"COMEX 5000 SILVER FUTURES": FIRMS, "MICRO SILVER FUTURES": MICRO}
SIZE = 7.94702


def read(body: bytes, at: datetime = NOW) -> pl.DataFrame:
    return whole(body, at).frames["delivery_ytd_rows"]


def whole(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "report.pdf", at))
    validate.checked(batch.frames)
    return batch


def made(products: Any = PRODUCTS, **more: Any) -> bytes:
    return printed(ytd_pages(DAY, products, **more), size=SIZE)


# --- the captured report ---


@needs_captures
@pytest.mark.captures
def test_the_captured_totals_are_those_of_the_page() -> None:
    """Silver 12,946, 9,889 and 4,595; copper 20,871, 15,999 and 7,783; nothing unknown in 22 pages."""
    (path,) = FOLDER.iterdir()
    batch = whole(path.read_bytes())
    frame = batch.frames["delivery_ytd_rows"]
    assert (batch.notes, frame.height) == ((), 367)
    sums = frame.group_by("product", "delivery_month").agg(pl.sum("issued"), pl.sum("stopped")).rows()
    found = {(product, f"{month:%y-%m}"): (issued, stopped) for product, month, issued, stopped in sums}
    assert all(issued == stopped for issued, stopped in found.values())
    assert {product for product, _ in found} == {"ALI", "GC", "HG", "MGC", "PA", "PL", "SI", "SIL"}
    assert [found["SI", month][0] for month in ("25-12", "26-01", "26-02")] == [12_946, 9_889, 4_595]
    assert [found["HG", month][0] for month in ("25-12", "26-01", "26-02")] == [20_871, 15_999, 7_783]


@needs_captures
@pytest.mark.captures
def test_columns_are_contract_months_and_equal_the_daily_reports() -> None:
    """Each month's sum is the month to date of the last daily report up to that day, silver's January 9,889."""
    (path,) = FOLDER.iterdir()
    frame = read(path.read_bytes())
    with (CAPTURES / "comex" / "expected" / "issues_stops_contracts.csv").open(encoding="utf-8", newline="") as file:
        daily = {
            row["contract"]: int(row["month_to_date"])
            for row in csv.DictReader(file)
            if datetime.strptime(row["business_date"], "%m/%d/%Y").replace(tzinfo=UTC).date() <= DAY
        }
    compared = 0
    for name, month, issued in (
        frame.group_by("product_name", "delivery_month").agg(pl.sum("issued")).sort("delivery_month").rows()
    ):
        if (contract := f"{month:%B %Y}".upper() + f" {name}") in daily:
            assert issued == daily[contract], contract
            compared += 1
    assert compared == len(daily) == 14


@needs_captures
@pytest.mark.captures
def test_only_the_year_to_date_report_is_recognised() -> None:
    """Not the daily reports of the same family."""
    assert all(recognise(path.read_bytes(), "x") for path in FOLDER.iterdir())
    assert not any(recognise(p.read_bytes(), "YTDReport.pdf") for p in (CAPTURES / "comex" / "issues_stops").iterdir())


# --- rows ---


def test_a_row_for_each_firm_and_month_that_is_not_blank() -> None:
    """December is that of the year before; a blank has no row, a 0 has one; the name is cut at twenty characters."""
    silver = read(made()).filter(pl.col("product") == "SI")
    assert silver.select("firm_id", "account", "firm", "delivery_month", "issued", "stopped").rows() == [
        ("072", "customer", "GOLDMAN", date(2025, 12, 1), 271, 0),
        ("072", "customer", "GOLDMAN", date(2026, 1, 1), 29, 5),
        ("072", "customer", "GOLDMAN", date(2026, 2, 1), 2, 0),
        ("072", "house", "GOLDMAN", date(2025, 12, 1), 0, 300),
        ("661", "customer", "JP MORGAN SECURITIES", date(2025, 12, 1), 29, 0),
        ("661", "customer", "JP MORGAN SECURITIES", date(2026, 1, 1), 5, 29),
        ("661", "customer", "JP MORGAN SECURITIES", date(2026, 2, 1), 0, 2),
    ]


def test_the_run_of_the_report_is_its_moment() -> None:
    """Twelve-hour clock, Chicago."""
    row = read(made()).row(0, named=True)
    moment = naive(datetime(2026, 2, 13, 2, 54, 58, tzinfo=UTC))
    assert (row["session"], row["venue"], row["product_name"]) == (DAY, "COMEX", "COMEX 5000 SILVER FUTURES")
    assert (row["run_time"], row["published_at"], row["published_assumed"]) == (moment, moment, False)


@pytest.mark.parametrize("per_page", [1, 2, 3, 8])
def test_a_product_goes_on_over_pages_that_name_it_again(per_page: int) -> None:
    """The head, the product and the headings stand on each."""
    assert read(made(per_page=per_page)).equals(read(made()))


def test_an_unknown_product_is_kept_and_noted() -> None:
    """Its name as printed."""
    batch = whole(made({"COMEX 1000 SILVER FUTURES": FIRMS}))
    assert set(batch.frames["delivery_ytd_rows"]["product"]) == {None}
    assert [note.text for note in batch.notes] == ["a product that is not known: 'COMEX 1000 SILVER FUTURES'"]


def test_an_unknown_line_is_noted() -> None:
    """And the report is read all the same."""
    pages = ytd_pages(DAY, PRODUCTS)
    pages[0].insert(12, "NOTE: REVISED")
    batch = whole(printed(pages, size=SIZE))
    assert [note.text for note in batch.notes] == ["a line that is not known: 'NOTE: REVISED'"]


# --- what does not add up or is not there ---


def altered(old: str, new: str) -> bytes:
    pages = ytd_pages(DAY, {"COMEX 5000 SILVER FUTURES": FIRMS})
    assert sum(line.count(old) for line in pages[0]) >= 1
    return printed([[line.replace(old, new) for line in page] for page in pages], size=SIZE)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("|     300|      34|", "|     301|      34|", "PREV DEC: TOTALS is 301, issued adds up to 300"),
        ("|     271|", "|     270|", "PREV DEC: TOTALS is 300, issued adds up to 299"),
        ("S |       0|      29|", "S |       0|      28|", "JAN: TOTALS is 34, stopped adds up to 33"),
        ("S |       0|       5|", "S |       0|        |", "one of two lines is blank"),
    ],
)
def test_a_product_that_does_not_add_up_is_refused(old: str, new: str, says: str) -> None:
    """Either side of any month; half a firm blank."""
    with pytest.raises(Implausible, match=says):
        read(altered(old, new))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("|  APR   |  MAY   |", "|  MAY   |  APR   |", "expected the columns PREV DEC, JAN to DEC"),
        ("PREV DEC", "PREV NOV", "expected the columns PREV DEC, JAN to DEC"),
        ("FIRM NAME", "NAME     ", "a firm under no heads of columns"),
        ("|C| S |", "|U| S |", "'U' is no account"),
        ("TOTALS:", "SUMS:  ", "is cut: its TOTALS are missing"),
        ("| | I |     271|", "| | I |     27l|", "'27l' is no number of lots"),
        ("| | I |     271|", "| | I |", "12 cells under 13 headings"),
        ("EXCHANGE:COMEX", "EXCHANGE:LME  ", "under the exchange 'LME'"),
        ("EXCHANGE:COMEX", "EXCHANGE:NYMEX", "under the exchange 'NYMEX'"),
        ("RUN TIME:  08:54:58PM", "                     ", "the head has no RUN TIME"),
        ("RUN TIME:  08:54:58PM", "RUN TIME:  13:54:58PM", "is no time"),
        ("YEAR TO DATE DELIVERY NOTICES", "MONTH TO DATE  DELIVERY NOTIC", "expected a page head"),
    ],
)
def test_a_report_that_is_not_understood_says_why(old: str, new: str, says: str) -> None:
    """Headings, accounts, cells, exchange, run time."""
    with pytest.raises(Unreadable, match=says):
        read(altered(old, new))


def test_a_firm_without_its_second_line_is_unreadable() -> None:
    """Or without its first."""
    (page,) = ytd_pages(DAY, {"COMEX 5000 SILVER FUTURES": FIRMS})
    first = next(at for at, line in enumerate(page) if line.startswith("072"))
    for missing, says in ((first + 1, "second line is missing"), (first, "first line is missing")):
        with pytest.raises(Unreadable, match=says):
            read(printed([page[:missing] + page[missing + 1 :]], size=SIZE))


def test_a_report_without_a_page_never_passes() -> None:
    """Whichever of them holds a firm or the end."""
    pages = ytd_pages(DAY, PRODUCTS, per_page=1)
    for missing in range(len(pages)):
        with pytest.raises((Unreadable, Implausible)):
            read(printed(pages[:missing] + pages[missing + 1 :], size=SIZE))


def test_a_product_after_its_totals_is_unreadable() -> None:
    """Its first page a second time, or another product before its totals."""
    pages = ytd_pages(DAY, PRODUCTS)
    with pytest.raises(Unreadable, match="goes on after its TOTALS"):
        read(printed([pages[0], pages[0], pages[1]], size=SIZE))
    split = ytd_pages(DAY, PRODUCTS, per_page=2)
    with pytest.raises(Unreadable, match="COMEX 5000 SILVER FUTURES is cut: MICRO SILVER FUTURES follows"):
        read(printed([split[0], *split[2:]], size=SIZE))


def test_a_report_without_products_is_unreadable() -> None:
    """Only a head and an end."""
    (page,) = ytd_pages(DAY, {"MICRO SILVER FUTURES": FIRMS})
    with pytest.raises(Unreadable, match="no PRODUCT in the report"):
        read(printed([[*page[:5], END]], size=SIZE))


def test_the_refusal_page_is_blocked() -> None:
    """Never taken for a report."""
    with pytest.raises(Blocked):
        read(b"<title>Access Denied</title>")


PLAIN = printed(ytd_pages(DAY, PRODUCTS), size=SIZE, packed=False)
EDITS = edits_of(PLAIN)
TEXTS = st.text(st.sampled_from("|IS CH019 TOTALS:PRODUCT,"), max_size=120)


only_known_endings = endings(recognise, whole)


@settings(max_examples=EXAMPLES)
@given(EDITS)
def test_a_damaged_report_gives_a_batch_or_a_named_error(edits: Edits) -> None:
    """Bytes overwritten anywhere, also in the text, which is not packed."""
    only_known_endings(overwritten(PLAIN, edits))


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(st.integers(0, 40), TEXTS), min_size=1, max_size=4))
def test_any_line_anywhere_gives_a_batch_or_a_named_error(lines: list[tuple[int, str]]) -> None:
    """Lines of the report's own characters put among the others."""
    pages = ytd_pages(DAY, PRODUCTS)
    for at, line in lines:
        pages[0].insert(at, line)
    only_known_endings(printed(pages, size=SIZE))


def test_the_source_is_never_late() -> None:
    """It fills gaps; whoever loads it once is not reminded of it."""
    assert SOURCE.due.grace_minutes > 50 * 365 * 24 * 60
    assert [ask.url for ask in asks(DAY)] == [
        "https://www.cmegroup.com/delivery_reports/MetalsIssuesAndStopsYTDReport.pdf"
    ]
    assert ytd_pdf(DAY, PRODUCTS) == made()
