"""`bullion due`: what a person has to save now, no more and no less, and which readings wait for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import checks, checktables, config, sessions
from monitor.archive import AskLine
from monitor.batch import Teller
from monitor.chores import Desk, by_page
from monitor.commands import due
from monitor.errors import BullionError
from monitor.house import House
from monitor.model import Reading, Verdict
from monitor.sources.registry import discover
from tests import facts
from tests.asker import utc
from tests.factories import comex, ecb
from tests.homes import house, offer

MON, TUE, WED, THU = (date(2026, 2, day) for day in (9, 10, 11, 12))
MARCH = date(2026, 3, 1)
STOCKS = {
    "silver": comex.silver_stocks_xls,
    "gold": comex.gold_stocks_xls,
    "copper": comex.copper_stocks_xls,
    "platinum + palladium": comex.pa_pl_stocks_xls,
}


def stocks(opened: House, days: Iterable[date], parts: Iterable[str] = tuple(STOCKS)) -> None:
    """Stock reports of these sessions, loaded."""
    names = tuple(parts)
    for day in days:
        report = sessions.following("COMEX", day)
        files = [(f"{name}.xls", STOCKS[name](day, report)) for name in names]
        assert [outcome.status for outcome in offer(opened, files, utc("2026-03-01 12:00"))] == ["loaded"] * len(names)


def volume(opened: House, day: date, product: str = "SI", *, final: bool = True, **month: int) -> None:
    """A volume payload of one session, updated in the night or, final, the morning after."""
    after = sessions.following("COMEX", day)
    updated = utc(f"{after} {'15:30' if final else '05:30'}")
    lots = 70_000 + 1_000 * len(opened.store.loads())
    body = comex.volume_json({MARCH: comex.Month(lots, 9_000, **month)}, day, updated=updated)
    (outcome,) = offer(opened, [(f"{product} volume.json", body)], utc("2026-03-01 12:00"))
    assert outcome.status == "loaded", outcome


def seen(opened: House, moment: str) -> Desk:
    """What is due at a moment, from a generation published then."""
    opened.publish(utc(moment))
    return due.look(opened.folders, utc(moment))


def told(desk: Desk, moment: str) -> str:
    return due.text(desk, utc(moment), "/home/inbox")


def rows(desk: Desk) -> dict[str, dict[str, Any]]:
    return {chore.source.name: chore.row for chore in desk.chores}


# --- what is due -----------------------------------------------------------------------------------


def test_nothing_is_due_until_the_hour_and_the_next_is_named(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON])
        before = seen(opened, "2026-02-11 21:59")
        assert told(before, "2026-02-11 21:59").splitlines()[0] == (
            "nothing is due by hand; next: comex_stocks at 2026-02-11 22:00 UTC"
        )
        after = seen(opened, "2026-02-11 22:00")
    assert rows(after)["comex_stocks"]["session"] == TUE
    assert "session 2026-02-10, since 0 min\n" in told(after, "2026-02-11 22:00")


def test_of_four_stock_files_the_one_that_is_missing_is_named_with_its_link_alone(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON])
        stocks(opened, [TUE], ["silver", "copper", "platinum + palladium"])
        desk = seen(opened, "2026-02-12 21:00")
    (chore,) = desk.chores
    assert (chore.row["session"], chore.row["missing"]) == (TUE, ["gold"])
    assert chore.links() == [("https://www.cmegroup.com/delivery_reports/Gold_Stocks.xls", "gold")]
    text = told(desk, "2026-02-12 21:00")
    assert "session 2026-02-10, since 23 h\n" in text
    assert "Silver_stocks" not in text


def test_two_metals_of_one_file_are_one_missing_file(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON])
        stocks(opened, [TUE], ["silver", "gold", "copper"])
        (chore,) = seen(opened, "2026-02-12 21:00").chores
    assert [url.rsplit("/")[-1] for url, _ in chore.links()] == ["PA-PL_Stck_Rprt.xls"]


def test_a_file_this_home_never_held_is_not_asked_for(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON], ["silver"])
        stocks(opened, [TUE], ["silver", "copper"])
        assert seen(opened, "2026-02-12 21:00").chores == []
        assert rows(seen(opened, "2026-02-12 22:30"))["comex_stocks"]["missing"] == ["silver", "copper"]
        assert rows(seen(opened, "2026-02-12 22:30"))["comex_stocks"]["missed_sessions"] == 1


def test_a_preliminary_volume_stays_due_until_its_final_version_comes(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        volume(opened, MON)
        volume(opened, TUE, final=False)
        desk = seen(opened, "2026-02-11 18:00")
        assert rows(desk)["comex_volume"]["missing"] == []
        assert rows(desk)["comex_volume"]["preliminary"] == ["SI"]
        assert [about for _, about in desk.chores[0].links()] == ["SI"]
        assert "held in a preliminary version only: SI" in told(desk, "2026-02-11 18:00")
        volume(opened, TUE, final=True)
        assert seen(opened, "2026-02-11 18:00").chores == []


def test_a_preliminary_volume_that_the_next_session_proves_is_not_asked_for_again(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        volume(opened, MON)
        volume(opened, TUE, final=False)
        volume(opened, WED, final=True, change=100)
        assert seen(opened, "2026-02-12 18:00").chores == []


def test_missed_sessions_are_counted_and_where_a_file_is_overwritten_only_the_newest_is_asked_for(
    tmp_path: Path,
) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON])
        volume(opened, MON)
        desk = seen(opened, "2026-02-13 23:00")
        found = rows(desk)
        assert [found["comex_stocks"][name] for name in ("session", "sessions_to_save", "missed_sessions")] == [
            THU,
            1,
            3,
        ]
        assert [found["comex_volume"][name] for name in ("session", "sessions_to_save", "missed_sessions")] == [
            THU,
            3,
            3,
        ]
        text = told(desk, "2026-02-13 23:00")
        assert "session 2026-02-12, since 1 h; 2 earlier missed and overwritten since" in text
        assert "session 2026-02-12, since 7 h; 2 earlier missed, the oldest 2026-02-10 since 2 days" in text
        stocks(opened, [THU])
        volume(opened, THU)
        found = rows(seen(opened, "2026-02-13 23:00"))
        assert list(found) == ["comex_volume"]
        assert (found["comex_volume"]["session"], found["comex_volume"]["sessions_to_save"]) == (WED, 2)


def test_every_product_of_the_volume_is_a_link_of_its_own_and_its_name_has_to_say_it(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        for product in ("SI", "GC"):
            volume(opened, MON, product)
        desk = seen(opened, "2026-02-11 18:00")
    (chore,) = desk.chores
    assert [(about, "20260210" in url) for url, about in chore.links()] == [("SI", True), ("GC", True)]
    assert "so that it says its product" in told(desk, "2026-02-11 18:00")


def test_on_a_holiday_nothing_becomes_due(tmp_path: Path) -> None:
    """Presidents' Day, 16 February: Friday's stocks come on Tuesday evening."""
    with house(tmp_path) as opened:
        stocks(opened, [THU])
        assert seen(opened, "2026-02-17 21:59").chores == []
        assert rows(seen(opened, "2026-02-17 22:00"))["comex_stocks"]["session"] == date(2026, 2, 13)


# --- whose chore it is -----------------------------------------------------------------------------


def test_what_the_daemon_asks_for_is_no_chore_until_the_site_refuses(tmp_path: Path) -> None:
    fetched: dict[str, Any] = {"contact": "me@example.org", "sources": {"comex_stocks": {"fetch": True}}}
    with house(tmp_path, **fetched) as opened:
        stocks(opened, [MON])
        assert seen(opened, "2026-02-12 21:00").chores == []
        url = "https://www.cmegroup.com/delivery_reports/Gold_Stocks.xls"
        opened.archive.log_ask(AskLine(utc("2026-02-12 20:00"), "comex_stocks", TUE, url, "blocked", error="403"))
        desk = seen(opened, "2026-02-12 21:00")
    assert [chore.source.name for chore in desk.chores] == ["comex_stocks"]
    assert "COMEX and NYMEX warehouse stocks (the site refuses the daemon)\n" in told(desk, "2026-02-12 21:00")


def test_a_source_never_loaded_is_one_name_and_no_session(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON])
        desk = seen(opened, "2026-02-11 12:00")
    assert "comex_volume" in desk.never_loaded
    assert not {"comex_stocks", "inbox_csv", "cme_margins"} & set(desk.never_loaded)
    text = told(desk, "2026-02-11 12:00").replace("\n  ", " ")
    assert "never loaded: cfets_fx, " in text
    assert "`bullion sources NAME` says where to save it" in text


def test_before_anything_is_published_everything_was_never_loaded(tmp_path: Path) -> None:
    desk = due.look(config.Folders(tmp_path), utc("2026-02-11 12:00"))
    assert (list(desk.chores), desk.next) == ([], None)
    assert "comex_stocks" in desk.never_loaded
    assert told(desk, "2026-02-11 12:00").startswith("nothing is due by hand\n")


def test_a_generation_of_an_older_version_is_named_and_what_to_do(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        with opened.store.transaction() as cur:
            cur.execute("drop view waiting_readings; drop view due_by_hand")
        opened.publish(utc("2026-02-11 12:00"))
        with pytest.raises(BullionError, match="published by an older version"):
            due.look(opened.folders, utc("2026-02-11 12:00"))


def test_a_report_whose_absence_is_never_late_is_mentioned_without_hurry(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        _hold(opened, "comex_notices_ytd", MON)
        desk = seen(opened, "2026-02-12 21:00")
    assert (list(desk.chores), desk.no_hurry) == ([], {"comex_notices_ytd": MON})
    assert "never late, save them when you like: comex_notices_ytd (last 2026-02-09)" in told(desk, "2026-02-12 21:00")


def _hold(opened: House, source: str, *days: date) -> None:
    """The books say that this source holds these sessions."""
    with opened.store.transaction() as cur:
        for day in days:
            at = datetime(day.year, day.month, day.day, 23)  # noqa: DTZ001 - storage form is naive UTC
            cur.execute("insert into source_sessions values (?, ?, ?, ?, ?)", [source, day, f"made-up-{day}", at, at])


# --- order and groups ------------------------------------------------------------------------------


def test_reports_of_one_page_stand_together_and_the_longest_due_first(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        for source in ("shfe_daily", "shfe_warrants"):
            _hold(opened, source, TUE)
        _hold(opened, "comex_notices", MON, TUE)
        _hold(opened, "sge_quotes", MON)
        desk = seen(opened, "2026-02-12 06:00")
    pages = {page: [chore.source.name for chore in chores] for page, chores in by_page(desk.chores).items()}
    found, _ = discover()
    assert list(pages.items()) == [
        (found["sge_quotes"].page, ["sge_quotes"]),
        (found["shfe_daily"].page, ["shfe_daily", "shfe_warrants"]),
        (found["comex_notices"].page, ["comex_notices"]),
    ]
    text = told(desk, "2026-02-12 06:00")
    assert text.count(found["shfe_daily"].page + "\n") == 1
    assert text.startswith("4 reports due by hand, 0 readings waiting\n")


# --- what waits ------------------------------------------------------------------------------------


def read(opened: House, readings: Mapping[tuple[str, str, date], tuple[Verdict, str]]) -> None:
    """Readings by (check, subject, session), with the venue of their inputs."""
    made = [
        Reading(check, subject, day, None if verdict is Verdict.NODATA else 1.0, verdict, inputs={"venue": venue})
        for (check, subject, day), (verdict, venue) in readings.items()
    ]
    checktables.write(opened.store, opened.checks, checks.Evaluation(tuple(made)), utc("2026-02-12 12:00"))


def waiting(desk: Desk) -> set[tuple[str, str, str]]:
    return {(one["source"], one["check_name"], one["subject"]) for chore in desk.chores for one in chore.waiting}


def test_a_reading_waits_that_is_unknown_or_older_than_the_session_due(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON])
        volume(opened, MON)
        volume(opened, TUE)
        read(
            opened,
            {
                ("coverage_raw", "SIH26", MON): (Verdict.WARNING, "COMEX"),
                ("coverage_raw", "SIH26", TUE): (Verdict.NODATA, "COMEX"),
                ("registered_drop", "COMEX silver", MON): (Verdict.CLEAR, "COMEX"),
                ("registered_drop", "COMEX gold", TUE): (Verdict.CLEAR, "COMEX"),
            },
        )
        desk = seen(opened, "2026-02-12 12:00")
    assert waiting(desk) == {
        ("comex_stocks", "coverage_raw", "SIH26"), ("comex_stocks", "registered_drop", "COMEX silver"),
    }  # fmt: skip
    text = told(desk, "2026-02-12 12:00")
    assert text.startswith("1 report due by hand, 2 readings waiting\n")
    assert "Registered cover of the front month: SIH26 (unknown on 2026-02-10, last warning, 2026-02-09)" in text
    assert "Registered metal over 20 sessions: COMEX silver (last clear, 2026-02-09)" in text


def test_a_contract_that_had_expired_waits_for_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON])
        read(opened, {("standing_cover", "SIF26", date(2026, 1, 30)): (Verdict.CLEAR, "COMEX")})
        assert waiting(seen(opened, "2026-02-12 12:00")) == set()


def test_a_venue_waits_for_its_own_reports_and_a_comparison_for_both(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        _hold(opened, "comex_settlements", MON)
        _hold(opened, "shfe_daily", MON)
        _hold(opened, "sge_quotes", WED)
        read(
            opened,
            {
                ("front_back", "COMEX silver", MON): (Verdict.CLEAR, "COMEX"),
                ("front_back", "SHFE silver", MON): (Verdict.CLEAR, "SHFE"),
                ("regional_premium", "SHFE silver", MON): (Verdict.CLEAR, "SHFE"),
                ("regional_premium", "SGE silver", WED): (Verdict.NODATA, "SGE"),
            },
        )
        desk = seen(opened, "2026-02-12 06:00")
    assert waiting(desk) == {
        ("shfe_daily", "front_back", "SHFE silver"),
        ("shfe_daily", "regional_premium", "SHFE silver"),
    } | {
        ("comex_settlements", "front_back", "COMEX silver"),
        ("comex_settlements", "regional_premium", "SHFE silver"),
        ("comex_settlements", "regional_premium", "SGE silver"),
    }


def test_reports_for_which_readings_wait_come_before_older_ones(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        _hold(opened, "comex_notices", MON)
        stocks(opened, [MON])
        read(opened, {("registered_drop", "COMEX silver", MON): (Verdict.WARNING, "COMEX")})
        desk = seen(opened, "2026-02-12 01:00")
    assert [chore.source.name for chore in desk.chores] == ["comex_stocks", "comex_notices"]
    assert desk.chores[0].row["due_since"] > desk.chores[1].row["due_since"]


def test_an_open_alert_is_said_beside_its_reading(tmp_path: Path) -> None:
    """By the real batch: a fall of registered silver opens, then the next report is not saved."""
    levels = {
        day: 100e6 if day < date(2026, 2, 6) else 80e6 for day in sessions.sessions("COMEX", date(2026, 1, 2), MON)
    }
    with house(tmp_path, utc("2026-02-11 12:00"), mail={"recipients": ["desk@example.org"]}) as opened:
        facts.stocks(opened, levels)
        _hold(opened, "comex_stocks", MON)
        teller = Teller(opened, {})
        teller.turn(utc("2026-02-11 12:00"))
        teller.close()
        desk = due.look(opened.folders, utc("2026-02-12 12:00"))
    (chore,) = desk.chores
    open_alerts = {one["check_name"]: one["open_alert"] for one in chore.waiting}
    assert open_alerts["registered_drop"] == "warning"
    assert "COMEX silver (open warning; last warning, 2026-02-09)" in told(desk, "2026-02-12 12:00")


# --- what it stands on -----------------------------------------------------------------------------


def test_json_says_the_same_whole(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        stocks(opened, [MON])
        offer(opened, [("rates.csv", ecb.ecb_hist_csv())])
        desk = seen(opened, "2026-02-12 21:00")
    said = due.as_json(desk, utc("2026-02-12 21:00"))
    row = next(one for one in said["due"] if one["source"] == "comex_stocks")
    assert (row["due_at"], row["age_hours"], row["session"]) == ("2026-02-11T22:00:00Z", 23.0, TUE)
    assert [link["about"] for link in row["links"]] == list(STOCKS)
    assert said["next"] == {"source": "comex_stocks", "due_at": "2026-02-12T22:00:00Z"}


@pytest.mark.parametrize("name", [name for name, source in discover()[0].items() if source.parts])
def test_each_part_of_a_source_is_one_of_its_questions(name: str) -> None:
    source = discover()[0][name]
    asked = source.asks(TUE)
    assert len(source.parts) == len(asked)
    hints = [ask.hint for ask in asked if ask.hint]
    assert not hints or hints == [part for (part,) in source.parts]


def test_every_check_names_sources_that_fill_the_tables_it_needs() -> None:
    found, _ = discover()
    for check in checks.discover({})[0].values():
        assert set(check.sources) <= set(found), check.name
        filled = {table for name in check.sources for table in found[name].tables}
        assert set(check.needs) <= filled, check.name
