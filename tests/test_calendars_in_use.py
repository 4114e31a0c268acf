"""Calendars in a running home: the operator's file, the alarm before one ends, sessions that reports prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alerts.ledger import Ledger
from monitor import checks, config, contracts, duetimes, sessions
from monitor.batch import Teller
from monitor.cli import USAGE, main
from monitor.errors import ConfigError
from monitor.house import House
from monitor.model import Reading, Verdict
from tests import facts
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai, world
from tests.homes import furnish, house, offer, only, published

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
EXTENDED = '[[valid_through]]\nvenue = "SHFE"\nday = 2027-12-31\n'


def corrections(folder: Path, text: str) -> dict[str, Any]:
    """Settings of a house that name a file with these corrections."""
    path = folder / "calendars.toml"
    path.write_text(text, encoding="utf-8")
    return {"calendars": {"overrides": str(path)}}


def closing(day: date, venue: str = "SHFE") -> str:
    return f'[[closed]]\nvenue = "{venue}"\nday = {day}\nreason = "told by the exchange"\n'


# --- the operator's file ----------------------------------------------------------------------


def test_a_house_keeps_the_operators_closures_in_its_tables_and_due_times(tmp_path: Path) -> None:
    day = date(2026, 10, 21)
    with house(tmp_path / "home", NOW, **corrections(tmp_path, closing(day) + EXTENDED)) as opened:
        asked = f"where calendar = 'SHFE' and session = date '{day}'"
        assert opened.store.rows(f"select * from venue_sessions {asked}") == []
        due = "select * from due where source = 'shfe_warrants' and session = ?"
        assert opened.store.rows(due, [day]) == []
        assert len(opened.store.rows(due, [day + timedelta(days=1)])) == 1
        assert opened.store.rows("select valid_through from calendars where calendar = 'SHFE'") == [
            (date(2027, 12, 31),)
        ]
        assert duetimes.newest_due(opened.sources["shfe_warrants"], NOW + timedelta(days=1)) == date(2026, 10, 20)
    assert sessions.is_session("SHFE", day)


def test_the_file_is_sought_beside_config_toml_and_else_in_the_home(tmp_path: Path) -> None:
    day = date(2026, 10, 21)
    (tmp_path / "mine.toml").write_text(closing(day), encoding="utf-8")
    (tmp_path / "config.toml").write_text('[calendars]\noverrides = "mine.toml"\n', encoding="utf-8")
    settings = config.load(str(tmp_path / "config.toml"))
    assert settings.calendars.overrides == str(tmp_path / "mine.toml")
    for named, home in ((settings, tmp_path / "home"), (config.Settings.model_validate(_named()), tmp_path)):
        furnish(home, NOW)
        opened = House(named, home, NOW)
        assert not sessions.is_session("SHFE", day)
        opened.close()


def _named() -> dict[str, Any]:
    return {"calendars": {"overrides": "mine.toml"}}


def test_a_wrong_file_is_a_config_error_and_takes_no_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="names the venue 'LME'"):
        house(tmp_path / "home", NOW, **corrections(tmp_path, closing(date(2026, 10, 21), "LME"))).__enter__()
    with house(tmp_path / "home", NOW):
        pass
    (tmp_path / "config.toml").write_text('[calendars]\noverrides = "absent.toml"\n', encoding="utf-8")
    asked = ["--home", str(tmp_path / "home"), "--config", str(tmp_path / "config.toml"), "rebuild"]
    assert main(asked) == USAGE
    assert "absent.toml cannot be read" in capsys.readouterr().err


def test_the_parsing_child_counts_by_the_operators_file_too(tmp_path: Path) -> None:
    """SOFR is public on the next session: with Friday 13 February closed, that is Tuesday, after Presidents' Day."""
    body = world.nyfed_json({"2026-02-12": 4.3})
    text = closing(date(2026, 2, 13), "SOFR")
    with house(tmp_path / "home", **corrections(tmp_path, text)) as opened:
        assert [outcome.status for outcome in offer(opened, [("sofr.json", body)])] == ["loaded"]
        assert opened.store.rows("select published_at from rate_rows") == [(datetime(2026, 2, 17, 13),)]  # noqa: DTZ001


# --- the alarm before a calendar ends ---------------------------------------------------------


def warrants(opened: House, *days: date, sha: str = "") -> None:
    rows = [
        {
            "session": day, "metal": "silver", "region": "", "warehouse": "总计", "level": "total",
            "quantity": 300_000.0, "change": 0.0, "unit": "kg",
        }
        for day in days
    ]  # fmt: skip
    facts.put(opened, "shfe_warrant_rows", rows, sha=sha, at=datetime(2026, 9, 1, tzinfo=UTC))


def read(opened: House, moment: datetime) -> Mapping[tuple[str, date], Reading]:
    found = checks.evaluate(opened.store, [opened.checks["calendar_expiring"]], checks.Moment(moment))
    assert found.broken == {}
    return {(reading.subject, reading.session): reading for reading in found.readings}


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("home"), NOW) as found:
        warrants(found, date(2026, 8, 31))
        yield found


