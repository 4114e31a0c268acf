"""What is left to say of messages that have not left yet: one sentence a story, in the order it would be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.model import Event, Severity, Transition

_OPENS = (Event.FIRING, Event.AT_START)


def merged(transitions: Iterable[Transition]) -> list[Transition]:
    """Transitions of several messages, oldest first, as those of one that is told instead of them.

    A story whose opening has not been told yet: opened and cleared is MISSED, opened and retracted is nothing at all,
    opened and escalated opens as critical. One told open before: its end makes what came between superfluous.
    """
    stories: dict[tuple[str, str, object], list[Transition]] = {}
    for transition in transitions:
        stories.setdefault((transition.check, transition.subject, transition.opened), []).append(transition)
    return [said for story in stories.values() for said in _told(story)]


def _told(story: Sequence[Transition]) -> list[Transition]:
    first, last = story[0], story[-1]
    worst = Severity.CRITICAL if any(t.severity is Severity.CRITICAL for t in story) else Severity.WARNING
    if first.event in _OPENS and last.event is Event.RETRACTED:
        return []
    if first.event in _OPENS and last.event is Event.RECOVERED:
        return [replace(last, event=Event.MISSED, severity=worst)]
    if first.event in _OPENS:
        return [replace(first, severity=last.severity)]
    return [next((t for t in reversed(story) if t.event is not Event.REPEAT), last)]
