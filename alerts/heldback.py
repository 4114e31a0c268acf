"""What a day's limit held back from one recipient, for the memo to tell instead of a mail of its own.

The rows that wait are gathered here with everything the ledger needs, so that the letter of the memo takes their place
in the transaction that queues it: until then they wait for their hour, from then on the memo tells them.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alerts import addressing, wording
from alerts.memo import Held
from alerts.outbox import Outbox
from alerts.sections import bare, page_of
from alerts.templates import blocks as b
from alerts.textual import count, moment, one_line
from monitor.model import Transition

_MOST: Final = 40
Event = Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What one recipient was not told yet, and the rows of the outbox that would tell it later."""

    changes: tuple[Held, ...] = ()
    events: tuple[Event, ...] = ()
    """The same for a program."""
    rows: tuple[int, ...] = ()
    since: datetime | None = None
    """When the first of it was queued."""
    references: tuple[str, ...] = ()
    """Message-IDs that told this recipient of the same stories."""

    @property
    def transitions(self) -> tuple[Transition, ...]:
        return tuple(held.told for held in self.changes)


def waiting(
    outbox: Outbox, recipient: str, way: str, now: datetime, *, base_url: str = "", explained: Collection[str] = ()
) -> HeldBack:
    """What waits for this recipient on this channel because the day had its messages; nothing where nothing does.

    `explained` are the checks that `bullion explain` takes apart; of the others `bullion alerts show` says what it can.
    """
    rows = addressing.held_back(outbox, recipient, way, now)
    said = wording.ordered(addressing.together(rows, (), outbox, recipient))
    events = {_key(event): event for row in rows for event in row.notice.events}
    numbers = tuple(row.id for row in rows)
    threads = [outbox.thread(one.check, one.subject, one.opened, recipient, numbers) for one in said]
    return HeldBack(
        changes=tuple(_held(one, events, base_url, explained) for one in said),
        events=tuple(events[name] for one in said if (name := _name(one)) in events),
        rows=numbers,
        since=min((row.queued_at for row in rows), default=None),
        references=tuple(dict.fromkeys(name for thread in threads for name in thread)),
    )


def _key(event: Event) -> tuple[object, ...]:
    return event.get("check"), event.get("subject"), event.get("event"), event.get("opened")


def _name(one: Transition) -> tuple[object, ...]:
    return one.check, one.subject, one.event.value, one.opened.isoformat()


def _held(
    one: Transition, events: Mapping[tuple[object, ...], Event], base_url: str, explained: Collection[str]
) -> Held:
    words = events.get(_name(one), {}).get("words") or bare(one)
    verb = "explain" if one.check in explained else "alerts show"
    return Held(
        told=one,
        words=str(words).removeprefix(f"[{wording.tag(one)}] "),
        command=f"bullion {verb} {one.check} {shlex.quote(one.subject)}",
        url=page_of(base_url, one.check, one.subject) if base_url else "",
    )


def blocks(changes: Sequence[Held], since: datetime | None) -> list[b.Block]:
    """The section of the memo; nothing where nothing was held back."""
    if not changes:
        return []
    first = f", the first at {moment(since)}" if since else ""
    many = count(len(changes), "change")
    shown = changes[:_MOST]
    return [
        b.Heading("Held back by the day's limit"),
        b.Line(f"The day had all its mails. What came up beyond them is told here and in no other: {many}{first}."),
        b.Figures(
            rows=tuple((one_line(held.words, 120), wording.standing(held.told), _beside(held)) for held in shown),
            states=tuple(wording.state(held.told) for held in shown),
            left_out=len(changes) - len(shown),
        ),
    ]


def _beside(held: Held) -> str:
    whole = f"in full: {held.command}" + (f" or {held.url}" if held.url else "")
    return one_line(f"{wording.happened(held.told)}; {whole}", 600)
