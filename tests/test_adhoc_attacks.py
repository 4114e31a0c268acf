"""Hostile SQL reads, writes and learns nothing, whichever wall is left standing.

A seeded sample in the normal run; every statement in every disguise with BULLION_ATTACK=all in the environment.
"""

import json
import os
import random
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from monitor import adhoc
from monitor.adhoc_walls import landlock_version
from monitor.errors import QueryRefused
from monitor.tabular import Result
from tests import attacks
from tests.attacks import CANARY, CURIOUS, HONEST, HONEST_ANSWER, HOSTILE, Outcome, Scene
from tests.spares import prepared, until

ALL = os.environ.get("BULLION_ATTACK") == "all"
SEED = 20260210
DISGUISED = [disguise for statement in HOSTILE + CURIOUS for disguise in list(attacks.wrappings(statement))[1:]]


def sample(statements: Sequence[str], count: int) -> list[str]:
    """All of them under BULLION_ATTACK=all, else as many as `count`, the same ones each time."""
    return list(statements) if ALL else random.Random(SEED).sample(list(statements), count)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return attacks.make_scene(tmp_path)


@pytest.fixture(params=["a new child", "a spare"])
def run(request: pytest.FixtureRequest) -> Iterator[Callable[..., Result]]:
    """`adhoc.run`, in a child started for the statement or in one that stood ready before it came."""
    if request.param == "a new child":
        yield adhoc.run
        return
    with prepared() as spare:
        yield spare.run


def harmed(scene: Scene, before: dict[str, str]) -> set[str]:
    """Paths created, removed or changed since `before`."""
    after = scene.fingerprint()
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def loose(outcomes: Sequence[Outcome]) -> list[str]:
    """Statements through which the canary came out."""
    return [outcome.statement for outcome in outcomes if CANARY in outcome.text]


def test_the_battery_is_as_large_as_promised() -> None:
    """At least 150 different hostile statements, each in at least five disguises."""
    assert len(set(HOSTILE)) >= 150
    assert len(DISGUISED) >= 5 * len(HOSTILE)


def test_without_any_wall_the_battery_does_harm(scene: Scene) -> None:
    """The battery can hurt: without walls it reads the canary, writes files and ruins the database."""
    before = scene.fingerprint()
    # a fixed choice, all local: what reaches for the network or the home folder is only let loose behind walls
    with_paths = [line for line in attacks.WRITE_FILES.strip().split("\n") if "{out}" in line or "{db}" in line]
    chosen = ["select content from read_text('{canary}')", *with_paths]
    outcomes = attacks.battery(scene, [], [scene.fill(statement) for statement in chosen])
    changed = harmed(scene, before)
    assert loose(outcomes)
    assert "gen.duckdb" in changed
    assert {"out.csv", "out.parquet", "gen.duckdb.wal"} <= changed


def test_behind_all_walls_every_hostile_statement_is_refused(scene: Scene) -> None:
    """Each is refused, touches nothing, and leaves the connection answering honest queries."""
    before = scene.fingerprint()
    statements = [scene.fill(statement) for statement in [*HOSTILE, *sample(DISGUISED, 60)]]
    outcomes = attacks.battery(scene, ["gate", "lock", "kernel"], statements)
    assert harmed(scene, before) == set()
    assert loose(outcomes) == []
    assert [outcome for outcome in outcomes if outcome.kind == "died" or not outcome.honest] == []
    hostile = {scene.fill(disguise) for statement in HOSTILE for disguise in attacks.wrappings(statement)}
    answered = [outcome.statement for outcome in outcomes if outcome.kind == "answered"]
    assert [text for text in answered if text in hostile and not text.startswith("EXPLAIN ")] == []


@pytest.mark.parametrize("walls", [["lock", "kernel"], ["lock"], ["kernel"]], ids=" ".join)
def test_without_the_gate_the_other_walls_hold_alone(scene: Scene, walls: list[str]) -> None:
    """No file is changed, created or read by DuckDB's lock alone, nor by the kernel's wall alone."""
    if "kernel" in walls and landlock_version() == 0:
        pytest.skip("this kernel has no Landlock")
    before = scene.fingerprint()
    files = [disguise for line in attacks.WRITE_FILES.strip().split("\n") for disguise in attacks.wrappings(line)]
    chosen = [*sample(files, 60), *sample([*HOSTILE, *CURIOUS, *DISGUISED], 60)]
    outcomes = attacks.battery(scene, walls, [scene.fill(statement) for statement in chosen])
    assert harmed(scene, before) == set()
    assert loose(outcomes) == []


