"""`bullion` in a process of its own whose publishers are on loopback: `python -m tests.backfill_child TOWN ARGS`."""

from __future__ import annotations

import sys
from typing import Any

from monitor import wiring
from monitor.cli import main
from monitor.config import Settings
from tests.asker import TownAsker


def play() -> int:
    """One command, as `bullion ARGS`; the spacing is that of its config.toml."""
    town, *args = sys.argv[1:]

    def fetcher(settings: Settings, **_: Any) -> TownAsker:
        return TownAsker(town, spacing=settings.daemon.spacing_seconds)

    wiring.fetcher = fetcher  # type: ignore[assignment]
    return main(args)


if __name__ == "__main__":
    sys.exit(play())
