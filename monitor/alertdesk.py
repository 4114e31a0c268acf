"""The desk of alerts that a page works at: the ledger, as `bullion alerts` uses it.

Acknowledgements and silences go straight to the ledger, whether a daemon runs or not, and the daemon heeds them with
its next batch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from alerts import listing
from alerts.ledger import Ledger

Row = dict[str, Any]
Found = TypeVar("Found")


class AlertDesk:
    """The ledger that `opened` answers, kept open; None before anything was told: nothing is open then.

    Shared by threads, as the ledger is. `close` closes it, where it is the desk's own.
    """

    def __init__(self, opened: Callable[[], Ledger | None]) -> None:
        self._opened = opened
        self._ledger: Ledger | None = None
        self._lock = threading.Lock()

    def open_alerts(self, now: datetime) -> list[Row]:
        """Every story told open, worst and oldest first; see `listing.open_alerts`."""
        return self._asked(lambda ledger: listing.open_alerts(ledger, now), [])

    def silences(self, now: datetime) -> list[Row]:
        """Silences in force or still to come; see `listing.silences`."""
        return self._asked(lambda ledger: listing.silences(ledger, now), [])

    def story(self, check: str, subject: str) -> Row | None:
        """Everything told of one key; None where nothing ever was."""
        return self._asked(lambda ledger: listing.one_story(ledger, check, subject), None)

    def history(self) -> list[Row]:
        """Everything told, oldest first; see `told_state.events`."""
        return self._asked(lambda ledger: ledger.told_events(), [])

    def letters(self) -> list[Row]:
        """Every message, the newest first; see `listing.letters`."""
        return self._asked(listing.letters, [])

    def letter(self, number: int) -> Row | None:
        """One message as it was queued; see `listing.letter`."""
        return self._asked(lambda ledger: listing.letter(ledger, number), None)

    def ack(self, check: str, subject: str, author: str, now: datetime) -> None:
        """Acknowledge an open alert; LookupError where none of that name is open."""
        ledger = self._open()
        told = ledger.told().get((check, subject)) if ledger else None
        if ledger is None or told is None or told.opened is None:
            raise LookupError(f"no alert of {check} is open for {subject}")
        ledger.ack(check, subject, told.opened, author, now)

    def silence(self, matcher: Mapping[str, str], author: str, reason: str, ends: datetime, now: datetime) -> int:
        """Start a silence and answer its number; ValueError for one that says too little or lasts too long."""
        ledger = self._open()
        if ledger is None:
            raise ValueError("nothing was ever told here, so there is nothing to silence")
        return ledger.silence(matcher, author, reason, now, ends, now)

    def unsilence(self, number: int, author: str, now: datetime) -> None:
        """End a silence now; LookupError where none of that number is in force or to come."""
        ledger = self._open()
        if ledger is None:
            raise LookupError(f"there is no silence {number}")
        ledger.unsilence(number, author, now)

    def close(self) -> None:
        """Close the ledger that was opened."""
        with self._lock:
            if self._ledger is not None:
                self._ledger.close()
                self._ledger = None

    def _asked(self, question: Callable[[Ledger], Found], nothing: Found) -> Found:
        ledger = self._open()
        return nothing if ledger is None else question(ledger)

    def _open(self) -> Ledger | None:
        with self._lock:
            if self._ledger is None:
                self._ledger = self._opened()
            return self._ledger
