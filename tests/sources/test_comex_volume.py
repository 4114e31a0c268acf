"""COMEX volume and open interest: the captured payloads, the product that only a name says, made-up payloads.

Every payload that is not read from the captures is made up by `tests.factories.comex`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources import comex_settlements, comex_stocks
from monitor.sources.comex_volume import SOURCE, asks, hint_of, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex import Month, Price, settlements_json, silver_stocks_xls, volume_json
from tests.sources.damage import Edits, edits_of, endings, overwritten

MONDAY = date(2026, 2, 9)
MORNING_AFTER = datetime(2026, 2, 10, 16, tzinfo=UTC)
NOW = datetime(2026, 2, 11, 12, tzinfo=UTC)
MONTHS = {
    date(2026, 2, 1): Month(406, 232, -328),
    date(2026, 3, 1): Month(73_142, 61_577, -4_021, privately=1_027, deliveries=3),
    date(2026, 7, 1): Month(9_120, 1_200),
}


def read(body: bytes, hint: str | None = "SI", at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "payload.json", at, hint=hint))
    validate.checked(batch.frames)
    return batch


def made(day: date = MONDAY, updated: datetime | None = MORNING_AFTER, **changed: Any) -> bytes:
    return volume_json(MONTHS, day, updated=updated, changed=changed)


def frame(batch: Batch) -> pl.DataFrame:
    return batch.frames["open_interest_rows"]


def row(body: bytes, month: date = date(2026, 3, 1)) -> dict[str, Any]:
    return frame(read(body)).filter(pl.col("delivery_month") == month).row(0, named=True)


# --- the captured payloads ---

FOLDER = CAPTURES / "comex" / "volume_oi_json"
SUMMER = datetime(2026, 6, 1, tzinfo=UTC)


@cache
def captured() -> dict[str, Batch]:
    """Every captured payload by file name, its product taken from the name."""
    return {path.name: read(path.read_bytes(), hint_of(path.name), SUMMER) for path in sorted(FOLDER.iterdir())}


@needs_captures
@pytest.mark.captures
def test_every_captured_month_equals_its_answer() -> None:
    """138 payloads, 3,491 months, every number and the moment of the update."""
    columns: dict[str, Callable[[dict[str, Any]], str]] = {
        "trade_date": lambda row: str(row["session"]),
        "product": lambda row: row["product"],
        "contract_month": lambda row: f"{row['delivery_month']:%Y-%m}",
        "globex": lambda row: str(row["globex_volume"]),
        "total_volume": lambda row: str(row["volume"]),
        "pnt_volume": lambda row: str(row["pnt_volume"]),
        "deliveries": lambda row: str(row["deliveries"]),
        "open_interest": lambda row: str(row["open_interest"]),
        "oi_change": lambda row: str(row["open_interest_change"]),
        "update_time": lambda row: row["published_at"].isoformat(timespec="milliseconds") + "Z",
    }
    with (CAPTURES / "comex" / "expected" / "volume_oi_by_month.csv").open(encoding="utf-8") as file:
        wanted = {tuple(answer[name] for name in columns) for answer in csv.DictReader(file)}
    found = {
        tuple(value(row) for value in columns.values())
        for batch in captured().values()
        for row in frame(batch).iter_rows(named=True)
    }
    assert (len(captured()), len(wanted)) == (138, 3_491)
    assert [f"- {row}" for row in wanted - found] + [f"+ {row}" for row in found - wanted] == []


@needs_captures
@pytest.mark.captures
def test_silver_of_2026_02_09_is_preliminary() -> None:
    """Its March open interest was printed as 73,142 that night and as 73,128 the next morning."""
    found = frame(captured()["silver_2026-02-09.json"]).filter(pl.col("delivery_month") == date(2026, 3, 1))
    assert found.select("open_interest", "status").rows() == [(73_142, "preliminary")]


@needs_captures
@pytest.mark.captures
def test_the_captured_payloads_of_the_other_collection_are_read() -> None:
    """Gold preliminary, silver final, and an empty one."""
    folder = CAPTURES / "comex" / "settlements_json"
    gold = frame(read((folder / "amc_volume_gc_prelim_20260213.json").read_bytes(), "GC", SUMMER))
    silver = frame(read((folder / "amc_volume_si_final_20260224.json").read_bytes(), "SI", SUMMER))
    assert (gold["open_interest"].sum(), set(gold["status"])) == (412_911, {"preliminary"})
    assert (silver["open_interest"].sum(), set(silver["status"])) == (125_454, {"final"})
    with pytest.raises(NotPublished, match="2020-07-22"):
        read((folder / "amc_volume_empty_20200722.json").read_bytes(), "SI", SUMMER)


@needs_captures
@pytest.mark.captures
def test_only_volume_payloads_are_recognised() -> None:
    """Not the settlements payload, not the list of trade dates, whatever their names."""
    assert all(recognise(path.read_bytes(), "x.xls") for path in FOLDER.iterdir())
    folder = CAPTURES / "comex" / "settlements_json"
    claimed = {path.name for path in folder.iterdir() if recognise(path.read_bytes(), "silver.json")}
    assert claimed == {path.name for path in folder.iterdir() if "volume" in path.name}


# --- the product, which the payload does not say ---


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("silver_2026-02-09.json", "SI"),
        ("2026/02/GOLD/payload (3).json", "GC"),
        ("HG-20260209.json", "HG"),
        ("Details_F_446_20260209_P", "PL"),
        ("445.json", "PA"),
        ("si.silver.458.json", "SI"),
        ("2026-02-09.json", None),
        ("silverware.json", None),
        ("", None),
    ],
)
def test_a_token_of_the_name_says_the_product(text: str, product: str | None) -> None:
    """Whole tokens only, in any case, several of one product allowed."""
    assert hint_of(text) == product


@pytest.mark.parametrize(
    "text", ["micro_gold_2026-02-09.json", "Micro Silver.json", "SIL_2026.json", "e-mini gold.json"]
)
def test_a_smaller_contract_is_never_taken_for_the_full_one(text: str) -> None:
    """The payload itself names no product."""
    with pytest.raises(Unreadable, match="smaller contract"):
        hint_of(text)


def test_a_name_of_two_products_is_ambiguous() -> None:
    """Neither is taken."""
    with pytest.raises(Unreadable, match="names GC and SI: keep one, or say --product"):
        hint_of("gold/silver_2026-02-09.json")


@pytest.mark.parametrize("hint", [None, ""])
def test_without_a_product_the_error_says_what_to_do(hint: str | None) -> None:
    """A token in the name, or --product."""
    with pytest.raises(Unreadable, match=r"add a token such as silver.* or use --product"):
        read(made(), hint)


@pytest.mark.parametrize("hint", ["MGC", "silver", "ag"])
def test_an_unknown_product_is_refused(hint: str) -> None:
    """Micros and Chinese contracts are others; a hint is an exchange code."""
    with pytest.raises(Unreadable, match=f"product '{hint}' is none of SI, GC, HG, PL, PA"):
        read(made(), hint)


@pytest.mark.parametrize(
    ("hint", "venue"), [("SI", "COMEX"), ("GC", "COMEX"), ("HG", "COMEX"), ("PL", "NYMEX"), ("PA", "NYMEX")]
)
def test_platinum_and_palladium_belong_to_nymex(hint: str, venue: str) -> None:
    """The others to COMEX."""
    assert set(frame(read(made(), hint)).select("venue", "product").rows()) == {(venue, hint)}


# --- numbers ---


def test_open_interest_is_at_close_and_every_number_has_its_column() -> None:
    """Thousands separators read, signs kept."""
    assert row(made()) == {
        "venue": "COMEX",
        "product": "SI",
        "delivery_month": date(2026, 3, 1),
        "session": MONDAY,
        "status": "final",
        "open_interest": 73_142,
        "open_interest_change": -4_021,
        "volume": 61_577,
        "globex_volume": 60_550,
        "pnt_volume": 1_027,
        "block_volume": 0,
        "efp_volume": 0,
        "deliveries": 3,
        "published_at": naive(MORNING_AFTER),
        "published_assumed": False,
    }


def test_a_dash_is_no_number() -> None:
    """It stays null where a number may be missing."""
    body = made().replace(b'"deliveries":"3"', b'"deliveries":"-"').replace(b'"change":"-4,021"', b'"change":"-"')
    assert (row(body)["deliveries"], row(body)["open_interest_change"]) == (None, None)


@pytest.mark.parametrize("printed", ["1", "999,999"])
@pytest.mark.parametrize("key", ["atClose", "totalVolume"])
def test_months_that_do_not_add_up_to_the_totals_are_refused(key: str, printed: str) -> None:
    """A row lost on the way, or one changed, to either side."""
    with pytest.raises(Implausible, match=rf"{key} is \d+ in all, but the months add up to \d+") as error:
        read(volume_json(MONTHS, MONDAY, updated=MORNING_AFTER, totals={key: printed}))
    assert error.value.where == f"totals.{key}"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'"atClose":"9,120"', b'"atClose":"9.5"', r"monthData\[2\]\.atClose"),
        (b'"atClose":"9,120"', b'"atClose":"91,20"', r"monthData\[2\]\.atClose"),
        (b'"atClose":"9,120"', b'"atClose":9120', "expected a text under 'atClose', found 9120"),
        (b'"atClose":"9,120"', b'"atClose":"-"', r"a dash where a number should be \(monthData\[2\]\.atClose\)"),
        (b'"atClose":"9,120"', b'"open":"9,120"', "expected a text under 'atClose', found None"),
        (b'"atClose":"9,120"', b'"atClose":NaN', "NaN is no number"),
        (
            b'"deliveries":"3","opnt":"-","aon":"-","atClose":"73',
            b'"deliveries":["3"],"opnt":"-","aon":"-","atClose":"73',
            "expected a text under 'deliveries'",
        ),
        (b'"JUL 2026"', b'"JULY 2026"', r"'JULY 2026' is no delivery month .*monthData\[2\]\.month"),
        (b'"JUL 2026"', b'"MAR 2026"', "a delivery month appears twice"),
        (b'"tradeDate":"20260209"', b'"tradeDate":"20260299"', "'20260299' is no date"),
        (b'"tradeDate":"20260209"', b'"tradeDate":20260209', "expected a text under 'tradeDate'"),
        (b'"totals":{', b'"sums":{', "expected an object under 'totals', found None"),
        (b'"empty":false', b'"empty":true', "'empty' is True beside 3 rows"),
        (b'"empty":false', b'"empty":"no"', "'empty' is 'no' beside 3 rows"),
        (b'"monthData":[', b'"monthData":[7,', "no list of objects under 'monthData'"),
        (b"2026-02-10T16:00:00.000Z", b"2026-02-10T16:00:00", "has no time zone"),
        (b"2026-02-10T16:00:00.000Z", b"this morning", "'this morning' is no moment"),
    ],
)
def test_a_payload_that_is_not_understood_says_where(old: bytes, new: bytes, says: str) -> None:
    """Wrong types, missing keys, unknown words."""
    assert made().count(old) == 1
    with pytest.raises(Unreadable, match=says):
        read(made().replace(old, new))


@pytest.mark.parametrize("key", [b"atClose", b"totalVolume", b"globex", b"deliveries"])
def test_a_count_below_zero_is_refused(key: bytes) -> None:
    """Only the change of open interest has a sign."""
    body = made().replace(b'"' + key + b'":"', b'"' + key + b'":"-')
    with pytest.raises(Implausible, match="below zero"):
        read(body)


@pytest.mark.parametrize("cut", [40, 200, 900, -1])
def test_a_cut_payload_is_unreadable(cut: int) -> None:
    """Not a shorter list of months; where its keys are still there it is recognised all the same."""
    with pytest.raises(Unreadable):
        read(made()[:cut])
    assert recognise(made()[:900], "")


def test_two_payloads_in_one_file_are_unreadable() -> None:
    """Neither is taken."""
    with pytest.raises(Unreadable, match="Extra data"):
        read(made() + made())


# --- versions and moments ---


@pytest.mark.parametrize(
    ("hour", "minute", "status"),
    [(5, 20, "preliminary"), (9, 59, "preliminary"), (12, 0, "preliminary"), (13, 59, "preliminary"), (14, 0, "final")],
)
def test_the_update_decides_between_preliminary_and_final(hour: int, minute: int, status: str) -> None:
    """Final from 14:00 UTC of the day after the trade date; between 10:00 and 14:00 the careful answer."""
    updated = datetime(2026, 2, 10, hour, minute, tzinfo=UTC)
    found = row(made(updated=updated))
    assert (found["status"], found["published_at"], found["published_assumed"]) == (status, naive(updated), False)


def test_an_update_with_another_zone_is_turned_into_utc() -> None:
    """The same moment as 14:00 UTC."""
    body = made().replace(b"2026-02-10T16:00:00.000Z", b"2026-02-10T08:00:00-06:00")
    assert row(body)["published_at"] == naive(datetime(2026, 2, 10, 14, tzinfo=UTC))


def test_without_an_update_it_is_preliminary_and_its_moment_assumed() -> None:
    """10:00 in Chicago of the next session: Friday's counts from Monday, 16:00 UTC in winter."""
    found = row(made(day=date(2026, 2, 6), updated=None))
    assert (found["status"], found["published_assumed"]) == ("preliminary", True)
    assert found["published_at"] == naive(datetime(2026, 2, 9, 16, tzinfo=UTC))


