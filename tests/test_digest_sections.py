"""Sections of the memo seen filled: what each line says, in which unit and sign, and of when. Figures are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.memo import Figure
from monitor.house import House
from tests import facts
from tests.checks import market
from tests.checks.shanghai import days, entered, mumbai, new_york, rates
from tests.homes import house
from tests.test_digest import lines, memo_of, section

NIGHT = datetime(2026, 3, 14, 6, tzinfo=UTC)
"""A Saturday, after the CFTC's report of Friday."""
TUESDAY, WEDNESDAY, THURSDAY = date(2026, 3, 10), date(2026, 3, 11), date(2026, 3, 12)
WEEK = days("2026-03-04", "2026-03-12", "NYSE")
PER_KG = 32.15074656862798
AT = "2026-03-12T17:25:10"
"""Ten seconds after silver's settlement of that Thursday."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, NIGHT) as found:
        yield found


def told(opened: House, since: datetime = NIGHT - timedelta(days=8)) -> str:
    """The memo of that Saturday as text without line breaks."""
    return lines(memo_of(opened, NIGHT, since))


def figures(opened: House, name: str) -> dict[str, Figure]:
    one = section(memo_of(opened, NIGHT), name)
    assert one.trouble == ""
    return {figure.what: figure for figure in one.figures}


# --- what fills them ------------------------------------------------------------------------


def fund(opened: House, name: str, ounces: Mapping[date, float]) -> None:
    rows = [
        {"session": day, "fund": name, "measure": "ounces", "value": level, "unit": "troy_oz", "as_of": day}
        for day, level in ounces.items()
    ]
    facts.put(opened, "fund_rows", rows, source="slv_trust" if name == "SLV" else "gld_trust")


def funds(opened: House) -> None:
    """SLV over seven sessions, GLD over two."""
    fund(opened, "SLV", dict(zip(WEEK, (500e6, 500e6, 499e6, 499e6, 498.5e6, 497e6, 495.25e6), strict=True)))
    fund(opened, "GLD", {WEEK[-2]: 31e6, WEEK[-1]: 31.02e6})


def london(opened: House) -> None:
    """Silver in two months, gold in two with one missing between them."""
    koz = {
        "silver": {date(2026, 1, 30): 891_511.0, date(2026, 2, 27): 880_000.0},
        "gold": {date(2025, 12, 31): 290_000.0, date(2026, 2, 27): 285_000.0},
    }
    rows = [
        {"session": day, "venue": "LBMA", "metal": metal, "quantity": quantity, "unit": "koz"}
        for metal, levels in koz.items()
        for day, quantity in levels.items()
    ]
    facts.put(opened, "vault_holding_rows", rows, source="lbma_vault")


def india(opened: House) -> None:
    """MCX on Wednesday 4 percent over New York with the duty off; IBJA twice on Thursday."""
    rates(opened, {date(2026, 3, 9): 90.0})
    new_york(opened, dict.fromkeys(days("2026-03-05", "2026-03-11", "COMEX"), 80.0))
    level = 80.0 * 1.06 * PER_KG * 90.0
    mumbai(opened, WEDNESDAY, level * 1.04, previous_close=level * 1.03)
    rate = {"session": THURSDAY, "metal": "silver", "fineness": 999, "price_quantity": 1, "unit": "kg"}
    fixings = {"morning": 250_000.0, "afternoon": 251_000.0}
    facts.put(opened, "ibja_rows", [rate | {"fixing": name, "price": price} for name, price in fixings.items()])


def margins(opened: House) -> None:
    """Two lists of silver, the second with a later range of months; and two steps entered by hand."""
    row = {
        "venue": "COMEX", "product": "SI", "product_name": "COMEX 5000 SILVER FUTURES", "kind": "maintenance",
        "start_month": date(2026, 3, 1), "end_month": date(2026, 5, 1), "unit": "usd_per_contract",
    }  # fmt: skip
    later = {"start_month": date(2026, 6, 1), "end_month": date(2026, 12, 1), "value": 99_417.0}
    lists = [{"session": date(2026, 2, 2), "value": 41_000.0}, {"session": TUESDAY, "value": 45_417.0}]
    facts.put(opened, "margin_rows", [row | one for one in (*lists, {"session": TUESDAY} | later)])
    for day, percent in ((date(2026, 2, 2), 15), (date(2026, 2, 6), 18)):
        entered(opened, "margin_comex_si_initial", day, percent, "pct_of_notional", tax_basis="not_taxed")


def positions(opened: House, managed: int = 28_000) -> None:
    """Ten weeks of silver: managed money 100 lots longer each week, the four one point shorter."""
    row = {"report": "disaggregated", "scope": "futures", "market_code": "084691", "metal": "silver"}
    rows = [
        row
        | {
            "session": day, "open_interest": 150_000, "conc_net_4_short": 30.0 + at,
            "m_money_long": 40_000 + managed + 100 * at, "m_money_short": 40_000,
        }
        for at, day in enumerate(days("2026-01-06", "2026-03-10", "CFTC"))
    ]  # fmt: skip
    facts.put(opened, "cot_rows", rows, source="cftc_disaggregated")


def curve(opened: House) -> None:
    """Silver in contango, money at 3.6, spot quoted at the settlement."""
    market.curve(opened, "SI", THURSDAY, {date(2026, 5, 1): 80.0, date(2026, 7, 1): 80.6, date(2026, 9, 1): 81.2})
    market.rate(opened, {WEDNESDAY: 3.6})
    market.spot(opened, "silver", AT, 79.9, spread=0.02)


# --- what they say --------------------------------------------------------------------------


def test_a_fund_says_its_ounces_and_what_came_or_went_since_which_day(opened: House) -> None:
    funds(opened)
    said = told(opened)
    assert "SLV, silver held 495.2 Moz 12 Mar; -1,750 koz since 11 Mar; -4,750 koz or -0.9 % over 5 sessions" in said
    assert "GLD, gold held 31.02 Moz 12 Mar; +20 koz since 11 Mar; the figure of 5 sessions before is not held" in said


def test_a_figure_that_may_not_be_ounces_is_unknown_in_the_memo_too(opened: House) -> None:
    fund(opened, "SLV", dict.fromkeys(WEEK[:-1], 500e6) | {WEEK[-1]: 96e6})
    assert "SLV, silver held unknown 12 Mar; a figure of the last 6 sessions is more than 15 % off" in told(opened)


def test_london_says_its_change_on_the_month_before_and_where_that_month_is_not_held(opened: House) -> None:
    london(opened)
    said = told(opened, datetime(2026, 3, 1, tzinfo=UTC) - timedelta(days=2))
    month = "2026-02-27, 15 days old;"
    assert f"Silver in London's vaults 880.0 Moz {month} -11.5 Moz or -1.3 % on the month before" in said
    assert f"Gold in London's vaults 285.0 Moz {month} the month before is not held" in said


def test_india_says_its_premium_without_duty_and_rupees_with_their_change(opened: House) -> None:
    india(opened)
    said = told(opened)
    assert "MCX silver over New York, without duty +4.0 % 11 Mar" in said
    assert "MCX silver, month to 2026-12-05 255,200 INR/kg 11 Mar; +0.97 % on the session before" in said


def test_the_afternoon_is_newer_than_the_morning_of_its_day(opened: House) -> None:
    india(opened)
    assert "IBJA silver 999, afternoon 251,000 INR/kg 12 Mar; +0.40 % on the morning of 12 Mar" in told(opened)


def test_a_day_before_its_settlement_shows_the_premium_before_it_and_says_so(opened: House) -> None:
    india(opened)
    mumbai(opened, date(2026, 3, 13), 270_000.0, published_at=datetime(2026, 3, 13, 20))  # noqa: DTZ001 - storage form
    premium = figures(opened, "32_india")["MCX silver over New York, without duty"]
    assert (premium.session, premium.reason) == (WEDNESDAY, "")
    assert premium.note == "2026-03-13 not yet: a New York settlement around the day is missing"


@pytest.mark.parametrize(("managed", "now", "before", "usual"), [
    (28_000, "+28,900", "+28,800", "+28,400"), (-28_000, "-27,100", "-27,200", "-27,600"),
])  # fmt: skip
def test_positions_are_signed_and_dated(opened: House, managed: int, now: str, before: str, usual: str) -> None:
    positions(opened, managed)
    said = told(opened)
    net = f"{now} lots 10 Mar; {before} on 3 Mar; median of 9 reports before: {usual}"
    assert f"Silver managed money, long minus short {net}" in said
    assert "Silver four largest net shorts, share of open interest 39.00 % 10 Mar; 38.0 % on 3 Mar" in said


def test_a_margin_is_told_to_the_dollar_with_the_one_before_and_those_entered_by_hand_apart(opened: House) -> None:
    margins(opened)
    said = told(opened)
    assert (
        "Silver (SI), maintenance margin 45,417 USD a contract 10 Mar; 41,000 USD on 2026-02-02; +10.8 % since" in said
    )
    share = "18.00 % of the contract's value 2026-02-06, 36 days old; 15.0 % on 2026-02-02; +20.0 % since"
    assert f"Silver (SI), initial margin {share}" in said


def test_dollars_are_not_compared_with_percent(opened: House) -> None:
    margins(opened)
    entered(opened, "margin_comex_si_initial", TUESDAY, 70_000, "usd_per_contract", tax_basis="not_taxed")
    found = figures(opened, "42_margins")["Silver (SI), initial margin"]
    assert (found.text, found.typical) == ("70,000 USD a contract", "18.0 % on 2026-02-06")


def test_the_lease_is_told_with_the_spot_it_stands_on(opened: House) -> None:
    curve(opened)
    said = told(opened)
    t = 50 / 360
    lease = ((1 + 0.036 * t) / (80.0 / 79.9) - 1) / t * 100
    spot = "50 days to delivery, spot 79.90 USD/oz quoted 10 s from the settlement"
    assert f"COMEX silver, implied lease to SIK26 {lease:+.3f} %/yr 12 Mar; {spot}" in said
    assert "COMEX silver, SIN26 minus SIK26 +4.426 %/yr 12 Mar" in said
    assert "Money market (SOFR): the neutral level 3.600 %/yr 11 Mar" in said


def test_without_a_quote_at_the_settlement_the_lease_is_unknown(opened: House) -> None:
    market.curve(opened, "SI", THURSDAY, {date(2026, 5, 1): 80.0, date(2026, 7, 1): 80.6})
    market.rate(opened, {WEDNESDAY: 3.6})
    assert not [what for what in figures(opened, "20_curve") if "lease" in what]  # spot was never held
    market.spot(opened, "silver", "2026-03-12T12:00:00", 79.9)
    reason = "no timestamped spot quote within 15 minutes of the settlement"
    assert f"COMEX silver, implied lease to SIK26 unknown 12 Mar; {reason}" in told(opened)


# --- without news ---------------------------------------------------------------------------

FILLED: Mapping[str, tuple[Callable[[House], None], str, str, str]] = {
    "20_curve": (curve, "Curve and lease", "implied lease to", "2026-03-12"),
    "31_london": (london, "London", "in London's vaults", "2026-02-27"),
    "32_india": (india, "India", "IBJA silver 999", "2026-03-12"),
    "40_funds": (funds, "Funds", "SLV, silver held", "2026-03-12"),
    "41_positioning": (positions, "Positioning", "managed money", "2026-03-10"),
    "42_margins": (margins, "Margins", "maintenance margin", "2026-03-10"),
}


@pytest.fixture(scope="module")
def all_filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What the memo tells with news in every section, and with news in none."""
    with house(tmp_path_factory.mktemp("filled"), NIGHT) as opened:
        for fill, *_ in FILLED.values():
            fill(opened)
        return told(opened, datetime(2026, 1, 1, tzinfo=UTC)), told(opened, NIGHT - timedelta(minutes=1))


@pytest.mark.parametrize("name", FILLED)
def test_a_filled_section_without_news_shrinks_to_the_day_of_its_newest(all_filled: tuple[str, str], name: str) -> None:
    _, title, line, newest = FILLED[name]
    loud, quiet = all_filled
    assert line in loud
    assert f"{title} Newest: {newest}." in quiet
    assert line not in quiet
