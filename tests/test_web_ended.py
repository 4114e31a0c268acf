"""What has ended is never shown as fine on the page Now, nor an older reading in its place. Figures are invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor import checks, checktables, publish
from monitor.checks import Moment
from monitor.web import measures
from tests import facts, homes, pages
from tests.checks.comex import MARCH, Day, days, reports
from tests.test_web_now import CHECKS, made_up_alert, made_up_row, one, rows_of


def test_an_ended_month_with_a_reason_against_its_figure_is_left_out() -> None:
    """It reads clear so that its episode closes; its venue is neither fine nor unknown for it."""
    ended = made_up_row(
        check_name="coverage_projected", subject="SIH26", value=1.74, reason="less than 90 days are held"
    )
    assert measures.places([ended], CHECKS, ()) == ()
    assert one(ended, made_up_row()).counts == (("ok", 1),)


def test_what_ended_while_its_alert_is_open_is_shown_with_an_unknown_figure() -> None:
    """An episode closes sessions after its month has ended."""
    ended = made_up_row(value=1.74, reason="less than 90 days are held")
    lead = one(ended, alerts=(made_up_alert(),)).lead
    assert (lead.state, lead.said, lead.why) == ("warning", "unknown", "less than 90 days are held")


def shown_of_silver(folder: Path, check: str, told: Mapping[date, Day]) -> list[str]:
    """Rows of that check for silver at COMEX, on a page published when all these stock reports are public."""
    night = datetime.combine(max(told) + timedelta(days=2), datetime.min.time(), UTC)
    with homes.house(folder / "home", night) as opened:
        reports(opened, told)
        facts.interest(opened, "SI", MARCH, dict.fromkeys(told, 60_000))
        found = checks.evaluate(
            opened.store, [opened.checks[check], opened.checks["registered_drop_1d"]], Moment(night)
        )
        checktables.write(opened.store, opened.checks, found, night)
        publish.publish(opened.store, opened.folders.published, night)
    with pages.served(folder / "home", night) as client:
        rows = rows_of(client.get("/place?metal=silver&venue=COMEX").text, "measures")
    return [row for row in rows if CHECKS[check].title in row]


def test_the_projected_cover_of_march_is_unknown_before_its_end_and_gone_after_it(tmp_path: Path) -> None:
    """Two months of open interest are held; the check ends six sessions before first notice, on 20 February."""
    told = dict.fromkeys(days("2026-01-05", "2026-02-20"), Day())
    *held, _ = told
    (before,) = shown_of_silver(tmp_path / "a", "coverage_projected", dict.fromkeys(held, Day()))
    assert "unknown" in before
    assert "less than 90 days of open interest are held" in before
    assert shown_of_silver(tmp_path / "b", "coverage_projected", told) == []


def test_an_older_reading_never_stands_in_for_one_that_has_ended(tmp_path: Path) -> None:
    """Registered fell for weeks, then rose above its level of 20 sessions before: nothing runs out."""
    falling = dict.fromkeys(days("2026-01-05", "2026-02-19"), Day(moved=1e6))
    (row,) = shown_of_silver(tmp_path / "a", "runway", falling)
    assert "unknown" not in row
    assert shown_of_silver(tmp_path / "b", "runway", falling | {date(2026, 2, 20): Day(moved=-40e6)}) == []
