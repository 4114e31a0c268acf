"""What can be claimed: a metric's SQL file (a TOML header in `-- ` lines over one select), and the claims on file."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from monitor import sqlfiles
from monitor.units import METALS

_TABLE: Final = Path(__file__).parent / "tables" / "claims.csv"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure claims are about, and the SQL that reproduces it, session by session and by definition."""

    name: str
    title: str
    words: tuple[str, ...]
    definitions: tuple[str, ...]
    """Those that are meant by its name; other definitions the SQL returns are near misses."""
    unit: str
    calendar: str
    by_publication: bool
    """True where a figure "of" a day may be the newest published on it; False where it is that session's."""
    ceiling: str
    """Column of ounces that no such figure can exceed; '' where there is none."""
    signed: bool
    """Whether it can be below zero."""
    span: bool
    """Whether it is told between two dates."""
    metals: tuple[str, ...]
    sql: str
    near: int = 60
    """How many days from its date a figure is looked for: farther away a match says little."""
    fresh: int = 7
    """How many days old the newest figure of a day may be."""
    is_share: bool = False
    """A share of a whole: never below 0 or above 100 percent."""


@lru_cache(maxsize=1)
def metrics() -> dict[str, Metric]:
    """Every metric of sql/claims, by name."""
    found = {}
    for path in sqlfiles.folder("claims"):
        lines = path.read_text(encoding="utf-8").splitlines()
        head = tomllib.loads("\n".join(line[3:] for line in lines if line.startswith("-- ")))
        sql = "\n".join(line for line in lines if not line.startswith("--"))
        for name, part in head["metric"].items():
            found[name] = Metric(
                name, head["title"], tuple(part["words"]), tuple(part["definitions"]),
                part.get("unit", head["unit"]), head["calendar"], head["dated"] == "published",
                head.get("ceiling", ""), part.get("signed", False), part.get("span", False),
                tuple(head.get("metals", METALS)), sql, head.get("near", 60), head.get("fresh", 7),
                part.get("share", False),
            )  # fmt: skip
    return found


def words() -> dict[str, str]:
    """Phrase -> metric."""
    return {phrase: metric.name for metric in metrics().values() for phrase in metric.words}


def listed() -> list[dict[str, str]]:
    """The claims on file with their verdicts; `ask` is the claim in words where a report can tell."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
