"""The whole captured COMEX folder through the inbox: the bulletins beside the payloads, reports and notices."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest

from monitor import checks
from monitor.checks import Moment
from monitor.house import House
from monitor.inbox import Inbox
from monitor.model import Verdict
from tests.captures import CAPTURES, answers, needs_captures
from tests.homes import house
from tests.test_captured_season import (  # noqa: F401 - the golden figures hold here too
    test_as_the_public_knew_it_at_noon_on_10_february_the_articles_figure_comes_out,
    test_comex_stock_totals_equal_the_answers_row_for_row,
    test_coverage_raw_pages_nobody_on_10_february,
    test_every_report_chains_to_the_one_before_and_nothing_is_suspect,
    test_same_session_coverage_uses_the_final_open_interest,
    test_standing_cover_on_the_eve_of_first_notice_is_2_84,
    test_the_march_roll_curve_is_the_published_one,
    test_what_is_typical_never_looks_ahead,
)

pytestmark = [needs_captures, pytest.mark.captures, pytest.mark.slow]
NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
STATELESS = {"amc_trade_dates_20250808.json", "amc_volume_empty_20200722.json"}
"""No report, and one that does not say its product: refused."""

SUPERSEDED = {
    ("GCG26", "2026-01-21", 227_278, 224_850), ("GCH26", "2026-01-21", 3_367, 3_347),
    ("GCJ26", "2026-01-21", 206_720, 205_757), ("GCM26", "2026-01-21", 50_100, 48_794),
    ("GCQ26", "2026-01-21", 32_339, 32_329), ("SIH26", "2026-01-21", 101_154, 100_935),
    ("GCJ26", "2026-03-20", 149_298, 149_406), ("GCK26", "2026-03-20", 1_086, 1_085),
    ("GCM26", "2026-03-20", 172_212, 171_199), ("GCQ26", "2026-03-20", 53_940, 53_930),
    ("GCV26", "2026-03-20", 6_048, 6_044), ("SIK26", "2026-03-20", 72_704, 72_735),
    ("GCJ26", "2026-03-26", 63_034, 51_572), ("GCM26", "2026-03-26", 244_293, 242_136),
    ("GCQ26", "2026-03-26", 56_446, 56_445), ("GCV26", "2026-03-26", 6_243, 6_241),
    ("GCJ26", "2026-03-27", 22_336, 22_146), ("GCM26", "2026-03-27", 262_287, 260_932),
}  # fmt: skip
"""Contract, session, open interest of the preliminary payload, and of the final bulletin that supersedes it."""


@cache
def _home() -> Path:
    """A home whose inbox was given every captured COMEX file, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="bullion-season-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with house(folder, NOW) as opened:
        for path in sorted((CAPTURES / "comex").rglob("*.*")):
            if path.parent.name != "expected":
                target = opened.folders.inbox / path.parent.name / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        outcomes = list(opened.collector.drain(Inbox(opened.folders.inbox, settle_seconds=-1e9), NOW))
        assert {o.name.rpartition("/")[2] for o in outcomes if o.status != "loaded"} == STATELESS
    return folder


@pytest.fixture(scope="module")
def season() -> Iterator[House]:
    """The captured season; nobody writes into it."""
    with house(_home(), NOW) as opened:
        yield opened


def test_every_expected_row_is_there_and_differs_only_where_a_final_bulletin_supersedes_a_preliminary_payload(
    season: House,
) -> None:
    wanted = {
        (row["trade_date"], row["product"], row["contract_month"] + "-01"): int(row["open_interest"])
        for row in answers("volume_oi_by_month")
    }
    found = {
        row[:3]: row[3:]
        for row in season.store.rows(
            "select session::varchar, product, delivery_month::varchar, contract, open_interest, status, source "
            "from open_interest left join contracts using (venue, product, delivery_month)"
        )
    }
    assert wanted.keys() - found.keys() == set()
    differing = {key: found[key] for key in wanted if wanted[key] != found[key][1]}
    assert {row[2:] for row in differing.values()} == {("final", "comex_bulletin")}
    assert {(row[0], key[0], wanted[key], row[1]) for key, row in differing.items()} == SUPERSEDED
    assert len(differing) == len(SUPERSEDED) == 18


def test_both_sources_are_kept_and_their_final_figures_never_differ(season: House) -> None:
    versions = "select * from open_interest_versions where source = '{}' and status = 'final'"
    (row,) = season.store.rows(
        "select count(*), count(*) filter (b.open_interest <> v.open_interest), count(*) filter (b.volume <> v.volume) "
        f"from ({versions.format('comex_bulletin')}) b join ({versions.format('comex_volume')}) v "
        "using (venue, product, delivery_month, session)"
    )
    assert row == (150, 0, 0)


def test_no_preliminary_figure_stands_where_a_final_one_is_held(season: House) -> None:
    assert season.store.rows(
        "select count(*) from open_interest o join open_interest_versions v "
        "using (venue, product, delivery_month, session) where o.status = 'preliminary' and v.status = 'final'"
    ) == [(0,)]


