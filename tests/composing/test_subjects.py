"""The subject stands alone on a phone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import Event, Severity
from tests.composing.reading import composed
from tests.factories.stories import (
    CARD,
    CHECK,
    SUBJECT,
    TRANSITION,
    story,
    transition,
)


def test_a_firing_is_told_in_the_subject() -> None:
    assert composed(story()).subject == (
        "[critical] Silver COMEX May 2026: registered covers 0.94 of remaining deliveries"
    )


@pytest.mark.parametrize(
    ("event", "start", "end"),
    [
        (Event.ESCALATED, "[critical] Silver", "deliveries"),
        (Event.RECOVERED, "[cleared] Silver", "deliveries"),
        (Event.RETRACTED, "[retracted] Silver", "deliveries"),
        (Event.MISSED, "[missed] Silver", "deliveries, open 2026-05-08 to 2026-05-11"),
        (Event.REPEAT, "[critical] Silver", "deliveries, open since 2026-05-08"),
        (Event.AT_START, "[state at start] Silver", "deliveries"),
    ],
)
def test_each_event_has_its_own_subject(event: Event, start: str, end: str) -> None:
    subject = composed(story(transition(event))).subject
    assert subject.startswith(start)
    assert subject.endswith(end)


def test_a_warning_is_called_a_warning() -> None:
    assert composed(story(replace(TRANSITION, severity=Severity.WARNING))).subject.startswith("[warning] ")


def test_several_changes_are_counted_in_the_subject_worst_first() -> None:
    told = story(
        transition(Event.RECOVERED, subject="gold comex 2026-06"),
        transition(Event.FIRING, subject="copper lme", severity=Severity.WARNING),
        TRANSITION,
    )
    subject = composed(told).subject
    assert subject.startswith("[2 new, 1 cleared] Bullion: Silver COMEX May 2026 delivery cover critical")
    assert len(subject) < 120


def test_changes_of_every_kind_leave_room_for_the_worst_of_them() -> None:
    subject = composed(story(*(transition(event, subject="gold comex 2026-06") for event in Event))).subject
    assert subject.startswith("[7 changes] Bullion: Gold COMEX Jun 2026 delivery cover critical")
    assert len(subject) < 120


def test_the_state_at_start_is_one_mail_that_says_so() -> None:
    told = story(*(transition(Event.AT_START, subject=f"silver comex 2026-{month:02}") for month in range(1, 13)))
    subject = composed(told).subject
    assert subject.startswith("[state at start] Bullion: 12 open, 12 critical: Silver COMEX Jan 2026 delivery cover")
    assert subject.endswith("more")
    assert len(subject) < 120


def test_a_long_sentence_is_cut_and_keeps_the_subject_short() -> None:
    told = story(transition(Event.REPEAT), cards={CHECK: replace(CARD, headline="word " * 60 + "{value}")})
    subject = composed(told).subject
    assert len(subject) < 120
    assert subject.endswith("..., open since 2026-05-08")


def test_names_handed_in_win_over_names_made_up() -> None:
    assert "Silver, New York, May" in composed(story(names={SUBJECT: "Silver, New York, May"})).subject
