"""Thirteen mistakes that would lose a mail or send a false one: each is planted, and a named test notices it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.planted import FAULTS

NOTICED_BY = {
    "no_data_is_clear": "tests/test_judge.py::test_no_number_of_missing_sessions_closes_an_episode",
    "no_hysteresis": "tests/test_judge.py::"
    "test_an_episode_opens_on_the_breach_that_is_the_nth_and_closes_on_the_mth_clear_in_a_row",
    "missed_is_lost": "tests/test_telling.py::TestMissed::test_it_is_told_with_the_worst_it_was",
    "revision_is_unseen": "tests/test_telling.py::test_a_retracted_story_is_closed_before_a_new_one_is_opened",
    "repeats_by_the_calendar": "tests/test_telling.py::TestRepeats::test_sessions_without_data_do_not_count_towards_it",
    "silence_is_forgotten": "tests/test_silences.py::"
    "test_what_opens_under_a_silence_is_told_when_it_ends_if_it_is_still_open",
    "acknowledgement_outlives_escalation": "tests/ledger/test_told.py::"
    "TestAcknowledgements::test_an_escalation_ends_it",
    "sent_is_sent_again": "tests/ledger/test_outbox.py::TestOutbox::test_a_sent_row_stays_sent",
    "restart_sends_again": "tests/test_news.py::test_fifty_restarts_while_something_fires_send_nothing",
    "cap_drops": "tests/test_addressing.py::test_the_fifth_of_a_day_waits_for_the_overflow_and_nothing_is_dropped",
    "memo_swallows": "tests/test_heldback.py::test_the_memo_tells_what_was_held_back_and_no_mail_of_the_morning_does",
    "end_without_a_beginning": "tests/test_addressing.py::"
    "test_an_end_is_told_to_those_who_were_told_the_beginning_whatever_their_floor",
    "escalation_waits": "tests/test_addressing.py::test_something_critical_goes_at_once_and_takes_along_what_waits",
}


Ran = list[tuple[int, str]]
"""(exit code, what pytest said)."""


@pytest.fixture(scope="module")
def ran() -> Ran:
    """All of them without a fault, then each with its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.planted", *(f"{fault}={test}" for fault, test in NOTICED_BY.items())],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [(code, said) for code, said in json.loads(done.stdout)]


@pytest.mark.slow
def test_without_a_fault_each_of_them_passes(ran: Ran) -> None:
    code, said = ran[0]
    assert code == 0, said
    assert set(NOTICED_BY) == set(FAULTS)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_noticed_by_the_test_named_for_it(ran: Ran, fault: str) -> None:
    code, said = ran[1 + list(NOTICED_BY).index(fault)]
    assert code == 1, f"nobody notices: {FAULTS[fault].__doc__}\n{said}"
    assert f"FAILED {NOTICED_BY[fault]}" in said
    assert "1 failed" in said
