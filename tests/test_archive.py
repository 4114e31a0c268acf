"""Bytes that were acknowledged are on disk for ever, and whatever is not as it was written is named."""

import hashlib
import json
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.archive import Archive, AskLine, Entry, LoadLine
from monitor.errors import Unreadable
from monitor.model import Answer

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 2, 10, 23, 30, 0, 123456, tzinfo=UTC)
SEED = 20260210
ANSWER = Answer(
    b"\xd0\xcf\x11\xe0 a workbook", "银 Silver.xls", NOW, "https://a.org/x", "silver", (("etag", '"7"'), ("date", "x"))
)
LINE = LoadLine("a" * 64, "comex_stocks", None, 1, NOW, "loaded")
ASK = AskLine(NOW, "comex_stocks", date(2026, 2, 10), "https://a.org/x", "answered", "", "", '"7"', "Tue")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def sha_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def kinds(archive: Archive) -> list[str]:
    return [problem.kind for problem in archive.verify()]


# --- keep and read --------------------------------------------------------------------------


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


# --- verify -----------------------------------------------------------------------------------


def change(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    change(path, bytes(data))


def test_every_one_of_a_thousand_flipped_bits_is_found_in_its_file(archive: Archive) -> None:
    """Five rounds over 100 files and their 100 sidecars, one bit in each."""
    rng = random.Random(SEED)
    for n in range(100):
        archive.keep(Answer(rng.randbytes(rng.randrange(1, 400)), f"{n}.xls", NOW), "s")
    good = {path: path.read_bytes() for path in (archive.folder / "raw").rglob("*") if path.is_file()}
    assert len(good) == 200
    for _ in range(5):
        for path in good:
            flip(path, rng)
        found = {(problem.kind, problem.where) for problem in archive.verify()}
        assert found == {
            ("sidecar" if path.suffix else "flipped", path.relative_to(archive.folder).as_posix()) for path in good
        }
        for path, data in good.items():
            path.write_bytes(data)
    assert archive.verify() == []


@pytest.mark.parametrize("name", ["loads.jsonl", "sightings.jsonl", "asks.jsonl"])
def test_every_flipped_bit_of_a_line_is_found(archive: Archive, name: str) -> None:
    sha = archive.keep(ANSWER, "s").sha256
    for hint in ("a", "b", "c"):
        archive.keep(replace(ANSWER, hint=hint), "s")
        archive.journal(replace(LINE, sha256=sha, hint=hint))
        archive.log_ask(replace(ASK, sha256=sha, url=hint))
    assert archive.verify() == []
    rng, path = random.Random(SEED), archive.folder / name
    good = path.read_bytes()
    for _ in range(200):
        flip(path, rng)
        assert "line" in kinds(archive)
        path.write_bytes(good)


def test_bytes_that_are_gone_are_missed_by_their_sidecar_and_by_the_journal(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "s")
    archive.journal(replace(LINE, sha256=kept.sha256))
    kept.path.unlink()
    assert kinds(archive) == ["missing", "missing"]
    kept.path.with_name(f"{kept.sha256}.json").unlink()
    assert [(p.kind, p.where) for p in archive.verify()] == [("missing", "loads.jsonl:1")]


def test_a_sidecar_that_is_gone_cut_or_another_file_s_is_told(archive: Archive) -> None:
    first, second = archive.keep(ANSWER, "s"), archive.keep(replace(ANSWER, body=b"b"), "s")
    sidecar = first.path.with_name(f"{first.sha256}.json")
    good = sidecar.read_bytes()
    for bad in (b"", good[:-1], b"{}", b"\xff", second.path.with_name(f"{second.sha256}.json").read_bytes()):
        change(sidecar, bad)
        assert kinds(archive) == ["sidecar"]
    sidecar.unlink()
    assert kinds(archive) == ["sidecar"]


def test_what_does_not_belong_in_raw_is_told(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "s")
    wrong = archive.folder / "raw" / "zz"
    wrong.mkdir()
    (wrong / kept.sha256).write_bytes(ANSWER.body)
    (archive.folder / "raw" / "README").write_text("hello")
    (kept.path.parent / ".DS_Store").write_text("")
    assert kinds(archive) == ["stray"] * 3


def test_a_left_temporary_file_is_told_and_swept(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "s")
    for name in (f".{kept.sha256}.0a1b2c3d.tmp", f".{'b' * 64}.0a1b2c3d.tmp", f".{'b' * 64}.json.0a1b2c3d.tmp"):
        (kept.path.parent / name).write_bytes(b"half")
    assert kinds(archive) == ["temp"] * 3
    assert archive.sweep() == 3
    assert archive.verify() == []


def test_bytes_killed_between_the_two_names_are_given_theirs_by_the_sweep(archive: Archive) -> None:
    kept = archive.keep(ANSWER, "s")
    kept.path.rename(kept.path.with_name(f".{kept.sha256}.0a1b2c3d.tmp"))
    assert archive.sweep() == 1
    assert archive.read(kept.sha256) == ANSWER
    assert archive.verify() == []


# --- kills --------------------------------------------------------------------------------------

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


STEPPING = """
import os, signal, sys
from pathlib import Path
from datetime import UTC, datetime
from monitor.archive import Archive
from monitor.model import Answer
archive, left = Archive(Path(sys.argv[1])), int(sys.argv[2])
answer = Answer(b"the bytes", "a.xls", datetime(2026, 2, 10, tzinfo=UTC))

def step(event, args):
    global left
    if event in ("open", "os.rename", "os.remove", "os.mkdir"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(step)
archive.keep(answer, "s")
os.write(1, b"acknowledged")
"""


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


# --- the journal ----------------------------------------------------------------------------------

texts = st.text(max_size=20)
load_lines = st.builds(
    LoadLine,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    source=texts,
    hint=st.none() | texts,
    parser_version=st.integers(1, 99),
    loaded_at=st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    outcome=st.sampled_from(["loaded", "refused"]),
    error=texts,
)


def test_the_journal_comes_back_in_its_order(archive: Archive) -> None:
    lines = [replace(LINE, parser_version=n, error='工作簿\n\u2028 "x"' * n) for n in range(1, 9)]
    for line in lines:
        archive.journal(line)
    assert list(archive.journal_lines()) == lines


@settings(max_examples=150)
@given(before=st.lists(load_lines, max_size=4), torn=load_lines, after=st.lists(load_lines, max_size=3), data=st.data())
def test_a_line_torn_anywhere_costs_only_itself(
    before: list[LoadLine], torn: LoadLine, after: list[LoadLine], data: st.DataObject
) -> None:
    """Cut at any byte of the last line; what was written before and what is written later both come back."""
    with tempfile.TemporaryDirectory() as folder:
        archive, path = Archive(Path(folder)), Path(folder) / "loads.jsonl"
        for line in before:
            archive.journal(line)
        start = path.stat().st_size if path.exists() else 0
        archive.journal(torn)
        end = path.stat().st_size
        cut = data.draw(st.integers(start, end), label="cut at")
        os.truncate(path, cut)
        survives = [torn] if cut >= end - 1 else []
        assert list(archive.journal_lines()) == before + survives
        for line in after:
            archive.journal(line)
        assert list(archive.journal_lines()) == before + survives + after
        told = [problem.where for problem in archive.verify() if problem.kind == "line"]
        assert told == ([f"loads.jsonl:{len(before) + 1}"] if start < cut < end - 1 else [])


def test_a_zero_filled_tail_costs_only_the_line_it_replaced(archive: Archive) -> None:
    """What ext4 may leave after a power cut."""
    archive.journal(LINE)
    with (archive.folder / "loads.jsonl").open("ab") as file:
        file.write(bytes(200))
    archive.journal(replace(LINE, parser_version=2))
    assert [line.parser_version for line in archive.journal_lines()] == [1, 2]
    assert "line" in kinds(archive)


# --- the log of asks --------------------------------------------------------------------------------


def test_the_last_ask_of_each_source_and_url_is_known(archive: Archive) -> None:
    archive.log_ask(ASK)
    archive.log_ask(replace(ASK, at=NOW + timedelta(hours=1), etag='"8"'))
    archive.log_ask(replace(ASK, source="other", outcome="blocked", error="HTTP 403", etag="", last_modified=""))
    last = archive.last_asks()
    assert last["comex_stocks", "https://a.org/x"] == replace(ASK, at=NOW + timedelta(hours=1), etag='"8"')
    assert last["other", "https://a.org/x"].outcome == "blocked"
    assert last["other", "https://a.org/x"].validators == {}


def test_a_refusal_in_between_does_not_forget_what_we_hold(archive: Archive) -> None:
    sha = archive.keep(ANSWER, "s").sha256
    archive.log_ask(replace(ASK, sha256=sha))
    for outcome in ("unchanged", "blocked", "unreachable"):
        archive.log_ask(replace(ASK, outcome=outcome, etag="", last_modified="", error=outcome))
    line = archive.last_asks()[ASK.source, ASK.url]
    assert (line.outcome, line.error, line.sha256) == ("unreachable", "unreachable", sha)
    assert line.validators == {"etag": '"7"', "last_modified": "Tue"}


def test_an_answer_without_validators_ends_the_old_ones(archive: Archive) -> None:
    archive.log_ask(ASK)
    archive.log_ask(replace(ASK, etag="", last_modified=""))
    assert archive.last_asks()[ASK.source, ASK.url].validators == {}


def test_asks_of_another_process_and_torn_ones_do_not_disturb(archive: Archive) -> None:
    archive.log_ask(ASK)
    assert len(archive.last_asks()) == 1
    path = archive.folder / "asks.jsonl"
    with path.open("ab") as file:
        file.write(b'{"at":"20')
    assert len(archive.last_asks()) == 1
    other = Archive(archive.folder)
    other.log_ask(replace(ASK, url="https://a.org/y"))
    assert len(archive.last_asks()) == 2
    assert len(Archive(archive.folder).last_asks()) == 2


def test_a_line_seen_half_written_is_read_when_it_is_whole(archive: Archive) -> None:
    archive.log_ask(ASK)
    Archive(archive.folder).log_ask(replace(ASK, outcome="blocked"))
    path = archive.folder / "asks.jsonl"
    whole = path.read_bytes()
    os.truncate(path, len(whole) - 50)
    assert archive.last_asks()[ASK.source, ASK.url].outcome == "answered"
    with path.open("ab") as file:
        file.write(whole[-50:])
    assert archive.last_asks()[ASK.source, ASK.url].outcome == "blocked"
