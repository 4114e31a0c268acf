"""Claims: what can be read, the four verdicts, and every claim on file against the demo and the captured season."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor import claimfile, claims, claimtext, cli, sessions
from monitor.claimtext import Claim
from monitor.claimverdict import Finding, Outcome
from monitor.collect import gather
from monitor.demo import stage
from monitor.errors import BullionError
from monitor.house import House
from tests import facts
from tests.captures import CAPTURES, needs_captures
from tests.factories.prices import QUOTED, ROW, entered
from tests.homes import house, offer, published

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
YES, MOVED, NO, OPEN = Outcome.AGREES, Outcome.ELSEWHERE, Outcome.CONTRADICTED, Outcome.UNKNOWN
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


@pytest.fixture(scope="module")
def squeeze(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home that holds every file of the demo, published."""
    with house(tmp_path_factory.mktemp("claims"), NOW) as opened:
        list(opened.collector.offer(gather(sorted(stage.BUNDLED.glob("files/*/*")), NOW), NOW))
        opened.publish(NOW)
        yield opened


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home that holds the captured silver of January and February, and the delivery notices of both."""
    comex = CAPTURES / "comex"
    files = [*comex.glob("stocks/2026-0[12]-*_Silver_stocks.xls"), *comex.glob("volume_oi_json/silver_2026-02-*.json")]
    files += [*comex.glob("volume_oi_json/*_2026-01-2[6-9].json"), *comex.glob("volume_oi_json/silver_2026-01-30.json")]
    files += [*comex.glob("issues_stops/2026-0[12]-*.pdf"), *comex.glob("issues_stops/2026-03-23_*.pdf")]
    with house(tmp_path_factory.mktemp("season"), NOW) as opened:
        list(opened.collector.offer(gather(sorted(files), NOW), NOW))
        yield opened


@pytest.fixture(scope="module")
def entered_by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home with figures as they were published, entered by hand; the addresses are made up.

    Spot silver at the ends of 2024 and 2025 and its high of 29 January (Stooq's daily bars), its low of 6 February
    (about 64, as reported), settlements of 26 January and 17 February (CME), a dealer's quote of 31 January, banks'
    positions of 6 January (CFTC).
    """
    rows = [
        ("price_silver", "2024-12-31", "28.9015"), ("price_silver", "2025-12-31", "71.6275"),
        ("price_silver", "2026-01-26", "115.08"), ("price_silver", "2026-02-17", "73.447"),
        ("high_silver", "2026-01-29", "121.643"), ("low_silver", "2026-02-06", "64"),
        ("low_silver", "2026-02-17", "72"),
        ("bank_silver_non_us_long", "2026-01-06", "0"), ("bank_silver_non_us_short", "2026-01-06", "41189"),
    ]  # fmt: skip
    cells = [
        ROW | {"series": series, "session": day, "value": value, "published_at": day}
        | {"unit": "lot" if series.startswith("bank") else "usd_per_troy_oz"}
        for series, day, value in rows
    ]  # fmt: skip
    with house(tmp_path_factory.mktemp("entered"), NOW) as opened:
        (outcome,) = offer(opened, [("figures.csv", entered(*cells, QUOTED))], NOW)
        assert (outcome.status, outcome.rows) == ("loaded", len(rows) + 1)
        yield opened


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home with invented bars: a miner at 26.54 under its high of 26.58, moving 0.8 times as much as the trust."""
    days = sessions.sessions("NYSE", date(2024, 12, 2), date(2026, 1, 20))[-300:]
    moves = [(0.001, -0.001, 0.0005, -0.0005)[number % 4] for number in range(len(days))]
    trust, miner = [50.0], [20.0]
    for move in moves[1:]:
        trust.append(trust[-1] * math.exp(move))
        miner.append(miner[-1] * math.exp(0.8 * move))
    scale = 26.54 / miner[-1]
    stamp = {"currency": "USD", "adjusted_as_of": NOW.replace(tzinfo=None)}
    bars: list[dict[str, object]] = [
        stamp | {"session": day, "symbol": symbol, "close": close, "high": close}
        for symbol, closes in (("SLV", trust), ("HL", [close * scale for close in miner]))
        for day, close in zip(days, closes, strict=True)
    ]
    bars[-3]["high"] = 26.58
    with house(tmp_path_factory.mktemp("shares"), NOW) as opened:
        facts.put(opened, "bar_rows", bars, sha="a" * 64)
        yield opened


@pytest.fixture(scope="module")
def spot_month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home into which the captured prices of the spot month since the end of 2024 were entered by hand."""
    with (CAPTURES / "world" / "spot" / "yahoo_SI_F_ohlcv_2000_2026-06.csv").open(encoding="utf-8", newline="") as file:
        bars = [row for row in csv.DictReader(file) if "2024-12-31" <= row["Date"] <= "2026-02-20"]
    cells = [
        ROW | {"series": f"{kind}_silver", "session": bar["Date"], "value": f"{float(bar[column]):.4f}"}
        | {"unit": "usd_per_troy_oz", "published_at": bar["Date"], "note": "spot month of COMEX"}
        for bar in bars
        for kind, column in (("price", "Close"), ("high", "High"), ("low", "Low"))
    ]  # fmt: skip
    with house(tmp_path_factory.mktemp("spot"), NOW) as opened:
        (outcome,) = offer(opened, [("figures.csv", entered(*cells))], NOW)
        assert outcome.rows == len(cells) > 800
        yield opened


