"""Damage to JSON: fields dropped, renamed, exchanged or multiplied; rows lost, doubled or moved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from random import Random
from typing import Any, Final

from tests.mutations.specimens import Specimen

_NUMBER: Final = re.compile(r"((?:US ?)?\$ ?)?([-+]?(?:0|[1-9][0-9,]*)?(?:\.[0-9]+)?)([AB%]| USD)?")
"""A number as the reports write it; not a code with zeros before it."""
_WHEN: Final = re.compile(
    r"(?i)date|day|month|time|year|period|stamp|rank|^amount$|^v?id$|status|unit|count|total$|o_code"
)
"""Fields that say when or which, not how much."""
_MOST: Final = 14
"""How many of one kind at one place, drawn by the seed."""
Mutant = tuple[str, bytes]
Rows = list[dict[Any, Any]]
"""Objects with the same fields; a list stands for the object of its places."""


def mutants(specimen: Specimen) -> Iterator[Mutant]:
    """(kind of damage, bytes), the same ones at every run."""
    dice = Random(specimen.title)
    for path in _tables(json.loads(specimen.body), ()):
        for kind, change in _changes(_rows(json.loads(specimen.body), path), dice):
            payload = json.loads(specimen.body)
            _put(payload, path, change)
            yield kind, json.dumps(payload, ensure_ascii=False).encode()
    yield "document times 1000", json.dumps(_grown(json.loads(specimen.body)), ensure_ascii=False).encode()
    for one, other in swapped_names(specimen):
        payload = json.loads(specimen.body)
        for item in payload["o_cursor"]:
            item["WHABBRNAME"] = {one: other, other: one}.get(item["WHABBRNAME"], item["WHABBRNAME"])
        yield "warehouses swapped", json.dumps(payload, ensure_ascii=False).encode()


def swapped_names(specimen: Specimen) -> Iterator[tuple[str, str]]:
    """Pairs of warehouses with warrants in SHFE's JSON, those of one metal."""
    if specimen.source != "shfe_warrants":
        return
    held: dict[str, list[str]] = {}
    for item in json.loads(specimen.body)["o_cursor"]:
        if item["ROWSTATUS"] == "0" and item["WRTWGHTS"]:
            held.setdefault(item["VARNAME"], []).append(item["WHABBRNAME"])
    for names in held.values():
        yield from combinations(names, 2)


def _grown(value: Any, key: str = "") -> Any:
    """Every figure of the document times a thousand; dates, moments and ranks as they are."""
    if isinstance(value, dict):
        return {name: _grown(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_grown(inner, key) for inner in value]
    return value if _WHEN.search(key) or (isinstance(value, int) and value > 1e11) else times(value)


def _tables(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Paths of everything that is a table: an object, a list of objects, a list of lists, lists side by side."""
    if isinstance(value, dict):
        if value:
            yield path
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield from _tables(inner, (*path, key))
    elif isinstance(value, list) and value:
        if isinstance(value[0], dict | list):
            yield path
        if len(value) == 1 and isinstance(value[0], dict):
            for key, inner in value[0].items():
                if isinstance(inner, dict | list):
                    yield from _tables(inner, (*path, 0, key))


def _at(payload: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        payload = payload[step]
    return payload


def _rows(payload: Any, path: tuple[Any, ...]) -> Rows:
    found = _at(payload, path)
    return [
        dict(enumerate(row)) if isinstance(row, list) else row
        for row in ([found] if isinstance(found, dict) else found)
    ]


def _put(payload: Any, path: tuple[Any, ...], rows: Rows) -> None:
    """The changed rows back where they came from, lists as lists again."""
    found = _at(payload, path)
    if isinstance(found, dict):
        found.clear()
        found.update(rows[0] if rows else {})
        return
    listed = isinstance(found[0], list)
    found[:] = [list(row.values()) if listed else row for row in rows]


def _changes(rows: Rows, dice: Random) -> Iterator[tuple[str, Rows]]:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    plain = [key for key in keys if not any(isinstance(row.get(key), dict | list) for row in rows)]
    numeric = [key for key in plain if any(number_in(row.get(key)) for row in rows)]
    for key in keys:
        yield "column dropped", [{k: v for k, v in row.items() if k != key} for row in rows]
        if not isinstance(key, int):
            yield "column renamed", [{f"{k}_" if k == key else k: v for k, v in row.items()} for row in rows]
    for one, other in _few(list(combinations(numeric, 2)), dice):
        yield "columns swapped", [_swapped(row, one, other) for row in rows]
    for key in numeric:
        yield "times 1000", [{**row, key: times(row.get(key))} if key in row else row for row in rows]
    yield "all times 1000", [{key: times(value) for key, value in row.items()} for row in rows]
    if len(rows) > 1:
        yield from _row_changes(rows, numeric, dice)


def _row_changes(rows: Rows, numeric: list[Any], dice: Random) -> Iterator[tuple[str, Rows]]:
    for at in _few(list(range(len(rows))), dice):
        yield "row dropped", rows[:at] + rows[at + 1 :]
        yield "row twice", [*rows[:at], rows[at], *rows[at:]]
        yield "row shifted", [*rows[:at], _turned(rows[at]), *rows[at + 1 :]]
        yield "row times 1000", [*rows[:at], {key: times(value) for key, value in rows[at].items()}, *rows[at + 1 :]]
    for key in numeric:
        below = [rows[0].get(key), *(row.get(key) for row in rows[:-1])]
        yield "column shifted", [{**row, key: value} for row, value in zip(rows, below, strict=True)]


def _turned(row: dict[Any, Any]) -> dict[Any, Any]:
    """Every value under the next field, the last one under the first."""
    values = list(row.values())
    return dict(zip(row, values[-1:] + values[:-1], strict=True))


def _swapped(row: dict[Any, Any], one: Any, other: Any) -> dict[Any, Any]:
    if one not in row or other not in row:
        return row
    return {**row, one: row[other], other: row[one]}


def _few(choices: list[Any], dice: Random) -> list[Any]:
    return choices if len(choices) <= _MOST else dice.sample(choices, _MOST)


def number_in(value: Any) -> bool:
    """Whether it is a number other than zero, also as a text."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return value != 0
    found = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    return found is not None and re.search("[1-9]", found[2]) is not None


def times(value: Any, factor: int = 1_000) -> Any:
    """The number times a thousand in the manner it is written; anything else, dates too, as it is."""
    if not number_in(value):
        return value
    found = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value * factor
    places = len(found[2].partition(".")[2])
    grouped = "," if "," in found[2] else ""
    sign = "+" if found[2].startswith("+") else ""
    return f"{found[1] or ''}{sign}{float(found[2].replace(',', '')) * factor:{grouped}.{places}f}{found[3] or ''}"
