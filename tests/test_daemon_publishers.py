"""What publishers do, and what the daemon does then: answers on real sockets that are late, broken or refusals."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.asker import utc
from tests.desk import CHEAP, desk
from tests.exchange_town import Question, Town, at_moment, statuses
from tests.factories import shanghai
from tests.homes import published as published_rows
from tests.mailserver import MailServer
from tests.publisher import Reply

MARCH = (date(2026, 2, 2), date(2026, 3, 31))


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
