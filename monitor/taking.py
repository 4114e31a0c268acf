"""One question and what becomes of its answer: asked, archived, parsed, loaded, and only then logged.

Shared by all who ask publishers. Only whoever owns the home may `take`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from monitor.addresses import redact
from monitor.archive import Archive, AskLine
from monitor.collect import Outcome
from monitor.errors import Blocked, BullionError, NotPublished
from monitor.house import House
from monitor.http import Unchanged
from monitor.model import Answer, Ask, Source


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


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written down of one question."""

    line: AskLine
    file: Outcome | None
    """How the file ended; None where none came."""

    @property
    def outcome(self) -> Outcome:
        """The file's, else one without a file whose status is the outcome of the question."""
        if self.file is not None:
            return self.file
        return Outcome(self.line.url, self.line.outcome, self.line.source, message=self.line.error)


def put(
    asker: Asker, source: Source, ask: Ask, line: AskLine | None, now: datetime
) -> Answer | Unchanged | BullionError:
    """Send a question, with the validators of the last one to that URL; every failure is an answer too."""
    try:
        return asker.fetch(ask, source.hosts, now=now, validators=line.validators if line else None)
    except BullionError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever the network does, the source is told as unreachable
        return BullionError(f"{ask.source}: asking failed: {type(error).__name__}")


def take(house: House, said: Said, now: datetime) -> Taken:
    """Load an answer, then write down how the question went: a kill in between asks once more."""
    file = load(house, said, now)
    return Taken(log(house.archive, said, file), file)


def load(house: House, said: Said, now: datetime) -> Outcome | None:
    """The answer through the whole pipeline; None where there is none."""
    return house.collector.take(said.what, said.source, now) if isinstance(said.what, Answer) else None


def log(archive: Archive, said: Said, file: Outcome | None) -> AskLine:
    """Write down how the question went; `file` is how its answer ended."""
    url = redact(said.ask.url)
    line = AskLine(said.at, said.source.name, said.ask.session, url, said.word)
    if isinstance(said.what, Answer) and file is not None:
        line = _with_file(line, said.what, file)
    elif isinstance(said.what, BullionError):
        line = replace(line, error=str(said.what))
    elif (before := archive.last_asks().get((line.source, url))) and before.outcome in ("answered", "unchanged"):
        line = replace(line, error=before.error)  # the same bytes, so the same thing is wrong with them
    archive.log_ask(line)
    return line


def _with_file(line: AskLine, answer: Answer, file: Outcome) -> AskLine:
    error = "" if file.kept else file.message
    if file.status == "blocked":
        return replace(line, outcome="blocked", error=error)
    headers = {name.lower(): value for name, value in answer.headers}
    return replace(
        line,
        outcome="not_published" if file.status == "not_published" else "answered",
        sha256=file.sha256,
        error=error,
        etag=headers.get("etag", ""),
        last_modified=headers.get("last-modified", ""),
    )