@pytest.fixture
def fresh(opened: House) -> Iterator[House]:
    """The same house; what a test puts into it is taken out again."""
    yield opened
    with opened.store.transaction() as cur:
        for table in ("shfe_warrant_rows", "open_interest_rows", "settlement_rows"):
            cur.execute(f"delete from {table} where raw_sha256 like '%proof%'")
    opened.write_reference(NOW)


@pytest.mark.parametrize(
    ("left", "verdict"),
    [
        (61, Verdict.CLEAR), (60, Verdict.WARNING), (1, Verdict.WARNING), (0, Verdict.WARNING),
        (-1, Verdict.CRITICAL), (-200, Verdict.CRITICAL),
    ],
)  # fmt: skip
def test_a_calendar_in_use_warns_from_sixty_days_before_its_end_and_is_critical_after_it(
    opened: House, left: int, verdict: Verdict
) -> None:
    day = sessions.calendar("SHFE").valid_through - timedelta(days=left)
    reading = read(opened, noon(day))["SHFE", day]
    assert (reading.value, reading.verdict) == (float(left), verdict)
    assert reading.inputs["followed_by"] == "shfe_warrants"


def test_a_calendar_no_source_in_use_follows_is_silent_even_after_its_end(opened: House) -> None:
    after = noon(sessions.calendar("MCX").valid_through + timedelta(days=30))
    assert {subject for subject, _ in read(opened, after)} == {"SHFE"}


def test_a_source_that_is_fetched_is_in_use_before_its_first_file(tmp_path: Path) -> None:
    with house(tmp_path, NOW, contact="a@b.example", sources={"sge_quotes": {"fetch": True}}) as opened:
        day = sessions.calendar("SGE").valid_through
        assert read(opened, noon(day))["SGE", day].verdict is Verdict.WARNING


def test_a_source_of_a_calendar_this_build_lacks_is_unknown(fresh: House) -> None:
    fresh.store.replace("calendars", pl.DataFrame(schema={"calendar": pl.String}))
    reading = read(fresh, NOW)["SHFE", NOW.date()]
    assert (reading.value, reading.verdict) == (None, Verdict.NODATA)
    assert reading.reason == "this build has no calendar of that name"


def test_the_end_is_mailed_once_and_recovers_when_the_operator_extends_the_calendar(tmp_path: Path) -> None:
    """Told on the day itself, then a restart with the file 20 days later."""
    mail = {"mail": {"recipients": ["me@localhost"]}}
    first = noon(sessions.calendar("SHFE").valid_through - timedelta(days=60))

    def batches(days: range, **more: Any) -> list[tuple[str, str]]:
        with house(tmp_path / "home", first, checks=only("calendar_expiring"), **mail, **more) as opened:
            if not opened.store.rows("select 1 from shfe_warrant_rows"):
                warrants(opened, date(2026, 8, 31))
            teller = Teller(opened)
            try:
                told = [teller.turn(first + timedelta(days=day)).changes for day in days]
            finally:
                teller.close()
        changes = [change.transition for turn in told for change in turn]
        return [(t.subject, t.event.value) for t in changes if t.check == "calendar_expiring"]

    assert batches(range(-1, 1)) == [("SHFE", "firing")]
    assert batches(range(20, 21), **corrections(tmp_path, EXTENDED)) == [("SHFE", "recovered")]
    ledger = Ledger(tmp_path / "home" / "alerts.sqlite")
    try:
        bodies = [letter.notice.text for letter in ledger.outbox.waiting("me@localhost")]
    finally:
        ledger.close()
    assert any("calendars.overrides" in text for text in bodies)


# --- what reports prove -----------------------------------------------------------------------

HOLIDAY = date(2026, 10, 5)
"""A Monday in the week of National Day."""


def proofs(opened: House) -> list[tuple[Any, ...]]:
    return opened.store.rows("select calendar, session from venue_sessions where proof = 'report' order by all")


def count(opened: House, day: date) -> int:
    return int(
        opened.store.rows(
            "select count(*) from venue_sessions where calendar = 'SHFE' and session between '2026-09-30' and ?", [day]
        )[0][0]
    )


def test_a_page_of_warrants_proves_its_day_a_session_for_tables_and_due_times(fresh: House) -> None:
    before = count(fresh, date(2026, 10, 8))
    warrants(fresh, date(2026, 9, 30), HOLIDAY, sha="proof")
    fresh.count_proven(NOW)
    assert proofs(fresh) == [("SHFE", HOLIDAY)]
    assert count(fresh, date(2026, 10, 8)) == before + 1
    assert sessions.following("SHFE", date(2026, 9, 30)) == HOLIDAY
    assert len(fresh.store.rows("select 1 from due where source = 'shfe_daily' and session = ?", [HOLIDAY])) == 1


