"""SHFE daily warehouse warrants for silver, gold and copper, by warehouse.

Publisher: Shanghai Futures Exchange; venue SHFE; Asia/Shanghai; every trading day after the close.
Two layouts: the HTML page since 2025-11-18 (one table a product, title and unit in the row under the
headings) and the JSON file up to 2025-11-17 (`o_cursor`, names as Chinese$$English).

Quantities are metal under registered warrant, kilograms for silver and gold, tonnes for copper. 铜(BC) is
the bonded contract of INE, another product, and is left out like every other product.

Totals: the row 总计 is level `total`; copper's 保税商品总计 (bonded) and 完税商品总计 (tax paid) are level
`total` too, under their printed label, so a reader of one total picks warehouse 总计. Gold prints one
warehouse row and no total: its `total` row, labelled 总计, is the sum of the warehouse rows, nothing else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import kx, tables
from monitor.sources.tables import Cell

_ZONE: Final = "Asia/Shanghai"
_HOUR: Final = "15:30"
_METALS: Final = {"白银": ("silver", "kg", "千克"), "黄金": ("gold", "kg", "千克"), "铜": ("copper", "tonne", "吨")}
"""Title as printed -> metal, our unit, the unit the page must print."""
_OTHERS: Final = re.compile(
    r"(?:铜\(BC\)|铝|锌|铅|镍|锡|氧化铝|铸造铝合金|螺纹钢|线材|热轧卷板|不锈钢|燃料油|低硫燃料油|石油沥青|沥青|天然橡胶|20号胶"
    r"|丁二烯橡胶|纸浆|漂针浆|胶版印刷纸|原油|中质含硫原油)[(]?(?:仓库|厂库)?[)]?"
)
"""Products that are none of ours, with the kind of store some titles carry."""
_SUBTOTAL: Final = "合计"
_TOTAL: Final = "总计"
_PARTS: Final = ("保税商品总计", "完税商品总计")
_HEADINGS: Final = ("地区", "仓库", "期货", "增减")
_UNIT: Final = re.compile(r"单位[：:]\s*(\S+)")
_DATE_LINE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\s+([0-9]{4})年\s*第\s*([0-9]{1,4})\s*期")
_HTML_FROM: Final = date(2025, 11, 18)
_JSON_FROM: Final = date(2014, 5, 19)
_SITE: Final = "https://www.shfe.com.cn/data/tradedata/future"


class Row(NamedTuple):
    """One printed row of one product, in the product's unit."""

    region: str
    warehouse: str
    level: str
    quantity: float
    change: float | None
    where: str


class Report(NamedTuple):
    """What either layout says: rows by product title, and what came with them."""

    session: date
    products: dict[str, list[Row]]
    titles: list[str]
    published: datetime
    assumed: bool
    notes: tuple[Note, ...]


def asks(day: date) -> tuple[Ask, ...]:
    """The page of `day`: HTML since 2025-11-18, JSON from 2014-05-19, nothing before."""
    if day >= _HTML_FROM:
        return (Ask("shfe_warrants", day, f"{_SITE}/stockdata/dailystock_{day:%Y%m%d}/ZH/all.html"),)
    if day >= _JSON_FROM:
        return (Ask("shfe_warrants", day, f"{_SITE}/dailydata/{day:%Y%m%d}dailystock.dat"),)
    return ()


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """The daily page (never the weekly one, which prints 上周 and 本周) or the daily JSON (no SPOTWGHTS)."""
    if body.lstrip()[:1] == b"{":
        return b'"o_cursor"' in body and b'"WRTWGHTS"' in body and b'"SPOTWGHTS"' not in body
    return b"content_intro" in body and "增减".encode() in body and "上周".encode() not in body


def parse(answer: Answer) -> Batch:
    """Rows of shfe_warrant_rows.

    Raises NotPublished (an empty list), Blocked (the firewall's page), Unreadable (layout, unit, a cut page, a
    warehouse twice), Implausible (subtotals or totals that do not add up, a date that is not the one asked for).
    """
    text = tables.text_of(answer.body)
    report = _read_json(text, answer) if text.lstrip()[:1] == "{" else _read_html(text, answer)
    tables.same_day_as_address(report.session, answer.url)
    notes = [*report.notes, *_strangers(report)]
    rejects: list[Reject] = []
    records: list[dict[str, object]] = []
    if not report.products:
        raise Unreadable("no table for silver, gold or copper")
    for title, (metal, unit, _) in _METALS.items():
        rows = report.products.get(title)
        if rows is None:
            rejects.append(Reject(f"no {metal} ({title}) in the report", title))
            continue
        notes += _check(title, rows, report.session)
        common = {
            "session": report.session,
            "metal": metal,
            "unit": unit,
            "published_at": report.published,
            "published_assumed": report.assumed,
        }
        records += [common | row._asdict() for row in _with_total(title, rows)]
    return Batch({"shfe_warrant_rows": tables.frame("shfe_warrant_rows", records)}, tuple(notes), tuple(rejects))


