"""One sound file of every layout that a source reads, with how it is taken apart and put together again.

A specimen's kind says which damage fits it: `json`, `table` (rows of cells: CSV and workbooks), `page` (HTML), `lines`
(text of fixed width, printed reports), `xml`, `bulletin` and `facts` (one layout each) or `bytes`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from monitor import sessions
from monitor.model import Answer
from tests.factories import asia, comex, comex_margins, comex_pdf, comex_settle, cot, ecb, prices, shanghai, world
from tests.mutations import workbooks

Rows = list[list[Any]]
Pages = list[list[str]]

DAY: Final = date(2026, 2, 10)
FRIDAY: Final = date(2026, 2, 27)
AUTUMN: Final = date(2026, 11, 18)
MONTHS: Final = (date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1))


@dataclass(frozen=True, slots=True)
class Specimen:
    """A sound file and what its answer says beside the bytes."""

    source: str
    layout: str
    kind: str
    body: bytes
    hint: str | None = None
    url: str | None = None
    name: str = "file"
    at: datetime = world.NOW
    rows: Rows = field(default_factory=list)
    """Of a table: its cells, the headings in row `head`."""
    head: int = 0
    pages: Pages = field(default_factory=list)
    """Of lines: the pages of the text."""
    before: bytes = b""
    """The report of the session before, where a view compares the two."""
    foot: int = 0
    """Lines at the end of the last page that stay the last."""
    write: Callable[[Any], bytes] = bytes
    """Of a table or of lines: the bytes of changed rows or pages."""

    @property
    def title(self) -> str:
        return f"{self.source} {self.layout}"

    def answer(self, body: bytes) -> Answer:
        """The answer as this one, with other bytes."""
        return Answer(body, self.name, self.at, url=self.url, hint=self.hint)


def table(source: str, layout: str, rows: Rows, write: Callable[[Rows], bytes], **more: Any) -> Specimen:
    """A specimen made of rows of cells."""
    return Specimen(source, layout, "table", write(rows), rows=rows, write=write, **more)


def lines(source: str, layout: str, pages: Pages, write: Callable[[Pages], bytes], **more: Any) -> Specimen:
    """A specimen made of pages of lines."""
    return Specimen(source, layout, "lines", write(pages), pages=pages, write=write, **more)


def csv_of(body: bytes) -> Rows:
    """The cells of a CSV."""
    return list(csv.reader(body.decode().splitlines()))


def csv_bytes(rows: Rows) -> bytes:
    """The rows as a CSV, quoted where they must be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def plain(pages: Pages) -> bytes:
    """The lines of all pages."""
    return "".join(line + "\n" for page in pages for line in page).encode()


# --- COMEX -----------------------------------------------------------------------------------------


def _stocks() -> Iterator[Specimen]:
    """The four workbooks, as grids."""
    days = DAY, DAY + timedelta(days=1)
    before = DAY - timedelta(days=1), DAY
    files: dict[str, tuple[Callable[..., bytes], list[Mapping[str, comex.Vault]]]] = {
        "silver": (comex.silver_stocks_xls, [comex.SILVER]),
        "gold": (comex.gold_stocks_xls, [comex.GOLD]),
        "copper": (comex.copper_stocks_xls, [comex.COPPER]),
        "platinum and palladium": (comex.pa_pl_stocks_xls, [comex.PLATINUM, comex.PALLADIUM]),
    }
    for metal, (make, vaults) in files.items():
        name, rows = workbooks.cells_of(make(*days, *vaults))
        head = next(at for at, row in enumerate(rows) if "PREV TOTAL" in row)
        yesterday = make(*before, *map(_at_rest, vaults))
        yield table("comex_stocks", metal, rows, workbooks.writer(name), head=head, before=yesterday)


def _at_rest(vaults: Mapping[str, comex.Vault]) -> dict[str, comex.Vault]:
    """The vaults of the day before, when nothing moved."""
    still = {}
    for name, vault in vaults.items():
        memo = vault.pledged and (vault.pledged[0], vault.pledged[0])
        still[name] = comex.Vault(comex.Stock(vault.registered.previous), comex.Stock(vault.eligible.previous), memo)
    return still