def test_the_real_worker_gives_nothing_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Result]
) -> None:
    """Through `adhoc.run`, one process a statement: no harm, no canary, honest answers in between, no litter."""
    (scene.folder / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scene.folder / "tmp"))
    monkeypatch.setenv("CANARY", CANARY)
    before = scene.fingerprint()
    told = []
    for number, statement in enumerate(sample([*HOSTILE, *CURIOUS, *DISGUISED], 30)):
        try:
            told.append(json.dumps(run(scene.database, scene.fill(statement), limit=0, seconds=5).rows))
        except QueryRefused as refusal:
            told.append(str(refusal))
        if number % 10 == 0:
            assert run(scene.database, HONEST, seconds=5).rows == HONEST_ANSWER
    assert [text for text in told if CANARY in text] == []
    until(lambda: harmed(scene, before) == set())  # a child that is being made ready has a folder for that moment


@pytest.mark.parametrize("walls", [["gate", "lock", "kernel"], ["lock", "kernel"], ["lock"]], ids=" ".join)
def test_no_connection_reaches_a_listener_the_statements_name(scene: Scene, walls: list[str]) -> None:
    """Every statement that names an address, in every disguise, with a listener at that very address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        here = f"127.0.0.1:{listener.getsockname()[1]}"
        named = [line.replace("127.0.0.1:9", here) for line in HOSTILE if "127.0.0.1:9" in line]
        assert len(named) >= 6
        disguised = [scene.fill(disguise) for line in named for disguise in attacks.wrappings(line)]
        outcomes = attacks.battery(scene, walls, disguised)
        assert [outcome.statement for outcome in outcomes if outcome.kind == "died" or not outcome.honest] == []
        with pytest.raises(BlockingIOError):
            listener.accept()
        with socket.create_connection(listener.getsockname()):
            heard, _ = listener.accept()  # the listener does hear who calls
            heard.close()


def test_every_switch_of_the_lock_is_as_the_design_says(scene: Scene, run: Callable[..., Result]) -> None:
    """What one wall makes superfluous today is set all the same: DuckDB's lock-down has had holes before."""
    rows = run(scene.database, "select name, value from duckdb_settings()", limit=0).rows
    expected = {
        "access_mode": "read_only",
        "allow_community_extensions": "false",
        "allow_persistent_secrets": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "lock_configuration": "true",
        "python_enable_replacements": "false",
        "temp_directory": "",
        "threads": "2",
        "TimeZone": "UTC",
    }
    assert {name: value for name, value in rows if name in expected} == expected


def test_the_worker_does_not_know_its_parents_environment(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Result]
) -> None:
    """With HOME set, DuckDB would print it; the child is started without."""
    monkeypatch.setenv("HOME", f"/home/{CANARY}")
    rows = run(scene.database, "select name, value from duckdb_settings()", limit=0).rows
    assert "secret_directory" in dict(rows)
    assert CANARY not in str(rows)


@pytest.mark.slow
def test_every_statement_that_wants_all_memory_is_ended_by_name(scene: Scene) -> None:
    """Statements that want gigabytes end below the limit, in time, saying what ran out."""
    for statement in sample(attacks._lines(attacks.RESOURCES), 3):
        started = time.monotonic()
        with pytest.raises(QueryRefused, match=r"out of memory \(limit 900 MB\)|Still running after 5 s"):
            adhoc.run(scene.database, statement, seconds=5)
        assert time.monotonic() - started < 6
    assert adhoc.run(scene.database, HONEST).rows == HONEST_ANSWER


@pytest.mark.parametrize("statement", attacks._lines(attacks.ENDLESS))
def test_a_statement_without_end_is_stopped_within_a_second_of_its_limit(
    scene: Scene, statement: str, run: Callable[..., Result]
) -> None:
    run(scene.database, HONEST, seconds=0.5)
    started = time.monotonic()
    with pytest.raises(QueryRefused, match=r"Still running after 0\.5 s"):
        run(scene.database, statement, seconds=0.5)
    assert time.monotonic() - started < 1.5
