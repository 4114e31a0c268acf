"""`bullion due`: what a person has to save now, from where, since when, and which readings wait for it."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from monitor import config, published
from monitor.clock import aware, naive, read_clock, stamp
from monitor.declared import is_awaited
from monitor.errors import BullionError
from monitor.model import Source
from monitor.sources.registry import discover

_HEALTH: Final = "select * from source_health where not fetches or state = 'blocked' order by source"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chore:
    """One report to save: a row of `due_by_hand`, with the rows of `waiting_readings` that name it."""

    source: Source
    row: Row
    waiting: Sequence[Row]

    @property
    def rank(self) -> tuple[int, datetime]:
        """Most readings first, then the longest due."""
        return -len(self.waiting), self.row["due_since"]

    def links(self) -> list[tuple[str, str]]:
        """(address, what it is about) of each file still to be saved that a browser can ask for."""
        asks = self.source.asks(self.row["session"])
        parts = [" + ".join(part) for part in self.source.parts]
        about = parts if len(parts) == len(asks) else [ask.hint or "" for ask in asks]
        wanted = {*self.row["missing"], *self.row["preliminary"]}
        return [
            (ask.url, words)
            for ask, words in zip(asks, about, strict=True)
            if ask.method == "GET" and not ask.form and (not wanted or words in wanted)
        ]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a person has to know about saving reports, at one moment."""

    chores: Sequence[Chore] = ()
    never_loaded: Sequence[str] = ()
    no_hurry: Mapping[str, Any] = field(default_factory=dict)
    """Reports whose absence is never late, by name, with the newest session held."""
    next: tuple[str, Any] | None = None
    """(source, moment) of the next one due."""


def run(args: argparse.Namespace) -> int:
    """Print what is due by hand, most urgent first; 0 whatever is due."""
    settings = config.load(args.config)
    folders = config.Folders(config.home_of(args.config, args.home))
    now = read_clock()
    desk = look(folders, now)
    if args.json:
        print(json.dumps(as_json(desk, now), indent=2, default=str, ensure_ascii=False))
        return 0
    print(text(desk, now, " or ".join([str(folders.inbox), *settings.inbox.watch])), end="")
    return 0


def look(folders: config.Folders, now: datetime) -> Desk:
    """What the newest generation says is due by hand; before the first one, nothing was ever loaded.

    Raises BullionError where the generation was published by an older version.
    """
    sources, _ = discover()
    if not (folders.published / published.LINK).exists():
        return Desk(never_loaded=[name for name, source in sources.items() if is_awaited(source)])
    due, waiting, health = _asked(folders, now, "from due_by_hand", "from waiting_readings order by all", _HEALTH)
    chores = [
        Chore(sources[row["source"]], row, [one for one in waiting if one["source"] == row["source"]])
        for row in due
        if row["source"] in sources
    ]
    known = [(row, is_awaited(sources[row["source"]])) for row in health if row["source"] in sources]
    held = [(row, awaited) for row, awaited in known if row["first_session"] is not None]
    coming = [(row["next_due_at"], row["source"]) for row, awaited in held if awaited and row["next_due_at"]]
    return Desk(
        chores=sorted(chores, key=lambda chore: (chore.rank, chore.source.name)),
        never_loaded=[row["source"] for row, awaited in known if awaited and row["first_session"] is None],
        no_hurry={
            row["source"]: row["newest_session"]
            for row, awaited in held
            if not awaited and row["newest_due_session"] and row["newest_due_session"] > row["newest_session"]
        },
        next=(min(coming)[1], min(coming)[0]) if coming else None,
    )


def _asked(folders: config.Folders, now: datetime, *questions: str) -> list[list[Row]]:
    """The rows of each question. Raises BullionError where the generation is older than the views they name."""
    import duckdb

    path = published.newest(folders.published)
    answers = []
    with published.Reader(path) as reader, reader.cursor() as cur:
        cur.execute("set variable now = ?::timestamp", [naive(now)])
        for sql in questions:
            try:
                result = cur.execute(sql)
            except duckdb.CatalogException as error:
                raise BullionError(
                    f"{path.name} was published by an older version: load a file, or start the daemon anew"
                ) from error
            names = [column[0] for column in result.description or ()]
            answers.append([dict(zip(names, row, strict=True)) for row in result.fetchall()])
    return answers


# --- as a person reads it ----------------------------------------------------------------


