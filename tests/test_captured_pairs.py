"""Captured files that tell the same number twice: what is compared, and that none of it disagrees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from monitor import checks
from monitor.checks import Moment
from monitor.collect import gather
from monitor.house import House
from monitor.model import Verdict
from tests.captures import CAPTURES, needs_captures
from tests.homes import house

pytestmark = [needs_captures, pytest.mark.captures, pytest.mark.slow]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FOLDERS = (
    "comex/bulletin62", "comex/volume_oi_json", "comex/settlements_json", "comex/issues_stops",
    "comex/issues_stops_ytd", "world/cot", "world/fx", "china/shfe",
)  # fmt: skip

COMPARED = {
    ("open interest of bulletin and volume payload", "COMEX GC"): (60, date(2026, 3, 30), date(2026, 3, 31)),
    ("open interest of bulletin and volume payload", "COMEX SI"): (90, date(2026, 3, 26), date(2026, 3, 31)),
    ("open interest of settlements payload and others", "COMEX SI"): (23, date(2026, 2, 24), date(2026, 2, 24)),
    ("open interest of exchange and CFTC", "COMEX GC"): (15, date(2025, 12, 23), date(2026, 4, 7)),
    ("SHFE warrants of daily and weekly page", "copper"): (3, date(2026, 9, 18), date(2026, 9, 18)),
    ("SHFE warrants of daily and weekly page", "gold"): (1, date(2026, 9, 18), date(2026, 9, 18)),
    ("SHFE warrants of daily and weekly page", "silver"): (1, date(2026, 9, 18), date(2026, 9, 18)),
} | {
    ("notices of month to date and year to date", subject): (count, date(2026, 2, 12), date(2026, 2, 12))
    for subject, count in {
        "COMEX ALI": 1, "COMEX GC": 2, "COMEX HG": 1, "COMEX MGC": 1, "COMEX SI": 2, "COMEX SIL": 1, "NYMEX PA": 1,
        "NYMEX PL": 1,
    }.items()
}  # fmt: skip
"""Pair and subject: how many numbers, first and last session."""

BREAKS = {
    date(2026, 1, 6): ("2025-12-30", "2026-01-05", {"ALI", "GC", "SI", "HG", "PL"}),
    date(2026, 1, 14): ("2025-12-30", "2026-01-05", {"PA"}),
    date(2026, 1, 15): ("2025-12-30", "2026-01-05", {"SIL"}),
    date(2026, 1, 30): ("2026-01-29", "2026-01-29", {"GC", "SI", "HG", "PA", "PL"}),
    date(2026, 3, 5): ("2026-03-04", "2026-03-04", {"GC", "SI", "HG", "PA", "PL"}),
    date(2026, 3, 6): ("2026-03-04", "2026-03-04", {"ALI"}),
    date(2026, 3, 10): ("2026-03-09", "2026-03-09", {"GC", "SI", "HG", "PA"}),
    date(2026, 3, 17): ("2026-03-16", "2026-03-16", {"SI", "HG"}),
    date(2026, 3, 18): ("2026-03-16", "2026-03-16", {"GC"}),
}
"""Session after the break: first and last session without a report, products. The captures begin on 2026-01-06; of
2026-01-29 the noon run alone was caught; 03-04, 03-09 and 03-16 hold the report of the day before."""


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("pairs"), NOW) as opened:
        files = sorted(path for folder in FOLDERS for path in (CAPTURES / folder).iterdir())
        list(opened.collector.offer(gather(files, NOW), NOW))
        yield opened


def test_every_number_told_twice_is_compared_and_agrees(season: House) -> None:
    found = season.store.rows(
        "select pair, subject, count(*), min(session), max(session), bool_and(agrees) from cross_checks group by all"
    )
    assert {row[:2]: row[2:5] for row in found} == COMPARED
    assert all(row[5] for row in found)


def test_the_exchanges_final_open_interest_is_the_cftcs_to_the_lot_on_every_tuesday_held(season: House) -> None:
    found = season.store.rows(
        "select left_value - right_value from cross_checks where pair = 'open interest of exchange and CFTC'"
    )
    assert found == [(0.0,)] * 15


def test_no_disagreement_is_mailed(season: House) -> None:
    readings = checks.evaluate(season.store, [season.checks["source_disagreement"]], Moment(NOW)).readings
    assert {r.verdict for r in readings} == {Verdict.CLEAR}
    assert {r.subject for r in readings} == {f"{subject} {pair}" for pair, subject in COMPARED}


def test_month_to_date_breaks_only_where_a_report_is_missing(season: House) -> None:
    found: dict[date, tuple[str, str, set[str]]] = {}
    for session, first, last, product in season.store.rows(
        "select session, missing_from::varchar, missing_to::varchar, product from delivery_chain where breaks"
    ):
        found.setdefault(session, (first, last, set()))[2].add(product)
    assert found == BREAKS
    assert season.store.rows("select count(*), count(*) filter (contradicts) from delivery_chain") == [(232, 0)]


def test_the_missing_reports_are_those_nobody_captured(season: House) -> None:
    found = season.store.rows(
        "select session::varchar from delivery_days where not is_held and session >= '2026-01-06' order by session"
    )
    assert [day for (day,) in found] == ["2026-01-29", "2026-03-04", "2026-03-09", "2026-03-16"]
