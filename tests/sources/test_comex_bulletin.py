"""The metals bulletin: the captured editions, its tables over pages, what must add up, made-up editions.

Every bulletin that is not read from the captures is made up by `tests.factories.comex_pdf`.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import contracts, validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources import comex_volume
from monitor.sources.bulletin import EXPIT
from monitor.sources.comex_bulletin import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex_pdf import (
    EXAMPLES,
    Block,
    Line,
    Page,
    Text,
    bulletin_pages,
    bulletin_pdf,
    changed,
    pdf_bytes,
)
from tests.homes import house, offer

FRIDAY = date(2026, 2, 27)
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 20, tzinfo=UTC)
FOLDER = CAPTURES / "comex" / "bulletin62"
N = None
GOLD = Block(
    "GC",
    "COMEX GOLD FUTURES",
    [
        Line("MAR26", "4375.50", "- 174.30", 1070, N, 1063, 660, "4441.50", "4443.10", "4441.50", "03/27"),
        Line(
            "APR26", "4376.30", "- 176.00", 241_228, 6_212, 63_034, -40_398, "4508.90", "4541.60B", "4348.20A", "04/28"
        ),
        Line("APR27", "1998.00", "+ 15.20", 5, N, 450, 1, "", "1972.90A", "", "04/28"),
        Line("DEC27", "4691.80", "NEW", 7, N, 7, 7),
    ],
    {"MAR26": (107, 5_455, N, N, N, N, N, N, N, N, N), "APR26": (N, N, 3_912, N, N, N, 1_498, N, 802, 160, 2_335)},
)
SILVER = Block(
    "SI",
    "COMEX SILVER FUTURES",
    [
        Line("MAY26", "67.934", "- 4.707", 56_308, 201, 72_645, -1_111, "71.505", "72.385", "66.705", "05/27"),
        Line("JUL26", "68.432", "+ 4.743", 8_059, N, 23_091, 833, "", "72.880B", "", "07/29"),
        Line("NOV26", "69.415", "UNCH", N, N, 48, 0, last_trade="11/25"),
    ],
    {"MAY26": (275, 2_331, 115, N, N, N, N, N, 86, N, 1_460)},
)
ALUMINUM = Block(
    "AUP",
    "ALUMINUM MW TRANS PREM PLATTS SWAPS",
    [Line("APR26", "1.08647", "+0.02147", 3, 60, 4_256, 63, "1.08250", "1.08250", "1.08250", "04/30")],
    {"APR26": (N, N, N, N, N, N, N, N, 60, N, N)},
)
PLATINUM = Block(
    "PL",
    "NYMEX PLATINUM FUTURES",
    [Line("APR26", "1838.90", "- 86.90", N, 170, 7_314, -4_402, last_trade="04/28")],
    {"APR26": (N, N, 170, N, N, N, N, N, N, N, 39)},
    nymex=True,
)
BLOCKS = (GOLD, SILVER, ALUMINUM, PLATINUM)


def whole(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "bulletin.pdf", at))
    validate.checked(batch.frames)
    return batch


def read(body: bytes, table: str = "bulletin_rows") -> pl.DataFrame:
    return whole(body).frames[table]


def made(*blocks: Block, **more: Any) -> bytes:
    return bulletin_pdf(FRIDAY, blocks or BLOCKS, **more)


def pages(*blocks: Block) -> list[Page]:
    return bulletin_pages(FRIDAY, blocks or BLOCKS)


def row(frame: pl.DataFrame, product: str, month: date) -> dict[str, Any]:
    return frame.filter((pl.col("product") == product) & (pl.col("delivery_month") == month)).row(0, named=True)


# --- captured editions ---


@cache
def captured() -> dict[str, Batch]:
    return {path.name: whole(path.read_bytes(), LATER) for path in sorted(FOLDER.iterdir())}


def answers(name: str) -> list[dict[str, str]]:
    with (CAPTURES / "comex" / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def differing(wanted: dict[Any, Any], found: dict[Any, Any]) -> list[str]:
    keys = sorted({*wanted, *found}, key=str)
    return [f"{k}: wanted {wanted.get(k)}, found {found.get(k)}" for k in keys if wanted.get(k) != found.get(k)]


def number(text: str) -> float | None:
    return float(text) if text else None


@needs_captures
@pytest.mark.captures
def test_every_contract_month_equals_the_answers() -> None:
    """2,787 rows of twelve products in 18 editions, every printed column with its letters; 4,606 more of the others."""
    wanted = {
        (r["source_file"], r["bulletin_date"], r["status"], r["product"], r["contract_month"]): (
            number(r["open"]), number(r["high"]), r["high_flag"], number(r["low"]), r["low_flag"], number(r["settle"]),
            "NEW" if r["pt_change"] == "NEW" else number(r["pt_change"]), int(r["globex_volume"]),
            int(r["pnt_volume"]), int(r["open_interest"]), int(r["oi_change"]),
        )
        for r in answers("bulletin62_metals_by_month")
    }  # fmt: skip
    products = {key[3] for key in wanted}
    found = {
        (name, str(r["session"]), r["status"].upper(), r["product"], f"{r['delivery_month']:%Y-%m}"): (
            r["open"], r["high"], r["high_flag"], r["low"], r["low_flag"], r["settle"],
            "NEW" if r["is_new"] else r["change"], r["globex_volume"], r["pnt_volume"], r["open_interest"],
            r["open_interest_change"],
        )
        for name, batch in captured().items()
        for r in batch.frames["bulletin_rows"].rows(named=True)
    }  # fmt: skip
    ours = {key: value for key, value in found.items() if key[3] in products}
    assert differing(wanted, ours) == []
    assert (len(ours), len(found), len(products)) == (2_787, 7_393, 12)


@needs_captures
@pytest.mark.captures
def test_every_line_of_the_ex_pit_table_equals_the_answers() -> None:
    """342 rows of five products, all eleven columns; dashes are nothing."""
    wanted = {
        (r["bulletin_date"], r["status"], r["product"], r["contract_month"]): tuple(
            int(r[column]) if r[column] else None for column in EXPIT
        )
        for r in answers("bulletin62_expit")
    }
    found = {
        (str(r["session"]), r["status"].upper(), r["product"], f"{r['delivery_month']:%Y-%m}"): tuple(
            r[column] for column in EXPIT
        )
        for batch in captured().values()
        for r in batch.frames["bulletin_expit_rows"].rows(named=True)
    }
    ours = {key: value for key, value in found.items() if key[2] in contracts.PRODUCTS}
    assert differing(wanted, ours) == []
    assert (len(ours), len(found)) == (342, 1_031)


@needs_captures
@pytest.mark.captures
def test_every_edition_equals_the_index() -> None:
    """Date, status and number, whatever the file's name says; 63 stands on two days, and on both editions of each."""
    wanted = {
        r["file"]: (r["bulletin_date"], r["status"], int(r["bulletin_number"])) for r in answers("bulletin62_index")
    }
    found = {
        name: batch.frames["bulletin_rows"].select("session", "status", "bulletin_number").unique().rows()
        for name, batch in captured().items()
    }
    assert differing(wanted, {name: (str(d), s.upper(), n) for name, ((d, s, n),) in found.items()}) == []
    assert {day for day, _, number in wanted.values() if number == 63} == {"2026-04-02", "2026-04-03"}


