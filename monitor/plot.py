"""Values in, SVG out, over any axis of numbers: lines, points, levels, bands and marked places. Pure.

`chart` draws one line over days with it. Nothing here has a colour: whoever shows the drawing says what its classes
look like, in a style inside it or in the stylesheet of a page.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from monitor.figure import Axis, Figure, Kind, Point, Range, Series, Shape, Span, Steps
from monitor.labelling import Stroke, labels

_TICK_ROWS: Final = 4
"""Rows for the names of marked places."""
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class _Plane:
    """Places and values to points in the picture."""

    axis: Axis
    low: float
    high: float
    top: int
    right: int
    bottom: int
    left: int
    """Edges of the field in which values lie."""

    def x(self, place: float) -> float:
        share = (place - self.axis.start) / ((self.axis.end - self.axis.start) or 1)
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.bottom - share * (self.bottom - self.top), 1)


def plot(figure: Figure, style: str = "") -> str:
    """The picture as one SVG document; `style` is put into it where there is one.

    Raises ValueError where no point has a value: there is nothing to draw.
    """
    if not any(value is not None for one in figure.series for _, value in one.points):
        raise ValueError("a chart needs at least one value")
    plane = _plane(figure)
    width, height = figure.size
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html.escape(f"{figure.title}. {figure.subtitle}")}">',
        *([f"<style>{style}</style>"] if style else ()),
        f'<rect class="paper" width="{width}" height="{height}"/>',
        *_title(plane, figure),
        *_spans(plane, figure.spans),
        *_axes(plane),
        *_marks(plane, figure),
        *(part for one in figure.ranges for part in _range(plane, one)),
        *(part for level in figure.levels for part in _level(plane, level)),
        *(part for one in figure.series for part in _series(plane, one)),
        *_labels(plane, figure.series, figure.levels),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def pieces(points: Iterable[Point]) -> list[list[tuple[float, float]]]:
    """Runs of places with a value: each is drawn by itself."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in points:
        if value is not None:
            runs[-1].append((place, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _plane(figure: Figure) -> _Plane:
    drawn = [*(one.points for one in figure.series), *(level.points for level in figure.levels)]
    values = [value for points in drawn for _, value in points if value is not None]
    values += [value for one in figure.ranges for _, *ends in one.points for value in ends if value is not None]
    room = 0.06 * (max(values) - min(values)) or abs(values[0]) * 0.1 or 1.0
    (width, height), (above, right, below, left) = figure.size, figure.margins
    edges = (above, width - right, height - below, left)
    return _Plane(figure.axis, min(values) - room, max(values) + room, *edges)


def _title(plane: _Plane, figure: Figure) -> list[str]:
    if not figure.is_titled:
        return []
    return [_text(plane.left, 24, figure.title, "title"), _text(plane.left, 43, figure.subtitle, "quiet")]


def _spans(plane: _Plane, spans: Sequence[Span]) -> list[str]:
    drawn = []
    for span in spans:
        end = plane.axis.end if span.end is None else min(span.end, plane.axis.end)
        if end < plane.axis.start or span.start > plane.axis.end:
            continue
        left, right = plane.x(max(span.start, plane.axis.start)), plane.x(end)
        drawn.append(
            f'<rect class="band band-{span.kind}" x="{left}" y="{plane.top}" width="{max(right - left, 2):.1f}" '
            f'height="{plane.bottom - plane.top}"/>'
        )
    return drawn


def _axes(plane: _Plane) -> list[str]:
    step = _step(plane.high - plane.low)
    first = int(-(-plane.low // step))
    drawn = []
    for number in range(first, int(plane.high // step) + 1):
        y = plane.y(number * step)
        drawn.append(f'<line class="grid" x1="{plane.left}" x2="{plane.right}" y1="{y}" y2="{y}"/>')
        drawn.append(_text(plane.left - 6, y + 4, f"{number * step:,.6g}".replace("-", "\u2212"), "quiet", "end"))
    below = plane.bottom + 22
    return drawn + [_text(plane.x(place), below, text, "quiet", "middle") for place, text in plane.axis.labels]


def _step(span: float) -> float:
    """A round distance that gives about four lines."""
    power = 10.0 ** (math.floor(math.log10(span)) - 1)
    return next(step for size in (power, 10 * power) for factor in _STEPS if span / (step := factor * size) <= 5)


def _marks(plane: _Plane, figure: Figure) -> list[str]:
    """A line at each marked place, named beside it where the name covers nothing."""
    shown = sorted((m for m in figure.marks if plane.axis.start <= m.place <= plane.axis.end), key=lambda m: m.place)
    bases = [plane.top + 11 + 13 * row for row in range(_TICK_ROWS)]
    named = labels([(plane.x(m.place), m.label) for m in shown], bases, plane.right, list(_strokes(plane, figure)))
    drawn = []
    for one in named:
        drawn.append(f'<line class="unknown" x1="{one.x}" x2="{one.x}" y1="{plane.top}" y2="{plane.bottom}"/>')
        drawn.append(_text(one.x + (3 if one.anchor == "start" else -3), one.base, one.text, "quiet", one.anchor))
    return drawn


def _strokes(plane: _Plane, figure: Figure) -> Iterator[Stroke]:
    """Levels and lines in straight pieces."""
    for level in figure.levels:
        for run in pieces(_held(plane, level)):
            for (place, value), (until, _) in pairwise([*run, run[-1]]):
                yield Stroke(plane.x(place), plane.y(value), plane.x(until), plane.y(value))
    for run in (run for one in figure.series if one.is_line for run in pieces(one.points)):
        for (place, value), (until, then) in pairwise(run):
            yield Stroke(plane.x(place), plane.y(value), plane.x(until), plane.y(then))


def _range(plane: _Plane, one: Range) -> list[str]:
    """Runs of places at which both ends are known, each as an area of its own; a place alone as an upright line."""
    lows = pieces((place, low if high is not None else None) for place, low, high in one.points)
    highs = pieces((place, high if low is not None else None) for place, low, high in one.points)
    drawn = []
    for low, high in zip(lows, highs, strict=True):
        if len(low) == 1:
            x, ends = plane.x(low[0][0]), f'y1="{plane.y(low[0][1])}" y2="{plane.y(high[0][1])}"'
            drawn.append(f'<line class="series {one.kind}" x1="{x}" x2="{x}" {ends}/>')
            continue
        corners = [*high, *reversed(low)]
        places = " L".join(f"{plane.x(place)} {plane.y(value)}" for place, value in corners)
        drawn.append(f'<path class="range band-{one.kind}" d="M{places}Z"/>')
    return drawn


def _level(plane: _Plane, level: Steps) -> list[str]:
    return [f'<path class="level {level.kind}" d="{_stairs(plane, run)}"/>' for run in pieces(_held(plane, level))]


def _held(plane: _Plane, level: Steps) -> Sequence[Point]:
    """The places of a level; one that has a single value holds it all along."""
    if len(level.points) != 1:
        return level.points
    return [(plane.axis.start, level.points[0][1]), (plane.axis.end, level.points[0][1])]


def _stairs(plane: _Plane, run: list[tuple[float, float]]) -> str:
    """A level holds until the next one: steps, not slopes."""
    said = f"M{plane.x(run[0][0])} {plane.y(run[0][1])}"
    return said + "".join(f"H{plane.x(place)}V{plane.y(value)}" for place, value in run[1:])


def _series(plane: _Plane, one: Series) -> list[str]:
    drawn = []
    for run in pieces(one.points):
        places = [(plane.x(place), plane.y(value)) for place, value in run]
        if one.is_line:
            joined = " L".join(f"{x} {y}" for x, y in places)
            drawn.append(f'<path class="series {one.kind}" d="M{joined}"/>')
            if len(run) == 1 and not one.shape:
                kind = "dot" if one.kind == "accent" else f"point band-{one.kind}"
                drawn.append(f'<circle class="{kind}" cx="{places[0][0]}" cy="{places[0][1]}" r="2"/>')
        if one.shape:
            drawn += [_shape(one.shape, one.kind, x, y) for x, y in places]
        drawn += [_shape("ring", one.kind, plane.x(p), plane.y(v)) for p, v in run if p in one.hollow]
    return drawn + _stale(plane, one)


def _stale(plane: _Plane, one: Series) -> list[str]:
    runs = pieces(one.points)
    if one.stale_to is None or not runs or one.stale_to <= runs[-1][-1][0]:
        return []
    place, value = runs[-1][-1]
    ends = f'x1="{plane.x(place)}" x2="{plane.x(one.stale_to)}" y1="{plane.y(value)}" y2="{plane.y(value)}"'
    return [f'<line class="series stale {one.kind}" {ends}/>']


def _shape(shape: Shape, kind: Kind, x: float, y: float) -> str:
    if shape == "square":
        return f'<rect class="point band-{kind}" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/>'
    if shape == "dot":
        return f'<circle class="point band-{kind}" cx="{x}" cy="{y}" r="3"/>'
    return f'<circle class="hollow {kind}" cx="{x}" cy="{y}" r="3"/>'


def _labels(plane: _Plane, series: Sequence[Series], levels: Sequence[Steps]) -> list[str]:
    """What each line is, at its end; moved apart where they would cover each other."""
    last = series[-1:]
    named = [(one, "" if one in last else "quiet") for one in series if one.label] + [(one, "quiet") for one in levels]
    ends = [(plane.y(runs[-1][-1][1]), one.label, kind) for one, kind in named if (runs := pieces(one.points))]
    drawn, free = [], 0.0
    for y, label, kind in sorted(ends):
        free = max(y + 4, free)
        drawn.append(_text(plane.right + 6, round(free, 1), label, kind))
        free += 14
    return drawn


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{html.escape(text)}</text>'
