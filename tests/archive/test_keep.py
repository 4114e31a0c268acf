"""Bytes that were acknowledged are on disk for ever, under their hash and as they came."""

import json
import os
import random
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.archive import Archive, Entry
from monitor.errors import Unreadable
from monitor.model import Answer
from tests.archive.samples import ANSWER, ASK, LINE, NOW, ROOT, SEED, change, sha_of


def test_kept_bytes_come_back_as_the_same_answer(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "comex_stocks")
    assert kept.new
    assert kept.sha256 == sha_of(ANSWER.body)
    assert archive.read(kept.sha256) == ANSWER


def test_bytes_lie_under_their_hash_read_only_with_a_readable_sidecar(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "comex_stocks")
    assert kept.path == archive.folder / "raw" / kept.sha256[:2] / kept.sha256
    assert kept.path.read_bytes() == ANSWER.body
    sidecar = kept.path.with_name(f"{kept.sha256}.json")
    fields = json.loads(sidecar.read_text())
    assert fields["source"] == "comex_stocks"
    assert fields["bytes"] == len(ANSWER.body)
    assert fields["fetched_at"] == "2026-02-10T23:30:00.123456Z"
    assert [stat.S_IMODE(path.stat().st_mode) & 0o333 for path in (kept.path, sidecar)] == [0, 0]


def test_the_same_bytes_again_change_nothing(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "comex_stocks")
    before = {path: path.stat().st_ino for path in archive.folder.rglob("*")}
    again = archive.keep(replace(ANSWER, name="other.xls", fetched_at=NOW + timedelta(days=1)), "comex_stocks")
    assert (again.sha256, again.new) == (kept.sha256, False)
    assert {path: path.stat().st_ino for path in archive.folder.rglob("*")} == before


def test_the_same_bytes_under_another_hint_or_source_are_a_sighting_recorded_once(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "comex_volume")
    gold = replace(ANSWER, hint="gold", name="gold/x.json", fetched_at=NOW + timedelta(hours=1))
    for _ in range(3):
        assert not archive.keep(gold, "comex_volume").new
        assert not archive.keep(gold, "other").new
    assert [(e.source, e.hint) for e in archive.entries()] == [
        ("comex_volume", "silver"),
        ("comex_volume", "gold"),
        ("other", "gold"),
    ]
    second = list(archive.entries())[1]
    assert second == Entry(kept.sha256, "comex_volume", "gold", "gold/x.json", gold.fetched_at, "https://a.org/x")
    assert archive.answer(second) == replace(gold, headers=ANSWER.headers)
    assert archive.verify() == []


def test_entries_come_oldest_first_whatever_the_order_they_were_kept_in(archive: Archive) -> None:
    answers = [Answer(bytes([n]), str(n), NOW + timedelta(minutes=n)) for n in range(20)]
    for answer in random.Random(SEED).sample(answers, 20):
        archive.keep(answer, "s")
    assert [entry.name for entry in archive.entries()] == [str(n) for n in range(20)]


def test_an_empty_archive_is_in_order(archive: Archive) -> None:
    assert (archive.verify(), list(archive.entries()), archive.last_asks(), archive.sweep()) == ([], [], {}, 0)
    assert not archive.folder.exists()


@pytest.mark.parametrize("sha", ["", "abc", "../" * 20, "A" * 64, "g" * 64, "0" * 64, "0" * 65])
def test_what_is_not_held_is_unreadable(archive: Archive, sha: str) -> None:
    with pytest.raises(Unreadable):
        archive.read(sha)


def test_a_file_name_that_is_no_text_is_kept_all_the_same(archive: Archive) -> None:
    odd = replace(ANSWER, name=os.fsdecode(b"\xff\xfe.xls"))
    assert archive.read(archive.keep(odd, "s").sha256).name == odd.name
    assert archive.verify() == []


def test_changed_bytes_are_unreadable_until_the_good_ones_are_kept_again(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "s")
    change(kept.path, b"other bytes")
    with pytest.raises(Unreadable, match="no longer"):
        archive.read(kept.sha256)
    assert archive.keep(ANSWER, "s").new
    assert archive.read(kept.sha256) == ANSWER
    assert archive.verify() == []


def test_a_lost_sidecar_is_unreadable_until_the_bytes_are_kept_again(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "s")
    kept.path.with_name(f"{kept.sha256}.json").unlink()
    with pytest.raises(Unreadable, match="sidecar"):
        archive.read(kept.sha256)
    assert list(archive.entries()) == []
    assert not archive.keep(ANSWER, "s").new
    assert archive.read(kept.sha256) == ANSWER


def test_threads_may_keep_at_the_same_time(archive: Archive) -> None:
    new: list[bool] = []

    def keep() -> None:
        new.extend(archive.keep(Answer(bytes([n]) * 100, "x", NOW), "s").new for n in range(20))

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(new), sum(new), len(list(archive.entries()))) == (80, 20, 20)
    assert archive.verify() == []


def test_a_full_disk_acknowledges_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    """A real limit on file size in a child: 4 kB, against an answer of 8 kB."""
    script = f"""
import resource, signal
from pathlib import Path
from datetime import UTC, datetime
from monitor.archive import Archive
from monitor.model import Answer
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
archive = Archive(Path({str(tmp_path)!r}))
try:
    archive.keep(Answer(b"x" * 8192, "x", datetime.now(UTC)), "s")
except OSError as error:
    print("refused", error.errno)
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("refused")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every sync and rename, in order, by kind of file: raw, sidecar, folder or the name of a journal."""
    seen: list[tuple[str, str]] = []
    sync, rename = os.fsync, os.replace

    def kind(path: Path) -> str:
        if path.is_dir() or path.suffix == ".jsonl":
            return "folder" if path.is_dir() else path.name
        return "sidecar" if ".json" in path.name else "raw"

    def fsync(handle: int) -> None:
        seen.append(("sync", kind(Path(f"/proc/self/fd/{handle}").readlink())))
        sync(handle)

    def replace_(old: Path, new: Path) -> None:
        seen.append(("rename", kind(Path(new))))
        rename(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace_)
    return seen


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the names of open files are read from /proc")
def test_both_files_are_synced_before_either_has_its_name_and_the_sidecar_is_named_first(
    archive: Archive, disk: list[tuple[str, str]]
) -> None:
    archive.keep(ANSWER, "s")
    shard = [("sync", "folder")] * 3
    synced = [("sync", "raw"), ("sync", "sidecar")]
    assert disk == [*shard, *synced, ("rename", "sidecar"), ("rename", "raw"), ("sync", "folder")]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the names of open files are read from /proc")
def test_journal_and_sightings_are_synced_and_the_log_of_asks_is_not(
    archive: Archive, disk: list[tuple[str, str]]
) -> None:
    archive.keep(ANSWER, "s")
    disk.clear()
    archive.journal(LINE)
    assert disk == [("sync", "loads.jsonl"), ("sync", "folder")]
    archive.keep(ANSWER, "other")
    archive.journal(LINE)
    archive.log_ask(ASK)
    assert disk[2:] == [
        ("sync", "folder"),
        ("sync", "sightings.jsonl"),
        ("sync", "folder"),
        ("sync", "loads.jsonl"),
    ]
