"""CFETS central parity: yuan per dollar, per hundred yen, and the date inside. Rates are made up but where quoted."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources.cfets_fx import SOURCE, asks, parse, recognise
from tests.factories import shanghai
from tests.factories.world import EDITS, EXAMPLES, answer, ccpr_json, outcome

DAY = date(2026, 9, 24)


def rates(batch: Batch) -> dict[tuple[str, str], float]:
    frame = validate.checked(batch.frames)["fx_rows"]
    return {(row[0], row[1]): row[2] for row in frame.select("base", "quote", "rate").rows()}


def test_the_quoted_rate_of_september_2026_is_yuan_per_dollar() -> None:
    batch = parse(answer(ccpr_json()))
    assert rates(batch)["USD", "CNY"] == 6.7489
    assert batch.frames["fx_rows"]["session"].unique().to_list() == [DAY]


def test_a_pair_per_hundred_is_kept_per_one_and_an_inverse_pair_as_it_is() -> None:
    found = rates(parse(answer(ccpr_json())))
    assert found["JPY", "CNY"] == pytest.approx(0.042794)
    assert found["CNY", "MYR"] == 0.6


def test_the_hour_is_that_of_the_file_in_shanghai() -> None:
    frame = parse(answer(ccpr_json())).frames["fx_rows"]
    assert frame["published_at"].unique().to_list() == [datetime(2026, 9, 24, 1, 15)]  # noqa: DTZ001
    assert not frame["published_assumed"].any()


def test_a_date_without_an_hour_is_a_quarter_past_nine_assumed() -> None:
    frame = parse(answer(ccpr_json(stamp="2026-09-24"))).frames["fx_rows"]
    assert frame["published_at"].unique().to_list() == [datetime(2026, 9, 24, 1, 15)]  # noqa: DTZ001
    assert frame["published_assumed"].all()


def test_a_pair_that_is_not_understood_is_left_out_and_noted() -> None:
    batch = parse(answer(ccpr_json({"USD/CNY": "6.7489", "USD/HKD": "7.8", "SDR": "9.1"})))
    assert rates(batch) == {("USD", "CNY"): 6.7489}
    assert [reject.where for reject in batch.rejects] == ["records[1]", "records[2]"]
    assert [note.kind for note in batch.notes] == ["layout", "layout"]


def test_an_unknown_field_is_noted() -> None:
    assert [note.text for note in parse(answer(ccpr_json(colour="red"))).notes] == ["unknown field: 'colour'"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (ccpr_json({}), NotPublished),
        (ccpr_json({"EUR/CNY": "7.6"}), Unreadable),
        (ccpr_json({"USD/CNY": "0"}), Unreadable),
        (ccpr_json({"USD/CNY": ""}), Unreadable),
        (ccpr_json({"USD/CNY": "0.1482"}), Implausible),
        (ccpr_json({"USD/CNY": "674.89"}), Implausible),
        (ccpr_json(stamp="24/09/2026 9:15"), Unreadable),
        (ccpr_json(stamp="2026-09-24 29:15"), Unreadable),
        (ccpr_json(stamp="2026-09-26 9:15"), Implausible),
        (ccpr_json(stamp="2027-09-24 9:15"), Implausible),
        (b"<html>Access denied</html>", Blocked),
        (b'{"records": [{"vrtEName": "USD/CNY", "price": "6.7"}]}', Unreadable),
        (b'{"data": {"lastDate": "2026-09-24 9:15", "records": []}}', Unreadable),
        (ccpr_json()[:-5], Unreadable),
    ],
)
def test_what_is_no_parity_is_named(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(answer(body))


def test_a_pair_for_no_units_is_rejected_and_the_others_are_kept() -> None:
    """Found by damaged files: a price was divided by 0."""
    batch = parse(answer(ccpr_json({"USD/CNY": "6.7489", "000JPY/CNY": "4.2794", "0EUR/CNY": "7.6"})))
    assert rates(batch) == {("USD", "CNY"): 6.7489}
    assert [reject.where for reject in batch.rejects] == ["records[1]", "records[2]"]


def test_a_pair_twice_is_unreadable() -> None:
    payload = json.loads(ccpr_json())
    payload["records"].append(payload["records"][0])
    with pytest.raises(Unreadable, match="USD/CNY stands there twice"):
        parse(answer(json.dumps(payload)))


def test_only_today_can_be_asked_for() -> None:
    assert [ask.url for ask in asks(DAY)] == ["https://www.chinamoney.com.cn/r/cms/www/chinamoney/data/fx/ccpr.json"]
    assert (SOURCE.keeps_history, SOURCE.backlog) == (False, None)
    assert recognise(ccpr_json(), "x")
    assert not recognise(b'{"amount":1.0,"base":"EUR","rates":{}}', "ccpr.json")


@given(st.binary(max_size=1_000), st.sampled_from([b"", b"{", b'{"records":[{"vrtEName":"USD/CNY"']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body)) in {"Unreadable", "Blocked"}


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(ccpr_json(), edits)
    recognise(body, "")
    assert outcome(parse, answer(body)) in {"Batch", "Unreadable", "Blocked", "NotPublished", "Implausible"}
