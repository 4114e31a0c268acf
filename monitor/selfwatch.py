"""What Bullion says of itself: conditions of the monitor as readings, judged, told and silenced like any other.

Conditions have a state now and no history, so each is one reading of today; an incident is one reading of its day and a
clear one of the day after. What is told open and no longer so is read as clear.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from alerts.labels import MUTES
from alerts.outbox_reads import GivenUp
from alerts.silences import Silence
from alerts.textual import count
from monitor.checkfile import Check
from monitor.model import Event, Policy, Reading, Severity, Transition, Verdict
from monitor.telling import Told

STUCK_AFTER: Final = timedelta(minutes=30)
FAILURES: Final = 2
"""Batches in a row in which a check cannot be read before that is told."""
UNREAD_AFTER: Final = timedelta(minutes=45)
"""How long a report may be unreadable before that is told: a page cut short is asked for again after half an hour."""
REMEMBERED: Final = timedelta(days=30)
LOW_SHARE: Final = 10
LOW_BYTES: Final = 5 << 30
_ONCE: Final = Policy(1, 1, 1, 1, 1, late_arrival_recovers=True)
Key = tuple[str, str]


def _check(name: str, title: str, headline: str, why: str, *, unit: str = "", route: str = "mail") -> Check:
    return Check(
        name=name, title=title, why=why, unit=unit, above_is_bad=True, formula="", references=(), policy=_ONCE,
        thresholds=(), sql="", route=route, decimals=0, headline=headline,
    )  # fmt: skip


CHECKS: Final[Mapping[str, Check]] = {
    check.name: check
    for check in (
        _check("rule_error", "Check that cannot be read", "this check cannot be read",
               "Its last readings are old, and nothing it would say is told until it is mended."),
        _check("evaluator_late", "Checks not read in time", "the checks were last read {value} ago",
               "Until they are read again nothing new is told of any metal.", unit="minutes"),
        _check("schema_drift", "Report that is not laid out as it was", "its newest report cannot be read as laid out",
               "Nothing that did not fit was loaded: what is known of it is as old as the report before."),
        _check("outbox_stuck", "Messages that do not leave", "messages have waited {value}",
               "Whoever is told by this channel hears of nothing until it works again.", unit="minutes"),
        _check("dead_letter", "Message given up", "a message was given up for ever",
               "This recipient was not told; the others are."),
        _check("disk_low", "Disk almost full", "{value} are free",
               "Without room nothing is collected, and every reading grows old.", unit="MB"),
        _check("store_recovered", "Database recovered", "the database was damaged and made again",
               "Nothing is lost, since it is a cache of the archive; a disk or a memory may be failing.",
               route="opening"),
        _check("clock_jump", "Clock jumped", "the clock of this machine jumped",
               "What is due, late or over is decided by this clock.", route="opening"),
        _check("silence_ended", "Silence over", "a silence is over",
               "What it held back and is still open is told now.", route="opening"),
    )
}  # fmt: skip
"""The checks without SQL, by name. Route `opening`: its end is not mailed."""
OF_BATCHES: Final = frozenset({"rule_error", "schema_drift"})
"""Known from the database alone: of these nothing is known until the first batch after a start."""
INCIDENTS: Final = frozenset({"store_recovered", "clock_jump"})


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened once."""

    kind: str
    subject: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """How one thing stands now."""

    check: str
    subject: str
    verdict: Verdict
    """WARNING or CRITICAL; NODATA holds what was told as it is."""
    value: float | None
    reason: str


def rule_errors(broken: Mapping[str, str], failures: Mapping[str, int], muted: Collection[str]) -> list[Condition]:
    """Checks that cannot be read: whose file is broken, or whose readings failed twice in a row.

    `muted` are those that stand on a source told to be late or unreadable: one mail for the cause. Of these, and of one
    that failed once, what was told holds.
    """
    held = {name for name in broken if name in muted or failures.get(name, FAILURES) < FAILURES}
    return [
        Condition("rule_error", name, Verdict.NODATA if name in held else Verdict.WARNING, 1.0, broken[name])
        for name in broken
    ]


def drifts(
    unread: Mapping[str, str], since: Mapping[str, datetime], overdue: Mapping[str, Reading], now: datetime
) -> list[Condition]:
    """Sources whose newest report cannot be read as laid out, with why; `since` is when that was first seen.

    That such a source is overdue is told here alone, and as critical where that would be.
    """
    found = []
    for source, why in unread.items():
        late = overdue.get(source)
        verdict = late.verdict if late else Verdict.WARNING
        words = f"{why}; overdue by {count(round(late.value or 0), 'session')}" if late else why
        is_lasting = now - since[source] >= UNREAD_AFTER
        found.append(Condition("schema_drift", source, verdict if is_lasting else Verdict.NODATA, 1.0, words))
    return found


def overdue(readings: Iterable[Reading]) -> dict[str, Reading]:
    """By source, the newest reading of those that are overdue."""
    newest: dict[str, Reading] = {}
    for one in readings:
        if one.check == MUTES["schema_drift"] and one.verdict.observed:
            newest[one.subject] = max(one, newest.get(one.subject, one), key=lambda reading: reading.session)
    return {source: one for source, one in newest.items() if one.verdict.breach}


