"""Damage to rows of cells, of CSV files and of workbooks: columns and rows lost, renamed, exchanged or moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from random import Random
from typing import Any, Final

from tests.mutations.payloads import Mutant, number_in, times
from tests.mutations.specimens import Rows, Specimen

_MOST: Final = 16
_CATEGORY: Final = re.compile(r"(?i)(\s*(?:total )?)(registered|eligible)( \((?:non-)?warranted\))?")


def mutants(specimen: Specimen) -> Iterator[Mutant]:
    """(kind of damage, bytes), the same ones at every run."""
    for kind, rows in _changes(specimen, Random(specimen.title)):
        yield kind, specimen.write(rows)
    if specimen.source == "comex_stocks":
        for kind, rows in _stocks(specimen.rows):
            yield kind, specimen.write(rows)


def _stocks(rows: Rows) -> Iterator[tuple[str, Rows]]:
    """What no sum of a stock report can see: the words of a category, or the names of two vaults, exchanged."""
    yield "registered and eligible swapped", [[_exchanged(cell) for cell in row] for row in rows]
    starts = [at for at, row in enumerate(rows) if "PREV TOTAL" in row] + [len(rows)]
    for start, end in pairwise(starts):
        names = [at for at in range(start + 1, end) if _is_vault(rows, at)]
        for one, other in combinations(names, 2):
            found = [list(row) for row in rows]
            found[one], found[other] = rows[other], rows[one]
            yield "depositories swapped", found
        yield (
            "one metal times 1000",
            [[times(cell) for cell in row] if start < at < end else row for at, row in enumerate(rows)],
        )


def _is_vault(rows: Rows, at: int) -> bool:
    """A name with a category's row under it, in which something lies."""
    below = [str(cell).strip().lower() for cell in rows[at + 1][:1]] if at + 1 < len(rows) else [""]
    return (
        below[0].startswith("registered")
        and bool(rows[at][0])
        and any(isinstance(cell, int | float) and cell for row in rows[at + 1 : at + 4] for cell in row)
    )


def _exchanged(cell: Any) -> Any:
    """The other category where the cell is the label of one."""
    found = _CATEGORY.fullmatch(cell) if isinstance(cell, str) else None
    if found is None:
        return cell
    other = {"registered": "Eligible", "eligible": "Registered"}[found[2].lower()]
    kind = "" if not found[3] else " (warranted)" if other == "Registered" else " (non-warranted)"
    return found[1] + (other.upper() if found[2].isupper() else other) + kind


def _changes(specimen: Specimen, dice: Random) -> Iterator[tuple[str, Rows]]:
    rows, head = specimen.rows, specimen.head
    width = len(rows[head])
    whole = [list(row) + [""] * (width - len(row)) for row in rows]
    named = [column for column in range(width) if whole[head][column] not in ("", None)]
    pairs = list(combinations(named, 2))
    for column in few(named, dice):
        yield "column dropped", [row[:column] + row[column + 1 :] for row in whole]
        yield "column renamed", with_cell(whole, head, column, f"{whole[head][column]} new")
        yield "times 1000", _multiplied(whole, head, column)
        yield "column shifted", _shifted_down(whole, head, column)
    for one, other in few(pairs, dice):
        yield "headings swapped", [_swap(row, one, other) if at == head else row for at, row in enumerate(whole)]
        yield "columns moved", [_swap(row, one, other) for row in whole]
    for at in few(range(head + 1, len(rows)), dice):
        yield "row dropped", rows[:at] + rows[at + 1 :]
        yield "row twice", rows[: at + 1] + rows[at:]
        yield "row shifted", [*whole[:at], ["", *whole[at][:-1]], *whole[at + 1 :]]
        yield "row times 1000", [*whole[:at], [times(cell) for cell in whole[at]], *whole[at + 1 :]]
    yield "rows shifted", [[""] * width, [""] * width, *rows]
    yield "all times 1000", [[times(cell) for cell in row] if at > head else row for at, row in enumerate(whole)]


def few(choices: Any, dice: Random) -> list[Any]:
    """All of a few, or some drawn by the seed."""
    found = list(choices)
    return found if len(found) <= _MOST else dice.sample(found, _MOST)


def with_cell(rows: Rows, at: int, column: int, value: Any) -> Rows:
    """The rows with one cell changed."""
    return [[*row[:column], value, *row[column + 1 :]] if index == at else row for index, row in enumerate(rows)]


def _swap(row: list[Any], one: int, other: int) -> list[Any]:
    found = list(row)
    found[one], found[other] = row[other], row[one]
    return found


def _multiplied(rows: Rows, head: int, column: int) -> Rows:
    return [
        [*row[:column], times(row[column]), *row[column + 1 :]] if at > head else row for at, row in enumerate(rows)
    ]


def _shifted_down(rows: Rows, head: int, column: int) -> Rows:
    """Each number of the column in the place of the next one."""
    places = [at for at in range(head + 1, len(rows)) if number_in(rows[at][column])]
    found = [list(row) for row in rows]
    for at, before in zip(places[1:], places, strict=False):
        found[at][column] = rows[before][column]
    return found
