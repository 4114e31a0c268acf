"""Values in words, as every page prints them: templates call these as filters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from alerts import textual
from monitor.clock import aware, parse_moment

UNKNOWN: Final = textual.UNKNOWN
_NOISE: Final = 1e-9


def quantity(value: float | None, unit: str) -> str:
    """A number with its unit, three significant digits: `102 Moz`; `unknown` where there is none."""
    return textual.quantity(_nought(value), unit)


def exact(value: Any) -> str:
    """A number for a table, all its digits."""
    return textual.measured(value) if isinstance(value, float) else textual.exact(value)


def printed(value: Any) -> str:
    """A figure of a report for a table, every digit it has; `unknown` where there is none."""
    return textual.exact(_nought(value) if isinstance(value, float) else value)


def measured(value: float | None, unit: str) -> str:
    """A computed value for a table, six significant digits and its unit; `unknown` where there is none."""
    return UNKNOWN if value is None else f"{textual.measured(_nought(value))} {textual.unit_name(unit)}".rstrip()


def percent(value: float | None) -> str:
    """A signed percentage for a table without its sign of percent, two digits after the point; `unknown` for none."""
    return UNKNOWN if value is None else f"{_nought(round(value, 2)):+,.2f}".replace("+0.00", "0.00")


def _nought(value: float | None) -> float | None:
    """What a sum of doubles leaves of nought is nought."""
    return 0.0 if value is not None and abs(value) < _NOISE else value


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


def web(address: str) -> str:
    """The address where it is http or https, and so may be linked; '' for any other."""
    return address if address.startswith(("https://", "http://")) else ""


def when(text: str) -> str:
    """A moment from text, `2026-02-10T12:00:00Z`, as `moment` prints it; '' for none."""
    return moment(parse_moment(text)) if text else ""


def label(name: str) -> str:
    """`coverage raw` of `coverage_raw`."""
    return name.replace("_", " ")


def as_json(value: Any) -> str:
    """For a `data-` attribute: autoescape makes it safe there, never put it into a script."""
    return json.dumps(value, default=str, ensure_ascii=False)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "quantity": quantity, "measured": measured, "exact": exact, "printed": printed, "percent": percent, "unit": unit,
    "moment": moment, "day": day, "age": age, "subject": subject,
    "label": label, "web": web, "when": when, "as_json": as_json,
}  # fmt: skip
