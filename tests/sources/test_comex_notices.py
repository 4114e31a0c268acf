"""Delivery notices of one evening: the captured reports, columns told by place, sections over pages, made-up reports.

Every report that is not read from the captures is made up by `tests.factories.comex_pdf`.
"""

from __future__ import annotations

import contextlib
import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources import comex_bulletin, comex_notices_mtd, comex_notices_ytd
from monitor.sources.comex_notices import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex_pdf import (
    END,
    EXAMPLES,
    Firm,
    Section,
    YearFirm,
    mtd_pages,
    notices_pages,
    notices_pdf,
    printed,
    ytd_pdf,
)
from tests.homes import house, offer

FRIDAY = date(2026, 2, 27)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 20, tzinfo=UTC)
FOLDER = CAPTURES / "comex" / "issues_stops"
SILVER = Section(
    "MARCH 2026 COMEX 5000 SILVER FUTURES",
    [
        Firm("099", "H", "DEUTSCHE BANK AG", stopped=1),
        Firm("363", "H", "WELLS FARGO SECURITIES LLC", stopped=1199),
        Firm("661", "C", "JP MORGAN SECURITIES", 1_220, 37),
        Firm("661", "H", "JP MORGAN SECURITIES", 20, 3),
    ],
    to_date=4_580,
)
PLATINUM = Section(
    "MARCH 2026 PLATINUM FUTURES NYMEX",
    [Firm("072", "H", "GOLDMAN", 15), Firm("624", "H", "BOFA SECURITIES", stopped=15)],
    to_date=161,
    settlement="2,365.600000000",
    exchange="NYMEX",
)


SILVER_APRIL = replace(
    SILVER,
    contract="APRIL 2026 COMEX 5000 SILVER FUTURES",
    firms=[*list(SILVER.firms)[:2], Firm("661", "C", "JP MORGAN SECURITIES", 1_200)],
)


def read(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "report.pdf", at))
    validate.checked(batch.frames)
    return batch


def made(*sections: Section, day: date = FRIDAY, **more: Any) -> bytes:
    return notices_pdf(day, sections or (SILVER, PLATINUM), **more)


def firms(batch: Batch) -> pl.DataFrame:
    return batch.frames["delivery_notice_rows"]


def totals(batch: Batch) -> pl.DataFrame:
    return batch.frames["delivery_total_rows"]


def counts(body: bytes) -> dict[tuple[str, str], tuple[int, int]]:
    return {(r["firm_id"], r["account"]): (r["issued"], r["stopped"]) for r in firms(read(body)).rows(named=True)}


# --- captured reports ---


@cache
def captured() -> dict[str, Batch]:
    return {path.name: read(path.read_bytes(), LATER) for path in sorted(FOLDER.iterdir())}


