"""The columns a check returned, as the table a reader checks the value with."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.templates.blocks import Table
from alerts.textual import cell, label, measured, one_line, unit_name
from monitor.model import Reading

TYPICAL = "typical"
_DATED = ("_session", "_published_at")


def inputs_table(reading: Reading, unit: str, limit: int) -> Table:
    """Name, value, session and published moment of the check's value and of every input.

    `registered_session` and `registered_published_at` are the as-of of the leg `registered`, and so of
    `registered_oz`; a leg without a value keeps a row of its own. Hashes of archived files are left out. A percentage
    is computed, and printed as the check's own value is.
    """
    dated = _legs(reading.inputs)
    public = "" if reading.published_at is None else cell(reading.published_at)
    result = f"{measured(reading.value)} {unit_name(unit)}".rstrip()
    rows: list[tuple[str, ...]] = [("this check", result, reading.session.isoformat(), public)]
    used: set[str] = set()
    for name, value in reading.inputs.items():
        if name == TYPICAL or name.endswith("_sha256") or _leg(name) is not None:
            continue
        words, unit = label(name)
        leg = _belongs(name, dated)
        used.add(leg)
        said = measured(value) if isinstance(value, float) and unit == "%" else cell(value)
        rows.append((words, f"{said} {unit}".rstrip(), *dated.get(leg, ("", ""))))
    rows += [(one_line(leg.replace("_", " "), 60), "", *dates) for leg, dates in dated.items() if leg not in used]
    return Table(
        caption="Value and inputs, in full",
        head=("input", "value", "session", "published"),
        rows=tuple(rows[:limit]),
        numeric=frozenset({1}),
        left_out=max(len(rows) - limit, 0),
    )


def _leg(name: str) -> str | None:
    for suffix in _DATED:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return None


def _legs(inputs: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    """(session, published) of every leg, as printed."""
    found: dict[str, tuple[str, str]] = {}
    for name in inputs:
        if (leg := _leg(name)) is not None and leg not in found:
            session, published = (inputs.get(leg + suffix) for suffix in _DATED)
            found[leg] = tuple("" if part is None else cell(part) for part in (session, published))  # type: ignore[assignment]
    return found


def _belongs(name: str, legs: Mapping[str, object]) -> str:
    """The longest leg the name starts with, or nothing."""
    return max((leg for leg in legs if name == leg or name.startswith(leg + "_")), key=len, default="")
