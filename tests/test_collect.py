"""Bytes to facts: idempotent, order-free, finished after a kill, rebuilt from the archive."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.model import Answer
from tests.factories import comex, ecb, shanghai
from tests.homes import NOW, contents, house, offer

DAYS = (date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 11))


def invented_files() -> list[tuple[str, bytes]]:
    """Three days of two Shanghai reports and one file of rates: layouts real, figures invented."""
    pages = [(f"warrants-{day}.html", shanghai.shfe_warrants_html(day)) for day in DAYS]
    prices = [(f"kx-{day}.json", shanghai.shfe_daily_json(day, shanghai.shfe_daily_rows())) for day in DAYS]
    rates = {day: {"USD": 1.19, "JPY": 185.1, "CNY": 8.2, "INR": 107.9} for day in DAYS}
    return [*pages, *prices, ("rates.csv", ecb.ecb_hist_csv(rates))]


def test_every_file_is_loaded_with_its_sessions(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        outcomes = offer(opened, invented_files())
        assert [outcome.status for outcome in outcomes] == ["loaded"] * 7
        assert {day for outcome in outcomes for day in outcome.sessions} == set(DAYS)


@pytest.mark.parametrize("seed", range(4))
def test_order_duplicates_and_replays_give_the_same_tables(tmp_path: Path, seed: int) -> None:
    files = invented_files()
    shuffled = files + random.Random(seed).choices(files, k=5)
    random.Random(seed).shuffle(shuffled)
    with house(tmp_path / "straight") as straight, house(tmp_path / "shuffled") as mixed:
        offer(straight, files)
        offer(mixed, shuffled)
        offer(mixed, shuffled, NOW + timedelta(days=1))
        assert contents(straight, stamps=False) == contents(mixed, stamps=False)


def test_the_same_bytes_again_change_nothing_and_are_said_to_be_held(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        offer(opened, invented_files())
        before = contents(opened)
        again = offer(opened, invented_files(), NOW + timedelta(hours=1))
        assert {outcome.status for outcome in again} == {"held"}
        assert contents(opened) == before


def test_a_restatement_is_a_new_row_and_the_newest_publication_wins(tmp_path: Path) -> None:
    first = shanghai.shfe_daily_json(DAYS[0], [shanghai.shfe_contract("ag", "2604", 20_000)], update="15:20:00")
    second = shanghai.shfe_daily_json(DAYS[0], [shanghai.shfe_contract("ag", "2604", 20_100)], update="16:40:00")
    with house(tmp_path) as opened:
        offer(opened, [("b.json", second), ("a.json", first)])
        assert opened.store.rows("select count(*) from settlement_rows where product = 'ag'") == [(2,)]
        assert opened.store.rows("select settle from settlements where product = 'ag'") == [(20_100.0,)]


def test_a_rebuilt_database_is_equal_to_the_one_it_replaces(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        offer(opened, invented_files())
        offer(opened, [("broken.html", shanghai.shfe_warrants_html(DAYS[0], closing=False))], NOW + timedelta(hours=2))
        before = contents(opened)
        opened.rebuild(NOW + timedelta(days=3))
        assert contents(opened) == before


def test_a_deleted_database_comes_back_at_the_next_start(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        offer(opened, invented_files())
        before = contents(opened)
        live = opened.folders.live
    live.unlink()
    with house(tmp_path, NOW + timedelta(days=1)) as opened:
        assert contents(opened) == before
        assert opened.recovered == ""


@pytest.mark.parametrize("damage", ["garbage", "zero tail"])
def test_a_database_that_does_not_open_is_moved_aside_and_rebuilt(tmp_path: Path, damage: str) -> None:
    with house(tmp_path) as opened:
        offer(opened, invented_files())
        before = contents(opened)
        live = opened.folders.live
    body = live.read_bytes()
    live.write_bytes(b"not a database" if damage == "garbage" else body[: len(body) // 2] + bytes(len(body) // 2))
    with house(tmp_path, NOW + timedelta(days=1)) as opened:
        assert contents(opened) == before
        if damage == "garbage":
            assert "rebuilt from the archive" in opened.recovered
            assert list(live.parent.glob("aside-*/market.duckdb"))


def test_a_damaged_write_ahead_log_is_moved_aside_and_its_files_loaded_again(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        offer(opened, invented_files())
        before = contents(opened)
        live = opened.folders.live
    live.with_name(live.name + ".wal").write_bytes(b"\x00" * 4096)
    with house(tmp_path, NOW + timedelta(days=1)) as opened:
        assert contents(opened) == before


def test_bytes_archived_but_never_loaded_are_loaded_at_the_next_start(tmp_path: Path) -> None:
    page = shanghai.shfe_warrants_html(DAYS[0])
    with house(tmp_path) as opened:
        opened.archive.keep(Answer(page, "page.html", NOW), "shfe_warrants")
    with house(tmp_path) as opened:
        assert [outcome.status for outcome in opened.resumed] == ["loaded"]
        assert opened.store.rows("select count(distinct session) from shfe_warrants") == [(1,)]


def test_a_file_nobody_knows_is_refused_with_what_it_looks_like(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        (outcome,) = offer(opened, [("holiday.html", b"<html><body>beach</body></html>")])
        assert outcome.status == "refused"
        assert "HTML" in outcome.message


def test_a_broken_file_is_refused_while_the_others_load(tmp_path: Path) -> None:
    files = invented_files()
    files.insert(1, ("cut.html", shanghai.shfe_warrants_html(DAYS[0], closing=False)))
    with house(tmp_path) as opened:
        statuses = [outcome.status for outcome in offer(opened, files)]
        assert statuses.count("refused") == 1
        assert statuses.count("loaded") == 7
        assert opened.store.rows("select name, message from rejects")[0][0] == "cut.html"


def test_the_same_file_twice_in_one_batch_is_loaded_once(tmp_path: Path) -> None:
    page = shanghai.shfe_warrants_html(DAYS[0])
    with house(tmp_path) as opened:
        outcomes = offer(opened, [(f"copy-{number}.html", page) for number in range(5)])
        assert [outcome.status for outcome in outcomes] == ["loaded", "held", "held", "held", "held"]


def test_of_the_same_bytes_under_two_products_in_one_batch_the_second_is_refused(tmp_path: Path) -> None:
    months = {date(2026, 3, 1): comex.Month(73_142, 40_000, -512)}
    payload = comex.volume_json(months, date(2026, 2, 9))
    with house(tmp_path) as opened:
        silver, gold, again = offer(opened, [("SI.json", payload), ("GC.json", payload), ("SI copy.json", payload)])
        assert (silver.status, gold.status, again.status) == ("loaded", "refused", "held")
        assert "belongs to one product" in gold.message
        assert opened.store.rows("select distinct product from open_interest") == [("SI",)]