# --- the page since 2025-11-18 ---------------------------------------------------------------


def _read_html(text: str, answer: Answer) -> Report:
    if "content_intro" not in text:
        tables.refuse_block_page(text, "SHFE")
        raise Unreadable("no SHFE report: neither JSON nor a page with its date line (content_intro)")
    page = tables.page_of(text)
    session, notes = _date_line(page)
    tables.believable(session, answer, _ZONE, "content_intro")
    products: dict[str, list[Row]] = {}
    titles: list[str] = []
    for index, table in enumerate(page.css("table"), 1):
        lines = tables.grid(table)
        title = _title_at(lines)
        if title is None:
            continue
        name = lines[title][0].text
        if name in titles:
            raise Unreadable(f"{name} has two tables", f"table {index}")
        titles.append(name)
        if name in _METALS:
            products[name], more = _html_rows(name, lines, title, f"table {index} ({name})")
            notes += more
    published = tables.usual_hour(session, _HOUR, _ZONE)
    return Report(session, products, titles, published, True, notes)


def _date_line(page: LexborHTMLParser) -> tuple[date, tuple[Note, ...]]:
    intro = page.css_first(".content_intro")
    found = _DATE_LINE.search(tables.cell_text(intro)) if intro is not None else None
    if found is None:
        raise Unreadable("no date line such as '2026-09-18 2026年 第174期'", "content_intro")
    session = tables.iso_date(found[1], "content_intro")
    if int(found[2]) != session.year:
        raise Implausible(f"the date line says {session} and the year {found[2]}", "content_intro")
    return session, tables.ordinal_note("SHFE", session, int(found[3]))


def _title_at(lines: Sequence[Sequence[Cell]]) -> int | None:
    """The row with the product's title in its first cell and the unit in its last, found by the unit."""
    for index, line in enumerate(lines[:4]):
        if line and _UNIT.fullmatch(line[-1].text):
            return index
    return None


def _html_rows(
    name: str, lines: Sequence[Sequence[Cell]], title: int, where: str
) -> tuple[list[Row], tuple[Note, ...]]:
    unit = _UNIT.fullmatch(lines[title][-1].text)
    if unit is None or unit[1] != _METALS[name][2]:
        raise Unreadable(f"{name} is printed as {lines[title][-1].text!r}, not in {_METALS[name][2]}", where)
    header = tables.header_at(lines, _HEADINGS)
    if header is None:
        raise Unreadable(f"no row of headings {', '.join(_HEADINGS)}", where)
    at = tables.columns(lines[header], _HEADINGS)
    rows = []
    for index, line in enumerate(lines):
        spot = f"{where} row {index + 1}"
        if index in (title, header):
            continue
        if len(line) != len(lines[header]):
            raise Unreadable(f"{len(line)} cells under {len(lines[header])} headings", spot)
        region, warehouse = line[at["地区"]], line[at["仓库"]]
        quantity = tables.number(line[at["期货"]].text, f"{spot} column 期货")
        change = tables.number(line[at["增减"]].text, f"{spot} column 增减")
        rows.append(_row("" if region is warehouse else region.text, warehouse.text, quantity, change, spot))
    return rows, tables.strangers((cell.text for cell in lines[header]), _HEADINGS, "column", where)


# --- the JSON up to 2025-11-17 -----------------------------------------------------------------


def _read_json(text: str, answer: Answer) -> Report:
    payload = tables.json_of(text)
    items = tables.objects(payload, "o_cursor")
    session = tables.iso_date(tables.label(payload.get("report_date"), "report_date"), "report_date")
    tables.believable(session, answer, _ZONE, "report_date")
    trading = tables.label(payload.get("o_tradingday"), "o_tradingday")
    if trading and trading != f"{session:%Y%m%d}":
        raise Implausible(f"report_date {session:%Y%m%d} and o_tradingday {trading} differ", "o_tradingday")
    if not items:
        raise NotPublished(f"SHFE lists no warrants for {session}")
    if any("SPOTWGHTS" in item for item in items):
        raise Unreadable("the weekly stock file, not the daily warrants", "o_cursor")
    products: dict[str, list[Row]] = defaultdict(list)
    titles: list[str] = []
    for index, item in enumerate(items):
        spot = f"o_cursor[{index}]"
        name = _chinese(item.get("VARNAME"), spot)
        if name not in titles:
            titles.append(name)
        if name in _METALS:
            products[name].append(_json_row(item, spot))
    published, assumed, notes = tables.update_moment(payload.get("update_date"), session, _HOUR, _ZONE)
    notes += tables.unknown_fields([payload], (*kx.META, "o_cursor"))
    notes += tables.unknown_fields(items, (*kx.STORE_FIELDS, "WRTWGHTS", "WRTCHANGE"), "o_cursor")
    return Report(session, dict(products), titles, published, assumed, notes)


