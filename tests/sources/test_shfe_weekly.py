"""The SHFE weekly stocks: the captured page, both layouts, and every balance they offer."""

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
from monitor.sources import shfe_warrants
from monitor.sources.shfe_weekly import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import asia, shanghai
from tests.factories.asia import EXAMPLES, shfe_weekly_html, shfe_weekly_json

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 13)
OLD_DAY = date(2025, 6, 6)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
KINDS = ("stock_last", "stock", "stock_change", "warrants_last", "warrants", "warrants_change")
ROOM = ("capacity_last", "capacity", "capacity_change")


def read(body: bytes, url: str | None = None, at: datetime = NOW) -> Batch:
    return parse(Answer(body, "file", at, url=url))


def rows(
    batch: Batch, metal: str, columns: tuple[str, ...] = (*KINDS, *ROOM)
) -> dict[tuple[str, str], tuple[object, ...]]:
    """Figures by (region, warehouse) of one metal."""
    frame = validate.checked(batch.frames)["shfe_weekly_rows"].filter(pl.col("metal") == metal)
    return {(row["region"], row["warehouse"]): tuple(row[c] for c in columns) for row in frame.rows(named=True)}


def captured() -> bytes:
    return (CAPTURES / "china" / "shfe" / "weeklystock_20260918_ZH_excerpt.html").read_bytes()


def swapped(body: bytes, old: str, new: str) -> bytes:
    assert old in body.decode()
    return body.decode().replace(old, new, 1).encode()


# --- the captured page ---


@needs_captures
def test_the_captured_copper_total_reads_as_printed() -> None:
    found = rows(read(captured(), asks(date(2026, 9, 18))[0].url), "copper")
    assert found["", "总计"] == (54_780, 56_073, 1_293, 20_854, 26_655, 5_801, 973_244, 968_496, -4_748)
    assert found["", "保税商品总计"][:6] == (18, 18, 0, 0, 0, 0)
    assert found["上海", "合计"][3:6] == (13_460, 13_097, -363)
    assert len(found) == 39


@needs_captures
def test_the_captured_silver_has_warrants_and_capacity_and_no_stock() -> None:
    found = rows(read(captured()), "silver")
    assert found["", "总计"] == (None, None, None, 1_407_505, 1_407_381, -124, 4_092_495, 4_092_619, 124)
    assert found["上海", "中储吴淞"][3:] == (137_546, 137_517, -29, 1_662_454, 1_662_483, 29)
    assert ("广东", "合计") not in found


@needs_captures
def test_the_captured_gold_is_one_row_whose_stock_is_its_warrants() -> None:
    assert rows(read(captured()), "gold") == {
        ("", "总计"): (114_843, 114_831, -12, 114_843, 114_831, -12, None, None, None)
    }


@needs_captures
def test_the_captured_week_agrees_with_the_captured_day() -> None:
    """The weekly warrants of 2026-09-18 are the daily page's of the same evening, for all three metals."""
    day = (CAPTURES / "china" / "shfe" / "dailystock_20260918_ZH_excerpt.html").read_bytes()
    daily = shfe_warrants.parse(Answer(day, "file", NOW)).frames["shfe_warrant_rows"]
    totals = dict(daily.filter(pl.col("warehouse") == "总计").select("metal", "quantity").rows())
    week = read(captured())
    assert totals == {metal: rows(week, metal, ("warrants",))["", "总计"][0] for metal in totals}
    assert totals == {"silver": 1_407_381, "gold": 114_831, "copper": 26_655}


@needs_captures
def test_the_captured_page_gives_only_the_remark_of_a_changed_capacity() -> None:
    batch = read(captured(), asks(date(2026, 9, 18))[0].url)
    assert [note.text for note in batch.notes] == [
        "铜: warrants and free capacity do not move against each other at 中储大场"
    ]
    assert batch.rejects == ()


@needs_captures
def test_only_the_weekly_page_is_recognised() -> None:
    folder = CAPTURES / "china" / "shfe"
    assert [path.name for path in sorted(folder.iterdir()) if recognise(path.read_bytes(), "x")] == [
        "weeklystock_20260918_ZH_excerpt.html"
    ]


