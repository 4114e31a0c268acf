"""What is wrong with the mails of a year, by the naive search of `tests.oracle` over what could be known at each hour.

A second account written from the rules, not from the monitor: it sees the script and the mails, nothing in between.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import dropwhile, pairwise
from typing import Final

from monitor.model import Policy, Verdict
from tests.oracle import Trouble, observed, troubles
from tests.year.desk import CRITICAL, EVERYTHING
from tests.year.mails import Line
from tests.year.script import Key, Script
from tests.year.sights import Sight, covers, was_critical

PATIENCE: Final = timedelta(hours=26)
"""What may lie between what the readings say and a mail of it: an hour's distance, or the next morning's overflow."""
A_DAY: Final = 4
RECENT: Final = 5
"""Observed sessions after which an episode nobody saw need not be told."""
_OFTEN: Final = ("escalated", "repeat", "open")
"""What may be said of one story more than once."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail as it came."""

    at: datetime
    recipient: str
    message_id: str
    lines: tuple[Line, ...]


@dataclass(slots=True)
class Verdicts:
    """Sentences by kind of wrong; all empty where all is well."""

    lost: list[str] = field(default_factory=list)
    false_resolves: list[str] = field(default_factory=list)
    unfounded: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    storms: list[str] = field(default_factory=list)

    @property
    def every(self) -> list[str]:
        return [*self.lost, *self.false_resolves, *self.unfounded, *self.twice, *self.storms]


def judge(script: Script, seen: Mapping[Key, list[Sight]], arrived: Sequence[Arrived]) -> Verdicts:
    """Everything wrong with these mails; `seen` are the script's `sights`.

    Second copies of a mail, known by its Message-ID, are left out.
    """
    wrong = Verdicts()
    for recipient in (EVERYTHING, CRITICAL):
        copies: dict[str, Arrived] = {}
        for mail in arrived:
            if mail.recipient == recipient:
                copies.setdefault(mail.message_id, mail)
        days = Counter(mail.at.date() for mail in copies.values())
        wrong.storms += [f"{recipient}: {n} mails on {day}" for day, n in days.items() if n > A_DAY]
        told: dict[Key, list[tuple[datetime, Line]]] = defaultdict(list)
        for mail in copies.values():
            for line in sorted(mail.lines, key=lambda one: one.opened):  # a mail lists what is open first
                told[line.key].append((mail.at, line))
        for key, history in seen.items():
            _Book(recipient, script, key, history, told[key], wrong).judge()
    return wrong


