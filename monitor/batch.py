"""One batch, after facts have changed: read the checks, fold, tell the difference, publish once, deliver.

Everything here can be run again from the facts and the ledger: a batch cut short is simply done again.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alerts.addressing import Manners
from alerts.deliver import Summary, deliver
from alerts.ledger import Ledger
from monitor import checks
from monitor.house import House
from monitor.model import Notice
from monitor.news import News
from monitor.standing import Standing
from monitor.telling import Change

EVERY: Final = timedelta(hours=6)
"""How long a home without news goes before its checks are read again."""
Send = Callable[[Notice, datetime], str]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one batch said."""

    changes: tuple[Change, ...]
    told: int
    """Letters queued."""
    broken: Mapping[str, str]


class Teller:
    """The right half of the pipeline over one house.

    `channels` by name are handed in by the composition root; None leaves every letter in the outbox.
    """

    def __init__(self, house: House, channels: Mapping[str, Send] | None = None, *, host: str = "") -> None:
        self.house = house
        self.channels = channels
        self.ledger = Ledger(house.folders.ledger)
        self._host = host or socket.gethostname() or "bullion"
        self._last: datetime | None = None
        self._standing: Standing | None = None
        self._jitter = secrets.SystemRandom().random

    def is_due(self, now: datetime) -> bool:
        """Whether the checks should be read though no file came: six hours either way, or a report became stale."""
        if self._last is None or abs(now - self._last) >= EVERY:
            return True
        found = self.house.store.rows(
            "select 1 from due where late_at > ? and late_at <= ? limit 1",
            [self._last.replace(tzinfo=None), now.replace(tzinfo=None)],
        )
        return bool(found)

    def turn(self, now: datetime) -> Turn:
        """Read, fold, tell, publish. Sends nothing; see `deliver`."""
        house = self.house
        house.write_asks()
        house.count_proven(now)
        evaluation, fresh = self._standing_of(house).at(now)
        checks.write(house.store, house.checks, fresh, now)
        changes, _, told = self._news().tell(evaluation.readings, now)
        self.publish(now)
        self._last = now
        return Turn(changes, told, {**house.broken, **evaluation.broken})

    def _standing_of(self, house: House) -> Standing:
        """What the checks said last; of nothing, where the store was rebuilt since."""
        if self._standing is None or self._standing.store is not house.store:
            self._standing = Standing(house.store, house.checks)
        return self._standing

    def _news(self) -> News:
        house = self.house
        mail = house.settings.mail
        manners = Manners(timedelta(minutes=mail.group_minutes), mail.a_day, mail.critical_a_day, mail.overflow_at)
        return News(self.ledger, house.checks, house.sources, mail, self._host, manners)

    def publish(self, now: datetime) -> None:
        """The ledger's public part into the store, then one generation."""
        self.house.store.replace("alerts", _alerts(self.ledger))
        self.house.store.replace("deliveries", _deliveries(self.ledger))
        self.house.publish(now)

    def deliver(self, now: datetime) -> Summary:
        """Send what the outbox holds and is due."""
        if self.channels is None:
            return Summary()
        return deliver(self.ledger.outbox, self.channels, now, jitter=self._jitter)

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


_MOMENT = pl.Datetime("us")


def _alerts(ledger: Ledger) -> pl.DataFrame:
    return pl.DataFrame(
        ledger.alert_rows(),
        schema={
            "check_name": pl.String, "subject": pl.String, "state": pl.String, "severity": pl.String,
            "opened": pl.Date, "closed": pl.Date, "told_at": _MOMENT, "events": pl.String,
        },
    )  # fmt: skip


def _deliveries(ledger: Ledger) -> pl.DataFrame:
    return pl.DataFrame(
        ledger.outbox.delivery_rows(),
        schema={
            "message_id": pl.String, "channel": pl.String, "events": pl.String, "state": pl.String,
            "attempts": pl.Int32, "queued_at": _MOMENT, "next_at": _MOMENT, "sent_at": _MOMENT,
            "stage": pl.String, "error": pl.String,
        },
    )  # fmt: skip
