"""docs/replay.md is what a replay of the captured winter says, check by check, and holds what was promised of it."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.kept import Key
from tests import replay_page
from tests.captures import needs_captures
from tests.replay_page import PAGE, README, Season

pytestmark = [needs_captures, pytest.mark.captures, pytest.mark.slow]


@pytest.fixture(scope="module")
def season() -> Season:
    return replay_page.season()


def _rows(text: str) -> dict[str, str]:
    """Table rows of the page by their first cell; of what was told, by the whole row."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return {(line.split(" | ")[0] if line.startswith("| `") else line): line for line in lines}


def test_every_check_has_its_line_and_every_line_is_what_the_replay_says(season: Season) -> None:
    """Where this fails after a check was added or changed: `make replay-page`, and read the difference."""
    written, found = _rows(PAGE.read_text(encoding="utf-8")), _rows(replay_page.page(season))
    assert [line for line in found.values() if line not in written.values()] == []
    assert [line for line in written.values() if line not in found.values()] == []
    assert PAGE.read_text(encoding="utf-8") == replay_page.page(season)
    assert README.read_text(encoding="utf-8") == replay_page.within_readme(
        README.read_text(encoding="utf-8"), replay_page.summary(season)
    )
    assert season.trouble == []


def test_the_hard_test_of_a_shortfall_never_fires(season: Season) -> None:
    assert [told for told in season.replayed.episodes if told.check == "delivery_remaining"] == []
    assert _values(season, ("delivery_remaining", "SIH26"))


def test_silver_has_fewer_than_four_mails_in_every_month(season: Season) -> None:
    assert max(replay_page.mails_by_month(season.replayed, "silver")) < 4


def test_no_check_opens_twice_on_platinum_or_palladium(season: Season) -> None:
    assert max(replay_page.most_openings(season.replayed, metal) for metal in ("platinum", "palladium")) <= 1


def test_the_correction_of_6_january_is_told_in_the_memo_alone(season: Season) -> None:
    (told,) = [t for t in season.replayed.episodes if (t.check, t.subject) == ("stock_identity", "COMEX silver")]
    assert (told.opened, told.mails) == (date(2026, 1, 6), [])


def test_nothing_is_mailed_of_the_march_contract_before_its_first_notice(season: Season) -> None:
    """The day of the article, 10 February, among them."""
    about = [mail for mail in season.replayed.mails if any(subject == "SIH26" for _, subject in mail.keys)]
    assert min(mail.at.date() for mail in about) == date(2026, 3, 6)


def _values(season: Season, key: Key) -> list[float]:
    return [r.value for r in season.replayed.readings[key] if r.value is not None]
