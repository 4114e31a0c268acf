"""What a daemon needs to talk to the exchange town, and nothing that is slow to import: moments, settings, an asker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.config import Settings
from monitor.http import Fetcher, Unchanged
from monitor.model import Answer, Ask

STAMP = "%Y%m%dT%H%M%S"
"""How a question carries its moment."""


class TownAsker:
    """Puts every question to the town, by the real fetcher over real sockets."""

    def __init__(self, base: str, *, deadline: float = 20.0, attempts: int = 1, **fetcher: Any) -> None:
        self._base = base
        self._host = urlsplit(base).netloc
        self._fetcher = Fetcher(
            "desk@example.org", version="0", deadline=deadline, attempts=attempts, allow_private=True,
            **{"spacing": 0, **fetcher},
        )  # fmt: skip

    def fetch(
        self, ask: Ask, hosts: tuple[str, ...], *, now: datetime, validators: dict[str, str] | None = None
    ) -> Answer | Unchanged:
        assert urlsplit(ask.url).hostname in hosts, f"{ask.url} is not among the hosts of {ask.source}"
        put = replace(ask, url=ask.url.replace("https://", f"{self._base}/{now.astimezone(UTC):{STAMP}}/"))
        answer = self._fetcher.fetch(put, (self._host,), now=now, validators=validators)
        return replace(answer, url=ask.url)


def moments(start: datetime, end: datetime, step: timedelta) -> Iterable[datetime]:
    """The moments from start to end, both included."""
    while start <= end:
        yield start
        start += step


def utc(text: str) -> datetime:
    """`2026-03-16 08:00` as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def desk_settings(sources: Iterable[str], off: Iterable[str] = (), **daemon: Any) -> Settings:
    """Settings that ask these sources and mail to one desk, with some checks switched off."""
    return Settings.model_validate(
        {
            "contact": "desk@example.org",
            "sources": {name: {"fetch": True} for name in sources},
            "mail": {"channel": "email", "recipients": ["desk@example.org"]},
            "checks": {name: {"enabled": False} for name in off},
            "daemon": daemon,
        }
    )
