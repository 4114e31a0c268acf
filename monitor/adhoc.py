"""Ad-hoc SQL on a read-only database, run in a separate, locked-down process.

The child is `monitor.adhoc_worker`; this side starts it, counts the time, decodes what it says and ends it.
Nothing of the statement is trusted to end, to fit in memory, or to answer sensibly. A child may be started, and stand
behind its walls, before there is a statement (`monitor.adhoc_spares`); each answers one.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, NoReturn, Protocol, cast

from monitor.adhoc_request import Start, parameter, sendable, start, variable
from monitor.errors import QueryRefused
from monitor.tabular import Column, Result, is_nested, parsed

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_GRACE: Final = 0.5
"""Seconds the child has beside the limit, to start and to hand over."""
_MESSAGE_MAX: Final = 256 << 20
_UNASKED_BYTES: Final = 64 << 20
"""How much a row-limited result may weigh when nobody says: a thousand rows can be any size."""
_START: Final = "import sys; sys.path += sys.argv[1:]; from monitor.adhoc_worker import main; main()"


def run(  # noqa: PLR0913  each limit has its name
    database: Path,
    sql: str,
    *,
    limit: int = 1000,
    seconds: float = 10.0,
    memory_mb: int = 900,
    max_bytes: int | None = None,
    variables: Mapping[str, str | None] = _NOTHING,
    parameters: Mapping[str, Any] = _NOTHING,
    lender: Lender | None = None,
) -> Result:
    """The whole result of one SELECT (or plain EXPLAIN) on `database`; see `stream` for the arguments and errors."""
    with stream(
        database,
        sql,
        limit=limit,
        seconds=seconds,
        memory_mb=memory_mb,
        max_bytes=max_bytes,
        variables=variables,
        parameters=parameters,
        lender=lender,
    ) as batches:
        rows: list[tuple[Any, ...]] = []
        for batch in batches:
            rows += batch
    return Result(batches.columns, rows, batches.truncated, batches.elapsed)


@contextmanager
def stream(  # noqa: PLR0913  each limit has its name
    database: Path,
    sql: str,
    *,
    limit: int = 1000,
    seconds: float = 10.0,
    memory_mb: int = 900,
    max_bytes: int | None = None,
    variables: Mapping[str, str | None] = _NOTHING,
    parameters: Mapping[str, Any] = _NOTHING,
    lender: Lender | None = None,
) -> Iterator[Stream]:
    """The result of one SELECT as batches of rows, about a megabyte each; leaving the block ends the child.

    `limit` is the most rows (0: all); `max_bytes` the most bytes of them (None: 64 MB under a row limit, else
    no limit). `seconds` counts our time and the child's, not the time a reader takes between two batches.
    `variables` are set before the statement, for `getvariable()`: moments become TIMESTAMP (UTC), bare dates DATE, None
    is left unset. `parameters` are bound to `$name`; what the statement does not name is left out. `lender` has a
    child for it; by default one is started now and gone on leaving the block.

    Raises QueryRefused: not one SELECT, an SQL error, over time, over memory, no such database.
    """
    if limit < 0:
        raise QueryRefused(f"A row limit of {limit} makes no sense. Give 0 for all rows.")
    begin = start(database, seconds, memory_mb)
    request = {
        "sql": sendable(sql),
        "limit": limit,
        "max_bytes": _UNASKED_BYTES if max_bytes is None and limit else max_bytes,
        "variables": [variable(name, value) for name, value in variables.items() if value is not None],
        "parameters": [parameter(name, value) for name, value in parameters.items()],
    }
    child = lender.take(begin) if lender else Child(begin)
    try:
        child.ask(request)
        yield Stream(child)
    finally:
        (lender.leave if lender else Child.end)(child)


class Stream:
    """Batches of rows as they come. `truncated` and `elapsed` (seconds) are known after the last."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._started = time.monotonic()
        with child.on_the_clock():
            names = child.expect("columns")
        self.columns: tuple[Column, ...] = tuple(Column(str(name), str(kind)) for name, kind in names)
        self.truncated = False
        self.elapsed = 0.0

    def __iter__(self) -> Iterator[list[tuple[Any, ...]]]:
        nested = [number for number, column in enumerate(self.columns) if is_nested(column.type)]
        while True:
            with self._child.on_the_clock():
                rows = self._child.expect("rows", "end")
                if not isinstance(rows, list):
                    break
                batch = [_unfold(row, nested) for row in rows] if nested else [tuple(row) for row in rows]
            yield batch
        self.truncated = bool(rows)
        self.elapsed = time.monotonic() - self._started


class Lender(Protocol):
    """Has children before they are needed."""

    def take(self, begin: Start) -> Child:
        """One that was started so, and that nobody has asked anything."""

    def leave(self, child: Child) -> None:
        """Kill one that was taken. It may be gone only a moment later."""


