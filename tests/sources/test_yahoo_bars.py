"""Yahoo's chart answer: the bars that are kept, every trap that is not, and anything at all."""

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

from monitor import sessions, validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.yahoo_bars import SOURCE, SYMBOLS, asks, backlog, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.prices import EXAMPLES, NEW_YORK, chart, expanded, opening
from tests.homes import house, offer

NOW = datetime(2026, 8, 6, 12, tzinfo=UTC)
DAYS = sessions.sessions("NYSE", date(2026, 2, 2), date(2026, 2, 6))
BARS = [(opening(day), 25.0 + place) for place, day in enumerate(DAYS)]


def read(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "chart.json", at))
    validate.checked(batch.frames)
    return batch


def rows(batch: Batch) -> dict[date, Mapping[str, Any]]:
    return {row["session"]: row for row in batch.frames["bar_rows"].rows(named=True)}


def new_york(day: date, clock: str) -> datetime:
    return datetime.fromtimestamp(opening(day, clock), UTC)


def why(body: bytes, at: datetime = NOW) -> dict[str, str]:
    """The bars left out of an answer that keeps others: where -> message."""
    return {reject.where: reject.message for reject in read(body, at).rejects}


# --- the captured answer of another symbol ---

FIXTURE = CAPTURES / "world" / "fixtures" / "yahoo_chart_BZ=F_1mo_1d.json"
NULLS = CAPTURES / "world" / "fixtures" / "yahoo_chart_null_closes_synthetic.json"


@needs_captures
@pytest.mark.captures
@pytest.mark.parametrize("path", [FIXTURE, NULLS], ids=["captured", "synthetic"])
def test_the_captured_answer_of_a_continuous_future_is_refused_with_the_reason(path: Path) -> None:
    body = path.read_bytes()
    assert recognise(body, path.name)
    with pytest.raises(Unreadable, match=r"'BZ=F' is a future.*nominal nearest contract.*comex_settlements"):
        read(body)


@needs_captures
@pytest.mark.captures
def test_the_captured_layout_under_a_funds_name_reads_bar_by_bar() -> None:
    """The future's own figures of 2026-07-06 to 08-05, called a fund; the last bar is a noon's."""
    body = FIXTURE.read_bytes().replace(b'"BZ=F"', b'"SLV"').replace(b'"FUTURE"', b'"ETF"')
    batch = read(body)
    found = rows(batch)
    assert set(found) == set(sessions.sessions("NYSE", date(2026, 7, 6), date(2026, 8, 4)))
    first = found[date(2026, 7, 6)]
    assert (first["open"], first["high"], first["low"], first["close"], first["volume"]) == (
        71.87, 72.59, 71.03, 71.99, 46_238
    )  # fmt: skip
    assert (first["adjusted_close"], first["currency"]) == (71.99, "USD")
    assert [(reject.where, reject.message) for reject in batch.rejects] == [
        ("bar 23, 2026-08-05", "the session is not over in this file")
    ]
    assert batch.notes == ()


@needs_captures
@pytest.mark.captures
def test_a_null_close_is_left_out_and_said() -> None:
    body = NULLS.read_bytes().replace(b'"BZ=F"', b'"SLV"').replace(b'"FUTURE"', b'"ETF"')
    batch = read(body)
    assert sorted(rows(batch)) == [date(2026, 7, day) for day in (6, 7, 9, 10)]
    assert [(reject.where, reject.message) for reject in batch.rejects] == [("bar 3, 2026-07-08", "no close")]


# --- the bars ---


def test_every_bar_has_its_date_its_prices_and_the_files_moment() -> None:
    found = rows(read(chart(BARS)))
    assert {day: row["close"] for day, row in found.items()} == {day: 25.0 + place for place, day in enumerate(DAYS)}
    row = found[DAYS[0]]
    assert (row["symbol"], row["high"], row["low"], row["volume"], row["adjusted_close"]) == (
        "HL", 25.5, 24.5, 1_000, 24.75
    )  # fmt: skip
    assert row["adjusted_as_of"] == datetime(2026, 2, 6, 21, 0, 2)  # noqa: DTZ001 - storage form
    assert row["published_at"] == datetime(2026, 2, 2, 21, 15)  # noqa: DTZ001 - 16:15 New York
    assert row["published_assumed"]


