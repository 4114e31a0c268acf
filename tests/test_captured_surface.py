"""The Python surface and the saved questions on the captured season: the golden figures, as known at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest

import monitor
from monitor import adhoc, published, queryfile
from monitor.house import House
from tests.captures import needs_captures
from tests.test_captured_season import NOW, season  # noqa: F401 - the fixture

pytestmark = [needs_captures, pytest.mark.captures, pytest.mark.slow]
ROLL = {
    14: 0.269, 13: 0.277, 11: 0.284, 8: 0.311, 6: 0.369, 5: 0.401, 4: 0.469, 3: 0.789, 2: 1.638, 1: 2.842, 0: 11.202,
}  # fmt: skip
"""Cover of March 2026 by sessions to first notice (market.md 1.6)."""


@pytest.fixture(scope="module")
def home(season: House) -> Path:  # noqa: F811
    season.publish(NOW)
    return season.folders.home


def test_cover_of_march_2026_comes_out_of_the_surface_as_it_was(home: Path) -> None:
    frame = monitor.coverage("SI", month="2026-03", home=home)
    found = {row["sessions_to_fnd"]: row["raw_coverage"] for row in frame.iter_rows(named=True)}
    assert {t: round(found[t], 3) for t in ROLL} == ROLL
    assert frame["registered_published_at"].null_count() == frame["oi_published_at"].null_count() == 0


def test_at_noon_of_10_february_the_newest_final_cover_is_of_6_february(home: Path) -> None:
    last = monitor.coverage("SI", month="2026-03", known_at="2026-02-10T12:00", home=home).row(-1, named=True)
    assert (str(last["session"]), last["oi_status"], last["sessions_to_fnd"]) == ("2026-02-06", "final", 14)
    assert last["registered_oz"] == pytest.approx(102_256_628.854)
    now = monitor.query(
        "select open_interest, oi_status, round(raw_coverage, 4) as cover from coverage_now where contract = $contract",
        contract="SIH26", known_at="2026-02-10T12:00", home=home,
    )  # fmt: skip
    assert now.rows() == [(73_142, "preliminary", 0.2796)]


def test_the_saved_questions_give_the_same_figures(home: Path) -> None:
    generation = published.newest(home / "published")
    saved = queryfile.saved()["cover_by_distance"]
    rows = adhoc.run(generation, saved.sql, parameters=saved.values(["contract=SIH26"])).rows
    assert {row[0]: round(row[1], 3) for row in rows if row[0] in ROLL} == ROLL
    flows = queryfile.saved()["stock_flows"]
    told = adhoc.run(generation, flows.sql, parameters=flows.values(["since=2026-03-20"]))
    ((session, registered, *_),) = told.rows
    assert (session, registered) == ("2026-03-20", pytest.approx(79_199_547.639))
