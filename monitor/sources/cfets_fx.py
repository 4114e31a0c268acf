"""CFETS central parity: the official rates of the yuan, fixed each morning.

Publisher: China Foreign Exchange Trade System for the People's Bank of China; venue CFETS; Asia/Shanghai; 9:15 of every
trading day. One JSON answer with today's rates alone, `price` a text, some 25 pairs: USD/CNY is yuan per dollar,
100JPY/CNY yuan per hundred yen (kept per one), CNY/MYR ringgit per yuan. The date and the hour are in
`data.lastDate`. It is a fixing, not a market rate, and lies about half a percent from the ECB's cross of the day.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from monitor import clock
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import histories, plausible, tables
from monitor.sources.tables import show

_ZONE: Final = "Asia/Shanghai"
_FIRST: Final = date(2006, 1, 4)
_STAMP: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ([0-9]{1,2}):([0-9]{2}))?")
_PAIR: Final = re.compile(r"([1-9][0-9]{0,4})?([A-Z]{3})/([A-Z]{3})")
_FIELDS: Final = ("vrtCode", "vrtName", "vrtEName", "price", "bp", "bpDouble", "foreignCName")
_TOP: Final = ("head", "data", "records")
_DATA: Final = ("lastDate", "lastDateEn")
_DOLLAR: Final = (1.5, 15.0)
"""Yuan a dollar can cost; a swapped or shifted figure falls outside."""


def asks(day: date) -> tuple[Ask, ...]:
    """Today's rates, whatever the day asked for."""
    address = "https://www.chinamoney.com.cn/r/cms/www/chinamoney/data/fx/ccpr.json"
    return (Ask("cfets_fx", day, address, headers=(("Referer", "https://www.chinamoney.com.cn/chinese/bkccpr/"),)),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A JSON object with the pairs and the date of this service."""
    return body[:16].lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"{" and b'"vrtEName"' in body and b'"lastDate"' in body


def parse(answer: Answer) -> Batch:
    """Rows of fx_rows: quote currency per one base.

    A pair that is not understood is a Reject. Raises NotPublished (no rates), Blocked (a firewall's page), Unreadable
    (another layout, no USD/CNY, a pair twice), Implausible (a date of the future or a weekend, a dollar out of range).
    """
    text = tables.text_of(answer.body)
    if text.lstrip().startswith("<"):
        tables.refuse_block_page(text, "CFETS")
    payload = tables.json_of(text)
    records = tables.objects(payload, "records")
    if not records:
        raise NotPublished("CFETS lists no rate")
    session, published, assumed = _moment(payload, answer)
    rejects: list[Reject] = []
    rates = _rates(records, rejects)
    if ("USD", "CNY") not in rates:
        raise Unreadable("no USD/CNY among the rates")
    if not _DOLLAR[0] < rates["USD", "CNY"] < _DOLLAR[1]:
        raise Implausible(f"{rates['USD', 'CNY']:g} yuan for a dollar", "USD/CNY")
    rows = [
        {
            "session": session,
            "base": base,
            "quote": quote,
            "rate": rate,
            "published_at": published,
            "published_assumed": assumed,
        }
        for (base, quote), rate in rates.items()
    ]
    notes = tables.unknown_fields([payload], _TOP) + tables.unknown_fields(records, _FIELDS, "records")
    notes += tables.unknown_fields([data for data in (payload.get("data"),) if isinstance(data, dict)], _DATA, "data")
    notes += tuple(Note("layout", reject.message, session, reject.where) for reject in rejects)
    return Batch({"fx_rows": tables.frame("fx_rows", rows)}, notes, tuple(rejects))


def _moment(payload: dict[str, object], answer: Answer) -> tuple[date, datetime, bool]:
    """(date, published in naive UTC, whether the hour is assumed)."""
    data = payload.get("data")
    if not isinstance(data, dict):
        raise Unreadable("no object under 'data'")
    stamp = tables.label(data.get("lastDate"), "data.lastDate")
    found = _STAMP.fullmatch(stamp)
    if not found:
        raise Unreadable(f"{show(stamp)} is no moment such as '2026-09-24 9:15'", "data.lastDate")
    session = tables.iso_date(found[1], "data.lastDate")
    histories.check_span([session], _FIRST, answer, _ZONE)
    if session.weekday() > 4:
        raise Implausible(f"a fixing on a {session:%A}: {session}", "data.lastDate")
    hour = int(found[2]) if found[2] else 9
    minute = int(found[3]) if found[3] else 15
    if hour > 23 or minute > 59:
        raise Unreadable(f"{show(stamp)} is no moment such as '2026-09-24 9:15'", "data.lastDate")
    return session, clock.naive(clock.local(session, f"{hour}:{minute}", _ZONE)), not found[2]


def _rates(records: list[dict[str, object]], rejects: list[Reject]) -> dict[tuple[str, str], float]:
    """(base, quote) -> rate per one base."""
    rates: dict[tuple[str, str], float] = {}
    for index, record in enumerate(records):
        where = f"records[{index}]"
        pair = tables.label(record.get("vrtEName"), f"{where}.vrtEName")
        price = tables.number(tables.label(record.get("price"), f"{where}.price"), f"{where}.price")
        found = _PAIR.fullmatch(pair)
        if found is None or "CNY" not in found.groups():
            rejects.append(Reject(f"a pair that is not understood: {show(pair)}", where, show(record.get("price"))))
            continue
        if price is None or price <= 0:
            raise Unreadable(f"{show(record.get('price'))} is no rate of {pair}", f"{where}.price")
        key = (found[2], found[3])
        if key in rates:
            raise Unreadable(f"{pair} stands there twice", where)
        rates[key] = price / int(found[1] or "1")
        if problem := plausible.rate(*key, rates[key]):
            raise Implausible(problem, f"{where}.price")
    return rates


SOURCE: Final = Source(
    name="cfets_fx",
    title="CFETS central parity of the yuan",
    publisher="China Foreign Exchange Trade System",
    venue="CFETS",
    tables=("fx_rows",),
    due=Due("9:30", _ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    hosts=("www.chinamoney.com.cn",),
    page="https://www.chinamoney.com.cn/chinese/bkccpr/",
    terms="Open to any reader of the site; its conditions were not reviewed here, read them before passing the figures "
    "on.",
    terms_url="https://www.chinamoney.com.cn/",
    licence="none stated with the data",
    unit="quote currency per one base",
    history_start="none: only the newest fixing can be had",
    proof=Proof.DOCUMENTS,
    verified="Known from documents that quote an answer of 2026-09-24; no file of the publisher was at hand.",
)
