"""Rows as people and programs read them: aligned text, CSV, JSON, Markdown, Parquet.

Cells are None, bool, int, float, str, and for nested types lists and dicts; a DATE, TIMESTAMP or DECIMAL is
its exact text, a BLOB is hex. What a column means is told by its DuckDB type name.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import polars as pl

FORMATS: Final = ("table", "csv", "json", "markdown")
_WIDEST: Final = 60
"""Cells wider than this push their own row out of line instead of widening every row."""
_DEEPEST: Final = 100
_NUMBER: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|BIGNUM|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)")
_NESTED: Final = re.compile(r".*\]|(STRUCT|MAP|UNION|TUPLE|VARIANT)\b.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and DuckDB type, e.g. `DECIMAL(10,2)`."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a query returned. `truncated`: there were more rows than the limit; `elapsed` in seconds."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    truncated: bool = False
    elapsed: float = 0.0


def is_nested(kind: str) -> bool:
    """Whether values of this DuckDB type are lists or dicts."""
    return bool(_NESTED.fullmatch(kind))


def is_number(kind: str) -> bool:
    """Whether values of this DuckDB type are printed right-aligned."""
    return bool(_NUMBER.fullmatch(kind))


def parsed(text: str) -> Any:
    """The value of a JSON text, or the text itself where it is none or is nested too deeply to print again."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if _deeper(value, _DEEPEST) else value


def _deeper(value: Any, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_deeper(item, levels - 1) for item in inside)


def render(result: Result, fmt: str) -> str:
    """The result as one text in `fmt`, a member of FORMATS (ValueError otherwise), ending in a newline."""
    return "".join(pieces(result.columns, [result.rows], fmt))


def pieces(columns: Sequence[Column], batches: Iterable[list[tuple[Any, ...]]], fmt: str) -> Iterator[str]:
    """The same text piece by piece; CSV and JSON hold one batch at a time, the others need all rows first."""
    if fmt == "csv":
        return _csv(columns, batches)
    if fmt == "json":
        return _json(columns, batches)
    rows = (row for batch in batches for row in batch)
    if fmt == "table":
        return _plan(rows) if [c.name for c in columns] == ["explain_key", "explain_value"] else _table(columns, rows)
    if fmt == "markdown":
        return _markdown(columns, rows)
    raise ValueError(f"{fmt!r} is no format: {', '.join(FORMATS)}")


def footer(result: Result) -> str:
    """`(1,000 rows; truncated: use --limit 0 for all)`."""
    count = len(result.rows)
    more = "; truncated: use --limit 0 for all" if result.truncated else ""
    return f"({count:,} row{'' if count == 1 else 's'}{more})"


# --- for people ---------------------------------------------------------------------------


def printable(text: str) -> str:
    r"""`text` on one line and harmless to a terminal: control, format and separator characters as \n, \x1b, \u202e."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def shown(value: Any) -> str:
    """A cell as people read it, on one line and with every hidden character visible; NULL for None."""
    return printable(_cell(value))


def width(text: str) -> int:
    """Columns of a terminal that `text` fills: two for East Asian wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _shown(char: str) -> str:
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return ascii(char)[1:-1]
    return char


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return _encode(value)
    return value if isinstance(value, str) else repr(value)


