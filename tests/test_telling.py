"""What is said is the difference between what the readings say and what was told; all readings here are made up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.judge import fold
from monitor.model import Event, Policy, Severity
from monitor.telling import NEW_THRESHOLD, REOPENED, Difference, Told, difference
from tests.oracle import day, readings

NOW = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
POLICY = Policy(enter_n=2, enter_m=2, leave=3)
FRESHNESS = Policy(enter_n=1, enter_m=1, leave=1, late_arrival_recovers=True)
SHUT = Told("made_up", "silver", version="v1")
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def told_open(opened: int, severity: Severity = WARNING, at: datetime = NOW - timedelta(days=30)) -> Told:
    """A told-state open since that session, told on it."""
    return Told(
        "made_up", "silver", day(opened), severity, seq=1, told_session=day(opened), told_at=at, version="v1"
    )  # fmt: skip


def say(
    told: Told | None,
    verdicts: str,
    policy: Policy = POLICY,
    *,
    start: int = 0,
    version: str = "v1",
    at_start: bool = False,
    acked: date | None = None,
    past: date = date.min,
) -> Difference:
    """The difference between a told-state and these readings."""
    folded = fold(readings(verdicts, start), policy, version=version)
    return difference(told, folded, policy, now=NOW, at_start=at_start, acked=acked, past=past)


def events(said: Difference) -> list[tuple[Event, date, date | None]]:
    """(event, opening, close) of each change."""
    return [(c.transition.event, c.transition.opened, c.transition.closed) for c in said.changes]


@pytest.mark.parametrize(
    ("told", "verdicts", "expected"),
    [
        pytest.param(SHUT, "CWW", [(Event.FIRING, day(2), None)], id="closed, firing"),
        pytest.param(SHUT, "CWWC", [(Event.FIRING, day(2), None)], id="closed, recovering"),
        pytest.param(SHUT, "CWC", [], id="closed, inactive"),
        pytest.param(SHUT, "CWWCCCC", [(Event.MISSED, day(2), day(5))], id="closed, inactive, one ended unseen"),
        pytest.param(told_open(2), "CWWW", [], id="open, firing"),
        pytest.param(told_open(2), "CWWCC", [], id="open, recovering"),
        pytest.param(told_open(2), "CWWCCC", [(Event.RECOVERED, day(2), day(5))], id="open, inactive: recovered"),
        pytest.param(told_open(2), "CWCCCC", [(Event.RETRACTED, day(2), None)], id="open, opening gone: retracted"),
        pytest.param(told_open(2), "CWC", [(Event.RETRACTED, day(2), None)], id="open, opening just gone: retracted"),
        pytest.param(
            told_open(2), "CCW", [(Event.RETRACTED, day(2), None)], id="open, breach before it gone: retracted"
        ),
        pytest.param(told_open(2), "CWWX", [(Event.ESCALATED, day(2), None)], id="open warning, now critical"),
    ],
)
def test_each_row_of_the_table_says_what_it_says(
    told: Told, verdicts: str, expected: list[tuple[Event, date, date | None]]
) -> None:
    assert events(say(told, verdicts)) == expected


def test_once_stored_the_same_readings_say_nothing() -> None:
    first = say(SHUT, "CWWCCCCWW")
    assert say(first.told, "CWWCCCCWW") == Difference(base=first.told)


def test_a_transition_carries_the_reading_of_its_session_and_the_told_state_after_it() -> None:
    (change,) = say(SHUT, "CWX").changes
    assert change.reading == readings("CWX")[2]
    assert (change.transition.severity, change.transition.session) == (CRITICAL, day(2))
    assert change.told == Told("made_up", "silver", day(2), CRITICAL, None, 1, day(2), NOW, 0, "v1")


def test_an_escalation_names_the_session_that_caused_it() -> None:
    (change,) = say(told_open(1), "WWXW").changes
    assert change.transition.session == day(2)


def test_the_old_story_is_closed_before_a_new_one_is_opened() -> None:
    assert events(say(told_open(1), "WWCCCWW")) == [
        (Event.RECOVERED, day(1), day(4)),
        (Event.FIRING, day(6), None),
    ]


def test_a_retracted_story_is_closed_before_a_new_one_is_opened() -> None:
    assert events(say(told_open(1), "WCCCCWW")) == [(Event.RETRACTED, day(1), None), (Event.FIRING, day(6), None)]


def test_after_a_long_absence_everything_comes_in_order() -> None:
    """Told open, then recovered, one whole episode and a new opening while nobody looked."""
    assert events(say(told_open(1), "WWCCCWWCCCWW")) == [
        (Event.RECOVERED, day(1), day(4)),
        (Event.MISSED, day(6), day(9)),
        (Event.FIRING, day(11), None),
    ]


class TestMissed:
    @pytest.mark.parametrize(("sessions_since", "missed"), [(0, True), (5, True), (6, False)])
    def test_it_is_told_up_to_five_observed_sessions_later(self, sessions_since: int, missed: bool) -> None:
        said = say(SHUT, "WWCCC" + "C.." * sessions_since)
        assert [event for event, _, _ in events(said)] == ([Event.MISSED] if missed else [])
        assert [e.opened for e in said.silent] == ([] if missed else [day(1)])

    def test_it_is_told_with_the_worst_it_was(self) -> None:
        (change,) = say(SHUT, "WXCCC").changes
        assert (change.transition.severity, change.transition.session) == (CRITICAL, day(4))

    def test_a_silent_one_is_reported_to_the_audit_once(self) -> None:
        first = say(SHUT, "WWCCC" + "C" * 6)
        assert say(first.told, "WWCCC" + "C" * 7).silent == ()

    def test_an_episode_told_before_is_not_missed_when_its_close_moves(self) -> None:
        recovered = say(told_open(1), "WWCCC").told
        assert events(say(recovered, "WWCbCCC")) == []


class TestTheStart:
    def test_what_is_open_goes_as_state_at_start_and_the_past_stays_silent(self) -> None:
        said = say(None, "WWCCCWW", at_start=True)
        assert events(said) == [(Event.AT_START, day(6), None)]
        assert [e.opened for e in said.silent] == [day(1)]

    def test_a_quiet_key_gets_a_told_state_without_a_word(self) -> None:
        said = say(None, "CCC", at_start=True)
        assert (said.changes, said.told) == ((), SHUT)

    def test_a_story_told_at_start_recovers_like_any_other(self) -> None:
        told = say(None, "CWW", at_start=True).told
        assert events(say(told, "CWWCCC")) == [(Event.RECOVERED, day(2), day(5))]

    def test_a_new_subject_of_a_known_check_fires(self) -> None:
        assert events(say(None, "CWW")) == [(Event.FIRING, day(2), None)]

    def test_a_key_that_is_neither_told_nor_read_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="there is no key"):
            say(None, "")


class TestThePast:
    @pytest.mark.parametrize(
        ("past", "expected"),
        [(3, [(Event.FIRING, day(2), None)]), (4, [])],
        ids=["its last breach is of that day", "its last breach lies before"],
    )
    def test_what_is_open_by_old_breaches_alone_is_no_news(
        self, past: int, expected: list[tuple[Event, date, date | None]]
    ) -> None:
        assert events(say(SHUT, "CWWWC", past=day(past))) == expected

    def test_it_is_news_with_its_next_breach(self) -> None:
        told = say(SHUT, "CWWWC", past=day(4)).told
        assert events(say(told, "CWWWCW", past=day(4))) == [(Event.FIRING, day(2), None)]

    def test_what_ended_meanwhile_stays_silent_and_is_written_down(self) -> None:
        said = say(SHUT, "CWWCCC", past=day(3))
        assert (events(said), [e.opened for e in said.silent]) == ([], [day(2)])
        assert say(said.told, "CWWCCC", past=day(3)).silent == ()

    def test_a_story_told_open_goes_on_however_old_its_breaches_are(self) -> None:
        assert events(say(told_open(2), "CWWCCC", past=day(9))) == [(Event.RECOVERED, day(2), day(5))]


class TestRevisions:
    @pytest.mark.parametrize(
        "revised", ["WWWWW", "CCCWW", "CWbWW"], ids=["opens earlier", "opens later", "opens later after a band"]
    )
    def test_an_open_story_whose_opening_moves_says_nothing_and_keeps_its_name(self, revised: str) -> None:
        said = say(told_open(2), revised)
        assert (said.changes, said.told.opened) == ((), day(2))

    def test_a_moved_opening_still_recovers_under_its_told_name(self) -> None:
        assert events(say(told_open(2), "CCCWWCCC")) == [(Event.RECOVERED, day(2), day(7))]

    def test_a_recovery_that_is_revised_away_fires_again_and_says_so(self) -> None:
        recovered = say(told_open(1), "WWCCC").told
        said = say(recovered, "WWCbC")
        assert events(said) == [(Event.FIRING, day(1), None)]
        assert said.changes[0].note == REOPENED

    def test_an_earlier_episode_found_beside_a_told_one_is_silent(self) -> None:
        told = told_open(7)
        said = say(told, "WWCCCCWWCCC")
        assert events(said) == [(Event.RECOVERED, day(7), day(10))]
        assert [e.opened for e in said.silent] == [day(1)]
        assert say(said.told, "WWCCCCWWCCC") == Difference(base=said.told)

    def test_it_is_silent_though_it_ended_a_moment_ago(self) -> None:
        said = say(told_open(4), "WWCWWC", Policy(enter_n=2, enter_m=2, leave=1))
        assert events(said) == [(Event.RECOVERED, day(4), day(5))]

    def test_it_is_dealt_with_when_the_told_story_is_retracted(self) -> None:
        said = say(told_open(8), "WWCCCCCCCCC")
        assert events(said) == [(Event.RETRACTED, day(8), None)]
        assert say(said.told, "WWCCCCCCCCC") == Difference(base=said.told)

    def test_an_opening_session_that_no_longer_breaches_is_retracted_though_the_history_is_short(self) -> None:
        """With two of three wanted, a third reading before the first could have made an opening of any breach."""
        policy = Policy(enter_n=2, enter_m=3, leave=3)
        assert events(say(told_open(1), "WC", policy)) == [(Event.RETRACTED, day(1), None)]

    def test_a_late_arrival_recovers_where_the_policy_says_so(self) -> None:
        assert events(say(told_open(2), "CCC", FRESHNESS)) == [(Event.RECOVERED, day(2), day(2))]

    def test_a_source_still_missing_its_next_session_stays_told(self) -> None:
        """The told session has arrived, the next is missing now: one outage, one mail."""
        assert events(say(told_open(2), "CCCW", FRESHNESS)) == []


class TestMissingData:
    @pytest.mark.parametrize("withdrawn", ["CW.", "C..", "C.W", "...", "CW!.."])
    def test_readings_withdrawn_from_under_an_opening_do_not_resolve_it(self, withdrawn: str) -> None:
        said = say(told_open(2), withdrawn)
        assert (said.changes, said.told.opened) == ((), day(2))

    def test_a_story_whose_readings_are_withdrawn_recovers_on_clear_sessions(self) -> None:
        assert events(say(told_open(2), "C..CCC")) == [(Event.RECOVERED, day(2), day(5))]

    def test_a_reading_that_vanished_altogether_counts_as_missing(self) -> None:
        said = difference(told_open(2), fold(readings("CW"), POLICY, version="v1"), POLICY, now=NOW)
        assert said.changes == ()

    @pytest.mark.parametrize(
        ("verdicts", "expected"),
        [
            pytest.param("CCCC.W", [], id="the missing one could be a breach: held"),
            pytest.param("CCCC.WCCC", [(Event.RECOVERED, day(5), day(8))], id="held until enough are clear"),
            pytest.param("CCCCWW", [], id="it comes and is one"),
            pytest.param("CCCCCW", [(Event.RETRACTED, day(5), None)], id="it comes and is none: retracted"),
        ],
    )
    def test_an_opening_is_held_that_a_missing_reading_could_still_make_though_it_never_stood_on_it(
        self, verdicts: str, expected: list[tuple[Event, date, date | None]]
    ) -> None:
        """`CCCW.W` opened it with two breaches of three; then the first of them is revised to clear."""
        policy = Policy(enter_n=2, enter_m=3, leave=3)
        assert events(say(SHUT, "CCCW.W", policy)) == [(Event.FIRING, day(5), None)]
        assert events(say(told_open(5), verdicts, policy)) == expected

    def test_no_readings_at_all_resolve_nothing(self) -> None:
        assert say(told_open(2), "").changes == ()

    def test_an_opening_before_the_first_reading_is_held(self) -> None:
        """The evaluation looks back 400 days; a story can be older."""
        assert say(told_open(2), "b" * 50, start=10).changes == ()

    def test_an_opening_on_the_first_reading_is_held_though_the_breach_before_it_is_out_of_sight(self) -> None:
        assert say(told_open(10), "Wbbb", start=10).changes == ()

    def test_an_opening_before_the_first_reading_recovers_on_clear_sessions(self) -> None:
        assert events(say(told_open(2), "bCCCC", start=10)) == [(Event.RECOVERED, day(2), day(13))]

    def test_an_opening_before_the_first_reading_keeps_its_severity(self) -> None:
        assert say(told_open(2, CRITICAL), "bb", start=10).told.severity is CRITICAL

    def test_an_opening_before_the_first_reading_escalates(self) -> None:
        assert events(say(told_open(2), "bX", start=10)) == [(Event.ESCALATED, day(2), None)]


class TestRepeats:
    LONG = "WX" + "X" * 10

    def test_a_critical_story_is_repeated_after_ten_observed_sessions(self) -> None:
        said = say(told_open(1, CRITICAL), self.LONG)
        assert events(said) == [(Event.REPEAT, day(1), None)]
        assert (said.told.repeats, said.told.told_session) == (1, day(11))

    def test_sessions_without_data_do_not_count_towards_it(self) -> None:
        assert say(told_open(1, CRITICAL), "WX" + "X" * 9 + "...").changes == ()

    def test_it_waits_until_twenty_hours_have_passed(self) -> None:
        assert say(told_open(1, CRITICAL, at=NOW - timedelta(hours=19)), self.LONG).changes == ()

    def test_a_warning_is_never_repeated(self) -> None:
        assert say(told_open(1), "WW" + "W" * 30).changes == ()

    def test_the_eleventh_is_not_sent(self) -> None:
        told, count, verdicts = told_open(1, CRITICAL), 0, "WX"
        for _ in range(13):
            verdicts += "X" * 10
            folded = fold(readings(verdicts), POLICY, version="v1")
            told_at = told.told_at or NOW
            said = difference(told, folded, POLICY, now=told_at + timedelta(days=14))
            count, told = count + len(said.changes), said.told
        assert count == 10

    def test_the_count_begins_again_with_an_escalation(self) -> None:
        tired = replace(told_open(1), repeats=10)
        assert say(tired, "WWX").told.repeats == 0

    def test_the_count_begins_again_with_a_new_story(self) -> None:
        tired = replace(told_open(1), repeats=10)
        assert say(tired, "WWCCCWW").told.repeats == 0

    def test_an_acknowledgement_holds_it_back_for_ten_sessions(self) -> None:
        told, verdicts = told_open(1, CRITICAL), self.LONG
        assert say(told, verdicts, acked=day(11)).changes == ()
        assert say(told, verdicts + "X" * 9, acked=day(11)).changes == ()
        assert len(say(told, verdicts + "X" * 10, acked=day(11)).changes) == 1


class TestSeverity:
    def test_it_is_lowered_without_a_word_and_raised_again_with_one(self) -> None:
        lowered = say(told_open(1, CRITICAL), "WXWWW")
        assert (lowered.changes, lowered.told.severity) == ((), WARNING)
        assert events(say(lowered.told, "WXWWWX")) == [(Event.ESCALATED, day(1), None)]

    def test_an_escalation_is_told_though_the_story_is_acknowledged(self) -> None:
        assert events(say(told_open(1), "WWX", acked=day(1))) == [(Event.ESCALATED, day(1), None)]

    def test_a_recovery_goes_by_the_severity_people_know(self) -> None:
        (change,) = say(told_open(1), "WWXCCC").changes
        assert change.transition.severity is WARNING


class TestANewThreshold:
    def test_a_story_that_no_longer_holds_is_recovered_with_the_reason(self) -> None:
        said = say(told_open(2), "CbbCC", version="v2")
        assert events(said) == [(Event.RECOVERED, day(2), day(4))]
        assert said.changes[0].note == NEW_THRESHOLD

    def test_a_story_that_still_holds_says_nothing_and_takes_the_version(self) -> None:
        said = say(told_open(2), "CWWW", version="v2")
        assert (said.changes, said.told.version) == ((), "v2")

    def test_the_past_it_makes_stays_silent(self) -> None:
        said = say(SHUT, "WWCCC", version="v2")
        assert (said.changes, [e.opened for e in said.silent]) == ((), [day(1)])

    def test_what_is_open_under_it_fires_with_the_reason(self) -> None:
        said = say(SHUT, "CWW", version="v2")
        assert [(c.transition.event, c.note) for c in said.changes] == [(Event.FIRING, NEW_THRESHOLD)]


class TestHoldingBack:
    """A silence drops the last changes; what is stored is the told-state before them."""

    def test_what_was_held_back_comes_again(self) -> None:
        held = say(SHUT, "CWW")
        assert events(say(held.base, "CWWW")) == [(Event.FIRING, day(2), None)]

    def test_a_recovery_told_before_a_held_opening_is_not_told_twice(self) -> None:
        recovered, _fired = say(told_open(1), "WWCCCWW").changes
        assert events(say(recovered.told, "WWCCCWW")) == [(Event.FIRING, day(6), None)]

    def test_what_needs_no_message_is_stored_all_the_same(self) -> None:
        held = say(SHUT, "WWCCC" + "C" * 6 + "WW")
        assert held.base.closed_through == day(4)
