"""Text and HTML say the same, light and dark, and fetch nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from alerts.compose import Picture
from alerts.templates.blocks import State
from monitor.model import Event
from tests.composing.reading import HOSTILE, composed, parsed, visible
from tests.factories.stories import (
    CARD,
    CHECK,
    KEY,
    READING,
    SUBJECT,
    TRANSITION,
    story,
    transition,
)


@pytest.mark.parametrize("grouped", [False, True])
def test_text_and_html_say_the_same_words(grouped: bool) -> None:
    others = [transition(event, subject=f"gold {event}") for event in Event] if grouped else []
    notice = composed(story(TRANSITION, *others), base_url="https://desk.example.org")
    text = [word for word in notice.text.split() if not re.fullmatch(r"[=-]{3,}", word)]
    assert Counter(text) == Counter(visible(notice.html))


def test_the_html_fetches_nothing_and_runs_nothing() -> None:
    html = composed(story(), base_url="https://desk.example.org").html
    page = parsed(html)
    assert not page.tags.keys() & {"script", "link", "img", "iframe", "object", "form", "svg", "video", "base"}
    assert "@import" not in html
    assert "url(" not in html
    assert page.addresses == [
        "https://desk.example.org/checks/delivery_cover?subject=silver%20comex%202026-05",
        "https://www.example.org/stocks.xls",
    ]


def test_light_and_dark_are_declared_and_the_column_is_600_wide() -> None:
    html = composed(story()).html
    for part in ('name="color-scheme" content="light dark"', "prefers-color-scheme: dark", "max-width:600px"):
        assert part in html


def test_no_value_becomes_markup_or_a_dangerous_link() -> None:
    card = replace(CARD, title=HOSTILE, why=HOSTILE, source_links=((HOSTILE, "javascript:alert(1)"), ("x", HOSTILE)))
    reading = replace(READING, inputs={HOSTILE: HOSTILE, "typical": HOSTILE}, reason=HOSTILE)
    html = composed(story(cards={CHECK: card}, readings={KEY: reading}, names={SUBJECT: HOSTILE})).html
    page = parsed(html)
    assert page.tags["script"] == 0
    assert page.addresses == []
    assert (
        page.tags == parsed(composed(story(cards={CHECK: replace(card, title="x")}, readings={KEY: reading})).html).tags
    )


def test_a_picture_stands_in_the_html_and_its_words_in_both() -> None:
    notice = composed(story(pictures=(Picture("chart", b"\x89PNG", "Cover fell through one on 8 May."),)))
    assert notice.images == (("chart", b"\x89PNG"),)
    assert 'src="cid:chart"' in notice.html
    assert "Cover fell through one on 8 May." in notice.text


def test_the_five_states_differ_in_shape_word_and_colour_and_can_be_seen() -> None:
    for of in (State.shape, State.word, State.light):
        assert len({of.fget(state) for state in State}) == 5  # type: ignore[attr-defined]
    for state in State:
        assert contrast(state.light, "#fbfaf7") >= 3
        assert contrast(state.dark, "#14171a") >= 4.5


def test_every_colour_that_words_are_set_in_has_contrast_enough() -> None:
    html = composed(story()).html
    words = html.replace(State.CRITICAL.light, "")
    light = set(re.findall(r"(?<![-\w])color:(#[0-9a-f]{6})", words))
    dark = set(re.findall(r"(?<![-\w])color: (#[0-9a-f]{6})", words))
    assert light == {"#1b1f24", "#5c6370", "#2f5d8a"}
    assert min(contrast(colour, "#fbfaf7") for colour in light) >= 4.5
    assert min(contrast(colour, "#14171a") for colour in dark) >= 4.5


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
