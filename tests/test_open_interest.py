"""Open interest of one contract month from bulletin and payload: which version is shown, and what proves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import checks
from monitor.checks import Moment
from monitor.house import House
from tests import facts
from tests.homes import house

LATER = datetime(2026, 5, 1, tzinfo=UTC)
MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)
THURSDAY, FRIDAY, MONDAY = date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 6)
"""Good Friday is no session and has a bulletin."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def version(
    opened: House, source: str, status: str, lots: int, hour: int = 12, *, day: date = THURSDAY, **more: Any
) -> None:
    """One month's open interest as one file of that source, public at an hour of the next day."""
    row = {
        "venue": "COMEX", "product": "SI", "delivery_month": MAY, "session": day, "status": status,
        "open_interest": lots, "volume": 1_000,
        "published_at": datetime(day.year, day.month, day.day + 1, hour),  # noqa: DTZ001 - storage form
    } | more  # fmt: skip
    facts.put(opened, "open_interest_rows", [row], source=source)


def shown(opened: House, columns: str = "open_interest, status, source") -> list[tuple[Any, ...]]:
    return opened.store.rows(f"select {columns} from open_interest where delivery_month = ?", [MAY])


def test_a_final_bulletin_supersedes_a_preliminary_payload_and_both_are_kept(opened: House) -> None:
    version(opened, "comex_bulletin", "final", 51_572, 15)
    version(opened, "comex_volume", "preliminary", 63_034, 5)
    assert shown(opened) == [(51_572, "final", "comex_bulletin")]
    assert opened.store.rows("select count(*) from open_interest_versions") == [(2,)]


def test_a_preliminary_bulletin_never_displaces_a_final_payload_however_late_it_comes(opened: House) -> None:
    version(opened, "comex_volume", "final", 71_746, 15)
    version(opened, "comex_bulletin", "preliminary", 72_645, 23)
    assert shown(opened) == [(71_746, "final", "comex_volume")]


@pytest.mark.parametrize(("bulletin", "payload", "wins"), [(15, 18, "comex_volume"), (18, 15, "comex_bulletin")])
def test_of_two_final_versions_the_later_published_is_shown(
    opened: House, bulletin: int, payload: int, wins: str
) -> None:
    version(opened, "comex_bulletin", "final", 70_000, bulletin)
    version(opened, "comex_volume", "final", 70_001, payload)
    assert shown(opened, "source") == [(wins,)]


def test_a_preliminary_figure_proves_the_session_before_as_well_as_a_final_one(opened: House) -> None:
    version(opened, "comex_volume", "preliminary", 73_142, day=date(2026, 2, 9))
    version(opened, "comex_bulletin", "preliminary", 67_946, day=date(2026, 2, 10), open_interest_change=-5_182)
    found = opened.store.rows("select open_interest, proof from open_interest_final")
    assert found == [(73_128, "next_change")]


def test_a_change_is_against_the_report_of_a_day_without_trading_where_there_is_one(opened: House) -> None:
    version(opened, "comex_bulletin", "final", 264_294)
    version(opened, "comex_bulletin", "final", 263_825, day=FRIDAY, open_interest_change=-469, volume=0)
    version(opened, "comex_bulletin", "final", 265_946, day=MONDAY, open_interest_change=2_121)
    found = opened.store.rows("select session, open_interest, proof from open_interest_final order by session")
    assert found == [(THURSDAY, 264_294, "confirmed"), (FRIDAY, 263_825, "confirmed"), (MONDAY, 265_946, "stated")]


def test_coverage_now_never_stands_on_a_day_without_trading(opened: House) -> None:
    facts.stocks(opened, {THURSDAY: 80e6})
    version(opened, "comex_bulletin", "final", 70_000)
    version(opened, "comex_bulletin", "final", 70_000, day=FRIDAY, volume=0)
    assert opened.store.rows("select oi_session, open_interest from coverage_now") == [(THURSDAY, 70_000)]


def test_a_bulletin_that_leaves_out_dead_months_contradicts_nothing(opened: House) -> None:
    before = {"venue": "COMEX", "product": "SI", "session": THURSDAY, "status": "final", "open_interest_change": 0}
    dead = [{"delivery_month": date(2026, month, 1), "open_interest": 0} for month in (1, 2, 3)]
    rows = [*dead, {"delivery_month": MAY, "open_interest": 70_000}, {"delivery_month": JULY, "open_interest": 25_000}]
    facts.put(opened, "open_interest_rows", [before | row for row in rows], source="comex_volume")
    for month, lots, change in ((MAY, 69_000, -1_000), (JULY, 26_000, 1_000)):
        version(
            opened, "comex_bulletin", "final", lots, day=MONDAY, delivery_month=month, open_interest_change=change
        )  # fmt: skip
    assert opened.store.rows("select share, suspect from open_interest_chain") == [(0.0, False)]


def test_an_expired_month_with_the_most_open_interest_is_never_the_front(opened: House) -> None:
    day, march = date(2026, 3, 30), date(2026, 3, 1)
    facts.settle(opened, "SI", {(day, march): 113.1, (day, MAY): 70.6})
    facts.interest(opened, "SI", march, {day: 90_000})
    facts.interest(opened, "SI", MAY, {day: 70_000})
    assert opened.store.rows("select contract from comex_front") == [("SIK26",)]


def test_a_day_without_trading_is_not_asked_for_a_spread(opened: House) -> None:
    facts.settle(opened, "SI", {(FRIDAY, MAY): 70.6, (FRIDAY, JULY): 71.1})
    assert checks.evaluate(opened.store, [opened.checks["front_back"]], Moment(LATER)).readings == ()
