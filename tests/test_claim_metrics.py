"""The metrics of claims: tables, arithmetic, spans, shares; what no report could print."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor import sessions
from monitor.claimverdict import Outcome
from monitor.errors import BullionError
from monitor.house import House
from tests import facts
from tests.captures import needs_captures
from tests.claim_homes import MOVED, NO, NOW, OPEN, YES, one
from tests.homes import house


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


@needs_captures
@pytest.mark.captures
@pytest.mark.slow
def test_the_fall_on_settlements_from_26_january_to_17_february_is_36_18_percent(claim_season: House) -> None:
    """73.447 over 115.08, both of the delivering month, as the notices print them."""
    assert one(claim_season, "-36.18% drawdown on 2026-02-17").outcome is YES
    assert one(claim_season, "-50% drawdown within 3 on 2026-02-17").outcome is NO


@needs_captures
@pytest.mark.captures
@pytest.mark.slow
def test_deliveries_of_march_are_44_moz_by_23_march_in_the_captured_season(claim_season: House) -> None:
    """8,834 lots of 5,000 oz, month to date."""
    assert one(claim_season, "44.17 Moz March deliveries on 2026-03-23").outcome is YES
    assert one(claim_season, "8,834 lots March delivered on 2026-03-23").outcome is YES
