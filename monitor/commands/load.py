"""`bullion load PATH...`: files and folders into the home, copied, one line each and a summary."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from monitor import config, inbox, spool
from monitor.clock import read_clock
from monitor.collect import Outcome, gather
from monitor.errors import BullionError, Busy
from monitor.house import House
from monitor.wiring import tell


def run(args: argparse.Namespace) -> int:
    """0 where every file was loaded or already held, else 1."""
    settings = config.load(args.config)
    home = config.home_of(args.config, args.home)
    paths = inbox.walk([Path(path) for path in args.paths])
    if not paths:
        raise BullionError("there is no file to load at " + ", ".join(args.paths))
    counted: Counter[str] = Counter()
    for outcome in _outcomes(settings, home, paths, args.product):
        counted[outcome.status] += 1
        print(line(outcome))
    print(f"{sum(counted.values())} files: " + ", ".join(f"{n} {status}" for status, n in sorted(counted.items())))
    return 0 if set(counted) <= {"loaded", "held"} else 1


def _outcomes(settings: config.Settings, home: Path, paths: list[Path], product: str | None) -> Iterator[Outcome]:
    now = read_clock()
    try:
        house = House(settings, home, now)
    except Busy:
        yield from spool.ask(home, "load", paths=paths, product=product)
        return
    with house:
        yield from house.collector.offer(gather(paths, now), now, product)
        tell(house, now)


def line(outcome: Outcome) -> str:
    """`loaded  stocks/Silver_stocks.xls  comex_stocks, 40 rows, session 2026-02-06`."""
    days = outcome.sessions
    span = ""
    if days:
        span = f", session {days[0]}" if len(days) == 1 else f", sessions {days[0]} to {days[-1]}"
    told = f"{outcome.source}, {outcome.rows} rows{span}" if outcome.status == "loaded" else outcome.message
    return f"{outcome.status.replace('_', ' '):<14}{outcome.name}  {told}"
