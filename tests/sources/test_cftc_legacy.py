"""CFTC legacy positions: the captured weeks of five metals, the scope that its text does not say, and its typos."""

from __future__ import annotations

import csv
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Implausible, Unreadable
from monitor.model import Batch
from monitor.sources import cftc_disaggregated
from monitor.sources.cftc_legacy import asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.cot import DAY, HEADS, cot_json, cot_text, figures
from tests.factories.world import EDITS, EXAMPLES, answer, outcome, zipped

KIND = "legacy"
FOLDER = CAPTURES / "world" / "cot"
CAPTURED = "raw_legacy_annual_2024_metals_only.txt"


def rows(batch: Batch) -> pl.DataFrame:
    return validate.checked(batch.frames)["cot_rows"]


# --- the captured files ---


@needs_captures
def test_the_captured_weeks_are_the_five_metals_without_micro_gold() -> None:
    frame = rows(parse(answer((FOLDER / CAPTURED).read_bytes(), "futures")))
    assert sorted(frame["metal"].to_list()) == sorted(["copper", "gold", "palladium", "platinum", "silver"] * 6)
    assert (frame["session"].min(), frame["session"].max()) == (date(2024, 1, 2), date(2024, 2, 6))
    assert "088695" not in frame["market_code"].to_list()


@needs_captures
def test_the_captured_weeks_equal_their_columns() -> None:
    frame = rows(parse(answer((FOLDER / CAPTURED).read_bytes(), "futures")))
    with (FOLDER / CAPTURED).open(encoding="utf-8", newline="") as file:
        printed = {
            (r["CFTC Contract Market Code"], r["As of Date in Form YYYY-MM-DD"]): r for r in csv.DictReader(file)
        }
    for found in frame.iter_rows(named=True):
        line = printed[found["market_code"], str(found["session"])]
        assert found["open_interest"] == int(line["Open Interest (All)"])
        assert found["noncomm_spread"] == int(line["Noncommercial Positions-Spreading (All)"])
        assert found["comm_short"] == int(line["Commercial Positions-Short (All)"])
        assert found["tot_rept_long"] == int(line[" Total Reportable Positions-Long (All)"])
        assert found["conc_gross_4_short"] == float(line["Concentration-Gross LT =4 TDR-Short (All)"])
        assert found["conc_net_8_long"] == float(line["Concentration-Net LT =8 TDR-Long (All)"])
        assert found["traders_total"] == int(line["Traders-Total (All)"])


@needs_captures
def test_the_captured_silver_agrees_with_what_others_recorded_of_it() -> None:
    frame = rows(parse(answer((FOLDER / CAPTURED).read_bytes(), "futures"))).filter(pl.col("metal") == "silver")
    with (FOLDER / "edwin_legacy_silver.csv").open(encoding="utf-8", newline="") as file:
        recorded = {line["date"]: line for line in csv.DictReader(file)}
    compared = 0
    for found in frame.iter_rows(named=True):
        line = recorded.get(str(found["session"]))
        if line is None:
            continue
        compared += 1
        for ours, theirs in (
            ("noncomm_long", "spec_long"),
            ("comm_short", "comm_short"),
            ("nonrept_long", "nonrept_long"),
        ):
            assert found[ours] == int(line[theirs]), (found["session"], ours)
    assert compared == 6


@needs_captures
def test_the_headings_of_the_factory_are_the_publishers() -> None:
    with (FOLDER / CAPTURED).open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == HEADS[KIND]


@needs_captures
def test_the_captured_row_of_another_market_is_recognised_and_refused() -> None:
    body = (CAPTURES / "world" / "fixtures" / "cftc_socrata_jun7-fc8e_239747_2024-08-20.json").read_bytes()
    assert recognise(body, "")
    with pytest.raises(Unreadable, match="not one of our five markets"):
        parse(answer(body))


@needs_captures
def test_the_captured_row_reads_as_silver_would_and_none_of_its_fields_is_new() -> None:
    """The row is of Russell futures and options; under silver's code every field of the server is known and adds up."""
    body = (CAPTURES / "world" / "fixtures" / "cftc_socrata_jun7-fc8e_239747_2024-08-20.json").read_bytes()
    batch = parse(
        answer(body.replace(b'"cftc_contract_market_code":"239747"', b'"cftc_contract_market_code":"084691"'))
    )
    found = rows(batch).row(0, named=True)
    assert (found["session"], found["scope"]) == (date(2024, 8, 20), "combined")
    assert (found["open_interest"], found["noncomm_spread"], found["tot_rept_short"]) == (19_404, 258, 10_780)
    assert (found["conc_gross_4_short"], found["conc_net_8_long"], found["traders_total"]) == (41.8, 31.1, 25)
    assert [note.text for note in batch.notes if "column" in note.text] == []


