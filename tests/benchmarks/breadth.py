"""The breadth of the sources: PDFs against pdfplumber, files a second, whole histories, memory left behind.

Histories and memory are measured through the house, archive to store, each in a process of its own.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, groupby
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Final

from monitor.model import Answer, Source
from monitor.validate import checked
from tests.benchmarks import _bodies
from tests.benchmarks._files import File
from tests.benchmarks._rows import Row, faster, in_turns, seconds, within
from tests.benchmarks.idle import rss_anon_mb
from tests.captures import CAPTURES

if TYPE_CHECKING:
    from monitor.daemon import Daemon
    from monitor.house import House

_NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MODULE: Final = "tests.benchmarks.breadth"
_HISTORIES: Final = ("ecb_fx", "cftc_legacy", "cftc_disaggregated")
_FOLDERS: Final = {"comex_bulletin": "bulletin62", "comex_notices": "issues_stops", "comex_stocks": "stocks"}
_SHORT: Final = ("shfe_warrants",)
_SHORT_HISTORY: Final = ("cftc_legacy",)
_STEP: Final = timedelta(hours=7)
"""Longer than a home without news goes unread."""
_IDLE_SECONDS: Final = 20.0
"""The allocators give back what they kept for ten seconds."""
_LITTLE_MB: Final = 3.0
"""From here on nobody waits for less."""


def run(short: bool) -> list[Row]:
    """Two rows of PDFs, one for each history, one of memory (the source that leaves most)."""
    return [_bulletin(short), _season(10 if short else None), *_histories(short), _memory(short)]


# --- PDFs, in this process ------------------------------------------------------------------


def _bulletin(short: bool) -> Row:
    name, body = _bodies.made_up("comex_bulletin") if short else _bodies.largest("comex_bulletin")
    kind = "captured" if "/" in name else "made-up"
    jobs: Sequence[Callable[[], float]] = [
        partial(seconds, partial(_ours, _source("comex_bulletin"), (name, body))),
        partial(seconds, partial(_plumbed, body)),
    ]
    if not short:
        in_turns(1, *jobs)
    ours, plumber = in_turns(1 if short else 7, *jobs)
    return faster(f"one {kind} bulletin, text and numbers, against pdfplumber", ours, plumber, times=20)


def _plumbed(body: bytes) -> list[list[float]]:
    """The numbers of every line as pdfplumber finds them: words, gathered by the line they stand on."""
    import pdfplumber

    found = []
    with pdfplumber.open(io.BytesIO(body)) as document:
        for page in document.pages:
            for _, words in groupby(page.extract_words(), key=lambda word: round(word["bottom"])):
                found.append([float(text) for word in words if _is_number(text := word["text"])])
    return found


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _season(most: int | None) -> Row:
    files = [(source, file) for source in _FOLDERS for file in _captured(source)]
    kind = "captured" if files else "made-up"
    files = files or [(source, _bodies.largest(source)) for source in _FOLDERS for _ in range(20)]
    files = files[:: max(1, len(files) // most)] if most else files
    sources = {name: _source(name) for name in _FOLDERS}

    def job() -> None:
        for name, file in files:
            _ours(sources[name], file)

    name = f"{len(files)} {kind} bulletins, notices and stock reports, bytes to checked frames, one core"
    return within(name, len(files) / median(seconds(job) for _ in range(1 if most else 5)), "files/s", least=25)


def _captured(source: str) -> list[File]:
    folder = CAPTURES / "comex" / _FOLDERS[source]
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*"))]


def _ours(source: Source, file: File) -> object:
    name, body = file
    return checked(source.parse(Answer(body, name, _NOW)).frames)


def _source(name: str) -> Source:
    from monitor.sources.registry import discover

    return discover()[0][name]


# --- through the house, in processes of their own -----------------------------------------------


def _histories(short: bool) -> list[Row]:
    rows = []
    for source in _SHORT_HISTORY if short else _HISTORIES:
        found = [_process(source, short) for _ in range(1 if short else 3)]
        name = f"{source}, whole history of {found[0]['rows']:,.0f} rows into the store"
        rows.append(within(name, median(one["seconds"] for one in found), "s", most=5))
    return rows


def _memory(short: bool) -> Row:
    found = {name: _process(name, short)["left_mb"] for name in (_SHORT if short else _bodies.names())}
    worst = max(found, key=lambda name: found[name])
    name = f"memory left by the largest file of each of {len(found)} sources, the most ({worst})"
    return within(name, max(found[worst], 0.0), "MB", most=20)


def _process(source: str, short: bool) -> dict[str, float]:
    command = [sys.executable, "-m", _MODULE, source, "short" if short else "full"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, check=True, text=True)
    return {name: float(value) for name, value in json.loads(done.stdout).items()}


def _measure(source: str, *, short: bool) -> dict[str, float]:
    """Rows, seconds, and how many anonymous resident megabytes more than before an idle daemon holds, child ended."""
    from monitor.batch import Teller
    from monitor.daemon import Daemon
    from tests.homes import house, offer, only

    few = {"checks": only("source_stale")} if short else {}
    name, body = _bodies.largest(source, short=short)
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as home, house(Path(home), _NOW, **few) as opened:
        teller = Teller(opened)
        daemon = Daemon(opened, teller)
        before = _before(opened, daemon)
        outcomes = []
        taken = seconds(lambda: outcomes.extend(offer(opened, [(name, body)], _NOW)))
        opened.decoder.close()
        left = _left(daemon, before, 0.0 if short else _IDLE_SECONDS)
        teller.close()
    if [outcome.status for outcome in outcomes] != ["loaded"] or outcomes[0].source != source:
        raise AssertionError(f"{source}: {outcomes}")
    return {"rows": outcomes[0].rows, "seconds": taken, "left_mb": left}


def _before(opened: House, daemon: Daemon) -> float:
    """Megabytes of a daemon that has loaded a small file and told of it: what any first file brings is not counted."""
    from tests.factories import shanghai
    from tests.homes import offer

    offer(opened, [("quotation.html", shanghai.sge_page(shanghai.sge_rows(_bodies.DAY)))], _NOW)
    for number in range(2):
        daemon.step(_NOW + number * _STEP)
    opened.decoder.close()
    return rss_anon_mb()


def _left(daemon: Daemon, before: float, idle: float) -> float:
    """Megabytes more than before, after the batch that follows and up to so many seconds of idle rounds."""
    end = perf_counter() + idle
    for number in count(2):
        daemon.step(_NOW + 2 * _STEP + timedelta(seconds=number))
        left = rss_anon_mb() - before
        if left < _LITTLE_MB or perf_counter() > end:
            return left
        sleep(0.5)
    raise AssertionError


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], short=sys.argv[2] == "short")))