class Child:
    """One running `monitor.adhoc_worker`, for one statement, and what is left of its time once it is asked.

    The thread that makes it must outlive it: the kernel ends it with that thread, as with this process.
    """

    def __init__(self, begin: Start) -> None:
        self.begin = begin
        self._left = begin.seconds + _GRACE
        self._deadline = 0.0
        self._inbox, self._outbox = bytearray(), memoryview(b"")
        self._last_words = b""
        with tempfile.TemporaryDirectory(prefix="bullion-query-") as empty:  # gone while it works there: no litter
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-X", "utf8", "-c", _START, *_import_path()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=empty,
                env={"MALLOC_ARENA_MAX": "1"},  # without it DuckDB dies under RLIMIT_AS: an arena for each thread
                start_new_session=True,
            )
        self._questions, self._answers, self._complaints = (
            cast(IO[bytes], pipe) for pipe in (self._process.stdin, self._process.stdout, self._process.stderr)
        )
        self._pipes = selectors.DefaultSelector()
        self._pipes.register(self._answers, selectors.EVENT_READ)
        self._pipes.register(self._complaints, selectors.EVENT_READ)
        with suppress(BrokenPipeError):  # it is gone already: whoever asks is told why
            self._questions.write(_line(begin))

    @property
    def is_alive(self) -> bool:
        """Whether it could still be asked."""
        return self._process.poll() is None

    def ask(self, request: Mapping[str, Any]) -> None:
        """Give it its one statement; it leaves while we wait for the answer, however long it is."""
        self._outbox = memoryview(json.dumps(request).encode())
        os.set_blocking(self._questions.fileno(), False)
        self._pipes.register(self._questions, selectors.EVENT_WRITE)

    @contextmanager
    def on_the_clock(self) -> Iterator[None]:
        """Time in this block counts against the limit; `expect` belongs in one."""
        self._deadline = time.monotonic() + self._left
        yield
        self._left = self._deadline - time.monotonic()

    def expect(self, *kinds: str) -> Any:
        """The content of the next message, which must be one of `kinds`; QueryRefused with the reason otherwise."""
        size = int.from_bytes(self._take(4))
        try:
            kind, content = json.loads(self._take(size))
        except (ValueError, RecursionError) as error:
            raise QueryRefused("The query's process gave no readable answer. Simplify the statement.") from error
        if kind == "refused":
            raise QueryRefused(str(content))
        if kind not in kinds:
            raise QueryRefused("The query's process answered out of turn. Simplify the statement.")
        return content

    def kill(self) -> None:
        """Kill the child and whatever it may have started."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the child and wait until it is gone."""
        self.kill()
        self._process.wait()
        self._pipes.close()
        for pipe in (self._questions, self._answers, self._complaints):
            pipe.close()

    def _take(self, size: int) -> bytes:
        if size > _MESSAGE_MAX:
            raise QueryRefused("A single row is too large to hand over. Select fewer or shorter columns.")
        while len(self._inbox) < size:
            self._read()
        taken = bytes(self._inbox[:size])
        del self._inbox[:size]
        return taken

    def _read(self) -> None:
        left = self._deadline - time.monotonic()
        ready = self._pipes.select(left) if left > 0 else []
        if not ready:
            self._out_of_time()
        for key, _ in ready:
            if key.fileobj is self._questions:
                self._write()
                continue
            chunk = os.read(key.fd, 1 << 20)
            if key.fileobj is self._answers:
                if not chunk:
                    self._died()
                self._inbox += chunk
            elif chunk:
                self._last_words = (self._last_words + chunk)[-500:]
            else:
                self._pipes.unregister(key.fileobj)

    def _write(self) -> None:
        try:
            self._outbox = self._outbox[os.write(self._questions.fileno(), self._outbox) :]
        except BrokenPipeError:  # its last words say why
            self._outbox = memoryview(b"")
        if not self._outbox:
            self._pipes.unregister(self._questions)
            self._questions.close()

    def _out_of_time(self) -> NoReturn:
        raise QueryRefused(
            f"Still running after {self.begin.seconds:g} s and was stopped. "
            "Filter by session first, aggregate, or raise the time limit."
        )

    def _died(self) -> NoReturn:
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            self._out_of_time()
        said = self._last_words.decode(errors="replace").strip().rpartition("\n")[2]
        raise QueryRefused(
            f"The query's process ended by itself (code {code}), most likely out of memory "
            f"(limit {self.begin.memory_mb} MB). Filter earlier, select fewer columns, or aggregate before sorting."
            + (f" It said: {said}" if said else "")
        )


def _line(begin: Start) -> bytes:
    told = {"database": str(begin.database), "seconds": begin.seconds, "memory_mb": begin.memory_mb}
    return json.dumps(told | {"parent": os.getpid()}).encode() + b"\n"


def _import_path() -> list[str]:
    """Folders of the engine and of ourselves: under -S the child knows neither, whatever way we were installed."""
    engine = find_spec("_duckdb")
    if engine is None or engine.origin is None:
        raise QueryRefused("DuckDB is not installed beside this Python. Install Bullion again.")
    return [str(Path(engine.origin).parent), str(Path(__file__).resolve().parents[1])]


def _unfold(row: list[Any], nested: list[int]) -> tuple[Any, ...]:
    for number in nested:
        if row[number] is not None:
            row[number] = parsed(row[number])
    return tuple(row)
