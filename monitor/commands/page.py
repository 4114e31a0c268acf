"""`bullion page`: the pages over a home's published generations, in a browser, until stopped."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alerts.ledger import Ledger
from monitor import checks, config
from monitor.adhoc_queue import Queue
from monitor.alertdesk import AlertDesk
from monitor.archive import Archive
from monitor.clock import read_clock
from monitor.errors import BullionError
from monitor.sources.registry import discover
from monitor.web import serve
from monitor.web.app import House, application
from monitor.web.generations import Generations
from monitor.web.look import Tools
from monitor.web.replays import Replays


def run(args: argparse.Namespace) -> int:
    """Until SIGTERM or SIGINT. Reads generations only; acknowledges and silences as `bullion alerts` does."""
    settings = config.load(args.config)
    if args.listen:
        settings = settings.model_copy(update={"page": settings.page.model_copy(update={"listen": args.listen})})
    folders = config.Folders(config.home_of(args.config, args.home))
    desk = AlertDesk(lambda: Ledger(folders.ledger, guest=True) if folders.ledger.exists() else None)
    served = server(settings, folders, desk, args.config)
    print(_where(served, settings), file=sys.stderr, flush=True)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: None)  # the server hears them itself, and raises them again when it has ended
    served.run()
    desk.close()
    return 0


def check(settings: config.Settings) -> None:
    """Raises ConfigError where the page may not be served as config.toml says, before anything is begun."""
    if settings.page.enabled:
        serve.gate(settings.page)


@contextmanager
def beside(
    settings: config.Settings,
    folders: config.Folders,
    ledger: Ledger,
    say: Callable[[str], None],
    file: str | None = None,
) -> Iterator[None]:
    """The page on a thread while the daemon works in the block; it works without one where the address is taken."""
    if not settings.page.enabled:
        yield
        return
    try:
        served = server(settings, folders, AlertDesk(lambda: ledger), file)
    except BullionError as error:
        say(f"{error}; the daemon goes on without it")
        yield
        return
    say(_where(served, settings))
    served.start()
    try:
        yield
    finally:
        served.stop()


def _where(served: serve.Server, settings: config.Settings) -> str:
    return "; ".join(filter(None, [f"the page is at {served.url}", serve.exposure(settings.page)]))


def server(
    settings: config.Settings, folders: config.Folders, desk: AlertDesk, file: str | None = None
) -> serve.Server:
    """The page of one home, not started yet, its address taken; `file` is the config.toml that was named.

    Raises ConfigError where it may not be served there, BullionError where the address is somebody else's.
    """

    gate = serve.gate(settings.page)
    overrides = {name: part.model_dump() for name, part in settings.checks.items()}
    sources = discover()[0]
    may_ask = serve.may_ask(settings.page)
    fetched = frozenset(name for name, part in settings.sources.items() if part.fetch and settings.contact)
    tools = Tools(
        checks=checks.discover(overrides)[0],
        sources=sources,
        fetched=fetched,
        inboxes=(str(folders.inbox), *settings.inbox.watch),
        archive=Archive(folders.archive),
        questions=Queue() if may_ask else None,
        replays=Replays(folders.published, ("--config", file) if file else ()) if may_ask else None,
    )
    house = House(
        Generations(folders.published),
        desk,
        read_clock,
        gate,
        frozenset(name.lower() for name in settings.page.hosts),
        tools,
    )
    return serve.Server(application(house), settings.page.listen)
