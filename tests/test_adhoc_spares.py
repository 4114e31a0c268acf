"""Children that stand ready answer as new ones do, one statement each, on the right file, and leave nothing behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from monitor import adhoc
from monitor.adhoc_queue import Queue
from monitor.adhoc_spares import Spares
from monitor.errors import QueryRefused
from monitor.web.look import Tools
from tests import attacks, homes, pages
from tests.attacks import HONEST, HONEST_ANSWER
from tests.spares import Prepared, pids, prepared, standing, until


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return attacks.make_scene(tmp_path_factory.mktemp("scene")).database


@pytest.fixture
def spare() -> Iterator[Prepared]:
    with prepared() as opened:
        yield opened


def numbered(path: Path, number: int) -> Path:
    """A made-up generation that holds its number."""
    with duckdb.connect(str(path)) as con:
        con.execute("create table generation as select ? as number", [number])
    return path


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def locked(pid: int) -> psutil.Process:
    """A spare behind the last of its walls: it may start nothing."""
    process = psutil.Process(pid)
    until(lambda: process.rlimit(resource.RLIMIT_NPROC) == (0, 0))
    return process


def outcome(run: Callable[..., Any], *args: Any, **how: Any) -> object:
    """What an asker gets, but for the time it took."""
    try:
        result = run(*args, **how)
    except QueryRefused as refusal:
        return str(refusal)
    return result.columns, result.rows, result.truncated


# --- the same answers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "how"),
    [
        (HONEST, {}),
        ("from stocks order by all", {"limit": 7}),
        ("select repeat('x', 1000) from range(500)", {"max_bytes": 50_000}),
        ("select getvariable('known_at'), getvariable('as_of')",
         {"variables": {"known_at": "2026-02-10T12:00:00Z", "as_of": "2026-02-09"}}),
        ("select $metal, interval ($n) day", {"parameters": {"metal": "银", "n": 3}}),
        ("select * from range(30000)", {"limit": 0}),
        ("delete from stocks", {}),
        ("select nosuch from stocks", {}),
        ("select $metal", {}),
        ("select repeat('x', 2000000000)", {"memory_mb": 500}),
        ("select count(*) from range(10000000000) a, range(1000000) b", {"seconds": 0.5}),
    ],
)  # fmt: skip
def test_a_spare_answers_as_a_new_child_does(spare: Prepared, database: Path, sql: str, how: dict[str, Any]) -> None:
    """Values, cuts, refusals: to the letter."""
    assert outcome(spare.run, database, sql, **how) == outcome(adhoc.run, database, sql, **how)
    assert len(spare.used) == 1


@pytest.mark.parametrize("length", [300_000])
def test_a_question_longer_than_a_pipe_holds_arrives_whole(spare: Prepared, database: Path, length: int) -> None:
    sql = f"select length('{'x' * length}')"
    assert spare.run(database, sql).rows == adhoc.run(database, sql).rows == [(length,)]


def test_time_counts_from_the_statement_however_long_the_spare_has_stood(spare: Prepared, database: Path) -> None:
    """Half a second is allowed beside the limit; the spares are older than both together."""
    spare.run(database, "select 1", seconds=0.2)
    until(lambda: len(standing(spare.queue)) == 2)
    made = [psutil.Process(pid).create_time() for pid in pids(spare.queue)]
    until(lambda: all(time.time() - moment > 1 for moment in made))
    assert spare.run(database, HONEST, seconds=0.2).rows == HONEST_ANSWER
    began = time.monotonic()
    with pytest.raises(QueryRefused, match=r"Still running after 0\.2 s"):
        spare.run(database, "select sleep_ms(60000)", seconds=0.2)
    assert time.monotonic() - began < 3


# --- one statement a child ---------------------------------------------------------------------


def test_two_statements_never_meet_in_one_child(spare: Prepared, database: Path) -> None:
    """Nothing of a question is there for the next: no variable, and no child answers twice."""
    for number in range(4):
        told = spare.run(database, "select getvariable('basis')", variables={"basis": str(number)})
        assert told.rows == [(str(number),)]
        assert spare.run(database, "select getvariable('basis')").rows == [(None,)]
    assert len(set(spare.used)) == 8
    until(lambda: not set(spare.used) & children())


def test_a_refused_statement_uses_its_child_up_too(spare: Prepared, database: Path) -> None:
    with pytest.raises(QueryRefused, match="SET is not allowed"):
        spare.run(database, "set variable basis = 'x'")
    assert spare.run(database, "select getvariable('basis')").rows == [(None,)]
    assert len(set(spare.used)) == 2


# --- behind the walls --------------------------------------------------------------------------


def test_a_spare_stands_behind_its_limits_before_any_statement(
    spare: Prepared, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory, processor time, files, processes, environment: those of a child that is asked at once."""
    monkeypatch.setenv("CANARY", attacks.CANARY)
    spare.run(database, "select 1", seconds=5.0)
    until(lambda: len(standing(spare.queue)) == 2)
    for pid in pids(spare.queue):
        process = locked(pid)
        assert process.rlimit(resource.RLIMIT_AS) == (900 << 20, 900 << 20)
        assert process.rlimit(resource.RLIMIT_CPU) == (13, 13)
        assert process.rlimit(resource.RLIMIT_FSIZE) == (0, 0)
        assert process.rlimit(resource.RLIMIT_NOFILE) == (32, 32)
        assert process.environ() == {"MALLOC_ARENA_MAX": "1"}
        assert not Path(process.cwd()).exists(), "its folder was empty and is gone"
        assert os.getsid(pid) == pid
        assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()


