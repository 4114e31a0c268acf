"""Reading what is published: where the newest generation is, and a read-only connection to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol

from monitor.errors import BullionError

if TYPE_CHECKING:
    import duckdb

LINK: Final = "market.duckdb"
"""The stable name in `home/published`."""


class Readable(Protocol):
    """The live store or a published generation: anything with cursors."""

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A cursor of its own for one unit of work."""


def newest(folder: Path) -> Path:
    """The generation the stable link points at.

    Raises BullionError before the first one.
    """
    link = folder / LINK
    if not link.exists():
        raise BullionError(f"nothing is published in {folder} yet: run `bullion load FILES` or `bullion run`")
    return link.resolve()


class Reader:
    """One generation, open read-only: what the checks can run on beside a daemon."""

    def __init__(self, path: Path) -> None:
        import duckdb

        self._con = duckdb.connect(str(path), read_only=True)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._con.close()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own for one unit of work; closed afterwards."""
        cur = self._con.cursor()
        try:
            cur.execute("SET TimeZone='UTC'")
            yield cur
        finally:
            cur.close()
