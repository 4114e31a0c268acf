"""London's vaults, the stock anyone can see, and who is short: on invented facts and figures of the news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor import sessions
from monitor.house import House
from monitor.model import Verdict
from tests import facts
from tests.checks.shanghai import LATER, entered, new_york, proves, read, warrants
from tests.homes import house

JANUARY, FEBRUARY = date(2026, 1, 30), date(2026, 2, 27)
TUESDAY = date(2026, 3, 10)
TONNE = 32_150.74656862798


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def london(opened: House, koz: dict[date, float], metal: str = "silver") -> None:
    rows = [
        {"session": day, "venue": "LBMA", "metal": metal, "quantity": quantity, "unit": "koz"}
        for day, quantity in koz.items()
    ]
    facts.put(opened, "vault_holding_rows", rows, source="lbma_vault")


def slv(opened: House, levels: dict[date, float]) -> None:
    rows = [
        {"session": day, "fund": "SLV", "measure": "ounces", "value": ounces, "unit": "troy_oz", "as_of": day}
        for day, ounces in levels.items()
    ]
    facts.put(opened, "fund_rows", rows, source="slv_trust")


def sge(opened: House, levels: dict[date, float]) -> None:
    rows = [
        {"session": day, "metal": "silver", "unit": "kg", "last_week": 1.0, "change": 0.0, "this_week": kilograms}
        for day, kilograms in levels.items()
    ]
    facts.put(opened, "sge_weekly_rows", rows)


# --- london_vaults, visible_stock ----------------------------------------------------


def test_a_month_in_london_has_its_change_and_a_float_between_two_ends(opened: House) -> None:
    london(opened, {JANUARY: 891_511.0, FEBRUARY: 880_000.0})
    slv(opened, {FEBRUARY: 492e6})
    (row,) = opened.store.rows(
        "select change_1_month_oz, free_float_low_oz, free_float_high_oz, fund from london_vaults where session = ?",
        [FEBRUARY],
    )
    assert row == (pytest.approx(-11_511_000), pytest.approx(388e6), pytest.approx(880e6), "SLV")


def test_a_month_that_is_missing_leaves_the_change_unknown(opened: House) -> None:
    london(opened, {date(2025, 12, 31): 880_000.0, FEBRUARY: 890_000.0})
    assert opened.store.rows("select change_1_month_oz from london_vaults where session = ?", [FEBRUARY]) == [(None,)]


def visible(opened: House) -> list[tuple[object, ...]]:
    return opened.store.rows(
        "select gross_oz, net_of_fund_oz, unknown_because from visible_stock where session = ?", [FEBRUARY]
    )


def test_the_funds_metal_is_in_the_visible_stock_once_and_taken_off_once(opened: House) -> None:
    london(opened, {FEBRUARY: 880_000.0})
    slv(opened, {FEBRUARY: 492e6})
    facts.stocks(opened, {FEBRUARY: 90e6}, eligible=270e6)
    warrants(opened, {FEBRUARY: 306_600.0})
    sge(opened, {FEBRUARY: 500_000.0})
    gross = 880e6 + 360e6 + 806.6 * TONNE
    assert visible(opened) == [(pytest.approx(gross), pytest.approx(gross - 492e6), "")]


def test_a_leg_that_is_too_old_makes_the_visible_stock_unknown(opened: House) -> None:
    london(opened, {FEBRUARY: 880_000.0})
    slv(opened, {FEBRUARY: 492e6})
    facts.stocks(opened, {FEBRUARY: 90e6})
    warrants(opened, {date(2026, 2, 13): 353_600.0})
    sge(opened, {FEBRUARY: 500_000.0})
    assert visible(opened) == [(None, None, "no SHFE warrants of the twelve days before the month-end")]


# --- positioning, concentration ------------------------------------------------------


def weeks(opened: House, shares: dict[date, float], *, interest: int = 150_000, report: str = "disaggregated") -> None:
    rows = [
        {
            "session": day, "report": report, "scope": "futures", "market_code": "084691", "metal": "silver",
            "open_interest": interest, "conc_net_4_short": share,
        }
        for day, share in shares.items()
    ]  # fmt: skip
    facts.put(opened, "cot_rows", rows, source="cftc_disaggregated")


def three_years(opened: House, last: float, usual: float = 20.0) -> None:
    """Three years of Tuesdays with the same share, then this one."""
    days = sessions.sessions("CFTC", date(2023, 2, 28), TUESDAY)
    weeks(opened, dict.fromkeys(days[:-1], usual) | {TUESDAY: last})


def concentration(opened: House) -> Verdict:
    reading = read(opened, "concentration")[("COMEX silver", TUESDAY)]
    return reading.verdict


@pytest.mark.parametrize(
    ("share", "registered", "verdict"),
    [
        (30.0, 200e6, Verdict.CLEAR), (30.0, 160e6, Verdict.BAND), (30.0, 140e6, Verdict.WARNING),
        (30.0, 80e6, Verdict.WARNING),
    ],
)  # fmt: skip
def test_a_large_net_short_over_little_metal_is_a_warning_and_no_mail(
    opened: House, share: float, registered: float, verdict: Verdict
) -> None:
    three_years(opened, share)
    facts.stocks(opened, {TUESDAY: registered})
    assert concentration(opened) is verdict
    assert opened.checks["concentration"].route == "memo"
    proves(opened, "concentration")


@pytest.mark.parametrize(("registered", "verdict"), [(70e6, Verdict.CLEAR), (55e6, Verdict.WARNING)])
def test_a_usual_short_counts_only_from_two_and_a_half_times_the_metal(
    opened: House, registered: float, verdict: Verdict
) -> None:
    """150 Moz are 2.1 and 2.7 times the metal, but no more than in other weeks."""
    three_years(opened, 20.0)
    facts.stocks(opened, {TUESDAY: registered})
    assert concentration(opened) is verdict


@pytest.mark.parametrize(("first", "step"), [(date(2023, 5, 2), 1), (date(2023, 2, 28), 2)])
def test_less_than_three_years_of_positions_is_unknown(opened: House, first: date, step: int) -> None:
    """150 weeks that begin too late, or three years with every other week missing."""
    weeks(opened, dict.fromkeys(sessions.sessions("CFTC", first, TUESDAY)[::-step], 30.0))
    facts.stocks(opened, {TUESDAY: 80e6})
    reading = read(opened, "concentration")[("COMEX silver", TUESDAY)]
    assert (reading.verdict, reading.reason) == (Verdict.NODATA, "less than three years of positions are held")


def test_a_week_without_a_report_is_unknown(opened: House) -> None:
    three_years(opened, 30.0)
    weeks(opened, {date(2026, 3, 24): 30.0})
    facts.stocks(opened, {TUESDAY: 80e6, date(2026, 3, 24): 80e6})
    reading = read(opened, "concentration")[("COMEX silver", date(2026, 3, 17))]
    assert reading.reason == "the report of this week is not held"


def test_combined_positions_are_never_taken_for_futures(opened: House) -> None:
    three_years(opened, 30.0)
    combined = {"session": TUESDAY, "report": "disaggregated", "scope": "combined", "market_code": "084691"}
    facts.put(opened, "cot_rows", [combined | {"metal": "silver", "open_interest": 400_000, "conc_net_4_short": 60.0}])
    assert opened.store.rows("select net4_short_lots from positioning where session = ?", [TUESDAY]) == [(45_000.0,)]


def test_41_189_lots_at_80_dollars_are_16_48_billion_and_1_62_times_what_was_registered(opened: House) -> None:
    day = date(2026, 1, 6)
    entered(opened, "bank_silver_non_us_long", day, 10_000, "lot", tax_basis="not_taxed")
    entered(opened, "bank_silver_non_us_short", day, 51_189, "lot", tax_basis="not_taxed")
    entered(opened, "bank_silver_us_long", day, 24_500, "lot", tax_basis="not_taxed")
    entered(opened, "bank_silver_us_short", day, 23_453, "lot", tax_basis="not_taxed")
    new_york(opened, {day: 80.0})
    facts.stocks(opened, {day: 127.2e6})
    rows = opened.store.rows(
        "select banks, net_lots, round(net_usd / 1e9, 2), round(net_over_registered, 2) from bank_participation "
        "order by net_lots"
    )
    assert rows == [("banks outside the US", -41_189, -16.48, -1.62), ("US banks", 1_047, 0.42, 0.04)]