def _json_row(item: dict[str, object], spot: str) -> Row:
    quantity = tables.number(item.get("WRTWGHTS"), f"{spot}.WRTWGHTS")
    change = tables.number(item.get("WRTCHANGE"), f"{spot}.WRTCHANGE")
    warehouse = _chinese(item.get("WHABBRNAME"), spot)
    row = _row(_chinese(item.get("REGNAME"), spot), warehouse, quantity, change, spot)
    status = tables.label(item.get("ROWSTATUS"), f"{spot}.ROWSTATUS")
    if {"0": "warehouse", "1": "subtotal", "2": "total"}.get(status) != row.level:
        raise Unreadable(f"ROWSTATUS {status!r} on a row called {warehouse!r}", spot)
    return row


def _chinese(raw: object, spot: str) -> str:
    return tables.label(raw, spot).split("$$")[0].strip()


# --- both --------------------------------------------------------------------------------------


def _row(region: str, warehouse: str, quantity: float | None, change: float | None, where: str) -> Row:
    if not warehouse or quantity is None:
        raise Unreadable(f"a row without {'a quantity' if warehouse else 'a name'}", where)
    if quantity < 0 or (change is not None and change > quantity):
        raise Implausible(f"{warehouse}: {quantity:g} under warrant after a change of {change or 0:+g}", where)
    if warehouse == _SUBTOTAL:
        return Row(region, warehouse, "subtotal", quantity, change, where)
    if warehouse == _TOTAL or warehouse in _PARTS:
        return Row("", warehouse, "total", quantity, change, where)
    if warehouse.endswith("计"):
        raise Unreadable(f"a total of an unknown kind: {warehouse}", where)
    return Row(region, warehouse, "warehouse", quantity, change, where)


def _check(title: str, rows: Sequence[Row], session: date) -> list[Note]:
    """The sums a product's rows must satisfy.

    Quantities that do not add up are Implausible; changes that do not are noted, because a warehouse leaving the
    list takes its last change with it.
    """
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        if row[:3] in seen:
            raise Unreadable(f"{title}: {row.region} {row.warehouse} stands there twice", row.where)
        seen.add(row[:3])
    most = kx.MOST_STOCK[_METALS[title][0]]
    stores = [row for row in rows if row.level == "warehouse"]
    if sum(row.quantity for row in stores) > most:
        raise Implausible(f"{title}: more than {most:g} {_METALS[title][1]} under warrant", stores[0].where)
    totals = {row.warehouse: row for row in rows if row.level == "total"}
    if not stores or (_TOTAL not in totals and title != "黄金" and len(stores) > 1):
        raise Unreadable(f"{title}: {len(stores)} warehouses and no {_TOTAL}")
    notes: list[Note] = []
    for row in rows:
        if row.level == "subtotal":
            notes += _adds_up(f"{title} {row.region}", [s for s in stores if s.region == row.region], row, session)
        elif row.warehouse == _TOTAL:
            notes += _adds_up(title, stores, row, session)
            if all(part in totals for part in _PARTS):
                notes += _adds_up(f"{title}, bonded and tax paid", [totals[part] for part in _PARTS], row, session)
    return notes


def _adds_up(what: str, parts: Sequence[Row], printed: Row, session: date) -> list[Note]:
    added = sum(part.quantity for part in parts)
    if abs(added - printed.quantity) > 0.5:
        raise Implausible(f"{what}: the parts add up to {added:g}, printed is {printed.quantity:g}", printed.where)
    change = sum(part.change or 0 for part in parts)
    if printed.change is None or abs(change - printed.change) <= 0.5:
        return []
    text = f"{what}: the changes add up to {change:+g}, printed is {printed.change:+g}"
    return [Note("layout", text, session, printed.where)]


def _with_total(title: str, rows: Sequence[Row]) -> list[Row]:
    """The rows, with the sum of the warehouses as 总计 where the report prints none."""
    if any(row.warehouse == _TOTAL for row in rows):
        return list(rows)
    stores = [row for row in rows if row.level == "warehouse"]
    change = None if any(s.change is None for s in stores) else sum(s.change or 0 for s in stores)
    return [*rows, Row("", _TOTAL, "total", sum(s.quantity for s in stores), change, title)]


def _strangers(report: Report) -> list[Note]:
    return [
        Note("layout", f"a product never seen before: {title}", report.session, title)
        for title in report.titles
        if title not in _METALS and not _OTHERS.fullmatch(title.replace("（", "(").replace("）", ")"))
    ]


SOURCE: Final = Source(
    name="shfe_warrants",
    title="SHFE daily warrants",
    publisher="Shanghai Futures Exchange",
    venue="SHFE",
    tables=("shfe_warrant_rows",),
    due=Due(clock=_HOUR, zone=_ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hosts=("www.shfe.com.cn", "www.shfe.cn"),
    page="https://www.shfe.com.cn/reports/tradedata/dailyandweeklydata/",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.shfe.com.cn/",
    licence="none stated in the file",
    unit="kg (silver, gold), tonne (copper)",
    history_start="2014-05-19",
    proof=Proof.QUOTED,
    verified="HTML: one captured page of 2026-09-18, an excerpt with copper, gold, silver and three other tables. "
    "JSON: layout known from documents and quoted rows only.",
)
