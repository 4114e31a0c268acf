"""Trading days: the tables against captured reports, the counting against a plain walk, the operator's corrections."""

import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import sessions
from monitor.errors import ConfigError
from tests.captures import CAPTURES, needs_captures

VENUES = st.sampled_from(sessions.VENUES)
DAYS = st.dates(date(1975, 1, 1), date(2040, 12, 31))


def weekdays(first: date, last: date) -> set[date]:
    every = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return {day for day in every if day.weekday() < 5}


def rows(path: str) -> list[dict[str, str]]:
    with (CAPTURES / path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def dates(path: str, column: str) -> set[date]:
    return {date.fromisoformat(row[column][:10]) for row in rows(path)}


def expected(venue: str, first: date, last: date) -> set[date]:
    return set(sessions.sessions(venue, first, last))


@pytest.fixture(autouse=True)
def _no_overrides() -> Iterator[None]:
    yield
    sessions.load_overrides(None)
    sessions.prove({})


# --- the tables -------------------------------------------------------------------------------


@pytest.mark.parametrize("venue", sessions.VENUES)
def test_a_table_lists_weekdays_inside_its_span_in_order_each_with_a_reason(venue: str) -> None:
    found = sessions.calendar(venue)
    assert list(found.closed) == sorted(found.closed)
    assert list(found.open) == sorted(found.open)
    assert all(found.valid_from <= day <= found.valid_through for day in {**found.closed, **found.open})
    assert all(day.weekday() in found.week for day in found.closed)
    assert not any(day.weekday() in found.week for day in found.open)
    assert all({**found.closed, **found.open}.values())
    assert found.source.endswith(".")


@pytest.mark.parametrize(
    ("venue", "year", "count"),
    [
        ("COMEX", 2018, 252),  # 5 December was New York's day of mourning; metals traded
        ("COMEX", 2021, 252),
        ("COMEX", 2024, 252),
        ("COMEX", 2025, 251),  # likewise 9 January
        ("COMEX", 2026, 251),
        ("SHFE", 2024, 242),
        ("SHFE", 2025, 243),
        ("SHFE", 2026, 242),
        ("SGE", 2024, 243),
        ("SGE", 2025, 243),
        ("SGE", 2026, 242),
        ("TARGET", 1999, 259),
        ("TARGET", 2025, 255),
        ("TARGET", 2026, 256),
    ],
)
def test_a_year_has_its_number_of_sessions(venue: str, year: int, count: int) -> None:
    assert len(sessions.sessions(venue, date(year, 1, 1), date(year, 12, 31))) == count


def test_shfe_closes_on_the_announced_weekdays_of_2026() -> None:
    closed = sorted(day for day in sessions.calendar("SHFE").closed if day.year == 2026)
    assert " ".join(f"{day:%m%d}" for day in closed) == (
        "0101 0102 0216 0217 0218 0219 0220 0223 0406 0501 0504 0505 0619 0925 1001 1002 1005 1006 1007"
    )


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2018, 12, 5), True),
        (date(2025, 1, 9), True),
        (date(2012, 10, 29), True),
        (date(2026, 7, 3), False),
        (date(2021, 6, 18), True),
        (date(2022, 6, 20), False),
        (date(2021, 12, 31), True),
        (date(2027, 12, 24), False),
        (date(2026, 11, 27), True),
    ],
)
def test_comex_keeps_its_own_days_where_new_york_and_globex_differ(day: date, open_: bool) -> None:
    assert sessions.is_session("COMEX", day) is open_


def test_sge_alone_trades_on_the_eve_of_the_spring_festival_of_2024() -> None:
    assert sessions.is_session("SGE", date(2024, 2, 9))
    assert not sessions.is_session("SHFE", date(2024, 2, 9))


def test_an_unknown_venue_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match=r"'LME'.*COMEX, SHFE, SGE, TARGET"):
        sessions.calendar("LME")


def test_the_days_of_a_calendar_are_its_sessions_from_end_to_end() -> None:
    found = sessions.calendar("SGE")
    assert found.days == sessions.sessions("SGE", found.valid_from, found.valid_through)
    assert (found.days[0], found.days[-1]) == (date(2015, 1, 5), sessions.shift("SGE", found.valid_through, 0))


# --- counting ---------------------------------------------------------------------------------


