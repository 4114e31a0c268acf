"""`python -m tests.replay_page`: write docs/replay.md, and its summary in README.md, from the captured files anew.

Every captured file that a source reads is loaded, and 19 December 2025 to 31 March 2026 is replayed one batch a day,
with the shipped levels. Checks of the clock are left out: when a file was captured says nothing of when it was late.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from monitor import backtest, checks, published, scoring
from monitor.backtest import Replayed
from monitor.checkfile import Check
from monitor.collect import gather
from monitor.model import Reading
from monitor.units import METALS
from tests.captures import CAPTURES
from tests.homes import house

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE, README = ROOT / "docs" / "replay.md", ROOT / "README.md"
BEGIN, END = "<!-- replay: written by `make replay-page` -->\n", "<!-- end of replay -->\n"
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
START, LAST = date(2025, 12, 19), date(2026, 3, 31)
OF_THE_CLOCK: Final = {
    "source_stale": "when a file was captured is not when it was published or late",
    "calendar_expiring": "it is about our calendars and reads no report",
}
MONTHS: Final = ("2025-12", "2026-01", "2026-02", "2026-03")

OPENING: Final = f"""# Replay of December 2025 to March 2026

Every check on the captured reports from {START} to {LAST}: one batch a day after its last publication, from what was
public by then, with the shipped levels, through the judge, told-state and letters of the daemon. Written by
`make replay-page`; a test writes it again and compares. The reports themselves are not in this repository.

The captures hold open interest of every session, stocks from 5 January to 20 March 2026 and of one day of December,
most evenings of delivery notices, settlements of 21 January, 25 February and from 20 March on, euro reference rates,
weekly positioning and Indian gold; of Shanghai one page of SGE and none of SHFE; no fund, share, margin or spot quote.
"""
LEGEND: Final = """## By check

*Held* counts the sessions of each source the check waits for; one with 0 is a leg the captures lack. *Observed* are
readings that judge, silver's and the others'.
"""
CLOSING: Final = """## How to read it

The winter was no calm time for silver: metal left New York's vaults week after week, so `vault_outflow` and
`registered_drop` stand beyond warn for most of it, and shares beyond warn are no base rates. They are told once, a
critical again every ten sessions. Gold's large shares are two stories, each told once: its vaults lost 7.2 percent in
the 20 sessions to 27 February, and in its February month a tenth more came to stand than stood on first position day,
which holds until the month is over. What the captures lack is not shown to be quiet, it is not shown at all.