@pytest.mark.parametrize(
    ("venue", "calendar", "day"),
    [("INE", "SHFE", HOLIDAY), ("NYMEX", "COMEX", date(2026, 4, 3)), ("COMEX", "COMEX", date(2026, 4, 3))],
)
def test_volume_proves_a_session_and_a_report_without_any_does_not(
    fresh: House, venue: str, calendar: str, day: date
) -> None:
    row = {
        "venue": venue, "product": "bc", "delivery_month": date(2026, 12, 1), "session": day, "status": "final",
        "open_interest": 10,
    }  # fmt: skip
    facts.put(fresh, "open_interest_rows", [row | {"volume": 0}], sha="proof none")
    fresh.count_proven(NOW)
    assert proofs(fresh) == []
    facts.put(fresh, "open_interest_rows", [row | {"volume": 1}], sha="proof one")
    fresh.count_proven(NOW)
    assert proofs(fresh) == [(calendar, day)]


def test_a_proven_session_makes_the_way_to_first_notice_one_session_longer(fresh: House) -> None:
    """In the program and in the view of coverage alike: silver for May, from Wednesday 1 to Thursday 30 April 2026."""
    friday, wednesday, may = date(2026, 4, 3), date(2026, 4, 1), date(2026, 5, 1)
    sql = (
        "select f.ordinal - v.ordinal from contracts c "
        "join venue_sessions f on f.calendar = c.calendar and f.session = c.first_notice "
        "join venue_sessions v on v.calendar = c.calendar and v.session = ? where c.contract = 'SIK26'"
    )
    before = (contracts.sessions_to_first_notice("SI", may, wednesday), fresh.store.rows(sql, [wednesday]))
    row = {
        "venue": "COMEX", "product": "SI", "delivery_month": may, "session": friday, "status": "final",
        "open_interest": 10, "volume": 1,
    }  # fmt: skip
    facts.put(fresh, "open_interest_rows", [row], sha="proof")
    fresh.count_proven(NOW)
    after = (contracts.sessions_to_first_notice("SI", may, wednesday), fresh.store.rows(sql, [wednesday]))
    assert (before, after) == ((20, [(20,)]), (21, [(21,)]))


def test_a_batch_counts_what_its_files_prove_and_a_withdrawn_file_proves_nothing(fresh: House) -> None:
    facts.put(fresh, "settlement_rows", [_settled(HOLIDAY)], sha="proof")
    teller = Teller(fresh)
    try:
        teller.turn(NOW)
        assert published(fresh.folders.home, "select session from venue_sessions where proof = 'report'") == [
            (HOLIDAY,)
        ]
        with fresh.store.transaction() as cur:
            cur.execute("delete from settlement_rows")
        teller.turn(NOW + timedelta(hours=6))
        assert proofs(fresh) == []
    finally:
        teller.close()


def _settled(day: date) -> dict[str, Any]:
    return {
        "venue": "SHFE", "product": "ag", "delivery_month": date(2026, 12, 1), "session": day, "status": "final",
        "settle": 1.0, "volume": 5, "currency": "CNY", "unit": "kg",
    }  # fmt: skip


def test_proven_sessions_are_the_same_whatever_the_order_of_files_and_after_a_rebuild(tmp_path: Path) -> None:
    days = (date(2026, 9, 30), HOLIDAY, date(2026, 10, 8))
    files = [(f"dailystock_{day:%Y%m%d}.html", shanghai.shfe_warrants_html(day)) for day in days]
    found = []
    for number, order in enumerate((files, files[::-1])):
        with house(tmp_path / str(number), NOW) as opened:
            assert {outcome.status for outcome in offer(opened, order, NOW)} == {"loaded"}
            opened.count_proven(NOW)
            found.append(opened.store.rows("from venue_sessions order by all"))
            facts_then = opened.store.rows("from shfe_warrant_rows order by all")
            opened.rebuild(NOW)
            opened.count_proven(NOW)
            found.append(opened.store.rows("from venue_sessions order by all"))
            assert opened.store.rows("from shfe_warrant_rows order by all") == facts_then
        with house(tmp_path / str(number), NOW) as again:
            found.append(again.store.rows("from venue_sessions order by all"))
    assert all(rows == found[0] for rows in found)
    assert ("SHFE", HOLIDAY) in {(row[0], row[1]) for row in found[0]}


@needs_captures
@pytest.mark.captures
def test_the_bulletin_of_good_friday_2026_proves_no_session(tmp_path: Path) -> None:
    names = [f"Section62_Metals_Futures_2026-04-0{day}.pdf" for day in (2, 3, 4, 5, 7)]
    files = [(name, (CAPTURES / "comex/bulletin62" / name).read_bytes()) for name in names]
    with house(tmp_path, NOW) as opened:
        assert {outcome.status for outcome in offer(opened, files, NOW)} <= {"loaded", "held"}
        opened.count_proven(NOW)
        held = {day for (day,) in opened.store.rows("select distinct session from open_interest_rows")}
        assert date(2026, 4, 3) in held
        assert proofs(opened) == []
