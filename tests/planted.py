"""Faults to be planted in the monitor: `python -m tests.planted FAULT=TEST ...` has each noticed, or not, by its test.

Each is put in before any test is collected, and each is a mistake that somebody could make. `tests/test_planted.py`
says which test has to notice it. What takes long to read is read once: every run is a fork of this process.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest

from alerts import addressing, heldback, outbox, told_state
from monitor import gates, judge, telling
from monitor.model import Event, Policy, Reading, Severity, Verdict


def plant(owner: object, name: str, fault: Callable[..., Any]) -> None:
    setattr(owner, name, fault)


def _read_as(verdict: Verdict, other: Verdict) -> None:
    real = judge.fold

    def fold(readings: Iterable[Reading], policy: Policy, *, version: str = "") -> judge.Folded:
        return real(
            [replace(r, verdict=other) if r.verdict is verdict else r for r in readings], policy, version=version
        )

    plant(judge, "fold", fold)


def no_data_is_clear() -> None:
    """A session without data counts towards closing."""
    _read_as(Verdict.NODATA, Verdict.CLEAR)


def no_hysteresis() -> None:
    """Between the levels is taken for clear."""
    _read_as(Verdict.BAND, Verdict.CLEAR)


def missed_is_lost() -> None:
    """What came and went unseen is forgotten."""
    plant(telling._Teller, "catch_up", lambda *_, **__: None)


def revision_is_unseen() -> None:
    """An opening that revised readings contradict stays."""
    plant(telling, "_contradicted", lambda *_: False)


def repeats_by_the_calendar() -> None:
    """Ten days are taken for ten sessions."""

    def days(folded: judge.Folded, day: date) -> int:
        return (folded.readings[-1].session - day).days

    plant(judge.Folded, "observed_after", days)


def silence_is_forgotten() -> None:
    """A silence holds nothing back."""
    plant(gates, "silenced", lambda _silences: lambda _said: False)


def acknowledgement_outlives_escalation() -> None:
    """Somebody acknowledged a warning, and hears no more of the critical."""
    real = told_state.add_event

    def add_event(connection: Any, change: telling.Change, at: Any) -> None:
        quiet = replace(change, transition=replace(change.transition, event=_not_escalated(change)))
        real(connection, quiet, at)

    plant(told_state, "add_event", add_event)


def _not_escalated(change: telling.Change) -> Any:
    event = change.transition.event
    return Event.REPEAT if event is Event.ESCALATED else event


def sent_is_sent_again() -> None:
    """What has left stays in the queue."""
    plant(outbox.Outbox, "sent", lambda *_: None)


def restart_sends_again() -> None:
    """A start takes everything that was sent for unsent."""

    def recover(box: outbox.Outbox) -> None:
        with box._database.transaction() as connection:
            connection.execute("update outbox set state = 'QUEUED' where state in ('SENDING', 'SENT')")

    plant(outbox.Outbox, "recover", recover)


def cap_drops() -> None:
    """What is beyond the day's number is not kept for the overflow."""
    real = addressing.draft

    def draft(*args: Any) -> addressing.Draft:
        made = real(*args)
        return replace(made, transitions=()) if made.kind == addressing.OVERFLOW else made

    plant(addressing, "draft", draft)


def memo_swallows() -> None:
    """What the day's limit held back gives way to a memo that does not tell it."""
    real = heldback.waiting
    plant(heldback, "waiting", lambda *args, **rest: replace(real(*args, **rest), changes=()))


def end_without_a_beginning() -> None:
    """An end is told to somebody who heard of no beginning."""
    plant(outbox.Outbox, "takes_for_open", lambda *_: True)


def escalation_waits() -> None:
    """A critical one keeps its distance from the message before, as a warning does."""
    real = addressing._when

    def when(said: Any, *rest: Any) -> Any:
        return real([replace(one, severity=Severity.WARNING) for one in said], *rest)

    plant(addressing, "_when", when)


FAULTS: Final[dict[str, Callable[[], None]]] = {
    fault.__name__: fault
    for fault in (
        no_data_is_clear, no_hysteresis, missed_is_lost, revision_is_unseen, repeats_by_the_calendar,
        silence_is_forgotten, acknowledgement_outlives_escalation, sent_is_sent_again, restart_sends_again, cap_drops,
        memo_swallows, end_without_a_beginning, escalation_waits,
    )
}  # fmt: skip

HEAVY: Final = ("duckdb", "polars", "hypothesis", "requests", "pydantic")
"""Libraries of others, which no fault touches."""


def run(tests: list[str], fault: str = "") -> tuple[int, str]:
    """(exit code, what pytest said) of these tests in a process of their own, with a fault planted or none."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            if fault:
                FAULTS[fault]()
            code = pytest.main(["--assert=plain", "-p", "no:xdist", "-p", "no:randomly", *tests])
            sys.stdout.flush()
            os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return code, said.read().decode(errors="replace")


def main() -> None:
    """Print a JSON list: of all tests without a fault, then of each test with its fault, [exit code, what was said]."""
    for library in HEAVY:
        importlib.import_module(library)
    pairs = [word.split("=", 1) for word in sys.argv[1:]]
    print(json.dumps([run([test for _, test in pairs]), *(run([test], fault) for fault, test in pairs)]))


if __name__ == "__main__":
    main()
