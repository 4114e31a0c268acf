"""The four verdicts on a claim: pure, over the figures that a generation reproduces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from monitor import units
from monitor.claimfile import Metric
from monitor.claimtext import Claim
from monitor.evidence import Leg

MASS: Final = {"Moz": 1e6, "koz": 1e3, "oz": 1.0, "kg": units.TROY_OZ_PER_KG, "t": 1e3 * units.TROY_OZ_PER_KG}
"""Troy ounces in one."""


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


def judged(metric: Metric, claim: Claim, dated: list[Figure], everything: list[Figure], closed: str) -> Finding:
    def found(outcome: Outcome, why: str, figure: Figure | None) -> Finding:
        return Finding(claim, metric, outcome, "; ".join(part for part in (closed, why) if part), figure)

    meant = [f for f in dated if f.definition in metric.definitions]
    if impossible := _impossible(metric, claim, meant):
        return found(Outcome.CONTRADICTED, impossible, meant[0] if meant else None)
    sure = [f for f in meant if not _doubt(claim, f)]
    if not (hit := next((f for f in sure if _agrees(claim, f)), None)) and len(sure) < len(meant):
        doubt = next(f for f in meant if f not in sure)
        return found(Outcome.UNKNOWN, _doubt(claim, doubt), doubt)
    if hit:
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
    near = [
        f
        for f in everything
        if abs(f.session - claim.day) <= timedelta(days=metric.near) and f.definition in metric.definitions
    ]
    return min(near, key=lambda f: abs(f.session - claim.day), default=None)


def _is_near(metric: Metric, claim: Claim, figure: Figure) -> bool:
    return abs(figure.session - claim.day) <= timedelta(days=metric.near)


def _agrees(claim: Claim, figure: Figure) -> bool:
    if claim.relation == ">":
        return figure.low > claim.value
    if claim.relation == "<":
        return figure.high < claim.value
    slack = claim.step * (1 + 1e-9)
    return figure.low - slack <= claim.value <= figure.high + slack


def _doubt(claim: Claim, figure: Figure) -> str:
    """Why an interval decides nothing; '' where it decides. One wholly on the other side contradicts, however wide."""
    because = str(figure.row.get("unknown_because") or "")
    if because and figure.row.get("limit_locked"):
        return because
    agrees = _agrees(claim, figure)
    possible = agrees or {"=": False, ">": figure.high > claim.value, "<": figure.low < claim.value}[claim.relation]
    if because and possible:
        return because
    return "the figure lies within the interval" if possible and not agrees else ""


def _impossible(metric: Metric, claim: Claim, meant: list[Figure]) -> str:
    """Rules that no report can break, whatever it says."""
    if claim.metric == "registered_change" and meant:
        return _impossible_base(claim, meant[0].row)
    return _impossible_number(metric, claim) or _above_ceiling(metric, claim, meant)


def _impossible_number(metric: Metric, claim: Claim) -> str:
    name = metric.name.replace("_", " ")
    if claim.value < 0 and not metric.signed:
        return f"impossible: {name} is never below zero"
    if metric.is_share and claim.value - claim.step > 100:
        return f"impossible: {name} is a share of a whole, and none is above 100 percent"
    if metric.unit == "percent" and claim.value + claim.step < -100:
        return "impossible: nothing loses more than 100 percent"
    return ""


def _above_ceiling(metric: Metric, claim: Claim, meant: list[Figure]) -> str:
    if not metric.ceiling or claim.metric == "total" or claim.relation == "<":
        return ""
    totals = [(f.session, float(f.row[metric.ceiling]) / MASS[claim.unit]) for f in meant]
    if totals and all(claim.value - claim.step > total for _, total in totals):
        session, total = max(totals, key=lambda t: t[1])
        return f"impossible: more than the {total:,.3f} {claim.unit} in the vaults in all, session {session}"
    return ""


def _impossible_base(claim: Claim, row: Mapping[str, Any]) -> str:
    """A fall so deep that more metal would have been registered at its start than lay in the vaults."""
    left = 1 + (claim.value + claim.step) / 100
    total = row["before_total"]
    if claim.value <= -100 or (total is not None and left * total < row["registered_in_unit"]):
        return f"impossible: on {row['before_session']} more would have been registered than lay in the vaults in all"
    return ""


def _elsewhere(metric: Metric, claim: Claim, dated: list[Figure], everything: list[Figure]) -> Figure | None:
    """The figure by another definition on its date, else the nearest session at which it was true."""
    if claim.relation != "=" or metric.unit == "count":
        return None
    other = [f for f in dated if f.definition not in metric.definitions and _agrees(claim, f)]
    if other:
        return other[0]
    near = [
        f
        for f in everything
        if f.definition in metric.definitions
        and _is_near(metric, claim, f)
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
