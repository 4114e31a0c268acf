"""New York's stocks, London, the CFTC's report days, MCX and the yuan: the tables against captured files."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor import sessions
from monitor.errors import ConfigError
from tests.captures import CAPTURES, needs_captures


@pytest.fixture(autouse=True)
def _no_overrides() -> Iterator[None]:
    yield
    sessions.load_overrides(None)


def days(path: str, column: str) -> set[date]:
    with (CAPTURES / path).open(encoding="utf-8") as file:
        return {date.fromisoformat(row[column]) for row in csv.DictReader(file)}


def expected(venue: str, first: date, last: date) -> set[date]:
    return set(sessions.sessions(venue, first, last))


# --- the tables against captured files ----------------------------------------------------------


@needs_captures
@pytest.mark.parametrize(("symbol", "count"), [("HL", 6_084), ("PAAS", 6_084), ("AG", 4_348)])
def test_nyse_sessions_are_the_days_with_a_bar_of_a_miner_since_2000(symbol: str, count: int) -> None:
    bars = days(f"world/equities/yahoo_{symbol}_2024-03.csv", "Date")
    assert len(bars) == count
    assert bars == expected("NYSE", min(bars), max(bars))


@needs_captures
def test_the_fund_closes_of_2025_have_their_holidays_where_the_nyse_table_has_them() -> None:
    """GLD's archive, excerpt: rows of 2024-12-06 to 2025-05-23, closed days printed as HOLIDAY."""
    text = (CAPTURES / "world/etf/GLD_US_archive_EN_excerpt.csv").read_text(encoding="utf-8")
    rows = [line.split(", ") for line in text.splitlines() if line.split("-")[2:3] and "-202" in line[:12]]
    closed = {row[0] for row in rows if row[1] == "HOLIDAY"}
    assert closed == {"25-Dec-2024", "01-Jan-2025", "09-Jan-2025", "20-Jan-2025", "17-Feb-2025"}
    table = sessions.calendar("NYSE").closed
    assert {f"{day:%d-%b-%Y}" for day in table if date(2024, 12, 6) <= day <= date(2025, 3, 31)} == closed


COT = [("cotflow_disagg_silver.csv", 1_046), ("cotflow_disagg_gold.csv", 1_046), ("edwin_legacy_silver.csv", 1_054)]


@needs_captures
@pytest.mark.parametrize(("name", "count"), COT)
def test_cftc_sessions_are_the_report_dates_of_twenty_years(name: str, count: int) -> None:
    dates = days(f"world/cot/{name}", "date")
    assert len(dates) == count
    assert dates == expected("CFTC", min(dates), max(dates))


def test_cftc_sessions_are_1032_tuesdays_13_mondays_and_one_wednesday() -> None:
    weekdays = Counter(f"{day:%a}" for day in expected("CFTC", date(2006, 6, 13), date(2026, 6, 23)))
    assert weekdays == {"Tue": 1_032, "Mon": 13, "Wed": 1}


@needs_captures
def test_every_report_that_was_or_will_be_released_late_is_a_cftc_session() -> None:
    dates = days("world/cot/cot_release_overrides_transcribed.csv", "report_date")
    assert max(dates) == date(2026, 12, 22)
    assert {day for day in dates if not sessions.is_session("CFTC", day)} == set()


def mcx_days() -> set[date]:
    return {day for path in (CAPTURES / "china/mcx").glob("0*.csv") for day in days(f"china/mcx/{path.name}", "Date")}


@needs_captures
def test_mcx_sessions_are_the_days_with_a_gold_price_of_a_whole_year() -> None:
    """Holi, the Diwali evening of 2025-10-21, other holidays with an evening session alone, and Budget Sunday."""
    traded = {day for day in mcx_days() if day.year >= 2025}
    assert (min(traded), max(traded), len(traded)) == (date(2025, 3, 17), date(2026, 3, 11), 254)
    assert traded == expected("MCX", min(traded), max(traded))
    assert {date(2025, 10, 21), date(2025, 10, 22), date(2026, 1, 15), date(2026, 2, 1), date(2026, 3, 3)} <= traded


@needs_captures
def test_mcx_of_2013_with_its_saturdays_lies_outside_the_table() -> None:
    early = {day for day in mcx_days() if day.year < 2025}
    assert sum(day.weekday() == 5 for day in early) == 30
    assert not any(sessions.known("MCX", day) for day in early)


