"""IBJA's page: dated rows, newest rates without a date, and shares of one price."""

from __future__ import annotations

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
from monitor.sources.ibja_rates import SOURCE, asks, hint_of, parse, recognise
from tests.factories import shanghai
from tests.factories.asia import EXAMPLES, QUOTED_IBJA, ibja_page, ibja_rates, ibja_usual

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
EVENING = datetime(2026, 11, 18, 12, 5, tzinfo=UTC)
"""17:35 in India."""
EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
NEWEST = {"AM": ibja_rates(150_900, 232_000), "PM": ibja_rates(151_400, 233_100)}


def read(body: bytes, hint: str | None = None, at: datetime = NOW, url: str | None = None) -> Batch:
    return parse(Answer(body, "file", at, hint=hint, url=url))


def of(batch: Batch, day: date, fixing: str) -> list[Mapping[str, Any]]:
    frame = validate.checked(batch.frames)["ibja_rows"]
    found = frame.filter((pl.col("session") == day) & (pl.col("fixing") == fixing))
    return list(found.sort("metal", "fineness", descending=[False, True]).rows(named=True))


def test_the_dated_rows_are_read_with_their_units() -> None:
    batch = read(ibja_page(ibja_usual(DAY)))
    rows = of(batch, date(2026, 11, 17), "afternoon")
    assert [(row["metal"], row["fineness"], row["price"], row["price_quantity"], row["unit"]) for row in rows] == [
        ("gold", 999, 150_100.0, 10.0, "gram"),
        ("gold", 995, 149_499.0, 10.0, "gram"),
        ("gold", 916, 137_492.0, 10.0, "gram"),
        ("gold", 750, 112_575.0, 10.0, "gram"),
        ("gold", 585, 87_808.0, 10.0, "gram"),
        ("silver", 999, 230_001.0, 1.0, "kg"),
    ]
    assert rows[0]["published_at"] == datetime(2026, 11, 17, 12)  # noqa: DTZ001 - frames hold naive UTC
    assert batch.frames["ibja_rows"].height == 24
    assert (batch.notes, batch.rejects) == ((), ())


def test_platinum_whose_unit_the_page_does_not_say_is_left_out() -> None:
    assert set(read(ibja_page(ibja_usual(DAY))).frames["ibja_rows"]["metal"]) == {"gold", "silver"}


def test_quoted_rates_have_the_shares_that_are_proved() -> None:
    """Rates of 2026-08-07 as quoted from the page; the other finenesses follow."""
    for pure, other in QUOTED_IBJA.values():
        assert abs(other - 0.916 * pure) <= 1
        assert round(ibja_rates(pure, 229_950)["Gold 916"]) == other


# --- the newest rates, which carry no date ---


def test_without_a_known_day_the_newest_rates_are_not_stored() -> None:
    batch = read(ibja_page(ibja_usual(DAY), NEWEST))
    assert batch.frames["ibja_rows"].height == 24
    assert [note.text for note in batch.notes] == ["the newest rates carry no date, and none is known: not stored"]


def test_a_day_in_the_file_name_dates_the_newest_rates() -> None:
    batch = read(ibja_page(ibja_usual(DAY), NEWEST), hint_of("ibja_2026-11-18.html"))
    assert of(batch, DAY, "morning")[0]["price"] == 150_900
    assert of(batch, DAY, "afternoon")[0]["price"] == 151_400
    assert batch.notes == ()


def test_a_page_fetched_after_the_pm_rate_is_of_the_day_asked_for() -> None:
    ask = asks(DAY)[0]
    batch = read(ibja_page(ibja_usual(DAY), NEWEST), ask.hint, EVENING, ask.url)
    assert len(of(batch, DAY, "afternoon")) == 6


@pytest.mark.parametrize(
    "at",
    [datetime(2026, 11, 18, 11, 25, tzinfo=UTC), datetime(2026, 11, 19, 6, 0, tzinfo=UTC), NOW],
    ids=["before the PM rate", "at the next noon", "two days later"],
)
def test_a_page_fetched_at_another_hour_leaves_the_newest_rates_undated(at: datetime) -> None:
    ask = asks(DAY)[0]
    batch = read(ibja_page(ibja_usual(DAY), NEWEST), ask.hint, at, ask.url)
    assert of(batch, DAY, "afternoon") == []
    assert len(batch.notes) == 1


def test_newest_rates_that_are_still_those_of_the_last_dated_day_are_not_stored_again() -> None:
    dated = ibja_usual(DAY)
    old = {"PM": dated[date(2026, 11, 17), "PM"]}
    batch = read(ibja_page(dated, old), "2026-11-18")
    assert batch.notes[0].text == "the newest PM rates are still those of 2026-11-17"
    assert batch.frames["ibja_rows"].height == 24


def test_newest_rates_that_contradict_the_dated_ones_are_implausible() -> None:
    dated = {(DAY, fixing): rates for fixing, rates in NEWEST.items()}
    assert read(ibja_page(dated, NEWEST), str(DAY)).frames["ibja_rows"].height == 12
    with pytest.raises(Implausible, match="not those the page dates 2026-11-18"):
        read(ibja_page(dated, {"PM": ibja_rates(151_000, 233_100)}), str(DAY))