def read(text: str) -> tuple[Claim, ...]:
    return claimtext.read(text, claimfile.words())


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("empty"), NOW) as opened:
        yield opened


def findings(opened: House, text: str) -> list[Finding]:
    """What the command tests: each part, and the coverage two of them make."""
    parts = read(text)
    both = claims.ratio(*parts) if len(parts) == 2 else None
    return [claims.test(opened.store, c, NOW, opened.archive) for c in (*parts, *([both] if both else []))]


def one(opened: House, text: str) -> Finding:
    (found,) = findings(opened, text)
    return found


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


# --- metrics of tables, spans and shares -------------------------------------------------


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("148.9 Moz deficit on 2026-01-14", YES),
        ("215.3 Moz deficit on 2024-12-01", MOVED),
        ("1.29 leverage at price 90 at costs 20 on 2026-01-14", YES),
        ("3.0 leverage at price 30 at costs 20 on 2026-01-14", YES),
        ("19.7 USD AISC margin at price 32.7 at costs 13 on 2025-06-30", YES),
        ("65.7 USD AISC margin on 2026-02-10", YES),
        ("47.7 percent margin change on 2025-12-31", YES),
        ("32,500 USD margin on 2026-01-05", YES),
        ("15 percent margin rate on 2026-02-03", YES),
        ("3 margin rises on 2026-01-30", NO),
        ("26.2 percent registered share on 2026-02-06", YES),
        ("25 percent target upside on 2026-02-10", YES),
        ("20 billion USD bank short on 2026-02-10", OPEN),
        ("-12.7 percent drawdown on 2026-02-17", YES),
        ("5 closed days SHFE on 2026-02-17", NO),
        ("0 closed days SHFE on 2026-02-13", YES),
    ],
)
def test_tables_arithmetic_and_spans_are_reproduced(squeeze: House, text: str, outcome: Outcome) -> None:
    """A drawdown is against the prices held: the demo's begin on 30 January. Costs are 14.58 dollars, of 2024.

    215.3 Moz is what 2024 was forecast to lack: the figure of a year is 2023's until 2024's own is in print.
    """
    assert one(squeeze, text).outcome is outcome