def answers(name: str) -> list[dict[str, str]]:
    with (CAPTURES / "comex" / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def differing(wanted: dict[Any, Any], found: dict[Any, Any]) -> list[str]:
    keys = sorted({*wanted, *found}, key=str)
    return [f"{k}: wanted {wanted.get(k)}, found {found.get(k)}" for k in keys if wanted.get(k) != found.get(k)]


@needs_captures
@pytest.mark.captures
def test_every_firm_of_the_captured_reports_equals_the_answers() -> None:
    """2,198 rows of 50 reports: number, account, name, issued, stopped."""
    wanted = {
        (Path(r["source_file"]).name, r["business_date"], r["contract"], r["firm"], r["org"]): (
            r["firm_name"], int(r["issued"]), int(r["stopped"]),
        )
        for r in answers("issues_stops_firms")
    }  # fmt: skip
    letters = {"customer": "C", "house": "H"}
    found = {
        (name, f"{r['session']:%m/%d/%Y}", r["contract"], r["firm_id"], letters[r["account"]]): (
            r["firm"], r["issued"], r["stopped"],
        )
        for name, batch in captured().items()
        for r in firms(batch).rows(named=True)
    }  # fmt: skip
    assert differing(wanted, found) == []
    assert len(found) == len(answers("issues_stops_firms")) == 2_198


@needs_captures
@pytest.mark.captures
def test_every_total_of_the_captured_reports_equals_the_answers() -> None:
    """232 contracts: exchange, settlement, both dates, totals, month to date."""
    wanted = {
        (Path(r["source_file"]).name, r["business_date"], r["contract"]): (
            r["exchange"], float(r["settlement"]), r["intent_date"], r["delivery_date"], int(r["total_issued"]),
            int(r["total_stopped"]), int(r["month_to_date"]),
        )
        for r in answers("issues_stops_contracts")
    }  # fmt: skip
    found = {
        (name, f"{r['session']:%m/%d/%Y}", r["contract"]): (
            r["venue"], r["settlement"], f"{r['intent_date']:%m/%d/%Y}", f"{r['delivery_date']:%m/%d/%Y}", r["issued"],
            r["stopped"], r["month_to_date"],
        )
        for name, batch in captured().items()
        for r in totals(batch).rows(named=True)
    }  # fmt: skip
    assert differing(wanted, found) == []
    assert len(found) == len(answers("issues_stops_contracts")) == 232


@needs_captures
@pytest.mark.captures
def test_the_captured_reports_hold_nothing_unknown() -> None:
    """No line, no product and no date that would be noted."""
    assert {name: batch.notes for name, batch in captured().items() if batch.notes} == {}


@needs_captures
@pytest.mark.captures
def test_month_to_date_grows_by_the_day() -> None:
    """Of each contract, but where a day between was not captured."""
    days = defaultdict(list)
    for batch in captured().values():
        for row in totals(batch).rows(named=True):
            days[row["contract"]].append((row["session"], row["issued"], row["month_to_date"]))
    breaks = [
        (contract, before[0], after[0])
        for contract, series in days.items()
        for before, after in pairwise(sorted(set(series)))
        if after[2] - after[1] != before[2]
    ]
    assert len(days) == 22
    assert all(after[2] >= before[2] for series in days.values() for before, after in pairwise(sorted(set(series))))
    assert len(breaks) <= 16
    known = {row[0] for series in days.values() for row in series}
    for _, before, after in breaks:
        between = [date.fromordinal(n) for n in range(before.toordinal() + 1, after.toordinal())]
        assert any(day.weekday() < 5 and day not in known for day in between)


@needs_captures
@pytest.mark.captures
def test_the_noon_run_of_29_january_lists_the_expiring_months_alone() -> None:
    """Three January contracts, no February first notices; silver's settlement has stood since the day before."""
    noon, before = (totals(captured()[f"2026-01-{day}_MetalsIssuesAndStopsReport.pdf"]) for day in ("29", "28"))
    assert set(noon["delivery_month"]) == {date(2026, 1, 1)}
    assert noon.height == 3
    assert set(noon["run_time"]) == {naive(datetime(2026, 1, 29, 18, 3, 11, tzinfo=UTC))}
    silver = pl.col("product") == "SI"
    assert noon.filter(silver)["settlement"].to_list() == before.filter(silver)["settlement"].to_list() == [113.111]


@needs_captures
@pytest.mark.captures
def test_only_daily_reports_are_recognised() -> None:
    """Not the bulletin, not the year-to-date report, whatever the names."""
    assert all(recognise(path.read_bytes(), "x.xls") for path in FOLDER.iterdir())
    others = [path for name in ("bulletin62", "issues_stops_ytd") for path in (CAPTURES / "comex" / name).iterdir()]
    assert not any(recognise(path.read_bytes(), "MetalsIssuesAndStopsReport.pdf") for path in others)


# --- columns ---


def test_a_lone_number_is_issued_or_stopped_by_where_it_stands() -> None:
    """One to four digits in either column; the text alone would be the same."""
    found = counts(made(SILVER))
    assert found == {
        ("099", "house"): (0, 1),
        ("363", "house"): (0, 1_199),
        ("661", "customer"): (1_220, 37),
        ("661", "house"): (20, 3),
    }


@pytest.mark.parametrize("number", [1, 12, 123, 1_234, 12_345])
def test_numbers_of_any_length_stay_in_their_column(number: int) -> None:
    """Up to five digits; they begin at one place and grow to the right."""
    section = replace(
        SILVER, firms=[Firm("072", "C", "A", number), Firm("073", "C", "B", None, number)], to_date=20_000
    )
    assert counts(made(section)) == {("072", "customer"): (number, 0), ("073", "customer"): (0, number)}


def test_a_number_in_the_other_column_does_not_add_up() -> None:
    """An issue printed under STOPPED is refused, because TOTAL says otherwise."""
    wrong = replace(
        SILVER, firms=[*SILVER.firms[:3], Firm("661", "H", "JP MORGAN SECURITIES", None, 23)], total=(1_240, 1_240)
    )
    with pytest.raises(Implausible, match="TOTAL issued is 1240, the firms add up to 1220"):
        read(made(wrong))


def test_a_firm_number_is_a_text_with_its_zeros_and_may_stand_twice() -> None:
    """Once for its customers, once for its own account; the name is cut at twenty characters."""
    found = firms(read(made(SILVER))).select("firm_id", "account", "firm").rows()
    assert found == [
        ("099", "house", "DEUTSCHE BANK AG"),
        ("363", "house", "WELLS FARGO SECURITI"),
        ("661", "customer", "JP MORGAN SECURITIES"),
        ("661", "house", "JP MORGAN SECURITIES"),
    ]


def test_a_number_inside_a_name_is_part_of_it() -> None:
    """It stands left of the columns."""
    section = replace(SILVER, firms=[Firm("100", "C", "CAPITAL 2000 LLC", 5), Firm("101", "C", "OTHER", None, 5)])
    assert firms(read(made(section)))["firm"].to_list() == ["CAPITAL 2000 LLC", "OTHER"]


@pytest.mark.parametrize("account", ["U", "X"])
def test_an_unknown_account_is_unreadable(account: str) -> None:
    """Customer and house are known."""
    section = replace(SILVER, firms=[Firm("167", account, "MAREX", 1), Firm("690", "C", "ABN AMRO", None, 1)])
    with pytest.raises(Unreadable, match=f"'{account}' is no account"):
        read(made(section))


def test_every_column_of_a_row_is_filled() -> None:
    """Session, venue, product and month from the section, the run as moment of publication."""
    row = totals(read(made())).row(1, named=True)
    moment = naive(datetime(2026, 2, 28, 2, 14, 30, tzinfo=UTC))
    assert row == {
        "session": FRIDAY,
        "venue": "NYMEX",
        "contract": "MARCH 2026 PLATINUM FUTURES NYMEX",
        "product": "PL",
        "delivery_month": date(2026, 3, 1),
        "settlement": 2_365.6,
        "issued": 15,
        "stopped": 15,
        "month_to_date": 161,
        "intent_date": FRIDAY,
        "delivery_date": date(2026, 3, 3),
        "run_time": moment,
        "published_at": moment,
        "published_assumed": False,
    }


def test_the_session_is_the_business_date_whatever_the_name_or_the_day_of_the_fetch() -> None:
    """The address has served the evening before once more; nothing but the file tells."""
    answer = Answer(made(), "2026-03-04_MetalsIssuesAndStopsReport.pdf", datetime(2026, 3, 5, 4, tzinfo=UTC))
    assert set(firms(parse(answer))["session"]) == {FRIDAY}


# --- sections and pages ---


@pytest.mark.parametrize("most", range(9, 50, 5))
def test_a_section_goes_on_over_the_page_wherever_it_ends(most: int) -> None:
    """Between its labels, its firms or its totals, with the page head in between."""
    body = printed(notices_pages(FRIDAY, [SILVER, PLATINUM, SILVER_APRIL], most=most))
    whole = read(made(SILVER, PLATINUM, SILVER_APRIL))
    assert firms(read(body)).equals(firms(whole))
    assert totals(read(body)).equals(totals(whole))
    assert totals(whole).height == 3


def test_two_months_of_one_product_are_two_contracts() -> None:
    """Around the end of a month both are there."""
    found = totals(read(made(SILVER, SILVER_APRIL))).select("product", "delivery_month").rows()
    assert found == [("SI", date(2026, 3, 1)), ("SI", date(2026, 4, 1))]


@pytest.mark.parametrize(
    ("name", "product", "settlement"),
    [
        ("MICRO SILVER FUTURES", "SIL", "92.682"),
        ("MICRO GOLD FUTURES", "MGC", "4,375.500"),
        ("COMEX 5000 SILVER FUTURES", "SI", "92.682"),
        ("COMEX 100 GOLD FUTURES", "GC", "4,375.500"),
        ("COMEX COPPER FUTURES", "HG", "5.8005"),
        ("ALUMINUM FUTURES", "ALI", "3,031.250"),
    ],
)
def test_a_product_is_told_by_its_whole_name(name: str, product: str, settlement: str) -> None:
    """GOLD and SILVER alone would mix the micros in."""
    section = replace(SILVER, contract=f"MARCH 2026 {name}", settlement=settlement)
    assert totals(read(made(section)))["product"].to_list() == [product]


def test_an_unknown_product_is_kept_and_noted() -> None:
    """Its name as printed, its code unknown."""
    batch = read(made(replace(SILVER, contract="MARCH 2026 COMEX 1000 SILVER FUTURES")))
    assert totals(batch).select("contract", "product").rows() == [("MARCH 2026 COMEX 1000 SILVER FUTURES", None)]
    assert [(note.kind, note.text) for note in batch.notes] == [
        ("layout", "a product that is not known: 'COMEX 1000 SILVER FUTURES'")
    ]


def test_a_product_without_notices_has_no_row() -> None:
    """No section, and no zero either."""
    assert set(totals(read(made(SILVER)))["product"]) == {"SI"}


def test_an_evening_without_any_notice_is_noted() -> None:
    """Nothing to store, nothing wrong."""
    batch = read(printed([[*notices_pages(FRIDAY, [SILVER])[0][:5], END]]))
    assert (firms(batch).height, totals(batch).height) == (0, 0)
    assert [note.text for note in batch.notes] == ["the report lists no delivery notices"]


def test_an_unknown_line_is_noted_with_its_place() -> None:
    """And the report is read all the same."""
    (page,) = notices_pages(FRIDAY, [SILVER])
    batch = read(printed([[*page[:6], "LATE NOTICES FOLLOW", *page[6:]]]))
    assert [(note.kind, note.text, note.where) for note in batch.notes] == [
        ("layout", "a line that is not known: 'LATE NOTICES FOLLOW'", "page 1, line 5")
    ]


def test_very_many_unknown_lines_are_counted_not_listed() -> None:
    """Fifty of them, and how many more."""
    (page,) = notices_pages(FRIDAY, [SILVER])
    pages = [page[:5] + [f"LINE {number}" for number in range(40)] for _ in range(2)] + [page]
    batch = read(printed(pages))
    assert len(batch.notes) == 51
    assert batch.notes[-1].text == "and 30 more such notes"


# --- what does not add up ---


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (replace(SILVER, total=(1_241, 1_241)), "TOTAL issued is 1241, the firms add up to 1240"),
        (replace(SILVER, total=(1_240, 1_239)), "TOTAL stopped is 1239, the firms add up to 1240"),
        (replace(SILVER, firms=SILVER.firms[:3]), "1220 issued and 1237 stopped"),
        (replace(SILVER, to_date=1_239), "1239 in the month to date, 1240 in one day"),
        (replace(SILVER, delivery=FRIDAY), "intent 2026-02-27, delivery 2026-02-27"),
        (replace(SILVER, firms=[*SILVER.firms, SILVER.firms[0]], total=(1_240, 1_241)), "1240 issued and 1241 stopped"),
    ],
)
def test_a_contract_that_does_not_add_up_is_refused(section: Section, says: str) -> None:
    """Issues, stops and TOTAL are one number; the month holds the day; metal moves after intent."""
    with pytest.raises(Implausible, match=says) as error:
        read(made(section))
    assert error.value.where == "page 1, line 4"


