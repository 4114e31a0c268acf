"""Whatever the bytes, a parser gives rows that hold or a named refusal, in less than a second.

500 damaged files a source in the normal run; 10,000 with BULLION_FUZZ=all (`make fuzz`), from a seed of its own that
BULLION_FUZZ_SEED sets. All are tried in a process of their own, which a fault may end: its input is named.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.errors import NotPublished, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.registry import discover
from monitor.validate import checked
from tests.fuzzing.campaigns import Campaigns, chosen_seed, everything, opened
from tests.fuzzing.child import _tried
from tests.fuzzing.inputs import made
from tests.fuzzing.seeds import SEEDS

SOURCES, _ = discover()
INPUTS = 10_000 if everything() else 500
SEED = chosen_seed()


@pytest.fixture(scope="module")
def campaigns() -> Iterator[Campaigns]:
    with opened() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("source", sorted(SEEDS))
def test_damaged_files_give_rows_or_a_named_refusal(campaigns: Campaigns, source: str) -> None:
    """No other exception, no crash, no warning, no second of CPU time, no memory beyond 200 MB more."""
    report = campaigns.run(source, SEED, INPUTS)
    print(report)
    assert report.faults == ()
    assert sum(report.endings.values()) == INPUTS
    assert report.grown_mb < 200
    assert report.endings["rows"] > INPUTS / 100
    assert report.endings["Unreadable"] > INPUTS / 100


# --- whether such a campaign can find anything ---


def test_every_source_has_files_to_damage() -> None:
    """A new source needs sound files of its own in `tests.fuzzing.seeds`."""
    assert set(SEEDS) == set(SOURCES)


@pytest.mark.parametrize("source", sorted(SEEDS))
def test_each_file_that_is_damaged_is_sound(source: str) -> None:
    """Its source recognises it and reads rows from it."""
    for seed in SEEDS[source]():
        assert SOURCES[source].recognise(seed.body, "file")
        frames = checked(SOURCES[source].parse(seed.answer(seed.body)).frames)
        assert sum(frame.height for frame in frames.values()) > 0


def test_an_input_follows_from_its_numbers_alone() -> None:
    """Also in another process, and whatever was made before; so a fault can be made again."""
    seeds = SEEDS["spot_quotes"]()
    here = [made(seeds, "spot_quotes", 1, number).body for number in range(30)]
    command = [sys.executable, "-m", "tests.fuzzing", "spot_quotes", "--seed", "1", "--input", "29"]
    there = subprocess.run(command, capture_output=True, check=True, cwd=Path(__file__).parents[1]).stdout
    assert there == here[29]
    assert len(set(here)) > 25


def _parse_with_a_fault(answer: Answer) -> Batch:
    raise KeyError(answer.name)


def _parse_with_a_long_tale(answer: Answer) -> Batch:
    raise NotPublished("x" * 2_000)


def _parse_with_half_a_character(answer: Answer) -> Batch:
    raise Unreadable("no number: \ud800")


@pytest.mark.parametrize(
    ("parse", "says"),
    [
        (_parse_with_a_fault, "KeyError"),
        (_parse_with_a_long_tale, "a message of 2000 characters"),
        (_parse_with_half_a_character, "half a character"),
    ],
)
def test_a_parser_at_fault_is_found_out(parse: object, says: str) -> None:
    """An exception that is none of the four, and messages that cannot be written down."""
    source = SOURCES["spot_quotes"]
    (seed, *_) = SEEDS["spot_quotes"]()
    broken = replace(source, parse=parse)  # type: ignore[arg-type]
    assert says in _tried(broken, source, seed.answer(seed.body))[2]
    assert _tried(source, source, seed.answer(seed.body)) == ("rows", 1, "")


def test_a_recogniser_at_fault_is_found_out() -> None:
    """It is asked about every file there is, so it may not raise anything at all."""
    source = SOURCES["spot_quotes"]
    (seed, *_) = SEEDS["spot_quotes"]()
    broken = replace(source, recognise=lambda body, name: body.decode("ascii") == name)
    assert "UnicodeDecodeError" in _tried(source, broken, seed.answer(b"\xff"))[2]


def test_a_crash_names_its_input_and_the_next_campaign_starts_anew(tmp_path: Path) -> None:
    """As when a library written in another language ends the process."""
    script = "import os, sys; input(); open(sys.argv[1], 'r+b').write(bytes([41])); os.abort()"
    campaigns = Campaigns(tmp_path, ("-c", script))
    for _ in range(2):
        (fault,) = campaigns.run("ecb_fx", 3, 100).faults
        assert "python -m tests.fuzzing ecb_fx --seed 3 --input 41" in fault
        assert "ended with -6" in fault
