"""The audit: what was said, sent and ordered, appended for ever, each row sealed with the hash of the one before."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from alerts.ledger_db import Database, moment_text

BEGINNING: Final = "0" * 64


def append(connection: sqlite3.Connection, at: datetime, kind: str, body: Mapping[str, Any]) -> None:
    """Add one row inside the caller's transaction; `body` is kept as JSON, days and moments as text."""
    last = connection.execute("select seq, hash from audit order by seq desc limit 1").fetchone()
    seq, previous = (last["seq"] + 1, last["hash"]) if last else (1, BEGINNING)
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, default=_plain)
    row = (seq, moment_text(at), kind, text, previous)
    connection.execute("insert into audit values (?, ?, ?, ?, ?, ?)", (*row, _seal(*row)))


def broken_at(database: Database) -> int | None:
    """The number of the first row that was altered, or follows a missing one; None where the chain is whole.

    Rows cut off the end leave a whole, shorter chain: compare its length with a copy to see that.
    """
    previous = BEGINNING
    for number, row in enumerate(database.rows("select * from audit order by seq"), start=1):
        sealed = _seal(row["seq"], row["at"], row["kind"], row["body"], row["previous"])
        if row["seq"] != number or row["previous"] != previous or row["hash"] != sealed:
            return number
        previous = row["hash"]
    return None


def _seal(seq: int, at: str, kind: str, body: str, previous: str) -> str:
    return hashlib.sha256(json.dumps([seq, at, kind, body, previous]).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
