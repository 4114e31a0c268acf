"""Which addresses may be asked, and how an address may be shown."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_SECRET: Final = re.compile(r"key|token|secret|passw|pwd|auth|credential|signature|\bsig\b|session", re.IGNORECASE)
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def redact(url: str) -> str:
    """The URL without user name, password and fragment, the values of secret-looking parameters as `***`."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "(an address that is no URL)"
    if any(_SECRET.search(key) for key, _ in pairs):
        shown = [(key, "***" if _SECRET.search(key) else value) for key, value in pairs]
        parts = parts._replace(query=urlencode(shown, safe="*/:,"))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def lookup(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host, in the system's order, each once. Raises OSError where the name does not resolve."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address lies on the open internet, also when written inside an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour or ip.teredo or ip.is_site_local:
            return False
        if ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        elif ip.ipv4_mapped:
            ip = ip.ipv4_mapped
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


@dataclass(frozen=True, slots=True)
class Target:
    host: str
    port: int
    plain: bool
    """http without TLS: only ever to this machine or network, and only where `allow_private`."""


def target_of(url: str, hosts: Sequence[str], *, allow_private: bool) -> Target | str:
    """Where a URL leads if it may be asked, else the reason why not."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "the address is malformed"
    plain = parts.scheme == "http"
    if not (parts.scheme == "https" or (plain and allow_private)):
        return f"only https is asked, not {parts.scheme or 'nothing'}:"
    if "@" in parts.netloc:
        return "the address carries a user name"
    usual = 80 if plain else 443
    name = f"[{host}]" if ":" in host else host
    if f"{name}:{port or usual}" not in hosts:
        if host not in hosts and name not in hosts:
            return f"{name or 'no host'} is not among the hosts of this source ({', '.join(hosts) or 'none'})"
        if port not in (None, usual) and not allow_private:
            return f"port {port} is not the usual one"
    return Target(host, port or usual, plain)
