"""`python -m tests.benchmarks`: every benchmark of this folder, one table of ratios.

A benchmark is a module here whose name has no leading underscore, with `run(short) -> list of Row`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from tests.benchmarks._rows import Row

_HEADS = ("benchmark", "ours", "reference", "ratio", "target", "met")


def names() -> list[str]:
    """The benchmarks of this folder."""
    return [found.name for found in iter_modules([str(Path(__file__).parent)]) if not found.name.startswith("_")]


def rows_of(name: str, *, short: bool) -> list[Row]:
    """What one benchmark measured."""
    return list(import_module(f"tests.benchmarks.{name}").run(short))


def table(rows: Sequence[Row]) -> Iterator[str]:
    """One aligned line a row, under a line of headings."""
    lines = [_HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(_HEADS))]
    for line in lines:
        cells = [line[0].ljust(widths[0]), *(line[at].rjust(widths[at]) for at in (1, 2, 3))]
        yield "  ".join([*cells, line[4].ljust(widths[4]), line[5]]).rstrip()


def _cells(row: Row) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[row.ok]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return row.name, _figure(row.ours, row.unit), _figure(row.reference, row.unit), ratio, row.target, met


def _figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:,.{0 if value >= 100 else 2}f} {unit}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the chosen benchmarks and print them; a missed target is a line to read, not an error."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these of {', '.join(names())}")
    parser.add_argument("--short", action="store_true", help="few repetitions: shows that it runs, not how fast")
    parser.add_argument("--json", action="store_true", help="a list of objects instead of the table")
    args = parser.parse_args(argv)
    if unknown := sorted(set(args.names) - set(names())):
        parser.error(f"there is no benchmark {unknown[0]}")
    rows: list[Row] = []
    for name in args.names or names():
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += rows_of(name, short=args.short)
    if args.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        print("\n".join(table(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
