"""iShares Silver Trust (SLV): the silver in the trust, its shares and their value.

Publisher: BlackRock; venue NYSE; America/New_York. Two files: the fund workbook (SpreadsheetML named .xls, worksheet
Historical: net asset value and shares of every day, no ounces), and the product page (ounces, tonnes, shares, net
assets, close of today alone). Each figure of the page has its own date: ounces may lag the shares by a day. Where the
page's own element is empty, the same figure is taken from the data embedded in it.

The site answers a wrong address with some other page, with success and the type text/csv: only a body that is what it
should be counts. No hour is given: 08:00 of the next session is assumed.
"""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Reject, Source
from monitor.sources import funds, histories, tables, workbooks
from monitor.sources.funds import Figure
from monitor.sources.tables import show

_HOUR: Final = "08:00"
_FIRST: Final = date(2006, 4, 21)
_PER_SHARE: Final = (0.8, 1.0)
_FUND: Final = "239855"
_PAGE: Final = f"https://www.ishares.com/us/products/{_FUND}/ishares-silver-trust-fund"
_DOCUMENT: Final = (
    "https://www.blackrock.com/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
    f"?appType=PRODUCT_PAGE&appSubType=ISHARES&targetSite=us-ishares&locale=en_US&portfolioId={_FUND}"
    "&component=fundDownload&userType=individual"
)
_COLUMNS: Final = {"nav per share": "nav", "ex-dividends": "distribution", "shares outstanding": "shares"}
_POINTS: Final = {
    "ounces": "ounces",
    "tonnes": "tonnes",
    "sharesOutstanding": "shares",
    "totalNetAssetsFundLevel": "net_assets",
    "totalNetAssets": "net_assets",
    "closingPrice": "close",
}
"""The page's name of a fact -> measure; the first that is there counts."""
_AMPLE: Final = 8_000_000


def asks(day: date) -> tuple[Ask, ...]:
    """The product page: today's figures, whatever the day asked for."""
    return (Ask("slv_trust", day, _PAGE),)


