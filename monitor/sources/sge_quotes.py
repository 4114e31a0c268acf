"""SGE daily quotations: prices, volume, open interest and the direction of delivery, by contract.

Publisher: Shanghai Gold Exchange; venue SGE; Asia/Shanghai; every trading day, built from the night session and
the day session that ends at 15:30. One HTML table, 14 columns found by their headings (the serial number is inside a
comment and is no cell); the browser's version prints thousands separators, the plain one does not; a dash or a
blank is NULL.

Prices are CNY per kg for silver, per gram for gold and platinum; volume is kg, turnover CNY, and both count the
buying and the selling side, as the page says. Turnover over volume gives the weighted average: checked within 1 CNY/kg
for silver and 0.05 CNY/g otherwise.

交收方向 says who pays the deferral fee: 空支付给多 means the shorts pay the longs, because more want metal than
deliver it. The page carries no hour: 15:45 is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import tables
from monitor.sources.tables import Cell

_ZONE: Final = "Asia/Shanghai"
_HOUR: Final = "15:45"
_FIRST: Final = date(2002, 10, 30)
_COLUMNS: Final = {
    "日期": "session",
    "合约": "contract",
    "开盘价": "open",
    "最高价": "high",
    "最低价": "low",
    "收盘价": "close",
    "涨跌(元)": "change",
    "涨跌幅": "change_pct",
    "加权平均价": "weighted_average",
    "成交量(kg)": "volume_kg",
    "成交金额(元)": "turnover_cny",
    "市场持仓(手)": "open_interest_lots",
    "交收方向": "delivery_direction",
    "交收量(手)": "delivery_lots",
}
"""Heading, with full-width brackets made plain -> our column."""
_COUNTS: Final = ("open_interest_lots", "delivery_lots")
_TEXTS: Final = ("session", "contract", "delivery_direction")
_DIRECTIONS: Final = {"空支付给多": "shorts_pay_longs", "多支付给空": "longs_pay_shorts"}
_SILVER: Final = re.compile(r"i?Ag(?![A-Za-z]).*|SHAG")
_BY_GRAM: Final = re.compile(r"[im]?Au(?![A-Za-z]).*|SHAU|NYAuTN[0-9]{2}|PGC.*|i?Pt(?![A-Za-z]).*")
_TOLERANCE: Final = {"kg": 1.0, "gram": 0.05}
_PER_KG: Final = {"kg": 1.0, "gram": 1_000.0}
_ASKED: Final = re.compile(r"(start_date|end_date)=([0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9])")
_STRANGER: Final = "a contract of an unknown family"
_PAGE_LINK: Final = re.compile(r"gotoPage\('[^']*','([0-9]{1,4})'\)")


def asks(day: date) -> tuple[Ask, ...]:
    """The page of `day` alone: longer ranges come back paged or empty."""
    if day < _FIRST:
        return ()
    address = f"https://www.sge.com.cn/sjzx/quotation_daily_new?start_date={day}&end_date={day}&inst_ids=&p=1"
    return (Ask("sge_quotes", day, address, headers=(("Referer", "https://www.sge.com.cn/"),)),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A page with the daily_new table and its weighted average."""
    return b"daily_new" in body and "加权平均价".encode() in body


def parse(answer: Answer) -> Batch:
    """Rows of sge_quote_rows, several dates on one page allowed.

    A contract of an unknown family, or whose prices contradict each other, is a Reject. Raises NotPublished (an
    empty table), Blocked (a firewall's page), Unreadable (no table, a missing heading, a cut page, a contract twice),
    Implausible (a date not asked for, turnover that contradicts the weighted average, no row left to believe).
    """
    text = tables.text_of(answer.body)
    if "daily_new_table" not in text and "加权平均价" not in text:
        tables.refuse_block_page(text, "SGE")
        raise Unreadable("no SGE quotation table in the page")
    page = tables.page_of(text)
    lines, at, added = _table(page)
    if _empty(lines):
        raise NotPublished(f"SGE's table is empty{_asked_text(answer.url)}")
    notes = [*added, *_paging(text)]
    rejects: list[Reject] = []
    records: list[dict[str, object]] = []
    for index, line in enumerate(lines, 1):
        session = _session(line, at, answer, f"row {index}")
        record = _record(line, at, f"row {index}", rejects)
        if record is None:
            continue
        record["session"] = session
        record["published_at"], record["published_assumed"] = tables.usual_hour(session, _HOUR, _ZONE), True
        records.append(record)
    notes += [Note("layout", r.message, where=r.where) for r in rejects if r.message.startswith(_STRANGER)]
    if not records:
        raise Implausible(f"none of the {len(lines)} rows can be believed: {rejects[0].message}", rejects[0].where)
    keys = {(record["session"], record["contract"]) for record in records}
    if len(keys) != len(records):
        raise Unreadable("a contract stands twice under one date")
    return Batch({"sge_quote_rows": tables.frame("sge_quote_rows", records)}, tuple(notes), tuple(rejects))


def _table(page: LexborHTMLParser) -> tuple[list[list[Cell]], dict[str, int], tuple[Note, ...]]:
    """The rows under the headings of the quotation table, our column -> place, and a note of unknown headings."""
    for table in page.css("table"):
        lines = tables.grid(table)
        header = tables.header_at(lines, ("合约", "加权平均价"))
        if header is not None:
            at = tables.columns(lines[header], _COLUMNS)
            places = {ours: at[printed] for printed, ours in _COLUMNS.items()}
            added = [cell.text for place, cell in enumerate(lines[header]) if place not in places.values()]
            if not all(added):
                raise Unreadable(f"a column without a heading beside the {len(_COLUMNS)} that are known")
            notes = tables.strangers(added, (), "column")
            return _even(lines[header + 1 :], len(lines[header])), places, notes
    raise Unreadable("no table with the headings 合约 and 加权平均价")


