"""Alerts as a short text to a chat room, by whichever service Apprise knows; an optional extra.

Not tried against any real service: the tests speak to Apprise's own JSON notifier on this machine. What a service
refused is not told apart from what it could not be asked, so that everything is tried again for as long as the outbox
waits.
"""

from __future__ import annotations

import importlib
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from alerts.textual import one_line
from monitor.errors import ConfigError, Undeliverable
from monitor.model import Notice

LONGEST: Final = 1_500
"""Characters of a message: rooms are read on a telephone, and the mail has the rest."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One room. Raises ConfigError where the extra is not installed, or the address is none that Apprise knows."""

    name: str
    url: str = field(repr=False)
    """Apprise's address of it, which holds a token."""
    timeout_seconds: float = 30.0

    def __post_init__(self) -> None:
        if not self.url or not _apprise(self.name).Apprise().add(self.url):
            raise ConfigError(f"chat.{self.name}: url_file or url_env holds no address that Apprise knows")


def send(notice: Notice, settings: Settings, now: datetime) -> str:  # noqa: ARG001 - as every channel's `send`
    """Hand one notice to the service. Raises Undeliverable, stage data, not permanent, where it says no or nothing."""
    apprise = _apprise(settings.name)
    room = apprise.Apprise()
    room.add(settings.url)
    answers: list[bool] = []

    def work() -> None:
        answers.append(bool(room.notify(title=one_line(notice.subject, 118), body=notice.text[:LONGEST])))

    worker = threading.Thread(target=work, name=f"chat-{settings.name}", daemon=True)
    worker.start()
    worker.join(settings.timeout_seconds)
    if worker.is_alive():
        raise Undeliverable(f"chat {settings.name}: no end within {settings.timeout_seconds:g} s", stage="data")
    if answers != [True]:
        raise Undeliverable(f"chat {settings.name}: the service did not take it", stage="data")
    return "taken by the service"


def _apprise(name: str) -> Any:
    try:
        return importlib.import_module("apprise")
    except ImportError:
        raise ConfigError(
            f"chat.{name} needs Apprise, which is not installed: pip install 'bullion-monitor[chat]'"
        ) from None
