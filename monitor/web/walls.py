"""The walls around the pages: who may ask, by which name, how much, and what a browser may do with the answer.

Plain ASGI, before any routing. In this order: rate (429), host name (421), method (405), origin (403), size (413); the
headers stand on every answer, errors included.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Any]
Send = Callable[[MutableMapping[str, Any]], Any]
App = Callable[[Scope, Receive, Send], Any]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "private, no-cache",
}
OF_FORMS: Final[Mapping[str, str]] = {"referrer-policy": "same-origin"}
"""For a page with a form, instead; see `Page.has_form`."""
READING: Final = ("GET", "HEAD")
BODY_BYTES: Final = 64 << 10
"""How much a form may weigh."""
_CLIENTS: Final = 10_000


class Bucket:
    """So many requests a minute for each client, in bursts of a tenth of that; `clock` counts seconds."""

    def __init__(self, a_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._most, self._clock = a_minute / 60, max(a_minute / 10, 1.0), clock
        self._left: dict[str, tuple[float, float]] = {}

    def takes(self, client: str) -> bool:
        """Whether this client may ask once more now."""
        now = self._clock()
        left, since = self._left.get(client, (self._most, now))
        left = min(self._most, left + (now - since) * self._rate)
        if len(self._left) >= _CLIENTS and client not in self._left:
            self._left.clear()
        self._left[client] = (left - 1 if left >= 1 else left, now)
        return left >= 1


@dataclass(frozen=True, slots=True)
class Walls:
    """The middleware. `hosts` are names allowed besides localhost and bare addresses."""

    app: App
    hosts: frozenset[str] = frozenset()
    rate: Bucket = field(default_factory=lambda: Bucket(12_000))
    ending: threading.Event = field(default_factory=threading.Event)
    """Set by the server when it stops, for whoever listens without end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is not HTTP is let through (the server's own start and stop) or closed (web sockets)."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        guarded = _with_headers(send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await answer(guarded, *refusal)
            return
        body = await _capped(receive) if scope["method"] not in READING else b""
        if body is None:
            await answer(guarded, 413, f"more than {BODY_BYTES} bytes")
            return
        await self.app(scope, _replayed(body, receive) if scope["method"] not in READING else receive, guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """(status, why) of a request that goes no further."""
        headers = _single(scope)
        host = headers.get("host", "")
        if not self.rate.takes(client_of(scope)):
            return 429, "too many requests: ask again in a few seconds"
        if not is_known(host, self.hosts):
            return 421, "this page is not served under that name; page.hosts in config.toml lists further ones"
        if scope["method"] not in (*READING, "POST"):
            return 405, "only GET, HEAD and POST are answered"
        if scope["method"] in READING:
            return None if may_read(headers) else (403, "another site may link here, and do no more")
        if not may_write(headers, host):
            return 403, "this form was not sent from a page of ours"
        return None


def is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header names us: a bare address, localhost or one of `names`, with any port.

    A name that somebody else's server resolves to this machine is none of these, so DNS rebinding ends here.
    """
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not name or parts.path or parts.query or parts.fragment or parts.username is not None:
        return False
    if name == "localhost" or name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_here(host: str) -> bool:
    """Whether a Host header names this very machine: localhost, or a loopback address."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def may_write(headers: Mapping[str, str], host: str) -> bool:
    """Whether a form comes from a page of ours, by what the browser says of it; who says nothing is refused."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "")
    return origin in (f"http://{host}", f"https://{host}") and bool(host)


def may_read(headers: Mapping[str, str]) -> bool:
    """Whether a read is a visit, one of our own pages', or no browser's at all: others may link here, not embed."""
    site = headers.get("sec-fetch-site", "none")
    return site in ("same-origin", "none") or headers.get("sec-fetch-mode") == "navigate"


def client_of(scope: Scope) -> str:
    """The address that asks."""
    return str((scope.get("client") or ("?",))[0])


def _single(scope: Scope) -> dict[str, str]:
    """Headers by name; one that stands there twice counts as what nobody sends."""
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").lower()
        found[name] = "\x00" if name in found and name in _ONCE else value.decode("latin-1")
    return found


_ONCE: Final = frozenset({"host", "origin", "sec-fetch-site", "sec-fetch-mode"})


async def _capped(receive: Receive) -> bytes | None:
    """The whole body; None where it is too large, or its sender left."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > BODY_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Any:
        return pending.pop() if pending else await receive()

    return again


def _with_headers(send: Send) -> Send:
    """Adds our headers, and how long the answer took to begin (Server-Timing, milliseconds)."""
    began = time.perf_counter()

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", ())}
            ours = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in given]
            ours.append((b"server-timing", f"app;dur={1e3 * (time.perf_counter() - began):.1f}".encode()))
            message = {**message, "headers": [*message.get("headers", ()), *ours]}
        await send(message)

    return guarded


async def answer(send: Send, status: int, why: str) -> None:
    """A refusal in one line of plain text."""
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})
