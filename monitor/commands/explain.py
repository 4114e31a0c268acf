"""`bullion explain`: one figure taken apart, down to the archived files it was read from."""

from __future__ import annotations

import argparse
import json
from datetime import date, datetime

from monitor import apart, checks, config, explain, published
from monitor.archive import Archive
from monitor.clock import parse_moment, read_clock, stamp
from monitor.errors import BullionError


def run(args: argparse.Namespace) -> int:
    """Print the explanation; exit 1 where there is no such check or reading, or its arithmetic does not hold."""
    settings = config.load(args.config)
    found, broken = checks.discover({name: part.model_dump() for name, part in settings.checks.items()})
    known = {**explain.readings(), **found}
    if args.name not in known:
        raise BullionError(broken.get(args.name) or f"there is no {args.name} to explain; known: {', '.join(known)}")
    folders = config.Folders(config.home_of(args.config, args.home))
    when = explain.moment(_day(args.as_of), _moment(args.known_at), args.basis, read_clock())
    with published.Reader(published.newest(folders.published)) as reader:
        told = explain.explain(reader, known[args.name], " ".join(args.subject), when, Archive(folders.archive))
    if args.json:
        print(json.dumps(apart.as_json(told), indent=2, default=_text, ensure_ascii=False))
    else:
        print(apart.text(told), end="")
    return 0 if told.holds else 1


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BullionError(f"not a date: {error}") from error


def _moment(text: str | None) -> datetime | None:
    try:
        return parse_moment(text) if text else None
    except ValueError as error:
        raise BullionError(f"not a moment: {error}") from error


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else str(value)
