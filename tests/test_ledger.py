"""The ledger keeps what people were told, whatever happens to the process; real SQLite files throughout."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType

import pytest

from alerts import audit
from alerts.ledger import Ledger
from alerts.ledger_db import MIGRATIONS, Database
from alerts.letters import Letter, message_id, pack, unpack
from monitor.errors import Busy, Unreadable
from monitor.judge import fold
from monitor.model import Event, Notice, Policy, Reading, Severity, Transition, Verdict
from monitor.telling import Difference, Told, difference
from tests.ledger_worker import RECIPIENTS, change_of, letters_of
from tests.oracle import day, readings

NOW = datetime(2026, 3, 2, 22, 0, 0, 123456, tzinfo=UTC)
KEY = ("made_up", "silver")
POLICY = Policy(enter_n=2, enter_m=2, leave=3)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FULL_NOTICE = Notice(
    message_id="<abc@bullion.test>",
    recipient="desk@localhost",
    channel="email",
    subject="Delivery cover — 1.2",
    text="text\n",
    html="<p>é</p>",
    references=("<root@bullion.test>",),
    images=(("chart", b"\x89PNG\x00\xff"),),
    headers=(("List-Id", "alerts"),),
)


def middle() -> float:
    """A draw that leaves the wait as it is."""
    return 0.5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "alerts.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger(path) as opened:
        yield opened


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows as another program reads them."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def spoil(path: Path, *statements: str) -> None:
    """Edit the file behind the ledger's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def say(ledger: Ledger, verdicts: str, at: datetime = NOW) -> Difference:
    """One batch over these readings: what is new is recorded, with a letter to each recipient."""
    told = ledger.told().get(KEY)
    said = difference(told, fold(readings(verdicts), POLICY), POLICY, now=at)
    letters = [letter for change in said.changes for letter in letters_of(change)]
    silent = [(said.told, episode) for episode in said.silent]
    ledger.record(said.changes, letters, [said.told], at, silent=silent)
    return said


def queued(ledger: Ledger, recipient: str = "desk@localhost", channel: str = "email", at: datetime = NOW) -> Notice:
    """One letter in the outbox, about a key of its own."""
    seq = len(ledger.outbox.delivery_rows()) + 1
    notice = replace(
        FULL_NOTICE,
        message_id=message_id([(*KEY, str(seq))], recipient, "bullion.test"),
        recipient=recipient,
        channel=channel,
    )
    said = Transition("made_up", f"subject {seq}", Event.FIRING, Severity.WARNING, day(1), day(1))
    ledger.record([], [Letter(notice, (said,))], [], at)
    return notice


def states(ledger: Ledger) -> list[str]:
    """The state of every row of the outbox."""
    return [row["state"] for row in ledger.outbox.delivery_rows()]


class TestToldState:
    def test_it_comes_back_as_it_was_stored(self, ledger: Ledger, path: Path) -> None:
        said = say(ledger, "CWX")
        with Ledger(path, guest=True) as other:
            (told,) = other.told().values()
        assert replace(told, root_message_id="") == said.told
        assert told.told_at == NOW

    def test_a_check_is_known_once_one_of_its_keys_was_evaluated(self, ledger: Ledger) -> None:
        assert ledger.checks_known() == set()
        say(ledger, "CCC")
        assert ledger.checks_known() == {"made_up"}

    def test_the_first_message_of_a_story_is_its_root_until_it_closes(self, ledger: Ledger) -> None:
        say(ledger, "CWW")
        root = ledger.told()[KEY].root_message_id
        say(ledger, "CWWX")
        assert (root, ledger.told()[KEY].root_message_id) == (
            message_id([(*KEY, "1")], RECIPIENTS[0], "bullion.test"),
            root,
        )
        say(ledger, "CWWXCCC")
        assert ledger.told()[KEY].root_message_id == ""

    def test_recording_the_same_batch_again_changes_nothing(self, ledger: Ledger, path: Path) -> None:
        said = say(ledger, "WWCCCCCCCCCCWW")
        before = query(path, "select * from audit"), query(path, "select * from outbox"), ledger.told()
        letters = [letter for change in said.changes for letter in letters_of(change)]
        silent = [(said.told, episode) for episode in said.silent]
        assert ledger.record(said.changes, letters, [said.told], NOW + HOUR, silent=silent) == 0
        assert (query(path, "select * from audit"), query(path, "select * from outbox"), ledger.told()) == before

    def test_an_older_told_state_does_not_overwrite_a_newer_one(self, ledger: Ledger) -> None:
        say(ledger, "CWW")
        newer = say(ledger, "CWWX")
        ledger.record([], [], [replace(newer.told, seq=1, severity=Severity.WARNING)], NOW)
        assert ledger.told()[KEY].severity is Severity.CRITICAL

    def test_a_batch_that_fails_half_way_leaves_nothing(self, ledger: Ledger, path: Path) -> None:
        """The last letter cannot be stored: no state, no event, no other letter, no audit row."""
        change = change_of(Told(*KEY))
        first, second = letters_of(change)
        broken = replace(second, notice=replace(second.notice, images=(("chart", "no bytes"),)))  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            ledger.record([change], [first, broken], [change.told], NOW)
        counts = [query(path, f"select count(*) from {table}")[0][0] for table in ("told", "events", "outbox", "audit")]
        assert counts == [0, 0, 0, 0]
        say(ledger, "CWW")
        assert len(ledger.told()) == 1

    def test_a_moment_without_a_time_zone_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            queued(ledger, at=datetime(2026, 3, 2))  # noqa: DTZ001  (that is the point)


