"""COMEX settlements: the captured payload, whose open interest is yesterday's, and made-up payloads.

Every payload that is not read from the captures is made up by `tests.factories.comex`.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources import comex_volume
from monitor.sources.comex_settlements import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex import Price, settlements_json
from tests.sources.damage import Edits, edits_of, endings, overwritten

MONDAY = date(2026, 2, 9)
MARCH = date(2026, 3, 1)
NOW = datetime(2026, 2, 11, 12, tzinfo=UTC)
MONTHS = {
    date(2026, 2, 1): Price("82.100", "+3.482", 1, 306, last="81.550A"),
    MARCH: Price("82.939", "-1.061", 36_156, 21_882, "83.165", "84.340B", "81.505A", "82.210"),
    date(2026, 7, 1): Price("84.250", "0", 0, 12),
}


def read(body: bytes, at: datetime = NOW, hint: str | None = None) -> Batch:
    batch = parse(Answer(body, "payload.json", at, hint=hint))
    validate.checked(batch.frames)
    return batch


def made(day: date = MONDAY, **given: Any) -> bytes:
    return settlements_json(MONTHS, day, **given)


def row(body: bytes, month: date = MARCH) -> dict[str, Any]:
    frame = read(body).frames["settlement_rows"]
    return frame.filter(pl.col("delivery_month") == month).row(0, named=True)


# --- the captured payload ---

CAPTURED = CAPTURES / "comex" / "settlements_json" / "amc_settlements_si_final_20260225.json"
SPRING = datetime(2026, 3, 1, tzinfo=UTC)


@needs_captures
@pytest.mark.captures
def test_the_captured_payload_is_read_whole() -> None:
    """33 months of silver, settled on 2026-02-25, updated at 23:55 in Chicago."""
    frame = read(CAPTURED.read_bytes(), SPRING).frames["settlement_rows"]
    assert frame.height == 33
    assert (frame["volume"].sum(), frame["prior_open_interest"].sum()) == (112_935, 125_454)
    columns = ("venue", "product", "session", "status", "prior_session", "currency", "unit", "published_assumed")
    assert set(frame.select(columns).rows()) == {
        ("COMEX", "SI", date(2026, 2, 25), "final", date(2026, 2, 24), "USD", "troy_oz", False)
    }
    assert set(frame["published_at"]) == {naive(datetime(2026, 2, 26, 5, 55, tzinfo=UTC))}


@needs_captures
@pytest.mark.captures
def test_captured_prices_lose_their_letters_and_dashes() -> None:
    """February 2026: no open, high or low, last 86.550A; March 2026: all four, last 89.210B."""
    frame = read(CAPTURED.read_bytes(), SPRING).frames["settlement_rows"].head(2)
    assert frame.select("settle", "open", "high", "low", "close", "previous_settle", "volume").rows() == [
        (90.939, None, None, None, 86.55, 87.457, 1),
        (90.988, 87.165, 91.34, 86.505, 89.21, 87.506, 36_156),
    ]


@needs_captures
@pytest.mark.captures
def test_captured_open_interest_is_that_of_the_session_before() -> None:
    """Month by month equal to the captured volume payload of 2026-02-24, not of 2026-02-25."""
    folder = CAPTURED.parent
    body = (folder / "amc_volume_si_final_20260224.json").read_bytes()
    volume = comex_volume.parse(Answer(body, "x", SPRING, hint="SI")).frames["open_interest_rows"]
    both = (
        read(CAPTURED.read_bytes(), SPRING)
        .frames["settlement_rows"]
        .join(volume, left_on=["delivery_month", "prior_session"], right_on=["delivery_month", "session"])
    )
    assert both.height == volume.height == 23
    assert both["prior_open_interest"].to_list() == both["open_interest"].to_list()


@needs_captures
@pytest.mark.captures
def test_only_the_settlements_payload_is_recognised() -> None:
    """Not the volume payloads, not the list of trade dates, whatever their names."""
    claimed = {path.name for path in CAPTURED.parent.iterdir() if recognise(path.read_bytes(), "x")}
    assert claimed == {CAPTURED.name}


# --- rows ---


def test_every_value_has_its_column() -> None:
    """The letters of bid and ask are dropped, the previous settlement is settle less change."""
    assert row(made()) == {
        "venue": "COMEX",
        "product": "SI",
        "delivery_month": MARCH,
        "session": MONDAY,
        "status": "final",
        "settle": 82.939,
        "open": 83.165,
        "high": 84.34,
        "low": 81.505,
        "close": 82.21,
        "previous_settle": 84.0,
        "volume": 36_156,
        "prior_session": date(2026, 2, 6),
        "prior_open_interest": 21_882,
        "currency": "USD",
        "unit": "troy_oz",
        "published_at": naive(datetime(2026, 2, 10, 5, 55, tzinfo=UTC)),
        "published_assumed": False,
    }


def test_a_previous_settlement_carries_no_dust_of_the_subtraction() -> None:
    """82.1 less 0.7 is 81.4, not 81.39999999999999."""
    assert row(settlements_json({MARCH: Price("82.1", "+0.7")}, MONDAY))["previous_settle"] == 81.4


def test_a_change_without_a_sign_proves_no_previous_settlement() -> None:
    """A month just listed prints 0."""
    assert row(made(), date(2026, 7, 1))["previous_settle"] is None


def test_the_open_interest_after_a_holiday_is_that_of_the_session_before_it() -> None:
    """Presidents' Day 2026-02-16 has no session: Tuesday's payload carries Friday's figure."""
    body = made(day=date(2026, 2, 17))
    frame = read(body, datetime(2026, 2, 18, 12, tzinfo=UTC)).frames["settlement_rows"]
    assert set(frame["prior_session"]) == {date(2026, 2, 13)}