def test_what_a_year_was_thought_to_be_is_not_what_it_became(squeeze: House) -> None:
    found = one(squeeze, "215.3 Moz deficit on 2026-01-14")
    assert found.outcome is NO
    assert found.figure is not None
    assert found.figure.value == pytest.approx(148.9)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("120 percent by-product share on 2026-01-14", "a share of a whole"),
        ("101.1 percent registered share on 2026-02-06", "a share of a whole"),
        ("-3 percent registered share on 2026-02-06", "never below zero"),
        ("-3 t SHFE warrants on 2026-02-10", "never below zero"),
        ("-140 percent return from 2026-02-11 to 2026-02-17", "nothing loses more than 100 percent"),
        ("-140 percent drawdown on 2026-02-17", "nothing loses more than 100 percent"),
    ],
)
def test_a_number_that_no_report_could_print_is_impossible(squeeze: House, text: str, complaint: str) -> None:
    found = one(squeeze, text)
    assert found.outcome is NO
    assert found.why.startswith("impossible")
    assert complaint in found.why


def test_the_legs_of_a_margin_are_the_day_it_applies_and_the_day_it_was_in_print(squeeze: House) -> None:
    found = one(squeeze, "15 percent margin rate on 2026-02-03")
    ((name, session, at),) = [(leg.name, leg.session, leg.published_at) for leg in found.legs]
    assert (name, session) == ("margin", date(2026, 2, 2))
    assert at == datetime(2026, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("16.48 billion USD bank short at price 80 on 2026-01-06", YES),
        ("30 billion USD bank short at price 80 on 2026-01-06", NO),
        ("-36.18 percent drawdown on 2026-02-17", YES),
        ("147.8 percent return from 2024-12-31 to 2025-12-31", YES),
        ("147.8 percent YTD return on 2025-12-31", YES),
        ("147.8 percent YTD return on 2024-12-31", OPEN),
    ],
)
def test_figures_entered_by_hand_serve_claims_of_spans(entered_by_hand: House, text: str, outcome: Outcome) -> None:
    assert one(entered_by_hand, text).outcome is outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("0.8 miner beta HL on 2026-01-20", YES),
        ("2 miner beta HL on 2026-01-20", NO),
        ("0.15 percent HL below year high on 2026-01-20", YES),
        ("26.58 USD HL year high on 2025-06-02", OPEN),
    ],
)
def test_shares_are_told_of_a_whole_year_and_of_sixty_sessions(shares: House, text: str, outcome: Outcome) -> None:
    """Before 252 sessions are held there is no high of a year."""
    assert one(shares, text).outcome is outcome


def test_figures_of_one_file_are_held_only_against_their_own_kind(squeeze: House) -> None:
    """72 is a share of mine output and no deficit; 84.3 is a price in dollars and no premium in percent."""
    assert one(squeeze, "72 Moz deficit on 2026-01-14").outcome is NO
    assert one(squeeze, "84.3% SHFE silver premium on 2026-02-06").outcome is NO
    assert one(squeeze, "84.3 USD Shanghai price on 2026-02-06").outcome is YES


def test_a_share_has_to_be_named(shares: House) -> None:
    with pytest.raises(BullionError, match="needs a share or fund"):
        one(shares, "26.58 USD year high on 2026-01-20")


def test_falling_sessions_are_counted_exactly_and_not_across_a_gap(tmp_path: Path) -> None:
    """Invented settlements: a rise, three falls; a missing session; then a rise and one fall."""
    days = sessions.sessions("COMEX", date(2026, 2, 2), date(2026, 2, 13))
    told = dict(zip(days, (80.0, 82.0, 81.0, 80.0, 79.0, None, 78.0, 79.5, 79.0, None), strict=True))
    with house(tmp_path, NOW) as opened:
        base = {"venue": "COMEX", "product": "SI", "delivery_month": date(2026, 5, 1), "status": "final"}
        base |= {"currency": "USD", "unit": "troy_oz", "volume": 1_000}
        rows = [base | {"session": day, "settle": price} for day, price in told.items() if price]
        facts.put(opened, "settlement_rows", rows, sha="b" * 64)
        asked = [(days[4], 3, YES), (days[4], 2, NO), (days[3], 2, YES), (days[6], 1, OPEN), (days[8], 1, YES)]
        for day, count, outcome in asked:
            assert one(opened, f"{count} losing sessions on {day}").outcome is outcome, day


