"""One home, opened for writing by one process: lock, archive, live store, decoder, collector."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType

from monitor import checks, checktables, publish, reference, sessions
from monitor.archive import Archive
from monitor.checkfile import Check
from monitor.clock import stamp
from monitor.collect import Collector, Outcome
from monitor.config import Folders, Settings
from monitor.decode import Decoder
from monitor.errors import Busy, ConfigError
from monitor.model import Source
from monitor.sources.registry import discover
from monitor.store import Store, StoreDamaged


class Lock:
    """`home/lock`: held while this process writes; says who it is."""

    def __init__(self, path: Path, now: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if not _locks(self._handle):
            os.close(self._handle)
            raise Busy(f"{path.parent} is in use by {owner(path) or 'another process'}")
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, json.dumps({"pid": os.getpid(), "since": stamp(now)}).encode(), 0)

    def release(self) -> None:
        os.close(self._handle)


def _locks(handle: int) -> bool:
    """Whether the lock is ours now. Those who only look at it, as `owner` does, hold it for an instant."""
    for wait in (0.05, 0.1, 0.2, 0.0):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(wait)
        else:
            return True
    return False


def owner(path: Path) -> str:
    """Who holds this lock, in words; '' where nobody does."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        said = json.loads(os.read(handle, 1000) or b"{}")
        return f"process {said.get('pid', '?')} since {said.get('since', '?')}"
    finally:
        os.close(handle)
    return ""


class House:
    """Everything under one home that takes a single writer. Use as a context manager.

    `recovered` says, in a sentence, what was moved aside if the live file did not open; `resumed` lists the
    files an interrupted run had begun. The child that parses starts while the store opens, unless `warm` is off;
    `decoder` is one that several homes use one after the other, and stays open.
    """

    def __init__(
        self, settings: Settings, home: Path, now: datetime, *, warm: bool = True, decoder: Decoder | None = None
    ) -> None:
        self.settings = settings
        self.folders = Folders(home)
        self.sources = _sources(settings)
        self.broken: dict[str, str] = {}
        self.checks = self._checks()
        overrides = _overrides(settings, home)
        sessions.load_overrides(overrides)
        sessions.prove({})
        self._lock = Lock(self.folders.lock, now)
        self.folders.inbox.mkdir(exist_ok=True)
        self.archive = Archive(self.folders.archive)
        self.archive.sweep()
        self._is_lent = decoder is not None and overrides is None
        self.decoder = decoder if decoder and self._is_lent else Decoder(overrides=overrides)
        if warm:
            self.decoder.start()
        self.store, self.recovered = _open_store(self.folders.live, now)
        self.write_reference(now)
        self.collector = Collector(self.archive, self.store, self.decoder, self.sources)
        self.resumed = self.collector.reconcile(now)

    def __enter__(self) -> House:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child where it is ours, close the store, let the home go."""
        if not self._is_lent:
            self.decoder.close()
        self.store.close()
        self._lock.release()
        sessions.load_overrides(None)
        sessions.prove({})

    def fetching(self) -> Mapping[str, bool]:
        """Which sources the operator lets us ask. None without a contact for the User-Agent."""
        return {
            name: bool(self.settings.contact) and self.settings.sources[name].fetch
            for name in self.sources
            if name in self.settings.sources
        }

    def write_reference(self, now: datetime) -> None:
        """Bring the reference tables up to `now`, at start."""
        reference.write(self.store, self.sources.values(), self.fetching(), now)
        self.store.replace("thresholds", checktables.threshold_frame(self.checks.values()))
        self.store.replace("check_sources", checktables.source_frame(self.checks.values()))
        self.referenced = now.date()
        self.count_proven(now)

    def count_proven(self, now: datetime) -> None:
        """Let the days that loaded reports prove count as sessions; everything dated by sessions is written again."""
        if sessions.prove(reference.proven(self.store)):
            reference.write(self.store, self.sources.values(), self.fetching(), now)

    def write_nightly(self, now: datetime) -> None:
        """What moves with the day; all of it on the first of a month."""
        if now.day == 1:
            self.write_reference(now)
        reference.write_due(self.store, self.sources.values(), now)
        self.referenced = now.date()

    def write_asks(self) -> None:
        """Bring the table of how the last questions ended up to now: checks and pages read it."""
        reference.write_asks(self.store, self.archive.last_asks().values())

    def publish(self, now: datetime) -> Path:
        """Publish a generation, with how the last questions ended."""
        self.write_asks()
        return publish.publish(self.store, self.folders.published, now)

    def rebuild(self, now: datetime) -> list[Outcome]:
        """Make the live file again from the archive and the journal."""
        self.store.close()
        aside = _aside(self.folders.live, now)
        _move(self.folders.live, aside)
        self.store = Store(self.folders.live)
        sessions.prove({})
        self.write_reference(now)
        self.collector = Collector(self.archive, self.store, self.decoder, self.sources)
        return self.collector.reconcile(now)

    def _checks(self) -> dict[str, Check]:
        overrides = {name: part.model_dump() for name, part in self.settings.checks.items()}
        found, broken = checks.discover(overrides)
        self.broken = broken
        if unknown := sorted(set(self.settings.checks) - set(found) - set(broken)):
            raise ConfigError(f"checks.{unknown[0]}: there is no such check; known: {', '.join(found)}")
        off = {name for name, part in self.settings.checks.items() if not part.enabled}
        return {name: check for name, check in found.items() if name not in off}


def _overrides(settings: Settings, home: Path) -> Path | None:
    """The operator's calendar file; a name without a folder is sought in the home."""
    named = settings.calendars.overrides
    return home / Path(named).expanduser() if named else None


def _sources(settings: Settings) -> dict[str, Source]:
    found, broken = discover()
    if unknown := sorted(set(settings.sources) - set(found) - set(broken)):
        raise ConfigError(f"sources.{unknown[0]}: there is no such source; known: {', '.join(found)}")
    return found


def _open_store(path: Path, now: datetime) -> tuple[Store, str]:
    """The store, and what had to be moved aside: first the write-ahead log alone, then the file."""
    try:
        return Store(path), ""
    except StoreDamaged as error:
        first = str(error)
    aside = _aside(path, now)
    _move(path.with_name(path.name + ".wal"), aside)
    try:
        return Store(path), f"{first}; its write-ahead log was moved to {aside} and the rest was loaded again"
    except StoreDamaged:
        _move(path, aside)
        return Store(path), f"{first}; it was moved to {aside} and rebuilt from the archive"


def _aside(path: Path, now: datetime) -> Path:
    folder = path.parent / f"aside-{stamp(now).replace(':', '')}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _move(path: Path, folder: Path) -> None:
    for part in (path, path.with_name(path.name + ".wal")):
        if part.exists():
            part.rename(folder / part.name)
