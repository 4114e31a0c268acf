"""Values in, SVG out: one line over time, with levels, episodes and marked days. Pure; needs no font and no script.

The title is the answer in words, the subtitle names measure, unit and as-of. A missing value is a gap, never joined.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Kind = Literal["warning", "critical", "unknown", "accent"]
_LIGHT: Final = {
    "ink": "#1b1f24", "paper": "#fbfaf7", "grid": "#e4e1d8", "warning": "#b7791f", "critical": "#b3261e",
    "unknown": "#6b7280", "accent": "#2f5d8a",
}  # fmt: skip
_DARK: Final = {
    "ink": "#e8e6e1", "paper": "#14171a", "grid": "#2c3238", "warning": "#e0a84a", "critical": "#f08a80",
    "unknown": "#9aa3ad", "accent": "#8db8e2",
}  # fmt: skip
_TOP, _LEFT, _RIGHT, _BOTTOM = 62, 56, 118, 34
_TICK_ROWS, _LETTER = 4, 6.2
"""Rows for the labels of ticks, and about how wide a letter is."""
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Line:
    """One series: (day, value), oldest first; None is a gap. Days of `revised` get a hollow point."""

    label: str
    points: Sequence[tuple[date, float | None]]
    revised: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Level:
    """A threshold as it stood: (day, level); one point is a level for all days."""

    label: str
    points: Sequence[tuple[date, float | None]]
    kind: Kind = "warning"


@dataclass(frozen=True, slots=True)
class Band:
    """An episode: pale from its first to its last day (None: still open)."""

    start: date
    end: date | None
    kind: Kind = "warning"


@dataclass(frozen=True, slots=True)
class Tick:
    """A day worth a vertical line: first notice, last trade, an event."""

    day: date
    label: str


@dataclass(frozen=True, slots=True)
class _Plane:
    """Days and values to places in the picture."""

    start: date
    end: date
    low: float
    high: float
    width: int
    height: int

    def x(self, day: date) -> float:
        share = (day - self.start).days / max((self.end - self.start).days, 1)
        return round(_LEFT + share * (self.width - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM), 1)


def chart(
    title: str,
    subtitle: str,
    line: Line,
    *,
    levels: Sequence[Level] = (),
    bands: Sequence[Band] = (),
    ticks: Sequence[Tick] = (),
    size: tuple[int, int] = (720, 300),
    dark: bool | None = None,
) -> str:
    """The picture as one SVG document. `dark` None follows the reader's own setting.

    Raises ValueError where no point has a value: there is nothing to draw.
    """
    if not any(value is not None for _, value in line.points):
        raise ValueError("a chart needs at least one value")
    plane = _plane(line, levels, size)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" role="img" '
        f'aria-label="{html.escape(f"{title}. {subtitle}")}">',
        f"<style>{_style(dark)}</style>",
        f'<rect class="paper" width="{size[0]}" height="{size[1]}"/>',
        _text(_LEFT, 24, title, "title"),
        _text(_LEFT, 43, subtitle, "quiet"),
        *_bands(plane, bands),
        *_axes(plane),
        *_ticks(plane, ticks),
        *(part for level in levels for part in _level(plane, level)),
        *_series(plane, line),
        *_labels(plane, line, levels),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def pieces(points: Iterable[tuple[date, float | None]]) -> list[list[tuple[date, float]]]:
    """Runs of days with a value: each is drawn by itself."""
    runs: list[list[tuple[date, float]]] = [[]]
    for day, value in points:
        if value is not None:
            runs[-1].append((day, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _plane(line: Line, levels: Sequence[Level], size: tuple[int, int]) -> _Plane:
    days = [day for day, _ in line.points]
    drawn = [line.points, *(level.points for level in levels)]
    values = [value for points in drawn for _, value in points if value is not None]
    room = 0.06 * (max(values) - min(values)) or abs(values[0]) * 0.1 or 1.0
    return _Plane(min(days), max(days), min(values) - room, max(values) + room, *size)


def _style(dark: bool | None) -> str:
    """Colours as variables, so that a page may set its own."""
    first = _DARK if dark else _LIGHT
    twin = f"@media (prefers-color-scheme: dark) {{ svg {{ {_variables(_DARK)} }} }}" if dark is None else ""
    strokes = "".join(
        f".{kind} {{ stroke: var(--{kind}); }} .band-{kind} {{ fill: var(--{kind}); }}"
        for kind in ("warning", "critical", "unknown", "accent")
    )
    return (
        f"svg {{ {_variables(first)} font-family: system-ui, sans-serif; font-size: 12px; "
        f"font-variant-numeric: tabular-nums; }} {twin}"
        "text { fill: var(--ink); } .title { font-size: 15px; font-weight: 600; } .quiet { fill: var(--unknown); } "
        ".paper { fill: var(--paper); } .grid { stroke: var(--grid); } path, line { fill: none; } "
        f".level {{ stroke-width: 1; stroke-dasharray: 4 3; }} .series {{ stroke-width: 1.6; }} {strokes}"
        ".band { opacity: 0.14; } .dot { fill: var(--accent); } .hollow { fill: var(--paper); }"
    )


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def _bands(plane: _Plane, bands: Sequence[Band]) -> list[str]:
    drawn = []
    for band in bands:
        end = min(band.end or plane.end, plane.end)
        if end < plane.start or band.start > plane.end:
            continue
        left, right = plane.x(max(band.start, plane.start)), plane.x(end)
        drawn.append(
            f'<rect class="band band-{band.kind}" x="{left}" y="{_TOP}" width="{max(right - left, 2):.1f}" '
            f'height="{plane.height - _TOP - _BOTTOM}"/>'
        )
    return drawn


def _axes(plane: _Plane) -> list[str]:
    step = _step(plane.high - plane.low)
    first = int(-(-plane.low // step))
    drawn = []
    for number in range(first, int(plane.high // step) + 1):
        y = plane.y(number * step)
        drawn.append(f'<line class="grid" x1="{_LEFT}" x2="{plane.width - _RIGHT}" y1="{y}" y2="{y}"/>')
        drawn.append(_text(_LEFT - 6, y + 4, f"{number * step:,.6g}".replace("-", "\u2212"), "quiet", "end"))
    days = (plane.start, plane.start + (plane.end - plane.start) / 2, plane.end)
    return drawn + [_text(plane.x(day), plane.height - 12, day.isoformat(), "quiet", "middle") for day in days]


def _step(span: float) -> float:
    """A round distance that gives about four lines."""
    power = 10.0 ** (math.floor(math.log10(span)) - 1)
    return next(step for size in (power, 10 * power) for factor in _STEPS if span / (step := factor * size) <= 5)


def _ticks(plane: _Plane, ticks: Sequence[Tick]) -> list[str]:
    """Each label in the first row in which it covers no earlier one, the last row where every row is taken."""
    drawn = []
    ends = [0.0] * _TICK_ROWS
    for tick in sorted(ticks, key=lambda tick: tick.day):
        if plane.start <= tick.day <= plane.end:
            x = plane.x(tick.day)
            row = next((number for number, end in enumerate(ends) if end <= x), _TICK_ROWS - 1)
            ends[row] = x + _LETTER * (len(tick.label) + 1)
            drawn.append(f'<line class="unknown" x1="{x}" x2="{x}" y1="{_TOP}" y2="{plane.height - _BOTTOM}"/>')
            drawn.append(_text(x + 3, _TOP + 11 + 13 * row, tick.label, "quiet"))
    return drawn


def _level(plane: _Plane, level: Level) -> list[str]:
    return [f'<path class="level {level.kind}" d="{_stairs(plane, run)}"/>' for run in pieces(_held(plane, level))]


def _held(plane: _Plane, level: Level) -> Sequence[tuple[date, float | None]]:
    if len(level.points) != 1:
        return level.points
    return [(plane.start, level.points[0][1]), (plane.end, level.points[0][1])]


def _stairs(plane: _Plane, run: list[tuple[date, float]]) -> str:
    """A level holds until the next one: steps, not slopes."""
    said = f"M{plane.x(run[0][0])} {plane.y(run[0][1])}"
    return said + "".join(f"H{plane.x(day)}V{plane.y(value)}" for day, value in run[1:])


def _series(plane: _Plane, line: Line) -> list[str]:
    runs = pieces(line.points)
    drawn = []
    for run in runs:
        places = " L".join(f"{plane.x(day)} {plane.y(value)}" for day, value in run)
        drawn.append(f'<path class="series accent" d="M{places}"/>')
        if len(run) == 1:
            drawn.append(f'<circle class="dot" cx="{plane.x(run[0][0])}" cy="{plane.y(run[0][1])}" r="2"/>')
        drawn += [
            f'<circle class="hollow accent" cx="{plane.x(day)}" cy="{plane.y(value)}" r="3"/>'
            for day, value in run
            if day in line.revised
        ]
    return drawn


def _labels(plane: _Plane, line: Line, levels: Sequence[Level]) -> list[str]:
    """What each line is, at its end; moved apart where they would cover each other."""
    ends = [(plane.y(pieces(line.points)[-1][-1][1]), line.label, "")]
    ends += [(plane.y(runs[-1][-1][1]), level.label, "quiet") for level in levels if (runs := pieces(level.points))]
    drawn, free = [], 0.0
    for y, label, kind in sorted(ends):
        free = max(y + 4, free)
        drawn.append(_text(plane.width - _RIGHT + 6, round(free, 1), label, kind))
        free += 14
    return drawn


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{html.escape(text)}</text>'
