"""What became of one damaged file, told by comparing its rows with those of the sound one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.schema import TABLES

Known = dict[tuple[Any, ...], Mapping[str, Any]]
"""(table, key...) -> row."""
_WHEN: Final = ("published_at", "published_assumed")
_WEAKER: Final = {"status": ("preliminary",), "spot_kind": ("derived",)}
"""What a figure is called where the file no longer says better."""


class Outcome(StrEnum):
    """What a file came to."""

    SAME = "same"
    """Every row as in the sound file."""
    REFUSED = "refused"
    """A named error; nothing is stored."""
    LESS = "less"
    """Some rows or figures are missing, and none differs."""
    NOTED = "noted"
    """A figure differs, and a note or a reject says that something is odd."""
    WRONG = "wrong"
    """A figure, a date or a name differs, and nothing says so."""


def rows_of(batch: Batch) -> Known:
    """The rows of a batch by table and key, after the schema's own checks."""
    return {
        (name, *(row[key] for key in TABLES[name].key)): row
        for name, frame in validate.checked(batch.frames).items()
        for row in frame.rows(named=True)
    }


def remarks(batch: Batch) -> set[tuple[str, str]]:
    """What a batch says beside its rows."""
    return {(note.kind, note.text) for note in batch.notes} | {("reject", reject.message) for reject in batch.rejects}


def outcome(
    parse: Callable[[Answer], Batch], answer: Answer, sound: Known, said: set[tuple[str, str]]
) -> tuple[Outcome, Batch | None]:
    """What the bytes came to, and their batch where there is one. Errors other than the four named ones pass.

    `sound` and `said` are the rows and the remarks of the sound file.
    """
    try:
        batch = parse(answer)
        found = rows_of(batch)
    except (NotPublished, Blocked, Unreadable, Implausible):
        return Outcome.REFUSED, None
    if not all(key in sound and _agrees(row, sound[key]) for key, row in found.items()):
        return (Outcome.NOTED if remarks(batch) - said else Outcome.WRONG), batch
    whole = found.keys() == sound.keys() and all(_equal(row, sound[key]) for key, row in found.items())
    return (Outcome.SAME if whole else Outcome.LESS), batch


def _equal(row: Mapping[str, Any], sound: Mapping[str, Any]) -> bool:
    return all(row[name] == value for name, value in sound.items() if name not in _WHEN)


def _agrees(row: Mapping[str, Any], sound: Mapping[str, Any]) -> bool:
    """No figure differs; one that is missing is unknown. An hour that is assumed says so, and is no claim."""
    late = row["published_assumed"] or row["published_at"] == sound["published_at"]
    weaker = {name for name, claim in _WEAKER.items() if row.get(name) in claim}
    names = set(sound) - set(_WHEN) - weaker - {"adjusted_as_of"}
    return late and all(row[name] is None or row[name] == sound[name] for name in names)
