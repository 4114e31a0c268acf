"""A claim in words, read by one small grammar (docs/claims.md); a word it does not know is named, never guessed."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from monitor.contracts import MONTH_LETTERS
from monitor.errors import BullionError
from monitor.units import METALS

UNITS: Final[dict[str, str]] = {
    "moz": "Moz", "million oz": "Moz", "million ounces": "Moz", "koz": "koz", "oz": "oz", "ounces": "oz",
    "t": "t", "tonnes": "t", "tons": "t", "kg": "kg", "lots": "lots", "contracts": "lots",
    "%": "percent", "percent": "percent", "usd/oz": "usd_oz", "usd": "usd_oz", "$": "usd_oz", "dollars": "usd_oz",
    "billion usd": "usd_billion", "billion dollars": "usd_billion", "billion $": "usd_billion", "ratio": "ratio",
}  # fmt: skip
_RELATIONS: Final = {"above": ">", "more than": ">", "below": "<", "less than": "<"}
_FALLS: Final = ("fell", "fall", "down", "lost", "drop", "minus")
_RISES: Final = ("rose", "up", "gained")
_FILLERS: Final = frozenset(
    {"a", "an", "the", "of", "in", "at", "by", "to", "for", "was", "were", "is", "are", "has", "had", "stood"}
    | {"about", "month", "comex", "nymex"}
)
_MONTHS: Final = {
    name.lower(): n for names in (calendar.month_name, calendar.month_abbr) for n, name in enumerate(names) if n
}
_ISO: Final = r"\d{4}-\d\d-\d\d"
_DATES: Final = re.compile(rf"\bfrom ({_ISO}) to ({_ISO})\b|\b(?:on|by|as of) ({_ISO})\b")
_NUMBER: Final = re.compile(r"(?<![\w.])([-+\u2212]?)\s?(\$?)(\d[\d,]*(?:\.\d+)?)(?![\w-]*\d)")
_GIVEN: Final = re.compile(r"\bat (price|costs?) \$?(\d[\d,]*(?:\.\d+)?)(?![\w-]*\d)")
_SLACK: Final = re.compile(r"\bwithin (\d+(?:\.\d+)?%?)(?=\s)")
SYMBOLS: Final = ("HL", "PAAS", "CDE", "AG", "EXK", "SVM", "SLV", "AGQ", "PSLV", "GLD", "GDX", "SIL", "SILJ")
_PRODUCTS: Final = {"SI": "silver", "GC": "gold", "HG": "copper", "PL": "platinum", "PA": "palladium"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure somebody printed. `step` is one unit of its last printed digit: how far it may be off."""

    metric: str
    value: float
    unit: str
    day: date
    step: float
    metal: str = "silver"
    month: date | None = None
    """First day of the delivery month; None: the active one, or all."""
    venue: str | None = None
    since: date | None = None
    """First day of a span; `day` is its last."""
    relation: str = "="
    symbol: str | None = None
    """Share or fund it is about."""
    price: float | None = None
    """Dollars an ounce that the claim itself takes for given."""
    costs: float | None = None
    """The same of a miner's costs."""


def read(text: str, words: dict[str, str]) -> tuple[Claim, ...]:
    """The claims of one sentence, one for each number; `words` are phrases by the metric they mean.

    Raises BullionError naming what is missing, or the first word that it does not know.
    """
    rest = " ".join(text.lower().split())
    found = _DATES.findall(rest)
    if len(found) != 1:
        raise BullionError(f'{text!r} must say one date: "on 2026-02-10", or "from 2026-01-30 to 2026-02-06"')
    since, until, on = found[0]
    start, day = (day_of(since), day_of(until)) if since else (None, day_of(on))
    parts = re.split(r"\b(?:vs\.?|versus|against|and)(?=\s)", _DATES.sub(" ", rest))
    claims = tuple(_part(part, words, day, start) for part in parts)
    metal = next((c.metal for c in claims if c.metal), "silver")
    return tuple(replace(c, metal=c.metal or metal) for c in claims)


def fields(metric: str, value: str, unit: str, day: str, more: dict[str, Any]) -> Claim:
    """One claim given field by field."""
    if unit.lower() not in UNITS and unit not in UNITS.values():
        raise BullionError(f"unknown unit {unit!r}; known: {', '.join(sorted(set(UNITS.values())))}")
    try:
        number = Decimal(value.replace(",", ""))
    except ArithmeticError:
        raise BullionError(f"{value!r} is no number") from None
    month = more.pop("month", None)
    on = day_of(day)
    when = _month(month, on)[0] if month else None
    metric = metric.strip().lower().replace(" ", "_")
    return Claim(metric, float(number), UNITS.get(unit.lower(), unit), on, _step(number), month=when, **more)


