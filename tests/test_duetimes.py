"""Due times: the right moment in every zone and season, each session due exactly once."""

import csv
import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import duetimes, sessions
from monitor.model import Answer, Batch, Due, Source
from tests.captures import CAPTURES, needs_captures


def _parse(_: Answer) -> Batch:
    return Batch({})


def source(venue: str, due: Due, cadence: str = "daily") -> Source:
    """A made-up source: only its venue, due rule and cadence matter here."""
    return Source(
        name=f"made_up_{venue.lower()}",
        title="Made up",
        publisher="Nobody",
        venue=venue,
        tables=(),
        due=due,
        parse=_parse,
        recognise=lambda body, name: False,
        asks=lambda session: (),
        cadence=cadence,
    )


STOCKS = source("COMEX", Due("17:00", "America/New_York", days=1, in_sessions=True))
BULLETIN = source("COMEX", Due("10:00", "America/Chicago", days=1, in_sessions=True))
WARRANTS = source("SHFE", Due("16:30", "Asia/Shanghai"))
QUOTES = source("SGE", Due("16:00", "Asia/Shanghai"))
RATES = source("TARGET", Due("16:00", "Europe/Berlin"))
LONDON = source("TARGET", Due("12:00", "Europe/London"))
WEEKLY = source("SHFE", Due("16:31", "Asia/Shanghai"), cadence="weekly")
MONTHLY = source("TARGET", Due("12:00", "Europe/London", days=5, in_sessions=True), cadence="monthly")
DAILY = (STOCKS, BULLETIN, WARRANTS, QUOTES, RATES, LONDON)
ALL = (*DAILY, WEEKLY, MONTHLY)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def naive(text: str) -> datetime:
    return utc(text).replace(tzinfo=None)


# --- one moment ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("session", "due"),
    [
        (date(2026, 2, 10), "2026-02-11T22:00"),
        (date(2026, 2, 6), "2026-02-09T22:00"),  # a Friday's report comes on Monday
        (date(2026, 1, 16), "2026-01-20T22:00"),  # over Martin Luther King Jr. Day
        (date(2026, 3, 5), "2026-03-06T22:00"),
        (date(2026, 3, 6), "2026-03-09T21:00"),  # New York's summer time began on the 8th
        (date(2026, 10, 29), "2026-10-30T21:00"),
        (date(2026, 10, 30), "2026-11-02T22:00"),
    ],
)
def test_a_new_york_report_is_due_at_five_on_the_next_session(session: date, due: str) -> None:
    assert duetimes.due_at(STOCKS, session) == utc(due)


@pytest.mark.parametrize(
    ("session", "due"),
    [
        (date(2026, 3, 27), "2026-03-27T15:00"),
        (date(2026, 3, 30), "2026-03-30T14:00"),  # after Europe, three weeks later than New York
        (date(2026, 10, 23), "2026-10-23T14:00"),
        (date(2026, 10, 26), "2026-10-26T15:00"),
    ],
)
def test_a_frankfurt_report_is_due_at_four_in_winter_and_in_summer(session: date, due: str) -> None:
    assert duetimes.due_at(RATES, session) == utc(due)


def test_a_london_report_moves_with_london() -> None:
    assert duetimes.due_at(LONDON, date(2026, 3, 27)) == utc("2026-03-27T12:00")
    assert duetimes.due_at(LONDON, date(2026, 3, 30)) == utc("2026-03-30T11:00")


def test_a_shanghai_report_keeps_its_utc_hour_all_year() -> None:
    hours = {duetimes.due_at(WARRANTS, day).time() for day in sessions.sessions("SHFE", *YEAR)}
    assert {f"{hour:%H:%M}" for hour in hours} == {"08:30"}


YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def test_days_are_calendar_days_unless_the_rule_counts_sessions() -> None:
    friday = date(2026, 2, 6)
    plain = source("COMEX", Due("17:00", "America/New_York", days=1))
    assert duetimes.due_at(plain, friday) == utc("2026-02-07T22:00")
    assert duetimes.due_at(STOCKS, friday) == utc("2026-02-09T22:00")


def test_late_is_due_plus_grace_also_across_a_change_of_summer_time() -> None:
    night = source("TARGET", Due("01:30", "Europe/Berlin", days=2, grace_minutes=90))
    due = duetimes.due_at(night, date(2026, 3, 27))
    assert due == utc("2026-03-29T00:30")
    assert duetimes.late_at(night, date(2026, 3, 27)) == utc("2026-03-29T02:00")


# --- every session once -------------------------------------------------------------------------

RULES = st.builds(
    Due,
    clock=st.sampled_from(["00:00", "01:30", "02:30", "03:00", "17:00", "23:59"]),
    zone=st.sampled_from(["America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin", "Asia/Shanghai"]),
    days=st.integers(0, 5),
    in_sessions=st.booleans(),
)
MADE_UP = st.builds(source, st.sampled_from(sessions.VENUES), RULES, st.sampled_from(duetimes.CADENCES))
MOMENTS = st.integers(0, 600_000).map(lambda minutes: utc("2025-12-01T00:00") + timedelta(minutes=minutes))


@given(MADE_UP)
@settings(max_examples=40)
def test_due_times_rise_with_the_sessions(made_up: Source) -> None:
    moments = [duetimes.due_at(made_up, day) for day in duetimes.report_sessions(made_up, *YEAR)]
    assert all(earlier < later for earlier, later in itertools.pairwise(moments))


