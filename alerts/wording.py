"""The sentences of a mail: what happened, against which level, since when, what would clear it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from alerts.story import CheckCard, Story
from alerts.templates.blocks import State
from alerts.textual import UNKNOWN, apart, count, listing, moment, one_line, quantity, subject_words
from monitor.model import Event, Reading, Severity, Transition

SUBJECT_LIMIT = 118
COUNTS_LIMIT = 40
CLOSING = frozenset({Event.RECOVERED, Event.RETRACTED, Event.MISSED})
_TAGS = {
    Event.RECOVERED: "cleared",
    Event.RETRACTED: "retracted",
    Event.MISSED: "missed",
    Event.AT_START: "state at start",
}
_COUNTED = (
    (Event.FIRING, "new"),
    (Event.ESCALATED, "escalated"),
    (Event.REPEAT, "still open"),
    (Event.AT_START, "at start"),
    (Event.RECOVERED, "cleared"),
    (Event.RETRACTED, "retracted"),
    (Event.MISSED, "missed"),
)


def state(transition: Transition) -> State:
    """The state the key is in after this transition."""
    if transition.event in CLOSING:
        return State.OK
    return State.CRITICAL if transition.severity is Severity.CRITICAL else State.WARNING


def tag(transition: Transition) -> str:
    """The word in the subject's brackets."""
    return _TAGS.get(transition.event, transition.severity.value)


def standing(transition: Transition) -> str:
    """How it stands, in words beside the shape: `critical`, `ok (cleared)`."""
    if transition.event in CLOSING:
        return f"{State.OK.word} ({_TAGS[transition.event]})"
    return transition.severity.value


def card_of(story: Story, check: str) -> CheckCard:
    """The check's card, or one made of its bare name."""
    return story.cards.get(check) or CheckCard(name=check, title=check.replace("_", " "))


def name_of(story: Story, subject: str) -> str:
    return one_line(story.names.get(subject) or subject_words(subject), 80)


def lowered(text: str) -> str:
    """The first letter small, unless the word is an acronym or a name with a second capital."""
    return text if text[1:2].isupper() or text[1:2].isdigit() else text[:1].lower() + text[1:]


def headline(card: CheckCard, reading: Reading | None) -> str:
    """The answer as a sentence without its full stop."""
    if reading is None or reading.value is None:
        reason = f": {reading.reason}" if reading is not None and reading.reason else ""
        return one_line(f"{lowered(card.title)} {UNKNOWN}{reason}", 160)
    value = apart(reading.value, _nearest(card, reading)[1], card.unit, card.decimals)[0]
    signed = f"+{value}" if reading.value > 0 else value
    text = card.headline or f"{lowered(card.title)} {{value}}"
    return one_line(text.replace("{value:+}", signed).replace("{value}", value), 160)


def subject(story: Story) -> str:
    """The Subject header: one line, under 120 characters."""
    if len(story.transitions) > 1:
        return _grouped(story)
    only = story.transitions[0]
    card = card_of(story, only.check)
    tail = ""
    if only.event is Event.REPEAT:
        tail = f", open since {only.opened}"
    elif only.event is Event.MISSED:
        tail = f", open {only.opened} to {only.closed or only.session}"
    start = f"[{tag(only)}] {name_of(story, only.subject)}: {headline(card, story.readings.get(key(only)))}"
    return one_line(start, SUBJECT_LIMIT - len(tail)) + tail


def _grouped(story: Story) -> str:
    parts = [
        f"{name_of(story, t.subject)} {lowered(card_of(story, t.check).title)} {_TAGS.get(t.event, t.severity.value)}"
        for t in ordered(story.transitions)
    ]
    if all(t.event is Event.AT_START for t in story.transitions):
        critical = sum(t.severity is Severity.CRITICAL for t in story.transitions)
        start = f"[state at start] Bullion: {len(parts)} open, {critical} critical: "
        parts = [part.removesuffix(" state at start") for part in parts]
    else:
        counted = counts(story.transitions)
        start = f"[{counted if len(counted) <= COUNTS_LIMIT else f'{len(parts)} changes'}] Bullion: "
    return one_line(start + listing([one_line(p, 90) for p in parts], SUBJECT_LIMIT - len(start)), SUBJECT_LIMIT)


def counts(transitions: Sequence[Transition]) -> str:
    """`2 new, 1 cleared`."""
    by_event = Counter(t.event for t in transitions)
    return ", ".join(f"{by_event[event]} {word}" for event, word in _COUNTED if by_event[event])


def ordered(transitions: Sequence[Transition]) -> list[Transition]:
    """Worst and newest first: open before closed, critical before warning."""
    place = {event: i for i, (event, _) in enumerate(_COUNTED)}
    return sorted(
        transitions,
        key=lambda t: (t.event in CLOSING, t.severity is not Severity.CRITICAL, place[t.event], t.check, t.subject),
    )


