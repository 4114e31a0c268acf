"""*Regions*: one metal over New York by venue, as quoted and without tax or duty, against what import would cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from monitor import chart
from monitor.figure import Figure, Kind, Mark, Point, Range, Series, Span, Steps
from monitor.web import measures
from monitor.web.drawing import Drawn, drawn
from monitor.web.generations import Row
from monitor.web.lately import Window, newest_session, together
from monitor.web.look import Look, NoSuch
from monitor.web.page import Page

_PRICES: Final = Window(("settlements", "open_interest_versions", "sge_quotes", "fx_reference", "mcx", "ibja"))
_WINDOW: Final = Window(
    (*_PRICES.facts, "rates", "manual_prices"),
    ("open_interest_best", "comex_front", "shanghai_closes", "new_york_around", "regional_premium", "india_premium"),
)
_BEFORE: Final = timedelta(days=240)
"""How far back facts are read from the newest session; the last 200 days are shown."""
SHOWN: Final = 40
"""Days of a venue in its table."""
_OLD: Final = timedelta(days=7)
"""A price older than this is unknown now where no check says so first."""
_CHECKS: Final = ("regional_premium", "india_premium")
_DESTINATION: Final = {"SHFE": "China", "SGE": "China", "MCX": "India", "IBJA": "India"}
_BLANK: Final = {"unknown_because": "no price that is one"}
"""What stands for a day of the venue without a price: a gap."""
_A_WEEKEND: Final = timedelta(days=3)
_HALF: Final = 0.5
_MARKED: Final = ("closed", "limit-locked")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a venue: a row of `sql/pages/regions.sql`, or None with the reason where the venue has no price."""

    session: date
    row: Row | None
    why: str
    """Why no figure counts; '' where one does."""


@dataclass(frozen=True, slots=True)
class Venue:
    """One venue, its days newest first."""

    name: str
    net_of: str
    """What the second figure is without: tax, or duty."""
    days: Sequence[Day]
    newest: Row
    why: str
    """Why the newest figure is unknown now; '' where it counts."""
    chart: Drawn | None
    link: str
    """Its measure; '' where no check is made of it."""


@dataclass(frozen=True, slots=True)
class Regions:
    """What the template shows."""

    title: str
    metal: str
    metals: Sequence[str]
    venues: Sequence[Venue]
    costs: Sequence[Row]
    by_hand: Sequence[Row]


def view(look: Look) -> Regions:
    """One metal, `?metal=`. Raises NoSuch where no price of it is held."""
    since = newest_session(look) - _BEFORE
    metals = [row["metal"] for row in together(look, _PRICES, since, {"regions_metals": {}})["regions_metals"]]
    metal = look.query.get("metal") or (metals[0] if metals else "silver")
    if metals and metal not in metals:
        raise NoSuch(f"no price of {metal} over New York is held")
    said = _said(look, metal)
    asked = ("regions", "regions_days", "regions_by_hand")
    told = together(look, _WINDOW, since, {name: {"metal": metal} for name in asked})
    states = told["regions_days"]
    found = [
        venue(name, list(rows), [row for row in states if row["venue"] == name], said.get(name), look.now.date())
        for name, rows in groupby(told["regions"], key=lambda row: str(row["venue"]))
    ]
    about = {part for one in found for part in (one.name, _DESTINATION.get(one.name))}
    return Regions(
        title=title(metal, found),
        metal=metal,
        metals=metals,
        venues=found,
        costs=[row for row in look.tile("regions_costs", metal=metal) if row["about"] in about],
        by_hand=told["regions_by_hand"],
    )


def _said(look: Look, metal: str) -> dict[str, measures.Measure]:
    """The newest reading of each venue's premium."""
    places = measures.places(look.tile("now"), look.tools.checks, ())
    found = (one for place in places for one in place.measures if place.metal == metal)
    return {one.subject.partition(" ")[0]: one for one in found if one.check in _CHECKS}


