"""Spot quotes: two providers' layouts, what a quote may prove, and the hours in which nobody deals."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources import yahoo_bars
from monitor.sources.spot_quotes import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.prices import EXAMPLES, gold_api, metals_latest, metals_spot
from tests.homes import house, offer

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""A Monday."""


def read(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "quote.json", at))
    validate.checked(batch.frames)
    return batch


def rows(batch: Batch) -> dict[str, Mapping[str, Any]]:
    return {row["metal"]: row for row in batch.frames["spot_quote_rows"].rows(named=True)}


# --- gold-api.com ---


def test_a_quote_of_gold_api_is_dollars_an_ounce_at_its_own_moment() -> None:
    """The figures of the providers' own example: 64.2 at 11:59 UTC."""
    row = rows(read(gold_api()))["silver"]
    assert (row["price"], row["currency"], row["unit"], row["provider"]) == (64.2, "USD", "troy_oz", "gold-api.com")
    assert row["quoted_at"] == row["published_at"] == datetime(2026, 1, 5, 11, 59)  # noqa: DTZ001 - storage form
    assert (row["session"], row["published_assumed"], row["bid"], row["ask"]) == (date(2026, 1, 5), False, None, None)


def test_a_lone_figure_is_derived_and_never_an_otc_quote() -> None:
    assert rows(read(gold_api()))["silver"]["spot_kind"] == "derived"


def test_the_older_answer_without_currency_is_dollars_too() -> None:
    body = gold_api(currency=None, currencySymbol=None, exchangeRate=None)
    assert rows(read(body))["silver"]["currency"] == "USD"


def test_the_digits_of_a_32_bit_float_are_rounded_to_four_places() -> None:
    assert rows(read(gold_api("Gold", 4165.200195)))["gold"]["price"] == 4165.2002


@pytest.mark.parametrize("symbol", ["HG", "BTC", "xag", ""])
def test_a_symbol_whose_unit_is_not_known_is_refused(symbol: str) -> None:
    with pytest.raises(Unreadable, match="none of XAG, XAU, XPT, XPD"):
        read(gold_api(symbol=symbol))


def test_a_symbol_and_a_name_that_differ_are_not_believed() -> None:
    with pytest.raises(Implausible, match=r"XAU.*'Silver'"):
        read(gold_api(symbol="XAU"))


@pytest.mark.parametrize(
    ("metal", "price"), [("Silver", 0.0156), ("Silver", 2_064.0), ("Gold", 64.2), ("Gold", 141_000)]
)
def test_a_price_no_such_metal_has_is_not_believed(metal: str, price: float) -> None:
    """A rate turned upside down, a price per kg, gold and silver changed over."""
    with pytest.raises(Implausible, match="USD an ounce"):
        read(gold_api(metal, price))


@pytest.mark.parametrize("price", ["64.2", None, True, [], 1e16])
def test_a_price_that_is_no_number_is_refused(price: object) -> None:
    with pytest.raises(Unreadable):
        read(gold_api(price=price))


@pytest.mark.parametrize("price", [0, -3.5, 0.00001])
def test_a_price_of_zero_or_less_is_not_believed(price: float) -> None:
    with pytest.raises(Implausible):
        read(gold_api(price=price))


@pytest.mark.parametrize("at", ["2026-01-05", "2026-01-05T11:59:00", "yesterday", "", "0001-01-01T00:00:00+14:00"])
def test_a_moment_without_a_zone_or_no_moment_is_refused(at: str) -> None:
    with pytest.raises((Unreadable, Implausible)):
        read(gold_api(at=at))


def test_a_quote_of_the_future_is_not_believed_beyond_five_minutes_of_skew() -> None:
    assert rows(read(gold_api(at="2026-01-05T12:04:00Z")))
    with pytest.raises(Implausible, match=r"12:06.*fetched"):
        read(gold_api(at="2026-01-05T12:06:00Z"))


