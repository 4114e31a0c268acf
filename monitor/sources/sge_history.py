"""SGE price history by contract: open, high, low and close of every trading day since 2016-12.

Publisher: Shanghai Gold Exchange; venue SGE; Asia/Shanghai. The chart of the daily prices answers one contract's whole
history in JSON, `{"time": [[day, open, CLOSE, LOW, HIGH], ...]}`: that order, not the usual one. The answer does not
name its contract, which is the hint: the contract asked for, or the token of a file or folder name (`ag_td`).

Prices are CNY per kg for silver, per gram for gold and platinum. The daily quotations have more columns; this is for
filling a history, so it is asked for once a month. The night session counts to the day after. No hour is given: 15:45
is assumed. A row whose prices contradict each other is set aside; where many do, the order of the columns has changed
and nothing is believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import plausible, tables
from monitor.sources.tables import show

_ZONE: Final = "Asia/Shanghai"
_HOUR: Final = "15:45"
_ADDRESS: Final = "https://www.sge.com.cn/graph/Dailyhq"
_CONTRACTS: Final = {
    "Ag(T+D)": "kg",
    "Ag99.99": "kg",
    "Au(T+D)": "gram",
    "Au99.99": "gram",
    "Pt99.95": "gram",
}
"""Contract -> unit of its price."""
_ASKED: Final = ("Ag(T+D)", "Au(T+D)", "Au99.99")
_HEADERS: Final = (("Referer", "https://www.sge.com.cn/"), ("X-Requested-With", "XMLHttpRequest"))
_RANGE: Final = {"kg": (500.0, 1e6), "gram": (50.0, 1e5)}
_SILVER_FROM: Final = 2_500.0
"""The lowest close of silver since 2016 (2,915 on 2020-03-19) is above this, that of gold and platinum far below it."""
_BAD_SHARE: Final = 0.01


def hint_of(path_text: str) -> str | None:
    """The contract a file or folder name says (`sge_ag_td.json`, `Dailyhq Au(T+D)`), None where it says none.

    Unreadable where it names two.
    """
    found = [name for name in _CONTRACTS if _named(name, path_text.lower())]
    if len(found) > 1:
        raise Unreadable(f"{show(path_text)} names {' and '.join(found)}: keep one, or say --product")
    return found[0] if found else None


def _named(contract: str, text: str) -> bool:
    """Whether `text` has the letters and digits of the contract, any signs between them, as a word of its own."""
    signs = "[^0-9a-z]*"
    word = signs.join(re.sub("[^0-9a-z]", "", contract.lower()))
    return re.search(f"(?<![0-9a-z]){word}(?![0-9a-z])", text) is not None


def asks(day: date) -> tuple[Ask, ...]:
    """One question a contract, each for its whole history, whatever the day; the number keeps the addresses apart."""
    return tuple(
        Ask(
            "sge_history",
            day,
            f"{_ADDRESS}?n={number}",
            hint=contract,
            method="POST",
            headers=_HEADERS,
            form=(("instid", contract),),
        )
        for number, contract in enumerate(_ASKED, 1)
    )


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A JSON object whose `time` is a list of lists that begin with a day."""
    listed = re.search(rb'"time"\s*:\s*\[\s*\[\s*"[0-9]{4}-[0-9]{2}-[0-9]{2}"\s*,', body[:2_000])
    return body.lstrip()[:1] == b"{" and listed is not None


