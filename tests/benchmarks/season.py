"""Every COMEX file of a season from the inbox to one publication, against the archive step alone.

Each round is a process of its own, so that its memory is its own. What is timed: reading the inbox, keeping, parsing,
loading, moving to done/, one generation. The child that parses is up, as in a daemon; a fresh one takes a quarter of a
second besides. The archive step is keeping the same bytes and writing the same number of journal lines, each synced.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from statistics import median

from monitor.archive import Archive, LoadLine
from monitor.errors import Unreadable
from monitor.house import House
from monitor.inbox import Inbox
from monitor.model import Answer
from tests.benchmarks import _files
from tests.benchmarks._rows import Row, compared, settled_seconds, within
from tests.homes import house

_MODULE = "tests.benchmarks.season"


def run(short: bool) -> list[Row]:
    """Time against the archive step, files a second, peak memory of the process and its child."""
    most = 30 if short else None
    kind, files = _files.season(most)
    found = [_round(most, archive_first=number % 2 == 1) for number in range(1 if short else 5)]
    name = f"{len(files)} {kind} files, inbox to publication"
    return [
        compared(
            f"{name}, against the archive step", [r["load"] for r in found], [r["archive"] for r in found], most=4
        ),
        within(name, len(files) / median(r["load"] for r in found), "files/s", least=150),
        within(f"{name}, peak memory with the child", max(r["peak"] for r in found), "MB", most=250),
    ]


def _round(most: int | None, *, archive_first: bool) -> dict[str, float]:
    asked = [str(most or 0), str(int(archive_first))]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", _MODULE, *asked], cwd=root, stdout=subprocess.PIPE, check=True, text=True
    )
    return {name: float(value) for name, value in json.loads(done.stdout).items()}


# --- in the process that is measured ------------------------------------------------------


def _measure(most: int | None, *, archive_first: bool) -> dict[str, float]:
    _, files = _files.season(most)
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name:
        folder = Path(name)
        if archive_first:
            archive = _archive(folder, files)
            return {**_load(folder, files), "archive": archive}
        return {**_load(folder, files), "archive": _archive(folder, files)}


def _load(folder: Path, files: list[_files.File]) -> dict[str, float]:
    """Seconds and peak megabytes (resident, of both processes) of a whole load."""
    with house(folder / "home", _files.NOW) as opened:
        for name, body in files:
            target = opened.folders.inbox / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        inbox = Inbox(opened.folders.inbox, settle_seconds=-1e9)
        _bring_up(opened)

        def job() -> None:
            outcomes = list(opened.collector.drain(inbox, _files.NOW))
            if bad := [outcome for outcome in outcomes if outcome.status != "loaded"]:
                raise AssertionError(f"{len(bad)} files were not loaded, among them {bad[0]}")
            opened.publish(_files.NOW)

        taken = settled_seconds(job)
        return {"load": taken, "peak": sum(_peak_mb(pid) for pid in ("self", *_children()))}


def _bring_up(opened: House) -> None:
    """The child, ready to parse."""
    with suppress(Unreadable):
        opened.decoder.parse("comex_stocks", Answer(b"no report", "", _files.NOW))


def _archive(folder: Path, files: list[_files.File]) -> float:
    archive = Archive(folder / "archive-alone")

    def job() -> None:
        for name, body in files:
            kept = archive.keep(Answer(body, name, _files.NOW), "comex_stocks")
            archive.journal(LoadLine(kept.sha256, "comex_stocks", None, 1, _files.NOW, "loaded"))

    return settled_seconds(job)


def _children() -> list[str]:
    return Path("/proc/thread-self/children").read_text(encoding="ascii").split()


def _peak_mb(pid: str) -> float:
    """The most this process ever held in memory, as the kernel counted it; ru_maxrss would count its parent's too."""
    for line in Path("/proc", pid, "status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]) or None, archive_first=bool(int(sys.argv[2])))))
