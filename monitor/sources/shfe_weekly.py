"""SHFE weekly stocks of silver, gold and copper, by warehouse: stock, registered warrants and free capacity.

Publisher: Shanghai Futures Exchange; venue SHFE; Asia/Shanghai; after the close of the last session of each week.
Two layouts: the HTML page since November 2025 (one table a product, one or two rows of headings, title and unit in
the row under them) and the JSON file up to 2025-11-14 (`o_cursor`, names as Chinese$$English).

小计 is the stock: goods of deliverable grade. 期货 is the part of it under registered warrant. 可用库容量 is free
capacity, goods that are NOT there: it is never stock. Silver prints no 小计, so its stock is NULL. Gold prints three
columns, which the page itself calls the registered warrants: they are stock and warrants in one. Quantities are kg
for silver and gold, tonnes for copper; 铜(BC), INE's bonded contract, is another product and is left out.

Totals are named as in the daily page: 总计, and for copper 保税商品总计 (bonded) and 完税商品总计 (tax paid) besides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from monitor import sessions
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import kx, tables
from monitor.sources.tables import Cell

_ZONE: Final = "Asia/Shanghai"
_HOUR: Final = "16:31"
_METALS: Final = {"白银": ("silver", "kg", "千克"), "黄金": ("gold", "kg", "千克"), "铜": ("copper", "tonne", "吨")}
"""Title as printed -> metal, our unit, the unit the page must print."""
_OTHERS: Final = re.compile(
    r"(?:铜\(BC\)|铝|锌|铅|镍|锡|氧化铝|铸造铝合金|螺纹钢|线材|热轧卷板|不锈钢|燃料油|低硫燃料油|石油沥青|沥青|天然橡胶|20号胶"
    r"|丁二烯橡胶|纸浆|漂针浆|胶版印刷纸|原油|中质含硫原油)[(]?(?:仓库|厂库)?[)]?"
)
_COLUMNS: Final = {
    ("上周库存", "小计"): "stock_last",
    ("本周库存", "小计"): "stock",
    ("库存增减", "小计"): "stock_change",
    ("上周库存", "期货"): "warrants_last",
    ("本周库存", "期货"): "warrants",
    ("库存增减", "期货"): "warrants_change",
    ("上周期货",): "warrants_last",
    ("本周期货",): "warrants",
    ("增减",): "warrants_change",
    ("上周库存",): "stock_last",
    ("本周库存",): "stock",
    ("库存增减",): "stock_change",
    ("可用库容量", "上周"): "capacity_last",
    ("可用库容量", "本周"): "capacity",
    ("可用库容量", "增减"): "capacity_change",
}
"""Headings from the top down -> our column. A heading that spans both rows counts once."""
_KEYS: Final = {
    "stock_last": "PRESPOTWGHTS",
    "stock": "SPOTWGHTS",
    "stock_change": "SPOTCHANGE",
    "warrants_last": "PREWRTWGHTS",
    "warrants": "WRTWGHTS",
    "warrants_change": "WRTCHANGE",
    "capacity_last": "PREWHSTOCKS",
    "capacity": "WHSTOCKS",
    "capacity_change": "WHSTOCKCHANGE",
}
_NEEDED: Final = {"白银": ("warrants",), "黄金": ("stock",), "铜": ("stock", "warrants")}
_KINDS: Final = ("stock", "warrants", "capacity")
_PLACE: Final = ("地区", "仓库")
_SUBTOTAL: Final = "合计"
_TOTAL: Final = "总计"
_PARTS: Final = ("保税商品总计", "完税商品总计")
_UNIT: Final = re.compile(r"单位[：:]\s*(\S+)")
_DATE_LINE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\s+([0-9]{4})年\s*第[(（]?([0-9]{1,4})[)）]?期")
_LAST_JSON: Final = date(2025, 11, 14)
_FIRST: Final = date(2014, 5, 23)
_SITE: Final = "https://www.shfe.com.cn/data/tradedata/future"


class Row(NamedTuple):
    """One printed row of one product, in the product's unit; `figures` by our column, NULL where blank or absent."""

    region: str
    warehouse: str
    level: str
    figures: Mapping[str, float | None]
    where: str