def backlog(start: date, end: date) -> tuple[Ask, ...]:  # noqa: ARG001
    """The fund workbook, which has every day."""
    return (Ask("slv_trust", end, _DOCUMENT),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A SpreadsheetML workbook with a Historical sheet, or a product page of this fund."""
    if b"urn:schemas-microsoft-com:office:spreadsheet" in body[:4_000]:
        return b'Name="Historical"' in body and b"Shares Outstanding" in body
    return b"keyFundFacts-ounces" in body and _FUND.encode() in body


def parse(answer: Answer) -> Batch:
    """Rows of fund_rows, fund SLV.

    Raises NotPublished (no figure), Blocked (a firewall's page), Unreadable (another layout, some other page, damaged
    or hostile XML, a day twice), Implausible (another fund, figures that contradict each other, a date of the future).
    """
    body = answer.body
    head = body[:4_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    rejects: list[Reject] = []
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        figures, notes = _workbook(body.lstrip(b"\xef\xbb\xbf \r\n\t"), rejects)
    else:
        figures, notes = _page(tables.text_of(body), rejects)
    if not figures:
        raise NotPublished("the fund gives no figure")
    histories.check_span([figure.as_of for figure in figures], _FIRST, answer, funds.ZONE)
    return Batch({"fund_rows": funds.frame("SLV", figures, _HOUR, next_day=True)}, notes, tuple(rejects))


# --- the workbook ----------------------------------------------------------------------------


def _workbook(body: bytes, rejects: list[Reject]) -> tuple[list[Figure], tuple[Note, ...]]:
    sheet = workbooks.spreadsheetml(body, "Historical")
    top, at = workbooks.header_row(sheet, ("As Of", "NAV per Share", "Shares Outstanding"))
    figures: list[Figure] = []
    count = 0
    for index, line in enumerate(sheet.rows[top + 1 :], top + 1):
        cells = {name: workbooks.text(line[column]) if column < len(line) else "" for name, column in at.items()}
        if not any(cells.values()):
            continue
        count += 1
        where = sheet.where(index, at["as of"])
        try:
            day = funds.day_of(cells["as of"], where)
            figures += _values(cells, day, where)
        except Unreadable as error:
            rejects.append(Reject(str(error), where, show(list(cells.values()))))
    histories.refuse_many(rejects, count)
    for day, values in funds.by_day(figures).items():
        if why := funds.contradiction(values, _PER_SHARE):
            raise Implausible(f"{day}: {why}", "sheet 'Historical'")
    notes = tables.strangers(list(at), ("as of", *_COLUMNS), "column", "sheet 'Historical'")
    return figures, notes


def _values(cells: dict[str, str], day: date, where: str) -> list[Figure]:
    found: list[Figure] = []
    for name, measure in _COLUMNS.items():
        value = funds.value_of(cells.get(name, ""), f"{where} column {name}")
        if value is not None and value > 0:
            found.append(Figure(measure, value, day))
    return found


# --- the page --------------------------------------------------------------------------------


def _page(text: str, rejects: list[Reject]) -> tuple[list[Figure], tuple[Note, ...]]:
    if "keyFundFacts-ounces" not in text:
        tables.refuse_block_page(text, "BlackRock")
        raise Unreadable(f"neither the fund's workbook nor its page: {show(text[:80])}")
    if len(text) > _AMPLE:
        raise Unreadable(f"a page of {len(text)} characters")
    page = tables.page_of(text)
    title = page.css_first("title")
    if title is None or not re.search(r"\bSLV\b|Silver Trust", title.text()) or _FUND not in text:
        raise Implausible(f"the page is of another fund: {show(title.text().strip() if title else '')}", "title")
    figures: list[Figure] = []
    for point, measure in _POINTS.items():
        if any(figure.measure == measure for figure in figures):
            continue
        figure = _figure(page, text, point, measure, rejects)
        if figure is not None:
            figures.append(figure)
    if not any(figure.measure == "ounces" for figure in figures):
        raise Unreadable("the page does not say the ounces in the trust and their date")
    for day, values in funds.by_day(figures).items():
        why = funds.contradiction(values, _PER_SHARE)
        if why:
            raise Implausible(f"{day}: {why}")
    return figures, ()


def _figure(page: LexborHTMLParser, text: str, point: str, measure: str, rejects: list[Reject]) -> Figure | None:
    where = f"keyFundFacts-{point}"
    raw, dated = _shown(page, where), _shown(page, f"{where}-asOf")
    if not raw:
        raw, dated = _embedded(text, point)
    value = funds.value_of(raw, where)
    if value is None or value <= 0:
        return None
    if not dated:
        rejects.append(Reject(f"{measure} without a date", where, raw))
        return None
    return Figure(measure, value, funds.day_of(dated, where))


def _shown(page: LexborHTMLParser, point: str) -> str:
    """The text of the element that carries the figure `point`, or ''."""
    for selector in (f'[webqc-datapoint="{point}"]', f'[data-id="{point}-data"]', f'[data-id="{point}"]'):
        node = page.css_first(selector)
        if node is not None:
            return tables.cell_text(node)
    return ""


def _embedded(text: str, point: str) -> tuple[str, str]:
    """(value, date) of the figure in the data embedded in the page, or two empty texts."""
    for found in re.finditer(r"\{[^{}]{0,2000}\}", html.unescape(text)):
        piece = found[0]
        if f'"name":"{point}"' not in piece:
            continue
        value = re.search(r'"formattedValue":"([^"]{0,40})"', piece)
        dated = re.search(r'"formattedAsOfDate":"([^"]{0,40})"', piece)
        return (value[1] if value else ""), (dated[1] if dated else "")
    return "", ""


SOURCE: Final = Source(
    name="slv_trust",
    title="iShares Silver Trust (SLV)",
    publisher="BlackRock",
    venue="NYSE",
    tables=("fund_rows",),
    due=Due(_HOUR, funds.ZONE, days=1, in_sessions=True, grace_minutes=24 * 60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    keeps_history=False,
    hosts=("www.ishares.com", "www.blackrock.com"),
    page=_PAGE,
    terms="For your own use; BlackRock's conditions for programs were not reviewed here: switched off until you have "
    "read them.",
    terms_url="https://www.blackrock.com/corporate/compliance/terms-and-conditions",
    licence="none stated with the figures",
    unit="troy_oz, tonne, share, USD",
    history_start="2006-04-21",
    proof=Proof.DOCUMENTS,
    verified="Known from documents that quote the workbook and the page; no file of the publisher was at hand.",
)
