"""The ledger's file is whole whatever happens to the process; real SQLite files throughout."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from alerts.ledger import Ledger
from alerts.ledger_db import MIGRATIONS, Database
from monitor.errors import Busy, Unreadable
from tests.ledger.saying import query, say, spoil
from tests.ledger_worker import RECIPIENTS


class TestTheFile:
    def test_only_its_owner_may_read_it(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch(mode=0o644)
        with Ledger(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_it_is_made_private_before_anything_is_in_it(self, ledger: Ledger, path: Path) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_its_commits_are_the_safest_sqlite_has(self, ledger: Ledger) -> None:
        pragmas = [ledger._database.rows(f"pragma {name}")[0][0] for name in ("journal_mode", "synchronous")]
        assert pragmas == ["delete", 3]

    def test_opening_it_again_keeps_what_is_in_it(self, ledger: Ledger, path: Path) -> None:
        say(ledger, "CWX")
        told = ledger.told()
        ledger.close()
        with Ledger(path) as again:
            assert again.told() == told
        assert query(path, "select version from schema_version") == [(n + 1,) for n in range(len(MIGRATIONS))]

    def test_a_file_of_a_newer_version_is_refused(self, ledger: Ledger, path: Path) -> None:
        ledger.close()
        spoil(path, "insert into schema_version values (999)")
        with pytest.raises(Unreadable, match="run the newer version"):
            Ledger(path)

    def test_a_migration_that_fails_leaves_the_version_before(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("alerts.ledger_db.MIGRATIONS", (*MIGRATIONS, ("create table extra (x)", "no SQL at all")))
        with pytest.raises(sqlite3.OperationalError):
            Database(path)
        assert query(path, "select max(version) from schema_version") == [(len(MIGRATIONS),)]
        assert query(path, "select name from sqlite_master where name = 'extra'") == []

    def test_a_file_that_is_no_ledger_is_named(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"something else altogether" * 100)
        with pytest.raises(Unreadable, match="is no ledger of alerts"):
            Ledger(path)

    def test_a_ledger_another_process_holds_is_busy(self, ledger: Ledger, path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(Busy, match="another process is writing"):
                Database(path, patience=0)


@pytest.mark.slow
def test_killed_at_any_moment_the_ledger_is_whole(path: Path) -> None:
    """15 kills of a process that records and sends: no acknowledged record lost, none half there."""
    random, recorded, sent = Random(20260302), set[tuple[str, int]](), set[tuple[str, str]]()
    for _ in range(15 * int(os.environ.get("BULLION_SOAK", "1"))):
        lines = _run_and_kill(path, lines=random.randint(1, 12), then=random.uniform(0, 0.01))
        recorded |= {(parts[1].replace("_", " "), int(parts[2])) for parts in lines if parts[0] == "recorded"}
        sent |= {(parts[1], parts[2]) for parts in lines if parts[0] == "sent"}
        with Ledger(path) as ledger:
            told = {subject: state.seq for (_, subject), state in ledger.told().items()}
            assert ledger.verify_audit() is None
        events = query(path, "select subject, seq from events")
        assert recorded <= set(events)
        assert sorted(events) == sorted((subject, n + 1) for subject, seq in told.items() for n in range(seq))
        assert _count(path, "outbox") == len(RECIPIENTS) * len(events)
        assert _count(path, "audit where kind = 'transition'") == len(events)
        assert _count(path, "audit where kind = 'queued'") == _count(path, "outbox")
        assert _count(path, "outbox where state = 'SENDING'") == 0
        assert sent <= set(query(path, "select message_id, recipient from outbox where state = 'SENT'"))
        assert _count(path, "audit where kind = 'sent'") == _count(path, "outbox where state = 'SENT'")


def _run_and_kill(path: Path, lines: int, then: float) -> list[list[str]]:
    """Start the worker, kill it some seconds after so many lines, and answer every whole line it said."""
    command = [sys.executable, "-m", "tests.ledger_worker", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as worker:
        assert worker.stdout is not None
        said = [worker.stdout.readline() for _ in range(lines)]
        with suppress(subprocess.TimeoutExpired):
            worker.wait(timeout=then)
        worker.send_signal(signal.SIGKILL)
        said += worker.stdout.readlines()
    assert worker.returncode == -signal.SIGKILL
    return [line.decode().split() for line in said if line.endswith(b"\n")]


def _count(path: Path, rows: str) -> int:
    ((number,),) = query(path, f"select count(*) from {rows}")
    assert isinstance(number, int)
    return number
