"""The ledger: what people were told, acknowledged and silenced, in one SQLite file with the outbox and the audit.

It owns every write to that file. Told-state, messages and audit of a batch are one transaction: a crash leaves all of
it or nothing, and the next batch finds the same difference again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from alerts import audit, told_state
from alerts.ledger_db import Database, moment_of, moment_text
from alerts.letters import Letter
from alerts.outbox import Outbox, queue
from monitor.model import Episode, Severity
from monitor.telling import Change, Told

LONGEST_SILENCE: Final = timedelta(days=30)
_MATCHABLE: Final = frozenset({"check", "subject", "severity"})


@dataclass(frozen=True, slots=True)
class Silence:
    """No new story is told of what it matches until it ends."""

    id: int
    matcher: Mapping[str, str]
    """Any of check, subject, severity; all that are named have to be equal."""
    author: str
    reason: str
    starts: datetime
    ends: datetime

    def matches(self, check: str, subject: str, severity: Severity) -> bool:
        """Whether it holds this back."""
        labels = {"check": check, "subject": subject, "severity": severity.value}
        return all(labels[name] == value for name, value in self.matcher.items())


class Ledger:
    """One open ledger file. Moments are arguments, aware; the clock is never read.

    The process that delivers opens it as it is: what an earlier one was sending when it died is then queued again.
    Any other process beside it (an acknowledgement from the command line) opens it with `guest=True`, which leaves
    the rows being sent alone. Raises Unreadable and Busy as `Database` does.
    """

    def __init__(self, path: Path, *, guest: bool = False) -> None:
        self._database = Database(path)
        self.outbox = Outbox(self._database)
        if not guest:
            with self._database.closed_on_error():
                self.outbox.recover()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def told(self) -> dict[tuple[str, str], Told]:
        """The told-state by (check, subject)."""
        return told_state.load(self._database)

    def checks_known(self) -> set[str]:
        """Checks that were evaluated before; any other is at its start."""
        return {row["check"] for row in self._database.rows('select distinct "check" from told')}

    def record(
        self,
        changes: Sequence[Change],
        letters: Sequence[Letter],
        told: Iterable[Told],
        at: datetime,
        *,
        silent: Iterable[tuple[Told, Episode]] = (),
    ) -> int:
        """Keep a batch: what is said, the letters that say it, the told-state after it. All of it or nothing.

        `told` is the new told-state of every key where it differs, of those that say nothing as well; `silent` the
        episodes only the audit hears of. Recording the same batch again changes nothing. Answers how many letters
        were queued.
        """
        roots = told_state.roots(letters)
        with self._database.transaction() as connection:
            for change in changes:
                told_state.add_event(connection, change, at)
            for state, episode in silent:
                told_state.add_silent(connection, state, episode, at)
            for state in told:
                told_state.store(connection, state, roots)
            return sum(queue(connection, letter, at) for letter in letters)

    def memo(self, day: date, kind: str, letters: Sequence[Letter], at: datetime) -> int:
        """Keep the memo of a day with its letters, all of it or nothing; 0 where that day's is kept already."""
        with self._database.transaction() as connection:
            row = (day.isoformat(), kind, moment_text(at))
            if not connection.execute("insert into memos values (?, ?, ?) on conflict do nothing", row).rowcount:
                return 0
            audit.append(connection, at, "memo", {"day": day, "kind": kind, "letters": len(letters)})
            return sum(queue(connection, letter, at) for letter in letters)

    def memos(self) -> list[tuple[date, str, datetime]]:
        """(day, kind, moment) of every memo kept, the newest first."""
        rows = self._database.rows("select day, kind, at from memos order by day desc")
        return [(date.fromisoformat(row["day"]), row["kind"], moment_of(row["at"])) for row in rows]

    def ack(self, check: str, subject: str, opened: date, author: str, at: datetime) -> None:
        """Acknowledge the open story of that name; LookupError where none is told open."""
        with self._database.transaction() as connection:
            story = (check, subject, opened.isoformat())
            if not connection.execute(
                'select 1 from told where "check" = ? and subject = ? and opened = ?', story
            ).fetchone():
                raise LookupError(f"no open alert of {check} for {subject} since {opened}")
            connection.execute(
                'insert into acks ("check", subject, opened, author, at) values (?, ?, ?, ?, ?)',
                (*story, author, moment_text(at)),
            )
            body = {"check": check, "subject": subject, "opened": opened, "author": author}
            audit.append(connection, at, "ack", body)

    def acked(self) -> dict[tuple[str, str], date]:
        """(check, subject) of open stories that are acknowledged -> the UTC day of the last acknowledgement."""
        rows = self._database.rows(
            """select "check", subject, max(acks.at) as at from acks join told using ("check", subject, opened)
               where ended_at is null group by "check", subject"""
        )
        return {(row["check"], row["subject"]): moment_of(row["at"]).date() for row in rows}

    def silence(
        self,
        matcher: Mapping[str, str],
        author: str,
        reason: str,
        starts: datetime,
        ends: datetime,
        at: datetime,
    ) -> int:
        """Start a silence of at most 30 days and answer its number; ValueError for one that says too little."""
        if not matcher or not _MATCHABLE.issuperset(matcher):
            raise ValueError(f"a silence names some of {', '.join(sorted(_MATCHABLE))}, not {sorted(matcher)}")
        if not (author.strip() and reason.strip()):
            raise ValueError("a silence needs an author and a reason")
        if not timedelta(0) < ends - starts <= LONGEST_SILENCE:
            raise ValueError(f"a silence ends after it starts, and within {LONGEST_SILENCE.days} days")
        row = (json.dumps(dict(matcher), sort_keys=True), author, reason, moment_text(starts), moment_text(ends))
        with self._database.transaction() as connection:
            inserted = connection.execute(
                "insert into silences (matcher, author, reason, starts, ends, at) values (?, ?, ?, ?, ?, ?)",
                (*row, moment_text(at)),
            )
            body = {"matcher": dict(matcher), "author": author, "reason": reason, "starts": starts, "ends": ends}
            audit.append(connection, at, "silence", body)
        return int(inserted.lastrowid or 0)

    def silences(self, at: datetime) -> list[Silence]:
        """The silences in force at that moment."""
        now = moment_text(at)
        rows = self._database.rows("select * from silences where starts <= ? and ? < ends order by id", (now, now))
        return [_silence(row) for row in rows]

    def alert_rows(self) -> list[dict[str, Any]]:
        """Every story told, oldest first, for the published table `alerts`; days as dates, moments naive UTC.

        check_name, subject, state (open or closed), severity (as last told), opened, closed, told_at,
        events ("firing 2026-02-10; recovered 2026-02-18").
        """
        return told_state.stories(self._database)

    def verify_audit(self) -> int | None:
        """The number of the first audit row that was tampered with; None where all are sound."""
        return audit.broken_at(self._database)


def _silence(row: sqlite3.Row) -> Silence:
    return Silence(
        id=row["id"],
        matcher=json.loads(row["matcher"]),
        author=row["author"],
        reason=row["reason"],
        starts=moment_of(row["starts"]),
        ends=moment_of(row["ends"]),
    )