class _Book:
    """One recipient's mails of one key, against what the key's readings said."""

    def __init__(
        self, recipient: str, script: Script, key: Key, seen: list[Sight], told: list[tuple[datetime, Line]],
        wrong: Verdicts,
    ) -> None:  # fmt: skip
        self.who, self.script, self.key, self.seen, self.told, self.wrong = recipient, script, key, seen, told, wrong
        self.policy: Policy = script.policies[key]

    def judge(self) -> None:
        self._order()
        for at, line in self.told:
            if line.what == "cleared":
                self._cleared(at, line)
            elif line.what == "retracted":
                self._retracted(at, line)
            else:
                self._founded(at, line)
        self._lasting()
        if self.who == EVERYTHING:
            self._named()

    def _say(self, found: list[str], at: datetime, words: str) -> None:
        found.append(f"{self.who} {self.key} {at:%Y-%m-%d %H}: {words}")

    def _order(self) -> None:
        """An end follows its beginning, a beginning no other beginning, and nothing is said twice."""
        is_open: date | None = None
        said = Counter[tuple[str, date]]()
        for at, line in self.told:
            said[line.what, line.opened] += 1
            if line.what not in _OFTEN and said[line.what, line.opened] > self._times_open(at, line.opened):
                self._say(self.wrong.twice, at, f"{line} again")
            if line.what in ("cleared", "retracted") and is_open != line.opened:
                self._say(self.wrong.false_resolves, at, f"{line} where {is_open} is told open")
            if line.what in ("escalated", "repeat") and is_open != line.opened and self.who == EVERYTHING:
                self._say(self.wrong.lost, at, f"{line}, and its opening is in no mail")
            if line.what == "opened" and is_open not in (None, line.opened):
                self._say(self.wrong.unfounded, at, f"{line} where {is_open} is told open")
            if line.what != "missed":
                is_open = line.opened if line.is_open else None

    def _times_open(self, at: datetime, opened: date) -> int:
        """How often that story opened, as readings had it by then: a revision may open it again."""
        covered = [False, *(covers(sight, opened) and sight.head is not None for sight in self._until(at))]
        return max(sum(now and not before for before, now in pairwise(covered)), 1)

    def _until(self, at: datetime) -> list[Sight]:
        return self.seen[: bisect_right(self.seen, at, key=lambda sight: sight.at)]

    def _cleared(self, at: datetime, line: Line) -> None:
        if not any(self._is_over(sight, line) for sight in self._until(at)):
            self._say(self.wrong.false_resolves, at, f"{line}: no {self.policy.leave} clear sessions in a row")

    def _is_over(self, sight: Sight, line: Line) -> bool:
        """Whether as many clear sessions as it takes end on the session named; on any, where a long mail names none."""
        for trouble in sight.found:
            if trouble.closed and trouble.opened <= line.opened <= trouble.closed == (line.closed or trouble.closed):
                return True
        seen, count = observed(list(sight.readings)), self.policy.leave
        return any(
            seen[end - 1][0] == (line.closed or seen[end - 1][0])
            and all(day > line.opened and verdict is Verdict.CLEAR for day, verdict in seen[end - count : end])
            for end in range(count, len(seen) + 1)
        )

    def _retracted(self, at: datetime, line: Line) -> None:
        """Only where readings that had said so said it no more; before they first did they said nothing of it."""
        since = list(dropwhile(lambda sight: not covers(sight, line.opened), self._until(at)))
        if all(covers(sight, line.opened) for sight in since):
            self._say(self.wrong.false_resolves, at, f"{line}: the readings always said so")

    def _founded(self, at: datetime, line: Line) -> None:
        if not any(t.opened == line.opened for sight in self._until(at) for t in sight.found):
            self._say(self.wrong.unfounded, at, f"{line}: no reading said so")
        elif line.is_critical and not any(was_critical(sight, line.opened) for sight in self._until(at)):
            self._say(self.wrong.unfounded, at, f"{line}: no reading was that bad")

    # --- what had to be told ------------------------------------------------------------------

    def _lasting(self) -> None:
        """What stays as it is for longer than patience is what the recipient believes."""
        for start, end, wanted in self._spans():
            deadline = self._deadline(start)
            if wanted is None or deadline >= end:
                continue
            believed = self._believes(deadline)
            if wanted != bool(believed) and not (believed and self._may_be_open(deadline, believed)):
                self._say(self.wrong.lost, deadline, f"{'open' if wanted else 'closed'} since {start:%m-%d %H}")

    def _spans(self) -> Iterator[tuple[datetime, datetime, bool | None]]:
        """(from, to, whether it must be told open); None where either will do."""
        begun: tuple[datetime, bool | None] | None = None
        for sight in self.seen:
            wanted = self._wanted(sight)
            if begun is None or begun[1] != wanted:
                if begun:
                    yield begun[0], sight.at, begun[1]
                begun = (sight.at, wanted)
        if begun:
            yield begun[0], self.script.end, begun[1]

    def _wanted(self, sight: Sight) -> bool | None:
        if sight.head is None:
            return False
        if self.who == CRITICAL and sight.head.severity != "critical":
            return None
        return True

    def _may_be_open(self, moment: datetime, opened: date) -> bool:
        """Whether it would be, had the readings missing up to its opening been breaches: missing resolves nothing."""
        readings = [
            replace(one, verdict=Verdict.WARNING) if one.session <= opened and not one.verdict.observed else one
            for one in self._until(moment)[-1].readings
        ]
        found = troubles(readings, self.policy)
        return bool(found) and found[-1].closed is None and found[-1].opened <= opened

    def _deadline(self, start: datetime) -> datetime:
        """Patience counts while the desk and the mail server are up."""
        deadline = start + PATIENCE
        for begin, end in sorted((*self.script.post_down, *self.script.desk_down)):
            if begin <= deadline and end > start:
                deadline += end - max(begin, start)
        return deadline

    def _believes(self, moment: datetime) -> date | None:
        """The opening of what the recipient takes for open."""
        told = [line for at, line in self.told if at <= moment and line.what != "missed"]
        return told[-1].opened if told and told[-1].is_open else None

    def _named(self) -> None:
        """Every episode anybody could have seen, and that was not revised away, is named in a mail."""
        named = {line.opened for _, line in self.told}
        closes = [line.closed for _, line in self.told if line.closed]
        last = {trouble.opened for trouble in self.seen[-1].found}
        for opened, sight, trouble in self._first_sights():
            if opened not in last or opened in named or self._is_history(sight, trouble, closes):
                continue
            if not any(self._believes(other.at) for other in self.seen if covers(other, opened)):
                self._say(self.wrong.lost, sight.at, f"{trouble} is in no mail")

    def _first_sights(self) -> Iterator[tuple[date, Sight, Trouble]]:
        known = {trouble.opened for trouble in self.seen[0].found}
        for sight in self.seen:
            for trouble in sight.found:
                if trouble.opened not in known:
                    known.add(trouble.opened)
                    yield trouble.opened, sight, trouble

    def _is_history(self, sight: Sight, trouble: Trouble, closes: Iterable[date | None]) -> bool:
        """Over when it was first seen, and that long ago, or from before something that is told already."""
        if trouble.closed is None:
            return False
        since = sum(day > trouble.closed for day, _ in observed(sight.readings))
        return since > RECENT or any(close and trouble.opened <= close for close in closes)
