"""From a story to a message: what it says, in what order, and that nothing can stop it."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from alerts.compose import CheckCard, Picture, Story, compose, fallback
from alerts.mime import as_mail
from alerts.templates.blocks import State
from monitor.model import Event, Notice, Policy, Reading, Severity, Transition, Verdict
from tests.factories.stories import (
    CARD,
    CHECK,
    HISTORY,
    KEY,
    NOW,
    READING,
    SESSION,
    SUBJECT,
    TRANSITION,
    story,
    transition,
)

SENDER = "Bullion <bullion@example.org>"
HOSTILE = "<script>alert(1)</script>\r\nBcc: all@example.org\u2028=?utf-8?q?=0d=0aBcc:_x?= \"'&\x00\x85"


def composed(told: Story, **changes: Any) -> Notice:
    known: dict[str, Any] = {"host": "bullion.example.org", "sent_from": "desk"}
    return compose(told, "desk@example.org", **{**known, **changes})


# --- subjects ------------------------------------------------------------------------------


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


# --- the first screen ----------------------------------------------------------------------


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


# --- inputs, method, small print -----------------------------------------------------------


def test_every_input_stands_in_full_beside_the_dates_of_its_own_leg() -> None:
    lines = [re.sub(r" {2,}", "  ", line.strip()) for line in composed(story()).text.splitlines()]
    for row in (
        "this check  0.9413  2026-05-11  2026-05-12 21:00 UTC",
        "registered  102,257,123.456 oz  2026-05-11  2026-05-12 21:00 UTC",
        "oi  21,726 lots  2026-05-08  2026-05-11 14:00 UTC",
        "claims  108,630,000 oz",
        "status  final",
    ):
        assert row in lines


def test_one_long_value_does_not_push_the_table_off_the_screen() -> None:
    inputs = {**READING.inputs, "registered_remark": "5f" * 32}
    notice = composed(story(readings={KEY: replace(READING, inputs=inputs)}))
    assert re.search(r"(?m)^  oi +21,726 lots  2026-05-08  2026-05-11 14:00 UTC$", notice.text)
    assert max(len(line) for line in notice.text.splitlines() if "5f5f" not in line) < 80
    assert f'overflow-wrap:anywhere">{"5f" * 32}' in notice.html


def test_hashes_of_archived_files_stay_out_of_the_inputs() -> None:
    """They are what `bullion explain` is for."""
    inputs = {**READING.inputs, "registered_sha256": "5f" * 32}
    notice = composed(story(readings={KEY: replace(READING, inputs=inputs)}))
    assert "5f5f" not in notice.text + notice.html


def test_the_command_that_names_the_archived_files_can_be_copied_into_a_shell() -> None:
    assert "bullion explain delivery_cover 'silver comex 2026-05'" in composed(story()).text


def test_sessions_are_counted_up_to_the_reading_shown() -> None:
    told = story(replace(TRANSITION, session=TRANSITION.opened))
    assert "session 2026-05-08, 4 sessions with a value" in composed(told).text


def test_a_leg_without_a_value_keeps_its_dates() -> None:
    inputs = {"rate_session": date(2026, 5, 7), "rate_published_at": None}
    assert re.search(r"rate +2026-05-07", composed(story(readings={KEY: replace(READING, inputs=inputs)})).text)


def test_the_last_sessions_are_listed_oldest_first() -> None:
    text = composed(story()).text
    assert "2026-05-03" not in text
    assert text.index("2026-05-04  1.262") < text.index("2026-05-10  0.986")


def test_definition_formula_sources_and_the_sql_file_are_printed() -> None:
    text = composed(story()).text
    for part in (CARD.definition, CARD.formula, CARD.references[0], "sql/checks/delivery_cover.sql"):
        assert part in " ".join(text.split())
    assert "COMEX stocks: https://www.example.org/stocks.xls" in text


def test_the_last_line_is_that_figures_are_no_advice() -> None:
    notice = composed(story())
    assert notice.text.splitlines()[-1] == "Figures are descriptive, not advice."
    assert " ".join(visible(notice.html)).endswith("Figures are descriptive, not advice.")


def test_a_link_to_the_pages_needs_an_address_of_the_pages() -> None:
    assert "In Bullion" not in composed(story()).text
    linked = composed(story(), base_url="https://desk.example.org/")
    address = "https://desk.example.org/checks/delivery_cover?subject=silver%20comex%202026-05"
    assert f"In Bullion: {address}" in linked.text
    assert f'href="{address}"' in linked.html


def test_the_method_of_a_check_is_printed_once_for_all_its_subjects() -> None:
    told = story(TRANSITION, replace(TRANSITION, subject="silver comex 2026-07"))
    assert composed(told).text.count(CARD.formula) == 1


def test_a_grouped_mail_opens_with_a_row_for_each_change() -> None:
    told = story(TRANSITION, transition(Event.RECOVERED, subject="gold comex 2026-06"))
    overview = composed(told).text.split("critical: Silver")[0]
    assert re.search(r"critical +Silver COMEX May 2026 +Delivery cover +0\.94 +1\.00 +2026-05-08", overview)
    assert re.search(r"ok \(cleared\) +Gold COMEX Jun 2026 +Delivery cover +unknown", overview)


def test_a_reading_or_a_card_that_is_missing_is_said_to_be_missing() -> None:
    notice = composed(story(readings={}, cards={}, history={}))
    assert "unknown: no reading is on file" in notice.text
    assert "opens after" not in notice.text
    assert "could not be drawn" not in notice.text


# --- text and HTML -------------------------------------------------------------------------


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: Counter[str] = Counter()
        self.addresses: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._hidden += tag in ("title", "style")
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "background", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("title", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def parsed(html: str) -> _Visible:
    parser = _Visible()
    parser.feed(html)
    parser.close()
    return parser


def visible(html: str) -> list[str]:
    return parsed(html).words


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


# --- headers and identity ------------------------------------------------------------------


def test_a_bare_identity_becomes_a_message_id_at_the_host() -> None:
    notice = composed(story(message_id="1f00aa", references=("<root@other.example>", "second")))
    assert notice.message_id == "<1f00aa@bullion.example.org>"
    assert notice.references == ("<root@other.example>", "<second@bullion.example.org>")


def test_headers_name_check_subject_and_severity() -> None:
    headers = dict(composed(story()).headers)
    assert headers["X-Bullion-Check"] == CHECK
    assert headers["X-Bullion-Subject"] == SUBJECT
    assert headers["X-Bullion-Severity"] == "critical"
    assert headers["X-Bullion-Events"] == "1 new"


def test_the_same_story_gives_the_same_message() -> None:
    assert composed(story()) == composed(story())


def test_no_word_that_misleads_is_in_any_mail() -> None:
    for event in Event:
        notice = composed(story(transition(event), transition(event, subject="gold")))
        assert not re.search(r"\b(default|crash|soar\w*|plung\w*|buy|sell)\b", notice.text + notice.html, re.IGNORECASE)


# --- nothing can stop it -------------------------------------------------------------------


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


def header_names(mail: bytes) -> list[bytes]:
    """The names of the header lines as a server sees them: up to the first empty line, without folded lines."""
    lines = mail.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    return [line.split(b":", 1)[0] for line in lines if not line.startswith((b" ", b"\t"))]