def test_a_firm_that_stands_twice_is_refused() -> None:
    """The same number and account in one contract."""
    twice = [Firm("072", "C", "A", 5), Firm("072", "C", "A", None, 5)]
    with pytest.raises(Implausible, match="the same key twice"):
        read(made(replace(SILVER, firms=twice)))


def test_intent_of_another_day_is_noted() -> None:
    """Every captured report is of one intent day, its business date."""
    batch = read(made(replace(SILVER, intent=date(2026, 2, 26))))
    assert [note.text for note in batch.notes] == [
        "MARCH 2026 COMEX 5000 SILVER FUTURES: intent 2026-02-26 in a report of 2026-02-27"
    ]


# --- cut, foreign and damaged files ---


@pytest.mark.parametrize("last", range(1, 21))
def test_a_report_without_its_last_lines_never_passes(last: int) -> None:
    """Wherever it is cut, the end mark is gone."""
    (page,) = notices_pages(FRIDAY, [SILVER])
    kept = [line for line in page if line][:-last]
    with pytest.raises(Unreadable):
        read(printed([kept]))


def test_a_report_without_a_page_never_passes() -> None:
    """The first, one between, the last."""
    pages = notices_pages(FRIDAY, [SILVER, PLATINUM], most=15)
    assert len(pages) == 4
    for missing in range(4):
        with pytest.raises((Unreadable, Implausible)):
            read(printed(pages[:missing] + pages[missing + 1 :]))


