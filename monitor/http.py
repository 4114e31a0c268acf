"""The only way in from the network: polite, bounded, and plain about refusals.

A publisher that refuses is taken at its word: we say who we are, stop, and ask a person to use the inbox.
One deadline covers a whole question with its redirects and repeats, down to a single dripped byte; one cap
covers the bytes after decompression; every address is checked before anything is sent to it, and the
connection goes to the address that was checked.
"""

from __future__ import annotations

import re
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, Protocol
from urllib.parse import unquote, urljoin, urlsplit

import requests
import urllib3

from monitor.addresses import Target, is_public, lookup, redact, target_of
from monitor.blockpages import looks_blocked
from monitor.clock import aware
from monitor.errors import Blocked, NotPublished, Unreachable
from monitor.model import Answer, Ask
from monitor.wire import PACE, WIRE_ERRORS, Pace, Session, TooBig, body_of, head_of

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB
_HOPS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_KEPT_HEADERS: Final = ("date", "content-type", "content-disposition", "etag", "last-modified")


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The publisher says we already hold this: HTTP 304 to our validators."""

    url: str
    fetched_at: datetime
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why there is no usable reply; in our own words, since those of `requests` carry the whole URL."""

    reason: str
    again: bool = True
    wait: float = 0.0
    """Seconds the publisher asks us to stay away."""


class Manners(Protocol):
    """Per host: when the next request may leave, and until when the publisher asked to be left alone."""

    def reserve(self, host: str, now: float, spacing: float) -> float: ...

    def quiet(self, host: str, now: float) -> float: ...

    def hold(self, host: str, until: float) -> None: ...


class _Manners:
    """Those of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._quiet_until: dict[str, float] = {}

    def reserve(self, host: str, now: float, spacing: float) -> float:
        """Takes the next turn; the seconds to wait for it."""
        with self._lock:
            turn = max(now, self._next.get(host, now), self._quiet_until.get(host, now))
            self._next[host] = turn + spacing
        return turn - now

    def quiet(self, host: str, now: float) -> float:
        """Seconds the host is still to be left alone."""
        with self._lock:
            return self._quiet_until.get(host, now) - now

    def hold(self, host: str, until: float) -> None:
        with self._lock:
            self._quiet_until[host] = max(until, self._quiet_until.get(host, until))


class _Clock:
    """The deadline of one question. It starts with its first request: waiting our turn is not the server's doing."""

    def __init__(self, monotonic: Callable[[], float], deadline: float, moment: datetime) -> None:
        self.now = monotonic
        self.moment = moment
        self._deadline = deadline
        self._start: float | None = None

    def start(self) -> None:
        if self._start is None:
            self._start = self.now()

    def spent(self) -> float:
        return 0.0 if self._start is None else self.now() - self._start

    def left(self) -> float:
        return self._deadline - self.spent()


