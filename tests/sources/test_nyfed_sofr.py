"""SOFR from the New York Fed: the captured answer, revisions, and percentiles out of order."""

from __future__ import annotations

import csv
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources.nyfed_sofr import asks, backlog, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.world import EDITS, EXAMPLES, answer, nyfed_json, outcome

WORLD = CAPTURES / "world"


def rates(batch: Batch) -> dict[date, float]:
    frame = validate.checked(batch.frames)["rate_rows"]
    assert frame.select("series", "basis").unique().rows() == [("SOFR", "ACT/360")]
    return dict(frame.select("session", "percent").rows())


@needs_captures
def test_the_captured_rates_are_those_another_publisher_repeats() -> None:
    body = (WORLD / "fixtures" / "nyfed_sofr_search_2024-06.json").read_bytes()
    assert recognise(body, "download.bin")
    found = rates(parse(answer(body)))
    assert found == {date(2024, 6, 3): 5.35, date(2024, 6, 4): 5.33, date(2024, 6, 5): 5.33, date(2024, 6, 6): 5.33}
    with (WORLD / "rates" / "fred_rates_2018_2026-08.csv").open(encoding="utf-8", newline="") as file:
        repeated = {line["date"]: line["SOFR"] for line in csv.DictReader(file)}
    assert {str(day): f"{rate:g}" for day, rate in found.items()}.items() <= repeated.items()


def test_the_rate_is_public_at_eight_of_the_next_session() -> None:
    frame = parse(answer(nyfed_json({"2026-02-12": 4.3, "2026-02-13": 4.3}))).frames["rate_rows"].sort("session")
    assert frame["published_at"].to_list() == [
        datetime(2026, 2, 13, 13),  # noqa: DTZ001
        datetime(2026, 2, 17, 13),  # noqa: DTZ001
    ]


def test_a_revision_is_marked() -> None:
    frame = parse(answer(nyfed_json({"2026-02-12": 4.3}, changed={"revisionIndicator": "r", "footnoteId": 7}))).frames[
        "rate_rows"
    ]
    assert frame["revision"].to_list() == ["r"]


def test_other_rates_are_left_out_with_a_note() -> None:
    mixed = nyfed_json({"2026-02-12": 4.3}).replace(b"]}", b", ") + nyfed_json({"2026-02-11": 4.1}, kind="BGCR")[14:]
    batch = parse(answer(mixed))
    assert rates(batch) == {date(2026, 2, 12): 4.3}
    assert [note.text for note in batch.notes] == ["unknown rate, left out: 'BGCR'"]


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"percentPercentile25": 4.4}, Implausible, "out of order"),
        ({"percentPercentile99": 4.0}, Implausible, "out of order"),
        ({"percentRate": None}, Unreadable, "no rate"),
        ({"percentRate": "four"}, Unreadable, "is no number"),
        ({"effectiveDate": "02/12/2026"}, Unreadable, "is no date"),
        ({"effectiveDate": "2026-02-14"}, Implausible, "Saturday"),
        ({"effectiveDate": "2027-02-12"}, Implausible, "future"),
        ({"effectiveDate": "9999-12-31"}, Implausible, "future"),
        ({"effectiveDate": "0001-01-01"}, Implausible, "before the series began"),
        ({"type": "SOFRAI"}, Unreadable, "no SOFR among the rates"),
    ],
)
def test_a_rate_that_cannot_be_is_named(changed: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        parse(answer(nyfed_json({"2026-02-12": 4.3}, changed=changed)))


def test_a_rate_without_percentiles_is_believed() -> None:
    gone = dict.fromkeys([f"percentPercentile{n}" for n in (1, 25, 75, 99)])
    assert rates(parse(answer(nyfed_json({"2026-02-12": 4.3}, changed=gone)))) == {date(2026, 2, 12): 4.3}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"refRates": []}', NotPublished),
        (b'{"refRates": {}}', Unreadable),
        (b"<html>Request Rejected</html>", Blocked),
        (nyfed_json({"2026-02-12": 4.3})[:-3], Unreadable),
        (nyfed_json({"2026-02-12": 4.3, "2026-02-11": 4.3}, changed={"effectiveDate": "2026-02-12"}), Unreadable),
        (nyfed_json({"2026-02-12": 43.0}), Implausible),
    ],
)
def test_what_is_no_answer_is_named(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(answer(body))


def test_one_day_and_a_span_are_asked_for() -> None:
    day = date(2026, 2, 12)
    assert asks(day)[0].url.endswith("/secured/sofr/search.json?startDate=2026-02-12&endDate=2026-02-12")
    assert backlog(date(2026, 2, 2), day)[0].url.endswith("?startDate=2026-02-02&endDate=2026-02-12")


@given(st.binary(max_size=1_000), st.sampled_from([b"", b"{", b'{"refRates":[{']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body)) in {"Unreadable", "Blocked"}


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(nyfed_json({"2026-02-12": 4.3, "2026-02-13": 4.31}), edits)
    recognise(body, "")
    assert outcome(parse, answer(body)) in {"Batch", "Unreadable", "Blocked", "NotPublished", "Implausible"}
