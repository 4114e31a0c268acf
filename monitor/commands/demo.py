"""`bullion demo`: the February 2026 squeeze on bundled files, by the real pipeline in simulated time."""

from __future__ import annotations

import argparse

from monitor.demo import stage, story


def run(args: argparse.Namespace) -> int:
    """Prints the story; the home stays behind. 1 where --keep names a folder that is not the demo's."""
    for line in story.play(stage.home(args.keep)):
        print(line, flush=True)
    return 0
