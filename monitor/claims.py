"""What somebody printed against what the reports said: value, definition, inputs, difference, verdict.

Pure over a generation. A claim agrees where it is the figure of its date to one unit of its last printed digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

import duckdb

from monitor import evidence, units
from monitor.archive import Archive
from monitor.checks import Readable
from monitor.claimfile import Metric, metrics
from monitor.claimtext import Claim
from monitor.clock import naive
from monitor.errors import BullionError
from monitor.evidence import Leg

NEAR: Final = timedelta(days=60)
"""How far from its date a figure is looked for: farther away a match says little."""
_MASS: Final = {"Moz": 1e6, "koz": 1e3, "oz": 1.0, "kg": units.TROY_OZ_PER_KG, "t": 1e3 * units.TROY_OZ_PER_KG}
"""Troy ounces in one."""
_OWN: Final = {"session", "definition", "value", "low", "high", "lot_oz", "unknown_because"}


class Outcome(StrEnum):
    """How a claim ends."""

    AGREES = "agrees"
    ELSEWHERE = "right number, wrong date or definition"
    CONTRADICTED = "contradicted"
    UNKNOWN = "cannot be known"


@dataclass(frozen=True, slots=True)
class Figure:
    """One reproduced value in the claim's unit; `low` and `high` where it is an interval."""

    session: date
    definition: str
    value: float
    low: float
    high: float
    reading: str
    row: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with the figure it rests on, the sentence that says why, and the legs behind it."""

    claim: Claim
    metric: Metric
    outcome: Outcome
    why: str
    figure: Figure | None = None
    legs: tuple[Leg, ...] = ()

    @property
    def difference(self) -> float | None:
        """Claimed minus reproduced, in the claim's unit."""
        return None if self.figure is None else self.claim.value - self.figure.value


def test(generation: Readable, claim: Claim, now: datetime, archive: Archive) -> Finding:
    """Reproduce a claim's figure and judge it. Raises BullionError where its unit does not fit its metric."""
    if claim.metric not in metrics():
        raise BullionError(f"unknown metric {claim.metric!r}; known: {', '.join(sorted(metrics()))}")
    metric = metrics()[claim.metric]
    with generation.cursor() as cur:
        everything = _figures(cur, metric, claim, now, "the session itself")
        dated = _dated(cur, metric, claim, now, everything)
        found = _judged(metric, claim, dated, everything, _no_session(cur, metric, claim.day))
        if found.figure is None:
            return found
        legs, _ = evidence.legs(
            {k: v for k, v in found.figure.row.items() if k not in _OWN}, evidence.finder(cur, archive)
        )
        return replace(found, legs=tuple(leg for leg in legs if leg.session is not None))


def ratio(left: Claim, right: Claim) -> Claim | None:
    """The coverage that registered metal against open interest of one sentence claims; None for other pairs."""
    pair = {c.metric: c for c in (left, right)}
    if set(pair) != {"registered", "open_interest"}:
        return None
    r, o = pair["registered"], pair["open_interest"]
    if o.value <= 0 or r.unit not in _MASS or o.unit not in _MASS:
        return None
    value = r.value * _MASS[r.unit] / (o.value * _MASS[o.unit])
    return replace(o, metric="coverage", value=value, unit="ratio", step=value * (r.step / r.value + o.step / o.value))


# --- the figures -------------------------------------------------------------------------


def _figures(
    cur: duckdb.DuckDBPyConnection, metric: Metric, claim: Claim, known: datetime, reading: str
) -> list[Figure]:
    """Every session and definition, as the public knew it at a moment."""
    cur.execute("set variable known_at = ?::timestamp", [naive(known)])
    cur.execute("set variable basis = 'published'")
    asked = {"metal": claim.metal, "month": claim.month, "since": claim.since, "venue": claim.venue}
    result = cur.execute(metric.sql, {name: asked[name] for name in set(re.findall(r"\$(\w+)", metric.sql))})
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return [_figure(metric, claim, row, reading) for row in rows if row["value"] is not None]


def _figure(metric: Metric, claim: Claim, row: dict[str, Any], reading: str) -> Figure:
    by = _factor(metric, claim.unit, row.get("lot_oz"))
    value = float(row["value"])
    low, high = (value if row.get(end) is None else float(row[end]) for end in ("low", "high"))
    return Figure(row["session"], row["definition"], value * by, low * by, high * by, reading, row)


def _factor(metric: Metric, unit: str, lot_oz: float | None) -> float:
    """What one of the metric's unit is in the claim's."""
    if unit == metric.unit:
        return 1.0
    ounces = {"troy_oz": 1.0, "kg": units.TROY_OZ_PER_KG, "lots": lot_oz}.get(metric.unit)
    if ounces is None or unit not in _MASS | {"lots": 1.0}:
        raise BullionError(f"{metric.name} is told in {metric.unit}, not in {unit}")
    if unit == "lots":
        raise BullionError(f"{metric.name} is told in {metric.unit} or another mass, not in lots")
    return ounces / _MASS[unit]


