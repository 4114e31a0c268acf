"""Thousands of damaged files: each ends in its right numbers, refused, noted or suspect; the rest is listed.

What ends in other numbers and nobody says so is counted by kind and source, and stands in the README with its count.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from monitor import validate
from monitor.house import House
from monitor.model import Batch
from monitor.sources.registry import discover
from monitor.store import FileLoad
from tests.captures import CAPTURES, needs_captures
from tests.homes import NOW, house
from tests.mutations import captured
from tests.mutations.anything import mutants
from tests.mutations.specimens import Specimen, specimens
from tests.mutations.verdicts import Outcome, outcome, remarks, rows_of

README: Final = Path(__file__).resolve().parents[1] / "README.md"
SOURCES, _ = discover()
ALL: Final = specimens()
CHAINS: Final = {
    "comex_stocks": "comex_stock_chain",
    "comex_volume": "open_interest_chain",
    "comex_settlements": "settlement_chain",
    "shfe_daily": "open_interest_chain union all by name select suspect from settlement_chain",
    "ine_copper": "open_interest_chain union all by name select suspect from settlement_chain",
    "shfe_warrants": "shfe_warrant_chain",
}
"""Source -> the view that holds a report against the one before."""
ANY: Final = {"cut", "empty", "HTML with status 200", "another report"}
EXCHANGED: Final = ("registered and eligible swapped", "depositories swapped", "warehouses swapped")
DAMAGE: Final = {
    "column dropped", "column renamed", "columns swapped", "headings swapped", "row dropped", "row twice",
    "row shifted", "times 1000", "all times 1000", "document times 1000",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """What became of every damaged file."""

    outcomes: Counter[tuple[str, str, Outcome]] = field(default_factory=Counter)
    """(source, kind of damage, outcome) -> files."""
    wrong: list[tuple[Specimen, str, Batch]] = field(default_factory=list)
    """Those whose numbers differ without a word, and what they were read as."""

    def of(self, *outcomes: Outcome) -> Counter[str]:
        """Kind of damage -> files that ended so."""
        found: Counter[str] = Counter()
        for (_, kind, ended), files in self.outcomes.items():
            if ended in outcomes:
                found[kind] += files
        return found


@cache
def run() -> Run:
    """Every mutant of every specimen, read once."""
    return judged(ALL)


def judged(chosen: list[Specimen]) -> Run:
    """Every mutant of these specimens."""
    found = Run()
    for specimen in chosen:
        parse = SOURCES[specimen.source].parse
        sound = parse(specimen.answer(specimen.body))
        rows, said = rows_of(sound), remarks(sound)
        for kind, body in mutants(specimen, ALL):
            ended, batch = outcome(parse, specimen.answer(body), rows, said)
            found.outcomes[specimen.source, kind, ended] += 1
            if ended is Outcome.WRONG and batch:
                found.wrong.append((specimen, kind, batch))
    return found


# --- against the day before --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("home")) as found:
        yield found


def contradicts(opened: House, specimen: Specimen, batch: Batch) -> bool:
    """Whether the store, holding the report of the day before and this one, shows it as suspect."""
    if specimen.source not in CHAINS:
        return False
    before = SOURCES[specimen.source].parse(replace(specimen, url=None).answer(specimen.before))
    for sha, held in (("before", before), ("after", batch)):
        frames = validate.checked(held.frames)
        opened.store.load(FileLoad(sha, "", specimen.source, "made", 1, NOW, frames))
    try:
        return bool(
            opened.store.rows(f"select bool_or(suspect) from (select suspect from {CHAINS[specimen.source]})")[0][0]
        )
    finally:
        with opened.store.cursor() as cursor:
            for table in (*before.frames, *batch.frames, "source_sessions", "loads"):
                cursor.execute(f"delete from {table} where raw_sha256 in ('before', 'after')")


@pytest.mark.slow
def test_a_sound_report_does_not_contradict_the_day_before(opened: House) -> None:
    """Otherwise the damaged ones would be suspect for another reason."""
    for specimen in ALL:
        if specimen.source in CHAINS:
            batch = SOURCES[specimen.source].parse(specimen.answer(specimen.body))
            assert not contradicts(opened, specimen, batch), specimen.title


@cache
def undetected(opened: House) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """Kind -> source -> files with other numbers that nothing sees; and kind -> files that are suspect."""
    unseen: dict[str, Counter[str]] = defaultdict(Counter)
    suspect: Counter[str] = Counter()
    for specimen, kind, batch in run().wrong:
        if contradicts(opened, specimen, batch):
            suspect[kind] += 1
        else:
            unseen[kind][specimen.source] += 1
    return unseen, suspect


@pytest.mark.slow
def test_categories_vaults_and_warehouses_exchanged_are_suspect(opened: House) -> None:
    """No sum inside one file can see them; the day before can."""
    unseen, suspect = undetected(opened)
    assert not unseen.keys() & set(EXCHANGED)
    assert all(suspect[kind] for kind in EXCHANGED), suspect


@pytest.mark.slow
def test_what_nothing_sees_is_what_the_readme_lists(opened: House) -> None:
    unseen, _ = undetected(opened)
    assert listed() == {kind: dict(found) for kind, found in unseen.items()}, lines(unseen)


def listed() -> dict[str, dict[str, int]]:
    """The README's table: kind of damage -> source -> files."""
    _, _, rest = README.read_text().partition("| damage | files nothing sees |")
    found = re.findall(r"^\| ([^|]+) \| ([^|]*`[^|]*) \|$", rest.split("\n\n")[0], re.MULTILINE)
    return {kind: {name: int(files) for name, files in re.findall(r"`(\w+)` (\d+)", cell)} for kind, cell in found}


