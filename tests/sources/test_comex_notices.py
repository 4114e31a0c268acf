"""Delivery notices of one evening: columns told by place, sections over pages, which run counts.

Every report here is made up by `tests.factories.comex_pdf`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.clock import naive
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer
from monitor.sources.comex_notices import SOURCE, asks, parse
from tests.factories.comex_pdf import (
    END,
    Firm,
    notices_pages,
    printed,
)
from tests.homes import house, offer
from tests.sources.notices import FRIDAY, NOW, PLATINUM, SILVER, firms, made, read, totals

SILVER_APRIL = replace(
    SILVER,
    contract="APRIL 2026 COMEX 5000 SILVER FUTURES",
    firms=[*list(SILVER.firms)[:2], Firm("661", "C", "JP MORGAN SECURITIES", 1_200)],
)


def counts(body: bytes) -> dict[tuple[str, str], tuple[int, int]]:
    return {(r["firm_id"], r["account"]): (r["issued"], r["stopped"]) for r in firms(read(body)).rows(named=True)}


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


def test_the_one_address_is_asked_and_nothing_else() -> None:
    """It holds the newest evening only."""
    (ask,) = asks(FRIDAY)
    assert ask.url == "https://www.cmegroup.com/delivery_reports/MetalsIssuesAndStopsReport.pdf"
    assert (SOURCE.keeps_history, SOURCE.hosts) == (False, ("www.cmegroup.com",))


def test_the_report_is_due_on_the_evening_of_its_day() -> None:
    """21:30 in Chicago."""
    assert (SOURCE.due.clock, SOURCE.due.zone, SOURCE.due.days) == ("21:30", "America/Chicago", 0)
