"""`bullion rebuild`: the database again from the archive and the load journal."""

from __future__ import annotations

import argparse
from collections import Counter

from monitor import config, spool
from monitor.clock import read_clock
from monitor.errors import Busy
from monitor.house import House
from monitor.wiring import tell


def run(args: argparse.Namespace) -> int:
    """Prints what was read; a running daemon does it itself."""
    home = config.home_of(args.config, args.home)
    now = read_clock()
    try:
        house = House(config.load(args.config), home, now)
    except Busy:
        outcomes = list(spool.ask(home, "rebuild"))
    else:
        with house:
            outcomes = house.rebuild(now)
            tell(house, now)
    counted = Counter(outcome.status for outcome in outcomes)
    print(f"{len(outcomes)} files read again: " + ", ".join(f"{n} {status}" for status, n in sorted(counted.items())))
    return 0
