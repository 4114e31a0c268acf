"""The SQLite file behind the ledger: its tables, its one connection, its transactions."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from monitor.clock import naive, parse_moment
from monitor.errors import Busy, Unreadable

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """create table told (
            "check" text not null, subject text not null, opened text, severity text not null, closed_through text,
            seq integer not null, told_session text, told_at text, repeats integer not null, version text not null,
            root_message_id text not null, primary key ("check", subject))""",
        """create table events (
            id integer primary key, "check" text not null, subject text not null, seq integer not null,
            opened text not null, event text not null, severity text not null, session text not null, closed text,
            note text not null, at text not null, unique ("check", subject, seq))""",
        """create table outbox (
            id integer primary key, message_id text not null, recipient text not null, channel text not null,
            events text not null, payload text not null,
            state text not null check (state in ('QUEUED', 'SENDING', 'SENT', 'DEAD', 'MERGED')),
            attempts integer not null default 0, next_at text not null, first_queued_at text not null,
            dies_at text not null, sent_at text, error text not null default '', stage text not null default '',
            unique (message_id, recipient))""",
        "create index outbox_due on outbox (state, next_at)",
        """create table stories (
            outbox_id integer not null references outbox (id), "check" text not null, subject text not null,
            opened text not null)""",
        'create index stories_key on stories ("check", subject, opened)',
        "create table pauses (channel text primary key, until text not null, error text not null)",
        """create table acks (
            id integer primary key, "check" text not null, subject text not null, opened text not null,
            author text not null, at text not null, ended_at text)""",
        """create table silences (
            id integer primary key, matcher text not null, author text not null, reason text not null,
            starts text not null, ends text not null, at text not null)""",
        """create table audit (
            seq integer primary key, at text not null, kind text not null, body text not null, previous text not null,
            hash text not null)""",
        """create trigger audit_is_not_edited before update on audit
            begin select raise(abort, 'the audit is only added to'); end""",
        """create trigger audit_is_not_cut before delete on audit
            begin select raise(abort, 'the audit is only added to'); end""",
    ),
    ("create table memos (day text primary key, kind text not null, at text not null)",),
    (
        "alter table silences add column ended_at text",
        "alter table silences add column ended_by text",
        "alter table outbox add column kind text not null default 'alert'",
        "alter table outbox add column due_from text not null default ''",
        "create index outbox_ended on outbox (recipient, channel, state)",
        """create table incidents (
            id integer primary key, kind text not null, subject text not null, note text not null, at text not null)""",
    ),
)
"""One tuple of statements a version, applied in order, each in one transaction; never edited once released."""

From = TypeVar("From")
To = TypeVar("To")
_NOT_A_LEDGER: Final = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class Database:
    """One connection to one ledger file, shared by the threads of a process.

    Rollback journal and `synchronous=EXTRA`: a commit that returned survives a power cut. The file is readable by its
    owner only. Raises Unreadable where the file is no ledger or comes from a newer version, Busy where another process
    holds it for longer than `patience` seconds.
    """

    def __init__(self, path: Path, patience: float = 10.0) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._make_private()
        self._connection = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        with self.closed_on_error():
            for pragma in ("journal_mode=delete", "synchronous=extra", "foreign_keys=on", "trusted_schema=off"):
                self.rows(f"pragma {pragma}")
            self._migrate()

    @contextmanager
    def closed_on_error(self) -> Iterator[None]:
        """What goes wrong while opening leaves no open file behind."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _make_private(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A file that is there is not opened to be made private: closing it would drop SQLite's locks in this process.
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self.path.chmod(0o600)

    def _migrate(self) -> None:
        with self.transaction() as connection:
            connection.execute("create table if not exists schema_version (version integer primary key)")
        if (version := self._version()) > len(MIGRATIONS):
            raise Unreadable(
                f"{self.path} has schema {version} and this version of Bullion knows {len(MIGRATIONS)}: "
                "run the newer version"
            )
        for number in range(version + 1, len(MIGRATIONS) + 1):
            with self.transaction() as connection:
                if self._version() >= number:
                    continue  # another process was quicker
                for statement in MIGRATIONS[number - 1]:
                    connection.execute(statement)
                connection.execute("insert into schema_version values (?)", (number,))

    def _version(self) -> int:
        return int(self.rows("select coalesce(max(version), 0) as version from schema_version")[0]["version"])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is kept, or nothing is."""
        with self._lock:
            try:
                self._connection.execute("begin immediate")
                try:
                    yield self._connection
                    self._connection.execute("commit")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("rollback")
                    raise
            except sqlite3.DatabaseError as error:
                raise self._explained(error) from error

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        """The answer to one query, whole."""
        with self._lock:
            try:
                return self._connection.execute(sql, parameters).fetchall()
            except sqlite3.DatabaseError as error:
                raise self._explained(error) from error

    def _explained(self, error: sqlite3.DatabaseError) -> Exception:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_BUSY:
            return Busy(f"another process is writing {self.path}: try again")
        if code in _NOT_A_LEDGER:
            return Unreadable(f"{self.path} is no ledger of alerts ({error}): move it aside or restore it")
        return error

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._connection.close()


def moment_text(moment: datetime) -> str:
    """An aware moment as text that sorts by time; ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return naive(moment).isoformat(timespec="microseconds") + "Z"


def moment_of(text: str) -> datetime:
    """The other way round, aware UTC."""
    return parse_moment(text)


def maybe(convert: Callable[[From], To], value: From | None) -> To | None:
    """`convert(value)`, and None for None: a nullable column, in either direction."""
    return None if value is None else convert(value)
