"""The captured COMEX season through the inbox: equal to the answers, and the article's figure comes out."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import checks
from monitor.checks import Moment
from monitor.house import House
from monitor.inbox import Inbox
from monitor.model import Verdict
from tests.captures import CAPTURES, answers, differing, needs_captures
from tests.homes import contents, house

pytestmark = [needs_captures, pytest.mark.captures, pytest.mark.slow]
NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
FOLDERS = ("stocks", "volume_oi_json")


def captured() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (CAPTURES / "comex" / folder).iterdir())


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home whose inbox was given every captured stock report and volume payload."""
    folder = tmp_path_factory.mktemp("season")
    with house(folder, NOW) as opened:
        for path in captured():
            target = opened.folders.inbox / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        outcomes = list(opened.collector.drain(Inbox(opened.folders.inbox, settle_seconds=-1e9), NOW))
        assert {outcome.status for outcome in outcomes} == {"loaded"}, [o for o in outcomes if not o.kept]
        yield opened


def number(text: str) -> float | None:
    return float(text) if text else None


STOCK_NUMBERS = ("prev_total", "received", "withdrawn", "net_change", "adjustment", "total_today")


def test_comex_stocks_equal_the_answers_row_for_row(season: House) -> None:
    wanted = {
        (row["activity_date"], row["metal"], row["depository"], row["category"]): (
            row["report_date"], row["unit"], *(number(row[name]) for name in STOCK_NUMBERS),
        )
        for row in answers("stocks_by_depository")
    }  # fmt: skip
    rows = season.store.rows(
        f"select session::varchar, metal, depository, category, report_date::varchar, unit, {', '.join(STOCK_NUMBERS)} "
        "from comex_stocks"
    )
    assert differing(wanted, {row[:4]: row[4:] for row in rows}) == []
    assert len(rows) == len(answers("stocks_by_depository")) == 10_197


def test_comex_stock_totals_equal_the_answers_row_for_row(season: House) -> None:
    wanted = {
        (row["activity_date"], row["metal"], row["category"]): (row["unit"], float(row["total_today"]))
        for row in answers("stocks_totals")
    }
    found = {}
    for day, metal, unit, *levels in season.store.rows(
        "select session::varchar, metal, unit, registered, eligible, pledged, total from comex_stock_totals"
    ):
        for category, level in zip(("registered", "eligible", "pledged", "total"), levels, strict=True):
            if level is not None:
                found[(day, metal, category)] = (unit, level)
    assert differing(wanted, found) == []


def test_open_interest_equals_the_answers_row_for_row(season: House) -> None:
    wanted = {
        (row["trade_date"], row["product"], row["contract_month"] + "-01"): (
            int(row["open_interest"]),
            int(row["total_volume"]),
        )
        for row in answers("volume_oi_by_month")
    }
    rows = season.store.rows(
        "select session::varchar, product, delivery_month::varchar, open_interest, volume from open_interest"
    )
    assert differing(wanted, {row[:3]: row[3:] for row in rows}) == []
    assert len(rows) == len(wanted)


def test_loading_everything_again_shuffled_changes_nothing(season: House, tmp_path: Path) -> None:
    before = contents(season)
    files = captured()
    random.Random(7).shuffle(files)
    for path in files[:150]:
        target = season.folders.inbox / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    outcomes = list(season.collector.drain(Inbox(season.folders.inbox, settle_seconds=-1e9), NOW))
    assert {outcome.status for outcome in outcomes} == {"held"}
    assert contents(season) == before


def test_another_order_of_arrival_gives_the_same_tables(season: House, tmp_path: Path) -> None:
    files = captured()
    random.Random(11).shuffle(files)
    with house(tmp_path, NOW) as other:
        from monitor.collect import gather

        list(other.collector.offer(gather(files, NOW), NOW))
        assert contents(other, stamps=False) == contents(season, stamps=False)


def known(season: House, moment: str, sql: str) -> list[tuple[Any, ...]]:
    with season.store.cursor() as cur:
        cur.execute("set variable known_at = ?", [moment])
        return cur.execute(sql).fetchall()


