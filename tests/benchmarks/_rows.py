"""What every benchmark returns, and how its jobs take turns.

A figure means something only beside another of the same run: the machine is never the same twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: `ratio` is ours over the reference; `ok` says whether the target is met.

    `reference` and `ratio` are None where the figure stands alone, `ok` where nothing is promised.
    """

    name: str
    ours: float
    reference: float | None
    unit: str
    ratio: float | None
    target: str
    ok: bool | None


def settled_seconds(job: Callable[[], object]) -> float:
    """How long one call takes once the disk has nothing left to do for what came before."""
    os.sync()
    return seconds(job)


def seconds(job: Callable[[], object], *, calls: int = 1) -> float:
    """How long one call takes, wall clock; of several calls in a row, the mean."""
    start = perf_counter()
    for _ in range(calls):
        job()
    return (perf_counter() - start) / calls


def in_turns(rounds: int, *jobs: Callable[[], float]) -> list[list[float]]:
    """What each job measured in each round. They take turns, each round beginning with the next one."""
    taken: list[list[float]] = [[] for _ in jobs]
    for number in range(rounds):
        for place in range(len(jobs)):
            at = (number + place) % len(jobs)
            taken[at].append(jobs[at]())
    return taken


def compared(name: str, ours: Sequence[float], reference: Sequence[float], *, most: float | None = None) -> Row:
    """Seconds against seconds, measured in turns; the ratio is the median of each round's own, `most` its limit."""
    ratio = median(one / other for one, other in zip(ours, reference, strict=True))
    target = "" if most is None else f"at most {most:g} times"
    ok = None if most is None else ratio <= most
    return Row(name, 1e3 * median(ours), 1e3 * median(reference), "ms", ratio, target, ok)


def faster(name: str, ours: Sequence[float], reference: Sequence[float], *, times: float) -> Row:
    """Seconds against seconds where we should be at least `times` times faster."""
    row = compared(name, ours, reference)
    ratio = row.ratio or 0.0
    return Row(name, row.ours, row.reference, "ms", ratio, f"{times:g} times faster", ratio * times <= 1)


def within(name: str, ours: float, unit: str, *, most: float | None = None, least: float | None = None) -> Row:
    """A figure on its own, held to at most or at least a limit, or to none."""
    if most is not None:
        return Row(name, ours, None, unit, None, f"at most {most:g} {unit}", ours <= most)
    if least is not None:
        return Row(name, ours, None, unit, None, f"at least {least:g} {unit}", ours >= least)
    return Row(name, ours, None, unit, None, "", None)
