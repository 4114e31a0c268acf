"""`bullion check`: the checks over the published facts, as known now or at any moment."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime

from monitor import checks, config, published, tabular
from monitor.checkfile import Check
from monitor.clock import parse_moment, read_clock
from monitor.errors import BullionError
from monitor.model import Reading


def run(args: argparse.Namespace) -> int:
    """Prints the newest reading of each subject (or all with --all); exit 1 if a check does not run."""
    settings = config.load(args.config)
    known, broken = checks.discover({name: part.model_dump() for name, part in settings.checks.items()})
    if unknown := sorted(set(args.names) - set(known)):
        raise BullionError(f"there is no check {unknown[0]}; known: {', '.join(known)}")
    wanted = {name: check for name, check in known.items() if not args.names or name in args.names}
    with published.Reader(published.newest(config.home_of(args.config, args.home) / "published")) as reader:
        evaluation = checks.evaluate(reader, wanted.values(), _moment(args))
    readings = evaluation.readings if args.all else newest(evaluation.readings)
    print(_json(readings, known) if args.format == "json" else _table(readings, known), end="")
    troubles = {**broken, **evaluation.broken}
    for name, reason in troubles.items():
        print(f"{name} does not run: {reason}")
    return 1 if troubles else 0


def _moment(args: argparse.Namespace) -> checks.Moment:
    try:
        known_at = parse_moment(args.known_at) if args.known_at else read_clock()
        as_of = date.fromisoformat(args.as_of) if args.as_of else None
    except ValueError as error:
        raise BullionError(f"not a moment: {error}") from error
    return checks.Moment(known_at, args.basis, as_of)


def newest(readings: Iterable[Reading]) -> list[Reading]:
    """The last reading of each check and subject."""
    found: dict[tuple[str, str], Reading] = {}
    for reading in sorted(readings, key=lambda r: r.session):
        found[(reading.check, reading.subject)] = reading
    return [found[key] for key in sorted(found)]


def _table(readings: Iterable[Reading], known: Mapping[str, Check]) -> str:
    names = ("check", "subject", "session", "value", "unit", "verdict", "warn", "critical", "note")
    kinds = ("VARCHAR", "VARCHAR", "DATE", "DOUBLE", "VARCHAR", "VARCHAR", "DOUBLE", "DOUBLE", "VARCHAR")
    rows = [
        (
            r.check, r.subject, r.session.isoformat(), _round(r.value, known[r.check].decimals), known[r.check].unit,
            "unknown" if r.verdict == "nodata" else r.verdict.value, r.warn, r.critical, r.reason,
        )
        for r in readings
    ]  # fmt: skip
    columns = [tabular.Column(name, kind) for name, kind in zip(names, kinds, strict=True)]
    return "".join(tabular.pieces(columns, [rows], "table"))


def _round(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals + 1)


def _json(readings: Iterable[Reading], known: Mapping[str, Check]) -> str:
    rows = [{**asdict(r), "unit": known[r.check].unit, "inputs": dict(r.inputs)} for r in readings]
    return json.dumps(rows, indent=2, default=_text, ensure_ascii=False) + "\n"


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
