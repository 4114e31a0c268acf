"""`bullion claim`: a figure that somebody printed, against what the reports said."""

from __future__ import annotations

import argparse
import json
from datetime import date, datetime
from typing import Any

from monitor import claimfile, claims, claimtext, config, evidence, published
from monitor.archive import Archive
from monitor.claimtext import Claim
from monitor.claimverdict import Finding
from monitor.clock import read_clock, stamp
from monitor.errors import BullionError


def run(args: argparse.Namespace) -> int:
    """Print a finding for each figure, or the list; 0 whatever the verdict, 1 where the claim cannot be read."""
    if args.list:
        _list(args.json)
        return 0
    asked = _asked(args)
    folders = config.Folders(config.home_of(args.config, args.home))
    now = read_clock()
    with published.Reader(published.newest(folders.published)) as reader:
        found = [claims.test(reader, claim, now, Archive(folders.archive)) for claim in asked]
    if args.json:
        print(json.dumps([as_json(one) for one in found], indent=2, default=_text, ensure_ascii=False))
    else:
        print("\n\n".join("\n".join(lines(one)) for one in found))
        print(_footer(found))
    return 0


def _asked(args: argparse.Namespace) -> list[Claim]:
    if args.text and args.metric:
        raise BullionError("give the claim in words or in fields, not both")
    if args.text:
        read = claimtext.read(args.text, claimfile.words())
    elif args.metric and args.value and args.unit and args.date:
        more: dict[str, Any] = {"month": args.month, "metal": args.metal, "venue": args.venue}
        more["since"] = claimtext.day_of(args.since) if args.since else None
        more["symbol"] = args.symbol.upper() if args.symbol else None
        more |= {"price": args.price, "costs": args.costs}
        read = (claimtext.fields(args.metric, args.value, args.unit, args.date, more),)
    else:
        raise BullionError('give a claim: "102 Moz registered on 2026-02-10", or --metric --value --unit --date')
    return claims.with_ratio(read, args.tolerance or "")


def lines(found: Finding) -> list[str]:
    """A finding as a person reads it."""
    c, f = found.claim, found.figure
    scope = " ".join(
        part
        for part in (c.symbol or c.metal, f"{c.month:%Y-%m}" if c.month else "", c.metric.replace("_", " "))
        if part
    )
    scope += "".join(f", at {name} {given:g}" for name, given in (("price", c.price), ("costs", c.costs)) if given)
    sign = {"=": "", ">": "above ", "<": "below "}[c.relation]
    span = f"from {c.since} to {c.day}" if c.since else f"on {c.day}"
    said = [f"claim       {sign}{c.value:,.6g} {c.unit}, {scope}, {span} (to {c.step:,.4g})"]
    if f is not None:
        shown = f"{f.value:,.6g}" if f.low == f.high else f"{f.low:,.6g} to {f.high:,.6g}"
        said.append(f"reproduced  {shown} {c.unit}, session {f.session}")
        said.append(f"definition  {f.definition}")
        if c.relation == "=":
            said.append(f"difference  {found.difference:+,.6g} {c.unit}, claimed minus reproduced")
    said.append(f"verdict     {found.outcome.value}: {found.why}")
    return [*said, *(["inputs", *evidence.lines(found.legs)] if found.legs else [])]


def as_json(found: Finding) -> dict[str, Any]:
    """The same for a program."""
    f = found.figure
    return {
        "claim": {name: getattr(found.claim, name) for name in Claim.__slots__},
        "verdict": found.outcome.value,
        "why": found.why,
        "value": None if f is None else f.value,
        "low": None if f is None else f.low,
        "high": None if f is None else f.high,
        "session": None if f is None else f.session,
        "definition": None if f is None else f.definition,
        "difference": found.difference,
        "inputs": [evidence.as_json(leg) for leg in found.legs],
    }


def _footer(found: list[Finding]) -> str:
    return f"\n{len(found)} figure{'s' * (len(found) != 1)} tested. Figures are descriptive, not advice."


def _list(in_json: bool) -> None:
    rows = claimfile.listed()
    if in_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row['number']:>2}  {row['verdict']:<40} {row['date'] or '-':<10}  {row['statement']}")
        print(f"    {'':<40} {'':<10}  {row['evidence']}")
    print(f"{len(rows)} claims of five articles; number 46 is not in use. Figures are descriptive, not advice.")


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else str(value)