def test_the_total_row_is_no_contract() -> None:
    """It is only added up against."""
    assert read(made()).frames["settlement_rows"]["delivery_month"].to_list() == list(MONTHS)


def test_a_payload_without_a_total_is_read() -> None:
    """Older ones end with the last month."""
    assert read(made(total=False)).frames["settlement_rows"].height == 3


@pytest.mark.parametrize("key", ["volume", "openInterest"])
def test_months_that_do_not_add_up_to_the_total_are_refused(key: str) -> None:
    """A row lost on the way, or one changed."""
    payload = json.loads(made())
    payload["settlements"][-1][key] = "7"
    with pytest.raises(Implausible, match=f"{key} is 7 in all, but the months add up to") as error:
        read(json.dumps(payload).encode())
    assert error.value.where == f"Total.{key}"


@pytest.mark.parametrize("name", ["JUL 26", "JLY 26"])
def test_july_has_two_names(name: str) -> None:
    """JUL in today's payloads, JLY in older ones."""
    body = settlements_json({name: Price("84.25")}, MONDAY)
    assert row(body, date(2026, 7, 1))["settle"] == 84.25


@pytest.mark.parametrize(
    ("header", "product", "venue", "unit", "settle"),
    [
        ("Silver Future", "SI", "COMEX", "troy_oz", "82.317"),
        ("Gold Futures", "GC", "COMEX", "troy_oz", "4,375.5"),
        ("Copper Futures", "HG", "COMEX", "pound", "5.8"),
        ("Platinum Future", "PL", "NYMEX", "troy_oz", "1,838.9"),
        ("Palladium Futures", "PA", "NYMEX", "troy_oz", "1,502.0"),
    ],
)
def test_the_header_says_the_product(header: str, product: str, venue: str, unit: str, settle: str) -> None:
    """Copper is priced per pound, the others per troy ounce."""
    body = settlements_json({date(2026, 2, 1): Price(settle)}, MONDAY, product=header)
    (found,) = read(body).frames["settlement_rows"].rows(named=True)
    assert (found["product"], found["venue"], found["unit"]) == (product, venue, unit)


@pytest.mark.parametrize("header", ["Micro Silver Futures", "E-mini S&P 500 Futures", "silver", ""])
def test_a_product_we_do_not_follow_is_named(header: str) -> None:
    """Matched whole, so that no micro slips in."""
    with pytest.raises(Unreadable, match="expected one of Copper Future"):
        read(made(product=header))


