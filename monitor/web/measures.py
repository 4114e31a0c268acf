"""The newest readings as pages show them: by metal and venue, each with its state, levels, usual range and legs. Pure.

Rows are those of `sql/pages/now.sql`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from monitor.checkfile import Check
from monitor.clock import parse_moment
from monitor.web import states

Row = Mapping[str, Any]
LEADING: Final = (
    "coverage_raw", "registered_drop", "vault_outflow", "shfe_warrant_drop", "regional_premium", "india_premium",
    "fund_premium", "front_back",
)  # fmt: skip
"""Which measure speaks for a metal and venue where several are in the same state."""
ENOUGH: Final = 20
"""Earlier values it takes to say what is typical."""
_METALS: Final = ("silver", "gold", "platinum", "palladium", "copper")
_VENUES: Final = ("COMEX", "SHFE", "SGE")


@dataclass(frozen=True, slots=True)
class Leg:
    """One input of a reading: its session, and when that was public (aware UTC)."""

    name: str
    session: date
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told open of a reading: warning or critical, since which session, and who holds it back."""

    severity: str
    opened: str
    acked_by: str = ""
    is_silenced: bool = False


@dataclass(frozen=True, slots=True)
class Usual:
    """Where eight of ten earlier values lay, and the middle one; in the measure's unit."""

    low: float
    middle: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One newest reading. `value`, `warn` and `critical` are in `unit`."""

    check: str
    title: str
    subject: str
    state: str
    """The worse of what is told open and what the figure says; an open alert stays one though the figure is unknown."""
    unmuted: str
    """The state without silences."""
    said: str
    """What the newest figure says by itself."""
    why: str
    """Why the figure is unknown; '' where it is known."""
    value: float | None
    unit: str
    warn: float | None
    critical: float | None
    bad: str
    """`above` or `below`: on which side of its levels it is bad."""
    is_mailed: bool
    """False where it is told in the memo alone."""
    session: date
    legs: tuple[Leg, ...]
    typical: str
    """What the check itself says of earlier months; '' for none."""
    is_contract: bool
    """Whether it is about one delivery month, so that earlier values lie at other distances to first notice."""
    usual: Usual | None
    held: int
    """How many earlier values there are."""
    alert: Alert | None


@dataclass(frozen=True, slots=True)
class Place:
    """A metal at a venue, with its measures, worst first; the first speaks for them."""

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
        """`Silver COMEX`; what is about no metal is about the monitor."""
        return f"{self.metal.capitalize()} {self.venue or 'prices and signs'}" if self.metal else "The monitor itself"


def places(rows: Iterable[Row], checks: Mapping[str, Check], alerts: Iterable[Row]) -> tuple[Place, ...]:
    """By metal and venue, silver and COMEX first; `alerts` are those told open, as the desk lists them.

    What has ended without a figure that counts is left out, unless an alert is still open on it.
    """
    told = {(row["check"], row["subject"]): _alert(row) for row in alerts}
    found: dict[tuple[str, str], list[Measure]] = {}
    for row in _with_what_they_stand_on(list(rows), checks):
        alert = told.get((row["check_name"], row["subject"]))
        if alert is None and states.has_ended(row):
            continue
        measure = _measure(row, checks.get(row["check_name"]), alert)
        found.setdefault((row["metal"], row["venue"]), []).append(measure)
    return tuple(sorted((_place(*key, measures) for key, measures in found.items()), key=_rank))


def _with_what_they_stand_on(rows: Sequence[Row], checks: Mapping[str, Check]) -> Iterator[Row]:
    """A check that stands on others waits for their reports: it is overdue with any of them of the same metal."""
    overdue = {(row["metal"], row["check_name"]): row["overdue"] for row in rows if row["overdue"]}
    for row in rows:
        check = checks.get(row["check_name"])
        late = {name for basis in (check.stands_on if check else ()) for name in overdue.get((row["metal"], basis), ())}
        yield {**row, "overdue": sorted(late)} if late else row


def _alert(row: Row) -> Alert:
    return Alert(row["severity"], row["opened"], row["acked_by"] or "", bool(row["silenced_by"]))


def _rank(place: Place) -> tuple[int, int, str]:
    metal = _METALS.index(place.metal) if place.metal in _METALS else len(_METALS)
    venue = _VENUES.index(place.venue) if place.venue in _VENUES else len(_VENUES)
    return metal, venue, place.venue


def _place(metal: str, venue: str, measures: Sequence[Measure]) -> Place:
    """Its state is the worst; what is only told in the memo makes it no unknown, beside something that is mailed."""
    tally = Counter(measure.state for measure in measures)
    counts = tuple((state, tally[state]) for state in states.STATES if tally[state])
    mailed = [measure for measure in measures if measure.is_mailed] or measures
    telling = [m for m in measures if m.state in ("critical", "warning")] or mailed
    state = states.worst(measure.state for measure in telling)
    ordered = tuple(sorted(measures, key=lambda measure: _weight(measure, state)))
    return Place(metal, venue, state, ordered, counts)


def _weight(measure: Measure, state: str) -> tuple[bool, bool, int, int, str, str]:
    lead = LEADING.index(measure.check) if measure.check in LEADING else len(LEADING)
    order = states.STATES.index(measure.state)
    return measure.state != state, not measure.is_mailed, order, lead, measure.check, measure.subject


def _measure(row: Row, check: Check | None, alert: Alert | None) -> Measure:
    said, why = states.of_reading(row)
    state = said if alert is None else states.worst((alert.severity, "ok" if said == "unknown" else said))
    inputs = json.loads(row["inputs"])
    held = row["usual_count"] or 0
    return Measure(
        check=row["check_name"],
        title=check.title if check else row["check_name"].replace("_", " "),
        subject=row["subject"],
        state="muted" if alert and alert.is_silenced else state,
        unmuted=state,
        said=said,
        why=why,
        value=row["value"],
        unit=row["unit"],
        warn=row["warn"],
        critical=_beyond(row, check),
        bad="above" if check is None or check.above_is_bad else "below",
        is_mailed=check is None or check.route == "mail",
        session=row["session"],
        legs=legs(inputs),
        typical=str(inputs.get("typical") or ""),
        is_contract=bool(inputs.get("delivery_month")),
        usual=Usual(row["usual_low"], row["usual_middle"], row["usual_high"], held) if held >= ENOUGH else None,
        held=held,
        alert=alert,
    )


def _beyond(row: Row, check: Check | None) -> float | None:
    """The critical level, where the check may say critical at all."""
    return None if check is not None and check.capped else row["critical"]


def legs(inputs: Mapping[str, Any]) -> tuple[Leg, ...]:
    """The inputs that carry a session: `registered_session`, mostly with `registered_published_at`."""
    names = [name.removesuffix("_session") for name in inputs if name.endswith("_session") and inputs[name]]
    return tuple(
        Leg(
            name.replace("_", " "),
            date.fromisoformat(str(inputs[f"{name}_session"])[:10]),
            parse_moment(str(published)) if (published := inputs.get(f"{name}_published_at")) else None,
        )
        for name in names
    )
