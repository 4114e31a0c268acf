"""Readings of one key fold into episodes as reliability.md 2.3 and 2.4 say; all readings here are made up."""

from datetime import date

import pytest

from monitor.judge import State, carry_on, fold
from monitor.model import Episode, Policy, Reading, Severity, Verdict
from tests.oracle import day, readings

N2_M3 = Policy(enter_n=2, enter_m=2, leave=3)
N1_M1 = Policy(enter_n=1, enter_m=1, leave=1)
N2_OF_3 = Policy(enter_n=2, enter_m=3, leave=2)
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


@pytest.mark.parametrize(
    ("policy", "before", "verdict", "state", "progress"),
    [
        pytest.param(N1_M1, "C", "W", State.FIRING, 0, id="inactive, breach, N=1: fires"),
        pytest.param(N2_M3, "C", "W", State.PENDING, 1, id="inactive, breach, N=2: pending"),
        pytest.param(N2_M3, "C", "b", State.INACTIVE, 0, id="inactive, band: stays"),
        pytest.param(N2_M3, "C", "C", State.INACTIVE, 0, id="inactive, clear: stays"),
        pytest.param(N2_M3, "C", ".", State.INACTIVE, 0, id="inactive, no data: stays"),
        pytest.param(N2_M3, "C", "!", State.INACTIVE, 0, id="inactive, error: stays"),
        pytest.param(N2_M3, "CW", "W", State.FIRING, 0, id="pending, breach, N reached: fires"),
        pytest.param(Policy(3, 3), "CW", "W", State.PENDING, 2, id="pending, breach, N not reached: one more"),
        pytest.param(N2_M3, "CW", "b", State.INACTIVE, 0, id="pending, band: inactive"),
        pytest.param(N2_M3, "CW", "C", State.INACTIVE, 0, id="pending, clear: inactive"),
        pytest.param(N2_M3, "CW", ".", State.PENDING, 1, id="pending, no data: held"),
        pytest.param(N2_M3, "CW", "!", State.PENDING, 1, id="pending, error: held"),
        pytest.param(N2_M3, "WW", "W", State.FIRING, 0, id="firing, breach: stays"),
        pytest.param(N2_M3, "WW", "X", State.FIRING, 0, id="firing, critical breach: stays"),
        pytest.param(N2_M3, "WW", "b", State.FIRING, 0, id="firing, band: stays"),
        pytest.param(N2_M3, "WW", "C", State.RECOVERING, 1, id="firing, clear, M=3: recovering"),
        pytest.param(N1_M1, "W", "C", State.INACTIVE, 0, id="firing, clear, M=1: inactive"),
        pytest.param(N2_M3, "WW", ".", State.FIRING, 0, id="firing, no data: held"),
        pytest.param(N2_M3, "WW", "!", State.FIRING, 0, id="firing, error: held"),
        pytest.param(N2_M3, "WWC", "W", State.FIRING, 0, id="recovering, breach: firing, same episode"),
        pytest.param(N2_M3, "WWC", "b", State.FIRING, 0, id="recovering, band: firing"),
        pytest.param(N2_M3, "WWC", "C", State.RECOVERING, 2, id="recovering, clear, M not reached: one more"),
        pytest.param(N2_M3, "WWCC", "C", State.INACTIVE, 0, id="recovering, clear, M reached: inactive"),
        pytest.param(N2_M3, "WWCC", ".", State.RECOVERING, 2, id="recovering, no data: held"),
        pytest.param(N2_M3, "WWCC", "!", State.RECOVERING, 2, id="recovering, error: held"),
    ],
)
def test_each_cell_of_the_table_leads_where_it_says(
    policy: Policy, before: str, verdict: str, state: State, progress: int
) -> None:
    folded = fold(readings(before + verdict), policy)
    assert (folded.state, folded.progress) == (state, progress)


def test_an_episode_opens_on_the_breach_that_is_the_nth_and_closes_on_the_mth_clear_in_a_row() -> None:
    assert fold(readings("CWWbCWCCbCCCC"), N2_M3).episodes == (Episode(day(2), WARNING, WARNING, closed=day(11)),)


def test_a_breach_while_recovering_keeps_the_same_episode() -> None:
    assert fold(readings("WWCCW"), N2_M3).episodes == (Episode(day(1), WARNING, WARNING),)


def test_missing_sessions_between_two_breaches_do_not_break_the_row() -> None:
    assert fold(readings("W..!.W"), N2_M3).head == Episode(day(5), WARNING, WARNING)


def test_no_number_of_missing_sessions_closes_an_episode() -> None:
    folded = fold(readings("WW" + ".!" * 100), N2_M3)
    assert (folded.state, folded.last_observed, folded.stale_sessions) == (State.FIRING, day(1), 200)


