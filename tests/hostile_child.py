"""A daemon that meets hostile files: `python -m tests.hostile_child HOME`, HOME with an inbox that holds them.

It loads a warm-up file of each kind first, so that what grows afterwards is not a library. Then one round; it says as
one line of JSON how each file ended, how long that took, and what the process itself had in memory before and after.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil

from monitor.batch import Teller
from monitor.collect import Outcome
from monitor.daemon import Daemon
from monitor.house import House
from monitor.inbox import Inbox
from monitor.sources.registry import discover
from tests.asker import desk_settings
from tests.factories import comex, comex_pdf, ecb, shanghai, world

NOW: Final = datetime(2026, 11, 20, 18, tzinfo=UTC)
_FRIDAY: Final = date(2026, 2, 27)
WARM: Final[dict[str, Callable[[], bytes]]] = {
    "page.html": lambda: shanghai.sge_page(shanghai.sge_rows(date(2026, 11, 17))),
    "rates.zip": lambda: ecb.ecb_zip(ecb.ecb_hist_csv()),
    "funds.xlsx": lambda: world.gld_xlsx([world.gld_line("20-Nov-2025")]),
    "stocks.xls": lambda: comex.silver_stocks_xls(date(2026, 2, 9), date(2026, 2, 10)),
    "notices.pdf": lambda: comex_pdf.notices_pdf(_FRIDAY, []),
    "what.bin": lambda: bytes(1_000_000),
}


def main() -> None:
    """Play, and say how it went."""
    home = Path(sys.argv[1])
    house = House(desk_settings(discover()[0]), home, NOW)
    teller = Teller(house, {}, host="desk.example.org")
    daemon = Daemon(house, teller)
    dropped = sorted(house.folders.inbox.iterdir())
    for path in dropped:
        path.rename(home / path.name)
    for name, make in WARM.items():
        (house.folders.inbox / name).write_bytes(make())
    for minutes in (0, 5):
        daemon.step(NOW + timedelta(minutes=minutes))
    ended: list[tuple[str, str, str, float]] = []
    _watch(house, ended)
    for path in dropped:
        (home / path.name).rename(path)
    before = _resident(house)
    for minutes in (10, 15):
        done = daemon.step(NOW + timedelta(minutes=minutes))
    after = _resident(house)
    report: dict[str, Any] = {"ended": ended, "before": before, "after": after, "troubles": done.troubles}
    teller.close()
    house.close()
    print(json.dumps(report))


def _watch(house: House, ended: list[tuple[str, str, str, float]]) -> None:
    """Note how each file of the inbox ends, and after how many seconds on the wall."""
    quiet = house.collector.drain

    def drain(inbox: Inbox, now: datetime) -> Iterator[Outcome]:
        started = time.monotonic()
        for outcome in quiet(inbox, now):
            ended.append((outcome.name, outcome.status, outcome.message, time.monotonic() - started))
            started = time.monotonic()
            yield outcome

    house.collector.drain = drain  # type: ignore[method-assign]


def _resident(house: House) -> int:
    """Bytes of this process alone, its child ended."""
    house.decoder.close()
    gc.collect()
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    main()
