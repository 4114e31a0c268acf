"""Values in, SVG out: one line over time, with levels, episodes and marked days. Pure; needs no font and no script.

The title is the answer in words, the subtitle names measure, unit and as-of. A missing value is a gap, never joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from monitor import plot
from monitor.figure import Axis, Figure, Kind, Mark, Point, Series, Span, Steps

_LIGHT: Final = {
    "ink": "#1b1f24", "paper": "#fbfaf7", "grid": "#e4e1d8", "warning": "#b7791f", "critical": "#b3261e",
    "unknown": "#6b7280", "accent": "#2f5d8a",
}  # fmt: skip
_DARK: Final = {
    "ink": "#e8e6e1", "paper": "#14171a", "grid": "#2c3238", "warning": "#e0a84a", "critical": "#f08a80",
    "unknown": "#9aa3ad", "accent": "#8db8e2",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One series: (day, value), oldest first; None is a gap. Days of `revised` get a hollow point."""

    label: str
    points: Sequence[tuple[date, float | None]]
    revised: frozenset[date] = frozenset()
    stale_to: date | None = None
    """How far the last value is drawn on, dashed, because none has come since; None where it is not out of date."""


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
    """The picture as one SVG document with a style in it. `dark` None follows the reader's own setting.

    Raises ValueError where no point has a value: there is nothing to draw.
    """
    made = figure(title, subtitle, line, levels=levels, bands=bands, ticks=ticks, size=size)
    return plot.plot(made, _style(dark))


def figure(
    title: str,
    subtitle: str,
    line: Line,
    *,
    levels: Sequence[Level] = (),
    bands: Sequence[Band] = (),
    ticks: Sequence[Tick] = (),
    size: tuple[int, int] = (720, 300),
) -> Figure:
    """The same, not drawn yet: days as numbers."""
    days = [day for day, _ in line.points] + ([line.stale_to] if line.stale_to else [])
    drawn = Series(
        line.label,
        _placed(line.points),
        hollow=frozenset(day.toordinal() for day in line.revised),
        stale_to=line.stale_to.toordinal() if line.stale_to else None,
    )
    return Figure(
        title,
        subtitle,
        [drawn],
        axis(min(days, default=date.min), max(days, default=date.min)),
        levels=[Steps(level.label, _placed(level.points), level.kind) for level in levels],
        spans=[Span(b.start.toordinal(), b.end.toordinal() if b.end else None, b.kind) for b in bands],
        marks=[Mark(tick.day.toordinal(), tick.label) for tick in ticks],
        size=size,
    )


def axis(start: date, end: date) -> Axis:
    """Days as places, the first, the middle and the last named."""
    days = (start, start + (end - start) / 2, end)
    return Axis(start.toordinal(), end.toordinal(), [(day.toordinal(), day.isoformat()) for day in days])


def pieces(points: Iterable[tuple[date, float | None]]) -> list[list[tuple[date, float]]]:
    """Runs of days with a value: each is drawn by itself."""
    return [[(date.fromordinal(int(place)), v) for place, v in run] for run in plot.pieces(_placed(points))]


def _placed(points: Iterable[tuple[date, float | None]]) -> list[Point]:
    return [(day.toordinal(), value) for day, value in points]


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
