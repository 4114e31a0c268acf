"""Two sources of one number, on invented facts: compared, both kept, and said where they disagree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import checks
from monitor.checks import Moment
from monitor.house import House
from monitor.model import Reading, Verdict
from tests import facts
from tests.homes import house

LATER = datetime(2026, 5, 1, tzinfo=UTC)
DAY, MAY = date(2026, 4, 9), date(2026, 5, 1)
"""A Thursday on which COMEX, SHFE, SGE and the ECB all work."""

INTEREST = {
    "venue": "COMEX", "product": "SI", "delivery_month": MAY, "session": DAY, "status": "final", "volume": 1_000,
}  # fmt: skip
SETTLE = {
    "venue": "COMEX", "product": "SI", "delivery_month": MAY, "session": DAY, "status": "final", "currency": "USD",
    "unit": "troy_oz",
}  # fmt: skip
NOTICES = {
    "session": DAY, "venue": "COMEX", "contract": "APRIL 2026 COMEX 100 GOLD FUTURES", "product": "GC",
    "delivery_month": date(2026, 4, 1), "issued": 50, "stopped": 50, "month_to_date": 900, "intent_date": DAY,
    "run_time": datetime(2026, 4, 10, 2),  # noqa: DTZ001 - storage form
}  # fmt: skip
YEAR = {
    "session": DAY, "venue": "COMEX", "product_name": "COMEX 100 GOLD FUTURES", "product": "GC", "firm_id": "661",
    "account": "customer", "firm": "MADE-UP FIRM", "delivery_month": date(2026, 4, 1), "stopped": 0,
}  # fmt: skip
WARRANTS = {"session": DAY, "metal": "silver", "region": "", "warehouse": "总计", "level": "total", "unit": "kg"}
COT = {"session": DAY, "market_code": "084691", "metal": "silver", "scope": "futures"}
FX = {"session": DAY, "base": "EUR", "quote": "CNY"}
VAULT = {"session": DAY, "venue": "LBMA", "metal": "silver", "unit": "koz"}
FUND = {"session": DAY, "fund": "SLV", "measure": "shares", "unit": "share", "as_of": DAY}
SOFR = {"session": DAY, "series": "SOFR", "basis": "ACT/360", "revision": ""}
SGE = {"session": DAY, "contract": "Ag(T+D)", "unit": "kg"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def tell(opened: House, source: str, table: str, row: dict[str, Any], **more: Any) -> None:
    """One row as one file of that source."""
    facts.put(opened, table, [row | more], source=source)


def read(opened: House) -> dict[tuple[str, date], Reading]:
    found = checks.evaluate(opened.store, [opened.checks["source_disagreement"]], Moment(LATER))
    assert found.broken == {}
    return {(r.subject, r.session): r for r in found.readings}


def compared(opened: House) -> list[tuple[Any, ...]]:
    return opened.store.rows("select left_value, right_value, agrees from cross_checks")


LOTS = "COMEX SI open interest of bulletin and volume payload"


def test_one_lot_between_two_final_reports_warns_and_keeps_both(opened: House) -> None:
    tell(opened, "comex_bulletin", "open_interest_rows", INTEREST, open_interest=70_000)
    tell(opened, "comex_volume", "open_interest_rows", INTEREST, open_interest=70_001)
    assert compared(opened) == [(70_000.0, 70_001.0, False)]
    reading = read(opened)[LOTS, DAY]
    assert (reading.value, reading.verdict) == (1.0, Verdict.WARNING)
    shown = (reading.inputs["item"], reading.inputs["left"], reading.inputs["right"], reading.inputs["difference"])
    assert shown == ("May 2026", 70_000.0, 70_001.0, -1.0)
    assert opened.store.rows("select count(*) from open_interest_versions") == [(2,)]


def test_a_disagreement_however_large_is_never_critical(opened: House) -> None:
    tell(opened, "comex_bulletin", "open_interest_rows", INTEREST, open_interest=70_000)
    tell(opened, "comex_volume", "open_interest_rows", INTEREST, open_interest=7)
    assert read(opened)[LOTS, DAY].verdict is Verdict.WARNING


def test_a_later_payload_that_agrees_clears_it(opened: House) -> None:
    tell(opened, "comex_bulletin", "open_interest_rows", INTEREST, open_interest=70_000)
    tell(opened, "comex_volume", "open_interest_rows", INTEREST, open_interest=70_001)
    tell(
        opened, "comex_volume", "open_interest_rows", INTEREST, open_interest=70_000,
        published_at=datetime(2026, 4, 10, 20),  # noqa: DTZ001 - storage form
    )  # fmt: skip
    reading = read(opened)[LOTS, DAY]
    assert (reading.value, reading.verdict) == (0.0, Verdict.CLEAR)


def test_where_one_of_two_is_preliminary_or_missing_nothing_is_said(opened: House) -> None:
    tell(opened, "comex_bulletin", "open_interest_rows", INTEREST, open_interest=70_000)
    assert read(opened) == {}
    tell(opened, "comex_volume", "open_interest_rows", INTEREST, open_interest=63_034, status="preliminary")
    assert read(opened) == {}


def test_only_the_worst_month_of_a_product_is_told_and_all_are_counted(opened: House) -> None:
    for month, lots in ((MAY, 70_000), (date(2026, 7, 1), 25_000), (date(2026, 9, 1), 8_000)):
        tell(opened, "comex_bulletin", "open_interest_rows", INTEREST, delivery_month=month, open_interest=lots)
        other = lots if lots == 8_000 else lots + lots // 5_000
        tell(opened, "comex_volume", "open_interest_rows", INTEREST, delivery_month=month, open_interest=other)
    (reading,) = read(opened).values()
    assert (reading.value, reading.inputs["item"]) == (14.0, "May 2026")
    assert (reading.inputs["compared"], reading.inputs["disagreeing"]) == (3, 2)


@pytest.mark.parametrize(("fixing", "verdict"), [(6.7489, Verdict.CLEAR), (6.80, Verdict.WARNING)])
def test_ecb_and_cfets_may_lie_0_6_percent_apart(opened: House, fixing: float, verdict: Verdict) -> None:
    tell(opened, "ecb_fx", "fx_rows", FX, rate=7.5)
    tell(opened, "ecb_fx", "fx_rows", FX, quote="USD", rate=7.5 / 6.7126)
    tell(opened, "cfets_fx", "fx_rows", FX, base="USD", rate=fixing)
    assert read(opened)["USD/CNY exchange rate of ECB and CFETS", DAY].verdict is verdict


PAIRS: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "COMEX SI settlement of bulletin and settlements payload": (
        ("comex_bulletin", "settlement_rows", SETTLE, {"settle": 76.438}),
        ("comex_settlements", "settlement_rows", SETTLE, {"settle": 76.438}, {"settle": 76.440}),
    ),
    "COMEX SI settlement of bulletin and settlement file": (
        ("comex_bulletin", "settlement_rows", SETTLE, {"settle": 76.438}),
        ("comex_settle_file", "settlement_rows", SETTLE, {"settle": 76.438}, {"settle": 76.443}),
    ),
    "COMEX SI open interest of settlements payload and others": (
        (
            "comex_settlements", "settlement_rows", SETTLE | {"session": date(2026, 4, 10)},
            {"settle": 76.48, "prior_session": DAY, "prior_open_interest": 61_519},
        ),
        ("comex_volume", "open_interest_rows", INTEREST, {"open_interest": 61_519}, {"open_interest": 57_316}),
    ),
    "COMEX SI open interest of exchange and CFTC": (
        ("comex_volume", "open_interest_rows", INTEREST, {"open_interest": 120_000}),
        ("cftc_legacy", "cot_rows", COT | {"report": "legacy"}, {"open_interest": 120_000}, {"open_interest": 120_002}),
    ),
    "silver open interest of CFTC disaggregated and legacy": (
        ("cftc_disaggregated", "cot_rows", COT | {"report": "disaggregated"}, {"open_interest": 120_000}),
        ("cftc_legacy", "cot_rows", COT | {"report": "legacy"}, {"open_interest": 120_000}, {"open_interest": 120_001}),
    ),
    "COMEX GC notices of daily and month-to-date report": (
        ("comex_notices", "delivery_total_rows", NOTICES, {}),
        ("comex_notices_mtd", "delivery_total_rows", NOTICES, {}, {"month_to_date": 901}),
    ),
    "silver SHFE warrants of daily and weekly page": (
        ("shfe_warrants", "shfe_warrant_rows", WARRANTS, {"quantity": 1_407_381.0}),
        ("shfe_weekly", "shfe_weekly_rows", WARRANTS, {"warrants": 1_407_381.0}, {"warrants": 1_407_505.0}),
    ),
    "Ag(T+D) close of SGE quotations and history": (
        ("sge_quotes", "sge_quote_rows", SGE, {"close": 22_369.0}),
        ("sge_history", "sge_history_rows", SGE, {"close": 22_369.0}, {"close": 22_396.0}),
    ),
    "EUR/CNY exchange rate of ECB and Frankfurter": (
        ("ecb_fx", "fx_rows", FX, {"rate": 8.2134}),
        ("frankfurter_fx", "fx_rows", FX, {"rate": 8.2134}, {"rate": 8.2143}),
    ),
    "SOFR rate of New York Fed and FRED": (
        ("nyfed_sofr", "rate_rows", SOFR, {"percent": 4.31}),
        ("fred_bills", "rate_rows", SOFR, {"percent": 4.31}, {"percent": 4.33}),
    ),
    "silver London vaults in two files": (
        ("lbma_vault", "vault_holding_rows", VAULT, {"quantity": 845_123.4}),
        ("lbma_vault", "vault_holding_rows", VAULT, {"quantity": 845_123.0}, {"quantity": 845_121.0}),
    ),
    "SLV fund in two files": (
        ("slv_trust", "fund_rows", FUND, {"value": 530_000_000.0}),
        ("slv_trust", "fund_rows", FUND, {"value": 530_000_000.0}, {"value": 529_000_000.0}),
    ),
}  # fmt: skip
"""By pair and subject: one side; the other side as it agrees, and as it does not."""


@pytest.mark.parametrize("subject", PAIRS)
@pytest.mark.parametrize("agrees", [True, False])
def test_each_pair_is_compared_and_only_a_difference_beyond_its_tolerance_warns(
    opened: House, subject: str, agrees: bool
) -> None:
    (left, left_table, one, figure), (right, right_table, other, same, different) = PAIRS[subject]
    tell(opened, left, left_table, one, **figure)
    assert read(opened) == {}
    tell(opened, right, right_table, other, **(same if agrees else different))
    assert {key: r.verdict for key, r in read(opened).items()} == {
        (subject, DAY): Verdict.CLEAR if agrees else Verdict.WARNING
    }


def test_the_noon_run_of_the_notices_is_not_held_against_the_month_to_date_report(opened: House) -> None:
    tell(opened, "comex_notices", "delivery_total_rows", NOTICES, run_time=datetime(2026, 4, 9, 17))  # noqa: DTZ001
    tell(opened, "comex_notices_mtd", "delivery_total_rows", NOTICES, month_to_date=950)
    assert compared(opened) == []


@pytest.mark.parametrize(("issued", "verdict"), [(900, Verdict.CLEAR), (899, Verdict.WARNING)])
def test_the_year_to_date_of_a_contract_month_is_its_month_to_date(
    opened: House, issued: int, verdict: Verdict
) -> None:
    tell(opened, "comex_notices", "delivery_total_rows", NOTICES)
    facts.put(
        opened,
        "delivery_ytd_rows",
        [YEAR | {"issued": issued - 1}, YEAR | {"firm_id": "099", "issued": 1}],
        source="comex_notices_ytd",
    )
    assert {r.verdict for r in read(opened).values()} == {verdict}


def test_the_year_to_date_is_not_compared_where_a_daily_report_before_it_is_missing(opened: House) -> None:
    tell(opened, "comex_notices", "delivery_total_rows", NOTICES)
    tell(
        opened, "comex_notices", "delivery_total_rows", NOTICES, session=date(2026, 4, 14), product="HG",
        contract="APRIL 2026 COMEX COPPER FUTURES", run_time=datetime(2026, 4, 15, 2),  # noqa: DTZ001
    )  # fmt: skip
    tell(opened, "comex_notices_ytd", "delivery_ytd_rows", YEAR, session=date(2026, 4, 14), issued=950)
    assert compared(opened) == []


def test_the_year_to_date_waits_for_the_daily_report_of_its_own_session(opened: House) -> None:
    tell(opened, "comex_notices", "delivery_total_rows", NOTICES)
    tell(opened, "comex_notices_ytd", "delivery_ytd_rows", YEAR, session=date(2026, 4, 10), issued=950)
    assert compared(opened) == []


def test_over_a_holiday_the_day_the_printed_open_interest_is_of_is_not_known(opened: House) -> None:
    """Good Friday has a report of its own, of which the settlements of Monday may speak."""
    printed = {"settle": 72.8, "prior_session": date(2026, 4, 2), "prior_open_interest": 263_825}
    tell(opened, "comex_settlements", "settlement_rows", SETTLE, session=date(2026, 4, 6), **printed)
    tell(opened, "comex_bulletin", "open_interest_rows", INTEREST, session=date(2026, 4, 2), open_interest=264_294)
    assert compared(opened) == []


def test_open_interest_with_a_preliminary_month_is_not_held_against_the_cftc(opened: House) -> None:
    tell(opened, "comex_volume", "open_interest_rows", INTEREST, open_interest=120_000)
    july = {"delivery_month": date(2026, 7, 1), "status": "preliminary"}
    tell(opened, "comex_volume", "open_interest_rows", INTEREST | july, open_interest=30_000)
    tell(opened, "cftc_legacy", "cot_rows", COT, report="legacy", open_interest=149_000)
    assert compared(opened) == []


def test_a_disagreement_is_known_only_when_the_later_of_the_two_is(opened: House) -> None:
    for source, lots, hour in (("comex_bulletin", 70_000, 15), ("comex_volume", 70_001, 20)):
        public = {"open_interest": lots, "published_at": datetime(2026, 4, 10, hour)}  # noqa: DTZ001 - storage form
        facts.put(opened, "open_interest_rows", [INTEREST | public], source=source, at=LATER)
    with opened.store.cursor() as cur:
        for moment, count in (("2026-04-10 19:00:00", 0), ("2026-04-10 20:00:00", 1)):
            cur.execute("set variable known_at = ?", [moment])
            assert cur.execute("select count(*) from cross_checks").fetchall() == [(count,)]


def test_a_question_for_a_few_rows_is_answered(opened: House) -> None:
    tell(opened, "comex_bulletin", "open_interest_rows", INTEREST, open_interest=70_000)
    tell(opened, "comex_volume", "open_interest_rows", INTEREST, open_interest=70_001)
    assert len(opened.store.rows("select * from cross_checks limit 1")) == 1
