"""Who is told what and when: filters, floors, few mails, and nothing dropped; all alerts here are made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.addressing import Manners, draft, wanted
from alerts.ledger import Ledger
from alerts.letters import Letter, message_id
from alerts.merging import merged
from monitor.config import Mail, To
from monitor.model import Event, Notice, Severity, Transition
from tests.oracle import day

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DESK = To(recipient="desk@example.org", channel="email")
MANNERS = Manners()
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "alerts.sqlite") as opened:
        yield opened


def said(
    event: Event = Event.FIRING, severity: Severity = WARNING, subject: str = "COMEX silver", check: str = "made_up"
) -> Transition:
    return Transition(check, subject, event, severity, day(1), day(1))


def tell(ledger: Ledger, at: datetime, *transitions: Transition, place: To = DESK, sent: bool = True) -> Letter:
    """One batch to one recipient, as the monitor would tell it; and delivered, unless the server is down."""
    known = [(t.check, t.subject) for t in transitions] + [("made_up", "COMEX silver")]
    drawn = draft(place, transitions, ledger.outbox, MANNERS, at, known)
    number = len(ledger.outbox.delivery_rows())
    name = message_id([("made_up", str(number))], place.recipient, "bullion.test")
    notice = Notice(name, place.recipient, place.way, "s", "t", "h")
    letter = Letter(notice, drawn.transitions, drawn.replaces, drawn.not_before, drawn.kind)
    ledger.record([], [letter], [], at)
    if sent:
        for row in ledger.outbox.claim(at):
            ledger.outbox.sent(row.id, at)
    return letter


def states(ledger: Ledger) -> list[str]:
    return [row["state"] for row in ledger.outbox.delivery_rows()]


@pytest.mark.parametrize(
    ("asked", "check", "heard"),
    [
        ("source_stale", "schema_drift", True),
        ("schema_drift", "source_stale", False),
        ("another", "schema_drift", False),
    ],
)
def test_who_asks_for_what_is_muted_is_told_what_mutes_it(ledger: Ledger, asked: str, check: str, heard: bool) -> None:
    place = To(recipient="desk@example.org", checks=(asked,))
    assert bool(wanted([place], [said(subject="shfe_warrants", check=check)], ledger.outbox)) is heard


@pytest.mark.parametrize(
    ("changes", "subject", "severity", "heard"),
    [
        ({}, "COMEX silver", WARNING, True),
        ({"severity": "critical"}, "COMEX silver", WARNING, False),
        ({"severity": "critical"}, "COMEX silver", CRITICAL, True),
        ({"metals": ["Silver"]}, "SIH26", WARNING, True),
        ({"metals": ["gold"]}, "SIH26", WARNING, False),
        ({"venues": ["shfe", "COMEX"]}, "SIH26", WARNING, True),
        ({"venues": ["SGE"]}, "SHFE silver", WARNING, False),
        ({"metals": ["gold"], "venues": ["SHFE"]}, "SHFE silver", WARNING, False),
        ({"metals": ["gold"]}, "ecb_fx", WARNING, True),
        ({"checks": ["made_up"]}, "COMEX silver", WARNING, True),
        ({"checks": ["another"]}, "COMEX silver", CRITICAL, False),
    ],
)
def test_a_recipient_hears_what_his_floor_and_filters_let_through(
    ledger: Ledger, changes: dict[str, object], subject: str, severity: Severity, heard: bool
) -> None:
    place = To.model_validate({"recipient": "desk@example.org", **changes})
    assert bool(wanted([place], [said(severity=severity, subject=subject)], ledger.outbox)) is heard


def test_what_is_said_twice_of_one_recipient_adds_up_and_is_one_mail(ledger: Ledger) -> None:
    mail = Mail(
        recipients=("a@example.org",),
        to=(
            To(recipient="desk@example.org", severity="critical"),
            To(recipient="desk@example.org", metals=("silver",)),
            To(recipient="desk@example.org", channel="email"),
        ),
    )
    assert list(mail.places) == ["file recipient 1", "file recipient 2", "email recipient 3"]
    gold, loud, silver = said(subject="COMEX gold"), said(subject="SHFE gold", severity=CRITICAL), said()
    assert wanted(mail.places["file recipient 2"], [gold, loud, silver], ledger.outbox) == [loud, silver]


def test_an_end_is_told_to_those_who_were_told_the_beginning_whatever_their_floor(ledger: Ledger) -> None:
    loud = To(recipient="night@example.org", channel="email", severity="critical")
    tell(ledger, NOW, said())
    end = said(Event.RECOVERED)
    assert wanted([DESK], [end], ledger.outbox) == [end]
    assert wanted([loud], [end], ledger.outbox) == []
    worse = said(Event.ESCALATED, CRITICAL)
    tell(ledger, NOW, *wanted([loud], [worse], ledger.outbox), place=loud)
    assert wanted([loud], [end], ledger.outbox) == [end]


def test_an_end_is_not_told_twice_to_somebody_who_did_not_hear_that_it_opened_again(ledger: Ledger) -> None:
    """A revision opens the story again, and this time it never becomes critical."""
    loud = To(recipient="night@example.org", channel="email", severity="critical")
    for number, one in enumerate((said(severity=CRITICAL), said(Event.RECOVERED))):
        tell(ledger, NOW + number * HOUR, *wanted([loud], [one], ledger.outbox), place=loud)
    assert wanted([loud], [said()], ledger.outbox) == []
    assert wanted([loud], [said(Event.RECOVERED)], ledger.outbox) == []
    assert len(ledger.outbox.delivery_rows()) == 2


def test_an_end_is_not_told_where_the_beginning_was_given_up(ledger: Ledger) -> None:
    tell(ledger, NOW, said(), sent=False)
    (row,) = ledger.outbox.claim(NOW)
    ledger.outbox.dead(row.id, NOW, "550 no such user", "rcpt")
    assert wanted([DESK], [said(Event.RECOVERED)], ledger.outbox) == []


def test_the_second_message_within_an_hour_waits_for_its_end_and_takes_the_third_along(ledger: Ledger) -> None:
    tell(ledger, NOW, said(subject="COMEX silver"))
    second = tell(ledger, NOW + HOUR / 4, said(subject="COMEX gold"))
    assert (second.not_before, states(ledger)) == (NOW + HOUR, ["SENT", "QUEUED"])
    third = tell(ledger, NOW + HOUR / 2, said(subject="COMEX gold", check="other"), said(subject="COMEX gold"))
    assert (third.not_before, len(third.transitions)) == (NOW + HOUR, 2)
    assert states(ledger) == ["SENT", "MERGED", "QUEUED"]
    assert ledger.outbox.claim(NOW + HOUR - timedelta(seconds=1)) == []
    assert len(ledger.outbox.claim(NOW + HOUR)) == 1


def test_something_critical_goes_at_once_and_takes_along_what_waits(ledger: Ledger) -> None:
    tell(ledger, NOW, said(subject="SHFE silver"))
    tell(ledger, NOW + HOUR / 4, said())
    urgent = tell(ledger, NOW + HOUR / 2, said(severity=CRITICAL, subject="SHFE gold"))
    assert (urgent.not_before, len(urgent.transitions)) == (NOW + HOUR / 2, 2)
    assert states(ledger) == ["SENT", "MERGED", "SENT"]


def test_the_fifth_of_a_day_waits_for_the_overflow_and_nothing_is_dropped(ledger: Ledger) -> None:
    subjects = [f"COMEX silver {number}" for number in range(9)]
    letters = [tell(ledger, NOW + 2 * number * HOUR, said(subject=one)) for number, one in enumerate(subjects[:4])]
    assert [letter.not_before for letter in letters] == [NOW + 2 * number * HOUR for number in range(4)]
    overflow = NOW.replace(hour=7) + DAY
    for number in range(4, 6):
        known = [("made_up", one) for one in subjects]
        drawn = draft(DESK, [said(subject=subjects[number])], ledger.outbox, MANNERS, NOW + 2 * number * HOUR, known)
        assert (drawn.not_before, drawn.kind) == (overflow, "overflow")
        notice = Notice(f"<{number}@bullion.test>", DESK.recipient, DESK.way, "s", "t", "h")
        ledger.record(
            [], [Letter(notice, drawn.transitions, drawn.replaces, drawn.not_before, drawn.kind)], [], NOW + 9 * HOUR
        )
    assert states(ledger) == ["SENT"] * 4 + ["MERGED", "QUEUED"]
    (late,) = ledger.outbox.claim(overflow)
    assert [t.subject for t in late.said] == subjects[4:6]


def test_no_day_brings_more_than_four_mails_and_the_overflow_however_much_happens(ledger: Ledger) -> None:
    """Something new every ten minutes for three days."""
    known = [("made_up", f"COMEX silver {number}") for number in range(3 * 144)]
    sent: list[datetime] = []
    told: set[str] = set()
    for number, (_, subject) in enumerate(known):
        at = NOW + number * HOUR / 6
        drawn = draft(DESK, [said(subject=subject)], ledger.outbox, MANNERS, at, known)
        notice = Notice(f"<{number}@bullion.test>", DESK.recipient, DESK.way, "s", "t", "h")
        ledger.record([], [Letter(notice, drawn.transitions, drawn.replaces, drawn.not_before, drawn.kind)], [], at)
        for row in ledger.outbox.claim(at):
            ledger.outbox.sent(row.id, at)
            sent.append(at)
            told |= {t.subject for t in row.said}
    rest = {t.subject for row in ledger.outbox.waiting(DESK.recipient) for t in row.said}
    assert told | rest == {subject for _, subject in known}
    assert max(sum(at <= other < at + DAY for other in sent) for at in sent) == 5


def test_critical_ones_go_at_once_up_to_twelve_a_day(ledger: Ledger) -> None:
    letters = [
        tell(ledger, NOW + number * HOUR / 2, said(severity=CRITICAL, subject=f"s{number}")) for number in range(13)
    ]
    assert [letter.kind for letter in letters] == ["alert"] * 12 + ["overflow"]


def test_what_a_server_may_have_taken_is_not_told_again_in_another_message(ledger: Ledger) -> None:
    tell(ledger, NOW, said(), sent=False)
    (row,) = ledger.outbox.claim(NOW)
    ledger.outbox.retry(row.id, NOW, "no reply", lambda: 0.5, "data")
    tell(ledger, NOW + 2 * HOUR, said(Event.RECOVERED), sent=False)
    assert states(ledger) == ["QUEUED", "QUEUED"]


def test_an_alert_that_came_and_went_in_an_outage_is_one_message_that_says_both(ledger: Ledger) -> None:
    tell(ledger, NOW, said(), sent=False)
    letter = tell(ledger, NOW + 8 * HOUR, said(Event.RECOVERED), sent=False)
    assert [t.event for t in letter.transitions] == [Event.MISSED]
    assert states(ledger) == ["MERGED", "QUEUED"]


def test_a_message_by_another_channel_is_left_alone(ledger: Ledger) -> None:
    tell(ledger, NOW, said(), sent=False)
    tell(ledger, NOW, said(Event.RECOVERED), place=DESK.model_copy(update={"channel": "file"}), sent=False)
    assert states(ledger) == ["QUEUED", "QUEUED"]


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ([(Event.FIRING, WARNING)], [(Event.FIRING, WARNING)]),
        ([(Event.FIRING, WARNING), (Event.ESCALATED, CRITICAL)], [(Event.FIRING, CRITICAL)]),
        ([(Event.AT_START, CRITICAL), (Event.RECOVERED, CRITICAL)], [(Event.MISSED, CRITICAL)]),
        (
            [(Event.FIRING, WARNING), (Event.ESCALATED, CRITICAL), (Event.RECOVERED, WARNING)],
            [(Event.MISSED, CRITICAL)],
        ),
        ([(Event.FIRING, WARNING), (Event.RETRACTED, WARNING)], []),
        ([(Event.ESCALATED, CRITICAL), (Event.RECOVERED, CRITICAL)], [(Event.RECOVERED, CRITICAL)]),
        ([(Event.ESCALATED, CRITICAL), (Event.REPEAT, CRITICAL)], [(Event.ESCALATED, CRITICAL)]),
        ([(Event.REPEAT, CRITICAL), (Event.RETRACTED, CRITICAL)], [(Event.RETRACTED, CRITICAL)]),
        ([(Event.MISSED, WARNING)], [(Event.MISSED, WARNING)]),
    ],
)
def test_several_untold_changes_of_one_story_become_one(
    story: Sequence[tuple[Event, Severity]], told: Sequence[tuple[Event, Severity]]
) -> None:
    other = said(subject="COMEX gold")
    found = merged([other, *(said(event, severity) for event, severity in story)])
    assert [(t.event, t.severity) for t in found if t.subject != other.subject] == list(told)
    assert other in found


@pytest.mark.parametrize(("end", "told"), [(Event.RETRACTED, []), (Event.RECOVERED, [(Event.MISSED, CRITICAL)])])
def test_an_escalation_that_was_over_before_it_left_is_no_end_to_somebody_who_heard_no_beginning(
    ledger: Ledger, end: Event, told: list[tuple[Event, Severity]]
) -> None:
    """To the desk, which was told of the warning, it is the end of that."""
    loud = To(recipient="night@example.org", channel="email", severity="critical")
    tell(ledger, NOW, said())
    worse, over = said(Event.ESCALATED, CRITICAL), said(end, CRITICAL)
    for place, expected in ((DESK, [(end, CRITICAL)]), (loud, told)):
        tell(ledger, NOW + HOUR, *wanted([place], [worse], ledger.outbox), place=place, sent=False)
        letter = tell(ledger, NOW + 2 * HOUR, *wanted([place], [over], ledger.outbox), place=place, sent=False)
        assert [(t.event, t.severity) for t in letter.transitions] == expected


def test_two_stories_of_one_key_stay_two() -> None:
    end, again = said(Event.RECOVERED), replace(said(), opened=day(9), session=day(9))
    assert merged([end, again]) == [end, again]
