"""The check file: a TOML header in `-- ` lines over one plain select (architecture: the check file)."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from monitor.errors import ConfigError
from monitor.model import Policy

EVER: Final = date(1900, 1, 1)
NEVER: Final = date(9999, 12, 31)
_KNOWN: Final = {
    "title", "why", "unit", "direction", "enter", "enter_critical", "leave", "clear_fraction", "cap", "route", "needs",
    "formula", "references", "threshold", "decimals", "late_arrival_recovers", "headline", "sources",
    "worked",
    "reach",
    "looks_farther",
    "stands_on",
}  # fmt: skip
_REQUIRED: Final = ("title", "why", "unit", "direction", "references", "formula")


@dataclass(frozen=True, slots=True)
class Threshold:
    """Levels for some metals and venues, from a date, within a span of sessions to first notice."""

    metals: tuple[str, ...]
    venues: tuple[str, ...]
    warn: float
    critical: float | None
    clear: float
    valid_from: date = EVER
    from_t: int = -100_000
    to_t: int = 100_000


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it measures, when it speaks, and its SQL."""

    name: str
    title: str
    why: str
    unit: str
    above_is_bad: bool
    formula: str
    references: tuple[str, ...]
    policy: Policy
    thresholds: tuple[Threshold, ...]
    sql: str
    clear_fraction: float = 0.2
    capped: bool = False
    route: str = "mail"
    decimals: int = 2
    headline: str = ""
    needs: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    """Whose reports its readings wait for."""
    worked: str = ""
    """The value as arithmetic over the columns returned, in SQL: what an explanation prints with numbers in it."""
    reach: int | None = None
    """A reading draws on no fact of a session more than so many days before its own; None: not known.

    Said of every column but those of `looks_farther`. No reading draws on a session more than ten days after its own.
    """
    looks_farther: tuple[str, ...] = ()
    """Inputs that draw on more of the window than `reach`; nothing is judged by them."""

    stands_on: tuple[str, ...] = ()
    """Checks whose readings of the same evaluation its SQL reads, as the table `judged`; () where it reads facts."""

    @property
    def version(self) -> str:
        """Changes when the SQL or a threshold does."""
        seed = repr((self.sql, self.thresholds, self.policy, self.capped))
        return hashlib.sha256(seed.encode()).hexdigest()[:12]


def read(path: Path, overrides: Mapping[str, Any] | None = None) -> Check:
    """The check in this file, its header's thresholds followed by those of config.toml.

    Raises ConfigError naming the file and the key.
    """
    header, sql = split(path.read_text(encoding="utf-8"))
    try:
        data = _parsed(header)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: its header is not TOML: {error}") from error
    if odd := sorted(set(data) - _KNOWN):
        raise ConfigError(f"{path.name}: unknown header key {odd[0]!r}; known: {', '.join(sorted(_KNOWN))}")
    if missing := [key for key in _REQUIRED if key not in data]:
        raise ConfigError(f"{path.name}: the header lacks {missing[0]!r}")
    if data["direction"] not in ("above", "below"):
        raise ConfigError(f"{path.name}: direction must be 'above' or 'below' (which side is bad)")
    fraction = float(data.get("clear_fraction", 0.2))
    rows = [*data.get("threshold", []), *(overrides or {}).get("threshold", [])]
    return Check(
        name=path.stem,
        title=data["title"],
        why=data["why"],
        unit=data["unit"],
        above_is_bad=data["direction"] == "above",
        formula=data["formula"],
        references=tuple(data["references"]),
        policy=_policy(data),
        thresholds=tuple(_threshold(row, fraction, data["direction"] == "above", path.name) for row in rows),
        sql=sql,
        clear_fraction=fraction,
        capped=data.get("cap") == "warning",
        route=data.get("route", "mail"),
        decimals=int(data.get("decimals", 2)),
        headline=data.get("headline", ""),
        needs=dict(data.get("needs", {})),
        sources=tuple(data.get("sources", ())),
        worked=data.get("worked", ""),
        reach=int(data["reach"]) if "reach" in data else None,
        looks_farther=tuple(data.get("looks_farther", ())),
        stands_on=tuple(data.get("stands_on", ())),
    )


