"""The page for tests: its application over a home, at a moment of the test's own, asked as a browser does."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from starlette.testclient import TestClient

from alerts.ledger import Ledger
from monitor import checks
from monitor.alertdesk import AlertDesk
from monitor.archive import Archive
from monitor.demo import stage, story
from monitor.sources.registry import discover
from monitor.web.app import House, application
from monitor.web.gate import Gate
from monitor.web.generations import Generations
from monitor.web.look import Tools
from monitor.web.page import Page
from monitor.web.replays import Replays
from monitor.web.routes import PAGES

DEMO_ENDS: Final = datetime(2026, 2, 28, 8, tzinfo=UTC)
"""A moment after the demo's last round, at which its sources are on time."""
OURS: Final = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form on a page of ours."""


@cache
def _played() -> Path:
    """A home in which the demo has run, once a process."""
    folder = Path(tempfile.mkdtemp(prefix="bullion-played-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = stage.home(str(folder / "home"))
    for _ in story.play(home):
        pass
    return home


def demo_home(folder: Path) -> Path:
    """A home in which the demo has run, of the test's own."""
    shutil.copytree(_played(), folder / "home", symlinks=True)
    return folder / "home"


@contextmanager
def house(home: Path, now: datetime = DEMO_ENDS, **changes: Any) -> Iterator[House]:
    """What the pages of a home stand on; `changes` are fields of `House`, `now` may be a clock."""
    clock: Callable[[], datetime] = now if callable(now) else lambda: now
    ledger = home / "alerts.sqlite"
    desk = AlertDesk(lambda: Ledger(ledger, guest=True) if ledger.exists() else None)
    tools = Tools(
        checks=checks.discover({})[0],
        sources=discover()[0],
        inboxes=(str(home / "inbox"),),
        archive=Archive(home / "archive"),
        replays=Replays(home / "published"),
    )
    built = replace(House(Generations(home / "published"), desk, clock, Gate(), frozenset(), tools), **changes)
    try:
        yield built
    finally:
        if built.tools.questions is not None:
            built.tools.questions.close()
        built.generations.close()
        desk.close()


@contextmanager
def served(
    home: Path, now: datetime = DEMO_ENDS, *, pages: tuple[Page, ...] = PAGES, **changes: Any
) -> Iterator[TestClient]:
    """A client of the pages of a home."""
    with house(home, now, **changes) as built:
        yield TestClient(application(built, pages), base_url="http://localhost", follow_redirects=False)
