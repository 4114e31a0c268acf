"""A report that cannot be read is overdue as well: told once, as what it is, and never forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from alerts import listing
from monitor import memos
from monitor.batch import Teller
from monitor.checks import Moment
from monitor.cli import main
from tests import facts
from tests.asker import utc
from tests.factories import shanghai
from tests.homes import house, only
from tests.mailserver import MailServer
from tests.test_schema_drift import DRIFT, comes, cut, listener, told

OVERDUE = ("source_stale", "shfe_warrants")
FRIDAY, MONDAY, TUESDAY, WEDNESDAY = date(2026, 2, 6), date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 11)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def at(hour: str, day: int = 10) -> datetime:
    """A moment of a day in February; SHFE's report of that day is overdue from 09:30 on."""
    return utc(f"2026-02-{day:02} {hour}")


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer(tls="none") as server:
        yield server


@pytest.fixture
def teller(tmp_path: Path, post: MailServer) -> Iterator[Teller]:
    """A home that holds the reports up to Monday and reads one check: whether a report is overdue."""
    mail = {"recipients": ["desk@example.org"], "channel": "email", "group_minutes": 0, "memo": "off"}
    with house(tmp_path, at("12:00", 9), mail=mail, checks=only("source_stale")) as opened:
        made = listener(opened, post)
        for day, hour in ((FRIDAY, "11:00"), (MONDAY, "12:00")):
            assert comes(made, shanghai.shfe_warrants_html(day), at(hour, 9)) == "loaded"
        made.turn(at("12:00", 9))
        yield made
        made.close()


def unread(teller: Teller) -> None:
    """Tuesday's page comes, cannot be read, and that is told."""
    comes(teller, cut(TUESDAY), at("08:00"))
    assert told(teller, at("08:00")) == []
    assert told(teller, at("08:46")) == [("firing", *DRIFT)]


def test_a_report_told_not_to_be_readable_is_not_told_to_be_overdue_and_one_mail_ends_it(
    teller: Teller, post: MailServer
) -> None:
    unread(teller)
    assert [told(teller, at(hour)) for hour in ("09:31", "15:31", "21:31")] == [[], [], []]
    comes(teller, shanghai.shfe_warrants_html(TUESDAY), at("22:00"))
    assert told(teller, at("22:00")) == [("recovered", *DRIFT)]
    assert [told(teller, at("22:00") + hours * HOUR) for hours in (1, 7)] == [[], []]
    assert len(post.mails) == 2


def test_a_session_that_is_never_read_is_not_told_to_have_been_overdue_when_the_next_one_is(teller: Teller) -> None:
    unread(teller)
    assert [told(teller, at("09:31", day)) for day in (10, 11)] == [[], []]
    comes(teller, shanghai.shfe_warrants_html(WEDNESDAY), at("10:00", 11))
    assert told(teller, at("10:00", 11)) == [("recovered", *DRIFT)]
    assert [told(teller, at("10:00", 11) + hours * HOUR) for hours in (1, 7)] == [[], []]


def test_what_becomes_overdue_before_it_is_told_that_it_cannot_be_read_is_told_once(teller: Teller) -> None:
    comes(teller, cut(TUESDAY), at("09:00"))
    assert [told(teller, at(hour)) for hour in ("09:00", "09:31")] == [[], []]
    assert told(teller, at("09:46")) == [("firing", *DRIFT)]
    assert told(teller, at("15:46")) == []


def test_a_page_cut_short_that_comes_whole_after_its_hour_is_not_told_at_all(teller: Teller) -> None:
    comes(teller, cut(TUESDAY), at("09:10"))
    assert [told(teller, at(hour)) for hour in ("09:10", "09:31")] == [[], []]
    comes(teller, shanghai.shfe_warrants_html(TUESDAY), at("09:40"))
    assert [told(teller, at(hour)) for hour in ("09:40", "10:40", "20:40")] == [[], [], []]