def test_pages_of_two_evenings_are_refused() -> None:
    """Two runs put together."""
    pages = notices_pages(FRIDAY, [SILVER], most=15)
    pages[1] = notices_pages(FRIDAY, [SILVER], run="21:14:30", most=15)[1]
    with pytest.raises(Implausible, match="the pages are of different reports"):
        read(printed(pages))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("PRODUCT GROUP: METALS", "PRODUCT GROUP: ENERGY", "of the product group 'ENERGY', not METALS"),
        ("BUSINESS DATE: 02/27/2026", "BUSINESS DATE: 02/30/2026", "'02/30/2026' is no date"),
        ("BUSINESS DATE: 02/27/2026", "BUSINESS DATE: 27.02.2026", "'27.02.2026' is no date"),
        ("RUN TIME: 20:14:30", "RUN TIME: 20:14   ", "RUN TIME that is no time"),
        ("RUN TIME: 20:14:30", "RUN TIME: 25:14:30", "is no time"),
        ("RUN TIME: 20:14:30", "RUN TIME: 00:14:30AM", "is no time"),
        ("RUN TIME: 20:14:30", "                  ", "the head has no RUN TIME"),
        ("DAILY DELIVERY NOTICES", "OTHER  DELIVERY NOTICE", "expected a page head with BUSINESS DATE"),
        ("MARCH 2026", "MARTS 2026", "'MARTS 2026 COMEX 5000 SILVER FUTURES' is no contract"),
        ("92.682000000      USD", "92.682000000      EUR", "a settlement in EUR, not USD"),
        ("92.682000000", "92.682000.00", "'92.682000.00' is no number"),
        ("EXCHANGE:      COMEX", "EXCHANGE:      NYMEX", "under the exchange 'NYMEX'"),
        ("EXCHANGE:      COMEX", "EXCHANGE:      LME  ", "under the exchange 'LME'"),
        ("4,580", "45,80", "'45,80' is no number of lots"),
        ("1,240        1,240", "1240           ----", "'----' is no number of lots"),
        ("1220         37", "1220   12    37", "a firm without one number in ISSUED or STOPPED"),
        ("FIRM NAME", "NAME     ", "is cut: a label, its TOTAL"),
        ("MONTH TO DATE", "WEEK TO DATE ", "is cut: a label, its TOTAL"),
        ("EXCHANGE:      COMEX", "                    ", "it begins in the middle of a contract"),
    ],
)
def test_a_report_that_is_not_understood_says_why(old: str, new: str, says: str) -> None:
    """Wrong heads, labels, numbers."""
    pages = notices_pages(FRIDAY, [SILVER])
    assert any(old in line for line in pages[0])
    body = printed([[line.replace(old, new) for line in page] for page in pages])
    with pytest.raises(Unreadable, match=says):
        read(body)


