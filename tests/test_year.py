"""A made-up year through judge, ledger, outbox and a real mail server, judged from the mails that arrived.

The judgement is a naive second account. `make soak` plays the whole year with 30 checks; here it is ten weeks of eight.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.model import Policy
from tests.mailserver import MailServer
from tests.year import script, verdict
from tests.year.desk import CRITICAL, EVERYTHING, Played, play
from tests.year.mails import Line, lines
from tests.year.script import Arrival, Key, Script
from tests.year.sights import Sight, sights, was_critical
from tests.year.verdict import Arrived, Verdicts

pytestmark = pytest.mark.slow
IS_WHOLE = int(os.environ.get("BULLION_SOAK", "1")) >= 20
DAYS, CHECKS, RESTARTS = (365, 30, 50) if IS_WHOLE else (80, 10, 3)
SEED = int(os.environ.get("BULLION_SEED", "0")) or 16


@dataclass(frozen=True)
class Year:
    script: Script
    played: Played
    arrived: list[Arrived]
    """Every mail the server took, second copies included."""
    lost_replies: int
    seen: Mapping[Key, list[Sight]]

    def judged(self, arrived: Sequence[Arrived]) -> Verdicts:
        """What is wrong with these mails, in whatever order they are given."""
        return verdict.judge(self.script, self.seen, sorted(arrived, key=lambda mail: mail.at))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """Every fifth day one reply of the mail server is lost after it took the mail."""
    written = script.write(SEED, date(2025, 1, 6), DAYS, checks=CHECKS)
    arrived: list[Arrived] = []
    lost = 0
    with MailServer() as post:

        def after(now: datetime) -> None:
            nonlocal lost
            arrived.extend(
                Arrived(now, mail.recipients[0], mail.message_id, tuple(lines(mail.message)))
                for mail in post.mails[len(arrived) :]
            )
            if now.hour == 0 and now.day % 5 == 0 and not post.script.lose_replies:
                post.script.lose_replies, lost = 1, lost + 1

        played = play(written, tmp_path_factory.mktemp("year"), post.settings(), after=after)
        lost -= post.script.lose_replies
    return Year(written, played, arrived, lost, sights(written))


def test_nothing_is_lost_nothing_resolved_falsely_nothing_said_twice_and_nobody_is_stormed(year: Year) -> None:
    assert year.judged(year.arrived).every == [], f"seed {SEED}"
    assert set(year.played.states) <= {"SENT", "MERGED"}


def test_restarts_while_something_fires_send_nothing(year: Year) -> None:
    assert year.played.restarts >= RESTARTS
    assert year.played.told_by_restarts == 0


def test_a_mail_comes_twice_only_where_the_reply_was_lost_and_under_the_same_identity(year: Year) -> None:
    copies = Counter(mail.message_id for mail in year.arrived)
    assert sum(n - 1 for n in copies.values()) == year.lost_replies > 0
    assert len({(mail.message_id, mail.lines) for mail in year.arrived}) == len(copies)


def test_the_script_has_everything_in_it(year: Year) -> None:
    """Otherwise the year would prove nothing."""
    said = Counter(line.what for mail in year.arrived for line in mail.lines if mail.recipient == EVERYTHING)
    assert set(said) >= {"opened", "escalated", "repeat", "cleared", "retracted", "missed"}
    letters = [arrival.letter for arrival in year.script.arrivals]
    assert set(letters) == set("CbWX.")
    versions = Counter((arrival.key, arrival.session) for arrival in year.script.arrivals)
    assert max(versions.values()) >= 3
    assert len(year.script.post_down) == len(year.script.desk_down) >= 1
    assert len(year.arrived) > 30


# --- the verdict itself can find fault ------------------------------------------------------------


def test_a_mail_that_did_not_come_is_noticed(year: Year) -> None:
    """Each that says that something opened, taken away alone."""
    openings = [mail for mail in year.arrived if mail.recipient == EVERYTHING and mail.lines[0].what == "opened"]
    for gone in openings[:10]:
        left = [mail for mail in year.arrived if mail.message_id != gone.message_id]
        assert year.judged(left).every, gone


def test_an_end_that_did_not_come_is_noticed(year: Year) -> None:
    ends = [mail for mail in year.arrived if [line.what for line in mail.lines] == ["cleared"]]
    for gone in ends[:10]:
        left = [mail for mail in year.arrived if mail.message_id != gone.message_id]
        found = year.judged(left)
        assert found.lost or found.unfounded or found.twice, gone


def test_an_end_that_no_reading_gives_is_noticed(year: Year) -> None:
    """Each opening followed by a mail that says a day later that it is over."""
    openings = [mail for mail in year.arrived if [line.what for line in mail.lines] == ["opened"]]
    for mail in openings[:10]:
        (line,) = mail.lines
        end = replace(line, what="cleared", closed=line.opened + timedelta(days=1))
        false = Arrived(mail.at + timedelta(hours=2), mail.recipient, "<false@x>", (end,))
        assert year.judged([*year.arrived, false]).false_resolves, mail


def test_a_mail_taken_back_that_no_revision_takes_back_is_noticed(year: Year) -> None:
    """Each opening followed by a mail that says two hours later that it does not hold."""
    openings = [mail for mail in year.arrived if [line.what for line in mail.lines] == ["opened"]]
    for mail in openings[:10]:
        (line,) = mail.lines
        back = Arrived(mail.at + timedelta(hours=2), mail.recipient, "<false@x>", (replace(line, what="retracted"),))
        found = year.judged([*year.arrived, back]).false_resolves
        assert any("always said so" in one for one in found), mail


def test_a_severity_that_no_reading_gives_is_noticed(year: Year) -> None:
    """Each warning that never became worse, told as critical."""
    mild = [mail for mail in year.arrived if len(mail.lines) == 1 and _is_mild(year, mail.lines[0])]
    assert mild
    for mail in mild[:10]:
        others = [one for one in year.arrived if one.message_id != mail.message_id]
        loud = replace(mail, lines=(replace(mail.lines[0], is_critical=True),))
        assert any("that bad" in one for one in year.judged([*others, loud]).unfounded), mail


def _is_mild(year: Year, line: Line) -> bool:
    """Whether it tells an opening of what no reading called critical, then or later."""
    return line.what == "opened" and not any(was_critical(sight, line.opened) for sight in year.seen[line.key])


@pytest.mark.parametrize(("comes", "is_lost"), [("", False), ("W", False), ("C", True)])
def test_a_story_is_believed_open_for_as_long_as_a_missing_reading_could_make_it(comes: str, is_lost: bool) -> None:
    """Two breaches of three opened it, the first is revised to clear; the session between has no reading so far."""
    key, start = ("check_0", "SHFE silver"), datetime(2025, 1, 6, tzinfo=UTC)
    days = [start + timedelta(days=number) for number in range(14)]
    arrivals = [Arrival(day, key, day.date(), letter) for day, letter in zip(days, "CCCW.W", strict=False)]
    arrivals.append(Arrival(days[7], key, days[3].date(), "C"))
    if comes:
        arrivals.append(Arrival(days[8], key, days[4].date(), comes))
    written = Script(start, days[-1], {key: Policy(2, 3, 3)}, tuple(arrivals), frozenset(), (), ())
    opened = Arrived(days[5], EVERYTHING, "<opened@x>", (Line(key, "opened", days[5].date()),))
    found = verdict.judge(written, sights(written), [opened])
    assert (bool(found.lost), [*found.false_resolves, *found.unfounded, *found.twice]) == (is_lost, [])


def test_the_same_news_in_two_messages_is_noticed(year: Year) -> None:
    mail = next(m for m in year.arrived if m.recipient == EVERYTHING and m.lines[0].what == "opened")
    again = replace(mail, message_id="<another@x>", at=mail.at + timedelta(hours=1))
    assert year.judged([*year.arrived, again]).twice


def test_a_fifth_mail_of_a_day_is_noticed(year: Year) -> None:
    mail = next(m for m in year.arrived if m.recipient == CRITICAL)
    more = [replace(mail, message_id=f"<{number}@x>", lines=()) for number in range(4)]
    assert year.judged([*year.arrived, *more]).storms
