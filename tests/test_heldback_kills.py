"""kill -9 between every two steps of a memo that tells what a day's limit held back: told once, never lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.asker import utc
from tests.exchange_town import Town
from tests.mailserver import MailServer
from tests.test_kills import DAY, Story, furnished, town

__all__ = ["town"]
SPAN = (DAY[0], utc("2026-03-12 10:20").isoformat())
"""With one mail a day: SHFE's warrants have it on 11 March, the ECB's late report waits for the memo of that night."""
IN_TURN = {
    "the change is held back, no memo written": "queued:3",
    "the memo is written, in no file yet": "written:1",
    "what was held back has given way, nothing is committed": "replaced:1",
    "the memo is queued, not sent": "queued:1",
    "the server has taken the memo, not recorded": "sent:1",
}
"""One behind the other, each life counting its own steps."""


def play(folder: Path, town: Town, post: MailServer) -> Story:
    return replace(furnished(folder / "home", town, post, *SPAN), a_day="1")


@pytest.fixture(scope="module")
def unkilled(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with MailServer() as post:
        story = play(tmp_path_factory.mktemp("unkilled"), town, post)
        assert story.live() == 0
        yield story


def told_in(story: Story) -> Counter[tuple[str, str, str]]:
    """(check, event, kind of letter) of everything in a letter that was sent."""
    sent = story.rows("select kind, events from outbox where state = 'SENT'")
    return Counter((told["check"], told["event"], kind) for kind, events in sent for told in json.loads(events))


@pytest.mark.slow
def test_the_unkilled_memo_tells_what_was_held_back_and_no_other_letter_does(unkilled: Story) -> None:
    told = told_in(unkilled)
    assert {kind for check, event, kind in told if (check, event) == ("source_stale", "firing")} >= {"memo"}
    assert told["shfe_warrant_drop", "firing", "alert"] == 1
    assert sum(told.values()) == len(unkilled.events())
    assert {state for (state,) in unkilled.rows("select state from outbox")} == {"SENT", "MERGED"}


@pytest.mark.slow
def test_killed_at_every_step_of_the_memo_what_was_held_back_is_told_in_one_letter(
    tmp_path: Path, town: Town, unkilled: Story
) -> None:
    with MailServer() as post:
        story = play(tmp_path, town, post)
        for step, die in IN_TURN.items():
            assert story.live(die=die) == -9, f"it never got as far as this: {step}"
        assert story.live() == 0
        assert story.events() == unkilled.events()
        assert story.facts() == unkilled.facts()
        assert told_in(story) == told_in(unkilled)
        arrived = Counter(mail.message_id for mail in post.mails)
        assert set(arrived) == {mail.message_id for mail in unkilled.post.mails}
        assert sum(arrived.values()) - len(arrived) == 1  # the memo the server had when it died
        assert story.troubles == []