def test_the_digits_of_a_32_bit_float_are_rounded_to_four_places() -> None:
    assert expanded(27.479) == 27.479000091552734
    assert rows(read(chart([(opening(DAYS[0]), 27.479)])))[DAYS[0]]["close"] == 27.479


@pytest.mark.parametrize(("offset", "day"), [(-14_400, date(2026, 1, 15)), (-18_000, date(2026, 7, 15))])
def test_a_bar_stamped_at_midnight_keeps_its_date_whatever_offset_is_printed(offset: int, day: date) -> None:
    """Read in summer, a winter bar; with the printed offset a summer bar read in winter would be a day early."""
    body = chart([(opening(day, "00:00"), 25.0)], meta={"gmtoffset": offset}, market=new_york(day, "16:00"))
    assert set(rows(read(body))) == {day}


def test_a_bar_stamped_in_the_evening_belongs_to_new_yorks_day_and_not_to_the_next_in_utc() -> None:
    assert set(rows(read(chart([(opening(DAYS[0], "20:00"), 25.0)])))) == {DAYS[0]}


def test_prices_without_an_adjusted_close_are_kept_without_it() -> None:
    assert rows(read(chart(BARS, adjusted=False)))[DAYS[0]]["adjusted_close"] is None


def test_a_blank_volume_or_opening_price_is_null_and_not_zero() -> None:
    row = rows(read(chart(BARS[:1], quote={"volume": [None], "open": [None]})))[DAYS[0]]
    assert (row["volume"], row["open"]) == (None, None)


def test_a_bar_of_a_holiday_or_a_weekend_is_left_out() -> None:
    holiday, saturday = date(2026, 2, 16), date(2026, 2, 7)
    body = chart(
        [*BARS, (opening(saturday), 26.0), (opening(holiday), 26.0)], market=new_york(date(2026, 2, 17), "12:00")
    )
    assert list(why(body).values()) == [
        "Saturday 2026-02-07 is no session of the NYSE",
        "Monday 2026-02-16 is no session of the NYSE",
    ]


def test_two_bars_under_one_date_are_both_left_out() -> None:
    """Yahoo appends the live price under the day's own date."""
    body = chart([*BARS, (opening(DAYS[-1], "16:00"), 40.0)])
    assert list(why(body).values()) == ["two bars under one date"] * 2
    assert DAYS[-1] not in rows(read(body))


@pytest.mark.parametrize("clock", ["09:31", "15:58"])
def test_a_bar_of_a_session_that_is_not_over_is_left_out(clock: str) -> None:
    body = chart(BARS, market=new_york(DAYS[-1], clock))
    assert why(body) == {"bar 5, 2026-02-06": "the session is not over in this file"}


def test_a_bar_is_kept_from_a_quarter_past_the_close_and_not_sooner() -> None:
    last = DAYS[-1]
    assert last in rows(read(chart(BARS), new_york(last, "16:15")))
    assert last not in rows(read(chart(BARS, market=new_york(last, "16:00")), new_york(last, "16:14")))


@pytest.mark.parametrize("day", [date(2025, 11, 28), date(2025, 12, 24), date(2025, 7, 3)])
def test_a_half_day_is_over_at_13_00(day: date) -> None:
    body = chart([(opening(day), 25.0)], market=new_york(day, "13:00"))
    assert set(rows(read(body))) == {day}


@pytest.mark.parametrize("day", [date(2025, 11, 21), date(2025, 12, 23), date(2026, 7, 2)])
def test_the_days_beside_a_half_day_are_not_over_at_13_00(day: date) -> None:
    with pytest.raises(NotPublished):
        read(chart([(opening(day), 25.0)], market=new_york(day, "13:00")))


def test_a_file_made_after_18_00_loses_its_last_bar_that_may_wear_the_old_date() -> None:
    body = chart(BARS, market=new_york(DAYS[-1], "18:05"))
    (message,) = why(body).values()
    assert message.startswith("made after 18:00 New York")
    assert set(rows(read(body))) == set(DAYS[:-1])


