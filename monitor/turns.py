"""Whose turn it is to ask a host, kept in the home: the spacing holds between processes, and over a kill and a restart.

    turns/<host>    128 bytes: the boot it is of, when the next request may leave, until when to stay away

Times are seconds of the monotonic clock, which all processes of a machine share until it starts anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

_BYTES: Final = 128
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


@lru_cache(maxsize=1)
def _boot() -> str:
    """Which start of the machine this is; '' where it does not say."""
    return _BOOT.read_text().strip() if _BOOT.is_file() else ""


@dataclass(slots=True)
class _State:
    free: float
    quiet: float


class Turns:
    """The manners of all processes of one home. Every method raises OSError where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def reserve(self, host: str, now: float, spacing: float) -> float:
        """Takes the next turn; the seconds to wait for it."""
        with self._state(host) as state:
            turn = max(now, state.free, state.quiet)
            state.free = turn + spacing
        return turn - now

    def quiet(self, host: str, now: float) -> float:
        """Seconds the host is still to be left alone."""
        with self._state(host) as state:
            return state.quiet - now

    def hold(self, host: str, until: float) -> None:
        """Leave the host alone until then."""
        with self._state(host) as state:
            state.quiet = max(until, state.quiet)

    @contextmanager
    def _state(self, host: str) -> Iterator[_State]:
        """What is known of the host, ours until the end, when it is written down."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._folder / re.sub(r"[^\w.-]", "_", host), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            state = _read(os.pread(handle, _BYTES, 0))
            yield state
            text = json.dumps({"boot": _boot(), "free": state.free, "quiet": state.quiet})
            os.pwrite(handle, text.encode().ljust(_BYTES), 0)
        finally:
            os.close(handle)


def _read(data: bytes) -> _State:
    """As written since the machine started; else nothing is known."""
    try:
        said = json.loads(data)
        if said["boot"] == _boot():
            return _State(float(said["free"]), float(said["quiet"]))
    except (ValueError, KeyError, TypeError):
        pass
    return _State(0.0, 0.0)