def test_a_payload_of_another_product_than_asked_for_is_refused() -> None:
    """Asked for gold, answered with silver."""
    with pytest.raises(Implausible, match="asked for 'GC', the payload is of Silver Future"):
        read(made(), hint="GC")


@pytest.mark.parametrize(("text", "status"), [("Final", "final"), ("Preliminary", "preliminary")])
def test_the_report_type_is_the_status(text: str, status: str) -> None:
    """Both are stored."""
    assert row(made(report_type=text))["status"] == status


@pytest.mark.parametrize("text", ["02/09/2026", "2026-02-09"])
def test_the_trade_date_has_two_forms(text: str) -> None:
    """American, and ISO as another collection had it."""
    assert row(made(changed={"tradeDate": text}))["session"] == MONDAY


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Monday, 09 Feb 2026 11:55 PM", datetime(2026, 2, 10, 5, 55, tzinfo=UTC)),
        ("Monday, 9 Feb 2026 12:05 PM", datetime(2026, 2, 9, 18, 5, tzinfo=UTC)),
        ("Tuesday, 10 Feb 2026 12:05 AM", datetime(2026, 2, 10, 6, 5, tzinfo=UTC)),
    ],
)
def test_the_update_is_taken_as_chicago_time(text: str, moment: datetime) -> None:
    """Noon and midnight included."""
    found = row(made(updated=text))
    assert (found["published_at"], found["published_assumed"]) == (naive(moment), False)


@pytest.mark.parametrize("given", [{"updated": None}, {"changed": {"updateTime": ""}}])
def test_without_an_update_the_late_evening_is_assumed(given: dict[str, Any]) -> None:
    """23:55 in Chicago of the trade date, in summer 04:55 UTC."""
    body = made(day=date(2026, 7, 13), **given)
    frame = read(body, datetime(2026, 7, 15, tzinfo=UTC)).frames["settlement_rows"]
    moment = naive(datetime(2026, 7, 14, 4, 55, tzinfo=UTC))
    assert set(frame.select("published_at", "published_assumed").rows()) == {(moment, True)}


def test_an_empty_payload_is_not_yet_published() -> None:
    """Nothing to store, nothing wrong, though it names no product."""
    with pytest.raises(NotPublished, match="2026-02-09"):
        read(settlements_json({}, MONDAY, product="", report_type=""))


# --- payloads that are not understood or not believed ---


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'"settle":"82.939"', b'"settle":"82.939A"', r"'82.939A' is no number \(settlements\[1\]\.settle\)"),
        (b'"settle":"82.939"', b'"settle":"-"', r"no settlement price for MAR 26 \(settlements\[1\]\.settle\)"),
        (b'"settle":"82.939"', b'"settle":82.939', "expected a text under 'settle', found 82.939"),
        (b'"settle":"82.939"', b'"settle":"8293\'7"', r"settlements\[1\]\.settle"),
        (b'"settle":"82.939"', b'"price":"82.939"', "expected a text under 'settle', found None"),
        (b'"high":"84.340B"', b'"high":"84.340N"', r"settlements\[1\]\.high"),
        (b'"volume":"36,156"', b'"volume":"36,15"', r"settlements\[1\]\.volume"),
        (b'"MAR 26"', b'"MAR26"', "'MAR26' is no delivery month"),
        (b'"MAR 26"', b'"FEB 26"', "a delivery month appears twice"),
        (b'"MAR 26"', b'"Total"', "'Total' appears twice"),
        (b'"Final"', b'"Estimate"', "expected one of Final, Preliminary, found 'Estimate'"),
        (b'"02/09/2026"', b'"02/30/2026"', "'2026-02-30' is no date"),
        (b'"02/09/2026"', b'"9 Feb 2026"', "'9 Feb 2026' is no date"),
        (b"11:55 PM", b"23:55", "is no moment such as"),
        (b"11:55 PM", b"13:55 PM", "is no moment such as"),
        (b"11:55 PM", b"11:75 PM", "is no moment"),
        (b"09 Feb 2026", b"31 Feb 2026", "is no moment"),
        (b'"empty":false', b'"empty":true', "'empty' is True beside 4 rows"),
        (b'"settlements":[', b'"settlements":[[],', "no list of objects under 'settlements'"),
    ],
)
def test_a_payload_that_is_not_understood_says_where(old: bytes, new: bytes, says: str) -> None:
    """Wrong types, missing keys, unknown words."""
    assert old in made()
    with pytest.raises(Unreadable, match=says):
        read(made().replace(old, new, 1))