def parse(answer: Answer) -> Batch:
    """Rows of sge_history_rows of the contract in `answer.hint`.

    Raises NotPublished (an empty list), Blocked (a firewall's page), Unreadable (no contract, layout), Implausible
    (more than one row in a hundred that contradicts itself, two prices for one day, a price of another metal).
    """
    text = tables.text_of(answer.body)
    if text.lstrip()[:1] != "{":
        tables.refuse_block_page(text, "SGE")
        raise Unreadable("no JSON")
    payload = tables.json_of(text)
    contract = answer.hint or ""
    if contract not in _CONTRACTS:
        raise Unreadable(
            f"the answer does not name its contract and {show(contract)} is none of {', '.join(_CONTRACTS)}: "
            "put one in the file name, such as ag_td, or use --product"
        )
    unit = _CONTRACTS[contract]
    listed = payload.get("time")
    if not isinstance(listed, list):
        raise Unreadable("no list under 'time'")
    if not listed:
        raise NotPublished(f"SGE has no history of {contract}")
    notes = [Note("layout", f"an unknown field {show(key)}") for key in payload if key != "time"]
    rejects: list[Reject] = []
    rows: dict[date, dict[str, float | None]] = {}
    for index, line in enumerate(listed):
        _take(line, f"time[{index}]", answer, rows, rejects)
    if len(rejects) > max(2, _BAD_SHARE * len(listed)) or not rows:
        text = f"{len(rejects)} of {len(listed)} days contradict themselves, so the columns are not those known"
        raise Implausible(f"{text}: {rejects[0].message}", rejects[0].where)
    _check_metal(contract, unit, rows)
    known: dict[str, object] = {"contract": contract, "unit": unit, "published_assumed": True}
    records = [
        known | {"session": day, "published_at": tables.usual_hour(day, _HOUR, _ZONE)} | row
        for day, row in rows.items()
    ]
    return Batch({"sge_history_rows": tables.frame("sge_history_rows", records)}, tuple(notes), tuple(rejects))


def _take(
    line: object, where: str, answer: Answer, rows: dict[date, dict[str, float | None]], rejects: list[Reject]
) -> None:
    """Put one day into `rows`, or a Reject of it into `rejects`."""
    if not isinstance(line, list) or len(line) != 5:
        raise Unreadable(f"{show(line)} is not a day and four prices", where)
    day = tables.iso_date(tables.label(line[0], where), where)
    tables.believable(day, answer, _ZONE, where)
    names = ("open", "close", "low", "high")
    prices = {name: tables.number(raw, where) or None for name, raw in zip(names, line[1:], strict=True)}
    if day.weekday() > 4:
        rejects.append(Reject(f"{day} is no weekday", where, show(line)))
    elif prices["close"] is None:
        rejects.append(Reject(f"{day} has no close", where, show(line)))
    elif problem := _contradiction(prices):
        rejects.append(Reject(f"{day}: {problem}", where, show(line)))
    elif rows.setdefault(day, prices) != prices:
        raise Implausible(f"{day} stands there twice with other prices", where)


def _contradiction(prices: Mapping[str, float | None]) -> str:
    """Why the prices of one day cannot all be right, or ''."""
    low, high = prices["low"], prices["high"]
    for name in ("open", "close"):
        value = prices[name]
        if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
            return f"{name} {value:g} outside the day's {low or 0:g} to {high or 0:g}"
    if prices["close"] and (problem := plausible.apart(prices, prices["close"])):
        return problem
    if low is not None and high is not None and low > high:
        return f"low {low:g} above high {high:g}"
    if any(value is not None and value < 0 for value in prices.values()):
        return "a price below 0"
    return ""


def _check_metal(contract: str, unit: str, rows: Mapping[date, Mapping[str, float | None]]) -> None:
    """Raises Implausible where the prices are of another metal than the hint says."""
    closes = [close for row in rows.values() if (close := row["close"]) is not None]
    least, most = _RANGE[unit]
    for close in (min(closes), max(closes)):
        if not least <= close <= most:
            raise Implausible(f"{close:g} CNY per {unit} is no price of {contract}")
    if (unit == "kg") == (min(closes) < _SILVER_FROM):
        raise Implausible(
            f"closes from {min(closes):g} to {max(closes):g} CNY are not of {contract}: is the name right?"
        )


SOURCE: Final = Source(
    name="sge_history",
    title="SGE price history",
    publisher="Shanghai Gold Exchange",
    venue="SGE",
    tables=("sge_history_rows",),
    due=Due(clock="08:00", zone=_ZONE, days=1, in_sessions=True, grace_minutes=24 * 60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    hint_of=hint_of,
    needs_hint=True,
    hosts=("www.sge.com.cn",),
    page="https://www.sge.com.cn/sjzx/mrhq",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.sge.com.cn/",
    licence="none stated in the answer",
    cadence="monthly",
    unit="CNY per kg (silver) or gram (gold, platinum)",
    history_start="2016-12-16",
    proof=Proof.DOCUMENTS,
    verified="No answer of the exchange was read. The order of the columns is documented twice, the closes were "
    "compared with a third party's series from 2016-12 to 2026-02.",
)
