"""Makes files in the layouts of CME's reports out of plain numbers; nothing in them is CME's.

The workbooks have the row grammar of the real ones (same words, same columns, same order of rows), the JSON has the
same keys and the same text numbers. Sums are computed, so that every identity holds until a knob breaks one.

    silver_stocks_xls(date(2026, 2, 9), date(2026, 2, 10), SILVER)
    volume_json({date(2026, 3, 1): Month(73_142, 40_000, -512)}, date(2026, 2, 9))
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from typing import Final, NamedTuple

import xlwt
from xlwt.Cell import NumberCell

HEADER: Final = ("", "", "PREV TOTAL", "RECEIVED", "WITHDRAWN", "NET CHANGE", "ADJUSTMENT", "TOTAL TODAY", "")
ENHANCED: Final = " - ENHANCED DELIVERY (400 OZ AND ELIGIBLE BRANDS)"
GOLD_NOTE: Final = "Note: 400 OZ AND ELIGIBLE BRANDS ARE COUNTED SEPARATELY.\r\n\r\nMADE UP FOR A TEST."
_DISCLAIMER: Final[tuple[list[object], ...]] = (
    ["The information in this report is taken from sources believed to be reliable; however, "],
    ["the Commodity Exchange, Inc. disclaims all liability whatsoever with regard to its accuracy or completeness."],
    ["This report is produced for information purposes only."],
    [],
    ["For questions regarding this report please email Registrar@cmegroup.com."],
)
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

# --- warehouse stocks ----------------------------------------------------------------------


class Stock(NamedTuple):
    """One category's day, in the unit of the report: what was there, came, went, and was re-classified."""

    previous: float
    received: float = 0.0
    withdrawn: float = 0.0
    adjustment: float = 0.0

    @property
    def six(self) -> tuple[float, ...]:
        """The six printed numbers."""
        net = self.received - self.withdrawn
        return (
            self.previous,
            self.received,
            self.withdrawn,
            net,
            self.adjustment,
            self.previous + net + self.adjustment,
        )


class Vault(NamedTuple):
    """One depository (for copper: city). `pledged` is previous and today of the memo row, None where there is none."""

    registered: Stock
    eligible: Stock
    pledged: tuple[float, float] | None = None


EMPTY: Final = Vault(Stock(0.0), Stock(0.0))
SILVER: Final = {
    "ASAHI DEPOSITORY LLC": Vault(
        Stock(31_000_000.5, 500_000.0, 0.0, -250_000.25), Stock(6_000_000.0, 0, 0, 250_000.25)
    ),
    "BRINK'S, INC.": Vault(Stock(25_000_000.0), Stock(36_000_000.0, 0.0, 480_000.125)),
    "JP MORGAN CHASE BANK NA": Vault(Stock(46_000_000.0, 0.0, 1_000_000.0), Stock(170_000_000.0, 12_345.678)),
    "MALCA-AMIT ARMORED, INC.": EMPTY,
}
"""Made-up vaults of about the size of 2026, troy ounces."""
GOLD: Final = {
    "BRINK'S, INC.": Vault(
        Stock(6_700_000.0, 0, 0, -144_000.0), Stock(2_800_000.0, 0, 0, 144_000.0), (507_000.0, 508_000.0)
    ),
    "HSBC BANK, USA": Vault(Stock(1_800_000.0), Stock(4_300_000.0, 96.45), (175_500.0, 175_500.0)),
    "STONEX PRECIOUS METALS LLC": Vault(Stock(24_000.0), Stock(16_000.0)),
}
COPPER: Final = {
    "BALTIMORE": Vault(Stock(15_144), Stock(18_291, 510)),
    "NEW ORLEANS": Vault(Stock(206_991, 726, 726), Stock(152_332, 5_290, 509)),
    "TUCSON": Vault(Stock(35_091, 0, 0, 100), Stock(7_098, 0, 0, -100)),
}
PLATINUM: Final = {
    "BRINK'S, INC.": Vault(Stock(90_000.725), Stock(5_744.711)),
    "JP MORGAN CHASE BANK NA": Vault(Stock(268_000.0, 0, 5_011.57), Stock(125_407.673)),
}
PALLADIUM: Final = {
    "BRINK'S, INC.": Vault(Stock(77_448.018), Stock(9_785.668)),
    "JP MORGAN CHASE BANK NA": Vault(Stock(63_300.0, 3_196.867), Stock(60_667.93)),
}


