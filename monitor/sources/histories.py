"""What the sources of long series share: lists in JSON, spans of dates, assumed hours, and how many bad rows are few.

Pure. Everything here raises only Unreadable or Implausible, whatever the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import polars as pl

from monitor import clock
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Reject
from monitor.sources.tables import json_of, show

_FEW: Final = 100
"""One row in so many may be wrong and left out; beyond that it is the file that is wrong."""


def json_list(text: str) -> list[object]:
    """The list that `text` is in JSON, as strictly as `tables.json_of`; Unreadable otherwise."""
    if not text.lstrip().startswith("["):
        raise Unreadable("the JSON is no list")
    held = json_of(f'{{"list":{text}}}')
    found = held["list"]
    if len(held) != 1 or not isinstance(found, list):
        raise Unreadable("the JSON is no list")
    return found


def objects_of(rows: Sequence[object]) -> list[dict[str, object]]:
    """The rows, each of which must be an object; Unreadable with its place otherwise."""
    found: list[dict[str, object]] = []
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise Unreadable(f"{show(row)} where an object should be", f"[{index}]")
        found.append(row)
    return found


def check_span(sessions: Sequence[date], first: date, answer: Answer, zone: str) -> None:
    """Raises Implausible for a session before `first` or later than the day after the fetch, in `zone`."""
    if not sessions:
        return
    limit = answer.fetched_at.astimezone(clock.zone(zone)).date() + timedelta(days=1)
    if max(sessions) > limit:
        raise Implausible(f"a figure of the future: {max(sessions)}, fetched on {limit - timedelta(days=1)}")
    if min(sessions) < first:
        raise Implausible(f"a figure of {min(sessions)}, before the series began on {first}")


def stamped(frame: pl.DataFrame, hour: str, zone: str, *, on: str = "session") -> pl.DataFrame:
    """`frame` with published_at, the wall clock `hour` ("15:30") of its date column `on`, and published_assumed."""
    hours, minutes = hour.split(":")
    local = pl.col(on).cast(pl.Datetime("us")).dt.offset_by(f"{int(hours)}h{int(minutes)}m").dt.replace_time_zone(zone)
    return frame.with_columns(
        local.dt.convert_time_zone("UTC").dt.replace_time_zone(None).alias("published_at"),
        pl.lit(value=True).alias("published_assumed"),
    )


def refuse_many(rejects: Sequence[Reject], rows: int) -> None:
    """Raises Implausible where more than one row in a hundred was left out, or every row."""
    if rejects and len(rejects) * _FEW > rows:
        first = rejects[0]
        raise Implausible(f"{len(rejects)} of {rows} rows cannot be believed: {first.message}", first.where)
