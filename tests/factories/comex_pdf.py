"""PDFs in the layouts of CME's printed reports, written from plain numbers. All figures here are made up.

`pdf_bytes` is a small writer of text in Courier at places of our choice; the reports hand it their lines.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

EXAMPLES: Final = 200 * (50 if os.environ.get("BULLION_FUZZ") == "all" else 1)
"""Hypothesis examples a property; fifty times as many with BULLION_FUZZ=all."""
Cells = Mapping[str, tuple[int | None, ...]]
END: Final = " " * 55 + "<<<  End of Report  >>>"
RULE: Final = "_" * 92


@dataclass(frozen=True, slots=True)
class Text:
    """One text whose left edge stands at `x`, its baseline at `y`, in points from the lower left corner."""

    x: float
    y: float
    text: str
    size: float = 6.0


Page = list[Text]


def pdf_bytes(pages: Sequence[Iterable[Text]], size: tuple[int, int] = (612, 1008), *, packed: bool = True) -> bytes:
    """A PDF 1.4 of these pages, its streams packed or plain."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for index, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * index} 0 R >>".encode()
        )
        objects.append(_stream(page, packed=packed))
    body, places = b"%PDF-1.4\n%\xf6\xe4\xfc\xdf\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n\r\n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(objects) + 1)
    tail = b"trailer\n<< /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + head + table + tail


def _stream(page: Iterable[Text], *, packed: bool) -> bytes:
    parts = [
        b"BT\n/F1 %.3f Tf\n1 0 0 1 %.3f %.3f Tm\n(%s) Tj\nET\n" % (t.size, t.x, t.y, _string(t.text)) for t in page
    ]
    content = b"".join(parts)
    if not packed:
        return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    content = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content)


