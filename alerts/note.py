"""A message of a few plain sentences that tells of no check: a trial, a word about the monitor itself."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime

from alerts.sections import ADVICE, sender
from alerts.textual import one_line
from monitor.model import Notice


def plain(
    subject: str, sentences: Sequence[str], recipient: str, *, channel: str, host: str, message_id: str, now: datetime
) -> Notice:
    """The notice; `message_id` is whole, `<a@b>`."""
    said = [*(one_line(sentence, 500) for sentence in sentences), sender(host, now), ADVICE]
    return Notice(
        message_id=message_id,
        recipient=recipient,
        channel=channel,
        subject=one_line(subject, 118),
        text="\n\n".join(said) + "\n",
        html="\n".join(f"<p>{html.escape(line)}</p>" for line in said) + "\n",
    )
