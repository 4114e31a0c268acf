"""The SHFE member ranking: ranks, totals that are no members, and every contradiction a list may hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources import shfe_warrants, shfe_weekly
from monitor.sources.shfe_ranking import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import asia, shanghai
from tests.factories.asia import EXAMPLES, pm_json, pm_rows, pm_usual

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)


def read(body: bytes, url: str | None = None) -> Batch:
    return parse(Answer(body, "file", NOW, url=url))


def of(batch: Batch, contract: str, side: str) -> Sequence[Mapping[str, Any]]:
    """The rows of one list in the order of their ranks."""
    frame = validate.checked(batch.frames)["member_position_rows"]
    return frame.filter((pl.col("contract") == contract) & (pl.col("side") == side)).sort("rank").rows(named=True)


def with_rows(*rows: Mapping[str, object]) -> bytes:
    return pm_json(DAY, rows)


# --- what is read ---


def test_the_three_lists_of_a_contract_are_read_apart() -> None:
    batch = read(pm_json(DAY), asks(DAY)[0].url)
    first = of(batch, "ag2612", "long")[0]
    assert (first["rank"], first["member_id"], first["member"], first["lots"]) == (1, "0001", "会员201", 995)
    assert (first["venue"], first["product"], first["change_lots"]) == ("SHFE", "ag", -2)
    assert first["delivery_month"] == date(2026, 12, 1)
    assert [len(of(batch, "ag2612", side)) for side in ("volume", "long", "short")] == [21, 21, 20]
    assert (batch.notes, batch.rejects) == ((), ())


def test_the_total_row_is_kept_apart_from_the_members() -> None:
    """Rank 999 is the list's total: adding it to the members would count everything twice."""
    rows = of(read(pm_json(DAY)), "ag2612", "volume")
    assert [(row["rank"], row["lots"], row["member"]) for row in rows if row["is_total"]] == [(999, 16_200, None)]
    assert sum(row["lots"] for row in rows if not row["is_total"]) == 16_200


def test_the_totals_by_kind_of_member_are_totals_too() -> None:
    rows = of(read(pm_json(DAY)), "agall", "short")
    assert [(row["rank"], row["lots"]) for row in rows if row["is_total"]] == [(-1, 9), (0, 9), (999, 16_700)]


def test_the_whole_product_has_no_delivery_month() -> None:
    rows = of(read(pm_json(DAY)), "agall", "long")
    assert {row["delivery_month"] for row in rows} == {None}
    assert {row["product"] for row in rows} == {"ag"}


def test_padded_instruments_and_members_are_trimmed() -> None:
    frame = read(pm_json(DAY)).frames["member_position_rows"]
    assert set(frame["contract"]) == {"ag2612", "au2612", "agall"}
    assert not frame["member"].drop_nulls().str.contains(" ").any()


def test_bonded_copper_belongs_to_ine() -> None:
    frame = read(with_rows(*pm_rows("bc2612", [2], [1], [1]))).frames["member_position_rows"]
    assert set(frame["venue"]) == {"INE"}


def test_figures_written_as_text_are_read() -> None:
    text = [{key: str(value) for key, value in row.items()} for row in pm_usual()]
    assert (
        read(pm_json(DAY, text))
        .frames["member_position_rows"]
        .equals(read(pm_json(DAY)).frames["member_position_rows"])
    )


@needs_captures
def test_the_quoted_total_row_is_that_of_the_captured_note_and_is_read_as_a_total() -> None:
    saved = json.loads((CAPTURES / "china" / "shfe" / "kx_pm_rows_quoted.json").read_bytes())
    assert saved["pm2021_cu2110_total_row"] == asia.QUOTED_PM_TOTAL
    body = pm_json(date(2021, 9, 28), [asia.QUOTED_PM_TOTAL])
    frame = read(body).frames["member_position_rows"]
    assert frame.select("side", "lots", "change_lots", "is_total").rows() == [
        ("volume", 391, 58, True), ("long", 503, -4, True), ("short", 491, 0, True),
    ]  # fmt: skip


def test_the_update_stamp_is_when_it_was_published() -> None:
    frame = read(pm_json(DAY)).frames["member_position_rows"]
    assert frame["published_at"][0] == datetime(2026, 11, 18, 7, 40)  # noqa: DTZ001 - frames hold naive UTC
    usual = read(pm_json(DAY, update=None)).frames["member_position_rows"]
    assert usual["published_at"][0] == datetime(2026, 11, 18, 8, 30)  # noqa: DTZ001
    assert usual["published_assumed"].all()


def test_before_2020_a_note_says_that_volume_counts_both_sides() -> None:
    batch = read(pm_json(date(2019, 11, 18), pm_rows("ag1912", [4], [3], [2])))
    assert [note.text for note in batch.notes] == ["volume counts both sides before 2020; stored as printed"]


# --- contradictions ---


def test_members_that_hold_more_than_the_total_are_implausible() -> None:
    with pytest.raises(Implausible, match="the members have 60 lots, the total is 59"):
        read(with_rows(*pm_rows("ag2612", [30, 20, 10], [3], [3], more=-1)))


def test_a_total_beyond_a_short_list_is_noted() -> None:
    batch = read(with_rows(*pm_rows("ag2612", [30, 20], [3], [3], more=2)))
    assert batch.notes[0].text == "ag2612 volume: 2 members have 50 lots, the total is 52"


def test_a_lower_rank_with_more_lots_is_implausible() -> None:
    with pytest.raises(Implausible, match="rank 2 has 31 lots, rank 1 30"):
        read(with_rows(*pm_rows("ag2612", [30, 31], [3], [3])))


