"""The SHFE warrants page and file: the captured page, both layouts, and every way they have gone wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.shfe_warrants import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
OLD_DAY = date(2025, 6, 3)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)


def read(body: bytes, url: str | None = None, at: datetime = NOW) -> Batch:
    return parse(Answer(body, "file", at, url=url))


def rows(batch: Batch, metal: str) -> list[tuple[str, str, str, float, float]]:
    """(region, warehouse, level, quantity, change) of one metal, in the order of the page."""
    frame = batch.frames["shfe_warrant_rows"].filter(pl.col("metal") == metal)
    return frame.select("region", "warehouse", "level", "quantity", "change").rows()


def captured() -> bytes:
    return (CAPTURES / "china" / "shfe" / "dailystock_20260918_ZH_excerpt.html").read_bytes()


def swapped(body: bytes, old: str, new: str, count: int = 1) -> bytes:
    """`body` with a text replaced; fails where the text is not there, so that no test passes on nothing."""
    assert old.encode() in body
    return body.replace(old.encode(), new.encode(), count)


# --- the captured page ---


@needs_captures
def test_the_captured_silver_table_reads_as_printed() -> None:
    assert rows(read(captured()), "silver") == [
        ("上海", "中储吴淞", "warehouse", 137_517, -29),
        ("上海", "外运华东虹桥", "warehouse", 205_381, 0),
        ("上海", "中工美供应链", "warehouse", 826_091, 8_389),
        ("上海", "合计", "subtotal", 1_168_989, 8_360),
        ("广东", "深圳威豹", "warehouse", 238_392, 1_252),
        ("", "总计", "total", 1_407_381, 9_612),
    ]


@needs_captures
def test_the_captured_gold_row_gets_a_total_that_is_its_sum() -> None:
    assert rows(read(captured()), "gold") == [
        ("", "上期所指定交割金库", "warehouse", 114_831, -12),
        ("", "总计", "total", 114_831, -12),
    ]


@needs_captures
def test_the_captured_copper_table_keeps_its_three_totals_under_their_labels() -> None:
    copper = rows(read(captured()), "copper")
    assert [row for row in copper if row[2] == "total"] == [
        ("", "保税商品总计", "total", 0, 0),
        ("", "完税商品总计", "total", 26_655, -4_745),
        ("", "总计", "total", 26_655, -4_745),
    ]
    assert [row[0::3] for row in copper if row[2] == "subtotal"] == [
        ("上海", 13_097),
        ("广东", 325),
        ("江苏", 12_309),
        ("浙江", 924),
    ]
    assert sum(1 for row in copper if row[2] == "warehouse") == 32
    assert {"中储临港(保税)", "中储临港保税"} <= {row[1] for row in copper}


@needs_captures
def test_the_captured_page_agrees_with_the_calendar_and_says_nothing_else() -> None:
    batch = read(captured(), "https://www.shfe.com.cn/x/dailystock_20260918/ZH/all.html")
    assert batch.notes == ()
    assert batch.rejects == ()
    assert validate.checked(batch.frames)["shfe_warrant_rows"].height == 47


@needs_captures
def test_the_captured_pages_are_told_apart() -> None:
    weekly = (CAPTURES / "china" / "shfe" / "weeklystock_20260918_ZH_excerpt.html").read_bytes()
    assert recognise(captured(), "anything")
    assert not recognise(weekly, "dailystock_20260918.html")


# --- the page, made up ---


def test_units_hours_and_the_assumption_are_stated() -> None:
    frame = read(shanghai.shfe_warrants_html(DAY)).frames["shfe_warrant_rows"]
    assert dict(frame.select("metal", "unit").unique().rows()) == {"silver": "kg", "gold": "kg", "copper": "tonne"}
    assert frame["published_at"].unique().to_list() == [datetime(2026, 11, 18, 7, 30)]  # noqa: DTZ001
    assert frame["published_assumed"].all()


def test_bonded_copper_and_factory_tables_are_other_products() -> None:
    """铜(BC) holds 999 t in 中储无锡, a name that contains 锡; none of it may reach copper."""
    batch = read(shanghai.shfe_warrants_html(DAY))
    assert 999 not in [row[3] for row in rows(batch, "copper")]
    assert batch.notes == ()


def test_a_product_never_seen_before_is_noted() -> None:
    batch = read(shanghai.shfe_warrants_html(DAY, strangers=("铜(BC)", "白银(厂库)", "碳酸锂")))
    assert [note.where for note in batch.notes] == ["白银(厂库)", "碳酸锂"]
    assert {note.kind for note in batch.notes} == {"layout"}


def test_moved_columns_are_found_by_their_headings() -> None:
    moved = read(shanghai.shfe_warrants_html(DAY, headings=("地区", "仓库", "增减", "期货")))
    assert rows(moved, "silver") == rows(read(shanghai.shfe_warrants_html(DAY)), "silver")


def test_headings_that_changed_places_without_their_numbers_are_implausible() -> None:
    """Both columns add up, so only a change greater than the stock gives the exchange of places away."""
    body = shanghai.shfe_warrants_html(DAY, silver=(("上海", "甲库", 9, 0),), gold=(("", "金库", 9, 0),), copper=())
    body = swapped(body, ">期货</div>", ">x</div>", 9)
    body = swapped(swapped(body, ">增减</div>", ">期货</div>", 9), ">x</div>", ">增减</div>", 9)
    with pytest.raises(Implausible, match=r"金库: 0 under warrant after a change of \+9"):
        read(body)


def test_a_negative_stock_is_implausible() -> None:
    with pytest.raises(Implausible, match="金库: -9 under warrant"):
        read(shanghai.shfe_warrants_html(DAY, gold=(("", "金库", -9, -10),)))


def test_a_renamed_heading_is_unreadable_and_names_the_table() -> None:
    with pytest.raises(Unreadable, match=r"期货.*table \d+ \(铜\)"):
        read(shanghai.shfe_warrants_html(DAY, headings=("地区", "仓库", "期货仓单", "增减")))


def test_silver_in_another_unit_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="not in 千克"):
        read(shanghai.shfe_warrants_html(DAY, units={"silver": "吨"}))


def test_a_region_that_does_not_add_up_is_implausible() -> None:
    body = shanghai.shfe_warrants_html(DAY, subtotals={("silver", "上海"): (1_150_001, 8_370)})
    with pytest.raises(Implausible, match=r"白银 上海: the parts add up to 1.15e\+06, printed is"):
        read(body)


@pytest.mark.parametrize("metal", ["silver", "copper"])
def test_a_total_that_does_not_add_up_is_implausible(metal: str) -> None:
    with pytest.raises(Implausible, match="add up"):
        read(shanghai.shfe_warrants_html(DAY, totals={metal: (1, 0)}))


def test_bonded_and_tax_paid_copper_must_make_the_total() -> None:
    body = swapped(shanghai.shfe_warrants_html(DAY), "完税商品总计</td><td>14100<", "完税商品总计</td><td>14101<")
    with pytest.raises(Implausible, match="bonded and tax paid"):
        read(body)


@given(st.integers(0, 3), st.integers(1, 500_000))
@settings(max_examples=40, database=None)
def test_no_single_changed_silver_quantity_passes(index: int, more: int) -> None:
    """A page whose printed totals belong to other quantities is never read."""
    stocks = list(shanghai.SILVER)
    region, name, quantity, change = stocks[index]
    stocks[index] = (region, name, quantity + more, change)
    sums = {("silver", "上海"): (1_150_000, 8_370)}
    body = shanghai.shfe_warrants_html(DAY, silver=stocks, totals={"silver": (1_390_000, 9_620)}, subtotals=sums)
    with pytest.raises(Implausible):
        read(body)


def test_changes_that_do_not_add_up_are_noted_and_the_stock_is_kept() -> None:
    batch = read(shanghai.shfe_warrants_html(DAY, totals={"silver": (1_390_000, 9_000)}))
    assert [note.text for note in batch.notes] == ["白银: the changes add up to +9620, printed is +9000"]
    assert rows(batch, "silver")[-1][3:] == (1_390_000, 9_000)


def test_silver_without_its_total_row_is_unreadable() -> None:
    body = shanghai.shfe_warrants_html(DAY)
    at = body.rindex("总计".encode())
    start, end = body.rindex(b"<tr", 0, at), body.index(b"</tr>", at) + 5
    with pytest.raises(Unreadable, match="4 warehouses and no 总计"):
        read(body[:start] + body[end:])


def test_gold_in_two_vaults_gets_their_sum() -> None:
    gold = (("", "甲金库", 100_000, -2), ("", "乙金库", 15_000, 7))
    assert rows(read(shanghai.shfe_warrants_html(DAY, gold=gold)), "gold")[-1] == ("", "总计", "total", 115_000, 5)


def test_a_metal_that_is_missing_is_rejected_and_the_others_are_read() -> None:
    batch = read(shanghai.shfe_warrants_html(DAY, silver=()))
    assert [reject.message for reject in batch.rejects] == ["no silver (白银) in the report"]
    assert len(rows(batch, "copper")) == 11


def test_a_page_with_none_of_our_metals_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no table for silver, gold or copper"):
        read(shanghai.shfe_warrants_html(DAY, silver=(), gold=(), copper=()))


def test_the_same_warehouse_twice_in_a_region_is_unreadable() -> None:
    twice = (("上海", "甲库", 5, 0), ("上海", "甲库", 5, 0), ("广东", "丁库", 1, 0))
    with pytest.raises(Unreadable, match="上海 甲库 stands there twice"):
        read(shanghai.shfe_warrants_html(DAY, silver=twice))


def test_two_tables_of_one_product_are_unreadable() -> None:
    with pytest.raises(Unreadable, match="白银 has two tables"):
        read(shanghai.shfe_warrants_html(DAY, strangers=("白银",)))


@pytest.mark.parametrize("raw", ["1,2,3", "1.234,5", "", "-", "1e308", "NaN", "٣"])
def test_a_quantity_that_is_no_number_is_unreadable_with_its_position(raw: str) -> None:
    body = swapped(shanghai.shfe_warrants_html(DAY), "<td>140000</td>", f"<td>{raw}</td>")
    with pytest.raises(Unreadable, match=r"\(table \d+ \(白银\) row 3"):
        read(body)


@pytest.mark.parametrize("span", ["x", "-1", "", "99999", "3"])
def test_a_wrong_rowspan_is_unreadable_and_nothing_worse(span: str) -> None:
    with pytest.raises(Unreadable, match="cells under 4 headings"):
        read(swapped(shanghai.shfe_warrants_html(DAY), 'rowspan="4">上海', f'rowspan="{span}">上海'))


def test_a_page_cut_anywhere_is_never_read() -> None:
    body = shanghai.shfe_warrants_html(DAY)
    for end in range(0, len(body) - 2, 97):
        with pytest.raises(Unreadable):
            read(body[:end])


def test_a_page_without_its_end_is_called_cut() -> None:
    with pytest.raises(Unreadable, match="does not end with </html>"):
        read(shanghai.shfe_warrants_html(DAY, closing=False))


def test_thousands_of_nested_tables_are_refused() -> None:
    bomb = b'<html><p class="content_intro">2026-11-18</p>' + b"<table><tr><td>" * 20_000 + b"</html>"
    with pytest.raises(Unreadable, match="more than 1000 elements inside one another"):
        read(bomb)


def test_a_page_in_another_encoding_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="not UTF-8"):
        read(shanghai.shfe_warrants_html(DAY).decode().encode("gb18030"))


def test_the_firewall_page_is_blocked() -> None:
    with pytest.raises(Blocked, match="inbox"):
        read(shanghai.BLOCK_PAGE)


@pytest.mark.parametrize("body", [b"", b"<html><body>404 Not Found</body></html>", b"%PDF-1.4", b"\x00" * 50])
def test_a_page_that_is_no_report_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


# --- dates ---


def test_the_date_in_the_address_must_be_the_date_inside() -> None:
    body = shanghai.shfe_warrants_html(DAY)
    assert read(body, asks(DAY)[0].url).notes == ()
    with pytest.raises(Implausible, match="asked for 20261119"):
        read(body, asks(date(2026, 11, 19))[0].url)


def test_a_date_line_that_contradicts_itself_is_implausible() -> None:
    with pytest.raises(Implausible, match="the year 2025"):
        read(swapped(shanghai.shfe_warrants_html(DAY), "2026年", "2025年"))


def test_a_page_without_its_date_line_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no date line"):
        read(swapped(shanghai.shfe_warrants_html(DAY), "2026-11-18 2026年", "18.11.2026"))


def test_a_report_number_that_is_not_ours_is_noted() -> None:
    notes = read(shanghai.shfe_warrants_html(DAY, number=1)).notes
    assert [note.text[:31] for note in notes] == ["report number 1 of the year, ou"]


def test_a_report_on_a_holiday_is_read_and_noted() -> None:
    batch = read(shanghai.shfe_warrants_html(date(2026, 10, 1)))
    assert "no SHFE session in our calendar" in batch.notes[0].text
    assert len(rows(batch, "silver")) == 6


def test_a_page_two_days_ahead_of_shanghai_is_implausible() -> None:
    with pytest.raises(Implausible, match="of the future"):
        read(shanghai.shfe_warrants_html(DAY), at=datetime(2026, 11, 16, 15, 59, tzinfo=UTC))


def test_a_page_one_day_ahead_of_shanghai_is_read() -> None:
    """At 16:01 UTC it is already the 17th in Shanghai."""
    assert read(shanghai.shfe_warrants_html(DAY), at=datetime(2026, 11, 16, 16, 1, tzinfo=UTC)).rejects == ()


@pytest.mark.parametrize("day", ["0001-01-01", "1998-12-31", "9999-12-31"])
def test_an_absurd_date_is_implausible(day: str) -> None:
    body = swapped(shanghai.shfe_warrants_html(DAY), "2026-11-18 2026年", f"{day} {day[:4]}年")
    with pytest.raises(Implausible):
        read(body)


def test_the_addresses_follow_the_layouts() -> None:
    assert asks(date(2026, 9, 18))[0].url.endswith("/stockdata/dailystock_20260918/ZH/all.html")
    assert asks(date(2025, 11, 18))[0].url.endswith("/stockdata/dailystock_20251118/ZH/all.html")
    assert asks(date(2025, 11, 17))[0].url.endswith("/dailydata/20251117dailystock.dat")
    assert asks(date(2014, 5, 18)) == ()
    assert all(ask.url.split("/")[2] in SOURCE.hosts for day in (DAY, OLD_DAY) for ask in asks(day))


# --- the JSON file ---


def test_both_layouts_of_the_same_day_give_the_same_rows() -> None:
    page, file = read(shanghai.shfe_warrants_html(OLD_DAY)), read(shanghai.shfe_warrants_json(OLD_DAY))
    for metal in ("silver", "gold", "copper"):
        assert rows(page, metal) == rows(file, metal)


def test_figures_written_as_text_are_read() -> None:
    plain, text = shanghai.shfe_warrants_json(OLD_DAY), shanghai.shfe_warrants_json(OLD_DAY, strings=True)
    assert b'"140000"' in text
    assert rows(read(plain), "silver") == rows(read(text), "silver")


def test_the_update_stamp_is_the_moment_of_publication() -> None:
    frame = read(shanghai.shfe_warrants_json(OLD_DAY, update="20:55:46")).frames["shfe_warrant_rows"]
    assert frame["published_at"][0] == datetime(2025, 6, 3, 12, 55, 46)  # noqa: DTZ001
    assert not frame["published_assumed"].any()


@pytest.mark.parametrize("update", [None, "11:00:00", "soon"])
def test_without_a_stamp_that_fits_the_usual_hour_is_assumed(update: str | None) -> None:
    batch = read(shanghai.shfe_warrants_json(OLD_DAY, update=update))
    frame = batch.frames["shfe_warrant_rows"]
    assert frame["published_at"][0] == datetime(2025, 6, 3, 7, 30)  # noqa: DTZ001
    assert frame["published_assumed"].all()
    assert len(batch.notes) == (0 if update is None else 1)


def test_control_characters_inside_strings_are_let_through() -> None:
    body = swapped(shanghai.shfe_warrants_json(OLD_DAY), "甲库$$Name", "甲库\x08\t$$Na\nme")
    assert rows(read(body), "silver")[0][1] == "甲库"


def test_an_empty_file_is_not_published() -> None:
    with pytest.raises(NotPublished, match="2025-06-03"):
        read(b'{"report_date": "20250603", "o_cursor": []}')


def test_a_file_that_carries_two_dates_is_implausible() -> None:
    with pytest.raises(Implausible, match="differ"):
        read(shanghai.shfe_warrants_json(OLD_DAY, trading_day=date(2025, 6, 4)))


def test_a_row_whose_status_contradicts_its_name_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="ROWSTATUS '2'"):
        read(swapped(shanghai.shfe_warrants_json(OLD_DAY), '"ROWSTATUS": "0"', '"ROWSTATUS": "2"'))


def test_the_weekly_file_is_neither_recognised_nor_read() -> None:
    payload = json.loads(shanghai.shfe_warrants_json(OLD_DAY))
    weekly = json.dumps({**payload, "o_cursor": [{**row, "SPOTWGHTS": 1} for row in payload["o_cursor"]]}).encode()
    assert not recognise(weekly, "20250603dailystock.dat")
    with pytest.raises(Unreadable, match="weekly"):
        read(weekly)


@pytest.mark.parametrize(
    "body",
    [
        b'{"report_date": "20250603", "o_cursor": [NaN]}',
        b'{"report_date": "20250603", "report_date": "20250604", "o_cursor": []}',
        b'{"report_date": "20250603", "o_cursor": {}}',
        b'{"report_date": 20250603.5, "o_cursor": []}',
        b'{"report_date": true, "o_cursor": []}',
        b'{"o_cursor": []}',
        b'{"a":' * 100_000,
        b'{"report_date": ' + b"9" * 5_000 + b"}",
        b"{",
    ],
)
def test_json_that_is_not_the_file_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_half_a_character_is_unreadable() -> None:
    body = swapped(shanghai.shfe_warrants_json(OLD_DAY), "甲库$$Name", "甲\\ud800库$$Name")
    with pytest.raises(Unreadable, match="half a character"):
        read(body)


# --- anything at all ---


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'<html><table class="content_intro">', b"PK"]))
@settings(max_examples=200, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) in {"Unreadable", "Blocked"}


@given(EDITS, st.booleans())
@settings(max_examples=200, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], page: bool) -> None:
    body = shanghai.shfe_warrants_html(DAY) if page else shanghai.shfe_warrants_json(OLD_DAY)
    assert outcome(shanghai.damage(body, edits)) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}