def lines(unseen: dict[str, Counter[str]]) -> str:
    """The table as it should stand in the README."""
    return "\n" + "\n".join(
        f"| {kind} | {', '.join(f'`{name}` {files}' for name, files in sorted(found.items()))} |"
        for kind, found in sorted(unseen.items())
    )


# --- inside one file ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_there_are_thousands_of_damaged_files_of_every_source() -> None:
    found = run().outcomes
    assert sum(found.values()) >= 2_000
    kinds: dict[str, set[str]] = defaultdict(set)
    for source, kind, _ in found:
        kinds[source].add(kind)
    assert kinds.keys() == set(SOURCES)
    assert all(seen >= ANY for seen in kinds.values())
    assert {source for source, seen in kinds.items() if len(seen & DAMAGE) < 4} == set()


@pytest.mark.slow
def test_a_page_another_report_or_nothing_is_always_refused() -> None:
    for kind in ANY - {"cut"}:
        assert run().of(Outcome.SAME, Outcome.LESS, Outcome.NOTED, Outcome.WRONG)[kind] == 0, kind


@pytest.mark.slow
def test_a_cut_file_never_ends_in_other_numbers() -> None:
    assert run().of(Outcome.NOTED, Outcome.WRONG)["cut"] == 0


@pytest.mark.slow
def test_columns_and_rows_that_moved_as_a_whole_give_the_same_numbers() -> None:
    """Readers find columns by their headings; none takes a number from a place."""
    moved = run().of(Outcome.SAME)
    assert moved["columns moved"] > 100
    assert moved["rows shifted"] >= 4
    assert run().of(Outcome.WRONG, Outcome.NOTED, Outcome.LESS)["columns moved"] == 0


@pytest.mark.slow
def test_the_same_damage_is_made_at_every_run() -> None:
    chosen = [specimen for specimen in ALL if specimen.kind in ("json", "page")][:6]
    assert [list(mutants(one, ALL)) for one in chosen] == [list(mutants(one, ALL)) for one in chosen]


# --- captured files ----------------------------------------------------------------------------------


@needs_captures
@pytest.mark.captures
@pytest.mark.slow
def test_damage_to_captured_files_ends_no_worse_than_to_made_ones() -> None:
    """Every kind of damage that real files of a source let through is one the README lists, or the day before sees."""
    found = judged(list(captured.specimens(CAPTURES)))
    assert sum(found.outcomes.values()) >= 2_000
    worst = Counter((kind, specimen.source) for specimen, kind, _ in found.wrong)
    known = {(kind, source) for kind, sources in listed().items() for source in sources}
    seen_before = {(kind, "comex_stocks") for kind in (*EXCHANGED, "headings swapped")}
    assert worst.keys() <= known | seen_before, worst
    assert not {kind for kind, _ in worst} & ANY
