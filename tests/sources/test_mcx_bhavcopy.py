"""MCX's bhavcopy: five captured contracts, three forms of the same rows, and figures that must agree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.mcx_bhavcopy import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.asia import EXAMPLES, MCX_COLUMNS, mcx_csv, mcx_json, mcx_row

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
FOLDER = CAPTURES / "china" / "mcx"
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
ROWS = [
    mcx_row(DAY, 128_425.0),
    mcx_row(DAY, 231_500.0, symbol="SILVER", expiry="04DEC2026", lots=900),
    mcx_row(DAY, 1_010.5, symbol="COPPER", expiry="30NOV2026", lots=700),
    mcx_row(DAY, 5_400.0, symbol="CRUDEOIL", expiry="18DEC2026"),
    mcx_row(DAY, 900.0, symbol="GOLD", lots=3, InstrumentName="OPTCOM", OptionType="CE", StrikePrice=128_000),
]


def read(body: bytes, url: str | None = None) -> Batch:
    return parse(Answer(body, "file", NOW, url=url))


def frame(batch: Batch) -> pl.DataFrame:
    return validate.checked(batch.frames)["mcx_rows"]


def row(batch: Batch, symbol: str = "GOLD") -> Mapping[str, Any]:
    return frame(batch).row(by_predicate=pl.col("symbol") == symbol, named=True)


def captured() -> list[Path]:
    return sorted(FOLDER.glob("*.csv"))


# --- the captured files ---


@needs_captures
def test_every_captured_row_is_read_and_proved() -> None:
    """642 rows of five gold contracts, 40 of them without trades."""
    frames = {path.stem: frame(read(path.read_bytes())) for path in captured()}
    assert {name: found.height for name, found in frames.items()} == {
        "03OCT2025": 142, "05AUG2026": 38, "05DEC2025": 143, "05FEB2014": 178, "05FEB2026": 141,
    }  # fmt: skip
    every = pl.concat(frames.values())
    assert every.filter(pl.col("open").is_null()).height == 40
    assert every.filter(pl.col("open").is_null())["volume_lots"].sum() == 0
    assert set(every.select("symbol", "unit", "price_quantity").unique().rows()) == {("GOLD", "gram", 10.0)}


@needs_captures
def test_a_captured_row_reads_as_printed() -> None:
    found = frame(read((FOLDER / "03OCT2025.csv").read_bytes())).row(0, named=True)
    assert (found["session"], found["expiry"]) == (date(2025, 10, 3), date(2025, 10, 3))
    assert (found["open"], found["high"], found["low"], found["close"]) == (116_437, 117_520, 115_869, 117_367)
    assert (found["previous_close"], found["volume_lots"], found["volume_text"]) == (116_782, 49, "49.000 GRMS")
    assert (found["value"], found["open_interest"]) == (5_724.24, 103)
    assert found["published_at"] == datetime(2025, 10, 3, 19, 30)  # noqa: DTZ001 - frames hold naive UTC


@needs_captures
def test_a_captured_day_without_trades_has_its_close_and_no_prices() -> None:
    found = frame(read((FOLDER / "05FEB2026.csv").read_bytes())).filter(pl.col("session") == date(2026, 2, 4))
    assert found.select("open", "high", "low", "close", "volume_lots", "open_interest").row(0) == (
        None, None, None, 149_244.0, 0, 55,
    )  # fmt: skip


@needs_captures
def test_the_captured_closes_that_were_mended_on_idle_days_are_noted() -> None:
    notes = {path.stem: [note.text for note in read(path.read_bytes()).notes] for path in captured()}
    assert {name: len(texts) for name, texts in notes.items() if texts} == {"03OCT2025": 1, "05DEC2025": 1}
    assert "on 4 days the previous close is not the close of the row before" in notes["03OCT2025"][0]


@needs_captures
def test_a_captured_saturday_is_a_session() -> None:
    """MCX traded on Saturdays in 2013."""
    found = frame(read((FOLDER / "05FEB2014.csv").read_bytes()))
    assert date(2013, 7, 13) in found["session"].to_list()


@needs_captures
def test_a_captured_file_cut_inside_a_line_is_unreadable() -> None:
    body = (FOLDER / "05AUG2026.csv").read_bytes().rstrip()
    for end in range(len(body) - 90, len(body) - 2, 7):
        with pytest.raises(Unreadable):
            read(body[:end])


# --- the three forms ---


def test_the_three_forms_read_the_same() -> None:
    first = frame(read(mcx_csv(ROWS)))
    assert first.equals(frame(read(mcx_json(ROWS))))
    assert first.equals(frame(read(mcx_json(ROWS, site=True))))
    assert first.select("symbol", "unit", "price_quantity").rows() == [
        ("GOLD", "gram", 10.0), ("SILVER", "kg", 1.0), ("COPPER", "kg", 1.0),
    ]  # fmt: skip


def test_midnight_in_india_is_the_day_in_india() -> None:
    """The moment is 18:30 UTC of the day before."""
    body = mcx_json([mcx_row(DAY, 128_425.0)])
    assert b"/Date(1794940200000)/" in body
    assert row(read(body))["session"] == DAY


def test_the_month_comes_first_in_the_site_s_days() -> None:
    body = mcx_json([mcx_row(date(2026, 3, 11), 128_425.0)], site=True)
    assert b"03/11/2026" in body
    assert row(read(body))["session"] == date(2026, 3, 11)


def test_options_and_other_goods_are_passed_over() -> None:
    batch = read(mcx_csv(ROWS))
    assert frame(batch)["symbol"].to_list() == ["GOLD", "SILVER", "COPPER"]
    assert batch.notes == ()


def test_a_summary_that_counts_other_rows_is_implausible() -> None:
    with pytest.raises(Implausible, match="5 rows, the summary counts 6"):
        read(mcx_json(ROWS, count=6))


@pytest.mark.parametrize(
    "body",
    [b'{"d": {"Data": null}}', b'{"d": {"Data": []}}', b'{"IsSuccess": false, "Message": "No Data", "Data": null}'],
)
def test_an_answer_without_rows_is_not_published(body: bytes) -> None:
    with pytest.raises(NotPublished):
        read(body)


def test_headings_alone_are_not_published() -> None:
    with pytest.raises(NotPublished):
        read(mcx_csv([]))


# --- figures that must agree ---


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ({"Open": 140_000.0}, "open 140000 outside"),
        ({"Close": 127_000.0}, "close 127000 outside"),
        ({"Low": 0.0}, "40 lots without a price"),
        ({"Value": 51.37}, "the value gives 1284.25 on average"),
        ({"Value": 5_137_000.0}, "on average"),
        ({"VolumeInThousands": "4.000 GRMS "}, "4.000 GRMS for 40 lots is not 1000 gram a lot"),
        ({"VolumeInThousands": "40.000 KGS "}, "is not 1000 gram a lot"),
        ({"VolumeInThousands": ""}, "no quantity for 40 lots"),
        ({"Volume": -3}, "-3 lots"),
        ({"OpenInterest": -1}, "-1 open"),
        ({"ExpiryDate": "05FEB2026"}, "after its expiry"),
    ],
)
def test_figures_of_gold_that_do_not_agree_are_implausible(printed: dict[str, object], why: str) -> None:
    with pytest.raises(Implausible, match=why):
        read(mcx_csv([{**mcx_row(DAY, 128_425.0), **printed}]))


def test_a_lot_known_from_documents_only_is_noted_where_it_differs() -> None:
    odd = mcx_row(DAY, 231_500.0, symbol="SILVER", lots=900, VolumeInThousands="4.500 KGS ", Value=1.0)
    batch = read(mcx_csv([odd]))
    assert [note.text for note in batch.notes] == [
        "SILVER: the quantity is not 30 kg a lot, so the value proves nothing"
    ]
    assert row(batch, "SILVER")["volume_lots"] == 900


def test_where_the_lot_is_as_documented_the_value_is_proved_for_silver_too() -> None:
    with pytest.raises(Implausible, match=r"SILVER .*on average"):
        read(mcx_csv([mcx_row(DAY, 231_500.0, symbol="SILVER", Value=1.0)]))


def test_a_contract_twice_under_one_day_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="twice under one day"):
        read(mcx_csv([ROWS[0], ROWS[0]]))


def test_a_previous_close_of_another_row_is_noted() -> None:
    later = mcx_row(date(2026, 11, 19), 128_500.0, PreviousClose=128_400.0)
    batch = read(mcx_csv([ROWS[0], later]))
    assert [note.text for note in batch.notes] == [
        "GOLD 05FEB2027: on 1 days the previous close is not the close of the row before, first 2026-11-19"
    ]


def test_the_day_inside_must_be_the_one_asked_for() -> None:
    body = mcx_json(ROWS, site=True)
    assert frame(read(body, asks(DAY)[0].url)).height == 3
    with pytest.raises(Implausible, match="asked for 2026-11-19"):
        read(body, asks(date(2026, 11, 19))[0].url)


def test_a_day_of_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="future"):
        read(mcx_csv([mcx_row(date(2026, 12, 1), 128_425.0)]))


# --- layout ---


def test_an_unknown_column_and_instrument_are_noted() -> None:
    odd = mcx_row(DAY, 128_425.0, InstrumentName="FUTX")
    batch = read(mcx_csv([ROWS[0], odd], (*MCX_COLUMNS, "Lots")))
    assert [note.text for note in batch.notes] == [
        "an unknown column 'Lots'",
        "an instrument of an unknown kind: 'FUTX'",
    ]
    payload = json.loads(mcx_json([ROWS[0]]))
    payload["d"]["Data"][0]["Lots"] = 1
    assert [note.text for note in read(json.dumps(payload).encode()).notes] == ["an unknown field 'Lots'"]


@pytest.mark.parametrize("column", ["Date", "Close", "OpenInterest", "InstrumentName"])
def test_a_missing_column_is_unreadable(column: str) -> None:
    with pytest.raises(Unreadable, match="headings are not a bhavcopy's"):
        read(mcx_csv(ROWS, [name for name in MCX_COLUMNS if name != column]))


def test_a_missing_field_is_unreadable() -> None:
    payload = json.loads(mcx_json([ROWS[0]]))
    del payload["d"]["Data"][0]["Close"]
    with pytest.raises(Unreadable, match=r"no Close \(Data\[0\]\)"):
        read(json.dumps(payload).encode())


@pytest.mark.parametrize(
    ("column", "raw"),
    [("Close", "x"), ("Close", ""), ("Volume", "1.5"), ("Volume", ""), ("Date", "18-11-2026"), ("ExpiryDate", "5FEB27"),
     ("ExpiryDate", "31FEB2027"), ("OpenInterest", "")],
)  # fmt: skip
def test_a_figure_that_is_none_is_unreadable_with_its_position(column: str, raw: str) -> None:
    with pytest.raises(Unreadable, match="line 2"):
        read(mcx_csv([{**ROWS[0], column: raw}]))


def test_a_file_of_other_goods_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no futures of GOLD"):
        read(mcx_csv([ROWS[3]]))


def test_only_a_bhavcopy_is_recognised() -> None:
    assert recognise(mcx_csv(ROWS), "x")
    assert recognise(mcx_json(ROWS), "x")
    assert recognise(mcx_json(ROWS, site=True), "x")
    assert not recognise(b"Date,Symbol,Open,High,Low,Close,Volume,OpenInterest\n", "03OCT2025.csv")
    assert not recognise(b"<html>ExpiryDate PreviousClose OpenInterest InstrumentName</html>", "x")


def test_a_refusal_page_is_blocked() -> None:
    with pytest.raises(Blocked, match="MCX"):
        read(b"<html><body>Access Denied</body></html>")


def test_the_day_is_asked_for_in_indian_order() -> None:
    assert asks(DAY)[0].url.endswith("/GetDateWiseBhavCopy?InstrumentName=ALL&fromDate=18/11/2026")
    assert asks(date(2003, 11, 9)) == ()
    assert SOURCE.hosts == ("www.mcxindia.com",)


# --- anything at all ---


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", mcx_csv([]), b'{"d": {"Data": [']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) != "Batch"


@given(EDITS, st.sampled_from([mcx_csv(ROWS), mcx_json(ROWS), mcx_json(ROWS, site=True)]))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], body: bytes) -> None:
    assert outcome(shanghai.damage(body, edits)) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers()))


@given(st.sampled_from(MCX_COLUMNS), ANYTHING)
@settings(max_examples=EXAMPLES, database=None)
def test_any_value_in_any_field_gives_a_batch_or_a_named_error(key: str, value: object) -> None:
    payload = json.loads(mcx_json(ROWS))
    payload["d"]["Data"][0][key] = value
    assert outcome(json.dumps(payload).encode()) in {"Batch", "Unreadable", "Implausible"}
