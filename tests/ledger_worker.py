"""A process that records and sends made-up alerts until it is killed, saying on standard output what it has done."""

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from alerts.ledger import Ledger
from alerts.letters import Letter, message_id
from monitor.model import Event, Notice, Severity, Transition
from monitor.telling import Change, Told

RECIPIENTS = ("desk@localhost", "night@localhost")
SUBJECTS = tuple(f"subject {number}" for number in range(5))
START = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)


def change_of(told: Told) -> Change:
    """The next change of a key: opened and recovered in turn, a session each."""
    session = date(2026, 1, 1) + timedelta(told.seq)
    opens = told.opened is None
    event = Event.FIRING if opens else Event.RECOVERED
    said = Transition(told.check, told.subject, event, Severity.WARNING, told.opened or session, session)
    return Change(said, replace(told, seq=told.seq + 1, opened=session if opens else None))


def letters_of(change: Change) -> list[Letter]:
    """One letter to each recipient."""
    name = [(change.told.check, change.told.subject, str(change.told.seq))]
    return [
        Letter(
            Notice(message_id(name, recipient, "bullion.test"), recipient, "email", "s", "t" * 900, "h"),
            (change.transition,),
        )
        for recipient in RECIPIENTS
    ]


def work(path: Path) -> None:
    """Record a change, say so, send one of two messages, say so; without end."""
    with Ledger(path) as ledger:
        known = ledger.told()
        for turn in count(sum(told.seq for told in known.values())):
            now = START + timedelta(minutes=turn)
            key = ("made_up", SUBJECTS[turn % len(SUBJECTS)])
            change = change_of(known.get(key, Told(*key)))
            ledger.record([change], letters_of(change), [change.told], now)
            known[key] = change.told
            print("recorded", key[1].replace(" ", "_"), change.told.seq, flush=True)
            for delivery in ledger.outbox.claim(now, 2)[:1]:
                ledger.outbox.sent(delivery.id, now, "250 ok")
                print("sent", delivery.notice.message_id, delivery.notice.recipient, flush=True)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
