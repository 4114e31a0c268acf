"""One HTTP connection: to the address that was checked, within its time, its bytes counted and capped."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB


class Pace:
    """What one request may still take: seconds until the deadline, bytes on the wire."""

    def __init__(self, left: Callable[[], float], read: float, wire_cap: int) -> None:
        self.left = left
        self._read = read
        self._wire_left = wire_cap
        self.overflow = self.surplus = self.ending = False

    def patience(self) -> float:
        """Seconds the next read of the socket may wait. Raises TimeoutError past the deadline."""
        if self.ending:
            return 0.0
        left = self.left()
        if left <= 0:
            raise TimeoutError("deadline")
        return min(self._read, left)

    def count(self, received: int) -> None:
        """Raises OSError where more came over the wire than any honest answer within the cap needs."""
        self._wire_left -= received
        if self._wire_left < 0:
            self.overflow = True
            raise OSError("too many bytes")


PACE: ContextVar[Pace] = ContextVar("pace")


class _PacedSocket(io.RawIOBase):
    """Reads the socket, status line and headers included, each time for no longer than the pace allows.

    `requests` resets its timeout with every byte, so that a dripping server could hold us for ever.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, pace: Pace) -> None:
        self._raw, self._sock, self._pace = raw, sock, pace

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._pace.patience())
        received: int | None = self._raw.readinto(buffer)
        self._pace.count(received or 0)
        return received

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PacedBuffer(io.BufferedReader):
    """Notes at its close whether the server had sent more than the length it announced."""

    def __init__(self, raw: _PacedSocket, pace: Pace) -> None:
        super().__init__(raw)
        self._pace = pace

    def close(self) -> None:
        if not self.closed:
            self._pace.ending = True
            with suppress(OSError, ValueError):
                self._pace.surplus = bool(self.peek(1).strip(b"\r\n"))
        super().close()


class _PacedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        pace = PACE.get()
        if isinstance(sock, ssl.SSLSocket):
            # Where no length is announced, only the farewell of TLS tells an end from a cut.
            sock.suppress_ragged_eofs = False  # type: ignore[attr-defined]
        self.fp = _PacedBuffer(_PacedSocket(self.fp.detach(), sock, pace), pace)


class _PlainConnection(HTTPConnection):
    response_class = _PacedResponse


class _TlsConnection(HTTPSConnection):
    response_class = _PacedResponse


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _tells_a_cut() -> ssl.SSLContext:
    """TLS as urllib3 sets it up, and a connection that ends without farewell is an error.

    Some builds of Python (Debian's 3.11.2) have OpenSSL 3 take such an end for a whole answer.
    """
    context = create_urllib3_context()
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    return context


class _PinnedAdapter(HTTPAdapter):
    """Connects to the address that was checked, under the name that was asked: no second look-up in between."""

    def __init__(self) -> None:
        super().__init__()
        self.pins: dict[str, str] = {}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_tells_a_cut(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        where, how = super().build_connection_pool_key_attributes(request, verify, cert)
        name = where["host"]
        named = {"server_hostname": name, "assert_hostname": name} if where["scheme"] == "https" else {}
        return {**where, "host": self.pins[name]}, {**how, **named}


class Session(requests.Session):
    """A session that follows nothing by itself and takes nothing from the environment (no proxies, no .netrc)."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.adapter = _PinnedAdapter()
        self.mount("https://", self.adapter)
        self.mount("http://", self.adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: `requests` would otherwise read a redirect's whole body, of any size."""


# --- bodies -----------------------------------------------------------------------------


class TooBig(Exception):
    """The body passed the cap."""


def _gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decompresses member by member, a quarter of a MiB at a time. Raises EOFError where the stream is cut."""
    stream = zlib.decompressobj(31)
    for piece in pieces:
        rest = piece
        while rest:
            if stream.eof:
                stream = zlib.decompressobj(31)
            yield stream.decompress(rest, _MIB // 4)
            rest = stream.unused_data if stream.eof else stream.unconsumed_tail
    yield stream.flush()
    if not stream.eof:
        raise EOFError


def body_of(response: requests.Response, cap: int) -> bytes:
    """The whole decoded body. Raises TooBig past `cap` bytes, and whatever a short or damaged body raises."""
    pieces: Iterable[bytes] = response.raw.stream(64 * _KIB, decode_content=False)
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        pieces = _gunzip(pieces)
    elif encoding not in ("", "identity"):
        raise zlib.error("unknown encoding")
    body = io.BytesIO()  # hands its bytes over without a second copy
    for piece in pieces:
        body.write(piece)
        if body.tell() > cap:
            raise TooBig
    return body.getvalue()


def head_of(response: requests.Response) -> bytes:
    """What can be had of an error page's first 64 KiB; it only serves to name the refusal."""
    with suppress(TooBig, *WIRE_ERRORS):
        return body_of(response, 64 * _KIB)
    return b""


WIRE_ERRORS: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    EOFError,
    zlib.error,
    UnicodeError,
)
