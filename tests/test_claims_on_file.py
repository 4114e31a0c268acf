"""The claims on file: each is asked of what decides it, or listed with what is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor import claimfile, cli
from monitor.claimverdict import Outcome
from monitor.house import House
from tests.captures import needs_captures
from tests.claim_homes import MOVED, NO, OPEN, YES, findings, read
from tests.homes import published

ROWS = {int(row["number"]): row for row in claimfile.listed()}
BY_DEMO = {
    4: (NO,), 20: (MOVED,), 22: (MOVED,), 24: (NO,), 30: (MOVED, MOVED), 32: (NO,), 33: (YES, YES, YES), 34: (NO,),
    53: (NO,),
}  # fmt: skip
"""Claims whose figures the demo's files tell, and how each part ends. 22 is asked at 105, within what it says."""
BY_TABLES = {
    5: (MOVED,), 6: (YES, YES, YES), 9: (YES,), 10: (YES,), 11: (YES,), 13: (YES, YES), 16: (MOVED,), 26: (YES,),
    38: (YES,),
}  # fmt: skip
"""Claims that the program's own tables, or arithmetic, decide: no report is needed. Of 9 and 38 the first half."""
BY_CAPTURES = {
    1: (YES,), 4: (NO,), 12: (YES,), 15: (YES,), 17: (YES,), 24: (NO,), 25: (YES,), 33: (YES, YES, YES), 34: (NO,),
    39: (YES,), 43: (YES,), 47: (YES,), 48: (YES,), 50: (NO,), 53: (NO,),
}  # fmt: skip
"""The same of the captured season. 48 says two things: its second half is asked. 50 is a quarter to a third by open
interest; of London's vaults, where it is a twentieth, the captures have no file of the LBMA."""
BY_HAND = {2: (YES,), 19: (YES,), 23: (YES,), 29: (MOVED,), 49: (NO,)}
"""Claims decided once a person has entered what was published: see `entered_by_hand`. 23's number is right; what is
concluded from it does not follow."""
BY_BARS = {7: (NO,), 40: (YES,)}
"""Claims about shares; no captured bar is of their date, so invented ones, shaped as quoted, decide."""
BY_SPOT_MONTH = {19: (YES,), 41: (YES,), 49: (NO,)}
"""Claims decided by captured daily prices of COMEX's spot month, entered by hand: no source reads that file."""


def test_every_claim_is_on_file_with_one_of_four_verdicts() -> None:
    """Numbers 1 to 54 without 46, each with evidence; those that can be asked can be read."""
    assert list(ROWS) == [n for n in range(1, 55) if n != 46]
    for row in ROWS.values():
        assert row["verdict"] in {outcome.value for outcome in Outcome}
        assert row["evidence"]
        assert not row["ask"] or read(row["ask"])


@pytest.mark.parametrize("number", ROWS, ids=lambda n: f"{n} {'computed' if ROWS[n]['ask'] else 'not computable here'}")
def test_a_claim_is_computed_exactly_where_the_files_tell_it(squeeze: House, number: int) -> None:
    """Named one by one: of the demo, our own tables, the captured season alone, figures entered by hand, or bars."""
    row = ROWS[number]
    known = BY_DEMO | BY_TABLES | BY_CAPTURES | BY_HAND | BY_BARS | BY_SPOT_MONTH
    assert bool(row["ask"]) == (number in known)
    if number in BY_DEMO | BY_TABLES:
        wanted = (BY_DEMO | BY_TABLES)[number]
        assert tuple(f.outcome for f in findings(squeeze, row["ask"])) == wanted


@pytest.mark.parametrize("number", BY_HAND)
def test_a_claim_is_computed_of_figures_a_person_entered(entered_by_hand: House, number: int) -> None:
    assert tuple(f.outcome for f in findings(entered_by_hand, ROWS[number]["ask"])) == BY_HAND[number]


@needs_captures
@pytest.mark.captures
@pytest.mark.parametrize("number", BY_SPOT_MONTH)
def test_a_claim_is_computed_of_the_captured_spot_month(spot_month: House, number: int) -> None:
    assert tuple(f.outcome for f in findings(spot_month, ROWS[number]["ask"])) == BY_SPOT_MONTH[number]


@pytest.mark.parametrize("number", BY_BARS)
def test_a_claim_is_computed_of_daily_bars(shares: House, number: int) -> None:
    assert tuple(f.outcome for f in findings(shares, ROWS[number]["ask"])) == BY_BARS[number]


@pytest.mark.parametrize("number", [n for n, row in ROWS.items() if row["ask"]])
def test_a_claim_nothing_is_on_file_for_is_never_said_to_agree(nothing_loaded: House, number: int) -> None:
    """Without reports only our own tables speak; what they do not tell cannot be known."""
    outcomes = {f.outcome for f in findings(nothing_loaded, ROWS[number]["ask"])}
    assert outcomes == set(BY_TABLES.get(number, (OPEN,)))


@needs_captures
@pytest.mark.captures
@pytest.mark.slow
@pytest.mark.parametrize("number", BY_CAPTURES)
def test_a_claim_is_computed_of_the_captured_season(claim_season: House, number: int) -> None:
    assert tuple(f.outcome for f in findings(claim_season, ROWS[number]["ask"])) == BY_CAPTURES[number]


def test_the_list_is_printed_and_is_a_view(squeeze: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["claim", "--list"]) == 0
    said = capsys.readouterr().out
    rows = published(squeeze.folders.home, "select number, statement, verdict, ask from claims order by number")
    assert [number for number, *_ in rows] == list(ROWS)
    assert all(statement in said and verdict in said for _, statement, verdict, _ in rows)
    assert [ask or "" for *_, ask in rows] == [row["ask"] for row in ROWS.values()]


def test_every_metric_in_the_page_of_claims_exists_and_the_other_way_round() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "claims.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ") and line.count("|") == 5]
    named = {name.strip() for cell in cells for name in cell.split(",")} - {"metric"}
    assert named == set(claimfile.metrics())


def test_every_claim_that_cannot_be_asked_is_listed_with_what_is_missing() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "claims.md").read_text(encoding="utf-8")
    rest = page.partition("Not to be asked, and what is missing:")[2]
    numbers = {int(n) for part in re.findall(r"(?:^- |; )([\d, ]+):", rest, re.MULTILINE) for n in part.split(",")}
    assert numbers == {number for number, row in ROWS.items() if not row["ask"]}
