"""What a memo says of a moment: sections read, episodes open then, and what became of them since the last one.

The checks are read at both moments and folded, so that a memo of the past is the memo that would have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import duckdb

from alerts.ledger import Ledger
from alerts.memo import Kind, Memo, Section, Standing, Turn
from alerts.silences import Silence, muted
from alerts.textual import quantity, subject_words
from monitor import checks, judge, memofile
from monitor.checkfile import Check
from monitor.checks import Evaluation, Moment
from monitor.judge import Folded
from monitor.model import Episode, Event, Reading, Severity, Transition

Key = tuple[str, str]
_SEVERE = {Severity.CRITICAL: 0, Severity.WARNING: 1}


@dataclass(frozen=True, slots=True)
class Desk:
    """What people did about open alerts: acknowledged keys, and the silences in force."""

    acked: Mapping[Key, date] = field(default_factory=dict)
    silences: Sequence[Silence] = ()
    muted: Mapping[Key, str] = field(default_factory=dict)
    """Keys of which nothing is told while another alert stands -> that alert."""

    @classmethod
    def of(cls, ledger: Ledger, at: datetime) -> Desk:
        """As a ledger has it at a moment."""
        return cls(ledger.acked(), ledger.silences(at), muted(ledger.told().values()))

    def marks(self, key: Key, episode: Episode) -> Iterator[str]:
        """What is said beside an open episode."""
        if self.acked.get(key, date.min) >= episode.opened:
            yield "acknowledged"
        said = Transition(*key, Event.REPEAT, episode.severity, episode.opened, episode.opened)
        if any(silence.matches(said) for silence in self.silences):
            yield "silenced"
        if cause := self.muted.get(key):
            yield f"muted by {cause}"


def before(known_at: datetime, kind: Kind) -> datetime:
    """The moment of the memo before: a weekday earlier at the same hour, or a week."""
    if kind == "weekly":
        return known_at - timedelta(days=7)
    days = {0: 3, 6: 2}.get(known_at.weekday(), 1)
    return known_at - timedelta(days=days)


def gather(
    generation: checks.Readable,
    known: Mapping[str, Check],
    now: Moment,
    last: Moment,
    *,
    kind: Kind = "daily",
    desk: Desk | None = None,
    troubles: Iterable[str] = (),
) -> Memo:
    """The memo of `now`, told against `last`. `troubles` are checks whose header is wrong."""
    then, sections_then = _seen(generation, known, last)
    current, sections_now = _seen(generation, known, now)
    folded = _folds(current, known)
    standing = _Words(known, desk or Desk())
    return Memo(
        kind=kind,
        day=now.as_of or now.known_at.date(),
        known_at=now.known_at,
        since=last.known_at,
        basis=now.basis,
        turns=_turns(_folds(then, known), folded, standing),
        open=_sorted(standing.of(key, fold, fold.head) for key, fold in folded.items() if fold.head),
        sections=_marked(sections_now, sections_then),
        broken=tuple(troubles) + tuple(f"{name} does not run: {why}" for name, why in current.broken.items()),
    )


def _seen(
    generation: checks.Readable, known: Mapping[str, Check], moment: Moment
) -> tuple[Evaluation, tuple[Section, ...]]:
    """Every reading and every section at a moment; to lay down what was known then takes longer than to read it."""
    with generation.cursor() as cur:
        checks.look(cur, moment)
        return checks.read(cur, known.values()), _sections(cur, moment)


def _sections(cur: duckdb.DuckDBPyConnection, now: Moment) -> tuple[Section, ...]:
    """Every section of sql/digest on a cursor that looks at this moment."""
    cur.execute("set variable as_of = ?::date", [now.as_of or now.known_at.date()])
    rows = cur.execute(
        "select table_name from duckdb_tables() union select view_name from duckdb_views() where not internal"
    ).fetchall()
    held = frozenset(name for (name,) in rows)
    return tuple(memofile.run(cur, part, held) for part in memofile.parts())


def _marked(now: Iterable[Section], then: Iterable[Section]) -> tuple[Section, ...]:
    """The sections of now, told whether they say anything that those of the last memo did not."""
    parts = {part.name: part for part in memofile.parts()}
    before = {section.name: section.numbers for section in then}
    return tuple(
        replace(section, is_new=parts[section.name].always or section.numbers != before[section.name])
        for section in now
    )


def _folds(evaluation: Evaluation, known: Mapping[str, Check]) -> dict[Key, Folded]:
    groups: dict[Key, list[Reading]] = {}
    for reading in evaluation.readings:
        groups.setdefault((reading.check, reading.subject), []).append(reading)
    return {key: judge.fold(group, known[key[0]].policy) for key, group in sorted(groups.items())}


@dataclass(frozen=True, slots=True)
class _Words:
    """Episodes in words."""

    known: Mapping[str, Check]
    desk: Desk

    def of(self, key: Key, fold: Folded, episode: Episode) -> Standing:
        check = self.known[key[0]]
        newest = next((r for r in reversed(fold.readings) if r.verdict.observed), None)
        return Standing(
            title=check.title,
            subject=subject_words(key[1]),
            severity=episode.severity,
            opened=episode.opened,
            value=quantity(newest.value, check.unit, check.decimals) if newest else "",
            session=newest.session if newest else None,
            unknown=(fold.readings[-1].reason or "no data") if fold.stale_sessions else "",
            mailed=check.route == "mail",
            marks=tuple(self.desk.marks(key, episode)),
        )


def _sorted(found: Iterable[Standing]) -> tuple[Standing, ...]:
    """Criticals first, then the newest."""
    return tuple(sorted(found, key=lambda s: (_SEVERE[s.severity], -s.opened.toordinal(), s.title, s.subject)))


def _turns(then: Mapping[Key, Folded], now: Mapping[Key, Folded], words: _Words) -> tuple[Turn, ...]:
    found = []
    for key, fold in now.items():
        earlier = then.get(key)
        for what, episode, day in changed(earlier, fold):
            found.append(Turn(what, words.of(key, fold, episode), day))
    return tuple(sorted(found, key=lambda turn: (_SEVERE[turn.standing.severity], turn.standing.title, turn.on)))


def changed(earlier: Folded | None, fold: Folded) -> list[tuple[str, Episode, date]]:
    """(what became of it, the episode, the session it did) since the earlier fold of the same key."""
    was = earlier.head if earlier else None
    seen = {episode.opened for episode in earlier.episodes} if earlier else set()
    last = earlier.last_observed if earlier else None
    found: list[tuple[str, Episode, date]] = []
    if was:
        same = next((e for e in fold.episodes if e.opened <= was.opened and (e.closed or date.max) >= was.opened), None)
        if same is None:
            found.append(("withdrawn", was, was.opened))
        elif same.closed:
            found.append(("closed", same, same.closed))
        elif same.severity is not was.severity:
            word = "escalated" if same.severity is Severity.CRITICAL else "eased to a warning"
            found.append((word, same, fold.severity_since or same.opened))
        seen |= {same.opened} if same else set()
    for episode in fold.episodes:
        if episode.opened in seen or (episode.closed and (last is None or episode.closed <= last)):
            continue
        word = "opened and closed" if episode.closed else "opened"
        found.append((word, episode, episode.closed or episode.opened))
    return found