@needs_captures
@pytest.mark.captures
def test_the_captured_editions_hold_nothing_unknown_but_e_mini_gold() -> None:
    """Twice its private trades stand in a total without a month; every last trade date is that of our rule."""
    notes = {name: [note.text for note in batch.notes] for name, batch in captured().items() if batch.notes}
    assert notes == {
        "Section62_Metals_Futures_2026-04-02.pdf": [
            "QO: 200 privately negotiated, no month of them in the ex-pit table"
        ],
        "Section62_Metals_Futures_2026-04-11.pdf": [
            "QO: 1600 privately negotiated, no month of them in the ex-pit table"
        ],
    }
    dates = {
        (r["product"], r["delivery_month"]): r["last_trade"]
        for batch in captured().values()
        for r in batch.frames["bulletin_rows"].rows(named=True)
        if r["product"] in contracts.PRODUCTS and r["last_trade"]
    }
    assert len(dates) > 40
    assert all(contracts.last_trade(*key) == day for key, day in dates.items())


@cache
def volume_service() -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of the captured volume payloads, gold and silver, by session, product and month."""
    found = {}
    for path in (CAPTURES / "comex" / "volume_oi_json").iterdir():
        with contextlib.suppress(NotPublished):
            answer = Answer(path.read_bytes(), path.name, LATER, hint=comex_volume.hint_of(path.name))
            for r in comex_volume.parse(answer).frames["open_interest_rows"].rows(named=True):
                found[r["session"], r["product"], r["delivery_month"]] = r
    return found


def shared_rows() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(bulletin, volume service) for every contract month that both have."""
    return [
        (r, volume_service()[key])
        for batch in captured().values()
        for r in batch.frames["open_interest_rows"].rows(named=True)
        if (key := (r["session"], r["product"], r["delivery_month"])) in volume_service()
    ]