# --- scope ---


@pytest.mark.parametrize(
    ("member", "scope"),
    [
        ("annual.txt", "futures"),
        ("FUT86_16.txt", "futures"),
        ("annualof.txt", "combined"),
        ("Com95_16.txt", "combined"),
    ],
)
def test_the_name_inside_the_zip_says_the_scope(member: str, scope: str) -> None:
    body = zipped({member: cot_text(KIND)})
    assert recognise(body, "download.bin")
    assert rows(parse(answer(body)))["scope"].unique().to_list() == [scope]


@pytest.mark.parametrize("scope", ["futures", "combined"])
def test_the_hint_says_the_scope_of_a_bare_text(scope: str) -> None:
    assert rows(parse(answer(cot_text(KIND), scope)))["scope"].unique().to_list() == [scope]


@pytest.mark.parametrize("body", [cot_text(KIND), zipped({"data.txt": cot_text(KIND)})], ids=["text", "zip"])
def test_a_text_whose_scope_nothing_says_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable, match="does not say whether options are in it"):
        parse(answer(body))


def test_the_row_decides_against_the_hint() -> None:
    assert rows(parse(answer(cot_json(KIND, scopes=("Combined",)), "futures")))["scope"].unique().to_list() == [
        "combined"
    ]


# --- columns ---


@pytest.mark.parametrize(
    "body", [cot_json(KIND), cot_text(KIND), cot_text(KIND, head=False)], ids=["json", "text", "weekly text"]
)
def test_every_form_gives_the_same_rows(body: bytes) -> None:
    frame = rows(parse(answer(body, "futures")))
    assert frame.height == 5
    expected = figures(KIND)
    for found in frame.iter_rows(named=True):
        assert {name: found[name] for name in expected} == expected
        assert (found["session"], found["report"]) == (DAY, KIND)
        assert found["m_money_long"] is None
    assert recognise(body, "anything")
    assert not cftc_disaggregated.recognise(body, "anything")


def test_the_spread_of_the_old_crop_is_not_that_of_all() -> None:
    """The server spells the one for all `postions`; `noncomm_positions_spread` is the old crop's."""
    frame = rows(parse(answer(cot_json(KIND, noncomm_positions_spread="1", noncomm_positions_spread_1="2"))))
    assert frame["noncomm_spread"].unique().to_list() == [figures(KIND)["noncomm_spread"]]


def test_the_typo_may_be_mended_one_day() -> None:
    right = str(figures(KIND)["noncomm_spread"])
    body = cot_json(KIND, noncomm_postions_spread_all=None, noncomm_positions_spread_all=right)
    assert rows(parse(answer(body))).height == 5


def test_a_balance_that_breaks_refuses_the_week() -> None:
    with pytest.raises(Implausible, match="the groups' longs do not add up"):
        parse(answer(cot_text(KIND, changed={"comm_long": "1"}), "futures"))


def test_what_was_computed_later_is_a_matter_of_the_other_report() -> None:
    frame = rows(parse(answer(cot_text(KIND, (("084691", date(2008, 9, 16)),)), "futures")))
    assert frame["published_at"].to_list() == [datetime(2008, 9, 19, 19, 30)]  # noqa: DTZ001


def test_both_datasets_are_asked_for() -> None:
    found = [ask.url.split("?")[0].rsplit("/", 1)[1] for ask in asks(DAY)]
    assert found == ["6dca-aqww.json", "jun7-fc8e.json"]


# --- anything at all ---


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"PK\x03\x04", b'[{"cftc_contract_market_code":', b'"S","']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body, "futures")) in {"Unreadable", "Blocked", "Implausible", "NotPublished"}


@given(EDITS, st.sampled_from([cot_json(KIND), cot_text(KIND), zipped({"annual.txt": cot_text(KIND)})]))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], whole: bytes) -> None:
    body = shanghai.damage(whole, edits)
    recognise(body, "")
    assert outcome(parse, answer(body, "futures")) in {"Batch", "Blocked", "Unreadable", "Implausible", "NotPublished"}