@given(VENUES, DAYS, st.integers(0, 400))
@settings(max_examples=200)
def test_sessions_are_the_usual_weekdays_that_are_not_closed_and_the_days_opened(
    venue: str, start: date, length: int
) -> None:
    end = start + timedelta(days=length)
    found = sessions.calendar(venue)
    every = (start + timedelta(days=i) for i in range(length + 1))
    plain = [d for d in every if d in found.open or (d.weekday() in found.week and d not in found.closed)]
    assert sessions.sessions(venue, start, end) == tuple(plain)


@given(VENUES, DAYS, st.integers(-30, 30))
@settings(max_examples=300)
def test_shift_steps_over_sessions_one_at_a_time(venue: str, day: date, count: int) -> None:
    reached = day
    for _ in range(abs(count)):
        reached += timedelta(days=1 if count > 0 else -1)
        while not sessions.is_session(venue, reached):
            reached += timedelta(days=1 if count > 0 else -1)
    if count == 0:
        while not sessions.is_session(venue, reached):
            reached -= timedelta(days=1)
    assert sessions.shift(venue, day, count) == reached


@given(VENUES, DAYS, DAYS)
@settings(max_examples=200)
def test_between_counts_the_sessions_after_one_day_through_another(venue: str, after: date, through: date) -> None:
    low, high = sorted((after, through))
    counted = len(sessions.sessions(venue, low + timedelta(days=1), high))
    assert sessions.between(venue, after, through) == (counted if after <= through else -counted)


@given(VENUES, DAYS)
@settings(max_examples=200)
def test_previous_and_following_enclose_a_day_and_on_or_after_keeps_a_session(venue: str, day: date) -> None:
    before, after = sessions.previous(venue, day), sessions.following(venue, day)
    assert before < day < after
    assert sessions.between(venue, before, after) == (2 if sessions.is_session(venue, day) else 1)
    assert sessions.on_or_after(venue, day) == (day if sessions.is_session(venue, day) else after)


def test_a_day_long_before_and_long_after_the_table_has_neighbours_too() -> None:
    assert sessions.previous("COMEX", date(1980, 3, 31)) == date(1980, 3, 28)
    assert sessions.following("TARGET", date(2150, 1, 1)) == date(2150, 1, 2)


# --- the horizon ------------------------------------------------------------------------------


def test_beyond_the_table_monday_to_friday_is_assumed_and_not_known() -> None:
    through = sessions.calendar("SHFE").valid_through
    assert sessions.known("SHFE", through)
    assert not sessions.known("SHFE", through + timedelta(days=1))
    assert not sessions.known("COMEX", date(2007, 12, 31))
    assert sessions.is_session("SHFE", date(2100, 1, 1))
    assert not sessions.is_session("SHFE", date(2100, 1, 2))


# --- what reports prove -----------------------------------------------------------------------


def test_a_day_a_report_proves_is_a_session_until_the_proof_is_taken_away() -> None:
    mourning = date(2026, 10, 5)
    assert sessions.prove({"SHFE": [mourning, date(2026, 9, 30)]})
    assert sessions.proven("SHFE") == {mourning}
    assert sessions.following("SHFE", date(2026, 9, 30)) == mourning
    assert not sessions.is_session("SGE", mourning)
    assert not sessions.prove({"SHFE": [mourning]})
    assert sessions.prove({})
    assert sessions.following("SHFE", date(2026, 9, 30)) == date(2026, 10, 8)


def test_a_weekend_is_proven_only_where_weekend_sessions_are_held() -> None:
    saturday = date(2026, 10, 10)
    sessions.prove({"SHFE": [saturday], "MCX": [saturday]})
    assert sessions.following("MCX", date(2026, 10, 9)) == saturday
    assert not sessions.is_session("SHFE", saturday)


def test_what_the_operator_closes_no_report_opens(tmp_path: Path) -> None:
    day = date(2026, 10, 5)
    text = f'[[closed]]\nvenue = "SHFE"\nday = {day}\nreason = "a page with the wrong date"'
    sessions.load_overrides(overrides(tmp_path, text))
    assert not sessions.prove({"SHFE": [day]})
    assert not sessions.is_session("SHFE", day)


# --- the operator's corrections -----------------------------------------------------------------


