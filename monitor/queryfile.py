"""Questions kept in files: a TOML header in `-- ` lines over one select, and the values a person gives its `$names`.

-- title = "Cover of one delivery month, session by session"
-- parameters.contract = { type = "text", default = "SIH26", about = "contract, e.g. SIH26" }

A file without a header is a question too; its values are then read as what they look like.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from monitor import sqlfiles
from monitor.clock import parse_moment
from monitor.errors import QueryRefused

Value = str | int | float | bool | date | datetime | None
TYPES: Final = ("text", "date", "month", "moment", "integer", "number")
_KNOWN: Final = {"title", "about", "parameters"}
_USED: Final = re.compile(r"\$([A-Za-z_]\w*)")
_HIDDEN: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_SHORTEST: Final = "name=value, e.g. contract=SIH26"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `$name`: a member of TYPES, the text of its default (None: it must be given), what it is."""

    name: str
    type: str
    default: str | None
    about: str


@dataclass(frozen=True, slots=True)
class Question:
    """One select with its title and parameters."""

    name: str
    title: str
    about: str
    parameters: tuple[Parameter, ...]
    sql: str
    declared: Mapping[str, Parameter] = field(repr=False, default_factory=dict)

    def values(self, given: Iterable[str]) -> dict[str, Value]:
        """Values of the `$names` from texts like `contract=SIH26`, defaults filled in.

        Raises QueryRefused for a text of another form, a name the question has not, a value that is none of its type,
        and a parameter that has no default and was not given.
        """
        texts = dict(_pair(text) for text in given)
        if strange := sorted(texts.keys() - self.declared.keys()):
            known = ", ".join(self.declared) or "none"
            raise QueryRefused(f"{self.name} has no parameter {strange[0]}; it has {known}.")
        merged = {p.name: texts.get(p.name, p.default) for p in self.parameters}
        if missing := [name for name, text in merged.items() if text is None]:
            raise QueryRefused(f"{self.name} needs a value for {missing[0]}: give {missing[0]}=VALUE.")
        return {name: _read(self.declared[name], str(text)) for name, text in merged.items()}


def saved() -> dict[str, Question]:
    """The questions of sql/queries, by name. Raises QueryRefused for a file that breaks the form."""
    return {path.stem: read(path) for path in sqlfiles.folder("queries")}


def read(path: Path) -> Question:
    """A question from a file. Raises QueryRefused where there is none or it is not UTF-8."""
    try:
        return parsed(path.stem, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise QueryRefused(f"{path} cannot be read: {error}") from error


def parsed(name: str, text: str) -> Question:
    """A question from its text, with or without a header. Raises QueryRefused for a header that says something odd."""
    head, sql = _split(text)
    if strange := sorted(head.keys() - _KNOWN):
        raise QueryRefused(f"{name}: the header has {strange[0]!r}; it may have {', '.join(sorted(_KNOWN))}.")
    declared = {key: _parameter(name, key, said) for key, said in head.get("parameters", {}).items()}
    used = dict.fromkeys(_USED.findall(_HIDDEN.sub(" ", sql)))
    if head and used.keys() != declared.keys():
        odd = min(used.keys() ^ declared.keys())
        raise QueryRefused(f"{name}: ${odd} is {'used and not declared' if odd in used else 'declared and not used'}.")
    every = declared or {key: Parameter(key, "", None, "") for key in used}
    return Question(name, head.get("title", ""), head.get("about", ""), tuple(every.values()), sql, every)


def _split(text: str) -> tuple[dict[str, Any], str]:
    """(header, statement); comments that are no TOML with a title belong to the statement."""
    lines = text.splitlines()
    end = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    try:
        head = tomllib.loads("\n".join(line[2:].removeprefix(" ") for line in lines[:end]))
    except tomllib.TOMLDecodeError:
        head = {}
    return (head, "\n".join(lines[end:]).strip()) if "title" in head else ({}, text)


def _parameter(name: str, key: str, said: Any) -> Parameter:
    if not isinstance(said, dict) or said.get("type") not in TYPES or said.keys() - {"type", "default", "about"}:
        raise QueryRefused(f"{name}: parameter {key} needs a type ({', '.join(TYPES)}) and may have default and about.")
    found = Parameter(key, said["type"], None if "default" not in said else str(said["default"]), said.get("about", ""))
    if found.default is not None:
        _read(found, found.default)
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name.strip()):
        raise QueryRefused(f"{text!r} is no {_SHORTEST}.")
    return name.strip(), value.strip()


def _read(parameter: Parameter, text: str) -> Value:
    """The value of a text; `null` is NULL whatever the type."""
    if text.lower() == "null":
        return None
    try:
        return _READERS[parameter.type](text)
    except ValueError as error:
        raise QueryRefused(f"{parameter.name} is {text!r}, which is no {parameter.type}.") from error


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01" if len(text) == len("2026-03") else text).replace(day=1)


def looks(text: str) -> Value:
    """What a bare text stands for: `'quoted'` text, true, false, a number, a date, a moment; else it is text."""
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+|\d+)(e[+-]?\d+)?", text, re.ASCII | re.IGNORECASE):
        return float(text)
    for form, reader in ((r"\d{4}-\d\d-\d\d", date.fromisoformat), (r"\d{4}-\d\d-\d\d[T ].*", parse_moment)):
        if re.fullmatch(form, text):
            return reader(text)
    return text


_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    "": looks,
    "text": str,
    "date": date.fromisoformat,
    "month": _month,
    "moment": parse_moment,
    "integer": int,
    "number": float,
}
