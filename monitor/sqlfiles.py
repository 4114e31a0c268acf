"""Where the SQL files lie: beside the checkout, or inside the installed package."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path


@lru_cache(maxsize=1)
def root() -> Path:
    """The folder holding schema, views, checks and queries."""
    packed = Path(str(files("monitor").joinpath("_sql")))
    return packed if packed.is_dir() else Path(__file__).resolve().parents[1] / "sql"


def folder(name: str) -> tuple[Path, ...]:
    """The `.sql` files of one folder (`schema`, `views`, `checks`, `queries`) in name order."""
    return tuple(sorted((root() / name).glob("*.sql")))
