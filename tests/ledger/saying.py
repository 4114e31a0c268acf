"""What tests of the ledger say to it, and how they look at its file."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.ledger import Ledger
from alerts.letters import Letter, message_id
from monitor.judge import fold
from monitor.model import Event, Notice, Policy, Severity, Transition
from monitor.telling import Difference, difference
from tests.ledger_worker import letters_of
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
