"""SHFE member ranking: the twenty largest members of each contract by volume, long and short positions.

Publisher: Shanghai Futures Exchange; venue SHFE; Asia/Shanghai; every trading day by about 16:30.
One JSON file, `pm{YYYYMMDD}.dat`, rows under `o_cursor`. Each row holds one rank of three lists side by side: 1 volume,
2 long positions, 3 short positions, with member, lots and change; where a list is shorter its fields are blank. The
instrument is a contract (ag2612) or the whole product (agall). Only contracts with enough open interest are listed.

Rank 999 is the list's total, 0 and -1 are totals by kind of member (brokers, others; which is which is not known for
certain). They are stored as printed, marked `is_total`, and must never be added to the members. A member is a
broker's seat with all its clients, not a position of its own; and positions are no warehouse receipts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import kx, tables
from monitor.sources.tables import show

_HOUR: Final = "16:30"
_SITE: Final = "https://www.shfe.com.cn/data/tradedata/future/dailydata"
_FIRST: Final = date(2002, 1, 7)
_VENUES: Final = {"ag": "SHFE", "au": "SHFE", "cu": "SHFE", "bc": "INE"}
_INSTRUMENT: Final = re.compile(rf"({'|'.join(_VENUES)})([0-9]{{4}}|all)")
_SIDES: Final = {"volume": "1", "long": "2", "short": "3"}
_LAST_RANK: Final = 20
_TOTAL: Final = 999
_TOTALS: Final = (_TOTAL, 0, -1)
_FIELDS: Final = frozenset(
    {"INSTRUMENTID", "PRODUCTSORTNO", "PRODUCTNAME", "RANK"}
    | {f"{name}{n}" for name in ("PARTICIPANTID", "PARTICIPANTABBR", "CJ") for n in _SIDES.values()}
    | {f"CJ{n}_CHG" for n in _SIDES.values()}
)
_OPTIONAL: Final = frozenset({"PRODUCTSORTNO", "PRODUCTNAME"})


class Place(NamedTuple):
    """One rank of one list."""

    rank: int
    member_id: str
    member: str
    lots: int
    change: int | None
    where: str


_Lists = dict[tuple[str, str], list[Place]]
"""(instrument, side) -> its places in the order printed."""


def asks(day: date) -> tuple[Ask, ...]:
    """The file of `day`; nothing before 2002-01-07."""
    return (Ask("shfe_ranking", day, f"{_SITE}/pm{day:%Y%m%d}.dat"),) if day >= _FIRST else ()


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A JSON object of ranks and their lots."""
    return body.lstrip()[:1] == b"{" and all(key in body for key in (b'"o_cursor"', b'"RANK"', b'"CJ1"'))


def parse(answer: Answer) -> Batch:
    """Rows of member_position_rows of ag, au, cu and, where listed, bc.

    Raises NotPublished (no rows), Blocked (the firewall's page), Unreadable (layout, none of our products, a rank
    missing or twice), Implausible (dates that differ, a lower rank with more lots, a member twice in one list, members
    that hold more than the list's total).
    """
    payload = kx.payload_of(answer, "SHFE")
    session = kx.session_of(payload, answer)
    items = tables.objects(payload, "o_cursor")
    if not items:
        raise NotPublished(f"SHFE lists no members for {session}")
    lists, rejects, notes = _lists(items, session)
    if not lists:
        raise Unreadable(f"no list of {', '.join(_VENUES)}: not SHFE's member ranking", "o_cursor")
    for (instrument, side), places in lists.items():
        notes += _check(f"{instrument} {side}", places, session)
    if session < kx.SINGLE_SIDED:
        notes.append(Note("layout", "volume counts both sides before 2020; stored as printed", session))
    published, assumed, more = tables.update_moment(payload.get("update_date"), session, _HOUR, kx.ZONE)
    stamp = {"session": session, "published_at": published, "published_assumed": assumed}
    rows = [stamp | _record(key, place, session) for key, places in lists.items() for place in places]
    notes += tables.unknown_fields([payload], (*kx.META, "o_cursor"))
    notes += tables.absent({key for item in items for key in item}, sorted(_FIELDS - _OPTIONAL), "field", "o_cursor")
    frames = {"member_position_rows": tables.frame("member_position_rows", rows)}
    return Batch(frames, (*notes, *more), tuple(rejects))


