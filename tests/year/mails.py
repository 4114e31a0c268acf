"""What a mail says, read from its words alone: nothing of the ledger is looked at."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage

from tests.year.script import Key

_DAY = r"(\d{4}-\d\d-\d\d)"
_SAID = {
    "opened": re.compile(rf"^opened with session {_DAY}$"),
    "repeat": re.compile(rf"^still open; a reminder of what opened with session {_DAY}$"),
    "escalated": re.compile(rf"^a warning since session {_DAY}, critical with session {_DAY}$"),
    "cleared": re.compile(rf"^cleared with session {_DAY}; it had opened with session {_DAY}$"),
    "retracted": re.compile(rf"what was mailed for session {_DAY}; that mail does not hold$"),
    "missed": re.compile(rf"^opened with session {_DAY} and cleared with session {_DAY} before a mail could leave$"),
}
_ROW = re.compile(
    rf"^  \S (critical|warning|ok)(?: \((cleared|retracted|missed)\))?  +(\w+) (\w+)  +Measure (\d+) .* {_DAY}$",
    re.MULTILINE,
)
_START = "open when Bullion began to watch"


@dataclass(frozen=True, slots=True)
class Line:
    """One change that a mail tells."""

    key: Key
    what: str
    """opened, repeat, escalated, cleared, retracted, missed; `open` where a long mail says no more than that."""
    opened: date
    closed: date | None = None
    is_critical: bool = False

    @property
    def is_open(self) -> bool:
        return self.what in ("opened", "repeat", "escalated", "open")


def lines(mail: EmailMessage) -> list[Line]:
    """Every change a mail tells. Raises AssertionError where a part of it is not understood or left out."""
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    found = [_line(part) for part in _sections(text)]
    found += [_of_row(row) for row in re.findall(_ROW, text)[len(found) :]]
    told = re.findall(r"(\d+) (?:new|escalated|still open|at start|cleared|retracted|missed)", mail["X-Bullion-Events"])
    assert sum(map(int, told)) == len(found), text
    return found


def _of_row(row: tuple[str, ...]) -> Line:
    """A change of which a long mail has no section, from its row in the overview."""
    state, over, metal, venue, number, day = row
    return Line(
        (f"check_{number}", f"{venue} {metal.lower()}"),
        over or "open",
        date.fromisoformat(day),
        None,
        state == "critical",
    )


def _sections(text: str) -> Iterator[dict[str, str]]:
    """The facts of each part that names its files, lines joined; the heading as `head`."""
    head, facts, name = "", dict[str, str](), ""
    for line, below in zip(text.split("\n"), [*text.split("\n")[1:], ""], strict=True):
        if re.fullmatch(r"=+|-+", below):
            head, facts, name = line, {}, ""
        elif found := re.match(r"(what|since|files) {2,}(.+)", line):
            name = found[1]
            facts[name] = found[2]
        elif name and line.startswith("   "):
            facts[name] += " " + line.strip()
        else:
            name = ""
            if "files" in facts:
                yield {**facts, "head": head}
                facts = {}


def _line(part: dict[str, str]) -> Line:
    _, _, check, *subject = shlex.split(part["files"])
    key, is_critical = (check, " ".join(subject)), " critical:" in part["head"]
    if part["what"].startswith(_START):
        return Line(key, "opened", date.fromisoformat(part["since"][8:18]), None, is_critical)
    for what, pattern in _SAID.items():
        if found := pattern.search(part["what"]):
            days = [date.fromisoformat(day) for day in found.groups()]
            if what == "cleared":
                return Line(key, what, days[1], days[0], is_critical)
            return Line(key, what, days[0], days[1] if what == "missed" else None, is_critical)
    raise AssertionError(part)
