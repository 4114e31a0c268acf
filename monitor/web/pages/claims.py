"""*Claims*: the claims on file with their verdicts, and one in words held against what the reports say now.

Reads only: `bullion claim` on the generation in view.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from monitor import claimfile, claims, evidence, tabular
from monitor.claimverdict import Finding, Outcome
from monitor.errors import BullionError
from monitor.web.look import Look, NoSuch
from monitor.web.page import Page, Said

if TYPE_CHECKING:
    import duckdb

LONGEST: Final = 300
"""Characters of a claim."""
STATES: Final[Mapping[Outcome, str]] = {
    Outcome.AGREES: "ok",
    Outcome.ELSEWHERE: "warning",
    Outcome.CONTRADICTED: "critical",
    Outcome.UNKNOWN: "unknown",
}
"""How each verdict is drawn."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One report behind a figure, in lines."""

    name: str
    session: date | None
    lines: tuple[str, ...]
    file: evidence.File | None
    published: str


@dataclass(frozen=True, slots=True)
class Tested:
    """One figure of a claim, tested; numbers are texts with their unit."""

    claimed: str
    state: str
    verdict: str
    why: str
    reproduced: str
    session: date | None
    definition: str
    difference: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """What the list shows."""

    rows: Sequence[Mapping[str, str]]
    states: Mapping[str, str]
    text: str
    tested: tuple[Tested, ...]
    complaint: str
    examples: tuple[str, ...] = (
        "102 Moz registered on 2026-02-10",
        "366 Moz March open interest vs 102 Moz registered on 2026-02-10",
        "318.54 t SHFE warrants on 2026-02-08",
    )


@dataclass(frozen=True, slots=True)
class One:
    """A claim on file: its row, and what the reports held here say."""

    row: Mapping[str, str]
    state: str
    tested: tuple[Tested, ...]
    complaint: str


def view(look: Look) -> Claims | Said:
    """The list, and what was asked; 400 with the word it cannot read."""
    text = look.query.get("text", "").strip()
    tested, complaint = _answered(look, text)
    shown = Claims(claimfile.listed(), {one.value: state for one, state in STATES.items()}, text, tested, complaint)
    return Said(shown, 400) if complaint else shown


def one(look: Look) -> One:
    """One claim on file. Raises NoSuch where there is none of that number."""
    row = next((row for row in claimfile.listed() if row["number"] == look.path["number"]), None)
    if row is None:
        raise NoSuch("there is no claim of that number")
    tested, complaint = _answered(look, row["ask"])
    return One(row, STATES[Outcome(row["verdict"])], tested, complaint)


def _answered(look: Look, text: str) -> tuple[tuple[Tested, ...], str]:
    """(findings, why there are none)."""
    if not text:
        return (), ""
    if len(text) > LONGEST:
        return (), f"a claim has at most {LONGEST} characters"
    try:
        return look.remember(("claim", text, look.now), lambda: _tested(look, text)), ""
    except BullionError as error:
        return (), tabular.printable(str(error))


def _tested(look: Look, text: str) -> tuple[Tested, ...]:
    if look.tools.archive is None:
        raise BullionError("no archive is at hand here")
    found = [claims.test(_Cursors(look), claim, look.at, look.tools.archive) for claim in claims.read(text)]
    return tuple(map(shown, found))


@dataclass(frozen=True, slots=True)
class _Cursors:
    """A generation as claims read one."""

    look: Look

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.look.generation.cursor(self.look.now) as cur:
            yield cur


def shown(found: Finding) -> Tested:
    """A finding in words."""
    claim, figure = found.claim, found.figure
    reproduced = difference = ""
    if figure is not None:
        span = f"{figure.value:,.6g}" if figure.low == figure.high else f"{figure.low:,.6g} to {figure.high:,.6g}"
        reproduced = f"{span} {claim.unit}"
        difference = f"{found.difference:+,.6g} {claim.unit}" if claim.relation == "=" else ""
    return Tested(
        claimed=_claimed(found),
        state=STATES[found.outcome],
        verdict=found.outcome.value,
        why=found.why,
        reproduced=reproduced,
        session=figure.session if figure else None,
        definition=figure.definition if figure else "",
        difference=difference,
        legs=tuple(map(_leg, found.legs)),
    )


def _claimed(found: Finding) -> str:
    """`above 90 usd_oz, silver settlement, on 2026-01-14 (to 1)`."""
    c = found.claim
    sign = {"=": "", ">": "above ", "<": "below "}[c.relation]
    about = (c.symbol or c.metal, f"{c.month:%Y-%m}" if c.month else "", c.metric.replace("_", " "))
    given = "".join(f", at {name} {value:g}" for name, value in (("price", c.price), ("costs", c.costs)) if value)
    span = f"from {c.since} to {c.day}" if c.since else f"on {c.day}"
    return f"{sign}{c.value:,.6g} {c.unit}, {' '.join(filter(None, about))}{given}, {span} (to {c.step:,.4g})"


def _leg(leg: evidence.Leg) -> Leg:
    said = tuple(evidence.figure(name, value) for name, value in leg.figures.items() if value is not None)
    moment = f"{leg.published_at:%Y-%m-%d %H:%M} UTC" if leg.published_at else ""
    return Leg(leg.name.replace("_", " "), leg.session, said, leg.file, moment)


PAGES: Final = (
    Page("/claims", "Claims", "claims.html", view, key="c"),
    Page("/claims/{number}", "Claim", "claim.html", one),
)
