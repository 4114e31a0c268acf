"""The SHFE daily futures file: quoted rows, the rows that are no contract, and every contradiction it may hold."""

from __future__ import annotations

import json
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
from monitor.sources.shfe_daily import asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.shanghai import shfe_contract

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)


def read(body: bytes, url: str | None = None) -> Batch:
    return parse(Answer(body, "file", NOW, url=url))


def of(batch: Batch, table: str, product: str, month: date) -> Mapping[str, object]:
    """The row of one contract."""
    return batch.frames[table].row(
        by_predicate=(pl.col("product") == product) & (pl.col("delivery_month") == month), named=True
    )


def day_of(*rows: Mapping[str, object], session: date = DAY, **knobs: Any) -> bytes:
    """A file with these contracts in place of the usual ones of their products."""
    mine = {row["PRODUCTGROUPID"] for row in rows}
    usual = [row for row in shanghai.shfe_daily_rows() if row["PRODUCTGROUPID"] not in mine]
    return shanghai.shfe_daily_json(session, [*usual, *rows], **knobs)


# --- quoted rows ---


@pytest.mark.parametrize(("quoted", "month"), [("20260924", 10), ("20260416", 5), ("20260915", 9)])
def test_a_quoted_copper_row_satisfies_every_identity(quoted: str, month: int) -> None:
    """Rows SHFE published: changes, range and turnover agree, one of them on the contract's last trading day."""
    row = shanghai.QUOTED_KX_ROWS[quoted]
    session = date.fromisoformat(quoted)
    batch = read(shanghai.shfe_daily_json(session, [row], subtotals=False))
    price = of(batch, "settlement_rows", "cu", date(2026, month, 1))
    count = of(batch, "open_interest_rows", "cu", date(2026, month, 1))
    assert (price["settle"], price["close"]) == (row["SETTLEMENTPRICE"], row["CLOSEPRICE"])
    assert (price["currency"], price["unit"], price["venue"]) == ("CNY", "tonne", "SHFE")
    assert (count["open_interest"], count["volume"]) == (row["OPENINTEREST"], row["VOLUME"])
    assert count["status"] == "final"


@needs_captures
def test_the_quoted_rows_are_those_of_the_captured_note() -> None:
    saved = json.loads((CAPTURES / "china" / "shfe" / "kx_pm_rows_quoted.json").read_bytes())
    assert shanghai.QUOTED_KX_ROWS["20260924"] == saved["kx20260924_cu2610"]
    assert shanghai.QUOTED_KX_ROWS["20260416"] == saved["kx20260416_cu2605"]


def test_a_quoted_row_of_2016_is_halved_because_both_sides_were_counted() -> None:
    body = shanghai.shfe_daily_json(date(2016, 1, 4), [shanghai.QUOTED_KX_ROWS["20160104"]], others=False)
    batch = read(body)
    count = of(batch, "open_interest_rows", "cu", date(2016, 1, 1))
    assert (count["open_interest"], count["open_interest_change"], count["volume"]) == (25_200, -1_418, 7_373)
    assert of(batch, "settlement_rows", "cu", date(2016, 1, 1))["volume"] == 7_373
    assert [note.text for note in batch.notes] == ["volume and open interest count both sides; stored halved"]


# --- a whole made-up day ---


def test_a_made_up_day_reads_in_the_units_of_each_product() -> None:
    batch = read(shanghai.shfe_daily_json(DAY), asks(DAY)[0].url)
    frame = validate.checked(batch.frames)["settlement_rows"]
    assert frame.select("product", "delivery_month", "settle", "unit").rows() == [
        ("cu", date(2026, 11, 1), 108_910.0, "tonne"),
        ("cu", date(2026, 12, 1), 108_620.0, "tonne"),
        ("au", date(2026, 12, 1), 930.02, "gram"),
        ("au", date(2027, 2, 1), 932.5, "gram"),
        ("ag", date(2026, 12, 1), 16_095.0, "kg"),
        ("ag", date(2027, 2, 1), 16_150.0, "kg"),
        ("ag", date(2027, 10, 1), 16_300.0, "kg"),
    ]
    assert batch.notes == ()
    assert batch.rejects == ()


def test_subtotals_efp_tas_totals_and_other_products_are_no_contracts() -> None:
    with_others, without = read(shanghai.shfe_daily_json(DAY)), read(shanghai.shfe_daily_json(DAY, others=False))
    assert with_others.frames["open_interest_rows"].equals(without.frames["open_interest_rows"])
    assert with_others.frames["open_interest_rows"].height == 7


def test_the_old_form_with_padded_names_reads_the_same() -> None:
    new, old = read(shanghai.shfe_daily_json(DAY)), read(shanghai.shfe_daily_json(DAY, old=True))
    assert new.frames["settlement_rows"].equals(old.frames["settlement_rows"])