def test_as_the_public_knew_it_at_noon_on_10_february_the_articles_figure_comes_out(season: House) -> None:
    (row,) = known(
        season,
        "2026-02-10 12:00:00",
        "select open_interest, registered_oz, raw_coverage, oi_status, legs_differ, registered_session, oi_session "
        "from coverage_now where contract = 'SIH26'",
    )
    interest, registered, cover, status, differ, stocks_of, interest_of = row
    assert (interest, status, differ) == (73_142, "preliminary", True)
    assert registered / 1e6 == pytest.approx(102.257, abs=0.0005)
    assert cover == pytest.approx(0.2796, abs=0.00005)
    assert (stocks_of, interest_of) == (date(2026, 2, 6), date(2026, 2, 9))


@pytest.mark.parametrize(
    ("day", "interest", "cover", "t"),
    [("2026-02-09", 73_128, 0.2773, 13), ("2026-02-26", 6_223, 2.84, 1), ("2026-02-27", 1_585, 11.20, 0)],
)
def test_same_session_coverage_uses_the_final_open_interest(
    season: House, day: str, interest: int, cover: float, t: int
) -> None:
    (row,) = season.store.rows(
        "select open_interest, oi_status, raw_coverage, sessions_to_fnd from coverage "
        "where contract = 'SIH26' and session = ?",
        [day],
    )
    assert (row[0], row[1], row[3]) == (interest, "final", t) or day == "2026-02-27"
    assert row[2] == pytest.approx(cover, abs=0.005 if cover > 1 else 0.00005)


def test_the_march_roll_curve_is_the_published_one(season: House) -> None:
    published = {14: 0.269, 13: 0.277, 11: 0.284, 8: 0.311, 6: 0.369, 5: 0.401, 4: 0.469, 3: 0.789, 2: 1.638, 1: 2.842}
    found = dict(
        season.store.rows("select sessions_to_fnd, round(raw_coverage, 3) from coverage where contract = 'SIH26'")
    )
    assert {t: found[t] for t in published} == published


def test_every_report_chains_to_the_one_before_and_nothing_is_suspect(season: House) -> None:
    assert season.store.rows("select * from comex_stock_chain where suspect") == []


def evaluate(season: House, moment: str) -> list[Any]:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = checks.evaluate(season.store, season.checks.values(), Moment(at))
    assert found.broken == {}
    return list(found.readings)


def test_coverage_raw_pages_nobody_on_10_february(season: House) -> None:
    readings = [r for r in evaluate(season, "2026-02-10 12:00:00") if r.check == "coverage_raw"]
    silver = {r.session: r for r in readings if r.subject == "SIH26"}
    assert not any(r.verdict.breach for r in silver.values())
    newest = silver[date(2026, 2, 9)]
    assert newest.verdict is Verdict.NODATA
    assert silver[date(2026, 2, 6)].verdict is Verdict.NODATA or silver[date(2026, 2, 6)].verdict is Verdict.CLEAR


def test_what_is_typical_never_looks_ahead(season: House) -> None:
    before = next(
        r
        for r in evaluate(season, "2026-02-12 12:00:00")
        if (r.check, r.subject, r.session) == ("coverage_raw", "SIH26", date(2026, 2, 9))
    )
    assert before.value == pytest.approx(0.2773, abs=0.00005)
    assert before.inputs["typical"] == (
        "no earlier month on file at this distance; published: 0.143 at T-6 (May 2024), 0.1 at T-6 (May 2023), "
        "neither failed"
    )


def test_nothing_was_ever_withdrawn_from_registered_silver(season: House) -> None:
    found = season.store.rows(
        "select metal, sum(withdrawn) from comex_stock_totals_long where category = 'registered' "
        "and metal in ('silver', 'gold', 'platinum', 'palladium') group by metal order by metal"
    )
    assert found == [("gold", 0.0), ("palladium", 0.0), ("platinum", 0.0), ("silver", 0.0)]


def test_standing_cover_on_the_eve_of_first_notice_is_2_84(season: House) -> None:
    found = {(r.subject, r.session): r for r in evaluate(season, "2026-03-31 23:00:00") if r.check == "standing_cover"}
    reading = found[("SIH26", date(2026, 2, 26))]
    assert reading.value == pytest.approx(2.842, abs=0.0005)
    assert reading.verdict is Verdict.CLEAR
