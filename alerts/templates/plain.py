"""Blocks as plain text, 78 columns where the words allow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from alerts.templates.blocks import (
    Block,
    Facts,
    Figures,
    Heading,
    Line,
    Link,
    Picture,
    Table,
    left_out_words,
    web_address,
)
from alerts.textual import one_line

WIDTH = 78
COLUMN = 34
"""A column is as wide as its widest cell, but for those beyond this, which stick out."""
LONGEST = 2_000


def as_text(blocks: Iterable[Block]) -> str:
    """The message as text, ending with a line feed."""
    return "\n\n".join(filter(None, ("\n".join(_draw(block)) for block in blocks))) + "\n"


def _draw(block: Block) -> list[str]:
    match block:
        case Heading():
            drawn = _heading(block)
        case Line():
            drawn = _wrap(block.text)
        case Facts():
            drawn = _facts(block)
        case Table():
            drawn = _table(block)
        case Figures():
            drawn = _figures(block)
        case Link():
            drawn = [f"{one_line(block.label)}: {web_address(block.url) or one_line(block.url)}"]
        case Picture():
            drawn = _wrap(block.words)
    return drawn


def _wrap(text: str, indent: str = "") -> list[str]:
    lines = textwrap.wrap(one_line(text, LONGEST), WIDTH - len(indent), break_on_hyphens=False, break_long_words=False)
    return [lines[0], *(indent + line for line in lines[1:])] if lines else []


def _heading(block: Heading) -> list[str]:
    text = one_line(block.text)
    line = f"{block.state.shape} {text}" if block.state else text
    return [line, ("=" if block.top else "-") * min(len(line), WIDTH)]


def _facts(block: Facts) -> list[str]:
    width = _width(one_line(name) for name, _ in block.rows)
    lines: list[str] = []
    for name, answer in block.rows:
        wrapped = _wrap(answer, " " * (width + 2))
        lines.append(f"{one_line(name):<{width}}  {wrapped[0] if wrapped else ''}".rstrip())
        lines += wrapped[1:]
    return lines


def _table(block: Table) -> list[str]:
    rows = [tuple(map(one_line, block.head)), *(_cells(block, i) for i in range(len(block.rows)))]
    widths = [_width(row[column] for row in rows) for column in range(len(block.head))]
    lines = [one_line(block.caption)] if block.caption else []
    lines += [_aligned(row, widths, block.numeric) for row in rows]
    return [*lines, left_out_words(block.left_out)] if block.left_out else lines


def _figures(block: Figures) -> list[str]:
    """What and value on one line, the value at the right; beneath it what is said beside. Long names wrap."""
    lines = []
    for at, row in enumerate(block.rows):
        what, value, beside = map(one_line, row)
        state = block.states[at] if block.states else None
        what = f"{state.shape} {what}" if state else what
        *above, last = _wrap(what, "  ") or [""]
        lines += [f"  {line}".rstrip() for line in above]
        lines.append(f"  {last}{value:>{max(WIDTH - 2 - len(last), len(value) + 2)}}".rstrip())
        lines += [f"      {line}" for line in textwrap.wrap(beside, WIDTH - 6, break_on_hyphens=False)]
    return [*lines, left_out_words(block.left_out)] if block.left_out else lines


def _width(cells: Iterable[str]) -> int:
    return max((len(cell) for cell in cells if len(cell) <= COLUMN), default=COLUMN)


def _cells(block: Table, index: int) -> tuple[str, ...]:
    first, *others = map(one_line, block.rows[index])
    return (f"{block.states[index].shape} {first}" if block.states else first, *others)


def _aligned(row: Sequence[str], widths: Sequence[int], numeric: frozenset[int]) -> str:
    cells = (
        f"{text:>{width}}" if column in numeric else f"{text:<{width}}"
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return ("  " + "  ".join(cells)).rstrip()
