"""A desk that listens to the exchange town: one home with its daemon, at moments of the test's own.

with Town(...) as town, MailServer() as post, desk(tmp_path, town, "2026-03-13 20:00", ["sge_quotes"], post=post) as d:
    d.through("2026-03-16 00:00", "2026-03-20 20:00", hours=2)
    assert d.sessions("sge_quotes") == [...]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from alerts.channels import email
from monitor import published
from monitor.batch import Send, Teller
from monitor.daemon import Daemon
from monitor.house import House
from monitor.rounds import Round
from tests.asker import TownAsker, desk_settings, moments, utc
from tests.exchange_town import Town
from tests.homes import all_but, decoder, furnish
from tests.mailserver import MailServer

CHEAP = ("shfe_warrants", "sge_quotes")
"""Sources of one small page a session."""
FEW = frozenset({"shfe_warrant_drop", "source_stale"})
"""The checks a desk reads where the test is about questions, mails or clocks: one of a market, one of a publisher."""
READ = FEW | {
    "calendar_expiring", "regional_premium", "registered_drop", "source_disagreement", "stock_identity",
}  # fmt: skip
"""One of each kind. What all of them say of a season, the composite and the eighteen it stands on among them, is proved
on a season; that batches bring it up to date, in the demo and beside plain readings."""


class Desk:
    """One home at work: house, teller, daemon. Mails go to `post`, and nowhere without one."""

    def __init__(self, house: House, town: Town, post: MailServer | None, **daemon: Any) -> None:
        channels: dict[str, Send] = {}
        if post:
            channels["email"] = lambda notice, now: email.send(notice, post.settings(), now)
        self.house, self.town, self.post = house, town, post
        self.teller = Teller(house, channels, host="desk.example.org")
        asker = TownAsker(town.base, deadline=daemon.pop("deadline", 20.0))
        self.daemon = Daemon(house, self.teller, asker, **daemon)

    def step(self, moment: str | datetime) -> Round:
        """One round, at a moment given as text or as it is."""
        return self.daemon.step(utc(moment) if isinstance(moment, str) else moment)

    def through(self, start: str, end: str, **step: float) -> list[Round]:
        """A round every so often."""
        return [self.step(moment) for moment in moments(utc(start), utc(end), timedelta(**step))]

    def subjects(self) -> list[str]:
        """Subjects of the mails that arrived, in order."""
        return [str(mail.message["Subject"]) for mail in self.post.mails] if self.post else []

    def sessions(self, source: str) -> list[date]:
        """The sessions held of one source."""
        return sorted(self.house.store.files_held(source))

    def state(self, source: str, moment: str) -> tuple[str, str, str]:
        """(state, last outcome, last error) of a source as the newest generation says it at a moment."""
        with published.Reader(published.newest(self.house.folders.published)) as reader, reader.cursor() as cur:
            cur.execute("set variable now = ?::timestamp", [utc(moment).replace(tzinfo=None)])
            rows = cur.execute(
                "select state, last_outcome, last_error from source_health where source = ?", [source]
            ).fetchall()
        return rows[0]


@contextmanager
def desk(
    folder: Path,
    town: Town,
    moment: str,
    sources: Iterable[str],
    *,
    post: MailServer | None = None,
    checks: Iterable[str] = FEW,
    **options: Any,
) -> Iterator[Desk]:
    """A desk opened at a moment and closed afterwards; `options` are those of Daemon, and `deadline` of a question."""
    furnish(folder, utc(moment))
    house = House(desk_settings(sources, all_but(checks)), folder, utc(moment), decoder=decoder())
    opened = Desk(house, town, post, **options)
    try:
        yield opened
    finally:
        opened.daemon.stop()
        opened.teller.close()
        house.close()
