"""Which figure to take apart, and at which moment: the newest reading of a check and subject as it was known then."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final

from monitor import apart, checkfile, checks, sqlfiles
from monitor.apart import Explanation
from monitor.archive import Archive
from monitor.checkfile import Check
from monitor.checks import Moment
from monitor.clock import stamp
from monitor.errors import BullionError

MORNING: Final = time(12, tzinfo=UTC)
"""What is known of a day when no hour is named: noon UTC, before New York opens."""


def readings() -> dict[str, Check]:
    """What can be explained beside the checks: figures that are shown and open nothing."""
    return {path.stem: checkfile.read(path) for path in sqlfiles.folder("readings")}


def moment(as_of: date | None, known_at: datetime | None, basis: str, now: datetime) -> Moment:
    """With a day alone: what was known at noon UTC of it. With neither: what is known now."""
    if known_at is None:
        known_at = now if as_of is None else datetime.combine(as_of, MORNING)
    return Moment(known_at, basis, as_of)


def explain(generation: checks.Readable, check: Check, subject: str, when: Moment, archive: Archive) -> Explanation:
    """The newest reading of this subject at that moment, taken apart.

    Raises BullionError where the check does not run, or has no reading of the subject; it names those it has.
    """
    found = checks.evaluate(generation, [check], when)
    if found.broken:
        raise BullionError(f"{check.name} does not run: {found.broken[check.name]}")
    mine = [r for r in found.readings if r.subject.lower() == subject.lower()]
    if not mine:
        known = sorted({r.subject for r in found.readings})
        raise BullionError(
            f"{check.name} has no reading of {subject or 'nothing'} as known at {stamp(when.known_at)}; "
            + (f"it has {', '.join(known)}" if known else "nothing it needs was known then")
        )
    with generation.cursor() as cur:
        newest = max(mine, key=lambda r: r.session)
        return apart.taken_apart(cur, check, newest, (when.known_at, when.basis), archive)
