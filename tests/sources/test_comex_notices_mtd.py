"""Delivery notices of the contract month, day by day, in the layout that others' programs expect.

No original was seen: every report here is made up by `tests.factories.comex_pdf`. The totals of captured daily
reports, put into that layout, come out as they went in.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.comex_notices_mtd import SOURCE, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex_pdf import EXAMPLES, Firm, Section, mtd_pages, notices_pdf, printed
from tests.homes import house, offer
from tests.sources.damage import Edits, edits_of, endings, overwritten

FRIDAY = date(2026, 2, 27)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SILVER = "MARCH 2026 COMEX 5000 SILVER FUTURES"
CONTRACTS = {
    "FEBRUARY 2026 COMEX 100 GOLD FUTURES": [(date(2026, 1, 29), 36_081), (date(2026, 1, 30), 417)],
    SILVER: [(date(2026, 2, 26), 4_580), (FRIDAY, 306)],
    "MARCH 2026 PLATINUM FUTURES NYMEX": [(FRIDAY, 15)],
}


def whole(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "report.pdf", at))
    validate.checked(batch.frames)
    return batch


def read(body: bytes) -> pl.DataFrame:
    return whole(body).frames["delivery_total_rows"]


def pages(**more: int | str | None) -> list[list[str]]:
    return mtd_pages(FRIDAY, CONTRACTS, **more)  # type: ignore[arg-type]


def made() -> bytes:
    return printed(pages())


def test_a_row_for_each_contract_and_day() -> None:
    """The day's notices stand for both sides; the running total is the month to date."""
    columns = ("session", "venue", "product", "delivery_month", "issued", "stopped", "month_to_date")
    assert read(made()).select(columns).rows() == [
        (date(2026, 1, 29), "COMEX", "GC", date(2026, 2, 1), 36_081, 36_081, 36_081),
        (date(2026, 1, 30), "COMEX", "GC", date(2026, 2, 1), 417, 417, 36_498),
        (date(2026, 2, 26), "COMEX", "SI", date(2026, 3, 1), 4_580, 4_580, 4_580),
        (FRIDAY, "COMEX", "SI", date(2026, 3, 1), 306, 306, 4_886),
        (FRIDAY, "NYMEX", "PL", date(2026, 3, 1), 15, 15, 15),
    ]


def test_what_is_not_printed_is_not_there() -> None:
    """Neither settlement nor delivery date; everything is public at the run of this report."""
    row = read(made()).row(0, named=True)
    assert (row["settlement"], row["delivery_date"], row["intent_date"]) == (None, None, date(2026, 1, 29))
    assert row["published_at"] == row["run_time"] == naive(datetime(2026, 2, 28, 2, 31, tzinfo=UTC))
    assert row["published_assumed"] is False


def test_without_a_run_time_the_usual_hour_is_assumed() -> None:
    """21:30 in Chicago of the business date."""
    row = read(printed(pages(run=None))).row(0, named=True)
    assert (row["run_time"], row["published_assumed"]) == (None, True)
    assert row["published_at"] == naive(datetime(2026, 2, 28, 3, 30, tzinfo=UTC))


@pytest.mark.parametrize("most", range(8, 24, 3))
def test_a_contract_goes_on_over_the_page(most: int) -> None:
    """With the page head in between."""
    assert read(printed(pages(most=most))).equals(read(made()))


def test_a_contract_that_every_page_names_again_is_one() -> None:
    """As others found it: its heading repeats."""
    (page,) = pages()
    at = next(at for at, line in enumerate(page) if line.startswith("02/27/2026"))
    again = [*page[:at], f"CONTRACT: {SILVER}", *page[at:]]
    assert read(printed([again])).equals(read(made()))


