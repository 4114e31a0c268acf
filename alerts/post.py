"""One HTTP request to an address the operator named, within one deadline; the status is all that is read of the answer.

No redirect is followed, no proxy is used, and of TLS the certificate and the host name are checked.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from alerts.reach import is_loopback, reach
from alerts.textual import one_line
from monitor.errors import ConfigError, Undeliverable

MOST_SAID: Final = 65_536
"""Bytes of an answer that are read while looking for the end of its headers."""
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]{0,100}))?\r?\n")
_SAFE: Final = re.compile(r"[\x21-\x7e]{1,2000}")


@dataclass(frozen=True, slots=True)
class Address:
    """An address to send to, with what checks its certificate."""

    url: str
    ca_file: str | None = None

    def checked(self, key: str) -> Address:
        """Itself; ConfigError naming `key` where it is no https address (http is for this machine only)."""
        parts = self._parts()
        if parts is None or _SAFE.fullmatch(self.url) is None:
            raise ConfigError(f"{key} is no address such as https://host/path")
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ConfigError(f"{key}: http is for this machine only; write https")
        if parts.username is not None or parts.password is not None:
            raise ConfigError(f"{key}: leave user and password out of the address")
        return self

    def _parts(self) -> SplitResult | None:
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError:
            return None
        return parts if parts.scheme in ("http", "https") and parts.hostname else None

    def split(self) -> tuple[str, int, bool, str]:
        """(host, port, whether TLS, path with its query)."""
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return parts.hostname or "", parts.port or (443 if secure else 80), secure, path


def post(
    address: Address, body: bytes, headers: Mapping[str, str], seconds: float, *, method: str = "POST"
) -> tuple[int, str]:
    """(status, "204 No Content") of one request that ends, whatever the server does, after so many seconds.

    Raises Undeliverable, never permanent and without the address: stage `connect` or `tls` before anything was said,
    `data` once something was, for then the server may have taken it.
    """
    deadline = time.monotonic() + seconds
    host, port, secure, path = address.split()

    def remaining() -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no end within {seconds:g} s")
        return left

    stage, sock = "connect", None
    try:
        sock = reach(host, port, remaining)
        if secure:
            sock.settimeout(remaining())
            sock = _context(address.ca_file).wrap_socket(sock, server_hostname=host)
        stage = "data"
        _send(sock, _head(method, host, port, path, headers, len(body)) + body, remaining)
        return _answer(sock, remaining)
    except ssl.SSLCertVerificationError as error:
        said, stage = f"the certificate does not hold: {one_line(error.verify_message)}", "tls"
    except (OSError, ValueError) as error:
        said = one_line(error.strerror or error if isinstance(error, OSError) else error) or type(error).__name__
    finally:
        if sock is not None:
            sock.close()
    raise Undeliverable(f"{host}:{port} at {stage}: {said}", stage=stage)


def _context(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Undeliverable(f"{ca_file} holds no certificates that can be read ({error})", stage="tls") from None


def _head(method: str, host: str, port: int, path: str, headers: Mapping[str, str], length: int) -> bytes:
    shown = f"[{host}]" if ":" in host else host
    fields = {"Host": f"{shown}:{port}", "Connection": "close", "Content-Length": str(length), **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {one_line(value, 300)}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace")


def _send(sock: socket.socket, data: bytes, remaining: Callable[[], float]) -> None:
    for start in range(0, len(data), 16_384):
        sock.settimeout(remaining())
        sock.sendall(data[start : start + 16_384])


def _answer(sock: socket.socket, remaining: Callable[[], float]) -> tuple[int, str]:
    """The status once its headers are whole; those of interim answers (1xx) are passed over."""
    said = b""
    while True:
        head, end, rest = said.partition(b"\r\n\r\n")
        if end:
            status, words = _status(head + b"\r\n")
            if status >= 200:
                return status, words
            said = rest
            continue
        if len(said) > MOST_SAID:
            raise ValueError("the answer has no end")
        sock.settimeout(remaining())
        piece = sock.recv(4_096)
        if not piece:
            return _status(said)
        said += piece


def _status(head: bytes) -> tuple[int, str]:
    found = _STATUS.match(head)
    if found is None:
        raise ValueError("the answer is no HTTP")
    return int(found[1]), one_line(f"{int(found[1])} {(found[2] or b'').decode(errors='replace')}", 100)
