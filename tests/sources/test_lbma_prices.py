"""LBMA auction prices: which currency is which, what is missing, and whose list it is. Every price here is made up."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources.lbma_prices import SOURCE, asks, backlog, hint_of, parse, recognise
from tests.factories import shanghai
from tests.factories.world import EDITS, EXAMPLES, Fixings, answer, lbma_json, outcome

DAY = date(2026, 2, 10)


def prices(batch: Batch) -> dict[tuple[str, str], float]:
    frame = validate.checked(batch.frames)["lbma_price_rows"]
    return {(str(row[0]), row[1]): row[2] for row in frame.select("session", "currency", "price").rows()}


def read(fixings: Fixings, hint: str = "silver") -> Batch:
    return parse(answer(lbma_json(fixings), hint))


def test_prices_stand_in_the_order_dollars_sterling_euro() -> None:
    found = prices(read([("2026-02-09", [80.5, 59.1, 68.2])]))
    assert found == {("2026-02-09", "USD"): 80.5, ("2026-02-09", "GBP"): 59.1, ("2026-02-09", "EUR"): 68.2}


@pytest.mark.parametrize("missing", [None, 0, 0.0, -1.5])
def test_nothing_zero_and_less_than_zero_are_missing(missing: float | None) -> None:
    """The first afternoon of gold: 37.7 dollars, 15.68 pounds, and no euro for thirty years."""
    assert prices(read([("1968-04-01", [37.7, 15.68, missing])], "gold_pm")) == {
        ("1968-04-01", "USD"): 37.7,
        ("1968-04-01", "GBP"): 15.68,
    }


def test_a_byte_order_mark_is_passed_over() -> None:
    body = lbma_json(mark=True)
    assert recognise(body, "")
    assert prices(parse(answer(body, "silver"))) == prices(read_all())


def read_all() -> Batch:
    return parse(answer(lbma_json(), "silver"))


@pytest.mark.parametrize(
    ("hint", "metal", "fixing", "dollars"),
    [
        ("silver", "silver", "noon", 81.0),
        ("gold_am", "gold", "am", 4_400.0),
        ("palladium_pm", "palladium", "pm", 1_500.0),
    ],
)
def test_the_hint_says_metal_and_fixing(hint: str, metal: str, fixing: str, dollars: float) -> None:
    body = lbma_json([("2026-02-09", [dollars, dollars / 1.37, dollars / 1.19])])
    frame = parse(answer(body, hint)).frames["lbma_price_rows"]
    assert frame.select("metal", "fixing").unique().rows() == [(metal, fixing)]


@pytest.mark.parametrize(("hint", "problem"), [("gold_pm", "dollars is no price of gold"), ("platinum_am", "platinum")])
def test_silver_under_the_name_of_another_metal_is_implausible(hint: str, problem: str) -> None:
    with pytest.raises(Implausible, match=problem):
        parse(answer(lbma_json([("2026-02-09", [21.25, 15.5, 17.8])]), hint))


@pytest.mark.parametrize("hint", [None, "", "gold", "rhodium_am"])
def test_a_list_that_nobody_names_is_refused(hint: str | None) -> None:
    with pytest.raises(Unreadable, match="does not say its series"):
        parse(answer(lbma_json(), hint))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gold_am.json", "gold_am"), ("LBMA-Gold-PM.json", "gold_pm"), ("silver.json", "silver"),
        ("silver_am.json", "silver"), ("platinum pm (1).json", "platinum_pm"), ("gold.json", None), ("x.json", None),
    ],
)  # fmt: skip
def test_the_file_name_says_the_series(name: str, hint: str | None) -> None:
    assert hint_of(name) == hint


@pytest.mark.parametrize("name", ["gold_silver.json", "gold_am_pm.json"])
def test_a_name_that_says_two_series_is_unreadable(name: str) -> None:
    with pytest.raises(Unreadable, match="keep one"):
        hint_of(name)


@pytest.mark.parametrize(
    ("values", "message"),
    [([80.5, 68.2, 59.1], "a pound has always cost more"), ([80.5, 8.2, None], "cannot both be right")],
)
def test_swapped_currencies_are_implausible(values: list[float | None], message: str) -> None:
    with pytest.raises(Implausible, match=message):
        read([("2026-02-09", values)])


def test_one_odd_row_among_a_hundred_is_left_out_and_named() -> None:
    days = [date.fromordinal(date(2025, 1, 6).toordinal() + 7 * n) for n in range(51)]
    good: Fixings = [(str(day), [30.0, 22.0, 27.0]) for day in days]
    good = [*good, *((str(date.fromordinal(day.toordinal() + 1)), [30.0, 22.0, 27.0]) for day in days)]
    batch = read([*good, ("2026-01-03", [30.0, 22.0, 27.0])])
    assert len(prices(batch)) == 3 * 102
    assert [reject.message for reject in batch.rejects] == ["2026-01-03: a Saturday"]


def test_the_price_is_public_from_midnight_in_london() -> None:
    frame = read([("2026-02-10", [80.5, None, None]), ("2026-07-10", [80.5, None, None])]).frames["lbma_price_rows"]
    assert frame["published_at"].to_list() == [datetime(2026, 2, 11), datetime(2026, 7, 10, 23)]  # noqa: DTZ001
    assert frame["published_assumed"].all()


def test_a_daily_question_is_answered_from_forty_days_before() -> None:
    """The list has half a century; storing it again each day would bury the store."""
    ask = next(ask for ask in asks(DAY) if ask.hint == "silver")
    assert ask.url == "https://prices.lbma.org.uk/json/silver.json?since=2026-01-01"
    found = prices(parse(answer(lbma_json(), "silver", url=ask.url)))
    assert {day for day, _ in found} == {"2026-02-09", "2026-02-10"}
    assert {day for day, _ in prices(read_all())} == {"1998-12-30", "1999-01-05", "2026-02-09", "2026-02-10"}


def test_seven_lists_are_asked_for_each_with_its_hint() -> None:
    assert [ask.hint for ask in backlog(DAY, DAY)] == [
        "gold_am", "gold_pm", "silver", "platinum_am", "platinum_pm", "palladium_am", "palladium_pm",
    ]  # fmt: skip
    assert SOURCE.needs_hint
    assert not SOURCE.keeps_history


def test_an_unknown_field_is_noted() -> None:
    batch = parse(answer(lbma_json(x=1), "silver"))
    assert [note.text for note in batch.notes] == ["unknown field: 'x'"]


def test_an_empty_list_is_not_published() -> None:
    with pytest.raises(NotPublished):
        parse(answer(b"[]", "silver"))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html><title>Just a moment...</title>Access denied</html>", Blocked),
        (b"<html></html>", Unreadable),
        (lbma_json()[:-20], Unreadable),
        (lbma_json([("2026-02-09", [80.5, 59.1])]), Unreadable),
        (lbma_json([("10/02/2026", [80.5, 59.1, 68.2])]), Unreadable),
        (lbma_json([("2026-02-09", [1, 1, 1]), ("2026-02-09", [1, 1, 1])]), Unreadable),
        (lbma_json([("2026-12-24", [80.5, 59.1, 68.2])]), Implausible),
        (lbma_json([("1067-02-09", [80.5, 59.1, 68.2])]), Implausible),
        (lbma_json([("2026-02-09", [None, None, None])]), Implausible),
        (b'[{"d":"2026-02-09","v":["80.5 USD",1,1]}]', Unreadable),
        (b'{"d":"2026-02-09"}', Unreadable),
    ],
)
def test_what_is_no_list_of_prices_is_named(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(answer(body, "silver", at=datetime(2026, 11, 20, tzinfo=UTC)))


@pytest.mark.parametrize("body", [b"[]", b'[{"date":"2026-02-09","rate":1}]', b"[[1467417600000,1,2]]", b"{}"])
def test_other_lists_are_not_recognised(body: bytes) -> None:
    assert not recognise(body, "silver.json")


@given(st.binary(max_size=1_000), st.sampled_from([b"", b"[", b'[{"d":"2026-02-09","v":[']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body, "silver")) in {"Unreadable", "Blocked", "NotPublished", "Implausible"}


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_lists_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(lbma_json(), edits)
    recognise(body, "")
    assert outcome(parse, answer(body, "silver")) in {"Batch", "Unreadable", "Blocked", "NotPublished", "Implausible"}
