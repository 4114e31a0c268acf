"""All checks over a published generation, as a process of its own on one core: it imports what reading them needs.

The programs that fill a home import far more, and the process would be timed with it.
"""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from pathlib import Path

from monitor import checks, published


def read(reader: published.Reader, known_at: datetime, start: date) -> int:
    """Read every check as known at a moment over the sessions from `start`; the number of readings.

    Raises AssertionError where a check did not run, or none said anything.
    """
    known, _ = checks.discover({})
    with reader.cursor() as cur:
        cur.execute("set threads = 1")
        checks.look(cur, checks.Moment(known_at), start)
        found = checks.read(cur, known.values())
    if found.broken or not found.readings:
        raise AssertionError(f"the checks did not run: {found.broken}")
    return len(found.readings)


if __name__ == "__main__":
    os.sched_setaffinity(0, {0})
    with published.Reader(published.newest(Path(sys.argv[1]) / "published")) as generation:
        print(read(generation, datetime.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3])))
