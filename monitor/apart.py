"""One figure taken apart: its formula with numbers, every leg, the archived files behind them, what is typical."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import duckdb

from alerts.textual import cell, exact, measured, unit_name
from monitor import evidence
from monitor.archive import Archive
from monitor.checkfile import Check
from monitor.evidence import Leg
from monitor.model import Reading, Verdict

Known = tuple[datetime, str]
_NAME: Final = re.compile(r"[a-z_][a-z_0-9]*")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reading with everything a reader needs to doubt it: `numbers` is the formula with its figures."""

    check: Check
    reading: Reading
    known_at: datetime
    """What was known then; aware UTC."""
    basis: str
    """`published`: to the public; `loaded`: to this home."""
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


def taken_apart(
    cur: duckdb.DuckDBPyConnection, check: Check, reading: Reading, known: Known, archive: Archive
) -> Explanation:
    """A reading as known at a moment on a basis, taken apart; `cur` reads the generation it is from."""
    parts, rest = evidence.legs(reading.inputs, evidence.finder(cur, archive))
    numbers, again = worked(cur, check.worked, reading.inputs)
    typical = str(rest.pop("typical", "") or "")
    return Explanation(check, reading, *known, numbers, again, typical, parts, rest)


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
    basis = "the public knew it" if e.basis == "published" else "this home held it"
    said = [
        f"{e.check.title}: {r.subject}",
        f"session {r.session}, as {basis} at {cell(e.known_at)}",
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
        "known_at": e.known_at,
        "basis": e.basis,
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
