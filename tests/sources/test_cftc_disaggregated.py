"""CFTC disaggregated positions: the captured weeks of gold, every form of the file, its typos, and hostile ones."""

from __future__ import annotations

import csv
import random
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources import cftc_legacy, cot_files, cot_releases
from monitor.sources.cftc_disaggregated import SOURCE, asks, backlog, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.cot import DAY, HEADS, METALS, WEEK, cot_json, cot_text, figures
from tests.factories.world import EDITS, EXAMPLES, answer, outcome, zipped

KIND = "disaggregated"
FOLDER = CAPTURES / "world" / "cot"


def rows(batch: Batch) -> pl.DataFrame:
    return validate.checked(batch.frames)["cot_rows"]


def row(batch: Batch, metal: str, day: date = DAY, scope: str = "futures") -> dict[str, object]:
    frame = rows(batch)
    found = frame.filter((pl.col("metal") == metal) & (pl.col("session") == day) & (pl.col("scope") == scope))
    return found.row(0, named=True)


# --- the captured file ---


@needs_captures
def test_the_captured_weeks_are_gold_alone_and_equal_their_columns() -> None:
    body = (FOLDER / "raw_disagg_gold_last160.csv").read_bytes()
    frame = rows(parse(answer(body)))
    with (FOLDER / "raw_disagg_gold_last160.csv").open(encoding="utf-8", newline="") as file:
        printed = {
            line["Report_Date_as_YYYY-MM-DD"]: line
            for line in csv.DictReader(file)
            if line["CFTC_Contract_Market_Code"] == "088691"
        }
    assert frame.height == len(printed) == 81
    assert frame["market_code"].unique().to_list() == ["088691"]
    assert frame["scope"].unique().to_list() == ["futures"]
    for found in frame.iter_rows(named=True):
        line = printed[str(found["session"])]
        assert found["open_interest"] == int(line["Open_Interest_All"])
        assert found["swap_short"] == int(line["Swap__Positions_Short_All"])
        assert found["swap_spread"] == int(line["Swap__Positions_Spread_All"])
        assert found["m_money_long"] - found["m_money_short"] == int(line["Net_Managed_Money"])
        assert found["conc_net_4_short"] == float(line["Conc_Net_LE_4_TDR_Short_All"])


@needs_captures
def test_the_captured_gold_of_june_2026_has_the_published_figures() -> None:
    batch = parse(answer((FOLDER / "raw_disagg_gold_last160.csv").read_bytes()))
    found = row(batch, "gold", date(2026, 6, 2))
    assert (found["open_interest"], found["swap_short"]) == (326_052, 213_696)
    assert (found["conc_gross_4_short"], found["conc_net_4_short"]) == (39.4, 38.9)
    assert found["published_at"] == datetime(2026, 6, 5, 19, 30)  # noqa: DTZ001
    assert any("Net_Commercial" in note.text for note in batch.notes)