def test_a_rank_that_is_missing_is_unreadable() -> None:
    rows = pm_rows("ag2612", [30, 20, 10], [3], [3])
    with pytest.raises(Unreadable, match="a rank is missing"):
        read(with_rows(rows[0], *rows[2:]))


def test_a_rank_that_is_there_twice_is_unreadable() -> None:
    rows = pm_rows("ag2612", [30, 20, 10], [3], [3])
    with pytest.raises(Unreadable, match="a rank stands there twice"):
        read(with_rows(rows[0], *rows))


def test_a_member_twice_in_one_list_is_implausible() -> None:
    rows = pm_rows("ag2612", [30, 20], [3], [3])
    rows[1]["PARTICIPANTABBR1"] = rows[0]["PARTICIPANTABBR1"]
    with pytest.raises(Implausible, match="a member stands there twice"):
        read(with_rows(*rows))


def test_a_list_without_its_total_is_noted() -> None:
    batch = read(with_rows(*pm_rows("ag2612", [30], [3], [3])[:-1]))
    assert [note.text[:31] for note in batch.notes] == [
        "ag2612 volume: no total (rank 9", "ag2612 long: no total (rank 999", "ag2612 short: no total (rank 99",
    ]  # fmt: skip


def test_lots_without_a_member_are_rejected_by_name() -> None:
    rows = pm_rows("ag2612", [30], [3], [3])
    rows[0]["PARTICIPANTABBR1"] = ""
    batch = read(with_rows(*rows))
    assert [reject.message for reject in batch.rejects] == ["ag2612 volume: rank 1 has 30 lots and no member"]


def test_negative_lots_are_implausible() -> None:
    with pytest.raises(Implausible, match="-5 lots"):
        read(with_rows(*pm_rows("ag2612", [-5], [3], [3])))


@pytest.mark.parametrize(
    ("instrument", "text"),
    [("ag2612C16000", "'ag####c#####'"), ("agactv", "'agactv'")],
)
def test_an_instrument_of_an_unknown_kind_is_noted(instrument: str, text: str) -> None:
    batch = read(with_rows(*pm_usual(), *pm_rows(instrument, [1], [1], [1])))
    assert [note.text for note in batch.notes] == [f"an instrument of an unknown kind: {text}"]


def test_a_rank_and_a_field_of_an_unknown_kind_are_noted() -> None:
    odd = {**pm_rows("ag2612", [1], [1], [1])[0], "RANK": 21, "EXTRA": 1}
    batch = read(with_rows(*pm_usual(), odd, {**pm_rows("cu2612", [1], [1], [1])[0], "EXTRA": 1}))
    assert "ag2612: a rank of an unknown kind: 21" in [note.text for note in batch.notes]
    assert "an unknown field 'EXTRA'" in [note.text for note in batch.notes]


def test_a_month_that_is_none_or_long_past_is_refused() -> None:
    with pytest.raises(Unreadable, match="ag2613 names no delivery month"):
        read(with_rows(*pm_rows("ag2613", [1], [1], [1])))
    with pytest.raises(Implausible, match="ag2501 in a file of 2026-11-18"):
        read(with_rows(*pm_rows("ag2501", [1], [1], [1])))


def test_a_file_without_our_products_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no list of ag"):
        read(with_rows(*pm_rows("al2612", [1], [1], [1])))


def test_an_empty_file_is_not_published() -> None:
    with pytest.raises(NotPublished):
        read(with_rows())


def test_the_date_inside_must_be_the_one_asked_for() -> None:
    with pytest.raises(Implausible, match="asked for 20261119"):
        read(pm_json(DAY), asks(date(2026, 11, 19))[0].url)


def test_a_file_without_a_date_is_unreadable() -> None:
    payload = json.loads(pm_json(DAY))
    del payload["report_date"]
    with pytest.raises(Unreadable, match="no date"):
        read(json.dumps(payload).encode())


def test_a_cut_file_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read(pm_json(DAY)[:-200])


def test_the_firewall_page_is_blocked() -> None:
    with pytest.raises(Blocked):
        read(shanghai.BLOCK_PAGE)


def test_only_the_ranking_is_recognised() -> None:
    assert recognise(pm_json(DAY), "anything")
    others = [shanghai.shfe_warrants_json(date(2025, 6, 3)), asia.shfe_weekly_json(date(2025, 6, 6))]
    assert not any(recognise(body, "pm20250603.dat") for body in (*others, shanghai.shfe_daily_json(DAY)))
    assert not shfe_warrants.recognise(pm_json(DAY), "dailystock.dat")
    assert not shfe_weekly.recognise(pm_json(DAY), "weeklystock.dat")


def test_each_day_is_asked_for_by_its_name() -> None:
    assert asks(DAY)[0].url == "https://www.shfe.com.cn/data/tradedata/future/dailydata/pm20261118.dat"
    assert asks(date(2001, 12, 31)) == ()
    assert SOURCE.tables == ("member_position_rows",)


# --- anything at all ---


def outcome(body: bytes) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"{", b'{"report_date":"20261118","o_cursor":[']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) != "Batch"


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(pm_json(DAY), edits)
    assert outcome(body) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers()))


@given(st.sampled_from(sorted(pm_usual()[0])), ANYTHING)
@settings(max_examples=EXAMPLES, database=None)
def test_any_value_in_any_field_gives_a_batch_or_a_named_error(key: str, value: object) -> None:
    rows = pm_usual()
    rows[0][key] = value
    assert outcome(json.dumps({"report_date": "20261118", "o_cursor": rows}).encode()) in {
        "Batch", "Unreadable", "Implausible",
    }  # fmt: skip
