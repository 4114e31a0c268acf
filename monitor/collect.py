"""From bytes to facts, top to bottom: keep, recognise, parse, check, journal, load.

The order is the promise. Bytes are on disk before anyone reads them; the journal says what was decided before
the store holds it; a file leaves the inbox last. Killed anywhere, `reconcile` finishes what was begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class _Admitted:
    """Bytes on disk, waiting to be parsed."""

    answer: Answer
    source: Source
    sha256: str


_Parsed = tuple[Batch, str, str]
"""What a file said, how it ended, and why."""


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
        return self._settle(admitted, self._parsed(answer, source), now)

    def _admit(self, answer: Answer, source: Source, *, again: bool) -> _Admitted | Outcome:
        """Put the bytes on disk, then say whether there is anything to parse."""
        kept = self.archive.keep(answer, source.name)
        key = (kept.sha256, answer.hint or "")
        if not again and self._is_current(key, source):
            return Outcome(answer.name, "held", source.name, kept.sha256, message="already loaded")
        if other := self._other_hint(*key):
            message = f"the same bytes are loaded as {other}; a file belongs to one product"
            return Outcome(answer.name, "refused", source.name, kept.sha256, message=message)
        return _Admitted(answer, source, kept.sha256)

    def _settle(self, file: _Admitted, parsed: _Parsed, now: datetime, *, journal: bool = True) -> Outcome:
        """Write down what was decided, then hold it."""
        answer, source, sha = file.answer, file.source, file.sha256
        batch, status, error = parsed
        if journal:
            line = LoadLine(sha, source.name, answer.hint, source.parser_version, now, status, error)
            self.archive.journal(line)
        rows = 0
        if status in ("loaded", "refused"):
            rows = self.store.load(
                FileLoad(
                    sha, answer.hint or "", source.name, answer.name, source.parser_version, now, batch.frames,
                    batch.notes, batch.rejects, error,
                )
            )  # fmt: skip
            self._books[(sha, answer.hint or "")] = (source.parser_version, now, status)
            if status == "loaded":
                self._hints[sha] = answer.hint or ""
        sessions = sorted({day for frame in batch.frames.values() for day in frame["session"].to_list()})
        return Outcome(answer.name, status, source.name, sha, rows, tuple(sessions), error)

    def _parsed(self, answer: Answer, source: Source) -> _Parsed:
        try:
            return self.decoder.parse(source.name, answer), "loaded", ""
        except NotPublished as error:
            return Batch({}), "not_published", str(error)
        except Blocked as error:
            return Batch({}), "blocked", str(error)
        except BadFile as error:
            return Batch({}), "refused", str(error)

    def _is_current(self, key: tuple[str, str], source: Source) -> bool:
        found = self._books.get(key)
        return found is not None and found[0] == source.parser_version and found[2] == "loaded"

    def _other_hint(self, sha: str, hint: str) -> str:
        """The hint under which these bytes are loaded already, where it is another one."""
        held = self._hints.get(sha, hint)
        return "" if held == hint else held

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
        """The pipeline over many files: while one is being stored, the child parses the next."""
        with ThreadPoolExecutor(1) as ahead:
            waiting: tuple[Path, Outcome | _Admitted, Future[_Parsed] | None] | None = None
            for path, answer in files:
                admitted = answer if isinstance(answer, Outcome) else self._identified(answer, product)
                parsed = None
                if isinstance(admitted, _Admitted):
                    parsed = ahead.submit(self._parsed, admitted.answer, admitted.source)
                if waiting is not None:
                    yield waiting[0], self._finish(waiting[1], waiting[2], now)
                waiting = (path, admitted, parsed)
            if waiting is not None:
                yield waiting[0], self._finish(waiting[1], waiting[2], now)

    def _finish(self, admitted: Outcome | _Admitted, parsed: Future[_Parsed] | None, now: datetime) -> Outcome:
        if isinstance(admitted, Outcome) or parsed is None:
            return admitted if isinstance(admitted, Outcome) else Outcome(admitted.answer.name, "refused")
        return self._settle(admitted, parsed.result(), now)

    def _identified(self, answer: Answer, product: str | None) -> Outcome | _Admitted:
        try:
            source, hint = identify(answer.body, answer.name, tuple(self.sources.values()), product)
        except BadFile as error:
            return Outcome(answer.name, "refused", message=str(error))
        return self._admit(replace(answer, hint=hint), source, again=False)

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
                file, parsed = _Admitted(answer, source, entry.sha256), self._parsed(answer, source)
                done.append(self._settle(file, parsed, lines[key].loaded_at, journal=False))
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
