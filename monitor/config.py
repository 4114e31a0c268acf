"""config.toml as frozen settings: every problem reported at once, the nearest known key named."""

from __future__ import annotations

import difflib
import os
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.errors import ConfigError
from monitor.places import USUAL_HOME, Folders, find, home_of, read_toml, shipped

__all__ = ["Folders", "PageSettings", "Settings", "Smtp", "find", "home_of", "load", "secret", "shipped"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(_Section):
    """One source: whether the daemon asks for it, and the products it asks about."""

    fetch: bool = False


class Smtp(_Section):
    """The mail server. The password is read from a file only its owner may read, or from the environment."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    user: str = ""
    password_file: str = ""
    password_env: str = ""
    sender: str = ""
    ca_file: str = ""
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 60


class To(_Section):
    """One recipient with a floor and filters of its own; an empty filter lets everything through."""

    recipient: Annotated[str, Field(min_length=1)]
    """A mail address; for webhook and chat the name of its section."""
    channel: Literal["", "email", "file", "webhook", "chat"] = ""
    """'' for that of [mail]."""
    severity: Literal["warning", "critical"] = "warning"
    metals: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()

    @property
    def way(self) -> str:
        """The channel as the outbox names it; a webhook that is down holds up no other."""
        return f"{self.channel}:{self.recipient}" if self.channel in ("webhook", "chat") else self.channel


class Mail(_Section):
    """Who is told, and by which channel; how few mails a recipient gets."""

    channel: Literal["email", "file"] = "file"
    recipients: tuple[str, ...] = ()
    to: tuple[To, ...] = ()
    base_url: str = ""
    memo: Literal["daily", "weekly", "off"] = "daily"
    group_minutes: Annotated[int, Field(ge=0, le=1440)] = 60
    a_day: Annotated[int, Field(ge=1, le=100)] = 4
    critical_a_day: Annotated[int, Field(ge=1, le=100)] = 12
    overflow_at: time = time(7)
    smtp: Smtp = Smtp()

    @property
    def everyone(self) -> tuple[To, ...]:
        """Every recipient with the channel spelled out: those of `recipients`, who are told everything, and of `to`."""
        named = [To(recipient=name) for name in self.recipients]
        return tuple(
            one if one.channel else one.model_copy(update={"channel": self.channel}) for one in (*named, *self.to)
        )

    @property
    def places(self) -> dict[str, list[To]]:
        """All that is said of each recipient on each channel, under what stands where no address may."""
        found: dict[tuple[str, str], list[To]] = {}
        for one in self.everyone:
            found.setdefault((one.recipient, one.way), []).append(one)
        return {f"{parts[0].channel} recipient {n}": parts for n, parts in enumerate(found.values(), start=1)}

    @property
    def channels(self) -> frozenset[str]:
        """The kinds of channel anybody is told by."""
        return frozenset({self.channel, *(one.channel for one in self.everyone)})


class Webhook(_Section):
    """One address that gets alerts as signed JSON."""

    url: Annotated[str, Field(min_length=1)]
    secret_file: str = ""
    secret_env: str = ""
    ca_file: str = ""
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 20


class Chat(_Section):
    """One chat room, as an Apprise address, which holds a password: read from a file or the environment."""

    url_file: str = ""
    url_env: str = ""
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30


class DeadMan(_Section):
    """An address of a service that raises the alarm when it hears nothing from us."""

    url: str = ""
    url_file: str = ""
    url_env: str = ""
    every_seconds: Annotated[int, Field(ge=1, le=86_400)] = 300
    ca_file: str = ""


class Inbox(_Section):
    """Folders from which recognised files are copied into the inbox."""

    watch: tuple[str, ...] = ()


class Daemon(_Section):
    """How often it looks, how long it waits."""

    interval_seconds: Annotated[int, Field(ge=1, le=3600)] = 5
    source_deadline_seconds: Annotated[float, Field(gt=0, le=600)] = 60
    spacing_seconds: Annotated[float, Field(ge=0, le=600)] = 5
    retry_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    lookback_sessions: Annotated[int, Field(ge=1, le=400)] = 10


class Calendars(_Section):
    """The operator's own corrections to the trading days."""

    overrides: str = ""


class PageSettings(_Section):
    """The page in a browser: where it is served, under which names, and who is let in."""

    enabled: bool = True
    """Whether the daemon serves it."""
    listen: str = "127.0.0.1:8790"
    hosts: tuple[str, ...] = ()
    ask: Literal["loopback", "always", "never"] = "loopback"
    """Where questions of the reader's own are answered: only where no other machine reaches the page, or else."""
    token_file: str = ""
    token_env: str = ""


class CheckSettings(_Section):
    """Changes to one check: further thresholds, or silence."""

    enabled: bool = True
    threshold: tuple[dict[str, Any], ...] = ()


class Settings(_Section):
    """Everything config.toml may say."""

    home: str = USUAL_HOME
    contact: str = ""
    mail: Mail = Mail()
    webhook: dict[str, Webhook] = {}
    chat: dict[str, Chat] = {}
    deadman: DeadMan = DeadMan()
    inbox: Inbox = Inbox()
    daemon: Daemon = Daemon()
    calendars: Calendars = Calendars()
    page: PageSettings = PageSettings()
    sources: dict[str, SourceSettings] = {}
    checks: dict[str, CheckSettings] = {}


def load(config: str | None) -> Settings:
    """The settings, file names in them as full paths. Raises ConfigError listing every problem with its dotted key."""
    path = find(config)
    try:
        return _beside(path, Settings.model_validate(read_toml(path)))
    except ValidationError as error:
        problems = "\n".join(f"  {_sentence(item)}" for item in error.errors())
        raise ConfigError(f"{path} has {error.error_count()} problem(s):\n{problems}") from error


def _beside(path: Path, settings: Settings) -> Settings:
    """The settings with the calendar corrections sought where config.toml lies."""
    if not settings.calendars.overrides:
        return settings
    file = path.absolute().parent / Path(settings.calendars.overrides).expanduser()
    return settings.model_copy(update={"calendars": Calendars(overrides=str(file))})


def secret(path: str, variable: str, key: str = "mail.smtp.password_file") -> str:
    """A secret from a file only its owner may read (mode 0600 or tighter), or from an environment variable.

    Raises ConfigError where the file is missing or open to others; '' where neither is set.
    """
    if path:
        file = Path(path).expanduser()
        if not file.is_file():
            raise ConfigError(f"{key}: there is no file {file}")
        if file.stat().st_mode & 0o077:
            raise ConfigError(f"{key}: {file} may be read by others; run: chmod 600 {file}")
        return file.read_text(encoding="utf-8").strip()
    return os.environ.get(variable, "") if variable else ""


def _sentence(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] != "extra_forbidden":
        return f"{where}: {item['msg'].lower()} (it says {item['input']!r})"
    known = _keys_beside(item["loc"])
    near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known here: {', '.join(known)}"
    return f"{where}: unknown key{hint}"


def _keys_beside(location: tuple[Any, ...]) -> list[str]:
    """The keys allowed where an unknown one was found."""
    sections: dict[str, type[BaseModel]] = {
        "mail": Mail, "inbox": Inbox, "daemon": Daemon, "calendars": Calendars, "page": PageSettings,
        "sources": SourceSettings, "checks": CheckSettings, "smtp": Smtp, "to": To, "webhook": Webhook, "chat": Chat,
        "deadman": DeadMan,
    }  # fmt: skip
    named = [sections[part] for part in location[:-1] if part in sections]
    return sorted((named[-1] if named else Settings).model_fields)
