"""Say how what the readings say differs from what people were told: pure, one key at a time.

A told story is named by (check, subject, opening session). Where it is told open, the readings have it in one of
four ways:

- an episode covers the told opening: that is the story, though it may open on another session now;
- none does, yet one opens later with no closing run of clear sessions in between: the same story, opened late;
- neither, but the opening is out of sight (before the first reading), or readings up to it are missing that could have
  made it, whether it stood on them or not: the story is walked on from its told opening, as missing data never resolve;
- otherwise the readings contradict the opening, and it is retracted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from monitor.judge import Folded, carry_on
from monitor.model import Episode, Event, Policy, Reading, Severity, Transition

RECENT: Final = 5
"""Observed sessions after which an episode nobody saw is only written to the audit."""
REPEAT_SESSIONS: Final = 10
REPEAT_AFTER: Final = timedelta(hours=20)
MOST_REPEATS: Final = 10
ACK_SESSIONS: Final = 10
"""Observed sessions for which an acknowledgement holds repeats back."""
REOPENED: Final = "reopened by a revision"
NEW_THRESHOLD: Final = "threshold changed"


@dataclass(frozen=True, slots=True)
class Told:
    """What people have been told about one key; stored in the ledger and nowhere else."""

    check: str
    subject: str
    opened: date | None = None
    """Opening session of the story told open; None where none is."""
    severity: Severity = Severity.WARNING
    """As last told, or lowered silently since."""
    closed_through: date | None = None
    """Episodes opened up to this session are dealt with."""
    seq: int = 0
    """How many changes of this key have been told."""
    told_session: date | None = None
    """The newest observed session when the last of them was."""
    told_at: datetime | None = None
    repeats: int = 0
    version: str = ""
    """Of the check and its thresholds."""
    root_message_id: str = ""
    """The first message of the open story; set by the ledger."""

    @property
    def key(self) -> tuple[str, str]:
        """(check, subject)."""
        return self.check, self.subject


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to say, and the told-state once it is said."""

    transition: Transition
    told: Told
    reading: Reading | None = None
    """The reading of the transition's session."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the readings say beyond what was told.

    Tell `changes` in order. Where the last of them are held back (a silence), store the told-state of the last one
    told, or `base` where none was, and the rest comes again with the next batch.
    """

    base: Told
    """The told-state with everything in it that needs no message."""
    changes: tuple[Change, ...] = ()
    silent: tuple[Episode, ...] = ()
    """Closed episodes nobody is told of: too long ago, or from before the first batch. Audit only."""

    @property
    def told(self) -> Told:
        """The told-state once everything is told."""
        return self.changes[-1].told if self.changes else self.base


def difference(
    told: Told | None,
    folded: Folded,
    policy: Policy,
    *,
    now: datetime,
    at_start: bool = False,
    acked: date | None = None,
    past: date = date.min,
) -> Difference:
    """What has to be said about one key so that people know what the readings say (reliability.md 2.5).

    `told` None: nothing was ever said of this key. `at_start`: nothing was ever said of any key of this check, so what
    is open now is AT_START and what is closed stays silent, as it does after a change of version. `acked`: the day the
    open story was acknowledged, which holds repeats back for 10 observed sessions. An episode whose last breach lies
    before `past` is history that was loaded late: unless it is told open, nobody hears of it, and it counts as news
    again with its next breach. Once the result is stored, the same readings give no change.

    Raises ValueError where neither `told` nor a reading names the key.
    """
    teller = _Teller(told or _untold(folded), folded, policy, now)
    before = teller.told
    story = _story(before, folded, policy)
    if story is not None and story.closed is None:
        teller.keep(story, acked)
    else:
        if before.opened:
            teller.resolve(before.opened, story)
        teller.catch_up(before, story, quiet=at_start or teller.new_version, past=past)
        if folded.head and not teller.is_past(folded.head, past):
            teller.fire(folded.head, Event.AT_START if at_start else Event.FIRING)
    return Difference(teller.base, tuple(teller.changes), tuple(teller.silent))


def _untold(folded: Folded) -> Told:
    if not folded.readings:
        raise ValueError("no reading and nothing told: there is no key")
    return Told(folded.readings[0].check, folded.readings[0].subject, version=folded.version)


def _story(told: Told, folded: Folded, policy: Policy) -> Episode | None:
    """The told story as the readings now have it; None where they contradict its opening or none is told open."""
    opened = told.opened
    if opened is None:
        return None
    for episode in folded.episodes:
        if episode.opened <= opened and (episode.closed is None or opened <= episode.closed):
            return episode
    walked = carry_on(Episode(opened=opened, severity=told.severity, peak=told.severity), folded, policy)
    later = next((episode for episode in folded.episodes if episode.opened > opened), None)
    if later and (walked.closed is None or later.opened <= walked.closed):
        return later
    return None if _contradicted(opened, folded.readings, policy) else walked


