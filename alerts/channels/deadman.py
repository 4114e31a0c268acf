"""A sign of life to a service that raises the alarm when it hears none: sent by whoever knows that all went well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerts.post import Address, post
from monitor.errors import Undeliverable

TIMEOUT_SECONDS: Final = 10.0
_AGAIN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to, and how often at most. Raises ConfigError where that is no https address."""

    address: Address
    every: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        self.address.checked("deadman.url")


class DeadMan:
    """Remembers when it was last heard; keep one for as long as the daemon runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._next: datetime | None = None

    def ping(self, now: datetime) -> str:
        """A request without a body, if one is due: '' where it was heard or none is due, else why it was not.

        A clock that went back makes one due. Its address, which is a secret of sorts, is in no message.
        """
        every = self._settings.every
        if self._next is not None and self._next - every <= now < self._next:
            return ""
        self._next = now + min(every, _AGAIN)
        try:
            status, words = post(self._settings.address, b"", {"User-Agent": "bullion"}, TIMEOUT_SECONDS)
        except Undeliverable as error:
            return f"dead man: {error}"
        if not 200 <= status < 300:
            return f"dead man: it answered {words}"
        self._next = now + every
        return ""
