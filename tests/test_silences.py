"""A silence holds news back and loses none of it; all facts here are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.labels import about
from monitor import gates, sessions
from monitor.batch import Teller
from monitor.house import House
from monitor.judge import fold
from monitor.model import Event, Policy
from monitor.telling import Difference, Told, difference
from tests.homes import house, only
from tests.oracle import readings
from tests.test_batch import events, warrants

NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = sessions.sessions("SHFE", date(2026, 1, 5), date(2026, 2, 13))
ONE = only("shfe_warrant_drop")
POLICY = Policy(enter_n=2, enter_m=2, leave=3)


@pytest.fixture
def teller(tmp_path: Path) -> Iterator[Teller]:
    """A home that was told once of calm warrants."""
    mail = {"recipients": ["desk@example.org"], "channel": "file"}
    with house(tmp_path, NOW, mail=mail, checks=ONE) as opened:
        warrants(opened, dict.fromkeys(DAYS[:20], 450_000.0))
        teller = Teller(opened)
        teller.turn(NOW)
        yield teller
        teller.close()


def quieten(teller: Teller, now: datetime = NOW, length: timedelta = DAY, **matcher: str) -> int:
    return teller.ledger.silence(matcher or {"metal": "silver"}, "mary", "a vault moves", now, now + length, now)


def fall(house: House, since: int, until: int, kg: float = 300_000.0) -> None:
    warrants(house, dict.fromkeys(DAYS[since:until], kg))


def letters(teller: Teller) -> int:
    return len(teller.ledger.outbox.delivery_rows())


def test_what_opens_under_a_silence_is_told_when_it_ends_if_it_is_still_open(teller: Teller) -> None:
    quieten(teller)
    fall(teller.house, 20, 21)
    assert (events(teller, NOW), letters(teller)) == ([], 0)
    assert events(teller, NOW + DAY - timedelta(minutes=1)) == []
    assert sorted(events(teller, NOW + DAY)) == [("firing", "SHFE silver"), ("firing", "silence 1")]
    assert letters(teller) == 1
    assert events(teller, NOW + 2 * DAY) == [("recovered", "silence 1")]
    assert letters(teller) == 1


def test_a_silence_of_another_metal_holds_nothing_back(teller: Teller) -> None:
    quieten(teller, metal="gold")
    fall(teller.house, 20, 21)
    assert events(teller, NOW) == [("firing", "SHFE silver")]


def test_a_story_told_open_gets_its_end_whatever_is_silenced(teller: Teller) -> None:
    fall(teller.house, 20, 21)
    assert events(teller, NOW) == [("firing", "SHFE silver")]
    quieten(teller, length=20 * DAY)
    fall(teller.house, 21, 28)
    assert events(teller, datetime(2026, 2, 14, tzinfo=UTC)) == [("recovered", "SHFE silver")]


def test_fired_and_resolved_under_a_silence_it_is_for_the_audit_and_the_next_one_is_mailed(teller: Teller) -> None:
    number = quieten(teller, length=20 * DAY)
    fall(teller.house, 20, 21)
    assert events(teller, NOW) == []
    fall(teller.house, 21, 28)
    later = datetime(2026, 2, 14, tzinfo=UTC)
    assert events(teller, later) == []
    teller.ledger.unsilence(number, "mary", later)
    assert events(teller, later + timedelta(minutes=1)) == [("firing", "silence 1")]
    fall(teller.house, 28, 29, 200_000.0)
    assert events(teller, later + timedelta(hours=1)) == [("firing", "SHFE silver")]


@pytest.mark.parametrize(
    ("told", "verdicts", "held", "expected"),
    [
        (None, "CWW", {Event.FIRING}, []),
        (None, "CWWCCCWW", {Event.FIRING, Event.MISSED}, []),
        (None, "CWWCCCWW", {Event.MISSED}, [Event.FIRING]),
        ("CWW", "CWWX", {Event.ESCALATED}, []),
        ("CWW", "CWWCCCWW", {Event.FIRING}, [Event.RECOVERED]),
    ],
)
def test_what_is_held_back_comes_again_and_nothing_else_does(
    told: str | None, verdicts: str, held: set[Event], expected: list[Event]
) -> None:
    """Once the hold is over, all that was held and still holds is said, and only that."""
    before = _said(Told("made_up", "silver"), told).told if told else Told("made_up", "silver")
    whole = _said(before, verdicts)
    part = gates.passed(whole, lambda transition: transition.event in held)
    assert [change.transition.event for change in part.changes] == expected
    rest = [change.transition.event for change in _said(part.told, verdicts).changes]
    gone = {Event.MISSED} if Event.MISSED in held else set()
    assert expected + rest == [c.transition.event for c in whole.changes if c.transition.event not in gone]
    assert len(part.silent) == len(whole.silent) + (1 if gone else 0)


def _said(told: Told, verdicts: str) -> Difference:
    return difference(told, fold(readings(verdicts), POLICY), POLICY, now=NOW)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.text("CbWX.", min_size=1, max_size=6), st.booleans()), min_size=1, max_size=9))
def test_whatever_is_silenced_when_people_end_up_knowing_what_is_open(batches: list[tuple[str, bool]]) -> None:
    """Readings arrive in batches, some under a silence; in the last one it is over."""
    told, open_since, verdicts = Told("made_up", "silver"), None, ""
    for more, is_silenced in [*batches, ("C", False)]:
        verdicts += more
        said = gates.passed(_said(told, verdicts), lambda _, held=is_silenced: held)  # type: ignore[misc]
        for change in said.changes:
            event, opened = change.transition.event, change.transition.opened
            ends = event in (Event.RECOVERED, Event.RETRACTED)
            assert ends or not is_silenced
            assert (open_since == opened) if event not in (Event.FIRING, Event.MISSED) else open_since is None
            open_since = opened if event is Event.FIRING else None if ends else open_since
        told = said.told
    head = fold(readings(verdicts), POLICY).head
    assert (told.opened, told.opened) == (open_since, head.opened if head else None)
    assert head is None or told.severity is head.severity


@pytest.mark.parametrize(
    ("subject", "labels"),
    [
        ("SIH26", ("silver", "COMEX")),
        ("SHFE gold", ("gold", "SHFE")),
        ("COMEX silver volume_bulletin", ("silver", "COMEX")),
        ("PLJ26", ("platinum", "NYMEX")),
        ("comex_stocks", ("", "COMEX")),
        ("ecb_fx", ("", "")),
    ],
)
def test_metal_and_venue_come_from_the_subject(subject: str, labels: tuple[str, str]) -> None:
    assert about(subject) == labels
