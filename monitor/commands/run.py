"""`bullion run`: the daemon."""

from __future__ import annotations

import argparse
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from monitor import config, wiring
from monitor.batch import Teller
from monitor.clock import read_clock, stamp
from monitor.commands import page
from monitor.daemon import PATIENCE_SECONDS, Daemon
from monitor.errors import BullionError
from monitor.house import House
from monitor.memopost import MemoPost
from monitor.notify import ALIVE, READY, STOPPING, notify
from monitor.rounds import UNUSABLE, Round, in_words
from monitor.service import WATCHDOG_SECONDS

LONGEST_ROUND: Final = 900.0
"""Seconds, such as making a database of ten years again takes; a round of more hangs."""
LONGEST_PAUSE: Final = 60.0
"""Seconds beyond the interval in which no round begins, after which the scheduler is taken for dead."""
LARGEST_JUMP: Final = timedelta(minutes=5)
ONCE_SECONDS: Final = 3_600.0
"""How long a single round waits for publishers, who are asked one question every few seconds."""
DRAIN_SECONDS: Final = 8.0
"""How long a stop waits for the round at work. A round cut off is no harm: everything in it can be done again."""


def run(args: argparse.Namespace) -> int:
    """Until SIGTERM or SIGINT; the round at work is finished first. With --once, one round.

    Raises BullionError where the database has to be opened anew: a supervisor starts the process again.
    """
    settings = config.load(args.config)
    home = config.home_of(args.config, args.home)
    page.check(settings)
    with House(settings, home, read_clock()) as house:
        teller = Teller(house, wiring.channels(settings, house.folders))
        patience = ONCE_SECONDS if args.once else PATIENCE_SECONDS
        asker, ping = wiring.fetcher(settings, house.folders), wiring.dead_man(settings)
        memo = MemoPost(house, teller.ledger, teller.host)
        daemon = Daemon(house, teller, asker, patience=patience, memo=memo, ping=ping)
        _say(f"bullion runs on {home}; inbox {house.folders.inbox}")
        if house.recovered:
            _say(house.recovered)
        report = Reporter()
        try:
            if args.once:
                report(daemon.step(read_clock()), always=True)
            else:
                with page.beside(settings, house.folders, teller.ledger, _say, args.config):
                    serve(daemon, settings.daemon.interval_seconds, report)
        except UNUSABLE as error:
            raise BullionError(f"the database gave up ({in_words(error)}): make room, then start again") from error
        finally:
            daemon.stop()
            teller.close()
    _say("stopped")
    return 0


def serve(daemon: Daemon, interval_seconds: int, report: Callable[[Round], None]) -> None:
    """Call `step` every so many seconds until SIGTERM or SIGINT; the round at work is finished first.

    Whatever `step` raises ends this too, so that a supervisor starts the process anew.
    """
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it warns of every round longer than the interval
    bell, work = _Bell(), _Work(daemon, report)
    scheduler = BackgroundScheduler(timezone="UTC", executors={"default": ThreadPoolExecutor(1)})
    job = scheduler.add_job(
        work.tick, "interval", [bell], seconds=interval_seconds, next_run_time=read_clock(), coalesce=True,
        misfire_grace_time=None, max_instances=1,
    )  # fmt: skip
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: bell.ring())
    scheduler.start()
    notify(READY)
    while not bell.rings(min(interval_seconds, WATCHDOG_SECONDS / 4)):
        if work.is_alive(interval_seconds):
            notify(ALIVE)
        if work.idle_seconds() > 3 * interval_seconds:
            job.modify(next_run_time=read_clock())  # the scheduler waits for a clock that was set back
    notify(STOPPING)
    daemon.stop()
    scheduler.shutdown(wait=False)
    if not work.end(DRAIN_SECONDS):
        _say(f"stopped in the middle of a round that took longer than {DRAIN_SECONDS:.0f} s")
        os._exit(0)
    if work.failed:
        raise work.failed