@given(MADE_UP, MOMENTS)
@settings(max_examples=150)
def test_the_newest_due_session_and_the_next_one_are_neighbours_around_now(made_up: Source, now: datetime) -> None:
    newest = duetimes.newest_due(made_up, now)
    following, moment = duetimes.next_due(made_up, now)
    assert duetimes.due_at(made_up, newest) <= now < moment == duetimes.due_at(made_up, following)
    assert duetimes.report_sessions(made_up, newest, following) == (newest, following)


@pytest.mark.parametrize("made_up", ALL, ids=lambda one: f"{one.venue}-{one.due.zone}-{one.cadence}")
@pytest.mark.parametrize("change", [date(2026, 3, 8), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1)])
def test_a_clock_walking_over_a_change_of_summer_time_meets_every_session_once(made_up: Source, change: date) -> None:
    start = datetime(change.year, change.month, change.day, tzinfo=UTC) - timedelta(days=8)
    newest = duetimes.newest_due(made_up, start)
    first = newest
    met: list[date] = []
    for step in range(16 * 48):
        now = start + timedelta(minutes=30 * (step + 1))
        fresh = duetimes.due_sessions(made_up, newest + timedelta(days=1), now)
        met += fresh
        newest = max(fresh, default=newest)
    assert newest == duetimes.newest_due(made_up, start + timedelta(days=16))
    assert tuple(met) == duetimes.report_sessions(made_up, first + timedelta(days=1), newest)


@pytest.mark.parametrize("made_up", DAILY, ids=lambda one: f"{one.venue}-{one.due.zone}")
def test_two_years_of_due_sessions_are_the_calendar_without_its_holidays(made_up: Source) -> None:
    start, now = date(2024, 11, 1), utc("2026-11-01T00:00")
    due = duetimes.due_sessions(made_up, start, now)
    assert not set(due) & sessions.calendar(made_up.venue).closed.keys()
    assert due == sessions.sessions(made_up.venue, start, duetimes.newest_due(made_up, now))
    assert 480 < len(due) < 515


def test_a_clock_set_back_a_day_and_forward_again_only_moves_the_newest_session() -> None:
    now = utc("2026-02-11T23:00")
    newest = [duetimes.newest_due(STOCKS, now + timedelta(days=days)) for days in (-1, 0, 1)]
    assert newest == [date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 11)]


def test_a_session_is_due_at_its_moment_and_not_a_second_earlier() -> None:
    moment = duetimes.due_at(WARRANTS, date(2026, 2, 24))
    assert duetimes.newest_due(WARRANTS, moment) == date(2026, 2, 24)
    assert duetimes.newest_due(WARRANTS, moment - timedelta(seconds=1)) == date(2026, 2, 13)
    assert duetimes.next_due(WARRANTS, moment - timedelta(seconds=1)) == (date(2026, 2, 24), moment)


def test_nothing_is_due_from_a_start_after_the_newest_due_session() -> None:
    assert duetimes.due_sessions(STOCKS, date(2026, 2, 11), utc("2026-02-11T23:00")) == ()


# --- reports that are not daily -------------------------------------------------------------------


def test_a_weekly_report_belongs_to_the_last_session_of_its_week() -> None:
    autumn = duetimes.report_sessions(WEEKLY, date(2026, 9, 14), date(2026, 10, 11))
    assert autumn == (date(2026, 9, 18), date(2026, 9, 24), date(2026, 9, 30), date(2026, 10, 9))


def test_a_week_without_a_session_has_no_weekly_report() -> None:
    assert duetimes.report_sessions(WEEKLY, date(2026, 2, 9), date(2026, 2, 28)) == (
        date(2026, 2, 13),
        date(2026, 2, 27),
    )


def test_a_monthly_report_belongs_to_the_last_session_of_its_month() -> None:
    months = duetimes.report_sessions(MONTHLY, date(2026, 1, 1), date(2026, 5, 30))
    assert months == (date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 29))
    assert duetimes.due_at(MONTHLY, date(2026, 3, 31)) == utc("2026-04-09T11:00")  # five sessions on, over Easter


def test_an_unknown_cadence_is_refused_by_name() -> None:
    hourly = source("COMEX", Due("17:00", "America/New_York"), cadence="hourly")
    with pytest.raises(ValueError, match=r"made_up_comex: the cadence 'hourly'"):
        duetimes.newest_due(hourly, utc("2026-02-11T23:00"))


@needs_captures
def test_every_captured_weekly_copper_report_is_of_the_last_session_of_a_week() -> None:
    with (CAPTURES / "china/shfe/shfe_copper_weekly_inventory_20231013_20251114.csv").open(encoding="utf-8") as file:
        days = [date.fromisoformat(row["date"]) for row in csv.DictReader(file)]
    assert len(days) > 90
    assert set(days) <= set(duetimes.report_sessions(WEEKLY, min(days), max(days)))


# --- the reference table --------------------------------------------------------------------------


def test_the_due_table_has_a_row_per_source_and_session_in_naive_utc() -> None:
    rows = duetimes.due_rows((STOCKS, WARRANTS), date(2026, 2, 13), date(2026, 2, 17))
    assert rows == [
        {
            "source": "made_up_comex",
            "session": date(2026, 2, 13),
            "due_at": naive("2026-02-17T22:00"),
            "late_at": naive("2026-02-18T00:00"),
        },
        {
            "source": "made_up_comex",
            "session": date(2026, 2, 17),
            "due_at": naive("2026-02-18T22:00"),
            "late_at": naive("2026-02-19T00:00"),
        },
        {
            "source": "made_up_shfe",
            "session": date(2026, 2, 13),
            "due_at": naive("2026-02-13T08:30"),
            "late_at": naive("2026-02-13T10:30"),
        },
    ]
