"""What the outbox says when it is asked: nothing here changes a row."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from alerts.ledger_db import Database, maybe, moment_of
from alerts.letters import Delivery, delivery, published, shown, unpack
from monitor.model import Event

_ENDS: Final = (Event.RECOVERED.value, Event.RETRACTED.value)


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """How the queue stands."""

    counts: Mapping[str, int]
    """Rows by state."""
    oldest: datetime | None
    """When the oldest row that has not left was queued."""
    paused: Mapping[str, datetime]
    """Channel -> when it is tried again."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The last message to one recipient that came to an end, where that was being given up."""

    recipient: str
    channel: str
    error: str
    at: datetime
    """When it was queued."""
    subject: str = ""
    """What the recipient is called where no address may stand."""


class Reads:
    """Questions to the outbox of one ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, recipient: str) -> list[Delivery]:
        """What is queued for a recipient and has not left, oldest first: what a new message may replace."""
        rows = self._database.rows(
            "select * from outbox where recipient = ? and state = 'QUEUED' order by id", (recipient,)
        )
        return [delivery(row) for row in rows]

    def thread(
        self, check: str, subject: str, opened: date, recipient: str, but: Collection[int] = ()
    ) -> tuple[str, ...]:
        """Message-IDs that told this recipient of a story, root first: the References of the next one.

        Not of rows `but`, which the next one is told instead of.
        """
        rows = self._database.rows(
            """select outbox.id, message_id from outbox join stories on outbox_id = outbox.id
               where "check" = ? and subject = ? and opened = ? and recipient = ? and state <> 'MERGED'
               order by outbox.id""",
            (check, subject, opened.isoformat(), recipient),
        )
        return tuple(row["message_id"] for row in rows if row["id"] not in but)

    def takes_for_open(self, check: str, subject: str, opened: date, recipient: str, but: Collection[int] = ()) -> bool:
        """Whether the last message that tells this recipient of the story, or waits to, does not tell its end.

        Messages that were given up told nobody anything; rows `but` are not looked at.
        """
        rows = self._database.rows(
            """select outbox.id, events from outbox join stories on outbox_id = outbox.id
               where "check" = ? and subject = ? and opened = ? and recipient = ?
                   and state not in ('MERGED', 'DEAD') order by outbox.id desc""",
            (check, subject, opened.isoformat(), recipient),
        )
        told: list[dict[str, Any]] = next((json.loads(row["events"]) for row in rows if row["id"] not in but), [])
        story = (check, subject, opened.isoformat())
        about = [one["event"] for one in told if (one["check"], one["subject"], one["opened"]) == story]
        return bool(about) and about[-1] not in _ENDS

    def told_lately(self, recipient: str, since: datetime, but: Iterable[int] = ()) -> list[datetime]:
        """When this recipient's messages since then were due, without overflow, what was given up, and rows `but`."""
        rows = self._database.rows(
            """select id, coalesce(nullif(due_from, ''), first_queued_at) as at from outbox
               where recipient = ? and kind = 'alert' and state not in ('MERGED', 'DEAD') order by at""",
            (recipient,),
        )
        left_out = set(but)
        return [moment for row in rows if row["id"] not in left_out and (moment := moment_of(row["at"])) > since]

    def summary(self) -> QueueSummary:
        """How the queue stands."""
        counts = self._database.rows("select state, count(*) as n from outbox group by state")
        oldest = self._database.rows(
            "select min(first_queued_at) as at from outbox where state in ('QUEUED', 'SENDING')"
        )[0]["at"]
        paused = self._database.rows("select channel, until from pauses")
        return QueueSummary(
            counts={row["state"]: row["n"] for row in counts},
            oldest=maybe(moment_of, oldest),
            paused={row["channel"]: moment_of(row["until"]) for row in paused},
        )

    def due_since(self) -> dict[str, datetime]:
        """Channel -> since when its oldest row that has not left should have; a row may be queued for later."""
        due = self._database.rows(
            """select channel, min(coalesce(nullif(due_from, ''), first_queued_at)) as at from outbox
               where state in ('QUEUED', 'SENDING') group by channel"""
        )
        return {row["channel"]: moment_of(row["at"]) for row in due}

    def given_up(self, recipient: str, channel: str) -> GivenUp | None:
        """The last message to this recipient that came to an end, if it was given up; None where it was taken."""
        rows = self._database.rows(
            """select state, error, first_queued_at from outbox
               where recipient = ? and channel = ? and state in ('SENT', 'DEAD') order by id desc limit 1""",
            (recipient, channel),
        )
        if not rows or rows[0]["state"] == "SENT":
            return None
        return GivenUp(recipient, channel, rows[0]["error"], moment_of(rows[0]["first_queued_at"]))

    def letters(self) -> list[dict[str, Any]]:
        """Every message as `shown` says it, the newest first."""
        return [shown(row) for row in self._database.rows("select * from outbox order by id desc")]

    def letter(self, number: int) -> dict[str, Any] | None:
        """One message as `shown` says it, with its text, its HTML and its pictures; None where there is none."""
        rows = self._database.rows("select * from outbox where id = ?", (number,))
        if not rows:
            return None
        notice = unpack(rows[0]["payload"])
        return shown(rows[0]) | {"text": notice.text, "html": notice.html, "images": dict(notice.images)}

    def delivery_rows(self) -> list[dict[str, Any]]:
        """Every message for the published table `deliveries`, without recipients or bodies; moments naive UTC."""
        return [published(row) for row in self._database.rows("select * from outbox order by id")]
