"""The Shanghai benchmark prices: midnight in Beijing, two lists joined by date, two metals told apart."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.sge_benchmark import SOURCE, asks, backlog, hint_of, parse, recognise
from tests.factories import shanghai
from tests.factories.asia import EXAMPLES, benchmark_json, midnight

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
MORNING: dict[date, object] = {MONDAY: 16_010.0, MONDAY + timedelta(days=1): 16_100.0}
AFTERNOON: dict[date, object] = {MONDAY: 16_055.0, MONDAY + timedelta(days=1): 16_140.0}


def read(body: bytes, hint: str | None = "silver") -> Batch:
    return parse(Answer(body, "file", NOW, hint=hint))


def rows(batch: Batch) -> list[tuple[object, ...]]:
    frame = validate.checked(batch.frames)["sge_benchmark_rows"]
    return frame.select("session", "fixing", "price").sort("session", "fixing", descending=[False, True]).rows()


def test_both_fixings_of_a_day_are_read() -> None:
    batch = read(benchmark_json(MORNING, AFTERNOON))
    assert rows(batch) == [
        (MONDAY, "morning", 16_010.0),
        (MONDAY, "afternoon", 16_055.0),
        (date(2026, 11, 17), "morning", 16_100.0),
        (date(2026, 11, 17), "afternoon", 16_140.0),
    ]
    frame = batch.frames["sge_benchmark_rows"]
    assert (set(frame["metal"]), set(frame["unit"])) == ({"silver"}, {"kg"})
    assert sorted(frame["published_at"])[:2] == [datetime(2026, 11, 16, 2, 30), datetime(2026, 11, 16, 6, 30)]  # noqa: DTZ001
    assert (batch.notes, batch.rejects) == ((), ())


def test_the_stamp_of_the_first_silver_fixing_is_a_monday_in_beijing() -> None:
    """Read as UTC it would be Sunday 2019-10-13."""
    first = date(2019, 10, 14)
    assert datetime.fromtimestamp(midnight(first) / 1_000, UTC).date() == date(2019, 10, 13)
    assert rows(read(benchmark_json({first: 4_260.0}, {}))) == [(first, "morning", 4_260.0)]


def test_the_lists_are_joined_by_date_and_not_by_position() -> None:
    """A morning without a fixing must not shift the afternoons."""
    tuesday = MONDAY + timedelta(days=1)
    found = rows(read(benchmark_json({tuesday: 16_100.0}, AFTERNOON)))
    assert found == [
        (MONDAY, "afternoon", 16_055.0), (tuesday, "morning", 16_100.0), (tuesday, "afternoon", 16_140.0),
    ]  # fmt: skip


def test_gold_is_per_gram() -> None:
    frame = read(benchmark_json({MONDAY: 930.1}, {MONDAY: 931.4}), "gold").frames["sge_benchmark_rows"]
    assert set(frame["unit"]) == {"gram"}


@pytest.mark.parametrize(("metal", "price"), [("gold", 16_010.0), ("silver", 930.1), ("silver", 1e7), ("gold", 1.0)])
def test_the_price_of_another_metal_is_implausible(metal: str, price: float) -> None:
    with pytest.raises(Implausible, match="is the name right"):
        read(benchmark_json({MONDAY: price}, {}), metal)


def test_the_first_prices_of_both_metals_are_told_apart() -> None:
    """Gold stood near 260 CNY/g in 2016, silver fell below 3,000 CNY/kg in 2020 (both figures made up)."""
    assert len(rows(read(benchmark_json({date(2016, 4, 19): 260.0}, {}), "gold"))) == 1
    assert len(rows(read(benchmark_json({date(2020, 3, 19): 2_990.0}, {}), "silver"))) == 1


def test_a_fixing_on_a_weekend_is_implausible() -> None:
    with pytest.raises(Implausible, match="a Sunday"):
        read(benchmark_json({MONDAY - timedelta(days=1): 16_000.0}, {}))


def test_moments_that_are_not_midnight_are_noted() -> None:
    pairs = [[midnight(MONDAY) + 10 * 3_600_000, 16_000.0]]
    batch = read(json.dumps({"zp": pairs, "wp": []}).encode())
    assert rows(batch) == [(MONDAY, "morning", 16_000.0)]
    assert [note.text for note in batch.notes] == ["1 moments of zp are not midnight in Beijing"]


def test_morning_and_afternoon_far_apart_are_implausible() -> None:
    with pytest.raises(Implausible, match="16000 in the morning and 21000 in the afternoon"):
        read(benchmark_json({MONDAY: 16_000.0}, {MONDAY: 21_000.0}))


def test_two_prices_for_one_fixing_are_implausible() -> None:
    pairs = [[midnight(MONDAY), 16_000.0], [midnight(MONDAY), 16_001.0]]
    with pytest.raises(Implausible, match="two prices"):
        read(json.dumps({"zp": pairs, "wp": []}).encode())


@pytest.mark.parametrize("price", [None, 0, "-", -3])
def test_a_fixing_without_a_price_is_rejected(price: object) -> None:
    batch = read(benchmark_json({MONDAY: price}, AFTERNOON))
    assert [reject.message for reject in batch.rejects] == ["2026-11-16 has no price"]
    assert len(rows(batch)) == 2


def test_not_one_price_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="not one price"):
        read(benchmark_json({MONDAY: None}, {}))


def test_two_empty_lists_are_not_published() -> None:
    with pytest.raises(NotPublished):
        read(benchmark_json({}, {}))


def test_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="future"):
        read(benchmark_json({date(2026, 12, 1): 16_000.0}, {}))


@pytest.mark.parametrize("hint", [None, "", "platinum"])
def test_without_a_metal_the_answer_is_unreadable(hint: str | None) -> None:
    with pytest.raises(Unreadable, match="does not name its metal"):
        read(benchmark_json(MORNING, AFTERNOON), hint)


@pytest.mark.parametrize(
    ("name", "metal"),
    [("shau_2026.json", "gold"), ("SHAG.json", "silver"), ("DayilyShsilverJzj.txt", "silver"), ("inbox", None)],
)
def test_a_file_name_says_the_metal(name: str, metal: str | None) -> None:
    assert hint_of(name) == metal


def test_a_file_name_with_both_metals_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="gold and silver"):
        hint_of("gold_and_silver.json")


@pytest.mark.parametrize(
    "body",
    [
        b'{"zp": [], "wp": {}}', b'{"zp": []}', b'{"zp": [[1]], "wp": []}', b'{"zp": [1], "wp": []}',
        b'{"zp": [["x", 1]], "wp": []}', b'{"zp": [[-1, 1]], "wp": []}', b'{"zp": [[99999999999999, 1]], "wp": []}',
        b"[]", b"{",
    ],
)  # fmt: skip
def test_another_layout_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_an_unknown_field_is_noted() -> None:
    batch = read(benchmark_json(MORNING, AFTERNOON, note="x"))
    assert [note.text for note in batch.notes] == ["an unknown field 'note'"]


def test_each_metal_is_asked_for_from_its_first_fixing() -> None:
    found = asks(date(2026, 11, 18))
    assert [(ask.hint, ask.url) for ask in found] == [
        ("gold", "https://www.sge.com.cn/graph/DayilyJzj?to=2026-11-18"),
        ("silver", "https://www.sge.com.cn/graph/DayilyShsilverJzj?to=2026-11-18"),
    ]
    assert dict(found[0].form) == {"start": "2026-11-04", "end": "2026-11-18"}
    assert [ask.hint for ask in asks(date(2018, 1, 2))] == ["gold"]
    assert [dict(ask.form)["start"] for ask in backlog(date(2026, 1, 5), date(2026, 11, 18))] == ["2026-01-05"] * 2
    assert SOURCE.needs_hint


def test_only_the_benchmarks_are_recognised() -> None:
    assert recognise(benchmark_json(MORNING, AFTERNOON), "x")
    assert not recognise(b'{"time": []}', "DayilyJzj")


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


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'{"wp": [], "zp": [[']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) in {"Unreadable", "Blocked"}


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(benchmark_json(MORNING, AFTERNOON), edits)
    assert outcome(body) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}
