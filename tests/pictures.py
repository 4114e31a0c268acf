"""`python -m tests.pictures`: draw the README's mails and memo again.

Three are of the captured COMEX reports as a backtest mails them, and the memo of 27 February 2026 is told from the same
home. The retracted one is of the demo, with a page of 27 February that was invented for it: nothing captured was ever
restated so far. Needs the captured files, and a Chromium to look at the HTML with.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from PIL import Image

from alerts import digest
from alerts.channels import file
from monitor import backtest, checks, memos, published, wiring
from monitor.batch import Teller
from monitor.checks import Moment
from monitor.clock import parse_moment
from monitor.collect import gather
from monitor.daemon import Daemon
from monitor.demo import stage, story
from monitor.house import House
from monitor.sources import registry
from tests.captures import CAPTURES
from tests.factories import shanghai
from tests.factories.squeeze.shanghai_files import WAREHOUSES
from tests.homes import house

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
LOADED: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOST: Final = "bullion.example.org"
MAILS: Final = {
    "mail.png": ("[warning]", "registered covers", 980),
    "mail_escalated.png": ("[critical]", "-12.7 %", 980),
    "mail_cleared.png": ("[cleared]", "registered changed", 980),
}
"""Picture -> words that begin the subject, words in it, height."""
EVENING: Final = datetime(2026, 2, 28, tzinfo=UTC)
RESTATED: Final = (date(2026, 2, 27), 318_350, 339_000)
"""Session of the invented page; kg before it, as the demo has it; kg it says."""


def main() -> int:
    if shutil.which("chromium") is None or not CAPTURES.is_dir():
        print("needs chromium and the captured files", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="bullion-pictures-") as folder:
        for name, page, height in (*_of_captures(Path(folder)), _retracted(Path(folder) / "demo")):
            _draw(page, DOCS / name, height, Path(folder))
            print(f"{name}: {(DOCS / name).stat().st_size / 1000:.0f} kB")
    return 0


def _of_captures(folder: Path) -> Iterator[tuple[str, str, int]]:
    """(picture, HTML, height) of the mails and the memo."""
    files = [path for path in sorted(CAPTURES.rglob("*.*")) if path.parent.name != "expected"]
    with house(folder / "captured", LOADED) as opened:
        list(opened.collector.offer(gather(files, LOADED), LOADED))
        path = opened.publish(LOADED)
    known, _ = checks.discover({})
    with published.Reader(path) as reader:
        replayed = backtest.run(
            reader, known, registry.discover()[0], date(2025, 12, 19), date(2026, 3, 31), pictures=True
        )
        memo = memos.gather(
            reader, known, Moment(EVENING, as_of=date(2026, 2, 27)), Moment(EVENING - timedelta(days=1))
        )
    for mail in replayed.mails:
        file.send(mail.notice, file.Settings(folder / "mails"), mail.at)
    mails = [_read(path) for path in sorted((folder / "mails").iterdir())]
    for name, (start, part, height) in MAILS.items():
        wanted = next(one for one in mails if str(one["Subject"]).strip().startswith(start) and part in one["Subject"])
        page = _shown(wanted)
        assert "data:image/png" in page, f"{name} would show a mail without its chart"
        yield name, page, height
    yield "memo.png", digest.page(memo, HOST), 1900


def _retracted(home: Path) -> tuple[str, str, int]:
    """The demo played to its end; then a page comes that says otherwise than the one an alert stands on."""
    for _ in story.play(stage.home(str(home))):
        pass
    now = parse_moment("2026-02-28T10:00")
    with House(story.SETTINGS, home, now) as opened:
        inbox = opened.folders.inbox / "shfe_warrants"
        inbox.mkdir(exist_ok=True)
        page = inbox / "restated.html"
        page.write_bytes(_restated(opened))
        os.utime(page, (now.timestamp() - 3_600,) * 2)
        teller = Teller(opened, wiring.channels(story.SETTINGS, opened.folders), host=HOST)
        Daemon(opened, teller).step(now)
        teller.close()
        newest = [_read(path) for path in opened.folders.mail.iterdir()]
    (found,) = (one for one in newest if "[retracted]" in one["Subject"])
    return "mail_retracted.png", _shown(found), 900


def _restated(opened: House) -> bytes:
    """A page that counts as the newer of two published at the same assumed hour."""
    day, before, kilograms = RESTATED
    ((held,),) = opened.store.rows(
        "select max(raw_sha256) from shfe_warrants where session = ? and level = 'total'", [day]
    )
    for part in range(1, 1000):
        shares = (part * 100, kilograms - part * 100)
        changes = (shares[0] - before * 3 // 5, shares[1] - (before - before * 3 // 5))
        stocks = [(*who, *row) for who, row in zip(WAREHOUSES, zip(shares, changes, strict=True), strict=True)]
        page = shanghai.shfe_warrants_html(day, silver=stocks, gold=(), copper=(), strangers=())
        if hashlib.sha256(page).hexdigest() > held:
            return page
    raise AssertionError("no page sorts behind the one that is held")


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def _shown(mail: EmailMessage) -> str:
    """The HTML with its pictures in it, as a mail reader shows it."""
    body = mail.get_body(("html",))
    page = str(body.get_content()) if body else ""
    for part in mail.walk():
        if part.get_content_maintype() == "image":
            picture = base64.b64encode(part.get_content()).decode()
            page = page.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{picture}")
    return page


def _draw(page: str, target: Path, height: int, folder: Path) -> None:
    """The top of the page as a PNG of few colours."""
    source, shot = folder / "page.html", folder / "shot.png"
    source.write_text(page, encoding="utf-8")
    subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}", f"--window-size=640,{height}", f"--screenshot={shot}",
            source.as_uri(),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    with Image.open(shot) as image:
        image.convert("RGB").quantize(200, method=Image.Quantize.MAXCOVERAGE).save(target, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
