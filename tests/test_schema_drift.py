"""A report that is not laid out as it was: told once for all that hangs on it, and over when one loads again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.channels import email
from monitor import lineage, sessions
from monitor.batch import Send, Teller
from monitor.house import House
from tests.factories import shanghai
from tests.factories.shanghai import SILVER, Stock
from tests.homes import house, offer, only
from tests.mailserver import MailServer

NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MONDAY, TUESDAY = date(2026, 2, 9), date(2026, 2, 10)
DRIFT = ("schema_drift", "shfe_warrants")


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer(tls="none") as server:
        yield server


@pytest.fixture
def teller(tmp_path: Path, post: MailServer) -> Iterator[Teller]:
    """A home that mails at once by a real server, read once with nothing in it."""
    mail = {"recipients": ["desk@example.org"], "channel": "email", "group_minutes": 0}
    with house(
        tmp_path,
        NOW,
        mail=mail,
        checks=only("coverage_raw", "fund_flow", "member_short_over_warrants", "shfe_warrant_drop"),
    ) as opened:
        made = listener(opened, post)
        made.turn(NOW)
        yield made
        made.close()


def listener(opened: House, post: MailServer) -> Teller:
    channels: dict[str, Send] = {"email": lambda notice, now: email.send(notice, post.settings(), now)}
    return Teller(opened, channels, host="desk.example.org")


def comes(teller: Teller, body: bytes, now: datetime) -> str:
    """A page comes and is tried; how that ended."""
    (outcome,) = offer(teller.house, [(f"page-{now:%d-%H%M}.html", body)], now)
    return outcome.status


def told(teller: Teller, now: datetime) -> list[tuple[str, str, str]]:
    """(event, check, subject) of what one round says, by its batch and by its look at itself; mails leave."""
    changes = [*teller.turn(now).changes, *teller.watch(now).changes]
    teller.deliver(now)
    return [(c.transition.event.value, c.transition.check, c.transition.subject) for c in changes]


def cut(day: date) -> bytes:
    return shanghai.shfe_warrants_html(day, closing=False)


def test_a_report_that_cannot_be_read_is_one_mail_and_its_end_another(teller: Teller, post: MailServer) -> None:
    assert comes(teller, cut(MONDAY), NOW) == "refused"
    assert told(teller, NOW) == []
    assert told(teller, NOW + 45 * MINUTE) == [("firing", *DRIFT)]
    assert told(teller, NOW + 7 * HOUR) == []
    later = NOW + 20 * HOUR
    assert comes(teller, shanghai.shfe_warrants_html(MONDAY), later) == "loaded"
    assert told(teller, later) == [("recovered", *DRIFT)]
    assert len(post.mails) == 2
    assert "cannot be read as laid out" in str(post.mails[0].message["Subject"])
    assert "page-09-1200.html" in post.mails[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_page_cut_short_that_comes_whole_half_an_hour_later_is_not_told(teller: Teller) -> None:
    comes(teller, cut(MONDAY), NOW)
    assert told(teller, NOW) == []
    comes(teller, shanghai.shfe_warrants_html(MONDAY), NOW + 30 * MINUTE)
    assert [told(teller, NOW + hours * HOUR) for hours in (1, 2, 30)] == [[], [], []]


def test_a_product_that_changed_its_name_is_told_though_the_rest_of_its_report_loads(teller: Teller) -> None:
    renamed = shanghai.shfe_warrants_html(MONDAY, silver=(), strangers=("铜(BC)", "螺纹钢(厂库)", "白银(新)"))
    assert comes(teller, renamed, NOW) == "loaded"
    told(teller, NOW)
    assert told(teller, NOW + HOUR) == [("firing", *DRIFT)]
    assert "白银" in teller.house.store.rows("select reason from unread_reports")[0][0]
    comes(teller, shanghai.shfe_warrants_html(TUESDAY), NOW + 24 * HOUR)
    assert ("recovered", *DRIFT) in told(teller, NOW + 24 * HOUR)


def test_a_new_product_beside_all_known_ones_is_noted_and_not_told(teller: Teller) -> None:
    comes(teller, shanghai.shfe_warrants_html(MONDAY, strangers=("白银(新)",)), NOW)
    told(teller, NOW)
    assert told(teller, NOW + HOUR) == []
    assert teller.house.store.rows("select kind from layout_notices") != []


def test_of_two_products_the_one_that_loads_does_not_hide_the_one_that_does_not(teller: Teller) -> None:
    """Made-up entries in the books: gold's report is refused, silver's loads after it."""
    store = teller.house.store
    for product, outcome, minute in (("gold", "refused", 1), ("silver", "loaded", 2)):
        at = datetime(2026, 2, 9, 11, minute)  # noqa: DTZ001 - storage form is naive UTC
        with store.cursor() as cur:
            row = [f"made-up-{product}", product, "comex_volume", f"{product}.json", 1, at, outcome, 0, "odd"]
            cur.execute("insert into loads values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    assert store.rows("select source, product from unread_reports") == [("comex_volume", "gold")]


def test_of_pages_that_come_at_one_moment_the_one_read_last_counts(teller: Teller) -> None:
    def together(*pages: bytes) -> list[tuple[str]]:
        offer(teller.house, [(f"{number}.html", page) for number, page in enumerate(pages)], NOW)
        return teller.house.store.rows("select name from unread_reports")

    assert together(cut(MONDAY), shanghai.shfe_warrants_html(MONDAY)) == []
    assert together(shanghai.shfe_warrants_html(TUESDAY), cut(TUESDAY)) == [("1.html",)]


def test_a_restart_while_a_report_cannot_be_read_says_nothing_and_the_end_is_still_told(
    teller: Teller, post: MailServer
) -> None:
    comes(teller, cut(MONDAY), NOW)
    told(teller, NOW)
    assert told(teller, NOW + HOUR) == [("firing", *DRIFT)]
    for number in range(2, 5):
        again = listener(teller.house, post)
        at = NOW + number * HOUR
        assert again.watch(at).changes == ()
        assert told(again, at) == []
        again.close()
    last = listener(teller.house, post)
    comes(last, shanghai.shfe_warrants_html(MONDAY), NOW + 6 * HOUR)
    assert told(last, NOW + 6 * HOUR) == [("recovered", *DRIFT)]
    last.close()


def test_a_restart_while_a_check_cannot_be_read_says_nothing(teller: Teller, post: MailServer) -> None:
    broken(teller, "coverage_raw")
    told(teller, NOW)
    assert told(teller, NOW + HOUR) == [("firing", "rule_error", "coverage_raw")]
    again = listener(teller.house, post)
    assert again.watch(NOW + 2 * HOUR).changes == ()
    assert [told(again, NOW + hours * HOUR) for hours in (2, 9)] == [[], []]
    again.close()
    assert len(post.mails) == 1


def broken(teller: Teller, *names: str) -> None:
    """These checks can no longer be read."""
    for name in names:
        teller.house.checks[name] = replace(teller.house.checks[name], sql="select nothing_of_that_name from fx")
    teller._standing = None


def test_checks_on_a_report_that_cannot_be_read_are_muted_and_told_when_it_can_be_and_they_still_cannot(
    teller: Teller, post: MailServer
) -> None:
    comes(teller, cut(MONDAY), NOW)
    told(teller, NOW)
    assert told(teller, NOW + HOUR) == [("firing", *DRIFT)]
    broken(teller, "shfe_warrant_drop", "member_short_over_warrants", "coverage_raw")
    told(teller, NOW + 2 * HOUR)
    assert told(teller, NOW + 3 * HOUR) == [("firing", "rule_error", "coverage_raw")]
    assert told(teller, NOW + 30 * HOUR) == []
    later = NOW + 31 * HOUR
    comes(teller, shanghai.shfe_warrants_html(MONDAY), later)
    assert told(teller, later) == [
        ("recovered", *DRIFT),
        ("firing", "rule_error", "member_short_over_warrants"),
        ("firing", "rule_error", "shfe_warrant_drop"),
    ]


def test_a_check_mended_while_muted_is_never_told_to_have_been_broken(teller: Teller) -> None:
    whole = teller.house.checks["shfe_warrant_drop"]
    comes(teller, cut(MONDAY), NOW)
    told(teller, NOW)
    told(teller, NOW + HOUR)
    broken(teller, "shfe_warrant_drop")
    assert [told(teller, NOW + hours * HOUR) for hours in (2, 3)] == [[], []]
    teller.house.checks["shfe_warrant_drop"] = whole
    teller._standing = None
    comes(teller, shanghai.shfe_warrants_html(MONDAY), NOW + 4 * HOUR)
    assert told(teller, NOW + 4 * HOUR) == [("recovered", *DRIFT)]


def test_a_check_stands_on_the_reports_it_names_else_on_those_that_fill_what_it_reads(teller: Teller) -> None:
    known = teller.house.checks
    bare = replace(known["shfe_warrant_drop"], name="bare", sources=(), sql="select * from shfe_warrants")
    above = replace(bare, name="above", sql="select * from judged", stands_on=("fund_flow",))
    known = {**known, "bare": bare, "above": above}
    feeding = list(teller.house.sources.values())
    with teller.house.store.cursor() as cur:
        found = lineage.sources(cur, known, ["fund_flow", "bare", "above", "not_there"], feeding)
    assert found["fund_flow"] == {"slv_trust", "gld_trust"} <= found["above"]
    assert "shfe_warrants" in found["bare"]
    assert "comex_stocks" not in found["bare"]
    assert "not_there" not in found


def low(silver: tuple[Stock, ...] = tuple(SILVER)) -> tuple[Stock, ...]:
    """Half of what lies there is gone."""
    return tuple((region, store, quantity // 2, -quantity // 2) for region, store, quantity, _ in silver)


@pytest.mark.parametrize(("is_whole", "expected"), [(True, ["firing"]), (False, [])])
def test_a_refused_report_opens_no_alert_by_what_it_says(teller: Teller, is_whole: bool, expected: list[str]) -> None:
    """Warrants halve from one session to the next, in a page that is whole or one that is cut."""
    days = sessions.sessions("SHFE", date(2026, 1, 5), date(2026, 2, 10))
    level = tuple((region, store, quantity, 0) for region, store, quantity, _ in SILVER)
    pages = [(f"{day}.html", shanghai.shfe_warrants_html(day, silver=level)) for day in days[:-1]]
    assert {outcome.status for outcome in offer(teller.house, pages, NOW)} == {"loaded"}
    told(teller, NOW)
    now = NOW + 24 * HOUR
    comes(teller, shanghai.shfe_warrants_html(days[-1], silver=low(), closing=is_whole), now)
    said = [event for event, check, _ in told(teller, now) if check == "shfe_warrant_drop"]
    assert said == expected
