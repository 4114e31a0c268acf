"""SPDR Gold Shares (GLD): the gold in the trust, its shares and its values.

Publisher: World Gold Trust Services; venue NYSE; America/New_York. Read: the site's JSON with the day's figures, each
with its own date (public about 16:45); the archive workbook (.xlsx, sheet "US GLD Historical Archive", public about
22:30); and the old archive CSV, which ended in 2025. Columns are found by their headings: an older CSV had one more.
The CSV gives ounces behind 1000 shares, the workbook behind one; both are kept per share. A holiday is a row of words,
a figure that is awaited a word. The LBMA price in the old CSV is licensed and is left out.

The trust counts 32,151 ounces to a tonne. Ounces and tonnes, and ounces, net asset value per share and in all, must
agree; ounces behind a share tell the fund from its smaller sister.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import funds, histories, tables, workbooks
from monitor.sources.funds import Figure
from monitor.sources.tables import show

_FIRST: Final = date(2004, 11, 18)
_SHEET: Final = "US GLD Historical Archive"
_PER_SHARE: Final = (0.08, 0.1001)
_API: Final = "https://api.spdrgoldshares.com/api/v1"
_QUERY: Final = "product=gld&exchange=NYSE&lang=en"
_MOST: Final = 20_000
_JSON: Final = {
    "total_ounces": "ounces",
    "total_tonnes": "tonnes",
    "shares_outstanding": "shares",
    "metal_entitlement": "ounces_per_share",
    "nav_share_usd": "nav",
    "total_nav_usd": "net_assets",
    "close_usd": "close",
    "daily_volume": "volume",
}
_TOP: Final = ("data", "metadata", "system")
_ITEM: Final = ("value", "date", "performance")
_UNUSED: Final = ("current_iopv_usd", "spot_bid_usd", "spot_mid_usd", "spot_ask_usd")
_ARCHIVE: Final = {
    "date": "date",
    "gldclose": "close",
    "closingprice": "close",
    "navpergldingold": "ounces_per_share",
    "ouncesofgoldpershare": "ounces_per_share",
    "navshareat1030amnyt": "nav",
    "indicativepriceofgldat415pmnyt": "indicative",
    "indicativepricepershareat415pmnyt": "indicative",
    "midpointofbidaskspreadat415pmnyt": "mid",
    "premiumdiscountofgldmidpointvindicativevalueofgldat415pmnyt": "premium",
    "premiumdiscountofgldmidpointvsindicativevalueofgldat415pmnyt": "premium",
    "dailysharevolume": "volume",
    "totalnetassetvalueouncesinthetrustasat415pmnyt": "ounces",
    "totalouncesofgoldinthetrust": "ounces",
    "totalnetassetvaluetonnesinthetrustasat415pmnyt": "tonnes",
    "tonnesofgold": "tonnes",
    "totalnetassetvalueinthetrust": "net_assets",
    "lbmagoldprice": "",
}
"""Heading without case and signs -> measure; '' for what is left out."""
_NEEDED: Final = ("date", "close", "ounces_per_share", "nav", "ounces", "tonnes", "net_assets")
_PER_THOUSAND: Final = "navpergldingold"


def asks(day: date) -> tuple[Ask, ...]:
    """The day's figures, whatever the day asked for."""
    return (Ask("gld_trust", day, f"{_API}/data?{_QUERY}", headers=(("Referer", "https://www.spdrgoldshares.com/"),)),)


