"""A publisher with an archive, on loopback: made-up SHFE pages, or whatever reports a test gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from monitor import sessions
from tests.exchange_town import SOURCES, report
from tests.publisher import Publisher, Reply, Seen

WARRANTS: Final = SOURCES["shfe_warrants"]
SPAN: Final = (date(2026, 3, 9), date(2026, 3, 20))
DAYS: Final = sessions.sessions("SHFE", *SPAN)


class Past(Publisher):
    """A publisher with an archive: bodies by URL; whatever is not in it was never published."""

    def __init__(self, reports: Mapping[str, bytes]) -> None:
        super().__init__()
        self.reports = dict(reports)
        self.rules: dict[str, Reply] = {}
        """What is answered to URLs that contain the key."""

    @property
    def base(self) -> str:
        return self.url("")

    def reply_to(self, seen: Seen) -> Reply:
        self.log.append(seen)
        for needle, rule in self.rules.items():
            if needle in seen.target:
                return rule
        body = self.reports.get(address(seen))
        return Reply(b"not here", status=404) if body is None else Reply(body)

    def asked(self) -> list[str]:
        """The URLs in the order they were asked for."""
        return [address(seen) for seen in self.log]


def address(seen: Seen) -> str:
    """The URL at the publisher: what comes behind the moment in the path."""
    return "https://" + seen.target.split("/", 2)[2]


def url_of(day: date) -> str:
    return WARRANTS.asks(day)[0].url


def pages(days: Iterable[date] = DAYS) -> dict[str, bytes]:
    return {url_of(day): report(WARRANTS.asks(day)[0]) for day in days}
