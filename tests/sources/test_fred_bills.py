"""Treasury bill yields and SOFR from FRED: headings old and new, what is missing, and what is no rate. All made up."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Batch
from monitor.sources.fred_bills import asks, backlog, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.world import EDITS, EXAMPLES, answer, fred_csv, outcome

ROWS = [
    ["2026-02-12", "4.31", "4.35", "4.20", "4.30"],
    ["2026-02-13", "4.32", "4.36", "4.21", ""],
    ["2026-02-16", "", "", "", ""],
]


def rates(batch: Batch) -> dict[tuple[str, str], float]:
    frame = validate.checked(batch.frames)["rate_rows"]
    return {(str(row[0]), row[1]): row[2] for row in frame.select("session", "series", "percent").rows()}


FOUND = {
    ("2026-02-12", "DGS1MO"): 4.31,
    ("2026-02-12", "DGS3MO"): 4.35,
    ("2026-02-12", "DGS6MO"): 4.2,
    ("2026-02-12", "SOFR"): 4.3,
    ("2026-02-13", "DGS1MO"): 4.32,
    ("2026-02-13", "DGS3MO"): 4.36,
    ("2026-02-13", "DGS6MO"): 4.21,
}


@pytest.mark.parametrize(
    "body",
    [
        fred_csv(ROWS),
        fred_csv(ROWS).replace(b"observation_date", b"DATE"),
        fred_csv(ROWS).replace(b",,", b",.,").replace(b",,", b",.,").replace(b",\n", b",.\n"),
        fred_csv(ROWS).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + fred_csv(ROWS),
    ],
    ids=["today's", "old heading", "full stops", "crlf", "with mark"],
)
def test_every_form_gives_the_same_rates(body: bytes) -> None:
    assert rates(parse(answer(body))) == FOUND
    assert recognise(body, "x")


def test_the_columns_are_found_by_name_and_others_noted() -> None:
    batch = parse(answer(fred_csv([["2026-02-12", "105.1", "4.30"]], ("DTWEXBGS", "SOFR"))))
    assert rates(batch) == {("2026-02-12", "SOFR"): 4.3}
    assert [note.text for note in batch.notes] == [
        "unknown series, left out: 'DTWEXBGS'",
        "no series 'DGS1MO', 'DGS3MO', 'DGS6MO' any more",
    ]


def test_bills_and_sofr_count_days_differently_and_are_public_at_their_own_hours() -> None:
    frame = parse(answer(fred_csv(ROWS[:1]))).frames["rate_rows"]
    told = {row[0]: (row[1], row[2]) for row in frame.select("series", "basis", "published_at").rows()}
    assert told["SOFR"] == ("ACT/360", datetime(2026, 2, 13, 14))  # noqa: DTZ001
    assert told["DGS3MO"] == ("bond-equivalent", datetime(2026, 2, 13, 21, 30))  # noqa: DTZ001


@needs_captures
def test_a_table_assembled_by_others_is_not_recognised() -> None:
    assert not recognise((CAPTURES / "world" / "rates" / "fred_rates_2018_2026-08.csv").read_bytes(), "fredgraph.csv")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (fred_csv(ROWS[2:]), NotPublished),
        (fred_csv([]), NotPublished),
        (fred_csv([*ROWS, ROWS[0]]), Unreadable),
        (fred_csv([["2026-02-12", "4.31"]]), Unreadable),
        (fred_csv([["12/02/2026", "", "", "", "4.3"]]), Unreadable),
        (fred_csv([["2026-02-12", "", "", "", "N/A"]]), Unreadable),
        (fred_csv([["2026-02-12", "", "", "", "4,3"]]), Unreadable),
        (fred_csv([["2026-02-12", "", "", "", "430"]]), Implausible),
        (fred_csv([["2026-02-14", "", "", "", "4.3"]]), Implausible),
        (fred_csv([["2027-02-12", "", "", "", "4.3"]]), Implausible),
        (fred_csv([["9999-12-31", "", "", "", "4.3"]]), Implausible),
        (fred_csv([["0001-01-01", "", "", "", "4.3"]]), Implausible),
        (fred_csv(ROWS, ("DGS1MO", "DGS3MO", "SOFR", "SOFR")), Unreadable),
        (fred_csv([["2026-02-12", "4.3"]], ("GDP",)), Unreadable),
        (b"<!DOCTYPE html><html>Access Denied</html>", Blocked),
        (b"<!DOCTYPE html><html>Sorry</html>", Unreadable),
        (b"", Unreadable),
    ],
)
def test_what_is_no_table_of_rates_is_named(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(answer(body))


def test_only_a_window_is_asked_for() -> None:
    day = date(2026, 2, 12)
    assert asks(day)[0].url == (
        "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS1MO,DGS3MO,DGS6MO,SOFR&cosd=2026-01-29&coed=2026-02-12"
    )
    assert "cosd=2026-01-15&coed=2026-02-12" in backlog(date(2026, 1, 29), day)[0].url


@given(st.binary(max_size=1_000), st.sampled_from([b"", b"observation_date,SOFR\n", b"<html>"]))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_give_a_named_error(body: bytes, start: bytes) -> None:
    recognise(start + body, "")
    assert outcome(parse, answer(start + body)) in {"Unreadable", "Blocked", "NotPublished", "Implausible"}


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(fred_csv(ROWS), edits)
    recognise(body, "")
    assert outcome(parse, answer(body)) in {"Batch", "Unreadable", "Blocked", "NotPublished", "Implausible"}
