"""What a memo is composed from: figures in sections, what changed, what is open. Values only; nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

from monitor.model import Severity, Transition

Kind: TypeAlias = Literal["daily", "weekly"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with what it takes to read it. A `reason` makes it unknown, a `note` is said beside it."""

    what: str
    value: float | None = None
    unit: str = ""
    session: date | None = None
    text: str = ""
    """What is printed where it is no number, or no single one."""
    typical: str = ""
    note: str = ""
    reason: str = ""
    signed: bool = False
    """A change or a difference: a plus is printed where it is above zero."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows that are compared with each other: a head of column names (`received_koz`) and their cells."""

    head: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    numeric: frozenset[int]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a memo: figures, or a sheet of one session."""

    name: str
    title: str
    note: str = ""
    """Definition and assumptions, in a sentence or two."""
    figures: tuple[Figure, ...] = ()
    sheet: Sheet | None = None
    session: date | None = None
    """The newest in it."""
    published_at: datetime | None = None
    """When the newest of it was public."""
    empty: str = ""
    """What is said where it holds nothing."""
    is_new: bool = True
    """Whether it says anything that it did not say at the last memo."""
    trouble: str = ""
    """Why it could not be read."""

    @property
    def has_content(self) -> bool:
        return bool(self.figures or (self.sheet and self.sheet.rows))

    @property
    def numbers(self) -> object:
        """What it says but for what is typical, to be compared with another memo's."""
        return tuple(replace(figure, typical="") for figure in self.figures), self.sheet


@dataclass(frozen=True, slots=True)
class Standing:
    """An episode as it stands: what, how bad, since when, the newest value known."""

    title: str
    subject: str
    severity: Severity
    opened: date
    value: str
    """In words with its unit; '' where none was ever known."""
    session: date | None
    """Of the value."""
    unknown: str
    """Why the sessions after it have none; '' where it is of the newest."""
    mailed: bool
    """False for checks told in the memo alone."""
    marks: tuple[str, ...] = ()
    """acknowledged, silenced."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of an episode since the last memo."""

    words: str
    """opened, escalated, eased, closed, withdrawn, opened and closed."""
    standing: Standing
    on: date


@dataclass(frozen=True, slots=True)
class Held:
    """A change that was too much for its day, and is told to one recipient by the memo."""

    told: Transition
    words: str
    """As a mail of its own would open, its state left out."""
    command: str
    """What shows it whole in a shell."""
    url: str = ""
    """Where the page shows it; '' without a page."""


@dataclass(frozen=True, slots=True)
class Memo:
    """Everything one memo tells."""

    kind: Kind
    day: date
    known_at: datetime
    since: datetime
    basis: str
    turns: tuple[Turn, ...]
    open: tuple[Standing, ...]
    sections: tuple[Section, ...]
    broken: tuple[str, ...] = ()
    """Checks that do not run."""
    held: tuple[Held, ...] = ()
    """What the day's limit kept from the one who gets it."""
    held_since: datetime | None = None
    """When the first of that came up."""
