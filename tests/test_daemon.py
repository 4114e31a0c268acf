"""The daemon against publishers on real sockets and a real mail server, at moments handed to `step`."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor import adhoc, duetimes, published, sessions
from tests.asker import utc
from tests.desk import CHEAP, READ, desk
from tests.exchange_town import SOURCES, Town
from tests.factories import shanghai
from tests.homes import published as published_rows
from tests.mailserver import MailServer, Script
from tests.publisher import Reply

MARCH = (date(2026, 2, 2), date(2026, 3, 31))


@pytest.fixture
def town() -> Iterator[Town]:
    with Town(*MARCH) as opened:
        yield opened


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer() as opened:
        yield opened


# --- day by day ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_week_of_all_sources_arrives_day_by_day_each_report_asked_for_once(
    tmp_path: Path, town: Town, post: MailServer
) -> None:
    """Seven sources, 8 to 14 March (New York changes its clocks on the 8th): every session held, no question wasted."""
    with desk(tmp_path, town, "2026-03-06 23:30", SOURCES, post=post, checks=READ) as opened:
        opened.through("2026-03-06 23:30", "2026-03-07 07:30", hours=2)
        town.forget()
        rounds = opened.through("2026-03-08 00:10", "2026-03-14 08:10", hours=1)
        held = {name: opened.sessions(name) for name in SOURCES}
    for name, source in SOURCES.items():
        days = sessions.sessions(source.venue, date(2026, 3, 6), date(2026, 3, 14))
        expected = [day for day in days if duetimes.due_at(source, day) <= utc("2026-03-14 08:10")]
        assert held[name][-len(expected) :] == expected, name
    assert {question.status for question in town.questions} == {200}
    assert max(Counter((question.url, question.sha256) for question in town.questions).values()) == 1
    for question in town.questions:
        if question.session:
            delay = question.at - duetimes.due_at(SOURCES[question.source], question.session)
            assert timedelta(0) <= delay < timedelta(hours=1), question
    assert [trouble for done in rounds for trouble in done.troubles] == []
    assert [subject.strip() for subject in opened.subjects() if "SHFE warrants" in subject] == [
        "[warning] Silver SHFE: SHFE warrants changed by -12.8 % in 5 sessions",
        "[critical] Silver SHFE: SHFE warrants changed by -23.6 % in 5 sessions",
    ]
    ids = [mail.message_id for mail in post.mails]
    assert len(ids) == len(set(ids)) == sum(done.sent for done in rounds) + 1
    assert not [subject for subject in opened.subjects() if "overdue" in subject]
    assert all(mail.encrypted for mail in post.mails)


def test_on_weekends_and_holidays_nobody_is_asked(tmp_path: Path) -> None:
    """Good Friday to Easter Monday: New York and the ECB close on Friday, Shanghai for Qingming on Monday."""
    with (
        Town(date(2026, 3, 16), date(2026, 4, 10)) as town,
        desk(tmp_path, town, "2026-04-02 23:45", ("shfe_warrants", "ecb_fx", "comex_stocks")) as opened,
    ):
        opened.step("2026-04-02 23:45")
        town.forget()
        opened.through("2026-04-03 00:00", "2026-04-07 23:00", hours=3)
        asked = Counter((question.source, question.at.date()) for question in town.questions)
    assert asked == {
        ("shfe_warrants", date(2026, 4, 3)): 1,  # Shanghai trades on Good Friday
        ("comex_stocks", date(2026, 4, 6)): 4,  # Thursday's workbooks come on Monday evening
        ("shfe_warrants", date(2026, 4, 7)): 1,
        ("ecb_fx", date(2026, 4, 7)): 1,
        ("comex_stocks", date(2026, 4, 7)): 4,
    }


def test_five_missed_sessions_are_caught_up_each_once_and_nobody_is_alarmed(
    tmp_path: Path, town: Town, post: MailServer
) -> None:
    names = ("shfe_warrants", "comex_settlements", "ecb_fx")
    with desk(tmp_path, town, "2026-03-06 23:30", names, post=post) as opened:
        opened.through("2026-03-06 23:30", "2026-03-07 06:30", hours=7)
    town.forget()
    with desk(tmp_path, town, "2026-03-14 07:00", names, post=post) as opened:
        opened.through("2026-03-14 07:00", "2026-03-14 12:00", hours=1)
        missed = sessions.sessions("SHFE", date(2026, 3, 9), date(2026, 3, 13))
        for name in names:
            assert opened.sessions(name)[-5:] == list(missed)
        counts = Counter(question.source for question in town.questions)
    assert counts == {"shfe_warrants": 5, "comex_settlements": 25, "ecb_fx": 1}
    assert max(Counter(question.url for question in town.questions).values()) == 1
    assert not [subject for subject in opened.subjects() if "overdue" in subject]


def test_a_daemon_started_again_and_again_asks_and_mails_nothing_again(
    tmp_path: Path, town: Town, post: MailServer
) -> None:
    with desk(tmp_path, town, "2026-03-13 09:00", CHEAP, post=post) as opened:
        opened.through("2026-03-13 09:00", "2026-03-16 09:00", hours=72)
    mails = len(post.mails)
    town.forget()
    for minute in range(5):
        with desk(tmp_path, town, f"2026-03-16 09:0{minute}", CHEAP, post=post) as opened:
            opened.step(f"2026-03-16 09:0{minute}")
    assert mails > 0
    assert (town.questions, len(post.mails)) == ([], mails)


# --- mail, clock, inbox --------------------------------------------------------------------------------


def test_mails_wait_while_the_server_is_down_and_then_arrive_in_one(tmp_path: Path, town: Town) -> None:
    with (
        MailServer(script=Script(refuse={"greeting": "421 closed for the night"})) as post,
        desk(tmp_path, town, "2026-03-12 12:00", ["shfe_warrants"], post=post) as opened,
    ):
        opened.step("2026-03-12 12:00")
        rounds = opened.through("2026-03-13 08:00", "2026-03-16 08:00", hours=8)
        assert sum(done.told for done in rounds) >= 1
        assert sum(done.sent for done in rounds) == 0
        assert post.mails == []
        post.script.refuse.clear()
        rounds = opened.through("2026-03-16 11:00", "2026-03-16 11:00", minutes=30)
        ids = [mail.message_id for mail in post.mails]
        assert len(ids) == sum(done.sent for done in rounds) == 1

        opened.step("2026-03-16 11:00:05")
        rows = published_rows(tmp_path, "select message_id, state from deliveries order by 1")
        assert [message_id for message_id, state in rows if state == "SENT"] == ids
        assert {state for message_id, state in rows if message_id not in ids} == {"MERGED"}


@pytest.mark.parametrize("days", [-1, -30, 1])
def test_a_clock_that_jumps_asks_nothing_twice_and_storms_nobody(
    tmp_path: Path, town: Town, post: MailServer, days: int
) -> None:
    with desk(tmp_path, town, "2026-03-13 09:00", CHEAP, post=post) as opened:
        opened.through("2026-03-13 09:00", "2026-03-17 09:00", hours=24)
        before = {name: opened.sessions(name) for name in CHEAP}
        mails = len(post.mails)
        town.forget()
        opened.step(utc("2026-03-17 09:10") + timedelta(days=days))
        opened.step("2026-03-17 09:20")
        opened.step("2026-03-17 09:21")
        assert not [question for question in town.questions if question.session in before[question.source]]
        assert max(Counter(question.url for question in town.questions).values(), default=0) <= 1
        assert len(town.questions) == {-1: 0, -30: 20, 1: 2}[days]
        assert opened.subjects()[mails:] == []
        assert all(set(held) <= set(opened.sessions(name)) for name, held in before.items())


def test_a_file_in_the_inbox_is_loaded_beside_the_publishers(tmp_path: Path, town: Town) -> None:
    with desk(tmp_path, town, "2026-03-13 12:00", ["sge_quotes"]) as opened:
        inbox = opened.house.folders.inbox
        (inbox / "page.html").write_bytes(shanghai.shfe_warrants_html(date(2026, 3, 12)))
        (inbox / "holiday.html").write_bytes(b"<html><body>beach</body></html>")
        opened.step("2026-03-13 12:00")
        done = opened.step("2026-03-13 12:01")
        assert sorted(outcome.status for outcome in done.outcomes) == ["loaded", "refused"]
        assert (inbox / "done" / "page.html").is_file()
        assert "HTML" in (inbox / "rejected" / "holiday.html.reason.txt").read_text()
        assert opened.sessions("shfe_warrants") == [date(2026, 3, 12)]


def test_a_file_that_cannot_leave_the_inbox_is_named_and_holds_up_nothing(tmp_path: Path, town: Town) -> None:
    with desk(tmp_path, town, "2026-03-13 12:00", ["sge_quotes"]) as opened:
        inbox = opened.house.folders.inbox
        (inbox / "page.html").write_bytes(shanghai.shfe_warrants_html(date(2026, 3, 12)))
        (inbox / "done").symlink_to(tmp_path / "nowhere")
        opened.step("2026-03-13 12:00")
        first, second = opened.through("2026-03-13 12:01", "2026-03-13 12:02", minutes=1)
        assert [outcome.status for outcome in first.outcomes] == ["loaded"]
        assert [outcome.status for outcome in second.outcomes] == ["held"]
        assert [text for text in second.stuck if "page.html cannot be moved" in text]
        assert second.troubles == []
        assert (inbox / "page.html").is_file()


def test_a_round_that_went_well_leaves_its_moment_in_the_beat(tmp_path: Path, town: Town) -> None:
    with desk(tmp_path, town, "2026-03-13 12:00", ["sge_quotes"]) as opened:
        opened.step("2026-03-13 12:00")
        assert opened.house.folders.beat.read_text() == "2026-03-13T12:00:00Z"


def test_what_a_question_came_to_is_published_though_no_check_reads_it(tmp_path: Path, town: Town) -> None:
    with desk(tmp_path, town, "2026-03-13 12:00", ["sge_quotes"]) as opened:
        opened.step("2026-03-13 12:00")
        for status, moment in ((500, "2026-03-16 10:35"), (502, "2026-03-16 11:10")):
            town.rules["2026-03-16"] = Reply(b"gone fishing", status=status)
            opened.step(moment)
            state, outcome, error = opened.state("sge_quotes", moment)
            assert (state, outcome) == ("stale", "unreachable")
            assert f"HTTP {status}" in error


def test_a_stop_waits_for_no_publisher(tmp_path: Path, town: Town) -> None:
    town.rules["sge.com.cn"] = Reply(hang=True)
    with desk(tmp_path, town, "2026-03-13 12:00", ["sge_quotes"], patience=20.0) as opened:
        threading.Timer(0.3, opened.daemon.stop).start()
        began = time.monotonic()
        opened.step("2026-03-13 12:00")
        assert time.monotonic() - began < 5


def test_what_could_not_be_published_is_published_when_it_can_be(tmp_path: Path, town: Town) -> None:
    with desk(tmp_path, town, "2026-03-13 12:00", ["sge_quotes"]) as opened:
        opened.through("2026-03-13 12:00", "2026-03-16 07:59", minutes=4079)
        folder = opened.house.folders.published
        folder.rename(folder.with_name("away"))
        folder.write_text("a file where a folder should be")
        done = opened.step("2026-03-16 08:00")
        assert [outcome.status for outcome in done.outcomes] == ["loaded"]
        assert [trouble.split(":")[0] for trouble in done.troubles] == ["checks"]
        folder.unlink()
        folder.with_name("away").rename(folder)
        assert not opened.teller.is_due(utc("2026-03-16 08:01"))
        assert opened.step("2026-03-16 08:01").troubles == []
        assert published_rows(tmp_path, "select max(session) from source_sessions") == [(date(2026, 3, 16),)]


def test_the_checks_are_read_again_after_six_hours_either_way(tmp_path: Path, town: Town) -> None:
    with desk(tmp_path, town, "2026-03-15 12:00", ["sge_quotes"]) as opened:
        opened.step("2026-03-15 12:00")
        hours = {
            hour for hour in range(-12, 13) if opened.teller.is_due(utc("2026-03-15 12:00") + timedelta(hours=hour))
        }
        assert hours == {*range(-12, -5), *range(6, 13)}


# --- readers beside the writer -------------------------------------------------------------------------


@pytest.mark.slow
def test_ad_hoc_sql_answers_all_the_time_and_never_stops_a_round(tmp_path: Path, town: Town) -> None:
    """Two people ask without pause while five days arrive: every answer is whole and none is older than the last."""
    answers: list[list[int]] = [[], []]
    errors: list[Exception] = []
    over = threading.Event()

    def ask(person: int) -> None:
        sql = "select count(distinct session), max(length(source)) from source_sessions where source = 'sge_quotes'"
        while not over.is_set():
            try:
                found = adhoc.run(tmp_path / "published" / published.LINK, sql, seconds=20)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not happen
                errors.append(error)
            else:
                answers[person].append(found.rows[0][0])

    with desk(tmp_path, town, "2026-03-13 12:00", CHEAP) as opened:
        opened.step("2026-03-13 12:00")
        people = [threading.Thread(target=ask, args=(person,)) for person in range(2)]
        for person in people:
            person.start()
        try:
            rounds = opened.through("2026-03-16 00:00", "2026-03-20 12:00", hours=6)
        finally:
            over.set()
            for person in people:
                person.join()
    assert errors == []
    assert [trouble for done in rounds for trouble in done.troubles] == []
    assert sum(outcome.status == "loaded" for done in rounds for outcome in done.outcomes) == 10
    for seen in answers:
        assert len(seen) >= 5
        assert seen == sorted(seen)
        assert seen[0] >= 10
