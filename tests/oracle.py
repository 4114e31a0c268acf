"""A second, deliberately naive account of alerts, to hold the real one against.

It searches whole histories instead of walking them, keeps nothing between steps and shares no code with
`monitor.judge` or `monitor.telling`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.model import Policy, Reading, Verdict

BREACHES = (Verdict.WARNING, Verdict.CRITICAL)
LETTERS = {
    "C": Verdict.CLEAR,
    "b": Verdict.BAND,
    "W": Verdict.WARNING,
    "X": Verdict.CRITICAL,
    ".": Verdict.NODATA,
    "!": Verdict.ERROR,
}
FIRST_DAY = date(2026, 1, 1)


def day(number: int) -> date:
    """The session of that number, from 0."""
    return FIRST_DAY + timedelta(number)


def readings(verdicts: str, start: int = 0) -> list[Reading]:
    """Made-up readings of one key, one letter a session: C clear, b band, W warning, X critical, . no data, ! error."""
    return [
        Reading("made_up", "silver", day(start + number), float(number), LETTERS[letter])
        for number, letter in enumerate(verdicts)
    ]


@dataclass(frozen=True)
class Trouble:
    """One episode: sessions as dates, severities as text."""

    opened: date
    closed: date | None
    severity: str
    peak: str


@dataclass(frozen=True)
class Said:
    """One message: what, about which opening, how bad."""

    event: str
    opened: date
    severity: str


def observed(readings: Sequence[Reading]) -> list[tuple[date, Verdict]]:
    """What counts, in session order."""
    counted = [(r.session, r.verdict) for r in readings if r.verdict not in (Verdict.NODATA, Verdict.ERROR)]
    return sorted(counted, key=lambda pair: pair[0])


def troubles(readings: Sequence[Reading], policy: Policy) -> list[Trouble]:
    """Every episode: find an opening, find its close, begin again behind it."""
    return _search(observed(readings), policy)


def _search(seen: list[tuple[date, Verdict]], policy: Policy) -> list[Trouble]:
    verdicts = [verdict for _, verdict in seen]
    opening = next((i for i in range(len(seen)) if _opens(verdicts[: i + 1], policy)), None)
    if opening is None:
        return []
    closing = next((j for j in range(opening + 1, len(seen)) if _closes(verdicts[opening + 1 : j + 1], policy)), None)
    last_open = len(seen) - 1 if closing is None else closing - 1
    grades = [_grade(verdicts[: k + 1], opening, policy) for k in range(opening, last_open + 1)]
    found = Trouble(
        opened=seen[opening][0],
        closed=None if closing is None else seen[closing][0],
        severity=grades[-1],
        peak="critical" if "critical" in grades else "warning",
    )
    return [found] if closing is None else [found, *_search(seen[closing + 1 :], policy)]


def _opens(verdicts: list[Verdict], policy: Policy) -> bool:
    window = verdicts[-policy.enter_m :]
    return verdicts[-1] in BREACHES and sum(verdict in BREACHES for verdict in window) >= policy.enter_n


def _closes(since_opening: list[Verdict], policy: Policy) -> bool:
    tail = since_opening[-policy.leave :]
    return len(tail) == policy.leave and all(verdict is Verdict.CLEAR for verdict in tail)


def _grade(verdicts: list[Verdict], opening: int, policy: Policy) -> str:
    """Severity on the last of these verdicts, found by going back to the last one that settled it."""
    for k in range(len(verdicts) - 1, opening - 1, -1):
        enough = verdicts[: k + 1][-policy.critical_m :].count(Verdict.CRITICAL) >= policy.critical_n
        if enough and (verdicts[k] is Verdict.CRITICAL or k == opening):
            return "critical"
        calm = verdicts[: k + 1][-policy.leave :]
        if k > opening and len(calm) == policy.leave and Verdict.CRITICAL not in calm:
            return "warning"
    return "warning"


def state(readings: Sequence[Reading], policy: Policy) -> tuple[str, int]:
    """(state, progress): of a closed key, how many breaches in a row it would still take to open it."""
    seen = observed(readings)
    found = _search(seen, policy)
    if found and found[-1].closed is None:
        after = [verdict for session, verdict in seen if session > found[-1].opened]
        clears = next((i for i, verdict in enumerate(reversed(after)) if verdict is not Verdict.CLEAR), len(after))
        return ("recovering", clears) if clears else ("firing", 0)
    end = max((session for session, _ in seen), default=date(2000, 1, 1))
    needed = 0
    while not (more := _search(seen, policy)) or more[-1].closed is not None:
        needed += 1
        seen = [*seen, (end + timedelta(needed), Verdict.WARNING)]
    return ("inactive", 0) if needed == policy.enter_n else ("pending", policy.enter_n - needed)


def says(batches: Sequence[tuple[Sequence[Reading], datetime]], policy: Policy) -> list[list[Said]]:
    """What people hear, batch by batch, where readings are only ever added: no revisions, no crashes."""
    told: list[list[Said]] = []
    for number, (readings, now) in enumerate(batches):
        told.append(_says(readings, now, policy, [*zip(batches[:number], told, strict=True)], first=number == 0))
    return told


Past = list[tuple[tuple[Sequence[Reading], datetime], list[Said]]]


def _says(readings: Sequence[Reading], now: datetime, policy: Policy, past: Past, *, first: bool) -> list[Said]:
    found = troubles(readings, policy)
    spoken = [(said, batch) for batch, messages in past for said in messages]
    heard_of = {said.opened for said, _ in spoken}
    ended_before = {t.opened for (earlier, _), _ in past for t in troubles(earlier, policy) if t.closed}
    out: list[Said] = []
    for trouble in found:
        told_severity = _last_told_severity(trouble.opened, past, policy)
        over = [said for said, _ in spoken if said.opened == trouble.opened and said.event in ("recovered", "missed")]
        if trouble.closed and trouble.opened in heard_of and not over:
            out.append(Said("recovered", trouble.opened, told_severity))
        elif trouble.closed and trouble.opened not in heard_of | ended_before and not first:
            if sum(session > trouble.closed for session, _ in observed(readings)) <= 5:
                out.append(Said("missed", trouble.opened, trouble.peak))
        elif trouble.closed is None and trouble.opened not in heard_of:
            out.append(Said("at_start" if first else "firing", trouble.opened, trouble.severity))
        elif trouble.closed is None and (told_severity, trouble.severity) == ("warning", "critical"):
            out.append(Said("escalated", trouble.opened, "critical"))
        elif trouble.closed is None and trouble.severity == "critical" and _repeat(readings, now, trouble, spoken):
            out.append(Said("repeat", trouble.opened, "critical"))
    return out


def _last_told_severity(opened: date, past: Past, policy: Policy) -> str:
    """What people last heard, lowered by any batch since in which it had calmed down."""
    severity = "warning"
    for (earlier, _), messages in past:
        grades = [t.severity for t in troubles(earlier, policy) if t.opened == opened and t.closed is None]
        heard = [said.severity for said in messages if said.opened == opened]
        severity = heard[-1] if heard else "warning" if grades == ["warning"] else severity
    return severity


def _repeat(
    readings: Sequence[Reading],
    now: datetime,
    trouble: Trouble,
    spoken: list[tuple[Said, tuple[Sequence[Reading], datetime]]],
) -> bool:
    about = [(said, batch) for said, batch in spoken if said.opened == trouble.opened]
    loud = [i for i, (said, _) in enumerate(about) if said.event != "repeat"]
    if len(about) - 1 - loud[-1] >= 10:
        return False
    then_readings, then = about[-1][1]
    new = len(observed(readings)) - len(observed(then_readings))
    return new >= 10 and now - then >= timedelta(hours=20)