INTEREST: Final = {
    MONTHS[0]: comex.Month(73_142, 40_000, -5_512, 210, 3),
    MONTHS[1]: comex.Month(41_010, 12_003, 2_311, 40),
    MONTHS[2]: comex.Month(22_877, 3_105, -77, 5),
}
SETTLED: Final = {
    MONTHS[0]: comex.Price("82.317", "+1.250", 40_000, 78_654, "81.000", "83.100B", "80.905A", "82.300"),
    MONTHS[1]: comex.Price("83.002", "+1.245", 12_003, 38_699, "81.700", "83.700", "81.500", "82.950"),
    MONTHS[2]: comex.Price("83.650", "-0.015", 3_105, 22_954),
}


def _comex() -> Iterator[Specimen]:
    yield from _stocks()
    monday, noon = DAY - timedelta(days=1), datetime(2026, 2, 11, 15, tzinfo=UTC)
    volume = comex.volume_json(INTEREST, DAY, updated=noon)
    held = {day: comex.Month(month.open_interest - month.change, 900, 0, 0) for day, month in INTEREST.items()}
    before = comex.volume_json(held, monday, updated=noon - timedelta(days=1))
    later = noon + timedelta(days=1)
    yield Specimen("comex_volume", "payload", "json", volume, hint="SI", at=later, before=before)
    settled = comex.settlements_json(SETTLED, DAY)
    were = {day: comex.Price(f"{float(price.settle) - float(price.change):.3f}") for day, price in SETTLED.items()}
    before = comex.settlements_json(were, monday)
    yield Specimen("comex_settlements", "payload", "json", settled, hint="SI", before=before)
    for wide in (False, True):
        text = comex_settle.made(wide=wide).decode().splitlines()
        yield lines("comex_settle_file", "wide" if wide else "narrow", [text], plain)
    june = datetime(2026, 6, 12, 18, tzinfo=UTC)
    margins = [list(comex_margins.HEADS), *map(list, comex_margins.ROWS)]
    yield table("cme_margins", "CSV", margins, _quoted, at=june)
    yield Specimen("cme_margins", "JSON", "json", comex_margins.made_json(), at=june)


def _quoted(rows: Rows) -> bytes:
    return comex_margins.made(rows[1:], rows[0])


NOTICES: Final = (
    comex_pdf.Section(
        "MARCH 2026 COMEX 5000 SILVER FUTURES",
        [
            comex_pdf.Firm("099", "H", "DEUTSCHE BANK AG", stopped=1),
            comex_pdf.Firm("363", "H", "WELLS FARGO SECURITIES", stopped=1_199),
            comex_pdf.Firm("661", "C", "JP MORGAN SECURITIES", 1_220, 37),
            comex_pdf.Firm("661", "H", "JP MORGAN SECURITIES", 20, 3),
        ],
        to_date=4_580,
    ),
    comex_pdf.Section(
        "MARCH 2026 PLATINUM FUTURES NYMEX",
        [comex_pdf.Firm("072", "H", "GOLDMAN", 15), comex_pdf.Firm("624", "H", "BOFA SECURITIES", stopped=15)],
        to_date=161,
        settlement="2,365.600000000",
        exchange="NYMEX",
    ),
)
YEAR: Final = {
    "COMEX 5000 SILVER FUTURES": [
        comex_pdf.YearFirm("072", "C", "GOLDMAN", {0: (271, 0), 1: (29, 5), 2: (2, 0)}),
        comex_pdf.YearFirm("072", "H", "GOLDMAN", {0: (0, 300)}),
        comex_pdf.YearFirm("661", "C", "JP MORGAN SECURITIES", {0: (29, 0), 1: (5, 29), 2: (0, 2)}),
    ]
}
MONTH: Final = {
    "FEBRUARY 2026 COMEX 100 GOLD FUTURES": [(date(2026, 1, 29), 36_081), (date(2026, 1, 30), 417)],
    "MARCH 2026 COMEX 5000 SILVER FUTURES": [(date(2026, 2, 26), 4_580), (FRIDAY, 306)],
}
N: Final = None
BULLETIN: Final = (
    comex_pdf.Block(
        "GC",
        "COMEX GOLD FUTURES",
        [
            comex_pdf.Line(
                "MAR26", "4375.50", "- 174.30", 1070, N, 1063, 660, "4441.50", "4443.10", "4441.50", "03/27"
            ),
            comex_pdf.Line(
                "APR26", "4376.30", "- 176.00", 241_228, 6_212, 63_034, -40_398, "4508.90", "4541.60B", "4348.20A"
            ),
        ],
        {"MAR26": (107, 5_455, N, N, N, N, N, N, N, N, N), "APR26": (N, N, 3_912, N, N, N, 1_498, N, 802, 160, 2_335)},
    ),
    comex_pdf.Block(
        "SI",
        "COMEX SILVER FUTURES",
        [
            comex_pdf.Line(
                "MAY26", "67.934", "- 4.707", 56_308, 201, 72_645, -1_111, "71.505", "72.385", "66.705", "05/27"
            ),
            comex_pdf.Line("JUL26", "68.432", "+ 4.743", 8_059, N, 23_091, 833, "", "72.880B", "", "07/29"),
        ],
        {"MAY26": (275, 2_331, 115, N, N, N, N, N, 86, N, 1_460)},
    ),
)  # fmt: skip