def test_products_that_share_letters_are_left_out() -> None:
    rows = [{**shanghai.shfe_daily_rows()[0], "PRODUCTID": f"{p}_f", "PRODUCTGROUPID": p} for p in ("ao", "ad", "al")]
    batch = read(shanghai.shfe_daily_json(DAY, [*shanghai.shfe_daily_rows(), *rows]))
    assert set(batch.frames["open_interest_rows"]["product"]) == {"ag", "au", "cu"}


def test_figures_written_as_text_are_read() -> None:
    row = {
        key: str(value) for key, value in shfe_contract("ag", "2612", 16_095, interest=7, interest_change=-3).items()
    }
    batch = read(day_of(row, subtotals=False))
    assert of(batch, "open_interest_rows", "ag", date(2026, 12, 1))["open_interest"] == 7


def test_control_characters_inside_strings_are_let_through() -> None:
    body = shanghai.shfe_daily_json(DAY).replace("白银".encode(), "白\x01银".encode())
    assert read(body).frames["settlement_rows"].height == 7


def test_an_untraded_contract_keeps_its_settlement_and_has_no_range() -> None:
    row = of(read(shanghai.shfe_daily_json(DAY)), "settlement_rows", "ag", date(2027, 10, 1))
    assert (row["settle"], row["close"], row["open"], row["high"], row["low"]) == (16_300.0, 16_300.0, None, None, None)


def test_a_zero_price_of_an_untraded_contract_is_no_price() -> None:
    zeros: dict[str, Any] = dict.fromkeys(("OPENPRICE", "HIGHESTPRICE", "LOWESTPRICE", "CLOSEPRICE"), 0)
    row = shfe_contract("ag", "2612", 16_095, volume=0, **zeros)
    read_row = of(read(day_of(row)), "settlement_rows", "ag", date(2026, 12, 1))
    assert (read_row["open"], read_row["close"], read_row["settle"]) == (None, None, 16_095.0)


# --- blanks ---


def test_before_the_close_nothing_is_published() -> None:
    blank = dict.fromkeys(("CLOSEPRICE", "SETTLEMENTPRICE", "ZD1_CHG", "ZD2_CHG"), "")
    rows = [{**row, **blank} for row in shanghai.shfe_daily_rows()]
    with pytest.raises(NotPublished, match="no settlement of cu for 2026-11-18 yet"):
        read(shanghai.shfe_daily_json(DAY, rows, update="14:40:00"))


def test_one_product_without_any_settlement_holds_the_file_back() -> None:
    with pytest.raises(NotPublished, match="no settlement of ag"):
        read(day_of(shfe_contract("ag", "2612", 16_095, SETTLEMENTPRICE="", ZD2_CHG="")))


def test_a_single_blank_close_is_null_and_the_row_is_kept() -> None:
    rows = (shfe_contract("ag", "2612", 16_095, CLOSEPRICE="", ZD1_CHG=""), shfe_contract("ag", "2702", 16_100))
    row = of(read(day_of(*rows)), "settlement_rows", "ag", date(2026, 12, 1))
    assert (row["close"], row["settle"]) == (None, 16_095.0)


def test_a_single_blank_settlement_is_rejected_and_its_open_interest_is_kept() -> None:
    rows = (shfe_contract("ag", "2612", 16_095, SETTLEMENTPRICE="", ZD2_CHG=""), shfe_contract("ag", "2702", 16_100))
    batch = read(day_of(*rows))
    assert [reject.message for reject in batch.rejects] == ["ag 2612: the settlement is blank"]
    assert of(batch, "open_interest_rows", "ag", date(2026, 12, 1))["open_interest"] == 5_000
    assert batch.frames["settlement_rows"].filter(pl.col("product") == "ag").height == 1


def test_a_blank_volume_is_zero() -> None:
    blank: dict[str, Any] = dict.fromkeys(("VOLUME", "OPENPRICE", "HIGHESTPRICE", "LOWESTPRICE", "TURNOVER"), "")
    batch = read(day_of(shfe_contract("ag", "2612", 16_095, **blank)))
    assert of(batch, "open_interest_rows", "ag", date(2026, 12, 1))["volume"] == 0


def test_a_blank_open_interest_is_rejected_never_zero() -> None:
    batch = read(day_of(shfe_contract("ag", "2612", 16_095, OPENINTEREST=""), shfe_contract("ag", "2702", 16_100)))
    assert [reject.message for reject in batch.rejects] == ["ag 2612: open interest is blank"]
    assert batch.frames["open_interest_rows"].filter(pl.col("product") == "ag").height == 1


def test_no_rows_at_all_is_not_published() -> None:
    with pytest.raises(NotPublished):
        read(shanghai.shfe_daily_json(DAY, [], others=False))


