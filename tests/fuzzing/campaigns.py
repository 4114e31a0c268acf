"""Campaigns in a process of their own: started, asked, started again after a crash that names its input."""

from __future__ import annotations

import json
import os
import re
import select
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_PANIC: Final = re.compile(r"thread '[^']*' \([0-9]+\) panicked at \S*/calamine-.*\n.*\n(?:note: .*\n)?")
"""What the reader of old workbooks says of its panics, each of which `biff` turns into Unreadable."""
_STILL_SECONDS: Final = 120.0
"""How long one input may take on the wall clock before the process counts as hung."""


@dataclass(frozen=True, slots=True)
class Report:
    """How the inputs of one source ended."""

    source: str
    seed: int
    inputs: int
    endings: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    slowest: tuple[float, int] = (0.0, 0)
    """CPU seconds, number of the input."""
    grown_mb: int = 0
    """By how much the peak of the resident memory rose."""
    faults: tuple[str, ...] = ()
    """What must not be, each with the command that makes its input again."""

    def __str__(self) -> str:
        ends = ", ".join(f"{count:,} {name}" for name, count in sorted(self.endings.items()))
        text = f"{self.source}: {self.inputs:,} inputs of seed {self.seed}: {ends}; {self.rows:,} rows; "
        return text + f"slowest {self.slowest[0]:.3f} s (input {self.slowest[1]}); peak grew by {self.grown_mb} MB"


class Campaigns:
    """One child for many campaigns; `program` is what its Python runs."""

    def __init__(self, folder: Path, program: Sequence[str] = ("-m", "tests.fuzzing.child")) -> None:
        self._program = program
        self._shared = folder / "number"
        self._errors = folder / "stderr"
        self._shared.write_bytes(bytes(8))
        self._child: subprocess.Popen[str] | None = None

    def run(self, source: str, seed: int, inputs: int) -> Report:
        """Try that many inputs of a source."""
        child = self._child = self._child or self._started()
        assert child.stdin is not None
        child.stdin.write(json.dumps({"source": source, "seed": seed, "inputs": inputs}) + "\n")
        child.stdin.flush()
        line = self._answer(child)
        said = _PANIC.sub("", self._errors.read_text("utf-8", "replace")).strip()
        if not line:
            return self._dead(source, seed, said)
        found = json.loads(line)
        faults = [f"input {number} ({_again(source, seed, number)}): {text}" for number, text in found.pop("faults")]
        if said:
            faults.append(f"words on the error stream: {said[-2_000:]}")
            self.close()
        return Report(source, seed, faults=tuple(faults), **found)

    def close(self) -> None:
        """End the child; the next campaign starts another."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _started(self) -> subprocess.Popen[str]:
        """A child with the environment of the decoding child."""
        env = {"MALLOC_ARENA_MAX": "1", "POLARS_MAX_THREADS": "1", "PYTHONUTF8": "1"}
        with self._errors.open("w") as errors:
            return subprocess.Popen(
                [sys.executable, *self._program, str(self._shared)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=_ROOT, env=env,
            )  # fmt: skip

    def _answer(self, child: subprocess.Popen[str]) -> str:
        """The child's line, '' where it died or does not come on with its input."""
        assert child.stdout is not None
        before = -1
        while not select.select([child.stdout], [], [], _STILL_SECONDS)[0]:
            if (now := self._number()) == before:
                return ""
            before = now
        return child.stdout.readline()

    def _dead(self, source: str, seed: int, said: str) -> Report:
        assert self._child is not None
        number = self._number()
        try:
            how = f"ended with {self._child.wait(5)}"
        except subprocess.TimeoutExpired:
            how = "hung"
        self.close()
        text = f"input {number} ({_again(source, seed, number)}): the process {how}: {said[-2_000:]}"
        return Report(source, seed, number + 1, faults=(text,))

    def _number(self) -> int:
        return int(struct.unpack("<Q", self._shared.read_bytes())[0])


@contextmanager
def opened() -> Iterator[Campaigns]:
    """Campaigns with a folder of their own, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        campaigns = Campaigns(Path(folder))
        try:
            yield campaigns
        finally:
            campaigns.close()


def _again(source: str, seed: int, number: int) -> str:
    return f"python -m tests.fuzzing {source} --seed {seed} --input {number}"


def chosen_seed() -> int:
    """The seed of this run: BULLION_FUZZ_SEED; else 1, or a fresh one where everything is tried."""
    fresh = int.from_bytes(os.urandom(4), "little") if everything() else 1
    return int(os.environ.get("BULLION_FUZZ_SEED", fresh))


def everything() -> bool:
    """Whether all inputs are wanted rather than a twentieth of them."""
    return os.environ.get("BULLION_FUZZ") == "all"
