"""A hundred files that mean harm lie in the inbox: each is refused with a reason, and the daemon does not mind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.factories import comex, shanghai
from tests.homes import published
from tests.hostile import FILES
from tests.hostile_child import NOW

SOUND = {
    "a page of warrants.html": shanghai.shfe_warrants_html(date(2026, 11, 16)),
    "silver.xls": comex.silver_stocks_xls(date(2026, 2, 17), date(2026, 2, 18)),
    "~ quotes.html": shanghai.sge_page(shanghai.sge_rows(date(2026, 11, 16))),
}
"""The first, one amidst, and the last that the daemon comes to."""
MOST_SECONDS = 20
MOST_GROWTH = 20_000_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose inbox holds them all, an hour old; removed afterwards, since that is some 400 MB."""
    home = tmp_path_factory.mktemp("home")
    (home / "inbox").mkdir()
    for name, body in SOUND.items():
        _drop(home / "inbox" / name, body)
    for name, make in FILES.items():
        _drop(home / "inbox" / name, make())
    yield home
    shutil.rmtree(home)


def _drop(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    os.utime(path, (NOW.timestamp() - 3_600,) * 2)


@pytest.fixture(scope="module")
def played(home: Path) -> dict[str, Any]:
    """What the daemon says of its round."""
    command = [sys.executable, "-m", "tests.hostile_child", str(home)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=Path(__file__).parents[1])
    assert (done.returncode, done.stderr) == (0, "")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_the_corpus_is_large_and_every_file_is_another() -> None:
    assert len(FILES) >= 100


@pytest.mark.slow
def test_every_hostile_file_is_refused_with_a_reason_and_every_sound_one_loaded(
    home: Path, played: dict[str, Any]
) -> None:
    ended = {name: (status, bool(message)) for name, status, message, _ in played["ended"]}
    assert {name: end for name, end in ended.items() if name in SOUND} == dict.fromkeys(SOUND, ("loaded", False))
    assert {name: end for name, end in ended.items() if name not in SOUND} == dict.fromkeys(FILES, ("refused", True))
    assert played["troubles"] == []


@pytest.mark.slow
def test_no_file_is_left_and_each_reason_lies_beside_its_file(home: Path, played: dict[str, Any]) -> None:
    """A name that is too long for its reason is cut, so they are counted."""
    inbox = home / "inbox"
    assert sorted(path.name for path in inbox.iterdir()) == ["done", "rejected"]
    notes = [path for path in (inbox / "rejected").iterdir() if path.name.endswith(".reason.txt")]
    files = {path.name for path in (inbox / "rejected").iterdir()} - {path.name for path in notes}
    assert {note.name.removesuffix(".reason.txt") for note in notes} == files
    assert len(files) == len(FILES) + 1  # and one of the warm-up
    assert all(0 < len(note.read_text("utf-8")) < 1_500 for note in notes)
    assert set(SOUND) <= {path.name for path in (inbox / "done").iterdir()}


@pytest.mark.slow
def test_the_sound_reports_among_them_are_published(home: Path, played: dict[str, Any]) -> None:
    """And nothing of the others: the sessions held are those of the warm-up and of the sound ones."""
    found = published(home, "select distinct session from shfe_warrant_rows")
    assert found == [(date(2026, 11, 16),)]
    found = published(home, "select distinct session from comex_stock_rows order by all")
    assert found == [(date(2026, 2, 9),), (date(2026, 2, 17),)]


@pytest.mark.slow
def test_no_file_takes_twenty_seconds(played: dict[str, Any]) -> None:
    slowest = max(played["ended"], key=lambda end: end[3])
    print(f"slowest: {slowest[0]!r} {slowest[3]:.1f} s")
    assert slowest[3] < MOST_SECONDS, slowest


@pytest.mark.slow
def test_the_daemon_itself_keeps_less_than_20_megabytes_more(played: dict[str, Any]) -> None:
    """Its child ended: what the files cost was the child's."""
    print(f"grew by {(played['after'] - played['before']) / 1e6:.1f} MB from {played['before'] / 1e6:.1f} MB")
    assert played["after"] - played["before"] < MOST_GROWTH
