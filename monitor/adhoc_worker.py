"""The child that runs one ad-hoc SQL statement on a published generation, behind `adhoc_walls`.

`monitor.adhoc` starts it with an empty environment. On stdin come a line (JSON) with the database and the limits, then,
at once or much later, the one statement (JSON) and the end. It answers with length-prefixed JSON messages: columns,
rows..., end, or refused. Its imports are its start-up time.

Before the statement runs it passes the gate: exactly one statement, a SELECT or a plain EXPLAIN, and no CTE
that writes. The gate is for good messages; `tests/test_adhoc_attacks.py` shows that the walls hold without it.
"""

import contextlib
import datetime as dt
import decimal
import json
import math
import os
import re
import struct
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import _duckdb as duckdb

from monitor.adhoc_walls import confine_files, limit_process, lock, open_database

_IMPORTED_BY_DUCKDB: Final = (decimal, uuid)
"""DuckDB imports these when it first meets a value, and by then no file can be opened."""
_BATCH_BYTES: Final = 1_000_000
_PLAIN: Final = re.compile(
    r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|BIGNUM|FLOAT|DOUBLE|DECIMAL\(.*|BOOLEAN|VARCHAR|ENUM\(.*|JSON|BLOB"
    r"|DATE|TIME|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|NULL"
)
"""Types whose Python values lose nothing. Others are cast in SQL: an INTERVAL of one month would arrive as 30
days, TIMESTAMP_NS without its nanoseconds, and TIMESTAMPTZ needs pytz."""
_NESTED: Final = re.compile(r".*\]|(STRUCT|MAP|UNION|TUPLE|VARIANT)\b.*", re.DOTALL)


class Refusal(Exception):
    """Why the statement is not run; the parent raises it as QueryRefused."""


# --- the gate -----------------------------------------------------------------------------

_ONE_SELECT: Final = "Ad-hoc SQL is one SELECT, or EXPLAIN of one"
_WRITERS: Final = frozenset({"insert", "update", "delete", "merge", "copy"})


def gate(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement of `sql`, if it only reads; raises Refusal with what to do otherwise."""
    statements = _parse(con, sql)
    if not statements:
        raise Refusal(f"There is no statement here. {_ONE_SELECT}.")
    if len(statements) > 1:
        raise Refusal(f"There are {len(statements)} statements here. {_ONE_SELECT}: run them one at a time.")
    statement, kind = statements[0], _kind(statements[0])
    if kind == "MULTI":
        raise Refusal("PIVOT without IN writes a temporary type first. List the values: PIVOT ... ON column IN (...).")
    if kind == "EXPLAIN":
        _explains_a_select(con, statement.query)
    elif kind != "SELECT":
        raise Refusal(f"{kind} is not allowed. {_ONE_SELECT}; the data are read-only.")
    _writes_nothing(statement.query)
    return statement


def _parse(con: duckdb.DuckDBPyConnection, sql: str) -> list[duckdb.Statement]:
    try:
        return con.extract_statements(sql)
    except TypeError as error:
        raise Refusal("The statement is not Unicode text. Save it as UTF-8.") from error


def _kind(statement: duckdb.Statement) -> str:
    try:
        return str(statement.type.name)
    except ValueError:  # one that the Python package has no name for, e.g. UPDATE EXTENSIONS
        return "This kind of statement"


def _words(query: str) -> list[tuple[int, str, bool]]:
    """(byte offset, text in lower case, is a keyword) of each token that is no comment."""
    raw = query.encode()
    tokens = duckdb.tokenize(query)
    ends = [offset for offset, _ in tokens[1:]] + [len(raw)]
    return [
        (offset, raw[offset:end].decode(errors="replace").strip().lower(), kind == duckdb.token_type.keyword)
        for (offset, kind), end in zip(tokens, ends, strict=True)
        if kind != duckdb.token_type.comment
    ]


def _explains_a_select(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """EXPLAIN ANALYZE runs what it explains, and its type is EXPLAIN too: what follows must be a SELECT itself."""
    plain = "Plain EXPLAIN of one SELECT only: without ANALYZE, which runs the statement, and without options."
    offset, word, _ = _words(query)[0]
    if word != "explain":
        raise Refusal(plain)
    try:
        inner = _parse(con, query.encode()[offset + len(word) :].decode())
    except duckdb.Error as error:
        raise Refusal(plain) from error
    if [_kind(statement) for statement in inner] != ["SELECT"]:
        raise Refusal(plain)


def _writes_nothing(query: str) -> None:
    """`WITH a AS (COPY t TO 'file') SELECT ...` has the type SELECT; so has one with INSERT, UPDATE or DELETE."""
    before = ""
    for _, word, keyword in _words(query):
        if keyword and word in _WRITERS and before in ("(", ")"):
            raise Refusal(
                f"{word.upper()} inside a SELECT is not allowed: the data are read-only. "
                f'If {word} is the name of a column, quote it: "{word}".'
            )
        before = word[-1:]


# --- running and handing over -------------------------------------------------------------


def set_variables(con: duckdb.DuckDBPyConnection, variables: Sequence[Sequence[Any]]) -> None:
    """`SET VARIABLE` for each [name, type, value]; on this connection, because cursors do not inherit them.

    The lock leaves variables alone, and nothing but variables: `tests/test_adhoc_spares.py` tries every setting.
    """
    for name, kind, value in variables:
        con.execute(f'SET VARIABLE "{name}" = $value', {"value": _typed(kind, value)})


def execute(
    con: duckdb.DuckDBPyConnection, statement: duckdb.Statement, parameters: Mapping[str, Any]
) -> list[list[str]]:
    """Start the statement on `con`; returns [name, DuckDB type] of each column. Rows are fetched from `con`."""
    missing = sorted(statement.named_parameters - parameters.keys())
    if missing:
        raise Refusal(f"No value was given for ${', $'.join(missing)}. Give each parameter a value.")
    used = {name: parameters[name] for name in statement.named_parameters}
    con.execute(statement, used)
    columns = [[name, str(kind).strip('"')] for name, kind, *_ in con.description or ()]
    shown = [_projection(number, kind) for number, (_, kind) in enumerate(columns, 1)]
    if any("(" in item for item in shown):
        inner = _without_semicolon(statement.query)
        con.execute(f"SELECT {', '.join(shown)} FROM (\n{inner}\n)", used)  # noqa: S608  the gate parsed it as one SELECT
    return columns


def _projection(number: int, kind: str) -> str:
    if _NESTED.fullmatch(kind):
        return f"to_json(#{number})"
    return f"#{number}" if _PLAIN.fullmatch(kind) else f"CAST(#{number} AS VARCHAR)"


def _typed(kind: str, value: Any) -> Any:
    if kind == "DATE":
        return dt.date.fromisoformat(value)
    if kind == "TIMESTAMP":
        return dt.datetime.fromisoformat(value)
    return decimal.Decimal(value) if kind == "DECIMAL" else value


def _without_semicolon(query: str) -> str:
    end = len(query.encode())
    for offset, word, _ in reversed(_words(query)):
        if word.strip("; \n\t"):
            break
        end = offset
    return query.encode()[:end].decode()


def _text(value: Any) -> str:
    """What JSON has no form for: ISO moments as DuckDB prints them, exact decimals, BLOB as hex."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return bytes(value).hex() if isinstance(value, bytes | bytearray) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, default=_text, separators=(",", ":"), ensure_ascii=False)


def batches(con: duckdb.DuckDBPyConnection, limit: int, max_bytes: int | None) -> Iterator[tuple[str, bool]]:
    """(JSON of a list of rows, whether rows were left behind after it), about a megabyte each.

    `limit` 0 and `max_bytes` None are no limit. Raises Refusal where the first row alone is over `max_bytes`.
    """
    room = math.inf if max_bytes is None else max_bytes
    left = limit or sys.maxsize
    size = 64
    while rows := con.fetchmany(min(size, left + 1) if left < sys.maxsize else size):
        kept = rows[:left]
        text = _json(kept)
        if len(text) > room:
            kept = _that_fit(kept, room)
            if not kept and room == max_bytes:
                raise Refusal(
                    f"The first row alone is larger than {max_bytes:,} bytes. Select fewer or shorter columns."
                )
            text = _json(kept)
        more = len(kept) < len(rows)
        yield text, more
        if more:
            return
        left -= len(kept)
        room -= len(text)
        size = max(1, min(8192, size * _BATCH_BYTES // len(text)))


def _that_fit(rows: list[Any], room: float) -> list[Any]:
    for number, row in enumerate(rows):
        room -= len(_json(row)) + 1
        if room < 2:
            return rows[:number]
    return rows


def answer(con: duckdb.DuckDBPyConnection, request: Mapping[str, Any], send: Callable[[str], None]) -> None:
    """Gate and run the statement of `request`, sending columns, rows and end."""
    statement = gate(con, request["sql"])
    parameters = {name: _typed(kind, value) for name, kind, value in request["parameters"]}
    send(_json(["columns", execute(con, statement, parameters)]))
    truncated = False
    for text, truncated in batches(con, request["limit"], request["max_bytes"]):  # noqa: B007
        send(f'["rows",{text}]')
    send(_json(["end", truncated]))


def rehearse(con: duckdb.DuckDBPyConnection) -> None:
    """Answer a question of our own to nobody: what is made at the first one is made before somebody waits."""
    own = {"sql": "select 1", "parameters": (), "limit": 1, "max_bytes": None}
    answer(con, own, lambda _: None)


_NO_MEMORY: Final = re.compile(r"bad_alloc|alloc\w* failed|failed to \w*alloc|cannot allocate", re.IGNORECASE)


def explain_error(error: BaseException, memory_mb: int) -> str:
    """A sentence or DuckDB's own first lines, for whoever wrote the statement."""
    text = "\n".join(line for line in str(error).splitlines()[:8] if line.strip())[:2000]
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException) or _NO_MEMORY.search(text):
        return (
            f"The statement ran out of memory (limit {memory_mb} MB). "
            "Filter earlier, select fewer columns, or aggregate before sorting."
        )
    if "read-only mode" in text:
        return f"The data are read-only: nothing can be written. {_ONE_SELECT}."
    if isinstance(error, duckdb.PermissionException) or "file system" in text.lower():
        return (
            f"{text}\nAd-hoc SQL reads the tables and views of this database only: no files, no network, no settings."
        )
    return text or type(error).__name__


def main() -> None:
    """Stand behind the walls, read one statement from stdin, answer it on stdout, and leave without tidying up."""
    start = json.loads(sys.stdin.buffer.readline())
    out = os.dup(1)
    os.dup2(2, 1)  # whatever prints cannot break the framing

    def send(text: str) -> None:
        raw = text.encode(errors="replace")
        rest = memoryview(struct.pack(">I", len(raw)) + raw)
        while rest:
            rest = rest[os.write(out, rest) :]

    memory_mb = start["memory_mb"]
    try:
        limit_process(memory_mb, start["seconds"], start["parent"])
        con = open_database(start["database"], memory_mb)
        confine_files()
        lock(con)
        rehearse(con)
        if asked := sys.stdin.buffer.read():  # a spare waits here; none comes where it is not needed any more
            request = json.loads(asked)
            set_variables(con, request["variables"])
            answer(con, request, send)
    except BrokenPipeError:
        pass
    except Exception as error:  # noqa: BLE001  the parent must hear of every one
        with contextlib.suppress(OSError, MemoryError):
            send(_json(["refused", explain_error(error, memory_mb)]))
    os._exit(0)