@pytest.mark.parametrize(
    ("day", "run", "ran", "says"),
    [
        (date(2026, 2, 28), "20:14:30", None, "is a Saturday"),
        (date(1999, 2, 26), "20:14:30", None, "long before"),
        (date(2026, 3, 4), "20:14:30", None, "a file of the future"),
        (FRIDAY, "20:14:30", date(2026, 2, 26), "does not fit session 2026-02-27"),
        (FRIDAY, "20:14:30", date(2026, 3, 9), "does not fit session 2026-02-27"),
    ],
)
def test_a_date_that_cannot_be_is_refused(day: date, run: str, ran: date | None, says: str) -> None:
    """A weekend, long ago, the future; a run before its day or after the fetch."""
    with pytest.raises(Implausible, match=says):
        read(notices_pdf(day, [SILVER], run=run, ran=ran))


@pytest.mark.parametrize(
    "body", [b"<title>Access Denied</title>", b"This IP address is blocked due to suspected web scraping activity"]
)
def test_the_refusal_page_is_blocked(body: bytes) -> None:
    """Never taken for an evening without notices."""
    with pytest.raises(Blocked):
        read(body)


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b"{}", b"<html></html>", b"\xd0\xcf\x11\xe0" * 9])
def test_anything_else_is_unreadable(body: bytes) -> None:
    """Empty, cut, another kind of file."""
    with pytest.raises(Unreadable):
        read(body)
    assert not recognise(body, "MetalsIssuesAndStopsReport.pdf")