@dataclass(frozen=True, slots=True)
class Knobs:
    """Ways in which a made file differs from a sound one."""

    rename: Mapping[str, str] = field(default_factory=dict)
    """Any printed text -> what stands there instead: a column, a unit, a metal, a label, a date line."""
    columns: Sequence[int] = tuple(range(9))
    """Where each of the nine columns goes."""
    blank_rows: int = 0
    """Blank rows put in before everything else."""
    blank_columns: int = 0
    """Blank columns put in before everything else."""
    inserted: Mapping[int, Sequence[object]] = field(default_factory=dict)
    """0-based row of the sound sheet -> a row put in before it."""
    dropped: frozenset[int] = frozenset()
    """0-based rows of the sound sheet left out."""
    cells: Mapping[tuple[int, int], object] = field(default_factory=dict)
    """(row, column) of the sound sheet, 0-based -> another value."""
    scale: float = 1.0
    """Every number times this."""
    swapped: bool = False
    """The words Registered and Eligible exchanged everywhere."""
    footers: Sequence[str] = ()
    """Texts in rows of their own under the sums."""
    sheet_name: str = "Daily Metal Stocks Report"
    sheet_before: str = ""
    """Name of another sheet, with a word in it, that comes first."""
    no_sheet: bool = False
    """The sheet is there and empty."""
    dressed: bool = False
    """Every number in the long form and as many fonts and cell formats as the real report has."""


SOUND: Final = Knobs()


def silver_stocks_xls(
    activity: date, report: date, vaults: Mapping[str, Vault] = SILVER, *, knobs: Knobs = SOUND
) -> bytes:
    """A `Silver_stocks.xls` of made-up numbers."""
    rows = [*_top("COMMODITY EXCHANGE, INC."), *_block("SILVER", activity, report, vaults, knobs)]
    return _workbook([*rows, [], [], *_DISCLAIMER], knobs)


def gold_stocks_xls(activity: date, report: date, vaults: Mapping[str, Vault] = GOLD, *, knobs: Knobs = SOUND) -> bytes:
    """A `Gold_Stocks.xls`; an empty block of enhanced delivery follows each name, unless `vaults` has such blocks."""
    every = dict(vaults)
    if not any("ENHANCED DELIVERY" in name for name in vaults):
        every = {
            each: what for name, vault in vaults.items() for each, what in ((name, vault), (name + ENHANCED, EMPTY))
        }
    rows = [*_top("COMMODITY EXCHANGE, INC."), *_block("GOLD", activity, report, every, knobs)]
    ghost: list[object] = ["COMMODITY EXCHANGE, INC."]
    note: list[list[object]] = [[], [], [GOLD_NOTE], ghost, ghost, ghost, []]
    return _workbook([*rows, *note, *_DISCLAIMER], knobs)


def copper_stocks_xls(
    activity: date, report: date, cities: Mapping[str, Vault] = COPPER, *, knobs: Knobs = SOUND
) -> bytes:
    """A `Copper_Stocks.xls`: cities, short tons, labels of its own."""
    top = _top("COMMODITY EXCHANGE, INC.", "METAL WAREHOUSE STOCKS STATISTICS")
    block = _block("COPPER - HIGH GRADE", activity, report, cities, knobs)
    return _workbook([*top, *block, [], [], *_DISCLAIMER], knobs)


def pa_pl_stocks_xls(
    activity: date,
    report: date,
    platinum: Mapping[str, Vault] = PLATINUM,
    palladium: Mapping[str, Vault] = PALLADIUM,
    *,
    knobs: Knobs = SOUND,
) -> bytes:
    """A `PA-PL_Stck_Rprt.xls`: platinum above palladium, with the same words for both sums."""
    top: list[list[object]] = [[], [], *_top("NEW YORK MERCANTILE EXCHANGE")]
    top += [["  Registrar's Office Email: Registrar@cmegroup.com"], []]
    upper = _block("PLATINUM", activity, report, platinum, SOUND)
    lower = _block("PALLADIUM", activity, report, palladium, knobs)
    disclaimer = [
        [str(text).replace("Commodity Exchange", "New York Mercantile Exchange")] for (text,) in _DISCLAIMER[:3]
    ]
    return _workbook([*top, *upper, *([[]] * 6), *lower, *([[]] * 6), *disclaimer], knobs)


def _top(exchange: str, heading: str = "METAL DEPOSITORY STATISTICS") -> list[list[object]]:
    return [[], [], [], [], [exchange], [], [heading]]


