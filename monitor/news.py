"""What readings say beyond what people were told, put into a ledger with its letters.

The daemon's batches and a backtest speak through this alone, so a replayed mail is the mail that would have left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from alerts.compose import compose
from alerts.ledger import Ledger
from alerts.letters import Letter, message_id
from alerts.story import CheckCard, Story
from monitor import judge, mailstory, telling
from monitor.checkfile import Check
from monitor.config import Mail
from monitor.mailstory import Look
from monitor.model import Episode, Event, Reading, Source
from monitor.telling import Change, Difference, Told

PAST: Final = timedelta(days=60)
"""A breach longer ago, as not even a monthly report is, is history; but a new home hears of its state at start."""
HISTORY: Final = 60
"""Readings of a subject that a message may show."""
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class News:
    """Who speaks: a ledger, the checks it speaks of, and to whom."""

    ledger: Ledger
    checks: Mapping[str, Check]
    sources: Mapping[str, Source]
    mail: Mail
    host: str
    look: Look | None = None
    """Opens a cursor on where the readings come from, for the events that are marked and lie ahead."""

    def tell(self, readings: Iterable[Reading], now: datetime) -> tuple[tuple[Change, ...], list[Letter], int]:
        """Record the difference with its letters, one a recipient: (changes, letters, how many were queued)."""
        grouped = by_key(readings)
        differences = self._differences(grouped, now)
        changes = tuple(change for difference in differences for change in difference.changes)
        letters = self._letters(changes, grouped, now)
        told = self.ledger.record(
            changes, letters, [difference.told for difference in differences], now, silent=_silent(differences)
        )
        return changes, letters, told

    def differences(self, readings: Iterable[Reading], now: datetime) -> list[Difference]:
        """What `tell` would record, recording nothing."""
        return self._differences(by_key(readings), now)

    def _differences(self, grouped: Mapping[Key, list[Reading]], now: datetime) -> list[Difference]:
        """What each key's readings say beyond what was told; keys without readings are left as they are."""
        told, known_checks, acked = self.ledger.told(), self.ledger.checks_known(), self.ledger.acked()
        found = []
        for key, group in grouped.items():
            check = self.checks[key[0]]
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

    def _letters(self, changes: Iterable[Change], grouped: Mapping[Key, list[Reading]], now: datetime) -> list[Letter]:
        """One letter a recipient for everything this batch has to say."""
        mailed = [change for change in changes if self.checks[change.transition.check].route == "mail"]
        if not mailed:
            return []
        story = self._story(mailed, grouped, now)
        return [self._letter(story, mailed, recipient) for recipient in self.mail.recipients]

    def _letter(self, story: Story, changes: list[Change], recipient: str) -> Letter:
        keys = [(c.transition.check, c.transition.subject, c.transition.event.value) for c in changes]
        named = message_id(keys, max(change.told.seq for change in changes), recipient, self.host)
        references: dict[str, None] = {}
        for change in changes:
            said = change.transition
            for earlier in self.ledger.outbox.thread(said.check, said.subject, said.opened, recipient):
                references[earlier] = None
        notice = compose(
            replace(story, message_id=named, references=tuple(references)),
            recipient,
            host=self.host,
            base_url=self.mail.base_url or None,
            sent_from=self.host,
            channel=self.mail.channel,
        )
        return Letter(notice, story.transitions)

    def _story(self, changes: list[Change], grouped: Mapping[Key, list[Reading]], now: datetime) -> Story:
        spoken = {(change.transition.check, change.transition.subject) for change in changes}
        groups = {key: group for key, group in grouped.items() if key in spoken}
        newest = {key: _newest(group) for key, group in groups.items()}
        transitions = tuple(change.transition for change in changes)
        readings = _spoken(changes, newest)
        cards = {name: card(self.checks[name], self.sources) for name in {key[0] for key in spoken}}
        beside = mailstory.beside(transitions, readings, grouped, self.checks, cards, self.look, now)
        return Story(
            transitions=transitions,
            readings=readings,
            cards=cards,
            pictures=beside.pictures,
            numbers=beside.numbers,
            ahead=beside.ahead,
            related=beside.related,
            history={key: tuple((r.session, r.value) for r in group[-HISTORY:]) for key, group in groups.items()},
            message_id="",
            references=(),
            now=now,
        )


def card(check: Check, sources: Mapping[str, Source]) -> CheckCard:
    """The check as a mail shows it, with the pages its inputs come from."""
    tables = set(check.needs)
    links = tuple(
        (f"{source.publisher}: {source.title}", source.page)
        for source in sources.values()
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


def by_key(readings: Iterable[Reading]) -> dict[Key, list[Reading]]:
    """Readings of each (check, subject), in session order."""
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
