"""What readers look at is worked out before they ask, and nobody waits for it, nor is left with the older for long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.published import LINK
from monitor.web import generations
from monitor.web.ahead import Ahead
from monitor.web.app import first_page
from monitor.web.generations import Generation, Generations
from tests import homes, pages

NOW = datetime(2026, 2, 20, 12, 0, 10, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path)
    return tmp_path


@pytest.fixture
def opened(home: Path) -> Iterator[Generations]:
    found = Generations(home / "published")
    yield found
    found.close()


def publish(home: Path) -> None:
    with homes.house(home) as house:
        house.publish(homes.NOW)


def number(found: Generations) -> int:
    with found.lease() as generation:
        return generation.number


def nothing(_: Generation) -> None:
    """Prepares nothing."""


def test_readers_keep_the_older_generation_until_the_newer_one_is_ready(home: Path, opened: Generations) -> None:
    """While it is prepared they are answered at once; afterwards they have it."""
    opened.renew(nothing)
    publish(home)
    begun, go_on = threading.Event(), threading.Event()

    def slowly(_: Generation) -> None:
        begun.set()
        assert go_on.wait(10)

    thread = threading.Thread(target=opened.renew, args=(slowly,))
    thread.start()
    assert begun.wait(10)
    assert number(opened) == 1
    go_on.set()
    thread.join()
    assert number(opened) == 2


def test_a_reader_waits_for_nobody_longer_than_a_few_seconds(
    home: Path, opened: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the thread hangs or is gone, the reader opens the newer one itself."""
    opened.renew(nothing)
    assert number(opened) == 1
    publish(home)
    assert number(opened) == 1
    monkeypatch.setattr(generations, "PATIENCE_SECONDS", 0.0)
    assert number(opened) == 2


def test_without_anybody_at_work_a_reader_has_the_newest_at_once(home: Path, opened: Generations) -> None:
    """Nothing is ever shown late for want of a thread."""
    assert number(opened) == 1
    publish(home)
    assert number(opened) == 2


def test_a_generation_that_cannot_be_prepared_is_shown_all_the_same(home: Path, opened: Generations) -> None:
    """What went wrong is told by the page itself."""
    opened.renew(nothing)
    publish(home)

    def fails(_: Generation) -> None:
        raise ValueError("made up")

    with pytest.raises(ValueError, match="made up"):
        opened.renew(fails)
    assert number(opened) == 2


def test_the_link_is_followed_back_to_an_older_generation(home: Path, opened: Generations) -> None:
    """The link says which one holds, not its number."""
    publish(home)
    opened.renew(nothing)
    assert number(opened) == 2
    link = home / "published" / LINK
    link.unlink()
    link.symlink_to("market-000001.duckdb")
    opened.renew(nothing)
    assert number(opened) == 1


def test_the_next_minute_is_worked_out_once_before_it_comes(opened: Generations) -> None:
    """From its 45th second on, and only where somebody reads."""
    made: list[tuple[int, datetime]] = []
    now = [NOW]
    ahead = Ahead(opened, lambda: now[0], lambda generation, at: made.append((generation.number, at)))
    minute = NOW.replace(second=0)
    ahead.step()
    now[0] = minute + timedelta(seconds=50)
    ahead.step()
    assert made == [(1, minute)], "nobody reads"
    assert number(opened) == 1
    now[0] = minute + timedelta(seconds=44)
    ahead.step()
    assert made == [(1, minute)], "it is early"
    now[0] = minute + timedelta(seconds=50)
    ahead.step()
    ahead.step()
    assert made == [(1, minute), (1, minute + timedelta(minutes=1))]


def test_the_page_asks_no_query_that_was_worked_out_ahead(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is prepared is what the page shows: the same keys, the same minute."""
    with pages.house(home, NOW) as house:
        house.generations.renew(lambda generation: first_page(house)(generation, NOW))
        with house.generations.lease() as generation:

            def fails(_: datetime) -> None:
                raise AssertionError("a query was asked again")

            monkeypatch.setattr(generation, "cursor", fails)
            first_page(house)(generation, NOW + timedelta(seconds=20))
