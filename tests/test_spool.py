"""Work handed to a daemon: whole or not there, done at least once, answered, and never a stumbling block."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from monitor import spool
from monitor.batch import Teller
from monitor.collect import Outcome
from monitor.config import Settings
from monitor.daemon import Daemon
from monitor.errors import BullionError, Busy
from monitor.house import House, Lock, owner
from monitor.inbox import BYTE_CAP
from tests.factories import shanghai
from tests.homes import NOW, contents, furnish, only

DAY = date(2026, 2, 10)


@contextmanager
def daemon(home: Path, now: datetime = NOW) -> Iterator[Daemon]:
    """A daemon with nobody to ask."""
    furnish(home, now)
    with House(Settings.model_validate({"checks": only("source_stale")}), home, now) as house:
        teller = Teller(house)
        try:
            yield Daemon(house, teller)
        finally:
            teller.close()


def page(folder: Path, name: str = "page.html", body: bytes | None = None) -> Path:
    path = folder / name
    path.write_bytes(shanghai.shfe_warrants_html(DAY) if body is None else body)
    return path


class Asked:
    """`spool.ask` in a thread of its own, as another process would."""

    def __init__(self, home: Path, verb: str, **options: object) -> None:
        self.outcomes: list[Outcome] = []
        self.error: BullionError | None = None
        self._thread = threading.Thread(target=self._ask, args=(home, verb, options))
        self._thread.start()

    def _ask(self, home: Path, verb: str, options: dict[str, object]) -> None:
        try:
            self.outcomes = list(spool.ask(home, verb, **options))  # type: ignore[arg-type]
        except BullionError as error:
            self.error = error

    def served(self, step: Callable[[], object]) -> Asked:
        """Rounds until it has its answer."""
        while self._thread.is_alive():
            step()
            self._thread.join(0.05)
        return self


def written(home: Path, **said: object) -> spool.Request:
    """A request as the command line leaves it."""
    folder = home / "spool" / "abc"
    folder.mkdir(parents=True)
    (folder / "request.json").write_text(json.dumps({"verb": "rebuild", "names": [], "product": None} | said))
    (request,) = spool.pending(home)
    return request


def test_files_are_loaded_and_the_verdicts_come_back_as_they_were(tmp_path: Path) -> None:
    beach = page(tmp_path, "beach.html", b"<html><body>beach</body></html>")
    with daemon(tmp_path / "home") as served:
        asked = Asked(tmp_path / "home", "load", paths=[page(tmp_path), beach]).served(lambda: served.step(NOW))
        assert asked.error is None
        good, bad = asked.outcomes
        assert (good.status, good.source, good.sessions) == ("loaded", "shfe_warrants", (DAY,))
        assert good.name == f"{tmp_path.name}/page.html"
        assert (bad.status, "HTML" in bad.message) == ("refused", True)
        assert list((tmp_path / "home" / "spool").iterdir()) == []


def test_what_is_too_large_for_a_report_is_refused_and_the_others_are_loaded(tmp_path: Path) -> None:
    huge = tmp_path / "huge.xls"
    with huge.open("wb") as file:
        os.truncate(file.fileno(), BYTE_CAP + 1)
    with daemon(tmp_path / "home") as served:
        asked = Asked(tmp_path / "home", "load", paths=[huge, page(tmp_path)]).served(lambda: served.step(NOW))
        assert [outcome.status for outcome in asked.outcomes] == ["refused", "loaded"]


def test_the_answer_comes_after_what_was_loaded_is_published(tmp_path: Path) -> None:
    with daemon(tmp_path / "home") as served:
        served.step(NOW)
        request = written(tmp_path / "home")
        generations = tmp_path / "home" / "published"
        before = {path.name for path in generations.iterdir()}
        served.step(NOW + timedelta(seconds=5))
        newest = max(generations.glob("market-*"), key=lambda path: path.name)
        assert newest.name not in before
        assert (request.folder / "answer.json").stat().st_mtime_ns >= newest.stat().st_mtime_ns


def test_a_daemon_that_cannot_do_it_says_why(tmp_path: Path) -> None:
    with daemon(tmp_path / "home") as served:
        asked = Asked(tmp_path / "home", "dance").served(lambda: served.step(NOW))
    assert "does not know how to dance" in str(asked.error)


def test_work_cut_off_before_its_answer_is_done_again_to_the_same_end(tmp_path: Path) -> None:
    """The daemon that began it died: `taken` is there, the facts are, the answer is not."""
    home = tmp_path / "home"
    with daemon(home) as served:
        request = written(home, verb="load", names=["page.html"])
        (request.folder / "files").mkdir()
        page(request.folder / "files", "0001")
        spool.take_up(request)
        list(served.house.collector.offer(spool.answers(request, NOW), NOW, None))
        before = contents(served.house)
    with daemon(home, NOW + timedelta(minutes=1)) as served:
        served.step(NOW + timedelta(minutes=1))
        assert json.loads((request.folder / "answer.json").read_text())["outcomes"][0]["status"] == "held"
        assert contents(served.house) == before


def test_work_that_ends_the_daemon_each_time_is_given_up_after_three_times(tmp_path: Path) -> None:
    home = tmp_path / "home"
    request = written(home)
    for _ in range(spool.ATTEMPTS):
        spool.take_up(request)
    with daemon(home) as served:
        served.step(NOW)
    assert "given up" in json.loads((request.folder / "answer.json").read_text())["error"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"verb": 1}', '{"verb": "load", "names": 3, "product": ""}'])
def test_a_request_that_is_none_stops_nothing(tmp_path: Path, text: str) -> None:
    home = tmp_path / "home"
    (home / "spool" / "abc").mkdir(parents=True)
    (home / "spool" / "abc" / "request.json").write_text(text)
    with daemon(home) as served:
        assert served.step(NOW).troubles == []


def test_who_went_away_gets_no_answer_and_leaves_no_trouble(tmp_path: Path) -> None:
    with daemon(tmp_path / "home"):
        request = written(tmp_path / "home")
        (request.folder / "request.json").unlink()
        request.folder.rmdir()
        spool.answer(request, ())
        assert not request.folder.exists()


def test_whoever_waits_hears_when_the_daemon_does_not_come_to_it_and_the_request_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with daemon(home) as served:
        with pytest.raises(Busy, match="has not come to it"):
            list(spool.ask(home, "load", paths=[page(tmp_path)], patience=0.1))
        (request,) = spool.pending(home)
        assert [outcome.status for outcome in served.step(NOW).outcomes] == ["loaded"]
        assert (request.folder / "answer.json").exists()
        assert spool.pending(home) == []


def test_whoever_waits_hears_when_there_is_no_daemon_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "GONE_SECONDS", 1.0)
    with pytest.raises(Busy, match="has stopped"):
        list(spool.ask(tmp_path, "rebuild"))
    assert len(spool.pending(tmp_path)) == 1


def test_what_nobody_came_back_for_is_removed_after_a_day_and_what_waits_stays(tmp_path: Path) -> None:
    home = tmp_path
    answered = written(home)
    spool.answer(answered, ())
    unfinished = home / "spool" / "unfinished"
    unfinished.mkdir()
    waiting = home / "spool" / "waiting"
    waiting.mkdir()
    (waiting / "request.json").write_text((answered.folder / "request.json").read_text())
    now = datetime.fromtimestamp(waiting.stat().st_mtime, NOW.tzinfo)
    spool.sweep(home, now + timedelta(hours=23))
    assert {path.name for path in (home / "spool").iterdir()} == {"abc", "unfinished", "waiting"}
    spool.sweep(home, now + timedelta(hours=25))
    assert {path.name for path in (home / "spool").iterdir()} == {"waiting"}


def test_those_who_look_who_owns_a_home_do_not_keep_a_daemon_from_starting(tmp_path: Path) -> None:
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.002):
            owner(tmp_path / "lock")

    people = [threading.Thread(target=look) for _ in range(2)]
    for person in people:
        person.start()
    try:
        for _ in range(200):
            Lock(tmp_path / "lock", NOW).release()
    finally:
        over.set()
        for person in people:
            person.join()