@pytest.mark.parametrize("changed", [{"monthData": []}, {"monthData": [], "empty": True}])
def test_an_empty_day_is_not_yet_published(changed: dict[str, Any]) -> None:
    """HTTP 200 with no months: nothing to store, nothing wrong, whatever the product."""
    with pytest.raises(NotPublished, match="2026-02-09"):
        read(made(**changed), None)


def test_a_day_without_trades_keeps_its_open_interest() -> None:
    """Good Friday has a payload with volume 0 and the open interest of the day before."""
    quiet = {date(2026, 5, 1): Month(100, 0, 0)}
    found = frame(read(volume_json(quiet, date(2026, 4, 3), updated=datetime(2026, 4, 4, 15, tzinfo=UTC)), at=SUMMER))
    assert found.select("open_interest", "volume").rows() == [(100, 0)]


@pytest.mark.parametrize("hours", [0, 12])
def test_a_trade_date_beyond_the_day_after_the_fetch_is_refused(hours: int) -> None:
    """Measured by the moment of the fetch, never by the clock."""
    fetched = datetime(2026, 2, 7, 13, tzinfo=UTC) + timedelta(hours=hours)
    with pytest.raises(Implausible, match="a file of the future"):
        read(made(), at=fetched)


@pytest.mark.parametrize("day", [date(2026, 2, 7), date(2026, 2, 8)])
def test_a_trade_date_on_a_weekend_is_refused(day: date) -> None:
    """No session is held then."""
    with pytest.raises(Implausible, match="and no session is held then"):
        read(made(day=day))


