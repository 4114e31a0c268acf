"""The daemon's half that faces publishers: questions on the wire, answers taken up.

One thread a source, so that a slow publisher stops nobody but itself. Threads only carry questions and answers;
archive, store and log are touched by the thread that calls `round`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from monitor import plan
from monitor.addresses import redact
from monitor.archive import AskLine
from monitor.errors import Blocked, BullionError, NotPublished
from monitor.house import House
from monitor.http import Unchanged
from monitor.model import Answer, Ask, Source
from monitor.rounds import Round


class Asker(Protocol):
    """Sends one question; `http.Fetcher` in real life."""

    def fetch(
        self, ask: Ask, hosts: tuple[str, ...], *, now: datetime, validators: dict[str, str] | None = None
    ) -> Answer | Unchanged: ...


@dataclass(frozen=True, slots=True)
class Said:
    """How one question went."""

    source: Source
    ask: Ask
    at: datetime
    """When it was asked; of the questions of one round each is a microsecond later than the one before."""
    what: Answer | Unchanged | BullionError

    @property
    def word(self) -> str:
        """The outcome of the question, before anyone has looked into the answer."""
        if isinstance(self.what, Answer):
            return "answered"
        if isinstance(self.what, Unchanged):
            return "unchanged"
        if isinstance(self.what, Blocked):
            return "blocked"
        return "not_published" if isinstance(self.what, NotPublished) else "unreachable"


class Wire:
    """All that is being asked. Its methods are for one thread; the questions run in threads of their own.

    Those end with the process: a hung publisher must not hold up a stop.
    """

    def __init__(self, asker: Asker) -> None:
        self.busy: set[str] = set()
        """Sources whose questions are not all answered, or not all answers taken up."""
        self._asker = asker
        self._awaited: set[str] = set()
        self._halted: set[str] = set()
        self._stopping = threading.Event()
        self._said: queue.SimpleQueue[Said | str] = queue.SimpleQueue()
        """What came in; a bare name says that this source's thread is through."""

    def begin(self, source: Source, asks: Sequence[Ask], lines: Mapping[str, AskLine], now: datetime) -> None:
        """Ask these one after the other; `lines` are the last asks by URL, for their validators."""
        self.busy.add(source.name)
        self._awaited.add(source.name)
        self._halted.discard(source.name)
        threading.Thread(
            target=self._run, args=(source, tuple(asks), dict(lines), now), name=f"ask-{source.name}", daemon=True
        ).start()

    def replies(self, patience: float) -> Iterator[Said]:
        """What has come in, and, for at most `patience` seconds, what the sources begun since the last call say."""
        until = time.monotonic() + patience
        while True:
            left = until - time.monotonic() if self._awaited and not self._stopping.is_set() else 0.0
            try:
                said = self._said.get(timeout=left) if left > 0 else self._said.get_nowait()
            except queue.Empty:
                self._awaited.clear()
                return
            if isinstance(said, Said):
                yield said
            else:
                self.busy.discard(said)
                self._awaited.discard(said)

    def halt(self, name: str) -> None:
        """Leave the rest of this source's questions unasked: it refuses us."""
        self._halted.add(name)

    def stop(self) -> None:
        """Ask nothing more and wait for nobody; may be called from any thread."""
        self._stopping.set()
        self._said.put("")

    def _run(self, source: Source, asks: Sequence[Ask], lines: Mapping[str, AskLine], now: datetime) -> None:
        try:
            for place, ask in enumerate(asks, start=1):
                if self._stopping.is_set() or source.name in self._halted:
                    return
                what = self._ask(source, ask, lines.get(redact(ask.url)), now)
                self._said.put(Said(source, ask, now - timedelta(microseconds=len(asks) - place), what))
                if isinstance(what, Blocked):
                    return
        finally:
            self._said.put(source.name)

    def _ask(self, source: Source, ask: Ask, line: AskLine | None, now: datetime) -> Answer | Unchanged | BullionError:
        try:
            return self._asker.fetch(ask, source.hosts, now=now, validators=line.validators if line else None)
        except BullionError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever the network does, the source is told as unreachable
            return BullionError(f"{ask.source}: asking failed: {type(error).__name__}")


