"""What the composition roots hand in: channels by name, and the one that asks publishers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from monitor import config
from monitor.batch import Send, Teller
from monitor.errors import ConfigError
from monitor.house import House
from monitor.http import Fetcher
from monitor.turns import Turns


def release() -> str:
    """This build's version."""
    try:
        return version("bullion-monitor")
    except PackageNotFoundError:
        return "0"


def channels(settings: config.Settings, folders: config.Folders) -> Mapping[str, Send]:
    """The `file` channel always, `email` where anybody is told by it, each webhook and chat room that is named.

    Raises ConfigError where mail should leave by a server that is not named, a recipient names a webhook or room that
    is not there, or their settings make no sense.
    """
    from alerts.channels import file

    to_folder = file.Settings(folders.mail)
    found: dict[str, Send] = {"file": lambda notice, now: file.send(notice, to_folder, now)}
    if "email" in settings.mail.channels:
        found["email"] = _email(settings.mail.smtp)
    for name, hook in settings.webhook.items():
        found[f"webhook:{name}"] = _webhook(name, hook)
    for name, room in settings.chat.items():
        found[f"chat:{name}"] = _chat(name, room)
    for one in settings.mail.everyone:
        _reachable(one, found)
    return found


def _reachable(one: config.To, ways: Mapping[str, Send]) -> None:
    from alerts.mime import address

    if one.way not in ways:
        raise ConfigError(f"mail.to: there is no [{one.channel}.{one.recipient}] in config.toml")
    if one.channel in ("email", "file"):
        try:
            address(one.recipient)
        except ValueError as error:
            raise ConfigError(f"mail: {error}") from None


def _webhook(name: str, hook: config.Webhook) -> Send:
    from alerts.channels import webhook

    settings = webhook.Settings(
        name=name,
        url=hook.url,
        secret=config.secret(hook.secret_file, hook.secret_env, f"webhook.{name}.secret_file"),
        timeout_seconds=hook.timeout_seconds,
        ca_file=hook.ca_file or None,
    )
    return lambda notice, now: webhook.send(notice, settings, now)


def _chat(name: str, room: config.Chat) -> Send:
    from alerts.channels import chat

    url = config.secret(room.url_file, room.url_env, f"chat.{name}.url_file")
    settings = chat.Settings(name, url, room.timeout_seconds)
    return lambda notice, now: chat.send(notice, settings, now)


def _email(smtp: config.Smtp) -> Send:
    from alerts.channels import email

    if not smtp.host or not smtp.sender:
        raise ConfigError("mail.channel is 'email' but mail.smtp.host or mail.smtp.sender is empty")
    settings = email.Settings(
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        user=smtp.user or None,
        password=config.secret(smtp.password_file, smtp.password_env) or None,
        sender=smtp.sender,
        hostname=socket.gethostname(),
        timeout_seconds=smtp.timeout_seconds,
        ca_file=smtp.ca_file or None,
    )
    return lambda notice, now: email.send(notice, settings, now)


def dead_man(settings: config.Settings) -> Callable[[datetime], str] | None:
    """What tells a watching service that all went well; None where no address is named.

    Raises ConfigError where that is no https address.
    """
    from alerts.channels import deadman
    from alerts.post import Address

    named = settings.deadman
    url = named.url or config.secret(named.url_file, named.url_env, "deadman.url_file")
    if not url:
        return None
    address = Address(url.strip(), named.ca_file or None)
    return deadman.DeadMan(deadman.Settings(address, timedelta(seconds=named.every_seconds))).ping


def fetcher(settings: config.Settings, folders: config.Folders, *, allow_private: bool = False) -> Fetcher | None:
    """Who asks publishers, taking turns with all others of this home; None without a contact for the User-Agent."""
    if not settings.contact:
        return None
    return Fetcher(
        settings.contact,
        version=release(),
        deadline=settings.daemon.source_deadline_seconds,
        spacing=settings.daemon.spacing_seconds,
        allow_private=allow_private,
        manners=Turns(folders.turns),
    )


def tell(house: House, now: datetime) -> None:
    """One batch without a daemon: read, tell, publish, deliver what is due."""
    teller = Teller(house, channels(house.settings, house.folders))
    try:
        teller.turn(now)
        teller.deliver(now)
    finally:
        teller.close()
