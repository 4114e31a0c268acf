"""COMEX and NYMEX volume and open interest by contract month: CmeWS Volume/Details, one JSON answer per product.

Publisher: CME Group. `atClose` is the open interest at the end of the trade date, in lots; every number is a text
with thousands separators. The answer names neither its product nor its version. The product is the hint: the
exchange code asked for, a token of the file or folder name, or `--product`. The version follows from `updateTime`
(UTC): from 14:00 UTC of the next calendar day it is final; before, it counts as preliminary. `deliveries` is kept as
printed and tells nothing of the version.

The report of a trade date is final at about 10:00 America/Chicago of the next session. A file is believed only where
the months add up to its own totals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from monitor import clock, contracts, sessions
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import cells, tables
from monitor.sources.tables import show

_COUNTS: Final = {
    "open_interest": "atClose",
    "volume": "totalVolume",
    "globex_volume": "globex",
    "pnt_volume": "pntVol",
    "block_volume": "blockVolume",
    "efp_volume": "efpVol",
    "deliveries": "deliveries",
}
"""Column -> key of the payload."""
_SUMMED: Final = ("open_interest", "volume")
_TRADED: Final = ("globex_volume", "pnt_volume")
_TOP: Final = ("tradeDate", "totals", "monthData", "updateTime", "empty")
_FIELDS: Final = frozenset(
    (
        *_COUNTS.values(), "month", "monthID", "change", "openOutcry", "efrVol", "eooVol", "efsVol", "subVol", "tasVol",
        "opnt", "aon", "strike", "exercises",
    )
)  # fmt: skip
"""Every field of a month, and of the totals, that was ever seen."""
_FINAL_FROM: Final = time(14, tzinfo=UTC)
_ZONE: Final = "America/Chicago"
_TOKENS: Final = {
    token: code
    for code, number in cells.PRODUCT_IDS.items()
    for token in (code.lower(), contracts.PRODUCTS[code].metal, number)
}
_SMALLER: Final = {"micro", "mini", "emini", "miny", "mgc", "sil", "qo", "qi", "1oz"}
"""Tokens of contracts of the same metals that are smaller, and not ours."""


def hint_of(path_text: str) -> str | None:
    """The product code that a file or folder name says (`silver_2026-02-09.json`: SI), None where it says none.

    Tokens are the stretches of letters and digits; Unreadable where they name two products, or a smaller contract.
    """
    tokens = set(re.split(r"[^0-9a-z]+", path_text.lower()))
    if smaller := sorted(tokens & _SMALLER):
        raise Unreadable(f"{show(path_text)} names a smaller contract ({smaller[0]}), which is not followed")
    found = {_TOKENS[token] for token in tokens if token in _TOKENS}
    if len(found) > 1:
        raise Unreadable(f"{show(path_text)} names {' and '.join(sorted(found))}: keep one, or say --product")
    return found.pop() if found else None


def parse(answer: Answer) -> Batch:
    """One payload as `open_interest_rows` of the product in `answer.hint`."""
    payload = cells.payload_of(answer, "CME's volume payload in JSON")
    session = tables.iso_date(cells.text_under(payload, "tradeDate", "tradeDate"), "tradeDate")
    cells.check_session(session, answer, "tradeDate")
    months = cells.listed(payload, "monthData", session)
    product = _product(answer.hint)
    published, assumed = _published(payload, session, answer)
    status = "final" if not assumed and published >= _final_from(session) else "preliminary"
    known: dict[str, object] = {
        "venue": product.venue,
        "product": product.code,
        "session": session,
        "status": status,
        "published_at": clock.naive(published),
        "published_assumed": assumed,
    }
    rows = [_row(month, f"monthData[{index}]") | known for index, month in enumerate(months)]
    if len({row["delivery_month"] for row in rows}) != len(rows):
        raise Unreadable("a delivery month appears twice", "monthData")
    totals = _totals(payload)
    _check_totals(rows, totals)
    notes = tables.unknown_fields([payload], _TOP) + tables.unknown_fields(months, _FIELDS, "monthData")
    notes += tables.unknown_fields([totals], _FIELDS, "totals")
    return Batch({"open_interest_rows": tables.frame("open_interest_rows", rows)}, notes)


def _product(hint: str | None) -> contracts.Product:
    if not hint:
        raise Unreadable(
            "the payload does not say its product: add a token such as silver, SI or 458 to the file or folder name, "
            "or use --product"
        )
    if hint not in cells.PRODUCT_IDS:
        raise Unreadable(f"product {show(hint)} is none of {', '.join(cells.PRODUCT_IDS)}: mend the name or --product")
    return contracts.product_of(hint)


def _published(payload: Mapping[str, object], session: date, answer: Answer) -> tuple[datetime, bool]:
    """When the payload was last updated, and whether that is only assumed (10:00 Chicago of the next session)."""
    if payload.get("updateTime") in (None, ""):
        return clock.local(sessions.following("COMEX", session), "10:00", _ZONE), True
    raw = cells.text_under(payload, "updateTime", "updateTime")
    try:
        updated = datetime.fromisoformat(raw)
    except ValueError:
        raise Unreadable(f"{show(raw)} is no moment such as '2026-02-10T15:00:00.000Z'", "updateTime") from None
    if updated.tzinfo is None:
        raise Unreadable(f"{show(raw)} has no time zone", "updateTime")
    cells.check_update(updated, session, answer, "updateTime")
    return updated, False


def _final_from(session: date) -> datetime:
    return datetime.combine(session + timedelta(days=1), _FINAL_FROM)


def _row(month: Mapping[str, object], where: str) -> dict[str, object]:
    delivery = cells.month_of(cells.text_under(month, "month", f"{where}.month"), f"{where}.month")
    change = tables.whole(cells.text_under(month, "change", f"{where}.change"), f"{where}.change")
    counts = {column: cells.count_under(month, key, f"{where}.{key}") for column, key in _COUNTS.items()}
    for column in _SUMMED:
        if counts[column] is None:
            raise Unreadable("a dash where a number should be", f"{where}.{_COUNTS[column]}")
    traded = sum(counts[column] or 0 for column in _TRADED) + (_outcry(month, where) or 0)
    if None not in [counts[column] for column in _TRADED] and counts["volume"] != traded:
        raise Implausible(
            f"totalVolume is {counts['volume']}, the book, the pit and private trades make {traded}; look at the file",
            f"{where}.totalVolume",
        )
    private = (counts["block_volume"] or 0) + (counts["efp_volume"] or 0)
    if counts["pnt_volume"] is not None and private > counts["pnt_volume"]:
        text = (
            f"{private} in blocks and exchanges, {counts['pnt_volume']} privately negotiated in all; look at the file"
        )
        raise Implausible(text, f"{where}.pntVol")
    if change is not None and (counts["open_interest"] or 0) < change:
        text = f"{counts['open_interest']} open after a change of {change:+}: less than none before; look at the file"
        raise Implausible(text, f"{where}.change")
    return {"delivery_month": delivery, "open_interest_change": change, **counts}


def _outcry(month: Mapping[str, object], where: str) -> int | None:
    return cells.count_under(month, "openOutcry", f"{where}.openOutcry") if "openOutcry" in month else None


def _totals(payload: Mapping[str, object]) -> Mapping[str, object]:
    totals = payload.get("totals")
    if not isinstance(totals, dict):
        raise Unreadable(f"expected an object under 'totals', found {show(totals)}", "totals")
    return totals


def _check_totals(rows: list[dict[str, object]], totals: Mapping[str, object]) -> None:
    """Implausible where the months do not add up to one of the payload's totals; a dash leaves it unproved."""
    for column, key in {**_COUNTS, "open_interest_change": "change"}.items():
        where = f"totals.{key}"
        printed = tables.whole(cells.text_under(totals, key, where), where)
        if column not in _SUMMED and (printed is None or any(row[column] is None for row in rows)):
            continue
        added = sum(count for row in rows if isinstance(count := row[column], int))
        if printed != added:
            raise Implausible(f"{key} is {printed} in all, but the months add up to {added}; look at the file", where)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """A JSON object with the keys of a volume payload, also where its end is cut off."""
    head = body[:16].lstrip(b"\xef\xbb\xbf \t\r\n")
    wanted = (b'"monthData"', b'"totals"', b'"tradeDate"')
    return head.startswith(b"{") and all(key in body for key in wanted)


