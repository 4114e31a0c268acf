"""The page for tests: its application over a home, at a moment of the test's own, asked as a browser does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
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
from tests import once

DEMO_ENDS: Final = datetime(2026, 2, 28, 8, tzinfo=UTC)
"""A moment after the demo's last round, at which its sources are on time."""
_HOME: Final = "{home}"
OURS: Final = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form on a page of ours."""


def _play(folder: Path) -> None:
    home = stage.home(str(folder / "home"))
    told = "\n".join(story.play(home))
    (folder / "told.txt").write_text(told.replace(str(home), _HOME), encoding="utf-8")


def demo_home(folder: Path) -> Path:
    """A home in which the demo has run, of the test's own."""
    shutil.copytree(once.made("demo", _play) / "home", folder / "home", symlinks=True)
    return folder / "home"


def demo_told(home: Path) -> list[str]:
    """What the demo printed, as if it had run in this home."""
    return (once.made("demo", _play) / "told.txt").read_text(encoding="utf-8").replace(_HOME, str(home)).split("\n")


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
