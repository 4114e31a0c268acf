"""One figure taken apart: its formula with numbers, every leg, the archived files behind them, what is typical."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

import duckdb

from alerts.textual import cell, exact, measured, unit_name
from monitor import checkfile, checks, evidence, sqlfiles
from monitor.archive import Archive
from monitor.checkfile import Check
from monitor.checks import Moment
from monitor.clock import stamp
from monitor.errors import BullionError
from monitor.evidence import Leg
from monitor.model import Reading, Verdict

MORNING: Final = time(12, tzinfo=UTC)
"""What is known of a day when no hour is named: noon UTC, before New York opens."""
_NAME: Final = re.compile(r"[a-z_][a-z_0-9]*")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reading with everything a reader needs to doubt it: `numbers` is the formula with its figures."""

    check: Check
    reading: Reading
    moment: Moment
    numbers: str
    recomputed: float | None
    typical: str
    legs: tuple[Leg, ...]
    rest: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        """Whether the arithmetic printed gives the value printed; True where there is none to do."""
        value, again = self.reading.value, self.recomputed
        return value is None or again is None or abs(again - value) <= 1e-9 * max(1.0, abs(value))


def readings() -> dict[str, Check]:
    """What can be explained beside the checks: figures that are shown and open nothing."""
    return {path.stem: checkfile.read(path) for path in sqlfiles.folder("readings")}


def moment(as_of: date | None, known_at: datetime | None, basis: str, now: datetime) -> Moment:
    """With a day alone: what was known at noon UTC of it. With neither: what is known now."""
    if known_at is None:
        known_at = now if as_of is None else datetime.combine(as_of, MORNING)
    return Moment(known_at, basis, as_of)


def explain(generation: checks.Readable, check: Check, subject: str, when: Moment, archive: Archive) -> Explanation:
    """The newest reading of this subject at that moment, taken apart.

    Raises BullionError where the check does not run, or has no reading of the subject; it names those it has.
    """
    found = checks.evaluate(generation, [check], when)
    if found.broken:
        raise BullionError(f"{check.name} does not run: {found.broken[check.name]}")
    mine = [r for r in found.readings if r.subject.lower() == subject.lower()]
    if not mine:
        known = sorted({r.subject for r in found.readings})
        raise BullionError(
            f"{check.name} has no reading of {subject or 'nothing'} as known at {stamp(when.known_at)}; "
            + (f"it has {', '.join(known)}" if known else "nothing it needs was known then")
        )
    reading = max(mine, key=lambda r: r.session)
    with generation.cursor() as cur:
        parts, rest = evidence.legs(reading.inputs, evidence.finder(cur, archive))
        numbers, again = worked(cur, check.worked, reading.inputs)
    typical = str(rest.pop("typical", "") or "")
    return Explanation(check, reading, when, numbers, again, typical, parts, rest)


def worked(cur: duckdb.DuckDBPyConnection, arithmetic: str, inputs: Mapping[str, Any]) -> tuple[str, float | None]:
    """(the arithmetic with its figures, what it gives); ("", None) where there is none or a figure is missing."""
    used = {name: inputs[name] for name in _NAME.findall(arithmetic) if name in inputs}
    if not arithmetic or any(not isinstance(value, int | float) for value in used.values()):
        return "", None
    shown = _NAME.sub(lambda m: exact(used[m[0]]) if m[0] in used else m[0], arithmetic)
    asked = _NAME.sub(lambda m: f"({used[m[0]]!r})::double" if m[0] in used else m[0], arithmetic)
    row = cur.execute(f"select {asked}").fetchone()
    return shown, None if row is None or row[0] is None else float(row[0])


# --- as a person reads it ----------------------------------------------------------------


def text(explanation: Explanation) -> str:
    """Value, formula, numbers, what is typical, legs with their files, all else."""
    e, r = explanation, explanation.reading
    basis = "the public knew it" if e.moment.basis == "published" else "this home held it"
    said = [
        f"{e.check.title}: {r.subject}",
        f"session {r.session}, as {basis} at {cell(e.moment.known_at)}",
        "",
        f"value    {measured(r.value)} {unit_name(e.check.unit)}".rstrip(),
    ]
    said += [f"verdict  {verdict(r)}{_because(r)}", f"formula  {e.check.formula}"]
    if e.numbers:
        said.append(f"numbers  {e.numbers} = {measured(e.recomputed)}")
    if not e.holds:
        said.append("DOUBT    the numbers do not give the value: trust neither")
    if levels := _levels(r):
        said.append(f"levels   {levels}")
    said += [
        f"typical  {e.typical or 'nothing on file says'}",
        f"why      {e.check.why}",
        "",
        "legs",
        *evidence.lines(e.legs),
    ]
    if e.rest:
        said += ["", "also", *(f"  {evidence.figure(name, value)}" for name, value in e.rest.items())]
    return "\n".join(said) + "\n"


def verdict(reading: Reading) -> str:
    """The verdict in words; a figure that no level judges has none."""
    if reading.verdict is Verdict.NODATA:
        return "unknown"
    return "none: shown, no level judges it" if reading.warn is None else reading.verdict.value


def _because(reading: Reading) -> str:
    return f" ({reading.reason})" if reading.reason else ""


def _levels(reading: Reading) -> str:
    levels = (("warning", reading.warn), ("critical", reading.critical), ("clear", reading.clear))
    return ", ".join(f"{name} {exact(level)}" for name, level in levels if level is not None)


def as_json(explanation: Explanation) -> dict[str, Any]:
    """The same, whole, for a program."""
    e, r = explanation, explanation.reading
    return {
        "check": e.check.name,
        "title": e.check.title,
        "subject": r.subject,
        "session": r.session,
        "known_at": e.moment.known_at,
        "basis": e.moment.basis,
        "value": r.value,
        "unit": e.check.unit,
        "verdict": verdict(r),
        "reason": r.reason,
        "formula": e.check.formula,
        "numbers": e.numbers,
        "recomputed": e.recomputed,
        "holds": e.holds,
        "levels": {"warning": r.warn, "critical": r.critical, "clear": r.clear},
        "typical": e.typical,
        "legs": [evidence.as_json(leg) for leg in e.legs],
        "also": dict(e.rest),
    }
