"""What the monitor says of itself: once, to those who can hear it, and over when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from alerts.channels import email
from alerts.silences import Silence
from monitor import selfwatch
from monitor.batch import Send, Teller
from monitor.house import House
from monitor.model import Verdict
from tests.homes import house, only
from tests.mailserver import MailServer, Script
from tests.test_batch import DAYS, warrants

NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GIB = 1 << 30


@contextmanager
def telling(folder: Path, post: MailServer, *, to: list[str]) -> Iterator[Teller]:
    """A home that mails by a real server, with nothing to say about metal."""
    mail = {"recipients": to, "channel": "email"}
    channels: dict[str, Send] = {"email": lambda notice, now: email.send(notice, post.settings(), now)}
    with house(folder, NOW, mail=mail, checks=only("front_back", "shfe_warrant_drop")) as opened:
        teller = Teller(opened, channels, host="desk.example.org")
        teller.turn(NOW)
        yield teller
        teller.close()


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer(tls="none") as server:
        yield server


def said(teller: Teller, now: datetime, *disk: selfwatch.Condition) -> list[tuple[str, str, str]]:
    """(event, check, subject) of what is new of the monitor itself; mails leave."""
    turn = teller.watch(now, disk)
    teller.deliver(now)
    return [(c.transition.event.value, c.transition.check, c.transition.subject) for c in turn.changes]


def subjects(post: MailServer) -> list[str]:
    return [f"{mail.recipients[0]}: {mail.message['Subject']}" for mail in post.mails]


def test_with_nothing_to_say_nothing_is_said(tmp_path: Path, post: MailServer) -> None:
    with telling(tmp_path, post, to=["a@example.org"]) as teller:
        assert [said(teller, NOW + hours * HOUR) for hours in range(30)] == [[]] * 30
    assert post.mails == []


def test_an_incident_is_one_mail_and_its_end_is_none(tmp_path: Path, post: MailServer) -> None:
    with telling(tmp_path, post, to=["a@example.org"]) as teller:
        teller.note("clock_jump", "clock", "it jumped by 400 s", NOW)
        assert said(teller, NOW) == [("firing", "clock_jump", "clock")]
        assert said(teller, NOW + HOUR) == []
        assert said(teller, NOW + DAY) == [("recovered", "clock_jump", "clock")]
        assert said(teller, NOW + 2 * DAY) == []
        teller.note("clock_jump", "clock", "it jumped by 900 s", NOW + 3 * DAY)
        assert said(teller, NOW + 3 * DAY) == [("firing", "clock_jump", "clock")]
    assert subjects(post) == ["a@example.org: [warning] Clock: the clock of this machine jumped"] * 2
    assert "it jumped by 400 s" in post.mails[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_database_made_again_is_told_once_however_often_the_daemon_starts(tmp_path: Path, post: MailServer) -> None:
    with telling(tmp_path, post, to=["a@example.org"]) as teller:
        teller.house.recovered = "its log was damaged; it was moved aside"
        assert said(teller, NOW) == [("firing", "store_recovered", "database")]
        again = Teller(teller.house, teller.channels, host="desk.example.org")
        again.house.recovered = ""
        assert said(again, NOW + HOUR) == []
        again.close()
    assert len(post.mails) == 1


def test_a_full_disk_is_told_before_it_is_full_and_over_when_there_is_room_again(
    tmp_path: Path, post: MailServer
) -> None:
    def disk(free: float) -> list[selfwatch.Condition]:
        return selfwatch.disk(int(free * GIB), 100 * GIB, GIB)

    with telling(tmp_path, post, to=["a@example.org"]) as teller:
        assert said(teller, NOW, *disk(50)) == []
        assert said(teller, NOW, *disk(4)) == [("firing", "disk_low", "home")]
        assert said(teller, NOW + MINUTE, *disk(5.5)) == []
        assert said(teller, NOW + 2 * MINUTE, *disk(0.5)) == [("escalated", "disk_low", "home")]
        assert said(teller, NOW + DAY, *disk(50)) == [("recovered", "disk_low", "home")]
    assert len(post.mails) == 3


def test_a_small_disk_is_low_at_twice_what_a_round_needs() -> None:
    verdicts = [[one.verdict for one in selfwatch.disk(free, 96, 20)] for free in (60, 45, 39, 19)]
    assert verdicts == [[], [Verdict.NODATA], [Verdict.WARNING], [Verdict.CRITICAL]]


def test_a_message_given_up_is_told_to_the_others_until_one_reaches_that_recipient(tmp_path: Path) -> None:
    script = Script(refuse={"rcpt:gone@example.org": "550 no such user"})
    with (
        MailServer(tls="none", script=script) as post,
        telling(tmp_path, post, to=["a@example.org", "gone@example.org"]) as teller,
    ):
        teller.note("clock_jump", "clock", "it jumped", NOW)
        said(teller, NOW)
        assert said(teller, NOW + MINUTE) == [("firing", "dead_letter", "email recipient 2")]
        assert said(teller, NOW + HOUR) == []
        assert [one.split(":")[0] for one in subjects(post)] == ["a@example.org"] * 2
        text = post.mails[1].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "gone@example.org" in text
        assert "gone" not in str(teller.ledger.alert_rows())
        script.refuse.clear()
        said(teller, NOW + DAY)
        teller.note("clock_jump", "clock", "again", NOW + 3 * DAY)
        said(teller, NOW + 3 * DAY)
        assert said(teller, NOW + 3 * DAY + MINUTE) == [("recovered", "dead_letter", "email recipient 2")]


def test_messages_that_do_not_leave_are_told_after_half_an_hour_to_those_of_other_channels(tmp_path: Path) -> None:
    """Mail is down, a folder is not."""
    script = Script(refuse={"greeting": "421 closed"})
    with MailServer(tls="none", script=script) as post:
        mail = {
            "recipients": ["a@example.org"],
            "channel": "email",
            "to": [{"recipient": "b@x.org", "channel": "file"}],
        }
        channels: dict[str, Send] = {
            "email": lambda notice, now: email.send(notice, post.settings(), now),
            "file": lambda notice, now: "kept",
        }
        with house(tmp_path, NOW, mail=mail, checks=only("front_back", "shfe_warrant_drop")) as opened:
            teller = Teller(opened, channels, host="desk.example.org")
            teller.turn(NOW)
            teller.note("clock_jump", "clock", "it jumped", NOW)
            said(teller, NOW)
            assert said(teller, NOW + 29 * MINUTE) == []
            assert said(teller, NOW + 30 * MINUTE) == [("firing", "outbox_stuck", "email")]
            rows = [(r["channel"], r["state"], r["events"]) for r in teller.ledger.outbox.delivery_rows()]
            assert rows == [
                ("email", "QUEUED", "firing clock_jump clock"),
                ("file", "SENT", "firing clock_jump clock"),
                ("file", "SENT", "firing outbox_stuck email"),
            ]
            script.refuse.clear()
            teller.deliver(NOW + HOUR)
            assert said(teller, NOW + HOUR + MINUTE) == [("recovered", "outbox_stuck", "email")]
            teller.close()


def _break(opened: House, name: str) -> Callable[[], None]:
    """Make one check of the house one that cannot be read; the answer mends it."""
    from dataclasses import replace

    whole = opened.checks[name]
    opened.checks[name] = replace(whole, sql="select nothing_of_that_name from fx")

    def mend() -> None:
        opened.checks[name] = whole

    return mend


def test_checks_that_are_not_read_in_time_are_told_once_and_over_when_they_are_read_again(
    tmp_path: Path, post: MailServer
) -> None:
    """The table of reports that are due is gone, so that every batch fails; the ledger still tells."""
    with telling(tmp_path, post, to=["a@example.org"]) as teller:
        store = teller.house.store
        with store.cursor() as cur:
            cur.execute("alter table loads rename to mislaid")
        late = NOW + 7 * HOUR
        with pytest.raises(duckdb.Error):
            teller.turn(NOW + 6 * HOUR)
        for number in range(1, 14):
            assert said(teller, NOW + number * 30 * MINUTE) == []
        assert said(teller, late) == [("firing", "evaluator_late", "checks")]
        assert said(teller, late + 30 * MINUTE) == []
        assert subjects(post) == ["a@example.org: [critical] Checks: the checks were last read 420 minutes ago"]
        with store.cursor() as cur:
            cur.execute("alter table mislaid rename to loads")
        told = [(c.transition.event.value, c.transition.check) for c in teller.turn(late + 2 * HOUR).changes]
        assert ("recovered", "evaluator_late") in told


def test_a_machine_that_slept_is_not_told_to_have_read_nothing_meanwhile(tmp_path: Path, post: MailServer) -> None:
    with telling(tmp_path, post, to=["a@example.org"]) as teller:
        assert said(teller, NOW + 9 * HOUR) == []
        assert said(teller, NOW + 9 * HOUR + MINUTE) == []


def test_a_check_that_cannot_be_read_is_told_after_two_batches_in_a_row_and_the_others_go_on(
    tmp_path: Path, post: MailServer
) -> None:
    with telling(tmp_path, post, to=["a@example.org"]) as teller:
        mend = _break(teller.house, "front_back")
        teller._standing = None
        first = teller.turn(NOW)
        assert ("front_back" in first.broken, first.changes) == (True, ())
        warrants(teller.house, dict.fromkeys(DAYS[:20], 450_000.0) | {DAYS[20]: 200_000.0})
        teller._standing = None
        second = [(c.transition.event.value, c.transition.subject) for c in teller.turn(NOW + HOUR).changes]
        assert ("firing", "front_back") in second
        assert ("at_start", "SHFE silver") in second
        mend()
        teller._standing = None
        teller.turn(NOW + 2 * HOUR)
        assert [e for e in teller.ledger.told().values() if e.check == "rule_error" and e.opened] == []


def test_a_check_whose_source_is_told_to_be_late_is_not_told_to_be_broken_as_well() -> None:
    broken, failures = {"a": "no such column", "b": "no such column"}, {"a": 2, "b": 2}
    found = selfwatch.rule_errors(broken, failures, {"a"})
    assert [(one.subject, one.verdict) for one in found] == [("a", Verdict.NODATA), ("b", Verdict.WARNING)]


def test_a_check_file_that_cannot_be_read_is_told_at_once() -> None:
    (found,) = selfwatch.rule_errors({"a": "its header lacks 'why'"}, {}, ())
    assert (found.check, found.subject, found.reason) == ("rule_error", "a", "its header lacks 'why'")


def test_a_silence_that_ran_out_says_whose_it_was() -> None:
    silence = Silence(3, {"metal": "gold"}, "mary", "a move", NOW - DAY, NOW)
    first, second = selfwatch.readings([], [], [silence], [], NOW + DAY)
    assert (first.subject, first.session, first.verdict) == ("silence 3", NOW.date(), Verdict.WARNING)
    assert first.reason == "metal gold; run out; ordered by mary: a move"
    assert (second.session, second.verdict) == ((NOW + DAY).date(), Verdict.CLEAR)
    assert selfwatch.readings([], [], [silence], [], NOW - MINUTE) == []