@needs_captures
@pytest.mark.captures
def test_volumes_are_those_of_the_volume_service() -> None:
    """All of gold and silver on the days that both have: total, book, private, blocks, exchange for physical."""
    columns = ("volume", "globex_volume", "pnt_volume", "block_volume", "efp_volume")
    differ = [(ours, theirs) for ours, theirs in shared_rows() if any(ours[c] != theirs[c] for c in columns)]
    assert differ == []
    assert len(shared_rows()) == 415


@needs_captures
@pytest.mark.captures
def test_open_interest_is_that_of_the_volume_service_where_the_version_is_the_same() -> None:
    """150 final and 60 preliminary contract months, their changes too; and neither lists a month the other has not."""
    columns = ("open_interest", "open_interest_change")
    same = [(ours, theirs) for ours, theirs in shared_rows() if ours["status"] == theirs["status"]]
    assert [(ours, theirs) for ours, theirs in same if any(ours[c] != theirs[c] for c in columns)] == []
    assert sorted(ours["status"] for ours, _ in same) == ["final"] * 150 + ["preliminary"] * 60
    ours = {
        (r["session"], r["product"], r["delivery_month"])
        for batch in captured().values()
        for r in batch.frames["open_interest_rows"].rows(named=True)
    }
    days = {key[:2] for key in ours} & {key[:2] for key in volume_service()}
    assert {k for k in ours if k[:2] in days} == {k for k in volume_service() if k[:2] in days}
    assert len(days) == 12


@needs_captures
@pytest.mark.captures
def test_preliminary_and_final_differ_in_open_interest_alone() -> None:
    """On the four days that were captured twice; the fall of April gold is 40,398 before and more after."""
    editions: dict[Any, dict[str, Any]] = {}
    for batch in captured().values():
        for r in batch.frames["bulletin_rows"].rows(named=True):
            key = (r["session"], r["product"], r["delivery_month"])
            editions.setdefault(key, {})[r["status"]] = r
    both = [pair for pair in editions.values() if len(pair) == 2]
    same = ("open", "high", "low", "settle", "globex_volume", "pnt_volume")
    assert len({pair["final"]["session"] for pair in both}) == 4
    assert all(pair["preliminary"][name] == pair["final"][name] for pair in both for name in same)
    moved = [p for p in both if p["preliminary"]["open_interest"] != p["final"]["open_interest"]]
    assert len(moved) > 20
    april = editions[date(2026, 3, 26), "GC", date(2026, 4, 1)]
    assert (april["preliminary"]["open_interest"], april["final"]["open_interest"]) == (63_034, 51_572)


