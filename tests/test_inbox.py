"""A dropped file is taken when it is whole, recognised by its content, and never lost or overwritten."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.errors import Unreachable, Unreadable
from monitor.inbox import Inbox, identify, looks_like, read, walk
from monitor.model import Answer, Ask, Batch, Due, Source
from tests.dying import BEFORE_A_STEP

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    (tmp_path / "inbox").mkdir()
    return Inbox(tmp_path / "inbox")


def drop(inbox: Inbox, name: str, body: bytes = b"x", *, age: float = 0.0) -> Path:
    """Puts a file into the inbox that was last written `age` seconds before NOW."""
    path = inbox.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (NOW.timestamp() - age,) * 2)
    return path


# --- when a file is whole -----------------------------------------------------------------------


def test_a_fresh_file_is_taken_at_the_second_look(inbox: Inbox) -> None:
    path = drop(inbox, "a.xls")
    assert inbox.waiting(NOW) == []
    assert inbox.waiting(NOW) == [path]
    assert inbox.waiting(NOW) == [path]


def test_a_file_that_grew_between_two_looks_waits_for_a_third(inbox: Inbox) -> None:
    drop(inbox, "a.xls", b"x")
    inbox.waiting(NOW)
    path = drop(inbox, "a.xls", b"xx")
    assert inbox.waiting(NOW) == []
    assert inbox.waiting(NOW) == [path]


def test_a_file_rewritten_with_the_same_size_waits_too(inbox: Inbox) -> None:
    drop(inbox, "a.xls", b"x", age=5)
    inbox.waiting(NOW)
    drop(inbox, "a.xls", b"y", age=4)
    assert inbox.waiting(NOW) == []


def test_an_old_file_is_taken_at_the_first_look(inbox: Inbox) -> None:
    path = drop(inbox, "a.xls", age=61)
    drop(inbox, "b.xls", age=59)
    assert inbox.waiting(NOW) == [path]


def test_a_file_from_the_future_is_taken_at_the_second_look(inbox: Inbox) -> None:
    path = drop(inbox, "a.xls", age=-9999)
    assert inbox.waiting(NOW) == []
    assert inbox.waiting(NOW) == [path]


def test_an_empty_file_waits_until_it_is_old_since_browsers_reserve_names(inbox: Inbox) -> None:
    path = drop(inbox, "a.xls", b"")
    assert inbox.waiting(NOW) == inbox.waiting(NOW) == []
    os.utime(path, (NOW.timestamp() - 61,) * 2)
    assert inbox.waiting(NOW) == [path]


def test_a_file_that_left_and_came_back_is_looked_at_afresh(inbox: Inbox) -> None:
    path = drop(inbox, "a.xls")
    inbox.waiting(NOW)
    path.unlink()
    inbox.waiting(NOW)
    drop(inbox, "a.xls")
    assert inbox.waiting(NOW) == []


@pytest.mark.parametrize(
    "name",
    [".hidden", ".git/a.xls", "a.xls.part", "a.xls.crdownload", "a.xls.TMP", "x.download", "~$a.xlsx", "Thumbs.db",
     "done/a.xls", "rejected/a.xls", "silver/done/a.xls"],
)  # fmt: skip
def test_what_is_no_whole_report_is_left_alone(inbox: Inbox, name: str) -> None:
    drop(inbox, name, age=9999)
    assert inbox.waiting(NOW) == inbox.waiting(NOW) == []


def test_a_file_whose_download_goes_on_beside_it_is_left_alone(inbox: Inbox) -> None:
    drop(inbox, "a.xls", age=9999)
    part = drop(inbox, "a.xls.part", age=9999)
    assert inbox.waiting(NOW) == []
    part.unlink()
    assert inbox.waiting(NOW) == [inbox.folder / "a.xls"]


def test_subfolders_count_and_the_order_is_that_of_the_paths(inbox: Inbox) -> None:
    paths = [drop(inbox, name, age=99) for name in ("silver/2026/a.json", "b.xls", "gold/a.json", "a.xls")]
    assert inbox.waiting(NOW) == sorted(paths)


def test_links_and_pipes_are_left_alone(inbox: Inbox, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.xls").write_bytes(b"x")
    os.utime(outside / "secret.xls", (0, 0))
    (inbox.folder / "link.xls").symlink_to(outside / "secret.xls")
    (inbox.folder / "folder").symlink_to(outside)
    (inbox.folder / "loop").symlink_to(inbox.folder)
    os.mkfifo(inbox.folder / "pipe.xls")
    assert inbox.waiting(NOW) == inbox.waiting(NOW) == []


def test_an_inbox_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert Inbox(tmp_path / "none").waiting(NOW) == []


# --- taking -------------------------------------------------------------------------------------


def test_a_taken_file_is_named_by_its_path_in_the_inbox(inbox: Inbox) -> None:
    path = drop(inbox, "silver/2026-02-10.json", b"{}")
    assert inbox.take(path, NOW) == Answer(b"{}", "silver/2026-02-10.json", NOW)


def test_a_file_named_outright_keeps_its_nearest_folder(tmp_path: Path) -> None:
    path = tmp_path / "silver" / "a.json"
    path.parent.mkdir()
    path.write_bytes(b"{}")
    assert read(path, NOW).name == "silver/a.json"


def test_a_file_past_the_cap_is_refused_and_one_at_the_cap_is_not(inbox: Inbox) -> None:
    path = drop(inbox, "a.xls", b"x" * 100)
    assert len(Inbox(inbox.folder, byte_cap=100).take(path, NOW).body) == 100
    with pytest.raises(Unreadable, match="larger than 99 bytes"):
        Inbox(inbox.folder, byte_cap=99).take(path, NOW)


def test_a_name_that_is_no_text_is_spelled_out(inbox: Inbox) -> None:
    path = drop(inbox, os.fsdecode(b"report\xff.xls"))
    assert inbox.take(path, NOW).name == "report\\xff.xls"


def test_the_cap_is_32_mib_and_a_huge_file_is_not_read(inbox: Inbox) -> None:
    path = drop(inbox, "a.xls", b"x")
    os.truncate(path, 1 << 40)
    with pytest.raises(Unreadable, match="33,554,432"):
        inbox.take(path, NOW)


def test_a_file_that_is_gone_is_not_there_now(inbox: Inbox) -> None:
    with pytest.raises(Unreachable, match=r"gone\.xls cannot be read"):
        inbox.take(inbox.folder / "gone.xls", NOW)


def test_a_pipe_or_a_link_cannot_be_taken(inbox: Inbox, tmp_path: Path) -> None:
    os.mkfifo(inbox.folder / "pipe")
    (inbox.folder / "link").symlink_to(tmp_path)
    for name in ("pipe", "link"):
        with pytest.raises(Unreadable):
            inbox.take(inbox.folder / name, NOW)


# --- moving -------------------------------------------------------------------------------------


def test_a_loaded_file_moves_to_done_under_its_path(inbox: Inbox) -> None:
    path = drop(inbox, "silver/a.json", b"{}")
    assert inbox.done(path) == inbox.folder / "done" / "silver" / "a.json"
    assert (inbox.folder / "done" / "silver" / "a.json").read_bytes() == b"{}"
    assert not path.exists()
    assert inbox.waiting(NOW) == []


def test_a_refused_file_moves_to_rejected_with_the_reason_beside_it(inbox: Inbox) -> None:
    path = drop(inbox, "a.xls", b"odd")
    where = inbox.reject(path, "a.xls is no report we know: 银")
    assert (where, where.read_bytes()) == (inbox.folder / "rejected" / "a.xls", b"odd")
    assert where.with_name("a.xls.reason.txt").read_text("utf-8") == "a.xls is no report we know: 银\n"


def test_nothing_is_overwritten(inbox: Inbox) -> None:
    for body in (b"1", b"2", b"3"):
        inbox.done(drop(inbox, "a.tar.gz", body))
        inbox.reject(drop(inbox, "b", body), body.decode())
    done, rejected = inbox.folder / "done", inbox.folder / "rejected"
    assert [(done / name).read_bytes() for name in ("a.tar.gz", "a.tar-2.gz", "a.tar-3.gz")] == [b"1", b"2", b"3"]
    assert [(rejected / name).read_bytes() for name in ("b", "b-2", "b-3")] == [b"1", b"2", b"3"]
    assert (rejected / "b-3.reason.txt").read_text() == "3\n"


def test_the_reason_of_an_earlier_refusal_is_not_overwritten_either(inbox: Inbox) -> None:
    """A kill can leave a reason whose file is still in the inbox."""
    left = drop(inbox, "rejected/a.xls.reason.txt", b"earlier")
    where = inbox.reject(drop(inbox, "a.xls"), "now")
    assert (where.name, left.read_bytes()) == ("a-2.xls", b"earlier")


@pytest.mark.parametrize("name", ["银" * 80 + ".xls", "x" * 255, os.fsdecode(b"\xff\xfe.xls"), "a b;$(x).xls"])
def test_a_strange_name_is_filed_all_the_same(inbox: Inbox, name: str) -> None:
    for _ in range(2):
        where = inbox.reject(drop(inbox, name, b"odd"), f"{name} is odd")
        assert where.read_bytes() == b"odd"
        assert where.with_name(where.name + ".reason.txt").exists()
    assert where.suffix == Path(name).suffix


def test_a_move_to_another_filesystem_copies_first(inbox: Inbox) -> None:
    here = inbox.folder.stat().st_dev
    others = [path for path in map(Path, ("/dev/shm", "/var/tmp")) if path.is_dir() and path.stat().st_dev != here]
    if not others:
        pytest.skip("this machine has no second filesystem to move to")
    elsewhere = others[0] / f"bullion-test-{os.getpid()}"
    elsewhere.mkdir()
    try:
        (inbox.folder / "done").symlink_to(elsewhere)
        path = drop(inbox, "a.xls", b"bytes")
        inbox.done(path)
        assert not path.exists()
        assert [(p.name, p.read_bytes()) for p in elsewhere.iterdir()] == [("a.xls", b"bytes")]
    finally:
        for left in elsewhere.iterdir():
            left.unlink()
        elsewhere.rmdir()


MOVING = (
    """