class TestMessageIds:
    def test_the_same_message_has_the_same_name_whatever_the_order_of_its_keys(self) -> None:
        keys = [("a", "b"), ("c", "d")]
        assert message_id(keys, "x@y", "h") == message_id(reversed(keys), "x@y", "h")

    def test_keys_number_and_recipient_each_make_another_name(self) -> None:
        names = {
            message_id([("a", "bc", "1")], "x@y", "h"),
            message_id([("ab", "c", "1")], "x@y", "h"),
            message_id([("a", "bc", "2")], "x@y", "h"),
            message_id([("a", "bc", "1")], "z@y", "h"),
        }
        assert len(names) == 4

    def test_it_is_24_hexadecimal_digits_at_the_host(self) -> None:
        name = message_id([(*KEY, "1")], "x@y", "bullion.test")
        assert (len(name), name[-14:]) == (39, "@bullion.test>")


class TestOutbox:
    def test_a_notice_comes_out_as_it_went_in(self, ledger: Ledger) -> None:
        notice = queued(ledger)
        (delivery,) = ledger.outbox.claim(NOW)
        assert (delivery.notice, delivery.attempts, delivery.queued_at) == (notice, 1, NOW)
        assert unpack(pack(FULL_NOTICE)) == FULL_NOTICE

    def test_what_is_claimed_is_not_claimed_again(self, ledger: Ledger) -> None:
        queued(ledger)
        assert [len(ledger.outbox.claim(NOW)) for _ in range(2)] == [1, 0]

    def test_rows_are_claimed_oldest_first_up_to_the_limit(self, ledger: Ledger) -> None:
        notices = [queued(ledger) for _ in range(3)]
        assert [d.notice for d in ledger.outbox.claim(NOW, 2)] == notices[:2]

    def test_a_sent_row_stays_sent(self, ledger: Ledger) -> None:
        queued(ledger)
        (delivery,) = ledger.outbox.claim(NOW)
        ledger.outbox.sent(delivery.id, NOW, "250 queued")
        ledger.outbox.dead(delivery.id, NOW, "too late to say so")
        assert ledger.outbox.retry(delivery.id, NOW, "too late to say so", middle) == "SENT"
        assert states(ledger) == ["SENT"]

    def test_the_waits_double_from_a_minute_to_an_hour(self, ledger: Ledger) -> None:
        queued(ledger)
        now, waits = NOW, []
        for _ in range(8):
            (delivery,) = ledger.outbox.claim(now)
            ledger.outbox.retry(delivery.id, now, "451 later", middle, "rcpt")
            waited = next(m for m in range(1, 200) if ledger_due(ledger, now + m * MINUTE))
            waits.append(waited)
            now += waited * MINUTE
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60]

    @pytest.mark.parametrize(("drawn", "seconds"), [(0.0, 48), (0.5, 60), (1.0, 72)])
    def test_a_wait_is_up_to_a_fifth_shorter_or_longer(self, ledger: Ledger, drawn: float, seconds: int) -> None:
        queued(ledger)
        (delivery,) = ledger.outbox.claim(NOW)
        ledger.outbox.retry(delivery.id, NOW, "451 later", lambda: drawn)
        (row,) = ledger.outbox.delivery_rows()
        assert row["next_at"] == NOW.replace(tzinfo=None) + timedelta(seconds=seconds)

    @pytest.mark.parametrize(("hours", "state"), [(71.9, "QUEUED"), (72, "DEAD")])
    def test_a_row_dies_three_days_after_it_was_queued(self, ledger: Ledger, hours: float, state: str) -> None:
        queued(ledger)
        later = NOW + timedelta(hours=hours)
        (delivery,) = ledger.outbox.claim(later)
        assert ledger.outbox.retry(delivery.id, later, "451 later", middle) == state
        assert states(ledger) == [state]

    def test_a_dead_row_is_not_tried_again(self, ledger: Ledger) -> None:
        queued(ledger)
        (delivery,) = ledger.outbox.claim(NOW)
        ledger.outbox.dead(delivery.id, NOW, "550 no such user", "rcpt")
        assert ledger.outbox.claim(NOW + 100 * HOUR) == []

    def test_what_was_being_sent_when_the_process_died_is_sent_again_under_the_same_name(
        self, ledger: Ledger, path: Path
    ) -> None:
        queued(ledger)
        (before,) = ledger.outbox.claim(NOW)
        ledger.close()
        with Ledger(path) as reopened:
            (after,) = reopened.outbox.claim(NOW)
        assert after.notice == before.notice

    def test_a_guest_leaves_alone_what_is_being_sent(self, ledger: Ledger, path: Path) -> None:
        queued(ledger)
        ledger.outbox.claim(NOW)
        with Ledger(path, guest=True):
            assert states(ledger) == ["SENDING"]

    def test_a_row_the_outbox_does_not_have_is_an_error(self, ledger: Ledger) -> None:
        with pytest.raises(LookupError, match="no row 7"):
            ledger.outbox.sent(7, NOW)

    def test_the_summary_counts_rows_and_finds_the_oldest_that_has_not_left(self, ledger: Ledger) -> None:
        for minutes in (0, 5, 10):
            queued(ledger, at=NOW + minutes * MINUTE)
        first, second = ledger.outbox.claim(NOW + HOUR, 2)
        ledger.outbox.sent(first.id, NOW + HOUR)
        ledger.outbox.retry(second.id, NOW + HOUR, "451 later", middle)
        summary = ledger.outbox.summary()
        assert (summary.counts, summary.oldest) == ({"QUEUED": 2, "SENT": 1}, NOW + 5 * MINUTE)

    def test_two_threads_never_claim_the_same_row(self, ledger: Ledger) -> None:
        for _ in range(30):
            queued(ledger)
        claimed: list[int] = []
        together = threading.Barrier(2)

        def claim_all() -> None:
            together.wait()
            while rows := ledger.outbox.claim(NOW, 1):
                claimed.append(rows[0].id)

        threads = [threading.Thread(target=claim_all) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(claimed) == list(range(1, 31))


def ledger_due(ledger: Ledger, at: datetime) -> bool:
    """Whether a row could be claimed at that moment."""
    return any(row["next_at"] <= at.replace(tzinfo=None) for row in ledger.outbox.delivery_rows())


class TestAPausedChannel:
    def test_nothing_of_it_is_claimed_until_its_probe_is_due_and_others_go_on(self, ledger: Ledger) -> None:
        queued(ledger)
        other = queued(ledger, channel="file")
        ledger.outbox.pause("email", NOW + 15 * MINUTE, NOW, "535 bad password")
        assert [d.notice for d in ledger.outbox.claim(NOW + 14 * MINUTE)] == [other]
        assert ledger.outbox.summary().paused == {"email": NOW + 15 * MINUTE}

    def test_it_is_tried_with_a_single_message(self, ledger: Ledger) -> None:
        for _ in range(3):
            queued(ledger)
        ledger.outbox.pause("email", NOW + 15 * MINUTE, NOW)
        tried = [len(ledger.outbox.claim(NOW + 15 * MINUTE)) for _ in range(2)]
        assert tried == [1, 0]

    def test_what_was_being_sent_waits_as_if_never_tried(self, ledger: Ledger) -> None:
        queued(ledger)
        ledger.outbox.claim(NOW)
        ledger.outbox.pause("email", NOW + 15 * MINUTE, NOW)
        (delivery,) = ledger.outbox.claim(NOW + 15 * MINUTE)
        assert delivery.attempts == 1

    def test_one_success_sends_everything_on_its_way(self, ledger: Ledger) -> None:
        for _ in range(3):
            queued(ledger)
        ledger.outbox.pause("email", NOW + 15 * MINUTE, NOW)
        (probe,) = ledger.outbox.claim(NOW + 15 * MINUTE)
        ledger.outbox.sent(probe.id, NOW + 15 * MINUTE)
        assert len(ledger.outbox.claim(NOW + 15 * MINUTE)) == 2

    def test_nothing_dies_of_a_pause_however_long(self, ledger: Ledger) -> None:
        """Four days of refused passwords; then the password is mended and the server says "later" once."""
        queued(ledger)
        queued(ledger)
        ledger.outbox.pause("email", NOW + 96 * HOUR, NOW)
        (probe,) = ledger.outbox.claim(NOW + 96 * HOUR)
        assert ledger.outbox.retry(probe.id, NOW + 96 * HOUR, "421 later", middle, "rcpt") == "QUEUED"
        (probe,) = ledger.outbox.claim(NOW + 97 * HOUR)
        ledger.outbox.sent(probe.id, NOW + 97 * HOUR)
        (rest,) = ledger.outbox.claim(NOW + 97 * HOUR)
        assert ledger.outbox.retry(rest.id, NOW + 97 * HOUR, "451 later", middle, "rcpt") == "QUEUED"
        assert rest.attempts + probe.attempts == 3

    def test_a_success_brings_forward_what_could_not_connect_but_not_who_was_told_later(self, ledger: Ledger) -> None:
        for recipient in ("a@localhost", "b@localhost", "c@localhost"):
            queued(ledger, recipient)
        offline, later, third = ledger.outbox.claim(NOW)
        ledger.outbox.retry(offline.id, NOW, "no route", middle, "connect")
        ledger.outbox.retry(later.id, NOW, "451 later", middle, "rcpt")
        ledger.outbox.sent(third.id, NOW)
        assert [d.id for d in ledger.outbox.claim(NOW)] == [offline.id]


class TestMerging:
    def test_a_letter_replaces_what_has_not_left(self, ledger: Ledger) -> None:
        say(ledger, "CWW")
        (waiting,) = ledger.outbox.waiting(RECIPIENTS[0])
        change = change_of(ledger.told()[KEY])
        letter = replace(letters_of(change)[0], replaces=(waiting.id,))
        ledger.record([change], [letter], [change.told], NOW + MINUTE)
        assert states(ledger) == ["MERGED", "QUEUED", "QUEUED"]
        assert [d.notice for d in ledger.outbox.waiting(RECIPIENTS[0])] == [letter.notice]

    def test_what_is_being_sent_is_not_replaced(self, ledger: Ledger) -> None:
        say(ledger, "CWW")
        (sending,) = ledger.outbox.claim(NOW, 1)
        change = change_of(ledger.told()[KEY])
        letter = replace(letters_of(change)[0], replaces=(sending.id,))
        ledger.record([change], [letter], [change.told], NOW)
        assert states(ledger) == ["SENDING", "QUEUED", "QUEUED"]


class TestThreads:
    def test_a_recipient_has_the_messages_of_a_story_root_first(self, ledger: Ledger) -> None:
        for verdicts in ("CWW", "CWWX", "CWWXCCC"):
            say(ledger, verdicts)
        expected = tuple(message_id([(*KEY, str(seq))], RECIPIENTS[1], "bullion.test") for seq in (1, 2, 3))
        assert ledger.outbox.thread(*KEY, day(2), RECIPIENTS[1]) == expected
        assert ledger.outbox.thread(*KEY, day(9), RECIPIENTS[1]) == ()


class TestAcknowledgements:
    def test_an_open_story_is_acknowledged_until_it_closes(self, ledger: Ledger) -> None:
        say(ledger, "CWX")
        ledger.ack(*KEY, day(2), "mary", NOW)
        assert ledger.acked() == {KEY: NOW.date()}
        say(ledger, "CWXCCC")
        assert ledger.acked() == {}

    def test_an_escalation_ends_it(self, ledger: Ledger) -> None:
        say(ledger, "CWW")
        ledger.ack(*KEY, day(2), "mary", NOW)
        say(ledger, "CWWX")
        assert ledger.acked() == {}

    def test_it_does_not_reach_the_next_story(self, ledger: Ledger) -> None:
        say(ledger, "WX")
        ledger.ack(*KEY, day(1), "mary", NOW)
        say(ledger, "WXCCCWX")
        assert ledger.acked() == {}

    @pytest.mark.parametrize("opened", [day(1), day(3)])
    def test_only_an_open_story_can_be_acknowledged(self, ledger: Ledger, opened: date) -> None:
        say(ledger, "CWW")
        with pytest.raises(LookupError, match="no open alert of made_up for silver"):
            ledger.ack(*KEY, opened, "mary", NOW)


class TestSilences:
    def test_it_is_in_force_from_its_start_until_before_its_end(self, ledger: Ledger) -> None:
        ledger.silence({"check": "made_up"}, "mary", "move of a vault", NOW, NOW + HOUR, NOW)
        moments = (NOW - MINUTE, NOW, NOW + 59 * MINUTE, NOW + HOUR)
        assert [len(ledger.silences(at)) for at in moments] == [0, 1, 1, 0]

    @pytest.mark.parametrize(
        ("matcher", "held"),
        [
            ({"check": "made_up"}, True),
            ({"check": "made_up", "subject": "silver", "severity": "warning"}, True),
            ({"subject": "gold"}, False),
            ({"check": "made_up", "severity": "critical"}, False),
            ({"metal": "Silver"}, True),
            ({"metal": "silver", "venue": "COMEX"}, False),
        ],
    )
    def test_it_holds_back_what_equals_everything_it_names(
        self, ledger: Ledger, matcher: dict[str, str], held: bool
    ) -> None:
        ledger.silence(matcher, "mary", "move of a vault", NOW, NOW + HOUR, NOW)
        (silence,) = ledger.silences(NOW)
        assert silence.matches(Transition(*KEY, Event.FIRING, Severity.WARNING, day(1), day(1))) is held

    @pytest.mark.parametrize(
        ("matcher", "author", "reason", "length", "complaint"),
        [
            ({}, "mary", "because", HOUR, "names some of"),
            ({"colour": "silver"}, "mary", "because", HOUR, "names some of"),
            ({"check": " "}, "mary", "because", HOUR, "names some of"),
            ({"check": "a"}, " ", "because", HOUR, "author and a reason"),
            ({"check": "a"}, "mary", "", HOUR, "author and a reason"),
            ({"check": "a"}, "mary", "because", timedelta(0), "within 30 days"),
            ({"check": "a"}, "mary", "because", timedelta(days=30, seconds=1), "within 30 days"),
        ],
    )
    def test_one_that_says_too_little_or_lasts_too_long_is_refused(
        self, ledger: Ledger, matcher: dict[str, str], author: str, reason: str, length: timedelta, complaint: str
    ) -> None:
        with pytest.raises(ValueError, match=complaint):
            ledger.silence(matcher, author, reason, NOW, NOW + length, NOW)

    def test_one_ended_early_is_kept_with_who_ended_it_and_cannot_be_ended_again(self, ledger: Ledger) -> None:
        number = ledger.silence({"check": "made_up"}, "mary", "because", NOW, NOW + HOUR, NOW)
        ledger.unsilence(number, "bob", NOW + MINUTE)
        (kept,) = ledger.every_silence()
        assert (ledger.silences(NOW + MINUTE), kept.ends, kept.ended_by) == ([], NOW + MINUTE, "bob")
        with pytest.raises(LookupError, match="no silence 1 is in force"):
            ledger.unsilence(number, "bob", NOW + 2 * MINUTE)


class TestPublishedRows:
    def test_each_story_is_one_row_with_all_that_was_said_of_it(self, ledger: Ledger) -> None:
        for hours, verdicts in enumerate(("CWW", "CWWX", "CWWXCCC", "CWWXCCCWW")):
            say(ledger, verdicts, NOW + hours * HOUR)
        first, second = ledger.alert_rows()
        assert first == {
            "check_name": "made_up",
            "subject": "silver",
            "opened": day(2),
            "closed": day(6),
            "state": "closed",
            "severity": "critical",
            "told_at": (NOW + 2 * HOUR).replace(tzinfo=None),
            "events": "firing 2026-01-03; escalated 2026-01-04; recovered 2026-01-07",
        }
        assert (second["state"], second["opened"], second["closed"]) == ("open", day(8), None)

    def test_a_delivery_shows_neither_recipient_nor_body_nor_an_address_in_its_error(self, ledger: Ledger) -> None:
        queued(ledger, "mary@example.org")
        (delivery,) = ledger.outbox.claim(NOW)
        ledger.outbox.dead(delivery.id, NOW, "550 <mary@example.org> and bob@example.org: unknown", "rcpt")
        (row,) = ledger.outbox.delivery_rows()
        assert row["error"] == "550 <the recipient> and an address: unknown"
        assert row["events"] == "firing made_up subject 1"
        assert not any(private in str(row) for private in ("mary", "bob", FULL_NOTICE.html, FULL_NOTICE.subject))


class TestTheAudit:
    def test_it_holds_every_step_in_order(self, ledger: Ledger, path: Path) -> None:
        say(ledger, "CWX")
        ledger.ack(*KEY, day(2), "mary", NOW)
        ledger.silence({"check": "made_up"}, "mary", "because", NOW, NOW + HOUR, NOW)
        first, second = ledger.outbox.claim(NOW)
        ledger.outbox.retry(first.id, NOW, "451", middle)
        ledger.outbox.dead(second.id, NOW, "550")
        ledger.outbox.pause("email", NOW, NOW)
        (again,) = ledger.outbox.claim(NOW + HOUR)
        ledger.outbox.sent(again.id, NOW + HOUR, "250 ok")
        kinds = [kind for (kind,) in query(path, "select kind from audit order by seq")]
        assert kinds == ["transition", "queued", "queued", "ack", "silence", "retry", "dead", "paused", "sent"]
        assert ledger.verify_audit() is None

    def test_a_transition_is_kept_with_the_reading_it_stands_on(self, ledger: Ledger, path: Path) -> None:
        inputs = MappingProxyType({"registered": 102.5, "as_of": day(1), "published": NOW})
        reading = Reading("made_up", "silver", day(1), 0.28, Verdict.WARNING, warn=0.5, inputs=inputs)
        change = replace(change_of(Told(*KEY)), reading=reading)
        ledger.record([change], [], [change.told], NOW)
        ((body,),) = query(path, "select body from audit")
        for part in ('"value": 0.28', '"warn": 0.5', '"registered": 102.5', '"as_of": "2026-01-02"'):
            assert part in str(body)

    def test_an_episode_nobody_hears_of_is_in_it(self, ledger: Ledger, path: Path) -> None:
        say(ledger, "WWCCC" + "C" * 6)
        assert query(path, "select kind from audit") == [("silent",)]

    @pytest.mark.parametrize("statement", ["update audit set body = '{}' where seq = 2", "delete from audit"])
    def test_the_file_itself_refuses_to_change_it(self, ledger: Ledger, path: Path, statement: str) -> None:
        say(ledger, "CWX")
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            spoil(path, statement)

    @pytest.mark.parametrize(
        ("trigger", "statement", "broken"),
        [
            ("audit_is_not_edited", "update audit set body = '{}' where seq = 2", 2),
            ("audit_is_not_edited", "update audit set at = '2020' where seq = 3", 3),
            ("audit_is_not_cut", "delete from audit where seq = 2", 2),
        ],
    )
    def test_an_altered_row_is_found(
        self, ledger: Ledger, path: Path, trigger: str, statement: str, broken: int
    ) -> None:
        say(ledger, "CWX")
        spoil(path, f"drop trigger {trigger}", statement)
        assert ledger.verify_audit() == broken

    def test_a_row_altered_and_sealed_again_is_found_by_the_one_after_it(self, ledger: Ledger, path: Path) -> None:
        say(ledger, "CWX")
        ((at, kind, previous),) = query(path, "select at, kind, previous from audit where seq = 2")
        seal = audit._seal(2, str(at), str(kind), "{}", str(previous))
        edit = f"update audit set body = '{{}}', hash = '{seal}' where seq = 2"
        spoil(path, "drop trigger audit_is_not_edited", edit)
        assert ledger.verify_audit() == 3


class TestTheFile:
    def test_only_its_owner_may_read_it(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch(mode=0o644)
        with Ledger(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_it_is_made_private_before_anything_is_in_it(self, ledger: Ledger, path: Path) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_its_commits_are_the_safest_sqlite_has(self, ledger: Ledger) -> None:
        pragmas = [ledger._database.rows(f"pragma {name}")[0][0] for name in ("journal_mode", "synchronous")]
        assert pragmas == ["delete", 3]

    def test_opening_it_again_keeps_what_is_in_it(self, ledger: Ledger, path: Path) -> None:
        say(ledger, "CWX")
        told = ledger.told()
        ledger.close()
        with Ledger(path) as again:
            assert again.told() == told
        assert query(path, "select version from schema_version") == [(n + 1,) for n in range(len(MIGRATIONS))]

    def test_a_file_of_a_newer_version_is_refused(self, ledger: Ledger, path: Path) -> None:
        ledger.close()
        spoil(path, "insert into schema_version values (999)")
        with pytest.raises(Unreadable, match="run the newer version"):
            Ledger(path)

    def test_a_migration_that_fails_leaves_the_version_before(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("alerts.ledger_db.MIGRATIONS", (*MIGRATIONS, ("create table extra (x)", "no SQL at all")))
        with pytest.raises(sqlite3.OperationalError):
            Database(path)
        assert query(path, "select max(version) from schema_version") == [(len(MIGRATIONS),)]
        assert query(path, "select name from sqlite_master where name = 'extra'") == []

    def test_a_file_that_is_no_ledger_is_named(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"something else altogether" * 100)
        with pytest.raises(Unreadable, match="is no ledger of alerts"):
            Ledger(path)

    def test_a_ledger_another_process_holds_is_busy(self, ledger: Ledger, path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(Busy, match="another process is writing"):
                Database(path, patience=0)


@pytest.mark.slow
def test_killed_at_any_moment_the_ledger_is_whole(path: Path) -> None:
    """15 kills of a process that records and sends: no acknowledged record lost, none half there."""
    random, recorded, sent = Random(20260302), set[tuple[str, int]](), set[tuple[str, str]]()
    for _ in range(15 * int(os.environ.get("BULLION_SOAK", "1"))):
        lines = _run_and_kill(path, lines=random.randint(1, 12), then=random.uniform(0, 0.01))
        recorded |= {(parts[1].replace("_", " "), int(parts[2])) for parts in lines if parts[0] == "recorded"}
        sent |= {(parts[1], parts[2]) for parts in lines if parts[0] == "sent"}
        with Ledger(path) as ledger:
            told = {subject: state.seq for (_, subject), state in ledger.told().items()}
            assert ledger.verify_audit() is None
        events = query(path, "select subject, seq from events")
        assert recorded <= set(events)
        assert sorted(events) == sorted((subject, n + 1) for subject, seq in told.items() for n in range(seq))
        assert _count(path, "outbox") == len(RECIPIENTS) * len(events)
        assert _count(path, "audit where kind = 'transition'") == len(events)
        assert _count(path, "audit where kind = 'queued'") == _count(path, "outbox")
        assert _count(path, "outbox where state = 'SENDING'") == 0
        assert sent <= set(query(path, "select message_id, recipient from outbox where state = 'SENT'"))
        assert _count(path, "audit where kind = 'sent'") == _count(path, "outbox where state = 'SENT'")


def _run_and_kill(path: Path, lines: int, then: float) -> list[list[str]]:
    """Start the worker, kill it some seconds after so many lines, and answer every whole line it said."""
    command = [sys.executable, "-m", "tests.ledger_worker", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as worker:
        assert worker.stdout is not None
        said = [worker.stdout.readline() for _ in range(lines)]
        with suppress(subprocess.TimeoutExpired):
            worker.wait(timeout=then)
        worker.send_signal(signal.SIGKILL)
        said += worker.stdout.readlines()
    assert worker.returncode == -signal.SIGKILL
    return [line.decode().split() for line in said if line.endswith(b"\n")]


def _count(path: Path, rows: str) -> int:
    ((number,),) = query(path, f"select count(*) from {rows}")
    assert isinstance(number, int)
    return number