def _block(metal: str, activity: date, report: date, vaults: Mapping[str, Vault], knobs: Knobs) -> list[list[object]]:
    """One metal: its two date lines, the header, a block per depository, the sums, the footers of the knobs."""
    copper = metal.startswith("COPPER")
    lines = ("Registered (warranted)", "Pledged", "Eligible (non-warranted)", "Total")
    sums = ("Total Registered (warranted)", "", "Total Eligible (non-warranted)", "TOTAL COPPER")
    if not copper:
        lines = ("  Registered", "  Pledged", "  Eligible", "  Total")
        sums = ("TOTAL REGISTERED", "TOTAL PLEDGED", "TOTAL ELIGIBLE", "COMBINED TOTAL")
    rows: list[list[object]] = [
        [metal, "", "", "", "", "", f"Report Date: {_american(report)}"],
        ["Short Tons" if copper else "Troy Ounce", "", "", "", "", "", f"Activity Date: {_american(activity)}"],
        [],
        ["DELIVERY POINT" if copper else "DEPOSITORY", *HEADER[1:]],
        [],
    ]
    for name, vault in vaults.items():
        rows += [[name], *_lines(lines, vault.registered.six, vault.eligible.six, vault.pledged), []]
    registered = _added([vault.registered.six for vault in vaults.values()])
    eligible = _added([vault.eligible.six for vault in vaults.values()])
    memos = [vault.pledged for vault in vaults.values() if vault.pledged]
    pledged = (sum(memo[0] for memo in memos), sum(memo[1] for memo in memos)) if memos else None
    rows += _lines(sums, registered, eligible, pledged)
    return rows + [[text] for text in knobs.footers]


def _lines(
    labels: Sequence[str], registered: Sequence[float], eligible: Sequence[float], pledged: tuple[float, float] | None
) -> list[list[object]]:
    memo = [[labels[1], "", pledged[0], "", "", "", "", pledged[1]]] if pledged else []
    return [
        [labels[0], "", *registered],
        *memo,
        [labels[2], "", *eligible],
        [labels[3], "", *_added([registered, eligible])],
    ]


def _added(lines: Sequence[Sequence[float]]) -> tuple[float, ...]:
    return tuple(sum(column) for column in zip(*lines, strict=True)) or (0.0,) * 6


