"""*Backtest*: what would have been mailed, by the levels in use or others, run aside while the page waits by itself.

One at a time, in a process of its own (`monitor.web.replays`); the address holds everything that was asked.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from monitor import tabular
from monitor.errors import QueueFull
from monitor.web.look import Look, NoSuch, Refused
from monitor.web.page import RETRY_SECONDS, Download, Page, Said
from monitor.web.replays import SECONDS, Replays, Run, Wanted

LEVELS: Final = ("warn", "critical", "clear")
LONGEST: Final = 4_000
"""Characters of the list of events."""
USUAL: Final = timedelta(days=90)
LOOK_AGAIN: Final = "2"
"""Seconds after which a browser asks how far it is."""
PICTURE_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""For the drawing, a document of its own with its own colours: no script, nothing from elsewhere."""
OFF: Final = (
    "no backtests are run here: this page can be reached from other machines. "
    'With ask = "always" under [page] in config.toml they are'
)


HEADS: Final = (
    "Sessions", "Beyond warn, %", "In an episode, %", "Episodes", "Retracted", "Mails", "Mails a month", "Precision, %",
    "Events foretold",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as the template shows it."""

    is_over: bool
    words: str
    """How far it is, or what stopped it."""
    is_stopped: bool
    generation: int
    heads: tuple[str, ...]
    """Measures; those about events only where some were given."""
    scores: tuple[tuple[str, ...], ...]
    """Check, levels, then a text for each of `heads`."""
    episodes: tuple[tuple[str, ...], ...]
    mails: tuple[tuple[str, ...], ...]
    has_picture: bool


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the page shows."""

    checks: Sequence[tuple[str, str]]
    """(name, title)."""
    given: Mapping[str, str]
    complaint: str
    command: str
    """The same for the command line; '' where nothing was asked."""
    run: Shown | None
    tail: str
    limit: float = SECONDS


def view(look: Look) -> Backtest | Said:
    """The page; 202 while the replay is under way, 400 where it cannot be asked so, 429 where the line is full."""
    replays = _replays(look)
    if "from" not in look.query:
        return _page(look, None, None, "")
    try:
        wanted = _wanted(look)
        run = _run(replays, look, wanted)
    except Refused as error:
        return Said(_page(look, None, None, str(error)), 400)
    except QueueFull as error:
        return Said(_page(look, None, None, str(error)), 429, {"retry-after": RETRY_SECONDS})
    if run.is_over and run.told is None:
        replays.drop(wanted)
    page = _page(look, wanted, run, "")
    return page if run.is_over else Said(page, 202, {"refresh": LOOK_AGAIN})


def picture(look: Look) -> Download:
    """The value of one check over the days, with levels, episodes and events; 404 until there is one."""
    run = _replays(look).find(_wanted(look))
    if run is None or not run.picture:
        raise NoSuch("there is no drawing of that")
    return Download(run.picture, "image/svg+xml", policy=PICTURE_POLICY)


def _replays(look: Look) -> Replays:
    if look.tools.replays is None:
        raise NoSuch(OFF)
    return look.tools.replays


def _run(replays: Replays, look: Look, wanted: Wanted) -> Run:
    """What is kept or under way; begun anew where `on` names a later generation, or it was stopped before."""
    run = replays.find(wanted)
    on = look.query.get("on", "")
    is_older = run is not None and run.is_over and on.isdigit() and run.generation < int(on[:9])
    return replays.ask(wanted) if run is None or is_older else run


def _wanted(look: Look) -> Wanted:
    """Raises Refused for what makes no backtest."""
    query = look.query
    check = query.get("check", "")
    if check and check not in look.tools.checks:
        raise Refused(f"there is no check {tabular.printable(check[:60])}")
    start, end = _day(query, "from"), _day(query, "to")
    if end < start:
        raise Refused(f"{end} lies before {start}")
    levels = tuple(f"{name}={_number(query, name)}" for name in LEVELS if query.get(name, "").strip())
    if levels and not check:
        raise Refused("levels are of one check: choose it")
    return Wanted(check, start, end, levels, _events(query.get("events", "")))


def _day(query: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(query.get(name, "").strip())
    except ValueError:
        raise Refused(f"{name}: give a day as 2026-02-10") from None


def _number(query: Mapping[str, str], name: str) -> str:
    try:
        return repr(float(query[name].strip().replace("\u2212", "-")))
    except ValueError:
        raise Refused(f"{name}: give a number, in the unit of the check") from None


def _events(text: str) -> str:
    """The lines of `date,label`, as the command reads them."""
    if len(text) > LONGEST:
        raise Refused(f"the events have more than {LONGEST:,} characters; `bullion backtest --events FILE` takes more")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        try:
            date.fromisoformat(line.partition(",")[0].strip())
        except ValueError:
            raise Refused(f"events: {tabular.printable(line[:60])} is no line such as 2026-02-10,label") from None
    return "\n".join(f"{day.strip()},{_quoted(label.strip())}" for day, _, label in (s.partition(",") for s in lines))


def _quoted(label: str) -> str:
    return '"' + label.replace('"', '""') + '"'


# --- showing -----------------------------------------------------------------------------------


def _page(look: Look, wanted: Wanted | None, run: Run | None, complaint: str) -> Backtest:
    usual = {"check": "", "from": str(look.now.date() - USUAL), "to": str(look.now.date()), "events": ""}
    given = dict.fromkeys(LEVELS, "") | usual
    command = f"bullion {shlex.join(wanted.arguments())}" if wanted else ""
    return Backtest(
        checks=[(name, check.title) for name, check in sorted(look.tools.checks.items())],
        given={name: look.query.get(name, text)[:LONGEST] for name, text in given.items()},
        complaint=complaint,
        command=command + (" --events FILE" if wanted and wanted.events else ""),
        run=_shown(run) if run else None,
        tail=urlencode({name: text for name, text in look.query.items() if text and name != "on"}),
    )


def _shown(run: Run) -> Shown:
    told = run.told or {}
    scored = [(name, one) for name, part in told.items() for one in part["scores"]]
    heads = HEADS if any(one["caught"] is not None for _, one in scored) else HEADS[:-2]
    return Shown(
        is_over=run.is_over,
        words=_words(run),
        is_stopped=bool(run.trouble),
        generation=run.generation,
        heads=heads,
        scores=tuple(_score(name, one, len(told))[: 2 + len(heads)] for name, one in scored),
        episodes=tuple(_episode(name, one, len(told)) for name, part in told.items() for one in part["episodes"]),
        mails=tuple(
            (_levels(name, len(told)), mail["at"], mail["subject"])
            for name, part in told.items()
            for mail in part["mails"]
        ),
        has_picture=bool(run.picture),
    )


def _words(run: Run) -> str:
    if run.trouble:
        return run.trouble
    if run.begun is None:
        return "in line"
    if not run.is_over:
        return f"running for {run.seconds:.0f} s; {run.progress or 'nothing is told yet'}"
    return f"took {run.seconds:.0f} s"


def _levels(name: str, count: int) -> str:
    return name if count > 1 else ""


def _score(name: str, one: Mapping[str, Any], count: int) -> tuple[str, ...]:
    return (
        one["check"], _levels(name, count), f"{one['sessions']:,}", _percent(one["beyond_warn"]),
        _percent(one["firing"]), str(one["episodes"]), str(one["retracted"]), str(one["mails"]),
        f"{one['mails_a_month']:.2f}", _percent(one["precision"]), "" if one["caught"] is None else str(one["caught"]),
    )  # fmt: skip


def _percent(share: float | None) -> str:
    """'' for what is not known: without events there is no precision."""
    return "" if share is None else f"{100 * share:.2f}"


def _episode(name: str, one: Mapping[str, Any], count: int) -> tuple[str, ...]:
    events = ", ".join(f"{event['label']} +{event['lead_days']} d" for event in one["events"])
    return (
        one["check"], _levels(name, count), one["subject"], one["opened"], " > ".join(one["severities"]),
        one["closed"] or "", str(one["sessions"]), one["first_told"][:10], str(len(one["mails"])),
        one["ended_as"] or "open", events,
    )  # fmt: skip


PAGES: Final = (
    Page("/backtest", "Backtest", "backtest.html", view, key="b"),
    Page("/backtest/chart.svg", "Backtest", "backtest.html", picture),
)
