"""`bullion alerts`: what is open, who acknowledged or silenced it, what was told; and a mail to try the way out."""

from __future__ import annotations

import argparse
import getpass
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from alerts import listing
from alerts.ledger import Ledger
from monitor import config
from monitor.clock import parse_moment, read_clock, stamp
from monitor.errors import BullionError, ConfigError

_LENGTH: Final = re.compile(r"(\d{1,4})([mhd])")
_UNIT: Final = {"m": "minutes", "h": "hours", "d": "days"}
Row = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    """One action; 1 where it finds nothing to act on. Acts on the ledger itself, whether a daemon runs or not."""
    now = read_clock()
    if args.action == "test":
        from monitor.commands import alerts_test

        return alerts_test.run(args, now)
    folders = config.Folders(config.home_of(args.config, args.home))
    with _ledger(folders.ledger) as ledger:
        return int(_ACTIONS[args.action or "list"](ledger, args, now))


@contextmanager
def _ledger(path: Path) -> Iterator[Ledger]:
    if not path.exists():
        raise BullionError(f"nothing was ever told in {path.parent}: load a file or start the daemon first")
    try:
        with Ledger(path, guest=True) as ledger:
            yield ledger
    except LookupError as error:
        raise BullionError(str(error.args[0])) from None


def _list(ledger: Ledger, args: argparse.Namespace, now: datetime) -> int:
    rows, quiet = listing.open_alerts(ledger, now), listing.silences(ledger, now)
    if getattr(args, "json", False):
        return _as_json({"now": stamp(now), "open": rows, "silences": quiet})
    if not rows:
        print("nothing is open")
    _table(rows, ("severity", "name", "check", "subject", "opened", "told_at", "acked_by", "silenced_by", "mutes"))
    for silence in quiet:
        words = ", ".join(f"{name} {value}" for name, value in silence["matches"].items())
        when = f"until {silence['ends']}" if silence["in_force"] else f"from {silence['starts']} to {silence['ends']}"
        print(f"silence {silence['silence']}: {words}, {when}, by {silence['author']}: {silence['reason']}")
    return 0


def _show(ledger: Ledger, args: argparse.Namespace, _: datetime) -> int:
    check, subject = _named(args)
    story = listing.one_story(ledger, check, subject)
    if story is None:
        raise BullionError(f"nothing was ever told of {check} for {subject}; `bullion alerts list` names what is open")
    if args.json:
        return _as_json(story)
    since = f", {story['severity']} since session {story['opened']}" if story["state"] == "open" else ""
    print(f"{story['name']}: {check} is {story['state']}{since}")
    if story["acked_by"]:
        print(f"acknowledged by {story['acked_by']} at {story['acked_at']}")
    _table(story["events"], ("at", "event", "severity", "opened", "session", "closed", "note"))
    return 0


def _ack(ledger: Ledger, args: argparse.Namespace, now: datetime) -> int:
    check, subject = _named(args)
    told = ledger.told().get((check, subject))
    if told is None or told.opened is None:
        raise LookupError(f"no open alert of {check} for {subject}; `bullion alerts list` names those there are")
    ledger.ack(check, subject, told.opened, _author(args), now)
    done = {"acked": {"check": check, "subject": subject, "opened": str(told.opened), "author": _author(args)}}
    return _done(args, done, f"acknowledged: {check} {subject}, open since {told.opened}; no reminders for 10 sessions")


def _silence(ledger: Ledger, args: argparse.Namespace, now: datetime) -> int:
    matcher = dict(_pair(text) for text in args.match)
    ends = _moment(args.until) if args.until else now + _length(args.length)
    try:
        number = ledger.silence(matcher, _author(args), args.reason, now, ends, now)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    done = {"silence": number, "matches": matcher, "ends": stamp(ends)}
    return _done(args, done, f"silence {number} until {stamp(ends)}; what it holds back and is still open is told then")


def _unsilence(ledger: Ledger, args: argparse.Namespace, now: datetime) -> int:
    ledger.unsilence(args.number, _author(args), now)
    return _done(args, {"unsilenced": args.number}, f"silence {args.number} is over")


def _history(ledger: Ledger, args: argparse.Namespace, _: datetime) -> int:
    rows = [row for row in ledger.told_events(args.check or "") if not args.since or row["at"] >= str(args.since)]
    if args.json:
        return _as_json(rows)
    if not rows:
        print("nothing was told")
    _table(rows, ("at", "event", "severity", "check", "subject", "opened", "closed", "note"))
    return 0


_ACTIONS: Final = {
    "list": _list, "show": _show, "ack": _ack, "silence": _silence, "unsilence": _unsilence, "history": _history,
}  # fmt: skip


def _named(args: argparse.Namespace) -> tuple[str, str]:
    return args.check, " ".join(args.subject)


def _author(args: argparse.Namespace) -> str:
    return str(args.author or getpass.getuser())


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--match {text!r}: write NAME=VALUE, e.g. metal=silver")
    return name.strip(), value.strip()


def _length(text: str) -> timedelta:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ConfigError(f"--for {text!r}: write a number and m, h or d, e.g. 12h")
    return timedelta(**{_UNIT[found[2]]: int(found[1])})


def _moment(text: str) -> datetime:
    try:
        return parse_moment(text).astimezone(UTC)
    except ValueError:
        raise ConfigError(f"--until {text!r} is no moment such as 2026-03-01T07:00") from None


def _done(args: argparse.Namespace, row: Row, words: str) -> int:
    if args.json:
        return _as_json(row)
    print(words)
    return 0


def _as_json(value: object) -> int:
    print(json.dumps(value, indent=2, ensure_ascii=False))
    return 0


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Columns that say something anywhere, aligned."""
    if not rows:
        return
    shown = [name for name in columns if any(row[name] for row in rows)]
    lines = [[name.replace("_", " ") for name in shown], *([_cell(row[name]) for name in shown] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(shown))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
