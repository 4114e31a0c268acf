"""What looked like an alarm at COMEX and was none: shaped like the real events, all through the letters; figures as
published where named, the rest invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from monitor import backtest, published
from monitor.backtest import Replayed
from monitor.house import House
from monitor.model import Severity, Verdict
from tests import facts
from tests.checks.comex import FIRST_NOTICE, LATER, MARCH, MAY, Day, days, read, reports
from tests.factories.prices import chart, opening
from tests.homes import house, offer

FEBRUARY = date(2026, 2, 1)
FIFTH, SIXTH = date(2026, 1, 5), date(2026, 1, 6)
T13 = date(2026, 2, 9)
EVE = days("2026-02-20", "2026-02-26")[-1]
TWENTIETH = date(2026, 2, 20)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def replayed(opened: House, start: date, end: date) -> Replayed:
    """What every check but those of the clock would have told."""
    opened.publish(LATER)
    known = {name: check for name, check in opened.checks.items() if name not in ("source_stale", "calendar_expiring")}
    with published.Reader(published.newest(opened.folders.published)) as reader:
        found = backtest.run(reader, known, {}, start, end)
    assert found.broken == {}
    return found


def test_warrants_cancelled_by_a_rule_change_are_a_warning_that_names_reclassification(opened: House) -> None:
    """SER-5736 of April 2011: 5.287, 1.421, 0.444 and 0.534 Moz became eligible, registered fell by a fifth."""
    window = days("2026-01-12", "2026-02-20")
    moved = dict(zip(window[-6:-2], (5_287_142.0, 1_421_391.0, 444_095.0, 534_000.0), strict=True))
    reports(opened, {day: Day(moved=moved.get(day, 0.0)) for day in window}, registered=41e6, eligible=60e6)
    found = replayed(opened, window[0], window[-1])
    fall = read(opened, "registered_drop")[("COMEX silver", window[-1])]
    assert fall.value == pytest.approx(-18.75, abs=0.01)
    assert {story.check for story in found.episodes} == {"registered_drop", "registered_drop_1d"}
    assert {severity for story in found.episodes for severity in story.severities} == {Severity.WARNING}
    (mail,) = found.mails
    assert "re-classification" in mail.notice.text
    assert "re-classification" in mail.notice.html
    assert {r.verdict for r in read(opened, "vault_outflow").values()} == {Verdict.CLEAR}


def test_even_a_deeper_reclassification_stays_a_warning(opened: House) -> None:
    window = days("2026-01-12", "2026-02-20")
    reports(opened, {day: Day(moved=2e6 if day in window[-6:] else 0.0) for day in window}, registered=41e6)
    verdicts = {r.verdict for r in read(opened, "registered_drop").values()}
    assert read(opened, "registered_drop")[("COMEX silver", window[-1])].value == pytest.approx(-29.3, abs=0.05)
    assert Verdict.WARNING in verdicts
    assert Verdict.CRITICAL not in verdicts


def test_an_adjustment_of_1_2_million_ounces_is_noted_and_mailed_to_nobody(opened: House) -> None:
    """6 January 2026: registered and eligible were adjusted by a sum of -1.20 Moz, of 449 Moz in all."""
    window = days("2025-12-01", "2026-01-30")
    told = {day: Day(correction=-1.2e6 if day == SIXTH else 0.0) for day in window}
    reports(opened, told, registered=127.2e6, eligible=322e6)
    found = replayed(opened, FIFTH, window[-1])
    assert [(story.check, story.opened) for story in found.episodes] == [("stock_identity", SIXTH)]
    assert found.mails == ()
    assert opened.checks["stock_identity"].route == "memo"


def test_coverage_of_0_28_thirteen_sessions_out_pages_nobody(opened: House) -> None:
    """102.257 Moz registered over 73,128 lots on 9 February 2026, 115,432 lots at the peak."""
    window = days("2025-11-24", "2026-02-13")
    facts.stocks(opened, dict.fromkeys(window, 102_257_000.0), eligible=288.2e6)
    facts.interest(opened, "SI", MARCH, {day: 73_128 if day >= T13 else 115_432 for day in window})
    facts.interest(opened, "SI", MAY, dict.fromkeys(window, 30_000))
    reading = read(opened, "coverage_raw")[("SIH26", T13)]
    assert reading.value == pytest.approx(0.2797, abs=0.0001)
    assert reading.verdict is Verdict.CLEAR
    assert reading.inputs["sessions_to_fnd"] == 13
    found = replayed(opened, date(2026, 1, 5), window[-1])
    assert (found.episodes, found.mails) == ((), ())


def test_the_same_coverage_three_sessions_out_does_page(opened: House) -> None:
    """The distance is what tells the two apart: at T-3 a warning stands below 0.40."""
    window = days("2026-01-05", "2026-02-24")
    facts.stocks(opened, dict.fromkeys(window, 102_257_000.0), eligible=288.2e6)
    facts.interest(opened, "SI", MARCH, dict.fromkeys(window, 73_128))
    assert read(opened, "coverage_raw")[("SIH26", window[-1])].verdict is Verdict.WARNING


def test_the_spot_month_enters_neither_the_curve_nor_the_price_of_the_metal(opened: House) -> None:
    """20 February 2026: FEB26 settled at 82.283 on 30 lots, MAR26 at 82.343 on 56,175."""
    for month, price, volume, lots in (
        (FEBRUARY, 82.283, 30, 120), (MARCH, 82.343, 56_175, 40_000), (MAY, 82.9, 30_000, 60_000),
    ):  # fmt: skip
        facts.settle(opened, "SI", {(TWENTIETH, month): price}, volume=volume)
        facts.interest(opened, "SI", month, {TWENTIETH: lots})
    assert opened.store.rows("select contract, settle from comex_front") == [("SIK26", 82.9)]
    assert opened.store.rows("select contract from curve where is_liquid order by delivery_month") == [
        ("SIH26",), ("SIK26",),
    ]  # fmt: skip
    assert opened.store.rows("select near_contract, far_contract from active_pair") == [("SIH26", "SIK26")]


@pytest.mark.parametrize("symbol", ["SI=F", "GC=F"])
def test_a_continuous_series_that_is_the_spot_month_never_becomes_a_price(opened: House, symbol: str) -> None:
    bars = [(opening(day), 82.0 + place) for place, day in enumerate(days("2026-02-17", "2026-02-20"))]
    (outcome,) = offer(opened, [("chart.json", chart(bars, symbol))], LATER)
    assert (outcome.status, "is a future" in outcome.message) == ("refused", True)
    assert opened.store.rows("select count(*) from bars") == [(0,)]


def test_a_preliminary_figure_opens_nothing_and_its_revision_is_told_as_a_revision(opened: House) -> None:
    """22,749 lots preliminary on the eve of first notice became 15,996: March 2022's figures, on March 2026's days.

    Invented stocks of 165 Moz cover the first 1.45 times, which would warn, and the second 2.06 times.
    """
    window = days("2025-12-15", EVE.isoformat())
    facts.stocks(opened, dict.fromkeys(window, 165e6))
    facts.interest(opened, "SI", MARCH, dict.fromkeys(window[:-1], 18_000))
    early = {
        "venue": "COMEX", "product": "SI", "delivery_month": MARCH, "session": EVE, "status": "preliminary",
        "open_interest": 22_749, "volume": 1_000, "published_at": datetime.combine(FIRST_NOTICE, datetime.min.time()),
    }  # fmt: skip
    facts.put(opened, "open_interest_rows", [early])
    assert opened.store.rows("select round(raw_coverage, 3), oi_status from coverage_now where contract = 'SIH26'") == [
        (1.451, "preliminary")
    ]
    assert read(opened, "standing_cover")[("SIH26", EVE)].verdict is Verdict.NODATA
    assert replayed(opened, EVE, FIRST_NOTICE).episodes == ()
    facts.interest(opened, "SI", MARCH, {EVE: 15_996})
    found = replayed(opened, EVE, FIRST_NOTICE)
    assert [(story.check, story.severities) for story in found.episodes] == [("oi_revision", [Severity.WARNING])]
    assert read(opened, "oi_revision")[("COMEX silver", EVE)].inputs["revision_pct"] == pytest.approx(-29.7, abs=0.05)
    assert not read(opened, "standing_cover")[("SIH26", EVE)].verdict.breach
