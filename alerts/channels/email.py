"""Mail by SMTP: one transaction for one recipient, over checked TLS, within one deadline.

What the server answers decides what happens next: see `send`.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, Literal

from alerts.mime import address, as_mail
from alerts.reach import is_loopback
from alerts.smtp import Conversation
from alerts.textual import one_line
from monitor.errors import ConfigError, Undeliverable
from monitor.model import Notice

LAST_WORDS_SECONDS = 2.0
"""What the server gets to say goodbye in; the mail is already accepted by then."""
_ABOUT_THIS_MAIL: Final = ("rcpt", "data")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where mail goes out. Raises ConfigError naming the key that is wrong."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    user: str | None
    password: str | None = field(repr=False)
    sender: str
    hostname: str
    """What we call ourselves in EHLO."""
    timeout_seconds: float = 60.0
    """For the whole conversation, not for each step."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's."""

    def __post_init__(self) -> None:
        if self.tls not in ("starttls", "implicit", "none"):
            raise ConfigError(f"email.tls is {self.tls!r}; write starttls or implicit")
        if self.tls == "none" and not is_loopback(self.host):
            raise ConfigError(f"email.tls is none, but {self.host!r} is another machine; write starttls or implicit")
        if not 0 < self.port < 65536:
            raise ConfigError(f"email.port is {self.port}; ports are 1 to 65535")
        if not 0 < self.timeout_seconds <= 600:
            raise ConfigError(f"email.timeout_seconds is {self.timeout_seconds}; write 1 to 600")
        if (self.user is None) != (self.password is None):
            raise ConfigError("email.user and email.password go together; one of them is missing")
        if re.fullmatch(r"[A-Za-z0-9._\[\]:-]{1,255}", self.hostname) is None:
            raise ConfigError(f"email.hostname is {one_line(self.hostname, 80)!r}; write a plain host name")
        try:
            address(self.sender)
        except ValueError as error:
            raise ConfigError(f"email.sender: {error}") from None


def render(notice: Notice, settings: Settings, date: datetime) -> bytes:
    """The mail as it will be sent. Raises ValueError where sender, recipient or Message-ID are malformed."""
    return as_mail(notice, settings.sender, date)


def send(notice: Notice, settings: Settings, now: datetime) -> str:
    """Send one mail, dated `now`; the server's reply to its acceptance.

    Raises Undeliverable:

    - permanent, stage rcpt or data: 5xx to RCPT or DATA, or an address that is none; this mail never will be taken
    - stage auth, mail or tls: 5xx to AUTH, MAIL or STARTTLS, no TLS, bad certificate; no mail will, until mended
    - stage connect: no connection; 4xx, hung up or still talking at the deadline before RCPT; any mail, later
    - stage rcpt or data, not permanent: the same at RCPT or DATA, where the server may have taken the mail; later
    """
    try:
        body = render(notice, settings, now)
        recipient = address(notice.recipient)[1]
    except ValueError as error:
        raise Undeliverable(str(error), permanent=True, stage="rcpt") from None
    conversation = Conversation(settings.host, settings.hostname, time.monotonic() + settings.timeout_seconds)
    try:
        return _transaction(conversation, settings, recipient, body)
    finally:
        conversation.part(LAST_WORDS_SECONDS)


def _transaction(conversation: Conversation, settings: Settings, recipient: str, body: bytes) -> str:
    step = partial(_step, conversation, settings)
    context = _context(settings)
    with step("connect"):
        _expect(conversation.open(settings.port, context if settings.tls == "implicit" else None), 220)
        _expect(conversation.greet(), 250)
    if context is not None and settings.tls == "starttls":
        with step("tls"):
            conversation.starttls(context=context)
            _expect(conversation.greet(), 250)
    if settings.user is not None and settings.password is not None:
        with step("auth"):
            conversation.login(settings.user, settings.password)
    with step("mail"):
        _expect(conversation.mail(address(settings.sender)[1]), 250)
    with step("rcpt"):
        _expect(conversation.rcpt(recipient), 250, 251)
    with step("data"):
        return _expect(conversation.data(body), 250)


def _context(settings: Settings) -> ssl.SSLContext | None:
    """Certificates and host name checked, TLS 1.2 or newer; None for plain SMTP to this machine."""
    if settings.tls == "none":
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise Undeliverable(
            f"email.ca_file {settings.ca_file} holds no certificates that can be read ({error}); mend the file",
            stage="tls",
        ) from None


def _expect(reply: tuple[int, bytes], *good: int) -> str:
    code, words = reply
    if code not in good:
        raise smtplib.SMTPResponseException(code, words)
    return one_line(f"{code} {words.decode(errors='replace')}")


@contextlib.contextmanager
def _step(conversation: Conversation, settings: Settings, name: str) -> Iterator[None]:
    """Whatever goes wrong inside, as the Undeliverable that `send` promises."""
    try:
        yield
    except (OSError, ValueError) as error:
        if time.monotonic() >= conversation.deadline:
            said, fate = f"no end within {settings.timeout_seconds:g} s", (_blamed(name), False)
        else:
            said, fate = _said(error, settings), _fate(error, name)
        stage, permanent = fate
        message = f"{settings.host}:{settings.port} at {name}: {said}"
        # Not chained: an error of AUTH carries the password.
        raise Undeliverable(message, permanent=permanent, stage=stage) from None


def _fate(error: Exception, name: str) -> tuple[str, bool]:
    """(stage, permanent) of an error at a step; see `send`."""
    about_mail = name in _ABOUT_THIS_MAIL
    if isinstance(error, smtplib.SMTPResponseException):
        if not 500 <= error.smtp_code <= 599:
            return _blamed(name), False
        # 530 asks for AUTH or TLS: the settings are wrong, not the recipient.
        return ("auth", False) if about_mail and error.smtp_code == 530 else (name, about_mail)
    if isinstance(error, smtplib.SMTPServerDisconnected | ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _blamed(name), False
    if isinstance(error, ssl.SSLError):
        return "tls", False
    if isinstance(error, smtplib.SMTPException | UnicodeError):
        return name, False
    return _blamed(name), False


def _blamed(name: str) -> str:
    """The stage of a temporary failure: before RCPT the line to the server, whatever was being said."""
    return name if name in _ABOUT_THIS_MAIL else "connect"


def _said(error: Exception, settings: Settings) -> str:
    """The error in words, without the password, whatever the server echoes."""
    if isinstance(error, UnicodeError):
        return "user, password or host has characters that SMTP cannot carry"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate does not hold: {one_line(error.verify_message)}"
    if not isinstance(error, smtplib.SMTPResponseException):
        return one_line(str(error) or type(error).__name__)
    words = error.smtp_error
    said = f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return one_line(said.replace(settings.password, "***") if settings.password else said)
