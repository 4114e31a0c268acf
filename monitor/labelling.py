"""Where the words beside a marked place stand, so that they cover neither each other nor a line. Pure, in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LETTER: Final = 6.2
"""About how wide a letter is."""
_HEIGHT, _DEPTH = 10, 3
"""How far words reach above and below the line they stand on."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight piece of a line, from the left to the right."""

    x1: float
    y1: float
    x2: float
    y2: float

    def covers(self, left: float, right: float, base: float) -> bool:
        """Whether it runs through words that stand there."""
        ends = max(self.x1, left), min(self.x2, right)
        if ends[0] > ends[1]:
            return False
        slope = (self.y2 - self.y1) / (self.x2 - self.x1) if self.x2 > self.x1 else 0.0
        heights = [self.y1 + slope * (x - self.x1) for x in ends]
        return min(heights) < base + _DEPTH and max(heights) > base - _HEIGHT


@dataclass(frozen=True, slots=True)
class Label:
    """Words from an x, to its right (`start`) or its left (`end`), standing on a base."""

    text: str
    x: float
    base: float
    anchor: str


def labels(
    marks: Iterable[tuple[float, str]], bases: Sequence[float], edge: float, strokes: Sequence[Stroke]
) -> list[Label]:
    """Words for (x, words) in order of x: each in the first row free of earlier words and of strokes.

    Where no row is free of strokes, in one free of words; else in the last. To the left where they would pass the edge.
    """
    made: list[Label] = []
    taken = [0.0] * len(bases)
    for x, text in marks:
        wide = LETTER * (len(text) + 1)
        left, anchor = (x - wide, "end") if x + wide > edge else (x, "start")
        free = [row for row, end in enumerate(taken) if end <= left]
        clear = [row for row in free if not any(one.covers(left, left + wide, bases[row]) for one in strokes)]
        row = next(iter([*clear, *free]), len(bases) - 1)
        taken[row] = left + wide
        made.append(Label(text, x, bases[row], anchor))
    return made
