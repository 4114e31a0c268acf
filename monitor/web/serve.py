"""The server: where it listens, whether it may, and its thread beside the daemon."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import TYPE_CHECKING, Final

from monitor.config import PageSettings, secret
from monitor.errors import BullionError, ConfigError
from monitor.web.gate import Gate, weakness

if TYPE_CHECKING:
    from monitor.web.walls import Walls

LAST_WORDS_SECONDS: Final = 2
"""How long a stop waits for answers under way; whoever listens for announcements is let go within a second."""


def address(listen: str) -> tuple[str, int]:
    """("127.0.0.1", 8790) of "127.0.0.1:8790"; ConfigError where that is no address of this machine with a port."""
    host, _, port = listen.rpartition(":")
    try:
        number = int(port)
        ipaddress.ip_address(host.strip("[]") if host != "localhost" else "127.0.0.1")
    except ValueError:
        raise ConfigError(f"page.listen: {listen!r} is no address and port, e.g. 127.0.0.1:8790") from None
    if not 0 <= number <= 65_535:
        raise ConfigError(f"page.listen: there is no port {number}")
    return host.strip("[]"), number


def gate(settings: PageSettings) -> Gate:
    """Who is let in. Raises ConfigError for an address beyond this machine without a token, and for a weak token."""
    host, _ = address(settings.listen)
    token = secret(settings.token_file, settings.token_env, "page.token_file")
    if not token and (settings.token_file or settings.token_env):
        raise ConfigError("page.token_file, page.token_env: a token is named and there is none")
    if not token and not _is_loopback(host):
        raise ConfigError(
            f"page.listen: {settings.listen} can be reached from other machines, so a token is needed: write one with\n"
            '  python3 -c "import secrets; print(secrets.token_urlsafe(32))" > FILE && chmod 600 FILE\n'
            "and name the file in page.token_file"
        )
    if token and (wrong := weakness(token)):
        raise ConfigError(f"page.token_file: the token is too weak: {wrong}")
    return Gate(token)


def exposure(settings: PageSettings) -> str:
    """What whoever serves the page beyond this machine has to know, in a sentence; '' where it stays here."""
    host, _ = address(settings.listen)
    if _is_loopback(host):
        return ""
    return "other machines reach the page over plain HTTP, so figures and token can be overheard: put TLS before it"


def may_ask(settings: PageSettings) -> bool:
    """Whether the page answers questions of its readers' own: not beyond this machine, unless config.toml says so."""
    return settings.ask == "always" or (settings.ask == "loopback" and _is_loopback(address(settings.listen)[0]))


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


class Server:
    """Answers at one address until stopped: on a thread of its own, or on the caller's."""

    def __init__(self, app: Walls, listen: str) -> None:
        """Takes the address at once; BullionError where somebody else has it."""
        import uvicorn

        self._socket = _bound(*address(listen))

        class _Server(uvicorn.Server):
            async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
                app.ending.set()
                await super().shutdown(sockets)

        self._server = _Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="on",
                server_header=False,
                date_header=True,
                proxy_headers=False,
                timeout_keep_alive=20,
                timeout_graceful_shutdown=LAST_WORDS_SECONDS,
                limit_concurrency=256,
                h11_max_incomplete_event_size=32 << 10,
                ws="none",
            )
        )
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        self._server.run([self._socket])

    def start(self) -> None:
        """Serve on a thread until `stop`."""
        self._thread = threading.Thread(target=self.run, name="page", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End soon; waits for answers under way for a few seconds."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(LAST_WORDS_SECONDS + 2)
        self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)  # who comes before the first answer waits for it, and nobody else can take the address
    except OSError as error:
        taken.close()
        raise BullionError(f"the page cannot be served at {host}:{port}: {error.strerror}") from error
    return taken
