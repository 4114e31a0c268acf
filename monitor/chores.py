"""What a person has to save now: a row of `due_by_hand` for each report, with the readings that wait for it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from monitor.declared import is_awaited
from monitor.model import Source

QUESTIONS: Final = (
    "from due_by_hand",
    "from waiting_readings order by all",
    "select * from source_health where not fetches or state = 'blocked' order by source",
)
"""What `gather` asks the published views, at a moment set as the variable `now`."""
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


def gather(sources: Mapping[str, Source], ask: Callable[[str], Sequence[Row]]) -> Desk:
    """Everything due by hand, from the answers of a generation to `QUESTIONS`."""
    due, waiting, health = (ask(question) for question in QUESTIONS)
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


def by_page(chores: Sequence[Chore]) -> dict[str, list[Chore]]:
    """The chores that one visit serves together, in the order of the most urgent of each page."""
    found: dict[str, list[Chore]] = {}
    for chore in chores:
        found.setdefault(chore.row["page"], []).append(chore)
    return found