def test_newest_rates_alone_are_not_published_without_a_day() -> None:
    with pytest.raises(NotPublished, match="save it with the day in its name"):
        read(ibja_page({}, NEWEST))
    assert read(ibja_page({}, NEWEST), str(DAY)).frames["ibja_rows"].height == 12


def test_a_fineness_that_is_missing_among_the_newest_is_unreadable() -> None:
    some = {label: rate for label, rate in NEWEST["PM"].items() if label != "Gold 750"}
    with pytest.raises(Unreadable, match="no rate of Gold 750"):
        read(ibja_page({}, {"PM": some}), str(DAY))


@pytest.mark.parametrize(
    ("grams", "notes"), [(15_140.0, 0), (151_400.0, 0), (15_090.0, 0), (1_514.0, 1), (15_200.0, 1)]
)
def test_the_rate_above_the_table_is_per_gram_or_per_ten(grams: float, notes: int) -> None:
    batch = read(ibja_page(ibja_usual(DAY), NEWEST, grams=grams), str(DAY))
    assert len(batch.notes) == notes


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ibja_2026-08-07.html", "2026-08-07"), ("20260807.html", "2026-08-07"), ("IBJA Rates.html", None)],
)
def test_a_file_name_says_the_day(name: str, hint: str | None) -> None:
    assert hint_of(name) == hint


@pytest.mark.parametrize("name", ["2026-08-07 2026-08-10.html", "20261399.html"])
def test_a_file_name_with_two_days_or_none_that_exists_is_unreadable(name: str) -> None:
    with pytest.raises(Unreadable):
        hint_of(name)


# --- what must agree ---


@pytest.mark.parametrize("label", ["Gold 995", "Gold 916", "Gold 750", "Gold 585"])
def test_a_fineness_that_is_not_its_share_is_implausible(label: str) -> None:
    rates = ibja_rates(150_000, 230_000)
    rates[label] += 1_000
    with pytest.raises(Implausible, match="beside gold 999 at 150000"):
        read(ibja_page({(DAY, "AM"): rates}))


@pytest.mark.parametrize("rates", [ibja_rates(1_500, 230_000), ibja_rates(150_000, 230), ibja_rates(1.5e8, 230_000)])
def test_a_rate_far_from_any_seen_is_implausible(rates: dict[str, float]) -> None:
    with pytest.raises(Implausible, match="INR"):
        read(ibja_page({(DAY, "AM"): rates}))


def test_morning_and_afternoon_far_apart_are_implausible() -> None:
    dated = {(DAY, "AM"): ibja_rates(150_000, 230_000), (DAY, "PM"): ibja_rates(150_000, 330_000)}
    with pytest.raises(Implausible, match="silver 999 at 230000 in the morning"):
        read(ibja_page(dated))


def test_a_day_twice_with_other_rates_is_implausible() -> None:
    body = ibja_page({(DAY, "AM"): ibja_rates(150_000, 230_000)}).decode()
    row = body[body.index('<tr><td data-label="AM">') : body.index("</table>\n</body>")]
    with pytest.raises(Implausible, match="stands there twice"):
        read(body.replace(row, row + row.replace(">230000", ">230001")).encode())


def test_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="future"):
        read(ibja_page({(date(2026, 12, 1), "AM"): ibja_rates(150_000, 230_000)}))


# --- layout ---


def test_an_unknown_column_is_noted() -> None:
    rates = ibja_rates(150_000, 230_000) | {"Palladium 999": 1.0}
    batch = read(ibja_page({(DAY, "AM"): rates}))
    assert [note.text for note in batch.notes] == ["an unknown column 'Palladium 999'"]


def test_a_missing_column_is_unreadable() -> None:
    rates = ibja_rates(150_000, 230_000)
    del rates["Gold 585"]
    with pytest.raises(Unreadable, match="no rate of Gold 585"):
        read(ibja_page({(DAY, "AM"): rates}))


def test_a_cut_page_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="cut"):
        read(ibja_page(ibja_usual(DAY), closing=False))


def test_only_ibja_s_page_is_recognised() -> None:
    assert recognise(ibja_page(ibja_usual(DAY)), "x")
    assert recognise(ibja_page({}, NEWEST), "x")
    assert not recognise(b"<html>Gold 999 Silver 999</html>", "ibja.html")


def test_a_refusal_page_is_blocked() -> None:
    with pytest.raises(Blocked, match="IBJA"):
        read(b"<html><body>captcha</body></html>")


def test_the_page_is_asked_for_once_a_day_with_its_day() -> None:
    assert [(ask.url, ask.hint) for ask in asks(DAY)] == [("https://ibjarates.com/", "2026-11-18")]
    assert not SOURCE.keeps_history


# --- anything at all ---


def outcome(body: bytes, hint: str | None = None) -> str:
    """What became of the bytes: only the four named errors and a valid batch may."""
    try:
        validate.checked(read(body, hint).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


@given(st.binary(max_size=2_000), st.sampled_from([b"", b'<html><span id="lblGold999_AM">']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert outcome(start + body) in {"Unreadable", "Blocked"}


@given(EDITS, st.sampled_from([None, str(DAY)]))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], hint: str | None) -> None:
    body = shanghai.damage(ibja_page(ibja_usual(DAY), NEWEST, grams=15_140), edits)
    assert outcome(body, hint) in {"Batch", "NotPublished", "Blocked", "Unreadable", "Implausible"}