@needs_captures
@pytest.mark.captures
def test_final_editions_leave_the_daily_deliveries_blank() -> None:
    """The preliminary ones of session days have them, of the business day before."""
    daily: dict[tuple[date, str], int] = {}
    for batch in captured().values():
        frame = batch.frames["bulletin_expit_rows"]
        day, status = frame["session"][0], frame["status"][0]
        daily[day, status] = frame["deliveries_daily"].drop_nulls().len()
    assert all(count == 0 for (_, status), count in daily.items() if status == "final")
    assert daily[date(2026, 3, 26), "preliminary"] > 0


@needs_captures
@pytest.mark.captures
def test_good_friday_has_an_edition_without_volume() -> None:
    """Every settlement is that of the day before; open interest was put right by 560 lots in a million."""
    frame = captured()["Section62_Metals_Futures_2026-04-07.pdf"].frames["bulletin_rows"]
    assert frame["session"].unique().to_list() == [date(2026, 4, 3)]
    assert (frame["globex_volume"].sum(), frame["pnt_volume"].sum()) == (0, 0)
    assert set(frame["change"].drop_nulls()) == {0.0}
    assert (frame["open_interest"].sum(), frame["open_interest_change"].abs().sum()) == (1_041_091, 560)


@needs_captures
@pytest.mark.captures
def test_an_expired_month_stays_listed_and_its_last_trade_tells() -> None:
    """March 2026 on the two sessions after its last day: open interest 0, and a settlement that no longer moves."""
    for name in ("Section62_Metals_Futures_2026-04-01.pdf", "Section62_Metals_Futures_2026-04-02.pdf"):
        frame = captured()[name].frames["bulletin_rows"]
        expired = frame.filter(
            (pl.col("last_trade") < pl.col("session")) & pl.col("product").is_in(list(contracts.PRODUCTS))
        )
        assert expired.select("product", "settle", "open_interest", "last_trade").rows() == [
            ("GC", 4_492.0, 0, date(2026, 3, 27)),
            ("HG", 5.467, 0, date(2026, 3, 27)),
            ("SI", 69.545, 0, date(2026, 3, 27)),
            ("PA", 1_390.9, 0, date(2026, 3, 27)),
        ]


@needs_captures
@pytest.mark.captures
def test_only_bulletins_are_recognised() -> None:
    """Not the delivery reports, whatever the names."""
    assert all(recognise(path.read_bytes(), "x.xls") for path in FOLDER.iterdir())
    others = [path for name in ("issues_stops", "issues_stops_ytd") for path in (CAPTURES / "comex" / name).iterdir()]
    assert not any(recognise(path.read_bytes(), "Section62.pdf") for path in others)


# --- contract months ---


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


# --- over pages ---


@pytest.mark.parametrize("months", [1, 80, 88, 89, 90, 95, 200])
def test_a_product_goes_on_over_the_page_without_its_name(months: int) -> None:
    """Its months, and its TOTAL, wherever the page ends."""
    lines = [Line(month, "4400.00", "UNCH", at + 1, N, at) for at, month in enumerate(month_names(months))]
    batch = whole(made(replace(GOLD, lines=lines, expit={}), SILVER))
    frame = batch.frames["bulletin_rows"].filter(pl.col("product") == "GC")
    assert (frame.height, frame["globex_volume"].sum(), batch.notes) == (months, months * (months + 1) // 2, ())


def month_names(count: int) -> list[str]:
    names = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
    return [f"{names[at % 12]}{26 + at // 12}" for at in range(count)]


def test_an_ex_pit_product_goes_on_over_the_page() -> None:
    """Its name at the foot of one, its months on the next."""
    lines = [Line(month, "4400.00", "UNCH", N, 5, 9) for month in month_names(100)]
    expit = {line.month: (N, N, 5, N, N, N, N, N, N, N, N) for line in lines}
    frame = read(made(SILVER, replace(GOLD, lines=lines, expit=expit)), "bulletin_expit_rows")
    assert frame.filter(pl.col("product") == "GC")["efp"].sum() == 500


# --- last trade dates ---


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


# --- what must add up ---


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (replace(SILVER.lines[0], globex=56_309), "SI: TOTAL is"),
        (replace(SILVER.lines[0], pnt=202), "SI: TOTAL is"),
        (replace(SILVER.lines[0], interest=72_646), "SI: TOTAL is"),
        (replace(SILVER.lines[0], interest_change=-1_112), "SI: TOTAL is"),
        (replace(SILVER.lines[0], interest_change=1_111), "SI: TOTAL is"),
    ],
)
def test_months_that_do_not_add_up_to_their_total_are_refused(line: Line, says: str) -> None:
    """Volume of either kind, open interest, its change and its sign."""
    honest, wrong = made_rows(SILVER), replace(SILVER, lines=[line, *SILVER.lines[1:]])
    with pytest.raises(Implausible, match=says):
        read(pdf_bytes(with_total(pages(GOLD, wrong), honest)))


