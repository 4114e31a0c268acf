"""What a message is made of, before it is text or HTML.

Both renderings are drawn from the same blocks, so neither can say what the other does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class State(Enum):
    """The five states, told apart by shape, word and colour together: (word, shape, light colour, dark colour)."""

    OK = ("ok", "\N{WHITE CIRCLE}", "#3b7a57", "#7cc49a")
    WARNING = ("warning", "\N{UP-POINTING TRIANGLE WITH LEFT HALF BLACK}", "#b7791f", "#e0a94a")
    CRITICAL = ("critical", "\N{BLACK SQUARE}", "#b3261e", "#f2857d")
    UNKNOWN = ("unknown", "\N{DOTTED CIRCLE}", "#6b7280", "#a3abb8")
    MUTED = ("muted", "\N{BLACK RECTANGLE}", "#5c6370", "#a3abb8")

    @property
    def word(self) -> str:
        return self.value[0]

    @property
    def shape(self) -> str:
        return self.value[1]

    @property
    def light(self) -> str:
        return self.value[2]

    @property
    def dark(self) -> str:
        return self.value[3]


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; with a state, its shape stands before the words (which name the state themselves)."""

    text: str
    state: State | None = None
    top: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph; `strong` is the answer, `quiet` the small print."""

    text: str
    strong: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Short questions and their answers, one a row."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, a head, rows of equal length; columns in `numeric` are set to the right."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    states: tuple[State, ...] = ()
    """The state of each row, its shape drawn before the first cell; empty for none."""
    left_out: int = 0
    """How many further rows there were."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers with what is said beside each: (what, value, beside), and the state of each row; none for no marks."""

    rows: tuple[tuple[str, str, str], ...]
    states: tuple[State | None, ...] = ()
    left_out: int = 0
    """How many further rows there were."""


@dataclass(frozen=True, slots=True)
class Link:
    """A named address; only http and https become links, anything else stays words."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image carried in the message under `cid`, and what it shows in words."""

    cid: str
    words: str


Block: TypeAlias = Heading | Line | Facts | Table | Figures | Link | Picture


def web_address(url: str) -> str | None:
    """`url` where it may become a link: http or https, and no white space or control in it."""
    safe = url.isprintable() and not any(c.isspace() or c in "\"'<>\\^`{|}" for c in url)
    return url if safe and len(url) <= 500 and url.startswith(("https://", "http://")) else None


def left_out_words(rows: int) -> str:
    """The sentence under a shortened table."""
    return f"{rows:,} more {'row' if rows == 1 else 'rows'} not shown."
