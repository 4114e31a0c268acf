"""A notice as the bytes of one mail, the same bytes every time.

Every header value is made one printable line first; nothing a publisher wrote can add a header.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Final

from alerts.textual import one_line
from monitor.clock import aware
from monitor.model import Notice

_NEVER_ENCODED: Final = frozenset({"from", "to", "message-id", "in-reply-to", "references", "list-id"})
_OURS: Final = re.compile(r"(?:X-Bullion-[A-Za-z0-9-]{1,40}|List-Id)")
_ADDRESS: Final = re.compile(r"(?:([^<>@]*)<)?([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,200})>?")
_ID: Final = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,170}>")
THREAD: Final = 10
"""Message-IDs kept in References: the root and the newest."""


class _Policy(EmailPolicy):
    """The library's rules, but addresses and identities are written as they are.

    It would turn those of more than a line's length into encoded words, which no mail reader takes for addresses.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _NEVER_ENCODED and value.isascii():
            return _folded(f"{name}: {value}").encode()
        return super().fold_binary(name, value)


_POLICY: Final = _Policy(cte_type="7bit", linesep="\r\n")


def _folded(line: str) -> str:
    """`line` broken at spaces into 78 characters where the words allow, but never right behind the header's name."""
    name, *words = line.split()
    lines = [f"{name} {' '.join(words[:1])}"]
    for word in words[1:]:
        if len(lines[-1]) + len(word) >= 78:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


def address(text: str) -> tuple[str, str]:
    """(name, bare address) of `Desk <desk@example.org>` or `desk@example.org`.

    Raises ValueError for anything else: one ASCII address, from the configuration.
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or text.strip().endswith(">") != ("<" in text):
        raise ValueError(f"{one_line(text, 80)!r} is not a mail address of the form name@host")
    return one_line((found[1] or "").strip(' "'), 80), found[2]


def as_mail(notice: Notice, sender: str, date: datetime) -> bytes:
    """The whole mail, headers and body, lines ending in CRLF, ASCII only.

    Raises ValueError where the sender or the recipient is no address, or the Message-ID is none.
    """
    mail = EmailMessage(policy=_POLICY)
    for name, value in _headers(notice, sender, date):
        mail[name] = value
    text, page = (body.encode(errors="replace").decode() for body in (notice.text, notice.html))
    mail.set_content(text, subtype="plain", charset="utf-8", cte=_encoding(text))
    mail.add_alternative(page, subtype="html", charset="utf-8", cte=_encoding(page))
    shown = mail.get_body(("html",))
    for cid, png in notice.images:
        if shown is not None:
            shown.add_related(png, "image", "png", cid=f"<{one_line(cid, 80)}>", disposition="inline")
    _fix_boundaries(mail, notice)
    return mail.as_bytes()


def _encoding(text: str) -> str:
    """The shorter of the two encodings that leave only ASCII: the library decides by the first lines alone."""
    raw = text.encode()
    escaped = sum(byte > 126 or byte == 61 for byte in raw)
    return "base64" if 2 * escaped > len(raw) / 3 else "quoted-printable"


def _headers(notice: Notice, sender: str, date: datetime) -> list[tuple[str, str]]:
    """Every header but the MIME ones, in order."""
    if _ID.fullmatch(notice.message_id) is None:
        raise ValueError(f"{one_line(notice.message_id, 80)!r} is not a Message-ID")
    thread = [reference for reference in notice.references if _ID.fullmatch(reference)]
    thread = thread if len(thread) <= THREAD else [thread[0], *thread[1 - THREAD :]]
    pairs = [
        ("Date", format_datetime(aware(date))),
        ("From", _mailbox(sender)),
        ("To", _mailbox(notice.recipient)),
        ("Subject", one_line(notice.subject, 180)),
        ("Message-ID", notice.message_id),
    ]
    if thread:
        pairs += [("In-Reply-To", thread[-1]), ("References", " ".join(thread))]
    pairs.append(("Auto-Submitted", "auto-generated"))
    once = {name: one_line(value, 180) for name, value in notice.headers if _OURS.fullmatch(name)}
    return pairs + list(once.items())


def _mailbox(text: str) -> str:
    name, bare = address(text)
    quoted = name.replace("\\", " ").replace('"', "'")
    return f'"{quoted}" <{bare}>' if name else bare


def _fix_boundaries(mail: EmailMessage, notice: Notice) -> None:
    """Boundaries from the content, so that a retry is the same mail byte for byte, and no text can foresee one."""
    seed = hashlib.sha256("\0".join((notice.message_id, notice.text, notice.html)).encode(errors="replace")).hexdigest()
    for depth, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{seed[:32]}_{depth}")
