"""Handing work to a running daemon: a request folder in, an answer file out.

spool/<id>/files/0001     copies of the files to load, or the bodies of publishers' answers
spool/<id>/request.json   written after them, so a request is whole or not there
spool/<id>/taken          one byte for each time a daemon took it up
spool/<id>/answer.json    written by the daemon; whoever asked then removes the folder
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from monitor.addresses import redact
from monitor.collect import Outcome
from monitor.errors import Blocked, BullionError, Busy, NotPublished, Unreachable
from monitor.house import owner
from monitor.http import Unchanged
from monitor.inbox import read
from monitor.model import Answer, Ask, Source
from monitor.taking import Said

PATIENCE_SECONDS: Final = 120.0
"""How long the command line waits for a daemon to take a request up; once it has, for as long as that daemon lives."""
GONE_SECONDS: Final = 5.0
"""How long the home may have no owner before the daemon counts as gone: a restart takes a second or two."""
ATTEMPTS: Final = 3
"""How often a request is taken up that ends the daemon each time."""
KEPT: Final = timedelta(days=1)
"""How long a folder stays that nobody came back for."""


@dataclass(frozen=True, slots=True)
class Request:
    """What another process asks of the daemon: `load`, `take`, `reparse` or `rebuild`."""

    folder: Path
    verb: str
    names: tuple[str, ...]
    """Files: their names as given; reparse: sources."""
    product: str | None
    said: tuple[dict[str, Any], ...] = ()
    """take: what publishers said, but for the bodies."""


# --- the command line's side ----------------------------------------------------------------


def ask(
    home: Path,
    verb: str,
    *,
    paths: Sequence[Path] = (),
    names: Iterable[str] = (),
    product: str | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[Outcome]:
    """Hand a request over, wait for the daemon, and give its verdicts.

    Raises Busy where no answer comes: the request stays and is worked off by the daemon or the next one; BullionError
    where the daemon could not do it.
    """
    folder = home / "spool" / secrets.token_hex(8)
    (folder / "files").mkdir(parents=True)
    for number, path in enumerate(paths, 1):
        shutil.copyfile(path, folder / "files" / f"{number:04d}")
    listed = [str(Path(path.parent.name) / path.name) for path in paths] or list(names)
    _write(folder / "request.json", {"verb": verb, "names": listed, "product": product})
    yield from _verdicts(home, folder, patience)


def hand_over(home: Path, heard: Sequence[Said], *, patience: float = PATIENCE_SECONDS) -> Iterator[Outcome]:
    """Hand over what publishers said, and give the daemon's verdict on each; raises as `ask` does."""
    folder = home / "spool" / secrets.token_hex(8)
    (folder / "files").mkdir(parents=True)
    for number, said in enumerate(heard, 1):
        if isinstance(said.what, Answer):
            (folder / "files" / f"{number:04d}").write_bytes(said.what.body)
    said_all = [_plain(said) for said in heard]
    _write(folder / "request.json", {"verb": "take", "names": [], "product": None, "said": said_all})
    yield from _verdicts(home, folder, patience)


def _plain(said: Said) -> dict[str, object]:
    ask, what = said.ask, said.what
    plain: dict[str, object] = {
        "source": said.source.name, "session": ask.session.isoformat(), "url": redact(ask.url),
        "at": said.at.isoformat(), "word": said.word, "error": str(what) if isinstance(what, BullionError) else "",
    }  # fmt: skip
    if isinstance(what, Answer):
        plain["answer"] = {
            "name": what.name, "fetched_at": what.fetched_at.isoformat(), "url": what.url, "hint": what.hint,
            "headers": list(what.headers),
        }  # fmt: skip
    return plain


def _verdicts(home: Path, folder: Path, patience: float) -> Iterator[Outcome]:
    _await(home, folder, patience)
    said = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    shutil.rmtree(folder)
    if said["error"]:
        raise BullionError(said["error"])
    for row in said["outcomes"]:
        yield Outcome(**{**row, "sessions": tuple(date.fromisoformat(day) for day in row["sessions"])})