def made_rows(block: Block) -> Page:
    """The TOTAL row of a block as it is printed."""
    (page,) = [page for page in bulletin_pages(FRIDAY, [block]) if any(text.text == "TOTAL" for text in page)][:1]
    (y,) = {text.y for text in page if text.text == "TOTAL" and text.x < 50}
    return [text for text in page if text.y == y]


def with_total(made: list[Page], total: Page) -> list[Page]:
    """The pages with the TOTAL of the same product replaced by another's."""
    code = total[1].text
    (place,) = {
        (number, text.y)
        for number, page in enumerate(made)
        for text in page
        if text.text == code and any(t.text == "TOTAL" and t.y == text.y for t in page)
    }
    number, y = place
    kept = [list(page) for page in made]
    at = next(at for at, text in enumerate(kept[number]) if text.y == y)
    others = [text for text in kept[number] if text.y != y]
    kept[number] = others[:at] + [replace(text, y=y) for text in total] + others[at:]
    return kept


def test_a_total_leaves_out_what_is_empty() -> None:
    """Silver's has all four, platinum's no book, a quiet product's open interest alone."""
    quiet = Block("UX", "UXC URANIUM U3O8 FUTURES", [Line("JUN26", "84.90", "UNCH", N, N, 350, 0, last_trade="06/29")])
    nothing = Block(
        "SGU", "SHANGHAI GOLD (USD) FUTURES", [Line("JUN26", "84.90", "UNCH", N, N, 0, 0, last_trade="06/26")]
    )
    assert read(made(SILVER, quiet, nothing, PLATINUM)).height == 6


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (replace(SILVER, expit_total={0: 275, 1: 2_331, 2: 116, 10: 1_460}), "SI ex-pit efp: the total is 116, .* 115"),
        (replace(SILVER, expit_total={0: 275, 1: 2_331, 10: 1_460}), "SI ex-pit efp: the total is 0"),
        (replace(SILVER, expit_total={}), "SI ex-pit deliveries_daily: the total is 0, the months add up to 275"),
        (
            replace(SILVER, expit_total={0: 275, 1: 2_331, 2: 115, 8: 85, 10: 1_460}),
            "SI ex-pit blocks: the total is 85",
        ),
        (replace(SILVER, expit={}), "SI in all: 201 privately negotiated, the kinds in the ex-pit table add up to 0"),
        (replace(SILVER, expit={"MAY26": (N, N, 114, N, N, N, N, N, 86, N, N)}), "SI May26: 201 .* add up to 200"),
        (replace(SILVER, expit={"JUL26": (N, N, 201, N, N, N, N, N, N, N, N)}), "SI May26: 201 .* add up to 0"),
        (
            replace(SILVER, expit={"MAY26": (N, N, 115, N, N, N, N, N, 86, 87, N)}),
            "more blocks at settlement than blocks",
        ),
    ],
)
def test_an_ex_pit_table_that_does_not_add_up_is_refused(block: Block, says: str) -> None:
    """Against its own totals, and against the privately negotiated volume."""
    with pytest.raises(Implausible, match=says):
        read(made(GOLD, block))


