"""`bullion backtest`: what would have been mailed, from what was known at the time."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from alerts.channels import file
from monitor import backtest, checks, config, mailchart, marks, published, scoring, tabular
from monitor.backtest import Replayed, Told
from monitor.chart import Band, Line, Tick, chart
from monitor.checkfile import Check
from monitor.clock import stamp
from monitor.errors import BullionError
from monitor.model import Reading, Severity
from monitor.scoring import Happened
from monitor.sources import registry

_SHIPPED, _CHANGED = "shipped", "changed"
ADVICE: Final = "Figures are descriptive, not advice."


def run(args: argparse.Namespace) -> int:
    """Prints scores, episodes and mails; with --set a second column. Exit 1 if a check does not run."""
    if args.end < args.start:
        raise BullionError(f"--to {args.end} lies before --from {args.start}")
    settings = config.load(args.config)
    found, broken = checks.discover({name: part.model_dump() for name, part in settings.checks.items()})
    known = _wanted(found, args.check)
    happened = scoring.events(args.events) if args.events else []
    changed = scoring.changed(known, args.set)
    sources, _ = registry.discover()
    columns: dict[str, Replayed] = {}
    with published.Reader(published.newest(config.home_of(args.config, args.home) / "published")) as reader:
        for name, these in ((_SHIPPED, known), (_CHANGED, {**known, **changed} if changed else {})):
            if these:
                columns[name] = backtest.run(
                    reader, these, sources, args.start, args.end,
                    plain=args.plain, pictures=bool(args.mails), progress=_progress(name),
                )  # fmt: skip
        newest = list(columns.values())[-1]
        if args.mails:
            _write_mails(newest, Path(args.mails))
        if args.chart:
            Path(args.chart).write_text(_drawn(newest, args.subject, happened, reader), encoding="utf-8")
    _print(columns, happened, args)
    troubles = {**broken, **{name: why for one in columns.values() for name, why in one.broken.items()}}
    for name, why in troubles.items():
        print(f"{name} does not run: {why}", file=sys.stderr)
    return 1 if troubles else 0


def _wanted(found: Mapping[str, Check], names: Sequence[str]) -> dict[str, Check]:
    if unknown := sorted(set(names) - set(found)):
        raise BullionError(f"there is no check {unknown[0]}; known: {', '.join(found)}")
    return {name: check for name, check in found.items() if not names or name in names}


def _progress(name: str) -> Callable[[int, int, datetime], None]:
    def said(done: int, total: int, moment: datetime) -> None:
        is_seen = sys.stderr.isatty()
        if done == total or (done % 20 == 0 if is_seen else done * 20 // total > (done - 1) * 20 // total):
            end = "\r" if is_seen and done < total else "\n"
            print(f"{name}: {done} of {total} days, {moment:%Y-%m-%d}", end=end, file=sys.stderr, flush=True)

    return said


def _print(columns: Mapping[str, Replayed], happened: Sequence[Happened], args: argparse.Namespace) -> None:
    if args.json:
        said = {name: _as_json(one, happened) for name, one in columns.items()}
        print(json.dumps(said, indent=2, default=_text, ensure_ascii=False))
        return
    if args.calm:
        _table(*_calm(columns))
        return
    _table(*_scores(columns, happened))
    for name, one in columns.items():
        print(f"\nEpisodes, {name}:" if len(columns) > 1 else "\nEpisodes:")
        _table(*_episodes(one, happened))
        print(f"\nMails, {name}:" if len(columns) > 1 else "\nMails:")
        _table(("mailed", "subject"), [(f"{mail.at:%Y-%m-%d %H:%M} UTC", mail.notice.subject) for mail in one.mails])
    print(f"\nAs known on each day, one batch a day after its last publication. {ADVICE}")


def _scores(columns: Mapping[str, Replayed], happened: Sequence[Happened]) -> tuple[Sequence[str], list[Any]]:
    """Measures down, sets of levels across."""
    found = {name: {score.check: score for score in scoring.scores(one, happened)} for name, one in columns.items()}
    measures = (
        ("observed sessions", lambda s: s.sessions), ("beyond warn, %", lambda s: _percent(s.beyond_warn)),
        ("in an episode, %", lambda s: _percent(s.firing)), ("episodes", lambda s: s.episodes),
        ("of them retracted", lambda s: s.retracted), ("mails", lambda s: s.mails),
        ("mails a month", lambda s: round(s.mails_a_month, 2)), ("precision, %", lambda s: _percent(s.precision)),
        (f"of {len(happened)} events foretold", lambda s: s.caught),
    )[: None if happened else -2]  # fmt: skip
    rows = [
        (check, label, *(measure(scored[check]) if check in scored else None for scored in found.values()))
        for check in dict.fromkeys(check for scored in found.values() for check in scored)
        for label, measure in measures
    ]
    return ("check", "measure", *columns), rows


def _episodes(one: Replayed, happened: Sequence[Happened]) -> tuple[Sequence[str], list[Any]]:
    names = ("check", "subject", "opened", "severity", "closed", "sessions", "first_told", "mails", "ended", "events")
    return names, [
        (
            told.check, told.subject, told.opened, " > ".join(told.severities), told.closed, told.sessions,
            told.first_told.date(), len(told.mails), told.ended_as or "open",
            ", ".join(f"{event.label} +{days} d" for event, days in scoring.foretold(told, happened)),
        )
        for told in one.episodes
    ]  # fmt: skip


def _calm(columns: Mapping[str, Replayed]) -> tuple[Sequence[str], list[Any]]:
    rows = [
        (name, check, subject, sessions, _percent(beyond / sessions), _percent(critical / sessions))
        for name, one in columns.items()
        for check, subject, sessions, beyond, critical in backtest.calm(one)
    ]
    return ("levels", "check", "subject", "observed_sessions", "beyond_warn_pct", "beyond_critical_pct"), rows


def _table(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        print("none")
        return
    kinds = ["DOUBLE" if isinstance(cell, int | float) else "VARCHAR" for cell in rows[0]]
    columns = [tabular.Column(name, kind) for name, kind in zip(names, kinds, strict=True)]
    texts = [tuple(cell if isinstance(cell, int | float | None) else _text(cell) for cell in row) for row in rows]
    print("".join(tabular.pieces(columns, [texts], "table")), end="")


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _as_json(one: Replayed, happened: Sequence[Happened]) -> dict[str, Any]:
    return {
        "from": one.start,
        "to": one.end,
        "batches": one.batches,
        "scores": [asdict(score) for score in scoring.scores(one, happened)],
        "calm": [
            dict(zip(("check", "subject", "sessions", "beyond_warn", "beyond_critical"), row, strict=True))
            for row in backtest.calm(one)
        ],
        "episodes": [
            {**asdict(told), "events": [{**asdict(e), "lead_days": d} for e, d in scoring.foretold(told, happened)]}
            for told in one.episodes
        ],
        "mails": [{"at": mail.at, "subject": mail.notice.subject} for mail in one.mails],
        "broken": dict(one.broken),
    }


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_mails(one: Replayed, folder: Path) -> None:
    for mail in one.mails:
        file.send(mail.notice, file.Settings(folder, sender="bullion@bullion.example.org"), mail.at)


def _drawn(one: Replayed, wanted: str | None, happened: Sequence[Happened], reader: published.Reader) -> str:
    """One subject's value as last known in the replay, with its levels, its episodes and what happened meanwhile."""
    if len(one.checks) != 1:
        raise BullionError("--chart draws one check: name it with --check")
    (check,) = one.checks.values()
    subjects = {subject: kept for (_, subject), kept in one.readings.items() if any(r.value is not None for r in kept)}
    if not subjects or (wanted and wanted not in subjects):
        raise BullionError(f"{check.name} has no value of {wanted or 'anything'} to draw; known: {', '.join(subjects)}")
    by_subject = {s: [told for told in one.episodes if told.subject == s] for s in subjects}
    subject = wanted or max(sorted(subjects), key=lambda s: (len(by_subject[s]), len(subjects[s])))
    readings, episodes = subjects[subject], by_subject[subject]
    times = "once" if len(episodes) == 1 else f"{len(episodes)} times"
    last = next(r for r in reversed(readings) if r.value is not None)
    return chart(
        f"{check.title}, {subject}: alerts {times if episodes else 'never'}",
        f"{check.unit}; bad is {'above' if check.above_is_bad else 'below'}; as known by {one.end}",
        Line(f"{last.value:,.{check.decimals}f} on {last.session:%d %b}", mailchart.points(readings)),
        levels=[level for name in ("warn", "critical") if (level := mailchart.level_of(readings, name)).points],
        bands=[_band(told) for told in episodes if told.ended_as != "retracted"],
        ticks=[Tick(event.day, event.label) for event in happened] or _ticks(reader, readings),
    )


def _ticks(reader: published.Reader, readings: Sequence[Reading]) -> list[Tick]:
    """Margins, limits, rules and first notice days of the subject's metal and venue, and events entered by hand."""
    inputs = readings[-1].inputs
    metal, venue = (str(inputs.get(name, "")) for name in ("metal", "venue"))
    with reader.cursor() as cur:
        rows = marks.past(cur, readings[0].session, readings[-1].session, metal, venue)
    return [Tick(day, label) for day, label in rows]


def _band(told: Told) -> Band:
    return Band(told.opened, told.closed, "critical" if Severity.CRITICAL in told.severities else "warning")
