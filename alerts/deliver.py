"""Empty the outbox: claim a row, send it, record what came of it, in that order.

The record comes after the reply, so a crash in between sends again (same Message-ID) and never forgets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from alerts.textual import one_line
from monitor.errors import Undeliverable
from monitor.model import Notice

BROKEN: Final = timedelta(minutes=15)
"""How long a channel rests whose settings, password or certificate are refused."""
DOWN: Final = timedelta(minutes=1)
"""How long a channel rests that cannot be reached; short, so that an outage is over for us soon after it is over."""
_REST: Final = {"auth": BROKEN, "mail": BROKEN, "tls": BROKEN, "connect": DOWN}

Send: TypeAlias = Callable[[Notice, datetime], str]
"""A channel with its settings bound: sends, returns the reply, raises Undeliverable."""


class Row(Protocol):
    """One message to one recipient, as the outbox holds it."""

    @property
    def id(self) -> int: ...
    @property
    def notice(self) -> Notice: ...
    @property
    def attempts(self) -> int: ...


class Outbox(Protocol):
    """What `deliver` needs of the ledger; each verb is one transaction."""

    def claim(self, now: datetime, limit: int, /) -> Sequence[Row]:
        """At most `limit` rows due at `now` whose channel does not rest, marked as being sent."""
        ...

    def sent(self, row: int, at: datetime, reply: str, /) -> object:
        """It is out; its channel works again if it rested."""
        ...

    def retry(self, row: int, at: datetime, error: str, jitter: Callable[[], float], stage: str, /) -> str:
        """Back into the queue after the wait its attempts call for; answers DEAD where it has waited too long."""
        ...

    def dead(self, row: int, at: datetime, error: str, stage: str, /) -> object: ...

    def pause(self, channel: str, until: datetime, at: datetime, error: str, stage: str, /) -> object:
        """Rest the channel: what was claimed of it is queued as if never tried, nothing of it dies or leaves."""
        ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that never will be delivered; the other recipients are to be told."""

    row: int
    notice: Notice
    error: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What one pass did: messages sent, messages left for later, messages given up, channels put to rest."""

    sent: int = 0
    retried: int = 0
    dead: tuple[DeadLetter, ...] = ()
    paused: tuple[str, ...] = ()


def deliver(
    outbox: Outbox,
    channels: Mapping[str, Send],
    now: datetime,
    *,
    limit: int = 100,
    jitter: Callable[[], float],
    monotonic: Callable[[], float] = time.monotonic,
) -> Summary:
    """Send what is due, at most `limit` messages, one transaction each.

    Rows are claimed one at a time, so that a crash leaves at most one whose fate is unknown. What fails before RCPT
    is the channel's fault, since nothing of the message has been said by then: the channel rests and the row is not
    blamed; what fails later is the row's. Moments recorded are `now` plus what has passed of `monotonic` since.
    `jitter` goes to the outbox as it is. Raises what the outbox raises, nothing of the channels'.
    """
    began = monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=monotonic() - began)

    done = _Done()
    for _ in range(limit):
        claimed = outbox.claim(clock(), 1)
        if not claimed:
            break
        row = claimed[0]
        reply, failure = _attempt(row.notice, channels, clock())
        if failure is None:
            outbox.sent(row.id, clock(), reply)
            done.sent += 1
        else:
            _record(outbox, row, failure, clock(), jitter, done)
    return Summary(done.sent, done.retried, tuple(done.dead), tuple(done.paused))


@dataclass(slots=True)
class _Done:
    """A summary in the making."""

    sent: int = 0
    retried: int = 0
    dead: list[DeadLetter] = field(default_factory=list)
    paused: dict[str, None] = field(default_factory=dict)


def _record(
    outbox: Outbox, row: Row, failure: Undeliverable, at: datetime, jitter: Callable[[], float], done: _Done
) -> None:
    error, stage, channel = str(failure), failure.stage, row.notice.channel
    if failure.permanent:
        outbox.dead(row.id, at, error, stage)
        died = True
    elif stage in _REST:
        outbox.pause(channel, at + _REST[stage], at, error, stage)
        done.paused[channel] = None
        died = False
    else:
        died = outbox.retry(row.id, at, error, jitter, stage) == "DEAD"
    if died:
        done.dead.append(DeadLetter(row.id, row.notice, error))
    else:
        done.retried += 1


def _attempt(notice: Notice, channels: Mapping[str, Send], at: datetime) -> tuple[str, Undeliverable | None]:
    """(reply, None), or what went wrong; an error nobody foresaw is temporary and named by its class only."""
    send = channels.get(notice.channel)
    if send is None:
        return "", Undeliverable(f"no channel {notice.channel!r} is set up; add it to config.toml")
    try:
        return one_line(send(notice, at)), None
    except Undeliverable as failure:
        return "", Undeliverable(one_line(failure, 400), permanent=failure.permanent, stage=failure.stage)
    except Exception as error:  # noqa: BLE001  (a mail must not be lost to a bug; messages of strangers carry secrets)
        return "", Undeliverable(f"{notice.channel} broke: {type(error).__name__}")
