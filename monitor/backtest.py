"""Replay the past as it was known, and say what would have been mailed.

One batch a day, at the day's last publication: the same checks, judge, told-state and letters as the daemon's, in a
ledger that is thrown away. Nothing is seen before it was public. The daemon itself runs several batches a day, so its
mail may leave hours earlier, never later than here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from alerts.ledger import Ledger
from monitor import checks
from monitor.checkfile import Check
from monitor.checks import Moment
from monitor.config import Mail
from monitor.errors import BullionError
from monitor.kept import Key
from monitor.model import Event, Notice, Reading, Severity, Source
from monitor.news import Grouped, News, by_key
from monitor.published import Reader
from monitor.replay import Replay, differs
from monitor.telling import Change

HORIZON: Final = timedelta(days=30)
"""An episode foretells an event up to so long after its first mail."""
PROVED_EVERY: Final = 120
"""Batches between two that are read plainly as well, to prove the quick way."""
MONTH: Final = 365.25 / 12
HOST: Final = "bullion.example.org"
RECIPIENT: Final = "analyst@example.org"
Progress = Callable[[int, int, datetime], None]


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail of the replay."""

    at: datetime
    notice: Notice
    keys: frozenset[Key]


@dataclass(slots=True)
class Told:
    """One story as people would have been told it."""

    check: str
    subject: str
    opened: date
    first_told: datetime
    severities: list[Severity] = field(default_factory=list)
    """Each severity it was told at, in order."""
    closed: date | None = None
    ended_as: str = ""
    """recovered, retracted or missed; '' while open."""
    sessions: int = 0
    """Observed sessions from its opening to its end, both included."""
    steps: list[tuple[datetime, str]] = field(default_factory=list)
    """(moment, event) of everything told."""
    mails: list[tuple[datetime, str]] = field(default_factory=list)
    """(moment, subject line) of every mail that speaks of it."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one set of checks would have said from `start` to `end`."""

    start: date
    end: date
    checks: Mapping[str, Check]
    episodes: tuple[Told, ...]
    mails: tuple[Sent, ...]
    readings: Mapping[Key, Sequence[Reading]]
    """By (check, subject), sessions from `start` to `end` as last known in the replay."""
    batches: int
    broken: Mapping[str, str]


def run(
    reader: Reader,
    known: Mapping[str, Check],
    sources: Mapping[str, Source],
    start: date,
    end: date,
    *,
    plain: bool = False,
    pictures: bool = False,
    progress: Progress | None = None,
) -> Replayed:
    """Every batch from `start` to `end`; `plain` reads every check anew each time, `pictures` draws those of mails.

    Raises BullionError where a check reaches farther than its header says.
    """
    teller = _Teller(known)
    with (
        tempfile.TemporaryDirectory(prefix="bullion-backtest-") as folder,
        Ledger(Path(folder) / "alerts.sqlite") as ledger,
        Replay(reader, known, plain=plain) as replay,
    ):
        mail = Mail(channel="file", recipients=(RECIPIENT,))
        news = News(ledger, known, sources, mail, HOST, reader.cursor, draws=pictures)
        moments = replay.moments(start, end)
        for number, (moment, quick) in enumerate(replay.over(moments)):
            pending = news.differences(quick, moment)
            spoken = {change.transition.check for difference in pending for change in difference.changes}
            is_proved = number % PROVED_EVERY == PROVED_EVERY - 1
            unsaid = {name for name in spoken if known[name].looks_farther}
            readings = _whole(replay, quick, known.keys() - replay.broken.keys() if is_proved else unsaid, moment)
            if pending:
                changes, letters, _ = news.speak(readings, pending, moment)
                teller.add(changes, [letter.notice for letter in letters], moment)
            if progress:
                progress(number + 1, len(moments), moment)
        found = {key: [r for r in kept if start <= r.session <= end] for key, kept in replay.all_sessions().items()}
        episodes = teller.finished(replay.all_sessions(), end)
        return Replayed(start, end, known, episodes, tuple(teller.mails), found, len(moments), dict(replay.broken))


def _whole(replay: Replay, grouped: Grouped, names: Iterable[str], moment: datetime) -> Grouped:
    """The readings with those of `names` read over the whole window, as a batch reads them: mails show every input."""
    wanted = sorted(names)
    if not wanted:
        return grouped
    plain = by_key(replay.plainly(moment, wanted).readings)
    start = checks.window_start(Moment(moment))
    for name in wanted:
        mine, whole = ([r for key, said in side.items() if key[0] == name for r in said] for side in (grouped, plain))
        if where := differs(replay.checks[name], mine, whole, start):
            raise BullionError(
                f"{name} reaches farther than the {replay.checks[name].reach} days its header says: {where} reads "
                f"otherwise at {moment:%Y-%m-%d}. Raise `reach` in sql/checks/{name}.sql, or run with --plain, "
                "which a check that looks more than ten days ahead needs."
            )
    return {key: said for key, said in grouped.items() if key[0] not in wanted} | plain


class _Teller:
    """Collects stories and mails as they are told."""

    def __init__(self, known: Mapping[str, Check]) -> None:
        self.known = known
        self.mails: list[Sent] = []
        self._stories: dict[tuple[str, str, date], Told] = {}

    def add(self, changes: Sequence[Change], notices: Sequence[Notice], moment: datetime) -> None:
        """Take in what one batch told."""
        mailed = [change for change in changes if self.known[change.transition.check].route == "mail"]
        keys = frozenset((c.transition.check, c.transition.subject) for c in mailed)
        self.mails += [Sent(moment, notice, keys) for notice in notices]
        for change in changes:
            story = self._story(change, moment)
            story.mails += [(moment, notice.subject) for notice in notices if change in mailed]

    def _story(self, change: Change, moment: datetime) -> Told:
        said = change.transition
        name = (said.check, said.subject, said.opened)
        story = self._stories.setdefault(name, Told(*name, moment))
        story.steps.append((moment, said.event.value))
        if said.event in (Event.RECOVERED, Event.RETRACTED, Event.MISSED):
            story.closed, story.ended_as = said.closed, said.event.value
        elif story.ended_as:
            story.closed, story.ended_as = None, ""
        if not story.severities or story.severities[-1] is not said.severity:
            story.severities.append(said.severity)
        return story

    def finished(self, readings: Mapping[Key, Sequence[Reading]], end: date) -> tuple[Told, ...]:
        """The stories in order of their telling, with their length in observed sessions."""
        for story in self._stories.values():
            last = story.closed or end
            story.sessions = sum(
                1
                for reading in readings.get((story.check, story.subject), ())
                if story.opened <= reading.session <= last and reading.verdict.observed
            )
        return tuple(sorted(self._stories.values(), key=lambda story: (story.first_told, story.check, story.subject)))


def calm(replayed: Replayed) -> list[tuple[str, str, int, int, int]]:
    """(check, subject, observed sessions, of them beyond warn, of them beyond critical), per check and subject."""
    rows = []
    for (check, subject), kept in sorted(replayed.readings.items()):
        observed = [reading for reading in kept if reading.verdict.observed]
        beyond = sum(reading.verdict.breach for reading in observed)
        critical = sum(reading.verdict.value == Severity.CRITICAL.value for reading in observed)
        if observed:
            rows.append((check, subject, len(observed), beyond, critical))
    return rows
