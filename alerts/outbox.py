"""The outbox: every message stored before anyone tries to send it, and what became of it.

    QUEUED -> SENDING -> SENT | QUEUED again | DEAD          QUEUED -> MERGED into a later message

A row is one message to one recipient; its bytes and Message-ID are fixed when it is queued, so that an attempt whose
outcome is unknown can be made again and the recipient's mail program sees one message.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from alerts import audit, late
from alerts.ledger_db import moment_text
from alerts.letters import Delivery, Letter, delivery, events_text, pack
from alerts.outbox_reads import Reads

LIFETIME: Final = timedelta(hours=72)
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
JITTER: Final = 0.2
PROBE: Final = timedelta(minutes=15)
"""How long a channel is left alone after it refused us altogether."""


def queue(connection: sqlite3.Connection, letter: Letter, at: datetime) -> bool:
    """Store one letter inside the caller's transaction; False where its Message-ID is there already."""
    notice = letter.notice
    due = max(letter.not_before or at, at)
    inserted = connection.execute(
        """insert into outbox
               (message_id, recipient, channel, events, payload, state, next_at, first_queued_at, dies_at, due_from,
                kind)
           values (?, ?, ?, ?, ?, 'QUEUED', ?, ?, ?, ?, ?) on conflict (message_id, recipient) do nothing""",
        (
            notice.message_id,
            notice.recipient,
            notice.channel,
            events_text(letter.transitions),
            pack(notice),
            moment_text(due),
            moment_text(letter.waiting_since or at),
            moment_text(due + LIFETIME),
            moment_text(letter.overdue_since or due),
            letter.kind,
        ),
    )
    if not inserted.rowcount:
        return False
    stories = {(t.check, t.subject, t.opened.isoformat()) for t in letter.transitions}
    for story in sorted(stories):
        connection.execute("insert into stories values (?, ?, ?, ?)", (inserted.lastrowid, *story))
    replace_rows(connection, letter.replaces)
    body = {"message_id": notice.message_id, "recipient": notice.recipient, "replaces": list(letter.replaces)}
    audit.append(connection, at, "queued", body)
    return True