def test_blocks_at_settlement_stand_alone_where_blocks_are_blank() -> None:
    """They are private volume then, and no plain blocks."""
    block = replace(SILVER, expit={"MAY26": (N, N, 115, N, N, N, N, N, N, 86, N)})
    found = row(read(made(block), "open_interest_rows"), "SI", date(2026, 5, 1))
    assert (found["pnt_volume"], found["efp_volume"], found["block_volume"]) == (201, 115, 0)


def test_a_total_without_its_months_is_kept_and_noted() -> None:
    """As e-mini gold had it: what its private trades were is known in all, not by month."""
    batch = whole(made(GOLD, replace(SILVER, expit={}, expit_total={9: 201})))
    found = row(batch.frames["open_interest_rows"], "SI", date(2026, 5, 1))
    assert (found["block_volume"], found["efp_volume"]) == (None, None)
    assert [note.text for note in batch.notes] == ["SI: 201 privately negotiated, no month of them in the ex-pit table"]


@pytest.mark.parametrize("total", [6, 62])
def test_ex_pit_totals_like_the_section_number_are_totals(total: int) -> None:
    """62 stands at the head of every page, twice."""
    block = replace(SILVER, expit={**SILVER.expit, "JUL26": (total, total, N, N, N, N, N, N, N, N, N)})
    other = replace(
        SILVER, lines=[replace(SILVER.lines[0], pnt=N), *SILVER.lines[1:]], expit={"JUL26": block.expit["JUL26"]}
    )
    assert read(made(GOLD, other), "bulletin_expit_rows")["deliveries_daily"].sum() == 107 + total


# --- layout ---


def test_an_unknown_line_is_noted_with_its_place() -> None:
    """And the bulletin is read all the same."""
    made_pages = pages()
    made_pages[0].append(Text(18, 60, "SEE NOTICE 26-041"))
    (note,) = whole(pdf_bytes(made_pages)).notes
    assert (note.kind, note.text) == ("layout", "a line that is not known: 'SEE NOTICE 26-041'")
    assert note.where.startswith("page 1, line ")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("67.934", "67.934C", "a line of a contract month that is not understood: 'MAY26 71.505"),
        ("67.934", "67.9.4", "'67.9.4' is no number"),
        ("MAY26", "MAI26", "is no delivery month"),
        ("JUL26", "MAY26", "stands there twice|not in order"),
        ("COMEX SILVER FUTURES", "COMEX GOLD FUTURES", "stands there twice"),
        ("HIGH/LOW", "LOW/HIGH", "under no heads of columns"),
        ("EX-PIT & OTHER BREAKDOWN", "OTHER BREAKDOWN", "not understood|out of place"),
        ("SUBS", "SUBST", "an ex-pit line under no product"),
        ("FINAL", "REVISED", "no page head of Section 62"),
        ("METALS CONTRACTS LAST TRADE DATES", "X", "NOTED"),
        ("05/27", "99/99", "is no day"),
        ("05/27", "05/2705/27", "is no day"),
    ],
)
def test_a_bulletin_that_is_not_understood_says_why(old: str, new: str, says: str) -> None:
    """Figures, months, names, heads of columns; a heading that is not needed is only noted."""
    made_pages = pages()
    times = sum(text.text == old for page in made_pages for text in page)
    body = pdf_bytes(changed(made_pages, old, new, times=times))
    if says == "NOTED":
        assert [note.text for note in whole(body).notes] == ["a line that is not known: 'X'"]
        return
    with pytest.raises(Unreadable) as error:
        read(body)
    assert any(part in str(error.value) for part in says.split("|")), error.value


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("GLOBEX®", "PNT/PIT", "the columns are not in the known order OPEN, HIGH/LOW"),
        ("SETT.", "INTEREST", "under no heads of columns"),
        ("EFP", "EFS", "the columns are not in the known order DELIVERY"),
        ("BLOCKS", "TAS", "the columns are not in the known order DELIVERY"),
    ],
)
def test_columns_in_another_order_are_unreadable(one: str, other: str, says: str) -> None:
    """Told by where their heads stand, not by the order of print."""
    swapped = [[replace(t, text={one: other, other: one}.get(t.text, t.text)) for t in page] for page in pages()]
    with pytest.raises(Unreadable, match=says):
        read(pdf_bytes(swapped))


