"""Files in the layouts of Shanghai's weekly, member, history and benchmark reports, of MCX and of IBJA.

Everything here is made up but the rows called QUOTED, which are facts published by the exchanges or quoted from their
pages. By default every sum and change agrees; each function has knobs to break one thing at a time.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from monitor import sessions
from tests.factories import shanghai

EXAMPLES: Final = 200 * (50 if os.environ.get("BULLION_FUZZ") == "all" else 1)
"""How many examples a property test runs."""

# --- SHFE weekly stocks ----------------------------------------------------------------------

Silver = tuple[str, str, int, int, int]
"""Region, warehouse, warrants last week, warrants this week, capacity of the warehouse."""
Copper = tuple[str, str, int, int, int, int, int]
"""Region, warehouse, stock and warrants last week, stock and warrants this week, capacity."""

SILVER: Final[Sequence[Silver]] = (
    ("上海", "甲库", 140_000, 139_970, 1_800_000),
    ("上海", "乙库", 210_000, 205_000, 2_000_000),
    ("广东", "丁库", 240_000, 241_250, 700_000),
)
GOLD: Final = (115_012, 115_000)
COPPER: Final[Sequence[Copper]] = (
    ("上海", "戊库", 13_600, 3_900, 11_300, 4_500, 140_000),
    ("上海", "戊库(保税)", 18, 0, 18, 0, 30_000),
    ("江苏", "中储无锡", 2_000, 1_900, 3_800, 3_700, 40_000),
    ("江苏", "己库", 360, 0, 880, 500, 15_000),
    ("江西", "庚库", 0, 0, 0, 0, 3_000),
)
WEEKLY_HEADS: Final = {
    "铜": (
        '<tr><th rowspan="2">地区</th><th rowspan="2">仓库</th><th colspan="2">上周库存</th>'
        '<th colspan="2">本周库存</th><th colspan="2">库存增减</th><th colspan="3">可用库容量</th></tr>'
        f"<tr>{'<th>小计</th><th>期货</th>' * 3}<th>上周</th><th>本周</th><th>增减</th></tr>"
    ),
    "黄金": "<tr><th>上周库存</th><th>本周库存</th><th>库存增减</th></tr>",
    "白银": (
        '<tr><th rowspan="2">地区</th><th rowspan="2">仓库</th><th rowspan="2">上周期货</th>'
        '<th rowspan="2">本周期货</th><th rowspan="2">增减</th><th colspan="3">可用库容量</th></tr>'
        "<tr><th>上周</th><th>本周</th><th>增减</th></tr>"
    ),
}
_UNITS: Final = {"白银": "千克", "黄金": "千克", "铜": "吨"}
_KEYS: Final = (
    "PRESPOTWGHTS", "PREWRTWGHTS", "SPOTWGHTS", "WRTWGHTS", "SPOTCHANGE", "WRTCHANGE", "PREWHSTOCKS", "WHSTOCKS",
    "WHSTOCKCHANGE",
)  # fmt: skip
Line = tuple[str, str, list[int]]


def _silver_line(row: Silver) -> Line:
    region, name, before, now, room = row
    return region, name, [before, now, now - before, room - before, room - now, before - now]


def _copper_line(row: Copper) -> Line:
    region, name, stock_before, before, stock, now, room = row
    figures = [stock_before, before, stock, now, stock - stock_before, now - before]
    return region, name, [*figures, room - before, room - now, before - now]


def _with_sums(title: str, rows: Sequence[Line]) -> list[Line]:
    """The lines with 合计 after each region of two or more warehouses and the totals the product prints."""
    lines: list[Line] = []
    for region in dict.fromkeys(row[0] for row in rows):
        inside = [row for row in rows if row[0] == region]
        lines += inside
        if len(inside) > 1:
            lines.append((region, "合计", _sum(inside)))
    if title == "铜":
        lines.append(("", "保税商品总计", _sum([row for row in rows if "保税" in row[1]])))
        lines.append(("", "完税商品总计", _sum([row for row in rows if "保税" not in row[1]])))
    return [*lines, ("", "总计", _sum(rows))]


def _sum(rows: Sequence[Line]) -> list[int]:
    return [sum(column) for column in zip(*(row[2] for row in rows), strict=True)] if rows else []


def shfe_weekly_html(
    session: date,
    *,
    silver: Sequence[Silver] = SILVER,
    gold: tuple[int, int] | None = GOLD,
    copper: Sequence[Copper] = COPPER,
    heads: Mapping[str, str] | None = None,
    number: int | None = None,
    strangers: Sequence[str] = ("铜(BC)", "螺纹钢(厂库)"),
    closing: bool = True,
) -> bytes:
    """The weekly stock page since November 2025: copper, gold, silver, then `strangers`.

    `heads` replaces the rows of headings of a title, `number` the report's number in its year; an empty product is
    left out; `closing` False leaves off `</body></html>`.
    """
    if number is None:
        days = sessions.sessions("SHFE", date(session.year, 1, 1), session)
        number = len({day.isocalendar()[:2] for day in days})
    intro = f"{session} {session.year}年 第({number})期,总第{number + 1_367}期"
    tables = {"铜": _with_sums("铜", [_copper_line(row) for row in copper]) if copper else []}
    tables["白银"] = _with_sums("白银", [_silver_line(row) for row in silver]) if silver else []
    parts = [_table("铜", tables["铜"], heads)] if copper else []
    if gold is not None:
        parts.append(_gold_table(gold, heads))
    if silver:
        parts.append(_table("白银", tables["白银"], heads))
    parts += [_table(title, [("上海", "中储无锡", [9] * 6)], {title: WEEKLY_HEADS["白银"]}) for title in strangers]
    end = "</div>\n</body>\n</html>\n" if closing else ""
    return (
        '<html lang="zh-CN">\n<body>\n<div class="comtent_table" id="stock">\n'
        f'<table class="content_intro"><tr><td>{intro}</td></tr></table>\n' + "\n".join(parts) + f"\n{end}"
    ).encode()


def _title_row(title: str, width: int) -> str:
    unit = _UNITS.get(title, "吨")
    return f'<tr class="special_row_type"><td colspan="{width - 1}">{title}</td><td>单位：{unit}</td></tr>'


def _table(title: str, lines: Sequence[Line], heads: Mapping[str, str] | None) -> str:
    width = len(lines[0][2]) + 2
    out = [f"<thead>{(heads or {}).get(title, WEEKLY_HEADS.get(title, ''))}</thead>", _title_row(title, width)]
    done: set[str] = set()
    for region, name, figures in lines:
        cells = [f"<td>{figure}</td>" for figure in figures]
        if not region:
            cells.insert(0, f'<td colspan="2">{name}</td>')
        else:
            cells.insert(0, f"<td>{name}</td>")
            if region not in done:
                span = sum(1 for line in lines if line[0] == region)
                cells.insert(0, f'<td rowspan="{span}">{region}</td>')
                done.add(region)
        out.append(f"<tr>{''.join(cells)}</tr>")
    return '<table class="el-table_table">' + "\n".join(out) + "</table>"


def _gold_table(gold: tuple[int, int], heads: Mapping[str, str] | None) -> str:
    head = (heads or {}).get("黄金", WEEKLY_HEADS["黄金"])
    before, now = gold
    row = f"<tr><td>{before}</td><td>{now}</td><td>{now - before}</td></tr>"
    return f'<table class="el-table_table"><thead>{head}</thead>{_title_row("黄金", 3)}{row}</table>'


def shfe_weekly_json(session: date, *, strings: bool = False, update: str | None = "16:31:05") -> bytes:
    """The weekly stock file up to 2025-11-14, of the same figures; `strings` writes them as text."""
    products = {
        "铜$$COPPER": _with_sums("铜", [_copper_line(row) for row in COPPER]),
        "黄金$$GOLD": [("", "总计", [GOLD[0]] * 2 + [GOLD[1]] * 2 + [GOLD[1] - GOLD[0]] * 2 + [0, 0, 0])],
        "白银$$SILVER": [
            (region, name, [b, b, n, n, c, c, room_before, room, room_change])
            for region, name, (b, n, c, room_before, room, room_change) in _with_sums(
                "白银", [_silver_line(row) for row in SILVER]
            )
        ],
        "铜(BC)$$Copper (BC)": [("上海", "壬库", [7] * 9)],
    }
    items: list[dict[str, object]] = []
    for name, lines in products.items():
        for region, warehouse, figures in lines:
            status = "1" if warehouse == "合计" else "2" if warehouse.endswith("总计") else "0"
            printed: list[object] = [str(figure) for figure in figures] if strings else list(figures)
            place = {"VARNAME": name, "REGNAME": f"{region}$$R" if region else "", "WHABBRNAME": f"{warehouse}$$W"}
            items.append({**place, "ROWSTATUS": status, **dict(zip(_KEYS, printed, strict=True))})
    payload: dict[str, object] = {"o_code": "0", "report_date": f"{session:%Y%m%d}", "o_cursor": items}
    if update:
        payload["update_date"] = f"{session:%Y%m%d} {update}"
    return json.dumps(payload, ensure_ascii=False).encode()


# --- SHFE member ranking, INE copper -----------------------------------------------------------

QUOTED_PM_TOTAL: Final[dict[str, object]] = {
    "INSTRUMENTID": "cu2110", "PRODUCTSORTNO": 100, "RANK": 999, "PARTICIPANTID1": "", "PARTICIPANTABBR1": "",
    "CJ1": 391, "CJ1_CHG": 58, "PARTICIPANTID2": "", "PARTICIPANTABBR2": "", "CJ2": 503, "CJ2_CHG": -4,
    "PARTICIPANTID3": "", "PARTICIPANTABBR3": "", "CJ3": 491, "CJ3_CHG": 0, "PRODUCTNAME": "",
}  # fmt: skip
"""The total row of copper 2110 in a file of 2021, as quoted in public code."""


def pm_rows(
    instrument: str, volume: Sequence[int], longs: Sequence[int], shorts: Sequence[int], *, more: int = 0
) -> list[dict[str, object]]:
    """The ranks of one instrument and its total row; a list that is shorter than the others leaves blanks.

    `more` is what the total has beyond the members.
    """
    sides = {"1": volume, "2": longs, "3": shorts}
    rows = []
    for rank in range(1, max(map(len, sides.values())) + 1):
        row: dict[str, object] = {"INSTRUMENTID": f"{instrument:<10}", "RANK": rank, "PRODUCTNAME": "名"}
        for number, lots in sides.items():
            there = rank <= len(lots)
            row[f"PARTICIPANTID{number}"] = f"{rank:04}" if there else ""
            row[f"PARTICIPANTABBR{number}"] = f"会员{number}{rank:02}  " if there else ""
            row[f"CJ{number}"] = lots[rank - 1] if there else ""
            row[f"CJ{number}_CHG"] = min(rank - 3, lots[rank - 1]) if there else ""
        rows.append(row)
    total: dict[str, object] = {"INSTRUMENTID": instrument, "RANK": 999, "PRODUCTNAME": ""}
    for number, lots in sides.items():
        total |= {f"PARTICIPANTID{number}": "", f"PARTICIPANTABBR{number}": ""}
        total |= {f"CJ{number}": sum(lots) + more, f"CJ{number}_CHG": min(5, sum(lots) + more)}
    return [*rows, total]


def pm_usual() -> list[dict[str, object]]:
    """A made-up day: one silver contract of twenty members, one of gold of three, silver as a whole, and aluminium."""
    twenty = [1_000 - 20 * place for place in range(20)]
    whole = pm_rows("agall", [2 * lots for lots in twenty], twenty, twenty, more=500)
    kinds = [{**whole[-1], "RANK": rank, "CJ1": 7, "CJ2": 8, "CJ3": 9} for rank in (0, -1)]
    return [
        *pm_rows("ag2612", twenty, [lots - 5 for lots in twenty], twenty[:19], more=0),
        *pm_rows("au2612", [30, 20, 10], [9, 8, 7], [5, 5]),
        *whole,
        *kinds,
        *pm_rows("al2612", [3], [2], [1]),
    ]


def pm_json(
    session: date, rows: Sequence[Mapping[str, object]] | None = None, *, update: str | None = "15:40:00"
) -> bytes:
    """The member ranking file."""
    payload: dict[str, object] = {"o_cursor": list(pm_usual() if rows is None else rows)}
    payload |= {"o_code": "0", "o_msg": "", "report_date": f"{session:%Y%m%d}"}
    if update:
        payload["update_date"] = f"{session:%Y%m%d} {update}"
    return json.dumps(payload, ensure_ascii=False).encode()


def bonded(month: str, settle: float, **printed: object) -> dict[str, object]:
    """One row of bonded copper, CNY per tonne, month as YYMM."""
    row = shanghai.shfe_contract("cu", month, settle)
    return {**row, "PRODUCTID": "bc_f", "PRODUCTGROUPID": "bc", "PRODUCTNAME": "铜(BC)", **printed}


def ine_daily_json(session: date, rows: Sequence[Mapping[str, object]] | None = None, **knobs: Any) -> bytes:
    """INE's daily futures file: bonded copper and crude oil, in SHFE's layout."""
    copper = [bonded("2612", 97_430), bonded("2701", 97_800)] if rows is None else list(rows)
    oil = bonded("2612", 480, PRODUCTID="sc_f", PRODUCTGROUPID="sc", PRODUCTNAME="中质含硫原油")
    return shanghai.shfe_daily_json(session, [*copper, oil], others=False, **knobs)


# --- SGE ---------------------------------------------------------------------------------------


def dailyhq_json(rows: Sequence[Sequence[object]], **more: object) -> bytes:
    """The history of one contract: day, open, close, low, high."""
    return json.dumps({"time": list(rows), **more}).encode()


def midnight(day: date) -> int:
    """The milliseconds of midnight in Beijing."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()) * 1_000


