"""kill -9 at random moments, and by hand between every two steps of the pipeline: nothing lost, nothing twice.

`make soak` kills 300 times over ten days, and at each boundary in a home of its own; here it is 15 times over six days,
and one home dies at every boundary in turn.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import secrets
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import selfwatch
from tests.asker import desk_settings, utc
from tests.exchange_town import Town
from tests.homes import contents, furnish, house
from tests.kill_child import OFF, SOURCES
from tests.mailserver import MailServer
from tests.publisher import Reply

IS_WHOLE = int(os.environ.get("BULLION_SOAK", "1")) >= 20
KILLS = 300 if IS_WHOLE else 15
SEED = int(os.environ.get("BULLION_SEED", "0")) or secrets.randbelow(10**6)
START, END = utc("2026-03-06 22:20"), utc("2026-03-16 22:20" if IS_WHOLE else "2026-03-12 22:20")
SURE = (END - timedelta(days=3)).isoformat()
"""Replies are lost before: a mail whose reply is lost at the very end would be sent again after it."""
MAILS, MEMOS = (6, 7) if IS_WHOLE else (4, 5)


@dataclass
class Story:
    """One home through all its lives: what the dead acknowledged, and what the mail server got."""

    home: Path
    town: Town
    post: MailServer
    said: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    lives: int = 0
    kills: int = 0
    at: str = START.isoformat()
    end: str = END.isoformat()
    troubles: list[str] = field(default_factory=list)
    is_over: bool = False
    a_day: str = ""
    """How many mails a day brings; '' for as many as is usual."""

    def live(self, kill: tuple[str, float] | None = None, die: str = "") -> int:
        """One life from where the last one was; its exit code.

        `kill` ends it so many seconds after it first said a word, `die` when it has said a word so many times.
        """
        child = subprocess.Popen(
            [
                sys.executable, "-W", "error", "-m", "tests.kill_child", str(self.home), self.town.base,
                str(self.post.port), self.post.ca_file, self.at, self.end,
            ],
            env={**os.environ, "BULLION_DIE": die, "BULLION_A_DAY": self.a_day},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.lives += 1
        if kill is not None:
            assert child.stdout is not None
            while (line := child.stdout.readline()) and not line.startswith(kill[0]):
                self._heed(*line.split())
            self._heed(*line.split())
            with suppress(subprocess.TimeoutExpired):
                child.wait(kill[1])
            self.kills += child.poll() is None
            child.kill()
        said, complaint = child.communicate(timeout=120)
        assert child.returncode in (0, -9), complaint
        # The child in which files are parsed outlives a kill for an instant, and finds nobody to answer.
        assert complaint == "" or (
            child.returncode == -9 and complaint.endswith("BrokenPipeError: [Errno 32] Broken pipe\n")
        )
        for line in said.splitlines():
            self._heed(*line.split())
        return child.returncode

    def _heed(self, word: str = "", name: str = "") -> None:
        if word == "step":
            self.at = name
        elif word == "end":
            self.is_over = True
        elif word == "trouble":
            self.troubles.append(name)
        elif word:
            self.said[word].add(name)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger."""
        with closing(sqlite3.connect(self.home / "alerts.sqlite")) as ledger:
            return ledger.execute(sql).fetchall()

    def events(self) -> list[tuple[Any, ...]]:
        """Everything people were told of the market and of reports, without the moment."""
        told = self.rows('select "check", subject, event, opened, severity, session, closed from events')
        return sorted(event for event in told if event[0] not in selfwatch.CHECKS)

    def facts(self) -> dict[str, list[tuple[Any, ...]]]:
        with house(self.home, END, **desk_settings(SOURCES, OFF).model_dump()) as opened:
            assert opened.archive.verify() == []
            assert opened.recovered == ""
            kept = {entry.sha256: opened.archive.read(entry.sha256).body for entry in opened.archive.entries()}
            assert all(hashlib.sha256(body).hexdigest() == sha for sha, body in kept.items())
            assert self.said["kept"] <= set(kept), "an acknowledged byte is gone"
            assert self.said["stored"] <= {sha for sha, _ in opened.store.loads()}, "an acknowledged file is gone"
            return contents(opened, stamps=False)