# --- both layouts ---


def test_a_made_up_page_reads_without_a_remark() -> None:
    batch = read(shfe_weekly_html(DAY), asks(DAY)[0].url)
    assert (batch.notes, batch.rejects) == ((), ())
    assert rows(batch, "silver")["上海", "合计"][3:] == (350_000, 344_970, -5_030, 3_450_000, 3_455_030, 5_030)
    assert rows(batch, "copper")["", "完税商品总计"][:6] == (15_960, 15_980, 20, 5_800, 8_700, 2_900)


def test_the_same_week_in_both_layouts_has_the_same_warrants() -> None:
    columns = ("warrants_last", "warrants", "warrants_change", *ROOM)
    page, file = read(shfe_weekly_html(OLD_DAY)), read(shfe_weekly_json(OLD_DAY))
    for metal in ("silver", "copper"):
        assert rows(page, metal, columns) == rows(file, metal, columns)
    assert rows(file, "gold", KINDS) == rows(page, "gold", KINDS)


def test_capacity_is_never_read_as_stock() -> None:
    """In the file WHSTOCKS is free capacity; the stock is SPOTWGHTS."""
    found = rows(read(shfe_weekly_json(OLD_DAY)), "copper")["", "总计"]
    assert (found[1], found[7]) == (15_998, 219_300)


def test_figures_written_as_text_are_read() -> None:
    plain, text = read(shfe_weekly_json(OLD_DAY)), read(shfe_weekly_json(OLD_DAY, strings=True))
    assert plain.frames["shfe_weekly_rows"].equals(text.frames["shfe_weekly_rows"])


def test_the_file_s_update_stamp_is_when_it_was_published() -> None:
    frame = read(shfe_weekly_json(OLD_DAY)).frames["shfe_weekly_rows"]
    assert frame["published_at"][0] == datetime(2025, 6, 6, 8, 31, 5)  # noqa: DTZ001 - frames hold naive UTC
    assert not frame["published_assumed"].any()
    assert read(shfe_weekly_html(DAY)).frames["shfe_weekly_rows"]["published_assumed"].all()


def test_an_empty_file_is_not_published() -> None:
    with pytest.raises(NotPublished):
        read(b'{"report_date": "20250606", "o_cursor": []}')


def test_the_daily_file_and_page_are_left_to_the_daily_source() -> None:
    assert not recognise(shanghai.shfe_warrants_html(DAY), "weeklystock.html")
    assert not recognise(shanghai.shfe_warrants_json(OLD_DAY), "weeklystock.dat")
    assert not shfe_warrants.recognise(shfe_weekly_html(DAY), "dailystock.html")
    assert not shfe_warrants.recognise(shfe_weekly_json(OLD_DAY), "dailystock.dat")


def test_each_week_is_asked_for_in_its_own_layout() -> None:
    assert asks(date(2026, 9, 18))[0].url.endswith("/stockdata/weeklystock_20260918/ZH/all.html")
    assert asks(date(2025, 11, 14))[0].url.endswith("/weeklydata/20251114weeklystock.dat")
    assert asks(date(2013, 1, 4)) == ()
    assert SOURCE.cadence == "weekly"


# --- balances ---


@pytest.mark.parametrize("old", ["<td>139970</td>", "<td>-30</td>", "<td>1660000</td>", "<td>115000</td>"])
def test_last_week_and_the_change_must_make_this_week(old: str) -> None:
    with pytest.raises(Implausible, match="does not make"):
        read(swapped(shfe_weekly_html(DAY), old, "<td>77</td>"))


def test_more_warrants_than_stock_are_implausible() -> None:
    copper = [*asia.COPPER[:-1], ("江西", "庚库", 0, 0, 5, 6, 3_000)]
    with pytest.raises(Implausible, match="6 under warrant in a stock of 5"):
        read(shfe_weekly_html(DAY, copper=copper))


