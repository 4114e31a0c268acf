"""*Now*: one row for each metal and venue, what is open, what a person has to save, and which dates come; and the page
of one metal at one venue with all its measures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from monitor import chores
from monitor.web import measures
from monitor.web.generations import Row
from monitor.web.look import Look, NoSuch, tile_sql
from monitor.web.measures import Place
from monitor.web.page import Page

LATE: Final = ("stale", "blocked", "late")


@dataclass(frozen=True, slots=True)
class Now:
    """What the template of Now shows."""

    title: str
    places: tuple[Place, ...]
    empty: tuple[str, ...]
    """Metals and venues that have thresholds, and of which nothing was ever read."""
    evaluated_at: datetime | None
    alerts: Sequence[Row]
    due: chores.Desk
    due_by_page: Sequence[tuple[str, Sequence[chores.Chore]]]
    inboxes: Sequence[str]
    health: tuple[tuple[str, int], ...]
    """(state, how many sources)."""
    late: Sequence[Row]
    """Sources that are late, stale or blocked, as `source_health` has them."""
    dates: Sequence[Row]


@dataclass(frozen=True, slots=True)
class One:
    """What the template of one metal and venue shows."""

    place: Place


@dataclass(frozen=True, slots=True)
class Sql:
    """The query behind the table."""

    sql: str


def view(look: Look) -> Now:
    """The page."""
    alerts = look.desk.open_alerts(look.now)
    found = _places(look, alerts)
    known = {(row["metal"], row["venue"]) for row in look.tile("now")}
    covered = [(row["metal"], row["venue"]) for row in look.tile("covered")]
    health = look.tile("health")
    due = look.remember(("due", look.now), lambda: chores.gather(look.tools.sources, look.rows))
    return Now(
        title=headline(found),
        places=found,
        empty=tuple(f"{metal} {venue}" for metal, venue in covered if (metal, venue) not in known),
        evaluated_at=max((row["evaluated_at"] for row in look.tile("now")), default=None),
        alerts=alerts,
        due=due,
        due_by_page=tuple(chores.by_page(due.chores).items()),
        inboxes=look.tools.inboxes,
        health=tuple(Counter(row["state"] for row in health).most_common()),
        late=[row for row in health if row["state"] in LATE],
        dates=look.tile("dates_ahead"),
    )


def one(look: Look) -> One:
    """The page of one metal and venue. Raises NoSuch where nothing was read of it."""
    wanted = look.query.get("metal", ""), look.query.get("venue", "")
    for place in _places(look, look.desk.open_alerts(look.now)):
        if (place.metal, place.venue) == wanted:
            return One(place)
    raise NoSuch("nothing was ever read of that metal at that venue")


def sql(_: Look) -> Sql:
    """What the table is made from."""
    return Sql(tile_sql("now"))


def _places(look: Look, alerts: Sequence[Row]) -> tuple[Place, ...]:
    told = tuple(
        (row["check"], row["subject"], row["severity"], bool(row["acked_by"]), *row["silenced_by"]) for row in alerts
    )
    key = ("places", look.now, told)
    return look.remember(key, lambda: measures.places(look.tile("now"), look.tools.checks, alerts))


def headline(found: Sequence[Place]) -> str:
    """The answer in words: `Critical: silver SHFE. Warning: silver COMEX. Unknown: 2 of 5.`"""
    about = [place for place in found if place.metal]
    if not about:
        return "Nothing was read yet: every figure is unknown"
    said = []
    for state in ("critical", "warning"):
        names = [place.name for place in about if place.state == state]
        if names:
            said.append(f"{state.capitalize()}: {', '.join(names)}.")
    tally = Counter(place.state for place in about)
    rest = [f"{tally[state]} {state}" for state in ("unknown", "muted", "ok") if tally[state]]
    if rest:
        said.append(f"{'Of the others: ' if said else ''}{', '.join(rest)}.")
    return " ".join(said)


PAGES: Final = (
    Page("/", "Now", "now.html", view, key="n", is_kept_ready=True),
    Page("/place", "Measures", "place.html", one),
    Page("/now/sql", "SQL", "now_sql.html", sql),
)
