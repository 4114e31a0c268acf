"""Values in words, as every page prints them: templates call these as filters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from alerts import textual
from monitor.clock import aware

UNKNOWN: Final = textual.UNKNOWN


def quantity(value: float | None, unit: str) -> str:
    """A number with its unit, three significant digits: `102 Moz`; `unknown` where there is none."""
    return textual.quantity(value, unit)


def exact(value: Any) -> str:
    """A number for a table, all its digits."""
    return textual.measured(value) if isinstance(value, float) else textual.exact(value)


def unit(name: str) -> str:
    """A unit as printed: `%`, `oz`; '' for a ratio."""
    return textual.unit_name(name)


def moment(value: datetime | None) -> str:
    """`2026-02-10 12:00 UTC`; '' for none."""
    return "" if value is None else f"{aware(value):%Y-%m-%d %H:%M} UTC"


def day(value: date | None) -> str:
    """`2026-02-10`; '' for none."""
    return "" if value is None else value.isoformat()[:10]


def age(value: datetime | None, now: datetime) -> str:
    """How long ago: `12 min`, `5 h`, `3 days`; `in 5 h` for what is to come; '' for none."""
    if value is None:
        return ""
    minutes = int((now - aware(value)).total_seconds() // 60)
    if minutes < 0:
        return f"in {_span(-minutes)}"
    return _span(minutes)


def _span(minutes: int) -> str:
    hours = minutes // 60
    if not hours:
        return f"{minutes} min"
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def subject(name: str) -> str:
    """`Silver COMEX Mar 2026` of `SIH26`."""
    return textual.subject_words(name)


def label(name: str) -> str:
    """`coverage raw` of `coverage_raw`."""
    return name.replace("_", " ")


def as_json(value: Any) -> str:
    """For a `data-` attribute: autoescape makes it safe there, never put it into a script."""
    return json.dumps(value, default=str, ensure_ascii=False)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "quantity": quantity, "exact": exact, "unit": unit, "moment": moment, "day": day, "age": age, "subject": subject,
    "label": label, "as_json": as_json,
}  # fmt: skip