@lru_cache(maxsize=256)
def _parsed(header: str) -> Mapping[str, Any]:
    return tomllib.loads(header)


def split(text: str) -> tuple[str, str]:
    lines = text.splitlines()
    end = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    header = "\n".join(line[2:].removeprefix(" ") for line in lines[:end])
    return header, "\n".join(lines[end:]).strip()


def _policy(data: Mapping[str, Any]) -> Policy:
    n, m = _of(data.get("enter", "2/2"))
    critical_n, critical_m = _of(data.get("enter_critical", data.get("enter", "1/1")))
    return Policy(
        enter_n=n,
        enter_m=m,
        leave=int(data.get("leave", 3)),
        critical_n=critical_n,
        critical_m=critical_m,
        late_arrival_recovers=bool(data.get("late_arrival_recovers", False)),
    )


def policy(before: Policy, keys: Mapping[str, str]) -> Policy:
    """The policy with `enter`, `enter_critical` (n/m) and `leave` changed. Raises ValueError for what is no number."""
    n, m = _of(keys["enter"]) if "enter" in keys else (before.enter_n, before.enter_m)
    critical = keys.get("enter_critical", keys.get("enter"))
    critical_n, critical_m = _of(critical) if critical else (before.critical_n, before.critical_m)
    leave = int(keys.get("leave", before.leave))
    if not (0 < n <= m and 0 < critical_n <= critical_m and leave > 0):
        raise ValueError("enter needs 0 < n <= m, leave at least 1")
    return replace(before, enter_n=n, enter_m=m, critical_n=critical_n, critical_m=critical_m, leave=leave)


def moved(check: Check, row: Threshold, levels: Mapping[str, float]) -> Threshold:
    """One threshold of a check with warn, critical or clear changed; clear follows the others as in a header."""
    if not levels:
        return row
    kept = {"warn": row.warn, "critical": row.critical, **levels}
    again = _threshold({**kept}, check.clear_fraction, check.above_is_bad, check.name)
    return replace(row, warn=again.warn, critical=again.critical, clear=again.clear)


def _of(text: str) -> tuple[int, int]:
    n, _, m = text.partition("/")
    return int(n), int(m)


def _threshold(row: Mapping[str, Any], fraction: float, above_is_bad: bool, name: str) -> Threshold:
    try:
        warn, critical = float(row["warn"]), row.get("critical")
        distance = abs(float(critical) - warn) if critical is not None else abs(warn)
        towards_normal = -1 if above_is_bad else 1
        return Threshold(
            metals=tuple(row.get("metals", ("",))),
            venues=tuple(row.get("venues", ("",))),
            warn=warn,
            critical=None if critical is None else float(critical),
            clear=float(row.get("clear", warn + towards_normal * fraction * distance)),
            valid_from=row.get("valid_from", EVER),
            from_t=int(row.get("from_t", -100_000)),
            to_t=int(row.get("to_t", 100_000)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{name}: a threshold is wrong: {error}") from error


def expand(check: Check) -> list[dict[str, object]]:
    """Rows of the `thresholds` table: one per venue, metal, span of T and validity, later entries winning.

    An entry with the same venue, metal and T span as an earlier one replaces it from its valid_from on.
    """
    spans: dict[tuple[str, str, int, int], list[Threshold]] = {}
    for entry in check.thresholds:
        for venue in entry.venues:
            for metal in entry.metals:
                key = (venue, metal, entry.from_t, entry.to_t)
                kept = [old for old in spans.get(key, []) if old.valid_from < entry.valid_from]
                spans[key] = [*kept, entry]
    rows: list[dict[str, object]] = []
    for (venue, metal, from_t, to_t), entries in spans.items():
        ends = [*(entry.valid_from for entry in entries[1:]), NEVER]
        for entry, end in zip(entries, ends, strict=True):
            rows.append(
                {
                    "check_name": check.name, "venue": venue, "metal": metal, "valid_from": entry.valid_from,
                    "valid_to": end, "from_t": from_t, "to_t": to_t, "warn": entry.warn,
                    "critical": entry.critical, "clear": entry.clear,
                }
            )  # fmt: skip
    return rows
