"""From a story to the message one recipient gets: pure, and never unable to say something.

The first screen answers what, how much against which level, since when, what is typical and what would clear it;
below it stand the inputs with their dates, the formula and the sources. A section that cannot be drawn is replaced
by its bare facts, a message that cannot be drawn by `fallback`.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from alerts import wording
from alerts.sections import ADVICE, bare, blocks, sender
from alerts.story import CheckCard, Key, Picture, Story
from alerts.templates.hypertext import as_html
from alerts.templates.plain import as_text
from alerts.textual import one_line
from monitor.model import Notice, Severity, Transition

__all__ = ["CheckCard", "Key", "Picture", "Story", "compose", "fallback", "mail_id", "opening", "worst"]

LARGEST = 105_000
"""Bytes of text, HTML and pictures together that stay below 150 kB in transfer encoding."""
_SIZES = ((12, 40, 60), (6, 25, 40), (3, 15, 25), (1, 10, 15), (0, 5, 10))
"""(sections in full, rows of a table, rows of the summary), tried until the message is small enough."""


def compose(
    story: Story,
    recipient: str,
    *,
    host: str,
    base_url: str | None = None,
    sent_from: str,
    channel: str = "email",
) -> Notice:
    """The message for one recipient.

    `host` is the right side of a Message-ID that has none, `base_url` where the pages are (None: no links to them),
    `sent_from` what this installation is called. Raises ValueError for a story without transitions, nothing else.
    """
    if not story.transitions:
        raise ValueError("a story needs at least one transition")
    try:
        return _composed(story, recipient, host=host, base_url=base_url, sent_from=sent_from, channel=channel)
    except Exception as error:  # noqa: BLE001  (whatever broke, the alert must leave)
        return fallback(
            story.transitions,
            recipient,
            host=host,
            sent_from=sent_from,
            message_id=story.message_id,
            references=story.references,
            now=story.now,
            channel=channel,
            broken=type(error).__name__,
        )


def opening(story: Story) -> str:
    """The Subject of a message that tells a story of one transition; its bare facts where that cannot be drawn."""
    try:
        return wording.subject(story)
    except Exception:  # noqa: BLE001  (a reading that cannot be drawn must not hold up the others)
        return bare(story.transitions[0])


def _composed(story: Story, recipient: str, *, host: str, base_url: str | None, sent_from: str, channel: str) -> Notice:
    title = wording.subject(story)
    for shown, size in _attempts(story):
        drawn = blocks(shown, base_url, sent_from, size)
        text, page = as_text(drawn), as_html(title, drawn)
        if len(text.encode()) + len(page.encode()) + _weight(shown) <= LARGEST:
            break
    else:
        raise ValueError("the message is too large")
    return Notice(
        message_id=mail_id(story.message_id, host),
        recipient=recipient,
        channel=channel,
        subject=title,
        text=text,
        html=page,
        references=tuple(mail_id(reference, host) for reference in story.references),
        images=tuple((picture.cid, picture.png) for picture in shown.pictures),
        headers=headers(story.transitions, host),
    )


def _attempts(story: Story) -> Iterator[tuple[Story, tuple[int, int, int]]]:
    """The story with fewer pictures, then none, before it loses rows: (the story, how much of it)."""
    for pictures in range(len(story.pictures), 0, -1):
        yield replace(story, pictures=story.pictures[:pictures]), _SIZES[0]
    for size in _SIZES:
        yield replace(story, pictures=()), size


def _weight(story: Story) -> int:
    return sum(len(picture.png) for picture in story.pictures)


def mail_id(name: str, host: str) -> str:
    """`name` as a Message-ID: kept where it is one, else its safe characters before `@host`."""
    if re.fullmatch(r"<[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9.-]{1,100}>", name):
        return name
    left = re.sub(r"[^A-Za-z0-9._%+=-]", "", name.strip("<>").partition("@")[0])[:64]
    return f"<{left or hashlib.sha256(name.encode(errors='replace')).hexdigest()[:24]}@{host_name(host)}>"


def host_name(host: str) -> str:
    """`host` with only the characters a host name has."""
    return re.sub(r"[^A-Za-z0-9.-]", "", host)[:100].strip(".-") or "localhost"


def headers(transitions: Sequence[Transition], host: str) -> tuple[tuple[str, str], ...]:
    """Headers a mail reader can sort by; every value one line."""
    pairs = [
        ("List-Id", f"Bullion alerts <alerts.{host_name(host)}>"),
        ("X-Bullion-Events", wording.counts(transitions)),
        ("X-Bullion-Severity", worst(transitions).value),
    ]
    if len(transitions) == 1:
        only = transitions[0]
        pairs += [
            ("X-Bullion-Check", only.check),
            ("X-Bullion-Subject", only.subject),
            ("X-Bullion-Session", str(only.session)),
        ]
    return tuple((name, one_line(value, 120)) for name, value in pairs)


def worst(transitions: Iterable[Transition]) -> Severity:
    """Critical where any of them opens or stays critical."""
    critical = any(t.severity is Severity.CRITICAL and t.event not in wording.CLOSING for t in transitions)
    return Severity.CRITICAL if critical else Severity.WARNING


def fallback(  # noqa: PLR0913  (it takes what compose takes, without the story)
    transitions: Sequence[Transition],
    recipient: str,
    *,
    host: str,
    sent_from: str,
    message_id: str,
    references: tuple[str, ...] = (),
    now: datetime,
    channel: str = "email",
    broken: str = "",
) -> Notice:
    """The plain message, for when the full one cannot be drawn: the transitions and nothing that could fail."""
    lines = [bare(transition) for transition in transitions[:100]]
    more = [f"{len(transitions) - 100} more not shown."] if len(transitions) > 100 else []
    cause = f" ({one_line(broken, 60)})" if broken else ""
    closing = [
        f"The full text of this message could not be drawn{cause}; the pages have the details.",
        sender(sent_from, now),
        ADVICE,
    ]
    said = [*lines, *more, *closing]
    title = lines[0] if len(lines) == 1 else f"[{wording.counts(transitions)}] Bullion: plain notice"
    return Notice(
        message_id=mail_id(message_id, host),
        recipient=recipient,
        channel=channel,
        subject=one_line(title, wording.SUBJECT_LIMIT),
        text="\n\n".join(said) + "\n",
        html="\n".join(f"<p>{html.escape(line)}</p>" for line in said) + "\n",
        references=tuple(mail_id(reference, host) for reference in references),
        headers=headers(transitions, host),
    )
