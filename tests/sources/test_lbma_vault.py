"""London vault holdings: thousands of ounces at the end of the month, from the list and from the workbook."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources.lbma_vault import SOURCE, asks, backlog, month_end, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.world import BOMB, EDITS, EXAMPLES, VAULTS, Cell, answer, outcome, vault_json, vault_xlsx, xlsx

FOLDER = CAPTURES / "world" / "vault"


def held(batch: Batch) -> dict[tuple[date, str], float]:
    frame = validate.checked(batch.frames)["vault_holding_rows"]
    assert frame.select("venue", "unit").unique().rows() == [("LBMA", "koz")]
    return {(row[0], row[1]): row[2] for row in frame.select("session", "metal", "quantity").rows()}


# --- facts others recorded of the publisher's list ---


@needs_captures
def test_the_recorded_months_come_back_through_the_list() -> None:
    """The record's days are the seconds of the months they are about, as the publisher's moments are."""
    with (FOLDER / "lbma_vault_monthly_2016-07_2025-11.csv").open(encoding="utf-8", newline="") as file:
        recorded = list(csv.DictReader(file))
    rows = [
        [
            int(datetime.fromisoformat(line["date"]).replace(tzinfo=UTC).timestamp() * 1000),
            int(line["gold_oz"]) // 1000,
            int(line["silver_oz"]) // 1000,
        ]
        for line in recorded
    ]
    batch = parse(answer(json.dumps(rows)))
    found = held(batch)
    assert len(found) == 2 * 113
    assert not batch.notes
    assert found[month_end(date(2016, 7, 2)), "silver"] == 951_433
    assert found[month_end(date(2021, 6, 2)), "silver"] == 1_180_113
    assert found[month_end(date(2025, 3, 2)), "silver"] == 711_396
    october, september = (found[month_end(date(2025, month, 2)), "silver"] for month in (10, 9))
    assert (october, october - september) == (844_105, 53_796)


@needs_captures
def test_no_captured_record_is_taken_for_the_publishers_file() -> None:
    for path in FOLDER.iterdir():
        assert not recognise(path.read_bytes(), path.name)


# --- the months ---


def test_the_moment_is_the_second_of_the_month_it_is_about() -> None:
    """2016-07-02 is July, whose last session is Friday the 29th; the figure is not June's."""
    assert held(parse(answer(b"[[1467417600000,234144,951433]]"))) == {
        (date(2016, 7, 29), "gold"): 234_144,
        (date(2016, 7, 29), "silver"): 951_433,
    }


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 2, 2), date(2026, 2, 27)),
        (date(2026, 3, 2), date(2026, 3, 31)),
        (date(2027, 5, 2), date(2027, 5, 28)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ],
    ids=["ends on a Saturday", "ends on a Tuesday", "ends on a bank holiday", "New Year's Eve is a session"],
)
def test_the_session_is_the_last_in_london(day: date, end: date) -> None:
    assert month_end(day) == end


def test_the_figures_are_public_on_the_fifth_working_day_of_the_next_month() -> None:
    frame = parse(answer(vault_json([("2026-03", 300_000, 880_000)]))).frames["vault_holding_rows"]
    assert frame["published_at"].to_list() == [datetime(2026, 4, 9, 16)] * 2  # noqa: DTZ001 - Easter lies between
    assert frame["published_assumed"].all()


def test_nothing_was_public_before_the_first_publication() -> None:
    frame = parse(answer(vault_json([("2016-07", 234_144, 951_433)]))).frames["vault_holding_rows"]
    assert frame["published_at"].to_list() == [datetime(2017, 7, 31, 16)] * 2  # noqa: DTZ001


# --- the workbook ---


@pytest.mark.parametrize(
    "body",
    [
        vault_xlsx(),
        vault_xlsx(title=False),
        vault_xlsx(dates_before="2026-02"),
        vault_xlsx(dates_before="2027-01"),
    ],
    ids=["texts", "no title", "texts and dates", "dates"],
)
def test_the_workbook_says_the_same_as_the_list_within_its_rounding(body: bytes) -> None:
    assert recognise(body, "download.bin")
    workbook, listed = held(parse(answer(body))), held(parse(answer(vault_json())))
    assert workbook.keys() == listed.keys()
    assert all(abs(workbook[key] - listed[key]) <= 1 for key in listed)


