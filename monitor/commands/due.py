"""`bullion due`: what a person has to save now, from where, since when, and which readings wait for it."""

from __future__ import annotations

import argparse
import json
import textwrap
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor import config, published
from monitor.chores import Chore, Desk, by_page, gather
from monitor.clock import aware, naive, read_clock, stamp
from monitor.declared import is_awaited
from monitor.errors import BullionError
from monitor.sources.registry import discover

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    """Print what is due by hand, most urgent first; 0 whatever is due."""
    settings = config.load(args.config)
    folders = config.Folders(config.home_of(args.config, args.home))
    now = read_clock()
    desk = look(folders, now)
    if args.json:
        print(json.dumps(as_json(desk, now), indent=2, default=str, ensure_ascii=False))
        return 0
    print(text(desk, now, " or ".join([str(folders.inbox), *settings.inbox.watch])), end="")
    return 0


def look(folders: config.Folders, now: datetime) -> Desk:
    """What the newest generation says is due by hand; before the first one, nothing was ever loaded.

    Raises BullionError where the generation was published by an older version.
    """
    sources, _ = discover()
    if not (folders.published / published.LINK).exists():
        return Desk(never_loaded=[name for name, source in sources.items() if is_awaited(source)])
    path = published.newest(folders.published)
    with published.Reader(path) as reader, reader.cursor() as cur:
        cur.execute("set variable now = ?::timestamp", [naive(now)])
        return gather(sources, lambda question: _rows(cur, question, path))


def _rows(cur: duckdb.DuckDBPyConnection, question: str, path: Path) -> list[Row]:
    """The rows of a question. Raises BullionError where the generation is older than the views it names."""
    import duckdb

    try:
        result = cur.execute(question)
    except duckdb.CatalogException as error:
        raise BullionError(
            f"{path.name} was published by an older version: load a file, or start the daemon anew"
        ) from error
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


# --- as a person reads it ----------------------------------------------------------------


def text(desk: Desk, now: datetime, inbox: str) -> str:
    """The chores by page; `inbox` says where to save them."""
    lines = []
    if desk.chores:
        waiting = {(row["check_name"], row["subject"]) for chore in desk.chores for row in chore.waiting}
        lines += [f"{_many(len(desk.chores), 'report')} due by hand, {_many(len(waiting), 'reading')} waiting", ""]
        for page, chores in by_page(desk.chores).items():
            lines += [page or "no page is known", *(line for chore in chores for line in _chore(chore, now)), ""]
        lines.append(f"save into {inbox}")
    else:
        lines.append("nothing is due by hand" + (f"; next: {_next(desk)}" if desk.next else ""))
    if desk.no_hurry:
        held = ", ".join(f"{name} (last {session})" for name, session in desk.no_hurry.items())
        lines.append(_wrapped(f"never late, save them when you like: {held}"))
    if desk.never_loaded:
        names = ", ".join(desk.never_loaded)
        lines.append(_wrapped(f"never loaded: {names}; `bullion sources NAME` says where to save it"))
    return "\n".join(lines) + "\n"


def _chore(chore: Chore, now: datetime) -> list[str]:
    row = chore.row
    blocked = " (the site refuses the daemon)" if row["is_blocked"] else ""
    facts = [("due", f"session {row['session']}, since {_age(row['due_at'], now)}{_missed(chore, now)}")]
    if row["missing"]:
        facts.append(("missing", ", ".join(row["missing"])))
    if row["preliminary"]:
        facts.append(("final", f"held in a preliminary version only: {', '.join(row['preliminary'])}"))
    facts += [("save", f"{url}  {about}".strip()) for url, about in chore.links() if url != row["page"]]
    if chore.source.needs_hint:
        facts.append(("name", "each file so that it says its product, for the content does not"))
    facts += [("waits", _waiting(one)) for one in chore.waiting]
    lines = [f"  {row['source']}: {row['title']}{blocked}"]
    for number, (label, text) in enumerate(facts):
        repeated = number > 0 and facts[number - 1][0] == label
        lines.append(f"    {'' if repeated else label:<8} {text}")
    return lines


def _missed(chore: Chore, now: datetime) -> str:
    row = chore.row
    more, lost = row["sessions_to_save"] - 1, row["missed_sessions"] - row["sessions_to_save"]
    said = f"; {more} earlier missed, the oldest {row['first_missing_session']}" if more else ""
    if more:
        said += f" since {_age(row['due_since'], now)}"
    if lost and chore.source.backlog is None:
        said += f"; {lost} earlier missed and overwritten since"
    elif lost:
        said += f"; {lost} earlier missed"
    return said


def _waiting(row: Row) -> str:
    last = f"last {row['observed_verdict']}, {row['observed_session']}" if row["observed_session"] else "never read"
    if row["verdict"] == "nodata":
        last = f"unknown on {row['session']}, {last}"
    alert = f"open {row['open_alert']}; " if row["open_alert"] else ""
    return f"{row['title']}: {row['subject']} ({alert}{last})"


def _next(desk: Desk) -> str:
    name, at = desk.next or ("", None)
    return f"{name} at {at:%Y-%m-%d %H:%M} UTC"


def _age(moment: datetime, now: datetime) -> str:
    minutes = int((now - aware(moment)).total_seconds() // 60)
    hours = minutes // 60
    if not hours:
        return f"{minutes} min"
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 110, subsequent_indent="  ", break_on_hyphens=False)


# --- as a program reads it ---------------------------------------------------------------


def as_json(desk: Desk, now: datetime) -> Row:
    """The same, whole, with every link and reading."""
    return {
        "now": stamp(now),
        "due": [
            _moments(chore.row)
            | {
                "age_hours": round((now - aware(chore.row["due_at"])).total_seconds() / 3600, 1),
                "links": [{"url": url, "about": about} for url, about in chore.links()],
                "waiting": [{name: cell for name, cell in one.items() if name != "source"} for one in chore.waiting],
            }
            for chore in desk.chores
        ],
        "next": {"source": desk.next[0], "due_at": stamp(aware(desk.next[1]))} if desk.next else None,
        "no_hurry": desk.no_hurry,
        "never_loaded": desk.never_loaded,
    }


def _moments(row: Row) -> Row:
    return {name: stamp(aware(cell)) if isinstance(cell, datetime) else cell for name, cell in row.items()}
