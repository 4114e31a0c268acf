"""The outbox is emptied: what is sent, what waits, what is given up, and what a crash leaves."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from alerts.channels import email
from alerts.compose import compose
from alerts.deliver import Outbox, Send, Summary, deliver
from alerts.ledger import Ledger
from alerts.letters import Letter
from monitor.errors import Undeliverable
from monitor.model import Notice
from tests.factories.stories import TRANSITION, story
from tests.mailserver import MailServer, Script

NOW = datetime(2026, 5, 12, 21, 45, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Held:
    """A row of the outbox below."""

    id: int
    notice: Notice
    attempts: int = 0
    state: str = "QUEUED"
    next_at: datetime = NOW
    said: str = ""
    at: datetime | None = None


@dataclass
class InMemory:
    """The smallest outbox that keeps the promises of the protocol."""

    rows: list[Held]
    rests: dict[str, datetime] = field(default_factory=dict)
    lifetime: timedelta = timedelta(hours=72)
    breaks_at: str = ""
    """The verb that fails, once, as a full disk would make it."""

    def claim(self, now: datetime, limit: int, /) -> list[Held]:
        due = [
            row
            for row in self.rows
            if row.state == "QUEUED" and row.next_at <= now and self.rests.get(row.notice.channel, now) <= now
        ][:limit]
        for row in due:
            row.state, row.attempts = "SENDING", row.attempts + 1
        return due

    def _close(self, number: int, verb: str, state: str, at: datetime, said: str) -> Held:
        if self.breaks_at == verb:
            self.breaks_at = ""
            raise OSError("the disk is full")
        row = self.rows[number]
        row.state, row.at, row.said = state, at, said
        return row

    def sent(self, row: int, at: datetime, reply: str, /) -> None:
        self.rests.pop(self._close(row, "sent", "SENT", at, reply).notice.channel, None)

    def retry(self, row: int, at: datetime, error: str, jitter: Callable[[], float], stage: str, /) -> str:
        held = self._close(row, "retry", "QUEUED", at, error)
        held.next_at = at + MINUTE * 2 ** (held.attempts - 1) * (0.8 + 0.4 * jitter())
        if at - NOW >= self.lifetime:
            held.state = "DEAD"
        return held.state

    def dead(self, row: int, at: datetime, error: str, stage: str, /) -> None:
        self._close(row, "dead", "DEAD", at, error)

    def pause(self, channel: str, until: datetime, at: datetime, error: str, stage: str, /) -> None:
        self.rests[channel] = until
        for row in self.rows:
            if row.state == "SENDING" and row.notice.channel == channel:
                row.state, row.attempts, row.said = "QUEUED", row.attempts - 1, error

    def restart(self) -> None:
        """What the ledger does when it is opened after a crash."""
        for row in self.rows:
            row.state = "QUEUED" if row.state == "SENDING" else row.state

    @property
    def states(self) -> list[str]:
        return [row.state for row in self.rows]


def told(name: str, channel: str = "email") -> Notice:
    notice = compose(story(message_id=name), f"{name}@example.org", host="bullion.example.org", sent_from="desk")
    return replace(notice, channel=channel)


def holding(*notices: Notice) -> InMemory:
    return InMemory([Held(number, notice) for number, notice in enumerate(notices)])


def over(server: MailServer, **changes: object) -> dict[str, Send]:
    settings = server.settings(**changes)
    return {"email": lambda notice, at: email.send(notice, settings, at)}


run = partial(deliver, jitter=lambda: 0.5, limit=50)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(user="desk", password="correct horse") as running:
        yield running


def test_what_is_due_is_sent_and_the_reply_recorded(server: MailServer) -> None:
    outbox = holding(told("a"), told("b"))
    assert run(outbox, over(server), NOW) == Summary(sent=2)
    assert outbox.states == ["SENT", "SENT"]
    assert outbox.rows[0].said == "250 2.0.0 taken"
    assert [mail.recipients for mail in server.mails] == [("a@example.org",), ("b@example.org",)]


def test_one_recipient_cannot_harm_the_others() -> None:
    script = Script(refuse={"rcpt:gone@example.org": "550 5.1.1 unknown", "rcpt:full@example.org": "451 4.2.2 full"})
    outbox = holding(told("gone"), told("full"), told("ok"))
    with MailServer(script=script) as server:
        summary = run(outbox, over(server), NOW)
    assert outbox.states == ["DEAD", "QUEUED", "SENT"]
    assert (summary.sent, summary.retried, summary.paused) == (1, 1, ())
    [letter] = summary.dead
    assert letter.notice.recipient == "gone@example.org"
    assert "550 5.1.1 unknown" in letter.error
    assert [mail.recipients for mail in server.mails] == [("ok@example.org",)]


def test_a_retry_waits_its_turn_and_then_goes() -> None:
    script = Script(refuse={"rcpt": "451 4.2.2 full"})
    outbox = holding(told("full"))
    with MailServer(script=script) as server:
        assert run(outbox, over(server), NOW).retried == 1
        script.refuse = {}
        assert run(outbox, over(server), NOW + timedelta(seconds=50)) == Summary()
        assert run(outbox, over(server), NOW + timedelta(seconds=70)).sent == 1
    assert outbox.rows[0].attempts == 2


def test_what_has_waited_too_long_is_reported_as_given_up() -> None:
    outbox = holding(told("full"))
    with MailServer(script=Script(refuse={"rcpt": "451 4.2.2 full"})) as server:
        summary = run(outbox, over(server), NOW + timedelta(hours=72))
    assert [letter.notice.recipient for letter in summary.dead] == ["full@example.org"]
    assert summary.retried == 0


@pytest.mark.parametrize(
    ("refuse", "minutes"),
    [({"auth": "535 no"}, 15), ({"mail": "550 no"}, 15), ({"starttls": "550 no"}, 15), ({"greeting": "421 busy"}, 1)],
)
def test_a_channel_that_refuses_everything_rests_and_no_row_is_blamed(
    server: MailServer, refuse: dict[str, str], minutes: int
) -> None:
    server.script.refuse = refuse
    outbox = holding(told("a"), told("b"), told("c"))
    summary = run(outbox, over(server), NOW, monotonic=lambda: 0.0)
    assert summary == Summary(retried=1, paused=("email",))
    assert outbox.states == ["QUEUED"] * 3
    assert [row.attempts for row in outbox.rows] == [0, 0, 0]
    assert outbox.rests == {"email": NOW + minutes * MINUTE}
    assert server.connections == 1


def test_after_its_rest_a_mended_channel_sends_everything(server: MailServer) -> None:
    server.script.refuse = {"auth": "535 no"}
    outbox = holding(told("a"), told("b"))
    run(outbox, over(server), NOW)
    server.script.refuse = {}
    assert run(outbox, over(server), NOW + 14 * MINUTE) == Summary()
    assert run(outbox, over(server), NOW + 16 * MINUTE) == Summary(sent=2)


def test_one_channel_at_rest_does_not_hold_up_another(server: MailServer) -> None:
    def down(notice: Notice, at: datetime) -> str:
        raise Undeliverable("no route", stage="connect")

    outbox = holding(told("a", "pager"), told("b"), told("c", "pager"), told("d"))
    summary = run(outbox, {**over(server), "pager": down}, NOW)
    assert outbox.states == ["QUEUED", "SENT", "QUEUED", "SENT"]
    assert summary == Summary(sent=2, retried=1, paused=("pager",))


def test_an_error_nobody_foresaw_is_temporary_and_says_its_class_only(server: MailServer) -> None:
    def broken(notice: Notice, at: datetime) -> str:
        raise KeyError("https://api.example.org/?apikey=secret")

    outbox = holding(told("a", "pager"), told("b"))
    summary = run(outbox, {**over(server), "pager": broken}, NOW)
    assert (summary.sent, summary.retried) == (1, 1)
    assert outbox.rows[0].said == "pager broke: KeyError"


def test_a_channel_that_is_not_set_up_loses_nothing() -> None:
    outbox = holding(told("a", "telegraph"))
    assert run(outbox, {}, NOW).retried == 1
    assert "no channel 'telegraph' is set up" in outbox.rows[0].said


def test_a_reply_lost_after_data_means_the_same_mail_again(server: MailServer) -> None:
    server.script.lose_replies = 1
    outbox = holding(told("a"))
    assert run(outbox, over(server), NOW).retried == 1
    assert run(outbox, over(server), NOW + 2 * MINUTE).sent == 1
    assert [mail.message_id for mail in server.mails] == ["<a@bullion.example.org>"] * 2


def test_a_crash_between_reply_and_record_sends_one_mail_twice_and_no_other(server: MailServer) -> None:
    outbox = holding(told("a"), told("b"), told("c"))
    outbox.breaks_at = "sent"
    with pytest.raises(OSError, match="disk is full"):
        run(outbox, over(server), NOW)
    assert outbox.states == ["SENDING", "QUEUED", "QUEUED"]
    outbox.restart()
    assert run(outbox, over(server), NOW).sent == 3
    assert [mail.message_id[1] for mail in server.mails] == ["a", "a", "b", "c"]


def test_no_more_than_the_limit_goes_in_one_pass(server: MailServer) -> None:
    outbox = holding(told("a"), told("b"), told("c"))
    assert deliver(outbox, over(server), NOW, limit=2, jitter=random.random).sent == 2
    assert outbox.states == ["SENT", "SENT", "QUEUED"]


def test_moments_recorded_are_now_and_what_has_passed_since(server: MailServer) -> None:
    ticks = iter(range(0, 1_000, 10))
    outbox = holding(told("a"), told("b"))
    run(outbox, over(server), NOW, monotonic=lambda: float(next(ticks)))
    first, second = (row.at for row in outbox.rows)
    assert first is not None
    assert second is not None
    assert NOW < first < second


def test_a_hundred_crashes_lose_nothing_and_invent_nothing() -> None:
    """Seeded: at random the reply is lost, a record fails, the server is away; every mail arrives, none unknown."""
    rng = random.Random(20260512)
    outbox = holding(*(told(f"m{number}") for number in range(20)))
    now = NOW
    with MailServer(tls="none") as server:
        for _ in range(100):
            now += MINUTE
            server.script.lose_replies = int(rng.random() < 0.3)
            server.script.refuse = {"greeting": "421 away"} if rng.random() < 0.2 else {}
            outbox.breaks_at = rng.choice(["", "", "sent", "retry"])
            try:
                deliver(outbox, over(server), now, limit=3, jitter=rng.random)
            except OSError:
                outbox.restart()
            if set(outbox.states) == {"SENT"}:
                break
    assert set(outbox.states) == {"SENT"}
    assert {mail.message_id for mail in server.mails} == {row.notice.message_id for row in outbox.rows}


def test_the_real_ledger_is_such_an_outbox(server: MailServer, tmp_path: Path) -> None:
    """Sent, given up, left for later and put to rest, as SQLite has it, and again after a restart."""
    server.script.refuse = {"rcpt:gone@example.org": "550 unknown", "rcpt:full@example.org": "451 full"}
    letters = [Letter(told(name), (TRANSITION,)) for name in ("ok", "gone", "full")]
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        outbox: Outbox = ledger.outbox
        ledger.record([], letters, [], NOW)
        summary = run(outbox, over(server), NOW)
        assert (summary.sent, summary.retried, len(summary.dead)) == (1, 1, 1)
        assert ledger.outbox.summary().counts == {"SENT": 1, "DEAD": 1, "QUEUED": 1}
        server.script.refuse = {"auth": "535 no"}
        assert run(outbox, over(server), NOW + 2 * MINUTE).paused == ("email",)
        assert "email" in ledger.outbox.summary().paused
        assert run(outbox, over(server), NOW + 5 * MINUTE) == Summary()
    server.script.refuse = {}
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert run(ledger.outbox, over(server), NOW + 20 * MINUTE) == Summary(sent=1)
        assert ledger.outbox.summary().paused == {}
    assert [mail.message_id for mail in server.mails] == ["<ok@bullion.example.org>", "<full@bullion.example.org>"]