def test_without_a_market_time_the_fetch_decides_whether_the_session_is_over() -> None:
    body = chart(BARS, meta={"regularMarketTime": None})
    assert set(rows(read(body))) == set(DAYS)
    assert set(rows(read(body, new_york(DAYS[-1], "12:00")))) == set(DAYS[:-1])


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("close", 26.2, "a price outside the day's high and low"),
        ("low", 25.4, "a price outside the day's high and low"),
        ("close", -25.0, "a price that is not between 0 and 10,000 dollars"),
        ("open", 0, "a price that is not between 0 and 10,000 dollars"),
        ("high", 2e6, "a price that is not between 0 and 10,000 dollars"),
        ("volume", -1, "a volume no share has"),
    ],
)
def test_a_bar_that_contradicts_itself_is_left_out_and_the_others_stay(column: str, value: float, message: str) -> None:
    plain = json.loads(chart(BARS))["chart"]["result"][0]["indicators"]["quote"][0][column]
    body = chart(BARS, quote={column: [value, *plain[1:]]})
    assert why(body) == {"bar 1, 2026-02-02": message}
    assert set(rows(read(body))) == set(DAYS[1:])


# --- answers that are refused ---


@pytest.mark.parametrize("symbol", ["SI=F", "GC=F", "SIZ26.CMX"])
def test_futures_are_refused_with_the_reason(symbol: str) -> None:
    kind = {"instrumentType": "FUTURE"}
    with pytest.raises(Unreadable, match="nominal nearest contract"):
        read(chart(BARS, symbol, meta=kind))


def test_a_continuous_future_is_refused_by_its_name_alone() -> None:
    with pytest.raises(Unreadable, match="'SI=F' is a future"):
        read(chart(BARS, "SI=F"))


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ({"symbol": "PAAS.TO"}, "none of HL, PAAS"),
        ({"dataGranularity": "1mo"}, "range=max answers with monthly bars"),
        ({"dataGranularity": None}, "dataGranularity is None"),
        ({"currency": "CAD"}, "currency is 'CAD'"),
        ({"exchangeTimezoneName": "America/Toronto"}, "exchangeTimezoneName"),
    ],
)
def test_another_symbol_frequency_currency_or_place_is_refused(meta: dict[str, object], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(chart(BARS, meta=meta))


def test_monthly_bars_that_call_themselves_daily_are_refused() -> None:
    months = [(opening(date(2025, month, 3), "00:00"), 25.0) for month in range(2, 10)]
    with pytest.raises(Unreadable, match="weeks or months apart"):
        read(chart(months))


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(Unreadable, match="low has 4 values beside 5 timestamps"):
        read(chart(BARS, quote={"low": [24.0] * 4}))
    with pytest.raises(Unreadable, match="volume has no values"):
        read(chart(BARS, quote={"volume": None}))


@pytest.mark.parametrize("stamps", [[2, 1], [-5], [4_000_000_000]])
def test_timestamps_out_of_order_or_of_the_future_are_not_believed(stamps: list[int]) -> None:
    payload = json.loads(chart(BARS[: len(stamps)]))
    payload["chart"]["result"][0]["timestamp"] = stamps
    with pytest.raises(Implausible):
        read(json.dumps(payload).encode())


def test_an_answer_without_one_believable_bar_is_not_believed() -> None:
    with pytest.raises(Implausible, match="none of 1 bars"):
        read(chart([(opening(date(2026, 2, 7)), 25.0)], market=new_york(date(2026, 2, 9), "12:00")))


def test_an_answer_with_nothing_finished_is_not_published_yet() -> None:
    body = chart([(opening(DAYS[0]), None)], market=new_york(DAYS[0], "12:00"))
    with pytest.raises(NotPublished):
        read(body)
    with pytest.raises(NotPublished, match="no bar"):
        read(chart([]))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("Not Found", NotPublished),
        ("Unprocessable Entity", Unreadable),
        ("Unauthorized", Blocked),
        ("Too Many Requests", Blocked),
    ],
)
def test_yahoos_own_errors_are_told_apart(code: str, error: type[Exception]) -> None:
    body = chart([], error={"code": code, "description": "No data found, symbol may be delisted"})
    assert recognise(body, "x")
    with pytest.raises(error, match="Yahoo answers"):
        read(body)


@pytest.mark.parametrize(
    "body", [b"Too Many Requests\r\n", b"<html>captcha</html>", b"<html>Will be right back</html>"]
)
def test_a_refusal_page_counts_as_blocked(body: bytes) -> None:
    with pytest.raises(Blocked):
        read(body)


