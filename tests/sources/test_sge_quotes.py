"""The SGE quotation page: the captured page of 2026-02-27, and what it may print instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.sge_quotes import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.shanghai import SGE_HEADINGS, sge_page, sge_quote, sge_rows

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)


def read(body: bytes, url: str | None = None) -> Batch:
    return parse(Answer(body, "file", NOW, url=url))


def of(batch: Batch, contract: str) -> Mapping[str, Any]:
    """The row of one contract."""
    return batch.frames["sge_quote_rows"].row(by_predicate=pl.col("contract") == contract, named=True)


def captured() -> bytes:
    return (CAPTURES / "china" / "sge" / "sge_quotation_daily_new_20260227_http_noscript.html").read_bytes()


# --- the captured page ---


@needs_captures
def test_the_captured_silver_row_reads_as_printed() -> None:
    row = of(read(captured(), asks(date(2026, 2, 27))[0].url), "Ag(T+D)")
    assert (row["session"], row["unit"], row["delivery_direction"]) == (date(2026, 2, 27), "kg", "shorts_pay_longs")
    assert (row["open"], row["high"], row["low"], row["close"]) == (21_280.0, 22_418.0, 21_015.0, 22_369.0)
    assert (row["change"], row["change_pct"], row["weighted_average"]) == (458.0, 2.09, 22_045.0)
    assert (row["volume_kg"], row["turnover_cny"]) == (498_864.0, 10_997_898_918.0)
    assert (row["open_interest_lots"], row["delivery_lots"]) == (2_988_126, None)


@needs_captures
def test_the_captured_gold_rows_read_as_printed() -> None:
    batch = read(captured())
    spot, deferred = of(batch, "Au99.99"), of(batch, "Au(T+D)")
    assert (spot["open"], spot["close"], spot["change"], spot["change_pct"]) == (1_144.99, 1_142.97, -1.54, -0.13)
    assert (spot["volume_kg"], spot["turnover_cny"], spot["unit"]) == (4_762.58, 5_452_813_276.4, "gram")
    assert (spot["open_interest_lots"], spot["delivery_direction"]) == (None, None)
    assert (deferred["open_interest_lots"], deferred["delivery_lots"]) == (235_980, 9_250)
    assert deferred["delivery_direction"] == "longs_pay_shorts"


@needs_captures
def test_the_captured_page_gives_all_its_contracts_without_a_remark() -> None:
    batch = read(captured())
    frame = validate.checked(batch.frames)["sge_quote_rows"]
    assert frame.height == 17
    assert (batch.notes, batch.rejects) == ((), ())
    assert frame.filter(pl.col("unit") == "kg")["contract"].to_list() == ["Ag(T+D)", "Ag99.99"]
    assert of(batch, "Ag99.99")["volume_kg"] == 30.0


@needs_captures
def test_the_captured_untraded_contract_has_no_prices_and_no_volume() -> None:
    row = of(read(captured()), "Au(T+N1)")
    assert [row[name] for name in ("open", "high", "low", "close", "change", "change_pct", "weighted_average")] == [
        None
    ] * 7
    assert (row["volume_kg"], row["turnover_cny"], row["open_interest_lots"]) == (0.0, 0.0, 336)


@needs_captures
def test_only_the_quotation_page_is_recognised() -> None:
    assert recognise(captured(), "anything")
    assert not recognise(shanghai.shfe_warrants_html(DAY), "quotation_daily_new.html")


# --- the page, made up ---


def test_the_serial_number_in_a_comment_is_no_cell() -> None:
    assert read(sge_page(sge_rows(DAY))).frames["sge_quote_rows"]["contract"][0] == "Au99.99"


def test_thousands_separators_change_nothing() -> None:
    plain, browser = sge_page(sge_rows(DAY)), sge_page(sge_rows(DAY), separators=True)
    assert b"16,100.00" in browser
    assert read(plain).frames["sge_quote_rows"].equals(read(browser).frames["sge_quote_rows"])


def test_moved_columns_are_found_by_their_headings() -> None:
    moved = sge_page(sge_rows(DAY), headings=SGE_HEADINGS[::-1])
    assert read(moved).frames["sge_quote_rows"].equals(read(sge_page(sge_rows(DAY))).frames["sge_quote_rows"])


def test_plain_brackets_in_the_headings_are_the_same() -> None:
    plain = sge_page(sge_rows(DAY)).replace("（".encode(), b"(").replace("）".encode(), b")")
    assert read(plain).frames["sge_quote_rows"].height == 6


@pytest.mark.parametrize("gone", ["收盘价", "交收方向", "成交量（kg）"])
def test_a_missing_heading_is_unreadable(gone: str) -> None:
    with pytest.raises(Unreadable, match="is there 0 times"):
        read(sge_page(sge_rows(DAY), headings=[heading for heading in SGE_HEADINGS if heading != gone]))


def test_a_new_column_is_noted_and_left_out() -> None:
    rows = [{**row, "备注": "9"} for row in sge_rows(DAY)]
    batch = read(sge_page(rows, headings=("备注", *SGE_HEADINGS)))
    assert batch.frames["sge_quote_rows"].equals(read(sge_page(sge_rows(DAY))).frames["sge_quote_rows"])
    assert [(note.kind, note.text) for note in batch.notes] == [("layout", "unknown column: '备注'")]


def test_a_new_column_without_a_heading_is_unreadable() -> None:
    rows = [{**row, "": "9"} for row in sge_rows(DAY)]
    with pytest.raises(Unreadable, match="a column without a heading"):
        read(sge_page(rows, headings=(*SGE_HEADINGS, "")))


def test_several_dates_on_one_page_keep_their_own() -> None:
    frame = read(sge_page([*sge_rows(DAY), *sge_rows(date(2026, 11, 17))])).frames["sge_quote_rows"]
    assert frame.group_by("session").len().sort("session").rows() == [(date(2026, 11, 17), 6), (DAY, 6)]
    assert frame["published_at"].unique().sort().to_list() == [
        datetime(2026, 11, 17, 7, 45),  # noqa: DTZ001
        datetime(2026, 11, 18, 7, 45),  # noqa: DTZ001
    ]


def test_the_hour_is_assumed() -> None:
    assert read(sge_page(sge_rows(DAY))).frames["sge_quote_rows"]["published_assumed"].all()


def test_who_pays_whom_is_read_from_the_printed_words() -> None:
    batch = read(sge_page(sge_rows(DAY)))
    assert of(batch, "Ag(T+D)")["delivery_direction"] == "shorts_pay_longs"
    assert of(batch, "Au(T+D)")["delivery_direction"] == "longs_pay_shorts"


def test_a_direction_that_is_not_known_is_stored_as_unknown_and_rejected_with_its_place() -> None:
    rows = [sge_quote(DAY, "Ag(T+D)", 16_100, direction="多空平")]
    batch = read(sge_page(rows))
    assert of(batch, "Ag(T+D)")["delivery_direction"] is None
    assert [(reject.where, reject.raw) for reject in batch.rejects] == [("row 1 column 交收方向", "多空平")]


def test_a_contract_of_an_unknown_family_is_noted_and_rejected() -> None:
    batch = read(sge_page([*sge_rows(DAY), sge_quote(DAY, "Pd99.95", 300.0)]))
    assert [reject.raw for reject in batch.rejects] == ["Pd99.95"]
    assert [note.where for note in batch.notes] == ["row 7"]
    assert batch.frames["sge_quote_rows"].height == 6


@pytest.mark.parametrize(
    ("contract", "unit"),
    [
        ("Ag(T+D)", "kg"),
        ("Ag99.99", "kg"),
        ("iAg99.99", "kg"),
        ("SHAG", "kg"),
        ("Au100g", "gram"),
        ("mAu(T+D)", "gram"),
        ("iAu99.5", "gram"),
        ("Pt99.95", "gram"),
        ("SHAU", "gram"),
        ("NYAuTN06", "gram"),
        ("PGC30g", "gram"),
    ],
)
def test_the_unit_follows_the_family_of_the_contract(contract: str, unit: str) -> None:
    assert of(read(sge_page([sge_quote(DAY, contract, None)])), contract)["unit"] == unit


# --- nothing there ---


def test_an_empty_table_is_not_published() -> None:
    with pytest.raises(NotPublished, match="asked for 2026-11-18"):
        read(sge_page([]), asks(DAY)[0].url)


def test_a_remark_across_the_table_is_not_published() -> None:
    with pytest.raises(NotPublished):
        read(sge_page([], remark="暂无数据"))


def test_a_page_of_another_day_is_implausible() -> None:
    body = sge_page(sge_rows(DAY))
    assert read(body, asks(DAY)[0].url).rejects == ()
    with pytest.raises(Implausible, match="the page holds 2026-11-18, asked for 2026-11-17"):
        read(body, asks(date(2026, 11, 17))[0].url)


def test_a_page_of_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="of the future"):
        read(sge_page(sge_rows(date(2026, 11, 23))))


def test_a_table_that_goes_on_over_several_pages_is_noted() -> None:
    assert "2 pages" in read(sge_page(sge_rows(DAY), pages=2)).notes[0].text


# --- contradictions ---


@pytest.mark.parametrize(
    ("contract", "average", "turnover"),
    [("Ag(T+D)", 16_100, "16101001"), ("Ag(T+D)", 16_100, "16100"), ("Au(T+D)", 930.5, "930560000")],
)
def test_turnover_that_contradicts_the_average_is_implausible(contract: str, average: float, turnover: str) -> None:
    """1 CNY/kg for silver, 0.05 CNY/g for gold; a factor of 1,000 is far outside."""
    row = sge_quote(DAY, contract, average, printed={"成交金额（元）": turnover})
    with pytest.raises(Implausible, match="turnover over volume"):
        read(sge_page([row]))


def test_an_average_printed_without_decimals_is_within_tolerance() -> None:
    """The captured row: 22,045.88 by turnover, 22,045.00 printed."""
    row = sge_quote(DAY, "Ag(T+D)", 22_045, volume_kg=498_864, printed={"成交金额（元）": "10997898918"})
    assert read(sge_page([row])).rejects == ()


@pytest.mark.parametrize(
    "printed",
    [{"收盘价": "17000.00"}, {"开盘价": "100.00"}, {"最高价": "15000.00"}, {"涨跌幅": "3.00%"}, {"涨跌（元）": "900"}],
)
def test_a_row_whose_prices_contradict_each_other_is_rejected_alone(printed: dict[str, str]) -> None:
    batch = read(sge_page([sge_quote(DAY, "Au99.99", 930.0), sge_quote(DAY, "Ag(T+D)", 16_100, printed=printed)]))
    assert batch.frames["sge_quote_rows"]["contract"].to_list() == ["Au99.99"]
    assert [reject.where for reject in batch.rejects] == ["row 2"]


def test_a_page_with_no_row_to_believe_is_implausible() -> None:
    with pytest.raises(Implausible, match="none of the 1 rows can be believed"):
        read(sge_page([sge_quote(DAY, "Ag(T+D)", 16_100, printed={"收盘价": "17000.00"})]))


def test_swapped_opening_and_closing_headings_reach_no_table() -> None:
    body = sge_page([sge_quote(DAY, "Ag(T+D)", 16_100, close=16_300, change=1_200)])
    body = body.replace("开盘价".encode(), b"?").replace("收盘价".encode(), "开盘价".encode())
    with pytest.raises(Implausible, match="percent"):
        read(body.replace(b"?", "收盘价".encode()))


def test_a_contract_twice_under_one_date_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="twice"):
        read(sge_page([*sge_rows(DAY), *sge_rows(DAY)]))


@pytest.mark.parametrize("raw", ["1.234,5", "12,34.00", "1e308", "NaN", "N/A"])
def test_a_price_that_is_no_number_is_unreadable_with_its_place(raw: str) -> None:
    with pytest.raises(Unreadable, match=r"row 1 column open\)"):
        read(sge_page([sge_quote(DAY, "Ag(T+D)", 16_100, printed={"开盘价": raw})]))


@pytest.mark.parametrize("raw", ["", "27/02/2026", "2026-02-30", "合计"])
def test_a_date_that_is_no_date_is_unreadable(raw: str) -> None:
    with pytest.raises(Unreadable, match="is no date"):
        read(sge_page([sge_quote(DAY, "Ag(T+D)", 16_100, printed={"日期": raw})]))


def test_a_row_with_a_cell_too_few_is_unreadable() -> None:
    body = sge_page(sge_rows(DAY)).replace(b'<td style="width:80px">Au99.99</td>', b"")
    with pytest.raises(Unreadable, match=r"13 cells under 14 headings \(row 1\)"):
        read(body)


def test_a_page_cut_anywhere_is_never_read() -> None:
    body = sge_page(sge_rows(DAY))
    for end in range(0, len(body.rstrip()) - 1, 61):
        with pytest.raises(Unreadable):
            read(body[:end])


def test_the_firewall_page_is_blocked() -> None:
    with pytest.raises(Blocked):
        read(shanghai.BLOCK_PAGE)


def test_one_day_is_asked_for_at_a_time() -> None:
    ask = asks(DAY)[0]
    assert ask.url.endswith("?start_date=2026-11-18&end_date=2026-11-18&inst_ids=&p=1")
    assert ask.url.split("/")[2] in SOURCE.hosts
    assert asks(date(2002, 10, 29)) == ()


# --- anything at all ---


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"<html>", b'<table class="daily_new_table"><tr><td>']))
@settings(max_examples=200, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body + b"</html>") in {"Unreadable", "Blocked"}


@given(EDITS)
@settings(max_examples=200, database=None)
def test_damaged_pages_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(sge_page(sge_rows(DAY)), edits)
    assert outcome(body) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}
