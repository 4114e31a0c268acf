"""What, how much against which threshold, since when: before any table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import Event, Policy, Verdict
from tests.composing.reading import composed
from tests.factories.stories import (
    CARD,
    CHECK,
    KEY,
    READING,
    story,
    transition,
)


def test_the_first_screen_answers_the_questions_before_any_table() -> None:
    first = composed(story()).text.split("Value and inputs")[0]
    for answer in (
        "Registered covers 0.94 of remaining deliveries.",
        "opened with session 2026-05-08",
        "0.94, below the critical level of 1.00 (warning level 1.20)",
        "session 2026-05-08, 4 sessions with a value",
        "the March contract at the same distance: 2.84",
        "after 3 sessions in a row at or above 1.30",
        "session 2026-05-11, published 2026-05-12 21:00 UTC",
        "the only hard shortfall",
    ):
        assert answer in first, answer
    assert first.count("\n") < 20


@pytest.mark.parametrize(
    ("value", "verdict", "words"),
    [
        (0.9413, Verdict.CRITICAL, "0.94, below the critical level of 1.00 (warning level 1.20)"),
        (1.1, Verdict.WARNING, "1.10, below the warning level of 1.20 (critical level 1.00)"),
        (1.25, Verdict.BAND, "1.25, below the clearing level of 1.30 (warning level 1.20, critical level 1.00)"),
        (1.42, Verdict.CLEAR, "1.42, above the clearing level of 1.30 (warning level 1.20, critical level 1.00)"),
        (1.0, Verdict.CRITICAL, "1.00, at the critical level of 1.00 (warning level 1.20)"),
        (0.99996, Verdict.CRITICAL, "0.99996, below the critical level of 1.0000 (warning level 1.20)"),
    ],
)
def test_a_value_is_set_against_the_level_that_says_most(value: float, verdict: Verdict, words: str) -> None:
    notice = composed(story(readings={KEY: replace(READING, value=value, verdict=verdict)}))
    assert words in " ".join(notice.text.split())


def test_a_check_that_is_bad_above_is_told_so() -> None:
    told = story(
        cards={CHECK: replace(CARD, direction="above", unit="%", headline="premium {value}")},
        readings={KEY: replace(READING, value=4.2, warn=1.0, critical=3.0, clear=0.5)},
    )
    text = composed(told).text
    assert "4.20 %, above the critical level of 3.00 % (warning level 1.00 %)" in text
    assert "after 3 sessions in a row at or below 0.50 %" in text


def test_a_value_without_a_level_says_that_none_is_set() -> None:
    told = story(readings={KEY: replace(READING, warn=None, critical=None, clear=None)})
    assert "0.94; no level is set" in composed(told).text


def test_unknown_is_said_with_its_reason_and_the_last_value_known() -> None:
    unknown = replace(READING, value=None, verdict=Verdict.NODATA, reason="Shanghai limit-locked", inputs={})
    notice = composed(story(readings={KEY: unknown}))
    assert notice.subject == "[critical] Silver COMEX May 2026: delivery cover unknown: Shanghai limit-locked"
    assert "unknown: Shanghai limit-locked; last known 0.94 (session 2026-05-11)" in notice.text


def test_a_reading_with_a_value_and_a_reason_carries_the_reason_as_a_note() -> None:
    assert (
        "preliminary open interest"
        in composed(story(readings={KEY: replace(READING, reason="preliminary open interest")})).text
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event.ESCALATED, "a warning since session 2026-05-08, critical with session 2026-05-11"),
        (Event.RECOVERED, "cleared with session 2026-05-11; it had opened with session 2026-05-08"),
        (Event.RETRACTED, "revised data no longer show what was mailed for session 2026-05-08"),
        (Event.MISSED, "opened with session 2026-05-08 and cleared with session 2026-05-11 before a mail could leave"),
        (Event.REPEAT, "still open; a reminder"),
        (Event.AT_START, "open when Bullion began to watch"),
    ],
)
def test_the_body_says_what_happened(event: Event, words: str) -> None:
    notice = composed(story(transition(event)))
    assert words in " ".join(notice.text.split())
    assert ("clears " in notice.text) == (event not in (Event.RECOVERED, Event.RETRACTED, Event.MISSED))


def test_a_rule_counted_in_a_window_is_said_as_such() -> None:
    told = story(cards={CHECK: replace(CARD, policy=Policy(enter_n=2, enter_m=3, leave=1))})
    text = " ".join(composed(told).text.split())
    assert "opens after 2 of 3 observed sessions below the warning level" in text
    assert "after 1 session at or above 1.30" in text