def test_an_unknown_key_is_noted() -> None:
    (note,) = read(gold_api(bid=64.1)).notes
    assert (note.kind, note.text) == ("layout", "unknown keys: 'bid'")


# --- metals.dev ---


def test_a_two_sided_quote_is_an_otc_quote_with_its_sides() -> None:
    row = rows(read(metals_spot()))["silver"]
    assert (row["spot_kind"], row["bid"], row["ask"], row["price"]) == ("otc_quote", 64.15, 64.25, 64.2)
    assert row["provider"] == "metals.dev"


def test_a_quote_with_one_side_alone_is_derived() -> None:
    row = rows(read(metals_spot(rate={"ask": None})))["silver"]
    assert (row["spot_kind"], row["bid"], row["ask"]) == ("derived", 64.15, None)


def test_a_bid_above_its_ask_is_not_believed() -> None:
    with pytest.raises(Implausible, match=r"bid of 64\.3 above the ask of 64\.25"):
        read(metals_spot(rate={"bid": 64.3}))


def test_a_side_more_than_a_tenth_from_the_price_is_not_believed() -> None:
    with pytest.raises(Implausible, match=r"bid 1\.9 beside a price of 64\.2"):
        read(metals_spot(rate={"bid": 1.9}))


def test_the_latest_rates_give_the_four_metals_and_leave_out_the_exchanges_copies() -> None:
    """No row and no remark for lbma_silver, mcx_silver, lme_copper and copper of an uncertain unit."""
    batch = read(metals_latest())
    assert {metal: row["price"] for metal, row in rows(batch).items()} == {
        "silver": 64.21, "gold": 4412.3, "platinum": 1811.5, "palladium": 1502.25
    }  # fmt: skip
    assert {row["spot_kind"] for row in rows(batch).values()} == {"derived"}
    assert batch.notes == ()


def test_a_metal_nobody_has_seen_is_noted() -> None:
    (note,) = read(metals_latest({"silver": 64.2, "rhodium": 5_000})).notes
    assert note.text == "unknown keys: 'metals.rhodium'"


def test_units_and_currencies_are_kept_as_the_answer_names_them() -> None:
    row = rows(read(metals_latest({"silver": 1_950.0}, unit="kg", currency="EUR")))["silver"]
    assert (row["unit"], row["currency"], row["price"]) == ("kg", "EUR", 1_950.0)


@pytest.mark.parametrize("change", [{"unit": "lb"}, {"unit": None}, {"currency": "usd"}, {"currency": "DOLLAR"}])
def test_a_unit_or_currency_we_do_not_know_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        read(metals_latest(None, **change))


def test_a_refused_key_with_http_200_counts_as_blocked() -> None:
    body = json.dumps({"status": "failure", "error_code": 1203, "error_message": "Quota exceeded"}).encode()
    assert recognise(body, "x")
    with pytest.raises(Blocked, match=r"code 1203.*'Quota exceeded'"):
        read(body)


# --- the trade date ---


@pytest.mark.parametrize(
    ("at", "session"),
    [
        ("2026-01-05T07:15:00Z", date(2026, 1, 5)),  # 15:15 in Shanghai
        ("2026-01-05T21:59:00Z", date(2026, 1, 5)),
        ("2026-01-05T22:00:00Z", date(2026, 1, 6)),  # 17:00 in New York
        ("2026-01-04T23:00:00Z", date(2026, 1, 5)),  # Sunday 18:00
        ("2026-01-09T21:59:00Z", date(2026, 1, 9)),
        ("2026-07-06T20:59:00Z", date(2026, 7, 6)),  # summer time
        ("2026-07-06T21:00:00Z", date(2026, 7, 7)),
    ],
)
def test_the_day_of_a_quote_turns_at_17_00_new_york(at: str, session: date) -> None:
    moment = datetime.fromisoformat(at)
    assert rows(read(gold_api(at=at), moment))["silver"]["session"] == session