def backlog(start: date, end: date) -> tuple[Ask, ...]:  # noqa: ARG001
    """The archive workbook, which has every day."""
    address = f"{_API}/historical-archive?{_QUERY}"
    return (Ask("gld_trust", end, address, headers=(("Referer", "https://www.spdrgoldshares.com/"),)),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """The JSON's keys, the archive's sheet, or a CSV with the heading GLD Close."""
    if body[:2] == b"PK":
        return _SHEET in workbooks.sheet_names(body)
    head = body[:4_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{"):
        return b'"total_ounces"' in body and b'"total_tonnes"' in body
    return re.search(rb"^Date, ?GLD Close,", head, re.MULTILINE) is not None


def parse(answer: Answer) -> Batch:
    """Rows of fund_rows, fund GLD.

    A day of the archive whose figures contradict each other is a Reject where it is one in a hundred, and otherwise
    Implausible. Raises besides NotPublished (no figure), Blocked (a firewall's page), Unreadable (another layout, a
    ragged line, a day twice), Implausible (figures of another fund, a date of the future).
    """
    body = answer.body
    rejects: list[Reject] = []
    if body[:2] == b"PK":
        sheet = workbooks.xlsx(body, _SHEET)
        lines: Iterator[tuple[str, Sequence[workbooks.Value]]] = (
            (sheet.where(index, 0), line) for index, line in enumerate(sheet.rows)
        )
        figures, notes = _archive(lines, rejects, even=False)
        hour = "22:30"
    else:
        text = tables.text_of(body)
        if text.lstrip().startswith("<"):
            tables.refuse_block_page(text, "the trust's site")
            raise Unreadable("a page where figures should be")
        if text.lstrip().startswith("{"):
            figures, notes = _today(tables.json_of(text), rejects)
            hour = "16:45"
        else:
            figures, notes = _archive(_csv(text), rejects, even=True)
            hour = "22:30"
    if not figures:
        raise NotPublished("the trust gives no figure")
    histories.check_span([figure.as_of for figure in figures], _FIRST, answer, funds.ZONE)
    return Batch({"fund_rows": funds.frame("GLD", figures, hour)}, notes, tuple(rejects))


# --- the day's figures -----------------------------------------------------------------------


def _today(payload: dict[str, object], rejects: list[Reject]) -> tuple[list[Figure], tuple[Note, ...]]:
    data = payload.get("data")
    if not isinstance(data, dict) or not {"total_ounces", "total_tonnes"} <= set(data):
        raise Unreadable("no total_ounces and total_tonnes under 'data'")
    figures: list[Figure] = []
    for key, measure in _JSON.items():
        item = data.get(key)
        if item is None:
            continue
        where = f"data.{key}"
        if not isinstance(item, dict):
            raise Unreadable(f"{show(item)} where a value with a date should be", where)
        value = funds.value_of(item.get("value"), where)
        if value is None:
            continue
        if not item.get("date"):
            rejects.append(Reject("a figure without its date", where, show(item.get("value"))))
            continue
        figures.append(Figure(measure, value, funds.day_of(tables.label(item["date"], where), where)))
    for day, values in funds.by_day(figures).items():
        why = funds.contradiction(values, _PER_SHARE)
        if why:
            raise Implausible(f"{day}: {why}")
    notes = tables.unknown_fields([payload], _TOP) + tables.strangers(data, (*_JSON, *_UNUSED), "figure")
    items = [item for item in data.values() if isinstance(item, dict)]
    notes += tables.unknown_fields(items, _ITEM, "data") + tables.absent(data, _JSON, "figure", "data")
    return figures, notes


# --- the archive -----------------------------------------------------------------------------


def _csv(text: str) -> Iterator[tuple[str, Sequence[workbooks.Value]]]:
    tables.whole_lines(text)
    lines = text.splitlines()
    if len(lines) > _MOST:
        raise Unreadable(f"more than {_MOST} lines")
    for number, line in enumerate(lines, 1):
        try:
            yield f"line {number}", [cell.strip() for cell in next(csv.reader([line], strict=True), [])]
        except csv.Error as error:
            raise Unreadable(f"the line does not split into fields: {error}", f"line {number}") from None


def _archive(
    lines: Iterator[tuple[str, Sequence[workbooks.Value]]], rejects: list[Reject], *, even: bool
) -> tuple[list[Figure], tuple[Note, ...]]:
    """The figures of every day, from the first line whose first cell is Date; `even` lines have all their fields."""
    printed = next((line for _, line in lines if line and workbooks.text(line[0]) == "Date"), None)
    if printed is None:
        raise Unreadable("no line that begins with Date")
    headings = [workbooks.text(cell) for cell in printed]
    keys = [re.sub(r"[^a-z0-9]", "", heading.lower()) for heading in headings]
    at = _columns(keys)
    days: dict[date, dict[str, float]] = {}
    count = 0
    for where, line in lines:
        if not any(workbooks.text(cell) for cell in line):
            continue
        count += 1
        if even and len(line) != len(keys):
            raise Unreadable(f"{len(line)} fields under {len(keys)} headings", where)
        try:
            day, values = _values(line, at, where, thousand=_PER_THOUSAND in keys)
        except Unreadable as error:
            rejects.append(Reject(str(error), where, show([workbooks.text(cell) for cell in line])))
            continue
        if day in days:
            raise Unreadable(f"{day} stands there twice", where)
        why = funds.contradiction(values, _PER_SHARE) or _off_premium(values)
        if why:
            rejects.append(Reject(f"{day}: {why}", where))
        days[day] = {} if why else values
    histories.refuse_many(rejects, count)
    odd = [heading for heading, key in zip(headings, keys, strict=True) if key not in _ARCHIVE]
    found = [Figure(measure, value, day) for day, values in days.items() for measure, value in values.items()]
    return found, tables.strangers(odd, (), "column")


def _columns(keys: list[str]) -> dict[str, int]:
    """Measure -> column; Unreadable where a needed one is missing or one stands there twice."""
    at: dict[str, int] = {}
    for column, key in enumerate(keys):
        measure = _ARCHIVE.get(key, "")
        if not measure:
            continue
        if measure in at:
            raise Unreadable(f"two columns of {measure}")
        at[measure] = column
    missing = [name for name in _NEEDED if name not in at]
    if missing:
        raise Unreadable(f"no column for {', '.join(missing)}")
    return at


def _values(
    line: Sequence[workbooks.Value], at: dict[str, int], where: str, *, thousand: bool
) -> tuple[date, dict[str, float]]:
    """Day, and measure -> value of one line; without what is missing, and a premium that lacks its percent sign."""
    cells = {measure: line[column] if column < len(line) else None for measure, column in at.items()}
    value = cells.pop("date")
    day = workbooks.day_of(value, where) if isinstance(value, float) else funds.day_of(workbooks.text(value), where)
    premium = cells.pop("premium", None)
    if isinstance(premium, str) and premium.endswith("%"):
        cells["premium"] = premium.removesuffix("%")
    values: dict[str, float] = {}
    for measure, raw in cells.items():
        figure = funds.value_of(raw, f"{where} column {measure}")
        if figure is not None:
            values[measure] = figure / 1000 if thousand and measure == "ounces_per_share" else figure
    return day, values


def _off_premium(values: dict[str, float]) -> str:
    """Why the printed premium is not that of the printed prices, which are rounded; or ''."""
    mid, indicative, premium = values.get("mid"), values.get("indicative"), values.get("premium")
    if mid is None or not indicative or premium is None:
        return ""
    implied = 100 * (mid / indicative - 1)
    return (
        ""
        if abs(implied - premium) <= 0.5
        else f"{mid:g} over {indicative:g} is {implied:.2f} percent, not {premium:g}"
    )


SOURCE: Final = Source(
    name="gld_trust",
    title="SPDR Gold Shares (GLD)",
    publisher="World Gold Trust Services",
    venue="NYSE",
    tables=("fund_rows",),
    due=Due("17:00", funds.ZONE, grace_minutes=8 * 60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    keeps_history=False,
    hosts=("api.spdrgoldshares.com",),
    page="https://www.spdrgoldshares.com/usa/gld/",
    terms="The answer calls its figures proprietary and forbids passing them on: for your own use, and switched off "
    "until you have read the site's conditions.",
    terms_url="https://www.spdrgoldshares.com/usa/terms-and-conditions/",
    licence="proprietary; not to be passed on",
    unit="troy_oz, tonne, share, USD",
    history_start="2004-11-18",
    proof=Proof.QUOTED,
    verified="228 days of the old CSV, 2004-11-18 to 2005-05-02 and 2024-12-06 to 2025-05-23, every balance. The "
    "workbook and the JSON by documents that quote them.",
)
