"""*Measure*: one check's figure of one subject over time, what it is made of, and where to get it as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import quote

from monitor import apart, evidence, tabular
from monitor.apart import Explanation
from monitor.archive import Archive
from monitor.checkfile import Check
from monitor.clock import aware
from monitor.evidence import Leg
from monitor.model import Episode, Reading
from monitor.places import Folders
from monitor.tabular import Column
from monitor.web import history, measures
from monitor.web.drawing import Drawn, drawn
from monitor.web.generations import Row
from monitor.web.lately import once
from monitor.web.look import Look, NoSuch, Refused, tile_sql
from monitor.web.measures import Measure, Place
from monitor.web.page import Download, Page

USUAL: Final = 260
"""Sessions shown where `?last=` asks for no other number; 0 is for all that are held."""
_DASHED_AT_MOST: Final = timedelta(days=45)
"""How far a value that is out of date is drawn on."""


@dataclass(frozen=True, slots=True)
class One:
    """What the template of one measure shows."""

    check: Check
    subject: str
    title: str
    known: Reading | None
    """The last reading that counts."""
    newest: Measure | None
    """As Now has it; None where it is not among the newest, e.g. of a contract that has ended."""
    chart: Drawn | None
    beside: Drawn | None
    readings: Sequence[Reading]
    """Those drawn, newest first."""
    held: int
    episodes: Sequence[Episode]
    explained: Explanation
    address: str
    """Of this measure, without what stands behind the `?`."""
    last: int
    sql: str
    """What gives the rows of this page when asked of `bullion sql`."""

    @property
    def rows(self) -> list[tuple[Reading, bool]]:
        """The readings drawn, newest first, each with whether its figure counts."""
        return [(reading, history.counts(reading)) for reading in self.readings]

    @property
    def verdict(self) -> str:
        """Of the reading that is explained, in words."""
        return apart.verdict(self.explained.reading)

    @property
    def levels(self) -> list[tuple[str, float]]:
        """(name, level) in force for it."""
        reading, is_capped = self.explained.reading, self.check.capped
        found = (
            ("warning", reading.warn),
            ("critical", None if is_capped else reading.critical),
            ("clear", reading.clear),
        )
        return [(name, level) for name, level in found if level is not None]

    @property
    def legs(self) -> list[tuple[Leg, list[str]]]:
        """Each leg of it with its figures in words."""
        return [
            (leg, [evidence.figure(name, value) for name, value in leg.figures.items() if value is not None])
            for leg in self.explained.legs
        ]

    @property
    def also(self) -> list[str]:
        """What belongs to none of its legs."""
        return [evidence.figure(name, value) for name, value in self.explained.rest.items()]


@dataclass(frozen=True, slots=True)
class All:
    """What the list of all measures shows."""

    places: Sequence[Place]


def everything(look: Look) -> All:
    """Every measure that is read at present, by metal and venue."""
    return All(measures.places(look.tile("now"), look.tools.checks, look.desk.open_alerts(look.now)))


def address(check: str, subject: str) -> str:
    """Where a measure is shown."""
    return f"/measure/{quote(check)}/{quote(subject)}"


def view(look: Look) -> One:
    """One measure. Raises NoSuch where nothing was ever read of it, Refused for a question that makes no sense."""
    check, subject = _named(look)
    readings = [history.reading_of(check.name, subject, row) for row in _rows(look, check, subject)]
    if not readings:
        raise NoSuch(f"{check.title}: nothing was ever read of {subject}")
    last = _last(look)
    shown = readings[-last:] if last else readings
    newest = _newest(look, check, subject)
    chosen = _chosen(look, readings)
    known = history.newest_known(readings)
    return One(
        check=check,
        subject=subject,
        title=history.answer(check, known or readings[-1], _unknown(known, readings[-1], newest)),
        known=known,
        newest=newest,
        chart=_chart(look, check, shown, newest),
        beside=_beside(look, check, readings),
        readings=shown[::-1],
        held=len(readings),
        episodes=history.episodes(check, readings)[::-1],
        explained=_explained(look, check, chosen),
        address=address(check.name, subject),
        last=last,
        sql=asked(check.name, subject),
    )


def table(look: Look) -> Download:
    """The readings of one measure as CSV, every column of the view `readings` but its name."""
    check, subject = _named(look)
    with look.generation.cursor(look.now) as cur:
        result = cur.execute(tile_sql("measure"), {"check": check.name, "subject": subject})
        columns = tuple(Column(name, str(kind)) for name, kind, *_ in result.description or ())
        rows = [tuple(str(cell) if isinstance(cell, date) else cell for cell in row) for row in result.fetchall()]
    if not rows:
        raise NoSuch(f"{check.title}: nothing was ever read of {subject}")
    text = tabular.render(tabular.Result(columns, rows), "csv")
    name = "".join(letter if letter.isalnum() else "_" for letter in f"{check.name} {subject}")
    return Download(text.encode(), "text/csv; charset=utf-8", f"{name}.csv")


def asked(check: str, subject: str) -> str:
    """A select that answers the readings of one measure."""
    name, about = (text.replace("'", "''") for text in (check, subject))
    return (
        "select session, value, unit, verdict, warn, critical, reason, published_at\n"
        f"from readings\nwhere check_name = '{name}' and subject = '{about}'\norder by session"
    )


def _named(look: Look) -> tuple[Check, str]:
    check = look.tools.checks.get(look.path["check"])
    if check is None:
        raise NoSuch("there is no such check")
    return check, look.path["subject"]


def _rows(look: Look, check: Check, subject: str) -> Sequence[Row]:
    return once(look, "measure", check=check.name, subject=subject)


def _last(look: Look) -> int:
    text = look.query.get("last", str(USUAL))
    if not text.isdecimal() or len(text) > 5:
        raise Refused("last is a number of sessions, 0 for all")
    return int(text)


def _chosen(look: Look, readings: Sequence[Reading]) -> Reading:
    """The reading to take apart: of `?session=`, or the newest."""
    if not (text := look.query.get("session", "")):
        return readings[-1]
    for reading in readings:
        if reading.session.isoformat() == text:
            return reading
    raise NoSuch("there is no reading of that session")


def _newest(look: Look, check: Check, subject: str) -> Measure | None:
    found = (one for place in everything(look).places for one in place.measures)
    return next((one for one in found if (one.check, one.subject) == (check.name, subject)), None)


def _unknown(known: Reading | None, last: Reading, newest: Measure | None) -> str:
    """Why nothing is known of it now; '' where the last figure that counts stands."""
    if newest is not None and newest.why:
        return newest.why
    return "" if known is not None else last.reason or "no session has a figure"


def _place(reading: Reading) -> dict[str, str]:
    return {name: str(reading.inputs.get(name) or "") for name in ("metal", "venue")}


def _chart(look: Look, check: Check, readings: Sequence[Reading], newest: Measure | None) -> Drawn | None:
    place, end = _place(readings[-1]), _stale_to(look, readings, newest)
    marks = once(
        look,
        "measure_marks",
        start=readings[0].session,
        until=end or readings[-1].session,
        contract=readings[-1].subject if readings[-1].inputs.get("delivery_month") else "",
        **place,
    )
    revised = once(look, "measure_revised", check=check.name, start=readings[0].session, **place)
    made = history.figure(
        check, readings, [(row["session"], row["label"]) for row in marks], [row["session"] for row in revised], end
    )
    return drawn(made, history.data(check, readings, made)) if made else None


def _stale_to(look: Look, readings: Sequence[Reading], newest: Measure | None) -> date | None:
    """The day up to which the last known value is drawn on, dashed; None where the newest reading counts."""
    known = history.newest_known(readings)
    if newest is None or newest.said != "unknown" or known is None:
        return None
    return min(max(look.now.date(), readings[-1].session), known.session + _DASHED_AT_MOST)


def _beside(look: Look, check: Check, readings: Sequence[Reading]) -> Drawn | None:
    last = readings[-1]
    month = str(last.inputs.get("delivery_month") or "")[:10]
    if not month or last.inputs.get("sessions_to_fnd") is None:
        return None
    earlier = once(look, "measure_earlier", check=check.name, delivery_month=month, **_place(last))
    is_cover = check.name == "coverage_raw"
    points = once(look, "measure_published", contract=last.subject, delivery_month=month) if is_cover else []
    made = history.beside(check, readings, earlier, points)
    return drawn(made) if made else None


def _explained(look: Look, check: Check, reading: Reading) -> Explanation:
    """The reading taken apart as `bullion explain` does, from what was written down with it."""
    rows = _rows(look, check, reading.subject)
    at = next(aware(row["evaluated_at"]) for row in rows if row["session"] == reading.session)
    archive = Archive(Folders(look.generation.path.parent.parent).archive)
    with look.generation.cursor(look.now) as cur:
        return apart.taken_apart(cur, check, reading, (at, "published"), archive)


PAGES: Final = (
    Page("/measure", "Measures", "measures.html", everything, key="m"),
    Page("/measure/{check}/{subject:path}.csv", "Measure as CSV", "", table),
    Page("/measure/{check}/{subject:path}", "Measure", "measure.html", view),
)