class Report(NamedTuple):
    """What either layout says: rows by product title, and what came with them."""

    session: date
    products: dict[str, list[Row]]
    titles: list[str]
    published: datetime
    assumed: bool
    notes: list[Note]


def asks(day: date) -> tuple[Ask, ...]:
    """The report of the week that ends on `day`: HTML after 2025-11-14, JSON from 2014-05-23, nothing before."""
    if day > _LAST_JSON:
        return (Ask("shfe_weekly", day, f"{_SITE}/stockdata/weeklystock_{day:%Y%m%d}/ZH/all.html"),)
    if day >= _FIRST:
        return (Ask("shfe_weekly", day, f"{_SITE}/weeklydata/{day:%Y%m%d}weeklystock.dat"),)
    return ()


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """The weekly page (it prints 上周 and 本周, the daily one does not) or the weekly JSON (it has SPOTWGHTS)."""
    if body.lstrip()[:1] == b"{":
        return b'"o_cursor"' in body and b'"SPOTWGHTS"' in body
    return b"content_intro" in body and "上周".encode() in body and "本周".encode() in body


def parse(answer: Answer) -> Batch:
    """Rows of shfe_weekly_rows.

    Raises NotPublished (an empty list), Blocked (the firewall's page), Unreadable (layout, unit, a cut page, a
    warehouse twice), Implausible (last week and change do not make this week, parts do not make a total, more metal
    under warrant than there is, a date that is not the one asked for).
    """
    text = tables.text_of(answer.body)
    report = _read_json(text, answer) if text.lstrip()[:1] == "{" else _read_html(text, answer)
    tables.same_day_as_address(report.session, answer.url)
    if not report.products:
        raise Unreadable("no table for silver, gold or copper")
    notes = [*report.notes, *_week_notes(report.session), *_strangers(report)]
    rejects: list[Reject] = []
    records: list[dict[str, object]] = []
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
        for row in _with_total(title, rows):
            place = {"region": row.region, "warehouse": row.warehouse, "level": row.level}
            records.append({**common, **place, **row.figures})
    return Batch({"shfe_weekly_rows": tables.frame("shfe_weekly_rows", records)}, tuple(notes), tuple(rejects))


# --- the page since November 2025 --------------------------------------------------------------


def _read_html(text: str, answer: Answer) -> Report:
    if "content_intro" not in text:
        tables.refuse_block_page(text, "SHFE")
        raise Unreadable("no SHFE report: neither JSON nor a page with its date line (content_intro)")
    page = tables.page_of(text)
    intro = page.css_first(".content_intro")
    session, issue = _date_line("" if intro is None else tables.cell_text(intro))
    tables.believable(session, answer, _ZONE, "content_intro")
    notes = _issue_note(session, issue)
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
            products[name] = _html_rows(name, lines, title, f"table {index} ({name})", notes)
    return Report(session, products, titles, tables.usual_hour(session, _HOUR, _ZONE), True, notes)


def _date_line(text: str) -> tuple[date, int]:
    """The day and the number in its year of `2026-09-18 2026年 第(36)期,总第1403期`."""
    found = _DATE_LINE.search(text)
    if found is None:
        raise Unreadable("no date line such as '2026-09-18 2026年 第(36)期'", "content_intro")
    session = tables.iso_date(found[1], "content_intro")
    if int(found[2]) != session.year:
        raise Implausible(f"the date line says {session} and the year {found[2]}", "content_intro")
    return session, int(found[3])


def _title_at(lines: Sequence[Sequence[Cell]]) -> int | None:
    """The row with the product's title in its first cell and the unit in its last, found by the unit."""
    for index, line in enumerate(lines[:4]):
        if line and _UNIT.fullmatch(line[-1].text):
            return index
    return None