@needs_captures
def test_the_headings_of_the_factory_are_the_publishers() -> None:
    with (FOLDER / "raw_disagg_gold_last160.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))[:191] == HEADS[KIND]


@needs_captures
@pytest.mark.parametrize("name", ["cotflow_disagg_gold.csv", "cotflow_disagg_silver.csv", "edwin_legacy_silver.csv"])
def test_databases_of_others_are_not_taken_for_the_report(name: str) -> None:
    assert not recognise((FOLDER / name).read_bytes(), name)


# --- every form of the file ---

FORMS = {
    "json": cot_json(KIND),
    "text": cot_text(KIND),
    "text unix": cot_text(KIND, ends="\n"),
    "text with mark": b"\xef\xbb\xbf" + cot_text(KIND),
    "weekly text": cot_text(KIND, head=False),
    "zip": zipped({"f_year.txt": cot_text(KIND)}),
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_every_form_gives_the_same_rows(body: bytes) -> None:
    frame = rows(parse(answer(body)))
    assert sorted(frame["metal"].to_list()) == ["copper", "gold", "palladium", "platinum", "silver"]
    expected = figures(KIND)
    for found in frame.iter_rows(named=True):
        assert {name: found[name] for name in expected} == expected
        assert (found["session"], found["report"], found["scope"]) == (DAY, KIND, "futures")
    assert recognise(body, "anything")
    assert not cftc_legacy.recognise(body, "anything")


def test_the_other_reports_columns_are_empty() -> None:
    found = row(parse(answer(FORMS["json"])), "silver")
    assert found["noncomm_long"] is None
    assert found["comm_short"] is None


def test_figures_of_futures_and_of_both_stand_apart_by_the_value_of_each_row() -> None:
    """Whatever the address says: this one is that of futures alone."""
    url = "https://publicreporting.cftc.gov/resource/72hh-3qpy.json"
    batch = parse(answer(cot_json(KIND, scopes=("FutOnly", "Combined")), url=url))
    assert rows(batch).height == 10
    assert row(batch, "silver")["open_interest"] == 150_000
    assert row(batch, "silver", scope="combined")["open_interest"] == 190_000


@pytest.mark.parametrize("told", ["Futures", "", "Both"])
def test_a_row_of_unknown_scope_is_unreadable(told: str) -> None:
    with pytest.raises(Unreadable, match="neither FutOnly nor Combined"):
        parse(answer(cot_json(KIND, scopes=(told,))))


def test_micro_gold_is_another_market_than_gold() -> None:
    assert rows(parse(answer(cot_text(KIND, (("088695", DAY), ("088691", DAY)))))).height == 1


@pytest.mark.parametrize("code", ["084691 ", " 84691", "84691", "084691"])
def test_a_code_padded_or_robbed_of_its_zero_is_the_same_code(code: str) -> None:
    body = cot_text(KIND, (("084691", DAY),), ends="\n").replace(b",084691,", f",{code},".encode(), 1)
    assert row(parse(answer(body)), "silver")["market_code"] == "084691"


def test_a_name_with_a_comma_is_one_field() -> None:
    assert rows(parse(answer(cot_text(KIND, (("067651", DAY), ("084691", DAY)))))).height == 1


def test_the_short_date_is_never_read() -> None:
    """It loses its zero in spreadsheets (60613), and reads as another date day first."""
    body = cot_text(KIND, ends="\n").replace(b",260210,", b",60613,")
    assert rows(parse(answer(body)))["session"].unique().to_list() == [DAY]


def test_a_report_bundled_twice_counts_once() -> None:
    assert rows(parse(answer(cot_text(KIND, (*WEEK, *WEEK))))).height == 5


def test_two_versions_of_one_report_are_implausible() -> None:
    twice = (("084691", DAY), ("084691", DAY))
    with pytest.raises(Implausible, match="two different rows for silver futures of 2026-02-10"):
        parse(answer(cot_text(KIND, twice, changed={"traders_total": "249"})))


def test_a_full_stop_is_a_missing_figure() -> None:
    found = row(parse(answer(cot_text(KIND, changed={"traders_total": ".", "conc_net_8_short": "   ."}))), "silver")
    assert (found["traders_total"], found["conc_net_8_short"]) == (None, None)


def test_a_metal_that_is_not_in_the_report_is_noted() -> None:
    batch = parse(answer(cot_text(KIND, WEEK[:4])))
    assert [(note.text, note.session) for note in batch.notes] == [("no copper in this report", DAY)]


def test_a_new_column_is_noted() -> None:
    batch = parse(answer(cot_json(KIND, hedge_fund_positions="1")))
    assert [note.text for note in batch.notes] == ["unknown column: 'hedge_fund_positions'"]


# --- balances ---


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("m_money_long", 2, "the groups' longs do not add up"),
        ("swap_short", -2, "the groups' shorts do not add up"),
        ("open_interest", 2, "do not add up to the open interest"),
        ("nonrept_short", 2, "the shorts do not add up to the open interest"),
    ],
)
def test_a_balance_that_breaks_refuses_the_week(name: str, change: int, message: str) -> None:
    broken = str(int(figures(KIND)[name]) + change)
    with pytest.raises(Implausible, match=message):
        parse(answer(cot_text(KIND, changed={name: broken})))


@pytest.mark.parametrize("name", ["open_interest", "m_money_long", "nonrept_short"])
def test_one_lot_of_rounding_is_allowed(name: str) -> None:
    near = int(figures(KIND)[name]) + 1
    assert row(parse(answer(cot_text(KIND, changed={name: str(near)}))), "silver")[name] == near


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("conc_gross_4_short", "60.0", "four shorts hold more than eight"),
        ("conc_net_4_long", "25.0", "4 longs hold more net than gross"),
        ("swap_spread", ".", "a position is missing"),
    ],
)
def test_figures_that_contradict_each_other_refuse_the_week(name: str, value: str, message: str) -> None:
    with pytest.raises(Implausible, match=message):
        parse(answer(cot_text(KIND, changed={name: value})))