def test_fractions_of_the_workbook_are_kept() -> None:
    assert held(parse(answer(vault_xlsx())))[date(2026, 1, 30), "gold"] == 294_440.3


def test_amounts_of_another_unit_are_refused() -> None:
    with pytest.raises(Unreadable, match="not said to be thousands of troy ounces"):
        parse(answer(vault_xlsx(unit="Tonnes")))


def test_a_new_column_of_the_workbook_is_noted() -> None:
    rows: list[list[Cell]] = [["Month End", "Gold", "Silver", "Platinum"], [None, "Troy Ounces ('000s)", None, None]]
    body = xlsx({"London Vault Holdings Data": [*rows, ["2026-01", 294_440.0, 891_000.0, 1.0]]})
    assert [note.text for note in parse(answer(body)).notes] == ["unknown column: 'platinum'"]


# --- what cannot be ---


@pytest.mark.parametrize(
    ("month", "message"),
    [
        (("2026-01", 9_158.0, 27_729.0), "thousand ounces of gold"),
        (("2026-01", 891_000.0, 294_440_000.0), "thousand ounces of silver"),
        (("2016-06", 234_000.0, 950_000.0), "before the series began"),
        (("2026-11", 300_000.0, 900_000.0), "is not over"),
        (("2027-01", 300_000.0, 900_000.0), "of the future"),
    ],
    ids=["tonnes", "ounces", "too early", "this month", "next year"],
)
def test_amounts_and_months_that_cannot_be_are_implausible(month: tuple[str, float, float], message: str) -> None:
    for body in (vault_json([month]), vault_xlsx([month])):
        with pytest.raises(Implausible, match=message):
            parse(answer(body))


def test_months_out_of_order_are_implausible() -> None:
    with pytest.raises(Implausible, match="in no order"):
        parse(answer(vault_json([VAULTS[1], VAULTS[0], VAULTS[2]])))


def test_a_month_twice_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="twice"):
        parse(answer(vault_json([VAULTS[0], VAULTS[0]])))


def test_a_missing_month_is_noted_and_a_missing_metal_is_no_row() -> None:
    batch = parse(answer(vault_json([VAULTS[0], ("2026-02", 296_000.0, None)])))
    assert [note.text for note in batch.notes] == ["no row for 2026-01"]
    assert (date(2026, 2, 27), "silver") not in held(batch)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"[]", NotPublished),
        (b"<html>Access Denied</html>", Blocked),
        (b"<html>soft 404</html>", Unreadable),
        (vault_json()[:-9], Unreadable),
        (b"[[1467417600000,234144]]", Unreadable),
        (b"[[1467417600,234144,951433]]", Implausible),
        (b'[["July",234144,951433]]', Unreadable),
        (xlsx({"London Vault Holdings Data": [["x"]]}), Unreadable),
        (xlsx({"London Vault Holdings Data": [["x"]]}, prolog=BOMB), Unreadable),
        (b"PK\x03\x04", Unreadable),
    ],
)
def test_what_is_no_vault_report_is_named(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(answer(body))


def test_the_clearing_statistics_beside_it_are_not_recognised() -> None:
    assert not recognise(b"[[1467417600000,18.4,22.1,223.5]]", "data.json")
    assert not recognise(b"[[1467417600000,18.4,223.5]]", "data.json")


def test_one_list_is_asked_for() -> None:
    assert [ask.url for ask in asks(date(2026, 2, 27))] == ["https://www.lbma.org.uk/vault-holdings-data/data.json"]
    assert backlog(date(2025, 1, 31), date(2026, 2, 27)) == asks(date(2026, 2, 27))
    assert (SOURCE.cadence, SOURCE.keeps_history) == ("monthly", False)


@given(st.binary(max_size=1_000), st.sampled_from([b"", b"[[1467417600000,", b"PK\x03\x04"]))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body)) in {"Unreadable", "Blocked", "NotPublished", "Implausible"}


@given(EDITS, st.sampled_from([vault_json(), vault_xlsx()]))
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]], whole: bytes) -> None:
    body = shanghai.damage(whole, edits)
    recognise(body, "")
    assert outcome(parse, answer(body)) in {"Batch", "Unreadable", "Blocked", "NotPublished", "Implausible"}
