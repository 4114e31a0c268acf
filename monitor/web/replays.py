"""Backtests for the page: each in a process of its own, one at a time, a few in line, what came of them kept.

The process is `bullion backtest` on a folder that holds a link to one generation, so that what it says is of that
generation though newer ones are published meanwhile. It ends with us, and after a time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

from monitor.errors import BullionError, QueueFull
from monitor.published import LINK, newest

SECONDS: Final = 600.0
"""How long one may take; a longer one is for the command line."""
WAITING: Final = 4
KEPT: Final = 20
_START: Final = """
import ctypes, os, resource, signal, sys
os.nice(10)
ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0) if sys.platform == "linux" else None
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from monitor.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""Gives way to the daemon, dies with the thread that waits for it, and stays below 4 GiB of addresses."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One backtest: a check ('' for all), its days, levels such as `warn=-15`, and events as `date,label` lines."""

    check: str
    start: date
    end: date
    levels: tuple[str, ...] = ()
    events: str = ""

    def arguments(self) -> list[str]:
        """What `bullion` is called with, events left out."""
        said = ["backtest", "--from", self.start.isoformat(), "--to", self.end.isoformat()]
        said += ["--check", self.check] if self.check else []
        return said + [part for level in self.levels for part in ("--set", level)]


@dataclass(slots=True)
class Run:
    """How far it is, and what came of it. Written by the thread that waits for the process, read by all."""

    generation: int = 0
    """Number of the generation it is run on: the newest when it begins."""
    begun: float | None = None
    ended: float | None = None
    progress: str = ""
    """The last line it said: `shipped: 20 of 27 days, 2026-02-20`."""
    told: Mapping[str, Any] | None = None
    """By levels (shipped, changed) what `bullion backtest --json` says."""
    picture: bytes = b""
    trouble: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.ended is not None

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return 0.0 if self.begun is None else (self.ended or time.monotonic()) - self.begun


class Replays:
    """The line, shared by the threads of one process, over the generations of one folder.

    `options` stand before the command, e.g. --config FILE.
    """

    def __init__(
        self, published: Path, options: Sequence[str] = (), *, seconds: float = SECONDS, waiting: int = WAITING
    ) -> None:
        self._published, self._options, self._seconds, self._waiting = published, tuple(options), seconds, waiting
        self._runs: dict[Wanted, Run] = {}
        self._line: deque[tuple[Wanted, Run]] = deque()
        self._is_running = False
        self._lock = threading.Lock()

    def find(self, wanted: Wanted) -> Run | None:
        """What is under way or kept of it."""
        with self._lock:
            return self._runs.get(wanted)

    def ask(self, wanted: Wanted) -> Run:
        """Begin it, or put it in line; one that is under way is not begun twice. Raises QueueFull."""
        with self._lock:
            known = self._runs.get(wanted)
            if known is not None and not known.is_over:
                return known
            if len(self._line) >= self._waiting:
                raise QueueFull(f"One backtest is running and {len(self._line)} wait: ask again in a minute.")
            run = Run()
            self._runs.pop(wanted, None)
            self._runs[wanted] = run
            self._line.append((wanted, run))
            self._forget()
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._work, name="backtests", daemon=True).start()
            return run

    def drop(self, wanted: Wanted) -> None:
        """Keep nothing of it, so that it is begun anew when it is asked again."""
        with self._lock:
            self._runs.pop(wanted, None)

    def _forget(self) -> None:
        over = [wanted for wanted, run in self._runs.items() if run.is_over]
        for wanted in over[: max(0, len(self._runs) - KEPT)]:
            del self._runs[wanted]

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._line:
                    self._is_running = False
                    return
                wanted, run = self._line.popleft()
            run.begun = time.monotonic()
            try:
                self._replay(wanted, run)
            except OSError as error:
                run.trouble = f"it could not be begun: {error.strerror}"
            except BullionError as error:
                run.trouble = str(error)
            run.ended = time.monotonic()

    def _replay(self, wanted: Wanted, run: Run) -> None:
        database = newest(self._published)
        run.generation = int(database.stem.rpartition("-")[2])
        with tempfile.TemporaryDirectory(prefix="bullion-replay-") as name:
            folder = Path(name)
            (folder / "published").mkdir()
            (folder / "published" / LINK).symlink_to(database)
            said = [*self._options, "--home", name, *wanted.arguments(), "--json"]
            if wanted.events:
                (folder / "events.csv").write_text(f"date,label\n{wanted.events}\n", encoding="utf-8")
                said += ["--events", str(folder / "events.csv")]
            if wanted.check:
                said += ["--chart", str(folder / "chart.svg")]
            with (folder / "told.json").open("w+b") as out:
                self._run(said, out, run)
                out.seek(0)
                with suppress(ValueError):
                    run.told = json.loads(out.read())
            if (folder / "chart.svg").exists():
                run.picture = (folder / "chart.svg").read_bytes()

    def _run(self, said: Sequence[str], out: IO[bytes], run: Run) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", _START, *said],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "MALLOC_ARENA_MAX": "2", "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            start_new_session=True,
        ) as child:  # fmt: skip
            stopped = threading.Event()

            def stop() -> None:
                stopped.set()
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)

            clock = threading.Timer(self._seconds, stop)
            clock.start()
            try:
                last = self._heard(child, run)
            finally:
                clock.cancel()
            if child.wait() and not stopped.is_set():
                run.trouble = last.removeprefix("bullion: ") or f"it ended by itself (code {child.returncode})"
        if stopped.is_set():
            run.trouble = f"still running after {self._seconds:g} s and stopped; `bullion backtest` has no such limit"

    @staticmethod
    def _heard(child: subprocess.Popen[str], run: Run) -> str:
        """Follow what it says of its progress; answers the last line that is none."""
        last = ""
        for line in child.stderr or ():
            if " days, " in line:
                run.progress = line.strip()
            elif line.strip():
                last = line.strip()
        return last
