"""Files in the layouts of London, the CFTC, the money sources and the funds, written from plain numbers.

Every number here is made up unless a test quotes it as a fact. By default every balance holds; each function has knobs
to break one thing at a time.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from monitor import validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch
from tests.factories.shanghai import DAMAGE

EXAMPLES: Final = 200 * (50 if os.environ.get("BULLION_FUZZ") == "all" else 1)
NOW: Final = datetime(2026, 11, 20, 18, tzinfo=UTC)
EDITS: Final = st.lists(
    st.tuples(st.sampled_from(DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
BOMB: Final = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def answer(body: bytes | str, hint: str | None = None, *, url: str | None = None, at: datetime = NOW) -> Answer:
    """An answer with that body, fetched at `at`."""
    return Answer(body.encode() if isinstance(body, str) else body, "file", at, url=url, hint=hint)


def outcome(parse: Callable[[Answer], Batch], given: Answer) -> str:
    """What became of the bytes: a batch that fits the schema, or one of the four named errors; others pass through."""
    try:
        validate.checked(parse(given).frames)
    except (NotPublished, Blocked, Unreadable, Implausible) as error:
        return type(error).__name__
    return "Batch"


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """A zip of those files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


# --- workbooks -------------------------------------------------------------------------------

_SHEET_TYPE: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Cell = str | float | date | None


def serial(day: date) -> int:
    """Excel's number of a day."""
    return (day - date(1899, 12, 30)).days


