"""A disk that fills up: the error is named, nothing acknowledged is lost, and work goes on when there is room."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from monitor.rounds import UNUSABLE, Round
from tests.asker import utc
from tests.desk import Desk, desk
from tests.exchange_town import Town

SOURCES = ("shfe_warrants", "sge_quotes", "comex_stocks")
MEBIBYTES = 96


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of its own in `folder`; False where this user may mount none."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEBIBYTES}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """Writes past that size of a file fail, in this process and the ones it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def town() -> Iterator[Town]:
    with Town(date(2026, 2, 2), date(2026, 3, 31)) as opened:
        yield opened


def acknowledged(rounds: list[Round]) -> set[str]:
    return {outcome.sha256 for done in rounds for outcome in done.outcomes if outcome.kept}


def check(opened: Desk, rounds: list[Round]) -> None:
    """All reports up to Monday are held, nothing acknowledged is missing, nothing in the archive is damaged."""
    assert opened.sessions("shfe_warrants")[-3:] == [date(2026, 3, 12), date(2026, 3, 13), date(2026, 3, 16)]
    assert opened.sessions("sge_quotes")[-3:] == [date(2026, 3, 12), date(2026, 3, 13), date(2026, 3, 16)]
    assert opened.sessions("comex_stocks")[-1] == date(2026, 3, 13)
    assert acknowledged(rounds) <= {entry.sha256 for entry in opened.house.archive.entries()}
    assert acknowledged(rounds) <= {sha for sha, _ in opened.house.store.loads()}
    assert [problem for problem in opened.house.archive.verify() if problem.kind not in ("temp", "line")] == []


def test_without_room_nothing_is_begun_and_the_reason_is_named(tmp_path: Path, town: Town) -> None:
    with small_disk(tmp_path) as mounted:
        if not mounted:
            return  # what follows needs a small file system; the limits below need none
        with desk(tmp_path / "home", town, "2026-03-12 12:00", SOURCES) as opened:
            rounds = [opened.step("2026-03-12 12:00")]
            beat = opened.house.folders.beat.read_text()
            town.forget()
            free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
            (tmp_path / "ballast").write_bytes(bytes(free - (1 << 20)))
            full = opened.through("2026-03-13 09:00", "2026-03-16 09:00", hours=24)
            assert {trouble.split(":")[0] for done in full for trouble in done.troubles} == {"disk"}
            assert (town.questions, opened.house.folders.beat.read_text()) == ([], beat)
            (tmp_path / "ballast").unlink()
            rounds += opened.through("2026-03-16 23:00", "2026-03-16 23:01", minutes=1)
            assert rounds[-1].troubles == []
            check(opened, rounds)


@pytest.mark.parametrize("kibibytes", [0, 20, 100, 1_500])
def test_room_that_ends_in_the_middle_of_a_round_loses_nothing(tmp_path: Path, town: Town, kibibytes: int) -> None:
    """Files can grow to so many KiB only: archive, journal, database or generation fail, whichever comes first.

    Where the database gives up, the process has to start anew, as its supervisor would have it.
    """
    rounds = []
    with desk(tmp_path, town, "2026-03-12 12:00", SOURCES) as opened:
        rounds.append(opened.step("2026-03-12 12:00"))
        with no_file_grows_beyond(kibibytes << 10):
            try:
                rounds.append(opened.step("2026-03-13 09:00"))
                assert rounds[-1].troubles != []
                rounds.append(opened.step("2026-03-13 09:01"))
            except UNUSABLE:
                pass
    with desk(tmp_path, town, "2026-03-16 23:00", SOURCES) as opened:
        rounds += opened.through("2026-03-16 23:00", "2026-03-16 23:31", minutes=31)
        assert rounds[-1].troubles == []
        check(opened, rounds)


def test_answers_the_disk_refused_are_kept_and_not_asked_for_again(tmp_path: Path, town: Town) -> None:
    with desk(tmp_path, town, "2026-03-12 12:00", SOURCES) as opened:
        rounds = [opened.step("2026-03-12 12:00")]
        town.forget()
        raw = opened.house.folders.archive / "raw"
        raw.rename(raw.with_name("away"))
        raw.write_text("a file where a folder should be")
        done = opened.step("2026-03-16 23:00")
        assert len(done.troubles) >= len(SOURCES)
        assert done.outcomes == []
        asked = len(town.questions)
        opened.step("2026-03-16 23:01")
        raw.unlink()
        raw.with_name("away").rename(raw)
        rounds.append(opened.step("2026-03-16 23:02"))
        assert len(town.questions) == asked
        assert rounds[-1].troubles == []
        check(opened, rounds)


def test_what_could_not_be_told_for_lack_of_room_is_told_once_there_is_some(tmp_path: Path, town: Town) -> None:
    """SHFE's warrants fall; the page is loaded into the last bytes there are, the alert finds none."""
    with desk(tmp_path, town, "2026-03-10 09:45", ["shfe_warrants"]) as opened:
        opened.through("2026-03-10 09:45", "2026-03-11 07:29", minutes=1304)
        with no_file_grows_beyond(20 << 10):
            done = opened.step("2026-03-11 07:30")
        assert ([outcome.status for outcome in done.outcomes], done.told) == (["loaded"], 0)
        assert "checks" in [trouble.split(":")[0] for trouble in done.troubles]
        assert not opened.teller.is_due(utc("2026-03-11 07:31"))
        assert opened.step("2026-03-11 07:31").told == 1