def overrides(folder: Path, text: str) -> Path:
    path = folder / "calendars.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_override_closes_opens_and_extends_until_it_is_taken_away(tmp_path: Path) -> None:
    path = overrides(
        tmp_path,
        """
        [[closed]]
        venue = "SHFE"
        day = 2040-02-06
        reason = "Spring Festival"
        [[open]]
        venue = "SHFE"
        day = 2026-09-25
        reason = "made up"
        [[valid_through]]
        venue = "SHFE"
        day = 2045-12-31
        """,
    )
    sessions.load_overrides(path)
    assert sessions.calendar("SHFE").closed[date(2040, 2, 6)] == "Spring Festival"
    assert sessions.following("SHFE", date(2040, 2, 3)) == date(2040, 2, 7)
    assert sessions.is_session("SHFE", date(2026, 9, 25))
    assert sessions.known("SHFE", date(2045, 12, 31))
    assert not sessions.is_session("SGE", date(2026, 9, 25))
    sessions.load_overrides(None)
    assert sessions.is_session("SHFE", date(2040, 2, 6))
    assert not sessions.is_session("SHFE", date(2026, 9, 25))


def test_an_override_never_shortens_a_table(tmp_path: Path) -> None:
    through = sessions.calendar("COMEX").valid_through
    sessions.load_overrides(overrides(tmp_path, '[[valid_through]]\nvenue = "COMEX"\nday = 2026-01-01'))
    assert sessions.calendar("COMEX").valid_through == through


