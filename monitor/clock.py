"""Moments in time: UTC inside, the venue's zone at the edges.

Nothing here reads the clock but `read_clock`, and only `cli` and `daemon` call that.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo


def read_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name."""
    return ZoneInfo(name)


@lru_cache(maxsize=8192)
def local(day: date, clock: str, zone_name: str) -> datetime:
    """The UTC moment at which wall clocks in `zone_name` show `clock` ("17:00") on `day`."""
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime.combine(day, time(hour, minute), zone(zone_name)).astimezone(UTC)


def naive(moment: datetime) -> datetime:
    """The same moment as naive UTC, the form stored in frames and tables."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def aware(moment: datetime) -> datetime:
    """Naive UTC from storage, made aware again."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """An ISO 8601 moment as aware UTC; a bare date is its midnight UTC.

    Raises ValueError where the text is no moment.
    """
    return aware(datetime.fromisoformat(text.strip()))


def stamp(moment: datetime) -> str:
    """`2026-02-10T12:00:00Z`: how moments are written in logs, sidecars and mails."""
    return naive(moment).isoformat(timespec="seconds") + "Z"