@pytest.mark.parametrize(("label", "what"), [("合计", "上海"), ("总计", "白银")])
def test_a_silver_sum_that_does_not_add_up_is_implausible(label: str, what: str) -> None:
    body = shfe_weekly_html(DAY).decode()
    at = body.rindex(f">{label}</td>")
    start, figures = body[:at], body[at:]
    old = "<td>350000</td><td>344970</td>" if label == "合计" else "<td>590000</td><td>586220</td>"
    new = "<td>350001</td><td>344971</td>" if label == "合计" else "<td>590001</td><td>586221</td>"
    assert old in figures
    with pytest.raises(Implausible, match=f"{what}.*warrants adds up to"):
        read((start + figures.replace(old, new, 1)).encode())


def test_bonded_and_tax_paid_copper_must_make_the_total() -> None:
    body = shfe_weekly_html(DAY).decode()
    bonded = '<td colspan="2">保税商品总计</td><td>18</td><td>0</td><td>18</td>'
    with pytest.raises(Implausible, match="bonded and tax paid: stock adds up"):
        read(swapped(body.encode(), bonded, bonded.replace(">18<", ">19<")))


def test_a_last_week_that_does_not_add_up_is_noted_only() -> None:
    """A warehouse that left the list takes its last week with it."""
    body = shfe_weekly_html(DAY).decode()
    at = body.rindex(">总计</td>")
    old, new = "<td>590000</td><td>586220</td><td>-3780</td>", "<td>590500</td><td>586220</td><td>-4280</td>"
    batch = read((body[:at] + body[at:].replace(old, new, 1)).encode())
    assert [note.text for note in batch.notes] == [
        "白银: warrants_last adds up to 590000, printed is 590500",
        "白银: warrants_change adds up to -3780, printed is -4280",
    ]


def test_a_capacity_that_was_changed_is_noted_and_stored() -> None:
    """100 kg of new room in one warehouse, in its row, its region and the total."""
    body = shfe_weekly_html(DAY)
    for last, now, change in ((1_660_000, 1_660_030, 30), (3_450_000, 3_455_030, 5_030), (3_910_000, 3_913_780, 3_780)):
        printed = "<td>{}</td><td>{}</td><td>{}</td>"
        body = swapped(body, printed.format(last, now, change), printed.format(last, now + 100, change + 100))
    batch = read(body)
    assert [note.text for note in batch.notes] == [
        "白银: warrants and free capacity do not move against each other at 甲库"
    ]
    assert rows(batch, "silver", ROOM)["上海", "甲库"] == (1_660_000, 1_660_130, 130)


def test_a_row_that_is_missing_is_implausible() -> None:
    """A page that lost one warehouse no longer adds up."""
    body = shfe_weekly_html(DAY)
    at = body.index("乙库".encode())
    start, end = body.rindex(b"<tr>", 0, at), body.index(b"</tr>", at) + 5
    with pytest.raises((Implausible, Unreadable)):
        read(body[:start] + body[end:])


@given(st.integers(0, 2), st.integers(1, 100_000))
@settings(max_examples=40, database=None)
def test_no_single_changed_silver_figure_passes(index: int, more: int) -> None:
    changed = list(asia.SILVER)
    region, name, before, now, room = changed[index]
    changed[index] = (region, name, before, now + more, room)
    body = shfe_weekly_html(DAY, silver=changed)
    honest = shfe_weekly_html(DAY).decode()
    total = honest[honest.rindex('<tr><td colspan="2">总计') :]
    mine = body.decode()
    with pytest.raises(Implausible):
        read((mine[: mine.rindex('<tr><td colspan="2">总计')] + total).encode())


# --- layout ---


def test_an_unknown_column_is_noted_and_the_rest_is_read() -> None:
    head = asia.WEEKLY_HEADS["黄金"].replace("</tr>", "<th>在途</th></tr>")
    body = swapped(shfe_weekly_html(DAY, heads={"黄金": head}), "<td>-12</td></tr>", "<td>-12</td><td>9</td></tr>")
    body = swapped(body, '<td colspan="2">黄金', '<td colspan="3">黄金')
    batch = read(body)
    assert [note.text for note in batch.notes] == ["黄金: an unknown column 在途"]
    assert rows(batch, "gold")["", "总计"][1] == 115_000


