"""What a mail is composed from: transitions, their readings, and what is known about each check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from monitor.model import Policy, Reading, Transition

Key: TypeAlias = tuple[str, str]
"""(check, subject)."""


@dataclass(frozen=True, slots=True)
class CheckCard:
    """One check as a person meets it: its words, formula, file and sources."""

    name: str
    title: str
    """A noun phrase: "Delivery cover"."""
    why: str = ""
    """One line a trader would accept."""
    unit: str = ""
    direction: Literal["above", "below"] = "above"
    """Which side of a level is bad."""
    definition: str = ""
    formula: str = ""
    references: tuple[str, ...] = ()
    sql_name: str = ""
    """File name below `sql/checks/`."""
    source_links: tuple[tuple[str, str], ...] = ()
    """(label, url) of where a person finds the inputs."""
    decimals: int | None = None
    """Digits after the point in sentences, where three significant digits would show more."""
    headline: str = ""
    """A sentence with `{value}` in it: "registered covers {value} of remaining deliveries"; empty: title and value."""
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG shown inside the HTML, and the same in words for the text."""

    cid: str
    png: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything one message tells, gathered by the caller; composing reads nothing else."""

    transitions: tuple[Transition, ...]
    readings: Mapping[Key, Reading]
    """The reading each transition speaks of; a missing one is said to be missing."""
    cards: Mapping[str, CheckCard]
    history: Mapping[Key, tuple[tuple[date, float | None], ...]]
    """(session, value), oldest first."""
    message_id: str
    """Whole (`<a@b>`) or only its left part."""
    references: tuple[str, ...]
    """Message-IDs of the thread, root first."""
    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    """Subjects in words where `textual.subject_words` would not find them."""
    pictures: tuple[Picture, ...] = ()
    numbers: Mapping[Key, str] = field(default_factory=dict)
    """The formula with its figures, where it gives the value mailed."""
    ahead: Mapping[Key, str] = field(default_factory=dict)
    """Dates ahead of the subject's metal and venue, in words."""
    related: Mapping[Key, str] = field(default_factory=dict)
    """The newest readings of other checks on the same metal and venue, in words."""
    notes: tuple[str, ...] = ()
    """Sentences about the message itself, such as that it was delayed."""