def benchmark_json(morning: Mapping[date, object], afternoon: Mapping[date, object], **more: object) -> bytes:
    """The benchmark prices of one metal."""
    lists = {"zp": morning, "wp": afternoon}
    pairs = {key: [[midnight(day), price] for day, price in days.items()] for key, days in lists.items()}
    return json.dumps({**pairs, **more}).encode()


WEEKLY_LINES: Final = (
    "上海黄金交易所行情周报", "（2026年5月18日-5月22日）", "Ag(T+D) 收盘价 16,095", "白银 16,095 -120 -0.74%",
    "上交所交收库白银库存周度数据（千克）", "品种 上周库存 本周增减 本周库存", "白银 743,550 91,305 834,855",
)  # fmt: skip
"""A made-up report with the figures of two weeks of May 2026 in a third party's series (743.55 and 834.855 t)."""


def weekly_pdf(lines: Sequence[str] = WEEKLY_LINES, *, packed: bool = True, ranges: bool = False) -> bytes:
    """A PDF that prints `lines` with a font that says which character each glyph is, as a word processor writes it.

    `packed` False leaves the streams plain; `ranges` writes the font's table as ranges.
    """
    letters = sorted({letter for line in lines for letter in line})
    glyph = {letter: number for number, letter in enumerate(letters, 1)}
    shown = []
    for place, line in enumerate(lines):
        codes = "".join(f"{glyph[letter]:04X}" for letter in line)
        shown.append(f"BT /F1 10 Tf 1 0 0 1 50 {780 - 16 * place} Tm <{codes}> Tj ET")
    if ranges:
        table = [f"<{n:04X}> <{n:04X}> <{ord(letter):04X}>" for letter, n in glyph.items()]
        maps = f"{len(table)} beginbfrange\n" + "\n".join(table) + "\nendbfrange"
    else:
        table = [f"<{n:04X}> <{ord(letter):04X}>" for letter, n in glyph.items()]
        maps = f"{len(table)} beginbfchar\n" + "\n".join(table) + "\nendbfchar"
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{maps}\nendcmap end end"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        _stream("\n".join(shown), packed),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Made /Encoding /Identity-H"
        b" /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Made /DW 1000 /FontDescriptor 8 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _stream(cmap, packed),
        b"<< /Type /FontDescriptor /FontName /Made /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0"
        b" /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _stream(text: str, packed: bool) -> bytes:
    data = zlib.compress(text.encode()) if packed else text.encode()
    how = b" /Filter /FlateDecode" if packed else b""
    return b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(data), how, data)


