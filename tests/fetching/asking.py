"""A fetcher for tests, its clock, and one question."""

import time
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.errors import Unreachable
from monitor.http import Fetcher
from monitor.model import Answer, Ask
from tests.publisher import Publisher

NOW = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)

DAY = date(2026, 2, 10)


class Wait:
    """A clock and a sleep that agree with each other and take no time. Safe for one thread."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def made(**settings: Any) -> Fetcher:
    return Fetcher("desk@example.org", version="1.2", **({"allow_private": True, "spacing": 0.0} | settings))


def fetch(fetcher: Fetcher, publisher: Publisher, path: str, **more: Any) -> Answer:
    got = fetcher.fetch(Ask("stocks", DAY, publisher.url(path)), publisher.hosts, now=NOW, **more)
    assert isinstance(got, Answer)
    return got


def within(seconds: float, fetcher: Fetcher, publisher: Publisher, path: str = "/a") -> str:
    """Fetches, expecting failure within so many seconds of real time; the message."""
    started = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        fetch(fetcher, publisher, path)
    assert time.monotonic() - started < seconds
    return str(caught.value)
