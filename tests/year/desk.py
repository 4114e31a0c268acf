"""The year played: readings as they come, told, queued and sent over a real connection, on simulated hours."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from alerts.addressing import Manners
from alerts.channels import email
from alerts.deliver import Send, deliver
from alerts.ledger import Ledger
from monitor.checkfile import Check
from monitor.config import Mail, To
from monitor.model import Notice, Policy, Reading
from monitor.news import News
from tests.oracle import LETTERS
from tests.year.script import WINDOW, Arrival, Key, Script, within

EVERYTHING: Final = "desk@example.org"
CRITICAL: Final = "head@example.org"
MAIL: Final = Mail(
    channel="email", recipients=(EVERYTHING,), to=(To(recipient=CRITICAL, channel="email", severity="critical"),)
)
_VALUES: Final = {"C": 1.0, "b": 2.0, "W": 3.0, "X": 4.0}
_CALM: Final = frozenset({0, 6, 12, 18})
"""Hours at which the checks are read though nothing came."""


@dataclass(slots=True)
class Played:
    """What came of it, beside the mails."""

    taken: list[tuple[datetime, str]] = field(default_factory=list)
    """(simulated moment, Message-ID) of every mail whose taking the server confirmed."""
    restarts: int = 0
    """Those while something was told open."""
    told_by_restarts: int = 0
    """Letters that a restart alone queued."""
    states: Mapping[str, int] = field(default_factory=dict)
    """Rows of the outbox by state at the end."""


class Desk:
    """A ledger and who speaks through it; `news` may be a faulty one."""

    def __init__(self, folder: Path, script: Script, news: type[News]) -> None:
        self._path, self._news = folder / "alerts.sqlite", news
        self._checks = {name: _check(name, policy) for (name, _), policy in script.policies.items()}
        self.ledger = Ledger(self._path)

    def restart(self) -> None:
        self.ledger.close()
        self.ledger = Ledger(self._path)

    def tell(self, seen: list[Reading], now: datetime) -> int:
        """How many letters were queued."""
        speaker = self._news(self.ledger, self._checks, {}, MAIL, "desk.example.org", manners=Manners())
        return speaker.tell(seen, now)[2]

    def is_open(self) -> bool:
        return any(told.opened for told in self.ledger.told().values())


class Rows:
    """The readings as they are known, of the window alone."""

    def __init__(self, script: Script) -> None:
        self._coming, self._next = script.arrivals, 0
        self._known: dict[Key, dict[date, Reading]] = {key: {} for key in script.policies}

    def take(self, now: datetime) -> list[Arrival]:
        """Everything that has come by now and was not known before."""
        first = self._next
        while self._next < len(self._coming) and self._coming[self._next].at <= now:
            one = self._coming[self._next]
            self._known[one.key][one.session] = reading(one)
            self._next += 1
        return list(self._coming[first : self._next])

    def seen(self, now: datetime) -> list[Reading]:
        return [one for key in self._known for one in self.of(key, now)]

    def of(self, key: Key, now: datetime) -> list[Reading]:
        start = (now - WINDOW).date()
        return [one for one in self._known[key].values() if one.session >= start]


def reading(arrival: Arrival) -> Reading:
    """A letter as the reading a check would give."""
    value = _VALUES.get(arrival.letter)
    return Reading(
        *arrival.key, arrival.session, value, LETTERS[arrival.letter], warn=2.5, critical=3.5, clear=1.5,
        published_at=arrival.at, reason="" if value else "not published",
    )  # fmt: skip


def play(
    script: Script,
    folder: Path,
    settings: email.Settings,
    *,
    after: Callable[[datetime], None] = lambda _now: None,
    news: type[News] = News,
) -> Played:
    """All of it, to the server of `settings`, with a ledger in `folder`; `after` is called after each hour."""
    played, rows, desk = Played(), Rows(script), Desk(folder, script, news)
    last = script.start
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        send = _sender(script, settings, replace(settings, port=nobody.getsockname()[1]), played)
        for now in script.rounds():
            was_down = any(last < start <= now for start, _ in script.desk_down)
            if was_down:
                desk.restart()
            if rows.take(now) or now.hour in _CALM or was_down:
                desk.tell(rows.seen(now), now)
            if now in script.restarts:
                desk.restart()
                played.restarts += desk.is_open()
                played.told_by_restarts += desk.tell(rows.seen(now), now)
            deliver(desk.ledger.outbox, {"email": send}, now, jitter=lambda: 0.5)
            after(now)
            last = now
    played.states = dict(desk.ledger.outbox.summary().counts)
    desk.ledger.close()
    return played


def _sender(script: Script, settings: email.Settings, dead: email.Settings, played: Played) -> Send:
    def send(notice: Notice, now: datetime) -> str:
        reply = email.send(notice, dead if within(now, script.post_down) else settings, now)
        played.taken.append((now, notice.message_id))
        return reply

    return send


def _check(name: str, policy: Policy) -> Check:
    return Check(
        name=name, title=f"Measure {name.removeprefix('check_')}", why="made up", unit="pct", above_is_bad=True,
        formula="x", references=(), policy=policy, thresholds=(), sql="select 1",
    )  # fmt: skip