def key(transition: Transition) -> tuple[str, str]:
    return transition.check, transition.subject


def happened(transition: Transition) -> str:
    """What this transition is, with its sessions."""
    closed = transition.closed or transition.session
    opened = transition.opened
    return {
        Event.FIRING: f"opened with session {opened}",
        Event.ESCALATED: f"a warning since session {opened}, critical with session {transition.session}",
        Event.REPEAT: f"still open; a reminder of what opened with session {opened}",
        Event.AT_START: "open when Bullion began to watch; nothing earlier is mailed",
        Event.RECOVERED: f"cleared with session {closed}; it had opened with session {opened}",
        Event.RETRACTED: f"revised data no longer show what was mailed for session {opened}; that mail does not hold",
        Event.MISSED: f"opened with session {opened} and cleared with session {closed} before a mail could leave",
    }[transition.event]


def level(card: CheckCard, reading: Reading | None, known: tuple[date, float] | None = None) -> str:
    """The value against its thresholds; an unknown value with its reason and the last one known."""
    if reading is None:
        return f"{UNKNOWN}: no reading is on file"
    if reading.value is None:
        last = f"; last known {quantity(known[1], card.unit, card.decimals)} (session {known[0]})" if known else ""
        return f"{UNKNOWN}: {reading.reason or 'no reason was given'}{last}"
    named, nearest = _nearest(card, reading)
    value, limit = apart(reading.value, nearest, card.unit, card.decimals)
    if nearest is None:
        return f"{value}; no level is set"
    side = "at" if reading.value == nearest else ("below" if reading.value < nearest else "above")
    others = [
        f"{word} level {quantity(other, card.unit, card.decimals)}"
        for word, other in (("warning", reading.warn), ("critical", reading.critical))
        if other is not None and word != named
    ]
    return f"{value}, {side} the {named} level of {limit}" + (f" ({', '.join(others)})" if others else "")


def _nearest(card: CheckCard, reading: Reading) -> tuple[str, float | None]:
    """The level that says most about the value, with its name: the worst it is beyond, else the first it would meet."""
    levels = (("critical", reading.critical), ("warning", reading.warn))
    for named, limit in levels:
        if limit is not None and _beyond(card, reading, limit):
            return named, limit
    if reading.clear is not None and reading.warn is not None and reading.clear != reading.warn:
        return "clearing", reading.clear
    return levels[1] if reading.warn is not None else levels[0]


def _beyond(card: CheckCard, reading: Reading, limit: float) -> bool:
    if reading.value is None:
        return False
    if reading.value == limit:
        return reading.verdict.breach
    return (reading.value < limit) == (card.direction == "below")


def since(transition: Transition, reading: Reading | None, history: Sequence[tuple[date, float | None]]) -> str:
    """Since which session, and how many with a value that makes up to the reading shown."""
    last = transition.session if reading is None else max(transition.session, reading.session)
    seen = sum(1 for day, value in history if value is not None and transition.opened <= day <= last)
    return f"session {transition.opened}" + (f", {count(seen, 'session')} with a value" if seen else "")


def clears(card: CheckCard, reading: Reading | None) -> str:
    """What would close it."""
    leave = card.policy.leave
    run = "1 session" if leave == 1 else f"{leave} sessions in a row"
    limit = reading.clear if reading is not None else None
    if limit is None:
        return f"after {run} clear of the warning level; missing data never clear it"
    side = "at or above" if card.direction == "below" else "at or below"
    return f"after {run} {side} {quantity(limit, card.unit, card.decimals)}; missing data never clear it"


def opens(card: CheckCard) -> str:
    """When it opens, and when it is critical."""
    policy = card.policy

    def of(n: int, m: int) -> str:
        return f"{count(n, 'session')}{' in a row' if n > 1 else ''}" if n == m else f"{n} of {m} observed sessions"

    return (
        f"opens after {of(policy.enter_n, policy.enter_m)} {card.direction} the warning level, "
        f"critical after {of(policy.critical_n, policy.critical_m)} {card.direction} the critical level"
    )


def as_of(reading: Reading) -> str:
    """Session and published moment of the reading."""
    public = f", published {moment(reading.published_at)}" if reading.published_at is not None else ""
    return f"session {reading.session}{public}"


def figures(story: Story, transition: Transition) -> tuple[str, str]:
    """Value, and the level of the transition's severity, for a summary row."""
    card, reading = card_of(story, transition.check), story.readings.get(key(transition))
    if reading is None:
        return UNKNOWN, ""
    limit = reading.critical if transition.severity is Severity.CRITICAL else reading.warn
    value, level_words = apart(reading.value, limit, card.unit, card.decimals)
    return value, "" if limit is None else level_words