# --- the claims on file ------------------------------------------------------------------


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


@needs_captures
@pytest.mark.captures
@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("71.0 RSI on 2026-01-20", YES),
        ("80.0 RSI on 2026-01-26", YES),
        ("80.0 RSI on 2026-01-20", MOVED),
        ("71.0 RSI on 2025-03-03", OPEN),
        ("-36.18 percent drawdown on 2026-02-17", YES),
        ("142.3 percent YTD return on 2025-12-31", YES),
        ("2 losing sessions on 2026-01-08", YES),
    ],
)
def test_the_measured_figures_of_the_spot_month_come_out(spot_month: House, text: str, outcome: Outcome) -> None:
    """The index is unknown until a hundred changes are held."""
    assert one(spot_month, text).outcome is outcome


@pytest.mark.parametrize("number", BY_BARS)
def test_a_claim_is_computed_of_daily_bars(shares: House, number: int) -> None:
    assert tuple(f.outcome for f in findings(shares, ROWS[number]["ask"])) == BY_BARS[number]


@pytest.mark.parametrize("number", [n for n, row in ROWS.items() if row["ask"]])
def test_a_claim_nothing_is_on_file_for_is_never_said_to_agree(empty: House, number: int) -> None:
    """Without reports only our own tables speak; what they do not tell cannot be known."""
    outcomes = {f.outcome for f in findings(empty, ROWS[number]["ask"])}
    assert outcomes == set(BY_TABLES.get(number, (OPEN,)))


@needs_captures
@pytest.mark.captures
@pytest.mark.slow
@pytest.mark.parametrize("number", BY_CAPTURES)
def test_a_claim_is_computed_of_the_captured_season(season: House, number: int) -> None:
    assert tuple(f.outcome for f in findings(season, ROWS[number]["ask"])) == BY_CAPTURES[number]


@needs_captures
@pytest.mark.captures
@pytest.mark.slow
def test_the_fall_on_settlements_from_26_january_to_17_february_is_36_18_percent(season: House) -> None:
    """73.447 over 115.08, both of the delivering month, as the notices print them."""
    assert one(season, "-36.18% drawdown on 2026-02-17").outcome is YES
    assert one(season, "-50% drawdown within 3 on 2026-02-17").outcome is NO


@needs_captures
@pytest.mark.captures
@pytest.mark.slow
def test_deliveries_of_march_are_44_moz_by_23_march_in_the_captured_season(season: House) -> None:
    """8,834 lots of 5,000 oz, month to date."""
    assert one(season, "44.17 Moz March deliveries on 2026-03-23").outcome is YES
    assert one(season, "8,834 lots March delivered on 2026-03-23").outcome is YES


def test_the_list_is_printed_and_is_a_view(squeeze: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["claim", "--list"]) == 0
    said = capsys.readouterr().out
    rows = published(squeeze.folders.home, "select number, statement, verdict, ask from claims order by number")
    assert [number for number, *_ in rows] == list(ROWS)
    assert all(statement in said and verdict in said for _, statement, verdict, _ in rows)
    assert [ask or "" for *_, ask in rows] == [row["ask"] for row in ROWS.values()]


def test_what_is_taken_for_given_can_be_said_in_fields(squeeze: House, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--home", str(squeeze.folders.home), "claim", "--json"]
    fields = ["--metric", "aisc_margin", "--value", "70", "--unit", "usd", "--date", "2026-01-14"]
    assert cli.main([*command, *fields, "--price", "90", "--costs", "20"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["verdict"] == "agrees"


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
