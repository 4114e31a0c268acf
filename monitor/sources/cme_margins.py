"""CME's list of outright margins: what a holder of one futures contract must keep, metals only.

Publisher: CME Clearing; the list in force, as CSV (OUTRIGHT.csv, all sectors) or JSON (one search of the same
service, with its number of rows). NO ORIGINAL OF EITHER WAS SEEN: the columns are known from programs that others
wrote against them. Maintenance margins alone; the initial margin of a speculator is commonly 110 percent of them.

A value is dollars a contract; since 13 January 2026 some metals are margined in percent of the contract's value,
taken as such only where the value itself carries a percent sign. The volatility scan is no margin: it is the move of
volatility that options are tried with, kept beside as printed.

The list carries no date. It is of the day in its file's name (2026-06-12 or 20260612), else of the day it was
fetched, and counts as published then (17:00 America/Chicago, or the moment of the fetch), assumed.
A JSON must hold as many rows as it says. A CSV cut exactly between two lines cannot be told from a whole one, except
that gold and silver must both be there where COMEX is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Final

from monitor import clock, sessions
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import cells, cme, tables
from monitor.sources.tables import show

_ADDRESS: Final = "https://www.cmegroup.com/CmeWS/mvc/Margins/OUTRIGHT.csv"
_CSV: Final = {
    "Exchange": "exchange",
    "Asset Class": "sector",
    "Product Name": "product_name",
    "Product Code": "product",
    "Start Period": "start_month",
    "End Period": "end_month",
    "Maintenance": "value",
    "Currency": "currency",
}
"""Heading -> our name."""
_CSV_SCAN: Final = "Maint. Vol. Scan"
_JSON: Final = {
    "exchange": "exchange",
    "sector": "sector",
    "name": "product_name",
    "clearingCode": "product",
    "startPeriod": "start_month",
    "endPeriod": "end_month",
    "maintenanceRate": "value",
    "currency": "currency",
}
_JSON_SCAN: Final = "volScanMaintenanceRatePercent"
_JSON_KNOWN: Final = {*_JSON, _JSON_SCAN, "id", "filePath", "clearingOrg", "productFamily", "volScanMaintenanceRate"}
_TOP: Final = ("total", "props", "marginRates")
_VENUES: Final = {"CMX": "COMEX", "COMEX": "COMEX", "NYM": "NYMEX", "NYMEX": "NYMEX"}
_VALUE: Final = re.compile(r"([0-9][0-9,]{0,12}(?:\.[0-9]{1,6})?)\s*(%|USD)?")
_MONTH: Final = re.compile(r"(?P<m>[0-9]{2})/(?P<y>20[0-9]{2})|(?P<yy>20[0-9]{2})-?(?P<mm>[0-9]{2})")
_NAMED_DAY: Final = re.compile(r"(?<![0-9])(20[0-9]{2})-?([0-9]{2})-?([0-9]{2})(?![0-9])")
_MOST_ROWS: Final = 50_000
_LEAST, _MOST = 5.0, 1e6
"""Dollars a contract of metal can be margined with."""
_WORDS: Final = {"SI": "SILVER", "GC": "GOLD", "HG": "COPPER", "PL": "PLATINUM", "PA": "PALLADIUM"}
"""What a product's name must say."""
_Row = Mapping[str, str]


def parse(answer: Answer) -> Batch:
    """One list as `margin_rows`; a row that is not understood is a Reject.

    Raises Blocked, Unreadable (another layout, a ragged or cut file, no metals) and Implausible (two values for one
    product and range, a percentage above 100, a range that ends before it begins, a date that cannot be).
    """
    session, published = _dated(answer)
    text = tables.text_of(answer.body)
    if '"marginRates"' in text:
        rows, notes = _from_json(text)
    else:
        if "Product Code" not in text.split("\n", 1)[0]:
            cells.require(answer.body, b"Exchange", "CME's list of margins, CSV or JSON")
        rows, notes = _from_csv(text)
    rejects: list[Reject] = []
    known: dict[str, object] = {
        "session": session,
        "kind": "maintenance",
        "published_at": clock.naive(published),
        "published_assumed": True,
    }
    found: dict[tuple[object, ...], dict[str, object]] = {}
    for where, row in rows:
        if row["sector"].upper() != "METALS":
            continue
        record = _record(row, where, rejects)
        if record is None:
            continue
        key = tuple(record[name] for name in ("venue", "product", "product_name", "start_month", "end_month"))
        if found.setdefault(key, record) != record:
            raise Implausible(f"two margins for {row['product']} {row['start_month']}; look at the file", where)
    _require_metals(found.values(), rejects)
    frame = tables.frame("margin_rows", (known | record for record in found.values()))
    return Batch({"margin_rows": frame}, cme.few(notes), tuple(rejects))