def _part(text: str, words: dict[str, str], day: date, since: date | None) -> Claim:
    rest = f" {text} "
    given = {name.removesuffix("s"): float(number.replace(",", "")) for name, number in _GIVEN.findall(rest)}
    slack = _SLACK.findall(rest)
    month, contract_metal, rest = _taken_month(_SLACK.sub(" ", _GIVEN.sub(" ", rest)), day)
    numbers = list(_NUMBER.finditer(rest))
    if len(numbers) != 1:
        raise BullionError(f'{text.strip()!r} must hold one number, and holds {len(numbers)}; join two with "vs"')
    sign, dollar, digits = numbers[0].groups()
    rest = f"{rest[: numbers[0].start()]} {dollar} {rest[numbers[0].end() :]}"
    metric, rest = _taken(rest, words)
    unit, rest = _taken(rest, UNITS)
    relation, rest = _taken(rest, _RELATIONS)
    metal, rest = _taken(rest, {name: name for name in METALS})
    venue, rest = _taken(rest, {"shfe": "SHFE", "sge": "SGE"})
    symbol, rest = _taken(rest, {name.lower(): name for name in SYMBOLS})
    moved, rest = _taken(rest, dict.fromkeys(_FALLS, "-") | dict.fromkeys(_RISES, "+"))
    if odd := [word for word in rest.split() if word not in _FILLERS]:
        raise BullionError(f"cannot read {odd[0]!r} in {text.strip()!r}; docs/claims.md says what can be read")
    if not metric:
        raise BullionError(f"{text.strip()!r} names no metric; known: {', '.join(sorted(words))}")
    if moved and f"{metric}_change" in words.values():
        metric = f"{metric}_change"
    elif moved and metric != "return":
        raise BullionError(f"no metric tells how {metric.replace('_', ' ')} moved; known: {', '.join(sorted(words))}")
    number = Decimal(digits.replace(",", ""))
    value = -float(number) if sign in ("-", "\u2212") or moved == "-" else float(number)
    claim = Claim(
        metric, value, unit or "ratio", day, _step(number), metal or contract_metal, month, venue or None, since,
        relation or "=", symbol or None, given.get("price"), given.get("cost"),
    )  # fmt: skip
    return within(claim, slack[0]) if slack else claim


def _taken(text: str, phrases: dict[str, str]) -> tuple[str, str]:
    """What the longest phrase found in the text stands for, and the text without it."""
    for phrase in sorted(phrases, key=len, reverse=True):
        pattern = rf"(?<![\w/]){re.escape(phrase)}(?![\w/])"
        if re.search(pattern, text):
            return phrases[phrase], re.sub(pattern, " ", text, count=1)
    return "", text


def _taken_month(text: str, day: date) -> tuple[date | None, str, str]:
    """(delivery month, metal where a contract code names it, the text without it)."""
    names = "|".join(sorted(_MONTHS, key=len, reverse=True))
    pattern = (
        rf"(?<![\w-])(?:({names})(?:[ -](20\d\d))?|(20\d\d-\d\d)|([a-z]{{2}}[{MONTH_LETTERS.lower()}]\d\d))(?![\w-])"
    )
    match = re.search(pattern, text)
    if match is None:
        return None, "", text
    month, metal = _month(match[0].strip(), day)
    return month, metal, text[: match.start()] + " " + text[match.end() :]


def _month(text: str, day: date) -> tuple[date, str]:
    """A delivery month as written; without a year, the first of that name not before the day's own month."""
    lower = text.lower().strip()
    if match := re.fullmatch(r"(20\d\d)-(\d\d)", lower):
        return _first(int(match[1]), int(match[2]), text), ""
    if match := re.fullmatch(rf"([a-z]{{2}})([{MONTH_LETTERS.lower()}])(\d\d)", lower):
        metal = _PRODUCTS.get(match[1].upper(), "")
        if metal:
            return date(2000 + int(match[3]), MONTH_LETTERS.index(match[2].upper()) + 1, 1), metal
    name, _, year = lower.replace("-", " ").partition(" ")
    if name not in _MONTHS or (year and not year.isdigit()):
        raise BullionError(f"{text!r} is no delivery month such as March, March 2026, 2026-03 or SIH26")
    number = _MONTHS[name]
    return _first(int(year) if year else day.year + (number < day.month), number, text), ""


def _first(year: int, month: int, text: str) -> date:
    try:
        return date(year, month, 1)
    except ValueError:
        raise BullionError(f"{text!r} is no delivery month") from None


def day_of(text: str) -> date:
    """An ISO date. Raises BullionError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BullionError(f"{text!r} is no date such as 2026-02-10") from None


def _step(number: Decimal) -> float:
    exponent = number.as_tuple().exponent
    return float(Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0))


def within(claim: Claim, tolerance: str) -> Claim:
    """The claim with a tolerance of its own: in its unit, or in percent of its value as `1%`."""
    text = tolerance.strip()
    try:
        size = float(text.removesuffix("%"))
    except ValueError:
        raise BullionError(f"{tolerance!r} is no tolerance such as 0.5 or 1%") from None
    if not 0 <= size < float("inf"):
        raise BullionError(f"{tolerance!r} is no tolerance such as 0.5 or 1%")
    return replace(claim, step=abs(claim.value) * size / 100 if text.endswith("%") else size)