def clock_jump(before: tuple[datetime, float], after: tuple[datetime, float]) -> str:
    """By how much the clock went otherwise than `time.monotonic` between two looks at both; '' up to five minutes."""
    jump = (after[0] - before[0]) - timedelta(seconds=after[1] - before[1])
    if abs(jump) <= LARGEST_JUMP:
        return ""
    way = "forward" if jump > timedelta(0) else "back"
    return (
        f"it went {way} by {abs(jump) // timedelta(seconds=1)} s between two rounds: it was set, or the machine slept"
    )


class _Work:
    """The rounds, one at a time, in whatever thread the scheduler calls them."""

    def __init__(self, daemon: Daemon, report: Callable[[Round], None]) -> None:
        self.failed: BaseException | None = None
        self._daemon = daemon
        self._report = report
        self._at_work = threading.Lock()
        self._ended = False
        self._last = self._began = time.monotonic()
        self._seen = (read_clock(), self._last)

    def tick(self, bell: _Bell) -> None:
        with self._at_work:
            if self._ended or self.failed:
                return
            self._began = time.monotonic()
            try:
                self._report(self._daemon.step(self._now()))
            except BaseException as error:  # noqa: BLE001 - told by the thread that serves
                self.failed = error
                bell.ring()
            self._last = time.monotonic()

    def _now(self) -> datetime:
        """The clock; a jump of it since the last round is noted."""
        now, monotonic = read_clock(), time.monotonic()
        jump = clock_jump(self._seen, (now, monotonic))
        self._seen = (now, monotonic)
        if jump:
            self._daemon.clock_jumped(jump)
        return now

    def idle_seconds(self) -> float:
        """How long ago the last round ended; 0 while one is at work."""
        return 0.0 if self._at_work.locked() else time.monotonic() - self._last

    def is_alive(self, interval_seconds: float) -> bool:
        """Whether rounds begin and end: what the service manager's watchdog is told for."""
        if self._at_work.locked():
            return time.monotonic() - self._began < LONGEST_ROUND
        return time.monotonic() - self._last < interval_seconds + LONGEST_PAUSE

    def end(self, seconds: float) -> bool:
        """No more rounds; whether the one at work ended within so many seconds."""
        if not self._at_work.acquire(timeout=seconds):
            return False
        self._ended = True
        self._at_work.release()
        return True


class _Bell:
    """Rung by signal handlers, which may do no more than write a byte."""

    def __init__(self) -> None:
        self._hear, self._pull = os.pipe()
        os.set_blocking(self._pull, False)

    def ring(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._pull, b"!")

    def rings(self, seconds: float) -> bool:
        """Whether it has been rung, after waiting so many seconds at most."""
        return bool(select.select([self._hear], [], [], seconds)[0])


class Reporter:
    """One line on stderr for each round in which something happened; a trouble is told once, and when it is over."""

    def __init__(self) -> None:
        self._troubles: list[str] = []

    def __call__(self, done: Round, *, always: bool = False) -> None:
        if always or done.outcomes or done.asked or done.told or done.sent:
            _say(_line(done))
        troubles = [*done.stuck, *done.troubles]
        for text in [*done.dead, *(text for text in troubles if text not in self._troubles)]:
            _say(text)
        if self._troubles and not troubles:
            _say("everything works again")
        self._troubles = troubles


def _line(done: Round) -> str:
    statuses = [outcome.status for outcome in done.outcomes]
    files = ", ".join(f"{statuses.count(s)} {s}" for s in dict.fromkeys(statuses)) or "no file"
    asked = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in sorted(done.asked.items())) or "none"
    return f"one round: questions {asked}; files {files}; {done.told} letters queued, {done.sent} sent"


def _say(text: str) -> None:
    moment: datetime = read_clock()
    print(f"{stamp(moment)} {text}", file=sys.stderr, flush=True)
