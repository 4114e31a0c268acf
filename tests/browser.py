"""A real browser for tests: Debian's Chromium, driven by Playwright; and the page served for it over real sockets.

Without Chromium the tests that need it are skipped, saying so; where BULLION_BROWSER is `required` they fail instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from monitor.web import serve
from monitor.web.app import application
from tests import pages

AXE: Final = Path(__file__).parent / "vendor" / "axe.min.js"
PHONE: Final = {"width": 390, "height": 844}
DESK: Final = {"width": 1280, "height": 900}
ARGUMENTS: Final = ("--no-sandbox", "--host-resolver-rules=MAP *.example.org 127.0.0.1")
_FEW: Final = {"phone-dark": (PHONE, "dark"), "desk-light": (DESK, "light")}
_MORE: Final = {"phone-light": (PHONE, "light"), "desk-dark": (DESK, "dark")}
_DRESSES: Final = _FEW | _MORE if os.environ.get("BULLION_ATTACK") == "all" else _FEW
in_each_dress: Final = pytest.mark.parametrize(("viewport", "scheme"), _DRESSES.values(), ids=_DRESSES)
"""Both widths and both colour schemes; every pair of them with BULLION_ATTACK=all in the environment."""
SERIOUS: Final = ("serious", "critical")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, closed afterwards. Every name of example.org leads it to this machine, as an attacker's might."""
    program = shutil.which("chromium")
    if program is None:
        said = "needs chromium: apt-get install chromium fonts-dejavu-core"
        (pytest.fail if os.environ.get("BULLION_BROWSER") == "required" else pytest.skip)(said)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def tab(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in a browser of its own, which fails at the end where anything was said on the console or asked elsewhere.

    What the policy forbids, a script that fails and a file that is missing are all told there.
    """
    context = browser.new_context(**{"viewport": DESK} | options)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.split("/")[2] if "//" in request.url else ""))
    try:
        yield page
        assert said == []
        assert {host.split(":")[0] for host in asked} <= {"127.0.0.1", ""}
    finally:
        context.close()


@contextmanager
def serving(home: Path, now: datetime = pages.DEMO_ENDS, **changes: Any) -> Iterator[str]:
    """The address of the pages of a home, served by the real server on a thread."""
    with pages.house(home, now, **changes) as built:
        server = serve.Server(application(built), "127.0.0.1:0")
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


def serious_findings(page: Page) -> list[str]:
    """What axe-core finds on a page that is serious or worse: rule, and the first element it is about."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0].get('failureSummary', '')}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]


def is_wider_than_its_window(page: Page) -> bool:
    """Whether a reader would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
