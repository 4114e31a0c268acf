"""How a replay did: mails a month, share of sessions firing, and how its episodes lie to a list of events."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from monitor import checkfile
from monitor.backtest import HORIZON, MONTH, Replayed, Told
from monitor.checkfile import Check
from monitor.errors import BullionError

_LEVELS: Final = ("warn", "critical", "clear")
_POLICY: Final = ("enter", "enter_critical", "leave")


@dataclass(frozen=True, slots=True)
class Happened:
    """A listed event."""

    day: date
    label: str


@dataclass(frozen=True, slots=True)
class Score:
    """One check (or `all`) over the whole replay. Shares are fractions."""

    check: str
    sessions: int
    beyond_warn: float | None
    """Share of observed sessions beyond warn: the base rate."""
    firing: float | None
    """Share of observed sessions inside an episode."""
    episodes: int
    retracted: int
    mails: int
    mails_a_month: float
    precision: float | None
    """Share of episodes with an event while open or up to 30 days after the first mail; None without events."""
    caught: int | None
    """Events with such an episode."""


def events(path: str) -> list[Happened]:
    """The rows of a CSV with the columns date,label, oldest first. Raises BullionError naming the line."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise BullionError(f"cannot read {path}: {error.strerror}") from error
    found = []
    for number, row in enumerate(rows, start=2):
        try:
            found.append(Happened(date.fromisoformat(row["date"].strip()), row["label"].strip()))
        except (KeyError, ValueError, AttributeError):
            raise BullionError(f"{path} line {number}: give the columns date,label with dates as 2026-02-10") from None
    return sorted(found, key=lambda event: event.day)


def foretold(episode: Told, happened: Iterable[Happened]) -> list[tuple[Happened, int]]:
    """(event, days from the first mail to it): those while it is open, or within 30 days of its first mail."""
    first = episode.first_told.date()
    last = first + HORIZON if episode.ended_as else date.max
    last = max(last, episode.closed or date.min)
    return [(event, (event.day - first).days) for event in happened if first <= event.day <= last]


def scores(replayed: Replayed, happened: Sequence[Happened]) -> list[Score]:
    """One for each check that read anything or told anything, then one for all of them."""
    names = {key[0] for key, kept in replayed.readings.items() if kept} | {told.check for told in replayed.episodes}
    found = [_score(replayed, name, happened) for name in sorted(names)]
    return [*found, _score(replayed, "all", happened)] if len(found) != 1 else found


def _score(replayed: Replayed, name: str, happened: Sequence[Happened]) -> Score:
    told = [episode for episode in replayed.episodes if name in (episode.check, "all")]
    keys = [key for key in replayed.readings if name in (key[0], "all")]
    observed = [r for key in keys for r in replayed.readings[key] if r.verdict.observed]
    mails = [mail for mail in replayed.mails if name == "all" or name in {key[0] for key in mail.keys}]
    months = ((replayed.end - replayed.start).days + 1) / MONTH
    hits = [foretold(episode, happened) for episode in told]
    return Score(
        check=name,
        sessions=len(observed),
        beyond_warn=sum(r.verdict.breach for r in observed) / len(observed) if observed else None,
        firing=min(1.0, sum(episode.sessions for episode in told) / len(observed)) if observed else None,
        episodes=len(told),
        retracted=sum(episode.ended_as == "retracted" for episode in told),
        mails=len(mails),
        mails_a_month=len(mails) / months,
        precision=sum(map(bool, hits)) / len(told) if told and happened else None,
        caught=len({event for hit in hits for event, _ in hit}) if happened else None,
    )


def changed(known: Mapping[str, Check], settings: Sequence[str]) -> dict[str, Check]:
    """The checks with `key=value` or `check.key=value` applied: only those that change.

    Keys are warn, critical, clear (numbers, on every threshold row of the check), enter, enter_critical (n/m) and
    leave. Raises BullionError for anything else, and for a bare key where more than one check is replayed.
    """
    wanted: dict[str, dict[str, str]] = {}
    for setting in settings:
        left, equals, value = setting.partition("=")
        name, dot, key = left.rpartition(".")
        if not equals or key not in (*_LEVELS, *_POLICY):
            raise BullionError(f"--set {setting}: give KEY=VALUE, KEY being {', '.join((*_LEVELS, *_POLICY))}")
        if not dot and len(known) != 1:
            raise BullionError(f"--set {setting}: say of which check, as CHECK.{setting}, or name one with --check")
        name = name or next(iter(known))
        if name not in known:
            raise BullionError(f"--set {setting}: {name} is not replayed; replayed are {', '.join(known)}")
        wanted.setdefault(name, {})[key] = value
    return {name: _altered(known[name], keys) for name, keys in wanted.items()}


def _altered(check: Check, keys: Mapping[str, str]) -> Check:
    try:
        levels: dict[str, Any] = {key: float(keys[key]) for key in _LEVELS if key in keys}
        policy = checkfile.policy(check.policy, {key: keys[key] for key in _POLICY if key in keys})
    except ValueError as error:
        raise BullionError(f"--set for {check.name}: {error}") from error
    return replace(
        check, policy=policy, thresholds=tuple(checkfile.moved(check, row, levels) for row in check.thresholds)
    )
