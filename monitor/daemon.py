"""The daemon: `step(now)` does what is due; a scheduler only calls it, often.

Nothing is remembered between steps but what the home holds, so a stop of any length loses nothing and
repeats nothing: what to ask follows from the sessions missing, what to tell from the ledger. What the disk
or the database refuses is named, left as it was, and done again in the next round.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from typing import Final

from monitor import selfwatch, spool, taking, watch
from monitor.asking import Publishers
from monitor.batch import Teller
from monitor.clock import stamp
from monitor.collect import Outcome
from monitor.errors import BullionError
from monitor.house import House
from monitor.inbox import Inbox
from monitor.memopost import MemoPost
from monitor.memory import give_back_large_buffers
from monitor.rounds import TROUBLE, UNUSABLE, Round, in_words
from monitor.taking import Asker

PATIENCE_SECONDS: Final = 5.0
"""How long a round waits for publishers; slower answers are taken up in a later round."""
RESERVE_BYTES: Final = 16 << 20
"""What has to be free on the disk besides twice the database: for a checkpoint and a generation."""


class Daemon:
    """One house at work. `asker` None never touches the network, `memo` None writes no memos; `ping` tells a watching
    service that all went well.

    Raises ConfigError where a folder to watch makes no sense.
    """

    def __init__(
        self,
        house: House,
        teller: Teller,
        asker: Asker | None = None,
        *,
        patience: float = PATIENCE_SECONDS,
        memo: MemoPost | None = None,
        ping: Callable[[datetime], str] | None = None,
    ) -> None:
        give_back_large_buffers()
        self.house = house
        self.teller = teller
        self._memo = memo
        self.inbox = Inbox(house.folders.inbox)
        self._watch = watch.Watch(
            watch.folders(house.settings.inbox.watch, house.folders.home),
            self.inbox,
            house.archive,
            [source.recognise for source in house.sources.values()],
        )
        self._publishers = Publishers(house, asker, patience) if asker else None
        self._ping_by = ping
        self._jumps: list[str] = []
        self._disk: list[selfwatch.Condition] = []
        self._is_owed = True
        """Whether something happened that has not been told yet."""
        self._is_shown = False
        """Whether the newest generation says what was loaded, and what became of questions and letters."""

    def step(self, now: datetime) -> Round:
        """One round: watched folders, inbox, handed-over work, publishers; tell what changed or is due; deliver.

        Raises what leaves the database unusable; any other error of disk, database or mail is named in the round.
        """
        done = Round()
        if self._has_room(done):
            self._collect(done, now)
        with done.part("self-watch"):
            while self._jumps:
                self.teller.note("clock_jump", "clock", self._jumps[0], now)
                del self._jumps[0]
            own = self.teller.watch(now, self._disk)
            done.told += own.told
            self._is_shown = self._is_shown and not own.changes
        with done.part("memo"):
            self._write_memo(done, now)
        with done.part("mail"):
            self._deliver(done, now)
        with done.part("beat"):
            self._beat(done, now)
        self._ping(done, now)
        return done

    def stop(self) -> None:
        """Let the round at work end soon: nothing more is asked, no publisher waited for. From any thread."""
        if self._publishers:
            self._publishers.stop()

    def clock_jumped(self, words: str) -> None:
        """The clock went otherwise than time did; told with the next round."""
        self._jumps.append(words)

    # --- collecting ----------------------------------------------------------------------

    def _has_room(self, done: Round) -> bool:
        """Whether the disk has room for a round: a database that runs out of it in a checkpoint is lost to us."""
        folders = self.house.folders
        with done.part("disk"):
            needed = RESERVE_BYTES + 2 * folders.live.stat().st_size
            usage = shutil.disk_usage(folders.home)
            self._disk = selfwatch.disk(usage.free, usage.total, needed)
            if usage.free >= needed:
                return True
            done.troubles.append(
                f"disk: less than {needed >> 20} MB are free at {folders.home}: nothing is collected until there are"
            )
        return False

    def _collect(self, done: Round, now: datetime) -> None:
        worked: list[tuple[spool.Request, list[Outcome], str]] = []
        with done.part("watched folders"):
            done.stuck += [f"inbox.watch: {trouble}" for trouble in self._watch.round(now)]
        with done.part("inbox"):
            self._drain(done, now)
        with done.part("handed-over work"):
            worked = [(request, *self._work(request, now)) for request in spool.pending(self.house.folders.home)]
            done.outcomes += [outcome for _, outcomes, _ in worked for outcome in outcomes]
        with done.part("publishers"):
            if self._publishers:
                self._publishers.round(done, now)
        with done.part("reference tables"):
            self._nightly(now)
        with done.part("checks"):
            self._tell(done, now, wanted=bool(worked))
        for request, outcomes, error in worked:
            with done.part("handed-over work"):
                spool.answer(request, outcomes, error)

    def _drain(self, done: Round, now: datetime) -> None:
        for outcome in self.house.collector.drain(self.inbox, now):
            if outcome.status == "waiting":
                done.stuck.append(f"inbox: {outcome.message}")
            else:
                done.outcomes.append(outcome)

    # --- handed-over work ----------------------------------------------------------------

    def _work(self, request: spool.Request, now: datetime) -> tuple[list[Outcome], str]:
        """(verdicts, error) of one request."""
        self._is_owed = True
        try:
            spool.take_up(request)
            return self._worked(request, now), ""
        except UNUSABLE:
            raise
        except TROUBLE as error:
            return [], in_words(error)

    def _worked(self, request: spool.Request, now: datetime) -> list[Outcome]:
        house = self.house
        if request.verb == "rebuild":
            return house.rebuild(now)
        if request.verb == "reparse":
            return list(house.collector.reparse(request.names, now))
        if request.verb == "load":
            return list(house.collector.offer(spool.answers(request, now), now, request.product))
        if request.verb == "take":
            return [taking.take(house, said, now).outcome for said in spool.heard(request, house.sources)]
        raise BullionError(f"the daemon does not know how to {request.verb}")

    # --- telling -------------------------------------------------------------------------

    def _tell(self, done: Round, now: datetime, *, wanted: bool) -> None:
        """Read the checks where something changed or is due; else show, where there is something new to show.

        Half of what a publisher has to say would make a false alarm of the other half, so with the checks a source in
        the middle of its answers is waited for, unless a person waits for us.
        """
        self._is_owed = self._is_owed or done.changed
        self._is_shown = self._is_shown and not (done.asked or done.changed)
        is_midway = self._publishers is not None and self._publishers.is_midway(now) and not wanted
        if not is_midway and (self._is_owed or self.teller.is_due(now)):
            done.told = self.teller.turn(now).told
            self._is_owed = False
        elif not self._is_shown:
            self.teller.publish(now)
        self._is_shown = True

    def _write_memo(self, done: Round, now: datetime) -> None:
        """Not in a round that was not whole: a memo that lacks what is on the disk would say that it is not held."""
        if self._memo is None or done.troubles:
            return
        queued = self._memo.round(now)
        done.told += queued
        self._is_shown = self._is_shown and not queued

    def _deliver(self, done: Round, now: datetime) -> None:
        summary = self.teller.deliver(now)
        done.sent = summary.sent
        done.dead += [f"{letter.notice.message_id}: {letter.error}" for letter in summary.dead]
        self._is_shown = self._is_shown and not (summary.sent or summary.dead)

    # --- housekeeping ---------------------------------------------------------------------

    def _nightly(self, now: datetime) -> None:
        if self.house.referenced != now.date():
            self.house.write_nightly(now)
            spool.sweep(self.house.folders.home, now)

    def _beat(self, done: Round, now: datetime) -> None:
        """The moment of the last round without trouble, for people and watchdogs."""
        if not done.troubles:
            draft = self.house.folders.beat.with_suffix(".tmp")
            draft.write_text(stamp(now))
            draft.rename(self.house.folders.beat)

    def _ping(self, done: Round, now: datetime) -> None:
        """Tell the dead man's service, only where everything was collected, read and sent."""
        with done.part("dead man"):
            if self._ping_by and not done.troubles and self.teller.is_well(now):
                done.stuck += filter(None, [self._ping_by(now)])
