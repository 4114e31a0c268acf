"""The memo on the captured COMEX files: the measured figures of February and March 2026 stand in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from alerts import digest
from alerts.memo import Figure, Memo
from monitor import memos
from monitor.checks import Moment
from monitor.house import House
from tests.captures import needs_captures
from tests.test_captured_comex import season  # noqa: F401 - the home is built once there

pytestmark = [needs_captures, pytest.mark.captures, pytest.mark.slow]


def memo_of(home: House, at: datetime, checks: Iterable[str] = ()) -> Memo:
    """The memo of a moment with these checks: its sections stand on none."""
    known = {name: home.checks[name] for name in checks}
    return memos.gather(home.store, known, Moment(at), Moment(memos.before(at, "daily")))


def figures(memo: Memo) -> dict[str, Figure]:
    return {figure.what: figure for section in memo.sections for figure in section.figures}


def test_at_noon_of_10_february_the_articles_coverage_stands_with_what_was_known_of_earlier_months(
    season: House,  # noqa: F811 - the fixture
) -> None:
    found = figures(memo_of(season, datetime(2026, 2, 10, 12, tzinfo=UTC)))
    coverage = found["SIH26 at T-13: registered over open claims"]
    assert coverage.value == pytest.approx(0.2796, abs=5e-5)
    assert coverage.note == "73142 lots preliminary, stocks of 2026-02-06: legs differ"
    assert coverage.typical == "no earlier month on file; published: May 2024 0.143 at T-6, May 2023 0.100 at T-6"
    assert found["SIH26: registered over those likely to stand"].reason.startswith("less than 90 days")


def test_the_memo_of_27_february_has_the_eve_of_first_notice(season: House) -> None:  # noqa: F811
    memo = memo_of(season, datetime(2026, 2, 28, tzinfo=UTC), checks=season.checks)
    found = figures(memo)
    assert found["Silver registered"].value == pytest.approx(88.42e6, abs=0.01e6)
    assert found["Silver registered and eligible, pace a session"].value == pytest.approx(-1.185e6, abs=1e3)
    assert found["SIH26 stood on first position day"].note == "preliminary"
    assert found["SIH26 at T-1: registered over open claims"].value == pytest.approx(2.85, abs=0.01)
    sheet = next(one.sheet for one in memo.sections if one.name == "10_comex_vaults")
    assert sheet is not None
    rows = {str(row[0]): row[1:4] for row in sheet.rows}
    assert rows["all"] == (1157.9, 1464.3, -1161.7)
    # besides what the stocks and notices say, the settlements and bulletins that the captures lack are overdue
    assert digest.subject(memo) == "[memo] 28 Feb 2026: 2 critical, 3 warnings open; 1 change"
    assert [turn.standing.subject for turn in memo.turns] == ["COMEX settlements"]


def test_the_memo_of_23_march_has_the_deliveries_of_the_month(season: House) -> None:  # noqa: F811
    found = figures(memo_of(season, datetime(2026, 3, 24, 23, tzinfo=UTC)))
    assert found["SIH26 delivered, month to date"].value == 8_834
    assert found["SIH26 net new since first position day"].value == 2_783
    assert found["SIH26 net new since first position day"].typical == "+45 % of those standing at first"
    assert found["SIH26 withdrawn from vaults since first notice"].typical == "70 % of what was delivered"


def test_a_memo_is_told_in_less_than_150_kb_and_no_bank_is_named(season: House) -> None:  # noqa: F811
    for days in range(0, 60, 18):
        memo = memo_of(season, datetime(2026, 1, 20, 23, tzinfo=UTC) + timedelta(days=days), checks=season.checks)
        text, page = digest.text(memo, "desk"), digest.page(memo, "desk")
        assert len(text.encode()) + len(page.encode()) < 105_000
        assert " BANK" not in text
        assert "MORGAN" not in text
