"""Frankfurter: both versions of its answer, and the mixed rates of the second. Rates here are made up."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources.frankfurter_fx import asks, backlog, parse, recognise
from tests.factories import shanghai
from tests.factories.world import EDITS, EXAMPLES, answer, outcome

DAY = date(2026, 10, 30)
ONE = {"amount": 1.0, "base": "EUR", "date": "2026-10-30", "rates": {"CNY": 7.4326, "USD": 1.1172}}
MANY = {
    "amount": 1.0,
    "base": "EUR",
    "start_date": "2026-10-29",
    "end_date": "2026-10-30",
    "rates": {"2026-10-29": {"USD": 1.12}, "2026-10-30": {"USD": 1.1172, "CNY": 7.4326}},
}
FLAT = [
    {"date": "2026-10-30", "base": "EUR", "quote": "USD", "rate": 1.1172},
    {"date": "2026-10-30", "base": "EUR", "quote": "CNY", "rate": 7.4326},
]
ECB = "https://api.frankfurter.dev/v2/rates?base=EUR&quotes=USD,CNY&providers=ECB"


def rates(batch: Batch) -> dict[tuple[date, str, str], float]:
    frame = validate.checked(batch.frames)["fx_rows"]
    return {(row[0], row[1], row[2]): row[3] for row in frame.select("session", "base", "quote", "rate").rows()}


@pytest.mark.parametrize(("body", "count"), [(ONE, 2), (MANY, 3), (FLAT, 2)], ids=["one date", "many dates", "list"])
def test_every_form_gives_the_rates_as_they_were_asked_for(body: object, count: int) -> None:
    text = json.dumps(body)
    found = rates(parse(answer(text, url=ECB)))
    assert len(found) == count
    assert found[DAY, "EUR", "CNY"] == 7.4326
    assert recognise(text.encode(), "x")


def test_the_base_is_the_one_inside() -> None:
    body = json.dumps({**ONE, "base": "USD", "rates": {"CNY": 6.65}})
    assert rates(parse(answer(body))) == {(DAY, "USD", "CNY"): 6.65}


@pytest.mark.parametrize("url", [None, "https://api.frankfurter.dev/v2/rates?base=EUR", ECB + ",BOC"])
def test_a_list_of_mixed_origin_is_refused(url: str | None) -> None:
    with pytest.raises(Unreadable, match="several central banks"):
        parse(answer(json.dumps(FLAT), url=url))


def test_half_past_four_in_frankfurt_is_assumed() -> None:
    frame = parse(answer(json.dumps(ONE))).frames["fx_rows"]
    assert frame["published_at"].unique().to_list() == [datetime(2026, 10, 30, 15, 30)]  # noqa: DTZ001
    assert frame["published_assumed"].all()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"message": "not found"}, NotPublished),
        ({**ONE, "rates": {}}, NotPublished),
        ({**ONE, "amount": 100.0}, Unreadable),
        ({**ONE, "base": "euro"}, Unreadable),
        ({**ONE, "rates": {"CNY": "much"}}, Unreadable),
        ({**ONE, "rates": {"CNY": 0}}, Unreadable),
        ({**ONE, "rates": {"yuan": 7.4}}, Unreadable),
        ({**ONE, "rates": {"CNY": 1e9}}, Implausible),
        ({**ONE, "date": "2026-10-31"}, Implausible),
        ({**ONE, "date": "2027-10-29"}, Implausible),
        ({**ONE, "date": "1998-10-30"}, Implausible),
        ({**MANY, "rates": {"2026-10-30": 1.1}}, Unreadable),
        ([*FLAT, FLAT[0]], Unreadable),
        ([{"date": "2026-10-30", "base": "EUR", "quote": None, "rate": 1.0}], Unreadable),
        ([7], Unreadable),
    ],
)
def test_what_is_no_answer_is_named(body: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(answer(json.dumps(body), url=ECB))


def test_an_unknown_field_is_noted() -> None:
    assert [note.text for note in parse(answer(json.dumps({**ONE, "x": 1}))).notes] == ["unknown field: 'x'"]


def test_one_day_and_a_span_are_asked_of_version_one() -> None:
    assert asks(DAY)[0].url == "https://api.frankfurter.dev/v1/2026-10-30?base=EUR&symbols=USD,CNY,INR"
    assert "v1/2026-10-01..2026-10-30?" in backlog(date(2026, 10, 1), DAY)[0].url


@given(st.binary(max_size=1_000), st.sampled_from([b"", b"{", b'[{"date":']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body, url=ECB)) == "Unreadable"


@given(EDITS, st.sampled_from([ONE, MANY, FLAT]))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_answers_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], whole: object) -> None:
    body = shanghai.damage(json.dumps(whole).encode(), edits)
    recognise(body, "")
    assert outcome(parse, answer(body, url=ECB)) in {"Batch", "Unreadable", "NotPublished", "Implausible"}
