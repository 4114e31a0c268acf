"""What a mail shows beside a reading; all readings here are made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from monitor import mailstory
from monitor.checkfile import Check
from monitor.model import Event, Policy, Reading, Severity, Transition, Verdict
from monitor.news import card
from tests.oracle import day

PLACE = {"metal": "silver", "venue": "COMEX"}


def check(name: str) -> Check:
    return Check(
        name=name, title=f"Measure {name}", why="made up", unit="pct", above_is_bad=True, formula="x", references=(),
        policy=Policy(1, 1, 1), thresholds=(), sql="select 1",
    )  # fmt: skip


def test_related_readings_that_tell_something_stand_before_unknown_ones_whether_these_have_a_figure_or_not() -> None:
    spoken = Reading("z", "COMEX silver", day(1), 3.0, Verdict.WARNING, inputs=PLACE)
    unknown = [replace(spoken, check=name, value=None, verdict=Verdict.NODATA, reason="no data") for name in "bcdef"]
    unknown.append(replace(unknown[0], check="a", value=1.83))
    known = replace(spoken, check="y", value=2.0, verdict=Verdict.CLEAR)
    grouped = {(one.check, one.subject): [one] for one in (spoken, *unknown, known)}
    told = Transition("z", "COMEX silver", Event.FIRING, Severity.WARNING, day(1), day(1))
    checks = {name: check(name) for name in "abcdefyz"}
    cards = {name: card(one, {}) for name, one in checks.items()}
    found = mailstory.beside(
        [told], {("z", "COMEX silver"): spoken}, grouped, checks, cards, None, datetime(2026, 1, 2, tzinfo=UTC)
    )
    words = found.related["z", "COMEX silver"].split("; ")
    assert words[0].startswith("Measure y: 2.00 %")
    assert all("unknown" in one for one in words[1:])
    assert len(words) == 6
    assert "1.83" not in found.related["z", "COMEX silver"]
