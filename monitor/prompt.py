"""The interactive prompt of `bullion sql`: questions end with `;`, the prompt's own commands begin with a dot.

Line editing, history and the Tab key are the standard library's readline; where Python was built without it, lines
are read plainly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from monitor import tabular
from monitor.clock import parse_moment, stamp
from monitor.completion import Completer
from monitor.errors import BullionError, QueryRefused

_HISTORY_LINES: Final = 2000
_DELIMITERS: Final = " \t\n,()=<>+-*/;|%"
_CLOSED: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
FIRST, NEXT = "bullion> ", "    ...> "
HELP: Final = """\
A question is one SELECT and ends with ; - several lines are fine. The Tab key completes, the arrows go back in history.
.list [VIEW ...]          views with columns, units and meanings
.query [NAME name=value]  a saved question; without a name, which there are
.as-of DATE               sessions up to this date; now for all
.known-at TIME            as known at this moment, UTC; now for the newest
.basis published|loaded   known to the public, or to this home
.format table|csv|json|markdown
.limit N                  rows at most; 0 for all
.explain                  the plan of the question typed last
.settings                 what is in force
.help  .quit
"""


@dataclass
class Settings:
    """What holds for the next question."""

    as_of: str | None = None
    known_at: str | None = None
    basis: str = "published"
    format: str = "table"
    limit: int = 1000


class Desk(Protocol):
    """Who answers: the prompt itself knows neither database nor files."""

    def ask(self, sql: str, settings: Settings, values: Iterable[str] = ()) -> str:
        """The answer as text, in the format of the settings; QueryRefused where there is none."""

    def saved(self, name: str, settings: Settings, values: Iterable[str]) -> str:
        """The answer to a saved question."""

    def listed(self, names: Iterable[str]) -> str:
        """The views by these names (all without one), as text."""

    def questions(self) -> str:
        """The saved questions, as text."""


class Prompt:
    """One conversation. `say` prints; `read` returns a line, raises EOFError at the end."""

    def __init__(
        self, desk: Desk, settings: Settings, say: Callable[[str], object], read: Callable[[str], str]
    ) -> None:
        self._desk, self.settings, self._say, self._read = desk, settings, say, read
        self.pending: list[str] = []
        """Lines of a question that is not at its end yet."""
        self._last = ""
        self._commands: dict[str, Callable[[list[str]], object]] = {
            ".list": lambda words: self._say(self._desk.listed(words)),
            ".query": self._query,
            ".as-of": self._as_of,
            ".known-at": self._known_at,
            ".basis": self._basis,
            ".format": self._format,
            ".limit": self._limit,
            ".explain": lambda _: self._answer(lambda: self._desk.ask(f"EXPLAIN {self._asked()}", self.settings)),
            ".settings": lambda _: self._say(self._in_force()),
            ".help": lambda _: self._say(HELP),
        }

    @property
    def commands(self) -> list[str]:
        return [*self._commands, ".quit"]

    def run(self) -> None:
        """Read and answer until `.quit` or the end of input. What is refused is said, and the prompt goes on."""
        while True:
            try:
                line = self._read(NEXT if self.pending else FIRST)
            except EOFError:
                return
            except KeyboardInterrupt:
                self.pending.clear()
                self._say("\n")
                continue
            if not self.pending and line.strip().startswith("."):
                if line.strip() in (".quit", ".exit"):
                    return
                self._command(line.split())
            elif self.pending or line.strip():
                self._take(line)

    def _take(self, line: str) -> None:
        self.pending.append(line)
        text = "\n".join(self.pending)
        if ended(text):
            self.pending.clear()
            self._last = text
            self._answer(lambda: self._desk.ask(text, self.settings))

    def _answer(self, asked: Callable[[], str]) -> None:
        try:
            self._say(asked())
        except BullionError as error:
            self._say(f"{error}\n")
        except KeyboardInterrupt:
            self._say("stopped\n")

    def _command(self, words: list[str]) -> None:
        found = self._commands.get(words[0])
        if found is None:
            self._say(f"There is no {words[0]}. .help lists the commands; a question ends with ;\n")
            return
        try:
            found(words[1:])
        except BullionError as error:
            self._say(f"{error}\n")
        except ValueError as error:
            self._say(f"{words[0]} stays as it was: {error}\n")

    def _query(self, words: list[str]) -> None:
        if not words:
            self._say(self._desk.questions())
            return
        self._answer(lambda: self._desk.saved(words[0], self.settings, words[1:]))

    def _as_of(self, words: list[str]) -> None:
        said = _one(words)
        self.settings.as_of = None if said == "now" else date.fromisoformat(said).isoformat()
        self._say(self._in_force())

    def _known_at(self, words: list[str]) -> None:
        said = _one([" ".join(words)] if words else [])
        self.settings.known_at = None if said == "now" else stamp(parse_moment(said))
        self._say(self._in_force())

    def _basis(self, words: list[str]) -> None:
        self.settings.basis = _one_of(words, ("published", "loaded"))
        self._say(self._in_force())

    def _format(self, words: list[str]) -> None:
        self.settings.format = _one_of(words, tabular.FORMATS)

    def _limit(self, words: list[str]) -> None:
        said = _one(words)
        if not said.isdecimal():
            raise ValueError(f"{said!r} is no number of rows; 0 is all")
        self.settings.limit = int(said)

    def _asked(self) -> str:
        if not self._last:
            raise QueryRefused("Nothing was asked yet.")
        return self._last

    def _in_force(self) -> str:
        s = self.settings
        return (
            f"as of {s.as_of or 'the newest session'}, as known {'at ' + s.known_at if s.known_at else 'now'} "
            f"({s.basis}); {s.format}, {s.limit or 'all'} rows\n"
        )


def ended(text: str) -> bool:
    """Whether a question is at its end: the last thing outside quotes and comments is a semicolon."""
    rest = _CLOSED.sub(" ", text)
    return rest.rstrip().endswith(";") and not any(mark in rest for mark in ("'", '"', "/*"))


def _one(words: list[str]) -> str:
    if len(words) != 1:
        raise ValueError("it takes one value")
    return words[0]


def _one_of(words: list[str], known: Iterable[str]) -> str:
    word = _one(words)
    if word not in known:
        raise ValueError(f"{word!r} is none of {', '.join(known)}")
    return word


@contextmanager
def edited(history: Path, completer: Completer, pending: Callable[[], list[str]]) -> Iterator[None]:
    """Line editing with history and the Tab key while in the block; the history file is readable by its owner alone."""
    try:
        import readline
    except ImportError:
        yield
        return
    offers: list[str] = []

    def complete(word: str, state: int) -> str | None:
        if state == 0:
            line = readline.get_line_buffer()[: readline.get_endidx()]
            offers[:] = completer.offers(word, line, "\n".join(pending()))
        return offers[state] if state < len(offers) else None

    readline.set_completer_delims(_DELIMITERS)
    readline.set_completer(complete)
    is_editline = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_editline else "tab: complete")
    readline.set_history_length(_HISTORY_LINES)
    with suppress(OSError):
        readline.read_history_file(str(history))
    try:
        yield
    finally:
        with suppress(OSError):
            history.touch(mode=0o600)
            readline.write_history_file(str(history))
        readline.set_completer(None)
