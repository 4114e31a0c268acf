"""DuckDB: the only writer of the live file, which is a cache of the archive.

Facts are append-only; one transaction per file; no keys, sequences or ON CONFLICT, so that the same
statements run on DuckLake. Python never opens the live file itself: that would drop DuckDB's lock.
"""

from __future__ import annotations

import atexit
import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from monitor import sqlfiles
from monitor.clock import naive
from monitor.errors import BullionError
from monitor.model import Note, Reject
from monitor.schema import TABLES

if TYPE_CHECKING:
    import polars as pl

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.5.0",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "1GB",
    "threads": 1,
    "allocator_background_threads": True,  # gives back, seconds later, what a long history took: 60 MB for the ECB's
}


_BOOKS: Final = ("loads", "source_sessions", "notes", "rejects")
_LONG_AGO = datetime(1, 1, 1)  # noqa: DTZ001 - frames hold naive UTC


class StoreDamaged(BullionError):
    """The live file does not open: it is moved aside and rebuilt from the archive."""


class _Capsule:
    """A polars frame as DuckDB can scan it without pyarrow: nothing but the Arrow stream."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@dataclass(frozen=True, slots=True)
class FileLoad:
    """One archived file as the store is to hold it. `frames` is empty for a refused file."""

    sha256: str
    hint: str
    source: str
    name: str
    parser_version: int
    loaded_at: datetime
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    rejects: tuple[Reject, ...] = ()
    error: str = ""


class Store:
    """The live DuckDB file, open for writing, in one process at a time.

    Raises StoreDamaged where the file does not open, BullionError where another process holds it or a view of ours does
    not apply.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.RLock()
        self._con = _connect(path)
        try:
            self._migrate()
            self._views()
            self._prove()
            self._held = {sha for sha, _ in self.loads()}
            self._written: Counter[str] = Counter()
            self._loader = self._con.cursor()
            # The optimizer takes longer over a small insert than the insert itself.
            self._loader.execute("pragma disable_optimizer")
        except duckdb.Error as error:
            self._con.close()
            raise StoreDamaged(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
        except BullionError:
            self._con.close()
            raise

    # --- opening ---------------------------------------------------------------------

    def _migrate(self) -> None:
        """Apply the numbered files not yet applied, each with its record in one transaction."""
        if not self.rows("select 1 from duckdb_tables() where table_name = 'migrations' and comment is not null"):
            with self.transaction() as cur:  # what is written at a start has to be folded in at the end
                cur.execute(
                    "create table if not exists migrations (name VARCHAR not null, sha256 VARCHAR not null);"
                    "comment on table migrations is "
                    "'Schema files, views and reference tables as written, with checksums.'"
                )
        self._digests = applied = dict(self.rows("select name, sha256 from migrations"))
        for file in sqlfiles.folder("schema"):
            text = file.read_text(encoding="utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()
            if applied.get(file.name, digest) != digest:
                self._con.close()
                raise StoreDamaged(f"schema file {file.name} is not the one {self.path} was made with")
            if file.name not in applied:
                with self.transaction() as cur:
                    cur.execute(text)
                    cur.execute("insert into migrations values (?, ?)", [file.name, digest])

    def _views(self) -> None:
        """Apply the files of views, all of them and in order of name, unless these very ones were applied last.

        Their digest goes in last: cut short, the next start applies them again.
        """
        files = {file.name: file.read_text(encoding="utf-8") for file in sqlfiles.folder("views")}
        digest = hashlib.sha256("\0".join([duckdb.__version__, *files.values()]).encode()).hexdigest()
        if self.rows("select sha256 from migrations where name = 'views'") == [(digest,)]:
            return
        with self.transaction() as cur:
            cur.execute("delete from migrations where name = 'views'")
        for name, text in files.items():  # all of them in one transaction would hold 30 MB at once
            try:
                with self.transaction() as cur:
                    cur.execute(text)
            except duckdb.ProgrammingError as error:  # the program is wrong, and the file as sound as before
                raise BullionError(f"sql/views/{name} does not apply: {str(error).splitlines()[0]}") from error
        with self.transaction() as cur:
            cur.execute("insert into migrations values ('views', ?)", [digest])

    def _prove(self) -> None:
        """Read every block once: a damaged one is found at the start, when the archive can still replace it."""
        with self.cursor() as cur:
            names = cur.execute("select table_name from duckdb_tables() where not internal").fetchall()
            every = (f"select count(hash(t)) from {name} t" for (name,) in names)  # noqa: S608 - from the catalogue
            cur.execute(" union all ".join(every)).fetchall()

    # --- reading ---------------------------------------------------------------------

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own for one unit of work; closed afterwards."""
        cur = self._con.cursor()
        try:
            yield cur
        finally:
            cur.close()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.cursor() as cur:
            return cur.execute(sql, list(parameters)).fetchall()

    def loads(self) -> dict[tuple[str, str], tuple[int, datetime, str]]:
        """(sha256, hint) -> (parser version, loaded at as naive UTC, outcome) of every file in the books."""
        found = self.rows("select raw_sha256, hint, parser_version, loaded_at, outcome from loads")
        return {(sha, hint): (version, at, outcome) for sha, hint, version, at, outcome in found}

    def files_held(self, source: str) -> dict[date, frozenset[str]]:
        """Session -> hashes of the files of this source that carry it."""
        found: dict[date, set[str]] = {}
        for day, sha in self.rows("select session, raw_sha256 from source_sessions where source = ?", [source]):
            found.setdefault(day, set()).add(sha)
        return {day: frozenset(shas) for day, shas in found.items()}

    # --- writing ---------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction on a cursor of its own; rolled back whole on any error."""
        with self._lock, self.cursor() as cur, _transaction(cur):
            yield cur

    def load(self, file: FileLoad) -> int:
        """Put one file into the books, replacing what an earlier load of the same bytes said.

        Returns the number of fact rows. The same file again gives the same table.
        """
        with self._lock, _transaction(self._loader) as cur:
            touched = {*file.frames, *_BOOKS}
            if file.sha256 in self._held:
                _forget(cur, file)
                touched |= TABLES.keys()
            self._held.add(file.sha256)  # even if the commit fails: to forget what is not there costs little
            self._written.update(touched)
            return _load(cur, file)

    def replace(self, table: str, frame: pl.DataFrame) -> None:
        """Write a reference table whole; columns of `frame` by name. One that holds the very same is left as it is."""
        name, digest = f"table {table}", hashlib.sha256(frame.write_ipc(None).getbuffer()).hexdigest()
        with self._lock:
            if self._digests.get(name) == digest:
                return
            with self.transaction() as cur:
                cur.execute(f"delete from {table}")  # noqa: S608 - names come from our own code
                insert(cur, table, frame)
                cur.execute("delete from migrations where name = ?", [name])
                cur.execute("insert into migrations values (?, ?)", [name, digest])
            self._digests[name] = digest
            self._written[table] += 1

    def written(self) -> dict[str, int]:
        """How often each table of facts, books or references was written since the store was opened."""
        with self._lock:
            return dict(self._written)

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file."""
        with self._lock, self.cursor() as cur:
            cur.execute("checkpoint")

    def close(self) -> None:
        """Checkpoint and close; safe to call twice."""
        with self._lock:
            self._con.close()


def insert(cur: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame, **constants: object) -> None:
    """Append a frame to a table, columns by name; `constants` are further columns with one value for all rows."""
    if frame.is_empty():
        return
    incoming = _Capsule(frame)  # noqa: F841 - DuckDB finds it by its name; to register it costs as much as the insert
    extra = "".join(f", ? as {name}" for name in constants)
    sql = f"insert into {table} by name select *{extra} from incoming"  # noqa: S608 - names come from our own code
    cur.execute(_parsed(cur, sql), list(constants.values()))


_known: Final[dict[str, duckdb.Statement]] = {}
atexit.register(_known.clear)  # else duckdb may say at the very end of a process that it lost count of them


def _parsed(cur: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """A statement of our own, read once: a seventh of what loading a file costs is reading its statements again."""
    return _known.get(sql) or _known.setdefault(sql, cur.extract_statements(sql)[0])


def _load(cur: duckdb.DuckDBPyConnection, file: FileLoad) -> int:
    at = naive(file.loaded_at)
    for table, frame in file.frames.items():
        insert(cur, table, frame, source=file.source, raw_sha256=file.sha256, loaded_at=at)
    total = sum(frame.height for frame in file.frames.values())
    _insert_sessions(cur, file, at)
    _insert_remarks(cur, file, at)
    cur.execute(
        _parsed(cur, "insert into loads values (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        [
            file.sha256, file.hint, file.source, file.name, file.parser_version, at,
            "refused" if file.error else "loaded", total, file.error,
        ],
    )  # fmt: skip
    return total


def _insert_sessions(cur: duckdb.DuckDBPyConnection, file: FileLoad, at: datetime) -> None:
    """One row per session of the file, with the latest moment any of its rows was published."""
    published: dict[date, datetime] = {}
    for frame in file.frames.values():
        for day, moment in zip(frame["session"].to_list(), frame["published_at"].to_list(), strict=True):
            if moment > published.get(day, _LONG_AGO):
                published[day] = moment
    if published:
        cur.execute(
            _parsed(cur, "insert into source_sessions select ?, unnest(?::date[]), ?, unnest(?::timestamp[]), ?"),
            [file.source, list(published), file.sha256, list(published.values()), at],
        )


def _insert_remarks(cur: duckdb.DuckDBPyConnection, file: FileLoad, at: datetime) -> None:
    for note in file.notes:
        cur.execute(
            "insert into notes values (?, ?, ?, ?, ?, ?, ?)",
            [file.source, file.sha256, note.session, note.kind, note.text, note.where, at],
        )
    for reject in file.rejects:
        cur.execute(
            "insert into rejects values (?, ?, ?, ?, ?, ?, ?)",
            [file.source, file.sha256, file.name, reject.where, reject.message, reject.raw, at],
        )
    if file.error:
        cur.execute(
            "insert into rejects values (?, ?, ?, '', ?, '', ?)",
            [file.source, file.sha256, file.name, file.error, at],
        )


def _forget(cur: duckdb.DuckDBPyConnection, file: FileLoad) -> None:
    """Take out what an earlier load of the same bytes said (a repeat, or a mended parser)."""
    for table in (*TABLES, *_BOOKS[1:]):
        cur.execute(f"delete from {table} where raw_sha256 = ?", [file.sha256])  # noqa: S608
    cur.execute("delete from loads where raw_sha256 = ? and hint = ?", [file.sha256, file.hint])


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        con = duckdb.connect(str(path), config=CONFIG)
        con.execute("set global TimeZone = 'UTC'")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise BullionError(f"{path} is open in another process: {str(error).splitlines()[0]}") from error
        raise StoreDamaged(f"{path} does not open: {str(error).splitlines()[0]}") from error
    except duckdb.Error as error:
        raise StoreDamaged(f"{path} does not open: {str(error).splitlines()[0]}") from error
    return con


@contextmanager
def _transaction(cur: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """One transaction on this cursor; rolled back whole on any error."""
    try:
        cur.execute(_parsed(cur, "begin"))
        yield cur
        cur.execute(_parsed(cur, "commit"))
    except BaseException:
        _rollback(cur)
        raise


def _rollback(cur: duckdb.DuckDBPyConnection) -> None:
    try:
        cur.execute("rollback")
    except duckdb.Error:
        return  # the statement that failed has already ended the transaction
