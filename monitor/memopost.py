"""The memo of a day, sent once: after the day's last report is due, on Fridays told against the week before.

The ledger remembers which day's memo is queued, in one transaction with its letters, so that it leaves once whenever
the process dies. What a day's limit held back from a recipient is told in his memo: in that same transaction its rows
give way to the letter. After a stop of days only the newest is written; it is told against the last one that was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import duckdb

from alerts import digest, heldback
from alerts.addressing import MEMO
from alerts.ledger import Ledger
from alerts.letters import Letter, message_id
from alerts.memo import Kind, Memo
from monitor import memos
from monitor.checks import Moment
from monitor.clock import aware, naive
from monitor.errors import BullionError
from monitor.house import House

PATIENCE: Final = timedelta(hours=1)
"""How long after the last report is due it may still come, or be saved by a person."""
AGAIN: Final = timedelta(minutes=15)
"""How long a memo that could not be written is left alone."""
TOO_LATE: Final = timedelta(hours=20)
"""A home that never wrote one does not begin with a memo that was due longer ago."""
_FRIDAY: Final = 4
_BACK_DAYS: Final = 10
"""How far back the newest memo that is due is sought: over any weekend and most holidays."""
_LAST_DUE: Final = """
    select max(d.due_at) from due d
    where d.due_at >= ? and d.due_at < ? and d.source in (select source from source_sessions)
"""


class MemoPost:
    """Writes the memos of one house into its ledger."""

    def __init__(self, house: House, ledger: Ledger, host: str) -> None:
        self._house = house
        self._ledger = ledger
        self._host = host
        self._failed: datetime | None = None

    def round(self, now: datetime) -> int:
        """Write the memo that is due and was not written; how many letters were queued.

        Raises BullionError where it cannot be written; it is tried again a quarter of an hour later.
        """
        found = self._due(now)
        if found is None or (self._failed and now - self._failed < AGAIN):
            return 0
        day, kind = found
        self._failed = now
        try:
            memo = self._memo(day, kind, now)
            letters = [self._letter(memo, recipient, now) for recipient in self._house.settings.mail.recipients]
        except duckdb.Error:
            raise
        except Exception as error:
            raise BullionError(f"the memo of {day} could not be written: {type(error).__name__}: {error}") from error
        queued = self._ledger.memo(day, kind, letters, now)
        self._failed = None
        return queued

    def _due(self, now: datetime) -> tuple[date, Kind] | None:
        """The newest day whose memo is due and not in the ledger; None where there is none."""
        wanted = self._house.settings.mail.memo
        if wanted == "off" or not self._house.settings.mail.recipients:
            return None
        written = {day for day, _, _ in self._ledger.memos()}
        for day in (now.date() - timedelta(days=back) for back in range(_BACK_DAYS)):
            kind: Kind = "weekly" if day.weekday() == _FRIDAY else "daily"
            at = None if day.weekday() > _FRIDAY or (wanted, kind) == ("weekly", "daily") else hour(self._last_due, day)
            if at is not None and at <= now:
                is_late = not written and now - at >= TOO_LATE
                return None if is_late or (written and max(written) >= day) else (day, kind)
        return None

    def _last_due(self, start: datetime, end: datetime) -> datetime | None:
        ((moment,),) = self._house.store.rows(_LAST_DUE, [naive(start), naive(end)])
        return None if moment is None else aware(moment)

    def _memo(self, day: date, kind: Kind, now: datetime) -> Memo:
        """As known now, against what this home held at the last memo of the kind."""
        house = self._house
        told = [at for _, other, at in self._ledger.memos() if kind in ("daily", other)]
        last = told[0] if told and told[0] < now else memos.before(now, kind)
        return memos.gather(
            house.store, house.checks, Moment(now, as_of=day), Moment(last, "loaded"), kind=kind,
            desk=memos.Desk.of(self._ledger, now), troubles=house.broken.values(),
        )  # fmt: skip

    def _letter(self, memo: Memo, recipient: str, now: datetime) -> Letter:
        """The memo with what the day's limit held back from this recipient, whose rows it replaces."""
        mail = self._house.settings.mail
        named = message_id([("memo", memo.day.isoformat(), memo.kind)], recipient, self._host)
        held = heldback.waiting(
            self._ledger.outbox, recipient, mail.channel, now, base_url=mail.base_url, explained=self._house.checks
        )
        notice = digest.notice(
            replace(memo, held=held.changes, held_since=held.since), recipient, message_id=named, host=self._host,
            sent_from=self._host, channel=mail.channel, references=held.references,
        )  # fmt: skip
        notice = replace(notice, events=held.events)
        return Letter(notice, held.transitions, held.rows, kind=MEMO, waiting_since=held.since)


def hour(last_due: Callable[[datetime, datetime], datetime | None], day: date) -> datetime | None:
    """When the memo of a day leaves; None for a day on which no report of a source in use is due."""
    start = datetime.combine(day, time(), UTC)
    last = last_due(start, start + timedelta(days=1))
    return None if last is None else last + PATIENCE