@dataclass
class Fetcher:
    """Sends questions to publishers. Safe to share between threads; times in seconds, `byte_cap` in decoded bytes.

    `allow_private` lets the allowed hosts lie on this machine or network, there also on any port and without
    TLS: for tests and local mirrors. `ca_file` replaces the bundled certificate authorities.
    """

    contact: str
    """Who to write to about us: goes into every User-Agent."""
    _: KW_ONLY
    version: str
    deadline: float = 60.0
    connect: float = 10.0
    read: float = 20.0
    byte_cap: int = 32 * _MIB
    attempts: int = 3
    attempt_seconds: float = 45.0
    """No attempt starts later than this after the first."""
    retry_after_cap: float = 30.0
    """The longest we wait inside one question; a publisher who asks for longer is left alone instead."""
    spacing: float = 5.0
    """Least seconds between two requests to one host."""
    allow_private: bool = False
    ca_file: str | None = None
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    resolve: Callable[[str, int], Sequence[str]] = lookup
    manners: Manners = field(default_factory=_Manners, repr=False)
    """Shared with other processes where they are kept in files; see `turns`."""

    @property
    def user_agent(self) -> str:
        return re.sub(r"[^\x20-\x7e]", "?", f"Bullion/{self.version} (+{self.contact})")

    def fetch(
        self, ask: Ask, hosts: tuple[str, ...], *, now: datetime, validators: Mapping[str, str] | None = None
    ) -> Answer | Unchanged:
        """The publisher's whole answer, or word that nothing changed since `validators` (`etag`, `last_modified`).

        `hosts` are those that may be asked, redirects included, as `name` or `name:port`; `now` stamps the answer.
        Raises NotPublished (404, 410), Blocked (401, 403, 407, 451 or a block page), Unreachable (all else).
        No message carries a secret of the URL.
        """
        clock = _Clock(self.monotonic, self.deadline, now)
        tried = 0
        while True:
            reply = self._follow(ask, hosts, validators or {}, clock, tried)
            tried += 1
            outcome = reply if isinstance(reply, _Trouble) else _judge(ask, reply, now, bool(validators))
            if not isinstance(outcome, _Trouble):
                return outcome
            pause = max(outcome.wait, min(2.0 ** (tried - 1), 8.0))
            late = clock.spent() + pause > self.attempt_seconds or pause >= clock.left()
            if not outcome.again or tried >= self.attempts or late or pause > self.retry_after_cap:
                many = f" ({tried} attempts)" if tried > 1 else ""
                raise Unreachable(f"{ask.source}: could not ask {redact(ask.url)}: {outcome.reason}{many}")
            self.sleep(pause)

    def _follow(
        self, ask: Ask, hosts: Sequence[str], validators: Mapping[str, str], clock: _Clock, tried: int
    ) -> _Reply | _Trouble:
        """One attempt with its redirects."""
        request = requests.Request(ask.method, ask.url, headers=self._headers(ask, validators), data=list(ask.form))
        with Session() as session:
            session.headers.clear()
            for _ in range(_HOPS + 1):
                reply = self._send(session, request, hosts, clock, tried)
                if isinstance(reply, _Trouble) or reply.status not in _REDIRECTS:
                    return reply
                request = _next_hop(request, reply, self.user_agent)
        return _Trouble(f"redirected more than {_HOPS} times", again=False)

    def _headers(self, ask: Ask, validators: Mapping[str, str]) -> dict[str, str]:
        headers = {"User-Agent": self.user_agent, "Accept": "*/*", **dict(ask.headers)}
        conditional = {"If-None-Match": validators.get("etag"), "If-Modified-Since": validators.get("last_modified")}
        headers |= {name: value for name, value in conditional.items() if value and value.isprintable()}
        return headers | {"Accept-Encoding": "gzip", "Connection": "close"}

    def _send(
        self, session: Session, request: requests.Request, hosts: Sequence[str], clock: _Clock, tried: int
    ) -> _Reply | _Trouble:
        """One request and its whole reply; every address it uses is checked here."""
        prepared = _prepare(session, request)
        target = (
            target_of(prepared.url or "", hosts, allow_private=self.allow_private) if prepared else "no valid request"
        )
        if prepared is None or isinstance(target, str):
            return _Trouble(f"{redact(str(request.url))} is refused: {target}", again=False)
        if trouble := self._await_turn(target.host, clock):
            return trouble
        address = self._address(target, clock, tried)
        if isinstance(address, _Trouble):
            return address
        session.adapter.pins[target.host] = address
        prepared.headers["Host"] = urlsplit(prepared.url or "").netloc
        reply = self._exchange(session, prepared, clock)
        if isinstance(reply, _Reply) and reply.status in (429, 503):
            self.manners.hold(target.host, clock.now() + _retry_after(reply.headers, clock.moment))
        return reply

    def _await_turn(self, host: str, clock: _Clock) -> _Trouble | None:
        if (quiet := self.manners.quiet(host, clock.now())) > self.retry_after_cap:
            return _Trouble(f"{host} asked to be left alone for another {quiet:.0f} s", again=False)
        wait = self.manners.reserve(host, clock.now(), self.spacing)
        if wait > 0:
            if clock.spent() and wait >= clock.left():
                return _Trouble(f"its deadline of {self.deadline:g} s would pass before {host} may be asked", False)
            self.sleep(wait)
        clock.start()
        return None

    def _address(self, target: Target, clock: _Clock, tried: int) -> str | _Trouble:
        """A checked address of the host, another one with each attempt; looked up in a thread that cannot hold us."""
        found: list[Sequence[str]] = []

        def look() -> None:
            with suppress(OSError, UnicodeError):
                found.append(self.resolve(target.host, target.port))

        looker = threading.Thread(target=look, daemon=True)
        looker.start()
        looker.join(max(0.0, min(self.connect, clock.left())))
        if not found or not found[0]:
            return _Trouble(f"the name {target.host} does not resolve")
        public = [is_public(address) for address in found[0]]
        if not all(public) and not self.allow_private:
            return _Trouble(f"{target.host} leads to an address that is not on the open internet", again=False)
        if any(public) and target.plain:
            return _Trouble(f"{target.host} is on the open internet and may only be asked with https", again=False)
        return found[0][tried % len(found[0])]

    def _exchange(self, session: Session, prepared: requests.PreparedRequest, clock: _Clock) -> _Reply | _Trouble:
        pace = Pace(clock.left, self.read, 2 * self.byte_cap + _MIB)
        # Half of what is left, since the connection and the TLS handshake may each take this long.
        connect = min(self.connect, clock.left() / 2)
        if connect <= 0:
            return _Trouble(f"no answer within the deadline of {self.deadline:g} s", again=False)
        trust = self.ca_file or True
        token = PACE.set(pace)
        try:
            with session.send(
                prepared, stream=True, allow_redirects=False, timeout=(connect, self.read), verify=trust
            ) as response:
                reply = self._receive(response, pace)
        except WIRE_ERRORS as error:
            # Not raised from here: the message of `error` and its causes carry the whole URL.
            reply = _Trouble(_words(error))
        finally:
            PACE.reset(token)
        if isinstance(reply, _Trouble) and pace.left() <= 0:
            return _Trouble(f"not answered within the deadline of {self.deadline:g} s", again=False)
        if isinstance(reply, _Trouble) and pace.overflow:
            return _Trouble(f"sent more than {2 * self.byte_cap:,} bytes", again=False)
        return reply

    def _receive(self, response: requests.Response, pace: Pace) -> _Reply | _Trouble:
        url, status, headers = response.url, response.status_code, response.headers
        if status in _REDIRECTS or status == 304:
            return _Reply(status, url, headers, b"")
        if status != 200:
            return _Reply(status, url, headers, head_of(response))
        try:
            body = body_of(response, self.byte_cap)
        except TooBig:
            return _Trouble(f"the answer is larger than {self.byte_cap:,} bytes", again=False)
        if pace.surplus and "content-length" in headers:
            return _Trouble("the answer is longer than the length it announces")
        return _Reply(status, url, headers, body) if body else _Trouble("the answer is empty")


