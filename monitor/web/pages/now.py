"""*Now*: one row for each metal and venue, what is open, what a person has to save, and which dates come."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from monitor.checkfile import Check
from monitor.clock import aware, parse_moment
from monitor.web import states
from monitor.web.look import Look
from monitor.web.page import Page

Row = Mapping[str, Any]
LEADING: Final = (
    "coverage_raw", "registered_drop", "vault_outflow", "shfe_warrant_drop", "regional_premium", "india_premium",
    "fund_premium", "front_back",
)  # fmt: skip
"""Which measure speaks for a metal and venue where several are in the same state."""
ENOUGH: Final = 20
"""Earlier values it takes to say what is typical."""
_METALS: Final = ("silver", "gold", "platinum", "palladium", "copper")


@dataclass(frozen=True, slots=True)
class Leg:
    """One input of a reading: its session, and when that was public."""

    name: str
    session: date | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Measure:
    """One newest reading. `value` and levels are in `unit`; `usual` is (low, middle, high) of `usual_count` values."""

    check: str
    title: str
    subject: str
    state: str
    why: str
    """Why it is unknown; '' where it is known."""
    value: float | None
    unit: str
    warn: float | None
    critical: float | None
    is_above_bad: bool
    session: date
    legs: tuple[Leg, ...]
    typical: str
    """What the check itself says of earlier months; '' for none."""
    usual: tuple[float, float, float] | None
    usual_count: int
    alert: str
    """Severity of the alert that is open on it; '' for none."""


@dataclass(frozen=True, slots=True)
class Place:
    """A metal at a venue, with its measures, worst first; `lead` speaks for them."""

    metal: str
    venue: str
    state: str
    measures: tuple[Measure, ...]
    counts: tuple[tuple[str, int], ...]
    """(state, how many measures), worst first, without those that have none."""

    @property
    def lead(self) -> Measure:
        """The first of the worst."""
        return self.measures[0]

    @property
    def name(self) -> str:
        """`Silver COMEX`."""
        return f"{self.metal.capitalize()} {self.venue}".strip() or "The monitor itself"

    @property
    def anchor(self) -> str:
        """Where its measures stand on the page."""
        return "-".join(part.lower() for part in (self.metal, self.venue) if part) or "itself"


@dataclass(frozen=True, slots=True)
class Now:
    """What the template shows."""

    places: tuple[Place, ...]
    empty: tuple[str, ...]
    """Metals and venues of which nothing was ever read."""
    evaluated_at: datetime | None


def view(look: Look) -> Now:
    """The page."""
    places = look.remember(("places", look.now), lambda: _read(look))
    known = {(place.metal, place.venue) for place in places}
    covered = [(row["metal"], row["venue"]) for row in look.tile("covered")]
    newest = [row["evaluated_at"] for row in look.tile("now")]
    return Now(
        places,
        tuple(f"{metal.capitalize()} {venue}" for metal, venue in covered if (metal, venue) not in known),
        max(newest, default=None),
    )


def _read(look: Look) -> tuple[Place, ...]:
    open_alerts = {(row["check"], row["subject"]): row["severity"] for row in look.desk.open_alerts(look.now)}
    return places(look.tile("now"), look.tools.checks, open_alerts)


def places(
    rows: Iterable[Row], checks: Mapping[str, Check], alerts: Mapping[tuple[str, str], str]
) -> tuple[Place, ...]:
    """Rows of `sql/pages/now.sql` by metal and venue; `alerts` is the severity of what is open by (check, subject)."""
    found: dict[tuple[str, str], list[Measure]] = {}
    for row in rows:
        key = (row["check_name"], row["subject"])
        measure = _measure(row, checks.get(row["check_name"]), alerts.get(key, ""))
        found.setdefault((row["metal"], row["venue"]), []).append(measure)
    made = [_place(metal, venue, measures) for (metal, venue), measures in found.items()]
    return tuple(sorted(made, key=_rank))


def _rank(place: Place) -> tuple[int, int, str]:
    metal = _METALS.index(place.metal) if place.metal in _METALS else len(_METALS)
    return metal, 0 if place.venue == "COMEX" else 1, place.venue


def _place(metal: str, venue: str, measures: Sequence[Measure]) -> Place:
    ordered = tuple(sorted(measures, key=_weight))
    tally = Counter(measure.state for measure in ordered)
    counts = tuple((state, tally[state]) for state in states.STATES if tally[state])
    return Place(metal, venue, states.worst(tally), ordered, counts)


def _weight(measure: Measure) -> tuple[int, int, str, str]:
    lead = LEADING.index(measure.check) if measure.check in LEADING else len(LEADING)
    return states.STATES.index(measure.state), lead, measure.check, measure.subject


def _measure(row: Row, check: Check | None, alert: str) -> Measure:
    state, why = states.of_reading(row)
    inputs = json.loads(row["inputs"])
    count = row["usual_count"] or 0
    usual = (row["usual_low"], row["usual_middle"], row["usual_high"]) if count >= ENOUGH else None
    return Measure(
        check=row["check_name"],
        title=check.title if check else row["check_name"].replace("_", " "),
        subject=row["subject"],
        state=state,
        why=why,
        value=row["value"],
        unit=row["unit"],
        warn=row["warn"],
        critical=row["critical"],
        is_above_bad=check.above_is_bad if check else True,
        session=row["session"],
        legs=_legs(inputs),
        typical=str(inputs.get("typical") or ""),
        usual=usual,
        usual_count=count,
        alert=alert,
    )


def _legs(inputs: Mapping[str, Any]) -> tuple[Leg, ...]:
    """The inputs that carry a session and a moment: `registered_session` with `registered_published_at`."""
    names = [name.removesuffix("_session") for name in inputs if name.endswith("_session")]
    legs = [(name, inputs[f"{name}_session"], inputs.get(f"{name}_published_at")) for name in names]
    return tuple(
        Leg(
            name.replace("_", " "),
            date.fromisoformat(str(session)[:10]),
            aware(parse_moment(str(published))) if published else None,
        )
        for name, session, published in legs
        if session
    )


PAGES: Final = (Page("/", "Now", "now.html", view, key="n"),)
