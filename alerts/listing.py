"""What the ledger holds, as rows for a terminal, a page or a program: moments as text in UTC, days as text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from alerts.labels import MUTES
from alerts.ledger import Ledger
from alerts.silences import Silence
from alerts.textual import subject_words
from monitor.clock import stamp
from monitor.model import Event, Transition
from monitor.telling import Told

Row = dict[str, Any]


def open_alerts(ledger: Ledger, now: datetime) -> list[Row]:
    """Every story told open, worst and oldest first.

    check, subject, name (in words), severity, opened, told_session, told_at, repeats, acked_by, acked_at, silenced_by
    (numbers of the silences in force that match it), mutes (the check that is not told of this subject meanwhile).
    """
    acked, silences = ledger.acked_by(), ledger.silences(now)
    told = [(state, state.opened) for state in ledger.told().values() if state.opened]
    told.sort(key=lambda pair: (pair[0].severity.value, pair[1], pair[0].key))
    return [_open(state, opened, acked.get(state.key), silences) for state, opened in told]


def one_story(ledger: Ledger, check: str, subject: str) -> Row | None:
    """Everything told of one key, and whether it is open; None where nothing ever was."""
    told, events = ledger.told().get((check, subject)), ledger.told_events(check, subject)
    if told is None and not events:
        return None
    acked = ledger.acked_by().get((check, subject))
    return {
        "check": check,
        "subject": subject,
        "name": _name(check, subject),
        "state": "open" if told and told.opened else "closed",
        "severity": told.severity.value if told and told.opened else None,
        "opened": str(told.opened) if told and told.opened else None,
        "acked_by": acked[0] if acked else None,
        "acked_at": stamp(acked[1]) if acked else None,
        "events": events,
    }


def silences(ledger: Ledger, now: datetime) -> list[Row]:
    """Silences that are in force or still to come: number, what they match, author, reason, from, to."""
    return [
        {
            "silence": silence.id,
            "matches": dict(silence.matcher),
            "author": silence.author,
            "reason": silence.reason,
            "starts": stamp(silence.starts),
            "ends": stamp(silence.ends),
            "in_force": silence.starts <= now,
        }
        for silence in ledger.every_silence()
        if now < silence.ends
    ]


def letters(ledger: Ledger) -> list[Row]:
    """Every message, the newest first, without its recipient and body.

    number, subject, channel, events (in words), state (QUEUED, SENDING, SENT, DEAD, MERGED), attempts, queued_at,
    next_at, sent_at, stage, error.
    """
    return ledger.outbox.letters()


def letter(ledger: Ledger, number: int) -> Row | None:
    """One message as it was queued, without its recipient: the same, and text, html, images {content id: PNG}."""
    return ledger.outbox.letter(number)


def _name(check: str, subject: str) -> str:
    """What it is about in words, and by which measure: `Silver COMEX, registered drop`."""
    return f"{subject_words(subject)}, {check.replace('_', ' ')}"


def _open(state: Told, opened: date, acked: tuple[str, datetime] | None, silences: list[Silence]) -> Row:
    session = state.told_session or opened
    transition = Transition(*state.key, Event.REPEAT, state.severity, opened, session)
    return {
        "check": state.check,
        "subject": state.subject,
        "name": _name(*state.key),
        "severity": state.severity.value,
        "opened": str(opened),
        "told_session": str(session),
        "told_at": stamp(state.told_at) if state.told_at else None,
        "repeats": state.repeats,
        "acked_by": acked[0] if acked else None,
        "acked_at": stamp(acked[1]) if acked else None,
        "silenced_by": [silence.id for silence in silences if silence.matches(transition)],
        "mutes": MUTES.get(state.check, ""),
    }