# --- verdicts -----------------------------------------------------------------------------


def _prepare(session: Session, request: requests.Request) -> requests.PreparedRequest | None:
    if re.search(r"[\x00-\x20\x7f\\]", str(request.url)):
        return None  # what one parser skips, another reads as the end of the host
    with suppress(requests.RequestException, UnicodeError, ValueError):
        return session.prepare_request(request)
    return None


def _next_hop(request: requests.Request, reply: _Reply, user_agent: str) -> requests.Request:
    """The request a redirect asks for; headers of the question stay with the host they were meant for."""
    location = reply.headers.get("location", "").encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        url = urljoin(reply.url, location)
        same = urlsplit(url).netloc == urlsplit(reply.url).netloc
    except ValueError:
        url, same = "", False
    method, form, headers = request.method, request.data, dict(request.headers)
    if not same:
        headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}
    if reply.status == 303 or (reply.status in (301, 302) and method == "POST"):
        method, form = "GET", []
    return requests.Request(method, url, headers=headers, data=form)


def _judge(ask: Ask, reply: _Reply, now: datetime, conditional: bool) -> Answer | Unchanged | _Trouble:
    """What a complete reply means. Raises Blocked and NotPublished."""
    status, shown = reply.status, redact(reply.url)
    told = looks_blocked(reply.body)
    if told or status in (401, 403, 407, 451):
        said = f"HTTP {status}: {told}" if told else f"HTTP {status}"
        raise Blocked(
            f"{ask.source}: {urlsplit(shown).netloc} refuses us ({said}) at {shown}; "
            "save the report in a browser and put it in the inbox"
        )
    if status in (404, 410):
        raise NotPublished(f"{ask.source}: nothing at {shown} for {ask.session} (HTTP {status})")
    kept = tuple((name, reply.headers[name]) for name in _KEPT_HEADERS if name in reply.headers)
    if status == 200:
        return Answer(reply.body, _name(reply.url), now, shown, ask.hint, kept)
    if status == 304 and conditional:
        return Unchanged(shown, now, kept)
    again = status == 429 or status >= 500
    wait = _retry_after(reply.headers, now) if again else 0.0
    asks = f" and the wish to be left alone for {wait:.0f} s" if wait else ""
    return _Trouble(f"HTTP {status}{asks}", again, wait)


def _retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds the server asks us to wait, counted from its own clock where it shows one; 0 where it does not say."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    with suppress(ValueError, TypeError, OverflowError):
        sent = parsedate_to_datetime(headers["date"]) if "date" in headers else now
        return max(0.0, (aware(parsedate_to_datetime(value)) - aware(sent)).total_seconds())
    return 0.0


def _name(url: str) -> str:
    """A file name for people: the last piece of the path, plain characters only, else the host."""
    parts = urlsplit(url)
    last = unquote(parts.path).rstrip("/").rpartition("/")[2]
    return re.sub(r"[^\w.()+ -]", "_", last)[:120].lstrip(".") or (parts.hostname or "answer")


def _words(error: BaseException) -> str:
    """What went wrong on the wire, in words of our own."""
    for kind, words in (
        (requests.exceptions.SSLError, "its certificate or TLS is not accepted"),
        (requests.exceptions.ConnectTimeout, "no connection in time"),
        (requests.exceptions.ReadTimeout, "it stopped answering"),
        (urllib3.exceptions.ReadTimeoutError, "it stopped answering"),
        ((urllib3.exceptions.ProtocolError, EOFError), "the answer broke off or is no HTTP"),
        (zlib.error, "the answer is compressed in a way we did not ask for, or damaged"),
    ):
        if isinstance(error, kind):
            return words
    seen = error
    while inner := seen.__cause__ or seen.__context__:
        seen = inner
    if isinstance(seen, OSError) and seen.strerror:
        return f"{seen.strerror}".lower()
    return f"the exchange failed ({type(seen).__name__})"
