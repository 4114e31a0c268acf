"""What a command costs over an empty Python: `bullion --help`, and `bullion sql` in its locked-down process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks import _files
from tests.benchmarks._rows import Row, in_turns, seconds
from tests.homes import house

_BULLION = Path(sys.executable).with_name("bullion")


def run(short: bool) -> list[Row]:
    """Medians of runs in turns, on a home with one made-up report published."""
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name:
        home = Path(name)
        with house(home, _files.NOW) as opened:
            opened.publish(_files.NOW)
        jobs = [
            [sys.executable, "-c", "pass"],
            [*_bullion(), "--help"],
            [*_bullion(), "--home", str(home), "sql", "select 1"],
        ]
        timed = [partial(seconds, partial(_called, job)) for job in jobs]
        in_turns(1, *timed)
        bare, helped, asked = in_turns(3 if short else 25, *timed)
    return [
        _above("bullion --help, against python -c pass", helped, bare, most=40),
        _above('bullion sql "select 1", against python -c pass', asked, bare, most=200),
    ]


def _bullion() -> list[str]:
    """The installed program, or the module where it is not installed."""
    return [str(_BULLION)] if _BULLION.is_file() else [sys.executable, "-m", "monitor.cli"]


def _called(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _above(name: str, ours: list[float], reference: list[float], *, most: float) -> Row:
    """Milliseconds on top of the reference, by the median of each round's difference."""
    more = 1e3 * median(one - other for one, other in zip(ours, reference, strict=True))
    one, other = 1e3 * median(ours), 1e3 * median(reference)
    return Row(f"{name}: {more:.0f} ms more", one, other, "ms", one / other, f"at most {most:g} ms more", more <= most)
