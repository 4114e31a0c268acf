"""Read-only generations of the live file, which everyone but the writer reads.

A generation is a whole DuckDB file under a name never used before, mode 0444; `market.duckdb` is a symbolic
link to the newest. Readers of an older one keep it until they let go.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from monitor.clock import naive
from monitor.errors import BullionError
from monitor.published import LINK
from monitor.store import Store

KEEP: Final = 3


def number_of(path: Path) -> int:
    """`market-000012.duckdb` -> 12."""
    return int(path.stem.rpartition("-")[2])


def publish(store: Store, folder: Path, now: datetime) -> Path:
    """Checkpoint, copy by another process, make it durable, then swap the link.

    The copy is made by `cp` because a file opened by this process would lose DuckDB's lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = max((number_of(path) for path in _generations(folder)), default=0) + 1
    with store.transaction() as cur:
        cur.execute("delete from generation")
        cur.execute("insert into generation select ?, ?, (select max(loaded_at) from loads)", [number, naive(now)])
    store.checkpoint()
    target = folder / f"market-{number:06d}.duckdb"
    draft = folder / f".draft-{number:06d}"
    with _copying(store.path, draft):
        _make_room(folder)
    _sync(draft)
    draft.chmod(0o444)
    draft.rename(target)
    _swap(folder, target)
    _sync(folder)
    return target


def _make_room(folder: Path) -> None:
    """Delete all but the newest, never the one the link points at: after kills that may be an older one."""
    shown = (folder / LINK).resolve().name
    for old in sorted(_generations(folder), key=number_of)[: 1 - KEEP]:
        if old.name != shown:
            old.unlink()


def _generations(folder: Path) -> list[Path]:
    return [path for path in folder.glob("market-*.duckdb") if not path.is_symlink()]


@contextmanager
def _copying(source: Path, draft: Path) -> Iterator[None]:
    """The copy is whole when the block ends; deleting a generation takes long enough to be done meanwhile."""
    draft.unlink(missing_ok=True)
    command = ["/bin/cp", "--reflink=auto", "--", str(source), str(draft)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as copy:
        yield
        said = copy.communicate()[1].decode(errors="replace").strip()
    if copy.returncode:
        draft.unlink(missing_ok=True)
        raise BullionError(f"could not copy {source} for publication: {said}")


def _swap(folder: Path, target: Path) -> None:
    fresh = folder / ".link"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.name)
    fresh.replace(folder / LINK)


def _sync(path: Path) -> None:
    """A file's bytes, or a folder's names, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
