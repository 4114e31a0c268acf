"""`bullion reparse SOURCE...`: archived files read again by today's parser, with no request to anyone."""

from __future__ import annotations

import argparse
from collections import Counter

from monitor import config, spool
from monitor.clock import read_clock
from monitor.errors import BullionError, Busy
from monitor.house import House
from monitor.sources.registry import discover
from monitor.wiring import tell


def run(args: argparse.Namespace) -> int:
    """Prints what was read; a running daemon does it itself."""
    known, _ = discover()
    if unknown := sorted(set(args.names) - set(known)):
        raise BullionError(f"there is no source {unknown[0]}; known: {', '.join(known)}")
    home = config.home_of(args.config, args.home)
    now = read_clock()
    try:
        house = House(config.load(args.config), home, now)
    except Busy:
        outcomes = list(spool.ask(home, "reparse", names=args.names))
    else:
        with house:
            outcomes = list(house.collector.reparse(args.names, now))
            tell(house, now)
    for outcome in outcomes:
        if not outcome.kept:
            print(f"{outcome.status} {outcome.name}  {outcome.message}")
    counted = Counter(outcome.status for outcome in outcomes)
    print(f"{len(outcomes)} files read again: " + ", ".join(f"{n} {status}" for status, n in sorted(counted.items())))
    return 0