class Publishers:
    """Asks what is missing of each fetching source and loads what comes."""

    def __init__(self, house: House, asker: Asker, patience: float) -> None:
        self.house = house
        self._wire = Wire(asker)
        self._patience = patience
        self._untaken: list[Said] = []
        """Answers the disk or the database refused."""
        self._heard: dict[str, datetime] = {}
        """When each source was last asked anew, or answered."""

    def round(self, done: Round, now: datetime) -> None:
        """Take up what has come in, ask what is missing, and wait a little for that."""
        again, self._untaken = self._untaken, []
        for said in again:
            self._take_or_keep(said, done, now)
        until = time.monotonic() + self._patience
        left, more = 0.0, True
        while more:
            for said in self._wire.replies(left):
                self._take_or_keep(said, done, now)
            left = until - time.monotonic()
            more = self._ask(now) and left > 0

    def is_midway(self, now: datetime) -> bool:
        """Whether a source is about to answer, or has more to say; one that has fallen silent does not count."""
        silence = timedelta(seconds=self.house.settings.daemon.source_deadline_seconds)
        return any(name in self._heard and abs(now - self._heard[name]) < silence for name in self._wire.busy)

    def stop(self) -> None:
        """Ask nothing more and wait for nobody; may be called from any thread."""
        self._wire.stop()

    def _ask(self, now: datetime) -> bool:
        """Give each source its questions, unless earlier ones are on their way or not taken up; whether any was."""
        last: dict[str, dict[str, AskLine]] = defaultdict(dict)
        for (whose, url), line in self.house.archive.last_asks().items():
            last[whose][url] = line
        settings = self.house.settings.daemon
        waiting = self._wire.busy | {said.source.name for said in self._untaken}
        begun = False
        for name, allowed in self.house.fetching().items():
            if not allowed or name in waiting:
                continue
            source, lines = self.house.sources[name], last[name]
            asks = plan.asks(
                source, plan.Held(self.house.store.files_held(name)), lines, now,
                lookback=settings.lookback_sessions, retry=timedelta(minutes=settings.retry_minutes),
            )  # fmt: skip
            if asks:
                self._wire.begin(source, asks, lines, now)
                self._heard[name] = now
                begun = True
        return begun

    def _take_or_keep(self, said: Said, done: Round, now: datetime) -> None:
        """Take an answer up; where the disk or the database refuses it, keep it for the next round."""
        self._untaken.append(said)
        with done.part(said.source.name):
            self._take(said, done, now)
            self._untaken.pop()

    def _take(self, said: Said, done: Round, now: datetime) -> None:
        """Load an answer, then write down how the question went: a kill in between asks once more."""
        archive, url = self.house.archive, redact(said.ask.url)
        line = AskLine(said.at, said.source.name, said.ask.session, url, said.word)
        if isinstance(said.what, Answer):
            self._heard[line.source] = now
            line = self._load(line, said.what, said.source, done, now)
        elif isinstance(said.what, BullionError):
            line = replace(line, error=str(said.what))
        elif (before := archive.last_asks().get((line.source, url))) and before.outcome in ("answered", "unchanged"):
            line = replace(line, error=before.error)  # the same bytes, so the same thing is wrong with them
        if line.outcome == "blocked":
            self._wire.halt(line.source)
        archive.log_ask(line)
        done.asked[line.outcome] += 1

    def _load(self, line: AskLine, answer: Answer, source: Source, done: Round, now: datetime) -> AskLine:
        outcome = self.house.collector.take(answer, source, now)
        done.outcomes.append(outcome)
        error = "" if outcome.kept else outcome.message
        if outcome.status == "blocked":
            return replace(line, outcome="blocked", error=error)
        headers = {name.lower(): value for name, value in answer.headers}
        return replace(
            line,
            outcome="not_published" if outcome.status == "not_published" else "answered",
            sha256=outcome.sha256,
            error=error,
            etag=headers.get("etag", ""),
            last_modified=headers.get("last-modified", ""),
        )