def _string(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def changed(pages: Sequence[Page], old: str, new: str, *, times: int = 1) -> list[Page]:
    """The pages with every text `old` replaced; it must be there `times` times, so a test changes what it means."""
    found = sum(text.text == old for page in pages for text in page)
    assert found == times, f"{old!r} is there {found} times"
    return [[replace(text, text=new) if text.text == old else text for text in page] for page in pages]


# --- line printer: the delivery reports ----------------------------------------------------------


def printed(pages: Sequence[Sequence[str]], *, size: float = 8.03571, packed: bool = True) -> bytes:
    """Lines of a fixed pitch from the top of a page that lies on its side, as CME Clearing prints."""
    made = [
        [Text(36, 566.357 - place * size * 1.2, line.ljust(95), size) for place, line in enumerate(page)]
        for page in pages
    ]
    return pdf_bytes(made, (792, 612), packed=packed)


@dataclass(frozen=True, slots=True)
class Firm:
    """One line of a section: account C or H, a number or a blank on either side."""

    number: str
    account: str
    name: str
    issued: int | None = None
    stopped: int | None = None

    @property
    def line(self) -> str:
        issued, stopped = ("" if count is None else str(count) for count in (self.issued, self.stopped))
        return f"{self.number:<9}{self.account:<5}{self.name[:20]:<50}{issued:<13}{stopped}"


@dataclass(frozen=True, slots=True)
class Section:
    """The notices of one contract; totals are added up unless they are given."""

    contract: str
    firms: Sequence[Firm]
    to_date: int
    settlement: str = "92.682000000"
    exchange: str = "COMEX"
    total: tuple[int, int] | None = None
    intent: date | None = None
    delivery: date | None = None

    def lines(self, day: date) -> list[str]:
        """The section as printed."""
        intent, delivery = self.intent or day, self.delivery or _two_on(day)
        issued, stopped = self.total or (
            sum(firm.issued or 0 for firm in self.firms),
            sum(firm.stopped or 0 for firm in self.firms),
        )
        return [
            f"EXCHANGE:      {self.exchange}",
            f"CONTRACT:      {self.contract}",
            f"SETTLEMENT:    {self.settlement:<18}USD",
            f"INTENT DATE:   {intent:%m/%d/%Y}".ljust(57) + f"DELIVERY DATE: {delivery:%m/%d/%Y}",
            "",
            "FIRM    ORG   FIRM NAME".ljust(59) + "ISSUED".ljust(12) + "STOPPED",
            RULE,
            *(firm.line for firm in self.firms),
            RULE,
            "",
            "TOTAL:".rjust(34) + f"{issued:,}".rjust(31) + f"{stopped:,}".rjust(13),
            "MONTH TO DATE:".rjust(34) + f"{self.to_date:,}".rjust(44),
            "",
            "",
        ]


def _two_on(day: date) -> date:
    return date.fromordinal(day.toordinal() + (2 if day.weekday() < 3 else 4))


def notices_head(day: date, run: str, ran: date | None = None, group: str = "METALS") -> list[str]:
    """The head that every page of the daily report repeats."""
    return [
        "",
        "DLV615-T".ljust(41) + "CME CLEARING",
        f"BUSINESS DATE: {day:%m/%d/%Y}".ljust(36)
        + "DAILY DELIVERY NOTICES".ljust(39)
        + f"RUN DATE: {ran or day:%m/%d/%Y}",
        f"PRODUCT GROUP: {group}".ljust(75) + f"RUN TIME: {run}",
        "",
    ]


def notices_pages(
    day: date, sections: Sequence[Section], *, run: str = "20:14:30", ran: date | None = None, most: int = 46
) -> list[list[str]]:
    """The pages of the daily report as lines: sections go on over the page wherever it ends, the end mark is last."""
    head = notices_head(day, run, ran)
    lines = [line for section in sections for line in section.lines(day)] + [END]
    step = most - len(head)
    return [head + lines[at : at + step] for at in range(0, len(lines), step)]


def notices_pdf(day: date, sections: Sequence[Section], *, run: str = "20:14:30", ran: date | None = None) -> bytes:
    """`MetalsIssuesAndStopsReport.pdf`."""
    return printed(notices_pages(day, sections, run=run, ran=ran))


@dataclass(frozen=True, slots=True)
class YearFirm:
    """One firm of the year: per column (0 is PREV DEC, 1 January) what it issued and stopped."""

    number: str
    account: str
    name: str
    months: Mapping[int, tuple[int, int]]


def ytd_pages(
    day: date, products: Mapping[str, Sequence[YearFirm]], *, run: str = "08:54:58PM", per_page: int = 8
) -> list[list[str]]:
    """The pages of the year-to-date report as lines: each names its product again."""
    head = [
        "",
        "DLV665-T".ljust(67) + "CME CLEARING - COMEX".ljust(59) + f"RUN DATE: {day:%m/%d/%Y}",
        f"BUSINESS DATE:       {day:%m/%d/%Y}".ljust(63)
        + "YEAR TO DATE DELIVERY NOTICES".ljust(63)
        + f"RUN TIME:  {run}",
        "PRODUCT GROUP: METALS",
        "",
        "EXCHANGE:COMEX",
    ]
    months = (
        "|  JAN    |  FEB   | MAR    |  APR   |  MAY   |  JUN   |  JUL   |  AUG   |  SEP   |  OCT   |  NOV   |  DEC   |"
    )
    pages = []
    for name, firms in products.items():
        blocks = [_year_firm(firm) for firm in firms] + [[_year_totals(firms), ""]]
        for at in range(0, len(blocks), per_page):
            page = [
                *head,
                f"PRODUCT  {name}",
                "",
                "FIRM NBR",
                f"FIRM NAME                 O I/S PREV DEC {months}",
                RULE,
            ]
            pages.append(page + [line for block in blocks[at : at + per_page] for line in block])
    pages[-1].append(END)
    return pages


def ytd_pdf(day: date, products: Mapping[str, Sequence[YearFirm]]) -> bytes:
    """`MetalsIssuesAndStopsYTDReport.pdf`."""
    return printed(ytd_pages(day, products), size=7.94702)


def _year_firm(firm: YearFirm) -> list[str]:
    sides = [_year_cells({place: pair[side] for place, pair in firm.months.items()}) for side in (0, 1)]
    return [
        f"{firm.number:<25}| | I |{sides[0]}",
        f"{firm.name[:20]:<25}|{firm.account}| S |{sides[1]}",
        RULE,
        "",
    ]


def _year_totals(firms: Sequence[YearFirm]) -> str:
    places = sorted({place for firm in firms for place in firm.months})
    sums = {place: sum(firm.months.get(place, (0, 0))[0] for firm in firms) for place in places}
    return "TOTALS:      |".rjust(32) + _year_cells(sums)


def _year_cells(numbers: Mapping[int, int]) -> str:
    return "".join(f"{numbers.get(place, ''):>8}|" for place in range(13))


def mtd_pages(
    day: date, contracts: Mapping[str, Sequence[tuple[date, int]]], *, run: str | None = "20:31:00", most: int = 46
) -> list[list[str]]:
    """The pages of the month-to-date report as lines, in the layout that others' programs expect."""
    head = [
        "",
        "DLV620-T".ljust(41) + "CME CLEARING",
        f"BUSINESS DATE: {day:%m/%d/%Y}".ljust(36)
        + "MONTH TO DATE DELIVERY NOTICES".ljust(39)
        + f"RUN DATE: {day:%m/%d/%Y}",
        "PRODUCT GROUP: METALS".ljust(75) + (f"RUN TIME: {run}" if run else ""),
        "",
    ]
    lines = []
    for name, days in contracts.items():
        lines += [f"CONTRACT: {name}", "INTENT DATE    DAILY TOTAL    CUMULATIVE", RULE]
        total = 0
        for when, daily in days:
            total += daily
            lines.append(f"{when:%m/%d/%Y}{daily:>15,}{total:>14,}")
        lines.append("")
    lines.append(END)
    step = most - len(head)
    return [head + lines[at : at + step] for at in range(0, len(lines), step)]


# --- the bulletin --------------------------------------------------------------------------------

_HEADS: Final = (
    (120.3, 798.4, "GLOBEX"), (151.9, 798.4, "OPEN"), (294.6, 798.4, "SETT."), (322.0, 798.4, "PRICE"),
    (294.1, 790.9, "& PT. CHGE"), (570.2, 798.4, "OPEN"), (552.6, 791.0, "INTEREST"), (414.3, 798.4, "GLOBEX®"),
    (414.1, 791.0, "VOLUME"), (468.8, 798.4, "PNT/PIT"), (468.1, 791.0, "VOLUME"), (204.3, 804.4, "GLOBEX"),
    (204.5, 797.0, "HIGH/LOW"),
)  # fmt: skip
_EXPIT_HEADS: Final = (
    (48, "DELIVERY-------"), (409, "BLOCKS"), (151, "EFP"), (510, "TAS"), (193, "EFS"), (234, "SUBS"), (277, "EFM"),
    (319, "EFR"), (361, "EFB"), (457, "BLOCK TAS"),
)  # fmt: skip
EXPIT_EDGES: Final = (78, 119, 167, 209, 251, 293, 336, 378, 426, 479, 528)
_FOOT: Final = (
    "THE INFORMATION CONTAINED IN THIS REPORT IS COMPILED FOR THE CONVENIENCE OF THE USER.",
    "IS ACCEPTED BY THE USER ON THE CONDITION THAT ERRORS OR OMISSIONS SHALL NOT BE MADE THE BASIS.",
    "© Copyright CME Group Inc. All rights reserved.",
)
_DASHES: Final = "----"


@dataclass(frozen=True, slots=True)
class Line:
    """One contract month as printed: prices with their letters, a lone one in `high`; '' is dashes."""

    month: str
    settle: str
    change: str = "UNCH"
    globex: int | None = None
    pnt: int | None = None
    interest: int = 0
    interest_change: int = 0
    open: str = ""
    high: str = ""
    low: str = ""
    last_trade: str = ""

    @property
    def texts(self) -> list[tuple[float, str]]:
        """(right edge, text) from left to right."""
        pair = f"/{self.low}" if self.low else ""
        change = [(347.8, self.change)] if self.change in ("UNCH", "NEW") else []
        if self.change and not change:
            change = [(319.2, self.change[0]), (347.8, self.change[1:].strip())]
        return [
            (37.2, self.month),
            (152.8, self.open or _DASHES),
            (228.7 if self.high.endswith("B") else 225.1, self.high or _DASHES),
            *([(264.0 if pair.endswith("A") else 260.4, pair)] if pair else []),
            (311.8, self.settle or _DASHES),
            *change,
            (437.7, _DASHES if self.globex is None else str(self.globex)),
            (491.5, _DASHES if self.pnt is None else str(self.pnt)),
            (557.7, str(self.interest)),
            *_signed(self.interest_change),
        ]


@dataclass(frozen=True, slots=True)
class Block:
    """One product of the bulletin; `expit` has eleven cells a month, None for dashes."""

    code: str
    name: str
    lines: Sequence[Line]
    expit: Cells = field(default_factory=dict)
    expit_total: Mapping[int, int] | None = None
    """Column -> total, where it is not to be added up."""
    nymex: bool = False


def _signed(change: int) -> list[tuple[float, str]]:
    if not change:
        return [(593.6, "UNCH")]
    return [(568.0, "+" if change > 0 else "-"), (593.6, str(abs(change)))]


def bulletin_pages(day: date, blocks: Sequence[Block], *, status: str = "FINAL", number: int = 39) -> list[Page]:
    """The pages of Section 62: products, last trade dates, ex-pit table, closing page."""
    bodies = _product_bodies(blocks)
    bodies += [_date_body(blocks), *_expit_bodies(blocks), []]
    return [_page_head(day, status, number, side) + body + _foot() for side, body in enumerate(bodies, 1)]


def bulletin_pdf(day: date, blocks: Sequence[Block], *, status: str = "FINAL", number: int = 39) -> bytes:
    """`Section62_Metals_Futures_Products.pdf`."""
    return pdf_bytes(bulletin_pages(day, blocks, status=status, number=number))


def _page_head(day: date, status: str, number: int, side: int) -> Page:
    return [
        Text(231.3, 983, "METAL FUTURES PRODUCTS"),
        Text(180.1, 963.5, f"{day.year} DAILY INFORMATION BULLETIN - http://www.cmegroup.com/dailybulletin"),
        Text(280.6, 952.9, "CME Group, Inc."),
        Text(257.6, 942.5, "METAL FUTURES PRODUCTS"),
        Text(19.2, 983.5, "62"),
        Text(582.2, 983.5, "62"),
        Text(18.8, 970.9, f"Side {side:02}"),
        Text(563.2, 970.9, f"Side {side:02}"),
        Text(19.6, 909.6, f"PG62 BULLETIN # {number}@"),
        Text(480.1, 909.6, f"{day:%a, %b %d, %Y} PG62"),
        Text(270.6, 926.5, status),
    ]


def _foot() -> Page:
    return [Text(18, 40 - 8 * place, text, 5) for place, text in enumerate(_FOOT)]


def _row(y: float, texts: Iterable[tuple[float, str]]) -> Page:
    """Texts that end at their right edges, on one line."""
    return [Text(edge - 3.6 * len(text), y, text) for edge, text in texts]


def _product_bodies(blocks: Sequence[Block], per_page: int = 90) -> list[Page]:
    """Rows in the order of print, broken over pages wherever one is full; heads stand over each exchange's first."""
    rows: list[list[tuple[float, str]] | str] = []
    for nymex in (False, True):
        mine = [block for block in blocks if block.nymex is nymex]
        if mine:
            rows += ["NYMEX METAL FUTURES PRODUCTS" if nymex else "FUTURES PRODUCTS", *map(str, range(3))]
        for block in mine:
            rows.append([(31.2, block.code), (49.6, "FUT"), (100 + 3.6 * len(block.name), block.name)])
            rows += [line.texts for line in block.lines]
            rows.append(_total(block))
    bodies: list[Page] = []
    for at in range(0, len(rows), per_page):
        body: Page = []
        for place, row in enumerate(rows[at : at + per_page]):
            y = 860 - 8.5 * place
            if isinstance(row, list):
                body += _row(y, row)
            elif row == "0":
                body += [Text(x, y + high - 798.4, text) for x, high, text in _HEADS]
            elif row not in ("1", "2"):
                body.append(Text(250, y, row))
        bodies.append(body)
    return bodies


def _total(block: Block) -> list[tuple[float, str]]:
    sums = [
        (437.7, sum(line.globex or 0 for line in block.lines)),
        (491.5, sum(line.pnt or 0 for line in block.lines)),
        (557.7, sum(line.interest for line in block.lines)),
    ]
    change = sum(line.interest_change for line in block.lines)
    return [
        (40.2, "TOTAL"),
        (62.9, block.code),
        (81.2, "FUT"),
        *((edge, str(number)) for edge, number in sums if number),
        *(_signed(change) if change else []),
    ]


def _date_body(blocks: Sequence[Block]) -> Page:
    months = sorted({line.month for block in blocks for line in block.lines}, key=_month_order)[:14]
    columns = {month: 111 + 32.7 * place for place, month in enumerate(months)}
    body = [Text(x, 884, month, 5.5) for month, x in columns.items()]
    for place, block in enumerate(blocks):
        y = 876 - 7 * place
        body += [Text(29, y, block.code), Text(47, y, "FUT")]
        body += [Text(columns[line.month], y, line.last_trade, 5.5) for line in block.lines if line.last_trade]
    return [*body, Text(250, 895, "METALS CONTRACTS LAST TRADE DATES"), Text(40, 890, "EXPIRATION:")]


def _month_order(month: str) -> tuple[str, int]:
    names = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
    return month[3:], names.index(month[:3])


def _expit_bodies(blocks: Sequence[Block], per_page: int = 70) -> list[Page]:
    rows: list[list[tuple[float, str]] | str] = []
    for block in blocks:
        rows.append(block.name)
        for month, cells in block.expit.items():
            texts = ("---" if cell is None else str(cell) for cell in cells)
            rows.append([(42, month), *zip(EXPIT_EDGES, texts, strict=True)])
        if sums := _expit_sums(block):
            rows.append([(EXPIT_EDGES[place], str(total)) for place, total in sorted(sums.items())])
    bodies: list[Page] = []
    for at in range(0, len(rows), per_page):
        body: Page = []
        if at == 0:
            body = [Text(250, 893, "EX-PIT & OTHER BREAKDOWN")]
            for x, text in _EXPIT_HEADS:
                body += [Text(x, 881, text), Text(x, 875, "DAILY"), Text(x, 869, "TOTAL")]
        for place, row in enumerate(rows[at : at + per_page]):
            y = 856 - 11 * place
            body += [Text(23, y, row)] if isinstance(row, str) else _row(y, row)
        bodies.append(body)
    return bodies


def _expit_sums(block: Block) -> Mapping[int, int]:
    """The totals as printed: of every column that has something, but of the blocks."""
    if block.expit_total is not None:
        return block.expit_total
    found = {place: sum(cells[place] or 0 for cells in block.expit.values()) for place in range(len(EXPIT_EDGES))}
    return {place: total for place, total in found.items() if total and place != 8}
