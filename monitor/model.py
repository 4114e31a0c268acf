"""The nouns of the pipeline, in the order data meets them.

Ask -> Answer -> Batch -> facts -> Reading -> Transition -> Notice -> Delivery

Every datetime here is aware UTC; every DataFrame column of moments is naive UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.errors import cut

if TYPE_CHECKING:
    import polars as pl


# --- left of the store: questions, bytes, frames -----------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a publisher about one session; sending it is `http.py`'s business."""

    source: str
    session: date
    url: str
    hint: str | None = None
    """What the answer will not say itself, e.g. the product of a volume payload."""
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Raw bytes as received, with where they came from."""

    body: bytes
    name: str
    """File name, for people and for hints; never trusted to identify the content."""
    fetched_at: datetime
    url: str | None = None
    hint: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something a file said beside its numbers: a correction footer, a new column, a new depository."""

    kind: str
    """`correction`, `layout`, `footer`."""
    text: str
    session: date | None = None
    where: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", cut(self.text))
        object.__setattr__(self, "where", cut(self.where))


@dataclass(frozen=True, slots=True)
class Reject:
    """A piece of a file that was not loaded, and why; the rest of the file was."""

    message: str
    where: str = ""
    """Position in the file: sheet, row, column, or a path into the JSON."""
    raw: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", cut(self.message))
        object.__setattr__(self, "where", cut(self.where))
        object.__setattr__(self, "raw", cut(self.raw))


@dataclass(frozen=True, slots=True)
class Batch:
    """What one answer said: typed frames by table name, and what did not fit.

    Frames carry the columns of `schema.TABLES[name]` without the stamps the store adds.
    """

    frames: Mapping[str, pl.DataFrame]
    notes: tuple[Note, ...] = ()
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """When a session's report is expected: `days` calendar days after it, at a wall-clock hour.

    `days` counts sessions of the venue when `in_sessions`, since a Friday's stock report comes on Monday.
    `grace_minutes` passes before lateness is called stale.
    """

    clock: str
    zone: str
    days: int = 0
    in_sessions: bool = False
    grace_minutes: int = 120


class Proof(StrEnum):
    """On what a source's layout is known; `Source.verified` says it in full."""

    CAPTURES = "captures"
    """Whole files of the publisher were read and compared."""
    QUOTED = "quoted"
    """Parts of its files were read: excerpts, or rows that others saved."""
    DOCUMENTS = "documents"
    """No file of it was seen: documents and programs of others describe it."""
    OWN = "own"
    """The layout is ours."""


@dataclass(frozen=True, slots=True)
class Source:
    """One publisher's report: what it is, how to ask for it, how to read it. Pure; no I/O."""

    name: str
    title: str
    publisher: str
    venue: str
    """Whose trading sessions it follows: a key of `sessions.VENUES`."""
    tables: tuple[str, ...]
    due: Due
    parse: Callable[[Answer], Batch]
    """Raises NotPublished, Blocked, Unreadable or Implausible; nothing else."""
    recognise: Callable[[bytes, str], bool]
    """(whole body, file name) -> is it this report? Cheap; content decides, never the name."""
    asks: Callable[[date], tuple[Ask, ...]]
    backlog: Callable[[date, date], tuple[Ask, ...]] | None = None
    """Questions that cover many sessions at once, for catching up; None where there are none."""
    keeps_history: bool = True
    """False where the publisher overwrites one file: only the newest session can be asked for."""
    hint_of: Callable[[str], str | None] | None = None
    """What a file or folder name says that the content does not; raises Unreadable when ambiguous."""
    needs_hint: bool = False
    parts: tuple[tuple[str, ...], ...] = ()
    """What each file of one session is about, in the order of `asks`: the metals or products of its rows. () where
    one file says all."""
    hosts: tuple[str, ...] = ()
    """Hosts that may be asked, also after a redirect."""
    page: str = ""
    """Where a person finds the report in a browser."""
    terms: str = ""
    """The publisher's terms in a sentence."""
    terms_url: str = ""
    licence: str = ""
    cadence: str = "daily"
    unit: str = ""
    history_start: str = ""
    """The first session there is, as a date, year or month; else `none: ` and what can be had, or `not known`."""
    proof: Proof = Proof.DOCUMENTS
    verified: str = ""
    """What was checked on real captured files, and what only on documents."""
    parser_version: int = 1


# --- right of the store: readings, states, messages --------------------------------------


class Severity(StrEnum):
    """How bad an open alert is."""

    WARNING = "warning"
    CRITICAL = "critical"


class Verdict(StrEnum):
    """What one reading says of its session (reliability.md 2.2).

    WARNING and CRITICAL are both a breach; BAND lies between the opening and the clearing level.
    """

    CLEAR = "clear"
    BAND = "band"
    WARNING = "warning"
    CRITICAL = "critical"
    NODATA = "nodata"
    ERROR = "error"

    @property
    def observed(self) -> bool:
        """Whether it counts at all: NODATA and ERROR hold every state as it is."""
        return self not in (Verdict.NODATA, Verdict.ERROR)

    @property
    def breach(self) -> bool:
        return self in (Verdict.WARNING, Verdict.CRITICAL)


@dataclass(frozen=True, slots=True)
class Reading:
    """One check's value for one subject and session, with everything needed to explain it."""

    check: str
    subject: str
    session: date
    value: float | None
    verdict: Verdict
    warn: float | None = None
    critical: float | None = None
    clear: float | None = None
    published_at: datetime | None = None
    """The moment the last of its legs was public."""
    reason: str = ""
    """Why there is no value, or why it opens nothing (preliminary, suspect, limit-locked, holiday)."""
    inputs: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """How readings of one check become a state: n of the last m observed breaches open, k clears in a row close."""

    enter_n: int = 2
    enter_m: int = 2
    leave: int = 3
    critical_n: int = 1
    critical_m: int = 1
    late_arrival_recovers: bool = False
    """For freshness: a reading that later knowledge clears has recovered, it was not wrong."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One run of trouble, from the session that opened it to the one that closed it (None: still open)."""

    opened: date
    severity: Severity
    """Now, or at its close."""
    peak: Severity
    closed: date | None = None
    version: str = ""


class Event(StrEnum):
    """Why a message leaves (reliability.md 2.5)."""

    FIRING = "firing"
    ESCALATED = "escalated"
    RECOVERED = "recovered"
    RETRACTED = "retracted"
    MISSED = "missed"
    REPEAT = "repeat"
    AT_START = "at_start"


@dataclass(frozen=True, slots=True)
class Transition:
    """The difference between what the readings say and what people were told, for one key."""

    check: str
    subject: str
    event: Event
    severity: Severity
    opened: date
    """Opening session of the episode; (check, subject, opened) names the story a mail belongs to."""
    session: date
    """The session that caused this transition."""
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A composed message for one recipient, stored before anyone tries to send it."""

    message_id: str
    recipient: str
    channel: str
    subject: str
    text: str
    html: str
    references: tuple[str, ...] = ()
    images: tuple[tuple[str, bytes], ...] = ()
    """(content id, PNG bytes) shown inside the HTML."""
    headers: tuple[tuple[str, str], ...] = ()
    events: tuple[Mapping[str, str | float | None], ...] = ()
    """The changes it tells, for programs; days as text, a value in the check's unit."""
