"""The daemon against publishers on real sockets and a real mail server, at moments handed to `step`."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor import adhoc, duetimes, published, sessions
from tests.asker import utc
from tests.desk import READ, desk
from tests.exchange_town import SOURCES, Question, Town, at_moment, statuses
from tests.factories import shanghai
from tests.homes import published as published_rows
from tests.mailserver import MailServer, Script
from tests.publisher import Reply

MARCH = (date(2026, 2, 2), date(2026, 3, 31))
CHEAP = ("shfe_warrants", "sge_quotes")


@pytest.fixture
def town() -> Iterator[Town]:
    with Town(*MARCH) as opened:
        yield opened


def slow(seconds: float) -> Callable[[Question], None]:
    """A rule: the truth, but not at once."""

    def answer(question: Question) -> None:
        time.sleep(seconds)

    return answer


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


# --- what publishers do ----------------------------------------------------------------------------


def test_a_report_not_there_yet_is_asked_for_every_half_hour_until_it_is(tmp_path: Path, town: Town) -> None:
    town.public_from["sge_quotes", date(2026, 3, 16)] = utc("2026-03-16 09:20")
    with desk(tmp_path, town, "2026-03-15 12:00", ["sge_quotes"]) as opened:
        opened.step("2026-03-15 12:00")
        town.forget()
        opened.through("2026-03-16 07:55", "2026-03-16 12:00", minutes=5)
        assert opened.sessions("sge_quotes")[-1] == date(2026, 3, 16)
    assert [f"{question.at:%H:%M}" for question in town.questions] == ["08:00", "08:30", "09:00", "09:30"]
    assert statuses(town.questions) == [404, 404, 404, 200]


def test_an_unchanged_file_is_not_sent_again(tmp_path: Path) -> None:
    """The ECB's file is late: two conditional questions get 304 and no body, the third gets the new file."""
    with Town(*MARCH, etags=True) as town, desk(tmp_path, town, "2026-03-13 16:00", ["ecb_fx"]) as opened:
        opened.through("2026-03-13 16:00", "2026-03-16 16:00", hours=72)
        town.public_from["ecb_fx", date(2026, 3, 17)] = utc("2026-03-17 15:55")
        town.forget()
        rounds = opened.through("2026-03-17 15:00", "2026-03-17 17:00", minutes=10)
        assert statuses(town.questions) == [304, 304, 200]
        assert opened.sessions("ecb_fx")[-1] == date(2026, 3, 17)
        assert sum((done.asked for done in rounds), Counter()) == {"unchanged": 2, "answered": 1}
        assert opened.house.archive.verify() == []


def test_yesterdays_file_again_counts_as_not_arrived_until_the_right_one_comes(
    tmp_path: Path, town: Town, post: MailServer
) -> None:
    """COMEX serves Monday's workbooks all Wednesday night: nothing is loaded twice, stale is told and taken back."""
    with desk(tmp_path, town, "2026-03-16 23:00", ["comex_stocks"], post=post) as opened:
        opened.through("2026-03-16 23:00", "2026-03-17 23:00", hours=24)
        town.forget()
        town.rules["delivery_reports"] = at_moment(utc("2026-03-17 23:00"), town)
        rounds = opened.through("2026-03-18 21:00", "2026-03-19 05:00", minutes=30)
        assert {outcome.status for done in rounds for outcome in done.outcomes} == {"held"}
        assert opened.state("comex_stocks", "2026-03-19 05:00")[0] == "stale"
        assert opened.subjects() == ["[warning] COMEX stocks: 1 session overdue"]
        assert len(town.questions) <= 4 * 12
        town.rules.clear()
        opened.through("2026-03-19 08:00", "2026-03-19 09:00", minutes=30)
        assert opened.sessions("comex_stocks")[-1] == date(2026, 3, 17)
        assert opened.subjects()[1:] == ["[cleared] COMEX stocks: 0 sessions overdue"]
        assert opened.state("comex_stocks", "2026-03-19 09:00")[0] == "on time"


