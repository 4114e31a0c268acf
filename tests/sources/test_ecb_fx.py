"""The ECB's reference rates: the captured history and day, each form of the file, and hostile ones."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.ecb_fx import SOURCE, asks, backlog, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.ecb import RATES, ecb_daily_csv, ecb_hist_csv, ecb_xml, ecb_zip

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 10, 30)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)


def read(body: bytes, at: datetime = NOW) -> Batch:
    return parse(Answer(body, "file", at))


def rates(batch: Batch) -> dict[tuple[date, str], float]:
    frame = batch.frames["fx_rows"]
    return {(row[0], row[1]): row[2] for row in frame.select("session", "quote", "rate").rows()}


MADE_UP = {(day, quote): float(rate) for day, quotes in RATES.items() for quote, rate in quotes.items()}


# --- the captured files ---


@needs_captures
def test_the_captured_history_gives_every_rate_and_the_crosses_of_its_last_day() -> None:
    batch = read((CAPTURES / "world" / "fx" / "ecb_eurofxref-hist_2026-10-30.zip").read_bytes())
    frame = validate.checked(batch.frames)["fx_rows"]
    assert frame.height == 221_702
    assert frame["session"].n_unique() == 7_126
    assert (frame["session"].min(), frame["session"].max()) == (date(1999, 1, 4), DAY)
    last = dict(frame.filter(pl.col("session") == DAY).select("quote", "rate").rows())
    assert (last["CNY"], last["USD"], last["INR"]) == (7.4326, 1.1172, 106.084)
    assert last["CNY"] / last["USD"] == pytest.approx(6.6529, abs=5e-5)
    assert last["INR"] / last["USD"] == pytest.approx(94.955, abs=5e-4)


@needs_captures
def test_the_captured_history_knows_where_currencies_begin_and_end() -> None:
    frame = read((CAPTURES / "world" / "fx" / "ecb_eurofxref-hist_2026-10-30.zip").read_bytes()).frames["fx_rows"]
    spans = frame.group_by("quote").agg(pl.col("session").min().alias("first"), pl.col("session").max().alias("last"))
    found = {row[0]: row[1:] for row in spans.rows()}
    assert found["CNY"] == (date(2005, 4, 1), DAY)
    assert found["INR"] == (date(2009, 1, 2), DAY)
    assert found["RUB"][1] == date(2022, 3, 1)
    assert found["BGN"][1] == date(2025, 12, 31)
    assert found["HRK"][1] == date(2022, 12, 30)


@needs_captures
def test_the_captured_day_agrees_with_the_history() -> None:
    folder = CAPTURES / "world" / "fx"
    day = rates(read((folder / "ecb_eurofxref_daily.csv").read_bytes()))
    history = rates(read((folder / "ecb_eurofxref-hist_2026-10-30.zip").read_bytes()))
    assert len(day) == 29
    assert day.items() <= history.items()


@needs_captures
def test_the_captured_files_are_recognised() -> None:
    folder = CAPTURES / "world" / "fx"
    assert recognise((folder / "ecb_eurofxref-hist_2026-10-30.zip").read_bytes(), "download.bin")
    assert recognise((folder / "ecb_eurofxref_daily.csv").read_bytes(), "download.bin")


# --- every form of the file ---


@pytest.mark.parametrize(
    "body",
    [
        ecb_hist_csv(),
        ecb_hist_csv(ends="\r\n"),
        b"\xef\xbb\xbf" + ecb_hist_csv(),
        ecb_zip(ecb_hist_csv()),
        ecb_xml(),
        ecb_zip(ecb_xml(), "eurofxref-hist.xml"),
    ],
    ids=["csv", "csv crlf", "csv with mark", "zip", "xml", "xml in zip"],
)
def test_every_form_gives_the_same_rates(body: bytes) -> None:
    assert rates(read(body)) == MADE_UP
    assert recognise(body, "anything")


@pytest.mark.parametrize("day", [DAY, date(2026, 11, 3)])
def test_the_daily_file_writes_its_date_out(day: date) -> None:
    body = ecb_daily_csv(day, {"USD": 1.1172, "JPY": 175.68, "CNY": "N/A"})
    assert f"{day.day} ".encode() in body
    assert rates(read(ecb_zip(body, "eurofxref.csv"))) == {(day, "USD"): 1.1172, (day, "JPY"): 175.68}


def test_the_trailing_comma_makes_no_currency_and_na_makes_no_row() -> None:
    frame = read(ecb_hist_csv({DAY: {"USD": 1.1, "JPY": "N/A", "CNY": ""}})).frames["fx_rows"]
    assert frame.select("base", "quote", "rate").rows() == [("EUR", "USD", 1.1)]


def test_four_in_the_afternoon_of_frankfurt_is_assumed_in_summer_and_winter() -> None:
    body = ecb_hist_csv({date(2026, 10, 23): {"USD": 1.1}, DAY: {"USD": 1.1}})
    frame = read(body).frames["fx_rows"].sort("session")
    assert frame["published_at"].to_list() == [
        datetime(2026, 10, 23, 14),  # noqa: DTZ001
        datetime(2026, 10, 30, 15),  # noqa: DTZ001
    ]
    assert frame["published_assumed"].all()


# --- values and dates ---


@pytest.mark.parametrize("raw", ["0", "-1.1", "abc", "1.1.1", "nan", "inf", "n/a", "1 2"])
def test_a_value_that_is_no_rate_is_unreadable_with_its_place(raw: str) -> None:
    with pytest.raises(Unreadable, match=r"is no rate \(2026-10-29 column CNY\)"):
        read(ecb_hist_csv({**RATES, date(2026, 10, 29): {"USD": 1.1, "CNY": raw}}))


@pytest.mark.parametrize("raw", ["1e9", "0.0000001"])
def test_a_rate_out_of_all_proportion_is_implausible(raw: str) -> None:
    with pytest.raises(Implausible, match=r"2026-10-30 column USD"):
        read(ecb_hist_csv({DAY: {"USD": raw}}))


def test_a_rate_on_a_weekend_is_implausible() -> None:
    with pytest.raises(Implausible, match="weekend: 2026-10-31"):
        read(ecb_hist_csv({**RATES, date(2026, 10, 31): {"USD": 1.1}}))


def test_a_file_of_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="of the future"):
        read(ecb_hist_csv(), at=datetime(2026, 10, 28, 22, 59, tzinfo=UTC))


def test_tomorrow_in_frankfurt_is_not_the_future() -> None:
    assert rates(read(ecb_hist_csv(), at=datetime(2026, 10, 28, 23, 1, tzinfo=UTC))) == MADE_UP


def test_a_date_twice_is_unreadable() -> None:
    body = ecb_hist_csv()
    with pytest.raises(Unreadable, match="twice"):
        read(body + body.splitlines(keepends=True)[-1])


@pytest.mark.parametrize(
    "raw", [b"30/10/2026", b"2026-10-32", b"30 Oktober 2026", b"", b"99999-01-01", b"0000-10-30", b"-1-10-30"]
)
def test_a_date_that_is_no_date_is_unreadable_with_its_line(raw: bytes) -> None:
    with pytest.raises(Unreadable, match=r"is no date \(line 2\)"):
        read(ecb_hist_csv().replace(b"2026-10-30", raw))


def test_a_row_cut_short_is_unreadable_with_its_line() -> None:
    with pytest.raises(Unreadable, match=r"fields under 6 headings \(line 4\)"):
        read(ecb_hist_csv().rstrip(b"\n")[:-9])


@pytest.mark.parametrize(
    "head", [b"Date,USD,USD,CNY,INR,", b"Datum,USD,JPY,CNY,INR,", b"Date,usd,JPY,CNY,INR,", b"Date,USD,,CNY,INR,"]
)
def test_headings_that_are_not_currencies_are_unreadable(head: bytes) -> None:
    with pytest.raises(Unreadable, match="headings"):
        read(ecb_hist_csv().replace(b"Date,USD,JPY,CNY,INR,", head))


def test_a_column_that_is_no_currency_is_noted_and_left_out() -> None:
    body = ecb_hist_csv().replace(b",INR,", b",Remark,INR,").replace(b"7.42,", b"7.42,none,")
    batch = read(body.replace(b"7.41,", b"7.41,,").replace(b"7.4,", b"7.4,,"))
    assert batch.frames["fx_rows"].equals(read(ecb_hist_csv()).frames["fx_rows"])
    assert [(note.kind, note.text) for note in batch.notes] == [("layout", "unknown column: 'Remark'")]


def test_a_currency_never_seen_is_stored_and_noted() -> None:
    batch = read(ecb_hist_csv({date(2026, 10, 30): {"USD": 1.13, "XDR": 0.8}}))
    assert set(batch.frames["fx_rows"]["quote"]) == {"USD", "XDR"}
    assert [(note.kind, note.text) for note in batch.notes] == [("layout", "unknown currency: 'XDR'")]


def test_a_value_under_the_nameless_heading_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="nameless"):
        read(ecb_hist_csv().replace(b"106.2,\n", b"106.2,9\n"))


@pytest.mark.parametrize("body", [b"", b"\n\n", b"Date,USD,\n", b"Date,USD,\n2026-10-30,N/A,\n", b"%PDF-1.4"])
def test_a_file_without_rates_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


# --- hostile zips ---


def test_a_zip_that_grows_more_than_a_hundredfold_is_refused_unread() -> None:
    with pytest.raises(Unreadable, match="the limits are 100 to 1"):
        read(ecb_zip(b"Date,USD,\n" + b" " * 5_000_000))


def test_a_zip_that_claims_less_than_it_holds_is_damaged() -> None:
    """The size in both headers says 10 bytes; the content is longer."""
    body = ecb_zip(ecb_hist_csv())
    size = struct.pack("<I", len(ecb_hist_csv()))
    assert body.count(size) == 2
    with pytest.raises(Unreadable):
        read(body.replace(size, struct.pack("<I", 10)))


def test_a_zip_of_two_files_is_refused() -> None:
    with pytest.raises(Unreadable, match="2 files, not one"):
        read(ecb_zip(ecb_hist_csv(), more={"readme.txt": b"x"}))


def test_a_zip_inside_a_zip_is_refused() -> None:
    with pytest.raises(Unreadable, match="a zip inside a zip"):
        read(ecb_zip(ecb_zip(ecb_hist_csv())))


def test_a_truncated_zip_is_damaged() -> None:
    with pytest.raises(Unreadable, match="damaged"):
        read(ecb_zip(ecb_hist_csv())[:-30])


# --- XML ---


def test_a_document_type_is_refused_before_anything_expands() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><Cube>&b;</Cube>'
    with pytest.raises(Unreadable, match="document type"):
        read(bomb)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"</gesmes:Envelope>", b"", "does not parse"),
        (b"currency='JPY'", b"currency='USD'", "USD stands twice"),
        (b"time='2026-10-29'", b"time='29.10.2026'", "is no date"),
        (b"rate='1.13'", b"", None),
        (b"rate='1.13'", b"rate='-1'", "is no rate"),
        (b" time='2026-10-30'", b"", "outside a date"),
        (b"Cube", b"Kube", "no ECB rates"),
    ],
)
def test_damaged_xml_is_unreadable(old: bytes, new: bytes, message: str | None) -> None:
    """A missing rate is a missing currency, as N/A is."""
    body = ecb_xml().replace(old, new)
    assert body != ecb_xml()
    if message is None:
        assert (DAY, "USD") not in rates(read(body))
        return
    with pytest.raises(Unreadable, match=message):
        read(body)


def test_the_block_page_is_blocked() -> None:
    with pytest.raises(Blocked):
        read(b"<html><body>Access Denied</body></html>")


# --- asking ---


def test_the_daily_file_is_asked_for_each_day_and_the_history_once() -> None:
    assert [ask.url for ask in asks(DAY)] == ["https://www.ecb.europa.eu/stats/eurofxref/eurofxref.zip"]
    assert [ask.url for ask in backlog(date(1999, 1, 4), DAY)] == [
        "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
    ]
    assert not SOURCE.keeps_history


@pytest.mark.parametrize("body", [b"", b"Date,Open,High", b"<html></html>", b"PK\x03\x04xlsx", b"Datum,USD,JPY,"])
def test_other_files_are_not_recognised(body: bytes) -> None:
    assert not recognise(body, "eurofxref-hist.csv")


# --- anything at all ---


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"PK\x03\x04", b"Date,USD,\n", b"<Cube>", b"<?xml"]))
@settings(max_examples=200, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) in {"Unreadable", "Blocked", "Implausible"}


@given(EDITS, st.sampled_from([ecb_hist_csv(), ecb_zip(ecb_hist_csv()), ecb_xml()]))
@settings(max_examples=200, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], whole: bytes) -> None:
    assert outcome(shanghai.damage(whole, edits)) in {"Batch", "Blocked", "Unreadable", "Implausible"}
