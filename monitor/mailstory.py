"""What a mail shows beside the reading: a picture, the formula with its figures, dates ahead, related readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

import duckdb

from alerts import wording
from alerts.story import CheckCard, Key, Picture
from alerts.textual import measured, quantity
from monitor import apart, checks, judge, mailchart, marks
from monitor.checkfile import Check
from monitor.checks import Moment
from monitor.model import Reading, Transition

PICTURES: Final = 2
"""Pictures in one mail at most: of what stands first in it."""
SHOWN: Final = 90
"""Readings in a picture."""
AHEAD: Final = timedelta(days=45)
_RELATED: Final = 6
_NOISE: Final = 1e-9
"""What is left of a sum of doubles that adds up."""
Look = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]


@dataclass(frozen=True, slots=True)
class Beside:
    """By (check, subject): the arithmetic with its figures, what lies ahead, the newest readings of other checks."""

    pictures: tuple[Picture, ...]
    numbers: Mapping[Key, str]
    ahead: Mapping[Key, str]
    related: Mapping[Key, str]


def beside(
    transitions: Sequence[Transition],
    readings: Mapping[Key, Reading],
    grouped: Mapping[Key, Sequence[Reading]],
    known: Mapping[str, Check],
    cards: Mapping[str, CheckCard],
    look: Look | None,
    now: datetime,
    *,
    draws: bool = True,
) -> Beside:
    """Gathered for one letter, without pictures unless it `draws`.

    `look` opens a cursor on the store or a generation; None where no events are marked.
    """
    ordered = wording.ordered(transitions)
    keys = [wording.key(transition) for transition in ordered]
    events = _events(look, readings, grouped, now)
    return Beside(
        pictures=tuple(_pictures(keys, grouped, known, cards, events)) if draws else (),
        numbers={key: words for key in keys if (words := _numbers(known[key[0]], readings.get(key)))},
        ahead={key: "; ".join(f"{day}: {text}" for day, text in found[1]) for key, found in events.items() if found[1]},
        related={key: words for key in keys if (words := _related(key, readings.get(key), grouped, known))},
    )


Days = list[tuple[date, str]]


def _events(
    look: Look | None, readings: Mapping[Key, Reading], grouped: Mapping[Key, Sequence[Reading]], now: datetime
) -> dict[Key, tuple[Days, Days]]:
    """(past within the picture, ahead) of the metal and venue of each reading."""
    if look is None:
        return {}
    found = {}
    with look() as cur:
        checks.look(cur, Moment(now), views=())
        for key, reading in readings.items():
            metal, venue = (str(reading.inputs.get(name, "")) for name in ("metal", "venue"))
            if metal or venue:
                first, last = grouped[key][-SHOWN:][0].session, grouped[key][-1].session
                found[key] = (
                    marks.past(cur, first, last, metal, venue),
                    marks.ahead(cur, now.date(), now.date() + AHEAD, metal, venue),
                )
    return found


def _pictures(
    keys: Iterable[Key],
    grouped: Mapping[Key, Sequence[Reading]],
    known: Mapping[str, Check],
    cards: Mapping[str, CheckCard],
    events: Mapping[Key, tuple[Days, Days]],
) -> Iterable[Picture]:
    drawn = 0
    for key in dict.fromkeys(keys):
        if drawn == PICTURES:
            return
        readings = grouped.get(key, ())
        episodes = judge.fold(readings, known[key[0]].policy).episodes
        past = events.get(key, ([], []))[0]
        made = mailchart.picture(f"chart-{drawn + 1}", cards[key[0]], readings[-SHOWN:], episodes, past)
        if made:
            drawn += 1
            yield made


def _numbers(check: Check, reading: Reading | None) -> str:
    """The check's arithmetic with figures in it, where it gives the value mailed; '' elsewhere."""
    if reading is None or reading.value is None or not check.worked:
        return ""
    with _calculator().cursor() as con:
        shown, again = apart.worked(con, check.worked, reading.inputs)
    if again is None or abs(again - reading.value) > 1e-9 * max(1.0, abs(reading.value)):
        return ""
    return f"{shown} = {measured(again)}"


@cache
def _calculator() -> duckdb.DuckDBPyConnection:
    """An empty database of this process for arithmetic: to open one takes longer than to use it."""
    return duckdb.connect()


def _related(
    key: Key, reading: Reading | None, grouped: Mapping[Key, Sequence[Reading]], known: Mapping[str, Check]
) -> str:
    """The newest readings of other checks on the same metal at the same venue, those that tell something first."""
    place = _place(reading) if reading else None
    if not place:
        return ""
    known_now, unknown = list[str](), list[str]()
    for (name, _), group in sorted(grouped.items()):
        newest = max(group, key=lambda one: one.session)
        fresh = reading is not None and abs((newest.session - reading.session).days) <= 7
        if name != key[0] and fresh and _place(newest) == place:
            words = f"{known[name].title}: {_now(known[name], newest)} ({newest.session})"
            (known_now if newest.verdict.observed else unknown).append(words)
    return "; ".join([*known_now, *unknown][:_RELATED])


def _now(check: Check, reading: Reading) -> str:
    word = apart.verdict(reading)
    if reading.value is None or not reading.verdict.observed:
        return word
    value = 0.0 if abs(reading.value) < _NOISE else reading.value
    return f"{quantity(value, check.unit, check.decimals)}, {word}"


def _place(reading: Reading) -> tuple[str, str] | None:
    metal, venue = (str(reading.inputs.get(name, "")) for name in ("metal", "venue"))
    return (metal, venue) if metal and venue else None