def _even(lines: list[list[Cell]], width: int) -> list[list[Cell]]:
    """The rows, each as wide as the headings; Unreadable otherwise, but for a single remark."""
    if not _empty(lines):
        for index, line in enumerate(lines, 1):
            if len(line) != width:
                raise Unreadable(f"{len(line)} cells under {width} headings", f"row {index}")
    return lines


def _empty(lines: Sequence[Sequence[Cell]]) -> bool:
    """No rows, or a single row whose one cell spans the table with a remark."""
    return not lines or (len(lines) == 1 and len({id(cell) for cell in lines[0]}) <= 1)


def _session(line: Sequence[Cell], at: Mapping[str, int], answer: Answer, where: str) -> date:
    """The row's date, believable and inside the range asked for."""
    session = tables.iso_date(line[at["session"]].text, f"{where} column 日期")
    tables.believable(session, answer, _ZONE, f"{where} column 日期")
    asked = dict(_ASKED.findall(answer.url or ""))
    if not asked.get("start_date", "") <= str(session) <= asked.get("end_date", "9999"):
        raise Implausible(f"the page holds {session}{_asked_text(answer.url)}", f"{where} column 日期")
    return session


def _record(line: Sequence[Cell], at: Mapping[str, int], where: str, rejects: list[Reject]) -> dict[str, object] | None:
    """One row as a record, or None with a Reject added."""
    text = {ours: line[place].text for ours, place in at.items()}
    contract, unit = text["contract"], _unit(text["contract"])
    if unit is None:
        rejects.append(Reject(f"{_STRANGER}, so its unit is not known: {tables.show(contract)}", where, contract))
        return None
    values = {
        ours: (tables.whole if ours in _COUNTS else tables.number)(_bare(cell, ours), f"{where} column {ours}")
        for ours, cell in text.items()
        if ours not in _TEXTS
    }
    problem = _contradiction(values, _TOLERANCE[unit])
    if problem:
        rejects.append(Reject(f"{contract}: {problem}", where, " ".join(text.values())))
        return None
    _check_turnover(contract, values, unit, where)
    direction = _direction(text["delivery_direction"], f"{where} column 交收方向", rejects)
    return {"contract": contract, "unit": unit, "delivery_direction": direction, **values}


def _unit(contract: str) -> str | None:
    if _SILVER.fullmatch(contract):
        return "kg"
    return "gram" if _BY_GRAM.fullmatch(contract) else None


def _bare(text: str, ours: str) -> str:
    return text.removesuffix("%") if ours == "change_pct" else text


def _direction(text: str, where: str, rejects: list[Reject]) -> str | None:
    if text in ("", "-"):
        return None
    found = _DIRECTIONS.get(text)
    if found is None:
        rejects.append(Reject("the direction of delivery is not understood; stored as unknown", where, text))
    return found


def _contradiction(values: Mapping[str, float | None], tolerance: float) -> str:
    """Why the prices of one row cannot all be right, or ''."""
    low, high = values["low"], values["high"]
    for name in ("open", "close", "weighted_average"):
        value = values[name]
        if value is None or low is None or high is None:
            continue
        if not low - tolerance <= value <= high + tolerance:
            return f"{name} {value:g} outside the day's {low:g} to {high:g}"
    close, change, percent = values["close"], values["change"], values["change_pct"]
    if close is not None and change is not None and percent is not None and close - change > 0:
        expected = 100 * change / (close - change)
        if abs(expected - percent) > 0.011:  # printed to two places, rounded or cut
            return f"a change of {change:g} to {close:g} is {expected:.2f} percent, printed is {percent:g}"
    return ""


def _check_turnover(contract: str, values: Mapping[str, float | None], unit: str, where: str) -> None:
    volume, turnover, average = values["volume_kg"], values["turnover_cny"], values["weighted_average"]
    if not volume or turnover is None or average is None:
        return
    ratio = turnover / volume / _PER_KG[unit]
    if abs(ratio - average) > _TOLERANCE[unit]:
        text = f"{contract}: turnover over volume is {ratio:.2f} CNY per {unit}, the weighted average {average:g}"
        raise Implausible(text, where)


def _asked_text(url: str | None) -> str:
    asked = dict(_ASKED.findall(url or ""))
    return f", asked for {asked['start_date']}" if "start_date" in asked else ""


def _paging(text: str) -> list[Note]:
    last = max((int(found) for found in _PAGE_LINK.findall(text)), default=1)
    return [] if last == 1 else [Note("layout", f"the table goes on over {last} pages; this is one of them")]


SOURCE: Final = Source(
    name="sge_quotes",
    title="SGE daily quotations",
    publisher="Shanghai Gold Exchange",
    venue="SGE",
    tables=("sge_quote_rows",),
    due=Due(clock="16:00", zone=_ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hosts=("www.sge.com.cn",),
    page="https://www.sge.com.cn/sjzx/quotation_daily_new",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.sge.com.cn/",
    licence="none stated on the page",
    unit="CNY per kg (silver) or gram (gold, platinum); kg; lots",
    history_start="not known",
    proof=Proof.CAPTURES,
    verified="One captured page of 2026-02-27, whole, 17 contracts. The page with thousands separators and the empty "
    "one are known from documents only; how far back the page answers was not tried.",
)
