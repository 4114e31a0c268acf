"""What runs in every batch and at every question: the checks, the fold, one ad-hoc query. No reference, no target."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from monitor import adhoc, checks, judge
from monitor.model import Policy, Reading, Verdict
from tests.benchmarks import _files
from tests.benchmarks._rows import Row, in_turns, seconds, within
from tests.homes import house, offer

_KEYS = 400
_SESSIONS = 1_000
_SQL = "select metal, count(*), max(session) from comex_stocks group by metal order by metal"


def run(short: bool) -> list[Row]:
    """All checks over the season, one fold of 400,000 readings, one query on a published generation."""
    rounds = 1 if short else 9
    kind, files = _files.season(12 if short else None)
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name, house(Path(name), _files.NOW) as opened:
        offer(opened, files, _files.NOW)
        generation = opened.publish(_files.NOW)

        def evaluated() -> None:
            moment = checks.Moment(_files.NOW)
            found = checks.evaluate(opened.store, opened.checks.values(), moment)
            if found.broken or (kind == "captured" and not short and not found.readings):
                raise AssertionError(f"the checks did not run: {found.broken}")

        read, asked = in_turns(rounds, lambda: seconds(evaluated), lambda: seconds(lambda: adhoc.run(generation, _SQL)))
    keys = 20 if short else _KEYS
    (folded,) = in_turns(1 if short else 5, lambda: _fold(keys))
    return [
        within(f"all checks over {len(files)} {kind} files", 1e3 * median(read), "ms"),
        within(f"fold of {keys * _SESSIONS:,} readings", 1e3 * median(folded), "ms"),
        within("one ad-hoc query, its process included", 1e3 * median(asked), "ms"),
    ]


def _fold(keys: int) -> float:
    """Seconds to fold every key; the readings are made beforehand."""
    every = [list(_readings(f"key {number}", number)) for number in range(keys)]
    policy = Policy()
    return seconds(lambda: [judge.fold(readings, policy, version="1") for readings in every])


def _readings(subject: str, number: int) -> Iterator[Reading]:
    """Four years of one key: mostly clear, a run of trouble now and then, some days without data."""
    kinds = [*([Verdict.CLEAR] * 12), Verdict.BAND, *([Verdict.WARNING] * 3), Verdict.CRITICAL, Verdict.NODATA]
    for at in range(_SESSIONS):
        verdict = kinds[(at * 7 + number + at // 50) % len(kinds)]
        yield Reading("made_up", subject, date(2022, 1, 3) + timedelta(days=at), 1.0, verdict)
