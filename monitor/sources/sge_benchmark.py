"""Shanghai gold and silver benchmark prices (SHAU, SHAG), fixed in the morning and in the afternoon.

Publisher: Shanghai Gold Exchange; venue SGE; Asia/Shanghai; about 10:15 and 14:15 of every trading day. JSON,
`{"zp": [[ms, price], ...], "wp": [[ms, price], ...]}`: zp is the morning, wp the afternoon, joined by date and never
by position, for the two lists need not have the same days. The milliseconds are midnight in Beijing, so that read as
UTC every fixing would lie a day early, on a Sunday where it is a Monday's.

Gold is CNY per gram, silver CNY per kg. The answer does not name its metal, which is the hint: what was asked for, or
a token of the file or folder name. 10:30 and 14:30 are assumed as the hours of publication.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from monitor import clock
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import tables
from monitor.sources.tables import show

_ZONE: Final = "Asia/Shanghai"
_SITE: Final = "https://www.sge.com.cn/graph"
_METALS: Final = {"gold": ("gram", "DayilyJzj"), "silver": ("kg", "DayilyShsilverJzj")}
"""Metal -> unit of its price, and the last part of its address."""
_TOKENS: Final = {
    "gold": "gold", "au": "gold", "shau": "gold", "dayilyjzj": "gold",
    "silver": "silver", "ag": "silver", "shag": "silver", "dayilyshsilverjzj": "silver",
}  # fmt: skip
_FIXINGS: Final = {"zp": ("morning", "10:30"), "wp": ("afternoon", "14:30")}
_HEADERS: Final = (("Referer", "https://www.sge.com.cn/sjzx/jzj"), ("X-Requested-With", "XMLHttpRequest"))
_FIRST: Final = {"gold": date(2016, 4, 19), "silver": date(2019, 10, 14)}
_RANGE: Final = {"gram": (100.0, 1e5), "kg": (1_000.0, 1e6)}
_PARTED: Final = ((date(2025, 1, 1), 4_000.0), (date.min, 1_500.0))
"""From that day silver per kg has been well above this figure and gold per gram well below it."""
_FARTHEST: Final = 1.3
_MOST_DAYS: Final = 20_000
_BACK: Final = timedelta(days=14)


def hint_of(path_text: str) -> str | None:
    """The metal that a file or folder name says (`shau.json`, `silver`), None where it says none.

    Unreadable where it names both.
    """
    found = {_TOKENS[token] for token in re.split(r"[^0-9a-z]+", path_text.lower()) if token in _TOKENS}
    if len(found) > 1:
        raise Unreadable(f"{show(path_text)} names gold and silver: keep one, or say --product")
    return found.pop() if found else None


def asks(day: date) -> tuple[Ask, ...]:
    """One question a metal, for the two weeks up to `day`; nothing before its first fixing."""
    return _asks(day - _BACK, day)


def backlog(start: date, end: date) -> tuple[Ask, ...]:
    """One question a metal, for all the days from `start` to `end`."""
    return _asks(start, end)


def _asks(start: date, end: date) -> tuple[Ask, ...]:
    return tuple(
        Ask(
            "sge_benchmark",
            end,
            f"{_SITE}/{path}?to={end}",
            hint=metal,
            method="POST",
            headers=_HEADERS,
            form=(("start", str(start)), ("end", str(end))),
        )
        for metal, (_, path) in _METALS.items()
        if end >= _FIRST[metal]
    )


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A JSON object with the two lists of fixings."""
    return body.lstrip()[:1] == b"{" and re.search(rb'"zp"\s*:\s*\[', body) is not None and b'"wp"' in body


