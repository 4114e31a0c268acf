"""Claims: what can be read, and the four verdicts, against the demo."""

from __future__ import annotations

import json
from datetime import date

import pytest

from monitor import claimtext, cli
from monitor.claimverdict import Outcome
from monitor.errors import BullionError
from monitor.house import House
from tests.claim_homes import MOVED, NO, OPEN, YES, findings, one, read

# --- the grammar -------------------------------------------------------------------------


def test_two_figures_of_one_sentence_share_date_and_metal() -> None:
    interest, registered = read("366 Moz March open interest vs 102 Moz registered on 2026-02-10")
    assert (interest.metric, interest.value, interest.unit, interest.month) == (
        "open_interest", 366.0, "Moz", date(2026, 3, 1),
    )  # fmt: skip
    assert (registered.metric, registered.value, registered.step) == ("registered", 102.0, 1.0)
    assert {interest.day, registered.day} == {date(2026, 2, 10)}
    assert {interest.metal, registered.metal} == {"silver"}


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("March", date(2026, 3, 1)), ("February", date(2026, 2, 1)), ("Jan", date(2027, 1, 1)),
        ("May 2027", date(2027, 5, 1)), ("2026-07", date(2026, 7, 1)), ("SIK26", date(2026, 5, 1)),
    ],
)  # fmt: skip
def test_a_delivery_month_is_read_in_all_its_spellings(written: str, month: date) -> None:
    """Without a year, the first of its name not before the month of the claim."""
    (claim,) = read(f"10,000 lots {written} open interest on 2026-02-10")
    assert (claim.month, claim.value) == (month, 10_000)


def test_the_last_printed_digit_is_the_tolerance() -> None:
    assert [c.step for c in read("318.54 t warrants vs 450 t warrants on 2026-02-09")] == [0.01, 1.0]
    (claim,) = read("102 Moz registered on 2026-02-10")
    assert claimtext.within(claim, "2%").step == pytest.approx(2.04)
    assert claimtext.within(claim, "0.5").step == 0.5


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("366 Moz frobnicated on 2026-02-10", "cannot read 'frobnicated'"),
        ("102 Moz registered", "must say one date"),
        ("102 Moz registered on 2026-02-30", "no date such as"),
        ("Moz registered on 2026-02-10", "must hold one number, and holds 0"),
        ("366 Moz on 2026-02-10", "names no metric"),
        ("eligible fell 3 Moz on 2026-02-10", "no metric tells how eligible moved"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, complaint: str) -> None:
    with pytest.raises(BullionError, match=complaint):
        read(text)


def test_the_command_exits_1_for_what_it_cannot_read(squeeze: House, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--home", str(squeeze.folders.home), "claim"]
    assert cli.main([*command, "366 Moz frobnicated on 2026-02-10"]) == 1
    assert "frobnicated" in capsys.readouterr().err
    assert cli.main([*command, "4 percent registered on 2026-02-10"]) == 1
    assert "told in troy_oz, not in percent" in capsys.readouterr().err


# --- the verdicts ------------------------------------------------------------------------


def test_a_figure_agrees_as_known_on_its_day_and_shows_the_files(squeeze: House) -> None:
    interest, registered, coverage = findings(
        squeeze, "366 Moz March open interest vs 102 Moz registered on 2026-02-10"
    )
    assert {f.outcome for f in (interest, registered, coverage)} == {YES}
    assert coverage.figure is not None
    assert coverage.figure.value == pytest.approx(0.2796, abs=0.00005)
    assert {leg.name: leg.session for leg in coverage.legs} == {
        "registered": date(2026, 2, 6), "open_interest": date(2026, 2, 9),
    }  # fmt: skip
    assert all(leg.file and not leg.file.trouble and leg.published_at for leg in coverage.legs)
    assert interest.difference == pytest.approx(0.29)


def test_a_day_without_a_session_says_so_and_the_nearest_one_agrees(squeeze: House) -> None:
    found = one(squeeze, "318.54 t SHFE warrants on 2026-02-08")
    assert found.outcome is MOVED
    assert "2026-02-08 is a Sunday: no session of SHFE" in found.why
    assert found.figure is not None
    assert found.figure.session == date(2026, 2, 9)
    assert found.figure.value == pytest.approx(318.546)


def test_a_right_number_of_another_kind_is_told_apart(squeeze: House) -> None:
    """390 Moz is all metal of 6 February, not registered metal."""
    found = one(squeeze, "390 Moz registered on 2026-02-10")
    assert found.outcome is MOVED
    assert "another definition, registered and eligible together" in found.why


def test_more_registered_than_there_is_metal_is_impossible(squeeze: House) -> None:
    found = one(squeeze, "409 Moz registered on 2026-02-10")
    assert found.outcome is NO
    assert found.why.startswith("impossible: more than the 390.466 Moz in the vaults")
    assert one(squeeze, "-5 Moz registered on 2026-02-10").why.startswith("impossible")


def test_a_fall_that_needs_more_registered_than_there_was_metal_is_impossible(squeeze: House) -> None:
    """127.2 of 449.2 Moz were registered on 5 January; a fall of 80 percent to 102 needs 511."""
    said = "registered fell {}% from 2026-01-05 to 2026-02-10"
    assert one(squeeze, said.format(80)).why.startswith("impossible: on 2026-01-05 more would have been registered")
    assert one(squeeze, said.format(70)).why.endswith("says otherwise")
    assert one(squeeze, said.format("19.6")).outcome is YES


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("20% SHFE silver premium on 2026-02-03", OPEN),
        ("60% SHFE silver premium on 2026-02-03", NO),
        ("above 20% SHFE silver premium on 2026-02-03", OPEN),
        ("above 30% SHFE silver premium on 2026-02-03", NO),
        ("above 15% SHFE silver premium on 2026-02-03", OPEN),
        ("above 9.9% SHFE silver premium on 2026-02-06", OPEN),
        ("above 9% SHFE silver premium on 2026-02-06", YES),
    ],
)
def test_an_interval_decides_only_what_lies_outside_it(squeeze: House, text: str, outcome: Outcome) -> None:
    """15.7 to 25.1 % on 3 February, too wide to count; 9.7 to 10.0 % on the 6th."""
    assert one(squeeze, text).outcome is outcome


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-5% silver return on 2026-02-10", "return needs two dates"),
        ("102 Moz registered from 2026-02-03 to 2026-02-10", "registered needs one date"),
        ("5.9 USD copper settlement on 2026-02-10", "not of copper"),
        ("102 lots registered on 2020-02-10", "told in troy_oz, not in lots"),
    ],
)
def test_what_a_metric_is_never_told_of_is_refused(squeeze: House, text: str, complaint: str) -> None:
    with pytest.raises(BullionError, match=complaint):
        one(squeeze, text)