# --- India -------------------------------------------------------------------------------------

MCX_COLUMNS: Final = (
    "__type", "Date", "Symbol", "ExpiryDate", "Open", "High", "Low", "Close", "PreviousClose", "Volume",
    "VolumeInThousands", "Value", "OpenInterest", "DateDisplay", "InstrumentName", "StrikePrice", "OptionType",
)  # fmt: skip
_MCX_LOTS: Final = {"GOLD": (1_000, "GRMS", 10), "SILVER": (30, "KGS", 1), "COPPER": (2_500, "KGS", 1)}


def mcx_row(
    session: date, close: float, *, symbol: str = "GOLD", expiry: str = "05FEB2027", lots: int = 40, **printed: object
) -> dict[str, object]:
    """One contract's day: the range lies 1 percent around the close, the value follows; without lots nothing traded."""
    size, unit, piece = _MCX_LOTS.get(symbol, (1, "BBL", 1))
    row: dict[str, object] = {
        "__type": "MCX.BL.Bhavcopy", "Date": str(session), "Symbol": f"{symbol:<13}", "ExpiryDate": expiry,
        "Open": close if lots else 0.0, "High": round(close * 1.01) if lots else 0.0,
        "Low": round(close * 0.99) if lots else 0.0, "Close": close, "PreviousClose": close, "Volume": lots,
        "VolumeInThousands": f"{lots * size / 1_000:.3f} {unit} ", "Value": round(close * lots * size / piece / 1e5, 2),
        "OpenInterest": 100, "DateDisplay": "", "InstrumentName": "FUTCOM", "StrikePrice": 0.0, "OptionType": "-",
    }  # fmt: skip
    return {**row, **printed}


