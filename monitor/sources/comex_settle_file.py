"""COMEX and NYMEX settlements in CME's fixed-width text files, stlcomex and stlnymex: history.

Publisher: CME Group, once on its FTP site, later for subscribers only; a person who has such files puts them into the
inbox. Three lines of head, then for each product its name, a line a contract month and two lines TOTAL; options
follow and are passed over. Columns stand where the heads say (two widths of the file are read); blanks, not dashes,
stand for no volume, so lines are cut by place and never by spaces. July is JLY. A and B behind a price are an ask and
a bid.

Prices are dollars in the unit of `cme.PRICE_UNITS`; products without one there are passed over. INT is the open
interest of the session BEFORE and is kept as `prior_open_interest`. The session is the date of the head, whose time
is taken for America/Chicago in summer and winter, whatever the zone it prints: files of October say CST.

Believed only where each settlement less its change is the prior settlement and the months add up to TOTAL. A file
that holds one of gold, silver and copper must hold all three, and platinum goes with palladium: a shorter one is cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from monitor import clock, sessions
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import cells, cme, plausible, tables
from monitor.sources.tables import show

_HEAD: Final = re.compile(
    r"\s*FINAL POST-CLEARING PRICES AS OF ([0-9]{2})/([0-9]{2})/((?:20)?[0-9]{2}) "
    r"([0-9]{2}):([0-9]{2}) ([AP])M \(C[SD]T\)\s*"
)
_HEADS: Final = ("OPEN", "HIGH", "LOW", "LAST", "SETT", "CHGE", "ACTUAL VOL", "SETT", "VOL", "INT")
_COLUMNS: Final = (
    "open",
    "high",
    "low",
    "close",
    "settle",
    "change",
    "volume",
    "previous_settle",
    "prior_volume",
    "interest",
)
_SUMMED: Final = ("volume", "prior_volume", "interest")
_HEADING: Final = re.compile(r"STRIKE\s+" + r"\s+".join(_HEADS) + r"(?:\s+(?P<more>\S.*))?")
_LINE: Final = re.compile(r"([A-Z]{3}[0-9]{2})\s")
_OTHER_LINE: Final = re.compile(r"(?:-?[0-9][0-9.]*|[0-9]{2}[A-Z]{3}[0-9]{2})\s{2,}\S")
_FUTURES: Final = re.compile(r"([0-9A-Z]{1,4}) (?![A-Z]{3}[0-9]{2}\s)\S.*")
_NUMBER: Final = re.compile(r"([+-]?)([0-9]{0,9}(?:\.[0-9]{1,9})?)[AB]?")
_NYMEX: Final = ("PL", "PA")
_TOGETHER: Final = (frozenset({"GC", "SI", "HG"}), frozenset(_NYMEX))
_Row = Mapping[str, float | None]


@dataclass(slots=True)
class _Product:
    """One product as far as it has been read."""

    code: str
    where: str
    months: dict[date, _Row] = field(default_factory=dict)
    total: _Row | None = None


def parse(answer: Answer) -> Batch:
    """One file as `settlement_rows`.

    Raises Blocked, Unreadable (another layout, cut, a cell that is no number, none of our products) and Implausible
    (a settlement that does not follow from its change, months that do not add up, a date that cannot be).
    """
    cells.require(answer.body, b"FINAL", "a settlement file, fixed-width text")
    lines = tables.text_of(answer.body).splitlines()
    run = _run(lines[0] if lines else "")
    session = run.astimezone(clock.zone(cme.ZONE)).date()
    cells.check_session(session, answer, "line 1")
    cells.check_update(run, session, answer, "line 1")
    products = _products(lines)
    known: dict[str, object] = {
        "session": session,
        "status": "final",
        "prior_session": sessions.previous("COMEX", session),
        "currency": "USD",
        "published_at": clock.naive(run),
        "published_assumed": False,
    }
    rows = []
    for product in products:
        _check(product)
        known |= {"venue": "NYMEX" if product.code in _NYMEX else "COMEX", "product": product.code}
        known["unit"] = cme.PRICE_UNITS[product.code]
        rows += [
            known | _settlement(delivery, row) for delivery, row in product.months.items() if row["settle"] is not None
        ]
    notes = tables.strangers(_more_heads(lines), (), "column", "line 3")
    return Batch({"settlement_rows": tables.frame("settlement_rows", rows)}, notes)


def _run(text: str) -> datetime:
    """The moment of the head, an evening."""
    found = _HEAD.fullmatch(text)
    if not found:
        raise Unreadable(
            f"expected FINAL POST-CLEARING PRICES AS OF and a moment, found {show(text.strip())}", "line 1"
        )
    hour = int(found[4])
    if found[6] != "P" or not 1 <= hour <= 11:
        raise Unreadable(f"{show(found[0].strip())} is no evening: whose session it is cannot be told", "line 1")
    try:
        day = date(int(found[3]) % 100 + 2000, int(found[1]), int(found[2]))
        return clock.local(day, f"{hour + 12}:{found[5]}", cme.ZONE)
    except ValueError:
        raise Unreadable(f"{show(found[0].strip())} is no moment", "line 1") from None


def _edges(lines: Sequence[str]) -> list[int]:
    """Where each column ends, one place behind its head for the letter that may follow; the first begins at 0."""
    text = lines[2].rstrip() if len(lines) > 2 else ""
    if not _HEADING.fullmatch(text):
        raise Unreadable(f"expected the heads STRIKE {' '.join(_HEADS)}, found {show(text)}", "line 3")
    edges, at = [len("STRIKE")], 0
    for head in _HEADS:
        at = text.index(head, at) + len(head)
        edges.append(at + 2 if head == "LOW" else at + 1)  # numbers of one width end a place behind the head LOW
    return edges


def _more_heads(lines: Sequence[str]) -> list[str]:
    """What stands behind the last head that is known; its column is not read."""
    found = _HEADING.fullmatch(lines[2].rstrip())
    return [found["more"]] if found and found["more"] else []


def _products(lines: Sequence[str]) -> list[_Product]:
    """Our products in the order of the file, each closed by its TOTAL where it has anything to add up."""
    edges, more = _edges(lines), bool(_more_heads(lines))
    found: dict[str, _Product] = {}
    current: _Product | None = None
    for number, line in enumerate(lines[3:], 4):
        where = f"line {number}"
        if line.startswith("TOTAL"):
            if current is not None:
                current.total = _row(line, edges, where, more=more) if "OPEN INT" not in line else current.total
        elif month := _LINE.match(line):
            if current is not None:
                _add(current, month[1], _row(line, edges, where, more=more), where)
        elif line.strip() and not _OTHER_LINE.match(line):
            current = _turned_to(found, line, where)
    _require_all(found)
    return list(found.values())


def _turned_to(found: dict[str, _Product], line: str, where: str) -> _Product | None:
    """The product a line names, None where it is none of ours."""
    name = _FUTURES.fullmatch(line.rstrip())
    if not name or name[1] not in cme.PRICE_UNITS:
        return None
    if name[1] in found:
        raise Unreadable(f"{name[1]} stands there twice", where)
    found[name[1]] = _Product(name[1], where)
    return found[name[1]]


def _require_all(found: Mapping[str, _Product]) -> None:
    if not any(group & found.keys() for group in _TOGETHER):
        raise Unreadable("no gold, silver, copper, platinum or palladium in the file")
    for group in _TOGETHER:
        if group & found.keys() and group - found.keys():
            raise Unreadable(f"the file is cut: {', '.join(sorted(group - found.keys()))} missing beside the others")
    for product in found.values():
        if not product.months:
            raise Unreadable(f"the file is cut: {product.code} without a contract month", product.where)


def _add(product: _Product, month: str, row: _Row, where: str) -> None:
    delivery = cme.short_month(month, where)
    if delivery in product.months or product.total is not None:
        raise Unreadable(f"{product.code} {month} stands there twice or after its TOTAL", where)
    product.months[delivery] = row


def _row(line: str, edges: Sequence[int], where: str, *, more: bool) -> dict[str, float | None]:
    """The cells of one line by column; dashes and blanks are None. By `more` there is a column that is not known."""
    places = zip(_COLUMNS, pairwise(edges), strict=True)
    if line[edges[-1] :].strip() and not more:
        raise Unreadable("text behind the last column", where)
    return {name: _number(line[start:end].strip(), f"{where}, column {name}") for name, (start, end) in places}


def _number(text: str, where: str) -> float | None:
    if text in ("", "----"):
        return None
    if text == "UNCH":
        return 0.0
    found = _NUMBER.fullmatch(text)
    if not found or not found[2]:
        raise Unreadable(f"{show(text)} is no number", where)
    return float(f"{found[1]}0{found[2]}")


def _check(product: _Product) -> None:
    """Raises Implausible where a settlement does not follow from its change, or the months are not the TOTAL."""
    for delivery, row in product.months.items():
        settle, change, before = row["settle"], row["change"], row["previous_settle"]
        prices = {name: row[name] for name in ("open", "high", "low", "close")}
        if settle is not None and (
            problem := plausible.price(product.code, settle)
            or plausible.apart({**prices, "previous settlement": before}, settle)
            or plausible.order(prices)
        ):
            raise Implausible(f"{product.code} {delivery:%b%y}: {problem}; look at the file", product.where)
        if settle is None or change is None or before is None:
            continue
        if abs(settle - change - before) > 5e-7:
            text = f"{product.code} {delivery:%b%y}: {settle:g} less {change:g} is not the prior settlement {before:g}"
            raise Implausible(f"{text}; look at the file", product.where)
    for column in _SUMMED:
        added = sum(row[column] or 0 for row in product.months.values())
        printed = (product.total or {}).get(column) or 0
        if product.total is None and added:
            raise Unreadable(f"the file is cut: {product.code} without its TOTAL", product.where)
        if printed != added:
            text = f"{product.code}: TOTAL {column} is {printed:g}, the months add up to {added:g}; look at the file"
            raise Implausible(text, product.where)


def _settlement(delivery: date, row: _Row) -> dict[str, object]:
    prices = {name: row[name] for name in ("open", "high", "low", "close", "settle", "previous_settle")}
    return {
        "delivery_month": delivery,
        **prices,
        "volume": _whole(row["volume"]),
        "prior_open_interest": _whole(row["interest"]),
    }


def _whole(count: float | None) -> int | None:
    if count is not None and not count.is_integer():
        raise Unreadable(f"{count:g} is no number of lots")
    return None if count is None else int(count)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """Text that begins with the head of a settlement file."""
    head = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"FINAL ") and b"-CLEARING PRICES AS OF" in head


def asks(day: date) -> tuple[Ask, ...]:  # noqa: ARG001 - the contract's argument
    """Nothing: no such file is public any more."""
    return ()


SOURCE: Final = Source(
    name="comex_settle_file",
    title="COMEX and NYMEX settlement files (stlcomex, stlnymex)",
    publisher="CME Group",
    venue="COMEX",
    tables=("settlement_rows",),
    due=Due("22:35", cme.ZONE, grace_minutes=cme.NEVER_LATE),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    hosts=cells.HOSTS,
    page="none: no such file is public any more",
    terms="Sold to subscribers today; a file that you hold is yours to read, not to pass on.",
    terms_url=cells.TERMS_URL,
    licence=cells.LICENCE,
    unit="USD in the unit of each contract; lot",
    history_start="not known",
    proof=Proof.QUOTED,
    verified="Parts of two captured files of 2015-10-29: all COMEX futures, and platinum and palladium; every row, "
    "settlement and total. The wider layout of 2026, and options, are known from others' descriptions.",
)
