"""What is kept from being told for now: pure, at the moment of telling, and never a change of the fold.

What is held back is not marked as told, so that it comes again with the next batch for as long as it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from alerts.labels import MUTES
from alerts.silences import Silence
from monitor.model import Episode, Event, Transition
from monitor.telling import Change, Difference

_ENDS: Final = (Event.RECOVERED, Event.RETRACTED)
Holds = Callable[[Transition], bool]


def silenced(silences: Sequence[Silence]) -> Holds:
    """Whether one of these silences matches a transition."""
    return lambda transition: any(silence.matches(transition) for silence in silences)


def retold(cause: str, now: Collection[str], lately: Collection[str]) -> Holds:
    """Whether a transition tells the story of this alert once more: while it stands of its subject, as it does `now`.

    What came and went with it is over in the batch in which the cause is, so that for this alone `lately` counts too.
    """

    def holds(said: Transition) -> bool:
        stands = said.subject in now or (said.event is Event.MISSED and said.subject in lately)
        return said.check == MUTES[cause] and stands

    return holds


def passed(difference: Difference, holds: Holds) -> Difference:
    """The difference without what is held back, and without what would follow it.

    The end of a story told open is told whatever holds. An episode that came and went while held goes to the audit.
    """
    base, silent = difference.base, list(difference.silent)
    kept: list[Change] = []
    for change in difference.changes:
        said = change.transition
        if said.event in _ENDS or not holds(said):
            kept.append(change)
        elif said.event is not Event.MISSED:
            break
        else:
            silent.append(Episode(said.opened, said.severity, said.severity, said.closed, change.told.version))
            if kept:
                kept[-1] = replace(kept[-1], told=change.told)
            else:
                base = change.told
    return Difference(base, tuple(kept), tuple(silent))
