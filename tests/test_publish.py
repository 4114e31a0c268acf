"""Generations: whole, read-only, never overwritten, reached by one stable link."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from monitor.errors import BullionError
from monitor.published import newest
from tests.factories import shanghai
from tests.homes import NOW, house, offer, published
from tests.test_collect import DAYS


def test_before_the_first_publication_a_reader_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BullionError, match="nothing is published"):
        newest(tmp_path / "published")


def test_the_link_points_at_the_newest_generation_and_older_readers_keep_theirs(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        offer(opened, [("a.html", shanghai.shfe_warrants_html(DAYS[0]))])
        first = opened.publish(NOW)
        with duckdb.connect(str(first), read_only=True) as old:
            offer(opened, [("b.html", shanghai.shfe_warrants_html(DAYS[1]))], NOW + timedelta(days=1))
            second = opened.publish(NOW + timedelta(days=1))
            assert newest(opened.folders.published) == second
            assert old.execute("select count(distinct session) from shfe_warrants").fetchall() == [(1,)]
        assert published(tmp_path, "select count(distinct session) from shfe_warrants") == [(2,)]


def test_a_generation_cannot_be_written_and_only_the_last_three_stay(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        made = [opened.publish(NOW + timedelta(minutes=n)) for n in range(5)]
        assert [path.exists() for path in made] == [False, False, True, True, True]
        assert stat.S_IMODE(made[-1].stat().st_mode) == 0o444
        assert [path.name for path in made] == [f"market-{n:06d}.duckdb" for n in range(1, 6)]


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        opened.publish(NOW)
    with house(tmp_path) as opened:
        assert opened.publish(NOW).name == "market-000002.duckdb"
        assert opened.store.rows("select number from generation") == [(2,)]


def test_a_draft_left_by_a_kill_is_no_generation(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        (opened.folders.published).mkdir(parents=True)
        (opened.folders.published / ".draft-000001").write_bytes(b"half a file")
        assert opened.publish(NOW).name == "market-000001.duckdb"
        assert sorted(path.name for path in opened.folders.published.iterdir()) == [
            "market-000001.duckdb",
            "market.duckdb",
        ]


def test_a_generation_is_stored_so_that_duckdb_1_5_can_open_it(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        path = opened.publish(NOW)
    stored_as = int.from_bytes(path.read_bytes()[12:20], "little")
    assert 64 <= stored_as <= 68, "DuckDB 1.5 reads storage versions 64 to 68"
