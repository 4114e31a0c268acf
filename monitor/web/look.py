"""What a page may look at in one request: one generation, the moment, what was asked, and the desk of alerts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from monitor import sqlfiles
from monitor.adhoc_queue import Queue
from monitor.archive import Archive
from monitor.checkfile import Check
from monitor.errors import BullionError
from monitor.model import Source
from monitor.web.generations import Generation, Row
from monitor.web.replays import Replays

Made = TypeVar("Made")


class NoSuch(BullionError):
    """There is nothing at that address: the page says so, with 404."""


class Refused(BullionError):
    """A form that cannot be acted on as it was filled in; the sentence is shown beside it, with 400."""


class Desk(Protocol):
    """The told-state, as the composition root hands it in. Rows are those of `bullion alerts ... --json`."""

    def open_alerts(self, now: datetime) -> list[Row]:
        """What is told open, worst and oldest first."""

    def silences(self, now: datetime) -> list[Row]:
        """Silences in force or still to come."""

    def story(self, check: str, subject: str) -> Row | None:
        """Everything told of one key; None where nothing ever was."""

    def history(self) -> list[Row]:
        """Everything told, oldest first."""

    def letters(self) -> list[Row]:
        """Every message, newest first, without recipients or bodies."""

    def letter(self, number: int) -> Row | None:
        """One message as it was queued: subject, text, html, images; without its recipient."""

    def ack(self, check: str, subject: str, author: str, now: datetime) -> None:
        """Acknowledge the open alert of that name; LookupError where none is open."""

    def silence(self, matcher: Mapping[str, str], author: str, reason: str, ends: datetime, now: datetime) -> int:
        """Start a silence, answer its number; ValueError for one that says too little."""

    def unsilence(self, number: int, author: str, now: datetime) -> None:
        """End a silence; LookupError where none of that number is in force or to come."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What pages need beside the generation, gathered once at start by the composition root."""

    checks: Mapping[str, Check] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    fetched: frozenset[str] = frozenset()
    """Sources the daemon asks for; a person saves all others."""
    inboxes: tuple[str, ...] = ()
    """Where a person saves them."""
    archive: Archive | None = None
    """The bytes that figures stand on, for pages that show where one comes from."""
    questions: Queue | None = field(default_factory=Queue)
    """The line of ad-hoc questions, one for all pages; None where nobody may ask any."""
    replays: Replays | None = None
    """The line of backtests; None where nobody may ask for one."""


@dataclass(frozen=True, slots=True)
class Look:
    """One request's view of the home. `now` is the minute it came in, `at` the very moment; aware UTC."""

    generation: Generation
    now: datetime
    at: datetime
    desk: Desk
    tools: Tools = field(default_factory=Tools)
    query: Mapping[str, str] = field(default_factory=dict)
    """What stands behind the ? of the address."""
    path: Mapping[str, str] = field(default_factory=dict)
    """The named parts of the route."""
    address: str = "/"
    """Path and query as they were asked for: what shows the same page again."""

    def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """The rows of a query of ours on this generation, `$names` filled in."""
        with self.generation.cursor(self.now) as cur:
            result = cur.execute(sql, parameters) if parameters else cur.execute(sql)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def tile(self, name: str, **parameters: Any) -> list[Row]:
        """The rows of `sql/pages/NAME.sql`, read once a generation, minute and set of parameters."""
        key = ("tile", name, self.now, *sorted(parameters.items()))
        return self.remember(key, lambda: self.rows(tile_sql(name), **parameters))

    def remember(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """`make()` once a generation for each key. What depends on the clock has `now` in its key."""
        return self.generation.remember(key, make)


@lru_cache(maxsize=64)
def tile_sql(name: str) -> str:
    """The text of `sql/pages/NAME.sql`."""
    return (sqlfiles.root() / "pages" / f"{name}.sql").read_text(encoding="utf-8")
