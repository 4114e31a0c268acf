"""The ledger: what people were told, acknowledged and silenced, in one SQLite file with the outbox and the audit.

It owns every write to that file. Told-state, messages and audit of a batch are one transaction: a crash leaves all of
it or nothing, and the next batch finds the same difference again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from alerts import audit, silences, told_state
from alerts.ledger_db import Database, moment_of, moment_text
from alerts.letters import Letter
from alerts.outbox import Outbox, queue, replace_rows
from alerts.silences import Silence
from monitor.model import Episode
from monitor.telling import Change, Told


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
        withdrawn: Iterable[int] = (),
    ) -> int:
        """Keep a batch: what is said, the letters that say it, the told-state after it. All of it or nothing.

        `told` is the new told-state of every key where it differs, of those that say nothing as well; `silent` the
        episodes only the audit hears of, `withdrawn` the queued rows that have nothing left to say. Recording the same
        batch again changes nothing. Answers how many letters were queued.
        """
        roots = told_state.roots(letters)
        with self._database.transaction() as connection:
            for change in changes:
                told_state.add_event(connection, change, at)
            for state, episode in silent:
                told_state.add_silent(connection, state, episode, at)
            for state in told:
                told_state.store(connection, state, roots)
            replace_rows(connection, withdrawn)
            return sum(queue(connection, letter, at) for letter in letters)

    def memo(self, day: date, kind: str, letters: Sequence[Letter], at: datetime) -> int:
        """Keep the memo of a day with its letters, all of it or nothing; 0 where that day's is kept already.

        The rows a letter replaces give way to it here and not before, so that what they tell is always in one of them.
        """
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
            silences.acknowledge(connection, check, subject, opened, author, at)

    def acked(self) -> dict[tuple[str, str], date]:
        """(check, subject) of open stories that are acknowledged -> the UTC day of the last acknowledgement."""
        return {key: at.date() for key, (_, at) in silences.acknowledged(self._database).items()}

    def acked_by(self) -> dict[tuple[str, str], tuple[str, datetime]]:
        """(check, subject) of open stories that are acknowledged -> who did so last, and when."""
        return silences.acknowledged(self._database)

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
        with self._database.transaction() as connection:
            return silences.start(connection, matcher, author, reason, (starts, ends), at)

    def unsilence(self, number: int, author: str, at: datetime) -> None:
        """End a silence now; LookupError where none of that number is in force or still to come."""
        with self._database.transaction() as connection:
            silences.end(connection, number, author, at)

    def silences(self, at: datetime) -> list[Silence]:
        """The silences in force at that moment."""
        return [silence for silence in self.every_silence() if silence.starts <= at < silence.ends]

    def every_silence(self) -> list[Silence]:
        """All silences there ever were, oldest first."""
        return silences.every(self._database)

    def note(self, kind: str, subject: str, note: str, at: datetime) -> None:
        """Keep something that happened to the monitor itself once, for readings of it to be made from."""
        with self._database.transaction() as connection:
            connection.execute(
                "insert into incidents (kind, subject, note, at) values (?, ?, ?, ?)",
                (kind, subject, note, moment_text(at)),
            )
            audit.append(connection, at, "incident", {"kind": kind, "subject": subject, "note": note})

    def incidents(self) -> list[tuple[str, str, str, datetime]]:
        """(kind, subject, note, moment) of all that was noted, oldest first."""
        rows = self._database.rows("select * from incidents order by id")
        return [(row["kind"], row["subject"], row["note"], moment_of(row["at"])) for row in rows]

    def alert_rows(self) -> list[dict[str, Any]]:
        """Every story told, oldest first, for the published table `alerts`; days as dates, moments naive UTC.

        check_name, subject, state (open or closed), severity (as last told), opened, closed, told_at,
        events ("firing 2026-02-10; recovered 2026-02-18").
        """
        return told_state.stories(self._database)

    def told_events(self, check: str = "", subject: str = "") -> list[dict[str, Any]]:
        """Everything told, oldest first, of all keys or of one; see `told_state.events`."""
        return told_state.events(self._database, check, subject)

    def verify_audit(self) -> int | None:
        """The number of the first audit row that was tampered with; None where all are sound."""
        return audit.broken_at(self._database)
