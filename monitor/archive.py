"""Raw bytes as received, kept for ever before anyone parses them; everything else can be rebuilt from here.

    raw/ab/<sha256>          the bytes, read-only, named for their own hash
    raw/ab/<sha256>.json     the sidecar: where they came from, sealed with a hash of its own
    sightings.jsonl          the same bytes seen again under another source or hint
    loads.jsonl              the journal: which parser loaded or refused what, and when
    asks.jsonl               what was asked of whom, and how it went

A file appears under its name only when it is whole and on disk, its sidecar before it. Lines are only ever
appended, each with a checksum; a line torn by a crash is passed over when reading and told by `verify`.
Every method that writes raises OSError where the disk refuses, and has then acknowledged nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from dataclasses import fields as fields_of
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from monitor.clock import naive, parse_moment
from monitor.durable import (
    append_line,
    bytes_from,
    checked_line,
    is_same,
    lines_of,
    seal,
    sync_folder,
    unseal,
    write_synced,
)
from monitor.errors import Unreadable
from monitor.model import Answer

_SHA: Final = re.compile(r"[0-9a-f]{64}")
_TEMP: Final = re.compile(r"\.([0-9a-f]{64})(\.json)?\.[0-9a-f]+\.tmp")


@dataclass(frozen=True, slots=True)
class Kept:
    """Acknowledges that these bytes are on disk; `new` where they were not before."""

    sha256: str
    path: Path
    new: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One sighting of archived bytes: under which source and hint, when."""

    sha256: str
    source: str
    hint: str | None
    name: str
    fetched_at: datetime
    url: str | None = None


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One line of the journal: these bytes, read by that parser as that source, were `loaded` or `refused`."""

    sha256: str
    source: str
    hint: str | None
    parser_version: int
    loaded_at: datetime
    outcome: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class AskLine:
    """How one question went: `answered`, `unchanged`, `not_published`, `blocked` or `unreachable`."""

    at: datetime
    source: str
    session: date
    url: str
    outcome: str
    sha256: str = ""
    error: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def validators(self) -> dict[str, str]:
        """What to ask with next time, so that the publisher may answer "unchanged"."""
        return {name: value for name, value in (("etag", self.etag), ("last_modified", self.last_modified)) if value}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the archive that is not as it was written."""

    kind: str
    """`flipped`, `missing`, `sidecar`, `temp`, `stray` or `line`."""
    where: str
    message: str


