"""The files that are measured: the captured ones where they are beside the project, else as many made-up ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from tests.captures import CAPTURES
from tests.factories import comex

NOW: Final = datetime(2026, 4, 1, 12, tzinfo=UTC)
_STOCKS: Final = 213
_VOLUMES: Final = 138
File = tuple[str, bytes]
"""Path inside an inbox, content."""


def twelve_vaults(shift: float = 0.0) -> dict[str, comex.Vault]:
    """Twelve made-up depositories of silver, as many as the real report has and like them without pledged metal.

    `shift` makes another day's numbers.
    """
    return {
        f"MADE-UP VAULT {number:02} LLC": comex.Vault(
            comex.Stock(9_000_000.125 + 1_000 * number + shift, 600_000.5, 12_345.678, -250_000.25),
            comex.Stock(20_000_000.5 + 5_000 * number - shift, 1_234.567, 480_000.125, 250_000.25),
        )
        for number in range(1, 13)
    }


def made_workbook(day: date = date(2026, 2, 9)) -> bytes:
    """A made-up silver report of twelve depositories, with the real one's forms of number, fonts and formats."""
    vaults = twelve_vaults(day.toordinal() % 997)
    return comex.silver_stocks_xls(day, day + timedelta(days=1), vaults, knobs=comex.Knobs(dressed=True))


def captured_workbook() -> bytes | None:
    """The captured silver report of 9 February 2026, None where there are no captures."""
    path = CAPTURES / "comex" / "stocks" / "2026-02-10_Silver_stocks.xls"
    return path.read_bytes() if path.is_file() else None


def season(most: int | None = None) -> tuple[str, list[File]]:
    """(`captured` or `made-up`, files): every COMEX stock report and volume payload, or `most` of them, mixed."""
    folders = [CAPTURES / "comex" / name for name in ("stocks", "volume_oi_json")]
    if CAPTURES.is_dir():
        paths = sorted(path for folder in folders for path in folder.iterdir())
        kind, files = "captured", [(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in paths]
    else:
        kind, files = "made-up", _made_season()
    return kind, files[:: max(1, len(files) // most)] if most else files


def _made_season() -> list[File]:
    days = [date(2025, 6, 2) + timedelta(days=n) for n in range(420)]
    days = [day for day in days if day.weekday() < 5 and day < NOW.date() - timedelta(days=2)]
    stocks = [(f"stocks/{day}_Silver_stocks.xls", made_workbook(day)) for day in days[:_STOCKS]]
    volumes = [(f"volume/silver_{day}.json", _volumes(day)) for day in days[:_VOLUMES]]
    return stocks + volumes


def _volumes(day: date) -> bytes:
    first = date(day.year, day.month, 1)
    months = {
        date(first.year + (first.month + n) // 12, (first.month + n) % 12 + 1, 1): comex.Month(
            70_000 // (n + 1) + day.toordinal() % 97, 1_000 * (24 - n), -n
        )
        for n in range(24)
    }
    return comex.volume_json(months, day, updated=datetime(day.year, day.month, day.day, 22, tzinfo=UTC))
