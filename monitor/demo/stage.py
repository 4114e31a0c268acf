"""Where the demo plays: a home of its own, and the bundled files that reach its inbox as time goes on."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from monitor import house
from monitor.clock import parse_moment
from monitor.config import Folders
from monitor.errors import BullionError, Busy

BUNDLED: Final = Path(__file__).resolve().parent
FIGURES: Final = BUNDLED / "figures.csv"
MARKER: Final = "made-by-bullion-demo"
"""A file of this name says that the demo made the folder and may clear it."""
_WHOLE_AFTER: Final = timedelta(seconds=60)
"""How long the inbox leaves a new file alone."""


def home(keep: str | None) -> Path:
    """An empty folder: `keep`, cleared if an earlier demo made it, else a new temporary one.

    Raises BullionError for a folder that holds anything else, Busy where a process still owns the home.
    """
    if keep is None:
        folder = Path(tempfile.mkdtemp(prefix="bullion-demo-"))
    else:
        folder = Path(keep).expanduser().resolve()
        _clear(folder)
    (folder / MARKER).write_text("`bullion demo --keep` clears this folder when it runs again.\n", encoding="utf-8")
    return folder


def _clear(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise BullionError(f"{folder} is no folder: name another one with --keep")
    folder.mkdir(parents=True, exist_ok=True)
    inside = list(folder.iterdir())
    if inside and not (folder / MARKER).is_file():
        raise BullionError(f"{folder} holds files that the demo did not make: name an empty or new folder with --keep")
    if owner := house.owner(Folders(folder).lock):
        raise Busy(f"{folder} is in use by {owner}")
    for path in inside:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


class Post:
    """Brings the bundled files to an inbox, each once, dated as of its publication."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox
        self._waiting = arrivals()

    def bring(self, now: datetime) -> None:
        """Every file that had arrived, and was whole, by `now`."""
        while self._waiting and self._waiting[0][0] + _WHOLE_AFTER <= now:
            at, name = self._waiting.pop(0)
            target = self._inbox / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(BUNDLED / "files" / name, target)
            os.utime(target, (at.timestamp(), at.timestamp()))


def arrivals() -> list[tuple[datetime, str]]:
    """(moment, path under `files/`) of every bundled file, in order of arrival."""
    with (BUNDLED / "arrivals.csv").open(encoding="utf-8", newline="") as file:
        return sorted((parse_moment(row["arrives_at"]), row["file"]) for row in csv.DictReader(file))
