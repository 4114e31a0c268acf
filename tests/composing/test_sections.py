"""Inputs, method and small print, and the headers of a message."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from monitor.model import Event
from tests.composing.reading import composed, visible
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
