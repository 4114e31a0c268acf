"""Alerts as signed JSON to an address of the operator's.

The body is one UTF-8 JSON object, `version` 1: `id` (the Message-ID, the same however often it is sent), `thread`
(ids of the story's earlier messages, oldest first), `subject`, `text`, and `events`, one object for each change: check,
subject, event, severity, opened, session, closed, value, unit, words. Headers: `X-Bullion-Timestamp`, seconds since
1970; `X-Bullion-Signature`, `v1=` and the hexadecimal HMAC-SHA256, under the shared secret, of timestamp, a full stop
and the body; `Idempotency-Key`, the id. A receiver should refuse a timestamp more than five minutes from its own clock.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from alerts.post import Address, post
from monitor.errors import ConfigError, Undeliverable
from monitor.model import Notice

SHORTEST_SECRET: Final = 16
_LATER: Final = (408, 409, 423, 425, 429)
_MEND: Final = (401, 403, 404, 405, 407, 410)
"""Statuses that say that address or secret are wrong, not the message."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to, and what signs. Raises ConfigError naming the key that is wrong."""

    name: str
    url: str
    secret: str = field(repr=False)
    timeout_seconds: float = 20.0
    """For the whole exchange."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's."""

    def __post_init__(self) -> None:
        self.address.checked(f"webhook.{self.name}.url")
        if len(self.secret) < SHORTEST_SECRET:
            raise ConfigError(
                f"webhook.{self.name}: its secret has {len(self.secret)} characters and needs {SHORTEST_SECRET}; "
                "name secret_file or secret_env"
            )

    @property
    def address(self) -> Address:
        return Address(self.url, self.ca_file)


def render(notice: Notice) -> bytes:
    """The body, the same bytes every time."""
    said = {
        "version": 1,
        "id": notice.message_id,
        "thread": list(notice.references),
        "subject": notice.subject,
        "text": notice.text,
        "events": [dict(event) for event in notice.events],
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode(errors="replace")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=<64 hexadecimal digits>`."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def send(notice: Notice, settings: Settings, now: datetime) -> str:
    """Send one notice, stamped `now`; the status it was taken with.

    Raises Undeliverable:

    - permanent, stage data: any other 4xx; this message never will be taken
    - stage auth: 401, 403, 404, 405, 407, 410 or a redirect; none will, until address or secret are mended
    - stage data, not permanent: 408, 409, 423, 425, 429 or 5xx, or no answer, where it may have been taken; later
    - stage connect or tls: as `post` says; later
    """
    body, timestamp = render(notice), str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "bullion",
        "Idempotency-Key": notice.message_id,
        "X-Bullion-Timestamp": timestamp,
        "X-Bullion-Signature": signature(settings.secret, timestamp, body),
    }
    status, words = post(settings.address, body, headers, settings.timeout_seconds)
    if 200 <= status < 300:
        return words
    stage = "auth" if status in _MEND or 300 <= status < 400 else "data"
    permanent = stage == "data" and 400 <= status < 500 and status not in _LATER
    raise Undeliverable(f"webhook {settings.name} answered {words}", permanent=permanent, stage=stage)