def test_a_total_alone_is_unreadable() -> None:
    """A list without months is not an empty day."""
    payload = json.loads(made())
    payload["settlements"] = payload["settlements"][-1:]
    with pytest.raises(Unreadable, match="a total without any month"):
        read(json.dumps(payload).encode())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda: made(day=date(2026, 2, 8)), "is a Sunday"),
        (lambda: made(day=date(2026, 2, 13)), "a file of the future"),
        (lambda: made(day=date(1999, 12, 31)), "before"),
        (lambda: made(updated="Friday, 06 Feb 2026 11:55 PM"), "does not fit session 2026-02-09"),
        (lambda: made(updated="Friday, 13 Feb 2026 11:55 PM"), "does not fit session 2026-02-09"),
        (lambda: made().replace(b'"volume":"36,156"', b'"volume":"-36,156"'), "volume is -36156, below zero"),
    ],
)
def test_a_payload_that_is_not_believed_says_why(body: Any, says: str) -> None:
    """Dates are measured by the moment of the fetch, never by the clock."""
    with pytest.raises(Implausible, match=says):
        read(body())


def test_other_answers_of_the_same_service_are_not_claimed() -> None:
    """They share the header, not the list."""
    assert not recognise(b'{"dsHeader":"Silver Future","quotes":[]}', "settlements.json")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", made()[:-1], made() + made(), b'{"message":"Bad Request"}'])
def test_anything_else_is_unreadable(body: bytes) -> None:
    """Cut, doubled, another JSON."""
    with pytest.raises(Unreadable):
        read(body)


def test_the_refusal_page_is_blocked() -> None:
    """Never taken for a day without prices."""
    with pytest.raises(Blocked):
        read(b"<p>This IP address is blocked due to suspected web scraping activity</p>")


PAYLOAD = made()
EDITS = edits_of(PAYLOAD)
KEYS = ["tradeDate", "settlements", "updateTime", "dsHeader", "reportType", "empty", "month", "settle", "change", "low"]
TEXTS = st.text(alphabet="0123456789.,-+ABPM/: JLYFEbr", max_size=30)


only_known_endings = endings(recognise, read)


@settings(max_examples=200)
@given(EDITS)
def test_a_damaged_payload_gives_a_batch_or_a_named_error(edits: Edits) -> None:
    """Bytes overwritten anywhere."""
    only_known_endings(overwritten(PAYLOAD, edits))


@settings(max_examples=200)
@given(st.sampled_from(KEYS), TEXTS | st.none() | st.integers() | st.lists(TEXTS, max_size=2))
def test_any_value_under_any_key_gives_a_batch_or_a_named_error(key: str, value: object) -> None:
    """Types and texts that the service never sent."""
    payload = json.loads(PAYLOAD)
    holder = payload if key in payload else payload["settlements"][1]
    holder[key] = value
    only_known_endings(json.dumps(payload).encode())


# --- the source itself ---


def test_one_question_per_product() -> None:
    """458, 437, 438, 446 and 445, the trade date as Americans write it."""
    urls = {ask.url for ask in asks(MONDAY)}
    assert urls == {
        f"https://www.cmegroup.com/CmeWS/mvc/Settlements/Futures/Settlements/{number}/FUT"
        "?strategy=DEFAULT&tradeDate=02/09/2026&pageSize=500&isProtected"
        for number in (458, 437, 438, 446, 445)
    }
    assert not SOURCE.needs_hint


def test_settlements_are_due_the_same_evening() -> None:
    """Final at about midnight in Chicago."""
    assert (SOURCE.due.clock, SOURCE.due.zone, SOURCE.due.days) == ("23:55", "America/Chicago", 0)
