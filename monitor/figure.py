"""What a drawing by `plot` is made of: lines, levels, spans and marks over an axis of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["warning", "critical", "unknown", "accent", "earlier"]
Shape = Literal["", "dot", "ring", "square"]
Point = tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Series:
    """One line: (place, value) in the order of places; None is a gap. `label` stands at its end; '' for none."""

    label: str
    points: Sequence[Point]
    kind: Kind = "accent"
    hollow: frozenset[float] = frozenset()
    """Places with a hollow point: a value that was revised."""
    stale_to: float | None = None
    """How far the last value is drawn on, dashed, though none has come since."""
    shape: Shape = ""
    """Drawn at every point."""
    is_line: bool = True
    """False for points that are not to be joined."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A level as it stood: (place, level), holding until the next one; one point is a level for all places."""

    label: str
    points: Sequence[Point]
    kind: Kind = "warning"


@dataclass(frozen=True, slots=True)
class Span:
    """Pale from its first to its last place (None: to the end)."""

    start: float
    end: float | None
    kind: Kind = "warning"


@dataclass(frozen=True, slots=True)
class Range:
    """Pale between a lower and an upper value: (place, low, high); None for either is a gap."""

    points: Sequence[tuple[float, float | None, float | None]]
    kind: Kind = "accent"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place worth a vertical line."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The places, from left to right, and what stands below some of them."""

    start: float
    end: float
    labels: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Figure:
    """All of one picture. The last series lies on top; `title` is the answer in words."""

    title: str
    subtitle: str
    """Measure, unit and as-of."""
    series: Sequence[Series]
    axis: Axis
    levels: Sequence[Steps] = ()
    ranges: Sequence[Range] = ()
    spans: Sequence[Span] = ()
    marks: Sequence[Mark] = ()
    size: tuple[int, int] = (720, 300)
    margins: tuple[int, int, int, int] = (62, 118, 34, 56)
    """Above, right, below, left: room for title, end labels, places and values."""
    is_titled: bool = True
    """False where the page says title and subtitle beside the picture; they stay its name for those who hear it."""
