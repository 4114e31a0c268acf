"""`bullion` in a process of its own whose publishers are on loopback: `python -m tests.backfill_child TOWN ARGS`."""

from __future__ import annotations

import sys

from monitor import wiring
from monitor.cli import main
from monitor.config import Folders, Settings
from tests.asker import TownAsker


def play() -> int:
    """One command, as `bullion ARGS`; spacing and turns are those of its config.toml and home."""
    town, *args = sys.argv[1:]

    real = wiring.fetcher

    def fetcher(settings: Settings, folders: Folders) -> TownAsker | None:
        made = real(settings, folders)
        return TownAsker(town, spacing=made.spacing, manners=made.manners) if made else None

    wiring.fetcher = fetcher  # type: ignore[assignment]
    return main(args)


if __name__ == "__main__":
    sys.exit(play())