def _printed() -> Iterator[Specimen]:
    spring = datetime(2026, 3, 3, 12, tzinfo=UTC)
    yield lines(
        "comex_notices", "daily", comex_pdf.notices_pages(FRIDAY, NOTICES), comex_pdf.printed, at=spring, foot=1
    )
    yield lines("comex_notices_mtd", "month", comex_pdf.mtd_pages(FRIDAY, MONTH), comex_pdf.printed, at=spring, foot=1)
    year = comex_pdf.ytd_pages(FRIDAY, YEAR)
    yield lines(
        "comex_notices_ytd", "year", year, lambda pages: comex_pdf.printed(pages, size=7.94702), at=spring, foot=1
    )
    body = comex_pdf.bulletin_pdf(FRIDAY, BULLETIN)
    yield Specimen("comex_bulletin", "section 62", "bulletin", body, at=spring)
    weekly = [list(asia.WEEKLY_LINES)]
    yield lines("sge_weekly", "PDF", weekly, lambda pages: asia.weekly_pdf([line for page in pages for line in page]))


# --- Asia ------------------------------------------------------------------------------------------

HISTORY: Final = [
    [str(day), 16_000.0 + at, 16_120.0 + at, 15_900.0 - at, 16_200.0 + 2 * at]
    for at, day in enumerate(sessions.sessions("SGE", date(2026, 5, 6), date(2026, 11, 18)))
]
FIXINGS: Final = (
    {AUTUMN: 16_010.0, AUTUMN - timedelta(days=1): 16_100.0},
    {AUTUMN: 16_055.0, AUTUMN - timedelta(days=1): 16_140.0},
)


