"""Night sessions belong to the trade date that follows them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import sessions
from monitor.tradedates import trade_date

ZONES = {"COMEX": "America/New_York", "SHFE": "Asia/Shanghai", "SGE": "Asia/Shanghai"}


def at(venue: str, text: str) -> date | None:
    return trade_date(venue, datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONES[venue])))


@pytest.mark.parametrize(
    ("venue", "moment", "day"),
    [
        ("SHFE", "2026-02-06 21:00", "2026-02-09"),  # Friday evening
        ("SHFE", "2026-02-07 02:29", "2026-02-09"),  # the same night, already Saturday
        ("SHFE", "2026-02-09 21:00", "2026-02-10"),
        ("SHFE", "2026-02-10 01:00", "2026-02-10"),
        ("SHFE", "2026-02-10 20:59", "2026-02-10"),
        ("SHFE", "2026-02-13 21:00", None),  # the last session before Spring Festival
        ("SHFE", "2026-02-23 21:00", None),  # the last evening of the holiday
        ("SHFE", "2026-02-24 01:00", None),
        ("SHFE", "2026-02-24 09:00", "2026-02-24"),
        ("SHFE", "2026-02-08 21:00", None),  # a Sunday
        ("SGE", "2026-02-09 20:00", "2026-02-10"),
        ("SGE", "2026-02-09 19:59", "2026-02-09"),
        ("SGE", "2026-09-24 20:00", None),  # before Mid-Autumn
        ("COMEX", "2026-02-09 17:59", None),
        ("COMEX", "2026-02-09 18:00", "2026-02-10"),
        ("COMEX", "2026-02-08 18:00", "2026-02-09"),  # Sunday evening
        ("COMEX", "2026-02-08 17:59", None),
        ("COMEX", "2026-02-06 18:00", None),  # Friday evening
        ("COMEX", "2026-01-18 18:00", "2026-01-20"),  # Martin Luther King: trades count for Tuesday
        ("COMEX", "2026-01-19 10:00", "2026-01-20"),
        ("COMEX", "2026-04-02 18:00", None),  # into Good Friday
        ("COMEX", "2026-04-03 10:00", None),
        ("COMEX", "2026-04-05 18:00", "2026-04-06"),
        ("COMEX", "2025-12-25 18:00", "2025-12-26"),
    ],
)
def test_a_night_counts_for_the_session_after_it(venue: str, moment: str, day: str | None) -> None:
    assert at(venue, moment) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-08 22:00+00:00", "2026-03-09"),  # 18:00 of summer time's first day
        ("2026-03-08 21:59+00:00", None),
        ("2026-11-01 23:00+00:00", "2026-11-02"),  # 18:00 of standard time's first day
        ("2026-11-01 22:59+00:00", None),
    ],
)
def test_new_york_opens_at_its_own_hour_on_both_changes_of_time(moment: str, day: str | None) -> None:
    assert trade_date("COMEX", datetime.fromisoformat(moment)) == (date.fromisoformat(day) if day else None)


@given(
    st.sampled_from(sorted(ZONES)),
    st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 - given its zone below
)
def test_a_trade_date_is_a_session_never_before_its_moment(venue: str, moment: datetime) -> None:
    found = trade_date(venue, moment.replace(tzinfo=ZoneInfo(ZONES[venue])))
    assert found is None or (sessions.is_session(venue, found) and found >= moment.date())


def test_a_venue_without_a_night_session_is_refused() -> None:
    with pytest.raises(KeyError):
        trade_date("LBMA", datetime(2026, 2, 9, 12, tzinfo=ZoneInfo("Europe/London")))
