"""`bullion sources`: what can be read, from whom, under which terms, how far it is verified."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from monitor import config, tabular
from monitor.clock import read_clock
from monitor.declared import due_words, faults
from monitor.errors import BullionError
from monitor.model import Proof, Source
from monitor.sources.registry import discover

_PROOFS: Final = {
    Proof.CAPTURES: "whole files of the publisher were read",
    Proof.QUOTED: "parts of its files were read: excerpts, or rows that others saved",
    Proof.DOCUMENTS: "no file of it was seen; documents and programs of others describe it",
    Proof.OWN: "the layout is ours",
}
_HEAD: Final = """\
# Sources

Written by `make sources-page` from what each source declares; do not edit it here. How far a layout is verified:

{proofs}

No live site was reached while these were built. "Since" is where the publisher's history begins; `none` says that it
keeps none. What a source asks for is decided in [`config.toml`](../config.toml); below is how it is shipped.

"""


def run(args: argparse.Namespace) -> int:
    """Print the sources, all or those named; exit 1 if one does not load or, with --check, declares too little."""
    if args.format == "markdown":
        settings = config.load(str(config.shipped()))
        print(page(discover()[0], settings), end="")
        return 0
    settings = config.load(args.config)
    found, broken = discover()
    if unknown := sorted(set(args.names) - set(found) - set(broken)):
        raise BullionError(f"there is no source {unknown[0]}; known: {', '.join(found)}")
    wanted = [source for name, source in found.items() if not args.names or name in args.names]
    if args.json:
        rows = [_row(source, _fetches(source, settings), read_clock()) for source in wanted]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif args.check:
        print(_table(wanted, settings), end="")
    else:
        for source in wanted:
            print(_text(source, settings))
    return _complaints(wanted, {n: why for n, why in broken.items() if not args.names or n in args.names}, args.check)


def _complaints(sources: Iterable[Source], broken: Mapping[str, str], check: bool) -> int:
    troubles = [f"{name}: does not load: {reason}" for name, reason in broken.items()]
    if check:
        now = read_clock()
        troubles += [f"{source.name}: {fault}" for source in sources for fault in faults(source, now)]
    for trouble in troubles:
        print(trouble)
    return 1 if troubles else 0


def _fetches(source: Source, settings: config.Settings) -> bool:
    return source.name in settings.sources and settings.sources[source.name].fetch


def _how(source: Source, settings: config.Settings) -> str:
    if not _fetches(source, settings):
        return "by hand into the inbox (fetch = false)"
    if not settings.contact:
        return "by hand: fetch = true, but config.toml names no contact for the User-Agent"
    return "fetched by the daemon"


def _row(source: Source, fetch: bool, now: datetime) -> dict[str, object]:
    return {
        "source": source.name, "title": source.title, "publisher": source.publisher, "venue": source.venue,
        "fetch": fetch, "page": source.page, "terms": source.terms, "terms_url": source.terms_url,
        "licence": source.licence, "cadence": source.cadence, "unit": source.unit,
        "history_start": source.history_start, "proof": source.proof.value, "verified": source.verified,
        "tables": list(source.tables), "hosts": list(source.hosts), "due": due_words(source),
        "faults": list(faults(source, now)),
    }  # fmt: skip


def _text(source: Source, settings: config.Settings) -> str:
    lines = [f"{source.name}: {source.title} ({source.publisher})"]
    facts = {
        "how": _how(source, settings), "page": source.page, "terms": f"{source.terms} {source.terms_url}".strip(),
        "licence": source.licence, "due": f"{source.cadence}, {due_words(source)}", "unit": source.unit,
        "since": source.history_start, "verified": f"{source.proof.value}: {source.verified}",
    }  # fmt: skip
    for label, text in facts.items():
        if text:
            lines.append(textwrap.fill(str(text), 110, initial_indent=f"  {label:<9}", subsequent_indent=" " * 11))
    return "\n".join(lines) + "\n"


# --- the check and the page --------------------------------------------------------------


def _table(sources: Iterable[Source], settings: config.Settings) -> str:
    widths = {"source": 20, "verified": 9, "how": 7, "cadence": 7, "since": 10, "unit": 28, "licence": 36}
    rows = [
        (
            source.name,
            source.proof.value,
            "fetched" if _fetches(source, settings) and settings.contact else "by hand",
            source.cadence,
            source.history_start.split(":")[0],
            source.unit,
            source.licence,
        )
        for source in sources
    ]
    cut = [tuple(_cut(cell, width) for cell, width in zip(row, widths.values(), strict=True)) for row in rows]
    return tabular.render(tabular.Result(tuple(tabular.Column(name, "VARCHAR") for name in widths), cut), "table")


def _cut(text: str, width: int) -> str:
    return textwrap.shorten(text, width, placeholder=" …") if len(text) > width else text


def page(sources: Mapping[str, Source], settings: config.Settings) -> str:
    """`docs/sources.md`: one table, then a section for each source, how it comes as `settings` say."""
    proofs = "\n".join(f"- **{proof.value}**: {words}." for proof, words in _PROOFS.items())
    lines = ["| source | what | verified on | as shipped | since | licence |", "|---|---|---|---|---|---|"]
    for source in sources.values():
        how = "fetched" if _fetches(source, settings) else "by hand"
        since = source.history_start.split(":")[0]
        cells = (f"[`{source.name}`](#{source.name})", source.title, source.proof.value, how, since, source.licence)
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    sections = "\n".join(_section(source, settings) for source in sources.values())
    return _HEAD.format(proofs=proofs) + "\n".join(lines) + "\n\n" + sections


def _section(source: Source, settings: config.Settings) -> str:
    comes = "asked by the daemon, once you name a contact" if _fetches(source, settings) else "by hand into the inbox"
    facts = {
        "Publisher": source.publisher,
        "Page": source.page,
        "Terms": f"{source.terms} {source.terms_url}".strip(),
        "Licence": source.licence,
        "Comes": comes,
        "Hosts": ", ".join(source.hosts) or "none",
        "Due": f"{source.cadence}, {due_words(source)}",
        "Since": source.history_start,
        "Unit": source.unit,
        "Tables": ", ".join(f"`{table}`" for table in source.tables),
        "Verified": f"{source.proof.value}. {source.verified}",
    }
    lines = [f"- {label}: {text}" for label, text in facts.items()]
    return "\n".join([f"## {source.name}", "", f"{source.title}.", "", *lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
