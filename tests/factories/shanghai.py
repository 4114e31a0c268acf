"""Files in the layouts of SHFE and SGE, written from plain numbers.

Everything here is made up but `QUOTED_KX_ROWS`, single rows SHFE published, quoted as facts. By default every sum,
turnover and change agrees with the rows; each function has knobs to break one thing at a time.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from monitor import sessions

Stock = tuple[str, str, int, int]
"""Region ('' where the page prints none), warehouse, quantity under warrant, change."""

SILVER: Final[Sequence[Stock]] = (
    ("上海", "甲库", 140_000, -30),
    ("上海", "乙库", 210_000, 0),
    ("上海", "丙库", 800_000, 8_400),
    ("广东", "丁库", 240_000, 1_250),
)
GOLD: Final[Sequence[Stock]] = (("", "上期所指定交割金库", 115_000, -12),)
COPPER: Final[Sequence[Stock]] = (
    ("上海", "戊库", 4_500, -1_000),
    ("上海", "戊库(保税)", 0, 0),
    ("上海", "戊库保税", 0, 0),
    ("江苏", "中储无锡", 3_800, -50),
    ("江苏", "己库", 5_800, 0),
    ("江西", "庚库", 0, 0),
)
QUOTED_KX_ROWS: Final[dict[str, dict[str, object]]] = {
    "20260924": {
        "PRODUCTID": "cu_f", "PRODUCTGROUPID": "cu", "PRODUCTCLASS": "1", "PRODUCTNAME": "铜", "DELIVERYMONTH": "2610",
        "OPENPRICE": 110790, "HIGHESTPRICE": 111160, "LOWESTPRICE": 110560, "CLOSEPRICE": 110700,
        "SETTLEMENTPRICE": 110780, "PRESETTLEMENTPRICE": 111330, "ZD1_CHG": -630, "ZD2_CHG": -550,
        "VOLUME": 67255, "OPENINTEREST": 110988, "OPENINTERESTCHG": -19117, "TURNOVER": 3725303.215,
    },
    "20260416": {
        "PRODUCTGROUPID": "cu", "PRODUCTCLASS": "1", "PRODUCTNAME": "铜", "DELIVERYMONTH": "2605",
        "OPENPRICE": 102160, "HIGHESTPRICE": 102750, "LOWESTPRICE": 101760, "CLOSEPRICE": 102680,
        "SETTLEMENTPRICE": 102330, "PRESETTLEMENTPRICE": 102280, "ZD1_CHG": 400, "ZD2_CHG": 50,
        "VOLUME": 75358, "OPENINTEREST": 148287, "OPENINTERESTCHG": -11318, "TURNOVER": 3855704.735,
    },
    "20260915": {
        "PRODUCTID": "cu_f", "PRODUCTGROUPID": "cu", "PRODUCTCLASS": "1", "PRODUCTNAME": "铜", "DELIVERYMONTH": "2609",
        "OPENPRICE": 107800, "HIGHESTPRICE": 110790, "LOWESTPRICE": 107350, "CLOSEPRICE": 107800,
        "SETTLEMENTPRICE": 107620, "PRESETTLEMENTPRICE": 108840, "ZD1_CHG": -1040, "ZD2_CHG": -1220,
        "VOLUME": 2845, "OPENINTEREST": 2925, "OPENINTERESTCHG": -1245, "TURNOVER": 153094.425, "TASVOLUME": "",
    },
    "20160104": {
        "PRODUCTID": "cu_f    ", "PRODUCTSORTNO": 10, "PRODUCTNAME": "铜                  ", "DELIVERYMONTH": "1601",
        "OPENPRICE": 36610, "HIGHESTPRICE": 36720, "LOWESTPRICE": 36120, "CLOSEPRICE": 36240,
        "SETTLEMENTPRICE": 36270, "PRESETTLEMENTPRICE": 36740, "ZD1_CHG": -500, "ZD2_CHG": -470,
        "VOLUME": 14746, "OPENINTEREST": 50400, "OPENINTERESTCHG": -2836, "ORDERNO": 0,
    },
}  # fmt: skip
"""Rows of the daily futures report as quoted in public documents and test files: session -> row."""

_TITLES: Final = {"silver": "白银", "gold": "黄金", "copper": "铜"}
_ENGLISH: Final = {"白银": "SILVER", "黄金": "GOLD", "铜": "COPPER"}
_UNITS: Final = {"白银": "千克", "黄金": "千克", "铜": "吨"}
_LOTS: Final = {"ag": 15, "au": 1_000, "cu": 5}
_NAMES: Final = {"ag": "白银", "au": "黄金", "cu": "铜"}


# --- SHFE warrants ---------------------------------------------------------------------------


def shfe_warrants_html(
    session: date,
    *,
    silver: Sequence[Stock] = SILVER,
    gold: Sequence[Stock] = GOLD,
    copper: Sequence[Stock] = COPPER,
    totals: Mapping[str, tuple[int, int]] | None = None,
    subtotals: Mapping[tuple[str, str], tuple[int, int]] | None = None,
    units: Mapping[str, str] | None = None,
    headings: Sequence[str] = ("地区", "仓库", "期货", "增减"),
    number: int | None = None,
    strangers: Sequence[str] = ("铜(BC)", "螺纹钢(厂库)"),
    closing: bool = True,
) -> bytes:
    """The daily warrants page since November 2025: copper, fuel oil, gold, silver, then `strangers`.

    `totals` replaces the printed 总计 of a metal, `subtotals` the 合计 of (metal, region), both (quantity, change);
    `units` the printed unit of a metal; `headings` the column heads in their order; `number` the report's number in
    its year. An empty product is left out. `closing` False leaves off `</body></html>`.
    """
    stocks = {"copper": copper, "gold": gold, "silver": silver}
    parts = [_html_intro(session, number)]
    for metal, rows in stocks.items():
        if rows:
            title = _TITLES[metal]
            lines = _product_lines(title, metal, rows, totals or {}, subtotals or {})
            parts.append(_html_table(title, (units or {}).get(metal, _UNITS[title]), lines, headings))
        if metal == "copper":
            fuel = [("浙江", "辛库", "0", "0"), ("", "保税商品总计", "0", "0")]
            parts.append(_html_table("燃料油", "吨", fuel, headings))
    for title in strangers:
        store = "厂库" if "厂库" in title else "仓库"
        heads = [store if head == "仓库" else head for head in headings]
        parts.append(_html_table(title, "吨", [("上海", "中储无锡", "999", "-1")], heads))
    end = "    </div>\n</body>\n</html>\n" if closing else ""
    return ("\n".join(parts) + "\n" + end).encode()


def _html_intro(session: date, number: int | None) -> str:
    if number is None:
        number = len(sessions.sessions("SHFE", date(session.year, 1, 1), session))
    line = f"{session} {session.year}年 第{number}期(总第{number + 4_193}期)"
    return (
        '<html lang="zh-CN">\n<head>\n    <title></title>\n</head>\n<body>\n'
        '    <div class="comtent_table" id="stock">\n'
        f'        <table class="content_intro">\n            <tr><td>{line}</td></tr>\n'
        "            <tr><td>注：期货为已制成仓单的货物数量。</td></tr>\n        </table>"
    )


def _product_lines(
    title: str,
    metal: str,
    rows: Sequence[Stock],
    totals: Mapping[str, tuple[int, int]],
    subtotals: Mapping[tuple[str, str], tuple[int, int]],
) -> list[tuple[str, str, str, str]]:
    """Rows as text with 合计 after each region of two or more warehouses and the totals the product prints."""
    lines: list[tuple[str, str, str, str]] = []
    for region in dict.fromkeys(row[0] for row in rows):
        inside = [row for row in rows if row[0] == region]
        lines += [(region, name, str(quantity), str(change)) for _, name, quantity, change in inside]
        if region and len(inside) > 1:
            quantity, change = subtotals.get((metal, region), _sums(inside))
            lines.append((region, "合计", str(quantity), str(change)))
    if title == "黄金":
        return lines
    if title == "铜":
        bonded = [row for row in rows if "保税" in row[1]]
        taxed = [row for row in rows if "保税" not in row[1]]
        for label, part in (("保税商品总计", bonded), ("完税商品总计", taxed)):
            quantity, change = _sums(part)
            lines.append(("", label, str(quantity), str(change)))
    quantity, change = totals.get(metal, _sums(rows))
    lines.append(("", "总计", str(quantity), str(change)))
    return lines


def _sums(rows: Sequence[Stock]) -> tuple[int, int]:
    return sum(row[2] for row in rows), sum(row[3] for row in rows)


def _html_table(title: str, unit: str, lines: Sequence[tuple[str, str, str, str]], headings: Sequence[str]) -> str:
    heads = "".join(f'<th><div class="cell">{head}</div></th>' for head in headings)
    out = [
        f'        <table class="el-table_table"><thead class="is-group has-gutter"><tr>{heads}</tr></thead>',
        f'        <tr class="el-table__row special_row_type"><td colspan="{len(headings) - 1}">'
        f'<div class="cell">{title}</div></td><td><div class="cell">单位：{unit}</div></td></tr>',
    ]
    done: set[str] = set()
    for region, name, quantity, change in lines:
        figures = {"期货": quantity, "增减": change}
        cells = [f"<td>{figures.get(head, '')}</td>" for head in headings[2:]]
        if not region:
            cells.insert(0, f'<td colspan="2">{html.escape(name)}</td>')
        else:
            cells.insert(0, f'<td class="is-center el-table__cell">{html.escape(name)}</td>')
            if region not in done:
                span = sum(1 for line in lines if line[0] == region)
                cells.insert(0, f'<td rowspan="{span}">{region}</td>' if span > 1 else f"<td>{region}</td>")
                done.add(region)
        total = " isTotal" if name.endswith("计") else ""
        out.append(f'        <tr class="el-table__row{total} tdBorder">{"".join(cells)}</tr>')
    return "\n".join([*out, "        </table>"])


def shfe_warrants_json(
    session: date,
    *,
    silver: Sequence[Stock] = SILVER,
    gold: Sequence[Stock] = GOLD,
    copper: Sequence[Stock] = COPPER,
    totals: Mapping[str, tuple[int, int]] | None = None,
    subtotals: Mapping[tuple[str, str], tuple[int, int]] | None = None,
    strings: bool = False,
    update: str | None = "15:03:01",
    trading_day: date | None = None,
) -> bytes:
    """The daily warrants file up to 2025-11-17. `strings` writes the figures as text, as files of 2020 do.

    `totals` and `subtotals` as in `shfe_warrants_html`; `update` None leaves the stamp out; `trading_day` differs
    from the session only to contradict it.
    """
    items: list[dict[str, object]] = []
    for metal, rows in (("copper", copper), ("gold", gold), ("silver", silver)):
        title = _TITLES[metal]
        for region, name, quantity, change in _product_lines(title, metal, rows, totals or {}, subtotals or {}):
            status = "1" if name == "合计" else "2" if name.endswith("总计") else "0"
            items.append(
                {
                    "VARNAME": f"{title}$${_ENGLISH[title]}",
                    "REGNAME": f"{region}$$Region" if region else "",
                    "WHABBRNAME": f"{name}$$Name",
                    "WRTWGHTS": quantity if strings else int(quantity),
                    "WRTCHANGE": change if strings else int(change),
                    "ROWSTATUS": status,
                    "WGHTUNIT": "2" if metal == "copper" else "1",
                }
            )
    bonded = {
        "VARNAME": "铜(BC)$$Copper (BC)",
        "REGNAME": "上海$$Shanghai",
        "WHABBRNAME": "壬库$$Ren",
        "ROWSTATUS": "0",
    }
    items.append({**bonded, "WRTWGHTS": 7_777, "WRTCHANGE": 0, "WGHTUNIT": "2"})
    payload: dict[str, object] = {"o_code": "0", "o_msg": "", "report_date": f"{session:%Y%m%d}"}
    payload["o_tradingday"] = f"{trading_day or session:%Y%m%d}"
    if update:
        payload["update_date"] = f"{session:%Y%m%d} {update}"
    return json.dumps({**payload, "o_cursor": items}, ensure_ascii=False).encode()


# --- SHFE daily futures ----------------------------------------------------------------------


def shfe_contract(
    product: str,
    month: str,
    settle: float,
    *,
    volume: int = 1_000,
    interest: int = 5_000,
    interest_change: int = 100,
    previous: float | None = None,
    close: float | None = None,
    spread: float | None = None,
    **printed: object,
) -> dict[str, object]:
    """One row of `o_curinstrument` for ag, au or cu: settlement in CNY per kg, gram or tonne, month as YYMM.

    High and low lie `spread` (1 percent) around the settlement; turnover and changes follow. Without volume the row
    prints what SHFE prints then: no open, high and low, the settlement as close. `printed` replaces printed fields.
    """
    before = settle if previous is None else previous
    last = settle if close is None else close
    band = settle * 0.01 if spread is None else spread
    traded = volume > 0
    row: dict[str, object] = {
        "PRODUCTID": f"{product}_f",
        "PRODUCTGROUPID": product,
        "PRODUCTCLASS": "1",
        "PRODUCTNAME": _NAMES[product],
        "DELIVERYMONTH": month,
        "PRESETTLEMENTPRICE": before,
        "OPENPRICE": before if traded and abs(before - settle) <= band else settle if traded else "",
        "HIGHESTPRICE": round(max(settle, last) + band, 2) if traded else "",
        "LOWESTPRICE": round(min(settle, last) - band, 2) if traded else "",
        "CLOSEPRICE": last,
        "SETTLEMENTPRICE": settle,
        "ZD1_CHG": round(last - before, 2),
        "ZD2_CHG": round(settle - before, 2),
        "VOLUME": volume,
        "OPENINTEREST": interest,
        "OPENINTERESTCHG": interest_change,
        "TURNOVER": round(settle * volume * _LOTS[product] / 10_000, 3),
    }
    return {**row, **printed}


def shfe_daily_rows() -> list[dict[str, object]]:
    """A small made-up day: three silver contracts (one untraded), two of gold, two of copper, for late 2026."""
    return [
        shfe_contract("cu", "2611", 108_910, volume=67_255, interest=110_988, previous=108_790),
        shfe_contract("cu", "2612", 108_620, volume=30_000, interest=90_000, previous=108_550),
        shfe_contract("au", "2612", 930.02, volume=150_000, interest=200_000, previous=925.5),
        shfe_contract("au", "2702", 932.5, volume=9_000, interest=40_000),
        shfe_contract("ag", "2612", 16_095, volume=230_063, interest=310_000, previous=16_200),
        shfe_contract("ag", "2702", 16_150, volume=41_000, interest=90_000),
        shfe_contract("ag", "2710", 16_300, volume=0, interest=20, interest_change=0),
    ]


def shfe_daily_json(
    session: date,
    rows: Sequence[Mapping[str, object]] | None = None,
    *,
    subtotals: bool = True,
    others: bool = True,
    old: bool = False,
    update: str | None = "15:28:56",
    meta: Mapping[str, object] | None = None,
) -> bytes:
    """The daily futures file with its 小计 rows and, by `others`, the rows that are no contract of ours.

    `old` writes the form before 2021: padded PRODUCTID, no PRODUCTGROUPID, no TURNOVER. `update` is the wall clock of
    the stamp, None for no stamp. `meta` replaces top-level fields (value None removes one).
    """
    body: list[dict[str, object]] = []
    every = [dict(row) for row in (shfe_daily_rows() if rows is None else rows)]
    for product in dict.fromkeys(_product(row) for row in every):
        inside = [row for row in every if _product(row) == product]
        body += inside
        if subtotals:
            body.append(_subtotal(product, inside))
    if others:
        body += _other_rows()
    if old:
        body = [_aged(row) for row in body]
    payload: dict[str, object] = {
        "o_code": "0000",
        "o_msg": "",
        "o_year": str(session.year),
        "o_month": f"{session.month:02}",
        "o_day": f"{session.day:02}",
        "report_date": f"{session:%Y%m%d}",
        "o_curinstrument": body,
        "o_curproduct": [],
        "o_curmetalindex": [],
    }
    if update:
        payload["update_date"] = f"{session:%Y%m%d} {update}"
    payload |= meta or {}
    return json.dumps({k: v for k, v in payload.items() if v is not None}, ensure_ascii=False).encode()


def _product(row: Mapping[str, object]) -> str:
    return str(row.get("PRODUCTGROUPID") or str(row["PRODUCTID"]).partition("_")[0])


_BLANKS: Final = dict.fromkeys(
    (
        "PRESETTLEMENTPRICE",
        "OPENPRICE",
        "HIGHESTPRICE",
        "LOWESTPRICE",
        "CLOSEPRICE",
        "SETTLEMENTPRICE",
        "ZD1_CHG",
        "ZD2_CHG",
        "VOLUME",
        "OPENINTEREST",
        "OPENINTERESTCHG",
        "TURNOVER",
    ),
    "",
)


def _subtotal(product: str, rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    sums = {key: _sum(rows, key) for key in ("VOLUME", "OPENINTEREST", "OPENINTERESTCHG", "TURNOVER")}
    head = {"PRODUCTID": f"{product}_f", "PRODUCTGROUPID": product, "PRODUCTCLASS": "1", "DELIVERYMONTH": "小计"}
    return {**head, **_BLANKS, **sums}


def _sum(rows: Sequence[Mapping[str, object]], key: str) -> float:
    return sum(value for row in rows if isinstance(value := row.get(key), int | float))


def _other_rows() -> list[dict[str, object]]:
    """A bonded copper and an aluminium contract, an oil TAS row, a silver efp row, the grand total."""
    metal = {**_BLANKS, "DELIVERYMONTH": "2612", "SETTLEMENTPRICE": 97_430, "VOLUME": 10, "OPENINTEREST": 10}
    return [
        {**metal, "PRODUCTID": "bc_f", "PRODUCTGROUPID": "bc"},
        {**metal, "PRODUCTID": "al_f", "PRODUCTGROUPID": "al"},
        {**_BLANKS, "PRODUCTID": "sc_tas", "PRODUCTGROUPID": "sc_tas", "DELIVERYMONTH": "2612", "CLOSEPRICE": 0},
        {**_BLANKS, "PRODUCTID": "agefp   ", "PRODUCTGROUPID": "ag      ", "DELIVERYMONTH": "efp", "VOLUME": 12},
        {**_BLANKS, "PRODUCTID": "总计", "PRODUCTGROUPID": "", "DELIVERYMONTH": "", "VOLUME": 8_320_274},
    ]


def _aged(row: Mapping[str, object]) -> dict[str, object]:
    kept = {key: value for key, value in row.items() if key not in ("PRODUCTGROUPID", "TURNOVER")}
    return {**kept, "PRODUCTID": f"{row['PRODUCTID']:<8}"}


# --- SGE -------------------------------------------------------------------------------------

SGE_HEADINGS: Final = (
    "日期",
    "合约",
    "开盘价",
    "最高价",
    "最低价",
    "收盘价",
    "涨跌（元）",
    "涨跌幅",
    "加权平均价",
    "成交量（kg）",
    "成交金额（元）",
    "市场持仓（手）",
    "交收方向",
    "交收量（手）",
)


def sge_quote(
    session: date,
    contract: str,
    average: float | None,
    *,
    volume_kg: float = 1_000.0,
    close: float | None = None,
    change: float = 0.0,
    interest: int | None = None,
    direction: str = "",
    delivered: int | None = None,
    printed: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """One row of the quotation table by heading: `average` in CNY per kg (silver) or gram, None for a day untraded.

    High and low lie 1 percent around average and close, turnover and percent follow. `printed` replaces cells; its
    keys are headings.
    """
    row = dict.fromkeys(SGE_HEADINGS, "-")
    row |= {"日期": str(session), "合约": contract, "成交量（kg）": "0", "成交金额（元）": "0", "交收方向": direction}
    row |= {"涨跌（元）": "", "涨跌幅": "", "交收量（手）": "" if delivered is None else str(delivered)}
    if interest is not None:
        row["市场持仓（手）"] = str(interest)
    if average is not None:
        last = average if close is None else close
        row |= {
            "开盘价": f"{average:.2f}",
            "最高价": f"{max(average, last) * 1.01:.2f}",
            "最低价": f"{min(average, last) * 0.99:.2f}",
            "收盘价": f"{last:.2f}",
            "涨跌（元）": f"{change:g}",
            "涨跌幅": f"{100 * change / (last - change):.2f}%",
            "加权平均价": f"{average:.2f}",
            "成交量（kg）": f"{volume_kg:g}",
            "成交金额（元）": f"{average * volume_kg * (1 if 'Ag' in contract else 1_000):.0f}",
        }
    return {**row, **(printed or {})}


def sge_rows(session: date) -> list[dict[str, str]]:
    """A small made-up day of silver and gold, one contract untraded."""
    return [
        sge_quote(session, "Au99.99", 930.10, volume_kg=4_762.5, change=-1.5),
        sge_quote(
            session, "Au(T+D)", 930.5, volume_kg=38_000, interest=235_980, direction="多支付给空", delivered=9_250
        ),
        sge_quote(session, "Au99.5", None),
        sge_quote(session, "Pt99.95", 420.0, volume_kg=62),
        sge_quote(
            session, "Ag(T+D)", 16_100, volume_kg=498_864, interest=2_988_126, direction="空支付给多", change=120
        ),
        sge_quote(session, "Ag99.99", 16_080, volume_kg=30),
    ]


def sge_page(
    rows: Sequence[Mapping[str, str]],
    *,
    headings: Sequence[str] = SGE_HEADINGS,
    separators: bool = False,
    pages: int = 1,
    remark: str = "",
    closing: bool = True,
) -> bytes:
    """The quotation page; the serial number stands in a comment, as on the real one.

    `headings` orders the columns; `separators` prints thousands as the browser's version does; `pages` is how many
    the paging bar offers; `remark` is a cell across the table, as an empty day may print; `closing` False cuts the end.
    """
    heads = "<!-- <th>序号</th> -->" + "".join(f"<th>{head}</th>" for head in headings)
    body = []
    for index, row in enumerate(rows, 1):
        cells = "".join(
            f'<td style="width:80px">{_separated(row[h], h) if separators else row[h]}</td>' for h in headings
        )
        body.append(f"<tr>\n<!-- <td>{index}</td>  -->\n{cells}</tr>")
    if remark:
        body.append(f'<tr><td colspan="{len(headings)}">{remark}</td></tr>')
    links = "".join(f"<li onclick=gotoPage('/sjzx/quotation_daily_new?p=','{n}')>{n}</li>" for n in range(1, pages + 1))
    end = "</body>\n\n</html>\n\n" if closing else ""
    return (
        '<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml">\n<head><title>每日行情</title></head>\n<body>\n'
        f'<table class="daily_new_table">\n<thead><tr>{heads}</tr></thead>\n<tbody>{"".join(body)}</tbody>\n</table>\n'
        f"<ul>{links}</ul>\n{end}"
    ).encode()


def _separated(text: str, heading: str) -> str:
    if heading in ("日期", "合约", "涨跌幅", "交收方向"):
        return text
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}" if whole.lstrip("-").isdigit() else text


BLOCK_PAGE: Final = (
    '<!DOCTYPE html><html><head><title>WEB 应用防火墙</title></head><body><div id="safeline_bot_challenge"></div>'
    "</body></html>"
).encode()
"""A made-up page of the firewall, served with status 200 in place of a report."""


# --- damage ----------------------------------------------------------------------------------

DAMAGE: Final = ("cut", "drop", "insert", "replace", "double", "digit")


def damage(body: bytes, edits: Sequence[tuple[str, int, bytes]]) -> bytes:
    """`body` after each edit (kind of DAMAGE, position taken modulo the length, bytes to put in)."""
    for kind, place, data in edits:
        at = place % (len(body) + 1)
        span = max(len(data), 1)
        if kind == "cut":
            body = body[:at]
        elif kind == "drop":
            body = body[:at] + body[at + span * 7 :]
        elif kind == "insert":
            body = body[:at] + data + body[at:]
        elif kind == "replace":
            body = body[:at] + data + body[at + len(data) :]
        elif kind == "double":
            body = body[:at] + body[at : at + span * 40] + body[at:]
        else:
            found = next((i for i in range(at, len(body)) if 48 <= body[i] <= 57), None)
            if found is not None:
                body = body[:found] + bytes([48 + (body[found] - 47) % 10]) + body[found + 1 :]
    return body
