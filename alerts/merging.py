"""What is left to say of messages that have not left yet: one sentence a story, in the order it would be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from monitor.model import Event, Severity, Transition

_OPENS = (Event.FIRING, Event.AT_START)
_GOES_ON = (Event.ESCALATED, Event.REPEAT)


def merged(
    transitions: Iterable[Transition],
    is_told_open: Callable[[Transition], bool] = lambda said: said.event not in _OPENS,
) -> list[Transition]:
    """Transitions of several messages, oldest first, as those of one that is told instead of them.

    A story whose opening has not been told yet: opened and cleared is MISSED, opened and retracted is nothing at all,
    opened and escalated opens as critical. One told open before: its end makes what came between superfluous.
    `is_told_open` says of the first of a story whether its reader was told before that it is open: somebody who is
    told of critical ones alone hears of it with the escalation.
    """
    stories: dict[tuple[str, str, object], list[Transition]] = {}
    for transition in transitions:
        stories.setdefault((transition.check, transition.subject, transition.opened), []).append(transition)
    return [said for story in stories.values() for said in _told(story, is_new=not is_told_open(story[0]))]


def _told(story: Sequence[Transition], *, is_new: bool) -> list[Transition]:
    first, last = story[0], story[-1]
    worst = Severity.CRITICAL if any(t.severity is Severity.CRITICAL for t in story) else Severity.WARNING
    opens = first.event in _OPENS or (is_new and first.event in _GOES_ON)
    if opens and last.event is Event.RETRACTED:
        return []
    if opens and last.event is Event.RECOVERED:
        return [replace(last, event=Event.MISSED, severity=worst)]
    if first.event in _OPENS:
        return [replace(first, severity=last.severity)]
    return [next((t for t in reversed(story) if t.event is not Event.REPEAT), last)]