def test_behind_the_lock_only_variables_and_the_names_of_schemas_can_be_set(tmp_path: Path) -> None:
    """The gate aside: variables are set after the lock, so the lock must hold every setting by itself."""
    with duckdb.connect() as con:
        known = con.execute("select name, coalesce(value, '') from duckdb_settings()").fetchall()
    assert len(known) > 100
    forms = ["set {} = '{}'", "reset {}"]
    if os.environ.get("BULLION_ATTACK") == "all":
        forms += ["set global {} = '{}'", "set session {} = '{}'", "pragma {} = '{}'"]
    tried = {form.format(name, str(value).replace("'", "''")): name for name, value in known for form in forms}
    outcomes = attacks.battery(attacks.make_scene(tmp_path), ["lock"], [*tried, "set variable x = 1"])
    assert {one.kind for one in outcomes} == {"refused", "answered"}
    answered = {tried.get(one.statement, "variable") for one in outcomes if one.kind == "answered"}
    assert answered == {"variable", "schema", "search_path"}


def test_a_spare_is_small(spare: Prepared, database: Path) -> None:
    """Some 20 MB of its own, 60 MB with what it shares with the others."""
    spare.run(database, "select 1")
    until(lambda: len(standing(spare.queue)) == 2)
    for pid in pids(spare.queue):
        process = locked(pid)
        assert process.memory_full_info().uss < 48 << 20
        assert process.memory_info().rss < 128 << 20


# --- the right file ----------------------------------------------------------------------------


def test_a_spare_of_an_old_generation_is_not_used_for_a_new_one(spare: Prepared, tmp_path: Path) -> None:
    old, new = numbered(tmp_path / "old.duckdb", 1), numbered(tmp_path / "new.duckdb", 2)
    assert spare.run(old, "select number from generation").rows == [(1,)]
    until(lambda: len(standing(spare.queue)) == 2)
    stale = pids(spare.queue)
    assert spare.queue.run(new, "select number from generation").rows == [(2,)]
    until(lambda: [one.begin.database for one in standing(spare.queue)] == [new, new])
    until(lambda: not stale & children())


