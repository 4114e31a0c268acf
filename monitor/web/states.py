"""The five states, as pages show them, and how a reading comes by one. Pure.

A reading that is out of date is unknown, whatever it said when it was made: old figures never look fine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

STATES: Final = ("critical", "warning", "unknown", "muted", "ok")
"""Worst first."""
_OF_VERDICT: Final[Mapping[str, str]] = {
    "clear": "ok", "band": "ok", "warning": "warning", "critical": "critical", "nodata": "unknown", "error": "unknown",
}  # fmt: skip


def of_reading(row: Mapping[str, Any]) -> tuple[str, str]:
    """(state, why it is unknown) of a row of `sql/pages/now.sql`."""
    if row["overdue"]:
        late = row["overdue"]
        return "unknown", f"out of date: {', '.join(late)} {'is' if len(late) == 1 else 'are'} overdue"
    state = _OF_VERDICT.get(row["verdict"], "unknown")
    if state == "ok" and (row["value"] is None or row["reason"]):
        state = "unknown"
    return state, (row["reason"] or "no figure") if state == "unknown" else ""


def has_ended(row: Mapping[str, Any]) -> bool:
    """Whether it reads clear because its month or its cause is over: without a figure, or with a reason against it."""
    return row["verdict"] == "clear" and (row["value"] is None or bool(row["reason"]))


def worst(states: Iterable[str]) -> str:
    """The worst of these; unknown for none."""
    return min(states, key=STATES.index, default="unknown")