def _asia() -> Iterator[Specimen]:
    tuesday, old, older = AUTUMN - timedelta(days=1), date(2025, 11, 14), date(2025, 11, 13)
    books = {"silver": shanghai.SILVER, "gold": shanghai.GOLD, "copper": shanghai.COPPER}
    were = {metal: [(*row[:2], row[2] - row[3], 0) for row in rows] for metal, rows in books.items()}
    before = shanghai.shfe_warrants_html(tuesday, silver=were["silver"], gold=were["gold"], copper=were["copper"])
    yield Specimen("shfe_warrants", "page", "page", shanghai.shfe_warrants_html(AUTUMN), before=before)
    before = shanghai.shfe_warrants_json(older, silver=were["silver"], gold=were["gold"], copper=were["copper"])
    yield Specimen("shfe_warrants", "JSON", "json", shanghai.shfe_warrants_json(old), before=before)
    rows = shanghai.shfe_daily_rows()
    before = shanghai.shfe_daily_json(tuesday, [_day_before(row) for row in rows])
    yield Specimen("shfe_daily", "JSON", "json", shanghai.shfe_daily_json(AUTUMN, rows), before=before)
    rows = [asia.bonded("2612", 97_430), asia.bonded("2701", 97_800)]
    before = asia.ine_daily_json(
        tuesday, [_day_before(row) | {"PRODUCTID": "bc_f", "PRODUCTGROUPID": "bc"} for row in rows]
    )
    yield Specimen("ine_copper", "JSON", "json", asia.ine_daily_json(AUTUMN, rows), before=before)
    yield Specimen("shfe_ranking", "JSON", "json", asia.pm_json(AUTUMN))
    friday = date(2026, 11, 13)
    yield Specimen("shfe_weekly", "page", "page", asia.shfe_weekly_html(friday))
    yield Specimen("shfe_weekly", "JSON", "json", asia.shfe_weekly_json(date(2025, 11, 14)))
    yield Specimen("sge_quotes", "page", "page", shanghai.sge_page(shanghai.sge_rows(AUTUMN)))
    yield Specimen("sge_history", "JSON", "json", asia.dailyhq_json(HISTORY), hint="Ag(T+D)")
    yield Specimen("sge_benchmark", "JSON", "json", asia.benchmark_json(*FIXINGS), hint="silver")
    bhavcopy = [
        asia.mcx_row(AUTUMN, 128_425.0, PreviousClose=127_000.0, Open=128_000.0),
        asia.mcx_row(AUTUMN, 231_500.0, symbol="SILVER", expiry="04DEC2026", lots=900, Open=231_000.0),
        asia.mcx_row(AUTUMN, 1_010.5, symbol="COPPER", expiry="30NOV2026", lots=700),
        asia.mcx_row(AUTUMN, 5_400.0, symbol="CRUDEOIL", expiry="18DEC2026"),
    ]
    yield table("mcx_bhavcopy", "CSV", csv_of(asia.mcx_csv(bhavcopy)), csv_bytes)
    yield Specimen("mcx_bhavcopy", "JSON", "json", asia.mcx_json(bhavcopy))
    yield Specimen("ibja_rates", "page", "page", asia.ibja_page(asia.ibja_usual(AUTUMN)))


def _day_before(row: Mapping[str, Any]) -> dict[str, object]:
    """The contract the day before: the settlement and the open interest that today's row follows from."""
    code = "cu" if row["PRODUCTGROUPID"] == "bc" else str(row["PRODUCTGROUPID"])
    interest = int(row["OPENINTEREST"]) - int(row["OPENINTERESTCHG"])
    month, settle = str(row["DELIVERYMONTH"]), float(row["PRESETTLEMENTPRICE"])
    return shanghai.shfe_contract(code, month, settle, interest=interest, interest_change=0)


# --- the world -------------------------------------------------------------------------------------

FRANKFURTER: Final[dict[str, Any]] = {
    "one day": {"amount": 1.0, "base": "EUR", "date": "2026-10-30", "rates": {"CNY": 7.4326, "USD": 1.1172}},
    "days": {
        "amount": 1.0,
        "base": "EUR",
        "start_date": "2026-10-29",
        "end_date": "2026-10-30",
        "rates": {"2026-10-29": {"USD": 1.12}, "2026-10-30": {"USD": 1.1172, "CNY": 7.4326}},
    },
    "list": [
        {"date": "2026-10-30", "base": "EUR", "quote": "USD", "rate": 1.1172},
        {"date": "2026-10-30", "base": "EUR", "quote": "CNY", "rate": 7.4326},
    ],
}
BILLS: Final = [
    ["2026-02-12", "4.31", "4.35", "4.20", "4.30"],
    ["2026-02-13", "4.32", "4.36", "4.21", ""],
    ["2026-02-16", "", "", "", ""],
]