def replace_rows(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Rows that have not left never will: another message says it, or there is nothing left to say."""
    for number in numbers:
        connection.execute("update outbox set state = 'MERGED' where id = ? and state = 'QUEUED'", (number,))


class Outbox(Reads):
    """The rows of one ledger. Every method is one transaction; moments are arguments, aware."""

    def recover(self) -> None:
        """Queue again what a dead process was sending: its outcome is unknown, its Message-ID the same."""
        with self._database.transaction() as connection:
            connection.execute("update outbox set state = 'QUEUED' where state = 'SENDING'")

    def claim(self, now: datetime, limit: int = 50) -> list[Delivery]:
        """Take up to `limit` due rows, oldest first; of a channel whose pause is over only one, to try it.

        One that was never handed to a server, and should have left long ago, says so from here on.
        """
        moment = moment_text(now)
        with self._database.transaction() as connection:
            due = connection.execute(
                """select id, channel, until from outbox left join pauses using (channel)
                   where state = 'QUEUED' and next_at <= ? and (until is null or until <= ?) order by id""",
                (moment, moment),
            )
            busy = {row["channel"] for row in connection.execute("select channel from outbox where state = 'SENDING'")}
            taken: list[int] = []
            for row in due:
                if len(taken) < limit and (row["until"] is None or row["channel"] not in busy):
                    taken.append(row["id"])
                    busy.add(row["channel"])
            for number in taken:
                connection.execute(
                    "update outbox set state = 'SENDING', attempts = attempts + 1 where id = ?", (number,)
                )
                _mark_late(connection, number, now)
            return [delivery(_row(connection, number)) for number in taken]

    def sent(self, number: int, at: datetime, reply: str = "") -> None:
        """The server has it, whatever we believed of the row; its channel works, so that others need not wait."""
        with self._database.transaction() as connection:
            row = _row(connection, number)
            if row["state"] == "SENT":
                return
            connection.execute(
                "update outbox set state = 'SENT', sent_at = ?, error = '', stage = '' where id = ?",
                (moment_text(at), number),
            )
            _resume(connection, row["channel"], at)
            audit.append(connection, at, "sent", {**_named(row), "reply": reply})

    def retry(self, number: int, at: datetime, error: str, draw: Callable[[], float], stage: str = "") -> str:
        """It may go later: wait 1 minute, doubled up to an hour, +-20 %; dead 72 hours after it was queued.

        `draw` gives numbers from 0 to 1. Answers the new state; a row no longer being sent is left as it is.
        """
        with self._database.transaction() as connection:
            row = _row(connection, number)
            if row["state"] != "SENDING":
                return str(row["state"])
            paused = connection.execute("select 1 from pauses where channel = ?", (row["channel"],)).fetchone()
            state = "DEAD" if moment_text(at) >= row["dies_at"] and not paused else "QUEUED"
            wait = min(FIRST_WAIT * 2 ** min(row["attempts"] - 1, 10), LONGEST_WAIT)
            next_at = moment_text(at + wait * (1 + JITTER * (2 * draw() - 1)))
            _fail(connection, row, at, state, error, stage, next_at)
            return state

    def dead(self, number: int, at: datetime, error: str, stage: str = "") -> None:
        """It will never go; a row that has gone is left as it is."""
        with self._database.transaction() as connection:
            row = _row(connection, number)
            if row["state"] in ("SENDING", "QUEUED"):
                _fail(connection, row, at, "DEAD", error, stage, row["next_at"])

    def pause(self, channel: str, until: datetime, at: datetime, error: str = "", stage: str = "auth") -> None:
        """The channel refuses us altogether: what is being sent waits, nothing dies, one row tries it after `until`."""
        with self._database.transaction() as connection:
            connection.execute(
                """insert into pauses values (?, ?, ?)
                   on conflict (channel) do update set until = excluded.until, error = excluded.error""",
                (channel, moment_text(until), error),
            )
            connection.execute(
                """update outbox set state = 'QUEUED', attempts = attempts - 1, next_at = ?, error = ?, stage = ?
                   where channel = ? and state = 'SENDING'""",
                (moment_text(at), error, stage, channel),
            )
            audit.append(connection, at, "paused", {"channel": channel, "until": until, "error": error, "stage": stage})


def _row(connection: sqlite3.Connection, number: int) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute("select * from outbox where id = ?", (number,)).fetchone()
    if row is None:
        raise LookupError(f"the outbox has no row {number}")
    return row


def _mark_late(connection: sqlite3.Connection, number: int, now: datetime) -> None:
    row = delivery(_row(connection, number))
    if row.attempts == 1 and (notice := late.marked(row.notice, row.due, now)) != row.notice:
        connection.execute("update outbox set payload = ? where id = ?", (pack(notice), number))


def _named(row: sqlite3.Row) -> dict[str, Any]:
    return {"message_id": row["message_id"], "recipient": row["recipient"], "attempts": row["attempts"]}


def _fail(
    connection: sqlite3.Connection, row: sqlite3.Row, at: datetime, state: str, error: str, stage: str, next_at: str
) -> None:
    connection.execute(
        "update outbox set state = ?, error = ?, stage = ?, next_at = ? where id = ?",
        (state, error, stage, next_at, row["id"]),
    )
    kind = "dead" if state == "DEAD" else "retry"
    audit.append(connection, at, kind, {**_named(row), "error": error, "stage": stage, "next_at": next_at})


def _resume(connection: sqlite3.Connection, channel: str, at: datetime) -> None:
    now = moment_text(at)
    if connection.execute("delete from pauses where channel = ?", (channel,)).rowcount:
        # The time a channel was paused is not held against its messages.
        connection.execute(
            "update outbox set dies_at = max(dies_at, ?) where channel = ? and state = 'QUEUED'",
            (moment_text(at + LIFETIME), channel),
        )
    # Stages before the recipient was named failed for the channel, not for the message.
    connection.execute(
        """update outbox set next_at = ? where channel = ? and state = 'QUEUED' and next_at > ?
           and stage in ('connect', 'tls', 'starttls', 'auth', 'mail')""",
        (now, channel, now),
    )
