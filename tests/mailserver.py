"""A real SMTP server on loopback for tests: TLS, AUTH, refusals by stage, lost replies, drips; it keeps the mails.

with MailServer() as server:                      # STARTTLS, no AUTH
    settings = server.settings()
with MailServer(tls="implicit", user="desk", password="x", script=Script(refuse={"rcpt": "550 no"})) as server:
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, AnyStr, Literal

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from alerts.channels.email import Settings

Tls = Literal["starttls", "implicit", "none"]


@dataclass(frozen=True)
class Mail:
    """One mail the server took, also where its reply was lost."""

    sender: str
    recipients: tuple[str, ...]
    body: bytes
    user: str | None
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.body, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Script:
    """What goes wrong; may be changed while the server runs.

    Stages: greeting, ehlo, starttls, auth, mail, rcpt, `rcpt:<address>`, data (the command), message (its end).
    """

    refuse: dict[str, str] = field(default_factory=dict)
    """Stage -> the reply given instead."""
    hang_up: set[str] = field(default_factory=set)
    """Stages at which the connection is cut instead of answered."""
    lose_replies: int = 0
    """How many mails are taken and then the connection cut before the reply."""
    drip: set[str] = field(default_factory=set)
    """Stages whose reply comes one byte each `drip_seconds`, and after it more without end."""
    drip_seconds: float = 0.05


@lru_cache(maxsize=1)
def authority() -> trustme.CA:
    """The certificate authority of these tests; made once, for it takes a while."""
    return trustme.CA()


class MailServer:
    """A context manager: a server in a thread of its own, on a free port of 127.0.0.1."""

    def __init__(
        self,
        *,
        tls: Tls = "starttls",
        user: str | None = None,
        password: str | None = None,
        script: Script | None = None,
        names: tuple[str, ...] = ("localhost", "127.0.0.1"),
    ) -> None:
        self.tls: Tls = tls
        self.user, self.password = user, password
        self.script = script or Script()
        self.mails: list[Mail] = []
        self.connections = 0
        """How many were opened so far."""
        self.host, self.port = "127.0.0.1", 0
        self._folder = tempfile.TemporaryDirectory()
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        authority().cert_pem.write_to_path(self.ca_file)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority().issue_cert(*names).configure_cert(self._context)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="mailserver", daemon=True)
        self._ready = threading.Event()
        self._sessions: list[_Session] = []

    def settings(self, **changes: Any) -> Settings:
        """Settings that reach this server."""
        known: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "tls": self.tls,
            "user": self.user,
            "password": self.password,
            "sender": "Bullion <bullion@example.org>",
            "hostname": "desk.example.org",
            "timeout_seconds": 10.0,
            "ca_file": None if self.tls == "none" else self.ca_file,
        }
        return Settings(**{**known, **changes})

    def __enter__(self) -> MailServer:
        self._thread.start()
        assert self._ready.wait(10), "the mail server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._folder.cleanup()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        context = self._context if self.tls == "implicit" else None
        serving = self._loop.run_until_complete(self._loop.create_server(self._session, self.host, 0, ssl=context))
        self.port = serving.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        serving.close()
        self._loop.run_until_complete(self._shut())
        self._loop.close()

    async def _shut(self) -> None:
        for session in self._sessions:
            session.cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_asyncgens()

    def _session(self) -> _Session:
        self.connections += 1
        self._sessions.append(_Session(self))
        return self._sessions[-1]

    def check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        """AUTH: whether the user and the password are the ones this server was made with."""
        good = self.user is not None and login.login == self.user.encode()
        good = good and self.password is not None and login.password == self.password.encode()
        return AuthResult(success=good, handled=False, auth_data=login)


class _Session(SMTP):
    """One connection, with the script looked at before each reply."""

    def __init__(self, home: MailServer) -> None:
        self.home = home
        self.stage = "greeting"
        super().__init__(
            _Keeper(home),
            hostname="localhost",
            tls_context=home._context if home.tls == "starttls" else None,
            authenticator=home.check if home.user is not None else None,
            auth_required=False,
            auth_require_tls=home.tls == "starttls",
            data_size_limit=None,
        )

    async def push(self, status: AnyStr) -> None:
        """Answer, or do what the script says of this stage."""
        script, stage = self.home.script, self.stage
        line = status.encode() if isinstance(status, str) else status
        if stage in script.hang_up:
            self.cut()
            return
        if stage in script.drip:
            await self._drip(line)
        await super().push(script.refuse[stage].encode() if stage in script.refuse else line)

    def cut(self) -> None:
        """End the connection without a word, if it is not ending already: Python 3.11.2 cannot abort such a one."""
        if isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.abort()

    async def _drip(self, line: bytes) -> None:
        while self.transport is not None and not self.transport.is_closing():
            for byte in line[:3] + b"-" + line[4:] + b"\r\n":
                self._writer.write(bytes([byte]))
                await self._writer.drain()
                await asyncio.sleep(self.home.script.drip_seconds)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if await self._go("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if await self._go("starttls"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if await self._go("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if await self._go("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        address = (arg or "").removeprefix("TO:").strip().strip("<>")
        if await self._go(f"rcpt:{address}") and await self._go("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if await self._go("data"):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        self.stage = "quit"
        await super().smtp_QUIT(arg)

    async def _go(self, stage: str) -> bool:
        """Whether the command is to be carried out: not where the script refuses it or hangs up."""
        self.stage = stage
        if stage in self.home.script.refuse or stage in self.home.script.hang_up:
            await self.push(self.home.script.refuse.get(stage, ""))
            return False
        return True


class _Keeper:
    """Takes the mails."""

    def __init__(self, home: MailServer) -> None:
        self.home = home

    async def handle_DATA(self, server: _Session, session: Session, envelope: Envelope) -> str:  # noqa: N802
        server.stage = "message"
        script = self.home.script
        if "message" in script.refuse:
            return script.refuse["message"]
        login = session.auth_data
        self.home.mails.append(
            Mail(
                sender=str(envelope.mail_from),
                recipients=tuple(map(str, envelope.rcpt_tos)),
                body=bytes(envelope.original_content or b""),
                user=login.login.decode() if isinstance(login, LoginPassword) else None,
                encrypted=server.transport is not None and server.transport.get_extra_info("sslcontext") is not None,
            )
        )
        if script.lose_replies > 0:
            script.lose_replies -= 1
            server.cut()
        return "250 2.0.0 taken"

    async def handle_EHLO(  # noqa: N802
        self, server: _Session, session: Session, envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        """AUTH is offered only where there is somebody to sign in."""
        session.host_name = hostname
        return [line for line in said if self.home.user is not None or not line.startswith("250-AUTH")]

    async def handle_exception(self, error: Exception) -> str:
        """A failed handshake is what some tests want; aiosmtpd would print its traceback."""
        return f"451 {type(error).__name__}"
