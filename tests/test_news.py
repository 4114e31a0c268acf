"""Batches put into words and letters: every one of them leaves; all readings here are made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.addressing import Manners
from alerts.ledger import Ledger
from monitor.checkfile import Check
from monitor.config import Mail, To
from monitor.model import Policy
from monitor.news import News
from tests.oracle import day, readings

NOW = datetime(2026, 1, 1, 22, tzinfo=UTC)
NIGHT = Mail(channel="email", to=(To(recipient="night@example.org", channel="email", severity="critical"),))


def check(name: str) -> Check:
    return Check(
        name=name, title=name, why="made up", unit="pct", above_is_bad=True, formula="x", references=(),
        policy=Policy(1, 1, 1), thresholds=(), sql="select 1",
    )  # fmt: skip


def test_a_letter_that_says_what_an_earlier_one_said_is_another_letter(tmp_path: Path) -> None:
    """The gold has changed four times when silver's first alert ends, and silver four times when its second does."""
    with Ledger(tmp_path / "alerts.sqlite") as ledger:
        news = News(ledger, {name: check(name) for name in ("silver", "gold")}, {}, NIGHT, "desk.example.org")
        letters = []
        for number in range(1, 9):
            seen = [
                *(replace(one, check="silver") for one in readings("CCCXCXC"[:number])),
                *(replace(one, check="gold") for one in readings("CWCWCCC"[:number])),
            ]
            letters += news.tell(seen, NOW + timedelta(days=number))[1]
        told = [(t.event.value, t.opened) for letter in letters for t in letter.transitions]
        assert told == [("firing", day(3)), ("recovered", day(3)), ("firing", day(5)), ("recovered", day(5))]
        assert len({letter.notice.message_id for letter in letters}) == len(ledger.outbox.delivery_rows()) == 4


def test_fifty_restarts_while_something_fires_send_nothing(tmp_path: Path) -> None:
    seen = [replace(one, check="silver") for one in readings("CX")]
    for number in range(51):
        with Ledger(tmp_path / "alerts.sqlite") as ledger:
            news = News(ledger, {"silver": check("silver")}, {}, NIGHT, "desk.example.org")
            if number == 0:
                news.tell(seen[:1], NOW)
            queued = news.tell(seen, NOW + timedelta(days=1, minutes=number))[2]
            due = ledger.outbox.claim(NOW + timedelta(days=2))
            assert (queued, len(due)) == ((1, 1) if number == 0 else (0, 0))
            for row in due:
                ledger.outbox.sent(row.id, NOW + timedelta(days=2))


def test_what_is_beyond_the_days_messages_is_one_message_of_the_next_morning_that_says_so(tmp_path: Path) -> None:
    """Six alerts, an hour apart from each other, and four messages a day."""
    names = [f"metal_{number}" for number in range(6)]
    start = datetime(2026, 1, 2, 9, tzinfo=UTC)
    with Ledger(tmp_path / "alerts.sqlite") as ledger:
        mail = Mail(channel="email", recipients=("desk@example.org",))
        news = News(ledger, {name: check(name) for name in names}, {}, mail, "desk.example.org", manners=Manners())
        news.tell([replace(one, check=name) for name in names for one in readings("C")], NOW)
        sent: list[tuple[datetime, str, str]] = []
        for hour in range(25):
            now = start + timedelta(hours=hour)
            broken = names[: hour // 2 + 1]
            seen = [replace(one, check=n) for n in names for one in readings("CW" if n in broken else "C")]
            news.tell(seen, now)
            for row in ledger.outbox.claim(now):
                ledger.outbox.sent(row.id, now)
                sent.append((now, row.notice.subject, row.notice.text))
        assert len(sent) == 5
        at, subject, text = sent[-1]
        assert (at, subject[:7]) == (datetime(2026, 1, 3, 7, tzinfo=UTC), "[2 new]")
        assert "The day had all its messages: this one tells together what came up beyond them." in " ".join(
            text.split()
        )
        assert "all its messages" not in sent[0][2]
