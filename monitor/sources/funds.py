"""What the bullion funds' sources share: figures with their own dates, the balances between them, and frames of them.

Pure; raises only Unreadable or Implausible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from monitor import sessions
from monitor.errors import Unreadable
from monitor.schema import TABLES
from monitor.sources import cells, histories, plausible, tables
from monitor.sources.tables import show

ZONE: Final = "America/New_York"
OUNCES_PER_TONNE: Final = 32_150.746_568_627_98
UNITS: Final = {
    "ounces": "troy_oz",
    "tonnes": "tonne",
    "shares": "share",
    "ounces_per_share": "troy_oz/share",
    "nav": "USD/share",
    "net_assets": "USD",
    "close": "USD/share",
    "indicative": "USD/share",
    "mid": "USD/share",
    "premium": "percent",
    "volume": "share",
    "distribution": "USD/share",
}
"""Measure -> unit."""
_RANGES: Final = {
    "shares": (1e6, 1e10), "nav": (3.0, 3_000.0), "close": (3.0, 3_000.0), "indicative": (3.0, 3_000.0),
    "mid": (3.0, 3_000.0), "premium": (-20.0, 20.0), "volume": (0.0, 1e9), "distribution": (0.0, 3.0),
}  # fmt: skip
"""Measure -> least and most, of both metals; a share stood for ten ounces of silver and a tenth of one of gold."""
_DAY: Final = re.compile(
    r"(?:as of )?([A-Z][a-z]{2})[a-z]* ([0-9]{1,2}), ([0-9]{4})|([0-9]{2})-([A-Z][a-z]{2})-([0-9]{4})"
)
_DRESS: Final = re.compile(r"^(-?)(?:US ?)?\$ ?")
_NONE: Final = frozenset(
    {"", "-", "--", "n/a", "na", "holiday", "us holiday", "nyse closed", "awaited", "not available"}
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a fund, with the date printed beside it."""

    measure: str
    value: float
    as_of: date


def day_of(text: str, where: str) -> date:
    """The date of `Oct 06, 2026`, `October 6, 2026` or `06-Oct-2026`, with or without `as of`; Unreadable otherwise."""
    found = _DAY.fullmatch(" ".join(text.split()))
    month = cells.month_number(found[1] or found[5]) if found else None
    if not found or month is None:
        raise Unreadable(f"{show(text)} is no date", where)
    try:
        return date(int(found[3] or found[6]), month, int(found[2] or found[4]))
    except ValueError:
        raise Unreadable(f"{show(text)} is no date", where) from None


def value_of(raw: object, where: str) -> float | None:
    """A figure without its dollar sign and separators; None for a dash or a word such as HOLIDAY or AWAITED."""
    text = raw.strip() if isinstance(raw, str) else raw
    if isinstance(text, str):
        if text.lower() in _NONE:
            return None
        text = _DRESS.sub(r"\1", text)
    return tables.number(text, where)


def contradiction(figures: Mapping[str, float], per_share: tuple[float, float]) -> str:
    """Why figures of one fund and one date cannot all be right, or ''.

    `per_share` is the range of ounces behind one share; another fund's lie outside.
    """
    if why := _out_of_range(figures):
        return why
    ounces, tonnes = figures.get("ounces"), figures.get("tonnes")
    shares, nav, assets = figures.get("shares"), figures.get("nav"), figures.get("net_assets")
    each = figures.get("ounces_per_share") or (ounces / shares if ounces and shares else None)
    if ounces and tonnes and abs(ounces / OUNCES_PER_TONNE - tonnes) > 0.006 + tonnes * 1.2e-5:
        return f"{ounces:,.2f} ounces are {ounces / OUNCES_PER_TONNE:,.3f} tonnes, printed is {tonnes:g}"
    if each is not None and not per_share[0] <= each <= per_share[1]:
        return f"{each:g} ounces behind a share, where this fund has {per_share[0]:g} to {per_share[1]:g}"
    if shares and nav and assets and abs(shares * nav / assets - 1) > 0.001 + 0.005 / nav:
        return f"{shares:,.0f} shares at {nav:g} are not {assets:,.2f}"
    if ounces and nav and assets and figures.get("ounces_per_share") and each:
        implied = ounces / each * nav
        if abs(implied / assets - 1) > 0.005:
            return f"{ounces:,.2f} ounces at {nav:g} for {each:g} are {implied:,.0f} dollars, printed is {assets:,.0f}"
    return ""


def _out_of_range(figures: Mapping[str, float]) -> str:
    """Why a figure cannot be that of a fund of either metal, or ''."""
    for measure, (low, high) in _RANGES.items():
        value = figures.get(measure)
        if value is not None and not low <= value <= high:
            return f"a {measure} of {value:g}"
    nav = figures.get("nav")
    prices = {measure: figures.get(measure) for measure in ("close", "indicative", "mid")}
    return plausible.apart(prices, nav) if nav else ""


def by_day(figures: Iterable[Figure]) -> dict[date, dict[str, float]]:
    """Date -> measure -> value; Unreadable where one stands there twice."""
    found: dict[date, dict[str, float]] = {}
    for figure in figures:
        there = found.setdefault(figure.as_of, {})
        if figure.measure in there:
            raise Unreadable(f"{figure.measure} of {figure.as_of} stands there twice")
        there[figure.measure] = figure.value
    return found


def frame(fund: str, figures: Sequence[Figure], hour: str, *, next_day: bool = False) -> pl.DataFrame:
    """Rows of fund_rows, public at `hour` in New York of their date, or of the next session."""
    public = [sessions.following("NYSE", figure.as_of) if next_day else figure.as_of for figure in figures]
    rows = pl.DataFrame(
        {
            "session": [figure.as_of for figure in figures],
            "fund": [fund] * len(figures),
            "measure": [figure.measure for figure in figures],
            "value": [figure.value for figure in figures],
            "unit": [UNITS[figure.measure] for figure in figures],
            "as_of": [figure.as_of for figure in figures],
            "public": public,
        },
        schema_overrides={"session": pl.Date, "value": pl.Float64, "as_of": pl.Date, "public": pl.Date},
    )
    return histories.stamped(rows, hour, ZONE, on="public").select(TABLES["fund_rows"].names)