def asks(day: date) -> tuple[Ask, ...]:
    """One question per product. P asks for what there is: the server answers with the final version once it has it."""
    return tuple(
        Ask(
            "comex_volume",
            day,
            f"https://www.cmegroup.com/CmeWS/mvc/Volume/Details/F/{number}/{day:%Y%m%d}/P"
            f"?tradeDate={day:%Y%m%d}&pageSize=500&isProtected",
            hint=code,
        )
        for code, number in cells.PRODUCT_IDS.items()
    )


SOURCE: Final = Source(
    name="comex_volume",
    title="COMEX and NYMEX volume and open interest",
    publisher="CME Group",
    venue="COMEX",
    tables=("open_interest_rows",),
    due=Due("10:00", _ZONE, days=1, in_sessions=True),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hint_of=hint_of,
    needs_hint=True,
    parts=tuple((code,) for code in cells.PRODUCT_IDS),
    hosts=cells.HOSTS,
    page="https://www.cmegroup.com/markets/metals/precious/silver.volume.html",
    terms=cells.TERMS,
    terms_url=cells.TERMS_URL,
    licence=cells.LICENCE,
    unit="lot",
    history_start="not known",
    proof=Proof.CAPTURES,
    verified="141 captured payloads of silver and gold, 2025-12-19 to 2026-03-31, and one empty one; "
    "copper, platinum and palladium assumed to be alike",
)
