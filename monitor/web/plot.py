"""Rows to drawings: one panel a column over a common x, each with an axis of its own, so that no two units share one.

Pure. Coordinates are of an SVG of WIDTH by HEIGHT; templates draw them with classes of the stylesheet, so that a
drawing needs neither a script nor a style of its own. A missing value is a gap, never joined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from math import isfinite
from typing import Any, Final

from monitor.tabular import Result, is_number, printable

WIDTH: Final = 640
HEIGHT: Final = 150
PANELS: Final = 6
"""Columns drawn at most; the table below holds them all."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 76, 26, 24
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Series:
    """Values over x, in the order of x; None is a gap."""

    name: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of x laid out pale behind the line, of a kind that the stylesheet knows: warning, critical."""

    start: float
    end: float
    kind: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing, ready to be put into a template."""

    name: str
    last: str
    """The last value with its x, in words."""
    lines: tuple[str, ...]
    """Path data, one for each run without a gap."""
    dots: tuple[tuple[float, float], ...]
    """Values with a gap on both sides."""
    grid: tuple[tuple[float, str], ...]
    """(y, what it stands for) of each line of the grid."""
    feet: tuple[tuple[float, str, str], ...]
    """(x, label, text-anchor) below."""
    levels: tuple[tuple[str, str], ...] = ()
    """(kind, path data) of thresholds."""
    bands: tuple[tuple[str, float, float], ...] = ()
    """(kind, x, width) of stretches."""


def panels(result: Result) -> tuple[Panel, ...]:
    """The numbers of an answer over its first date, moment or number that no two rows share; () where there is none."""
    at = _axis(result)
    if at is None:
        return ()
    kind = result.columns[at].type
    order = sorted(result.rows, key=lambda row: _number(row[at], kind))
    found = []
    for column, spec in enumerate(result.columns):
        if column == at or not is_number(spec.type):
            continue
        points = [(_number(row[at], kind), _value(row[column])) for row in order]
        if sum(value is not None for _, value in points) > 1:
            found.append(panel(Series(printable(spec.name), points), is_time=not is_number(kind)))
    return tuple(found[:PANELS])


def panel(
    series: Series,
    *,
    is_time: bool,
    levels: Sequence[tuple[str, Series]] = (),
    stretches: Sequence[Stretch] = (),
) -> Panel:
    """One series; `levels` are (kind, thresholds as they stood). Raises ValueError where no point has a value."""
    known = [(x, y) for x, y in series.points if y is not None]
    if not known:
        raise ValueError("a drawing needs at least one value")
    plane = _plane(
        series.points, [y for _, y in known] + [y for _, one in levels for _, y in one.points if y is not None]
    )
    runs = _runs(series.points)
    x, y = known[-1]
    return Panel(
        name=series.name,
        last=f"{_figure(y)} at {_foot(x, is_time)}",
        lines=tuple(_path(plane, run) for run in runs if len(run) > 1),
        dots=tuple((plane.x(run[0][0]), plane.y(run[0][1])) for run in runs if len(run) == 1),
        grid=tuple((plane.y(level), _figure(level)) for level in _rounds(plane.low, plane.high)),
        feet=_feet(plane, is_time),
        levels=tuple((kind, _stairs(plane, run)) for kind, one in levels for run in _runs(one.points)),
        bands=tuple(_band(plane, stretch) for stretch in stretches),
    )


def of_day(day: date) -> float:
    """A day as x."""
    return float(day.toordinal())


@dataclass(frozen=True, slots=True)
class _Plane:
    start: float
    end: float
    low: float
    high: float

    def x(self, at: float) -> float:
        share = (at - self.start) / (self.end - self.start or 1.0)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)


def _plane(points: Sequence[tuple[float, float | None]], values: Sequence[float]) -> _Plane:
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or abs(low) * 0.1 or 1.0
    return _Plane(points[0][0], points[-1][0], low - room, high + room)


def _axis(result: Result) -> int | None:
    """The column that can be an x: moments before numbers, the leftmost first; no gap in it, and no value twice."""
    if len(result.rows) < 2:
        return None
    kinds = [column.type for column in result.columns]
    timed = [at for at, kind in enumerate(kinds) if kind == "DATE" or kind.startswith("TIMESTAMP")]
    for at in [*timed, *([0] if kinds and is_number(kinds[0]) else [])]:
        seen = [_number(row[at], kinds[at]) for row in result.rows]
        if all(map(isfinite, seen)) and len(set(seen)) == len(seen):
            return at
    return None


def _number(value: Any, kind: str) -> float:
    """The value of a cell on an x axis, days for a moment; nan for none."""
    try:
        if is_number(kind):
            return float(value)
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return moment.toordinal() + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400


def _value(cell: Any) -> float | None:
    try:
        value = float(cell)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if abs(value) < 1e300 else None


def _runs(points: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    grouped = groupby(points, key=lambda point: point[1] is not None)
    return [[(x, y) for x, y in run if y is not None] for is_known, run in grouped if is_known]


def _path(plane: _Plane, run: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{plane.x(x)} {plane.y(y)}" for x, y in run)


def _stairs(plane: _Plane, run: Sequence[tuple[float, float]]) -> str:
    """A level holds until the next one: steps, not slopes."""
    return f"M{plane.x(run[0][0])} {plane.y(run[0][1])}" + "".join(f"H{plane.x(x)}V{plane.y(y)}" for x, y in run[1:])


def _band(plane: _Plane, stretch: Stretch) -> tuple[str, float, float]:
    left, right = plane.x(max(stretch.start, plane.start)), plane.x(min(stretch.end, plane.end))
    return stretch.kind, left, max(round(right - left, 1), 2.0)


def _rounds(low: float, high: float) -> list[float]:
    """About three round values between the two."""
    power = 10.0 ** (math.floor(math.log10(high - low)) - 1)
    sizes = (step * size for size in (power, 10 * power) for step in _STEPS)
    step = next((size for size in sizes if (high - low) / size <= 4), high - low)
    first = math.ceil(low / step)
    return [number * step for number in range(first, first + 6) if number * step <= high]


def _figure(value: float) -> str:
    """Six digits, and no power of ten where a reader can do without."""
    text = f"{value:,.0f}" if 1e5 <= abs(value) < 1e13 else f"{value:,.6g}"
    return text.replace("-", "\u2212")


def _feet(plane: _Plane, is_time: bool) -> tuple[tuple[float, str, str], ...]:
    ends = ((plane.start, "start"), (plane.end, "end"))
    return tuple((plane.x(x), _foot(x, is_time), anchor) for x, anchor in ends)


def _foot(x: float, is_time: bool) -> str:
    return date.fromordinal(int(x)).isoformat() if is_time else _figure(x)
