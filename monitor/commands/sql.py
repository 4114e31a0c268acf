"""`bullion sql`: one question to the newest published generation, in a locked-down process."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from monitor import adhoc, places, published, tabular
from monitor.errors import QueryRefused


def run(args: argparse.Namespace) -> int:
    """Print or write the rows; a cut is said on stderr."""
    sql = _sql(args)
    database = published.newest(places.home_of(args.config, args.home) / "published")
    variables = {"known_at": args.known_at, "as_of": args.as_of, "basis": args.basis}
    if args.format == "parquet" and not args.output:
        raise QueryRefused("parquet is not text: name the file with -o FILE")
    result = adhoc.run(database, sql, limit=args.limit, seconds=args.seconds, variables=_said(variables))
    if args.format == "parquet":
        tabular.write_parquet(result, Path(args.output))
    elif args.output:
        Path(args.output).write_text(tabular.render(result, args.format), encoding="utf-8")
    else:
        sys.stdout.write(tabular.render(result, args.format))
    if args.format == "table" or result.truncated:
        print(tabular.footer(result), file=sys.stderr)
    return 0


def _sql(args: argparse.Namespace) -> str:
    if args.file and args.query:
        raise QueryRefused("give either a query or -f FILE, not both")
    if args.file:
        return Path(args.file).read_text(encoding="utf-8")
    if not args.query:
        raise QueryRefused('nothing was asked: bullion sql "select * from coverage_now"')
    return str(args.query)


def _said(variables: dict[str, str | None]) -> dict[str, str | None]:
    return {name: value for name, value in variables.items() if value is not None}