def test_an_unknown_column_is_noted() -> None:
    (note,) = read(chart(BARS, quote={"vwap": [1, 2, 3, 4, 5]})).notes
    assert (note.kind, note.text) == ("layout", "unknown keys: 'vwap'")


# --- through the house ---


def test_of_two_files_the_one_adjusted_latest_counts_as_far_as_it_was_known(tmp_path: Path) -> None:
    """A two-for-one split between them: all prices of the later file are half."""
    before = chart(BARS)
    after = chart([(stamp, close / 2) for stamp, close in BARS], market=new_york(date(2026, 3, 2), "16:00"))
    with house(tmp_path) as opened:
        for body in (after, before):
            (outcome,) = offer(opened, [("HL.json", body)], NOW)
            assert (outcome.status, outcome.source, outcome.rows) == ("loaded", "yahoo_bars", 5)
        closes = "select close from bars where session = '2026-02-02'"
        assert opened.store.rows(closes) == [(12.5,)]
        with opened.store.cursor() as cur:
            cur.execute("set variable known_at = timestamp '2026-02-20 00:00:00'")
            assert cur.execute(closes).fetchall() == [(25.0,)]
            cur.execute("set variable known_at = timestamp '2026-02-02 21:14:59'")
            assert cur.execute(closes).fetchall() == []


# --- anything at all ---


@needs_captures
@pytest.mark.captures
def test_only_chart_answers_are_taken_for_chart_answers() -> None:
    claimed = {path.name for path in CAPTURES.rglob("*") if path.is_file() and recognise(path.read_bytes(), path.name)}
    assert claimed == {FIXTURE.name, NULLS.name}


def only_known_endings(body: bytes) -> None:
    """A batch that passes the schema, or one of the four errors a source may raise."""
    recognise(body, "file")
    with contextlib.suppress(NotPublished, Blocked, Unreadable, Implausible):
        read(body)


BODY = chart(BARS)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = st.sampled_from(
    ["chart", "chart.error", "chart.result", "chart.result.0", "chart.result.0.meta", "chart.result.0.timestamp",
     "chart.result.0.meta.symbol", "chart.result.0.meta.regularMarketTime", "chart.result.0.indicators",
     "chart.result.0.indicators.quote", "chart.result.0.indicators.adjclose", "chart.result.0.timestamp.1",
     "chart.result.0.indicators.quote.0.close", "chart.result.0.indicators.quote.0.close.2",
     "chart.result.0.indicators.quote.0.volume.2", "chart.result.0.indicators.adjclose.0"]
)  # fmt: skip


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'{"chart":{', b'{"chart":{"result":[{"meta":']))
@settings(max_examples=EXAMPLES)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    only_known_endings(start + body)


@given(EDITS)
@settings(max_examples=EXAMPLES)
def test_damaged_answers_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    only_known_endings(shanghai.damage(BODY, edits))


@given(PLACES, JSON)
@settings(max_examples=EXAMPLES)
def test_any_json_at_any_place_gives_a_batch_or_a_named_error(place: str, value: object) -> None:
    payload = json.loads(BODY)
    *path, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    holder = payload
    for step in path:
        holder = holder[step]
    holder[last] = value
    only_known_endings(json.dumps(payload).encode())


# --- the source itself ---


def test_one_question_a_symbol_covers_one_day_or_a_stretch_of_them() -> None:
    day = date(2026, 2, 2)
    found = asks(day)
    assert len(found) == len(SYMBOLS) == 13
    first, last = opening(day, "00:00"), opening(day + timedelta(days=1), "00:00")
    assert f"/HL?period1={first}&period2={last}&interval=1d" in found[0].url
    assert f"period2={opening(date(2026, 2, 7), '00:00')}&" in backlog(day, date(2026, 2, 6))[0].url
    assert all("=F" not in ask.url for ask in found)


def test_bars_are_due_after_the_close_and_before_the_next_session_takes_over() -> None:
    assert (SOURCE.due.clock, SOURCE.due.zone, SOURCE.venue) == ("16:30", str(NEW_YORK), "NYSE")
    assert "forbid" in SOURCE.terms
