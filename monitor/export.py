"""Every published view as Parquet, with a data dictionary: what other tools read without DuckDB.

    DIR/<view>/<view>.parquet   columns as in the view; HUGEINT as BIGINT, moments in UTC without a zone
    DIR/dictionary.csv          view, column, type, unit, meaning
    DIR/dictionary.md           the same for a person
    DIR/export.json             which generation, as known when, rows of each view

A whole export takes the place of the one before: DIR never holds views of two generations.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from monitor import dictionary, tabular
from monitor.clock import stamp
from monitor.dictionary import View
from monitor.errors import BullionError

if TYPE_CHECKING:
    import duckdb

ABOUT: Final = "export.json"
_PAGES: Final = ("dictionary.csv", "dictionary.md")


def export(
    cur: duckdb.DuckDBPyConnection,
    folder: Path,
    names: Iterable[str] = (),
    moment: Mapping[str, str | None] | None = None,
) -> Generator[tuple[str, int], None, None]:
    """Write the views by these names (all without one) into `folder`; yields (view, rows) as each is done.

    `cur` carries the variables that say as known when; `moment` says the same for the record. What tells the state of
    its generation alone (`dictionary.OF_NOW`) is no part of an export of another moment.
    Raises BullionError for a view that is not, and for a folder that holds anything but an earlier export.
    """
    shown = _wanted(dictionary.views(cur.execute(dictionary.SQL).fetchall()), list(names))
    if moment and (moment.get("as_of") or moment.get("known_at")):
        shown = [view for view in shown if view.name not in dictionary.OF_NOW]
    folder = folder.resolve()
    _only_ours(folder)
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        rows = {}
        for view in shown:
            rows[view.name] = _write(cur, view, draft)
            yield view.name, rows[view.name]
        _describe(cur, draft, shown, rows, moment or {})
        _put(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _wanted(shown: Sequence[View], names: Sequence[str]) -> list[View]:
    known = {view.name: view for view in shown}
    if strange := sorted(set(names) - set(known)):
        raise BullionError(f"there is no view {strange[0]}; `bullion sql --list` names them")
    return [known[name] for name in known if name in names or not names]


def _write(cur: duckdb.DuckDBPyConnection, view: View, folder: Path) -> int:
    """One view's rows into a folder of its own; how many. A whole number beyond 64 bits is an error, never rounded."""
    (folder / view.name).mkdir()
    path = str(folder / view.name / f"{view.name}.parquet").replace("'", "''")
    wide = [f'cast("{f.name}" as bigint) as "{f.name}"' for f in view.fields if f.type == "HUGEINT"]
    chosen = f"* replace ({', '.join(wide)})" if wide else "*"
    cur.execute(f"copy (select {chosen} from \"{view.name}\") to '{path}' (format parquet)")  # noqa: S608
    return int((cur.fetchone() or (0,))[0])


def _describe(
    cur: duckdb.DuckDBPyConnection,
    folder: Path,
    shown: Sequence[View],
    rows: Mapping[str, int],
    moment: Mapping[str, str | None],
) -> None:
    table = dictionary.table(shown)
    (folder / "dictionary.csv").write_text(tabular.render(table, "csv"), encoding="utf-8", newline="")
    (folder / "dictionary.md").write_text("\n".join(_page(shown)), encoding="utf-8")
    number, published = cur.execute("select number, published_at from generation").fetchone() or (0, None)
    about = {
        "generation": number,
        "published_at": stamp(published) if isinstance(published, datetime) else None,
        **moment,
        "views": dict(rows),
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _page(shown: Iterable[View]) -> Iterator[str]:
    yield "# Data dictionary\n"
    yield "Moments are UTC. `unit` and `currency` as a unit mean the row's columns of those names. Figures are"
    yield "descriptive, not advice.\n"
    for view in shown:
        fields = dictionary.table([view])
        yield f"## {view.name}\n\n{view.meaning}\n"
        yield tabular.render(tabular.Result(fields.columns[1:], [row[1:] for row in fields.rows]), "markdown")


def _only_ours(folder: Path) -> None:
    """Raises BullionError where the folder holds what an export did not write: it is replaced as a whole."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BullionError(f"{folder} is no folder: name another one")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    if strange := sorted(found - _of_an_export(folder / ABOUT)):
        raise BullionError(f"{folder} holds {strange[0]}, which no export wrote: name an empty or new folder")


def _of_an_export(about: Path) -> set[str]:
    """Paths that the export described there wrote; none where there is no such file."""
    try:
        views = json.loads(about.read_text(encoding="utf-8"))["views"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {ABOUT, *_PAGES, *views, *(f"{name}/{name}.parquet" for name in views)}


def _put(draft: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