def parse(answer: Answer) -> Batch:
    """Rows of sge_benchmark_rows of the metal in `answer.hint`.

    Raises NotPublished (both lists empty), Blocked (a firewall's page), Unreadable (no metal, layout), Implausible
    (a weekend, the future, two prices for one fixing, morning and afternoon 30 percent apart, another metal's price).
    """
    text = tables.text_of(answer.body)
    if text.lstrip()[:1] != "{":
        tables.refuse_block_page(text, "SGE")
        raise Unreadable("no JSON")
    payload = tables.json_of(text)
    metal = answer.hint or ""
    if metal not in _METALS:
        raise Unreadable("the answer does not name its metal: put gold or silver in the file name, or use --product")
    unit, _ = _METALS[metal]
    notes = [Note("layout", f"an unknown field {show(key)}") for key in payload if key not in _FIXINGS]
    rejects: list[Reject] = []
    fixed = {key: _fixings(payload, key, answer, notes, rejects) for key in _FIXINGS}
    if not any(fixed.values()):
        if rejects:
            raise Unreadable(f"not one price: {rejects[0].message}", rejects[0].where)
        raise NotPublished(f"SGE has no benchmark price of {metal} for the days asked for")
    _check_pairs(fixed["zp"], fixed["wp"])
    for days in fixed.values():
        _check_metal(metal, unit, days)
    records = [
        {
            "session": day,
            "metal": metal,
            "fixing": fixing,
            "price": price,
            "unit": unit,
            "published_at": tables.usual_hour(day, hour, _ZONE),
            "published_assumed": True,
        }
        for key, (fixing, hour) in _FIXINGS.items()
        for day, price in sorted(fixed[key].items())
    ]
    return Batch({"sge_benchmark_rows": tables.frame("sge_benchmark_rows", records)}, tuple(notes), tuple(rejects))


def _fixings(
    payload: Mapping[str, object], key: str, answer: Answer, notes: list[Note], rejects: list[Reject]
) -> dict[date, float]:
    """The prices of one list by day."""
    listed = payload.get(key)
    if not isinstance(listed, list) or len(listed) > _MOST_DAYS:
        raise Unreadable(f"no list of fixings under {key!r}", key)
    found: dict[date, float] = {}
    off_midnight = 0
    for index, pair in enumerate(listed):
        where = f"{key}[{index}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise Unreadable(f"{show(pair)} is not a moment and a price", where)
        moment = _moment(pair[0], where)
        off_midnight += (moment.hour, moment.minute) != (0, 0)
        day = moment.date()
        tables.believable(day, answer, _ZONE, where)
        if day.weekday() > 4:
            raise Implausible(f"a fixing on {day}, a {day:%A}", where)
        price = tables.number(pair[1], where)
        if price is None or price <= 0:
            rejects.append(Reject(f"{day} has no price", where, show(pair)))
        elif found.setdefault(day, price) != price:
            raise Implausible(f"{day} has two prices, {found[day]:g} and {price:g}", where)
    if off_midnight:
        notes.append(Note("layout", f"{off_midnight} moments of {key} are not midnight in Beijing", where=key))
    return found


def _moment(raw: object, where: str) -> datetime:
    """Epoch milliseconds as a moment in Beijing."""
    stamp = tables.whole(raw, where)
    if stamp is None or not 0 <= stamp < 32_503_680_000_000:
        raise Unreadable(f"{show(raw)} is no moment in milliseconds", where)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=stamp)).astimezone(clock.zone(_ZONE))


def _check_pairs(morning: Mapping[date, float], afternoon: Mapping[date, float]) -> None:
    for day in morning.keys() & afternoon.keys():
        low, high = sorted((morning[day], afternoon[day]))
        if high > _FARTHEST * low:
            raise Implausible(f"{day}: {morning[day]:g} in the morning and {afternoon[day]:g} in the afternoon")


def _check_metal(metal: str, unit: str, days: Mapping[date, float]) -> None:
    """Raises Implausible where a price is of the other metal than the hint says."""
    least, most = _RANGE[unit]
    for day, price in days.items():
        parted = next(figure for start, figure in _PARTED if day >= start)
        if not least <= price <= most or (unit == "kg") != (price > parted):
            text = f"{price:g} CNY per {unit} on {day} is no price of {metal}"
            raise Implausible(f"{text}: is the name right?")


SOURCE: Final = Source(
    name="sge_benchmark",
    title="Shanghai gold and silver benchmark prices",
    publisher="Shanghai Gold Exchange",
    venue="SGE",
    tables=("sge_benchmark_rows",),
    due=Due(clock="15:00", zone=_ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    hint_of=hint_of,
    needs_hint=True,
    hosts=("www.sge.com.cn",),
    page="https://www.sge.com.cn/sjzx/jzj",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.sge.com.cn/",
    licence="none stated in the answer",
    unit="CNY per gram (gold), CNY per kg (silver)",
    history_start="2016-04-19",
    proof=Proof.DOCUMENTS,
    verified="No answer of the exchange was read. Layout, the meaning of the two lists and midnight in Beijing are "
    "known from documents; the hours 10:15 and 14:15 from one of them.",
)
