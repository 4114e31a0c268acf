"""Words to the service manager (sd_notify): ready, alive, stopping. Nothing happens where none listens."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
STOPPING: Final = "STOPPING=1"


def notify(words: str) -> None:
    """Send to the socket that NOTIFY_SOCKET names; an `@` before it is an abstract one."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.connect("\0" + name[1:] if name[0] == "@" else name)
        sock.send(words.encode())
