"""No value, gap or size can stop a message or add to its headers."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerts.compose import CheckCard, Story, compose, fallback
from alerts.mime import as_mail
from monitor.model import Event, Reading, Severity, Transition, Verdict
from tests.composing.reading import HOSTILE, SENDER, composed, header_names
from tests.factories.stories import (
    CARD,
    CHECK,
    HISTORY,
    KEY,
    NOW,
    READING,
    SESSION,
    TRANSITION,
    story,
)


def test_a_broken_reading_spoils_its_own_section_only() -> None:
    broken = replace(READING, value="0.94")  # type: ignore[arg-type]
    other = replace(TRANSITION, check="gold_gap", subject="gold")
    notice = composed(story(TRANSITION, other, readings={KEY: READING, ("gold_gap", "gold"): broken}))
    assert "The details of this change could not be drawn" in notice.text
    assert "Registered covers 0.94 of remaining deliveries." in notice.text
    assert "[critical] gold: gold_gap, session 2026-05-11, opened 2026-05-08" in notice.text


def test_a_broken_card_costs_only_the_method() -> None:
    card = replace(CARD, references=None)  # type: ignore[arg-type]
    notice = composed(story(cards={CHECK: card}))
    assert "How delivery_cover is computed could not be drawn (TypeError)" in notice.text
    assert "registered covers 0.94" in notice.subject


def test_a_message_that_cannot_be_drawn_goes_plain() -> None:
    notice = composed(story(names=None))
    assert notice.subject == "[critical] silver comex 2026-05: delivery_cover, session 2026-05-11, opened 2026-05-08"
    assert "could not be drawn (AttributeError)" in notice.text
    assert notice.text.endswith("Figures are descriptive, not advice.\n")
    assert as_mail(notice, SENDER, NOW)


def test_the_plain_message_names_every_change() -> None:
    several = [replace(TRANSITION, subject=f"subject {n} {HOSTILE}") for n in range(120)]
    notice = fallback(several, "a@example.org", host="b", sent_from=HOSTILE, message_id=HOSTILE, now=NOW)
    assert notice.text.count("[critical] subject") == 100
    assert "20 more not shown." in notice.text
    assert "<script" not in notice.html
    assert as_mail(notice, SENDER, NOW)


def test_a_story_without_transitions_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one transition"):
        composed(replace(story(), transitions=()))


def test_a_mail_stays_below_150_kb_and_says_what_it_left_out() -> None:
    wide = "\u767d\u94f6\u4ed3\u5355" * 60
    reading = replace(READING, inputs={f"column_{n}_{wide}": f"{wide}{n}" for n in range(300)}, reason=wide)
    card = replace(CARD, definition=wide * 20, formula=wide * 20, references=(wide * 5,) * 50, why=wide * 20)
    changes = [replace(TRANSITION, subject=f"{wide} {n}") for n in range(300)]
    told = story(
        *changes,
        readings={(CHECK, change.subject): reading for change in changes},
        cards={CHECK: card},
        history={(CHECK, change.subject): HISTORY * 50 for change in changes},
    )
    notice = composed(told)
    assert len(as_mail(notice, SENDER, NOW)) < 150_000
    assert "could not be drawn" not in notice.text
    assert "more rows not shown." in notice.text
    assert "further changes not shown in full" in notice.text


def test_a_grouped_mail_says_how_many_rows_and_sections_it_left_out() -> None:
    notice = composed(story(*(replace(TRANSITION, subject=f"silver {n}") for n in range(100))))
    overview, rest = notice.text.split("critical: Silver", 1)
    assert overview.count("Delivery cover") == 60
    assert "40 more rows not shown." in overview
    assert rest.count("critical: Silver") == 11
    assert "88 further changes not shown in full" in rest


def test_a_single_mail_with_too_many_inputs_is_cut_too() -> None:
    reading = replace(READING, inputs={f"column_{n}": "\u767d" * 400 for n in range(300)})
    notice = composed(story(readings={KEY: reading}))
    assert len(as_mail(notice, SENDER, NOW)) < 150_000
    assert "more rows not shown." in notice.text


NASTY = (
    *("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00", "\t", " ", "\xa0", "\ud800", "\u202e"),
    *("=?utf-8?q?=0d=0a?=", "=?utf-8?b?DQpCY2M6IHg=?=", "Bcc: x@example.org", "--", "--=_", "$title", "{value}", "%s"),
    *(":", "<", ">", "@", '"', "\\", "(", ")", ",", ";", "\u767d\u94f6", "\U0001f600", "e\u0301", "a" * 300),
)


def values(seed: int, count: int) -> Iterator[str]:
    rng = random.Random(seed)
    for _ in range(count):
        parts = [
            rng.choice(NASTY) if rng.random() < 0.6 else chr(rng.randrange(0x110000))
            for _ in range(rng.randrange(1, 12))
        ]
        yield "".join(parts)


def test_no_value_can_add_a_header_or_stop_the_mail() -> None:
    """Random values in every text of a story: as many headers as ever, and each mail can be sent."""
    plain = header_names(as_mail(composed(story()), SENDER, NOW))
    for value in values(20260512, int(os.environ.get("BULLION_SOAK", "300"))):
        hit = Transition(value, value, Event.FIRING, Severity.CRITICAL, SESSION, SESSION)
        card = CheckCard(
            value, value, value, value, "below", value, value, (value,), value, ((value, value),), 2, value
        )
        reading = Reading(value, value, SESSION, 0.9, Verdict.CRITICAL, 1.2, 1.0, 1.3, NOW, value, {value: value})
        told = Story((hit,), {(value, value): reading}, {value: card}, {}, value, (), NOW, names={value: value})
        notice = compose(told, "desk@example.org", host=value, sent_from=value, base_url=value)
        mail = as_mail(notice, SENDER, NOW)
        assert "could not be drawn" not in notice.text, repr(value)
        assert header_names(mail) == plain, repr(value)
        assert max(map(len, mail.split(b"\r\n"))) < 998, repr(value)
        assert mail.isascii()