def _await(home: Path, folder: Path, patience: float) -> None:
    """Until the answer is there. Raises Busy where it is not to be expected any more."""
    began = seen = looked = time.monotonic()
    while not (folder / "answer.json").exists():
        now = time.monotonic()
        if now - looked > 1:
            looked = now
            seen = now if owner(home / "lock") else seen
        if now - seen > GONE_SECONDS:
            raise Busy(f"the daemon has stopped; the next one will work off {folder}")
        if now - began > patience and not (folder / "taken").exists():
            raise Busy(f"the daemon has not come to it in {patience:.0f} s; it will work off {folder}")
        time.sleep(0.05)


# --- the daemon's side ----------------------------------------------------------------------


def pending(home: Path) -> list[Request]:
    """Whole requests not yet answered, oldest first."""
    return [
        Request(path.parent, said["verb"], tuple(said["names"]), said["product"], tuple(said["said"]))
        for path in sorted((home / "spool").glob("*/request.json"), key=_age)
        if not (path.parent / "answer.json").exists() and (said := _said(path))
    ]


def take_up(request: Request) -> None:
    """Note that work begins. Raises BullionError where it has begun often enough and never ended."""
    marks = request.folder / "taken"
    if marks.exists() and marks.stat().st_size >= ATTEMPTS:
        raise BullionError(f"given up: {request.verb} was begun {ATTEMPTS} times and the daemon ended each time")
    with marks.open("ab") as file:
        file.write(b".")


def answers(request: Request, now: datetime) -> Iterator[Answer | Outcome]:
    """The files of a `load`, under the names they were given by; a copy that cannot be read is a refusal."""
    for number, name in enumerate(request.names, 1):
        try:
            yield read(request.folder / "files" / f"{number:04d}", now, name=name)
        except BullionError as error:
            yield Outcome(name, "refused", message=str(error))


def heard(request: Request, sources: Mapping[str, Source]) -> list[Said]:
    """What publishers said, of a `take`. Raises BullionError where it is not all there."""
    try:
        return [_said_of(request, number, plain, sources) for number, plain in enumerate(request.said, 1)]
    except (KeyError, TypeError, ValueError) as error:
        raise BullionError(f"this is not what a publisher said: {type(error).__name__}: {error}") from error


def _said_of(request: Request, number: int, plain: dict[str, Any], sources: Mapping[str, Source]) -> Said:
    source, at = sources[plain["source"]], datetime.fromisoformat(plain["at"])
    ask = Ask(source.name, date.fromisoformat(plain["session"]), plain["url"])
    kinds = {"blocked": Blocked, "not_published": NotPublished, "unreachable": Unreachable}
    if plain["word"] == "unchanged":
        return Said(source, ask, at, Unchanged(ask.url, at))
    if plain["word"] != "answered":
        return Said(source, ask, at, kinds[plain["word"]](plain["error"]))
    kept = plain["answer"]
    body = read(request.folder / "files" / f"{number:04d}", at).body
    headers = tuple((str(name), str(value)) for name, value in kept["headers"])
    fetched_at = datetime.fromisoformat(kept["fetched_at"])
    return Said(source, ask, at, Answer(body, kept["name"], fetched_at, kept["url"], kept["hint"], headers))


def answer(request: Request, outcomes: Iterable[Outcome], error: str = "") -> None:
    """Tell the waiting process how it went; nothing where it has taken its folder away."""
    rows = [{**asdict(outcome), "sessions": [day.isoformat() for day in outcome.sessions]} for outcome in outcomes]
    if request.folder.is_dir():
        _write(request.folder / "answer.json", {"outcomes": rows, "error": error})


def sweep(home: Path, now: datetime) -> None:
    """Remove what has lain for a day and waits for no daemon: answered, or never finished."""
    waiting = {request.folder for request in pending(home)}
    for folder in (home / "spool").glob("*"):
        with suppress(OSError):
            if folder not in waiting and now.timestamp() - folder.stat().st_mtime > KEPT.total_seconds():
                shutil.rmtree(folder)


def _said(path: Path) -> dict[str, Any] | None:
    """A request as written; None where it is none or has just been taken away."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return {
            "verb": str(said["verb"]), "names": [str(name) for name in said["names"]], "product": said["product"],
            "said": list(said.get("said", [])),
        }  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.parent.name
    except OSError:
        return 0.0, path.parent.name


def _write(path: Path, said: dict[str, object]) -> None:
    draft = path.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