def _dated(
    cur: duckdb.DuckDBPyConnection, metric: Metric, claim: Claim, now: datetime, everything: list[Figure]
) -> list[Figure]:
    """What may be meant by the figure of that date, likeliest first, of every definition."""
    same = [f for f in everything if f.session == claim.day]
    if not metric.by_publication:
        return same
    newest: list[Figure] = []
    for hour, said in (
        (time(12), "the newest known at its noon UTC"),
        (time(23, 59, 59), "the newest known at its end"),
    ):
        known = min(datetime.combine(claim.day, hour, UTC), now)
        seen = _figures(cur, metric, claim, known, said)
        for definition in dict.fromkeys(f.definition for f in seen):
            mine = [f for f in seen if f.definition == definition]
            last = max(mine, key=lambda f: f.session)
            if claim.day - last.session <= timedelta(days=7):
                newest.append(last)
    return [*newest, *same]


def _no_session(cur: duckdb.DuckDBPyConnection, metric: Metric, day: date) -> str:
    known = cur.execute(
        "select 1 from venue_sessions where calendar = ? and session = ?", [metric.calendar, day]
    ).fetchone()
    return "" if known else f"{day} is a {day:%A}: no session of {metric.calendar}"


# --- the verdict -------------------------------------------------------------------------


def _judged(metric: Metric, claim: Claim, dated: list[Figure], everything: list[Figure], closed: str) -> Finding:
    def found(outcome: Outcome, why: str, figure: Figure | None) -> Finding:
        return Finding(claim, metric, outcome, "; ".join(part for part in (closed, why) if part), figure)

    meant = [f for f in dated if f.definition in metric.definitions]
    if impossible := _impossible(metric, claim, meant):
        return found(Outcome.CONTRADICTED, impossible, meant[0] if meant else None)
    if doubt := next((f for f in meant if f.row.get("unknown_because")), None):
        return found(Outcome.UNKNOWN, str(doubt.row["unknown_because"]), doubt)
    if hit := next((f for f in meant if _agrees(claim, f)), None):
        return found(Outcome.AGREES, f"{hit.reading}, session {hit.session}", hit)
    if elsewhere := _elsewhere(metric, claim, dated, everything):
        return found(Outcome.ELSEWHERE, _where(claim, elsewhere, elsewhere.definition in metric.definitions), elsewhere)
    closest = _closest(metric, claim, meant, everything if closed else [])
    if closest is None:
        return found(Outcome.UNKNOWN, f"no report on file tells it for {claim.day}", None)
    return found(Outcome.CONTRADICTED, f"{closest.reading}, session {closest.session}, says otherwise", closest)


def _closest(metric: Metric, claim: Claim, meant: list[Figure], everything: list[Figure]) -> Figure | None:
    """What speaks against a claim: of its date the closest value, else, on a day without a session, the nearest one."""
    if meant:
        return min(meant, key=lambda f: abs(f.value - claim.value))
    near = [f for f in everything if abs(f.session - claim.day) <= NEAR and f.definition in metric.definitions]
    return min(near, key=lambda f: abs(f.session - claim.day), default=None)


def _agrees(claim: Claim, figure: Figure) -> bool:
    if claim.relation == ">":
        return figure.low > claim.value
    if claim.relation == "<":
        return figure.high < claim.value
    slack = claim.step * (1 + 1e-9)
    return figure.low - slack <= claim.value <= figure.high + slack


def _impossible(metric: Metric, claim: Claim, meant: Iterable[Figure]) -> str:
    """Rules that no report can break, whatever it says."""
    if claim.value < 0 and not metric.signed:
        return f"impossible: {metric.name.replace('_', ' ')} is never below zero"
    if not metric.ceiling or claim.metric == "total" or claim.relation == "<":
        return ""
    totals = [(f.session, float(f.row[metric.ceiling]) / _MASS[claim.unit]) for f in meant]
    if totals and all(claim.value - claim.step > total for _, total in totals):
        session, total = max(totals, key=lambda t: t[1])
        return f"impossible: more than the {total:,.3f} {claim.unit} in the vaults in all, session {session}"
    return ""


def _elsewhere(metric: Metric, claim: Claim, dated: list[Figure], everything: list[Figure]) -> Figure | None:
    """The figure by another definition on its date, else the nearest session at which it was true."""
    if claim.relation != "=":
        return None
    other = [f for f in dated if f.definition not in metric.definitions and _agrees(claim, f)]
    if other:
        return other[0]
    near = [
        f
        for f in everything
        if f.definition in metric.definitions
        and abs(f.session - claim.day) <= NEAR
        and not f.row.get("unknown_because")
        and _agrees(claim, f)
    ]
    return min(near, key=lambda f: (abs(f.session - claim.day), f.session), default=None)


def _where(claim: Claim, figure: Figure, meant: bool) -> str:
    if not meant:
        return f"it is another definition, {figure.definition}; session {figure.session}"
    apart = abs((figure.session - claim.day).days)
    side = "after" if figure.session > claim.day else "before"
    return f"it is the figure of {figure.session}, {apart} day{'s' * (apart != 1)} {side}: {figure.definition}"
