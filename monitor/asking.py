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
from datetime import datetime, timedelta

from monitor import plan, taking
from monitor.addresses import redact
from monitor.archive import AskLine
from monitor.errors import Blocked
from monitor.house import House
from monitor.model import Answer, Ask, Source
from monitor.rounds import Round
from monitor.taking import Asker, Said


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
                what = taking.put(self._asker, source, ask, lines.get(redact(ask.url)), now)
                self._said.put(Said(source, ask, now - timedelta(microseconds=len(asks) - place), what))
                if isinstance(what, Blocked):
                    return
        finally:
            self._said.put(source.name)


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
        if isinstance(said.what, Answer):
            self._heard[said.source.name] = now
        file = taking.load(self.house, said, now)
        if file is not None:
            done.outcomes.append(file)
        line = taking.log(self.house.archive, said, file)
        if line.outcome == "blocked":
            self._wire.halt(line.source)
        done.asked[line.outcome] += 1
