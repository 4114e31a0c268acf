"""What somebody printed against what the reports said: value, definition, inputs, difference, verdict.

Pure over a generation. A claim agrees where it is the figure of its date to one unit of its last printed digit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import duckdb

from monitor import claimfile, claimtext, evidence, units
from monitor.archive import Archive
from monitor.claimfile import Metric, metrics
from monitor.claimtext import Claim
from monitor.claimverdict import MASS, Figure, Finding, judged
from monitor.clock import naive
from monitor.errors import BullionError
from monitor.published import Readable

_OWN: Final = {
    "session", "definition", "value", "low", "high", "lot_oz", "unknown_because", "limit_locked", "for_metrics",
}  # fmt: skip
"""Columns that are no inputs. `for_metrics` names the metrics a row is held against; without it, all of its file."""


def test(generation: Readable, claim: Claim, now: datetime, archive: Archive) -> Finding:
    """Reproduce a claim's figure and judge it. Raises BullionError where its unit does not fit its metric."""
    metric = _metric(claim)
    claim = _in_its_unit(metric, claim)
    with generation.cursor() as cur:
        everything = _figures(cur, metric, claim, now, "the session itself")
        dated = _dated(cur, metric, claim, now, everything)
        found = judged(metric, claim, dated, everything, _no_session(cur, metric, claim.day))
        if found.figure is None:
            return found
        legs, _ = evidence.legs(
            {k: v for k, v in found.figure.row.items() if k not in _OWN}, evidence.finder(cur, archive)
        )
        return replace(found, legs=tuple(leg for leg in legs if leg.session is not None))


def read(text: str, tolerance: str = "") -> list[Claim]:
    """The claims of one sentence, with the coverage that two of them make; `tolerance` as in "1%" or "0.5".

    Raises BullionError naming what is missing, or the first word it does not know.
    """
    return with_ratio(claimtext.read(text, claimfile.words()), tolerance)


def with_ratio(found: Sequence[Claim], tolerance: str = "") -> list[Claim]:
    """These claims within the tolerance, and the coverage they make where they are its two legs."""
    claims = [claimtext.within(claim, tolerance) if tolerance else claim for claim in found]
    both = ratio(*claims) if len(claims) == 2 else None
    return [*claims, both] if both else claims


def _metric(claim: Claim) -> Metric:
    """The claim's metric. Raises BullionError where the claim says what it is never told of."""
    metric = metrics().get(claim.metric)
    if metric is None:
        raise BullionError(f"unknown metric {claim.metric!r}; known: {', '.join(sorted(metrics()))}")
    name = metric.name.replace("_", " ")
    if claim.metal not in metric.metals:
        raise BullionError(f"{name} is told of {', '.join(metric.metals)}, not of {claim.metal}")
    if metric.span != (claim.since is not None):
        raise BullionError(f"{name} needs {'two dates: from DATE to DATE' if metric.span else 'one date: on DATE'}")
    if "$symbol" in metric.sql and not claim.symbol:
        raise BullionError(f"{name} needs a share or fund, such as HL or SLV")
    _factor(metric, _in_its_unit(metric, claim).unit, 1.0)
    return metric


def _in_its_unit(metric: Metric, claim: Claim) -> Claim:
    """A bare number counts what the metric counts, and a count is exact; plain dollars are those of its unit."""
    plain = {"ratio": ("count",), "usd_oz": ("usd", "usd_per_contract")}
    if metric.unit not in plain.get(claim.unit, ()):
        return claim
    return replace(claim, unit=metric.unit, step=0.0 if metric.unit == "count" else claim.step)


def ratio(left: Claim, right: Claim) -> Claim | None:
    """The coverage that registered metal against open interest of one sentence claims; None for other pairs."""
    pair = {c.metric: c for c in (left, right)}
    if set(pair) != {"registered", "open_interest"}:
        return None
    r, o = pair["registered"], pair["open_interest"]
    if o.value <= 0 or r.unit not in MASS or o.unit not in MASS:
        return None
    value = r.value * MASS[r.unit] / (o.value * MASS[o.unit])
    return replace(o, metric="coverage", value=value, unit="ratio", step=value * (r.step / r.value + o.step / o.value))


# --- the figures -------------------------------------------------------------------------


def _figures(
    cur: duckdb.DuckDBPyConnection, metric: Metric, claim: Claim, known: datetime, reading: str
) -> list[Figure]:
    """Every session and definition, as the public knew it at a moment."""
    cur.execute("set variable known_at = ?::timestamp", [naive(known)])
    cur.execute("set variable basis = 'published'")
    asked = {
        "metal": claim.metal, "month": claim.month, "since": claim.since, "venue": claim.venue, "day": claim.day,
        "symbol": claim.symbol, "price": claim.price, "costs": claim.costs,
    }  # fmt: skip
    used = {name: asked[name] for name in set(re.findall(r"\$(\w+)", metric.sql))}
    try:
        result = cur.execute(metric.sql, used)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        said = str(error).splitlines()[0]
        raise BullionError(
            f"this generation cannot tell {metric.name}: load a file to publish anew ({said})"
        ) from error
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    mine = [row for row in rows if metric.name in (row.get("for_metrics") or (metric.name,))]
    return [_figure(metric, claim, row, reading) for row in mine if row["value"] is not None]


def _figure(metric: Metric, claim: Claim, row: dict[str, Any], reading: str) -> Figure:
    by = _factor(metric, claim.unit, row.get("lot_oz"))
    value = float(row["value"])
    low, high = (value if row.get(end) is None else float(row[end]) for end in ("low", "high"))
    return Figure(row["session"], row["definition"], value / by, low / by, high / by, reading, row)


def _factor(metric: Metric, unit: str, lot_oz: float | None) -> float:
    """How many of the metric's unit make one of the claim's."""
    if unit == metric.unit:
        return 1.0
    ounces = {"troy_oz": 1.0, "kg": units.TROY_OZ_PER_KG, "lots": lot_oz}.get(metric.unit)
    if ounces is None or unit not in MASS | {"lots": 1.0}:
        raise BullionError(f"{metric.name} is told in {metric.unit}, not in {unit}")
    if unit == "lots":
        raise BullionError(f"{metric.name} is told in {metric.unit}, not in lots")
    return MASS[unit] / ounces


def _dated(
    cur: duckdb.DuckDBPyConnection, metric: Metric, claim: Claim, now: datetime, everything: list[Figure]
) -> list[Figure]:
    """What may be meant by the figure of that date, likeliest first, of every definition."""
    same = [f for f in everything if f.session == claim.day]
    if not metric.by_publication:
        return same
    newest: list[Figure] = []
    for hour, said in (
        (time(12), "the newest known at its noon UTC"),
        (time(23, 59, 59), "the newest known at its end"),
    ):
        known = min(datetime.combine(claim.day, hour, UTC), now)
        seen = _figures(cur, metric, claim, known, said)
        for definition in dict.fromkeys(f.definition for f in seen):
            mine = [f for f in seen if f.definition == definition]
            last = max(mine, key=lambda f: f.session)
            if claim.day - last.session <= timedelta(days=metric.fresh):
                newest.append(last)
    return [*newest, *same]


def _no_session(cur: duckdb.DuckDBPyConnection, metric: Metric, day: date) -> str:
    if not metric.calendar:
        return ""
    known = cur.execute(
        "select 1 from venue_sessions where calendar = ? and session = ?", [metric.calendar, day]
    ).fetchone()
    return "" if known else f"{day} is a {day:%A}: no session of {metric.calendar}"