def _dated(answer: Answer) -> tuple[date, datetime]:
    """The session of the list, and when it counts as published."""
    found = _NAMED_DAY.search(PurePosixPath(answer.name).name)
    if found is None:
        fetched = answer.fetched_at.astimezone(clock.zone(cme.ZONE)).date()
        return sessions.previous("COMEX", fetched + timedelta(days=1)), answer.fetched_at
    day = tables.iso_date(f"{found[1]}-{found[2]}-{found[3]}", "the file's name")
    tables.believable(day, answer, cme.ZONE, "the file's name")
    return sessions.previous("COMEX", day + timedelta(days=1)), clock.local(day, "17:00", cme.ZONE)


# --- the two layouts ---------------------------------------------------------------------------


def _from_csv(text: str) -> tuple[Iterator[tuple[str, _Row]], list[Note]]:
    lines = text.splitlines()
    if len(lines) > _MOST_ROWS:
        raise Unreadable(f"{len(lines)} lines; no list of margins has so many")
    try:
        table = list(csv.reader(lines, strict=True))
    except csv.Error as error:
        raise Unreadable(f"the CSV does not parse: {show(str(error))}") from None
    heads = [" ".join(head.split()) for head in table[0]]
    for wanted in _CSV:
        if heads.count(wanted) != 1:
            raise Unreadable(f"the heading {wanted!r} is there {heads.count(wanted)} times: {show(heads)}", "line 1")
    notes = [_unknown(head) for head in heads if head not in _CSV and head != _CSV_SCAN]
    return _csv_rows(table, heads, text), notes


def _csv_rows(table: list[list[str]], heads: list[str], text: str) -> Iterator[tuple[str, _Row]]:
    names = {**_CSV, _CSV_SCAN: "scan"}
    for number, line in enumerate(table[1:], 2):
        if not line:
            continue
        if len(line) != len(heads):
            raise Unreadable(f"{len(line)} cells under {len(heads)} headings; the file may be cut", f"line {number}")
        cells_by_head = {names[head]: cell.strip() for head, cell in zip(heads, line, strict=True) if head in names}
        yield f"line {number}", {"scan": "", **cells_by_head}
    tables.whole_lines(text)


def _from_json(text: str) -> tuple[Iterator[tuple[str, _Row]], list[Note]]:
    payload = tables.json_of(text)
    rates = tables.objects(payload, "marginRates")
    total = tables.whole(payload.get("total"), "total")
    if total != len(rates):
        raise Unreadable(f"{len(rates)} of {total} rows: one page of several; ask with a larger pageSize", "total")
    notes = [_unknown(key) for key in sorted({key for rate in rates for key in rate} - _JSON_KNOWN)]
    notes += tables.unknown_fields([payload], _TOP)
    return _json_rows(rates), notes


def _json_rows(rates: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, _Row]]:
    for index, rate in enumerate(rates):
        where = f"marginRates[{index}]"
        for key in _JSON:
            if key not in rate:
                raise Unreadable(f"no {key!r}", where)
        row = {ours: tables.label(rate[key], f"{where}.{key}") for key, ours in _JSON.items()}
        yield where, {**row, "scan": tables.label(rate.get(_JSON_SCAN), f"{where}.{_JSON_SCAN}")}


def _unknown(name: str) -> Note:
    return Note("layout", f"a column that is not known: {show(name)}")


# --- one row -----------------------------------------------------------------------------------