def test_two_of_three_open_on_a_breach_after_one_clear_session() -> None:
    assert [e.opened for e in fold(readings("WCW"), N2_OF_3).episodes] == [day(2)]


def test_a_key_stays_pending_while_one_more_breach_would_open_it() -> None:
    states = [fold(readings(text), N2_OF_3).state for text in ("W", "WC", "WCC")]
    assert states == [State.PENDING, State.PENDING, State.INACTIVE]


def test_a_breach_before_a_close_does_not_help_to_open_again() -> None:
    """With one clear session closing, the window of two still holds the breach from before."""
    folded = fold(readings("WWCW"), Policy(enter_n=2, enter_m=3, leave=1))
    assert (len(folded.episodes), folded.state, folded.progress) == (1, State.PENDING, 1)


def test_a_key_without_readings_is_inactive() -> None:
    folded = fold([], N2_M3)
    assert (folded.state, folded.episodes, folded.last_observed, folded.head) == (State.INACTIVE, (), None, None)


def test_the_order_of_arrival_does_not_matter() -> None:
    ordered = readings("CWW.CWCCC!W")
    assert fold(reversed(ordered), N2_M3) == fold(ordered, N2_M3)


def test_two_readings_of_one_session_are_an_error() -> None:
    twice = [*readings("WWC"), Reading("made_up", "silver", day(1), 2.0, Verdict.CLEAR)]
    with pytest.raises(ValueError, match="two readings of made_up silver for 2026-01-02"):
        fold(twice, N2_M3)


@pytest.mark.parametrize("policy", [Policy(3, 2), Policy(0, 2), Policy(leave=0), Policy(critical_n=2, critical_m=1)])
def test_a_policy_nothing_can_satisfy_is_an_error(policy: Policy) -> None:
    with pytest.raises(ValueError, match="no reading can satisfy"):
        fold([], policy)


@pytest.mark.parametrize(
    ("policy", "verdicts", "severity", "peak", "since"),
    [
        pytest.param(N2_M3, "WX", CRITICAL, CRITICAL, 1, id="opens critical"),
        pytest.param(N2_M3, "XW", WARNING, WARNING, 1, id="opens a warning when the critical reading is not the last"),
        pytest.param(Policy(2, 2, 3, 1, 2), "XW", CRITICAL, CRITICAL, 1, id="opens critical with one of the last two"),
        pytest.param(N2_M3, "WWX", CRITICAL, CRITICAL, 2, id="escalates at once"),
        pytest.param(Policy(2, 2, 3, 2, 3), "WWXW", WARNING, WARNING, 1, id="one critical of two wanted is a warning"),
        pytest.param(Policy(2, 2, 3, 2, 3), "WWXWX", CRITICAL, CRITICAL, 4, id="escalates on the second of three"),
        pytest.param(N2_M3, "WXWW", CRITICAL, CRITICAL, 1, id="two quieter sessions do not lower it"),
        pytest.param(N2_M3, "WXW.bW", WARNING, CRITICAL, 5, id="three quieter sessions lower it, the peak stays"),
        pytest.param(N2_M3, "WXWbWX", CRITICAL, CRITICAL, 5, id="lowered and raised again"),
        pytest.param(Policy(2, 2, 3, 1, 9), "WXWWWW", WARNING, CRITICAL, 4, id="an old critical does not raise it"),
    ],
)
def test_severity_follows_the_readings(
    policy: Policy, verdicts: str, severity: Severity, peak: Severity, since: int
) -> None:
    folded = fold(readings(verdicts), policy)
    assert folded.head is not None
    assert (folded.head.severity, folded.head.peak, folded.severity_since) == (severity, peak, day(since))


def test_a_closed_episode_keeps_the_severity_it_had_before_its_last_clear_session() -> None:
    assert fold(readings("WXCCC"), N2_M3).episodes == (Episode(day(1), CRITICAL, CRITICAL, closed=day(4)),)


def test_the_version_of_the_check_is_stamped_on_its_episodes() -> None:
    assert [e.version for e in fold(readings("WWCCCWW"), N2_M3, version="v7").episodes] == ["v7", "v7"]


def test_sessions_after_a_day_are_counted_by_what_was_observed() -> None:
    assert fold(readings("WWC..C"), N2_M3).observed_after(day(1)) == 2


@pytest.mark.parametrize(("verdicts", "closed"), [("WWCC", None), ("WWCCC", day(4)), ("C.CCC", day(4)), ("", None)])
def test_an_episode_taken_as_open_closes_only_on_clear_sessions_after_its_opening(
    verdicts: str, closed: date | None
) -> None:
    known = Episode(day(0), CRITICAL, CRITICAL)
    assert carry_on(known, fold(readings(verdicts), N2_M3), N2_M3).closed == closed
