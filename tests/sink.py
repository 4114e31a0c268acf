"""A real HTTP server that keeps what it is sent, and can be told to misbehave.

with Sink() as sink:
    sink.script.status = 503
    post(sink.address("/alerts"), b"{}", {}, 5)
    assert sink.requests[0].body == b"{}"
"""

from __future__ import annotations

import ssl
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import cast

from alerts.post import Address
from tests.mailserver import authority


@dataclass(frozen=True)
class Request:
    """One request as it arrived; header names in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """What the server does with requests; may be changed while it runs."""

    status: int = 204
    first: list[int] = field(default_factory=list)
    """Statuses of the next requests, one each, before `status`."""
    location: str = ""
    hang_up: bool = False
    """The request is kept and then the connection cut before an answer."""
    drip: bool = False
    """The answer comes one byte each 50 ms, for as long as the server runs."""
    raw: bytes = b""
    """Said instead of any answer."""


class Sink:
    """A context manager: a server in a thread of its own, on a free port of 127.0.0.1."""

    def __init__(self, *, tls: bool = False, script: Script | None = None) -> None:
        self.script = script or Script()
        self.requests: list[Request] = []
        self.is_closed = False
        self._folder = tempfile.TemporaryDirectory()
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.sink = self
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            authority().cert_pem.write_to_path(self.ca_file)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority().issue_cert("localhost", "127.0.0.1").configure_cert(context)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def address(self, path: str = "/") -> Address:
        return Address(self.base + path, self.ca_file if self._scheme == "https" else None)

    def __enter__(self) -> Sink:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_closed = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
        self._folder.cleanup()


class _Server(ThreadingHTTPServer):
    sink: Sink

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def server_sink(self) -> Sink:
        return cast("_Server", self.server).sink

    def do_POST(self) -> None:
        sink = self.server_sink
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        sink.requests.append(Request(self.command, self.path, headers, body))
        script = sink.script
        self.close_connection = True
        if script.hang_up:
            return
        if script.raw:
            self.wfile.write(script.raw)
            return
        if script.drip:
            self._drip()
            return
        self.send_response(script.first.pop(0) if script.first else script.status)
        if script.location:
            self.send_header("Location", script.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST  # noqa: N815

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 204 No Content\r\n")
        while not self.server_sink.is_closed:
            self.wfile.write(b"X")
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Not on the terminal."""