def _money() -> Iterator[Specimen]:
    yield table("ecb_fx", "history", csv_of(ecb.ecb_hist_csv()), csv_bytes)
    daily = ecb.ecb_daily_csv(date(2026, 10, 30), ecb.RATES[date(2026, 10, 30)])
    yield table("ecb_fx", "day", [line.split(", ") for line in daily.decode().splitlines()], _spaced)
    yield Specimen("ecb_fx", "zip", "bytes", ecb.ecb_zip(ecb.ecb_hist_csv()))
    yield Specimen("ecb_fx", "XML", "xml", ecb.ecb_xml())
    url = "https://api.frankfurter.dev/v2/rates?base=EUR&quotes=USD,CNY&providers=ECB"
    for layout, payload in FRANKFURTER.items():
        yield Specimen("frankfurter_fx", layout, "json", json.dumps(payload).encode(), url=url)
    yield Specimen("cfets_fx", "JSON", "json", world.ccpr_json())
    yield Specimen("nyfed_sofr", "JSON", "json", world.nyfed_json({"2026-02-12": 4.30, "2026-02-13": 4.32}))
    yield table("fred_bills", "CSV", csv_of(world.fred_csv(BILLS)), csv_bytes)


def _spaced(rows: Rows) -> bytes:
    return "".join(", ".join(map(str, row)) + "\n" for row in rows).encode()


ARCHIVE: Final = [
    world.gld_line("09-Feb-2026", 29_000_000.0, 301.5),
    world.gld_line("10-Feb-2026", 29_100_000.0, 305.0),
]


def _world() -> Iterator[Specimen]:
    yield Specimen("lbma_prices", "JSON", "json", world.lbma_json(), hint="silver")
    yield Specimen("lbma_vault", "JSON", "json", world.vault_json())
    vault = "London Vault Holdings Data"
    months = workbooks.xlsx_cells(world.vault_xlsx(), vault)
    yield table("lbma_vault", "workbook", months, lambda rows: world.xlsx({vault: rows}), head=1)
    yield table("gld_trust", "CSV", [line.split(", ") for line in _archive_lines()], _spaced)
    archive = "US GLD Historical Archive"
    days = workbooks.xlsx_cells(world.gld_xlsx(ARCHIVE), archive)
    yield table("gld_trust", "workbook", days, lambda rows: world.xlsx({"Disclaimer": [["-"]], archive: rows}))
    yield Specimen("gld_trust", "JSON", "json", world.gld_json())
    yield table("slv_trust", "workbook", [list(row) for row in world.SLV_HISTORY], world.slv_workbook)
    yield Specimen("slv_trust", "page", "facts", world.slv_page())
    for source, report in (("cftc_disaggregated", "disaggregated"), ("cftc_legacy", "legacy")):
        text = csv_of(cot.cot_text(report, step=7_000))
        yield table(source, "text", text, csv_bytes, hint="futures")
        yield Specimen(source, "JSON", "json", cot.cot_json(report), hint="futures")


def _archive_lines() -> Sequence[str]:
    return world.gld_csv(ARCHIVE).decode().splitlines()


def _prices() -> Iterator[Specimen]:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    yield Specimen("spot_quotes", "gold-api", "json", prices.gold_api(), at=noon)
    yield Specimen("spot_quotes", "latest", "json", prices.metals_latest(), at=noon)
    yield Specimen("spot_quotes", "spot", "json", prices.metals_spot(), at=noon)
    days = sessions.sessions("NYSE", date(2026, 2, 2), date(2026, 2, 6))
    bars = [(prices.opening(day), 25.0 + place) for place, day in enumerate(days)]
    yield Specimen("yahoo_bars", "chart", "json", prices.chart(bars))
    by_hand = csv_of(prices.entered(prices.ROW, prices.QUOTED, prices.QUOTED | {"session": "2026-01-30"}))
    yield table("inbox_csv", "CSV", by_hand, csv_bytes, at=datetime(2026, 2, 10, 12, tzinfo=UTC))


def specimens() -> list[Specimen]:
    """Every layout, each once."""
    groups = (_comex(), _printed(), _asia(), _money(), _world(), _prices())
    return [replace(specimen) for group in groups for specimen in group]
