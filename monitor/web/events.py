"""Announcements: a browser that waits at /events hears of every new generation. Nothing is forced on its reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from starlette.responses import PlainTextResponse, StreamingResponse

EVERY_SECONDS: Final = 1.0
"""How often the stable link is looked at."""
HEARTBEAT_SECONDS: Final = 15.0
LISTENERS: Final = 64
"""Browsers that may wait at once; the next one is told to come back."""


class Events:
    """Server-sent events: `generation` with a file's name, at once and whenever a page would show a newer one.

    `shown` answers that name, `is_ending` whether the server stops: then everybody is let go.
    """

    def __init__(self, shown: Callable[[], str], is_ending: Callable[[], bool]) -> None:
        self._shown, self._is_ending = shown, is_ending
        self._listening = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One browser, until it leaves."""
        if self._listening >= LISTENERS:
            await PlainTextResponse("too many are waiting\n", status_code=503)(scope, receive, send)
            return
        self._listening += 1
        try:
            await StreamingResponse(self._told(), media_type="text/event-stream")(scope, receive, send)
        finally:
            self._listening -= 1

    async def _told(self) -> AsyncIterator[str]:
        said, quiet = "", 0.0
        while not self._is_ending():
            name = self._shown()
            if name != said:
                said, quiet = name, 0.0
                yield f"event: generation\ndata: {name}\n\n"
            elif quiet >= HEARTBEAT_SECONDS:
                quiet = 0.0
                yield ": still here\n\n"
            quiet += EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