def test_one_bad_row_among_a_hundred_is_left_out_and_named() -> None:
    days = [date(2024, 1, 2), *(date.fromordinal(date(2024, 1, 2).toordinal() + 7 * n) for n in range(1, 101))]
    batch = parse(answer(cot_text(KIND, [("084691", day) for day in days], changed={"open_interest": "1"})))
    assert rows(batch).height == 100
    assert [(reject.where, "silver 2024-01-02 futures" in reject.message) for reject in batch.rejects] == [
        ("line 2", True)
    ]


@pytest.mark.parametrize("raw", ["12a", "1.5", "1e5", "--", "1,000"])
def test_a_position_that_is_no_number_is_unreadable_with_its_place(raw: str) -> None:
    with pytest.raises(Unreadable, match=r"is no number \(\[0\] column open_interest\)"):
        parse(answer(cot_json(KIND, open_interest_all=raw)))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Unreadable, match="no column for swap_short"):
        parse(answer(cot_json(KIND, swap__positions_short_all=None)))


# --- dates ---


def test_a_report_of_the_future_is_implausible() -> None:
    with pytest.raises(Implausible, match="future"):
        parse(answer(cot_json(KIND), at=datetime(2026, 2, 8, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("report", "released"),
    [
        (date(2026, 2, 10), date(2026, 2, 13)),
        (date(2025, 9, 30), date(2025, 11, 19)),
        (date(2023, 1, 31), date(2023, 2, 24)),
        (date(2026, 6, 16), date(2026, 6, 22)),
        (date(2013, 10, 8), date(2013, 10, 25)),
        (date(2024, 11, 26), date(2024, 12, 2)),
        (date(2022, 11, 8), date(2022, 11, 14)),
        (date(2024, 3, 26), date(2024, 3, 29)),
        (date(2008, 9, 16), date(2009, 10, 20)),
    ],
    ids=[
        "a Friday", "lapse of funding 2025", "cyber incident", "Juneteenth", "behind a late one", "Thanksgiving",
        "Veterans Day on a Friday", "Good Friday is a working day", "computed later",
    ],
)  # fmt: skip
def test_a_report_is_public_on_its_day_of_release(report: date, released: date) -> None:
    found = row(parse(answer(cot_text(KIND, (("084691", report),)))), "silver", report)
    moment = found["published_at"]
    assert isinstance(moment, datetime)
    assert moment.date() == released
    assert found["published_assumed"]


def test_the_hour_of_release_follows_new_york_in_summer_and_winter() -> None:
    both = (("084691", date(2026, 1, 13)), ("084691", date(2026, 7, 14)))
    frame = rows(parse(answer(cot_text(KIND, both)))).sort("session")
    assert [moment.hour for moment in frame["published_at"].to_list()] == [20, 19]


def test_the_moment_a_row_was_stored_counts_where_it_is_near_the_release() -> None:
    found = row(parse(answer(cot_json(KIND, stored="2026-02-13T20:30:46.123Z"))), "silver")
    assert found["published_at"] == datetime(2026, 2, 13, 20, 30, 46)  # noqa: DTZ001
    assert not found["published_assumed"]


@pytest.mark.parametrize("stored", ["2022-08-01T18:00:00.000Z", "2026-03-20T00:00:00.000Z", "soon"])
def test_the_moment_of_a_bulk_load_does_not_count(stored: str) -> None:
    found = row(parse(answer(cot_json(KIND, stored=stored))), "silver")
    assert found["published_at"] == datetime(2026, 2, 13, 20, 30)  # noqa: DTZ001
    assert found["published_assumed"]


@needs_captures
def test_every_late_release_of_the_captured_list_is_in_the_table() -> None:
    with (FOLDER / "cot_release_overrides_transcribed.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            report, released = date.fromisoformat(line["report_date"]), date.fromisoformat(line["release_date"])
            assert cot_releases.release_day(report, "legacy") == released


# --- damage and deceit ---


def test_no_rows_yet_is_not_published() -> None:
    with pytest.raises(NotPublished):
        parse(answer(b"[]"))


def test_an_answer_as_long_as_was_asked_for_is_cut() -> None:
    with pytest.raises(Unreadable, match="the rest is missing"):
        parse(answer(cot_json(KIND), url="https://publicreporting.cftc.gov/resource/x.json?%24limit=5"))


def test_a_line_cut_short_is_unreadable_wherever_it_stands() -> None:
    body = cot_text(KIND, (*WEEK, ("067651", DAY)), head=False)
    with pytest.raises(Unreadable, match=r"a line cut short: .* \(line 6\)"):
        parse(answer(body[:-200]))


def test_a_text_without_headings_must_have_all_its_fields() -> None:
    body = b"\r\n".join(line.rsplit(b",", 1)[0] for line in cot_text(KIND, head=False).splitlines())
    assert not recognise(body, "f_disagg.txt")
    with pytest.raises(Unreadable, match="190 fields and no headings"):
        parse(answer(body))


def test_a_file_without_our_markets_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="not one of our five markets"):
        parse(answer(cot_text(KIND, (("067651", DAY),))))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html><body>Access Denied</body></html>", Blocked),
        (b"<html><body>Page not found</body></html>", Unreadable),
        (b'{"code":"query.soql.no-such-column","error":true}', Unreadable),
        (b"", Unreadable),
        (b"[1,2]", Unreadable),
    ],
)
def test_what_is_no_report_is_named(body: bytes, error: type[Exception]) -> None:
    assert not recognise(body, "f_disagg.txt")
    with pytest.raises(error):
        parse(answer(body))


