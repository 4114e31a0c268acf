"""Who is told what, and when: filters and noise floors of each recipient, few mails for each of them.

A message in which something critical opens goes at once. Others keep a distance from the one before, and those beyond
the day's number wait for the memo or the hour of the overflow, whichever comes first; whatever waits is told together,
and nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Protocol

from alerts.labels import MUTES, labels
from alerts.letters import Delivery
from alerts.merging import merged
from alerts.outbox import Outbox
from monitor.model import Event, Severity, Transition

DAY: Final = timedelta(days=1)
_ENDS: Final = (Event.RECOVERED, Event.RETRACTED)
_OPENS: Final = (Event.FIRING, Event.AT_START, Event.ESCALATED)
OVERFLOW: Final = "overflow"
MEMO: Final = "memo"


class Place(Protocol):
    """One recipient by one channel, and what is sent there."""

    @property
    def recipient(self) -> str: ...
    @property
    def way(self) -> str:
        """The channel's name."""
        ...

    @property
    def severity(self) -> str:
        """The noise floor: `warning` for everything, `critical`."""
        ...

    @property
    def metals(self) -> Sequence[str]: ...
    @property
    def venues(self) -> Sequence[str]: ...
    @property
    def checks(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Manners:
    """How few messages one recipient gets."""

    group: timedelta = timedelta(hours=1)
    """Between one message and the next."""
    a_day: int = 4
    critical_a_day: int = 12
    """For messages in which something critical opens."""
    overflow_at: time = time(7)
    """UTC: when what was too much for its day is told."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one recipient is to be told, not composed yet; `replaces` are the queued rows it is told instead of."""

    transitions: tuple[Transition, ...]
    replaces: tuple[int, ...] = ()
    not_before: datetime | None = None
    kind: str = "alert"
    waiting_since: datetime | None = None
    """When the oldest of what it replaces was queued."""
    overdue_since: datetime | None = None
    """When the first of it should have left, if that is past."""


def wanted(places: Iterable[Place], transitions: Iterable[Transition], outbox: Outbox) -> list[Transition]:
    """Those a recipient is told: above the floor and not filtered away; an end to whom it stands open.

    `places` are all that the settings say of this recipient on this channel; what one of them lets through is told.
    """
    asked = list(places)
    return [said for said in transitions if any(_wants(place, said, outbox) for place in asked)]


def _wants(place: Place, said: Transition, outbox: Outbox) -> bool:
    if said.event in _ENDS:
        return outbox.takes_for_open(said.check, said.subject, said.opened, place.recipient)
    if place.severity == "critical" and said.severity is not Severity.CRITICAL:
        return False
    named = labels(said)
    if place.checks and not {said.check, MUTES.get(said.check)} & set(place.checks):
        return False  # what mutes another check is told to those who asked for that one as well
    # What names no metal or no venue, such as a source, may concern any of them.
    return all(
        not chosen or not named[label] or named[label].lower() in {one.lower() for one in chosen}
        for label, chosen in (("metal", place.metals), ("venue", place.venues))
    )


def draft(
    place: Place,
    transitions: Sequence[Transition],
    outbox: Outbox,
    manners: Manners,
    now: datetime,
    known: Collection[tuple[str, str]],
) -> Draft:
    """The message for one recipient with what waits for him already, and the moment it may leave.

    Only what was never handed to a server is told again in another message, and only where its readings are at hand:
    `known` names the keys that have them. It never waits longer than what it replaces would have.
    """
    waiting = [row for row in outbox.waiting(place.recipient) if _is_free(row, place, known)]
    numbers = [row.id for row in waiting]
    said = together(waiting, transitions, outbox, place.recipient)
    not_before, kind = _when(said, outbox.told_lately(place.recipient, now - DAY, numbers), manners, now)
    first = min(waiting, key=lambda row: row.due, default=None)
    if first and first.due < not_before:
        not_before, kind = max(first.due, now), first.kind
    return Draft(
        transitions=tuple(said),
        replaces=tuple(numbers),
        not_before=not_before,
        kind=kind,
        waiting_since=min((row.queued_at for row in waiting), default=None),
        overdue_since=first.due if first and first.due < now else None,
    )


def held_back(outbox: Outbox, recipient: str, way: str, now: datetime) -> list[Delivery]:
    """What waits for the hour of the overflow and was never handed to a server, so that another message may tell it.

    What is due already leaves by itself.
    """
    return [
        row
        for row in outbox.waiting(recipient)
        if row.kind == OVERFLOW and row.attempts == 0 and row.notice.channel == way and row.due > now
    ]


def together(
    rows: Sequence[Delivery], transitions: Iterable[Transition], outbox: Outbox, recipient: str
) -> list[Transition]:
    """What these waiting rows and these transitions say, as the one message that is told instead of the rows."""
    numbers = [row.id for row in rows]

    def is_told_open(one: Transition) -> bool:
        return outbox.takes_for_open(one.check, one.subject, one.opened, recipient, numbers)

    return merged([*(t for row in rows for t in row.said), *transitions], is_told_open)


def _is_free(row: Delivery, place: Place, known: Collection[tuple[str, str]]) -> bool:
    # A memo has more to say than any alert that might take its place.
    return (
        row.attempts == 0
        and row.kind != MEMO
        and row.notice.channel == place.way
        and all((t.check, t.subject) in known for t in row.said)
    )


def _when(
    said: Iterable[Transition], lately: Sequence[datetime], manners: Manners, now: datetime
) -> tuple[datetime, str]:
    """(moment, kind); `lately` are the moments of the other messages of the last day, overflow left out."""
    urgent = any(t.event in _OPENS and t.severity is Severity.CRITICAL for t in said)
    if len(lately) >= (manners.critical_a_day if urgent else manners.a_day):
        return _overflow(manners, now), OVERFLOW
    if urgent:
        return now, "alert"
    return max([now, *(moment + manners.group for moment in lately)]), "alert"


def _overflow(manners: Manners, now: datetime) -> datetime:
    today = datetime.combine(now.date(), manners.overflow_at, now.tzinfo)
    return today if today > now else today + DAY
