"""What one round of the daemon did, and how a part of it fails without ending the others."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import duckdb

from monitor.collect import Outcome
from monitor.errors import BullionError

UNUSABLE: Final = (duckdb.FatalException, duckdb.InternalException, duckdb.ConnectionException)
"""After these the open database answers nothing more: the process has to start anew."""
TROUBLE: Final = (BullionError, OSError, sqlite3.Error, duckdb.Error)
"""What disk, database, files and mail may refuse, as against a fault of the program."""


@dataclass(slots=True)
class Round:
    """What one step did."""

    outcomes: list[Outcome] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    """How questions ended: answered, unchanged, not_published, blocked, unreachable."""
    told: int = 0
    """Letters queued."""
    sent: int = 0
    dead: list[str] = field(default_factory=list)
    """Letters given up, and why."""
    stuck: list[str] = field(default_factory=list)
    """Files of the inbox that cannot be moved out of it, watched folders that are not there; the round is whole all
    the same."""
    troubles: list[str] = field(default_factory=list)
    """What could not be done, and is tried again: no room on the disk, a ledger that is locked."""

    @property
    def changed(self) -> bool:
        """Whether the checks may read otherwise than before."""
        return any(outcome.status in ("loaded", "refused") for outcome in self.outcomes) or bool(self.asked["blocked"])

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """One part of a round: trouble in it is named, and the other parts go on. Raises UNUSABLE and faults."""
        try:
            yield
        except UNUSABLE:
            raise
        except TROUBLE as error:
            self.troubles.append(f"{name}: {in_words(error)}")


def in_words(error: Exception) -> str:
    """One line, without the file names that differ each time."""
    said = str(error.strerror or error) if isinstance(error, OSError) else str(error)
    first = (said.splitlines() or [""])[0]
    return first if isinstance(error, BullionError) else f"{type(error).__name__}: {first}"