@pytest.mark.parametrize(("title", "heading"), [("白银", "本周期货"), ("铜", "本周库存"), ("黄金", "上周库存")])
def test_a_missing_column_is_unreadable(title: str, heading: str) -> None:
    head = asia.WEEKLY_HEADS[title].replace(heading, "其他")
    with pytest.raises(Unreadable, match=f"{title}: no heading for"):
        read(shfe_weekly_html(DAY, heads={title: head}))


def test_columns_in_another_order_are_found_by_their_headings() -> None:
    head = asia.WEEKLY_HEADS["黄金"].replace("上周库存", "甲").replace("本周库存", "上周库存").replace("甲", "本周库存")
    body = swapped(
        shfe_weekly_html(DAY, heads={"黄金": head}), "<td>115012</td><td>115000</td>", "<td>115000</td><td>115012</td>"
    )
    assert rows(read(body), "gold")["", "总计"][:3] == (115_012, 115_000, -12)


def test_another_unit_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="not in 千克"):
        read(swapped(shfe_weekly_html(DAY), "白银</td><td>单位：千克", "白银</td><td>单位：吨"))


def test_a_total_of_an_unknown_kind_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="unknown kind: 保税总计"):
        read(swapped(shfe_weekly_html(DAY), "保税商品总计", "保税总计"))


def test_silver_without_its_total_is_unreadable() -> None:
    body = shfe_weekly_html(DAY).decode()
    at = body.rindex('<tr><td colspan="2">总计')
    with pytest.raises(Unreadable, match="no 总计"):
        read((body[:at] + body[body.index("</tr>", at) + 5 :]).encode())


def test_a_metal_that_is_missing_is_rejected_and_the_others_are_read() -> None:
    batch = read(shfe_weekly_html(DAY, gold=None))
    assert [reject.message for reject in batch.rejects] == ["no gold (黄金) in the report"]
    assert len(rows(batch, "silver")) == 5


def test_a_product_never_seen_is_noted() -> None:
    batch = read(shfe_weekly_html(DAY, strangers=("铜(BC)", "钨")))
    assert [note.text for note in batch.notes] == ["a product never seen before: 钨"]


def test_a_report_number_that_is_not_our_week_is_noted() -> None:
    assert "report number 1 of the year" in read(shfe_weekly_html(DAY, number=1)).notes[0].text


def test_a_report_before_the_end_of_its_week_is_noted() -> None:
    assert "not the last SHFE session" in read(shfe_weekly_html(date(2026, 11, 12))).notes[0].text


def test_a_thursday_before_a_holiday_is_the_end_of_its_week() -> None:
    """2026-09-25 is closed: the report of that week is Thursday's."""
    assert read(shfe_weekly_html(date(2026, 9, 24))).notes == ()


def test_the_date_inside_must_be_the_one_asked_for() -> None:
    with pytest.raises(Implausible, match="asked for 20261120"):
        read(shfe_weekly_html(DAY), asks(date(2026, 11, 20))[0].url)


def test_a_page_of_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="future"):
        read(shfe_weekly_html(DAY), at=datetime(2026, 11, 10, tzinfo=UTC))


def test_a_cut_page_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="cut"):
        read(shfe_weekly_html(DAY, closing=False))


def test_the_firewall_page_is_blocked() -> None:
    with pytest.raises(Blocked):
        read(shanghai.BLOCK_PAGE)


# --- anything at all ---


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'<html><table class="content_intro">']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) in {"Unreadable", "Blocked"}


@given(EDITS, st.booleans())
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], page: bool) -> None:
    body = shfe_weekly_html(DAY) if page else shfe_weekly_json(OLD_DAY)
    assert outcome(shanghai.damage(body, edits)) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers()))


@given(st.sampled_from(sorted(json.loads(shfe_weekly_json(OLD_DAY))["o_cursor"][0])), ANYTHING)
@settings(max_examples=EXAMPLES, database=None)
def test_any_value_in_any_field_gives_a_batch_or_a_named_error(key: str, value: object) -> None:
    payload = json.loads(shfe_weekly_json(OLD_DAY))
    payload["o_cursor"][0][key] = value
    assert outcome(json.dumps(payload).encode()) in {"Batch", "Unreadable", "Implausible"}
