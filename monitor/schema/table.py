"""What a fact table is: columns with type, meaning and plausible range, and a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

STAMPS: Final = (
    ("source", "VARCHAR", "Name of the source that read the file."),
    ("raw_sha256", "VARCHAR", "SHA-256 of the archived file the row was read from."),
    ("loaded_at", "TIMESTAMP", "When Bullion loaded the file, UTC."),
)
"""Columns the store adds to every fact."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: DuckDB type, one-line meaning with unit, whether NULL is allowed, plausible range."""

    name: str
    type: str
    meaning: str
    null: bool = False
    low: float | None = None
    high: float | None = None
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One fact table. `key` excludes raw_sha256."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...] = field(repr=False)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def published() -> tuple[Column, ...]:
    return (
        Column("published_at", "TIMESTAMP", "When the publisher made it public, UTC."),
        Column("published_assumed", "BOOLEAN", "True where the file carries no hour and the usual one is assumed."),
    )


METALS: Final = ("silver", "gold", "platinum", "palladium", "copper")
UNITS: Final = ("troy_oz", "short_ton", "kg", "tonne", "lot", "gram", "pound")
