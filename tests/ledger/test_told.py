"""The ledger keeps what people were told: told-state, names of letters, acknowledgements, silences."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.ledger import Ledger
from alerts.letters import message_id
from monitor.model import Event, Severity, Transition
from monitor.telling import Told
from tests.ledger.saying import HOUR, KEY, MINUTE, NOW, query, queued, say
from tests.ledger_worker import RECIPIENTS, change_of, letters_of
from tests.oracle import day


class TestToldState:
    def test_it_comes_back_as_it_was_stored(self, ledger: Ledger, path: Path) -> None:
        said = say(ledger, "CWX")
        with Ledger(path, guest=True) as other:
            (told,) = other.told().values()
        assert replace(told, root_message_id="") == said.told
        assert told.told_at == NOW

    def test_a_check_is_known_once_one_of_its_keys_was_evaluated(self, ledger: Ledger) -> None:
        assert ledger.checks_known() == set()
        say(ledger, "CCC")
        assert ledger.checks_known() == {"made_up"}

    def test_the_first_message_of_a_story_is_its_root_until_it_closes(self, ledger: Ledger) -> None:
        say(ledger, "CWW")
        root = ledger.told()[KEY].root_message_id
        say(ledger, "CWWX")
        assert (root, ledger.told()[KEY].root_message_id) == (
            message_id([(*KEY, "1")], RECIPIENTS[0], "bullion.test"),
            root,
        )
        say(ledger, "CWWXCCC")
        assert ledger.told()[KEY].root_message_id == ""

    def test_recording_the_same_batch_again_changes_nothing(self, ledger: Ledger, path: Path) -> None:
        said = say(ledger, "WWCCCCCCCCCCWW")
        before = query(path, "select * from audit"), query(path, "select * from outbox"), ledger.told()
        letters = [letter for change in said.changes for letter in letters_of(change)]
        silent = [(said.told, episode) for episode in said.silent]
        assert ledger.record(said.changes, letters, [said.told], NOW + HOUR, silent=silent) == 0
        assert (query(path, "select * from audit"), query(path, "select * from outbox"), ledger.told()) == before

    def test_an_older_told_state_does_not_overwrite_a_newer_one(self, ledger: Ledger) -> None:
        say(ledger, "CWW")
        newer = say(ledger, "CWWX")
        ledger.record([], [], [replace(newer.told, seq=1, severity=Severity.WARNING)], NOW)
        assert ledger.told()[KEY].severity is Severity.CRITICAL

    def test_a_batch_that_fails_half_way_leaves_nothing(self, ledger: Ledger, path: Path) -> None:
        """The last letter cannot be stored: no state, no event, no other letter, no audit row."""
        change = change_of(Told(*KEY))
        first, second = letters_of(change)
        broken = replace(second, notice=replace(second.notice, images=(("chart", "no bytes"),)))  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            ledger.record([change], [first, broken], [change.told], NOW)
        counts = [query(path, f"select count(*) from {table}")[0][0] for table in ("told", "events", "outbox", "audit")]
        assert counts == [0, 0, 0, 0]
        say(ledger, "CWW")
        assert len(ledger.told()) == 1

    def test_a_moment_without_a_time_zone_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            queued(ledger, at=datetime(2026, 3, 2))  # noqa: DTZ001  (that is the point)


class TestMessageIds:
    def test_the_same_message_has_the_same_name_whatever_the_order_of_its_keys(self) -> None:
        keys = [("a", "b"), ("c", "d")]
        assert message_id(keys, "x@y", "h") == message_id(reversed(keys), "x@y", "h")

    def test_keys_number_and_recipient_each_make_another_name(self) -> None:
        names = {
            message_id([("a", "bc", "1")], "x@y", "h"),
            message_id([("ab", "c", "1")], "x@y", "h"),
            message_id([("a", "bc", "2")], "x@y", "h"),
            message_id([("a", "bc", "1")], "z@y", "h"),
        }
        assert len(names) == 4

    def test_it_is_24_hexadecimal_digits_at_the_host(self) -> None:
        name = message_id([(*KEY, "1")], "x@y", "bullion.test")
        assert (len(name), name[-14:]) == (39, "@bullion.test>")


class TestAcknowledgements:
    def test_an_open_story_is_acknowledged_until_it_closes(self, ledger: Ledger) -> None:
        say(ledger, "CWX")
        ledger.ack(*KEY, day(2), "mary", NOW)
        assert ledger.acked() == {KEY: NOW.date()}
        say(ledger, "CWXCCC")
        assert ledger.acked() == {}

    def test_an_escalation_ends_it(self, ledger: Ledger) -> None:
        say(ledger, "CWW")
        ledger.ack(*KEY, day(2), "mary", NOW)
        say(ledger, "CWWX")
        assert ledger.acked() == {}

    def test_it_does_not_reach_the_next_story(self, ledger: Ledger) -> None:
        say(ledger, "WX")
        ledger.ack(*KEY, day(1), "mary", NOW)
        say(ledger, "WXCCCWX")
        assert ledger.acked() == {}

    @pytest.mark.parametrize("opened", [day(1), day(3)])
    def test_only_an_open_story_can_be_acknowledged(self, ledger: Ledger, opened: date) -> None:
        say(ledger, "CWW")
        with pytest.raises(LookupError, match="no open alert of made_up for silver"):
            ledger.ack(*KEY, opened, "mary", NOW)


class TestSilences:
    def test_it_is_in_force_from_its_start_until_before_its_end(self, ledger: Ledger) -> None:
        ledger.silence({"check": "made_up"}, "mary", "move of a vault", NOW, NOW + HOUR, NOW)
        moments = (NOW - MINUTE, NOW, NOW + 59 * MINUTE, NOW + HOUR)
        assert [len(ledger.silences(at)) for at in moments] == [0, 1, 1, 0]

    @pytest.mark.parametrize(
        ("matcher", "held"),
        [
            ({"check": "made_up"}, True),
            ({"check": "made_up", "subject": "silver", "severity": "warning"}, True),
            ({"subject": "gold"}, False),
            ({"check": "made_up", "severity": "critical"}, False),
            ({"metal": "Silver"}, True),
            ({"metal": "silver", "venue": "COMEX"}, False),
        ],
    )
    def test_it_holds_back_what_equals_everything_it_names(
        self, ledger: Ledger, matcher: dict[str, str], held: bool
    ) -> None:
        ledger.silence(matcher, "mary", "move of a vault", NOW, NOW + HOUR, NOW)
        (silence,) = ledger.silences(NOW)
        assert silence.matches(Transition(*KEY, Event.FIRING, Severity.WARNING, day(1), day(1))) is held

    @pytest.mark.parametrize(
        ("matcher", "author", "reason", "length", "complaint"),
        [
            ({}, "mary", "because", HOUR, "names some of"),
            ({"colour": "silver"}, "mary", "because", HOUR, "names some of"),
            ({"check": " "}, "mary", "because", HOUR, "names some of"),
            ({"check": "a"}, " ", "because", HOUR, "author and a reason"),
            ({"check": "a"}, "mary", "", HOUR, "author and a reason"),
            ({"check": "a"}, "mary", "because", timedelta(0), "within 30 days"),
            ({"check": "a"}, "mary", "because", timedelta(days=30, seconds=1), "within 30 days"),
        ],
    )
    def test_one_that_says_too_little_or_lasts_too_long_is_refused(
        self, ledger: Ledger, matcher: dict[str, str], author: str, reason: str, length: timedelta, complaint: str
    ) -> None:
        with pytest.raises(ValueError, match=complaint):
            ledger.silence(matcher, author, reason, NOW, NOW + length, NOW)

    def test_one_ended_early_is_kept_with_who_ended_it_and_cannot_be_ended_again(self, ledger: Ledger) -> None:
        number = ledger.silence({"check": "made_up"}, "mary", "because", NOW, NOW + HOUR, NOW)
        ledger.unsilence(number, "bob", NOW + MINUTE)
        (kept,) = ledger.every_silence()
        assert (ledger.silences(NOW + MINUTE), kept.ends, kept.ended_by) == ([], NOW + MINUTE, "bob")
        with pytest.raises(LookupError, match="no silence 1 is in force"):
            ledger.unsilence(number, "bob", NOW + 2 * MINUTE)