def _html_rows(name: str, lines: Sequence[Sequence[Cell]], title: int, where: str, notes: list[Note]) -> list[Row]:
    unit = _UNIT.fullmatch(lines[title][-1].text)
    if unit is None or unit[1] != _METALS[name][2]:
        raise Unreadable(f"{name} is printed as {lines[title][-1].text!r}, not in {_METALS[name][2]}", where)
    at = _headings(name, lines[:title], where, notes)
    rows = []
    for index, line in enumerate(lines[title + 1 :], title + 2):
        spot = f"{where} row {index}"
        if len(line) != len(lines[0]):
            raise Unreadable(f"{len(line)} cells under {len(lines[0])} headings", spot)
        figures = {
            column: tables.number(line[place].text, f"{spot} column {column}")
            for column, place in at.items()
            if column not in _PLACE
        }
        if "仓库" in at:
            region, warehouse = line[at["地区"]], line[at["仓库"]]
            rows.append(_row("" if region is warehouse else region.text, warehouse.text, figures, spot, name))
        else:
            rows.append(_row("", _TOTAL, figures, spot, name))
    return rows


def _headings(name: str, head: Sequence[Sequence[Cell]], where: str, notes: list[Note]) -> dict[str, int]:
    """Our column -> its place, from one or two rows of headings; an unknown heading is noted."""
    if not head or len({len(line) for line in head}) != 1:
        raise Unreadable(f"no even rows of headings above {name}", where)
    at: dict[str, int] = {}
    for place in range(len(head[0])):
        stack = tuple(dict.fromkeys(line[place].text.replace(" ", "") for line in head))
        column = _COLUMNS.get(stack) or (stack[0] if stack[0] in _PLACE and len(stack) == 1 else None)
        if column is None:
            notes.append(Note("layout", f"{name}: an unknown column {'/'.join(stack)}", where=where))
        elif column in at:
            raise Unreadable(f"{name}: the heading {'/'.join(stack)} is there twice", where)
        else:
            at[column] = place
    missing = [column for kind in _NEEDED[name] for column in _three(kind) if column not in at]
    if missing or ("地区" in at) != ("仓库" in at) or ("仓库" not in at and name != "黄金"):
        raise Unreadable(f"{name}: no heading for {', '.join(missing) or '地区 and 仓库'}", where)
    return at


# --- the JSON up to 2025-11-14 -------------------------------------------------------------------


def _read_json(text: str, answer: Answer) -> Report:
    payload = tables.json_of(text)
    items = tables.objects(payload, "o_cursor")
    session = tables.iso_date(tables.label(payload.get("report_date"), "report_date"), "report_date")
    tables.believable(session, answer, _ZONE, "report_date")
    trading = tables.label(payload.get("o_tradingday"), "o_tradingday")
    if trading and trading != f"{session:%Y%m%d}":
        raise Implausible(f"report_date {session:%Y%m%d} and o_tradingday {trading} differ", "o_tradingday")
    if not items:
        raise NotPublished(f"SHFE lists no weekly stocks for {session}")
    products: dict[str, list[Row]] = defaultdict(list)
    titles: list[str] = []
    for index, item in enumerate(items):
        spot = f"o_cursor[{index}]"
        name = _chinese(item.get("VARNAME"), spot)
        if name not in titles:
            titles.append(name)
        if name in _METALS:
            products[name].append(_json_row(item, spot, name))
    published, assumed, notes = tables.update_moment(payload.get("update_date"), session, _HOUR, _ZONE)
    notes += tables.unknown_fields([payload], (*kx.META, "o_cursor"))
    notes += tables.unknown_fields(items, (*kx.STORE_FIELDS, *_KEYS.values()), "o_cursor")
    return Report(session, dict(products), titles, published, assumed, list(notes))


