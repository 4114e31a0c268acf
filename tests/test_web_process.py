"""`bullion page` as a process of its own: it starts, answers, reads without a daemon, and ends when told to."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest

from monitor import publish
from tests import homes, pages
from tests.spares import until
from tests.test_run import bullion, ended

pytestmark = pytest.mark.slow


@contextmanager
def paging(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """(`bullion page`, its address); killed at the end where it still runs."""
    child = subprocess.Popen(bullion(home, "page", "--listen", "127.0.0.1:0"), stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr is not None
        yield child, child.stderr.readline().split()[-1]
    finally:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_page_cleanly_though_somebody_listens(tmp_path: Path, by: signal.Signals) -> None:
    """Exit code 0 within seconds and no error said, while a browser waits for announcements."""
    with homes.house(tmp_path / "home") as opened:
        publish.publish(opened.store, opened.folders.published, pages.DEMO_ENDS)
    with paging(tmp_path / "home") as (child, url):
        assert httpx2.get(url).status_code == 200
        with httpx2.stream("GET", url + "events") as told:
            words = told.iter_text()  # let go of, it would end the listening
            assert "market-000001.duckdb" in next(words)
            code, seconds, said = ended(child, by)
    assert code == 0, said
    assert seconds < 6
    assert "ERROR" not in said


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_of_a_question_is_left_when_the_page_ends(tmp_path: Path, by: signal.Signals) -> None:
    """Neither one that answered nor those that stand ready for the next, however it ends."""
    with homes.house(tmp_path / "home") as opened:
        publish.publish(opened.store, opened.folders.published, pages.DEMO_ENDS)
    with paging(tmp_path / "home") as (child, url):
        assert httpx2.get(f"{url}ask?sql=select+1").status_code == 200
        until(lambda: len(psutil.Process(child.pid).children()) == 2)
        ready = psutil.Process(child.pid).children()
        child.send_signal(by)
        child.wait(10)
        assert psutil.wait_procs(ready, timeout=5)[1] == []


def test_the_page_of_an_empty_home_waits_for_its_first_generation(tmp_path: Path) -> None:
    """503 with a sentence at first; figures as soon as something is published."""
    with paging(tmp_path / "home") as (_, url):
        assert httpx2.get(url).status_code == 503
        with homes.house(tmp_path / "home") as opened:
            publish.publish(opened.store, opened.folders.published, pages.DEMO_ENDS)
        assert httpx2.get(url).status_code == 200


def test_the_page_writes_nothing_into_its_home(tmp_path: Path) -> None:
    """A visit to every page leaves each file as it was."""
    home = pages.demo_home(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    with paging(home) as (_, url):
        for path in ("", "alerts", "sources", "sources/comex_stocks", "place?metal=silver&venue=COMEX", "now/sql"):
            assert httpx2.get(url + path).status_code == 200
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()} == before
    assert os.access(home / "alerts.sqlite", os.R_OK)
