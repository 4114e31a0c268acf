"""`bullion backfill SOURCE --from DATE [--to DATE]`: ask a publisher for what is missing of the past."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from typing import Final

from monitor import backfill, config, published, wiring
from monitor.archive import Archive, AskLine
from monitor.backfill import Plan, Summary
from monitor.clock import read_clock
from monitor.decode import Decoder
from monitor.errors import BullionError, Busy, ConfigError
from monitor.house import House
from monitor.model import Ask, Source
from monitor.places import find
from monitor.plan import Held
from monitor.rounds import TROUBLE, in_words
from monitor.sources.registry import discover
from monitor.taking import Asker

INTERRUPTED: Final = 130
RESUME: Final = "the same command goes on where this one stopped"
QUIET_SECONDS: Final = 2.0
"""A run that is over by then shows no progress, unless on a terminal."""
LINE_SECONDS: Final = 10.0
"""Between two lines of progress where there is no terminal."""
BAR: Final = 24


def run(args: argparse.Namespace) -> int:
    """0 where all was asked and read, 1 where something was refused, 130 where a signal ended it early."""
    settings, folders = config.load(args.config), config.Folders(config.home_of(args.config, args.home))
    source = _source(args.name)
    if args.end and args.start > args.end:
        raise ConfigError(f"--from {args.start} is after --to {args.end}")
    refused = backfill.refusal(settings, source, find(args.config), folders.inbox)
    asker = wiring.fetcher(settings, folders)
    if refused or asker is None:
        raise BullionError(refused)
    try:
        done = _backfill(args, settings, folders, source, asker)
    except TROUBLE as error:
        if isinstance(error, BullionError):
            raise
        raise BullionError(f"stopped: {in_words(error)}; {RESUME}") from error
    print(json.dumps(_row(done), indent=2) if args.json else _line(done))
    if done.interrupted or done.stopped:
        print(f"bullion: stopped: {done.stopped or 'as asked'}; {RESUME}", file=sys.stderr)
    return INTERRUPTED if done.interrupted else 0 if done.is_whole else 1


def _source(name: str) -> Source:
    known, _ = discover()
    if name not in known:
        raise BullionError(f"there is no source {name}; known: {', '.join(known)}")
    return known[name]


def _backfill(
    args: argparse.Namespace, settings: config.Settings, folders: config.Folders, source: Source, asker: Asker
) -> Summary:
    """In this process where the home is free, else with the daemon that owns it."""
    now = read_clock()
    try:
        house = House(settings, folders.home, now)
    except Busy:
        archive, held = Archive(folders.archive), _published(folders, source)
        keeper: backfill.Keeper
        with closing(Decoder()) as decoder:
            keeper = backfill.Beside(folders.home, decoder)
            return _asked(args, source, asker, keeper, archive, held)
    with house:
        keeper = backfill.Own(house, lambda: wiring.tell(house, read_clock()))
        return _asked(args, source, asker, keeper, house.archive, Held(house.store.files_held(source.name)))


def _published(folders: config.Folders, source: Source) -> Held:
    """What the daemon has shown that it holds."""
    files: dict[date, set[str]] = {}
    if (folders.published / published.LINK).exists():
        with published.Reader(published.newest(folders.published)) as reader, reader.cursor() as cur:
            cur.execute("select session, raw_sha256 from source_sessions where source = ?", [source.name])
            for session, sha in cur.fetchall():
                files.setdefault(session, set()).add(sha)
    return Held({session: frozenset(found) for session, found in files.items()})


def _asked(
    args: argparse.Namespace, source: Source, asker: Asker, keeper: backfill.Keeper, archive: Archive, held: Held
) -> Summary:
    def last() -> Mapping[str, AskLine]:
        return {url: line for (name, url), line in archive.last_asks().items() if name == source.name}

    work = backfill.plan_of(source, held, last(), read_clock(), args.start, args.end)
    stop, progress = _Stop(), _Progress(work)

    def goes_on(done: Summary, ask: Ask) -> bool:
        progress.show(done, ask)
        return not stop.is_asked

    try:
        return backfill.run(work, asker, keeper, last, read_clock, again=args.again, goes_on=goes_on)
    finally:
        progress.clear()


class _Stop:
    """The first SIGINT or SIGTERM ends the run after the file in hand, the second one at once."""

    def __init__(self) -> None:
        self.is_asked = False
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._hear)

    def _hear(self, *_: object) -> None:
        self.is_asked = True
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.default_int_handler)


class _Progress:
    """On stderr: a bar on a terminal, now and then a line elsewhere."""

    def __init__(self, work: Plan) -> None:
        self._work = work
        self._next = time.monotonic() + QUIET_SECONDS
        self._is_bar = sys.stderr.isatty()
        self._width = 0

    def show(self, done: Summary, ask: Ask) -> None:
        """Before a question."""
        over, whole = done.asked + done.left_alone, len(self._work.asks)
        text = f"{ask.source} {over}/{whole} at session {ask.session}, {_counts(done)}"
        if self._is_bar:
            full = BAR * over // whole
            text = f"[{'#' * full}{'.' * (BAR - full)}] {text}"
            print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + LINE_SECONDS
            print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave no half line behind."""
        if self._width:
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)


_ALWAYS: Final = ("loaded", "held", "not_published", "refused")


def _counts(done: Summary) -> str:
    words = [*_ALWAYS, *sorted(word for word in done.outcomes if word not in _ALWAYS)]
    return ", ".join(f"{done.outcomes[word]} {word.replace('_', ' ')}" for word in words)


def _line(done: Summary) -> str:
    days, missing = done.plan.sessions, done.plan.missing
    if not days:
        return f"{done.plan.source.name}: 0 asked; nothing of that span is due and can be asked for"
    lately = f", {done.left_alone} left alone, since they were answered within a day (--again asks)"
    return (
        f"{done.plan.source.name}: {done.asked} asked, {_counts(done)}{lately if done.left_alone else ''}; "
        f"{len(days)} sessions from {days[0]} to {days[-1]}, {len(days) - len(missing)} of them complete before"
    )


def _row(done: Summary) -> dict[str, object]:
    days = done.plan.sessions
    return {
        "source": done.plan.source.name,
        "from": days[0].isoformat() if days else None,
        "to": days[-1].isoformat() if days else None,
        "sessions": len(days),
        "complete_before": len(days) - len(done.plan.missing),
        "asked": done.asked,
        **{word: done.outcomes[word] for word in (*_ALWAYS, "unreachable", "blocked")},
        "left_alone": done.left_alone,
        "stopped": done.stopped or ("interrupted" if done.interrupted else ""),
    }
