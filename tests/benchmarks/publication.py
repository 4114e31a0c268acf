"""One generation of a store of a million facts, against CHECKPOINT and `cp` by a child process."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

from monitor.publish import publish
from monitor.store import Store
from tests.benchmarks import _facts, _files
from tests.benchmarks._rows import Row, compared, in_turns, settled_seconds


def run(short: bool) -> list[Row]:
    """Both after one more fact, in turns on the same store."""
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name:
        folder = Path(name)
        store = Store(folder / "live" / "market.duckdb")
        try:
            _facts.fill(store, 10_000 if short else _facts.MILLION)
            store.checkpoint()
            megabytes = store.path.stat().st_size / 1e6
            ours, plain = _measured(store, folder, 2 if short else 15)
        finally:
            store.close()
    return [compared(f"one generation of {megabytes:.0f} MB, against CHECKPOINT and cp", ours, plain, most=2)]


def _measured(store: Store, folder: Path, rounds: int) -> list[list[float]]:
    numbers = count()

    def touched(job: Callable[[], object]) -> float:
        _facts.touch(store, next(numbers))
        return settled_seconds(job)

    def plain() -> None:
        store.checkpoint()
        copy = folder / f"copy-{next(numbers)}"
        subprocess.run(["/bin/cp", "--", str(store.path), str(copy)], check=True)

    def tidied() -> float:
        taken = touched(plain)
        for copy in folder.glob("copy-*"):
            copy.unlink()
        return taken

    return in_turns(rounds, lambda: touched(lambda: publish(store, folder / "published", _files.NOW)), tidied)