def text(desk: Desk, now: datetime, inbox: str) -> str:
    """The chores by page; `inbox` says where to save them."""
    lines = []
    if desk.chores:
        waiting = {(row["check_name"], row["subject"]) for chore in desk.chores for row in chore.waiting}
        lines += [f"{_many(len(desk.chores), 'report')} due by hand, {_many(len(waiting), 'reading')} waiting", ""]
        for page, chores in by_page(desk.chores).items():
            lines += [page or "no page is known", *(line for chore in chores for line in _chore(chore, now)), ""]
        lines.append(f"save into {inbox}")
    else:
        lines.append("nothing is due by hand" + (f"; next: {_next(desk)}" if desk.next else ""))
    if desk.no_hurry:
        held = ", ".join(f"{name} (last {session})" for name, session in desk.no_hurry.items())
        lines.append(_wrapped(f"never late, save them when you like: {held}"))
    if desk.never_loaded:
        names = ", ".join(desk.never_loaded)
        lines.append(_wrapped(f"never loaded: {names}; `bullion sources NAME` says where to save it"))
    return "\n".join(lines) + "\n"


def by_page(chores: Sequence[Chore]) -> dict[str, list[Chore]]:
    """The chores that one visit serves together, in the order of the most urgent of each page."""
    found: dict[str, list[Chore]] = {}
    for chore in chores:
        found.setdefault(chore.row["page"], []).append(chore)
    return found


def _chore(chore: Chore, now: datetime) -> list[str]:
    row = chore.row
    blocked = " (the site refuses the daemon)" if row["is_blocked"] else ""
    facts = [("due", f"session {row['session']}, since {_age(row['due_at'], now)}{_missed(chore, now)}")]
    if row["missing"]:
        facts.append(("missing", ", ".join(row["missing"])))
    if row["preliminary"]:
        facts.append(("final", f"held in a preliminary version only: {', '.join(row['preliminary'])}"))
    facts += [("save", f"{url}  {about}".strip()) for url, about in chore.links() if url != row["page"]]
    if chore.source.needs_hint:
        facts.append(("name", "each file so that it says its product, for the content does not"))
    facts += [("waits", _waiting(one)) for one in chore.waiting]
    lines = [f"  {row['source']}: {row['title']}{blocked}"]
    for number, (label, text) in enumerate(facts):
        repeated = number > 0 and facts[number - 1][0] == label
        lines.append(f"    {'' if repeated else label:<8} {text}")
    return lines


def _missed(chore: Chore, now: datetime) -> str:
    row = chore.row
    more, lost = row["sessions_to_save"] - 1, row["missed_sessions"] - row["sessions_to_save"]
    said = f"; {more} earlier missed, the oldest {row['first_missing_session']}" if more else ""
    if more:
        said += f" since {_age(row['due_since'], now)}"
    if lost and chore.source.backlog is None:
        said += f"; {lost} earlier missed and overwritten since"
    elif lost:
        said += f"; {lost} earlier missed"
    return said


def _waiting(row: Row) -> str:
    last = f"last {row['observed_verdict']}, {row['observed_session']}" if row["observed_session"] else "never read"
    if row["verdict"] == "nodata":
        last = f"unknown on {row['session']}, {last}"
    alert = f"open {row['open_alert']}; " if row["open_alert"] else ""
    return f"{row['title']}: {row['subject']} ({alert}{last})"


def _next(desk: Desk) -> str:
    name, at = desk.next or ("", None)
    return f"{name} at {at:%Y-%m-%d %H:%M} UTC"


def _age(moment: datetime, now: datetime) -> str:
    minutes = int((now - aware(moment)).total_seconds() // 60)
    hours = minutes // 60
    if not hours:
        return f"{minutes} min"
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 110, subsequent_indent="  ", break_on_hyphens=False)


# --- as a program reads it ---------------------------------------------------------------


def as_json(desk: Desk, now: datetime) -> Row:
    """The same, whole, with every link and reading."""
    return {
        "now": stamp(now),
        "due": [
            _moments(chore.row)
            | {
                "age_hours": round((now - aware(chore.row["due_at"])).total_seconds() / 3600, 1),
                "links": [{"url": url, "about": about} for url, about in chore.links()],
                "waiting": [{name: cell for name, cell in one.items() if name != "source"} for one in chore.waiting],
            }
            for chore in desk.chores
        ],
        "next": {"source": desk.next[0], "due_at": stamp(aware(desk.next[1]))} if desk.next else None,
        "no_hurry": desk.no_hurry,
        "never_loaded": desk.never_loaded,
    }


def _moments(row: Row) -> Row:
    return {name: stamp(aware(cell)) if isinstance(cell, datetime) else cell for name, cell in row.items()}