def heard_of(
    unread: Collection[str], told: Mapping[Key, Told], is_silenced: Callable[[Transition], bool], today: date
) -> set[str]:
    """Those sources of which it is told, or soon will be, that they cannot be read; not where that is silenced."""

    def is_heard(source: str) -> bool:
        state = told.get(("schema_drift", source))
        said = Transition("schema_drift", source, Event.FIRING, Severity.WARNING, today, today)
        return bool(state and state.opened) or not is_silenced(said)

    return {source for source in unread if is_heard(source)}


def not_read_yet(told: Iterable[Told]) -> list[Condition]:
    """What was told open and only a batch can say: before the first one it holds."""
    return [
        Condition(state.check, state.subject, Verdict.NODATA, None, "no batch was read since the start")
        for state in told
        if state.opened and state.check in OF_BATCHES
    ]


def muting(told: Iterable[Told]) -> set[str]:
    """Sources told to be late or unreadable: what cannot be read because of them is not told as well."""
    return {state.subject for state in told if state.opened and state.check in ("source_stale", "schema_drift")}


def evaluator(last: datetime, allowed: timedelta, now: datetime) -> list[Condition]:
    """The checks, where they were due to be read and were not; `allowed` may pass from one reading to the next."""
    if now - last <= allowed:
        return []
    words = f"they were last read, or the monitor woke, at {last:%Y-%m-%d %H:%M} UTC"
    return [Condition("evaluator_late", "checks", Verdict.CRITICAL, (now - last) / timedelta(minutes=1), words)]


def stuck(due_since: Mapping[str, datetime], now: datetime) -> list[Condition]:
    """Channels with a message that should have left half an hour ago."""
    return [
        Condition("outbox_stuck", channel, Verdict.CRITICAL, (now - since) / timedelta(minutes=1),
                  f"the oldest was due at {since:%Y-%m-%d %H:%M} UTC")
        for channel, since in due_since.items()
        if now - since >= STUCK_AFTER
    ]  # fmt: skip


def dead_letters(given_up: Iterable[GivenUp], now: datetime) -> list[Condition]:
    """Recipients to whom the last message was given up; over when a later one reaches them."""
    return [
        Condition("dead_letter", letter.subject, Verdict.WARNING, 1.0,
                  f"the message to {letter.recipient} was given up: {letter.error}")
        for letter in given_up
        if now - letter.at < REMEMBERED
    ]  # fmt: skip


def disk(free: int, total: int, needed: int) -> list[Condition]:
    """Low below a tenth of the disk, at most 5 GiB, or twice what a round needs; critical below that need. Bytes."""
    limit = max(2 * needed, min(total // LOW_SHARE, LOW_BYTES))
    if free >= limit + limit // 4:
        return []
    verdict = Verdict.CRITICAL if free < needed else Verdict.WARNING if free < limit else Verdict.NODATA
    return [Condition("disk_low", "home", verdict, free / 1e6, f"a round needs {needed / 1e6:.0f} MB")]


def readings(
    conditions: Sequence[Condition], incidents: Iterable[Incident], silences: Iterable[Silence],
    told: Iterable[Told], now: datetime,
) -> list[Reading]:  # fmt: skip
    """Everything above as readings; what is told open and not among it is clear today."""
    today, found = now.date(), {}
    past = [*incidents, *(_over(silence) for silence in silences if silence.ends <= now)]
    for incident in past:
        if now - incident.at < REMEMBERED:
            day = incident.at.date()
            found[(incident.kind, incident.subject, day)] = _reading(
                incident.kind, incident.subject, day, Verdict.WARNING, 1.0, incident.note
            )
            if day < today:
                after = (incident.kind, incident.subject, day + timedelta(days=1))
                found.setdefault(after, _reading(*after, Verdict.CLEAR, 0.0, ""))
    for one in conditions:
        value = None if one.verdict is Verdict.NODATA else one.value
        found[(one.check, one.subject, today)] = _reading(
            one.check, one.subject, today, one.verdict, value, one.reason
        )  # fmt: skip
    seen = {(check, subject) for check, subject, _ in found}
    for state in told:
        if state.opened and state.check in CHECKS and state.key not in seen:
            found[(*state.key, today)] = _reading(*state.key, today, Verdict.CLEAR, 0.0, "")
    return list(found.values())


def is_about(transition: Transition, way: str, subject: str) -> bool:
    """Whether a recipient (`subject` as dead letters name him) cannot hear this, because it is about the way to him."""
    if transition.check == "outbox_stuck":
        return transition.subject == way
    return transition.check == "dead_letter" and transition.subject == subject


def _over(silence: Silence) -> Incident:
    by = f"ended by {silence.ended_by}" if silence.ended_by else "run out"
    note = f"{silence.said}; {by}; ordered by {silence.author}: {silence.reason}"
    return Incident("silence_ended", f"silence {silence.id}", note, silence.ends)


def _reading(check: str, subject: str, day: date, verdict: Verdict, value: float | None, reason: str) -> Reading:
    return Reading(check, subject, day, value, verdict, reason=reason)
