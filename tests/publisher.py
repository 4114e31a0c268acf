"""A publisher on loopback: a real threaded HTTP server whose routes a test scripts, faults included.

    with Publisher() as publisher:
        publisher.set("/stocks.xls", body, etag='"1"')
        publisher.set("/busy", replies=[Reply(status=503), Reply(b"at last")])
        answer = fetcher.fetch(Ask("s", day, publisher.url("/stocks.xls")), publisher.hosts, now=now)
        assert publisher.log[0].headers["User-Agent"] == ...

Routes are keyed by path without query, or with it where a test sets it so. `publisher.mirror(ask)` turns a
question to an exchange into the same question to this server, at `/<host><path>`, so that whole days can be played.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import trustme

from monitor.model import Ask


@dataclass(frozen=True)
class Reply:
    """What a route answers. The fields below `headers` are faults; each alone, on top of an honest reply."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    etag: str | None = None
    """With it, a question carrying the same `If-None-Match` gets 304 and no body."""
    length: int | None = None
    """Announced instead of the true length."""
    cut: int | None = None
    """Only so many bytes of the body are sent, then the connection closes."""
    chunked: bool = False
    drip: float = 0.0
    """Seconds between single bytes of the body, or of the whole reply where `raw`."""
    raw: bytes | None = None
    """Sent instead of everything above, status line and headers included."""
    abrupt: bool = False
    """Under TLS: the connection ends without the farewell that tells an end from a cut."""
    hang: bool = False
    """Says nothing until the publisher closes."""


@dataclass(frozen=True)
class Seen:
    """One question that arrived. `at` is a monotonic time in seconds."""

    at: float
    method: str
    target: str
    headers: Message
    body: bytes


@dataclass
class _Route:
    replies: list[Reply] = field(default_factory=list)

    def next(self) -> Reply:
        """Each reply once, the last one for ever."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class Publisher:
    """The server; use it as a context manager. `tls` gives it a certificate of its own authority, see `ca_file`."""

    def __init__(self, *, tls: bool = False, host: str = "127.0.0.1", names: Sequence[str] = ()) -> None:
        self.log: list[Seen] = []
        self.closing = threading.Event()
        self._routes: dict[str, _Route] = {}
        self._lock = threading.Lock()
        self._server = (_Server6 if ":" in host else _Server)((host, 0), _Handler)
        self._server.publisher = self
        self.host, self.port = f"[{host}]" if ":" in host else host, int(self._server.server_address[1])
        self._scheme = "https" if tls else "http"
        self._authority: trustme.CA | None = None
        if tls:
            self._authority = trustme.CA()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host, *names).configure_cert(context)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The allow-list under which this server, and nothing else, may be asked."""
        return (f"{self.host}:{self.port}",)

    def url(self, path: str, *, host: str | None = None) -> str:
        return f"{self._scheme}://{host or self.host}:{self.port}{path}"

    def ca_file(self, folder: Path) -> str:
        """Writes the certificate of the server's authority into `folder`; its path."""
        assert self._authority is not None, "a publisher without tls has no authority"
        path = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(path))
        return str(path)

    def set(self, path: str, body: bytes = b"", *, replies: Sequence[Reply] = (), **fields: Any) -> None:
        """Scripts a route: one reply from `body` and the fields of Reply, or `replies` one after the other."""
        with self._lock:
            self._routes[path] = _Route(list(replies) or [Reply(body, **fields)])

    def unset(self, path: str) -> None:
        """The route answers 404 again."""
        with self._lock:
            self._routes.pop(path, None)

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.set(path, status=status, headers=(("Location", to),))

    def bomb(self, path: str, mebibytes: int, **fields: Any) -> None:
        """A gzip body that grows to so many MiB of zeros."""
        headers = (("Content-Encoding", "gzip"), *fields.pop("headers", ()))
        self.set(path, _bomb(mebibytes), headers=headers, **fields)

    def mirror(self, ask: Ask) -> Ask:
        """The same question, put to this server at `/<host><path>?<query>`."""
        parts = urlsplit(ask.url)
        query = f"?{parts.query}" if parts.query else ""
        return replace(ask, url=self.url(f"/{parts.netloc}{parts.path}{query}"))

    def times(self, path: str) -> int:
        """How often the path was asked, whatever the query."""
        return sum(seen.target.partition("?")[0] == path for seen in self.log)

    def reply_to(self, seen: Seen) -> Reply:
        """Logs the question and takes the reply that is its turn."""
        with self._lock:
            self.log.append(seen)
            route = self._routes.get(seen.target) or self._routes.get(seen.target.partition("?")[0])
            reply = route.next() if route else Reply(b"not here", status=404)
        if reply.etag and seen.headers.get("If-None-Match") == reply.etag:
            return Reply(status=304, etag=reply.etag)
        return reply


def _bomb(mebibytes: int) -> bytes:
    """Members of 16 MiB of zeros, one after the other, about 16 kB each."""
    return gzip.compress(bytes(16 << 20)) * (mebibytes // 16)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    publisher: Publisher

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients that leave in the middle are what the tests are about."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(time.monotonic(), self.command, self.path, self.headers, body)
        reply = self.server.publisher.reply_to(seen)
        self.close_connection = True
        if reply.hang:
            self.server.publisher.closing.wait()
        elif reply.raw is not None:
            self._write(reply.raw, reply.drip)
        else:
            self._headers_of(reply)
            body = reply.body if reply.cut is None else reply.body[: reply.cut]
            self._write(_chunks(body, whole=reply.cut is None) if reply.chunked else body, reply.drip)
        if isinstance(self.connection, ssl.SSLSocket) and not reply.abrupt:
            self.connection.settimeout(1.0)
            with suppress(OSError):
                self.connection.unwrap()

    do_POST = do_GET  # noqa: N815  (the name BaseHTTPRequestHandler looks for)

    def _headers_of(self, reply: Reply) -> None:
        self.protocol_version = "HTTP/1.1"
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.etag:
            self.send_header("ETag", reply.etag)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
        self.end_headers()

    def _write(self, data: bytes, drip: float) -> None:
        if not drip:
            self.wfile.write(data)
            return
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            if self.server.publisher.closing.wait(drip):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the overridden name)
        """Nothing on stderr; `Publisher.log` has it all."""


def _chunks(body: bytes, *, whole: bool) -> bytes:
    """In chunks of 1,000 bytes; the last one is promised longer than it is unless `whole`."""
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    text = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return text + (b"0\r\n\r\n" if whole else b"1000\r\nbroken")