def test_a_hung_publisher_holds_up_neither_the_round_nor_the_others(tmp_path: Path, town: Town) -> None:
    with desk(tmp_path, town, "2026-03-13 12:00", CHEAP, deadline=4.0, patience=0.4) as opened:
        opened.step("2026-03-13 12:00")
        opened.step("2026-03-13 12:01")
        town.forget()
        town.rules["sge.com.cn"] = Reply(hang=True)
        began = time.monotonic()
        done = opened.step("2026-03-16 09:00")
        assert [outcome.source for outcome in done.outcomes] == ["shfe_warrants"]
        opened.step("2026-03-16 09:01")
        assert time.monotonic() - began < 4
        assert len(town.asked("sge_quotes")) == 1
        while not (late := opened.step("2026-03-16 09:02")).asked:
            time.sleep(0.05)
        assert late.asked == {"unreachable": 1}
        opened.step("2026-03-16 09:03")
        assert len(town.asked("sge_quotes")) == 1
        state = opened.state("sge_quotes", "2026-03-16 09:03")
        assert state[:2] == ("late", "unreachable")
        assert "deadline" in state[2]
        town.rules.clear()
        opened.step("2026-03-16 09:30")
        assert opened.sessions("sge_quotes")[-1] == date(2026, 3, 16)


def test_a_source_in_the_middle_of_its_answers_raises_no_alarm_about_the_rest(
    tmp_path: Path, town: Town, post: MailServer
) -> None:
    """Five missed sessions come one after the other over several rounds; only then are the checks read."""
    with desk(tmp_path, town, "2026-03-06 09:00", ["sge_quotes"], post=post) as opened:
        opened.step("2026-03-06 09:00")
    town.rules["sge.com.cn"] = slow(0.5)
    with desk(tmp_path, town, "2026-03-13 18:00", ["sge_quotes"], post=post, patience=0.1) as opened:
        rounds = 0
        while opened.sessions("sge_quotes")[-1] < date(2026, 3, 13):
            opened.step("2026-03-13 18:00")
            rounds += 1
            shown = published_rows(tmp_path, "select max(session) from source_sessions")
            assert shown == [(opened.sessions("sge_quotes")[-1],)], "facts are shown though the checks wait"
        opened.step("2026-03-13 18:01")
        assert rounds >= 2
        assert opened.subjects() == []
        assert opened.state("sge_quotes", "2026-03-13 18:01")[0] == "on time"


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Reply(shanghai.BLOCK_PAGE), id="challenge page with status 200"),
        pytest.param(Reply(b"<html><body>Solve this CAPTCHA</body></html>"), id="page that only the parser knows"),
        pytest.param(Reply(b"no", status=403), id="403"),
        pytest.param(Reply(b"no", status=451), id="451"),
    ],
)
def test_a_site_that_refuses_is_told_once_and_left_alone_for_twenty_hours(
    tmp_path: Path, town: Town, post: MailServer, refusal: Reply
) -> None:
    with desk(tmp_path, town, "2026-03-13 12:00", ("sge_quotes", "shfe_daily"), post=post) as opened:
        opened.step("2026-03-13 12:00")
        town.forget()
        town.rules["sge.com.cn"] = refusal
        opened.step("2026-03-16 08:00")
        assert opened.subjects() == ["[warning] SGE quotes: 1 session overdue"]
        opened.through("2026-03-16 08:30", "2026-03-17 03:30", minutes=30)
        state, outcome, error = opened.state("sge_quotes", "2026-03-17 03:30")
        assert (state, outcome) == ("blocked", "blocked")
        assert "inbox" in error
        assert len(town.asked("sge_quotes")) == 1
        assert opened.subjects() == ["[warning] SGE quotes: 1 session overdue"]
        assert "the site refuses us" in str(post.mails[-1].message.get_body(("plain",)))
        assert opened.sessions("shfe_daily")[-1] == date(2026, 3, 16)
        town.rules.clear()
        opened.through("2026-03-17 04:00", "2026-03-17 05:00", minutes=30)
        assert statuses(town.asked("sge_quotes"))[1:] == [200]
        assert opened.state("sge_quotes", "2026-03-17 05:00")[0] == "on time"
        assert opened.subjects()[1:] == ["[cleared] SGE quotes: 0 sessions overdue"]