def test_an_ex_pit_line_of_an_unknown_product_is_unreadable() -> None:
    """It must not fall to the product above it."""
    made_pages = pages()
    page = next(p for p in made_pages if any(t.text == "EFP" for t in p))
    at = next(at for at, t in enumerate(page) if t.text == "NYMEX PLATINUM FUTURES")
    page[at] = replace(page[at], text="NYMEX RHODIUM FUTURES")
    with pytest.raises(Unreadable, match="an ex-pit line under no product"):
        read(pdf_bytes(made_pages))


# --- cut, foreign and damaged files ---


def test_a_bulletin_without_a_page_never_passes() -> None:
    """The first, one of the months, the dates, the ex-pit table, the closing page."""
    lines = [Line(month, "4400.00", "UNCH", at + 1, N, at) for at, month in enumerate(month_names(150))]
    many = pages(replace(GOLD, lines=lines, expit={}), SILVER, PLATINUM)
    assert len(many) == 5
    for missing in range(5):
        with pytest.raises(Unreadable, match=r"cut|no page head"):
            read(pdf_bytes(many[:missing] + many[missing + 1 :]))


@pytest.mark.parametrize("missing", range(4))
def test_a_bulletin_whose_pages_were_renumbered_still_lacks_a_part(missing: int) -> None:
    """Even where the sides run on: TOTAL, dates, ex-pit names and the closing page are each needed."""
    many = pages()
    kept = many[:missing] + many[missing + 1 :]
    renumbered = [
        [replace(t, text=f"Side {side:02}") if t.text.startswith("Side ") else t for t in page]
        for side, page in enumerate(kept, 1)
    ]
    with pytest.raises((Unreadable, Implausible)):
        read(pdf_bytes(renumbered))


def test_a_block_without_its_total_never_passes() -> None:
    """The next product must not take its months over."""
    made_pages = pages()
    total = made_rows(SILVER)
    page = made_pages[0]
    y = next(t.y for t in page if t.text == "SI" and any(u.text == "TOTAL" and u.y == t.y for u in page))
    made_pages[0] = [text for text in page if text.y != y]
    assert total
    with pytest.raises(Unreadable, match="SI is cut: no TOTAL before the next part"):
        read(pdf_bytes(made_pages))


def test_a_product_without_its_place_in_the_later_tables_never_passes() -> None:
    """Its last trade dates, or its name among the ex-pit products, where it has nothing else."""
    quiet = Block("UX", "UXC URANIUM U3O8 FUTURES", [Line("JUN26", "84.90", "UNCH", N, N, 350, 0, last_trade="06/29")])
    head, dates, expit, last = pages(quiet, SILVER)
    y = next(text.y for text in dates if text.text == "UX")
    undated = [text for text in dates if text.y != y]
    unnamed = [text for text in expit if text.text != quiet.name]
    with pytest.raises(Unreadable, match="the bulletin is cut: UX without its last trade dates"):
        read(pdf_bytes([head, undated, expit, last]))
    with pytest.raises(Unreadable, match="the bulletin is cut: UX without its name in the ex-pit table"):
        read(pdf_bytes([head, dates, unnamed, last]))


def test_a_product_whose_months_are_all_far_off_needs_no_last_trade_dates() -> None:
    """The table has fourteen columns."""
    near = [Line(month, "1.00", "UNCH", 1, N, 1, last_trade="01/29") for month in month_names(14)]
    far = Block("UX", "UXC URANIUM U3O8 FUTURES", [Line("JUN29", "84.90", "UNCH", N, N, 350, 0)])
    head, dates, expit, last = pages(replace(ALUMINUM, lines=near, expit={}), far)
    y = next(text.y for text in dates if text.text == "UX")
    undated = [text for text in dates if text.y != y]
    assert read(pdf_bytes([head, undated, expit, last])).height == 15


