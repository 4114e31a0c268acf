"""What the day's limit held back is told by the memo, once, in its threads; alerts and figures are made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts import audit
from alerts.addressing import Manners
from alerts.ledger import Ledger
from alerts.letters import Delivery
from monitor.checkfile import Check
from monitor.config import Mail
from monitor.house import House
from monitor.memopost import MemoPost
from monitor.model import Policy, Reading, Verdict
from monitor.news import News
from tests.asker import utc
from tests.homes import house
from tests.test_memopost import FEW, HOST, MONDAY, fill, settings, writer

DESK, NIGHT = "desk@example.org", "night@example.org"
NOON, MEMO = utc(f"{MONDAY} 12:00"), utc(f"{MONDAY} 16:00")
MORNING = utc("2026-03-03 07:00")
TODAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)
FIRST, *LATER = "first", "second", "third"
"""Rules: the first has the one mail of its day, the others are too much for it."""
CHECKS = {
    name: Check(
        name=name, title=f"The {name} rule", why="made up", unit="pct", above_is_bad=True, formula="x", references=(),
        policy=Policy(1, 1, 1), thresholds=(), sql="select 1",
    )
    for name in (FIRST, *LATER)
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """A home of one recipient; a parameter is the address of its page."""
    mail = {**settings()["mail"], "base_url": getattr(request, "param", "")}
    with house(tmp_path, NOON, mail=mail, checks=FEW) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def desk(home: House) -> Iterator[tuple[MemoPost, Ledger]]:
    """Two rules broke after the mail of the day had left."""
    post, book = writer(home)
    calm(book)
    break_one_by_one(book)
    yield post, book
    book.close()


def news(book: Ledger, *recipients: str) -> News:
    mail = Mail(recipients=recipients or (DESK,))
    return News(book, CHECKS, {}, mail, HOST, manners=Manners(a_day=1), draws=False)


def readings(**broken: Verdict) -> list[Reading]:
    """Every rule was clear yesterday; those named are today as they say."""
    found = [reading(name, TODAY - timedelta(days=1), Verdict.CLEAR) for name in CHECKS]
    return found + [reading(name, TODAY, verdict) for name, verdict in broken.items()]


def reading(name: str, day: date, verdict: Verdict) -> Reading:
    value = 0.1 if verdict is Verdict.CLEAR else 0.75
    return Reading(name, "COMEX silver", day, value, verdict, warn=0.5, clear=0.4)


def calm(book: Ledger, *recipients: str) -> None:
    news(book, *recipients).tell(readings(), NOON - 24 * HOUR)


def break_one_by_one(book: Ledger, *recipients: str) -> None:
    """An hour apart, each for good; what may leave leaves."""
    broken: dict[str, Verdict] = {}
    for number, name in enumerate(CHECKS):
        broken[name] = Verdict.WARNING
        at = NOON + number * HOUR
        news(book, *recipients).tell(readings(**broken), at)
        sent(book, at)


def sent(book: Ledger, at: datetime) -> list[Delivery]:
    """What leaves at this moment, and has left."""
    rows = book.outbox.claim(at)
    for row in rows:
        book.outbox.sent(row.id, at)
    return rows


def rules(row: Delivery) -> list[str]:
    return [told.check for told in row.said]


def held(book: Ledger, recipient: str = DESK) -> list[Delivery]:
    return [row for row in book.outbox.waiting(recipient) if row.kind == "overflow"]


def plain(row: Delivery) -> str:
    return " ".join(row.notice.text.split())


def test_the_memo_tells_what_was_held_back_and_no_mail_of_the_morning_does(desk: tuple[MemoPost, Ledger]) -> None:
    post, book = desk
    (waiting,) = held(book)
    assert rules(waiting) == LATER
    assert post.round(MEMO) == 1
    (memo,) = sent(book, MEMO)
    assert (memo.kind, rules(memo)) == ("memo", LATER)
    assert memo.notice.subject.endswith("; 2 held back")
    assert [book.outbox.claim(MORNING + number * HOUR) for number in range(30)] == [[]] * 30
    assert [row["state"] for row in book.outbox.delivery_rows()] == ["SENT", "MERGED", "MERGED", "SENT"]
    assert book.verify_audit() is None


@pytest.mark.parametrize("home", ["https://desk.example.org"], indirect=True)
def test_each_is_told_near_the_top_as_its_mail_would_open_with_what_shows_it_whole(home: House) -> None:
    post, book = writer(home)
    calm(book)
    break_one_by_one(book)
    assert post.round(MEMO) == 1
    (memo,) = sent(book, MEMO)
    said = plain(memo)
    assert "is told here and in no other: 2 changes, the first at 2026-03-02 13:00 UTC." in said
    opening = "Silver COMEX: the second rule 0.75 %"
    assert opening in said
    assert said.index("Held back by the day's limit") < said.index(opening) < said.index("he last memo")
    assert f"opened with session {TODAY}; in full: bullion alerts show second 'COMEX silver' or https://" in said
    assert "https://desk.example.org/checks/second?subject=COMEX%20silver" in said
    assert opening in memo.notice.html
    book.close()


def test_a_program_gets_the_same_changes_and_a_reader_can_sort_by_them(desk: tuple[MemoPost, Ledger]) -> None:
    post, book = desk
    post.round(MEMO)
    (memo,) = sent(book, MEMO)
    assert [(event["check"], event["value"], event["words"]) for event in memo.notice.events] == [
        (name, 0.75, f"[warning] Silver COMEX: the {name} rule 0.75 %") for name in LATER
    ]
    headers = dict(memo.notice.headers)
    assert (headers["X-Bullion-Events"], headers["X-Bullion-Severity"]) == ("daily memo, 2 new", "warning")


def test_the_end_of_what_a_memo_told_is_told_in_the_thread_of_that_memo(desk: tuple[MemoPost, Ledger]) -> None:
    post, book = desk
    post.round(MEMO)
    (memo,) = sent(book, MEMO)
    later = MEMO + 24 * HOUR
    over = [*readings(**dict.fromkeys(CHECKS, Verdict.WARNING)), reading("second", date(2026, 3, 3), Verdict.CLEAR)]
    _, letters, queued = news(book).tell(over, later)
    assert queued == 1
    assert [(t.check, t.event.value) for t in letters[0].transitions] == [("second", "recovered")]
    assert letters[0].notice.references == (memo.notice.message_id,)


def test_the_end_held_back_is_in_the_thread_of_the_mail_that_told_the_beginning(home: House) -> None:
    post, book = writer(home)
    calm(book)
    news(book).tell(readings(first=Verdict.WARNING), NOON)
    (root,) = sent(book, NOON)
    news(book).tell(readings(first=Verdict.CLEAR), NOON + HOUR)
    assert post.round(MEMO) == 1
    (memo,) = sent(book, MEMO)
    assert memo.notice.references == (root.notice.message_id,)
    book.close()


def test_a_letter_told_instead_of_one_that_never_left_does_not_name_it(desk: tuple[MemoPost, Ledger]) -> None:
    """The third rule broke while the letter of the second was waiting."""
    (waiting,) = held(desk[1])
    assert (rules(waiting), waiting.notice.references) == (LATER, ())


def test_what_came_and_went_while_it_was_held_back_is_one_line(desk: tuple[MemoPost, Ledger]) -> None:
    post, book = desk
    over = [*readings(**dict.fromkeys(CHECKS, Verdict.WARNING)), reading("third", date(2026, 3, 3), Verdict.CLEAR)]
    news(book).tell(over, MEMO - HOUR / 2)
    post.round(MEMO)
    (memo,) = sent(book, MEMO)
    assert [(t.check, t.event.value) for t in memo.said] == [("second", "firing"), ("third", "missed")]
    assert "ok (missed)" in plain(memo)


@pytest.mark.parametrize("memo", ["weekly", "off"])
def test_who_gets_no_memo_that_day_has_the_mail_of_the_morning(tmp_path: Path, memo: str) -> None:
    with house(tmp_path, NOON, **settings(memo)) as opened:
        fill(opened)
        post, book = writer(opened)
        calm(book)
        break_one_by_one(book)
        assert post.round(MEMO) == 0
        (alone,) = sent(book, MORNING)
        assert (alone.kind, rules(alone)) == ("overflow", LATER)
        book.close()


def test_at_a_weekend_the_mail_of_the_morning_comes(home: House) -> None:
    """The memo of Friday has left when a rule breaks on Saturday."""
    post, book = writer(home)
    calm(book)
    friday = utc("2026-03-06 16:00")
    assert post.round(friday) == 1
    sent(book, friday)
    broken: dict[str, Verdict] = {}
    for number, name in enumerate((FIRST, *LATER)):
        broken[name] = Verdict.WARNING
        news(book).tell(readings(**broken), friday + (20 + number) * HOUR)
        sent(book, friday + (20 + number) * HOUR)
    assert [post.round(friday + hours * HOUR) for hours in range(20, 39)] == [0] * 19
    (alone,) = sent(book, utc("2026-03-08 07:00"))
    assert (alone.kind, rules(alone)) == ("overflow", LATER)
    book.close()


def test_each_recipient_has_his_own_and_who_is_only_told_alerts_keeps_his_mail(home: House) -> None:
    post, book = writer(home)
    calm(book, DESK, NIGHT)
    break_one_by_one(book, DESK, NIGHT)
    assert post.round(MEMO) == 1
    (memo,) = sent(book, MEMO)
    assert memo.notice.recipient == DESK
    (alone,) = sent(book, MORNING)
    assert (alone.notice.recipient, alone.kind, rules(alone)) == (NIGHT, "overflow", LATER)
    book.close()


def test_what_is_due_already_leaves_by_itself(desk: tuple[MemoPost, Ledger]) -> None:
    """The machine slept over the hour of the morning: mail and memo leave together, each with its own."""
    post, book = desk
    late = MORNING + 9 * HOUR
    assert post.round(late) == 1
    alone, memo = sent(book, late)
    assert (alone.kind, rules(alone)) == ("overflow", LATER)
    assert (memo.kind, rules(memo)) == ("memo", [])
    assert "held back" not in memo.notice.subject


def test_what_a_server_may_have_taken_is_not_told_by_the_memo_as_well(desk: tuple[MemoPost, Ledger]) -> None:
    post, book = desk
    (row,) = book.outbox.claim(MORNING)
    book.outbox.retry(row.id, MORNING, "no reply", lambda: 0.5, "data")
    assert post.round(MEMO) == 1
    (memo,) = (row for row in book.outbox.waiting(DESK) if row.kind == "memo")
    assert rules(memo) == []
    assert len(held(book)) == 1


def test_a_memo_that_waits_for_the_server_is_not_given_up_for_an_alert(desk: tuple[MemoPost, Ledger]) -> None:
    post, book = desk
    post.round(MEMO)
    (claimed,) = book.outbox.claim(MEMO)
    book.outbox.pause(claimed.notice.channel, MEMO + HOUR, MEMO, "refused", "connect")
    over = [*readings(**dict.fromkeys(CHECKS, Verdict.WARNING)), reading("second", date(2026, 3, 3), Verdict.CLEAR)]
    news(book).tell(over, MEMO + HOUR / 2)
    waiting = book.outbox.waiting(DESK)
    assert [(row.kind, rules(row)) for row in waiting] == [("memo", LATER), ("overflow", ["second"])]
    assert waiting[1].notice.references == (claimed.notice.message_id,)


# --- never lost -----------------------------------------------------------------------------


def test_a_memo_that_cannot_be_written_leaves_the_mail_of_the_morning(
    desk: tuple[MemoPost, Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    post, book = desk
    with monkeypatch.context() as broken:
        broken.setattr("monitor.memopost.digest.notice", lambda *_, **__: 1 / 0)
        with pytest.raises(Exception, match="could not be written"):
            post.round(MEMO)
    (alone,) = sent(book, MORNING)
    assert (alone.kind, rules(alone)) == ("overflow", LATER)


@pytest.mark.parametrize("step", ["replace_rows", "append"])
def test_a_death_before_the_commit_leaves_what_waits_and_the_next_memo_tells_it(
    desk: tuple[MemoPost, Ledger], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    post, book = desk
    before = [row.id for row in held(book)]

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(*(("alerts.outbox.replace_rows", dies) if step == "replace_rows" else (audit, step, dies)))
        with pytest.raises(KeyboardInterrupt):
            post.round(MEMO)
    assert ([row.id for row in held(book)], book.memos()) == (before, [])
    assert post.round(MEMO + HOUR) == 1
    (memo,) = sent(book, MEMO + HOUR)
    assert rules(memo) == LATER


def test_a_death_while_the_memo_is_sent_sends_it_again_under_its_name_and_nothing_else(
    home: House, desk: tuple[MemoPost, Ledger]
) -> None:
    post, book = desk
    post.round(MEMO)
    (first,) = book.outbox.claim(MEMO)
    with Ledger(home.folders.ledger) as again:
        (second,) = sent(again, MEMO + HOUR)
        assert second.notice.message_id == first.notice.message_id
        assert rules(second) == LATER
        assert again.outbox.claim(MORNING + HOUR) == []