def _json_row(item: Mapping[str, object], spot: str, name: str) -> Row:
    missing = [key for key in _KEYS.values() if key not in item]
    if missing:
        raise Unreadable(f"no {missing[0]}: not the weekly stock file", spot)
    figures = {column: tables.number(item[key], f"{spot}.{key}") for column, key in _KEYS.items()}
    row = _row(_chinese(item.get("REGNAME"), spot), _chinese(item.get("WHABBRNAME"), spot), figures, spot, name)
    status = tables.label(item.get("ROWSTATUS"), f"{spot}.ROWSTATUS")
    if {"0": "warehouse", "1": "subtotal", "2": "total"}.get(status) != row.level:
        raise Unreadable(f"ROWSTATUS {status!r} on a row called {row.warehouse!r}", spot)
    return row


def _chinese(raw: object, spot: str) -> str:
    return tables.label(raw, spot).split("$$")[0].strip()


# --- both ----------------------------------------------------------------------------------------


def _three(kind: str) -> tuple[str, str, str]:
    """The columns of last week, this week and the change of one kind of figure."""
    return f"{kind}_last", kind, f"{kind}_change"


def _row(region: str, warehouse: str, figures: dict[str, float | None], where: str, name: str) -> Row:
    """A row whose own figures agree: last week and change make this week, and no more warrants than stock."""
    if not warehouse:
        raise Unreadable("a row without a name", where)
    if name == "黄金":
        _one_figure(figures)
    for kind in _NEEDED[name]:
        if figures.get(kind) is None:
            raise Unreadable(f"{warehouse}: no {kind}", where)
    for kind in _KINDS:
        before, now, change = (figures.get(column) for column in _three(kind))
        if now is not None and now < 0:
            raise Implausible(f"{warehouse}: the {kind} is {now:g}", where)
        if before is not None and now is not None and change is not None and abs(before + change - now) > 0.5:
            raise Implausible(f"{warehouse}: {kind} {before:g} {change:+g} does not make {now:g}", where)
    stock, warrants = figures.get("stock"), figures.get("warrants")
    if stock is not None and warrants is not None and warrants > stock + 0.5:
        raise Implausible(f"{warehouse}: {warrants:g} under warrant in a stock of {stock:g}", where)
    level = _level(warehouse, where)
    return Row("" if level == "total" else region, warehouse, level, figures, where)


def _one_figure(figures: dict[str, float | None]) -> None:
    """Gold's stock and its registered warrants are one figure: what is printed of either is both."""
    for stock, warrants in zip(_three("stock"), _three("warrants"), strict=True):
        known = figures.get(stock) if figures.get(stock) is not None else figures.get(warrants)
        for column in (stock, warrants):
            if figures.get(column) is None:
                figures[column] = known


def _level(warehouse: str, where: str) -> str:
    if warehouse == _SUBTOTAL:
        return "subtotal"
    if warehouse == _TOTAL or warehouse in _PARTS:
        return "total"
    if warehouse.endswith("计"):
        raise Unreadable(f"a total of an unknown kind: {warehouse}", where)
    return "warehouse"


def _check(title: str, rows: Sequence[Row], session: date) -> list[Note]:
    """The sums a product's rows must satisfy: this week's are proved, last week's and the changes noted.

    A warehouse that leaves the list takes its last week with it, so that only this week must add up.
    """
    places = [row[:3] for row in rows]
    if len(set(places)) != len(places):
        raise Unreadable(f"{title}: a warehouse stands there twice")
    most = kx.MOST_STOCK[_METALS[title][0]]
    if any((row.figures.get(kind) or 0) > most for row in rows for kind in _NEEDED[title]):
        raise Implausible(f"{title}: more than {most:g} {_METALS[title][1]}", rows[0].warehouse)
    stores = [row for row in rows if row.level == "warehouse"]
    totals = {row.warehouse: row for row in rows if row.level == "total"}
    if (_TOTAL not in totals and title != "黄金") or not rows:
        raise Unreadable(f"{title}: {len(stores)} warehouses and no {_TOTAL}")
    notes = list(_capacity_note(title, stores, session))
    for row in rows:
        if row.level == "subtotal":
            notes += _adds_up(f"{title} {row.region}", [s for s in stores if s.region == row.region], row, session)
        elif row.warehouse == _TOTAL and (stores or title != "黄金"):
            notes += _adds_up(title, stores, row, session)
            if all(part in totals for part in _PARTS):
                notes += _adds_up(f"{title}, bonded and tax paid", [totals[part] for part in _PARTS], row, session)
    return notes