def furnished(
    home: Path, town: Town, post: MailServer, at: str = START.isoformat(), end: str = END.isoformat()
) -> Story:
    """A story whose first life finds an empty store; those of the random kills have to make theirs."""
    furnish(home)
    return Story(home, town, post, at=at, end=end)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """The ECB is late on 11 March, Shanghai's gold exchange on the 12th; SHFE's silver warrants fall."""
    with Town(date(2026, 2, 2), date(2026, 3, 31)) as opened:
        opened.public_from["ecb_fx", date(2026, 3, 11)] = utc("2026-03-11 23:30")
        opened.public_from["sge_quotes", date(2026, 3, 12)] = utc("2026-03-13 03:00")
        yield opened


@pytest.fixture(scope="module")
def unkilled(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with MailServer() as post:
        story = furnished(tmp_path_factory.mktemp("unkilled") / "home", town, post)
        assert story.live() == 0
        yield story


@pytest.mark.slow
def test_kill_9_at_random_moments_loses_no_byte_no_fact_and_no_mail(
    tmp_path: Path, town: Town, unkilled: Story
) -> None:
    """Homes are played to their end one after the other, each life but the last cut short, until there were enough."""
    print(f"seed {SEED}; BULLION_SEED={SEED} plays these kills again")
    rng = random.Random(SEED)
    wanted, told = unkilled.facts(), unkilled.events()
    kills = number = lives = twice = lost = 0
    while kills < KILLS:
        number += 1
        with MailServer() as post:
            story = Story(tmp_path / str(number), town, post)
            while not story.is_over:
                post.script.lose_replies = int(rng.random() < 0.2 and story.at < SURE)
                lost += post.script.lose_replies
                story.live(moment(rng) if kills + story.kills < KILLS else None)
            kills, lives = kills + story.kills, lives + story.lives
            assert story.troubles == []
            assert story.facts() == wanted, f"seed {SEED}, home {number}"
            assert story.events() == told, f"seed {SEED}, home {number}"
            twice += check_mails(story)
    assert twice <= kills + lost
    print(f"{kills} kills in {lives} lives of {number} homes; {twice} mails arrived twice")


def moment(rng: random.Random) -> tuple[str, float]:
    """When to kill: half the time while a letter is composed, queued or sent, else while opening or in a round."""
    word = rng.choice(("open", "step", "composed", "composed", "queued", "sent"))
    return word, rng.uniform(0.0, {"open": 0.6, "step": 0.9}.get(word, 0.03))


def check_mails(story: Story) -> int:
    """Every event is in one letter, every letter arrived, a second copy is the same but for its date; how many did."""
    letters = dict(story.rows("select message_id, state from outbox"))
    assert set(letters.values()) == {"SENT"}
    assert len(story.rows("select * from outbox")) == len(letters)
    told = Counter(story.rows('select "check", subject, opened from stories'))
    assert sum(told[key] for key in told if key[0] not in selfwatch.CHECKS) == len(story.events())
    arrived: dict[str, set[bytes]] = {}
    for mail in story.post.mails:
        undated = re.sub(rb"^Date: [^\r]+\r\n", b"", mail.body, count=1, flags=re.MULTILINE)
        arrived.setdefault(mail.message_id, set()).add(undated)
    assert set(arrived) == set(letters)
    assert story.said["sent"] <= set(arrived)
    assert {len(bodies) for bodies in arrived.values()} == {1}
    return len(story.post.mails) - len(arrived)


@pytest.mark.slow
def test_the_unkilled_story_has_something_to_lose(unkilled: Story) -> None:
    """Otherwise the comparison above would prove nothing."""
    assert {(check, event) for check, _, event, *_ in unkilled.events()} >= {
        ("source_stale", "firing"), ("source_stale", "recovered"), ("shfe_warrant_drop", "firing"),
    } | ({("shfe_warrant_drop", "escalated")} if IS_WHOLE else set())  # fmt: skip
    assert len(unkilled.post.mails) == MAILS + MEMOS  # a memo for each weekday
    assert len(unkilled.rows("select day from memos")) == MEMOS
    assert len(unkilled.said["kept"]) > 40
    assert check_mails(unkilled) == 0


# --- between every two steps -----------------------------------------------------------------------


DAY = (utc("2026-03-10 22:20").isoformat(), utc("2026-03-11 22:20").isoformat())
"""Five rounds: a catch-up, the session in which SHFE's warrants fall too far, a late report of the ECB."""
BOUNDARIES = {
    "bytes kept, nothing journaled": "kept:3",
    "journaled, not in the database": "journaled:3",
    "in the database, the answer not logged": "stored:3",
    "logged, nothing evaluated": "asked:5",
    "the last file of a round stored": "stored:25",
    "published for the first time, no letter yet": "published:1",
    "letters queued, not published": "queued:1",
    "published with letters queued, none sent": "published:3",
    "the mail taken by the server, not recorded": "sent:1",
    "the second mail taken, not recorded": "sent:2",
}


@pytest.fixture(scope="module")
def one_day(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with MailServer() as post:
        story = furnished(tmp_path_factory.mktemp("one_day") / "home", town, post, *DAY)
        assert (story.live(), len(post.mails)) == (0, 2 + 2)
        yield story


IN_TURN = (
    "kept:3", "journaled:3", "stored:3", "asked:5", "stored:15", "published:1", "queued:1", "published:1", "sent:1",
    "sent:2",
)  # fmt: skip
"""The same boundaries one behind the other."""


@pytest.mark.slow
def test_one_home_that_dies_at_every_step_in_turn_finishes_what_was_begun(
    tmp_path: Path, town: Town, one_day: Story
) -> None:
    """Each life takes up where the one before was cut short, so that its own steps are counted from there."""
    with MailServer() as post:
        story = furnished(tmp_path / "home", town, post, *DAY)
        for die in IN_TURN:
            assert story.live(die=die) == -9, f"it never got as far as {die}"
        assert story.live() == 0
        assert story.facts() == one_day.facts()
        assert story.events() == one_day.events()
        assert check_mails(story) == 2  # those the server had taken when it died


@pytest.mark.slow
@pytest.mark.skipif(not IS_WHOLE, reason="each boundary in a home of its own: make soak")
@pytest.mark.parametrize("die", BOUNDARIES.values(), ids=BOUNDARIES)
def test_killed_between_two_steps_it_finishes_what_was_begun(
    tmp_path: Path, town: Town, one_day: Story, die: str
) -> None:
    with MailServer() as post:
        story = furnished(tmp_path / "home", town, post, *DAY)
        assert story.live(die=die) == -9, f"it never got as far as {die}"
        assert story.live() == 0
        assert story.facts() == one_day.facts()
        assert story.events() == one_day.events()
        assert check_mails(story) == (1 if die.startswith("sent") else 0)
        assert {mail.message_id for mail in post.mails} == {mail.message_id for mail in one_day.post.mails}


@pytest.mark.slow
@pytest.mark.parametrize("die", ["kept:3", "journaled:3"])
def test_bytes_of_a_killed_daemon_are_loaded_though_the_publisher_has_them_no_more(
    tmp_path: Path, town: Town, die: str
) -> None:
    """An overwritten file that was kept and never read is not to be had again: the next start reads the archive."""
    with MailServer() as post:
        story = furnished(tmp_path / "home", town, post, DAY[0], DAY[0])
        assert story.live(die=die) == -9
        kept = set(story.said["kept"])
        assert len(kept) == 3 > len(story.said["stored"])
        town.rules["https://"] = Reply(b"all gone", status=404)
        try:
            assert story.live() == 0
        finally:
            town.rules.clear()
        assert story.said["kept"] == kept
        with house(story.home, END, **desk_settings(SOURCES, OFF).model_dump()) as opened:
            assert {sha for sha, _ in opened.store.loads()} == kept
            assert opened.resumed == []
