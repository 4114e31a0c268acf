"""A message that leaves long after it could: it says so itself, in its first line."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from alerts.textual import moment
from monitor.model import Notice

LATE: Final = timedelta(hours=1)
"""As long as messages keep from each other anyhow."""
_OPENING: Final = "Delayed: "
_BODY: Final = re.compile(r"<body[^>]*>(?:\s*<div[^>]*>)?")


def marked(notice: Notice, due: datetime, now: datetime) -> Notice:
    """The notice, said to be delayed where it was due more than an hour ago; saying so twice changes nothing."""
    if now - due < LATE or notice.text.startswith(_OPENING):
        return notice
    words = f"{_OPENING}this was to leave {moment(due)}; nobody took it until now."
    line = f'<p style="margin:0 0 12px 0">{html.escape(words)}</p>'
    found = _BODY.search(notice.html)
    at = found.end() if found else 0
    return replace(notice, text=f"{words}\n\n{notice.text}", html=notice.html[:at] + line + notice.html[at:])