def _american(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _workbook(rows: Sequence[Sequence[object]], knobs: Knobs) -> bytes:
    book = xlwt.Workbook(style_compression=2 if knobs.dressed else 0)
    if knobs.sheet_before:
        book.add_sheet(knobs.sheet_before).write(0, 0, "nothing of interest")
    sheet = book.add_sheet(knobs.sheet_name)
    at = knobs.blank_rows
    for index, row in enumerate(rows):
        if index in knobs.inserted:
            _write(sheet, at, knobs.inserted[index], knobs)
            at += 1
        if index not in knobs.dropped:
            changed = list(row) + [""] * (9 - len(row))
            for (line, column), value in knobs.cells.items():
                if line == index:
                    changed[column] = value
            _write(sheet, at, changed, knobs)
            at += 1
    out = BytesIO()
    book.save(out)
    return out.getvalue()


class _LongNumber(NumberCell):  # type: ignore[misc]
    """A number in the eight bytes the real report spends on each, whole ones and zeros too."""

    __slots__ = ()

    def get_encoded_data(self) -> tuple[int, bytes]:
        return 0, struct.pack("<5Hd", 0x0203, 14, self.rowx, self.colx, self.xf_idx, self.number)


def _write(sheet: xlwt.Worksheet, at: int, row: Sequence[object], knobs: Knobs) -> None:
    if knobs.no_sheet:
        return
    looks = _looks() if knobs.dressed else []
    for column, value in enumerate(row):
        place = knobs.blank_columns + (knobs.columns[column] if column < len(knobs.columns) else column)
        if isinstance(value, str):
            text = knobs.rename.get(value.strip(), value)
            if knobs.swapped:
                text = _swapped(text)
            if text:
                sheet.write(at, place, text)
        elif looks and isinstance(value, int | float):
            form = sheet.parent.add_style(looks[(7 * at + place) % len(looks)])
            sheet.row(at).insert_cell(place, _LongNumber(at, place, form, value * knobs.scale))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write(at, place, value * knobs.scale)
        else:
            sheet.write(at, place, value)


@cache
def _looks() -> list[xlwt.XFStyle]:
    """46 cell formats over 22 fonts: with the writer's own, as many as the real report has."""
    return [
        xlwt.easyxf(
            f"font: height {160 + 10 * (number % 22)}; align: indent {number // 22}", num_format_str="#,##0.000"
        )
        for number in range(46)
    ]


def _swapped(text: str) -> str:
    for one, other in (("Registered", "Eligible"), ("REGISTERED", "ELIGIBLE"), ("warranted", "non-warranted")):
        text = text.replace(other, "\0").replace(one, other).replace("\0", one)
    return text


# --- volume and open interest --------------------------------------------------------------


class Month(NamedTuple):
    """One contract month of the volume payload, in lots; all of `volume` is electronic but `privately`."""

    open_interest: int
    volume: int = 0
    change: int = 0
    privately: int = 0
    deliveries: int = 0


def volume_json(
    months: Mapping[date, Month],
    trade_date: date,
    *,
    updated: datetime | None = None,
    totals: Mapping[str, str] | None = None,
    changed: Mapping[str, object] | None = None,
) -> bytes:
    """A volume payload of made-up numbers, as the service sends it.

    `updated` (aware) is left out where None. `totals` and `changed` overwrite keys of the totals and of the payload.
    """
    rows = [_volume_row(f"{_MONTHS[day.month - 1]} {day.year}", month) for day, month in months.items()]
    every = Month(*(sum(column) for column in zip(*months.values(), strict=True))) if months else Month(0)
    payload: dict[str, object] = {
        "tradeDate": f"{trade_date:%Y%m%d}",
        "totals": _volume_row("-", every) | {"monthID": "-", "strike": "-", "exercises": "-"} | dict(totals or {}),
        "monthData": rows,
    }
    if updated:
        payload["updateTime"] = f"{updated.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    payload |= {"empty": not rows} | dict(changed or {})
    return json.dumps(payload, separators=(",", ":")).encode()


def _volume_row(name: str, month: Month) -> dict[str, object]:
    zero = dict.fromkeys(("openOutcry", "blockVolume", "efpVol", "efrVol", "eooVol", "efsVol", "subVol", "tasVol"), "0")
    return {
        "month": name,
        "monthID": f"{name.replace(' ', '-')}-Calls",
        "globex": f"{month.volume - month.privately:,}",
        "totalVolume": f"{month.volume:,}",
        **zero,
        "pntVol": f"{month.privately:,}",
        "deliveries": f"{month.deliveries:,}",
        "opnt": "-",
        "aon": "-",
        "atClose": f"{month.open_interest:,}",
        "change": f"{month.change:,}",
        "strike": "0",
        "exercises": "0",
    }


# --- settlements ---------------------------------------------------------------------------


class Price(NamedTuple):
    """One contract month of the settlements payload, as the service prints it."""

    settle: str
    change: str = "+0.100"
    volume: int = 0
    prior_open_interest: int = 0
    open: str = "-"
    high: str = "-"
    low: str = "-"
    last: str = "-"


def settlements_json(
    months: Mapping[date, Price] | Mapping[str, Price],
    trade_date: date,
    *,
    product: str = "Silver Future",
    updated: str | None = "",
    report_type: str = "Final",
    total: bool = True,
    changed: Mapping[str, object] | None = None,
) -> bytes:
    """A settlements payload of made-up prices, as the service sends it.

    A month may be given as the text to print. `updated` is 11:55 PM of the trade date where '', left out where None.
    """
    rows = [_settlement_row(name if isinstance(name, str) else _short(name), price) for name, price in months.items()]
    if total and rows:
        volume = sum(price.volume for price in months.values())
        interest = sum(price.prior_open_interest for price in months.values())
        rows.append(_settlement_row("Total", Price("-", "0", volume, interest)))
    payload: dict[str, object] = {"settlements": rows}
    if updated is not None:
        payload["updateTime"] = (
            updated or f"{trade_date:%A}, {trade_date:%d} {_short(trade_date, ' %Y').title()} 11:55 PM"
        )
    payload |= {
        "dsHeader": product,
        "reportType": report_type,
        "tradeDate": f"{trade_date:%m/%d/%Y}",
        "empty": not rows,
    } | dict(changed or {})
    return json.dumps(payload, separators=(",", ":")).encode()


def _short(day: date, year: str = " %y") -> str:
    return _MONTHS[day.month - 1] + day.strftime(year)


def _settlement_row(month: str, price: Price) -> dict[str, object]:
    return {
        "month": month,
        "open": price.open,
        "high": price.high,
        "low": price.low,
        "last": price.last,
        "change": price.change,
        "settle": price.settle,
        "volume": f"{price.volume:,}",
        "openInterest": f"{price.prior_open_interest:,}",
    }