@pytest.mark.parametrize("day", [date(1998, 2, 9), date(1999, 2, 9)])
def test_a_trade_date_of_long_ago_is_refused(day: date) -> None:
    """These reports did not exist."""
    with pytest.raises(Implausible, match="before"):
        read(made(day=day))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_update_at_the_end_of_time_is_refused(text: str) -> None:
    """Such a moment does not even exist in UTC."""
    with pytest.raises(Implausible, match="does not fit session 2026-02-09"):
        read(made().replace(b"2026-02-10T16:00:00.000Z", text.encode()))


@pytest.mark.parametrize("updated", [datetime(2026, 2, 8, 23, tzinfo=UTC), datetime(2026, 2, 12, 13, tzinfo=UTC)])
def test_an_update_before_the_session_or_after_the_fetch_is_refused(updated: datetime) -> None:
    """Yesterday's payload under a new date, or a clock that is wrong."""
    with pytest.raises(Implausible, match="does not fit session 2026-02-09"):
        read(made(updated=updated))


# --- answers that are no payload ---


@pytest.mark.parametrize(
    "body",
    [
        b"<html><title>Access Denied</title></html>",
        b"This IP address is blocked.",
        b"<p>Suspected   web\nscraping activity</p>",
        b"... is strictly prohibited by CME Group's website\n Data Terms of Use",
    ],
)
def test_the_refusal_page_is_blocked(body: bytes) -> None:
    """Also as plain text, also with status 200; never taken for a day without data."""
    with pytest.raises(Blocked):
        read(body)