class Archive:
    """The archive folder of a home. One process writes at a time (the home's lock); its threads may share this."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._raw = folder / "raw"
        self._lock = threading.Lock()
        self._asks: dict[tuple[str, str], AskLine] = {}
        self._asks_read = 0

    # --- bytes ------------------------------------------------------------------------

    def keep(self, answer: Answer, source: str) -> Kept:
        """Puts the bytes on disk, synced, once. Bytes held already only gain a line in `sightings.jsonl`, and that
        only where no sighting has this source and hint. A damaged copy on disk is replaced by the good bytes.
        """
        sha = hashlib.sha256(answer.body).hexdigest()
        path = self._path(sha)
        entry = Entry(sha, source, answer.hint, answer.name, answer.fetched_at, answer.url)
        with self._lock:
            self._shard(path.parent)
            first = self._sidecar(sha)
            whole = is_same(path, answer.body)
            if isinstance(first, str):
                self._write(
                    path, answer.body, seal({**_plain(entry), "bytes": len(answer.body), "headers": answer.headers})
                )
            elif not whole:
                self._write(path, answer.body, None)
            else:
                sync_folder(path.parent)
            if not isinstance(first, str) and not self._sighted(entry, first):
                append_line(self.folder / "sightings.jsonl", _plain(entry), sync=True)
        return Kept(sha, path, new=not whole)

    def path(self, sha256: str) -> Path:
        """Where these bytes lie, held or not."""
        return self._path(sha256)

    def holds(self, sha256: str) -> bool:
        """Whether these bytes were kept, under whatever source."""
        return self._path(sha256).is_file()

    def read(self, sha256: str) -> Answer:
        """The bytes with their first sidecar. Raises Unreadable where either is missing or not as written."""
        path, sidecar = self._path(sha256), self._sidecar(sha256)
        if isinstance(sidecar, str):
            raise Unreadable(f"archived file {sha256[:12]} cannot be trusted: {sidecar}; run `bullion archive verify`")
        try:
            body = path.read_bytes()
        except OSError as error:
            raise Unreadable(f"archived file {sha256[:12]} cannot be read: {error.strerror}", str(path)) from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise Unreadable(f"archived file {sha256[:12]} no longer has the bytes it is named for", str(path))
        entry = _entry_from(sidecar)
        headers = tuple((str(name), str(value)) for name, value in sidecar["headers"])
        return Answer(body, entry.name, entry.fetched_at, entry.url, entry.hint, headers)

    def answer(self, entry: Entry) -> Answer:
        """The bytes of one sighting, under its own hint and name. Raises Unreadable as `read` does."""
        return replace(
            self.read(entry.sha256), hint=entry.hint, name=entry.name, fetched_at=entry.fetched_at, url=entry.url
        )

    def entries(self) -> Iterator[Entry]:
        """Every sighting of bytes that are held, oldest first; damaged ones are left to `verify`."""
        found: list[Entry] = []
        held: set[str] = set()
        for path in self._files():
            if _SHA.fullmatch(path.name) and not isinstance(sidecar := self._sidecar(path.name), str):
                held.add(path.name)
                found.append(_entry_from(sidecar))
        found += [entry for entry in self._sightings() if entry.sha256 in held]
        yield from sorted(found, key=lambda e: (e.fetched_at, e.sha256, e.source, e.hint or "", e.name))

    def sweep(self) -> int:
        """Clears what a killed process left behind; the number of temporary files dealt with.

        Bytes whose sidecar was already in place are complete, and are given their name instead.
        """
        swept = 0
        with self._lock:
            for path in self._files():
                if not (match := _TEMP.fullmatch(path.name)):
                    continue
                sha, target = match[1], path.parent / match[1]
                complete = not match[2] and not target.exists() and not isinstance(self._sidecar(sha), str)
                if complete and hashlib.sha256(path.read_bytes()).hexdigest() == sha:
                    path.rename(target)
                else:
                    path.unlink()
                sync_folder(path.parent)
                swept += 1
        return swept

    # --- the journal and the log of asks ------------------------------------------------

    def journal(self, line: LoadLine) -> None:
        """Appends one line to the journal, on disk when this returns."""
        with self._lock:
            append_line(self.folder / "loads.jsonl", _plain(line), sync=True)

    def journal_lines(self) -> Iterator[LoadLine]:
        """The journal in the order it was written, torn lines passed over."""
        for fields in lines_of(self.folder / "loads.jsonl"):
            if isinstance(fields, dict):
                yield LoadLine(**{**fields, "loaded_at": parse_moment(fields["loaded_at"])})

    def log_ask(self, line: AskLine) -> None:
        """Appends how a question went. Flushed but not synced: losing a line costs one request.

        Its URL is the one without secrets, here and when it is looked for.
        """
        with self._lock:
            append_line(self.folder / "asks.jsonl", _plain(line), sync=False)

    def last_asks(self) -> dict[tuple[str, str], AskLine]:
        """The last line of each (source, url).

        Where it is no answer it carries the sha256 and validators of the last answer, so that a refusal in between
        does not make us fetch the same bytes again.
        """
        with self._lock:
            data = bytes_from(self.folder / "asks.jsonl", self._asks_read)
            whole = data[: data.rfind(b"\n") + 1]
            self._asks_read += len(whole)
            for line in whole.splitlines():
                if fields := checked_line(line):
                    self._remember(fields)
            return dict(self._asks)

    def _remember(self, fields: dict[str, Any]) -> None:
        session = date.fromisoformat(fields["session"])
        line = AskLine(**{**fields, "at": parse_moment(fields["at"]), "session": session})
        key = (line.source, line.url)
        if line.outcome != "answered" and (before := self._asks.get(key)):
            line = replace(
                line,
                sha256=line.sha256 or before.sha256,
                etag=line.etag or before.etag,
                last_modified=line.last_modified or before.last_modified,
            )
        self._asks[key] = line

    # --- checking -----------------------------------------------------------------------

    def verify(self) -> list[Problem]:
        """Reads everything there is and names all that is not as it was written, in order of place."""
        problems: list[Problem] = []
        held: set[str] = set()
        for path in self._files():
            where = path.relative_to(self.folder).as_posix()
            name = path.name.removesuffix(".json")
            if _TEMP.fullmatch(path.name):
                problems.append(Problem("temp", where, "left by a killed process; `sweep` clears it"))
            elif not _SHA.fullmatch(name) or path.parent != self._path(name).parent or not path.is_file():
                problems.append(Problem("stray", where, "does not belong here"))
            elif path.suffix == ".json":
                if not self._path(name).exists():
                    problems.append(Problem("missing", where, "a sidecar without its bytes: load the file again"))
            else:
                held.add(name)
                problems += self._verify_one(name, path, where)
        for name in ("sightings.jsonl", "loads.jsonl", "asks.jsonl"):
            for number, fields in enumerate(lines_of(self.folder / name), start=1):
                if isinstance(fields, str):
                    problems.append(Problem("line", f"{name}:{number}", fields))
                elif (sha := fields["sha256"]) and sha not in held:
                    problems.append(Problem("missing", f"{name}:{number}", f"names {sha}, which is not here"))
        return problems

    def _verify_one(self, sha: str, path: Path, where: str) -> Iterator[Problem]:
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            yield Problem("missing", where, f"cannot be read: {error.strerror}")
        else:
            if found != sha:
                yield Problem("flipped", where, f"its bytes now hash to {found[:12]}: load the file again")
        if isinstance(sidecar := self._sidecar(sha), str):
            yield Problem("sidecar", f"{where}.json", sidecar)

    # --- inside ---------------------------------------------------------------------------

    def _path(self, sha: str) -> Path:
        if not _SHA.fullmatch(sha):
            raise Unreadable(f"{sha[:80]!r} is no sha256")
        return self._raw / sha[:2] / sha

    def _files(self) -> Iterator[Path]:
        """Everything that lies in the shards of raw/, and whatever else lies in raw/, in order of name."""
        for shard in sorted(self._raw.iterdir()) if self._raw.is_dir() else ():
            if shard.is_dir() and not shard.is_symlink():
                yield from sorted(shard.iterdir())
            else:
                yield shard

    def _sidecar(self, sha: str) -> dict[str, Any] | str:
        """The sidecar's fields, else what is wrong with it."""
        path = self._path(sha).with_name(f"{sha}.json")
        try:
            fields = unseal(path.read_bytes())
        except FileNotFoundError:
            return "its sidecar is missing"
        except OSError as error:
            return f"its sidecar cannot be read: {error.strerror}"
        if fields is None or fields.get("sha256") != sha:
            return "its sidecar is not as it was written"
        return fields

    def _sightings(self) -> Iterator[Entry]:
        for fields in lines_of(self.folder / "sightings.jsonl"):
            if isinstance(fields, dict):
                yield _entry_from(fields)

    def _sighted(self, entry: Entry, first: dict[str, Any]) -> bool:
        key = (entry.source, entry.hint)
        if key == (first["source"], first["hint"]):
            return True
        return any(key == (seen.source, seen.hint) for seen in self._sightings() if seen.sha256 == entry.sha256)

    def _shard(self, shard: Path) -> None:
        if not shard.is_dir():
            shard.mkdir(parents=True, exist_ok=True)
            for folder in (self._raw, self.folder, self.folder.parent):
                sync_folder(folder)

    def _write(self, path: Path, body: bytes, sidecar: bytes | None) -> None:
        """Both temporary files are on disk before either gets its name; the bytes get theirs last."""
        ready: list[tuple[Path, Path]] = []
        try:
            for data, target in ((body, path), (sidecar, path.with_name(f"{path.name}.json"))):
                if data is not None:
                    temp = path.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
                    ready.append((temp, target))
                    write_synced(temp, data)
            for temp, target in reversed(ready):
                temp.replace(target)
        except BaseException:
            for temp, _ in ready:
                with suppress(OSError):
                    temp.unlink()
            raise
        sync_folder(path.parent)


def _plain(line: Entry | LoadLine | AskLine) -> dict[str, Any]:
    """Its fields as JSON values."""
    return {item.name: _value(getattr(line, item.name)) for item in fields_of(line)}


def _value(value: Any) -> Any:
    """Moments to the microsecond where there is one: a rebuild must give the very moment that was loaded."""
    if isinstance(value, datetime):
        return naive(value).isoformat() + "Z"
    return value.isoformat() if isinstance(value, date) else value


def _entry_from(fields: dict[str, Any]) -> Entry:
    known = {item.name: fields[item.name] for item in fields_of(Entry)}
    return Entry(**{**known, "fetched_at": parse_moment(fields["fetched_at"])})
