"""Silences and acknowledgements as the ledger keeps them: who quietened what, why, and until when.

A silence is never edited: one that is ended early keeps its row, with who ended it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from alerts import audit
from alerts.labels import MUTES, NAMES, labels, matches
from alerts.ledger_db import Database, maybe, moment_of, moment_text
from monitor.model import Transition
from monitor.telling import Told

LONGEST_SILENCE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Silence:
    """No new story is told of what it matches until it ends."""

    id: int
    matcher: Mapping[str, str]
    """Any of check, subject, severity, metal, venue; all that are named have to be equal."""
    author: str
    reason: str
    starts: datetime
    ends: datetime
    """As ordered, or earlier where somebody ended it."""
    ended_by: str = ""

    def matches(self, transition: Transition) -> bool:
        """Whether it holds this back."""
        return matches(self.matcher, labels(transition))

    @property
    def said(self) -> str:
        """What it matches, in words: `check registered_drop, metal silver`."""
        return ", ".join(f"{name} {self.matcher[name]}" for name in NAMES if name in self.matcher)


def muted(told: Iterable[Told]) -> dict[tuple[str, str], str]:
    """(check, subject) of which nothing is told while another alert of the subject stands open -> that alert."""
    return {(MUTES[state.check], state.subject): state.check for state in told if state.opened and state.check in MUTES}


def start(
    connection: sqlite3.Connection,
    matcher: Mapping[str, str],
    author: str,
    reason: str,
    span: tuple[datetime, datetime],
    at: datetime,
) -> int:
    """Keep a new silence, of at most 30 days, and answer its number; ValueError for one that says too little."""
    starts, ends = span
    if not matcher or not set(NAMES).issuperset(matcher) or not all(value.strip() for value in matcher.values()):
        raise ValueError(f"a silence names some of {', '.join(NAMES)}, not {sorted(matcher)}")
    if not (author.strip() and reason.strip()):
        raise ValueError("a silence needs an author and a reason")
    if not timedelta(0) < ends - starts <= LONGEST_SILENCE:
        raise ValueError(f"a silence ends after it starts, and within {LONGEST_SILENCE.days} days")
    row = (json.dumps(dict(matcher), sort_keys=True), author, reason, moment_text(starts), moment_text(ends))
    inserted = connection.execute(
        "insert into silences (matcher, author, reason, starts, ends, at) values (?, ?, ?, ?, ?, ?)",
        (*row, moment_text(at)),
    )
    body = {"matcher": dict(matcher), "author": author, "reason": reason, "starts": starts, "ends": ends}
    audit.append(connection, at, "silence", body)
    return int(inserted.lastrowid or 0)


def end(connection: sqlite3.Connection, number: int, author: str, at: datetime) -> None:
    """End a silence early; LookupError where none of that number is in force or still to come."""
    moment = moment_text(at)
    ended = connection.execute(
        "update silences set ended_at = ?, ended_by = ? where id = ? and ended_at is null and ends > ?",
        (moment, author, number, moment),
    )
    if not ended.rowcount:
        raise LookupError(f"no silence {number} is in force")
    audit.append(connection, at, "unsilence", {"silence": number, "author": author})


def every(database: Database) -> list[Silence]:
    """All silences there ever were, oldest first."""
    return [_silence(row) for row in database.rows("select * from silences order by id")]


def acknowledge(
    connection: sqlite3.Connection, check: str, subject: str, opened: date, author: str, at: datetime
) -> None:
    """Acknowledge the open story of that name; LookupError where none is told open."""
    story = (check, subject, opened.isoformat())
    if not connection.execute(
        'select 1 from told where "check" = ? and subject = ? and opened = ?', story
    ).fetchone():  # fmt: skip
        raise LookupError(f"no open alert of {check} for {subject} since {opened}")
    connection.execute(
        'insert into acks ("check", subject, opened, author, at) values (?, ?, ?, ?, ?)',
        (*story, author, moment_text(at)),
    )
    audit.append(connection, at, "ack", {"check": check, "subject": subject, "opened": opened, "author": author})


def acknowledged(database: Database) -> dict[tuple[str, str], tuple[str, datetime]]:
    """(check, subject) of open stories that are acknowledged -> who did so last, and when."""
    rows = database.rows(
        """select "check", subject, acks.author, acks.at from acks join told using ("check", subject, opened)
           where ended_at is null order by acks.id"""
    )
    return {(row["check"], row["subject"]): (row["author"], moment_of(row["at"])) for row in rows}


def _silence(row: sqlite3.Row) -> Silence:
    return Silence(
        id=row["id"],
        matcher=json.loads(row["matcher"]),
        author=row["author"],
        reason=row["reason"],
        starts=moment_of(row["starts"]),
        ends=moment_of(min(row["ends"], row["ended_at"] or row["ends"])),
        ended_by=maybe(str, row["ended_by"]) or "",
    )
