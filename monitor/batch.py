"""One batch, after facts have changed: read the checks, fold, tell the difference, publish once, deliver.

Everything here can be run again from the facts and the ledger: a batch cut short is simply done again.
"""

from __future__ import annotations

import secrets
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from alerts.compose import compose
from alerts.deliver import Summary, deliver
from alerts.ledger import Ledger
from alerts.letters import Letter, message_id
from alerts.story import CheckCard, Story
from monitor import checks, judge, telling
from monitor.checkfile import Check
from monitor.house import House
from monitor.model import Episode, Event, Notice, Reading
from monitor.telling import Change, Difference, Told

EVERY: Final = timedelta(hours=6)
"""How long a home without news goes before its checks are read again."""
PAST: Final = timedelta(days=60)
"""A breach longer ago, as not even a monthly report is, is history; but a new home hears of its state at start."""
HISTORY: Final = 60
"""Readings of a subject that a message may show."""
Key = tuple[str, str]
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
        evaluation = checks.evaluate(house.store, house.checks.values(), checks.Moment(now))
        known = {name: check for name, check in house.checks.items() if name not in evaluation.broken}
        checks.write(house.store, house.checks, evaluation, now)
        differences = self._differences(evaluation.readings, known, now)
        letters = self._letters(differences, evaluation.readings, now)
        changes = tuple(change for difference in differences for change in difference.changes)
        told = self.ledger.record(
            changes, letters, [difference.told for difference in differences], now, silent=_silent(differences)
        )
        self.publish(now)
        self._last = now
        return Turn(changes, told, {**house.broken, **evaluation.broken})

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

    def _differences(self, readings: Iterable[Reading], known: Mapping[str, Check], now: datetime) -> list[Difference]:
        """What each key's readings say beyond what was told; keys without readings are left as they are."""
        told, known_checks, acked = self.ledger.told(), self.ledger.checks_known(), self.ledger.acked()
        found = []
        for key, group in _by_key(readings).items():
            check = known[key[0]]
            folded = judge.fold(group, check.policy, version=check.version)
            is_first = key[0] not in known_checks
            at_start = is_first or (key not in told and _is_old_news(folded))
            past = date.min if is_first else (now - PAST).date()
            difference = telling.difference(
                told.get(key), folded, check.policy, now=now, at_start=at_start, acked=acked.get(key), past=past
            )
            if difference.changes or difference.base != told.get(key):
                found.append(difference)
        return found

    def _letters(self, differences: list[Difference], readings: Iterable[Reading], now: datetime) -> list[Letter]:
        """One letter a recipient for everything this batch has to say."""
        mail = self.house.settings.mail
        changes = [change for difference in differences for change in difference.changes if self._is_mailed(change)]
        if not changes:
            return []
        story = self._story(changes, readings, now)
        return [self._letter(story, changes, recipient, mail.channel) for recipient in mail.recipients]

    def _is_mailed(self, change: Change) -> bool:
        return self.house.checks[change.transition.check].route == "mail"

    def _letter(self, story: Story, changes: list[Change], recipient: str, channel: str) -> Letter:
        keys = [(c.transition.check, c.transition.subject, c.transition.event.value) for c in changes]
        named = message_id(keys, max(change.told.seq for change in changes), recipient, self._host)
        references: dict[str, None] = {}
        for change in changes:
            said = change.transition
            for earlier in self.ledger.outbox.thread(said.check, said.subject, said.opened, recipient):
                references[earlier] = None
        notice = compose(
            replace(story, message_id=named, references=tuple(references)),
            recipient,
            host=self._host,
            base_url=self.house.settings.mail.base_url or None,
            sent_from=self._host,
            channel=channel,
        )
        return Letter(notice, story.transitions)

    def _story(self, changes: list[Change], readings: Iterable[Reading], now: datetime) -> Story:
        spoken = {(change.transition.check, change.transition.subject) for change in changes}
        grouped = {key: group for key, group in _by_key(readings).items() if key in spoken}
        newest = {key: _newest(group) for key, group in grouped.items()}
        return Story(
            transitions=tuple(change.transition for change in changes),
            readings=_spoken(changes, newest),
            cards={name: card(self.house.checks[name], self.house) for name in {key[0] for key in spoken}},
            history={key: tuple((r.session, r.value) for r in group[-HISTORY:]) for key, group in grouped.items()},
            message_id="",
            references=(),
            now=now,
        )


def card(check: Check, house: House) -> CheckCard:
    """The check as a mail shows it, with the pages its inputs come from."""
    tables = set(check.needs)
    links = tuple(
        (f"{source.publisher}: {source.title}", source.page)
        for source in house.sources.values()
        if source.page.startswith("https://") and tables & set(source.tables)
    )
    return CheckCard(
        name=check.name,
        title=check.title,
        why=check.why,
        unit=check.unit,
        direction="above" if check.above_is_bad else "below",
        definition=check.why,
        formula=check.formula,
        references=(),
        sql_name=f"{check.name}.sql",
        source_links=links,
        decimals=check.decimals,
        headline=check.headline,
        policy=check.policy,
    )


def _by_key(readings: Iterable[Reading]) -> dict[Key, list[Reading]]:
    groups: dict[Key, list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[(reading.check, reading.subject)].append(reading)
    for group in groups.values():
        group.sort(key=lambda reading: reading.session)
    return dict(groups)


def _newest(group: list[Reading]) -> Reading:
    return next((r for r in reversed(group) if r.verdict.observed), group[-1])


def _is_old_news(folded: judge.Folded) -> bool:
    """Whether the first thing known of a key is a story opened long ago: files of the past were loaded."""
    return folded.head is not None and folded.observed_after(folded.head.opened) >= telling.RECENT


def _spoken(changes: Iterable[Change], newest: Mapping[Key, Reading]) -> dict[Key, Reading]:
    """The reading a message should show: the newest for news about now, that of the session otherwise."""
    found = {}
    for change in changes:
        key = (change.transition.check, change.transition.subject)
        now = change.transition.event in (Event.FIRING, Event.ESCALATED, Event.REPEAT, Event.AT_START)
        reading = newest.get(key) if now else change.reading or newest.get(key)
        if reading is not None:
            found[key] = reading
    return found


def _silent(differences: Iterable[Difference]) -> list[tuple[Told, Episode]]:
    return [(difference.base, episode) for difference in differences for episode in difference.silent]


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