def _record(row: _Row, where: str, rejects: list[Reject]) -> dict[str, object] | None:
    """One row as a record, or None with a Reject added."""
    value, start, end = _VALUE.fullmatch(row["value"]), _month(row["start_month"]), _month(row["end_month"])
    problem = ""
    if row["exchange"].upper() not in _VENUES:
        problem = f"the exchange {show(row['exchange'])} is not known"
    elif not row["product"] or not row["product_name"]:
        problem = "no product code or name"
    elif value is None or (row["currency"] != "USD" and value[2] is None):
        problem = f"{show(row['value'])} {row['currency']} is no margin in dollars or percent"
    elif start is None or end is None:
        problem = f"{show(row['start_month'])} to {show(row['end_month'])} is no range of months such as 01/2026"
    if problem or value is None or start is None or end is None:
        rejects.append(Reject(problem, where, " ".join(row.values())))
        return None
    if end < start:
        raise Implausible(f"{row['product']}: a range from {start} to {end}; look at the file", where)
    amount = tables.number(value[1], where)
    if value[2] == "%" and (amount or 0) > 100:
        raise Implausible(f"{row['product']}: a margin of {value[1]} percent; look at the file", where)
    if value[2] != "%" and not _LEAST <= (amount or 0) <= _MOST:
        raise Implausible(f"{row['product']}: a margin of {value[1]} dollars; look at the file", where)
    if _WORDS.get(row["product"], "") not in row["product_name"].upper():
        raise Implausible(f"{row['product']} called {show(row['product_name'])}; look at the file", where)
    return {
        "venue": _VENUES[row["exchange"].upper()],
        "product": row["product"],
        "product_name": " ".join(row["product_name"].split()),
        "start_month": start,
        "end_month": end,
        "value": amount,
        "unit": "pct_notional" if value[2] == "%" else "usd_per_contract",
        "volatility_scan_pct": _scan(row["scan"], where, rejects),
    }


def _month(text: str) -> date | None:
    found = _MONTH.fullmatch(text)
    if found is None:
        return None
    month = int(found["m"] or found["mm"])
    return date(int(found["y"] or found["yy"]), month, 1) if 1 <= month <= 12 else None


def _scan(text: str, where: str, rejects: list[Reject]) -> float | None:
    found = _VALUE.fullmatch(text)
    if found is None or found[2] == "USD":
        if text not in ("", "-", "--"):
            rejects.append(Reject("the volatility scan is not understood; stored as unknown", where, text))
        return None
    return tables.number(found[1], where)


def _require_metals(records: Iterable[Mapping[str, object]], rejects: list[Reject]) -> None:
    codes = {(record["venue"], record["product"]) for record in records}
    if not codes:
        reason = f": {rejects[0].message}" if rejects else ""
        raise Unreadable(f"no margin of a metal in the list{reason}", rejects[0].where if rejects else "")
    missing = [code for code in ("GC", "SI") if ("COMEX", code) not in codes]
    if len(missing) == 1 and len(codes) > 1:
        raise Unreadable(f"the list is cut or partial: no margin of {missing[0]}")


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """A CSV headed by product code, period and maintenance, or a JSON object of margin rates."""
    head = body[:600].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return b'"marginRates"' in body
    first = head.split(b"\n", 1)[0]
    return all(word in first for word in (b"Product Code", b"Start Period", b"Maintenance"))


def asks(day: date) -> tuple[Ask, ...]:
    """The whole list."""
    return (Ask("cme_margins", day, _ADDRESS),)


SOURCE: Final = Source(
    name="cme_margins",
    title="CME margins of metal futures",
    publisher="CME Group",
    venue="COMEX",
    tables=("margin_rows",),
    due=Due("17:00", cme.ZONE, grace_minutes=cme.NEVER_LATE),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    hosts=cells.HOSTS,
    page="https://www.cmegroup.com/clearing/margins/outright-vol-scans.html",
    terms=cells.TERMS,
    terms_url=cells.TERMS_URL,
    licence=cells.LICENCE,
    unit="USD per contract, or percent of its value",
    history_start="none: only the list in force can be had",
    proof=Proof.DOCUMENTS,
    verified="Nothing: no original of the CSV or the JSON was seen; the columns are known from others' programs. "
    "Published changes of margins were not compared.",
)
