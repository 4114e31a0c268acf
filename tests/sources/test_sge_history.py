"""SGE's history of a contract: the odd order of its columns, the name it does not give, and damaged days."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources import sge_benchmark
from monitor.sources.sge_history import SOURCE, asks, hint_of, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import asia, shanghai
from tests.factories.asia import EXAMPLES, dailyhq_json

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SILVER = "Ag(T+D)"
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
DAYS = [date(2026, 1, 5) + timedelta(days=back) for back in range(300)]
LINES = [[str(day), 16_000.0, 16_120.0, 15_900.0, 16_200.0] for day in DAYS if day.weekday() < 5]
"""Day, open, close, low, high."""


def read(body: bytes, hint: str | None = SILVER) -> Batch:
    return parse(Answer(body, "file", NOW, hint=hint))


def test_the_columns_are_open_close_low_high() -> None:
    row = read(dailyhq_json(LINES)).frames["sge_history_rows"].row(0, named=True)
    assert (row["session"], row["contract"], row["unit"]) == (date(2026, 1, 5), SILVER, "kg")
    assert (row["open"], row["close"], row["low"], row["high"]) == (16_000, 16_120, 15_900, 16_200)
    assert row["published_at"] == datetime(2026, 1, 5, 7, 45)  # noqa: DTZ001 - frames hold naive UTC
    assert row["published_assumed"]


def test_columns_in_the_usual_order_are_implausible() -> None:
    """Read as open, close, low, high, a row of open, high, low, close has its close above its high."""
    usual = [[day, opened, high, low, close] for day, opened, close, low, high in LINES]
    with pytest.raises(Implausible, match="the columns are not those known"):
        read(dailyhq_json(usual))


@needs_captures
@pytest.mark.parametrize(
    ("name", "column", "contract", "last"),
    [
        ("sge_ag_td_close_daily.csv", "close_cny_per_kg", "Ag(T+D)", 22_369.0),
        ("sge_au9999_close_daily.csv", "close_cny_per_g", "Au99.99", 1_142.97),
    ],
)
def test_ten_years_of_a_third_party_s_closes_pass_every_check(
    name: str, column: str, contract: str, last: float
) -> None:
    """The closes are real, the layout around them is the documented one."""
    text = (CAPTURES / "china" / "sge" / name).read_text(encoding="utf-8")
    known = [(row["date"], float(row[column])) for row in csv.DictReader(text.splitlines())]
    batch = read(dailyhq_json([[day, close, close, close, close] for day, close in known]), hint_of(name))
    frame = validate.checked(batch.frames)["sge_history_rows"]
    assert frame.select("session", "close").rows() == [(date.fromisoformat(day), close) for day, close in known]
    assert (frame.height, frame["close"][-1], frame["contract"][0]) == (2_228, last, contract)
    assert (batch.notes, batch.rejects) == ((), ())


def test_a_single_day_that_contradicts_itself_is_set_aside() -> None:
    lines = [*LINES[:-1], ["2026-10-30", 16_000.0, 16_300.0, 15_900.0, 16_200.0]]
    batch = read(dailyhq_json(lines))
    assert [reject.message for reject in batch.rejects] == ["2026-10-30: close 16300 outside the day's 15900 to 16200"]
    assert batch.frames["sge_history_rows"].height == len(LINES) - 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["2026-01-03", 1.0, 1.0, 1.0, 1.0], "2026-01-03 is no weekday"),
        (["2026-11-02", 1.0, 0, 1.0, 1.0], "2026-11-02 has no close"),
        (["2026-11-02", None, "-", None, None], "2026-11-02 has no close"),
        (["2026-11-02", None, 16_000, 16_200, 15_900], "2026-11-02: close 16000 outside the day's 16200 to 15900"),
    ],
)
def test_a_day_that_cannot_be_is_set_aside(line: list[object], why: str) -> None:
    assert [reject.message for reject in read(dailyhq_json([*LINES, line])).rejects] == [why]


def test_a_day_without_trades_has_its_close_and_no_range() -> None:
    body = dailyhq_json([["2026-01-02", 0, 16_000, 0, 0], *LINES])
    row = read(body).frames["sge_history_rows"].row(0, named=True)
    assert (row["open"], row["high"], row["low"], row["close"]) == (None, None, None, 16_000)


def test_a_day_twice_with_the_same_prices_is_kept_once() -> None:
    assert read(dailyhq_json([*LINES, LINES[-1]])).frames["sge_history_rows"].height == len(LINES)


def test_a_day_twice_with_other_prices_is_implausible() -> None:
    with pytest.raises(Implausible, match="stands there twice"):
        read(dailyhq_json([*LINES, [LINES[-1][0], 16_000.0, 16_000.0, 15_900.0, 16_200.0]]))


@pytest.mark.parametrize("contract", ["Au(T+D)", "Au99.99", "Pt99.95"])
def test_silver_under_the_name_of_another_metal_is_implausible(contract: str) -> None:
    with pytest.raises(Implausible, match="is the name right"):
        read(dailyhq_json(LINES), contract)


def test_gold_under_the_name_of_silver_is_implausible() -> None:
    with pytest.raises(Implausible, match="is the name right"):
        read(dailyhq_json([["2026-01-05", 990.0, 991.0, 980.0, 999.0]]))


@pytest.mark.parametrize("hint", [None, "", "Ag(T+N)", "silver"])
def test_without_a_known_contract_the_answer_is_unreadable(hint: str | None) -> None:
    with pytest.raises(Unreadable, match="does not name its contract"):
        read(dailyhq_json(LINES), hint)


@pytest.mark.parametrize(
    ("name", "contract"),
    [
        ("sge_ag_td_close_daily.json", "Ag(T+D)"),
        ("Dailyhq Ag(T+D).json", "Ag(T+D)"),
        ("Au(T+D)", "Au(T+D)"),
        ("mAu(T+D).json", None),
        ("iAu99.99.json", None),
        ("sge_au9999.json", "Au99.99"),
        ("Au99.99", "Au99.99"),
        ("pt99.95", "Pt99.95"),
        ("inbox", None),
        ("tag_tdx.json", None),
    ],
)
def test_a_file_name_says_the_contract(name: str, contract: str | None) -> None:
    assert hint_of(name) == contract


def test_a_file_name_with_two_contracts_is_unreadable() -> None:
    with pytest.raises(Unreadable, match=r"names Ag\(T\+D\) and Au99.99"):
        hint_of("ag_td and au9999.json")


def test_each_contract_is_asked_for_by_form_under_an_address_of_its_own() -> None:
    found = asks(date(2026, 11, 30))
    assert [(ask.method, dict(ask.form)["instid"], ask.hint) for ask in found] == [
        ("POST", name, name) for name in ("Ag(T+D)", "Au(T+D)", "Au99.99")
    ]
    assert len({ask.url for ask in found}) == 3
    assert (SOURCE.cadence, SOURCE.keeps_history, SOURCE.needs_hint) == ("monthly", False, True)


@pytest.mark.parametrize("line", [["2026-11-02", 1, 2, 3], "2026-11-02", None, ["2026-11-02", 1, 2, 3, 4, 5]])
def test_a_row_of_another_shape_is_unreadable(line: object) -> None:
    with pytest.raises(Unreadable, match="not a day and four prices"):
        read(json.dumps({"time": [*LINES, line]}).encode())


def test_an_empty_history_is_not_published() -> None:
    with pytest.raises(NotPublished):
        read(dailyhq_json([]))


def test_a_history_of_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="future"):
        read(dailyhq_json([*LINES, ["2026-12-01", 16_000, 16_000, 16_000, 16_000]]))


def test_an_unknown_field_is_noted() -> None:
    assert [note.text for note in read(dailyhq_json(LINES, unit="kg")).notes] == ["an unknown field 'unit'"]


def test_only_a_history_is_recognised() -> None:
    assert recognise(dailyhq_json(LINES), "x")
    assert not recognise(asia.benchmark_json({}, {}), "x")
    assert not sge_benchmark.recognise(dailyhq_json(LINES), "x")
    assert not recognise(shanghai.sge_page(shanghai.sge_rows(date(2026, 11, 18))), "x")


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


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'{"time": [["2026-11-18", 1, 1, 1, 1], ']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) in {"Unreadable", "Blocked", "Implausible"}


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(dailyhq_json(LINES), edits)
    assert outcome(body) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)), st.lists))
@settings(max_examples=EXAMPLES, database=None)
def test_anything_for_a_row_gives_a_batch_or_a_named_error(value: object) -> None:
    assert outcome(json.dumps({"time": [*LINES, value]}).encode()) in {"Batch", "Unreadable", "Implausible"}
