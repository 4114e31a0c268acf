"""Five made-up years replayed day by day, each day as it was known: one check, and all of them, mails composed.

The heaviest of the checks that read few facts stands for one; everything runs on the lanes the command uses.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from monitor import backtest, checks, published
from monitor.checkfile import Check
from tests import years
from tests.benchmarks._rows import Row, seconds, within
from tests.homes import house

_END = date(2026, 3, 31)
_ONE = "regional_premium"


def run(short: bool) -> list[Row]:
    """Seconds for one check and for all."""
    span = timedelta(days=3) if short else timedelta(days=1_826)
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name:
        with house(Path(name), years.LOADED) as opened:
            years.fill(opened, _END - span, _END)
            path = opened.publish(years.LOADED)
        known, _ = checks.discover({})
        one = seconds(lambda: _replayed(path, {_ONE: known[_ONE]}, span))
        every = seconds(lambda: _replayed(path, known, span))
    days = f"{span.days} days"
    return [
        within(f"backtest of {_ONE} over {days}", one, "s", most=60),
        within(f"backtest of all {len(known)} checks over {days}", every, "s", most=300),
    ]


def _replayed(path: Path, known: Mapping[str, Check], span: timedelta) -> None:
    with published.Reader(path) as reader:
        found = backtest.run(reader, known, {}, _END - span, _END)
    if found.broken or not any(found.readings.values()):
        raise AssertionError(f"the checks did not run: {found.broken}")