def test_it_is_critical_where_being_overdue_would_be(teller: Teller, post: MailServer) -> None:
    """Three sessions without a report that can be read: whoever hears of critical ones alone hears of this."""
    unread(teller)
    assert told(teller, at("09:31", 11)) == []
    assert told(teller, at("09:31", 12)) == [("escalated", *DRIFT)]
    text = post.mails[-1].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "overdue by 3 sessions" in " ".join(text.split())
    assert told(teller, at("15:31", 12)) == []


def test_what_is_still_overdue_when_the_source_can_be_read_again_is_told_then(teller: Teller) -> None:
    unread(teller)
    assert told(teller, at("09:31", 11)) == []
    comes(teller, shanghai.shfe_warrants_html(TUESDAY), at("12:00", 11))
    assert sorted(told(teller, at("12:00", 11))) == [("firing", *OVERDUE), ("recovered", *DRIFT)]
    comes(teller, shanghai.shfe_warrants_html(WEDNESDAY), at("13:00", 11))
    assert told(teller, at("13:00", 11)) == [("recovered", *OVERDUE)]


def test_what_was_told_to_be_overdue_before_is_told_to_be_over(teller: Teller) -> None:
    assert told(teller, at("09:31")) == [("firing", *OVERDUE)]
    comes(teller, cut(TUESDAY), at("12:00"))
    assert told(teller, at("12:00")) == []
    assert told(teller, at("12:46")) == [("firing", *DRIFT)]
    comes(teller, shanghai.shfe_warrants_html(TUESDAY), at("20:00"))
    assert sorted(told(teller, at("20:00"))) == [("recovered", *DRIFT), ("recovered", *OVERDUE)]


def test_another_source_that_is_overdue_is_told_all_the_same(teller: Teller) -> None:
    facts.dollars(teller.house, {MONDAY: 7.0})
    unread(teller)
    said = [one for hour in ("09:31", "21:31") for one in told(teller, at(hour))]
    assert said == [("firing", "source_stale", "ecb_fx")]


def test_where_it_is_silenced_that_the_report_cannot_be_read_being_overdue_is_told(teller: Teller) -> None:
    now = at("07:00")
    teller.ledger.silence({"check": "schema_drift"}, "a person", "made up", now, now + 48 * HOUR, now)
    comes(teller, cut(TUESDAY), at("08:00"))
    assert [told(teller, at(hour)) for hour in ("08:00", "08:46")] == [[], []]
    assert told(teller, at("09:31")) == [("firing", *OVERDUE)]


def test_a_restart_forgets_neither_the_alert_nor_what_it_mutes(teller: Teller, post: MailServer) -> None:
    unread(teller)
    again = listener(teller.house, post)
    assert again.watch(at("09:31")).changes == ()
    assert [told(again, at(hour)) for hour in ("09:31", "16:00")] == [[], []]
    comes(again, shanghai.shfe_warrants_html(TUESDAY), at("22:00"))
    assert told(again, at("22:00")) == [("recovered", *DRIFT)]
    again.close()


def test_what_is_muted_is_listed_beside_what_mutes_it_and_stands_in_the_memo(
    teller: Teller, capsys: pytest.CaptureFixture[str]
) -> None:
    unread(teller)
    told(teller, at("09:31"))
    (row,) = listing.open_alerts(teller.ledger, at("10:00"))
    assert (row["check"], row["mutes"]) == ("schema_drift", "source_stale")
    now, opened = at("10:00"), teller.house
    desk = memos.Desk.of(teller.ledger, now)
    memo = memos.gather(opened.store, opened.checks, Moment(now), Moment(memos.before(now, "daily")), desk=desk)
    (standing,) = memo.open
    assert (standing.title, standing.marks) == ("Overdue report", ("muted by schema_drift",))
    assert main(["--home", str(opened.folders.home), "alerts"]) == 0
    assert "source_stale" in capsys.readouterr().out
