"""`bullion export DIR`: every view as Parquet with a data dictionary, from the newest published generation."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from pathlib import Path

from monitor import export, places, published
from monitor.clock import naive, parse_moment, stamp
from monitor.dictionary import OF_NOW
from monitor.errors import BullionError


def run(args: argparse.Namespace) -> int:
    """Print a line for each view as it is written."""
    folders = places.Folders(places.home_of(args.config, args.home))
    as_of, known_at = _moment(args)
    with published.Reader(published.newest(folders.published)) as reader, reader.cursor() as cur:
        for name, value in (("as_of", as_of), ("known_at", known_at and naive(known_at)), ("basis", args.basis)):
            if value is not None:
                cur.execute(f"set variable {name} = $value", {"value": value})
        said = {
            "as_of": as_of.isoformat() if as_of else None,
            "known_at": stamp(known_at) if known_at else None,
            "basis": args.basis,
        }
        total = 0
        for view, rows in export.export(cur, Path(args.folder), args.view, said):
            print(f"{rows:>10,}  {view}")
            total += 1
    print(f"{total} views and their dictionary are in {args.folder}", file=sys.stderr)
    if as_of or known_at:
        print(f"left out, because no moment moves them: {', '.join(OF_NOW)}", file=sys.stderr)
    return 0


def _moment(args: argparse.Namespace) -> tuple[date | None, datetime | None]:
    try:
        return (
            date.fromisoformat(args.as_of) if args.as_of else None,
            parse_moment(args.known_at) if args.known_at else None,
        )
    except ValueError as error:
        raise BullionError(f"not a moment: {error}") from error
