"""`bullion digest`: the memo of any day, as text, Markdown or HTML."""

from __future__ import annotations

import argparse
import socket
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from alerts import digest
from alerts.ledger import Ledger
from alerts.memo import Kind
from monitor import checks, config, memos, published
from monitor.checks import Moment
from monitor.clock import parse_moment, read_clock
from monitor.errors import BullionError

_MOMENT = timedelta(microseconds=1)
_FORMS = {"text": digest.text, "html": digest.page, "md": digest.markdown}


def run(args: argparse.Namespace) -> int:
    """Prints the memo; exit 1 where a section or a check does not run."""
    settings = config.load(args.config)
    folders = config.Folders(config.home_of(args.config, args.home))
    known, broken = checks.discover({name: part.model_dump() for name, part in settings.checks.items()})
    kind: Kind = "weekly" if args.weekly else "daily"
    now, since = _moments(args, kind)
    desk = memos.Desk() if args.as_of or args.known_at else _desk(folders.ledger, now.known_at)
    with published.Reader(published.newest(folders.published)) as reader:
        memo = memos.gather(reader, known, now, since, kind=kind, desk=desk, troubles=broken.values())
    print(_FORMS[args.format](memo, socket.gethostname() or "bullion"), end="")
    return 1 if memo.broken or any(section.trouble for section in memo.sections) else 0


def _moments(args: argparse.Namespace, kind: Kind) -> tuple[Moment, Moment]:
    """The memo's moment and the one it is told against. A day alone: what was known when it ended, UTC."""
    try:
        day = date.fromisoformat(args.as_of) if args.as_of else None
        given = parse_moment(args.known_at) if args.known_at else None
        since = parse_moment(args.since) if args.since else None
    except ValueError as error:
        raise BullionError(f"not a moment: {error}") from error
    at = given or (_end(day) if day else read_clock())
    last = since or (memos.before(at, kind) if given or not day else _end(memos.before(at - _MOMENT, kind).date()))
    if last >= at:
        raise BullionError(f"--since {last:%Y-%m-%dT%H:%M} is not before {at:%Y-%m-%dT%H:%M}")
    return Moment(at, args.basis, day), Moment(last, args.basis)


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _desk(ledger: Path, at: datetime) -> memos.Desk:
    """Acknowledgements and silences as they are now; of no use for a memo of the past."""
    if not ledger.exists():
        return memos.Desk()
    with Ledger(ledger, guest=True) as book:
        return memos.Desk.of(book, at)
