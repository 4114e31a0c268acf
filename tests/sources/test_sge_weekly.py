"""SGE's weekly report: one row in a PDF nobody here has seen, its week, and whose PDF it is."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.sge_weekly import SOURCE, asks, hint_of, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.asia import EXAMPLES, WEEKLY_LINES, weekly_pdf

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
ROW = "白银 743,550 91,305 834,855"
TITLE = "上交所交收库白银库存周度数据（千克）"
HEADS = "品种 上周库存 本周增减 本周库存"


def read(body: bytes, hint: str | None = None) -> Batch:
    return parse(Answer(body, "file", NOW, hint=hint))


def printed(*lines: str) -> bytes:
    return weekly_pdf(lines)


def figures(batch: Batch) -> tuple[object, ...]:
    frame = validate.checked(batch.frames)["sge_weekly_rows"]
    assert frame.height == 1
    return frame.select("session", "last_week", "change", "this_week").row(0)


@pytest.mark.parametrize(("packed", "ranges"), [(True, False), (False, False), (True, True)])
def test_the_row_of_silver_is_read_in_kg(packed: bool, ranges: bool) -> None:
    batch = read(weekly_pdf(packed=packed, ranges=ranges))
    assert figures(batch) == (date(2026, 5, 22), 743_550.0, 91_305.0, 834_855.0)
    assert batch.notes == ()
    frame = batch.frames["sge_weekly_rows"]
    assert frame.select("metal", "unit").row(0) == ("silver", "kg")
    assert frame["published_at"][0] == datetime(2026, 5, 25, 9)  # noqa: DTZ001 - frames hold naive UTC
    assert frame["published_assumed"][0]


@needs_captures
def test_a_third_party_s_stocks_are_believed() -> None:
    """The stocks are real, the report around them is made up: the last three weeks are printed as PDFs."""
    text = (CAPTURES / "china" / "shanghai_inventory" / "sge_silver_weekly_tonnes.csv").read_text(encoding="utf-8")
    known = [(row["week_end"], float(row["sge_silver_tonnes"])) for row in csv.DictReader(text.splitlines())]
    assert all(0 < tonnes * 1_000 < 5e8 for _, tonnes in known)
    for (_, before), (end, now) in list(pairwise(known))[-3:]:
        row = f"白银 {before * 1_000:,.0f} {(now - before) * 1_000:,.0f} {now * 1_000:,.0f}"
        last, change, this = figures(read(printed(TITLE, HEADS, row), end))[1:]
        assert (last, this) == (round(before * 1_000), round(now * 1_000))
        assert change == round((now - before) * 1_000)


def test_other_rows_of_silver_are_not_the_stock() -> None:
    """The market table before it prints silver too, with a price and two changes."""
    assert figures(read(weekly_pdf()))[1] == 743_550.0


def test_a_row_broken_over_lines_is_read() -> None:
    batch = read(printed(TITLE, *HEADS.split(), *ROW.split()), "2026-05-22")
    assert figures(batch)[1:] == (743_550.0, 91_305.0, 834_855.0)


@pytest.mark.parametrize(
    "row", ["白银 834,855 -91,305 743,550", "白银 834855 －91305 743550", "白银 834,855.0 -91,305 743550"]
)
def test_signs_and_separators_may_be_of_any_kind(row: str) -> None:
    assert figures(read(printed(TITLE, HEADS, row), "2026-05-22"))[1:] == (834_855.0, -91_305.0, 743_550.0)


@pytest.mark.parametrize(
    "row", ["白银 743,550 91,305 834,857", "白银 743,550 834,855 91,305", "白银 743,550 -91,305 834,855"]
)
def test_figures_that_do_not_add_up_are_implausible(row: str) -> None:
    with pytest.raises(Implausible, match="does not make"):
        read(printed(TITLE, HEADS, row), "2026-05-22")


def test_headings_in_another_order_are_unreadable() -> None:
    with pytest.raises(Unreadable, match="do not stand in the order"):
        read(printed(TITLE, "品种 本周库存 本周增减 上周库存", ROW), "2026-05-22")


def test_headings_that_are_not_all_there_are_noted() -> None:
    batch = read(printed(TITLE, "品种 上周 增减 本周", ROW), "2026-05-22")
    assert batch.notes[0].text.endswith("are not all there")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("上海黄金交易所行情周报", HEADS, ROW), "no table called"),
        ((TITLE.replace("（千克）", "（吨）"), HEADS, ROW), "千克"),
        ((TITLE, HEADS, "白银 743,550 91,305"), "0 rows of silver"),
        ((TITLE, HEADS, ROW, "白银 743,550 0 743,550"), "2 rows of silver"),
    ],
)
def test_a_table_that_is_not_as_known_is_unreadable(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(printed(*lines), "2026-05-22")


# --- the week ---


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("（2026年5月18日-5月22日）", date(2026, 5, 22)),
        ("2026年5月18日至22日", date(2026, 5, 22)),
        ("2026年4月27日—2026年5月1日", date(2026, 5, 1)),
        ("20260518-20260522周报", date(2026, 5, 22)),
        ("2026.05.18-05.22", date(2026, 5, 22)),
    ],
)
def test_the_week_is_read_from_the_report(line: str, end: date) -> None:
    assert figures(read(printed(line, TITLE, HEADS, ROW)))[0] == end


def test_the_week_may_come_from_the_name_alone() -> None:
    assert figures(read(printed(TITLE, HEADS, ROW), "2026-05-22"))[0] == date(2026, 5, 22)


def test_a_name_that_contradicts_the_report_is_implausible() -> None:
    with pytest.raises(Implausible, match="the name says a week to 2026-05-29"):
        read(weekly_pdf(), "2026-05-29")


def test_without_a_week_the_report_is_unreadable_and_says_what_to_do() -> None:
    with pytest.raises(Unreadable, match="put its week into the file name"):
        read(printed(TITLE, HEADS, ROW))


def test_two_weeks_in_one_report_need_the_name() -> None:
    lines = ("2026年5月11日-5月15日", *WEEKLY_LINES)
    with pytest.raises(Unreadable, match="names 2 weeks"):
        read(printed(*lines))
    assert figures(read(printed(*lines), "2026-05-22"))[0] == date(2026, 5, 22)


def test_a_whole_year_is_no_week() -> None:
    lines = ("2025年12月31日-2026年12月31日", *WEEKLY_LINES)
    assert figures(read(printed(*lines)))[0] == date(2026, 5, 22)


def test_a_week_of_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="future"):
        read(printed(TITLE, HEADS, ROW), "2026-12-04")


def test_a_week_that_ends_on_a_holiday_is_noted() -> None:
    batch = read(printed(TITLE, HEADS, ROW), "2026-10-02")
    assert "no SGE session in our calendar" in batch.notes[0].text


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("20260518-20260522周报.pdf", "2026-05-22"),
        ("2026-05-18 至 2026-05-22.pdf", "2026-05-22"),
        ("de3b502f.pdf", None),
    ],
)
def test_a_file_name_says_the_week(name: str, hint: str | None) -> None:
    assert hint_of(name) == hint


def test_a_file_name_with_two_weeks_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="names 2 weeks"):
        hint_of("20260518-20260522 20260525-20260529.pdf")


# --- whose PDF ---


@pytest.mark.parametrize(("packed", "ranges"), [(True, False), (False, False), (True, True)])
def test_a_report_is_recognised_by_the_characters_it_can_print(packed: bool, ranges: bool) -> None:
    assert recognise(weekly_pdf(packed=packed, ranges=ranges), "de3b502f.pdf")


def test_other_pdfs_are_not_recognised() -> None:
    assert not recognise(weekly_pdf(["SILVER STOCKS 1,234"]), "20260518-20260522周报.pdf")
    assert not recognise(weekly_pdf(["上海黄金交易所公告"]), "20260518-20260522周报.pdf")
    assert not recognise(b"%PDF-1.4 " + TITLE.encode(), "x")


@needs_captures
def test_no_captured_pdf_is_recognised() -> None:
    found = sorted(CAPTURES.rglob("*.pdf"))
    assert len(found) > 50
    assert not [path.name for path in found if recognise(path.read_bytes(), path.name)]


def test_a_page_of_characters_that_are_none_is_like_any_other() -> None:
    """pdfium's Python helper calls itself once for each of them and fails at the thousandth."""
    blind = "\ufffe" * 1_500
    assert read(weekly_pdf([blind, *WEEKLY_LINES])).frames["sge_weekly_rows"].height == 1
    with pytest.raises(Unreadable, match="no table called"):
        read(weekly_pdf([blind]))


@pytest.mark.parametrize("packed", [True, False])
def test_a_page_of_very_many_texts_is_refused_before_pdfium_sees_it(packed: bool) -> None:
    """40,000 texts in different places took it seven seconds, 80,000 four times as long."""
    body = weekly_pdf([*WEEKLY_LINES, *["x"] * 10_001], packed=packed)
    with pytest.raises(Unreadable, match="more text than a report has"):
        read(body)


def test_nothing_is_asked_for() -> None:
    assert asks(date(2026, 5, 22)) == ()
    assert SOURCE.cadence == "weekly"


# --- anything at all ---


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    recognise(body, "x")
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4\n%%EOF\n", b"<html></html>", weekly_pdf()[:-100], weekly_pdf()[:300]])
def test_a_file_that_is_no_whole_pdf_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"%PDF-1.4\n"]))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body + b"%%EOF") == "Unreadable"


@given(EDITS, st.booleans())
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], packed: bool) -> None:
    body = shanghai.damage(weekly_pdf(packed=packed), edits)
    assert outcome(body) in {"Batch", "Unreadable", "Implausible"}
    assert outcome(body + b"%%EOF") in {"Batch", "Unreadable", "Implausible"}