def test_a_refusal_in_the_middle_of_a_catch_up_ends_it(tmp_path: Path, town: Town) -> None:
    """Ten sessions missing, the third answer is a refusal: no fourth question, and what came before it stays."""
    town.rules["sge.com.cn"] = lambda question: Reply(b"no", status=401) if "2026-03-04" in question.url else None
    with desk(tmp_path, town, "2026-03-13 12:00", ["sge_quotes"]) as opened:
        done = opened.step("2026-03-13 12:00")
        assert done.asked == {"answered": 2, "blocked": 1}
        opened.through("2026-03-13 12:30", "2026-03-14 07:30", hours=1)
        assert opened.state("sge_quotes", "2026-03-14 07:30")[0] == "blocked"
        assert opened.sessions("sge_quotes") == [date(2026, 3, 2), date(2026, 3, 3)]
    assert len(town.questions) == 3


def test_block_pages_all_through_a_catch_up_are_one_round_of_questions_at_most(tmp_path: Path, town: Town) -> None:
    """Here a page has to be read before it is known for what it is, by when the next questions may have left."""

    def page(question: Question) -> Reply:
        time.sleep(0.3)
        return Reply(b"<html><body>Solve this CAPTCHA</body></html>")

    town.rules["sge.com.cn"] = page
    with desk(tmp_path, town, "2026-03-13 12:00", ["sge_quotes"]) as opened:
        opened.through("2026-03-13 12:00", "2026-03-14 07:00", hours=1)
        assert opened.state("sge_quotes", "2026-03-14 07:00")[0] == "blocked"
    assert 1 <= len(town.questions) <= 7


def test_a_broken_page_is_kept_refused_and_asked_for_again_at_the_retry_only(tmp_path: Path, town: Town) -> None:
    town.rules["20260316"] = lambda question: Reply(town._truth(question.url, question.at).body[:2_000])
    with desk(tmp_path, town, "2026-03-13 12:00", CHEAP) as opened:
        opened.step("2026-03-13 12:00")
        town.forget()
        rounds = opened.through("2026-03-16 07:20", "2026-03-16 09:00", minutes=5)
        refused = [outcome for done in rounds for outcome in done.outcomes if outcome.status == "refused"]
        assert 2 <= len(refused) == len(town.asked("shfe_warrants")) <= 4
        assert opened.house.archive.read(refused[0].sha256).body
        assert refused[0].message in opened.state("shfe_warrants", "2026-03-16 09:00")[2]
        assert opened.sessions("sge_quotes")[-1] == date(2026, 3, 16)
        town.rules.clear()
        opened.step("2026-03-16 10:00")
        assert opened.sessions("shfe_warrants")[-1] == date(2026, 3, 16)


def test_a_file_of_the_future_is_refused_and_its_bytes_stay(tmp_path: Path, town: Town) -> None:
    future = shanghai.shfe_warrants_html(date(2026, 3, 30))
    town.rules["20260316"] = Reply(future)
    with desk(tmp_path, town, "2026-03-13 12:00", CHEAP) as opened:
        opened.step("2026-03-13 12:00")
        (outcome,) = [o for o in opened.step("2026-03-16 09:00").outcomes if o.source == "shfe_warrants"]
        assert outcome.status == "refused"
        assert opened.house.archive.read(outcome.sha256).body == future
        assert opened.sessions("shfe_warrants")[-1] == date(2026, 3, 13)


def test_prices_without_a_close_are_not_published_yet(tmp_path: Path, town: Town) -> None:
    """Before the close SHFE serves the day's file with CLOSEPRICE ''."""
    early = shanghai.shfe_daily_json(
        date(2026, 3, 16), [shanghai.shfe_contract("ag", "2606", 21_000, CLOSEPRICE="", SETTLEMENTPRICE="")]
    )
    town.rules["kx20260316"] = Reply(early)
    with desk(tmp_path, town, "2026-03-13 12:00", ["shfe_daily"]) as opened:
        opened.step("2026-03-13 12:00")
        done = opened.step("2026-03-16 09:00")
        assert done.asked in ({"not_published": 1}, {"answered": 1})
        assert [outcome.status for outcome in done.outcomes] in (["not_published"], ["refused"])
        town.rules.clear()
        opened.step("2026-03-16 09:30")
        assert opened.sessions("shfe_daily")[-1] == date(2026, 3, 16)


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