def _adds_up(what: str, parts: Sequence[Row], printed: Row, session: date) -> Iterator[Note]:
    for column, value in printed.figures.items():
        if value is None:
            continue
        added = sum(part.figures.get(column) or 0 for part in parts)
        if abs(added - value) <= 0.5:
            continue
        text = f"{what}: {column} adds up to {added:g}, printed is {value:g}"
        if column in _KINDS:
            raise Implausible(text, printed.where)
        yield Note("layout", text, session, printed.where)


def _capacity_note(title: str, stores: Sequence[Row], session: date) -> Iterator[Note]:
    """Warrants and free capacity should move against each other; where they do not, capacity itself was changed."""
    moved = [row.warehouse for row in stores if _capacity_moved(row.figures)]
    if moved:
        text = f"{title}: warrants and free capacity do not move against each other at {', '.join(moved)}"
        yield Note("layout", text, session, title)


def _capacity_moved(figures: Mapping[str, float | None]) -> bool:
    warrants, capacity = figures.get("warrants_change"), figures.get("capacity_change")
    return warrants is not None and capacity is not None and abs(warrants + capacity) > 0.5


def _with_total(title: str, rows: Sequence[Row]) -> list[Row]:
    """The rows, with the sum of the warehouses as 总计 where the report prints none."""
    if any(row.warehouse == _TOTAL for row in rows):
        return list(rows)
    stores = [row for row in rows if row.level == "warehouse"]
    figures: dict[str, float | None] = {}
    for column in stores[0].figures if stores else ():
        values = [store.figures[column] for store in stores]
        figures[column] = None if None in values else sum(value or 0 for value in values)
    return [*rows, Row("", _TOTAL, "total", figures, title)]


# --- notes ---------------------------------------------------------------------------------------


def _week_notes(session: date) -> list[Note]:
    """A note where the day is not the last session of its week in our calendar."""
    if not sessions.known("SHFE", session):
        return []
    monday = session - timedelta(days=session.weekday())
    week = sessions.sessions("SHFE", monday, monday + timedelta(days=4))
    if week and week[-1] == session:
        return []
    return [Note("layout", f"{session} is not the last SHFE session of its week in our calendar", session)]


def _issue_note(session: date, issue: int) -> list[Note]:
    """A note where the report's number in its year is not the number of weeks with a session up to it."""
    if not sessions.known("SHFE", session):
        return []
    days = sessions.sessions("SHFE", date(session.year, 1, 1), session)
    ours = len({day.isocalendar()[:2] for day in days})
    if ours == issue:
        return []
    return [Note("layout", f"report number {issue} of the year, our SHFE calendar counts {ours} weeks", session)]


def _strangers(report: Report) -> list[Note]:
    return [
        Note("layout", f"a product never seen before: {title}", report.session, title)
        for title in report.titles
        if title not in _METALS and not _OTHERS.fullmatch(title.replace("（", "(").replace("）", ")"))
    ]


SOURCE: Final = Source(
    name="shfe_weekly",
    title="SHFE weekly stocks",
    publisher="Shanghai Futures Exchange",
    venue="SHFE",
    tables=("shfe_weekly_rows",),
    due=Due(clock=_HOUR, zone=_ZONE, grace_minutes=240),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hosts=("www.shfe.com.cn", "www.shfe.cn"),
    page="https://www.shfe.com.cn/reports/tradedata/dailyandweeklydata/",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.shfe.com.cn/",
    licence="none stated in the file",
    cadence="weekly",
    unit="kg (silver, gold), tonne (copper)",
    history_start="2014-05-23",
    proof=Proof.QUOTED,
    verified="HTML: one captured page of 2026-09-18, an excerpt with copper, gold and silver. JSON: field names and "
    "meaning known from documents only; how far back it is still served was not tried.",
)