def test_a_file_that_took_anothers_name_is_read_anew(spare: Prepared, tmp_path: Path) -> None:
    path = numbered(tmp_path / "gen.duckdb", 1)
    assert spare.run(path, "select number from generation").rows == [(1,)]
    until(lambda: len(standing(spare.queue)) == 2)
    for pid in pids(spare.queue):
        locked(pid)  # and so with the file open
    numbered(tmp_path / "other.duckdb", 2).replace(path)
    assert spare.queue.run(path, "select number from generation").rows == [(2,)]


def test_other_limits_are_not_those_of_the_spares(spare: Prepared, database: Path) -> None:
    spare.run(database, "select 1")
    until(lambda: len(standing(spare.queue)) == 2)
    with pytest.raises(QueryRefused, match=r"limit 500 MB"):
        spare.queue.run(database, "select repeat('x', 2000000000)", memory_mb=500)


def test_spares_move_to_a_new_generation_before_it_is_asked_of(tmp_path: Path) -> None:
    """Of a page that is being read: it follows the link, and its spares with it."""
    with homes.house(tmp_path) as opened:
        opened.publish(homes.NOW)
        queue = Queue()
        with pages.served(tmp_path, homes.NOW, tools=Tools(questions=queue)) as client, client:
            assert client.get("/ask?sql=select+1").status_code == 200
            until(lambda: len(standing(queue)) == 2)
            before = pids(queue)
            newer = opened.publish(homes.NOW).resolve()
            until(lambda: [one.begin.database for one in standing(queue)] == [newer, newer])
            until(lambda: not before & children())


# --- coming and going --------------------------------------------------------------------------


def test_none_is_started_before_the_first_question() -> None:
    before = children()
    queue = Queue()
    queue.follow(Path("nowhere"))
    assert children() == before
    queue.close()


def test_a_killed_spare_is_replaced_and_the_question_still_answered(spare: Prepared, database: Path) -> None:
    spare.run(database, "select 1")
    until(lambda: len(standing(spare.queue)) == 2)
    dead = pids(spare.queue)
    for pid in dead:
        os.kill(pid, signal.SIGKILL)
    until(lambda: {psutil.Process(pid).status() for pid in dead} == {psutil.STATUS_ZOMBIE})
    assert spare.queue.run(database, HONEST).rows == HONEST_ANSWER
    until(lambda: len(standing(spare.queue)) == 2 and not pids(spare.queue) & dead)
    assert spare.run(database, HONEST).rows == HONEST_ANSWER


def test_spares_that_nobody_asks_for_long_are_let_go_and_come_back(database: Path) -> None:
    before, queue = children(), Queue()
    queue._spares = Spares(2, idle_seconds=0.5)
    try:
        assert queue.run(database, HONEST).rows == HONEST_ANSWER
        until(lambda: len(standing(queue)) == 2)
        until(lambda: children() == before)
        assert queue.run(database, HONEST).rows == HONEST_ANSWER
        until(lambda: len(standing(queue)) == 2)
    finally:
        queue.close()


def test_no_child_and_no_folder_is_left_after_closing(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = children()
    with prepared() as spare:
        for _ in range(3):
            spare.run(database, HONEST)
    assert children() <= before, "one of an earlier question may end meanwhile"
    assert list(tmp_path.iterdir()) == []
    assert spare.queue.run(database, HONEST).rows == HONEST_ANSWER, "a question after that is answered all the same"
    assert children() == before


def test_spares_end_with_a_process_that_is_killed(database: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from monitor.adhoc_queue import Queue; from tests.spares import *\n"
        "queue = Queue(); queue.run(Path(sys.argv[1]), 'select 1'); until(lambda: len(standing(queue)) == 2)\n"
        "print(*pids(queue), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(database)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as asker:
        assert asker.stdout is not None
        left = [psutil.Process(int(pid)) for pid in asker.stdout.readline().split()]
        assert len(left) == 2
        asker.kill()
    until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in left))
