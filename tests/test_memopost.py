"""The memo sent by the daemon: at its hour, once, whatever happens in between. Figures are invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts import audit
from alerts.ledger import Ledger
from alerts.letters import Letter
from monitor.batch import Teller
from monitor.daemon import Daemon
from monitor.house import House
from monitor.memopost import MemoPost
from monitor.model import Notice
from tests import facts
from tests.asker import utc
from tests.checks.comex import Day, days, reports
from tests.homes import house, only

MONDAY, FRIDAY = "2026-03-02", "2026-03-06"
HOST = "desk.example.org"


FEW = only("source_stale", "vault_outflow")
"""A check of a market and one of a publisher: all of them take a second for each memo."""


def settings(memo: str = "daily", checks: dict[str, Any] = FEW) -> dict[str, Any]:
    return {"mail": {"recipients": ("desk@example.org",), "memo": memo}, "checks": checks}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """Euro rates of each day, which are due at 15:00 UTC, and stock reports to 27 February."""
    with house(tmp_path, utc(f"{MONDAY} 12:00"), **settings()) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[House]:
    """The same with every check on."""
    with house(tmp_path, utc(f"{MONDAY} 12:00"), **settings(checks={})) as opened:
        fill(opened)
        yield opened


def fill(opened: House) -> None:
    facts.dollars(opened, dict.fromkeys(days("2026-02-16", "2026-03-06"), 7.0))
    reports(opened, {day: Day(withdrawn=2.5e6) for day in days("2026-01-26", "2026-02-27")})
    loaded(opened, f"{MONDAY} 11:00")


def loaded(opened: House, moment: str) -> None:
    """The stock reports as if loaded at this moment."""
    with opened.store.transaction() as cur:
        for table in ("comex_stock_rows", "comex_stock_sums"):
            cur.execute(f"update {table} set loaded_at = '{moment}'")


class Box:
    """A channel that keeps what it is given."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def __call__(self, notice: Notice, _now: object) -> str:
        self.notices.append(notice)
        return "250 taken"

    def memos(self) -> list[str]:
        return [notice.subject for notice in self.notices if "memo]" in notice.subject]


def daemon(opened: House, box: Box) -> tuple[Daemon, Teller]:
    teller = Teller(opened, {"file": box}, host=HOST)
    return Daemon(opened, teller, memo=MemoPost(opened, teller.ledger, HOST)), teller


def test_it_leaves_once_an_hour_after_the_last_report_is_due(whole: House) -> None:
    box = Box()
    at_work, teller = daemon(whole, box)
    at_work.step(utc(f"{MONDAY} 15:59"))
    assert box.memos() == []
    for hour in ("16:00", "16:05", "22:00", "23:59"):
        assert at_work.step(utc(f"{MONDAY} {hour}")).troubles == []
    teller.close()
    (subject,) = box.memos()
    assert subject.startswith("[memo] 2 Mar 2026: ")
    text = next(notice.text for notice in box.notices if "memo]" in notice.subject)
    assert "MADE-UP VAULT" in text
    assert "composed 2026-03-02 16:00 UTC" in text


def test_on_friday_it_looks_back_over_the_week_and_none_comes_at_the_weekend(home: House) -> None:
    box = Box()
    at_work, teller = daemon(home, box)
    for day in range(2, 10):
        at_work.step(utc(f"2026-03-{day:02} 16:30"))
    teller.close()
    assert [subject.partition(":")[0] for subject in box.memos()] == [
        "[memo] 2 Mar 2026", "[memo] 3 Mar 2026", "[memo] 4 Mar 2026", "[memo] 5 Mar 2026", "[weekly memo] 6 Mar 2026",
        "[memo] 9 Mar 2026",
    ]  # fmt: skip
    weekly = next(notice.text for notice in box.notices if "weekly" in notice.subject)
    assert "changes are against 2026-02-27 16:30 UTC" in " ".join(weekly.split())


@pytest.mark.parametrize(("memo", "expected"), [("weekly", ["[weekly memo] 6 Mar 2026"]), ("off", [])])
def test_who_wants_fewer_gets_fewer(tmp_path: Path, memo: str, expected: list[str]) -> None:
    box = Box()
    with house(tmp_path, utc(f"{MONDAY} 12:00"), **settings(memo)) as opened:
        fill(opened)
        at_work, teller = daemon(opened, box)
        for day in range(2, 9):
            at_work.step(utc(f"2026-03-{day:02} 16:30"))
        teller.close()
    assert [subject.partition(":")[0] for subject in box.memos()] == expected


@pytest.mark.parametrize(("saved", "is_news"), [("11:00", False), ("20:00", True)])
def test_what_was_loaded_since_the_last_memo_is_news_however_long_the_public_knew_it(
    home: House, saved: str, is_news: bool
) -> None:
    loaded(home, f"{MONDAY} {saved}")
    post, book = writer(home)
    assert post.round(utc(f"{MONDAY} 16:00")) == 1
    assert post.round(utc("2026-03-03 16:00")) == 1
    second = body(book)
    assert "against 2026-03-02 16:00 UTC" in second
    assert ("MADE-UP VAULT" in second) is is_news
    assert ("COMEX silver by vault Newest: 2026-02-27." in second) is not is_news
    book.close()