def _table(columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    heads = [printable(column.name) for column in columns]
    cells = [[printable(_cell(value)) for value in row] for row in rows]
    widths = [
        max([width(head), *(min(_WIDEST, width(row[number])) for row in cells)]) for number, head in enumerate(heads)
    ]
    right = [is_number(column.type) for column in columns]
    yield _aligned(heads, widths, right)
    yield _aligned(["-" * size for size in widths], widths, right)
    for row in cells:
        yield _aligned(row, widths, right)


def _aligned(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        (" " * (size - width(cell)) + cell) if to_right else (cell + " " * (size - width(cell)))
        for cell, size, to_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip() + "\n"


def _plan(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """A query plan is a drawing of many lines; escaping its line ends would leave nothing to read."""
    for _, drawing in rows:
        for line in str(drawing).splitlines():
            yield printable(line) + "\n"


def _markdown(columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    yield _piped(_escaped(column.name) for column in columns)
    yield _piped("---:" if is_number(column.type) else "---" for column in columns)
    for row in rows:
        yield _piped(_escaped(_cell(value)) for value in row)


def _piped(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _escaped(text: str) -> str:
    """Characters Markdown would act upon, each behind a backslash; `_` only where it is not inside a word."""
    return re.sub(r"[\\|*`<&\[]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])", r"\\\g<0>", printable(text))


# --- for programs -------------------------------------------------------------------------


def _csv(columns: Sequence[Column], batches: Iterable[list[tuple[Any, ...]]]) -> Iterator[str]:
    """RFC 4180. NULL is empty and the empty text is `""`, so that the two stay apart."""
    yield ",".join(_field(column.name) for column in columns) + "\r\n"
    alone = len(columns) == 1
    for batch in batches:
        yield "".join(('""' if alone and row[0] is None else ",".join(map(_field, row))) + "\r\n" for row in batch)


_NEEDS_QUOTES: Final = re.compile(r'[",\r\n]|^\s|\s$|^$')


def _field(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | list | dict):
        return _cell(value)
    text = value if isinstance(value, str) else _cell(value)
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _json(columns: Sequence[Column], batches: Iterable[list[tuple[Any, ...]]]) -> Iterator[str]:
    """An array of objects, one per line. Decimals keep their digits; what JSON has no number for is text."""
    kinds = [_base(column.type) for column in columns]
    names = [_encode(name) + ": " for name in distinct(columns)]
    opening = "["
    for batch in batches:
        lines = []
        for row in batch:
            members = [name + _member(value, kind) for name, value, kind in zip(names, row, kinds, strict=True)]
            lines.append(f"{opening}\n  {{{', '.join(members)}}}")
            opening = ","
        yield _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", "".join(lines))
    yield "[]\n" if opening == "[" else "\n]\n"


_HIDDEN: Final = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


def _member(value: Any, kind: str) -> str:
    if isinstance(value, str):
        if kind in ("DECIMAL", "BIGNUM"):
            return value
        if kind != "JSON":
            return _encode(value)
        value = parsed(value)
    return _encode(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value


def distinct(columns: Sequence[Column]) -> list[str]:
    """Column names with `_1`, `_2` behind repeated ones, for forms where a name stands once."""
    taken: dict[str, None] = {}
    for column in columns:
        name, number = column.name, 0
        while name in taken:
            number += 1
            name = f"{column.name}_{number}"
        taken[name] = None
    return list(taken)


def write_parquet(result: Result, path: Path) -> None:
    """The result as one Parquet file at `path`, overwriting it; column types as in `frame`."""
    frame(result).write_parquet(path)


def frame(result: Result) -> pl.DataFrame:
    """The result as a polars frame: whole numbers up to 64 bits, FLOAT, DOUBLE, BOOLEAN, DECIMAL, DATE and TIMESTAMP
    (microseconds, no zone) keep their type, everything else is text. A sum of whole numbers (HUGEINT) is one of 64 bits
    where all its values fit, else text; text is also a DATE or TIMESTAMP with a value outside the years 1 to 9999.
    """
    import polars as pl  # 0.1 s that only Parquet needs

    cells = list(zip(*result.rows, strict=True)) if result.rows else [()] * len(result.columns)
    return pl.DataFrame(
        [
            _series(name, column.type, values)
            for name, column, values in zip(distinct(result.columns), result.columns, cells, strict=True)
        ]
    )


def _series(name: str, kind: str, values: Sequence[Any]) -> pl.Series:
    import polars as pl

    base = "" if kind.endswith("]") else _base(kind)
    if base in _POLARS:
        return pl.Series(name, values, dtype=getattr(pl, _POLARS[base]))
    if base in _WIDE and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pl.Series(name, values, dtype=pl.Int64)
    if base in _READ:
        dtype, read = _READ[base]
        with suppress(ValueError):
            exact = [None if value is None else read(value) for value in values]
            return pl.Series(name, exact, dtype=_decimal(kind) if dtype == "Decimal" else getattr(pl, dtype))
    return pl.Series(name, [None if value is None else _cell(value) for value in values], dtype=pl.String)


def _decimal(kind: str) -> pl.Decimal:
    import polars as pl

    precision, scale = kind.removeprefix("DECIMAL(").removesuffix(")").split(",")
    return pl.Decimal(int(precision), int(scale))


def _base(kind: str) -> str:
    return kind.split("(", maxsplit=1)[0]


_POLARS: Final = {
    "BOOLEAN": "Boolean",
    "TINYINT": "Int8",
    "SMALLINT": "Int16",
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "UTINYINT": "UInt8",
    "USMALLINT": "UInt16",
    "UINTEGER": "UInt32",
    "UBIGINT": "UInt64",
    "FLOAT": "Float32",
    "DOUBLE": "Float64",
}
_WIDE: Final = ("HUGEINT", "UHUGEINT")
_READ: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "DATE": ("Date", date.fromisoformat),
    "TIMESTAMP": ("Datetime", datetime.fromisoformat),
    "TIMESTAMP_S": ("Datetime", datetime.fromisoformat),
    "TIMESTAMP_MS": ("Datetime", datetime.fromisoformat),
    "DECIMAL": ("Decimal", Decimal),
}