def rate_days(column: str) -> set[date]:
    with (CAPTURES / "world/rates/fred_rates_2018_2026-08.csv").open(encoding="utf-8") as file:
        return {date.fromisoformat(row["date"]) for row in csv.DictReader(file) if row[column]}


@needs_captures
@pytest.mark.parametrize(
    ("venue", "column", "count"),
    [("SIFMA", "DGS1MO", 2_159), ("SIFMA", "DGS3MO", 2_159), ("SIFMA", "DGS6MO", 2_159), ("SOFR", "SOFR", 2_094)],
)
def test_sessions_of_government_securities_are_the_days_with_a_rate_without_exception(
    venue: str, column: str, count: int
) -> None:
    found = rate_days(column)
    assert len(found) == count
    assert found == expected(venue, min(found), max(found))


@needs_captures
def test_a_good_friday_that_begins_a_month_has_yields_and_no_sofr() -> None:
    only_yields = {day for day in rate_days("DGS3MO") - rate_days("SOFR") if day >= date(2018, 4, 3)}
    assert only_yields == {date(2021, 4, 2), date(2023, 4, 7), date(2026, 4, 3)}


# --- the tables against what is known of the days -----------------------------------------------


@pytest.mark.parametrize(
    ("venue", "year", "count"),
    [
        ("NYSE", 2001, 248),  # 252 but for the four days after 10 September
        ("NYSE", 2018, 251),
        ("NYSE", 2024, 252),
        ("NYSE", 2025, 250),
        ("NYSE", 2026, 251),
        ("LBMA", 2024, 254),
        ("LBMA", 2025, 253),
        ("LBMA", 2026, 253),
        ("CFTC", 2007, 53),  # Wednesday 3 January to Monday 31 December
        ("CFTC", 2024, 53),
        ("CFTC", 2026, 52),
        ("MCX", 2025, 258),
        ("MCX", 2026, 258),
        ("SIFMA", 2025, 249),  # 250 of New York's stocks, the day of mourning, not Columbus Day and not Veterans Day
        ("SOFR", 2026, 249),
        ("CFETS", 2024, 243),
        ("CFETS", 2026, 242),
    ],
)
def test_a_year_has_its_number_of_sessions(venue: str, year: int, count: int) -> None:
    assert len(sessions.sessions(venue, date(year, 1, 1), date(year, 12, 31))) == count


def test_nyse_and_comex_differ_by_the_days_of_mourning_and_the_storm() -> None:
    span = (date(2008, 1, 1), date(2027, 12, 31))
    metals_alone = expected("COMEX", *span) - expected("NYSE", *span)
    assert metals_alone == {date(2012, 10, 29), date(2012, 10, 30), date(2018, 12, 5), date(2025, 1, 9)}
    assert expected("NYSE", *span) <= expected("COMEX", *span)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2020, 5, 4), True),  # the bank holiday was moved to VE Day
        (date(2020, 5, 8), False),
        (date(2022, 5, 30), True),
        (date(2022, 9, 19), False),
        (date(2023, 5, 8), False),
        (date(2024, 12, 24), True),
        (date(2024, 12, 31), True),
        (date(2026, 12, 28), False),
        (date(2027, 12, 27), False),
        (date(2025, 11, 27), True),
    ],
)
def test_london_keeps_englands_bank_holidays(day: date, open_: bool) -> None:
    assert sessions.is_session("LBMA", day) is open_


def test_london_has_its_own_bank_holidays_and_not_the_first_of_may() -> None:
    """Good Friday, Easter Monday, Christmas and New Year are common to London and TARGET."""
    span = (date(2026, 1, 1), date(2026, 12, 31))
    assert expected("TARGET", *span) - expected("LBMA", *span) == {
        date(2026, 5, 4), date(2026, 5, 25), date(2026, 8, 31), date(2026, 12, 28)
    }  # fmt: skip
    assert expected("LBMA", *span) - expected("TARGET", *span) == {date(2026, 5, 1)}