"""


@dataclass(frozen=True, slots=True)
class Season:
    """The replay, every check of this build, and the sessions in it of each source: source -> how many."""

    replayed: Replayed
    known: Mapping[str, Check]
    held: Mapping[str, int]

    @property
    def trouble(self) -> Sequence[str]:
        return [f"{name}: {why}" for name, why in self.replayed.broken.items()]


def season() -> Season:
    """Load and replay; about two minutes."""
    with _home() as (path, known, held):
        replayed_checks = {name: check for name, check in known.items() if name not in OF_THE_CLOCK}
        with published.Reader(path) as reader:
            return Season(backtest.run(reader, replayed_checks, {}, START, LAST), known, held)


@contextmanager
def _home() -> Iterator[tuple[Path, Mapping[str, Check], Mapping[str, int]]]:
    files = [p for p in sorted(CAPTURES.rglob("*.*")) if p.parent.name != "expected"]
    with tempfile.TemporaryDirectory(prefix="bullion-replay-") as folder, house(Path(folder), NOW) as opened:
        list(opened.collector.offer(gather(files, NOW), NOW))
        rows = opened.store.rows(
            "select source, count(distinct session) from source_sessions where session between ? and ? group by source",
            [START, LAST],
        )
        yield opened.publish(NOW), checks.discover({})[0], {str(source): int(count) for source, count in rows}


# --- the page ------------------------------------------------------------------------------


def page(found: Season) -> str:
    """docs/replay.md."""
    return "\n".join([OPENING, summary(found), *_checks(found), "", *_episodes(found), "", CLOSING + _loud(found), ""])


def summary(found: Season) -> str:
    """What the README says of it: mails by metal and month, and what did not fire."""
    one = found.replayed
    table = [
        "| mails | Dec (from 19th) | Jan | Feb | Mar |", "|---|---|---|---|---|",
        *(f"| {metal} | {' | '.join(map(str, mails_by_month(one, metal)))} |" for metal in METALS),
        f"| in all | {' | '.join(map(str, mails_by_month(one, None)))} |",
    ]  # fmt: skip
    remaining = [t for t in one.episodes if t.check == "delivery_remaining"]
    flaps = {metal: most_openings(one, metal) for metal in ("platinum", "palladium")}
    most, silver = max(flaps.values()), max(mails_by_month(one, "silver"))
    said = [
        "",
        f"`delivery_remaining` {_times(len(remaining))}. No check opens more than {_count(most)} on platinum or",
        f"palladium. Silver has at most {silver} mails in a month; a letter about several things is one mail, and a",
        "recovery is one too.",
        "",
    ]
    return "\n".join([*table, *said])


def _checks(found: Season) -> list[str]:
    scores = {score.check: score for score in scoring.scores(found.replayed, [])}
    lines = [
        LEGEND,
        "| check | replay | held | observed | beyond warn, silver | beyond warn, others | told | mails a month |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, check in sorted(found.known.items()):
        if name in OF_THE_CLOCK:
            lines.append(f"| `{name}` | left out: {OF_THE_CLOCK[name]} | | | | | | |")
            continue
        silver, others = _observed(found.replayed, name)
        told = [t for t in found.replayed.episodes if t.check == name]
        cells = (
            f"`{name}`", _how(found, check, len(silver) + len(others)),
            ", ".join(f"`{source}` {found.held.get(source, 0)}" for source in check.sources) or "—",
            f"{len(silver)} + {len(others)}", _beyond(silver), _beyond(others), str(len(told)),
            f"{scores[name].mails_a_month:.1f}" if check.route == "mail" and name in scores else
            "0.0" if check.route == "mail" else "memo only",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _how(found: Season, check: Check, observed: int) -> str:
    missing = [source for source in check.sources if not found.held.get(source)]
    if observed:
        return f"in part: no {', '.join(missing)}" if missing else "yes"
    return f"no: no {', '.join(missing)}" if missing else "no: never all legs of a reading"


def _episodes(found: Season) -> list[str]:
    lines = [
        "## What was told",
        "",
        "| told on | check | subject | severity | from | until | mails |",
        "|---|---|---|---|---|---|---|",
    ]
    for t in found.replayed.episodes:
        until = f"{t.closed} {t.ended_as}" if t.closed else "open"
        lines.append(
            f"| {t.first_told.date()} | `{t.check}` | {t.subject} | {' > '.join(t.severities)} | {t.opened} | {until} "
            f"| {len(t.mails) if found.known[t.check].route == 'mail' else 'memo'} |"
        )
    return lines


# --- counting ------------------------------------------------------------------------------


def mails_by_month(one: Replayed, metal: str | None) -> list[int]:
    """Mails in each month that speak of a metal, or of anything."""
    mails = [m for m in one.mails if metal is None or any(_metal(one, key) == metal for key in m.keys)]
    return [sum(f"{mail.at:%Y-%m}" == month for mail in mails) for month in MONTHS]


def _metal(one: Replayed, key: tuple[str, str]) -> str:
    return next((str(r.inputs["metal"]) for r in one.readings.get(key, ()) if r.inputs.get("metal")), "")


def most_openings(one: Replayed, metal: str) -> int:
    """How often the same check was told about one subject of a metal."""
    keys = [(t.check, t.subject) for t in one.episodes if _metal(one, (t.check, t.subject)) == metal]
    return max(map(keys.count, keys), default=0)


def _observed(one: Replayed, name: str) -> tuple[list[Reading], list[Reading]]:
    """(silver's readings of a check that judge, the others')."""
    silver: list[Reading] = []
    others: list[Reading] = []
    for key, kept in one.readings.items():
        if key[0] == name:
            (silver if _metal(one, key) == "silver" else others).extend(r for r in kept if r.verdict.observed)
    return silver, others


def _loud(found: Season) -> str:
    """Which checks would be no calm neighbours, of the metals that had a quieter winter than silver."""
    said = []
    for name in sorted(found.known):
        for metal in METALS[1:]:
            keys = [k for k in found.replayed.readings if k[0] == name and _metal(found.replayed, k) == metal]
            observed = [r for key in keys for r in found.replayed.readings[key] if r.verdict.observed]
            if observed and sum(r.verdict.breach for r in observed) > 0.03 * len(observed):
                said.append(f"`{name}` of {metal} {_beyond(observed)}")
    return f"Beyond warn on more than 3 % of sessions of a metal other than silver: {', '.join(said) or 'none'}."


def _beyond(readings: Sequence[Reading]) -> str:
    if not readings:
        return "—"
    return f"{100 * sum(r.verdict.breach for r in readings) / len(readings):.1f} %"


def _times(count: int) -> str:
    return "does not fire" if not count else f"fires {_count(count)}"


def _count(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def within_readme(text: str, said: str) -> str:
    """README.md with this summary between its marks. Raises ValueError where it has none."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + said + END + after


def main() -> int:
    found = season()
    PAGE.write_text(page(found), encoding="utf-8")
    README.write_text(within_readme(README.read_text(encoding="utf-8"), summary(found)), encoding="utf-8")
    print(*found.trouble, sep="\n", file=sys.stderr)
    return 1 if found.trouble else 0


if __name__ == "__main__":
    sys.exit(main())
