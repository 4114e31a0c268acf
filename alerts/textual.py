"""Numbers, dates and names in words, as mails print them.

Pure formatting: values in, one line of text out, and never an exception for an odd value.
Sentences carry three significant digits, tables the full precision.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from monitor.clock import aware

UNKNOWN: Final = "unknown"

_UNITS: Final = {
    "ann_pct": "%/yr",
    "pct_yr": "%/yr",
    "pct": "%",
    "pts": "pts",
    "usd_per_oz": "USD/oz",
    "usd_oz": "USD/oz",
    "cny_per_kg": "CNY/kg",
    "cny_kg": "CNY/kg",
    "cny_per_g": "CNY/g",
    "cny_g": "CNY/g",
    "inr_kg": "INR/kg",
    "usd": "USD",
    "cny": "CNY",
    "moz": "Moz",
    "koz": "koz",
    "oz": "oz",
    "tonnes": "t",
    "t": "t",
    "kg": "kg",
    "lots": "lots",
    "sessions": "sessions",
    "days": "days",
}
_SPELLED: Final = {"ratio": "", "x": "", "oz/oz": "", "pct": "%", "percent": "%", "pct/yr": "%/yr", "troy_oz": "oz"}
_COUNTED: Final = frozenset({"sessions", "days", "lots", "signs"})
_VENUES: Final = frozenset({"comex", "shfe", "sge", "mcx", "lbma", "lme", "cme", "nymex", "tocom", "ose", "sfe"})
_METALS: Final = frozenset({"silver", "gold", "platinum", "palladium", "copper"})
_PRODUCTS: Final = {
    "SI": "Silver COMEX",
    "GC": "Gold COMEX",
    "HG": "Copper COMEX",
    "PL": "Platinum NYMEX",
    "PA": "Palladium NYMEX",
    "ag": "Silver SHFE",
    "au": "Gold SHFE",
    "cu": "Copper SHFE",
}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LETTERS: Final = "FGHJKMNQUVXZ"
_CONTRACT: Final = re.compile(rf"^([A-Z]{{2,3}})([{_LETTERS}])(\d{{2}})$")
_CHINESE: Final = re.compile(r"^(ag|au|cu)(\d\d)(0[1-9]|1[0-2])$")
_YEAR_MONTH: Final = re.compile(r"^(20\d\d)-(\d\d)$")


def one_line(value: object, limit: int = 200) -> str:
    """`value` as one printable line of at most `limit` characters.

    Every control, separator, direction mark and lone surrogate becomes a space, so that no value can end a header,
    and `=?` is split, since a mail library would decode what follows it.
    """
    text = str(value)
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if unicodedata.category(c) in _UNSAFE else c for c in text)
    text = " ".join(text.replace("=?", "= ?").split())
    return text if len(text) <= limit else text[: max(limit - 3, 0)].rstrip() + "..."


_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})


def number(value: float | None, decimals: int | None = None, digits: int = 3) -> str:
    """A number for a sentence: `digits` significant digits, commas every three places.

    `decimals` shortens the fraction where that leaves at least two significant digits (0.94, not 0.940).
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    rounded = float(f"{value:.{digits - 1}e}")
    if rounded == 0 or not math.isfinite(rounded):
        return "0" if rounded == 0 else f"{value:.{digits - 1}e}"
    magnitude = math.floor(math.log10(abs(rounded)))
    if not -9 < magnitude < 15:
        return f"{value:.{digits - 1}e}"
    places = max(digits - 1 - magnitude, 0)
    if decimals is not None and 1 - magnitude <= decimals < places:
        places, rounded = decimals, value
    text = f"{rounded:,.{places}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def exact(value: int | float | Decimal | None) -> str:
    """A number for a table: every digit a double can vouch for (15), commas every three places."""
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**30 else "beyond 10^30"
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value != 0 and not 1e-9 < abs(float(value)) < 1e15:
        return repr(value) if isinstance(value, float) else str(value)
    text = format(Decimal(f"{value:.15g}") if isinstance(value, float) else value, ",f")
    return text.removesuffix(".0")


def measured(value: float | None) -> str:
    """A computed value for a table: six significant digits, beyond which its inputs do not speak."""
    return exact(float(f"{value:.6g}")) if value is not None and math.isfinite(value) else UNKNOWN