def venue(name: str, rows: Sequence[Row], states: Sequence[Row], said: measures.Measure | None, today: date) -> Venue:
    """One venue from its rows in session order, the days on which it has no price, and what its check says."""
    newest = rows[-1]
    priced = {row["session"]: row for row in rows}
    days = [Day(row["session"], row, row["unknown_because"]) for row in rows]
    days += [Day(row["session"], None, row["state"]) for row in states if row["session"] not in priced]
    days.sort(key=lambda day: day.session, reverse=True)
    figure = picture(name, rows, states)
    return Venue(
        name=name,
        net_of=newest["net_of"],
        days=days[:SHOWN],
        newest=newest,
        why=_why(newest, said, today),
        chart=drawn(figure) if figure else None,
        link=f"/measure/{said.check}/{said.subject}" if said else "",
    )


def _why(newest: Row, said: measures.Measure | None, today: date) -> str:
    if newest["unknown_because"]:
        return str(newest["unknown_because"])
    if said is not None and said.said == "unknown" and said.why:
        return said.why
    return f"the newest price is of {newest['session']}" if today - newest["session"] > _OLD else ""


def title(metal: str, venues: Sequence[Venue]) -> str:
    """The answer in words, venue by venue."""
    if not venues:
        return "No price of another region is held: every premium is unknown"
    said = [
        f"{one.name} unknown" if one.why else f"{one.name} {_interval(one.newest)} without {one.net_of}"
        for one in venues
    ]
    return f"{metal.capitalize()} over New York: {', '.join(said)}"


def _interval(row: Row) -> str:
    """Both ends in percent, or the one that they are."""
    low, high = (f"{row[end]:+.1f}" for end in ("net_low_pct", "net_high_pct"))
    return f"{low} %" if low == high else f"{low} to {high} %"


def picture(name: str, rows: Sequence[Row], states: Sequence[Row]) -> Figure | None:
    """Both premiums as bands with their middles, and what import costs; unknown and missing sessions are gaps.

    Closed and limit-locked days are pale and named.
    """
    known = [row for row in rows if not row["unknown_because"]]
    if not known:
        return None
    net, cost = str(rows[-1]["net_of"]), _cost(rows)
    told = sorted([*rows, *(_BLANK | row for row in states if row["state"] != "closed")], key=_place)
    days = [row["session"] for row in (*rows, *states)]
    return Figure(
        f"{name}: over New York in percent, as quoted and without {net}",
        f"{name} over New York, %, as quoted (grey) and without {net}, from the higher settlement around the close to "
        f"the lower one{'; dashed level: what tax, duty, freight and finance of import cost' if cost else ''}",
        [
            Series("as quoted", _middle(told, "headline"), "earlier"),
            Series(f"without {net}", _middle(told, "net"), stale_to=float(rows[-1]["session"].toordinal())),
        ],
        chart.axis(min(days), max(days)),
        levels=[Steps("import costs", cost)] if cost else [],
        ranges=[Range(_ends(told, "headline"), "earlier"), Range(_ends(told, "net"))],
        spans=[_span(run) for run in runs(states)],
        marks=[Mark(_place(run[0]), run[0]["state"]) for run in runs(states)],
    )


def runs(states: Iterable[Row]) -> list[list[Row]]:
    """Closed and limit-locked days, neighbouring ones of the same state together, weekends between them passed over."""
    found: list[list[Row]] = []
    for row in states:
        if row["state"] not in _MARKED:
            continue
        last = found[-1][-1] if found else None
        if last and last["state"] == row["state"] and row["session"] - last["session"] <= _A_WEEKEND:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _span(run: Sequence[Row]) -> Span:
    kind: Kind = "critical" if run[0]["state"] == "limit-locked" else "unknown"
    return Span(_place(run[0]) - _HALF, _place(run[-1]) + _HALF, kind)


def _place(row: Row) -> float:
    return float(row["session"].toordinal())


def _ends(rows: Sequence[Row], name: str) -> list[tuple[float, float | None, float | None]]:
    return [
        (_place(row), None, None) if row["unknown_because"]
        else (_place(row), row[f"{name}_low_pct"], row[f"{name}_high_pct"])
        for row in rows
    ]  # fmt: skip


def _middle(rows: Sequence[Row], name: str) -> list[Point]:
    ends = _ends(rows, name)
    return [(at, (low + high) / 2 if low is not None and high is not None else None) for at, low, high in ends]


def _cost(rows: Sequence[Row]) -> list[Point]:
    return [(_place(row), row["cost_pct"]) for row in rows if row["cost_pct"] is not None]


PAGES: Final = (Page("/regions", "Regions", "regions.html", view, key="g"),)
