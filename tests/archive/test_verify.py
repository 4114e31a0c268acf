"""Whatever is not as it was written is named."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.archive import Archive
from monitor.model import Answer
from tests.archive.samples import ANSWER, ASK, LINE, NOW, SEED, change, kinds


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
