"""Whenever the process is killed, what was acknowledged is there and nothing is there by half."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from monitor.archive import Archive
from tests.archive.samples import ROOT, SEED, sha_of
from tests.dying import BEFORE_A_STEP

KEEPING = """
import os, sys
from pathlib import Path
from datetime import UTC, datetime
from monitor.archive import Archive, LoadLine
from monitor.model import Answer
archive, now, n = Archive(Path(sys.argv[1])), datetime(2026, 2, 10, tzinfo=UTC), int(sys.argv[2])
while True:
    n += 1
    kept = archive.keep(Answer(f"file {n} ".encode() * (n % 700), f"{n}.xls", now), "s")
    archive.journal(LoadLine(kept.sha256, "s", None, 1, now, "loaded"))
    os.write(1, f"{kept.sha256}{os.linesep}".encode())
"""


def test_ten_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """A child keeps and journals files as fast as it can; every hash it printed must be there afterwards."""
    rng, acknowledged = random.Random(SEED), []
    for run in range(10):
        child = subprocess.Popen(
            [sys.executable, "-c", KEEPING, str(tmp_path), str(run * 100_000)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        acknowledged.append(child.stdout.readline().decode().strip())
        time.sleep(rng.uniform(0, 0.2))
        child.send_signal(signal.SIGKILL)
        rest, _ = child.communicate()
        acknowledged += [line.decode() for line in rest.split(b"\n") if len(line) == 64]
    archive = Archive(tmp_path)
    archive.sweep()
    journalled = {line.sha256 for line in archive.journal_lines()}
    for sha in acknowledged:
        assert sha_of(archive.read(sha).body) == sha
    assert len(acknowledged) >= 10
    assert set(acknowledged) <= journalled
    assert {problem.kind for problem in archive.verify()} <= {"line"}


STEPPING = (
    """
import os, signal, sys
from pathlib import Path
from datetime import UTC, datetime
from monitor.archive import Archive
from monitor.model import Answer
archive, left = Archive(Path(sys.argv[1])), int(sys.argv[2])
answer = Answer(b"the bytes", "a.xls", datetime(2026, 2, 10, tzinfo=UTC))
"""
    + BEFORE_A_STEP
    + """archive.keep(answer, "s")
os.write(1, b"acknowledged")
"""
)


def test_a_kill_between_any_two_steps_leaves_either_all_or_nothing(tmp_path: Path) -> None:
    """The child kills itself before its first, second, ... file operation, until it gets through."""
    for steps in range(40):
        archive = Archive(tmp_path / str(steps))
        child = subprocess.run(
            [sys.executable, "-c", STEPPING, str(archive.folder), str(steps)],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        archive.sweep()
        assert archive.verify() == []
        held = [archive.answer(entry).body for entry in archive.entries()]
        assert held in ([], [b"the bytes"])
        if child.returncode == 0:
            assert child.stdout == b"acknowledged"
            assert held == [b"the bytes"]
            break
    assert steps >= 8