def _contradicted(opened: date, readings: Sequence[Reading], policy: Policy) -> bool:
    """Whether no episode could open on that session, whatever its missing readings had been."""
    seen = [reading for reading in readings if reading.session <= opened]
    if not seen:
        return False
    newest = seen[-1]
    if newest.session == opened and newest.verdict.observed and not newest.verdict.breach:
        return True
    missing = 0 if newest.session == opened else 1
    window: list[bool] = []
    for reading in reversed(seen):
        if len(window) == policy.enter_m:
            break
        if reading.verdict.observed:
            window.append(reading.verdict.breach)
        else:
            missing += 1
    out_of_sight = policy.enter_m - len(window)
    return sum(window) + missing + out_of_sight < policy.enter_n


class _Teller:
    """Collects what to say about one key, carrying the told-state along."""

    def __init__(self, told: Told, folded: Folded, policy: Policy, now: datetime) -> None:
        self.told = self.base = replace(told, version=folded.version)
        self.new_version = told.version != folded.version
        self.folded = folded
        self.policy = policy
        self.now = now
        self.changes: list[Change] = []
        self.silent: list[Episode] = []

    def keep(self, story: Episode, acked: date | None) -> None:
        """Told open and still open: escalated, due for a repeat, or nothing to say."""
        opened = self.told.opened or story.opened
        session = self.folded.last_observed or opened
        if story.severity is Severity.CRITICAL and self.told.severity is Severity.WARNING:
            told = replace(self.told, severity=Severity.CRITICAL, repeats=0)
            self._say(Event.ESCALATED, opened, self.folded.severity_since or session, told)
            return
        self._settle(replace(self.told, severity=story.severity))
        if self._repeat_is_due(acked):
            self._say(Event.REPEAT, opened, session, replace(self.told, repeats=self.told.repeats + 1))

    def _repeat_is_due(self, acked: date | None) -> bool:
        told = self.told
        if told.severity is not Severity.CRITICAL or told.repeats >= MOST_REPEATS:
            return False
        if told.told_at is None or told.told_session is None or self.now - told.told_at < REPEAT_AFTER:
            return False
        if acked and self.folded.observed_after(acked) < ACK_SESSIONS:
            return False
        return self.folded.observed_after(told.told_session) >= REPEAT_SESSIONS

    def resolve(self, opened: date, story: Episode | None) -> None:
        """Told open and no longer open: recovered, or retracted where the readings contradict the opening."""
        told = replace(self.told, opened=None)
        if story and story.closed:
            told = replace(told, closed_through=story.closed)
            self._say(Event.RECOVERED, opened, story.closed, told, closed=story.closed)
        elif self.policy.late_arrival_recovers or self.new_version:
            self._say(Event.RECOVERED, opened, opened, told, closed=self.folded.last_observed)
        else:
            self._say(Event.RETRACTED, opened, opened, told)

    def is_past(self, episode: Episode, day: date) -> bool:
        """Whether its last breach lies before that day."""
        if day == date.min:
            return False
        end = episode.closed or date.max
        return not any(
            reading.verdict.breach and max(day, episode.opened) <= reading.session <= end
            for reading in reversed(self.folded.readings)
        )

    def catch_up(self, before: Told, story: Episode | None, *, quiet: bool, past: date) -> None:
        """Episodes that opened and closed unseen since the told-state was made: missed, or silent when long ago."""
        for episode in self.folded.episodes:
            closed, opened = episode.closed, episode.opened
            if closed is None or episode is story or (before.closed_through and opened <= before.closed_through):
                continue
            told = replace(self.told, closed_through=max(closed, self.told.closed_through or closed))
            beside_story = before.opened is not None and opened <= before.opened
            is_old = self.folded.observed_after(closed) > RECENT or self.is_past(episode, past)
            if quiet or beside_story or is_old:
                self.silent.append(episode)
                self._settle(told)
            else:
                self._say(Event.MISSED, opened, closed, replace(told, severity=episode.peak), closed=closed)

    def fire(self, head: Episode, event: Event) -> None:
        """Told closed and open now."""
        reopened = self.told.closed_through is not None and head.opened <= self.told.closed_through
        told = replace(self.told, opened=head.opened, severity=head.severity, repeats=0, root_message_id="")
        self._say(event, head.opened, head.opened, told, note=REOPENED if reopened else "")

    def _say(
        self, event: Event, opened: date, session: date, told: Told, closed: date | None = None, note: str = ""
    ) -> None:
        self.told = replace(told, seq=told.seq + 1, told_session=self.folded.last_observed, told_at=self.now)
        self.changes.append(
            Change(
                Transition(told.check, told.subject, event, told.severity, opened, session, closed),
                self.told,
                next((reading for reading in self.folded.readings if reading.session == session), None),
                note or (NEW_THRESHOLD if self.new_version else ""),
            )
        )

    def _settle(self, told: Told) -> None:
        """Change the told-state without a message of its own: with the last one, or before any."""
        self.told = told
        if self.changes:
            self.changes[-1] = replace(self.changes[-1], told=told)
        else:
            self.base = told