def test_pages_of_two_editions_are_refused() -> None:
    """A preliminary one with a final page in it."""
    made_pages = pages()
    made_pages[1] = bulletin_pages(FRIDAY, BLOCKS, status="PRELIMINARY")[1]
    with pytest.raises(Implausible, match="the pages are of different bulletins"):
        read(pdf_bytes(made_pages))


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(2026, 2, 28), "is a Saturday"),
        (date(2026, 3, 6), "a file of the future"),
    ],
)
def test_a_date_that_cannot_be_is_refused(day: date, says: str) -> None:
    """A weekend, the future."""
    with pytest.raises(Implausible, match=says):
        read(bulletin_pdf(day, BLOCKS))


def test_a_weekday_that_is_not_the_dates_is_refused() -> None:
    """A date that was mended by hand."""
    made_pages = pages()
    body = pdf_bytes(changed(made_pages, "Fri, Feb 27, 2026 PG62", "Thu, Feb 27, 2026 PG62", times=len(made_pages)))
    with pytest.raises(Implausible, match="2026-02-27 is no Thu"):
        read(body)


@pytest.mark.parametrize("body", [b"<title>Access Denied</title>", b"suspected web scraping"])
def test_the_refusal_page_is_blocked(body: bytes) -> None:
    """Never taken for a day without trades."""
    with pytest.raises(Blocked):
        read(body)


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"{}", b"<html></html>"])
def test_anything_else_is_unreadable(body: bytes) -> None:
    """Empty, cut, another kind of file."""
    with pytest.raises(Unreadable):
        read(body)
    assert not recognise(body, "Section62_Metals_Futures_Products.pdf")


# --- the whole pipeline ---


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


# --- anything at all ---

PLAIN = pdf_bytes(pages(), packed=False)
EDITS = st.lists(st.tuples(st.integers(0, len(PLAIN)), st.binary(max_size=4)), min_size=1, max_size=4)
TEXTS = st.text(st.sampled_from("TOTAL FUTSIGCMY2678.-+ /AB"), max_size=40)


def only_known_endings(body: bytes) -> None:
    """A batch that passes the schema, or one of the four errors a source may raise."""
    recognise(body, "file")
    with contextlib.suppress(NotPublished, Blocked, Unreadable, Implausible):
        whole(body)


@settings(max_examples=EXAMPLES, deadline=None)
@given(EDITS)
def test_a_damaged_bulletin_gives_a_batch_or_a_named_error(edits: list[tuple[int, bytes]]) -> None:
    """Bytes overwritten anywhere, also in the text, which is not packed."""
    body = bytearray(PLAIN)
    for at, value in edits:
        body[at : at + len(value)] = value
    only_known_endings(bytes(body))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 120), TEXTS), min_size=1, max_size=4))
def test_any_text_anywhere_gives_a_batch_or_a_named_error(changes: Sequence[tuple[int, int, str]]) -> None:
    """Words of the bulletin's own characters in the place of others."""
    made_pages = pages()
    for number, at, text in changes:
        page = made_pages[number]
        page[at % len(page)] = replace(page[at % len(page)], text=text)
    only_known_endings(pdf_bytes(made_pages))


# --- the source itself ---


def test_the_one_address_is_asked_and_the_final_edition_is_due() -> None:
    """10:00 in Chicago one session later; the address holds the newest alone."""
    (ask,) = asks(FRIDAY)
    assert ask.url == "https://www.cmegroup.com/daily_bulletin/current/Section62_Metals_Futures_Products.pdf"
    due = SOURCE.due
    assert (due.clock, due.zone, due.days, due.in_sessions) == ("10:00", "America/Chicago", 1, True)
    assert not SOURCE.keeps_history