def xlsx(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, shared: bool = True, prolog: str = "") -> bytes:
    """An .xlsx: texts shared or inline, dates as numbers; `prolog` goes before each worksheet's root."""
    texts: list[str] = []
    files: dict[str, bytes | str] = {}
    names, links = "", ""
    for number, (name, rows) in enumerate(sheets.items(), 1):
        names += f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        links += f'<Relationship Id="rId{number}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        body = "".join(
            f'<row r="{row}">'
            + "".join(_cell(row, place, cell, texts, shared) for place, cell in enumerate(line))
            + "</row>"
            for row, line in enumerate(rows, 1)
        )
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'{prolog}<worksheet xmlns="{_SHEET_TYPE}"><sheetData>{body}</sheetData></worksheet>'
        )
    files["xl/workbook.xml"] = (
        f'<workbook xmlns="{_SHEET_TYPE}" xmlns:r="{_LINKS}"><workbookPr/><sheets>{names}</sheets></workbook>'
    )
    files["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="urn:x">{links}</Relationships>'
    if shared:
        files["xl/sharedStrings.xml"] = (
            f'<sst xmlns="{_SHEET_TYPE}">' + "".join(f"<si><t>{escape(text)}</t></si>" for text in texts) + "</sst>"
        )
    return zipped(files)


def _cell(row: int, place: int, value: Cell, texts: list[str], shared: bool) -> str:
    name = f"{chr(65 + place)}{row}"
    if value is None:
        return ""
    if isinstance(value, str) and shared:
        texts.append(value)
        return f'<c r="{name}" t="s"><v>{len(texts) - 1}</v></c>'
    if isinstance(value, str):
        return f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{name}"><v>{serial(value) if isinstance(value, date) else value}</v></c>'


def spreadsheetml(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, prolog: str = "", tail: str = "") -> bytes:
    """A workbook of Excel 2003 in XML; an empty cell is left out and the next one carries its index."""
    body = ""
    for name, rows in sheets.items():
        lines = "".join(f"<ss:Row>{_ml_cells(line)}</ss:Row>\n" for line in rows)
        body += f'<ss:Worksheet ss:Name="{name}"><ss:Table>{lines}</ss:Table></ss:Worksheet>'
    return (
        f'<?xml version="1.0"?>{prolog}<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f"{body}{tail}</ss:Workbook>"
    ).encode()


def _ml_cells(line: Sequence[Cell]) -> str:
    found, skipped = "", False
    for place, value in enumerate(line, 1):
        if value is None:
            skipped = True
            continue
        index = f' ss:Index="{place}"' if skipped else ""
        kind = "String" if isinstance(value, str) else "Number"
        found += f'<ss:Cell{index}><ss:Data ss:Type="{kind}">{value}</ss:Data></ss:Cell>'
        skipped = False
    return found


# --- London ----------------------------------------------------------------------------------

Fixings = Sequence[tuple[str, Sequence[float | None]]]
SILVER: Final[Fixings] = (
    ("1998-12-30", [4.9, 2.95, 0]),
    ("1999-01-05", [5.1, 3.05, 4.35]),
    ("2026-02-09", [80.5, 59.1, 68.2]),
    ("2026-02-10", [81.25, None, 68.9]),
)


def lbma_json(fixings: Fixings = SILVER, *, mark: bool = False, **extra: object) -> bytes:
    """A list of auction prices; `extra` are further fields of each."""
    rows = [{"is_cms_locked": 0, "d": day, "v": list(values), **extra} for day, values in fixings]
    return (b"\xef\xbb\xbf" if mark else b"") + json.dumps(rows, separators=(",", ":")).encode()


Month = tuple[str, float | None, float | None]
"""YYYY-MM, gold and silver in thousands of ounces."""
VAULTS: Final[Sequence[Month]] = (
    ("2025-12", 292_777.4, 894_000),
    ("2026-01", 294_440.3, 891_000),
    ("2026-02", 296_095.7, 870_000),
)


def vault_json(months: Sequence[Month] = VAULTS) -> bytes:
    """The site's list: the moment is the second of the month the amounts are of, the amounts are rounded."""
    rows = [
        [
            int(datetime(int(month[:4]), int(month[5:]), 2, tzinfo=UTC).timestamp() * 1000),
            None if gold is None else round(gold),
            None if silver is None else round(silver),
        ]
        for month, gold, silver in months
    ]
    return json.dumps(rows).encode()


def vault_xlsx(
    months: Sequence[Month] = VAULTS, *, title: bool = True, dates_before: str = "", unit: str = "Troy Ounces ('000s)"
) -> bytes:
    """The monthly workbook, newest first; months before `dates_before` are dates rather than texts."""
    rows: list[list[Cell]] = [["LBMA London Vault Holdings Data"]] if title else []
    rows += [["Month End", "Gold", "Silver"], [None, unit, unit]]
    for month, gold, silver in sorted(months, reverse=True):
        end = (date.fromisoformat(f"{month}-28") + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        rows.append([end if month < dates_before else month, gold, silver])
    return xlsx({"London Vault Holdings Data": rows})


# --- money -----------------------------------------------------------------------------------


def ccpr_json(rates: Mapping[str, str] | None = None, stamp: str = "2026-09-24 9:15", **extra: object) -> bytes:
    """CFETS's answer of one morning."""
    pairs = (
        {"USD/CNY": "6.7489", "EUR/CNY": "7.6631", "100JPY/CNY": "4.2794", "CNY/MYR": "0.6"} if rates is None else rates
    )
    records = [
        {
            "vrtCode": str(number),
            "vrtName": "x",
            "vrtEName": pair,
            "price": price,
            "bp": "1.00",
            "bpDouble": 1.0,
            **extra,
        }
        for number, (pair, price) in enumerate(pairs.items(), 1)
    ]
    head = {"version": "2.0", "provider": "CWAP", "rep_code": "200", "ts": 1}
    return json.dumps({"head": head, "data": {"lastDateEn": "", "lastDate": stamp}, "records": records}).encode()


def nyfed_json(rates: Mapping[str, float], *, kind: str = "SOFR", changed: Mapping[str, object] | None = None) -> bytes:
    """The New York Fed's answer, newest first; `changed` replaces fields of each rate."""
    items = [
        {
            "effectiveDate": day, "type": kind, "percentRate": rate,
            "percentPercentile1": round(rate - 0.04, 2), "percentPercentile25": round(rate - 0.01, 2),
            "percentPercentile75": round(rate + 0.07, 2), "percentPercentile99": round(rate + 0.11, 2),
            "volumeInBillions": 2008, "revisionIndicator": "", **(changed or {}),
        }
        for day, rate in sorted(rates.items(), reverse=True)
    ]  # fmt: skip
    return json.dumps({"refRates": items}).encode()


def fred_csv(rows: Sequence[Sequence[str]], names: Sequence[str] = ("DGS1MO", "DGS3MO", "DGS6MO", "SOFR")) -> bytes:
    """FRED's CSV of today: observation_date and a column per series, blank where there is no value."""
    return ("\n".join(",".join(line) for line in [["observation_date", *names], *rows]) + "\n").encode()


# --- funds -----------------------------------------------------------------------------------

GLD_CSV_HEAD: Final = (
    "Date, GLD Close, NAV per GLD in Gold, NAV/share at 10.30 a.m. NYT, Indicative Price of GLD at 4.15 p.m. NYT, "
    "Mid point of bid/ask spread at 4.15 p.m. NYT#, Premium/Discount of GLD mid point v Indicative Value of GLD at "
    "4.15 p.m. NYT, Daily Share Volume, Total Net Asset Value Ounces in the Trust as at 4.15 p.m. NYT, Total Net Asset "
    "Value Tonnes in the Trust as at 4.15 p.m. NYT, Total Net Asset Value in the Trust"
)
GLD_XLSX_HEAD: Final = (
    "Date", "Closing Price", "Ounces of Gold per Share", "NAV/Share at 10:30am NYT",
    "Indicative Price per Share at 4:15pm NYT", "Mid point of bid/ask spread at 4:15pm NYT",
    "Premium/Discount of GLD Mid Point vs Indicative Value of GLD at 4:15pm NYT", "Daily Share Volume",
    "Total Ounces of Gold in the Trust", "Tonnes of Gold", "Total Net Asset Value in the Trust",
)  # fmt: skip


def gld_line(day: str, ounces: float = 29_000_000.0, nav: float = 300.0) -> list[str]:
    """One day of the old CSV, its balances holding."""
    assets = ounces / 0.0922 * nav
    return [
        day, f"{nav + 1:.2f}", "92.200000", f"{nav:.8f}", f"{nav:.3f}", f"${nav * 1.0005:.4f}", "0.0500%", "9000000",
        f"{ounces:.2f}", f"{ounces / 32_151:.2f}", f"{assets:.2f}",
    ]  # fmt: skip


def gld_csv(lines: Sequence[Sequence[str]], *, head: str = GLD_CSV_HEAD, preamble: str = "") -> bytes:
    """The old archive: a space before every cell but the first."""
    return (preamble + "\n".join([head, *(", ".join(line) for line in lines)]) + "\n").encode()


def gld_xlsx(lines: Sequence[Sequence[str]]) -> bytes:
    """The archive workbook of the same days: ounces behind one share, numbers as numbers, a disclaimer before."""
    rows: list[list[Cell]] = [list(GLD_XLSX_HEAD)]
    for line in lines:
        row: list[Cell] = [line[0]]
        for cell in line[1:]:
            text = cell.strip("$%")
            row.append(float(text) if text.replace(".", "").isdigit() else cell)
        if isinstance(row[2], float):
            row[2] /= 1000
        rows.append(row)
    return xlsx({"Disclaimer": [["For information only & nothing else"]], "US GLD Historical Archive": rows})


def gld_json(day: str = "July 6, 2026", /, **changed: object) -> bytes:
    """The day's figures; `changed` replaces a whole item."""
    data: dict[str, object] = {
        "close_usd": {"value": "US$ 382.13", "performance": 1, "date": day},
        "current_iopv_usd": {"value": "US$ 382.28", "performance": -1},
        "daily_volume": {"value": "3,835,594", "performance": -1, "date": day},
        "metal_entitlement": {"value": "0.0918", "date": day},
        "nav_share_usd": {"value": "US$ 380.00", "performance": 1, "date": day},
        "shares_outstanding": {"value": "350,000,000", "performance": 1, "date": day},
        "total_nav_usd": {"value": "US$ 133,000,000,000.00", "performance": 1, "date": day},
        "total_ounces": {"value": "32,130,000.00", "performance": 1, "date": day},
        "total_tonnes": {"value": "999.347", "performance": 1, "date": day},
        "spot_bid_usd": {"value": "US$ 4,165.65", "performance": 1, "date": day},
        **changed,
    }
    return json.dumps({"data": data, "metadata": {"license": "Proprietary"}, "system": {}}).encode()


SLV_HISTORY: Final[Sequence[Sequence[Cell]]] = (
    ("As Of", "NAV per Share", "Ex-Dividends", "Shares Outstanding"),
    ("Oct 06, 2026", 55.08, "--", "545,800,000"),
    ("Oct 05, 2026", "54.25", None, 545_100_000),
)


def slv_workbook(rows: Sequence[Sequence[Cell]] = SLV_HISTORY, *, prolog: str = "", tail: str = "") -> bytes:
    """The fund workbook; its disclaimer has a bare ampersand, as the publisher's has."""
    sheets: dict[str, Sequence[Sequence[Cell]]] = {
        "Disclaimers": [["See https://www.ishares.com/us/x?locale=en_US&portfolioId=1&nbsp;"]],
        "Historical": rows,
        "Performance": [["Oct 06, 2026", 1.5]],
    }
    return spreadsheetml(sheets, prolog=prolog, tail=tail)


def slv_page(
    facts: Mapping[str, tuple[str, str]] | None = None,
    *,
    title: str = "iShares Silver Trust | SLV",
    embedded: Mapping[str, tuple[str, str]] | None = None,
) -> bytes:
    """The product page: each fact its value and its date; `embedded` facts stand in the page's data alone."""
    shown = facts if facts is not None else {
        "ounces": ("492,910,352.50", "Oct 05, 2026"),
        "tonnes": ("15,331.22", "Oct 05, 2026"),
        "sharesOutstanding": ("545,800,000", "Oct 06, 2026"),
        "closingPrice": ("$55.10", "Oct 06, 2026"),
    }  # fmt: skip
    rows = "".join(
        f'<div><span data-id="keyFundFacts-{name}-label" webqc-datapoint="keyFundFacts-{name}-label">{name}'
        f'<span data-id="keyFundFacts-{name}-asOf">as of<!-- --> {day}</span></span>'
        f'<span webqc-datapoint="keyFundFacts-{name}">{value}</span></div>'
        for name, (value, day) in shown.items()
    )
    data = "".join(
        f"{{&quot;formattedValue&quot;:&quot;{value}&quot;,&quot;formattedAsOfDate&quot;:&quot;{day}&quot;,"
        f"&quot;name&quot;:&quot;{name}&quot;}}"
        for name, (value, day) in (embedded or {}).items()
    )
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body data-product='239855'>{rows}"
        f'<div data-props="{data}" data-x="keyFundFacts-ounces"></div></body></html>'
    ).encode()