# --- contradictions ---


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        ({"SETTLEMENTPRICE": 16_200, "ZD2_CHG": 105}, "turnover over volume gives 16095, the settlement is 16200"),
        ({"TURNOVER": 2_414_250_000.0}, "turnover over volume"),
        ({"SETTLEMENTPRICE": 16.095}, "the settlement 16.095 is not 16095"),
        ({"CLOSEPRICE": 16_200}, "the close 16200 is not 16095"),
        ({"CLOSEPRICE": 17_000, "ZD1_CHG": 905}, "close 17000 outside the day's range"),
        ({"OPENPRICE": 15_000}, "open 15000 outside the day's range"),
        ({"LOWESTPRICE": 16_100, "TURNOVER": ""}, "outside the day's"),
        ({"HIGHESTPRICE": 15_000, "LOWESTPRICE": 17_000}, "outside the day's range"),
        ({"SETTLEMENTPRICE": -5, "ZD2_CHG": ""}, "the settlement is -5"),
        ({"SETTLEMENTPRICE": 0, "ZD2_CHG": ""}, "the settlement is 0"),
        ({"HIGHESTPRICE": 0}, "the high is 0"),
    ],
)
def test_a_row_that_contradicts_itself_is_implausible(printed: dict[str, object], message: str) -> None:
    row = {**shfe_contract("ag", "2612", 16_095), **printed}
    with pytest.raises(Implausible, match=message):
        read(day_of(row))


def test_prices_a_thousand_times_too_high_are_caught_by_the_turnover() -> None:
    row = shfe_contract("au", "2612", 930_020.0, TURNOVER=93_002.0)
    with pytest.raises(Implausible, match=r"turnover over volume gives 930\.02"):
        read(day_of(row))


def test_a_contract_in_its_last_days_may_settle_off_its_turnover() -> None:
    """November's contract on the 18th: an average of several days is not taken for a fault."""
    row = shfe_contract("ag", "2611", 16_095, TURNOVER=16_500 * 1_000 * 15 / 10_000)
    assert read(day_of(row)).rejects == ()


@pytest.mark.parametrize("key", ["VOLUME", "OPENINTEREST"])
def test_a_subtotal_that_does_not_add_up_is_implausible(key: str) -> None:
    payload = json.loads(shanghai.shfe_daily_json(DAY))
    subtotal = next(row for row in payload["o_curinstrument"] if row["DELIVERYMONTH"] == "小计")
    subtotal[key] += 1
    with pytest.raises(Implausible, match=r"cu: .* adds up to"):
        read(json.dumps(payload).encode())


def test_a_subtotal_may_count_the_efp_trades() -> None:
    payload = json.loads(shanghai.shfe_daily_json(DAY))
    silver = [row for row in payload["o_curinstrument"] if row["PRODUCTGROUPID"] == "ag"]
    next(row for row in silver if row["DELIVERYMONTH"] == "小计")["VOLUME"] += 12
    assert read(json.dumps(payload).encode()).rejects == ()


def test_a_file_without_subtotals_is_read_and_noted() -> None:
    assert [note.where for note in read(shanghai.shfe_daily_json(DAY, subtotals=False)).notes] == ["cu", "au", "ag"]


def test_a_delivery_month_twice_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="ag: a delivery month stands there twice"):
        read(day_of(shfe_contract("ag", "2612", 16_095), shfe_contract("ag", "2612", 16_095)))


@pytest.mark.parametrize("month", ["2610", "3312"])
def test_a_contract_that_cannot_trade_that_day_is_implausible(month: str) -> None:
    with pytest.raises(Implausible, match=f"ag{month} in a file of 2026-11-18"):
        read(day_of(shfe_contract("ag", month, 16_095)))


def test_month_13_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="2613 is no delivery month"):
        read(day_of(shfe_contract("ag", "2613", 16_095)))


def test_a_row_of_an_unknown_kind_is_noted_and_left_out() -> None:
    batch = read(day_of(shfe_contract("ag", "TAS", 16_095), shfe_contract("ag", "2612", 16_095), subtotals=False))
    assert "a row of ag of an unknown kind: 'TAS'" in [note.text for note in batch.notes]


def test_a_missing_product_is_rejected_and_the_others_are_read() -> None:
    rows = [row for row in shanghai.shfe_daily_rows() if row["PRODUCTGROUPID"] != "au"]
    batch = read(shanghai.shfe_daily_json(DAY, rows))
    assert [reject.where for reject in batch.rejects] == ["au"]
    assert batch.frames["settlement_rows"].height == 5


def test_the_file_of_ine_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no contract of ag, au or cu"):
        read(shanghai.shfe_daily_json(DAY, []))


