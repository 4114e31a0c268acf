"""A report saved in a browser's download folder is copied into the inbox; everything else there is left alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import watch
from monitor.archive import Archive
from monitor.batch import Teller
from monitor.config import Settings
from monitor.daemon import Daemon
from monitor.errors import ConfigError
from monitor.inbox import Inbox
from monitor.model import Answer
from monitor.settling import finished
from tests.factories import comex, shanghai
from tests.homes import house

NOW = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)
ROUND = timedelta(seconds=5)
OURS = b"our report "


@dataclass
class Corner:
    """A download folder and a home beside it; `read` lists what a recogniser was shown."""

    root: Path
    byte_cap: int = 1_000
    read: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.downloads = self.root / "Downloads"
        self.inbox = Inbox(self.root / "home" / "inbox")
        self.archive = Archive(self.root / "home" / "archive")
        for folder in (self.downloads, self.inbox.folder):
            folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        """A daemon started anew: nothing is remembered."""
        self.watch = watch.Watch([self.downloads], self.inbox, self.archive, [self._recognise], byte_cap=self.byte_cap)

    def _recognise(self, body: bytes, name: str) -> bool:
        self.read.append(body)
        if body.startswith(b"trap"):
            raise RecursionError("nested a thousand deep")
        return body.startswith(OURS)

    def save(self, name: str, body: bytes, *, age: timedelta = timedelta(minutes=5)) -> Path:
        path = self.downloads / name
        path.write_bytes(body)
        at = (NOW - age).timestamp()
        os.utime(path, (at, at))
        return path

    def rounds(self, count: int = 1, start: datetime = NOW) -> list[str]:
        return [text for number in range(count) for text in self.watch.round(start + number * ROUND)]

    def taken(self) -> dict[str, bytes]:
        """What lies in the inbox, hidden drafts and all."""
        return {path.name: path.read_bytes() for path in self.inbox.folder.iterdir()}

    def left(self) -> dict[str, tuple[bytes, int]]:
        """What lies in the download folder, with its times."""
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in self.downloads.iterdir()}


@pytest.fixture
def corner(tmp_path: Path) -> Corner:
    return Corner(tmp_path)


# --- what is copied --------------------------------------------------------------------------------


def test_a_report_is_copied_under_its_name_and_the_folder_stays_as_it_was(corner: Corner) -> None:
    corner.save("Silver_stocks (1).xls", OURS)
    corner.save("letter.txt", b"dear all")
    before = corner.left()
    corner.rounds(3)
    assert corner.taken() == {"Silver_stocks (1).xls": OURS}
    assert corner.left() == before
    assert (corner.inbox.folder / "Silver_stocks (1).xls").stat().st_nlink == 1


def test_a_copy_is_whole_for_the_inbox_at_once(corner: Corner) -> None:
    corner.save("report.xls", OURS)
    corner.rounds()
    assert [path.name for path in corner.inbox.waiting(NOW)] == ["report.xls"]


def test_a_copy_never_overwrites_what_waits_in_the_inbox(corner: Corner) -> None:
    (corner.inbox.folder / "report.xls").write_bytes(b"dropped by a person")
    corner.save("report.xls", OURS)
    corner.rounds()
    assert corner.taken() == {"report.xls": b"dropped by a person", "report-2.xls": OURS}


def test_bytes_that_are_archived_are_not_copied_again(corner: Corner) -> None:
    corner.archive.keep(Answer(OURS, "elsewhere.xls", NOW), "made_up")
    corner.save("report.xls", OURS)
    corner.rounds()
    assert corner.taken() == {}


def test_nothing_is_copied_twice_by_a_daemon_started_again_even_where_the_inbox_refused_it(corner: Corner) -> None:
    corner.save("report.json", OURS)
    corner.rounds()
    corner.start()
    corner.rounds()
    (waiting,) = corner.inbox.waiting(NOW + ROUND)
    corner.inbox.reject(waiting, "says no product")
    corner.start()
    corner.rounds()
    assert corner.inbox.waiting(NOW + ROUND) == []


def test_a_refused_file_that_a_person_renames_is_copied_again(corner: Corner) -> None:
    path = corner.save("report.json", OURS)
    corner.rounds()
    (waiting,) = corner.inbox.waiting(NOW)
    corner.inbox.reject(waiting, "says no product")
    path.rename(corner.downloads / "silver report.json")
    corner.rounds(2)
    assert [path.name for path in corner.inbox.waiting(NOW + ROUND)] == ["silver report.json"]


def test_a_report_saved_over_an_older_one_is_copied_too(corner: Corner) -> None:
    corner.save("report.xls", OURS + b"of Monday")
    corner.rounds()
    corner.save("report.xls", OURS + b"of Tuesday", age=timedelta(0))
    corner.rounds(2, NOW + ROUND)
    assert sorted(corner.taken().values()) == [OURS + b"of Monday", OURS + b"of Tuesday"]


def test_a_name_that_is_no_text_is_spelled_out(corner: Corner) -> None:
    corner.save(os.fsdecode(b"report\xff.xls"), OURS)
    corner.rounds()
    assert corner.taken() == {"report\\xff.xls": OURS}


# --- what is waited for ----------------------------------------------------------------------------


def test_a_fresh_file_is_copied_at_the_second_look(corner: Corner) -> None:
    corner.save("report.xls", OURS, age=timedelta(0))
    corner.rounds()
    assert corner.taken() == {}
    corner.rounds(1, NOW + ROUND)
    assert corner.taken() == {"report.xls": OURS}


@pytest.mark.parametrize("ending", [".crdownload", ".part", ".partial", ".download", ".tmp"])
def test_an_unfinished_download_is_waited_for_and_so_is_the_name_it_reserved(corner: Corner, ending: str) -> None:
    corner.save("report.xls", b"")
    draft = corner.save(f"report.xls{ending}", OURS)
    corner.rounds(3)
    assert corner.taken() == {}
    assert corner.read == []
    draft.replace(corner.downloads / "report.xls")
    corner.rounds(2, NOW + 3 * ROUND)
    assert corner.taken() == {"report.xls": OURS}


def test_the_name_an_empty_file_reserves_is_looked_at_again_when_it_is_filled(corner: Corner) -> None:
    corner.save("report.xls", b"")
    corner.rounds(2)
    corner.save("report.xls", OURS, age=timedelta(minutes=4))
    corner.rounds(1, NOW + 2 * ROUND)
    assert corner.taken() == {"report.xls": OURS}


# --- what is left alone ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("photo.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF" + OURS),
        ("film.mp4", b"\0\0\0\x18ftypmp42" + OURS),
        ("program", b"\x7fELF\x02\x01\x01\0" + OURS),
        ("large.csv", OURS * 100),
        ("empty.csv", b""),
        (".hidden.csv", OURS),
        ("~$open.xlsx", OURS),
    ],
)
def test_foreign_large_empty_and_hidden_files_are_not_read_whole(corner: Corner, name: str, body: bytes) -> None:
    corner.save(name, body)
    corner.rounds(2)
    assert (corner.read, corner.taken()) == ([], {})


def test_links_and_folders_are_left_alone(corner: Corner) -> None:
    (corner.root / "real.xls").write_bytes(OURS)
    (corner.downloads / "link.xls").symlink_to(corner.root / "real.xls")
    os.mkfifo(corner.downloads / "pipe.xls")
    (corner.downloads / "deeper").mkdir()
    (corner.downloads / "deeper" / "report.xls").write_bytes(OURS)
    corner.rounds(2, NOW + timedelta(days=300))
    assert (corner.read, corner.taken()) == ([], {})


def test_what_is_not_ours_is_read_once_and_again_only_when_it_changes(corner: Corner) -> None:
    corner.save("letter.txt", b"dear all")
    corner.rounds(5)
    assert corner.read == [b"dear all"]
    corner.save("letter.txt", b"dear you", age=timedelta(minutes=4))
    corner.rounds(5, NOW + 5 * ROUND)
    assert corner.read == [b"dear all", b"dear you"]


def test_at_a_start_only_files_of_the_last_30_days_are_read_and_later_ones_whatever_their_date(corner: Corner) -> None:
    corner.save("old.xls", OURS + b"31", age=timedelta(days=31))
    corner.save("recent.xls", OURS + b"29", age=timedelta(days=29))
    corner.rounds(2)
    assert corner.read == [OURS + b"29"]
    corner.save("unpacked.xls", OURS + b"400", age=timedelta(days=400))
    corner.rounds(1, NOW + 2 * ROUND)
    assert corner.read == [OURS + b"29", OURS + b"400"]


def test_a_file_that_breaks_a_recogniser_hides_no_other(corner: Corner) -> None:
    corner.save("a.json", b"trap")
    corner.save("b.xls", OURS)
    corner.rounds()
    assert corner.taken() == {"b.xls": OURS}


def test_a_round_reads_no_more_than_its_share_the_newest_first_and_the_rest_follows(
    corner: Corner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "MOST_BYTES", 30)
    for number in range(6):
        corner.save(f"{number}.txt", b"twenty bytes of text", age=timedelta(hours=6 - number))
    corner.read.clear()
    corner.rounds(1)
    assert len(corner.read) == 2
    corner.rounds(2, NOW + ROUND)
    assert len(corner.read) == 6


@settings(max_examples=60)
@given(
    files=st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20).filter(
            lambda name: name not in (".", "..")
        ),
        st.binary(max_size=60) | st.binary(max_size=40).map(lambda tail: OURS + tail),
        max_size=6,
    )
)
def test_whatever_lies_there_exactly_the_visible_reports_are_copied_and_nothing_there_changes(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    corner = Corner(tmp_path_factory.mktemp("corner"))
    for name, body in files.items():
        corner.save(name, body)
    before = corner.left()
    corner.rounds(2)
    wanted = {body for name, body in files.items() if name in set(finished(files)) and body.startswith(OURS)}
    seen = {body for body in wanted if b"\0" not in body}
    assert set(corner.taken().values()) == seen
    assert corner.left() == before


# --- folders ---------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_one_line_and_is_watched_once_it_comes(corner: Corner) -> None:
    corner.save("report.xls", OURS)
    away = corner.downloads.rename(corner.root / "unplugged")
    assert corner.rounds() == [f"{corner.downloads} cannot be watched: No such file or directory"]
    away.rename(corner.downloads)
    assert corner.rounds() == []
    assert corner.taken() == {"report.xls": OURS}


def test_a_file_named_as_a_folder_is_one_line(corner: Corner) -> None:
    corner.downloads.rmdir()
    corner.downloads.write_bytes(OURS)
    assert corner.rounds() == [f"{corner.downloads} cannot be watched: Not a directory"]


@pytest.mark.parametrize("wrong", ["{home}", "{home}/inbox", "{home}/inbox/rejected", "{home}/..", "/", "Downloads"])
def test_the_home_what_lies_in_it_and_what_contains_it_are_no_folders_to_watch(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"^inbox\.watch: "):
        watch.folders([wrong.format(home=tmp_path / "bullion")], tmp_path / "bullion")


def test_a_folder_is_watched_once_however_it_is_spelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "link").symlink_to(tmp_path / "Downloads")
    spelled = ["~/Downloads", f"{tmp_path}/link", f"{tmp_path}/Downloads/"]
    assert watch.folders(spelled, tmp_path / "bullion") == (tmp_path / "Downloads",)


# --- the daemon ------------------------------------------------------------------------------------


def _volume(day: date) -> bytes:
    return comex.volume_json(
        {date(2026, 3, 1): comex.Month(70_000, 9_000)},
        day,
        updated=datetime(day.year, day.month, day.day + 1, 15, tzinfo=UTC),
    )


@contextmanager
def daemon(home: Path, *folders: Path) -> Iterator[Daemon]:
    with house(home, NOW, inbox={"watch": [str(folder) for folder in folders]}) as opened:
        teller = Teller(opened, {})
        try:
            yield Daemon(opened, teller)
        finally:
            teller.close()


def test_saving_reports_in_a_browser_is_the_whole_chore(tmp_path: Path) -> None:
    downloads = tmp_path / "Downloads"
    downloads.mkdir()
    day, report = date(2026, 2, 9), date(2026, 2, 10)
    saved = {
        "Silver_stocks (1).xls": comex.silver_stocks_xls(day, report),
        "silver volume (2).json": _volume(day),
        "Volume.json": _volume(date(2026, 2, 6)),
        "warrants.html": shanghai.shfe_warrants_html(day),
        "holiday.html": b"<html><body>beach</body></html>",
        "cat.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    }
    for name, body in saved.items():
        (downloads / name).write_bytes(body)
        os.utime(downloads / name, (NOW.timestamp(),) * 2)
    with daemon(tmp_path / "home", downloads, tmp_path / "nowhere") as opened:
        first, second, third = (opened.step(NOW + number * ROUND) for number in range(3))
        assert first.outcomes == []
        assert {outcome.source: outcome.status for outcome in second.outcomes if outcome.kept} == {
            "comex_stocks": "loaded", "comex_volume": "loaded", "shfe_warrants": "loaded",
        }  # fmt: skip
        assert third.outcomes == []
        for done in (first, second, third):
            assert done.stuck == [f"inbox.watch: {tmp_path}/nowhere cannot be watched: No such file or directory"]
            assert done.troubles == []
        inbox = opened.house.folders.inbox
        assert "does not say which product" in (inbox / "rejected" / "Volume.json.reason.txt").read_text()
        assert sorted(path.name for path in (inbox / "done").iterdir()) == [
            "Silver_stocks (1).xls", "silver volume (2).json", "warrants.html",
        ]  # fmt: skip
        assert opened.house.archive.holds(hashlib.sha256(saved["warrants.html"]).hexdigest())
    assert {path.name: path.read_bytes() for path in downloads.iterdir()} == saved
    with daemon(tmp_path / "home", downloads) as opened:
        assert [opened.step(NOW + number * ROUND).outcomes for number in range(10, 13)] == [[], [], []]


def test_a_daemon_does_not_start_on_a_folder_that_makes_no_sense(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="contains the home"), daemon(tmp_path / "home", tmp_path):
        pass


def test_nothing_is_watched_unless_it_is_named() -> None:
    assert Settings().inbox.watch == ()