def test_after_days_off_only_the_newest_memo_is_written(home: House) -> None:
    post, book = writer(home)
    assert post.round(utc(f"{MONDAY} 16:00")) == 1
    assert post.round(utc("2026-03-06 11:00")) == 1
    assert [(day, kind) for day, kind, _ in book.memos()] == [(date(2026, 3, 5), "daily"), (date(2026, 3, 2), "daily")]
    assert post.round(utc("2026-03-06 12:00")) == 0
    book.close()


def test_the_weekly_memo_of_a_daemon_that_was_off_comes_when_it_is_back(home: House) -> None:
    post, book = writer(home)
    assert post.round(utc(f"{MONDAY} 16:00")) == 1
    assert post.round(utc("2026-03-08 20:00")) == 1
    assert post.round(utc("2026-03-09 15:00")) == 0
    assert [(day, kind) for day, kind, _ in book.memos()] == [(date(2026, 3, 6), "weekly"), (date(2026, 3, 2), "daily")]
    book.close()


def test_a_new_home_does_not_begin_with_the_memo_of_long_ago(home: House) -> None:
    post, book = writer(home)
    assert post.round(utc("2026-03-08 20:00")) == 0
    assert post.round(utc("2026-03-09 16:00")) == 1
    book.close()


def test_on_a_day_without_a_report_due_there_is_none(tmp_path: Path) -> None:
    with house(tmp_path, utc("2026-04-02 12:00"), **settings()) as opened:
        facts.dollars(opened, dict.fromkeys(days("2026-03-23", "2026-04-01"), 7.0))
        post, book = writer(opened)
        assert post.round(utc("2026-04-02 16:00")) == 1
        assert post.round(utc("2026-04-03 20:00")) == 0  # Good Friday: the euro rates come on Tuesday
        book.close()


def test_an_open_alert_that_is_silenced_is_in_the_memo_and_says_so(home: House) -> None:
    at = utc(f"{MONDAY} 16:00")
    post, book = writer(home)
    book.silence({"metal": "silver"}, "a person", "vault move", at - timedelta(hours=1), at + timedelta(days=1), at)
    assert post.round(at) == 1
    assert "critical, silenced since 2026-0" in body(book)
    book.close()


# --- killed anywhere ------------------------------------------------------------------------


def writer(opened: House) -> tuple[MemoPost, Ledger]:
    book = Ledger(opened.folders.ledger)
    return MemoPost(opened, book, HOST), book


def body(book: Ledger, at: int = -1) -> str:
    """The text of a queued memo as one line."""
    return " ".join(book.outbox.waiting("desk@example.org")[at].notice.text.split())


def test_a_death_before_the_commit_leaves_nothing_and_the_next_try_has_the_same_identity(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    at = utc(f"{MONDAY} 16:00")
    post, book = writer(home)
    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", dies)
        with pytest.raises(KeyboardInterrupt):
            post.round(at)
    assert (book.memos(), book.outbox.waiting("desk@example.org")) == ([], [])
    book.close()
    again, book = writer(home)
    assert again.round(at + timedelta(hours=2)) == 1
    (waiting,) = book.outbox.waiting("desk@example.org")
    named = waiting.notice.message_id
    book.close()
    third, book = writer(home)
    assert third.round(at + timedelta(hours=3)) == 0
    assert [row.notice.message_id for row in book.outbox.claim(at + timedelta(hours=3))] == [named]
    book.close()  # dies while it is sent
    _, book = writer(home)
    assert [row.notice.message_id for row in book.outbox.claim(at + timedelta(hours=4))] == [named]
    book.close()


def test_the_ledger_keeps_one_memo_a_day_and_a_written_one_is_not_made_again(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = utc(f"{MONDAY} 16:00")
    post, book = writer(home)
    assert post.round(at) == 1
    (kept,) = (row.notice for row in book.outbox.waiting("desk@example.org"))
    letter = Letter(replace(kept, message_id="<other@desk.example.org>"), ())
    assert book.memo(date(2026, 3, 2), "daily", [letter], at) == 0
    assert len(book.outbox.waiting("desk@example.org")) == 1
    monkeypatch.setattr("monitor.memopost.memos.gather", lambda *_, **__: 1 / 0)
    assert post.round(at + timedelta(hours=1)) == 0
    assert book.verify_audit() is None
    book.close()


def test_a_memo_that_cannot_be_written_costs_no_alert_and_is_tried_again(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    at_work, teller = daemon(home, box)
    with monkeypatch.context() as broken:
        broken.setattr("monitor.memopost.digest.notice", lambda *_, **__: 1 / 0)
        (trouble,) = at_work.step(utc(f"{MONDAY} 16:00")).troubles
        assert trouble == "memo: the memo of 2026-03-02 could not be written: ZeroDivisionError: division by zero"
        assert [notice.subject for notice in box.notices] != []  # the state at start is mailed all the same
        assert at_work.step(utc(f"{MONDAY} 16:05")).troubles == []
    at_work.step(utc(f"{MONDAY} 16:10"))
    assert box.memos() == []
    at_work.step(utc(f"{MONDAY} 16:16"))
    assert len(box.memos()) == 1
    teller.close()
