"""Fold every reading of one key (check, subject) into episodes: pure, and always from the start.

State is never stored, so a crash, a replay, a late file and a revision all take the same path.
What people were told is compared with the result in `telling.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from typing import Final

from monitor.model import Episode, Policy, Reading, Severity, Verdict

_by_session: Final = attrgetter("session")
# Looking a member up on its class costs more than judging a clear reading.
_CLEAR, _WARNING, _CRITICAL = Verdict.CLEAR, Verdict.WARNING, Verdict.CRITICAL
_NODATA, _ERROR = Verdict.NODATA, Verdict.ERROR


class State(StrEnum):
    """Where one key stands after its last reading (reliability.md 2.3)."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"


@dataclass(frozen=True, slots=True)
class Folded:
    """What all readings of one key say."""

    readings: tuple[Reading, ...]
    """In session order."""
    episodes: tuple[Episode, ...]
    """Oldest first; only the last can be open."""
    state: State
    progress: int
    """PENDING: breaches that count towards opening; RECOVERING: clear sessions in a row; otherwise 0."""
    last_observed: date | None
    """The newest session with an observed verdict: the data are as of this day."""
    stale_sessions: int
    """Readings without data after it (NODATA or ERROR)."""
    severity_since: date | None
    """The session that gave the open episode its severity."""
    version: str = ""

    @property
    def head(self) -> Episode | None:
        """The open episode, if there is one."""
        return self.episodes[-1] if self.episodes and self.episodes[-1].closed is None else None

    def observed_after(self, day: date) -> int:
        """How many observed sessions lie after `day`."""
        return sum(1 for reading in self.readings if reading.session > day and reading.verdict.observed)


def fold(readings: Iterable[Reading], policy: Policy, *, version: str = "") -> Folded:
    """Every reading of one key, in any order, as episodes and the state after the last of them.

    NODATA and ERROR hold everything. An episode opens on the breach that makes `enter_n` of the last `enter_m`
    observed verdicts, and closes on the `leave`-th CLEAR in a row; nothing before a close counts after it.
    It is critical from the CRITICAL that makes `critical_n` of the last `critical_m` observed verdicts (or opens so,
    where they are by then), and a warning again after `leave` observed verdicts in a row that are not CRITICAL.
    `version` is stamped on the episodes.

    Raises ValueError for two readings of one session and for a policy that nothing can satisfy.
    """
    if not (0 < policy.enter_n <= policy.enter_m and 0 < policy.critical_n <= policy.critical_m and policy.leave > 0):
        raise ValueError(f"no reading can satisfy {policy}")
    ordered = sorted(readings, key=_by_session)
    verdicts = [reading.verdict for reading in ordered]
    if _WARNING in verdicts or _CRITICAL in verdicts:
        return _walk(ordered, _Run(policy, version))
    return _calm(ordered, version)


def carry_on(told: Episode, folded: Folded, policy: Policy) -> Episode:
    """What became of an episode taken as open on `told.opened`, whatever the readings up to then say."""
    later = [reading for reading in folded.readings if reading.session > told.opened]
    return _walk(later, _Run(policy, folded.version, told)).episodes[0]


def _calm(ordered: Sequence[Reading], version: str) -> Folded:
    """What readings say among which no breach is: the walk cut short, since that is what most of them are."""
    for before, after in pairwise(ordered):
        _must_differ(before, after)
    stale, last = 0, None
    for reading in reversed(ordered):
        if reading.verdict.observed:
            last = reading.session
            break
        stale += 1
    return Folded(tuple(ordered), (), State.INACTIVE, 0, last, stale, None, version)


def _must_differ(before: Reading, after: Reading) -> None:
    if before.session == after.session:
        raise ValueError(f"two readings of {after.check} {after.subject} for {after.session}")


def _walk(ordered: Sequence[Reading], run: _Run) -> Folded:
    see, stale = run.see, 0
    previous = last = None
    for reading in ordered:
        session, verdict = reading.session, reading.verdict
        if session == previous:
            raise ValueError(f"two readings of {reading.check} {reading.subject} for {session}")
        previous = session
        if verdict is _NODATA or verdict is _ERROR:
            stale += 1
        else:
            stale, last = 0, session
            see(session, verdict)
    state, progress = run.state()
    head = run.open_episode()
    return Folded(
        readings=tuple(ordered),
        episodes=(*run.closed, head) if head else tuple(run.closed),
        state=state,
        progress=progress,
        last_observed=last,
        stale_sessions=stale,
        severity_since=run.since,
        version=run.version,
    )


class _Run:
    """One key walked through its observed verdicts; the windows are bit masks, newest verdict lowest."""

    __slots__ = (
        "breach_mask", "breaches", "calm", "clears", "closed", "critical_mask", "criticals", "opened", "peak", "policy",
        "severity", "since", "version",
    )  # fmt: skip
    opened: date | None
    since: date | None
    severity: Severity
    peak: Severity

    def __init__(self, policy: Policy, version: str, carried: Episode | None = None) -> None:
        self.policy = policy
        self.version = version
        self.breach_mask = (1 << policy.enter_m) - 1
        self.critical_mask = (1 << policy.critical_m) - 1
        self.closed: list[Episode] = []
        self._forget()
        if carried:
            self.opened = self.since = carried.opened
            self.severity, self.peak = carried.severity, carried.peak

    def _forget(self) -> None:
        self.breaches = self.criticals = self.calm = self.clears = 0
        self.opened = self.since = None
        self.severity = self.peak = Severity.WARNING

    def see(self, session: date, verdict: Verdict) -> None:
        """Take the next observed verdict."""
        critical = verdict is _CRITICAL
        breach = critical or verdict is _WARNING
        self.breaches = (self.breaches << 1 | breach) & self.breach_mask
        self.criticals = (self.criticals << 1 | critical) & self.critical_mask
        self.calm = 0 if critical else self.calm + 1
        if self.opened is not None:
            self._stay(session, critical, verdict is _CLEAR)
        elif breach and self.breaches.bit_count() >= self.policy.enter_n:
            self.opened = self.since = session
            if self._is_critical():
                self.severity = self.peak = Severity.CRITICAL

    def _stay(self, session: date, critical: bool, clear: bool) -> None:
        self.clears = self.clears + 1 if clear else 0
        if self.clears >= self.policy.leave:
            self._close(session)
        elif self.severity is Severity.WARNING:
            if critical and self._is_critical():
                self.severity = self.peak = Severity.CRITICAL
                self.since = session
        elif self.calm >= self.policy.leave:
            self.severity = Severity.WARNING
            self.since = session

    def _is_critical(self) -> bool:
        return self.criticals.bit_count() >= self.policy.critical_n

    def _close(self, session: date) -> None:
        episode = self.open_episode()
        if episode:
            self.closed.append(replace(episode, closed=session))
        self._forget()

    def open_episode(self) -> Episode | None:
        """The episode being walked through, if one is open."""
        if self.opened is None:
            return None
        return Episode(opened=self.opened, severity=self.severity, peak=self.peak, version=self.version)

    def state(self) -> tuple[State, int]:
        """The state, and how far it is towards opening or closing."""
        if self.opened is not None:
            return (State.RECOVERING, self.clears) if self.clears else (State.FIRING, 0)
        n, m = self.policy.enter_n, self.policy.enter_m
        # How many breaches in a row would still be needed: what falls out of the window by then counts no more.
        needed = next(k for k in range(1, n + 1) if (self.breaches & ((1 << m - k) - 1)).bit_count() + k >= n)
        return (State.PENDING, n - needed) if needed < n else (State.INACTIVE, 0)
