"""The mail server is away for a day: what came up meanwhile arrives soon after, once, together, and says it is late.

Alerts are made up; the server is a real one that comes back, the connection to it refused before.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.addressing import Manners
from alerts.channels import email
from alerts.deliver import deliver
from alerts.ledger import Ledger
from monitor.checkfile import Check
from monitor.config import Mail
from monitor.model import Notice, Policy, Reading
from monitor.news import News
from tests.mailserver import MailServer
from tests.oracle import readings

START = datetime(2026, 1, 2, 6, tzinfo=UTC)
BACK = START + timedelta(days=1)
MINUTE = timedelta(minutes=1)
DESKS = ("a@example.org", "b@example.org", "c@example.org")
NAMES = ("silver", "gold", "copper", "platinum", "palladium")


def check(name: str) -> Check:
    return Check(
        name=name, title=f"Measure of {name}", why="made up", unit="pct", above_is_bad=True, formula="x", references=(),
        policy=Policy(1, 1, 1), thresholds=(), sql="select 1",
    )  # fmt: skip


@pytest.fixture
def news(tmp_path: Path) -> Iterator[News]:
    """Three recipients who know that all is clear."""
    with Ledger(tmp_path / "alerts.sqlite") as ledger:
        mail = Mail(channel="email", recipients=DESKS)
        found = News(ledger, {name: check(name) for name in NAMES}, {}, mail, "desk.example.org", manners=Manners())
        found.tell(seen({}), START - timedelta(days=1))
        yield found


def seen(open_now: dict[str, str]) -> list[Reading]:
    """Clear yesterday, and today this letter for those named."""
    return [replace(one, check=name) for name in NAMES for one in readings("C" + open_now.get(name, ""))]


def played(news: News, post: MailServer, batches: dict[int, dict[str, str]], back: datetime = BACK) -> list[datetime]:
    """Rounds until ten minutes after the server is back; the moment each mail arrived."""
    arrived: list[datetime] = []
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = post.settings(port=nobody.getsockname()[1])

        def send(notice: Notice, now: datetime) -> str:
            return email.send(notice, post.settings() if now >= back else away, now)

        now = START
        while now <= back + 10 * MINUTE:  # a round every minute near the end, every ten before
            if (hour := (now - START) / timedelta(hours=1)) in batches:
                news.tell(seen(batches[int(hour)]), now)
            deliver(news.ledger.outbox, {"email": send}, now, jitter=lambda: 1.0)
            arrived += [now] * (len(post.mails) - len(arrived))
            now += MINUTE if now >= back - 10 * MINUTE else 10 * MINUTE
    return arrived


def test_after_a_day_without_a_server_everything_is_one_mail_a_recipient_within_ten_minutes_marked_late(
    news: News,
) -> None:
    batches = {
        1: {"silver": "W"}, 5: {"silver": "W", "gold": "X"}, 9: {"silver": "WC", "gold": "X"},
        20: {"silver": "WC", "gold": "XX", "copper": "W"},
    }  # fmt: skip
    with MailServer() as post:
        arrived = played(news, post, batches)
        assert sorted(mail.recipients[0] for mail in post.mails) == list(DESKS)
        assert all(BACK <= moment <= BACK + 10 * MINUTE for moment in arrived)
        for mail in post.mails:
            body = mail.message.get_body(("plain",))
            assert body is not None
            assert mail.message["X-Bullion-Events"] == "2 new, 1 missed"
            assert "The first of what is told here came up at 2026-01-02 07:00 UTC." in body.get_content()
            assert body.get_content().startswith("Delayed: this was to leave 2026-01-02 07:00 UTC;")
    assert {row["state"] for row in news.ledger.outbox.delivery_rows()} == {"SENT", "MERGED"}


def test_news_that_joins_what_waits_does_not_hide_since_when_nothing_leaves(news: News) -> None:
    for hour, letters in enumerate(("W", "WX", "WXC"), start=1):
        news.tell(seen({"silver": letters}), START + timedelta(hours=hour))
    assert news.ledger.outbox.due_since() == {"email": START + timedelta(hours=1)}


def test_a_mail_that_waited_alone_says_that_it_is_delayed_and_one_on_time_does_not(news: News) -> None:
    with MailServer() as post:
        played(news, post, {1: {"silver": "W"}}, back=START + timedelta(hours=3))
        news.tell(seen({"silver": "W", "gold": "W"}), START + timedelta(hours=4))
        deliver(
            news.ledger.outbox, {"email": lambda notice, now: email.send(notice, post.settings(), now)},
            START + timedelta(hours=4, minutes=20), jitter=lambda: 0.5,
        )  # fmt: skip
        texts = [(mail.message.get_body(("plain",)), mail.message.get_body(("html",))) for mail in post.mails]
    is_late = [text is not None and text.get_content().startswith("Delayed: ") for text, _ in texts]
    is_shown = [page is not None and "Delayed: this was to leave" in page.get_content() for _, page in texts]
    assert is_late == is_shown == [True] * 3 + [False] * 3
