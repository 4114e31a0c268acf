"""Blocks as Markdown, for a chat or a notes folder."""

from __future__ import annotations

import re
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

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def as_markdown(blocks: Iterable[Block]) -> str:
    """The message as Markdown, ending with a line feed."""
    return "\n\n".join("\n".join(_draw(block)) for block in blocks) + "\n"


def _draw(block: Block) -> list[str]:
    match block:
        case Heading():
            mark = f"{block.state.shape} " if block.state else ""
            drawn = [f"{'#' if block.top else '##'} {mark}{_safe(block.text)}"]
        case Line():
            drawn = [_emphasis(block)]
        case Facts():
            drawn = [f"- {_safe(name)}: {_safe(answer)}" for name, answer in block.rows]
        case Table():
            drawn = _table(block)
        case Figures():
            drawn = _figures(block)
        case Link():
            drawn = [f"{_safe(block.label)}: {_address(block.url)}"]
        case Picture():
            drawn = [_safe(block.words)]
    return drawn


def _safe(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text, 2_000))


def _address(url: str) -> str:
    safe = web_address(url)
    return f"<{safe}>" if safe else _safe(url)


def _emphasis(line: Line) -> str:
    if line.strong:
        return f"**{_safe(line.text)}**"
    return f"*{_safe(line.text)}*" if line.quiet else _safe(line.text)


def _table(block: Table) -> list[str]:
    rules = ["---:" if at in block.numeric else "---" for at in range(len(block.head))]
    lines = [f"{_safe(block.caption)}", ""] if block.caption else []
    lines += [_row(block.head), f"| {' | '.join(rules)} |"]
    for at, row in enumerate(block.rows):
        mark = f"{block.states[at].shape} " if block.states else ""
        lines.append(_row((mark + row[0], *row[1:])))
    return [*lines, "", left_out_words(block.left_out)] if block.left_out else lines


def _figures(block: Figures) -> list[str]:
    lines = []
    for at, (what, value, beside) in enumerate(block.rows):
        state = block.states[at] if block.states else None
        mark = f"{state.shape} " if state else ""
        lines.append(f"- {mark}{_safe(what)}: **{_safe(value)}**" + (f" ({_safe(beside)})" if beside else ""))
    return [*lines, "", left_out_words(block.left_out)] if block.left_out else lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_safe(text) for text in cells)} |"
