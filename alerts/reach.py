"""A socket to a host by name, all tries together within one deadline."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable


def reach(host: str, port: int, remaining: Callable[[], float]) -> socket.socket:
    """A socket to the first address of `host` that answers; `remaining` gives the seconds left, or raises.

    The look-up of the name has no deadline of its own: the system's resolver sets it. Raises OSError.
    """
    failure: OSError = ConnectionError(f"{host} has no address")
    for _, _, _, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            return socket.create_connection((str(place[0]), port), remaining())
        except OSError as error:
            failure = error
    raise failure


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
