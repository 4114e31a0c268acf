"""The metals bulletin: its tables, months and dates over pages, and which edition counts.

Every bulletin here is made up by `tests.factories.comex_pdf`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from monitor.clock import naive
from monitor.sources.comex_bulletin import SOURCE, asks
from tests.factories.comex_pdf import (
    Block,
    Line,
    changed,
    pdf_bytes,
)
from tests.homes import house, offer
from tests.sources.bulletins import (
    ALUMINUM,
    FRIDAY,
    GOLD,
    NOW,
    PLATINUM,
    SILVER,
    N,
    made,
    month_names,
    pages,
    read,
    row,
    whole,
)


@pytest.mark.parametrize(
    ("product", "month", "high", "low"),
    [
        ("GC", date(2026, 3, 1), (4_443.10, ""), (4_441.50, "")),
        ("GC", date(2026, 4, 1), (4_541.60, "B"), (4_348.20, "A")),
        ("GC", date(2027, 4, 1), (None, ""), (1_972.90, "A")),
        ("GC", date(2027, 12, 1), (None, ""), (None, "")),
        ("SI", date(2026, 7, 1), (72.880, "B"), (None, "")),
    ],
)
def test_a_lone_price_is_a_bid_for_the_high_or_an_ask_for_the_low(
    product: str, month: date, high: tuple[Any, str], low: tuple[Any, str]
) -> None:
    """With a slash both are there, with or without their letters."""
    found = row(read(made()), product, month)
    assert ((found["high"], found["high_flag"]), (found["low"], found["low_flag"])) == (high, low)


def test_every_column_of_a_month_is_filled() -> None:
    """Dashes are 0 in the volumes and nothing elsewhere; UNCH is 0."""
    assert row(read(made()), "SI", date(2026, 11, 1)) == {
        "venue": "COMEX",
        "product": "SI",
        "product_name": "COMEX SILVER FUTURES",
        "delivery_month": date(2026, 11, 1),
        "session": FRIDAY,
        "status": "final",
        "bulletin_number": 39,
        "open": None,
        "high": None,
        "high_flag": "",
        "low": None,
        "low_flag": "",
        "settle": 69.415,
        "change": 0.0,
        "is_new": False,
        "globex_volume": 0,
        "pnt_volume": 0,
        "open_interest": 48,
        "open_interest_change": 0,
        "last_trade": date(2026, 11, 25),
        "published_at": naive(datetime(2026, 3, 2, 16, tzinfo=UTC)),
        "published_assumed": True,
    }


def test_a_new_month_has_no_change_and_no_settlement_before() -> None:
    """NEW stands for it."""
    found = row(read(made()), "GC", date(2027, 12, 1))
    assert (found["is_new"], found["change"]) == (True, None)
    assert row(read(made(), "settlement_rows"), "GC", date(2027, 12, 1))["previous_settle"] is None


def test_a_change_may_be_glued_to_its_sign() -> None:
    """As aluminium prints it."""
    assert row(read(made()), "AUP", date(2026, 4, 1))["change"] == 0.02147


def test_a_month_without_a_settlement_has_no_settlement_row() -> None:
    """Nor a change; its open interest counts."""
    block = Block("SI", "COMEX SILVER FUTURES", [Line("MAY26", "", "", N, N, 70, 0, last_trade="05/27")])
    batch = whole(made(block))
    assert batch.frames["settlement_rows"].is_empty()
    assert batch.frames["open_interest_rows"]["open_interest"].to_list() == [70]


def test_july_is_jul_and_prices_have_their_decimals() -> None:
    """Three for silver, five for aluminium."""
    frame = read(made())
    assert row(frame, "SI", date(2026, 7, 1))["settle"] == 68.432
    assert row(frame, "AUP", date(2026, 4, 1))["settle"] == 1.08647


def test_volume_is_the_books_and_the_private_one() -> None:
    """Blocks without those at settlement; exchange for physical and deliveries from the ex-pit table."""
    found = row(read(made(), "open_interest_rows"), "GC", date(2026, 4, 1))
    names = ("volume", "globex_volume", "pnt_volume", "block_volume", "efp_volume", "deliveries", "status")
    assert [found[name] for name in names] == [247_440, 241_228, 6_212, 642, 3_912, None, "final"]
    march = row(read(made(), "open_interest_rows"), "GC", date(2026, 3, 1))
    assert [march[name] for name in names] == [1_070, 1_070, 0, 0, 0, 107, "final"]


def test_only_products_whose_unit_is_known_become_settlements() -> None:
    """All of them are in the bulletin and in open interest, as printed."""
    batch = whole(made())
    assert set(batch.frames["open_interest_rows"]["product"]) == {"GC", "SI", "AUP", "PL"}
    settled = batch.frames["settlement_rows"]
    assert set(settled.select("venue", "product", "unit", "currency").rows()) == {
        ("COMEX", "GC", "troy_oz", "USD"), ("COMEX", "SI", "troy_oz", "USD"), ("NYMEX", "PL", "troy_oz", "USD"),
    }  # fmt: skip
    assert row(settled, "SI", date(2026, 5, 1))["previous_settle"] == 72.641


@pytest.mark.parametrize(
    ("status", "published"),
    [
        ("PRELIMINARY", datetime(2026, 2, 28, 3, tzinfo=UTC)),
        ("FINAL", datetime(2026, 3, 2, 16, tzinfo=UTC)),
    ],
)
def test_the_hour_is_assumed_by_the_status(status: str, published: datetime) -> None:
    """21:00 in Chicago of the day, 10:00 of the next session, here a Monday."""
    found = read(made(status=status)).row(0, named=True)
    assert (found["status"], found["published_at"], found["published_assumed"]) == (
        status.lower(),
        naive(published),
        True,
    )


@pytest.mark.parametrize("months", [1, 80, 88, 89, 90, 95, 200])
def test_a_product_goes_on_over_the_page_without_its_name(months: int) -> None:
    """Its months, and its TOTAL, wherever the page ends."""
    lines = [Line(month, "4400.00", "UNCH", at + 1, N, at) for at, month in enumerate(month_names(months))]
    batch = whole(made(replace(GOLD, lines=lines, expit={}), SILVER))
    frame = batch.frames["bulletin_rows"].filter(pl.col("product") == "GC")
    assert (frame.height, frame["globex_volume"].sum(), batch.notes) == (months, months * (months + 1) // 2, ())


def test_an_ex_pit_product_goes_on_over_the_page() -> None:
    """Its name at the foot of one, its months on the next."""
    lines = [Line(month, "4400.00", "UNCH", N, 5, 9) for month in month_names(100)]
    expit = {line.month: (N, N, 5, N, N, N, N, N, N, N, N) for line in lines}
    frame = read(made(SILVER, replace(GOLD, lines=lines, expit=expit)), "bulletin_expit_rows")
    assert frame.filter(pl.col("product") == "GC")["efp"].sum() == 500


def test_a_date_belongs_to_the_month_it_stands_under() -> None:
    """Silver lists May, July and November: in order of print it would take the first three columns."""
    frame = read(made()).filter(pl.col("product") == "SI").sort("delivery_month")
    assert frame["last_trade"].to_list() == [date(2026, 5, 27), date(2026, 7, 29), date(2026, 11, 25)]


def test_a_date_may_lie_in_the_year_before_its_month() -> None:
    """January's in December."""
    block = replace(SILVER, lines=[Line("JAN27", "68.0", last_trade="12/29")], expit={})
    assert row(read(made(block)), "SI", date(2027, 1, 1))["last_trade"] == date(2026, 12, 29)


