"""The outbox keeps every letter until it is sent or dead: states, pauses, merging, threads."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.ledger import Ledger
from alerts.letters import message_id, pack, unpack
from tests.ledger.saying import FULL_NOTICE, HOUR, KEY, MINUTE, NOW, middle, queued, say
from tests.ledger_worker import RECIPIENTS, change_of, letters_of
from tests.oracle import day


def states(ledger: Ledger) -> list[str]:
    """The state of every row of the outbox."""
    return [row["state"] for row in ledger.outbox.delivery_rows()]


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
