"""What readings say beyond what people were told, put into a ledger with its letters.

The daemon's batches and a backtest speak through this alone, so a replayed mail is the mail that would have left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from alerts import addressing
from alerts.addressing import Draft, Manners
from alerts.compose import compose, opening
from alerts.ledger import Ledger
from alerts.letters import Letter, message_id
from alerts.story import CheckCard, Story
from alerts.textual import moment
from monitor import gates, judge, mailstory, selfwatch, telling
from monitor.checkfile import Check
from monitor.config import Mail, To
from monitor.mailstory import Look
from monitor.model import Episode, Event, Reading, Source, Transition
from monitor.telling import Change, Difference, Told

PAST: Final = timedelta(days=60)
"""A breach longer ago, as not even a monthly report is, is history; but a new home hears of its state at start."""
HISTORY: Final = 60
"""Readings of a subject that a message may show."""
Key = tuple[str, str]
Grouped = Mapping[Key, list[Reading]]
"""Readings by (check, subject), each list in session order."""
Addressed = tuple[To, Draft]
_OF_NOW: Final = (Event.FIRING, Event.ESCALATED, Event.REPEAT, Event.AT_START)


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
    manners: Manners | None = None
    """How few messages a recipient gets; None: one a batch, at once."""
    holds: gates.Holds = lambda _said: False
    """What is not told for now, beside what is silenced."""
    draws: bool = True
    """Whether letters have pictures."""

    def tell(self, readings: Iterable[Reading], now: datetime) -> tuple[tuple[Change, ...], list[Letter], int]:
        """Record the difference with its letters, one a recipient: (changes, letters, how many were queued)."""
        grouped = by_key(readings)
        return self.speak(grouped, self.differences(grouped, now), now)

    def speak(
        self, grouped: Grouped, differences: Sequence[Difference], now: datetime
    ) -> tuple[tuple[Change, ...], list[Letter], int]:
        """Record these differences, which the readings have from what was told, as `tell` does."""
        changes = tuple(change for difference in differences for change in difference.changes)
        drafts = self._drafts(changes, grouped, now)
        letters = [self._letter(draft, place, changes, grouped, now) for place, draft in drafts if draft.transitions]
        told = self.ledger.record(
            changes,
            letters,
            [difference.told for difference in differences],
            now,
            silent=_silent(differences),
            withdrawn=[row for _, draft in drafts if not draft.transitions for row in draft.replaces],
        )
        return changes, letters, told

    def differences(self, grouped: Grouped, now: datetime) -> list[Difference]:
        """What each key's readings say beyond what was told; keys without readings are left as they are."""
        told, known_checks, acked = self.ledger.told(), self.ledger.checks_known(), self.ledger.acked()
        silenced = gates.silenced(self.ledger.silences(now))
        versions = {name: check.version for name, check in self.checks.items()}
        found = []
        for key, group in grouped.items():
            check = self.checks[key[0]]
            folded = judge.fold(group, check.policy, version=versions[key[0]])
            is_first = bool(check.sql) and key[0] not in known_checks
            at_start = is_first or (key not in told and _is_old_news(folded))
            past = date.min if is_first else (now - PAST).date()
            difference = telling.difference(
                told.get(key), folded, check.policy, now=now, at_start=at_start, acked=acked.get(key), past=past
            )
            difference = gates.passed(difference, lambda said: silenced(said) or self.holds(said))
            if difference.changes or difference.base != told.get(key):
                found.append(difference)
        return found

    def _drafts(self, changes: Iterable[Change], grouped: Grouped, now: datetime) -> list[Addressed]:
        """What this batch has to say to each recipient it has anything to say to."""
        mailed = [c.transition for c in changes if self._is_mailed(c.transition)]
        outbox, found = self.ledger.outbox, []
        for name, places in self.mail.places.items():
            place = places[0]
            mine = [one for one in mailed if not selfwatch.is_about(one, place.way, name)]
            said = addressing.wanted(places, mine, outbox)
            if said and self.manners:
                found.append((place, addressing.draft(place, said, outbox, self.manners, now, grouped.keys())))
            elif said:
                found.append((place, addressing.Draft(tuple(said))))
        return found

    def _is_mailed(self, said: Transition) -> bool:
        route = self.checks[said.check].route
        return route == "mail" or (route == "opening" and said.event not in (Event.RECOVERED, Event.RETRACTED))

    def _letter(self, draft: Draft, place: To, changes: Iterable[Change], grouped: Grouped, now: datetime) -> Letter:
        said, outbox = draft.transitions, self.ledger.outbox
        parts = [(t.check, t.subject, t.event.value) for t in said]
        parts += [(*change.told.key, str(change.told.seq)) for change in changes]
        references: dict[str, None] = {}
        for one in said:
            references |= dict.fromkeys(
                outbox.thread(one.check, one.subject, one.opened, place.recipient, draft.replaces)
            )
        since = draft.waiting_since
        story = replace(
            self._story(said, grouped, now),
            message_id=message_id(parts, place.recipient, self.host),
            references=tuple(references),
            notes=_notes(draft),
        )
        notice = compose(
            story,
            place.recipient,
            host=self.host,
            base_url=self.mail.base_url or None,
            sent_from=self.host,
            channel=place.way,
        )
        notice = replace(notice, events=tuple(self._event(one, story, grouped) for one in said))
        return Letter(notice, said, draft.replaces, draft.not_before, draft.kind, since, draft.overdue_since)

    def _event(self, said: Transition, story: Story, grouped: Grouped) -> dict[str, str | float | None]:
        """One change for a program, with the value a reader sees beside it and the words a mail of it opens with."""
        readings = _spoken([said], grouped)
        reading = readings.get((said.check, said.subject))
        plain = {name: None if cell is None else str(cell) for name, cell in asdict(said).items()}
        words = opening(replace(story, transitions=(said,), readings=readings))
        return {
            **plain,
            "value": reading.value if reading else None,
            "unit": self.checks[said.check].unit,
            "words": words,
        }

    def _story(self, said: tuple[Transition, ...], grouped: Grouped, now: datetime) -> Story:
        groups = {key: grouped[key] for key in dict.fromkeys((t.check, t.subject) for t in said) if key in grouped}
        readings = _spoken(said, groups)
        cards = {name: card(self.checks[name], self.sources) for name in {t.check for t in said}}
        beside = mailstory.beside(said, readings, grouped, self.checks, cards, self.look, now, draws=self.draws)
        return Story(
            transitions=said,
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


def _notes(draft: Draft) -> tuple[str, ...]:
    """What a message says of itself: that it waited, and why."""
    words = []
    if draft.kind == addressing.OVERFLOW:
        words.append("The day had all its messages: this one tells together what came up beyond them.")
    if draft.waiting_since:
        words.append(f"The first of what is told here came up at {moment(draft.waiting_since)}.")
    return tuple(words)


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
        sql_name=f"{check.name}.sql" if check.sql else "",
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


def _spoken(said: Iterable[Transition], groups: Grouped) -> dict[Key, Reading]:
    """The reading a message should show: the newest for news about now, that of the session otherwise."""
    found = {}
    for one in said:
        group = groups.get((one.check, one.subject))
        if not group:
            continue
        at_session = next((reading for reading in group if reading.session == one.session), None)
        found[(one.check, one.subject)] = _newest(group) if one.event in _OF_NOW else at_session or _newest(group)
    return found


def _silent(differences: Iterable[Difference]) -> list[tuple[Told, Episode]]:
    return [(difference.base, episode) for difference in differences for episode in difference.silent]
