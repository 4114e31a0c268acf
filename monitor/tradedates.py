"""Which trade date a trade of any moment belongs to: a night session counts for the session that follows it.

Shanghai deals on the evening of a session (SHFE and INE from 21:00, SGE from 20:00, to 02:30) where nothing but a
weekend lies before the next one: before a holiday there is no night session. COMEX opens at 18:00 New York for the
next day and halts at 17:00; on most holidays it trades by screen for the session after, on Good Friday, Christmas and
New Year not at all.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from monitor import clock, sessions

_SMALL_HOURS: Final = time(3, 0)
_SHANGHAI: Final = {"SHFE": time(21, 0), "SGE": time(20, 0)}
_NEW_YORK_OPENS: Final = time(18, 0)
_NEW_YORK_HALTS: Final = time(17, 0)
_NO_SCREEN: Final = ("Good Friday", "Christmas", "New Year's Day")


def trade_date(venue: str, moment: datetime) -> date | None:
    """The trade date of a moment (aware) at COMEX, SHFE or SGE; None where nothing trades on that day or evening.

    Pauses within a day are not told apart from trading. Raises KeyError for any other venue.
    """
    here = moment.astimezone(clock.zone(sessions.calendar(venue).zone))
    if venue == "COMEX":
        return _new_york(here)
    return _shanghai(venue, here, _SHANGHAI[venue])


def _shanghai(venue: str, here: datetime, opens: time) -> date | None:
    day, hour = here.date(), here.time()
    if hour < _SMALL_HOURS:
        return _night(venue, day - timedelta(days=1))
    if hour >= opens:
        return _night(venue, day)
    return day if sessions.is_session(venue, day) else None


def _night(venue: str, evening: date) -> date | None:
    """The session that the night after this day belongs to; None where a weekday without a session comes first."""
    if not sessions.is_session(venue, evening):
        return None
    found = sessions.following(venue, evening)
    between = (evening + timedelta(days=n) for n in range(1, (found - evening).days))
    return found if all(day.weekday() > 4 for day in between) else None


def _new_york(here: datetime) -> date | None:
    day, hour = here.date(), here.time()
    if hour >= _NEW_YORK_OPENS:
        day += timedelta(days=1)
    elif hour >= _NEW_YORK_HALTS:
        return None
    if day.weekday() > 4:
        return None
    reason = sessions.calendar("COMEX").closed.get(day, "")
    if reason.startswith(_NO_SCREEN):
        return None
    return sessions.on_or_after("COMEX", day)
