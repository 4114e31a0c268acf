"""Turns kept in files: the spacing to a host holds for all processes of a home together, and over their deaths."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from monitor import turns
from monitor.config import Folders
from monitor.http import Fetcher
from monitor.model import Ask
from monitor.turns import Turns
from monitor.wiring import fetcher
from tests.asker import desk_settings, utc
from tests.publisher import Publisher

HOST = "www.shfe.com.cn"


def test_each_turn_is_a_spacing_after_the_last_whoever_takes_it(tmp_path: Path) -> None:
    one, other = Turns(tmp_path), Turns(tmp_path)
    waits = [taker.reserve(HOST, 100.0, 5.0) for taker in (one, other, other, one)]
    assert waits == [0.0, 5.0, 10.0, 15.0]
    assert one.reserve("www.sge.com.cn", 100.0, 5.0) == 0.0
    assert other.reserve(HOST, 130.0, 5.0) == 0.0


def test_a_host_that_asked_to_be_left_alone_is_left_alone_by_all(tmp_path: Path) -> None:
    Turns(tmp_path).hold(HOST, 160.0)
    Turns(tmp_path).hold(HOST, 150.0)
    assert Turns(tmp_path).quiet(HOST, 100.0) == 60.0
    assert [Turns(tmp_path).reserve(HOST, 100.0, 5.0) for _ in range(2)] == [60.0, 65.0]


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"boot": "x", "free": 1e9, "quiet": 1e9}', bytes(128)])
def test_what_is_no_turn_or_of_another_boot_holds_nobody_up(tmp_path: Path, text: bytes) -> None:
    (tmp_path / HOST).write_bytes(text)
    assert [Turns(tmp_path).reserve(HOST, 100.0, 5.0) for _ in range(2)] == [0.0, 5.0]
    assert Turns(tmp_path).quiet(HOST, 100.0) <= 0


def test_no_name_of_a_host_leads_out_of_the_folder(tmp_path: Path) -> None:
    Turns(tmp_path / "turns").reserve("../[::1]/x", 100.0, 5.0)
    assert [path.parent for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "turns"]


def test_a_turn_taken_by_a_process_that_is_gone_counts(tmp_path: Path) -> None:
    code = f"from monitor.turns import Turns; from pathlib import Path; Turns(Path({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", f"{code}.reserve({HOST!r}, 100.0, 50.0)"], check=True)
    assert Turns(tmp_path).reserve(HOST, 100.0, 5.0) == 50.0


def test_many_who_ask_at_once_reach_the_host_one_spacing_after_the_other(tmp_path: Path) -> None:
    spacing, times = 0.05, 4
    with Publisher() as publisher:
        publisher.set("/x", b"hello")
        ask = Ask("s", date(2026, 3, 2), publisher.url("/x"))

        def work() -> None:
            asker = Fetcher("a@b", version="0", spacing=spacing, allow_private=True, manners=Turns(tmp_path))
            for _ in range(times):
                asker.fetch(ask, publisher.hosts, now=utc("2026-03-02 12:00"))

        people = [threading.Thread(target=work) for _ in range(3)]
        began = time.monotonic()
        for person in people:
            person.start()
        for person in people:
            person.join()
        arrived = [seen.at - began for seen in publisher.log]
    assert len(arrived) == 3 * times
    assert all(at >= place * spacing for place, at in enumerate(arrived))


def test_all_who_ask_for_one_home_take_turns_in_it(tmp_path: Path) -> None:
    made = fetcher(desk_settings(["ecb_fx"], spacing_seconds=7), Folders(tmp_path))
    assert made is not None
    made.manners.reserve(HOST, 100.0, made.spacing)
    assert Turns(tmp_path / "turns").reserve(HOST, 100.0, 5.0) == 7.0
    assert turns._boot() in (tmp_path / "turns" / HOST).read_text()