def _lists(items: Sequence[Mapping[str, object]], session: date) -> tuple[_Lists, list[Reject], list[Note]]:
    """Our lists, pieces that name no member, and notes of rows, ranks and fields of an unknown kind."""
    lists: _Lists = {}
    rejects: list[Reject] = []
    odd: dict[str, str] = {}
    for index, item in enumerate(items):
        where = f"o_cursor[{index}]"
        instrument = tables.label(item.get("INSTRUMENTID"), f"{where}.INSTRUMENTID").lower()
        if not _INSTRUMENT.fullmatch(instrument):
            if instrument.startswith(tuple(_VENUES)):
                odd.setdefault(f"an instrument of an unknown kind: {show(re.sub('[0-9]', '#', instrument))}", where)
            continue
        rank = tables.whole(item.get("RANK"), f"{where}.RANK")
        if rank is None or (rank not in _TOTALS and not 1 <= rank <= _LAST_RANK):
            odd.setdefault(f"{instrument}: a rank of an unknown kind: {rank}", where)
            continue
        for key in item.keys() - _FIELDS:
            odd.setdefault(f"an unknown field {show(key)}", where)
        for side, number in _SIDES.items():
            place = _place(item, number, rank, where)
            if place is None:
                continue
            if rank not in _TOTALS and not place.member:
                rejects.append(Reject(f"{instrument} {side}: rank {rank} has {place.lots} lots and no member", where))
            lists.setdefault((instrument, side), []).append(place)
    return lists, rejects, [Note("layout", text, session, where) for text, where in odd.items()]


def _place(item: Mapping[str, object], number: str, rank: int, where: str) -> Place | None:
    """One rank of one list, None where it is blank."""
    lots = tables.whole(item.get(f"CJ{number}"), f"{where}.CJ{number}")
    if lots is None:
        return None
    change = tables.whole(item.get(f"CJ{number}_CHG"), f"{where}.CJ{number}_CHG")
    if lots < 0 or (change or 0) > lots:
        raise Implausible(f"rank {rank} has {lots} lots after a change of {change or 0:+}", f"{where}.CJ{number}")
    return Place(
        rank,
        tables.label(item.get(f"PARTICIPANTID{number}"), f"{where}.PARTICIPANTID{number}"),
        tables.label(item.get(f"PARTICIPANTABBR{number}"), f"{where}.PARTICIPANTABBR{number}"),
        lots,
        change,
        where,
    )


def _check(what: str, places: Sequence[Place], session: date) -> Iterator[Note]:
    """The identities of one list; a total that is more than a list of fewer than twenty members is noted."""
    ranks = [place.rank for place in places]
    if len(set(ranks)) != len(ranks):
        raise Unreadable(f"{what}: a rank stands there twice", places[0].where)
    members = sorted((place for place in places if place.rank not in _TOTALS), key=lambda place: place.rank)
    if [place.rank for place in members] != list(range(1, len(members) + 1)):
        raise Unreadable(f"{what}: a rank is missing between 1 and {max(ranks)}", places[0].where)
    for above, below in pairwise(members):
        if below.lots > above.lots:
            raise Implausible(
                f"{what}: rank {below.rank} has {below.lots} lots, rank {above.rank} {above.lots}", below.where
            )
    names = [place.member for place in members if place.member]
    if len(set(names)) != len(names):
        raise Implausible(f"{what}: a member stands there twice", places[0].where)
    total = next((place for place in places if place.rank == _TOTAL), None)
    held = sum(place.lots for place in members)
    if total is None:
        yield Note("layout", f"{what}: no total (rank {_TOTAL}), the sum is unchecked", session, places[0].where)
    elif held > total.lots:
        raise Implausible(f"{what}: the members have {held} lots, the total is {total.lots}", total.where)
    elif held < total.lots and len(members) < _LAST_RANK:
        text = f"{what}: {len(members)} members have {held} lots, the total is {total.lots}"
        yield Note("layout", text, session, total.where)


def _record(key: tuple[str, str], place: Place, session: date) -> dict[str, object]:
    instrument, side = key
    product, month = instrument[:2], instrument[2:]
    is_total = place.rank in _TOTALS
    return {
        "venue": _VENUES[product],
        "product": product,
        "contract": instrument,
        "delivery_month": None if month == "all" else _month(instrument, session, place.where),
        "rank": place.rank,
        "side": side,
        "member_id": None if is_total else place.member_id or None,
        "member": None if is_total else place.member or None,
        "lots": place.lots,
        "change_lots": place.change,
        "is_total": is_total,
    }


def _month(instrument: str, session: date, where: str) -> date:
    year, number = 2000 + int(instrument[2:4]), int(instrument[4:])
    if not 1 <= number <= 12:
        raise Unreadable(f"{instrument} names no delivery month", where)
    delivery = date(year, number, 1)
    if not session.replace(day=1) <= delivery <= date(session.year + 5, 12, 1):
        raise Implausible(f"{instrument} in a file of {session}", where)
    return delivery


SOURCE: Final = Source(
    name="shfe_ranking",
    title="SHFE member ranking",
    publisher="Shanghai Futures Exchange",
    venue="SHFE",
    tables=("member_position_rows",),
    due=Due(clock=_HOUR, zone=kx.ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hosts=("www.shfe.com.cn", "www.shfe.cn"),
    page="https://www.shfe.com.cn/reports/tradedata/dailyandweeklydata/",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.shfe.com.cn/",
    licence="none stated in the file",
    unit="lots",
    history_start="2002-01-07",
    proof=Proof.QUOTED,
    verified="One quoted total row of 2021 only; the other fields, the ranks and the date inside are known from "
    "documents. Whether rank 999 is the sum of the list or more is not known: members may not hold more than it.",
)