def test_an_endless_line_in_a_zip_is_refused() -> None:
    body = zipped({"f_year.txt": random.Random(1).randbytes(60_000).replace(b"\n", b"")})
    with pytest.raises(Unreadable, match="a line of more than"):
        parse(answer(body))


def test_a_history_of_all_markets_is_read_for_ours_alone() -> None:
    """Four years of the five metals among as many rows of another market."""
    weeks = [date.fromordinal(date(2020, 1, 7).toordinal() + 7 * n) for n in range(200)]
    all_rows = [(code, day) for day in weeks for metal in METALS for code in (metal, "067651")]
    body = zipped({"F_Disagg06_16.txt": cot_text(KIND, all_rows, step=7)})
    assert rows(parse(answer(body))).height == 1_000


# --- asking ---


def test_both_scopes_of_one_week_are_asked_for_with_exact_codes() -> None:
    first, second = asks(DAY)
    assert first.url.startswith("https://publicreporting.cftc.gov/resource/72hh-3qpy.json?")
    assert second.url.startswith("https://publicreporting.cftc.gov/resource/kh3c-gbw2.json?")
    assert "2026-02-04T00%3A00%3A00.000" in first.url
    assert "2026-02-10T23%3A59%3A59.999" in first.url
    for code in METALS:
        assert f"%27{code}%27" in first.url
    assert "LIKE" not in first.url
    assert "2025-01-07T00" in backlog(date(2025, 1, 7), DAY)[0].url


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("f_disagg.txt", "futures"), ("com_disagg_txt_2024.zip", "combined"), ("deafut.txt", "futures"),
        ("deahistfo2020.zip", "combined"), ("annualof.txt", "combined"), ("annual.txt", "futures"),
        ("FUT86_16.txt", "futures"), ("Com95_16.txt", "combined"), ("positions.txt", None),
    ],
)  # fmt: skip
def test_the_publishers_file_names_say_the_scope(name: str, scope: str | None) -> None:
    assert SOURCE.hint_of is not None
    assert SOURCE.hint_of(name) == scope


def test_a_name_that_says_both_scopes_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="keep one"):
        cot_files.scope_of("futures_combined.txt")


# --- anything at all ---


@given(st.binary(max_size=2_000), st.sampled_from([b"", b"PK\x03\x04", b"[{", b'"SILVER",260210,2026-02-10,084691,']))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    assert not recognise(start + body, "")
    assert outcome(parse, answer(start + body)) in {"Unreadable", "Blocked", "Implausible", "NotPublished"}


@given(EDITS, st.sampled_from(list(FORMS.values())))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], whole: bytes) -> None:
    body = shanghai.damage(whole, edits)
    recognise(body, "")
    assert outcome(parse, answer(body)) in {"Batch", "Blocked", "Unreadable", "Implausible", "NotPublished"}