def test_the_yuan_is_fixed_on_the_days_of_sge_and_on_no_weekend() -> None:
    """65 fixings from June to August 2026 by the publisher's own count; 2025-10-11 was a working Saturday."""
    span = (date(2015, 1, 1), date(2026, 12, 31))
    assert expected("CFETS", *span) == expected("SGE", *span)
    assert len(expected("CFETS", date(2026, 6, 1), date(2026, 8, 31))) == 65
    assert sessions.previous("CFETS", date(2025, 10, 13)) == date(2025, 10, 10)
    assert all(sessions.is_session("CFETS", day) for day in (date(2026, 9, 18), date(2026, 9, 24)))


# --- a venue whose sessions are not Monday to Friday ----------------------------------------------


def test_a_report_week_steps_over_a_moved_report_as_one_session() -> None:
    assert sessions.following("CFTC", date(2025, 11, 4)) == date(2025, 11, 10)
    assert sessions.following("CFTC", date(2025, 11, 10)) == date(2025, 11, 18)
    assert sessions.previous("CFTC", date(2007, 1, 9)) == date(2007, 1, 3)
    assert sessions.shift("CFTC", date(2025, 11, 13), 0) == date(2025, 11, 10)
    assert sessions.between("CFTC", date(2025, 11, 4), date(2025, 11, 18)) == 2


def test_beyond_its_table_the_cftc_reports_on_tuesdays_and_not_on_every_weekday() -> None:
    after = sessions.sessions("CFTC", date(2029, 1, 1), date(2029, 3, 31))
    assert len(after) == 13
    assert {day.weekday() for day in after} == {1}
    assert not any(sessions.known("CFTC", day) for day in after)


def test_a_budget_sunday_is_numbered_between_friday_and_monday() -> None:
    found = sessions.calendar("MCX")
    friday, sunday, monday = (found.count(date(2026, 1, 30)) + step for step in range(3))
    assert [found.nth(number) for number in (friday, sunday, monday)] == [
        date(2026, 1, 30), date(2026, 2, 1), date(2026, 2, 2)
    ]  # fmt: skip


# --- the operator's corrections -----------------------------------------------------------------


def override(folder: Path, *entries: tuple[str, str, str]) -> Path:
    path = folder / "calendars.toml"
    blocks = [f"[[{kind}]]\nvenue = '{venue}'\nday = {day}\n" for kind, venue, day in entries]
    text = "".join(block + ("reason = 'told'\n" if block.startswith("[[closed]]") else "") for block in blocks)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_report_is_moved_by_closing_its_tuesday_and_opening_another_day(tmp_path: Path) -> None:
    sessions.load_overrides(override(tmp_path, ("closed", "CFTC", "2028-07-04"), ("open", "CFTC", "2028-07-03")))
    assert sessions.following("CFTC", date(2028, 6, 27)) == date(2028, 7, 3)
    assert sessions.following("CFTC", date(2028, 7, 3)) == date(2028, 7, 11)
    sessions.load_overrides(None)
    assert sessions.following("CFTC", date(2028, 6, 27)) == date(2028, 7, 4)


def test_a_listed_session_can_be_taken_back(tmp_path: Path) -> None:
    sessions.load_overrides(override(tmp_path, ("closed", "CFTC", "2025-11-10"), ("open", "CFTC", "2025-11-11")))
    assert sessions.following("CFTC", date(2025, 11, 4)) == date(2025, 11, 11)


@pytest.mark.parametrize(("venue", "day"), [("MCX", "2026-11-08"), ("CFETS", "2026-10-10")])
def test_a_weekend_session_can_be_listed_where_such_are_held(tmp_path: Path, venue: str, day: str) -> None:
    sessions.load_overrides(override(tmp_path, ("open", venue, day)))
    assert sessions.is_session(venue, date.fromisoformat(day))
    assert not sessions.is_session("SGE", date.fromisoformat(day))


@pytest.mark.parametrize(
    ("kind", "venue", "day", "weekday"),
    [
        ("open", "NYSE", "2027-01-02", "Saturday"),
        ("closed", "MCX", "2026-11-07", "Saturday"),
        ("closed", "CFTC", "2026-11-13", "Friday"),
    ],
)
def test_an_entry_that_changes_nothing_possible_is_refused_by_name(
    tmp_path: Path, kind: str, venue: str, day: str, weekday: str
) -> None:
    with pytest.raises(ConfigError, match=f"names {day}, a {weekday}, on which {venue} holds no session anyway"):
        sessions.load_overrides(override(tmp_path, (kind, venue, day)))
