"""`bullion` in a process of its own whose publishers are on loopback: `python -m tests.backfill_child TOWN LOG ARGS`.

LOG gets a line for each turn it takes: the monotonic time from which the question may leave.
"""

from __future__ import annotations

import sys
from pathlib import Path

from monitor import wiring
from monitor.cli import main
from monitor.config import Folders, Settings
from monitor.turns import Turns
from tests.asker import TownAsker


class Logged(Turns):
    """Turns that are written down."""

    def __init__(self, folder: Path, log: Path) -> None:
        super().__init__(folder)
        self._log = log

    def reserve(self, host: str, now: float, spacing: float) -> float:
        wait = super().reserve(host, now, spacing)
        with self._log.open("a") as file:
            file.write(f"{now + wait!r}\n")
        return wait


def play() -> int:
    """One command, as `bullion ARGS`; spacing and turns are those of its config.toml and home."""
    town, log, *args = sys.argv[1:]

    real = wiring.fetcher

    def fetcher(settings: Settings, folders: Folders) -> TownAsker | None:
        made = real(settings, folders)
        assert made is None or isinstance(made.manners, Turns)
        manners = Logged(folders.turns, Path(log))
        return TownAsker(town, spacing=made.spacing, manners=manners) if made else None

    wiring.fetcher = fetcher  # type: ignore[assignment]
    return main(args)


if __name__ == "__main__":
    sys.exit(play())
