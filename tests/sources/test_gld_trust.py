"""GLD: the captured archive, the workbook and the day's figures, holidays, and balances that do not hold."""

from __future__ import annotations

import csv
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources.gld_trust import asks, backlog, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.world import (
    BOMB,
    EDITS,
    EXAMPLES,
    GLD_CSV_HEAD,
    answer,
    gld_csv,
    gld_json,
    gld_line,
    gld_xlsx,
    outcome,
    xlsx,
)

CAPTURED = CAPTURES / "world" / "etf" / "GLD_US_archive_EN_excerpt.csv"
DAYS = ["20-Nov-2025", "21-Nov-2025", "24-Nov-2025"]
LINES = [gld_line(day, 29_000_000 + 1_000 * n, 370 + n) for n, day in enumerate(DAYS)]
HOLIDAY = ["27-Nov-2025", *["HOLIDAY"] * 10]


def figures(batch: Batch) -> dict[tuple[date, str], float]:
    frame = validate.checked(batch.frames)["fund_rows"]
    assert frame["fund"].unique().to_list() == ["GLD"]
    assert frame["session"].to_list() == frame["as_of"].to_list()
    return {(row[0], row[1]): row[2] for row in frame.select("session", "measure", "value").rows()}


# --- the captured archive ---


@needs_captures
def test_the_captured_archive_equals_its_columns_and_every_balance_holds() -> None:
    body = CAPTURED.read_bytes()
    batch = parse(answer(body))
    found = figures(batch)
    assert recognise(body, "download.bin")
    assert not batch.rejects
    assert not batch.notes
    days = {day for day, _ in found}
    assert (len(days), min(days), max(days)) == (228, date(2004, 11, 18), date(2025, 5, 23))
    last, first = date(2025, 5, 23), date(2004, 11, 18)
    assert (found[last, "ounces"], found[last, "tonnes"]) == (29_657_980.61, 922.46)
    assert (found[last, "mid"], found[last, "premium"], found[last, "close"]) == (309.72, -0.0194, 309.75)
    assert found[last, "ounces_per_share"] == pytest.approx(0.09216845)
    assert found[first, "ounces_per_share"] == 0.1


@needs_captures
def test_the_captured_holidays_are_no_rows() -> None:
    with CAPTURED.open(encoding="utf-8", newline="") as file:
        holidays = [line[0] for line in csv.reader(file) if "HOLIDAY" in line[1]]
    found = {day for day, _ in figures(parse(answer(CAPTURED.read_bytes())))}
    assert len(holidays) == 11
    assert date(2004, 11, 25) not in found


# --- the archive ---


@pytest.mark.parametrize(
    "body",
    [gld_csv([*LINES, HOLIDAY]), gld_xlsx([*LINES, HOLIDAY]), gld_csv(LINES, preamble="Disclaimer\n\n,,\n")],
    ids=["csv", "workbook", "csv with a preamble"],
)
def test_every_form_gives_the_same_figures(body: bytes) -> None:
    found = figures(parse(answer(body)))
    expected = figures(parse(answer(gld_csv(LINES))))
    for key, value in expected.items():
        if key[1] != "premium":
            assert found[key] == pytest.approx(value), key
    assert recognise(body, "download.bin")


def test_the_premium_is_kept_where_its_percent_sign_says_what_it_is() -> None:
    assert figures(parse(answer(gld_csv(LINES))))[date(2025, 11, 20), "premium"] == 0.05
    assert "premium" not in {measure for _, measure in figures(parse(answer(gld_xlsx(LINES))))}


def test_columns_are_found_by_name_and_the_licensed_price_is_left_out() -> None:
    """The 2018 archive had the LBMA's price in third place."""
    head = GLD_CSV_HEAD.replace(" NAV per GLD", " LBMA Gold Price, NAV per GLD")
    lines = [[*line[:2], "$4100.00", *line[2:]] for line in LINES]
    batch = parse(answer(gld_csv(lines, head=head)))
    assert figures(batch) == figures(parse(answer(gld_csv(LINES))))
    assert not batch.notes


def test_a_new_column_is_noted_and_a_missing_one_named() -> None:
    head = GLD_CSV_HEAD + ", Silver in the Trust"
    batch = parse(answer(gld_csv([[*line, "0"] for line in LINES], head=head)))
    assert [note.text for note in batch.notes] == ["unknown column: 'Silver in the Trust'"]
    with pytest.raises(Unreadable, match="no column for close"):
        parse(answer(gld_csv(LINES, head=GLD_CSV_HEAD.replace("GLD Close", "GLD Price"))))


def test_figures_awaited_are_missing_and_the_others_kept() -> None:
    line = gld_line("25-Nov-2025")
    line[7] = line[5] = "AWAITED"
    line[6] = "N/A"
    found = {measure for day, measure in figures(parse(answer(gld_csv([line]))))}
    assert found == {"close", "ounces_per_share", "nav", "indicative", "ounces", "tonnes", "net_assets"}


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (9, "900.50", "ounces are"),
        (10, "1.00", "dollars, printed is"),
        (2, "19.700000", "ounces behind a share, where this fund has"),
        (6, "1.5000%", "percent, not 1.5"),
        (8, "many", "is no number"),
    ],
    ids=["tonnes", "net assets", "the smaller sister", "premium", "a word"],
)
def test_a_day_that_contradicts_itself_refuses_a_short_archive(column: int, value: str, message: str) -> None:
    line = gld_line("25-Nov-2025")
    line[column] = value
    with pytest.raises(Implausible, match=message):
        parse(answer(gld_csv([*LINES, line])))


