"""Damage to HTML: cells are told by their places in each row, counted from the right because of spans at the left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from random import Random
from typing import Final

from tests.mutations.payloads import Mutant, number_in, times
from tests.mutations.specimens import Specimen
from tests.mutations.tables import few

_ROW: Final = re.compile(r"<tr.*?</tr>", re.DOTALL)
_CELL: Final = re.compile(r"(<t[dh][^>]*>)(.*?)(</t[dh]>)", re.DOTALL)
_TEXT: Final = re.compile(r">([^<>]+)<")
Cells = list[str]


def mutants(specimen: Specimen) -> Iterator[Mutant]:
    """(kind of damage, bytes), the same ones at every run."""
    dice, text = Random(specimen.title), specimen.body.decode()
    rows = [found[0] for found in _ROW.finditer(text) if len(_CELL.findall(found[0])) > 1]
    width = max(len(_CELL.findall(row)) for row in rows)
    heads = list(dict.fromkeys(row for row in rows if "<th" in row)) or rows[:1]
    for place in range(1, width + 1):
        yield "column dropped", _everywhere(text, partial(_without, place))
        yield "times 1000", _everywhere(text, partial(_changed, place, _times))
    for one, other in few(combinations(range(1, width + 1), 2), dice):
        yield "columns moved", _everywhere(text, partial(_swapped, one, other))
        yield "headings swapped", _in_rows(text, heads, partial(_swapped, one, other))
    for place in range(1, width + 1):
        yield "column renamed", _in_rows(text, heads, partial(_changed, place, _renamed))
    for row in few(dict.fromkeys(rows), dice):
        yield "row dropped", text.replace(row, "", 1).encode()
        yield "row twice", text.replace(row, row + row, 1).encode()
        yield "row shifted", _in_rows(text, [row], lambda cells: [*cells[-1:], *cells[:-1]])
        yield "row times 1000", _in_rows(text, [row], lambda cells: [_times(cell) for cell in cells])
    if specimen.source == "shfe_warrants":
        for one, other in combinations(("甲库", "乙库", "丙库", "丁库"), 2):
            yield "warehouses swapped", text.replace(one, "\0").replace(other, one).replace("\0", other).encode()
    yield "all times 1000", _everywhere(text, lambda cells: [_times(cell) for cell in cells])


def _everywhere(text: str, change: Callable[[Cells], Cells]) -> bytes:
    return _ROW.sub(lambda row: _rebuilt(row[0], change), text).encode()


def _in_rows(text: str, rows: list[str], change: Callable[[Cells], Cells]) -> bytes:
    for row in rows:
        text = text.replace(row, _rebuilt(row, change))
    return text.encode()


def _rebuilt(row: str, change: Callable[[Cells], Cells]) -> str:
    """The row with its cells changed; what stands around the cells stays at the left."""
    cells = [found[0] for found in _CELL.finditer(row)]
    if len(cells) < 2:
        return row
    start, end = row.index(cells[0]), row.rindex(cells[-1]) + len(cells[-1])
    return row[:start] + "".join(change(cells)) + row[end:]


def _without(place: int, cells: Cells) -> Cells:
    return cells[:-place] + cells[len(cells) - place + 1 :]


def _changed(place: int, change: Callable[[str], str], cells: Cells) -> Cells:
    return [change(cell) if len(cells) - at == place else cell for at, cell in enumerate(cells)]


def _swapped(one: int, other: int, cells: Cells) -> Cells:
    if max(one, other) > len(cells):
        return cells
    found = list(cells)
    found[-one], found[-other] = cells[-other], cells[-one]
    return found


def _times(cell: str) -> str:
    return _TEXT.sub(lambda text: f">{times(text[1]) if _is_figure(text[1]) else text[1]}<", cell)


def _is_figure(text: str) -> bool:
    return number_in(text) and re.fullmatch(r"\s*[-+]?[0-9][0-9,.]*%?\s*", text) is not None


def _renamed(cell: str) -> str:
    return _TEXT.sub(lambda text: f">{text[1]}新<", cell, count=1)