def unit_name(unit: str) -> str:
    """The unit as printed: `ratio` is silent, `pct` is %, `troy_oz` is oz."""
    return _SPELLED.get(unit.strip().lower(), unit.strip())


def quantity(value: float | None, unit: str, decimals: int | None = None, digits: int = 3) -> str:
    """A number and its unit for a sentence; ounces become koz or Moz, kilograms tonnes, where they are many."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    name = unit_name(unit)
    if name in _COUNTED and float(value).is_integer() and abs(value) < 1_000:
        return f"{value:.0f} {name.removesuffix('s') if abs(value) == 1 else name}"
    for base, floor, by, larger in _LARGER:
        if name == base and abs(value) >= floor:
            return f"{number(value / by, None, digits)} {larger}"
    return f"{number(value, decimals, digits)} {name}".rstrip()


_LARGER: Final[tuple[tuple[str, float, float, str], ...]] = (
    ("oz", 1e6, 1e6, "Moz"),
    ("oz", 1e4, 1e3, "koz"),
    ("kg", 1e5, 1e3, "t"),
)


def apart(value: float | None, level: float | None, unit: str, decimals: int | None = None) -> tuple[str, str]:
    """Both quantities in words, with as many digits as it takes to tell them apart."""
    pair = quantity(value, unit, decimals), quantity(level, unit, decimals)
    if value is None or level is None or value == level:
        return pair
    for digits in range(4, 13):
        if pair[0] != pair[1]:
            break
        pair = quantity(value, unit, None, digits), quantity(level, unit, None, digits)
    return pair


def moment(value: datetime) -> str:
    """`2026-02-10 22:00 UTC`; naive moments are UTC, as they are stored."""
    return aware(value).strftime("%Y-%m-%d %H:%M UTC")


def cell(value: object, limit: int = 300) -> str:
    """Any value of a reading, as a table prints it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return exact(value)
    if isinstance(value, datetime):
        return moment(value)
    return value.isoformat() if isinstance(value, date) else one_line(value, limit)


def label(name: str) -> tuple[str, str]:
    """A column name as words and unit: `registered_oz` is ("registered", "oz")."""
    lower = name.strip().lower()
    for suffix, unit in _UNITS.items():
        if lower.endswith("_" + suffix):
            return one_line(name[: -len(suffix) - 1].replace("_", " "), 60), unit
    return one_line(name.replace("_", " "), 60), ""


def subject_words(subject: str) -> str:
    """A subject as a reader says it, metal first: `SIK26` or `comex silver 2026-05` is Silver COMEX May 2026,
    `ag2602` Silver SHFE Feb 2026."""
    parts = [_word(part) for part in re.split(r"[\s/:|_]+", one_line(subject, 80)) if part]
    words = " ".join(sorted(parts, key=lambda part: part.lower() not in _METALS))
    return words[:1].upper() + words[1:]


def _word(part: str) -> str:
    lower = part.lower()
    if lower in _METALS:
        return lower.capitalize()
    if lower in _VENUES:
        return lower.upper()
    if (code := _CONTRACT.match(part)) is not None:
        month = f"{_MONTHS[_LETTERS.index(code[2])]} 20{code[3]}"
        return f"{_PRODUCTS[code[1]]} {month}" if code[1] in _PRODUCTS else f"{part} ({month})"
    if (code := _CHINESE.match(part)) is not None:
        return f"{_PRODUCTS[code[1]]} {_MONTHS[int(code[3]) - 1]} 20{code[2]}"
    if (day := _YEAR_MONTH.match(part)) is not None and 1 <= int(day[2]) <= 12:
        return f"{_MONTHS[int(day[2]) - 1]} {day[1]}"
    return part


def count(n: int, noun: str) -> str:
    """`1 session`, `3 sessions`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listing(parts: Sequence[str], limit: int) -> str:
    """As many parts as fit in `limit` characters, then how many were left out: `a, b and 3 more`."""
    if not parts:
        return ""
    for shown in range(len(parts), 0, -1):
        rest = len(parts) - shown
        text = ", ".join(parts[:shown]) + (f" and {rest} more" if rest else "")
        if len(text) <= limit:
            return text
    rest = len(parts) - 1
    tail = f" and {rest} more" if rest else ""
    return one_line(parts[0], max(limit - len(tail), 4)) + tail
