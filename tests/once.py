"""What a whole run of tests makes once, whichever of its processes asks first; the others wait for it and read it."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

VARIABLE: Final = "BULLION_TESTS_ONCE"
"""The environment variable that tells the folder of this run to every process of it."""


_IN_MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 8 << 30


def begin() -> None:
    """Let a run begin here: a folder of its own, unless this process belongs to a run that has one.

    In memory where that has room for all homes and nobody named a folder, for a third of a run is a disk's. What
    survives a machine that loses its power no test can show; what survives a killed process is the same there.
    """
    if VARIABLE in os.environ:
        return
    is_roomy = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free >= _ROOM
    where = _IN_MEMORY if is_roomy and "TMPDIR" not in os.environ else Path(tempfile.gettempdir())
    folder = tempfile.mkdtemp(prefix="bullion-once-", dir=where)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[VARIABLE] = os.environ["TMPDIR"] = tempfile.tempdir = folder
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(where))  # what a failed test leaves stays


def made(name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` has filled; nobody may change it. Where making fails, the next who asks makes it anew."""
    begin()
    run = Path(os.environ[VARIABLE])
    whole, begun = run / name, run / f"{name}.begun"
    if not whole.exists():
        with (run / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                shutil.rmtree(begun, ignore_errors=True)
                begun.mkdir()
                make(begun)
                begun.rename(whole)
    return whole