def test_a_date_that_is_not_our_rules_is_noted() -> None:
    """The calendar, or the exchange, has moved."""
    body = pdf_bytes(changed(pages(), "05/27", "05/26"))
    assert [(note.kind, note.text) for note in whole(body).notes] == [
        ("layout", "SI May26 trades last on 2026-05-26, our rule says 2026-05-27")
    ]


def test_a_row_of_dates_is_no_product() -> None:
    """It begins like one."""
    assert read(made())["product"].n_unique() == 4


def test_both_editions_are_kept_and_the_final_one_counts(tmp_path: Path) -> None:
    """Through the decoding child with its limits; before it was public the preliminary one did."""
    early = replace(SILVER, lines=[replace(SILVER.lines[0], interest=73_000), *SILVER.lines[1:]])
    files = [("final.pdf", made()), ("early.pdf", made(GOLD, early, ALUMINUM, PLATINUM, status="PRELIMINARY"))]
    sql = "select open_interest, status from {} where product = 'SI' and delivery_month = '2026-05-01'"
    with house(tmp_path, NOW) as opened:
        assert [outcome.status for outcome in offer(opened, files, NOW)] == ["loaded", "loaded"]
        assert opened.store.rows(sql.format("open_interest_rows") + " order by all") == [
            (72_645, "final"), (73_000, "preliminary"),
        ]  # fmt: skip
        assert opened.store.rows(sql.format("bulletin")) == [(72_645, "final")]
        assert opened.store.rows("select status, efp from bulletin_expit where product = 'SI'") == [("final", 115)]
        assert opened.store.rows("select settle from settlements where product = 'PL'") == [(1_838.90,)]
        with opened.store.cursor() as cur:
            cur.execute("set variable known_at = '2026-03-02 12:00:00'")
            assert cur.execute(sql.format("bulletin")).fetchall() == [(73_000, "preliminary")]


def test_the_one_address_is_asked_and_the_final_edition_is_due() -> None:
    """10:00 in Chicago one session later; the address holds the newest alone."""
    (ask,) = asks(FRIDAY)
    assert ask.url == "https://www.cmegroup.com/daily_bulletin/current/Section62_Metals_Futures_Products.pdf"
    due = SOURCE.due
    assert (due.clock, due.zone, due.days, due.in_sessions) == ("10:00", "America/Chicago", 1, True)
    assert not SOURCE.keeps_history
