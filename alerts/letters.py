"""Messages as the outbox keeps them: their Message-ID, their bytes, and what may be published of them."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from alerts.ledger_db import maybe, moment_of
from monitor.clock import aware, naive
from monitor.model import Event, Notice, Severity, Transition

_ADDRESS: Final = re.compile(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice and the transitions it tells; `replaces` are queued rows it tells as well, which then stay unsent."""

    notice: Notice
    transitions: tuple[Transition, ...]
    replaces: tuple[int, ...] = ()
    not_before: datetime | None = None
    """The moment it may leave; None: at once."""
    kind: str = "alert"
    """`overflow` where it waits because the day had its messages, `memo` for a memo."""
    waiting_since: datetime | None = None
    """When the oldest of what it tells was queued, in a message it replaces; None: now."""
    overdue_since: datetime | None = None
    """When the first of those should have left, if that is past."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the outbox to be sent, or waiting to be."""

    id: int
    notice: Notice
    transitions: tuple[Mapping[str, str | None], ...]
    """check, subject, event, severity, opened, session, closed of each, as text."""
    attempts: int
    """This one included, once claimed."""
    queued_at: datetime
    due: datetime
    """The moment it may first leave."""
    kind: str

    @property
    def said(self) -> tuple[Transition, ...]:
        """The same transitions as values."""
        return tuple(_transition(told) for told in self.transitions)


def message_id(parts: Iterable[Sequence[str]], recipient: str, host: str) -> str:
    """The same message always has the same Message-ID, `<24 hex digits@host>`, whoever makes it and when.

    `parts` in any order: what the message tells, and the told number of every change it was made for. These numbers
    grow key by key, so that no two messages to one recipient share all of them.
    """
    named = json.dumps([sorted(list(part) for part in parts), recipient])
    return f"<{hashlib.sha256(named.encode()).hexdigest()[:24]}@{host}>"


def events_text(transitions: Iterable[Transition]) -> str:
    """Transitions as JSON."""
    return json.dumps([asdict(transition) for transition in transitions], default=str, ensure_ascii=False)


def _transition(told: Mapping[str, str | None]) -> Transition:
    closed = told["closed"]
    return Transition(
        check=str(told["check"]),
        subject=str(told["subject"]),
        event=Event(str(told["event"])),
        severity=Severity(str(told["severity"])),
        opened=date.fromisoformat(str(told["opened"])),
        session=date.fromisoformat(str(told["session"])),
        closed=date.fromisoformat(closed) if closed else None,
    )


def pack(notice: Notice) -> str:
    """A notice as JSON; images in base64, half characters as question marks, since no file takes them."""
    images = [[name, b64encode(content).decode()] for name, content in notice.images]
    return json.dumps({**asdict(notice), "images": images}, ensure_ascii=False).encode(errors="replace").decode()


def unpack(text: str) -> Notice:
    """The notice that was packed."""
    parts = json.loads(text)
    return Notice(
        **parts
        | {
            "references": tuple(parts["references"]),
            "images": tuple((name, b64decode(content)) for name, content in parts["images"]),
            "headers": tuple((name, value) for name, value in parts["headers"]),
            "events": tuple(parts.get("events", ())),
        }
    )


def delivery(row: sqlite3.Row) -> Delivery:
    """A row of the outbox as what has to be sent."""
    return Delivery(
        id=row["id"],
        notice=unpack(row["payload"]),
        transitions=tuple(json.loads(row["events"])),
        attempts=row["attempts"],
        queued_at=moment_of(row["first_queued_at"]),
        due=moment_of(row["due_from"] or row["first_queued_at"]),
        kind=row["kind"],
    )


def published(row: sqlite3.Row) -> dict[str, Any]:
    """A row of the outbox for everyone's eyes: no recipient, no body, no address in the error; moments naive UTC."""
    events = [f"{told['event']} {told['check']} {told['subject']}" for told in json.loads(row["events"])]
    error = row["error"].replace(row["recipient"], "the recipient")
    return {
        "message_id": row["message_id"],
        "channel": row["channel"],
        "events": "; ".join(events),
        "state": row["state"],
        "attempts": row["attempts"],
        "queued_at": _naive(row["first_queued_at"]),
        "next_at": _naive(row["next_at"]),
        "sent_at": maybe(_naive, row["sent_at"]),
        "stage": row["stage"],
        "error": _ADDRESS.sub("an address", error),
    }


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """A row of the outbox for who reads the page: as `published`, with its number and subject; moments aware UTC."""
    public = published(row)
    moments = {name: maybe(aware, public[name]) for name in ("queued_at", "next_at", "sent_at")}
    return {"number": row["id"], "subject": unpack(row["payload"]).subject} | public | moments


def _naive(text: str) -> datetime:
    return naive(moment_of(text))
