"""One batch, after facts have changed: read the checks, fold, tell the difference, publish once, deliver.

Everything here can be run again from the facts and the ledger: a batch cut short is simply done again.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from alerts.addressing import Manners
from alerts.deliver import Summary, deliver
from alerts.ledger import Ledger
from alerts.outbox_reads import GivenUp
from monitor import checktables, gates, lineage, selfwatch
from monitor.house import House
from monitor.model import Notice, Reading, Verdict
from monitor.news import News
from monitor.selfwatch import Condition, Incident
from monitor.standing import Standing
from monitor.telling import Change

EVERY: Final = timedelta(hours=6)
"""How long a home without news goes before its checks are read again."""
LATE: Final = timedelta(minutes=30)
"""How much later than that they may be read without anything being wrong."""
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
        self.host = host or socket.gethostname() or "bullion"
        self._last: datetime | None = None
        self._seen: datetime | None = None
        self._awake: datetime | None = None
        """Since when rounds follow one another: a machine that slept owes no reading of the time it slept."""
        self._standing: Standing | None = None
        self._disk: tuple[Condition, ...] = ()
        self._failures: dict[str, int] = {}
        self._broken: dict[str, str] = {}
        self._sources: dict[str, frozenset[str]] = {}
        """Of each check that cannot be read, whose reports it stands on."""
        self._unread: dict[str, str] = {}
        self._unread_since: dict[str, datetime] = {}
        self._overdue: dict[str, Reading] = {}
        self._recovered = ""
        self._marks: list[tuple[str, str, date, Verdict]] | None = None
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
        checktables.write(house.store, house.checks, fresh, now)
        self._count_failures(evaluation.broken)
        lately = set(self._unread)
        self._look_at_reports(now)
        self._overdue = selfwatch.overdue(evaluation.readings)
        self._last = now
        speaker = replace(self._news(), holds=self._retold(lately, now))
        changes, _, told = speaker.tell([*evaluation.readings, *self._own(now)], now)
        self.publish(now)
        return Turn(changes, told, {**house.broken, **evaluation.broken})

    def _retold(self, lately: set[str], now: datetime) -> gates.Holds:
        """What would tell of a report that cannot be read once more; `lately` is of which the batch before said so."""
        told = self.ledger.told()
        silenced = gates.silenced(self.ledger.silences(now))
        drifted = {state.subject for state in told.values() if state.opened and state.check == "schema_drift"}
        heard = selfwatch.heard_of(self._unread, told, silenced, now.date())
        return gates.retold("schema_drift", heard, lately | drifted)

    def _standing_of(self, house: House) -> Standing:
        """What the checks said last; of nothing, where the store was rebuilt since."""
        if self._standing is None or self._standing.store is not house.store:
            self._standing = Standing(house.store, house.checks)
        return self._standing

    def _news(self) -> News:
        house = self.house
        mail = house.settings.mail
        manners = Manners(timedelta(minutes=mail.group_minutes), mail.a_day, mail.critical_a_day, mail.overflow_at)
        known = {**house.checks, **selfwatch.CHECKS}
        return News(self.ledger, known, house.sources, mail, self.host, house.store.cursor, manners)

    # --- about the monitor itself ----------------------------------------------------------

    def watch(self, now: datetime, disk: Sequence[Condition] = ()) -> Turn:
        """Tell what changed of the monitor itself since it was last told; needs the ledger alone, not the database."""
        self._disk = tuple(disk)
        own = self._own(now)
        marks = [(r.check, r.subject, r.session, r.verdict) for r in own]
        if marks == self._marks:
            return Turn((), 0, {})
        changes, _, told = self._news().tell(own, now)
        self._marks = marks
        return Turn(changes, told, {})

    def is_well(self, now: datetime) -> bool:
        """Whether the checks were read lately, some of them at least, and all that was due has left to somebody."""
        if self._last is None or abs(now - self._last) > EVERY + LATE or len(self._broken) >= len(self.house.checks):
            return False
        if any(due <= now for due in self.ledger.outbox.due_since().values()):
            return False
        places = self.house.settings.mail.places
        return not places or len(self._given_up()) < len(places)

    def note(self, kind: str, subject: str, note: str, now: datetime) -> None:
        """Something that happened to the monitor once; a kind of `selfwatch.INCIDENTS`."""
        self.ledger.note(kind, subject, note, now)

    def _own(self, now: datetime) -> list[Reading]:
        """Readings of the monitor itself."""
        if self.house.recovered and self.house.recovered != self._recovered:
            self._recovered = self.house.recovered
            self.note("store_recovered", "database", self.house.recovered, now)
        outbox, told = self.ledger.outbox, self.ledger.told()
        broken = {**self.house.broken, **self._broken}
        causes = selfwatch.muting(told.values())
        muted = {name for name, sources in self._sources.items() if causes & sources}
        conditions = [
            *(selfwatch.not_read_yet(told.values()) if self._last is None else ()),
            *selfwatch.rule_errors(broken, self._failures, muted),
            *selfwatch.drifts(self._unread, self._unread_since, self._overdue, now),
            *selfwatch.evaluator(self._owed_since(now), EVERY + LATE, now),
            *(selfwatch.stuck(outbox.due_since(), now) if self.channels is not None else ()),
            *selfwatch.dead_letters(self._given_up(), now),
            *self._disk,
        ]
        incidents = [Incident(*noted) for noted in self.ledger.incidents()]
        return selfwatch.readings(conditions, incidents, self.ledger.every_silence(), told.values(), now)

    def _owed_since(self, now: datetime) -> datetime:
        """When the checks were last read, or, where that is later, since when anybody was there to read them."""
        if self._awake is None or self._seen is None or abs(now - self._seen) > LATE:
            self._awake = now
        self._seen = now
        return max(self._last or self._awake, self._awake)

    def _given_up(self) -> list[GivenUp]:
        outbox, places = self.ledger.outbox, self.house.settings.mail.places
        found = [(name, outbox.given_up(parts[0].recipient, parts[0].way)) for name, parts in places.items()]
        return [replace(letter, subject=name) for name, letter in found if letter]

    def _count_failures(self, broken: Mapping[str, str]) -> None:
        """How often in a row each check could not be read; a file that cannot be read is broken at once."""
        self._failures = {name: self._failures.get(name, 0) + 1 for name in broken}
        self._broken = dict(broken)
        with self.house.store.cursor() as cur:
            self._sources = lineage.sources(cur, self.house.checks, broken, self.house.sources.values())

    def _look_at_reports(self, now: datetime) -> None:
        """Whose newest report, of any product, could not be read, and since when that is known here."""
        found: dict[str, str] = {}
        for source, name, reason in self.house.store.rows("select source, name, reason from unread_reports"):
            found.setdefault(source, f"{name}: {reason}")
        self._unread = found
        self._unread_since = {source: self._unread_since.get(source, now) for source in found}

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
