"""*Sources*: what each holds and owes, under which terms; its archived files, and what was not loaded and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.declared import due_words, is_awaited
from monitor.model import Source
from monitor.web.generations import Row
from monitor.web.look import Look, NoSuch
from monitor.web.page import Page

_STATES: Final[Mapping[str, str]] = {
    "on time": "ok", "late": "warning", "stale": "critical", "blocked": "critical", "never loaded": "unknown",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One source in the list: a row of `source_health`, its counts, and what the source says of itself."""

    health: Row
    state: str
    counts: Row
    source: Source | None
    is_fetched: bool
    is_awaited: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """What the list shows, those that need looking at first."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class One:
    """What the page of one source shows."""

    line: Line
    due: str
    sessions: Row
    files: Sequence[Row]
    rejects: Sequence[Row]
    notes: Sequence[Row]


def view(look: Look) -> Sources:
    """The list."""
    counts = {row["source"]: row for row in look.tile("files_by_source")}
    return Sources(lines(look.tile("health"), counts, look.tools.sources, look.tools.fetched))


def lines(
    health: Sequence[Row], counts: Mapping[str, Row], sources: Mapping[str, Source], fetched: frozenset[str]
) -> tuple[Line, ...]:
    """Rows of `source_health` with what belongs to them: stale and blocked first, never loaded last."""
    order = ("critical", "warning", "ok", "unknown")
    made = [_line(row, counts.get(row["source"], {}), sources.get(row["source"]), fetched) for row in health]
    return tuple(sorted(made, key=lambda line: (order.index(line.state), line.health["source"])))


def _line(row: Row, counts: Row, source: Source | None, fetched: frozenset[str]) -> Line:
    return Line(
        health=row,
        state=_STATES.get(row["state"], "unknown"),
        counts={"files": 0, "refused": 0, "rejected": 0} | counts,
        source=source,
        is_fetched=row["source"] in fetched,
        is_awaited=source is None or is_awaited(source),
    )


def one(look: Look) -> One:
    """One source. Raises NoSuch where there is none of that name."""
    name = look.path["name"]
    line = next((line for line in view(look).lines if line.health["source"] == name), None)
    if line is None:
        raise NoSuch("there is no such source")
    return One(
        line=line,
        due=due_words(line.source) if line.source else "",
        sessions=look.tile("source_sessions", source=name)[0],
        files=look.tile("source_files", source=name),
        rejects=look.tile("source_rejects", source=name),
        notes=look.tile("source_notes", source=name),
    )


PAGES: Final = (
    Page("/sources", "Sources", "sources.html", view, key="s"),
    Page("/sources/{name}", "Source", "source.html", one),
)