def test_the_next_report_corrects_nothing_but_the_one_payload_that_only_looked_final(season: House) -> None:
    found = season.store.rows(
        "select contract, session::varchar from open_interest_final "
        "join contracts using (venue, product, delivery_month) where proof = 'corrected' order by contract"
    )
    assert found == [(name, "2026-03-05") for name in ("GCJ26", "GCM26", "GCQ26", "SIJ26", "SIK26")]


def test_no_file_of_open_interest_contradicts_the_one_before(season: House) -> None:
    assert season.store.rows("select * from open_interest_chain where suspect") == []
    ((largest,),) = season.store.rows(
        "select max(share) from open_interest_chain join contracts using (venue, product)"
    )
    assert largest < 0.03


def test_the_good_friday_edition_is_kept_and_is_no_session(season: House) -> None:
    friday = "session = '2026-04-03'"
    assert season.store.rows(f"select sum(volume), count(*) > 0 from open_interest where {friday}") == [(0, True)]
    for view in ("curve", "coverage", "active_pair"):
        assert season.store.rows(f"select count(*) from {view} where {friday}") == [(0,)], view
    at = datetime(2026, 4, 6, 12, tzinfo=UTC)
    readings = checks.evaluate(season.store, season.checks.values(), Moment(at)).readings
    assert {r.check for r in readings if r.session == date(2026, 4, 3)} <= {"calendar_expiring", "market_suppressor"}


def test_over_good_friday_coverage_now_stands_on_thursday(season: House) -> None:
    with season.store.cursor() as cur:
        cur.execute("set variable known_at = '2026-04-06 15:30:00'")
        found = cur.execute("select distinct oi_session::varchar from coverage_now where product = 'SI'").fetchall()
    assert found == [("2026-04-02",)]


def test_expired_months_are_kept_and_never_on_the_curve(season: House) -> None:
    late = "s.session > c.last_trade and s.session >= '2026-01-01'"
    joined = "from {} s join contracts c using (venue, product, delivery_month) where " + late
    ((kept,),) = season.store.rows("select count(*) " + joined.format("settlements"))
    assert kept > 0
    assert season.store.rows("select count(*) " + joined.format("curve")) == [(0,)]
    assert season.store.rows(
        "select count(*) from comex_front f join contracts c using (contract) where f.session > c.last_trade"
    ) == [(0,)]


def test_may_to_july_silver_on_26_march_is_4_326_percent(season: House) -> None:
    (row,) = season.store.rows(
        "select near_contract, near_settle, far_contract, far_settle, days_between, round(far_minus_near_ann_pct, 3) "
        "from active_pair where product = 'SI' and session = '2026-03-26'"
    )
    assert row == ("SIK26", 67.934, "SIN26", 68.432, 61, 4.326)


def test_platinum_and_palladium_stand_under_nymex_with_stocks_and_curve(season: House) -> None:
    found = season.store.rows(
        "select venue, contract, open_interest, round(raw_coverage, 4) from coverage "
        "where session = '2026-03-20' and contract in ('PLJ26', 'PAM26') order by contract"
    )
    assert found == [("NYMEX", "PAM26", 14_841, 0.1428), ("NYMEX", "PLJ26", 25_060, 0.2463)]
    assert season.store.rows("select distinct venue from curve where product in ('PL', 'PA')") == [("NYMEX",)]


SCARCE_BY_FEBRUARY = {
    ("delivery_net_new", "GCG26"), ("registered_drop", "COMEX silver"), ("registered_drop_1d", "COMEX silver"),
    ("vault_outflow", "COMEX silver"), ("price_level", "silver over 90 USD/oz"),
}  # fmt: skip
SCARCE_BY_APRIL = SCARCE_BY_FEBRUARY | {
    ("delivery_net_new", "SIH26"), ("house_net_stopped", "SIH26"), ("standing_cover", "SIH26"),
    ("vault_outflow", "COMEX gold"), ("price_shock", "silver"),
}  # fmt: skip
"""What the captured season tells of metal and prices; notices about the data are left out."""


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2026-02-10 12:00:00", SCARCE_BY_FEBRUARY), ("2026-04-15 12:00:00", SCARCE_BY_APRIL)],
)
def test_the_whole_folder_breaches_what_the_season_was_about_and_nothing_else(
    season: House, moment: str, expected: set[tuple[str, str]]
) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = checks.evaluate(season.store, season.checks.values(), Moment(at))
    assert found.broken == {}
    about_data = ("source_stale", "stock_identity", "oi_revision", "market_suppressor")
    assert {(r.check, r.subject) for r in found.readings if r.verdict.breach and r.check not in about_data} == expected
    assert {
        (r.check, r.subject) for r in found.readings if r.verdict is Verdict.CRITICAL and r.check not in about_data
    } <= {("vault_outflow", "COMEX silver")}
    spreads = [r.value for r in found.readings if r.check == "front_back" and r.value is not None]
    assert spreads
    assert all(4 < value < 5 for value in spreads)