@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b"[]", b'{"message":"Bad Request"}', b'\xff\xfe{"a":1}', b"{" * 99_999]
)
def test_anything_else_is_unreadable(body: bytes) -> None:
    """An empty body, a page, another JSON, another encoding, a nesting without end."""
    with pytest.raises(Unreadable):
        read(body)
    assert not recognise(body, "silver.json")


def test_the_other_reports_are_not_claimed() -> None:
    """Each of the three sources recognises its own file alone."""
    prices = settlements_json({date(2026, 3, 1): Price("82.939")}, MONDAY)
    stocks = silver_stocks_xls(MONDAY, date(2026, 2, 10))
    recognisers = (recognise, comex_settlements.recognise, comex_stocks.recognise)
    assert [[claims(body, "x") for claims in recognisers] for body in (made(), prices, stocks)] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]


PAYLOAD = made()
EDITS = edits_of(PAYLOAD)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


only_known_endings = endings(recognise, read)


@settings(max_examples=200)
@given(EDITS)
def test_a_damaged_payload_gives_a_batch_or_a_named_error(edits: Edits) -> None:
    """Bytes overwritten anywhere."""
    only_known_endings(overwritten(PAYLOAD, edits))


@settings(max_examples=200)
@given(st.sampled_from(["tradeDate", "totals", "monthData", "updateTime", "empty", "atClose", "month", "change"]), JSON)
def test_any_json_under_any_key_gives_a_batch_or_a_named_error(key: str, value: object) -> None:
    """Types that the service never sent."""
    payload = json.loads(PAYLOAD)
    holder = payload if key in payload else payload["monthData"][1]
    holder[key] = value
    only_known_endings(json.dumps(payload).encode())


@settings(max_examples=100)
@given(st.binary(max_size=500))
def test_arbitrary_bytes_give_a_named_error(body: bytes) -> None:
    """Also behind an opening brace."""
    only_known_endings(body)
    only_known_endings(b"{" + body)


# --- the source itself ---


def test_one_question_per_product_carries_the_product() -> None:
    """458, 437, 438, 446 and 445, each with its exchange code as the hint."""
    assert {(ask.hint, ask.url) for ask in asks(MONDAY)} == {
        (
            code,
            f"https://www.cmegroup.com/CmeWS/mvc/Volume/Details/F/{number}/20260209/P"
            "?tradeDate=20260209&pageSize=500&isProtected",
        )
        for code, number in (("SI", 458), ("GC", 437), ("HG", 438), ("PL", 446), ("PA", 445))
    }
    assert SOURCE.needs_hint


def test_the_report_is_due_at_10_chicago_one_session_later() -> None:
    """Friday's figures are final on Monday."""
    due = SOURCE.due
    assert (due.clock, due.zone, due.days, due.in_sessions) == ("10:00", "America/Chicago", 1, True)
