"""`python -m tests.fuzzing [SOURCE ...]`: campaigns and their numbers; with --input the bytes of one input, unread."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.fuzzing.campaigns import opened
from tests.fuzzing.inputs import made
from tests.fuzzing.seeds import SEEDS


def main(argv: Sequence[str] | None = None) -> int:
    """1 where a source has a fault, 0 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help="all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=500, help="how many of each source")
    parser.add_argument("--input", type=int, help="write the bytes of this one input to the output")
    args = parser.parse_args(argv)
    if unknown := sorted(set(args.sources) - set(SEEDS)):
        parser.error(f"there is no source {unknown[0]}")
    if args.input is not None:
        (source,) = args.sources
        sys.stdout.buffer.write(made(SEEDS[source](), source, args.seed, args.input).body)
        return 0
    faults = 0
    with opened() as campaigns:
        for source in args.sources or SEEDS:
            report = campaigns.run(source, args.seed, args.inputs)
            print("\n    ".join([str(report), *report.faults]), flush=True)
            faults += len(report.faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
