"""config.toml as frozen settings: every problem reported at once, the nearest known key named."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.errors import ConfigError
from monitor.places import USUAL_HOME, Folders, find, home_of, read_toml, shipped

__all__ = ["Folders", "Settings", "Smtp", "find", "home_of", "load", "secret", "shipped"]


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


class Mail(_Section):
    """Who is told, and by which channel."""

    channel: Literal["email", "file"] = "file"
    recipients: tuple[str, ...] = ()
    base_url: str = ""
    memo: Literal["daily", "weekly", "off"] = "daily"
    smtp: Smtp = Smtp()


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


class CheckSettings(_Section):
    """Changes to one check: further thresholds, or silence."""

    enabled: bool = True
    threshold: tuple[dict[str, Any], ...] = ()


class Settings(_Section):
    """Everything config.toml may say."""

    home: str = USUAL_HOME
    contact: str = ""
    mail: Mail = Mail()
    inbox: Inbox = Inbox()
    daemon: Daemon = Daemon()
    calendars: Calendars = Calendars()
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


def secret(path: str, variable: str) -> str:
    """A password from a file only its owner may read (mode 0600 or tighter), or from an environment variable.

    Raises ConfigError where the file is missing or open to others; '' where neither is set.
    """
    if path:
        file = Path(path).expanduser()
        if not file.is_file():
            raise ConfigError(f"mail.smtp.password_file: there is no file {file}")
        if file.stat().st_mode & 0o077:
            raise ConfigError(f"mail.smtp.password_file: {file} may be read by others; run: chmod 600 {file}")
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
        "mail": Mail, "inbox": Inbox, "daemon": Daemon, "calendars": Calendars, "sources": SourceSettings,
        "checks": CheckSettings,
        "smtp": Smtp,
    }  # fmt: skip
    named = [sections[part] for part in location[:-1] if part in sections]
    return sorted((named[-1] if named else Settings).model_fields)
