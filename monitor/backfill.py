"""Asking a publisher for the past: what of a span is missing, one question at a time, stopped and resumed at will.

Nothing is remembered beside the home: a run that was cut short is started again, finds what it brought held and what
it was told in the log of asks, and goes on behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from monitor import duetimes, plan, spool, taking
from monitor.addresses import redact
from monitor.archive import AskLine
from monitor.collect import Outcome
from monitor.config import Settings
from monitor.decode import Decoder
from monitor.errors import Blocked, BullionError
from monitor.house import House
from monitor.model import Answer, Ask, Source
from monitor.taking import Asker, Said

EVERY: Final = 200
"""Answers after which what was loaded so far is checked and published."""
SLICE: Final = 20
"""Answers handed to a running daemon at once: its rounds read the checks once for all of them."""
MOST_SILENT: Final = 3
"""Questions in a row that could not be asked, after which the publisher is left alone."""
LATELY: Final = timedelta(days=1)
"""How long an answer that did not bring the session is taken for an answer."""
Last = Callable[[], Mapping[str, AskLine]]
"""The source's last ask by URL without secrets, as of now."""


class Keeper(Protocol):
    """Takes answers up, and says how they ended: at once or some questions later."""

    def take(self, said: Said) -> list[Outcome]: ...

    def flush(self) -> list[Outcome]: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do."""

    source: Source
    sessions: tuple[date, ...]
    """Those of the span that are due and can be asked about."""
    missing: tuple[date, ...]
    """Those of them that are not completely held."""
    asks: tuple[Ask, ...]


@dataclass(slots=True)
class Summary:
    """What became of it. The outcomes add up to `asked`."""

    plan: Plan
    asked: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    """loaded, held (these bytes are in the books, or the publisher says so), not_published, refused, unreachable,
    blocked."""
    left_alone: int = 0
    """Questions not sent because the publisher answered them less than a day ago."""
    stopped: str = ""
    """Why it ended early."""
    interrupted: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every question was asked and every file that came was read."""
        odd = self.outcomes["refused"] + self.outcomes["unreachable"] + self.outcomes["blocked"]
        return not (odd or self.stopped or self.interrupted)

    def count(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            self.outcomes["held" if outcome.status == "unchanged" else outcome.status] += 1
            if outcome.status == "blocked":
                self.stopped = outcome.message


def refusal(settings: Settings, source: Source, config: Path, inbox: Path) -> str:
    """Why this source is not asked for its past, and what to do instead; '' where it may be."""
    by_hand = f"save reports in a browser and put them into {inbox}, or run `bullion load FILES`"
    if not source.keeps_history and source.backlog is None:
        return f"{source.name}: {source.publisher} keeps no older reports where they could be asked for: {by_hand}"
    allowed = settings.sources.get(source.name)
    if allowed is None or not allowed.fetch:
        terms = f"{source.terms} {source.terms_url}".strip()
        return (
            f"{source.name} is not asked for, since sources.{source.name}.fetch is not true in {config}. "
            f"{source.publisher}: {terms} Set it to true if you may; otherwise {by_hand}"
        )
    if not settings.contact:
        return (
            f"{source.name}: nobody is asked while `contact` is empty in {config}: set it to an address at which "
            f"publishers can reach you; otherwise {by_hand}"
        )
    return ""


def plan_of(
    source: Source, held: plan.Held, last: Mapping[str, AskLine], now: datetime, start: date, end: date | None
) -> Plan:
    """What to ask for the sessions from `start` to `end` (None: the newest due).

    Raises BullionError while the publisher is to be left alone after a refusal.
    """
    if refused := _refused(source, last, now):
        raise BullionError(refused)
    newest = duetimes.newest_due(source, now)
    due = duetimes.report_sessions(source, start, min(end or newest, newest))
    sessions = tuple(day for day in due if source.asks(day))
    missing = plan.missing_of(source, held, last, sessions)
    return Plan(source, sessions, missing, plan.wanted(source, held, last, missing, now))


def _refused(source: Source, last: Mapping[str, AskLine], now: datetime) -> str:
    """Until when this source is left alone, and why; '' where it may be asked."""
    if not plan.refused(last.values(), now):
        return ""
    said = max((line for line in last.values() if line.outcome == "blocked"), key=lambda line: line.at)
    return (
        f"{source.name} is left alone until {said.at + plan.BLOCKED_PAUSE:%Y-%m-%d %H:%M} UTC, "
        f"since its site refused us at {said.at:%Y-%m-%d %H:%M}: {said.error}"
    )


def run(
    work: Plan,
    asker: Asker,
    keeper: Keeper,
    last: Last,
    clock: Callable[[], datetime],
    *,
    again: bool = False,
    goes_on: Callable[[Summary, Ask], bool] = lambda *_: True,
) -> Summary:
    """Ask one question after the other; `again` asks also what was answered less than a day ago.

    `goes_on` is called before each question and ends the run by False. A refusal ends it at once, and so do
    MOST_SILENT questions in a row without any answer.
    """
    done, silent = Summary(work), 0
    for ask in work.asks:
        if not goes_on(done, ask):
            done.interrupted = True
            break
        now, lines = clock(), last()
        if refused := _refused(work.source, lines, now):
            done.stopped = refused
            break
        line = lines.get(redact(ask.url))
        if not again and _is_settled(ask, line, now):
            done.left_alone += 1
            continue
        said = Said(work.source, ask, now, taking.put(asker, work.source, ask, line, now))
        done.asked += 1
        done.count(keeper.take(said))
        silent = silent + 1 if said.word == "unreachable" else 0
        if silent == MOST_SILENT:
            done.stopped = f"{silent} questions in a row could not be asked, the last one: {said.what}"
        if done.stopped:
            break
    done.count(keeper.flush())
    return done


def _is_settled(ask: Ask, line: AskLine | None, now: datetime) -> bool:
    """Whether the publisher has lately said all he has to say to this question.

    What a form asks for is not in the log, so such questions are never taken for answered.
    """
    if line is None or ask.form or line.session != ask.session or abs(now - line.at) >= LATELY:
        return False
    return line.outcome in ("answered", "unchanged", "not_published")


class Own:
    """Takes answers up in this process, which owns the home; `tell` checks and publishes."""

    def __init__(self, house: House, tell: Callable[[], None]) -> None:
        self._house = house
        self._tell = tell
        self._untold = 0

    def take(self, said: Said) -> list[Outcome]:
        """At once."""
        taken = taking.take(self._house, said, said.at)
        self._untold += 1
        if self._untold >= EVERY:
            self.flush()
        return [taken.outcome]

    def flush(self) -> list[Outcome]:
        """Tell, also where nothing came: the run before may have been killed before it told."""
        self._tell()
        self._untold = 0
        return []


class Beside:
    """Hands answers to the daemon that owns the home, once it has shown that it is there.

    Raises Busy where it does not within `patience` seconds: nobody is asked for what nobody would take up.
    """

    def __init__(self, home: Path, decoder: Decoder, *, patience: float = spool.PATIENCE_SECONDS) -> None:
        list(spool.hand_over(home, (), patience=patience))
        self._home = home
        self._decoder = decoder
        self._waiting: list[Said] = []

    def take(self, said: Said) -> list[Outcome]:
        """The verdicts on a whole slice, or nothing yet. A refusal is handed over at once."""
        self._waiting.append(self._looked_into(said))
        if len(self._waiting) < SLICE and self._waiting[-1].word != "blocked":
            return []
        return self.flush()

    def flush(self) -> list[Outcome]:
        """Raises Busy where the daemon has gone; what was handed over is taken up by the next one."""
        waiting, self._waiting = self._waiting, []
        return list(spool.hand_over(self._home, waiting)) if waiting else []

    def _looked_into(self, said: Said) -> Said:
        """A refusal that looks like a report is known for what it is before the next question leaves."""
        if isinstance(said.what, Answer):
            try:
                self._decoder.parse(said.source.name, said.what)
            except Blocked as error:
                return replace(said, what=error)
            except BullionError:
                return said  # the daemon archives it and says what is wrong
        return said
