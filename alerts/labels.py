"""The labels an alert is matched by: check, subject, severity, and the metal and venue its subject names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.textual import subject_words
from monitor.model import Transition
from monitor.units import METALS

VENUES: Final = ("COMEX", "NYMEX", "SHFE", "SGE", "INE", "MCX", "LBMA")
NAMES: Final = ("check", "subject", "severity", "metal", "venue")
MUTES: Final = {"schema_drift": "source_stale"}
"""An alert -> the one that would tell the same story of the same subject once more, and is not told meanwhile."""


def labels(transition: Transition) -> dict[str, str]:
    """Every label of one transition; metal and venue are '' where the subject names none."""
    metal, venue = about(transition.subject)
    return {
        "check": transition.check,
        "subject": transition.subject,
        "severity": transition.severity.value,
        "metal": metal,
        "venue": venue,
    }


def about(subject: str) -> tuple[str, str]:
    """(metal, venue) of a subject: `SIH26` and `COMEX silver` are ("silver", "COMEX"), a source's name ("", "")."""
    words = subject_words(subject).split()
    metal = next((word.lower() for word in words if word.lower() in METALS), "")
    return metal, next((word.upper() for word in words if word.upper() in VENUES), "")


def matches(matcher: Mapping[str, str], of: Mapping[str, str]) -> bool:
    """Whether everything the matcher names is equal, whatever the case of the letters."""
    return all(of.get(name, "").lower() == value.lower() for name, value in matcher.items())
