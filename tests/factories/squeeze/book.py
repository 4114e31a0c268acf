"""A bundle in the making: files, when each arrives, and where every figure in them comes from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime


class Bundle:
    """The files by path, when each arrives, and the figures in them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.arrivals: list[tuple[datetime, str]] = []
        self.figures: list[tuple[str, ...]] = []
        self._path, self._day = "", date.min

    def put(self, path: str, body: bytes, day: date, at: datetime) -> None:
        """A file about `day` that reaches the inbox at `at`; what is said next is said of it."""
        self.files[f"files/{path}"] = body
        self.arrivals.append((at, path))
        self._path, self._day = path, day

    def say(self, what: str, value: object, unit: str, kind: str, source: str) -> None:
        """One figure of the file put last."""
        self.figures.append((self._path, f"{self._day}", what, str(value), unit, kind, source))


def table(block: str) -> Iterator[tuple[date, list[str]]]:
    """The lines of a block: the date they begin with, and the other words."""
    for line in block.strip().splitlines():
        day, *rest = line.split()
        yield date.fromisoformat(day), rest
