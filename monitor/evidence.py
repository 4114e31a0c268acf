"""Where a figure comes from: the legs of a row, each with its session, published moment and archived file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import duckdb

from alerts.textual import cell, label
from monitor.archive import Archive
from monitor.clock import aware
from monitor.errors import Unreadable

_MARKS: Final = ("_session", "_published_at", "_sha256")


@dataclass(frozen=True, slots=True)
class File:
    """One archived file: what it was called, where its bytes lie, where they came from."""

    sha256: str
    source: str
    name: str
    path: str
    page: str
    """Where a person finds such a report."""
    url: str = ""
    """Where these bytes were fetched; '' where a person saved them."""
    trouble: str = ""
    """Why the bytes cannot be shown as evidence; '' where they hash to their name."""


@dataclass(frozen=True, slots=True)
class Leg:
    """Figures that stand in one report: `figures` by column, its session, published moment (UTC) and file."""

    name: str
    figures: Mapping[str, Any]
    session: date | None
    published_at: datetime | None
    file: File | None


Find = Callable[[str], File | None]


def legs(row: Mapping[str, Any], find: Find) -> tuple[tuple[Leg, ...], dict[str, Any]]:
    """(legs, what belongs to none). `x_session`, `x_published_at` and `x_sha256` make a leg `x`, to which the
    columns `x` and `x_...` belong; of several legs, the one with the longest name.
    """
    names: dict[str, None] = {}
    for column in row:
        for mark in _MARKS:
            if column.endswith(mark) and len(column) > len(mark):
                names.setdefault(column.removesuffix(mark))
    figures: dict[str, dict[str, Any]] = {name: {} for name in names}
    rest: dict[str, Any] = {}
    for column, value in row.items():
        if not column.endswith(_MARKS):
            owner = max((n for n in names if column == n or column.startswith(f"{n}_")), key=len, default="")
            (figures[owner] if owner else rest)[column] = value
    return tuple(_leg(name, figures[name], row, find) for name in names), rest


def _leg(name: str, figures: Mapping[str, Any], row: Mapping[str, Any], find: Find) -> Leg:
    published = row.get(f"{name}_published_at")
    sha = row.get(f"{name}_sha256")
    return Leg(
        name=name,
        figures=figures,
        session=row.get(f"{name}_session"),
        published_at=None if published is None else aware(published),
        file=find(sha) if sha else None,
    )


def finder(cur: duckdb.DuckDBPyConnection, archive: Archive) -> Find:
    """Looks files up in the books of a generation, and their bytes in its archive."""

    def find(sha: str) -> File | None:
        row = cur.execute(
            "select l.source, l.name, coalesce(s.page, '') from loads l left join sources s on s.source = l.source "
            "where l.raw_sha256 = ? order by l.outcome = 'loaded' desc, l.loaded_at, l.hint limit 1",
            [sha],
        ).fetchone()
        source, name, page = row or ("", "", "")
        url, trouble = _opened(archive, sha)
        return File(sha, source, name, str(archive.path(sha)), page, url, trouble)

    return find


def _opened(archive: Archive, sha: str) -> tuple[str, str]:
    try:
        return archive.read(sha).url or "", ""
    except Unreadable as error:
        return "", str(error)


def lines(found: Iterable[Leg]) -> list[str]:
    """The legs as a person reads them."""
    said: list[str] = []
    for leg in found:
        dated = [f"session {leg.session}" if leg.session else "", _published(leg.published_at)]
        said.append(f"  {leg.name.replace('_', ' ')}: {', '.join(part for part in dated if part) or 'not held'}")
        said += [f"    {figure(name, value)}" for name, value in leg.figures.items() if value is not None]
        said += [f"    {line}" for line in file_lines(leg.file)]
    return said


def figure(name: str, value: Any) -> str:
    """`registered 102,257,123.4 oz (102.257 Moz)`."""
    words, unit = label(name)
    text = f"{words} {cell(value)} {unit}".rstrip()
    return f"{text} ({value / 1e6:,.3f} Moz)" if unit == "oz" and isinstance(value, float) and value >= 1e6 else text


def file_lines(file: File | None) -> list[str]:
    """What it is called, its path in the archive, its hash, and where it came from."""
    if file is None:
        return []
    said = [f"file   {file.source}: {file.name}", f"path   {file.path}", f"sha256 {file.sha256}"]
    if file.url or file.page:
        said.append(f"from   {file.url or file.page}")
    if file.trouble:
        said.append(f"DOUBT  {file.trouble}")
    return said


def _published(moment: datetime | None) -> str:
    return "" if moment is None else f"published {cell(moment)}"


def as_json(leg: Leg) -> dict[str, Any]:
    """The same for a program."""
    file = leg.file
    return {
        "leg": leg.name,
        "figures": dict(leg.figures),
        "session": leg.session,
        "published_at": leg.published_at,
        "file": None if file is None else {name: getattr(file, name) for name in File.__slots__},
    }
