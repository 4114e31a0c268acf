"""From bytes to facts, top to bottom: keep, recognise, parse, check, journal, load.

The order is the promise. Bytes are on disk before anyone reads them; the journal says what was decided before
the store holds it; a file leaves the inbox last. Killed anywhere, `reconcile` finishes what was begun.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from monitor.archive import Archive, LoadLine
from monitor.decode import Decoder
from monitor.errors import BadFile, Blocked, BullionError, NotPublished, Unreachable
from monitor.inbox import Inbox, identify, read
from monitor.model import Answer, Batch, Source
from monitor.store import FileLoad, Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file ended: `loaded`, `held` (already in the books), `refused`, `not_published` or `blocked`.

    Besides, a file of the inbox that cannot be moved is `waiting`.
    """

    name: str
    status: str
    source: str = ""
    sha256: str = ""
    rows: int = 0
    sessions: tuple[date, ...] = ()
    message: str = ""

    @property
    def kept(self) -> bool:
        """Whether the file was what it should be, even if there is nothing new in it."""
        return self.status in ("loaded", "held")


AHEAD: Final = 3
"""Files on their way at once: one being kept, one being parsed and journaled, one being stored."""


@dataclass(frozen=True, slots=True)
class _Admitted:
    """Bytes on disk, waiting to be parsed."""

    answer: Answer
    source: Source
    sha256: str


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a file said, how it ended and why; written in the journal, waiting to be stored."""

    file: _Admitted
    batch: Batch
    status: str
    error: str


class Collector:
    """The pipeline over one home. `sources` are handed in by the composition root."""

    def __init__(self, archive: Archive, store: Store, decoder: Decoder, sources: Mapping[str, Source]) -> None:
        self.archive = archive
        self.store = store
        self.decoder = decoder
        self.sources = sources
        self._books = store.loads()
        self._hints = {sha: hint for (sha, hint), (_, _, outcome) in self._books.items() if outcome == "loaded"}

    def take(self, answer: Answer, source: Source, now: datetime, *, again: bool = False) -> Outcome:
        """One answer through the whole pipeline; `again` re-reads bytes already in the books."""
        admitted = self._admit(answer, source, again=again)
        if isinstance(admitted, Outcome):
            return admitted
        return self._hold(self._decide(admitted, now), now)

    def _admit(self, answer: Answer, source: Source, *, again: bool) -> _Admitted | Outcome:
        """Put the bytes on disk, then say whether there is anything to parse."""
        kept = self.archive.keep(answer, source.name)
        file = _Admitted(answer, source, kept.sha256)
        return (None if again else self._as_held(file)) or self._under_other_hint(file) or file

    def _decide(self, file: _Admitted, now: datetime) -> _Decided:
        """Parse, then write down what was decided."""
        decided = self._parsed(file)
        line = LoadLine(
            file.sha256, file.source.name, file.answer.hint, file.source.parser_version, now, decided.status,
            decided.error,
        )  # fmt: skip
        self.archive.journal(line)
        if decided.status == "loaded":
            self._hints[file.sha256] = file.answer.hint or ""
        return decided

    def _hold(self, decided: _Decided, now: datetime) -> Outcome:
        """Put what was decided into the store."""
        file, batch = decided.file, decided.batch
        answer, source, sha = file.answer, file.source, file.sha256
        rows = 0
        if decided.status in ("loaded", "refused"):
            rows = self.store.load(
                FileLoad(
                    sha, answer.hint or "", source.name, answer.name, source.parser_version, now, batch.frames,
                    batch.notes, batch.rejects, decided.error,
                )
            )  # fmt: skip
            self._books[(sha, answer.hint or "")] = (source.parser_version, now, decided.status)
        sessions = sorted({day for frame in batch.frames.values() for day in frame["session"].to_list()})
        return Outcome(answer.name, decided.status, source.name, sha, rows, tuple(sessions), decided.error)

    def _parsed(self, file: _Admitted) -> _Decided:
        try:
            return _Decided(file, self.decoder.parse(file.source.name, file.answer), "loaded", "")
        except NotPublished as error:
            return _Decided(file, Batch({}), "not_published", str(error))
        except Blocked as error:
            return _Decided(file, Batch({}), "blocked", str(error))
        except BadFile as error:
            return _Decided(file, Batch({}), "refused", str(error))

    def _as_held(self, file: _Admitted) -> Outcome | None:
        """The outcome of bytes that today's parser has loaded already."""
        found = self._books.get((file.sha256, file.answer.hint or ""))
        if found is None or found[0] != file.source.parser_version or found[2] != "loaded":
            return None
        return Outcome(file.answer.name, "held", file.source.name, file.sha256, message="already loaded")

    def _under_other_hint(self, file: _Admitted) -> Outcome | None:
        """The outcome of bytes that are loaded under another hint."""
        hint = file.answer.hint or ""
        held = self._hints.get(file.sha256, hint)
        if held == hint:
            return None
        message = f"the same bytes are loaded as {held}; a file belongs to one product"
        return Outcome(file.answer.name, "refused", file.source.name, file.sha256, message=message)

    # --- the inbox ---------------------------------------------------------------------

    def drain(self, inbox: Inbox, now: datetime) -> Iterator[Outcome]:
        """Every settled file of the inbox; each ends in done/ or rejected/, after it is archived and loaded.

        One that cannot be moved is `waiting` besides, and stays for the next round.
        """
        for path, outcome in self._run(_settled(inbox, now), now, None):
            yield outcome
            try:
                if outcome.kept:
                    inbox.done(path)
                else:
                    inbox.reject(path, outcome.message or outcome.status)
            except OSError as error:
                yield Outcome(path.name, "waiting", message=f"{path.name} cannot be moved: {error.strerror}")

    def offer(
        self, answers: Iterable[Answer | Outcome], now: datetime, product: str | None = None
    ) -> Iterator[Outcome]:
        """Files a person gave us: recognised by their content, or refused with the reason."""
        for _, outcome in self._run(((Path(answer.name), answer) for answer in answers), now, product):
            yield outcome

    def _run(
        self, files: Iterable[tuple[Path, Answer | Outcome]], now: datetime, product: str | None
    ) -> Iterator[tuple[Path, Outcome]]:
        """The pipeline over many files in their order: while one is being stored, the next ones are kept and parsed."""
        with ThreadPoolExecutor(1) as keeper, ThreadPoolExecutor(1) as reader:
            under_way: deque[tuple[Path, Future[Outcome | _Decided]]] = deque()
            for path, answer in files:
                admitted = keeper.submit(self._admitted, answer, product)
                under_way.append((path, reader.submit(self._decided, admitted, now)))
                if len(under_way) >= AHEAD:
                    yield self._finished(*under_way.popleft(), now)
            while under_way:
                yield self._finished(*under_way.popleft(), now)

    def _admitted(self, answer: Answer | Outcome, product: str | None) -> Outcome | _Admitted:
        if isinstance(answer, Outcome):
            return answer
        try:
            source, hint = identify(answer.body, answer.name, tuple(self.sources.values()), product)
        except BadFile as error:
            return Outcome(answer.name, "refused", message=str(error))
        return self._admit(replace(answer, hint=hint), source, again=False)

    def _decided(self, admitted: Future[Outcome | _Admitted], now: datetime) -> Outcome | _Decided:
        """What a file of many says, unless the same bytes, a file or two before it, were not yet in the books then."""
        file = admitted.result()
        if isinstance(file, Outcome):
            return file
        return self._under_other_hint(file) or self._decide(file, now)

    def _finished(self, path: Path, decided: Future[Outcome | _Decided], now: datetime) -> tuple[Path, Outcome]:
        found = decided.result()
        if isinstance(found, Outcome):
            return path, found
        return path, self._as_held(found.file) or self._hold(found, now)

    # --- after a crash, after a fix -------------------------------------------------------

    def reconcile(self, now: datetime) -> list[Outcome]:
        """Finish what a kill interrupted: bytes without a journal line, journal lines the store does not hold."""
        lines = self._newest_lines()
        done = []
        for entry in self.archive.entries():
            key = (entry.sha256, entry.hint or "")
            source = self.sources.get(entry.source)
            if source is None or (key in lines and not self._is_missing(key, lines[key])):
                continue
            answer = self.archive.answer(entry)
            if key in lines:
                decided = self._parsed(_Admitted(answer, source, entry.sha256))
                done.append(self._hold(decided, lines[key].loaded_at))
            else:
                done.append(self.take(answer, source, now))
        return done

    def _is_missing(self, key: tuple[str, str], line: LoadLine) -> bool:
        return line.outcome in ("loaded", "refused") and key not in self._books

    def _newest_lines(self) -> dict[tuple[str, str], LoadLine]:
        return {(line.sha256, line.hint or ""): line for line in self.archive.journal_lines()}

    def reparse(self, names: Iterable[str], now: datetime) -> Iterator[Outcome]:
        """Read archived files of these sources again, with today's parser and no request to anyone."""
        wanted = set(names)
        for entry in list(self.archive.entries()):
            if entry.source in wanted and entry.source in self.sources:
                yield self.take(self.archive.answer(entry), self.sources[entry.source], now, again=True)


def gather(paths: Iterable[Path], fetched_at: datetime) -> Iterator[Answer | Outcome]:
    """Files given at the command line; the folder name is kept, since it may name the product."""
    for path in paths:
        name = str(Path(path.parent.name) / path.name)
        try:
            yield read(path, fetched_at, name=name)
        except BullionError as error:
            yield Outcome(name, "refused", message=str(error))


def _settled(inbox: Inbox, now: datetime) -> Iterator[tuple[Path, Answer | Outcome]]:
    """What waits in the inbox; a file that cannot be read yet stays where it is, for the next round."""
    for path in inbox.waiting(now):
        try:
            yield path, inbox.take(path, now)
        except Unreachable:
            continue
        except BullionError as error:
            yield path, Outcome(path.name, "refused", message=str(error))