def test_an_odd_figure_where_both_sides_are_counted_is_implausible() -> None:
    row = shfe_contract("cu", "1603", 36_000, volume=1_001)
    with pytest.raises(Implausible, match="odd figure"):
        read(shanghai.shfe_daily_json(date(2016, 1, 4), [row], others=False))


@pytest.mark.parametrize("raw", ["x", 1.5, True, "1e5", [1], 10**30, "9" * 50])
def test_a_volume_that_is_no_count_is_unreadable_with_its_path(raw: object) -> None:
    with pytest.raises(Unreadable, match=r"o_curinstrument\[0\].VOLUME"):
        read(shanghai.shfe_daily_json(DAY, [shfe_contract("ag", "2612", 16_095, VOLUME=raw)], subtotals=False))


# --- dates and hours ---


def test_the_date_in_the_address_must_be_the_date_inside() -> None:
    with pytest.raises(Implausible, match="asked for 20261119"):
        read(shanghai.shfe_daily_json(DAY), asks(date(2026, 11, 19))[0].url)


def test_two_dates_in_one_file_are_implausible() -> None:
    with pytest.raises(Implausible, match="two dates"):
        read(shanghai.shfe_daily_json(DAY, meta={"o_day": "19"}))


@pytest.mark.parametrize("meta", [{"report_date": None}, {"o_year": None}, {"o_month": 11, "o_day": 18}])
def test_either_form_of_the_date_is_enough(meta: dict[str, object]) -> None:
    assert read(shanghai.shfe_daily_json(DAY, meta=meta)).frames["settlement_rows"]["session"][0] == DAY


def test_a_file_without_a_date_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no date"):
        read(shanghai.shfe_daily_json(DAY, meta={"report_date": None, "o_year": None}))


def test_a_file_of_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="of the future"):
        read(shanghai.shfe_daily_json(date(2026, 11, 23)))


def test_the_update_stamp_is_the_moment_of_publication() -> None:
    frame = read(shanghai.shfe_daily_json(DAY)).frames["settlement_rows"]
    assert frame["published_at"][0] == datetime(2026, 11, 18, 7, 28, 56)  # noqa: DTZ001
    assert not frame["published_assumed"].any()


@pytest.mark.parametrize("stamp", [None, "20261118 09:30:00", "20270118 15:30:00", "yesterday", "00010101 00:00:00"])
def test_without_a_stamp_that_fits_half_past_three_is_assumed(stamp: str | None) -> None:
    frame = read(shanghai.shfe_daily_json(DAY, update=None, meta={"update_date": stamp})).frames["open_interest_rows"]
    assert frame["published_at"][0] == datetime(2026, 11, 18, 7, 30)  # noqa: DTZ001
    assert frame["published_assumed"].all()


def test_a_report_number_that_is_not_ours_is_noted() -> None:
    assert read(shanghai.shfe_daily_json(date(2026, 9, 18), meta={"o_year_num": "174"})).notes == ()
    assert len(read(shanghai.shfe_daily_json(date(2026, 9, 18), meta={"o_year_num": "175"})).notes) == 1


def test_the_address_of_a_day() -> None:
    assert asks(DAY)[0].url == "https://www.shfe.com.cn/data/tradedata/future/dailydata/kx20261118.dat"
    assert asks(date(2001, 12, 31)) == ()


# --- anything at all ---


def test_the_futures_file_is_recognised_and_the_options_file_is_not() -> None:
    assert recognise(shanghai.shfe_daily_json(DAY), "anything")
    assert not recognise(b'{"o_curinstrument": [], "o_cursigma": []}', "kx20261118.dat")
    assert not recognise(shanghai.shfe_warrants_json(date(2025, 6, 3)), "kx20250603.dat")


def test_the_firewall_page_is_blocked() -> None:
    with pytest.raises(Blocked):
        read(shanghai.BLOCK_PAGE)


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'{"report_date":"20261118","o_curinstrument":[']))
@settings(max_examples=200, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) != "Batch"


@given(EDITS)
@settings(max_examples=200, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(shanghai.shfe_daily_json(DAY), edits)
    assert outcome(body) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}


SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10), st.lists(st.integers()))


@given(st.sampled_from(sorted(shanghai.shfe_daily_rows()[0])), SCALAR)
@settings(max_examples=200, database=None)
def test_any_value_in_any_field_gives_a_batch_or_a_named_error(key: str, value: object) -> None:
    rows = shanghai.shfe_daily_rows()
    rows[4][key] = value
    body = shanghai.shfe_daily_json(DAY, rows[:4], others=False)
    payload = json.loads(body)
    payload["o_curinstrument"] += rows[4:]
    assert outcome(json.dumps(payload).encode()) in {"Batch", "NotPublished", "Unreadable", "Implausible"}
