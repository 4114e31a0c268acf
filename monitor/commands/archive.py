"""`bullion archive verify`: every archived byte against its hash; `list`: what is there."""

from __future__ import annotations

import argparse
import json

from monitor import config
from monitor.archive import Archive
from monitor.clock import stamp


def run(args: argparse.Namespace) -> int:
    """0 where nothing is wrong."""
    archive = Archive(config.Folders(config.home_of(args.config, args.home)).archive)
    if args.action == "list":
        for entry in archive.entries():
            print(entry.sha256[:12], stamp(entry.fetched_at), entry.source, entry.hint or "-", entry.name)
        return 0
    problems = archive.verify()
    if args.json:
        print(json.dumps([{"kind": p.kind, "where": p.where, "message": p.message} for p in problems], indent=2))
    else:
        for problem in problems:
            print(f"{problem.kind:<8} {problem.where}: {problem.message}")
        count = sum(1 for _ in archive.entries())
        print(f"{count} files, {len(problems)} problems")
    return 1 if problems else 0
