"""An SMTP conversation that ends at its deadline, whatever the server does.

A socket's timeout starts anew with every byte, so a server that drips could hold the standard client for hours; here
every wait is as long as what is left of the whole.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from alerts.reach import reach

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE = 16_384
"""Bytes sent at a time: one TLS record, so that one wait covers one write."""
REPLIES = 65_536
"""Bytes a server may say in one connection."""


class Conversation(smtplib.SMTP):
    """`smtplib.SMTP` with one deadline, in seconds of `time.monotonic`, for everything together.

    Past it, and where the server hangs up, methods raise OSError (`smtplib.SMTPServerDisconnected` is one).
    """

    def __init__(self, host: str, hostname: str, deadline: float) -> None:
        super().__init__(local_hostname=hostname)
        self._host = host.strip("[]")
        self.deadline = deadline

    def remaining(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left

    def open(self, port: int, context: ssl.SSLContext | None) -> tuple[int, bytes]:
        """Connect, with TLS at once where a context is given; the server's greeting."""
        self.sock = reach(self._host, port, self.remaining)
        if context is not None:
            self.sock.settimeout(self.remaining())
            self.sock = context.wrap_socket(self.sock, server_hostname=self._host)
        return self.getreply()

    def greet(self) -> tuple[int, bytes]:
        """EHLO, or HELO where the server knows no other."""
        code, words = self.ehlo()
        return (code, words) if code == 250 else self.helo()

    def send(self, s: ReadableBuffer | str) -> None:
        data = s.encode(self.command_encoding) if isinstance(s, str) else memoryview(s).tobytes()
        for start in range(0, len(data), PIECE):
            if self.sock is not None:
                self.sock.settimeout(self.remaining())
            super().send(data[start : start + PIECE])

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock, self.remaining)
        reply = super().getreply()
        if self.sock is not None:
            # For the TLS handshake that may follow; a reply that came at the last moment still counts.
            self.sock.settimeout(max(self.deadline - time.monotonic(), 0.001))
        return reply

    def part(self, seconds: float) -> None:
        """QUIT, waiting at most `seconds` for the answer, and close; never raises."""
        self.deadline = min(self.deadline, time.monotonic() + seconds)
        try:
            if self.sock is not None:
                self.quit()
        except OSError:
            pass  # the mail is taken or refused by now; how the server says goodbye changes nothing
        finally:
            self.close()


class _Lines:
    """The reading side of a socket as `smtplib` wants it; goes with its connection, as STARTTLS demands."""

    def __init__(self, sock: socket.socket, remaining: Callable[[], float]) -> None:
        self._sock = sock
        self._remaining = remaining
        self._buffer = b""
        self._taken = 0

    def readline(self, limit: int) -> bytes:
        """One whole line, or nothing where the server hung up; OSError where it talks without end."""
        while b"\n" not in self._buffer:
            if self._taken > REPLIES or len(self._buffer) >= limit:
                raise OSError("the server's reply has no end")
            self._sock.settimeout(self._remaining())
            piece = self._sock.recv(4_096)
            if not piece:
                return b""
            self._taken += len(piece)
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line + b"\n"

    def close(self) -> None:
        self._buffer = b""