def test_a_number_no_near_session_had_is_contradicted(squeeze: House) -> None:
    found = one(squeeze, "60 Moz registered on 2026-02-10")
    assert found.outcome is NO
    assert found.difference is not None
    assert found.difference < -38


def test_what_no_report_tells_cannot_be_known(squeeze: House) -> None:
    assert one(squeeze, "102 Moz registered on 2020-10-01").outcome is OPEN
    assert one(squeeze, "102 Moz gold registered on 2026-02-10").outcome is OPEN


def test_a_premium_while_shanghai_is_locked_cannot_be_known(squeeze: House) -> None:
    found = one(squeeze, "42% SHFE silver premium on 2026-02-02")
    assert (found.outcome, found.why) == (OPEN, "Shanghai limit-locked")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("10% SHFE silver premium on 2026-02-06", YES),
        ("-2.8% SHFE premium ex tax on 2026-02-06", YES),
        ("6.3% SGE silver premium on 2026-02-06", YES),
        ("80.276 USD silver settlement on 2026-02-10", YES),
        ("80.276 USD SIH26 settlement on 2026-02-10", YES),
        ("82.125 USD silver settlement on 2026-02-10", MOVED),
        ("-12.31% silver return from 2026-02-11 to 2026-02-17", YES),
        ("SHFE warrants rose 10.351 t on 2026-02-10", YES),
        ("73,128 lots SIH26 open interest on 2026-02-09", YES),
        ("0.28 coverage of SIH26 on 2026-02-10", YES),
        ("below 0.2 coverage of SIH26 on 2026-02-10", NO),
        ("285 Moz eligible on 2026-02-10", YES),
    ],
)
def test_each_metric_is_reproduced(squeeze: House, text: str, outcome: Outcome) -> None:
    assert one(squeeze, text).outcome is outcome


def test_fields_say_the_same_as_words(squeeze: House, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--home", str(squeeze.folders.home), "claim", "--json"]
    fields = [
        "--metric",
        "open_interest",
        "--value",
        "366",
        "--unit",
        "Moz",
        "--date",
        "2026-02-10",
        "--month",
        "March",
    ]
    assert cli.main([*command, *fields, "--month", "March"]) == 0
    by_field = json.loads(capsys.readouterr().out)
    assert cli.main([*command, "366 Moz March open interest on 2026-02-10"]) == 0
    assert by_field == json.loads(capsys.readouterr().out)
    assert by_field[0]["verdict"] == "agrees"
    span = ["--metric", "return", "--value", "-12.31", "--unit", "percent", "--since", "2026-02-11"]
    assert cli.main([*command, *span, "--date", "2026-02-17"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["verdict"] == "agrees"


def test_a_claim_in_another_unit_is_the_same_claim(squeeze: House) -> None:
    """73,142 lots of 5,000 oz are 365.71 Moz, and 318.546 t are 10.2415 Moz."""
    assert one(squeeze, "365.71 Moz March open interest on 2026-02-10").outcome is YES
    assert one(squeeze, "10.2415 Moz SHFE warrants on 2026-02-09").outcome is YES


def test_what_is_taken_for_given_can_be_said_in_fields(squeeze: House, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--home", str(squeeze.folders.home), "claim", "--json"]
    fields = ["--metric", "aisc_margin", "--value", "70", "--unit", "usd", "--date", "2026-01-14"]
    assert cli.main([*command, *fields, "--price", "90", "--costs", "20"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["verdict"] == "agrees"
    del command[-1]
    assert cli.main([*command, *fields, "--price", "90", "--costs", "20"]) == 0
    assert "silver aisc margin, at price 90, at costs 20, on 2026-01-14" in capsys.readouterr().out
