"""A sign of life leaves only where all went well: real rounds, a real mail server, a real HTTP server."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.channels.deadman import DeadMan, Settings
from alerts.post import Address
from monitor import config, wiring
from monitor.errors import ConfigError
from tests.desk import Desk, desk
from tests.exchange_town import Town
from tests.mailserver import MailServer, Script
from tests.sink import Script as Answers
from tests.sink import Sink
from tests.test_run import quick, running, until

NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def town() -> Iterator[Town]:
    with Town(date(2026, 2, 2), date(2026, 3, 31)) as opened:
        yield opened


@contextmanager
def watched(folder: Path, town: Town, sink: Sink, post: MailServer) -> Iterator[Desk]:
    """A desk of one source that has done its first round and tells the sink."""
    ping = DeadMan(Settings(sink.address("/ping/secret"), timedelta(seconds=1))).ping
    with desk(folder, town, "2026-03-12 12:00", ["shfe_warrants"], post=post, ping=ping) as opened:
        opened.step("2026-03-12 12:00")
        yield opened


def test_a_round_that_went_well_is_told_once_each_time_it_is_due() -> None:
    with Sink() as sink:
        dead_man = DeadMan(Settings(sink.address("/ping/secret"), 5 * MINUTE))
        said = [dead_man.ping(NOW + number * MINUTE) for number in range(11)]
        assert (len(sink.requests), set(said)) == (3, {""})
        assert dead_man.ping(NOW - timedelta(days=1)) == ""
        assert len(sink.requests) == 4
    assert (sink.requests[0].method, sink.requests[0].path, sink.requests[0].body) == ("POST", "/ping/secret", b"")


def test_what_was_not_heard_is_tried_a_minute_later_and_named_without_its_address() -> None:
    with Sink(script=Answers(first=[503])) as sink:
        dead_man = DeadMan(Settings(sink.address("/ping/secret"), 5 * MINUTE))
        said = [dead_man.ping(NOW + number * MINUTE / 2) for number in range(4)]
    assert (len(sink.requests), said) == (2, ["dead man: it answered 503 Service Unavailable", "", "", ""])
    (failed,) = {dead_man.ping(NOW + 9 * MINUTE)}
    assert "at connect" in failed
    assert "secret" not in failed


def test_all_well_is_told(tmp_path: Path, town: Town) -> None:
    with Sink() as sink, MailServer() as post, watched(tmp_path, town, sink, post) as opened:
        assert len(sink.requests) == 1
        opened.through("2026-03-13 09:00", "2026-03-16 09:00", hours=6)
        assert len(sink.requests) > 10


def test_mail_that_cannot_leave_ends_it_until_it_has_left(tmp_path: Path, town: Town) -> None:
    with (
        Sink() as sink,
        MailServer(script=Script(refuse={"greeting": "421 closed"})) as post,
        watched(tmp_path, town, sink, post) as opened,
    ):
        opened.through("2026-03-12 13:00", "2026-03-16 08:00", hours=8)
        assert post.mails == []
        assert opened.house.store.rows("select count(*) from deliveries where state = 'QUEUED'")[0][0] > 0
        sink.requests.clear()
        opened.step("2026-03-16 09:00")
        assert sink.requests == []
        post.script.refuse.clear()
        opened.step("2026-03-16 11:00")
        assert (len(post.mails), len(sink.requests)) == (1, 1)


def test_a_clock_that_jumped_is_mailed_an_hour_after_the_mail_before_and_ends_nothing(
    tmp_path: Path, town: Town
) -> None:
    with Sink() as sink, MailServer() as post, watched(tmp_path, town, sink, post) as opened:
        opened.daemon.clock_jumped("it went back by 3600 s between two rounds")
        first = opened.subjects()
        opened.step("2026-03-12 12:01")
        assert opened.subjects() == first
        opened.step("2026-03-12 13:01")
        assert opened.subjects() == [*first, "[warning] Clock: the clock of this machine jumped"]
        assert len(sink.requests) == 3


def test_checks_that_cannot_be_read_end_it(tmp_path: Path, town: Town) -> None:
    """The table of their levels is gone."""
    with Sink() as sink, MailServer() as post, watched(tmp_path, town, sink, post) as opened:
        sink.requests.clear()
        opened.step("2026-03-12 18:30")
        assert len(sink.requests) == 1
        with opened.house.store.cursor() as cur:
            cur.execute("drop table thresholds cascade")
        opened.teller._standing = None
        opened.step("2026-03-13 01:00")
        opened.step("2026-03-13 01:01")
        assert len(sink.requests) == 1


def test_answers_that_cannot_be_kept_end_it(tmp_path: Path, town: Town) -> None:
    with Sink() as sink, MailServer() as post, watched(tmp_path, town, sink, post) as opened:
        sink.requests.clear()
        raw = opened.house.folders.archive / "raw"
        raw.rename(raw.with_name("away"))
        raw.write_text("a file where a folder should be")
        assert opened.step("2026-03-16 23:00").troubles != []
        assert sink.requests == []
        raw.unlink()
        raw.with_name("away").rename(raw)
        assert opened.step("2026-03-16 23:02").troubles == []
        assert len(sink.requests) == 1


def test_a_message_given_up_that_nobody_else_can_be_told_of_ends_it(tmp_path: Path, town: Town) -> None:
    script = Script(refuse={"rcpt": "550 no such user"})
    with Sink() as sink, MailServer(script=script) as post, watched(tmp_path, town, sink, post) as opened:
        opened.teller.note("clock_jump", "clock", "it jumped", NOW)
        sink.requests.clear()
        opened.through("2026-03-13 09:00", "2026-03-13 10:00", minutes=10)
        assert opened.house.store.rows("select count(*) from deliveries where state = 'DEAD'")[0][0] > 0
        assert sink.requests == []


@pytest.mark.slow
def test_a_process_that_hangs_or_is_killed_is_heard_no_more(tmp_path: Path) -> None:
    with Sink() as sink:
        text = f'[deadman]\nurl = "{sink.base}/ping"\nevery_seconds = 1\n'
        with running(tmp_path / "home", quick(tmp_path, text)) as child:
            until(lambda: len(sink.requests) >= 2)
            child.send_signal(signal.SIGSTOP)
            heard = _quiet(sink)
            child.send_signal(signal.SIGCONT)
            until(lambda: len(sink.requests) > heard)
            child.kill()
            child.wait()
            assert _quiet(sink) > heard


def _quiet(sink: Sink) -> int:
    """How often it was heard, once it has been quiet for three of its seconds."""
    time.sleep(0.3)
    before = len(sink.requests)
    time.sleep(3)
    assert len(sink.requests) == before
    return before


@pytest.mark.slow
def test_the_service_manager_hears_ready_alive_and_stopping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with running(tmp_path / "home", quick(tmp_path)) as child:
            assert [manager.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            child.send_signal(signal.SIGTERM)
            heard = b"WATCHDOG=1"
            while heard == b"WATCHDOG=1":
                heard = manager.recv(100)
            assert heard == b"STOPPING=1"
            child.wait(20)


@pytest.mark.parametrize("url", ["http://hc.example.org/x", "hc.example.org", "https://a:b@hc.example.org/"])
def test_an_address_that_makes_no_sense_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(ConfigError, match=r"deadman\.url"):
        wiring.dead_man(config.Settings.model_validate({"deadman": {"url": url}}))
    with pytest.raises(ConfigError, match=r"deadman\.url"):
        Settings(Address(url))


def test_without_an_address_nobody_is_told() -> None:
    assert wiring.dead_man(config.Settings()) is None