def test_each_report_is_claimed_by_its_own_source() -> None:
    """Daily, month to date and year to date are of one family."""
    bodies = (
        made(),
        printed(mtd_pages(FRIDAY, {"MARCH 2026 COMEX 5000 SILVER FUTURES": [(FRIDAY, 5)]})),
        ytd_pdf(FRIDAY, {"COMEX 5000 SILVER FUTURES": [YearFirm("072", "C", "A", {1: (0, 0)})]}),
    )
    sources = (SOURCE, comex_notices_mtd.SOURCE, comex_notices_ytd.SOURCE, comex_bulletin.SOURCE)
    assert [[source.recognise(body, "x") for source in sources] for body in bodies] == [
        [True, False, False, False],
        [False, True, False, False],
        [False, False, True, False],
    ]


# --- the whole pipeline ---


def test_of_two_runs_the_later_wins_contract_by_contract(tmp_path: Path) -> None:
    """A noon run of two contracts, an evening run of one of them, corrected: its dropped firm is gone."""
    corrected = replace(SILVER, firms=[SILVER.firms[0], Firm("661", "C", "JP MORGAN SECURITIES", 1)], to_date=3_341)
    evening, noon = made(corrected, run="20:14:30"), made(run="12:03:11")
    with house(tmp_path, NOW) as opened:
        assert {o.status for o in offer(opened, [("evening.pdf", evening), ("noon.pdf", noon)], NOW)} == {"loaded"}
        found = opened.store.rows("select product, firm_id, issued, stopped from delivery_notices order by all")
        sums = opened.store.rows("select product, issued, stopped, month_to_date from delivery_totals order by all")
    assert found == [("PL", "072", 15, 0), ("PL", "624", 0, 15), ("SI", "099", 0, 1), ("SI", "661", 1, 0)]
    assert sums == [("PL", 15, 15, 161), ("SI", 1, 1, 3_341)]


def test_before_the_later_run_was_public_the_earlier_one_counts(tmp_path: Path) -> None:
    """As the public knew it at eight in the evening UTC."""
    with house(tmp_path, NOW) as opened:
        offer(
            opened, [("evening.pdf", made(PLATINUM, run="20:14:30")), ("noon.pdf", made(SILVER, run="12:03:11"))], NOW
        )
        with opened.store.cursor() as cur:
            cur.execute("set variable known_at = '2026-02-27 20:00:00'")
            assert cur.execute("select product from delivery_totals").fetchall() == [("SI",)]


# --- anything at all ---

PLAIN = printed(notices_pages(FRIDAY, [SILVER, PLATINUM], most=20), packed=False)
EDITS = st.lists(st.tuples(st.integers(0, len(PLAIN)), st.binary(max_size=4)), min_size=1, max_size=4)
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=90)


def only_known_endings(body: bytes) -> None:
    """A batch that passes the schema, or one of the four errors a source may raise."""
    recognise(body, "file")
    with contextlib.suppress(NotPublished, Blocked, Unreadable, Implausible):
        read(body)


@settings(max_examples=EXAMPLES, deadline=None)
@given(EDITS)
def test_a_damaged_report_gives_a_batch_or_a_named_error(edits: list[tuple[int, bytes]]) -> None:
    """Bytes overwritten anywhere, also in the text, which is not packed."""
    body = bytearray(PLAIN)
    for at, value in edits:
        body[at : at + len(value)] = value
    only_known_endings(bytes(body))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), TEXTS), min_size=1, max_size=4))
def test_any_line_anywhere_gives_a_batch_or_a_named_error(lines: Sequence[tuple[int, str]]) -> None:
    """Lines of text put among the others."""
    (page,) = notices_pages(FRIDAY, [SILVER, PLATINUM], most=99)
    for at, line in lines:
        page.insert(at, line)
    only_known_endings(printed([page]))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=500))
def test_arbitrary_bytes_give_a_named_error(body: bytes) -> None:
    """Also behind the first bytes of a PDF."""
    only_known_endings(body)
    only_known_endings(b"%PDF-1.4\n" + body + b"\n%%EOF\n")


# --- the source itself ---


def test_the_one_address_is_asked_and_nothing_else() -> None:
    """It holds the newest evening only."""
    (ask,) = asks(FRIDAY)
    assert ask.url == "https://www.cmegroup.com/delivery_reports/MetalsIssuesAndStopsReport.pdf"
    assert (SOURCE.keeps_history, SOURCE.hosts) == (False, ("www.cmegroup.com",))


def test_the_report_is_due_on_the_evening_of_its_day() -> None:
    """21:30 in Chicago."""
    assert (SOURCE.due.clock, SOURCE.due.zone, SOURCE.due.days) == ("21:30", "America/Chicago", 0)