def mcx_csv(rows: Sequence[Mapping[str, object]], columns: Sequence[str] = MCX_COLUMNS) -> bytes:
    """The rows as the saved files write them."""
    lines = [",".join(columns), *(",".join(str(row.get(name, "")) for name in columns) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def mcx_json(rows: Sequence[Mapping[str, object]], *, site: bool = False, count: int | None = None) -> bytes:
    """The rows as the web service answers them, or by `site` as the newer address does (documented, not captured)."""
    if site:
        dated = [{**row, "Date": f"{date.fromisoformat(str(row['Date'])):%m/%d/%Y}"} for row in rows]
        return json.dumps({"IsSuccess": True, "Message": "", "Data": dated}).encode()
    zone = ZoneInfo("Asia/Kolkata")
    moments = [datetime.fromisoformat(str(row["Date"])).replace(tzinfo=zone) for row in rows]
    dated = [{**row, "Date": f"/Date({int(m.timestamp()) * 1_000})/"} for row, m in zip(rows, moments, strict=True)]
    return json.dumps({"d": {"Data": dated, "Summary": {"Count": len(rows) if count is None else count}}}).encode()


QUOTED_IBJA: Final = {"AM": (149_020, 136_502), "PM": (149_621, 137_053)}
"""Gold 999 and 916 of 2026-08-07, INR per 10 g, as quoted from the page."""


def ibja_rates(pure: float, silver: float) -> dict[str, float]:
    """The six rates of one fixing, and platinum, from gold 999 per 10 g and silver per kg."""
    shares = {"Gold 999": 1.0, "Gold 995": 0.995996, "Gold 916": 0.916, "Gold 750": 0.75, "Gold 585": 0.585}
    return {label: float(round(pure * share)) for label, share in shares.items()} | {
        "Silver 999": silver,
        "Platinum 999": 62_707.0,
    }


def ibja_usual(day: date) -> dict[tuple[date, str], dict[str, float]]:
    """Two made-up days before `day`, both fixings."""
    days = [day - timedelta(days=back) for back in (1, 2)]
    return {
        (when, fixing): ibja_rates(150_000 + 100 * number, 230_000 + number)
        for number, (when, fixing) in enumerate((when, fixing) for when in days for fixing in ("AM", "PM"))
    }


def ibja_page(
    dated: Mapping[tuple[date, str], Mapping[str, float]],
    newest: Mapping[str, Mapping[str, float]] | None = None,
    *,
    grams: float | None = None,
    closing: bool = True,
) -> bytes:
    """The page: undated spans of `newest` (AM, PM), then the dated rows; `grams` is gold 999 above the table."""
    spans = [
        f'<span id="lbl{label.replace(" ", "")}_{fixing}">{rate:.0f}</span>'
        for fixing, rates in (newest or {}).items()
        for label, rate in rates.items()
    ]
    if grams is not None:
        spans.insert(0, f'<span id="GoldRatesCompare999">{grams:g}</span>')
    rows = []
    for (day, fixing), rates in dated.items():
        cells = "".join(f'<td data-label="{label}">{rate:.0f} </td>' for label, rate in rates.items())
        rows.append(f'<tr><td data-label="{fixing}"><strong>{day:%d/%m/%Y}</strong></td>{cells}</tr>')
    end = "</body>\n</html>\n" if closing else ""
    return (
        "<!DOCTYPE html>\n<html><body>\n<table id='TodayRatesTableDataYes'><tr><td>"
        + "".join(spans)
        + f"</td></tr></table>\n<table>{''.join(rows)}</table>\n{end}"
    ).encode()
