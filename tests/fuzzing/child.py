"""The process in which the parsers meet the damaged files: one campaign a line of its input, one report a line back.

Whatever ends it ends no more than a test: the number of the input being tried lies in a shared file.
"""

from __future__ import annotations

import faulthandler
import json
import mmap
import resource
import signal
import struct
import sys
import time
import traceback
import warnings
from collections import Counter
from typing import Any, Final

from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch, Source
from monitor.sources.registry import discover
from monitor.validate import checked
from tests.fuzzing.inputs import made
from tests.fuzzing.seeds import SEEDS

ADDRESS_SPACE: Final = 1_500 << 20
MOST_SECONDS: Final = 1.0
"""CPU time one input may take."""
_LAST_SECONDS: Final = 20.0
"""CPU time after which the process is ended, for what cannot be interrupted."""
_LONGEST_MESSAGE: Final = 1_100
_MOST_FAULTS: Final = 5


def main() -> None:
    """Serve until the input ends. Arguments: the shared file."""
    with open(sys.argv[1], "r+b") as file:  # noqa: PTH123
        shared = mmap.mmap(file.fileno(), 8)
    faulthandler.enable()
    warnings.simplefilter("error")
    sources, _ = discover()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        asked = json.loads(line)
        report = campaign(sources[asked["source"]], tuple(sources.values()), asked["seed"], asked["inputs"], shared)
        print(json.dumps(report), flush=True)


def campaign(source: Source, others: tuple[Source, ...], seed: int, inputs: int, shared: mmap.mmap) -> dict[str, Any]:
    """What became of the inputs; stops at the fifth that is at fault."""
    seeds = SEEDS[source.name]()
    endings: Counter[str] = Counter()
    faults: list[tuple[int, str]] = []
    slowest, rows, number = (0.0, 0), 0, 0
    before = _resident_peak()
    for number in range(inputs):
        shared[:8] = struct.pack("<Q", number)
        answer = made(seeds, source.name, seed, number)
        signal.setitimer(signal.ITIMER_PROF, _LAST_SECONDS)
        started = time.process_time()
        ending, count, fault = _tried(source, others[number % len(others)], answer)
        seconds = time.process_time() - started
        signal.setitimer(signal.ITIMER_PROF, 0)
        endings[ending] += 1
        rows += count
        slowest = max(slowest, (seconds, number))
        if fault or seconds > MOST_SECONDS:
            faults.append((number, fault or f"{seconds:.1f} seconds"))
            if len(faults) == _MOST_FAULTS:
                break
    return {
        "inputs": number + 1, "endings": endings, "rows": rows, "slowest": slowest, "faults": faults,
        "grown_mb": (_resident_peak() - before) >> 10,
    }  # fmt: skip


def _tried(source: Source, other: Source, answer: Answer) -> tuple[str, int, str]:
    """(how it ended, rows, what was wrong with that)."""
    try:
        source.recognise(answer.body, answer.name)
        other.recognise(answer.body, answer.name)
    except BaseException:  # noqa: BLE001 - a recogniser raises nothing at all
        return "fault", 0, "recognising: " + traceback.format_exc(limit=-6)
    try:
        batch = source.parse(answer)
        frames = checked(batch.frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__, 0, _unsayable(str(error))
    except BaseException:  # noqa: BLE001 - whatever else comes is what we are looking for
        return "fault", 0, traceback.format_exc(limit=-6)
    return "rows", sum(frame.height for frame in frames.values()), _unsayable(*_texts(batch))


def _texts(batch: Batch) -> list[str]:
    notes = [text for note in batch.notes for text in (note.text, note.where)]
    return notes + [text for reject in batch.rejects for text in (reject.message, reject.where, reject.raw)]


def _unsayable(*texts: str) -> str:
    """What keeps a text from being written into the books or a mail; '' where nothing does."""
    for text in texts:
        if len(text) > _LONGEST_MESSAGE:
            return f"a message of {len(text)} characters: {text[:200]!r}"
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            return f"a message with half a character: {text!r}"
    return ""


def _resident_peak() -> int:
    """The most memory this process ever held, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
