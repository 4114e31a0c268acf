"""Everything breaks at once: one mail a recipient, and nothing in it is lost; all of it is made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from alerts.addressing import Manners
from alerts.ledger import Ledger
from alerts.mime import as_mail
from monitor import selfwatch
from monitor.checkfile import Check
from monitor.config import Mail
from monitor.model import Policy, Reading, Verdict
from monitor.news import News

NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)
TODAY = date(2026, 3, 2)
DESKS = ("a@example.org", "b@example.org", "c@example.org")
LARGEST = 150_000


def check(name: str) -> Check:
    return Check(
        name=name, title=f"Rule {name}", why="made up", unit="pct", above_is_bad=True, formula="x", references=(),
        policy=Policy(1, 1, 1), thresholds=(), sql="select 1",
    )  # fmt: skip


CHECKS = {name: check(name) for name in [*(f"rule_{number}" for number in range(200)), "source_stale"]}


@pytest.fixture
def news(tmp_path: Path) -> Iterator[News]:
    with Ledger(tmp_path / "alerts.sqlite") as ledger:
        found = News(
            ledger, {**CHECKS, **selfwatch.CHECKS}, {}, Mail(recipients=DESKS), "desk.example.org", manners=Manners()
        )  # fmt: skip
        found.tell(storm(Verdict.CLEAR, TODAY - timedelta(days=1)), NOW - timedelta(days=1))
        yield found


def storm(verdict: Verdict, day: date = TODAY, rules: int = 200, sources: int = 20) -> list[Reading]:
    """So many rules and sources, each with this verdict."""
    keys = [(f"rule_{number}", f"COMEX silver {number}") for number in range(rules)]
    keys += [("source_stale", f"source {number}") for number in range(sources)]
    return [Reading(check, subject, day, 1.0, verdict, warn=0.5, clear=0.4) for check, subject in keys]


@pytest.mark.parametrize("verdict", [Verdict.WARNING, Verdict.CRITICAL])
def test_two_hundred_rules_and_twenty_sources_at_once_are_one_mail_a_recipient(news: News, verdict: Verdict) -> None:
    changes, letters, queued = news.tell([*storm(Verdict.CLEAR, TODAY - timedelta(days=1)), *storm(verdict)], NOW)
    assert (len(changes), queued) == (220, 3)
    assert {letter.notice.recipient for letter in letters} == set(DESKS)
    for letter in letters:
        assert {(t.check, t.subject) for t in letter.transitions} == {(r.check, r.subject) for r in storm(verdict)}
        assert len(as_mail(letter.notice, "bullion@example.org", NOW)) < LARGEST


@pytest.mark.slow
def test_a_day_of_such_storms_is_four_mails_and_what_is_over_in_one_of_the_morning(news: News) -> None:
    """Every half hour eight rules and two sources break or mend, and the mail server takes what is due."""
    news = replace(news, draws=False)
    sent: dict[str, list[datetime]] = {desk: [] for desk in DESKS}
    seen: list[Reading] = []
    for number in range(48):
        at = NOW + number * timedelta(minutes=30)
        day = TODAY + timedelta(days=number)
        seen += storm(Verdict.WARNING if number % 2 == 0 else Verdict.CLEAR, day, 8, 2)
        news.tell(seen, at)
        for row in news.ledger.outbox.claim(at, 100):
            news.ledger.outbox.sent(row.id, at)
            sent[row.notice.recipient].append(at)
    assert {len(moments) for moments in sent.values()} == {5}
    assert all((b - a) >= timedelta(hours=1) for moments in sent.values() for a, b in pairwise(moments))
