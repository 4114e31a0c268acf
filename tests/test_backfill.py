"""Asking a publisher for the past: politely, once, through kills and stops, alone and beside a daemon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import backfill, plan, sessions
from monitor.archive import AskLine
from monitor.config import Settings
from monitor.errors import BullionError
from monitor.house import House
from monitor.model import Ask
from monitor.sources.registry import discover
from tests.asker import TownAsker, desk_settings, utc
from tests.exchange_town import SOURCES
from tests.factories import ecb, shanghai
from tests.homes import house, offer
from tests.past import DAYS, SPAN, WARRANTS, Past, pages, url_of
from tests.publisher import Reply

NOW = utc("2026-04-20 12:00")


@pytest.fixture
def past() -> Iterator[Past]:
    with Past(pages()) as opened:
        yield opened


class Told:
    """Counts how often what was loaded was told."""

    times = 0

    def __call__(self) -> None:
        self.times += 1


def filled(
    opened: House,
    past: Past,
    name: str = "shfe_warrants",
    *,
    span: tuple[date, date | None] = SPAN,
    now: datetime = NOW,
    tell: Told | None = None,
    **options: Any,
) -> backfill.Summary:
    """A backfill in this process, as the command does it."""
    source = discover()[0][name]

    def last() -> dict[str, AskLine]:
        return {url: line for (whose, url), line in opened.archive.last_asks().items() if whose == name}

    held = plan.Held(opened.store.files_held(name))
    work = backfill.plan_of(source, held, last(), now, *span)
    keeper = backfill.Own(opened, tell or Told())
    return backfill.run(work, TownAsker(past.base), keeper, last, lambda: now, **options)


# --- what is asked -------------------------------------------------------------------------------


def test_every_session_of_the_span_is_asked_for_once_oldest_first_and_loaded(tmp_path: Path, past: Past) -> None:
    with house(tmp_path, NOW) as opened:
        done = filled(opened, past)
        assert past.asked() == [url_of(day) for day in DAYS]
        assert (done.asked, done.outcomes, done.is_whole) == (len(DAYS), {"loaded": len(DAYS)}, True)
        assert sorted(opened.store.files_held("shfe_warrants")) == list(DAYS)
        assert opened.archive.verify() == []


def test_what_is_held_is_not_asked_for_however_it_came(tmp_path: Path, past: Past) -> None:
    with house(tmp_path, NOW) as opened:
        body = past.reports[url_of(DAYS[3])]
        offer(opened, [("page.html", body)], NOW)
        done = filled(opened, past)
        assert past.asked() == [url_of(day) for day in DAYS if day != DAYS[3]]
        assert len(done.plan.sessions) - len(done.plan.missing) == 1
        past.log.clear()
        assert filled(opened, past).asked == 0
        assert past.asked() == []


def test_the_span_ends_with_the_newest_session_that_is_due(tmp_path: Path, past: Past) -> None:
    now = utc("2026-03-17 06:00")
    with house(tmp_path, now) as opened:
        done = filled(opened, past, span=(date(2026, 3, 12), None), now=now)
        assert done.plan.sessions == (date(2026, 3, 12), date(2026, 3, 13), date(2026, 3, 16))
        assert filled(opened, past, span=(date(2026, 3, 12), date(2026, 12, 31)), now=now).plan.missing == ()
    assert len(past.log) == 3


def test_one_question_covers_the_span_where_the_publisher_has_such(tmp_path: Path) -> None:
    start, end = date(2026, 2, 2), date(2026, 2, 27)
    days = sessions.sessions("TARGET", start, end)
    history = ecb.ecb_zip(ecb.ecb_hist_csv({day: {"USD": 1.1, "JPY": 175.0, "CNY": 7.9} for day in days}))
    source = SOURCES["ecb_fx"]
    assert source.backlog is not None
    (ask,) = source.backlog(start, end)
    with Past({ask.url: history}) as past, house(tmp_path, NOW) as opened:
        done = filled(opened, past, "ecb_fx", span=(start, end))
        assert past.asked() == [ask.url]
        assert (done.outcomes, sorted(opened.store.files_held("ecb_fx"))) == ({"loaded": 1}, list(days))
        assert filled(opened, past, "ecb_fx", span=(start, end)).asked == 0


def test_what_was_not_published_is_left_alone_for_a_day_unless_asked_again(tmp_path: Path, past: Past) -> None:
    del past.reports[url_of(DAYS[2])], past.reports[url_of(DAYS[5])]
    with house(tmp_path, NOW) as opened:
        done = filled(opened, past)
        assert (done.outcomes["not_published"], done.is_whole) == (2, True)
        past.log.clear()
        resumed = filled(opened, past, now=NOW + timedelta(hours=23))
        assert (resumed.asked, resumed.left_alone, past.asked()) == (0, 2, [])
        assert filled(opened, past, now=NOW + timedelta(hours=23), again=True).outcomes == {"not_published": 2}
        past.reports |= pages([DAYS[2]])
        after = filled(opened, past, now=NOW + timedelta(hours=48))
        assert after.outcomes == {"loaded": 1, "not_published": 1}
        assert past.asked() == [url_of(DAYS[2]), url_of(DAYS[5])] * 2


def test_a_broken_page_is_kept_and_refused_and_asked_for_again_the_next_day_only(tmp_path: Path, past: Past) -> None:
    past.reports[url_of(DAYS[1])] = past.reports[url_of(DAYS[1])][:2_000]
    with house(tmp_path, NOW) as opened:
        done = filled(opened, past)
        assert done.outcomes == {"loaded": len(DAYS) - 1, "refused": 1}
        assert not done.is_whole
        assert filled(opened, past).left_alone == 1
        assert filled(opened, past, now=NOW + timedelta(days=1)).outcomes == {"refused": 1}
        assert past.asked().count(url_of(DAYS[1])) == 2


def test_a_question_put_again_is_conditional_and_an_unchanged_answer_counts_as_held(tmp_path: Path, past: Past) -> None:
    broken = Reply(past.reports[url_of(DAYS[1])][:2_000], etag='"1"')
    past.rules[url_of(DAYS[1]).partition("//")[2]] = broken
    with house(tmp_path, NOW) as opened:
        filled(opened, past)
        past.rules = {needle: Reply(status=304, etag='"1"') for needle in past.rules}
        done = filled(opened, past, again=True)
        assert past.log[-1].headers["If-None-Match"] == '"1"'
        assert done.outcomes == {"held": 1}


def test_questions_whose_form_the_log_does_not_know_are_never_taken_for_answered() -> None:
    """One address for every span: what was answered for March says nothing about the years before."""
    source = discover()[0]["sge_benchmark"]
    assert source.backlog is not None
    (ask, *_) = source.backlog(date(2020, 1, 2), date(2026, 3, 31))
    assert ask.form
    line = AskLine(NOW, source.name, ask.session, ask.url, "answered")
    assert not backfill._is_settled(ask, line, NOW)
    assert backfill._is_settled(Ask(source.name, ask.session, ask.url), line, NOW)


# --- who is not asked, and when to stop ----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        pytest.param("comex_stocks", {"contact": "a@b"}, ("keeps no older reports", "/in"), id="overwrites one file"),
        pytest.param(
            "comex_volume", {"contact": "a@b", "sources": {"comex_volume": {"fetch": False}}},
            ("sources.comex_volume.fetch", "forbid scripts and robots", "disclaimer.html", "/c.toml"), id="not allowed",
        ),
        pytest.param("comex_volume", {"contact": "a@b"}, ("sources.comex_volume.fetch",), id="not named"),
        pytest.param("sge_quotes", {"sources": {"sge_quotes": {"fetch": True}}}, ("`contact`",), id="no contact"),
    ],
)  # fmt: skip
def test_a_source_that_may_not_be_asked_is_refused_with_what_to_do_instead(
    name: str, settings: dict[str, Any], said: tuple[str, ...]
) -> None:
    text = backfill.refusal(Settings.model_validate(settings), discover()[0][name], Path("/c.toml"), Path("/in"))
    assert all(part in text for part in (*said, "bullion load"))


def test_a_source_that_may_be_asked_is_not_refused() -> None:
    assert backfill.refusal(desk_settings(["ecb_fx"]), SOURCES["ecb_fx"], Path("c"), Path("i")) == ""


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Reply(b"no", status=401), id="401"),
        pytest.param(Reply(b"no", status=403), id="403"),
        pytest.param(Reply(b"no", status=451), id="451"),
        pytest.param(Reply(shanghai.BLOCK_PAGE), id="challenge page with status 200"),
        pytest.param(Reply(b"<html><body>Solve this CAPTCHA</body></html>"), id="page that only the parser knows"),
    ],
)
def test_a_refusal_ends_it_at_once_and_the_daemon_honours_it_too(tmp_path: Path, past: Past, refusal: Reply) -> None:
    past.rules[f"{DAYS[2]:%Y%m%d}"] = refusal
    with house(tmp_path, NOW) as opened:
        done = filled(opened, past)
        assert past.asked() == [url_of(day) for day in DAYS[:3]]
        assert (done.outcomes, done.is_whole) == ({"loaded": 2, "blocked": 1}, False)
        assert done.stopped
        lines = {url: line for (_, url), line in opened.archive.last_asks().items()}
        assert lines[url_of(DAYS[2])].outcome == "blocked"
        later = NOW + timedelta(hours=19)
        held = plan.Held(opened.store.files_held("shfe_warrants"))
        assert plan.asks(WARRANTS, held, lines, later, lookback=30, retry=timedelta(minutes=1)) == ()
        with pytest.raises(BullionError, match="is left alone until 2026-04-21 08:00 UTC"):
            filled(opened, past, now=later, again=True)
        past.rules.clear()
        assert filled(opened, past, now=NOW + timedelta(hours=21)).outcomes == {"loaded": len(DAYS) - 2}


def test_three_questions_in_a_row_without_an_answer_end_it_and_it_goes_on_from_there(
    tmp_path: Path, past: Past
) -> None:
    for day in (DAYS[1], DAYS[3], DAYS[4], DAYS[5]):
        past.rules[f"{day:%Y%m%d}"] = Reply(b"out of order", status=500)
    with house(tmp_path, NOW) as opened:
        done = filled(opened, past)
        assert past.asked() == [url_of(day) for day in DAYS[:6]]
        assert (done.outcomes, done.is_whole) == ({"loaded": 2, "unreachable": 4}, False)
        assert "3 questions in a row could not be asked" in done.stopped
        past.rules.clear()
        past.log.clear()
        assert filled(opened, past).outcomes == {"loaded": len(DAYS) - 2}
        assert past.asked() == [url_of(day) for day in DAYS if day not in (DAYS[0], DAYS[2])]


def test_it_can_be_stopped_between_two_questions_and_goes_on_behind_the_last(tmp_path: Path, past: Past) -> None:
    with house(tmp_path, NOW) as opened:
        done = filled(opened, past, goes_on=lambda summary, ask: summary.asked < 4)
        assert (done.interrupted, done.is_whole, done.asked) == (True, False, 4)
        assert filled(opened, past).asked == len(DAYS) - 4
    assert past.asked() == [url_of(day) for day in DAYS]


def test_what_was_loaded_is_told_once_in_so_many_answers_and_at_the_end(
    tmp_path: Path, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    with house(tmp_path, NOW) as opened:
        filled(opened, past, tell=told)
        assert told.times == 1
        monkeypatch.setattr(backfill, "EVERY", 4)
        filled(opened, past, tell=told, span=(date(2026, 2, 24), SPAN[1]))
        assert told.times == 4, "nine more sessions: after four, after eight, at the end"
