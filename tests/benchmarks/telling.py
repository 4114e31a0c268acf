"""From readings at hand to mails taken by a server: 200 keys that breach at once, three recipients, nobody waits.

Judging, told-state, composing with pictures, the outbox on disk and a real SMTP server with TLS. Reading the checks
from the database is measured elsewhere (`evaluation`), since it depends on which checks were touched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from alerts.channels import email
from alerts.deliver import deliver
from alerts.ledger import Ledger
from monitor.checkfile import Check
from monitor.config import Mail
from monitor.model import Policy, Reading
from monitor.news import News
from tests.benchmarks._rows import Row, seconds, settled_seconds, within
from tests.mailserver import MailServer
from tests.oracle import readings
from tests.test_mailchart import CARD, composed, story

_KEYS = 200
_SESSIONS = 250
_TO = ("a@example.org", "b@example.org", "c@example.org")
_NOW = datetime(2026, 9, 7, 22, tzinfo=UTC)


def run(short: bool) -> list[Row]:
    """Seconds for a batch in which all keys open, for one in which a single one of them closes, for a mail alone."""
    alone = [_one_mail(number) for number in range(3 if short else 26)][1:]
    found = [_batches() for _ in range(1 if short else 5)]
    return [
        within(f"{_KEYS} readings that open, to the mails taken", median(a for a, _ in found), "s", most=2),
        within(f"{_KEYS} readings of which one closes, to the mails taken", median(b for _, b in found), "s", most=2),
        within("a mail with its chart, composed", 1e3 * median(alone), "ms", most=150),
    ]


def _one_mail(number: int) -> float:
    """Seconds for a mail whose picture was not drawn before."""
    card = replace(CARD, title=f"Registered metal over 20 sessions, {number}")
    return seconds(lambda: composed(story(card=card)))


def _batches() -> tuple[float, float]:
    names = [f"measure_{number}" for number in range(_KEYS)]
    with (
        tempfile.TemporaryDirectory(prefix="bullion-bench-") as name,
        MailServer() as post,
        Ledger(Path(name) / "alerts.sqlite") as ledger,
    ):
        checks = {name: _check(name) for name in names}
        news = News(ledger, checks, {}, Mail(channel="email", recipients=_TO), "desk.example.org")
        calm, news_today = "C" * (_SESSIONS - 2), dict.fromkeys(names, "W")
        news.tell(_seen(calm, names), _NOW - timedelta(days=2))

        def batch(seen: Sequence[Reading], now: datetime, mails: int) -> float:
            def job() -> None:
                news.tell(seen, now)
                send = {"email": lambda notice, at: email.send(notice, post.settings(), at)}
                deliver(ledger.outbox, send, now, jitter=lambda: 0.5)

            taken = settled_seconds(job)
            if len(post.mails) != mails:
                raise AssertionError(f"{len(post.mails)} mails were taken, not {mails}")
            return taken

        opened = batch(_seen(calm, names, news_today), _NOW - timedelta(days=1), len(_TO))
        news_today["measure_0"] = "WC"
        closed = batch(_seen(calm, names, news_today), _NOW, 2 * len(_TO))
        return opened, closed


def _seen(calm: str, names: Sequence[str], then: dict[str, str] | None = None) -> list[Reading]:
    return [replace(one, check=name) for name in names for one in readings(calm + (then or {}).get(name, ""))]


def _check(name: str) -> Check:
    return Check(
        name=name, title=name.replace("_", " ").capitalize(), why="made up", unit="pct", above_is_bad=True, formula="x",
        references=(), policy=Policy(1, 1, 1), thresholds=(), sql="select 1",
    )  # fmt: skip
