"""Writes the demo's files: the squeeze of February 2026 as public figures reported it, in the publishers' layouts.

    python -m tests.factories.squeeze

`bundle()` gives everything under `monitor/demo` that is no code: the files, `arrivals.csv` (when each reaches the
inbox, UTC) and `figures.csv` (every figure in them, where it comes from, and whether it was reported, derived from
reported ones, or invented to complete a file). The same bytes on every run.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from monitor import clock
from tests.factories.squeeze import comex_files, shanghai_files
from tests.factories.squeeze.book import Bundle


def bundle() -> dict[str, bytes]:
    """Path under `monitor/demo` -> bytes, of everything written here."""
    made = Bundle()
    comex_files.stocks(made)
    comex_files.interest(made)
    comex_files.settlements(made)
    shanghai_files.warrants(made)
    shanghai_files.prices(made)
    shanghai_files.quotations(made)
    shanghai_files.rates(made)
    arrivals = [(clock.stamp(at), path) for at, path in sorted(made.arrivals)]
    return made.files | {
        "arrivals.csv": _csv(("arrives_at", "file"), arrivals),
        "figures.csv": _csv(("file", "date", "what", "value", "unit", "kind", "source"), made.figures),
    }


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue().encode()
