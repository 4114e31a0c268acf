"""Bullion: a physical-versus-paper metals monitor.

`monitor.query(sql, **params)`, `monitor.connect()`, `monitor.coverage("SI", month="2026-03")` and its siblings read the
newest published generation; `help(monitor.surface)` says what each returns. Nothing is imported before the first of
them is used.
"""

from typing import TYPE_CHECKING

__all__ = [
    "backwardation",
    "connect",
    "coverage",
    "curve",
    "deliveries",
    "open_interest",
    "premium",
    "query",
    "readings",
    "roll",
    "stocks",
    "warrants",
]

if TYPE_CHECKING:
    from monitor.surface import (
        backwardation,
        connect,
        coverage,
        curve,
        deliveries,
        open_interest,
        premium,
        query,
        readings,
        roll,
        stocks,
        warrants,
    )
else:

    def __getattr__(name: str) -> object:
        """PEP 562: the surface is imported when a name of it is first wanted."""
        if name not in __all__:
            raise AttributeError(f"module 'monitor' has no attribute {name!r}")
        from monitor import surface

        return getattr(surface, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