@needs_captures
@pytest.mark.captures
def test_captured_daily_totals_in_this_layout_come_out_as_they_went_in() -> None:
    """The three January contracts of the noon run, from the days whose reports were captured in a row."""
    days: dict[str, list[tuple[date, int]]] = defaultdict(list)
    wanted = set()
    with (CAPTURES / "comex" / "expected" / "issues_stops_contracts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day = datetime.strptime(row["business_date"], "%m/%d/%Y").replace(tzinfo=UTC).date()
            if row["contract"].startswith("FEBRUARY") and day <= date(2026, 2, 12):
                days[row["contract"]].append((day, int(row["total_issued"])))
                wanted.add((day, row["contract"], int(row["total_issued"])))
    found = read(printed(mtd_pages(FRIDAY, {name: sorted(set(series)) for name, series in days.items()})))
    assert set(found.select("session", "contract", "issued").rows()) == wanted
    assert len(wanted) > 30


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("4,886", "4,885", "4885 so far, the days add up to 4886"),
        ("           306", "           307", "4886 so far, the days add up to 4887"),
        ("02/26/2026", "03/02/2026", "in a report of 2026-02-27"),
        ("01/29/2026", "02/02/2026", "2026-01-30 after 2026-02-02"),
        ("01/30/2026", "01/31/2026", "is a Saturday"),
    ],
)
def test_what_does_not_follow_is_refused(old: str, new: str, says: str) -> None:
    """A running total, the order of days, a weekend, a day after the report's own."""
    assert sum(old in line for page in pages() for line in page) == 1
    with pytest.raises(Implausible, match=says):
        read(printed([[line.replace(old, new) for line in page] for page in pages()]))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("CONTRACT: MARCH 2026 COMEX", "CONTRACT: MARTS 2026 COMEX", "is no contract"),
        ("CONTRACT: FEB", "CONTRAC:: FEB", "a day that stands under no contract"),
        ("4,580", "45,80", "is no number of lots"),
        ("PRODUCT GROUP: METALS", "PRODUCT GROUP: ENERGY", "not METALS"),
        ("COMEX 5000 SILVER FUTURES", "COMEX 9 TIN FUTURES", "under the exchange ''"),
        ("<<<", "<<", "is cut: its last line"),
    ],
)
def test_what_is_not_understood_says_why(old: str, new: str, says: str) -> None:
    """Contracts, numbers, the product group, the end."""
    with pytest.raises(Unreadable, match=says):
        read(printed([[line.replace(old, new) for line in page] for page in pages()]))


def test_an_exchange_is_believed_where_it_fits() -> None:
    """It is not known whether this report prints one."""
    (page,) = pages()
    at = next(at for at, line in enumerate(page) if "PLATINUM" in line)
    fits = [*page[:at], "EXCHANGE: NYMEX", *page[at:]]
    assert read(printed([fits])).equals(read(made()))
    with pytest.raises(Unreadable, match="under the exchange 'COMEX'"):
        read(printed([[*page[:at], "EXCHANGE: COMEX", *page[at:]]]))


def test_a_report_without_a_page_never_passes() -> None:
    """Running totals tell, and the end mark; only a page of whole contracts could be missed."""
    many = pages(most=8)
    assert len(many) == 6
    for missing in range(len(many)):
        with pytest.raises((Unreadable, Implausible)):
            read(printed(many[:missing] + many[missing + 1 :]))


def test_an_empty_report_or_contract_is_unreadable() -> None:
    """No layout of such was ever described."""
    with pytest.raises(Unreadable, match="no contract with a line a day"):
        read(printed(mtd_pages(FRIDAY, {})))
    with pytest.raises(Unreadable, match="no line of a day under it"):
        read(printed(mtd_pages(FRIDAY, {SILVER: []})))


def test_the_refusal_page_is_blocked() -> None:
    """Never taken for a report."""
    with pytest.raises(Blocked):
        read(b"Suspected web scraping")


def test_it_fills_a_missed_evening_and_no_other(tmp_path: Path) -> None:
    """Thursday from here, Friday from the daily report, which also has the settlement."""
    firms = [Firm("072", "C", "A", 306), Firm("073", "C", "B", None, 306)]
    daily = notices_pdf(FRIDAY, [Section(SILVER, firms, 4_886)])
    with house(tmp_path, NOW) as opened:
        outcomes = offer(opened, [("daily.pdf", daily), ("mtd.pdf", made())], NOW)
        assert [outcome.status for outcome in outcomes] == ["loaded", "loaded"]
        found = opened.store.rows(
            "select session, issued, month_to_date, settlement, source from delivery_totals "
            "where product = 'SI' order by session"
        )
    assert found == [
        (date(2026, 2, 26), 4_580, 4_580, None, "comex_notices_mtd"),
        (FRIDAY, 306, 4_886, 92.682, "comex_notices"),
    ]


PLAIN = printed(pages(most=12), packed=False)
EDITS = edits_of(PLAIN)


only_known_endings = endings(recognise, whole)


@settings(max_examples=EXAMPLES)
@given(EDITS)
def test_a_damaged_report_gives_a_batch_or_a_named_error(edits: Edits) -> None:
    """Bytes overwritten anywhere, also in the text, which is not packed."""
    only_known_endings(overwritten(PLAIN, edits))


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(st.integers(0, 30), st.text(st.sampled_from("0123/, CONTRA:EXHG"), max_size=60)), max_size=4))
def test_any_line_anywhere_gives_a_batch_or_a_named_error(lines: list[tuple[int, str]]) -> None:
    """Lines of the report's own characters put among the others."""
    (page,) = pages()
    for at, line in lines:
        page.insert(at, line)
    only_known_endings(printed([page]))


def test_the_source_says_that_nothing_was_verified() -> None:
    """And is never late."""
    assert SOURCE.verified.startswith("Nothing: no original was seen.")
    assert SOURCE.due.grace_minutes > 50 * 365 * 24 * 60