def test_a_later_override_file_replaces_the_earlier_one(tmp_path: Path) -> None:
    closing = '[[closed]]\nvenue = "COMEX"\nday = 2026-12-{}\nreason = "storm"'
    sessions.load_overrides(overrides(tmp_path, closing.format("02")))
    sessions.load_overrides(overrides(tmp_path, closing.format("03")))
    assert sessions.is_session("COMEX", date(2026, 12, 2))
    assert not sessions.is_session("COMEX", date(2026, 12, 3))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("closed = 3", r"\[\[closed\]\] entry 1: is 3"),
        ("[[shut]]\nvenue = 'SHFE'", "shut: unknown"),
        ("[[closed]]\nvenue = 'SHFE'\nday = 2040-02-06", r"\[\[closed\]\] entry 1: lacks reason"),
        ("[[open]]\nvenue = 'LME'\nday = 2040-02-06", r"\[\[open\]\] entry 1: names the venue 'LME'"),
        ("[[open]]\nvenue = ['SHFE']\nday = 2040-02-06", r"names the venue \['SHFE'\]"),
        ("[[open]]\nvenue = 'SHFE'\nday = '2040-02-06'", "has the day '2040-02-06', not a date"),
        ("[[open]]\nvenue = 'SHFE'\nday = 2040-02-06T00:00:00", "not a date"),
        ("[[open]]\nvenue = 'SHFE'\nday = 2040-02-04", "2040-02-04, a Saturday"),
        ("[[open]]\nvenue = 'SHFE'\nday = 2040-02-06\nwhy = 'x'", "unknown key why"),
        (
            "[[open]]\nvenue = 'SHFE'\nday = 2040-02-06\n[[closed]]\nvenue = 'SHFE'\nday = 2040-02-06\nreason = 'x'",
            "SHFE 2040-02-06: listed 2 times",
        ),
        ("[[closed", "cannot be read"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_named_and_changes_nothing(tmp_path: Path, text: str, named: str) -> None:
    sessions.load_overrides(overrides(tmp_path, '[[closed]]\nvenue = "SGE"\nday = 2040-02-03\nreason = "kept"'))
    with pytest.raises(ConfigError, match=named):
        sessions.load_overrides(overrides(tmp_path, text))
    assert sessions.calendar("SGE").closed[date(2040, 2, 3)] == "kept"


def test_every_problem_of_an_override_file_is_named_at_once(tmp_path: Path) -> None:
    text = "[[open]]\nvenue = 'LME'\nday = 2040-02-06\n[[open]]\nvenue = 'SHFE'\nday = 2040-02-05"
    with pytest.raises(ConfigError, match=r"entry 1: .*LME.*; .*entry 2: .*Sunday"):
        sessions.load_overrides(overrides(tmp_path, text))


def test_a_missing_override_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml cannot be read"):
        sessions.load_overrides(tmp_path / "absent.toml")


# --- the tables against captured reports --------------------------------------------------------


@needs_captures
def test_comex_sessions_are_the_days_with_volume_from_19_december_2025_to_31_march_2026() -> None:
    traded: dict[tuple[date, str], float] = defaultdict(float)
    for row in rows("comex/expected/volume_oi_by_month.csv"):
        traded[date.fromisoformat(row["trade_date"]), row["product"]] += float(row["total_volume"])
    days = {day for (day, _), volume in traded.items() if volume > 0}
    assert len(days) == 69
    assert days == expected("COMEX", date(2025, 12, 19), date(2026, 3, 31))


@needs_captures
def test_a_comex_bulletin_has_volume_on_sessions_only() -> None:
    """Good Friday 2026 has a bulletin, and nothing traded."""
    traded: dict[date, float] = defaultdict(float)
    for row in rows("comex/expected/bulletin62_metals_by_month.csv"):
        if row["product"] in ("SI", "GC"):
            traded[date.fromisoformat(row["bulletin_date"])] += float(row["globex_volume"] or 0)
    assert traded[date(2026, 4, 3)] == 0
    assert {day for day in traded if traded[day] > 0} == {day for day in traded if sessions.is_session("COMEX", day)}


@needs_captures
def test_a_comex_stock_report_of_one_session_is_dated_the_next() -> None:
    pairs = {(row["activity_date"], row["report_date"]) for row in rows("comex/expected/stocks_totals.csv")}
    days = {date.fromisoformat(activity): date.fromisoformat(report) for activity, report in pairs}
    assert len(days) == len(pairs) == 54
    assert all(sessions.is_session("COMEX", day) for day in days)
    assert all(sessions.following("COMEX", day) == report for day, report in days.items())


YAHOO_HOLES = {date(2016, 10, 10), date(2016, 11, 11), date(2018, 1, 29), date(2018, 12, 5)}
YAHOO_HOLES |= {date(2012, 10, 29), date(2012, 10, 30)}


@needs_captures
@pytest.mark.parametrize("code", ["GC", "SI"])
def test_comex_sessions_of_eighteen_years_have_a_yahoo_bar_and_closed_days_none(code: str) -> None:
    """Its holes: a storm, a day of mourning, two federal holidays, a plain Monday. Its bar of 2025-07-04 is empty."""
    path = f"world/spot/yahoo_{code}_F_ohlcv_2000_2026-06.csv"
    bars = {date.fromisoformat(row["Date"]): float(row["Volume"]) for row in rows(path)}
    table = expected("COMEX", date(2008, 1, 1), max(bars))
    days = {day for day in bars if day.year >= 2008 and day.weekday() < 5}
    assert table - days == YAHOO_HOLES
    assert days - table == {date(2025, 7, 4)}
    assert bars[date(2025, 7, 4)] == 0


@needs_captures
def test_shfe_sessions_are_the_days_of_the_copper_warrant_series() -> None:
    days = dates("china/shfe/shfe_copper_daily_warrants_20251204_20260930.csv", "date")
    assert len(days) == 201
    assert days == expected("SHFE", min(days), max(days))


@needs_captures
def test_the_number_a_shfe_page_prints_is_the_ordinal_of_its_session() -> None:
    page = (CAPTURES / "china/shfe/dailystock_20260918_ZH_excerpt.html").read_text(encoding="utf-8")
    found = re.search(r"(\d{4}-\d{2}-\d{2})\s+\d{4}年\s*第(\d+)期", page)
    assert found is not None
    assert sessions.between("SHFE", date(2025, 12, 31), date.fromisoformat(found[1])) == int(found[2]) == 174


@needs_captures
def test_shfe_sessions_since_2012_are_the_days_of_the_silver_series_but_for_its_known_errors() -> None:
    """Sina repeats rows on five public holidays and has no row on one plain Monday."""
    days = dates("china/shfe/shfe_ag0_sina_continuous_daily.csv", "date")
    table = expected("SHFE", min(days), max(days))
    phantoms = {date(2013, 9, 19), date(2013, 10, 2), date(2014, 1, 1), date(2015, 9, 3), date(2017, 1, 2)}
    assert days - table == phantoms
    assert table - days == {date(2019, 4, 22)}


@needs_captures
def test_sge_sessions_have_a_close_of_silver_or_of_gold_but_for_one_hole_in_both() -> None:
    silver = dates("china/sge/sge_ag_td_close_daily.csv", "date")
    gold = dates("china/sge/sge_au9999_close_daily.csv", "date")
    days = {day for day in silver | gold if day >= date(2016, 12, 19)}
    table = expected("SGE", min(days), max(days))
    assert days - table == set()
    assert table - days == {date(2020, 10, 28)}
    assert date(2024, 2, 9) in silver & gold


@needs_captures
def test_target_sessions_are_the_days_of_the_ecb_reference_rates() -> None:
    with zipfile.ZipFile(CAPTURES / "world/fx/ecb_eurofxref-hist_2026-10-30.zip") as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    days = {date.fromisoformat(row["Date"]) for row in csv.DictReader(io.StringIO(text))}
    assert len(days) == 7126
    assert days == expected("TARGET", date(1999, 1, 4), date(2026, 10, 30))
