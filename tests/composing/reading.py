"""A composed message, and what a reader or a mail server sees of one."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import Any

from alerts.compose import Story, compose
from monitor.model import Notice

SENDER = "Bullion <bullion@example.org>"
HOSTILE = "<script>alert(1)</script>\r\nBcc: all@example.org\u2028=?utf-8?q?=0d=0aBcc:_x?= \"'&\x00\x85"


def composed(told: Story, **changes: Any) -> Notice:
    known: dict[str, Any] = {"host": "bullion.example.org", "sent_from": "desk"}
    return compose(told, "desk@example.org", **{**known, **changes})


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: Counter[str] = Counter()
        self.addresses: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._hidden += tag in ("title", "style")
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "background", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("title", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def parsed(html: str) -> _Visible:
    parser = _Visible()
    parser.feed(html)
    parser.close()
    return parser


def visible(html: str) -> list[str]:
    return parsed(html).words


def header_names(mail: bytes) -> list[bytes]:
    """The names of the header lines as a server sees them: up to the first empty line, without folded lines."""
    lines = mail.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    return [line.split(b":", 1)[0] for line in lines if not line.startswith((b" ", b"\t"))]
