"""The squeeze of February 2026 told by the real pipeline in simulated time.

The daemon is the real one, with nobody to ask and a clock of our own; every sentence here is filled from what the
published generation says at that moment. The files are `files/`; what in them is reported, derived or invented is
in `figures.csv`.
"""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Final

from monitor import wiring
from monitor.batch import Teller
from monitor.clock import naive, parse_moment
from monitor.config import Mail, Settings
from monitor.daemon import Daemon
from monitor.demo import scenes, stage
from monitor.house import House
from monitor.published import Reader, newest

SETTINGS: Final = Settings(mail=Mail(channel="file", recipients=("analyst@example.org",), group_minutes=0))
"""Its days have one moment or two, so that a mail told an hour later would be told a day later."""
HOST: Final = "bullion.example.org"
"""What the demo calls this machine in its mails."""
Scene = Callable[[scenes.Ask], Iterator[str]]
LOOKS: Final[tuple[tuple[str, Scene], ...]] = (
    ("2026-01-26T12:00", scenes.first_load),
    ("2026-02-03T06:45", scenes.limit_lock),
    ("2026-02-05T06:45", scenes.bracket),
    ("2026-02-06T06:45", scenes.drop),
    ("2026-02-06T10:00", scenes.overdue),
    ("2026-02-07T06:45", scenes.bracket_closed),
    ("2026-02-09T07:40", scenes.warrants),
    ("2026-02-09T08:10", scenes.arrived),
    ("2026-02-10T12:00", scenes.article),
    ("2026-02-10T22:10", scenes.restatement),
    ("2026-02-18T22:10", scenes.holiday),
    ("2026-02-18T23:10", scenes.mended),
    ("2026-02-24T06:45", scenes.near_the_level),
    ("2026-02-25T08:10", scenes.refilled),
    ("2026-02-27T08:00", scenes.warrants_again),
    ("2026-02-28T06:45", scenes.standing),
)
"""When the daemon looks, and the scene told then. A daemon in service looks every few seconds."""
QUERIES: Final = (
    (
        "",
        "select sessions_to_fnd, session, open_interest, oi_proof, registered_oz, raw_coverage from coverage "
        "where contract = 'SIH26' order by session",
    ),
    (
        "--known-at 2026-02-10T12:00 ",
        "select contract, oi_session, oi_status, open_interest, registered_session, registered_oz, raw_coverage "
        "from coverage_now",
    ),
    (
        "",
        "select session, venue, price_cny, ex_tax_low_pct, ex_tax_high_pct, unknown_because from regional_premium "
        "order by session, venue",
    ),
)
"""Three questions to try on the demo's home: options of `bullion sql`, and the query."""
WIDTH: Final = 112
_INDENT: Final = " " * 18


@dataclass(slots=True)
class _Tally:
    """What happened in all."""

    files: Counter[str] = field(default_factory=Counter)
    mails: set[str] = field(default_factory=set)


def play(home: Path) -> Iterator[str]:
    """The story as lines of text, while it happens; the home stays behind, with its mails.

    `home` is an empty folder, see `stage.home`.
    """
    yield from _preface(home)
    tally = _Tally()
    first = parse_moment(LOOKS[0][0])
    with House(SETTINGS, home, first) as house:
        teller = Teller(house, wiring.channels(SETTINGS, house.folders), host=HOST)
        daemon = Daemon(house, teller)
        post = stage.Post(house.folders.inbox)
        try:
            for moment, scene in LOOKS:
                yield from _look(daemon, post, parse_moment(moment), scene, tally)
        finally:
            teller.close()
    yield from _roll(_asker(home / "published", parse_moment(LOOKS[-1][0])))
    yield from _close(home, tally)


def _preface(home: Path) -> Iterator[str]:
    yield "The silver squeeze of February 2026, in simulated time and without a network"
    yield from textwrap.wrap(
        "Figures marked `reported` in figures.csv are as their publishers printed them. The files around them were "
        "written by our own factories: the split by depository and by warehouse, sessions between reported ones and "
        "other completions are INVENTED or derived; the list names each.",
        WIDTH,
    )
    yield f"figures  {stage.FIGURES}"
    yield f"home     {home}"
    yield ""


def _look(daemon: Daemon, post: stage.Post, now: datetime, scene: Scene, tally: _Tally) -> Iterator[str]:
    """One round of the daemon: what was refused, what the scene has to say, what was mailed."""
    post.bring(now)
    done = daemon.step(now)
    said = [f"TROUBLE {trouble}" for trouble in done.troubles]
    for outcome in done.outcomes:
        tally.files[outcome.status] += 1
        if not outcome.kept:
            said.append(f"REFUSED {outcome.name}: {outcome.message}")
    said += scene(_asker(daemon.house.folders.published, now))
    said += [f"MAIL {subject}" for subject in _new_mails(daemon.house.folders.mail, tally)]
    for number, text in enumerate(said):
        start = f"{now:%Y-%m-%d %H:%M}  " if number == 0 else _INDENT
        yield from textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=_INDENT, break_on_hyphens=False)


def _asker(published: Path, now: datetime) -> scenes.Ask:
    """Questions to the newest generation, as at `now`."""

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with Reader(newest(published)) as reader, reader.cursor() as cur:
            cur.execute("set variable now = ?::timestamp", [naive(now)])
            return cur.execute(sql).fetchall()

    return ask


def _new_mails(folder: Path, tally: _Tally) -> Iterator[str]:
    """The subjects of mails not seen before."""
    for path in sorted(folder.glob("*.eml")):
        if path.name not in tally.mails:
            tally.mails.add(path.name)
            yield str(message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]).strip()


def _roll(ask: scenes.Ask) -> Iterator[str]:
    """Coverage of March by sessions to first notice."""
    yield ""
    yield "The roll of March silver to first notice on 27 February: registered over open claims, same session, final"
    yield f"{'T':>3}  {'session':<10}  {'open lots':>9}  {'registered Moz':>14}  {'coverage':>8}"
    for t, session, lots, ounces, ratio in ask(scenes.ROLL):
        yield f"{t:>3}  {session!s:<10}  {lots:>9,}  {ounces / 1e6:>14.2f}  {ratio:>8.3f}"
    yield from scenes.first_notice(ask)


def _close(home: Path, tally: _Tally) -> Iterator[str]:
    files = ", ".join(f"{number} {status}" for status, number in sorted(tally.files.items()))
    where = shlex.quote(str(home))
    yield ""
    yield f"{files} (why: {home / 'inbox' / 'rejected'}); {len(tally.mails)} mails as .eml in {home / 'mail'}"
    yield "By today's calendar everything in this home is overdue, and status says so. To go on:"
    yield f"  bullion --home {where} status"
    for options, sql in QUERIES:
        yield f'  bullion --home {where} sql {options}"{sql}"'
    yield "Figures are descriptive, not advice."