def test_one_odd_day_among_a_hundred_is_left_out_and_named() -> None:
    lines = [gld_line(f"{date.fromordinal(date(2025, 1, 6).toordinal() + n):%d-%b-%Y}") for n in range(120)]
    lines[7][9] = "1.00"
    batch = parse(answer(gld_csv(lines)))
    assert len({day for day, _ in figures(batch)}) == 119
    assert [reject.where for reject in batch.rejects] == ["line 9"]


def test_the_archive_is_public_late_in_the_evening_the_days_figures_before() -> None:
    frame = parse(answer(gld_csv(LINES[:1]))).frames["fund_rows"]
    assert frame["published_at"].unique().to_list() == [datetime(2025, 11, 21, 3, 30)]  # noqa: DTZ001
    frame = parse(answer(gld_json())).frames["fund_rows"]
    assert frame["published_at"].unique().to_list() == [datetime(2026, 7, 6, 20, 45)]  # noqa: DTZ001


# --- the day's figures ---


def test_each_figure_of_the_day_has_its_own_date() -> None:
    changed = {"value": "32,130,000.00", "date": "July 2, 2026"}
    body = gld_json(total_ounces=changed, total_tonnes={"value": "999.347", "date": "July 2, 2026"})
    found = figures(parse(answer(body)))
    assert found[date(2026, 7, 2), "ounces"] == 32_130_000
    assert found[date(2026, 7, 6), "shares"] == 350_000_000
    assert found[date(2026, 7, 6), "close"] == 382.13
    assert (date(2026, 7, 6), "ounces") not in found


def test_units_are_those_of_the_measures() -> None:
    frame = parse(answer(gld_json())).frames["fund_rows"]
    units = dict(frame.select("measure", "unit").rows())
    assert (units["ounces"], units["tonnes"], units["nav"]) == ("troy_oz", "tonne", "USD/share")


def test_a_figure_without_a_date_is_left_out_and_named() -> None:
    batch = parse(answer(gld_json(daily_volume={"value": "3,835,594"})))
    assert [reject.where for reject in batch.rejects] == ["data.daily_volume"]
    assert (date(2026, 7, 6), "volume") not in figures(batch)


def test_an_unknown_figure_is_noted() -> None:
    batch = parse(answer(gld_json(total_silver={"value": "1", "date": "July 6, 2026"})))
    assert [note.text for note in batch.notes] == ["unknown figure: 'total_silver'"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("total_tonnes", "32.13", "tonnes, printed is 32.13"),
        ("metal_entitlement", "0.0198", "where this fund has"),
        ("total_nav_usd", "US$ 13,300,000,000.00", "are not 13,300,000,000.00"),
    ],
)
def test_figures_of_one_date_that_contradict_each_other_are_implausible(name: str, value: str, message: str) -> None:
    with pytest.raises(Implausible, match=message):
        parse(answer(gld_json(**{name: {"value": value, "date": "July 6, 2026"}})))


# --- what it is not ---


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>Access Denied</html>", Blocked),
        (b"<!DOCTYPE html><html>bar list</html>", Unreadable),
        (b'{"data": {}}', Unreadable),
        (gld_json(total_ounces={"value": "lots", "date": "July 6, 2026"}), Unreadable),
        (gld_json("6 July 2026"), Unreadable),
        (gld_json("July 6, 2027"), Implausible),
        (gld_csv([HOLIDAY]), NotPublished),
        (gld_csv([*LINES, LINES[0]]), Unreadable),
        (gld_csv([*LINES, LINES[0][:-1]]), Unreadable),
        (gld_csv([gld_line("20-Nov-2003")]), Implausible),
        (gld_xlsx(LINES)[:-40], Unreadable),
        (xlsx({"US GLD Historical Archive": [["Date"]]}), Unreadable),
        (xlsx({"US GLD Historical Archive": [["Date"]]}, prolog=BOMB), Unreadable),
        (b"", Unreadable),
        (b"Datum,Kurs\n", Unreadable),
    ],
)
def test_what_is_no_archive_is_named(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(answer(body))


def test_other_workbooks_and_tables_are_not_recognised() -> None:
    assert not recognise(xlsx({"London Vault Holdings Data": [["x"]]}), "GLD_US_archive_EN.xlsx")
    assert not recognise(b"Date,Open,High,Low,Close,Volume\n", "GLD.csv")


def test_the_day_is_asked_of_one_address_and_the_past_of_another() -> None:
    day = date(2026, 2, 12)
    assert asks(day)[0].url == "https://api.spdrgoldshares.com/api/v1/data?product=gld&exchange=NYSE&lang=en"
    assert "historical-archive" in backlog(day, day)[0].url


@given(
    st.binary(max_size=1_000), st.sampled_from([b"", b"Date, GLD Close,", b'{"data":{"total_ounces"', b"PK\x03\x04"])
)
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body)) in {"Unreadable", "Blocked", "NotPublished", "Implausible"}


@given(EDITS, st.sampled_from([gld_csv(LINES), gld_xlsx(LINES), gld_json()]))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], whole: bytes) -> None:
    body = shanghai.damage(whole, edits)
    recognise(body, "")
    assert outcome(parse, answer(body)) in {"Batch", "Unreadable", "Blocked", "NotPublished", "Implausible"}


def test_no_figure_is_ever_null() -> None:
    frame = parse(answer(gld_csv([*LINES, HOLIDAY]))).frames["fund_rows"]
    assert frame.select(pl.all().null_count()).row(0) == (0,) * frame.width
