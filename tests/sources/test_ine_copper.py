"""INE's bonded copper: SHFE's layout, another product, another address."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources import shfe_daily
from monitor.sources.ine_copper import SOURCE, asks, parse, recognise
from tests.factories import shanghai
from tests.factories.asia import EXAMPLES, bonded, ine_daily_json

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)


def read(body: bytes, url: str | None = None) -> Batch:
    return parse(Answer(body, "file", NOW, url=url))


def test_bonded_copper_reads_as_a_product_of_ine_in_cny_per_tonne() -> None:
    frames = validate.checked(read(ine_daily_json(DAY), asks(DAY)[0].url).frames)
    prices = frames["settlement_rows"].select("venue", "product", "delivery_month", "settle", "currency", "unit")
    assert prices.rows() == [
        ("INE", "bc", date(2026, 12, 1), 97_430.0, "CNY", "tonne"),
        ("INE", "bc", date(2027, 1, 1), 97_800.0, "CNY", "tonne"),
    ]
    assert frames["open_interest_rows"]["open_interest"].to_list() == [5_000, 5_000]


def test_the_lot_is_five_tonnes() -> None:
    """The turnover over the volume gives the settlement only with the right lot."""
    with pytest.raises(Implausible, match="turnover over volume gives"):
        read(ine_daily_json(DAY, [bonded("2612", 97_430, TURNOVER=97_430.0)]))


def test_a_subtotal_that_does_not_add_up_is_implausible() -> None:
    payload = json.loads(ine_daily_json(DAY))
    next(row for row in payload["o_curinstrument"] if row["DELIVERYMONTH"] == "小计")["OPENINTEREST"] = 9
    with pytest.raises(Implausible, match="bc: open interest adds up to 10000, 小计 prints 9"):
        read(json.dumps(payload).encode())


def test_before_the_close_the_file_is_not_published() -> None:
    blank = bonded("2612", 97_430, SETTLEMENTPRICE="", CLOSEPRICE="", ZD1_CHG="", ZD2_CHG="")
    with pytest.raises(NotPublished, match="INE has no settlement of bc"):
        read(ine_daily_json(DAY, [blank], subtotals=False))


def test_shfe_s_file_is_shfe_s_even_where_it_lists_bonded_copper() -> None:
    ine, shfe = ine_daily_json(DAY), shanghai.shfe_daily_json(DAY)
    assert b'"bc_f"' in shfe
    assert [recognise(body, "kx20261118.dat") for body in (ine, shfe)] == [True, False]
    assert [shfe_daily.recognise(body, "kx20261118.dat") for body in (ine, shfe)] == [False, True]


def test_the_padded_old_form_is_recognised_too() -> None:
    body = ine_daily_json(DAY, old=True)
    assert recognise(body, "x")
    assert read(body).frames["settlement_rows"].height == 2


def test_the_options_file_is_nobody_s() -> None:
    body = ine_daily_json(DAY).replace(b'"o_curproduct"', b'"o_cursigma"')
    assert not recognise(body, "x")
    assert not shfe_daily.recognise(body, "x")


def test_each_source_refuses_the_other_s_file() -> None:
    with pytest.raises(Unreadable, match="no contract of ag, au or cu: not SHFE's"):
        shfe_daily.parse(Answer(ine_daily_json(DAY), "file", NOW))
    only = shanghai.shfe_daily_json(DAY, others=False)
    with pytest.raises(Unreadable, match="no contract of bc: not INE's"):
        read(only)


def test_the_date_inside_must_be_the_one_asked_for() -> None:
    with pytest.raises(Implausible, match="asked for 20261119"):
        read(ine_daily_json(DAY), asks(date(2026, 11, 19))[0].url)


def test_nothing_is_asked_for_before_the_first_day() -> None:
    assert asks(date(2020, 11, 18)) == ()
    assert asks(date(2020, 11, 19))[0].url == "https://www.ine.cn/data/tradedata/future/dailydata/kx20201119.dat"
    assert SOURCE.hosts == ("www.ine.cn",)


def test_the_firewall_page_is_blocked() -> None:
    with pytest.raises(Blocked, match="INE"):
        read(shanghai.BLOCK_PAGE)


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'{"report_date":"20261118","o_curinstrument":[']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) != "Batch"


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(ine_daily_json(DAY), edits)
    assert outcome(body) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}
