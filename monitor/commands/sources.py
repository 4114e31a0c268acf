"""`bullion sources`: what can be read, from whom, under which terms, how far it is verified."""

from __future__ import annotations

import argparse
import json
import textwrap

from monitor import config
from monitor.model import Source
from monitor.sources.registry import discover


def run(args: argparse.Namespace) -> int:
    """Print every source; exit 1 if one does not load."""
    settings = config.load(args.config)
    found, broken = discover()
    fetching = {name: name in settings.sources and settings.sources[name].fetch for name in found}
    if args.json:
        print(
            json.dumps([_row(source, fetching[name]) for name, source in found.items()], indent=2, ensure_ascii=False)
        )
    else:
        for name, source in found.items():
            print(_text(source, fetching[name], bool(settings.contact)))
    for name, reason in broken.items():
        print(f"{name}: does not load: {reason}")
    return 1 if broken else 0


def _row(source: Source, fetch: bool) -> dict[str, object]:
    due = source.due
    return {
        "source": source.name, "title": source.title, "publisher": source.publisher, "venue": source.venue,
        "fetch": fetch, "page": source.page, "terms": source.terms, "terms_url": source.terms_url,
        "licence": source.licence, "cadence": source.cadence, "unit": source.unit,
        "history_start": source.history_start, "verified": source.verified, "tables": list(source.tables),
        "due": f"{due.clock} {due.zone}, {due.days} {'sessions' if due.in_sessions else 'days'} later",
    }  # fmt: skip


def _text(source: Source, fetch: bool, contact: bool) -> str:
    row = _row(source, fetch)
    how = "fetched by the daemon" if fetch else "by hand into the inbox (fetch = false)"
    if fetch and not contact:
        how = "by hand: fetch = true, but config.toml names no contact for the User-Agent"
    lines = [f"{source.name}: {source.title} ({source.publisher})"]
    facts = {
        "how": how, "page": source.page, "terms": f"{source.terms} {source.terms_url}".strip(), "due": row["due"],
        "unit": source.unit, "since": source.history_start, "verified": source.verified,
    }  # fmt: skip
    for label, text in facts.items():
        if text:
            lines.append(textwrap.fill(str(text), 110, initial_indent=f"  {label:<9}", subsequent_indent=" " * 11))
    return "\n".join(lines) + "\n"