@pytest.mark.parametrize("at", ["2026-01-09T22:00:00Z", "2026-01-10T12:00:00Z", "2026-01-11T22:59:00Z"])
def test_a_weekend_quote_counts_as_not_published(at: str) -> None:
    """Friday 17:00 to Sunday 18:00 New York: the stamp moves on, the price does not."""
    with pytest.raises(NotPublished, match="nobody deals"):
        read(gold_api(at=at), datetime.fromisoformat(at) + timedelta(minutes=1))


def test_quotes_of_one_day_and_of_two_providers_stay_side_by_side(tmp_path: Path) -> None:
    later = gold_api(price=64.9, at="2026-01-05T12:30:00Z")
    with house(tmp_path) as opened:
        for body in (gold_api(), later, metals_spot()):
            (outcome,) = offer(opened, [("quote.json", body)])
            assert (outcome.status, outcome.source) == ("loaded", "spot_quotes")
        found = opened.store.rows("select provider, spot_kind, price from spot_quotes order by quoted_at")
        assert found == [
            ("metals.dev", "otc_quote", 64.2), ("gold-api.com", "derived", 64.2), ("gold-api.com", "derived", 64.9)
        ]  # fmt: skip


# --- what it is not, and anything at all ---


def test_a_block_page_is_blocked_and_other_pages_are_unreadable() -> None:
    with pytest.raises(Blocked):
        read(b"<html><title>Access denied</title></html>")
    with pytest.raises(Unreadable):
        read(b"<html>hello</html>")


def test_each_layout_is_recognised_and_yahoos_is_not() -> None:
    assert all(recognise(body, "x") for body in (gold_api(), metals_latest(), metals_spot()))
    assert not any(yahoo_bars.recognise(body, "x") for body in (gold_api(), metals_latest(), metals_spot()))
    assert not recognise(b'{"chart":{"result":[]}}', "XAG.json")


@needs_captures
@pytest.mark.captures
def test_no_captured_file_is_taken_for_a_spot_quote() -> None:
    claimed = [path for path in CAPTURES.rglob("*") if path.is_file() and recognise(path.read_bytes(), path.name)]
    assert claimed == []


def only_known_endings(body: bytes) -> None:
    """A batch that passes the schema, or one of the four errors a source may raise."""
    recognise(body, "file")
    with contextlib.suppress(NotPublished, Blocked, Unreadable, Implausible):
        read(body)


BODIES = st.sampled_from([gold_api(), metals_latest(), metals_spot()])
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["name", "price", "symbol", "updatedAt", "currency", "status", "unit", "metals", "timestamps", "rate", "timestamp",
     "metal", "rate.bid", "rate.price", "metals.silver", "timestamps.metal"]
)  # fmt: skip


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'{"symbol":', b'{"status":"success",']))
@settings(max_examples=EXAMPLES)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    only_known_endings(start + body)


@given(BODIES, EDITS)
@settings(max_examples=EXAMPLES)
def test_damaged_answers_give_a_batch_or_a_named_error(body: bytes, edits: list[tuple[str, int, bytes]]) -> None:
    only_known_endings(shanghai.damage(body, edits))


@given(BODIES, KEYS, JSON)
@settings(max_examples=EXAMPLES)
def test_any_json_under_any_key_gives_a_batch_or_a_named_error(body: bytes, key: str, value: object) -> None:
    payload = json.loads(body)
    outer, _, inner = key.partition(".")
    if inner and isinstance(payload.get(outer), dict):
        payload[outer][inner] = value
    else:
        payload[outer] = value
    only_known_endings(json.dumps(payload).encode())


# --- the source itself ---


def test_each_metal_is_asked_for_within_a_quarter_of_an_hour_of_both_shanghai_closes() -> None:
    assert [ask.url for ask in asks(date(2026, 1, 5))] == [
        f"https://api.gold-api.com/price/{symbol}" for symbol in ("XAG", "XAU", "XPT", "XPD")
    ]
    assert (SOURCE.due.clock, SOURCE.due.zone, SOURCE.venue, SOURCE.keeps_history) == (
        "15:15", "Asia/Shanghai", "SGE", False
    )  # fmt: skip