import os, signal, sys
from pathlib import Path
from monitor.inbox import Inbox
inbox, left = Inbox(Path(sys.argv[1])), int(sys.argv[2])
"""
    + BEFORE_A_STEP
    + """inbox.done(inbox.folder / "a.xls")
inbox.reject(inbox.folder / "b.xls", "odd")
os._exit(0)
"""
)


def test_a_kill_between_any_two_steps_of_a_move_loses_no_file(tmp_path: Path) -> None:
    """The child kills itself before its first, second, ... file operation, until it gets through."""
    for steps in range(40):
        inbox = Inbox(tmp_path / str(steps))
        drop(inbox, "a.xls", b"a bytes")
        drop(inbox, "b.xls", b"b bytes")
        child = subprocess.run(
            [sys.executable, "-c", MOVING, str(inbox.folder), str(steps)], cwd=ROOT, capture_output=True, check=False
        )
        bodies = [path.read_bytes() for path in inbox.folder.rglob("*.xls")]
        assert (bodies.count(b"a bytes"), bodies.count(b"b bytes")) == (1, 1)
        if child.returncode == 0:
            break
        assert child.returncode == -signal.SIGKILL
    assert steps >= 6


# --- recognising ----------------------------------------------------------------------------------


def source(name: str, start: bytes, hint_of: Callable[[str], str | None] | None = None, needs: bool = False) -> Source:
    """A made-up source that claims whatever begins with `start`."""

    def parse(answer: Answer) -> Batch:
        raise AssertionError("recognising parses nothing")

    def asks(day: date) -> tuple[Ask, ...]:
        return ()

    return Source(
        name,
        f"{name} report",
        "a venue",
        "COMEX",
        ("facts",),
        Due("17:00", "America/New_York"),
        parse,
        lambda body, file: body.startswith(start),
        asks,
        hint_of=hint_of,
        needs_hint=needs,
    )


def metal(name: str) -> str | None:
    found = {token for token in ("gold", "silver") if token in name.lower()}
    if len(found) > 1:
        raise Unreadable(f"{name} names several metals")
    return found.pop() if found else None


STOCKS = source("stocks", b"\xd0\xcf")
VOLUME = source("volume", b"{", metal, needs=True)
SOURCES = [STOCKS, VOLUME]


def test_a_file_is_recognised_by_its_content_whatever_its_name() -> None:
    assert identify(b"\xd0\xcf\x11\xe0", "volume.json", SOURCES, None) == (STOCKS, None)


@pytest.mark.parametrize(
    ("name", "product", "hint"),
    [
        ("silver_2026-02-10.json", None, "silver"),
        ("Gold/2026-02-10.json", None, "gold"),
        ("2026/gold/silver.json", None, "silver"),
        ("gold/silver.json", "gold", "gold"),
        ("gold_and_silver.json", "Silver", "silver"),
    ],
)
def test_the_hint_is_the_product_else_the_file_name_else_the_folder(name: str, product: str | None, hint: str) -> None:
    assert identify(b"{}", name, SOURCES, product) == (VOLUME, hint)


@pytest.mark.parametrize("name", ["2026-02-10.json", "x/2026-02-10.json", "silver/2026/02-10.json"])
def test_a_missing_hint_is_asked_for_in_words(name: str) -> None:
    with pytest.raises(Unreadable, match="name the product in the file or folder name, or use --product"):
        identify(b"{}", name, SOURCES, None)


def test_an_ambiguous_name_and_an_unknown_product_are_refused() -> None:
    with pytest.raises(Unreadable, match="several metals"):
        identify(b"{}", "gold_silver.json", SOURCES, None)
    with pytest.raises(Unreadable, match="knows no product 'tin'"):
        identify(b"{}", "gold.json", SOURCES, "tin")


def test_a_product_is_no_hint_for_a_source_that_needs_none() -> None:
    assert identify(b"\xd0\xcf", "a.xls", SOURCES, "silver") == (STOCKS, None)


def test_a_source_without_rules_for_names_takes_the_product_as_it_is() -> None:
    plain = source("plain", b"p", needs=True)
    assert identify(b"p", "x", [plain], "silver") == (plain, "silver")
    with pytest.raises(Unreadable, match="--product"):
        identify(b"p", "x", [plain], None)


def test_a_file_two_sources_claim_is_refused_naming_both() -> None:
    with pytest.raises(Unreadable, match="claimed by stocks and greedy"):
        identify(b"\xd0\xcf", "a.xls", [*SOURCES, source("greedy", b"")], None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty file"),
        (b" \r\n\0", "an empty file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel workbook (.xls)"),
        (b"PK\x03\x04...xl/workbook.xml", "Excel workbook (.xlsx)"),
        (b"PK\x03\x04...", "a zip archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "an HTML page"),
        (b"<div><table>", "an HTML page"),
        (b"<?xml version='1.0'?><a/>", "an XML document"),
        (b' {"a": 1}', "JSON"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"a\0b\0", "binary data"),
        (b"date,price\n2026-02-10,1\n", "plain text"),
    ],
)
def test_what_nobody_recognises_is_called_what_it_looks_like(body: bytes, words: str) -> None:
    assert words in looks_like(body)
    with pytest.raises(Unreadable, match=r"odd\.bin is no report we know: it looks like ") as caught:
        identify(body, "odd.bin", [], None)
    assert words in str(caught.value)


# --- walking ----------------------------------------------------------------------------------------


def test_named_files_and_folders_are_walked_in_order_each_file_once(tmp_path: Path) -> None:
    for name in ("b/2.xls", "b/1.xls", "b/deep/0.xls", "a.xls", "b/.hidden", "b/.git/x", "b/3.part", "b/x.reason.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "b" / "loop").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "again.xls").symlink_to(tmp_path / "a.xls")
    (tmp_path / "b" / "dead.xls").symlink_to(tmp_path / "nowhere")
    found = walk([tmp_path / "b", tmp_path / "a.xls", tmp_path / "b" / "1.xls", tmp_path / "b" / ".hidden"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "b/1.xls",
        "b/2.xls",
        "b/again.xls",
        "b/deep/0.xls",
        "b/.hidden",
    ]


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="nowhere does not exist"):
        walk([tmp_path, tmp_path / "nowhere"])
