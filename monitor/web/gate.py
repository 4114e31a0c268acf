"""The token: who is let in where the page is served beyond this machine, or where the operator wants one.

A browser gets a cookie for it by the form at /login; a program sends `Authorization: Bearer TOKEN`. The cookie holds a
code made from the token, never the token.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

TRIES_A_MINUTE: Final = 10
COOKIE: Final = "bullion"
COOKIE_SECONDS: Final = 30 * 86_400
SHORTEST: Final = 22
"""Characters of 128 bits in base64."""
_CLIENTS: Final = 10_000


class Tries:
    """Bad tries of each client within the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bad: dict[str, list[float]] = {}

    def is_out(self, client: str) -> bool:
        """Whether this client has to wait before it may try again."""
        since = self._clock() - 60
        recent = [moment for moment in self._bad.get(client, ()) if moment > since]
        self._bad[client] = recent
        return len(recent) >= TRIES_A_MINUTE

    def note(self, client: str) -> None:
        """One bad try."""
        if len(self._bad) >= _CLIENTS and client not in self._bad:
            self._bad.clear()
        self._bad.setdefault(client, []).append(self._clock())


@dataclass(frozen=True, slots=True)
class Gate:
    """Compares in constant time. `token` '' lets everybody in."""

    token: str = ""
    tries: Tries = field(default_factory=Tries)

    @property
    def cookie(self) -> str:
        """What the cookie of who gave the token holds."""
        return hmac.new(self.token.encode(), b"bullion page", hashlib.sha256).hexdigest()

    def lets_in(self, cookie: str) -> bool:
        """Whether a request with this cookie goes through."""
        return not self.token or hmac.compare_digest(cookie.encode(), self.cookie.encode())

    def opens(self, given: str) -> bool:
        """Whether this is the token."""
        return bool(self.token) and hmac.compare_digest(given.encode(), self.token.encode())


def weakness(token: str) -> str:
    """What is wrong with a token, in words; '' where it is long and varied enough to hold 128 bits."""
    if len(token) < SHORTEST:
        return f"it has {len(token)} characters, and 128 bits take {SHORTEST}"
    if len(set(token)) < 8:
        return "it repeats a few characters"
    return ""
