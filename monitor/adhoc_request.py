"""What the child of `monitor.adhoc` is told: its file and limits; then text, variables and parameters with types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from monitor.clock import naive, parse_moment
from monitor.errors import QueryRefused


@dataclass(frozen=True, slots=True)
class Start:
    """All that a child has to know before its statement: equal ones can answer for each other."""

    database: Path
    file: tuple[int, int, int]
    """Device, inode and time of change in ns: a path may come to name another file."""
    seconds: float
    memory_mb: int


def start(database: Path, seconds: float, memory_mb: int) -> Start:
    """How a child on that file is started; QueryRefused where there is none."""
    try:
        path = database.resolve(strict=True)
        found = path.stat()
    except OSError as error:
        raise QueryRefused(f"There is no database at {database}. Load data first.") from error
    return Start(path, (found.st_dev, found.st_ino, found.st_mtime_ns), seconds, memory_mb)


def sendable(sql: str) -> str:
    """`sql`, if it can leave as UTF-8; QueryRefused otherwise."""
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise QueryRefused("The statement has characters that are not Unicode text. Save it as UTF-8.") from error
    return sql


def _named(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise QueryRefused(f"{name!r} is no name for a variable or parameter. Use letters, digits and _.")
    return name


def variable(name: str, value: str) -> list[Any]:
    """[name, DuckDB type, value]: a moment is a TIMESTAMP in UTC, a bare date a DATE. Raises QueryRefused."""
    if not re.match(r"\d{4}-\d\d-\d\d(?:[T ]|$)", value):
        return [_named(name), "VARCHAR", sendable(value)]
    try:
        moment = naive(parse_moment(value))
    except ValueError as error:
        raise QueryRefused(f"{name} is set to {value}, which is no moment: {error}.") from error
    if len(value) == len("2026-02-10"):
        return [_named(name), "DATE", value]
    return [_named(name), "TIMESTAMP", moment.isoformat()]


def parameter(name: str, value: Any) -> list[Any]:
    """[name, DuckDB type or '' where JSON says it, value] of what is bound to `$name`. Raises QueryRefused."""
    if isinstance(value, datetime):
        return [_named(name), "TIMESTAMP", (naive(value) if value.tzinfo else value).isoformat()]
    if isinstance(value, date):
        return [_named(name), "DATE", value.isoformat()]
    if isinstance(value, Decimal):
        return [_named(name), "DECIMAL", str(value)]
    if isinstance(value, str):
        return [_named(name), "VARCHAR", sendable(value)]
    if value is None or isinstance(value, bool | int | float):
        return [_named(name), "", value]
    raise QueryRefused(f"Parameter {name} is a {type(value).__name__}. Give text, a number, a date or a moment.")
