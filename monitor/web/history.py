"""One measure over time, from its readings: the chart, the same for a script, and earlier months beside it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

from alerts import wording
from alerts.story import CheckCard
from alerts.textual import quantity, subject_words, unit_name
from monitor import chart, evidence, judge, mailchart
from monitor.checkfile import Check
from monitor.clock import aware, parse_moment
from monitor.evidence import Leg
from monitor.figure import Axis, Figure, Series
from monitor.model import Episode, Reading, Verdict

Row = Mapping[str, Any]
_HALF_A_DAY: Final = 43_200


def reading_of(check: str, subject: str, row: Row) -> Reading:
    """A row of `sql/pages/measure.sql` as the reading it was, its days and moments days and moments again."""
    return Reading(
        check,
        subject,
        row["session"],
        row["value"],
        Verdict(row["verdict"]),
        row["warn"],
        row["critical"],
        row["clear"],
        aware(row["published_at"]) if row["published_at"] else None,
        row["reason"],
        {name: _revived(name, value) for name, value in json.loads(row["inputs"]).items()},
    )


def _revived(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name.endswith("_session"):
        return date.fromisoformat(value[:10])
    return parse_moment(value) if name.endswith("_published_at") else value


def card(check: Check) -> CheckCard:
    """As much of the check as its headline needs."""
    side = "above" if check.above_is_bad else "below"
    return CheckCard(
        check.name,
        check.title,
        unit=check.unit,
        direction="above" if side == "above" else "below",
        decimals=check.decimals,
        headline=check.headline,
    )


def answer(check: Check, reading: Reading, unknown: str = "") -> str:
    """`Silver COMEX Mar 2026: registered covers 0.277 of front-month claims`; what is `unknown`, with its reason."""
    if unknown:
        return f"{subject_words(reading.subject)}: {wording.lowered(check.title)} unknown, {unknown}"
    return f"{subject_words(reading.subject)}: {wording.headline(card(check), reading)}"


def episodes(check: Check, readings: Sequence[Reading]) -> tuple[Episode, ...]:
    """What the readings fold into, oldest first."""
    return judge.fold(readings, check.policy).episodes


def counts(reading: Reading) -> bool:
    """Whether its figure may be shown as known: one that ended with a reason against it may not, though it is clear."""
    return reading.value is not None and reading.verdict.observed and not reading.reason


def newest_known(readings: Sequence[Reading]) -> Reading | None:
    """The last reading whose figure counts."""
    return next((reading for reading in reversed(readings) if counts(reading)), None)


def figure(
    check: Check,
    readings: Sequence[Reading],
    marks: Sequence[tuple[date, str]],
    revised: Iterable[date],
    stale_to: date | None,
) -> Figure | None:
    """The chart of readings in session order; None where none has a value that counts.

    `revised` are sessions published more than once; the last value goes on dashed up to `stale_to`.
    """
    last = newest_known(readings)
    if last is None:
        return None
    shown = [reading if counts(reading) else replace(reading, value=None) for reading in readings]
    names = ("warn",) if check.capped else ("warn", "critical")
    return chart.figure(
        answer(check, last),
        f"{check.title}, {unit_name(check.unit) or 'a ratio'}; bad is {'above' if check.above_is_bad else 'below'}",
        chart.Line(
            quantity(last.value, check.unit, check.decimals), mailchart.points(shown), frozenset(revised), stale_to
        ),
        levels=[level for name in names if (level := mailchart.level_of(readings, name)).points],
        bands=[mailchart.band(episode) for episode in episodes(check, readings)],
        ticks=[chart.Tick(day, label) for day, label in marks],
    )


# --- for a script ------------------------------------------------------------------------------


def data(check: Check, readings: Sequence[Reading], drawn: Figure) -> dict[str, object]:
    """What `chart.js` draws: seconds and values, a gap half a day after its session; and of each session its words."""
    days = {reading.session.toordinal(): reading for reading in readings}
    points = drawn.series[0].points
    repeated = [at > 0 and points[at - 1][0] == place for at, (place, _) in enumerate(points)]
    return {
        "unit": unit_name(check.unit),
        "x": [_seconds(place) + _HALF_A_DAY * again for (place, _), again in zip(points, repeated, strict=True)],
        "y": [value for _, value in points],
        "hollow": sorted(_seconds(place) for place in drawn.series[0].hollow),
        "stale": None if drawn.series[0].stale_to is None else _seconds(drawn.series[0].stale_to),
        "levels": [
            {"label": level.label, "kind": level.kind, "points": [(_seconds(p), v) for p, v in level.points]}
            for level in drawn.levels
        ],
        "spans": [(_seconds(s.start), None if s.end is None else _seconds(s.end), s.kind) for s in drawn.spans],
        "marks": [(_seconds(mark.place), mark.label) for mark in drawn.marks],
        "said": [
            "" if again else _said(check, days[int(place)])
            for (place, _), again in zip(points, repeated, strict=True)
        ],
    }  # fmt: skip


def _said(check: Check, reading: Reading) -> list[str]:
    """The session and its value, then each leg with its figure, its as-of and when that was public."""
    value = quantity(reading.value, check.unit, None, 6) if counts(reading) else f"unknown: {reading.reason}"
    return [f"{reading.session}: {value}", *map(_leg, evidence.legs(reading.inputs, _no_file)[0])]


def _no_file(_: str) -> None:
    """Files are told where a figure is explained."""


def _leg(leg: Leg) -> str:
    numbers = [(name, value) for name, value in leg.figures.items() if isinstance(value, int | float)]
    words = evidence.figure(*numbers[0]) if numbers else leg.name.replace("_", " ")
    public = f", public {leg.published_at:%Y-%m-%d %H:%M} UTC" if leg.published_at else ""
    return f"{words} of {leg.session}{public}" if leg.session else f"{words}: not held"


def _seconds(place: float) -> int:
    return int(datetime.combine(date.fromordinal(int(place)), time(), UTC).timestamp())


# --- earlier months ----------------------------------------------------------------------------


def beside(
    check: Check, readings: Sequence[Reading], earlier: Sequence[Row], published: Sequence[Row]
) -> Figure | None:
    """This month bold over earlier ones grey, by sessions to first notice; None where there are none to compare with.

    `earlier` are rows of `sql/pages/measure_earlier.sql`, `published` points that others have printed.
    """
    own = [
        (-float(str(r.inputs["sessions_to_fnd"])), r.value if counts(r) else None)
        for r in readings
        if r.inputs.get("sessions_to_fnd") is not None
    ]
    if not (earlier or published) or not any(value is not None for _, value in own):
        return None
    months: dict[str, list[tuple[float, float | None]]] = {}
    for row in earlier:
        months.setdefault(row["subject"], []).append((-float(row["sessions_to_fnd"]), row["value"]))
    points: dict[str, list[tuple[float, float | None]]] = {}
    for row in published:
        points.setdefault(row["contract"], []).append((-float(row["sessions_to_fnd"]), row["value"]))
    series = [Series(name, found, "earlier") for name, found in months.items()]
    series += [
        Series(_point(name, found[-1]), found, "earlier", shape="ring", is_line=False) for name, found in points.items()
    ]
    places = [place for found in (own, *months.values(), *points.values()) for place, _ in found]
    said = f"{check.title}, {unit_name(check.unit) or 'a ratio'}, by sessions to first notice (T)"
    return Figure(
        f"{subject_words(readings[-1].subject)} beside earlier months at the same distance",
        said,
        [*series, Series(readings[-1].subject, own)],
        _distances(min(places), max(places)),
    )


def _point(name: str, point: tuple[float, float | None]) -> str:
    """What a lone point is: `May 2024, T-6`."""
    return f"{name}, {_distance(point[0])}"


def _distance(place: float) -> str:
    return "T" if not place else f"T{place:+.0f}".replace("-", "\u2212")


def _distances(start: float, end: float) -> Axis:
    """From the farthest session before first notice to the last one after it, every fifth named."""
    named = [place for place in range(int(start), int(end) + 1) if place % 5 == 0]
    return Axis(start, end, [(place, _distance(place)) for place in named])
