"""Sound files of every source, as few rows as show each layout: what is damaged. All are made up by the factories."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from monitor.model import Answer
from tests.factories import asia, comex, comex_pdf, cot, ecb, prices, shanghai, world

NOW: Final = datetime(2026, 11, 20, 18, tzinfo=UTC)
DAY: Final = date(2026, 11, 18)
FRIDAY: Final = date(2026, 2, 27)
_ACTIVITY, _REPORT = date(2026, 2, 9), date(2026, 2, 10)
_SILVER: Final = "MARCH 2026 COMEX 5000 SILVER FUTURES"
_FRANKFURTER: Final = "https://api.frankfurter.dev/v2/rates?base=EUR&quotes=USD,CNY&providers=ECB"


@dataclass(frozen=True, slots=True)
class Seed:
    """A sound file, and what its sender would have said beside it."""

    body: bytes
    hint: str | None = None
    at: datetime = NOW
    url: str | None = None

    def answer(self, body: bytes) -> Answer:
        """Other bytes that arrive in the same way."""
        return Answer(body, "some/file", self.at, self.url, self.hint)


def _all(*bodies: bytes, hint: str | None = None, at: datetime = NOW, url: str | None = None) -> tuple[Seed, ...]:
    return tuple(Seed(body, hint, at, url) for body in bodies)


def _stocks() -> tuple[Seed, ...]:
    vaults = {"BRINK'S, INC.": comex.SILVER[next(iter(comex.SILVER))]}
    return _all(
        comex.silver_stocks_xls(_ACTIVITY, _REPORT, vaults),
        comex.gold_stocks_xls(_ACTIVITY, _REPORT),
        comex.copper_stocks_xls(_ACTIVITY, _REPORT),
        comex.pa_pl_stocks_xls(_ACTIVITY, _REPORT),
        at=datetime(2026, 2, 11, 12, tzinfo=UTC),
    )


def _volume() -> tuple[Seed, ...]:
    months = {date(2026, 5, 1): comex.Month(90_000, 40_000, -100), date(2026, 7, 1): comex.Month(30_000, 5_000, 10)}
    return _all(comex.volume_json(months, FRIDAY), hint="SI")


def _settlements() -> tuple[Seed, ...]:
    months = {
        date(2026, 5, 1): comex.Price("80.125", volume=40_000, prior_open_interest=90_000),
        date(2026, 7, 1): comex.Price("80.900", volume=5_000, prior_open_interest=30_000),
    }
    return _all(comex.settlements_json(months, FRIDAY, product="Silver Future"), hint="SI")


def _bulletin() -> tuple[Seed, ...]:
    prices_of_may = ("71.505", "72.385", "66.705")
    line = comex_pdf.Line("MAY26", "67.934", "- 4.707", 56_308, 201, 72_645, -1_111, *prices_of_may, "05/27")
    kinds = (275, 2_331, 115, *[None] * 5, 86, None, 1_460)
    blocks = [comex_pdf.Block("SI", "COMEX SILVER FUTURES", [line], {"MAY26": kinds})]
    pages = comex_pdf.bulletin_pages(FRIDAY, blocks)
    at = datetime(2026, 3, 3, 12, tzinfo=UTC)
    return _all(comex_pdf.pdf_bytes(pages), comex_pdf.pdf_bytes(pages, packed=False), at=at)


def _notices() -> tuple[Seed, ...]:
    firms = [comex_pdf.Firm("099", "H", "A BANK", stopped=37), comex_pdf.Firm("661", "C", "A HOUSE", 37)]
    pages = comex_pdf.notices_pages(FRIDAY, [comex_pdf.Section(_SILVER, firms, to_date=4_580)])
    return _all(comex_pdf.printed(pages), comex_pdf.printed(pages, packed=False))


def _notices_mtd() -> tuple[Seed, ...]:
    pages = comex_pdf.mtd_pages(FRIDAY, {_SILVER: [(date(2026, 2, 26), 4_580), (FRIDAY, 306)]})
    return _all(comex_pdf.printed(pages), comex_pdf.printed(pages, packed=False))


def _notices_ytd() -> tuple[Seed, ...]:
    firms = [
        comex_pdf.YearFirm("072", "C", "A BANK", {0: (271, 0), 1: (29, 5)}),
        comex_pdf.YearFirm("661", "H", "A HOUSE", {0: (0, 271), 1: (5, 29)}),
    ]
    pages = comex_pdf.ytd_pages(date(2026, 2, 12), {"COMEX 5000 SILVER FUTURES": firms})
    return _all(comex_pdf.printed(pages, size=7.94702), comex_pdf.printed(pages, size=7.94702, packed=False))


def _margins() -> tuple[Seed, ...]:
    from tests.factories import comex_margins as margins
    from tests.sources.test_cme_margins import NOW

    return _all(margins.made(), margins.made_json(), at=NOW)


def _settle_file() -> tuple[Seed, ...]:
    from tests.factories import comex_settle as file

    return _all(file.made(), file.made(wide=True))


def _positions(report: str, hint: str | None) -> tuple[Seed, ...]:
    rows = list(cot.WEEK)[:2]
    text = cot.cot_text(report, rows)
    bodies = (text, cot.cot_text(report, rows, head=False), cot.cot_json(report, rows), world.zipped({"a.txt": text}))
    return _all(*bodies, hint=hint)


def _frankfurter() -> tuple[Seed, ...]:
    one = {"amount": 1.0, "base": "EUR", "date": "2026-10-30", "rates": {"CNY": 7.4326, "USD": 1.1172}}
    days = {"2026-10-29": {"USD": 1.12}, "2026-10-30": {"USD": 1.1172, "CNY": 7.4326}}
    many = {"amount": 1.0, "base": "EUR", "start_date": "2026-10-29", "end_date": "2026-10-30", "rates": days}
    flat = [
        {"date": "2026-10-30", "base": "EUR", "quote": name, "rate": rate}
        for name, rate in (("CNY", 7.4326), ("USD", 1.1172))
    ]
    return _all(*(json.dumps(each).encode() for each in (one, many, flat)), url=_FRANKFURTER)


def _gld() -> tuple[Seed, ...]:
    days = [world.gld_line(day) for day in ("20-Nov-2025", "21-Nov-2025")]
    return _all(world.gld_csv(days), world.gld_xlsx(days), world.gld_json())


def _ibja() -> tuple[Seed, ...]:
    newest = {"AM": asia.ibja_rates(150_900, 232_000), "PM": asia.ibja_rates(151_400, 233_100)}
    return _all(asia.ibja_page(asia.ibja_usual(DAY), newest, grams=15_140))


def _mcx() -> tuple[Seed, ...]:
    rows = [asia.mcx_row(DAY, 128_425.0), asia.mcx_row(DAY, 231_500.0, symbol="SILVER", expiry="04DEC2026", lots=900)]
    return _all(asia.mcx_csv(rows), asia.mcx_json(rows), asia.mcx_json(rows, site=True))


def _benchmark() -> tuple[Seed, ...]:
    days: dict[date, object] = {date(2026, 11, 16): 16_010.0, date(2026, 11, 17): 16_100.0}
    return _all(asia.benchmark_json(days, days), hint="silver")


def _history() -> tuple[Seed, ...]:
    days = [date(2026, 1, day) for day in range(5, 10)]
    return _all(asia.dailyhq_json([[str(day), 16_000.0, 16_120.0, 15_900.0, 16_200.0] for day in days]), hint="Ag(T+D)")


def _warrants() -> tuple[Seed, ...]:
    return _all(shanghai.shfe_warrants_html(DAY), shanghai.shfe_warrants_json(date(2025, 6, 3)))


def _weekly() -> tuple[Seed, ...]:
    return _all(asia.shfe_weekly_html(date(2026, 11, 13)), asia.shfe_weekly_json(date(2025, 6, 6)))


def _ranking() -> tuple[Seed, ...]:
    rows = asia.pm_rows("ag2612", [30, 20, 10], [9, 8, 7], [5, 5])
    return _all(asia.pm_json(DAY, rows), asia.pm_json(DAY))


def _spot() -> tuple[Seed, ...]:
    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    return _all(prices.gold_api(), prices.metals_latest(), prices.metals_spot(), at=at)


def _bars() -> tuple[Seed, ...]:
    days = [date(2026, 2, day) for day in (2, 3, 4)]
    return _all(prices.chart([(prices.opening(day), 27.5 + day.day) for day in days]))


def _shfe_daily() -> tuple[Seed, ...]:
    rows = [shanghai.shfe_contract("cu", "2612", 92_000), shanghai.shfe_contract("ag", "2612", 16_095)]
    return _all(shanghai.shfe_daily_json(DAY, rows), shanghai.shfe_daily_json(DAY, rows, old=True))


def _rates() -> tuple[Seed, ...]:
    body = world.fred_csv([["2026-02-12", "4.31", "4.35", "4.20", "4.30"], ["2026-02-13", "4.32", "", "4.21", ""]])
    return _all(body)


SEEDS: Final[dict[str, Callable[[], Sequence[Seed]]]] = {
    "cfets_fx": lambda: _all(world.ccpr_json()),
    "cftc_disaggregated": lambda: _positions("disaggregated", None),
    "cftc_legacy": lambda: _positions("legacy", "futures"),
    "cme_margins": _margins,
    "comex_bulletin": _bulletin,
    "comex_notices": _notices,
    "comex_notices_mtd": _notices_mtd,
    "comex_notices_ytd": _notices_ytd,
    "comex_settle_file": _settle_file,
    "comex_settlements": _settlements,
    "comex_stocks": _stocks,
    "comex_volume": _volume,
    "ecb_fx": lambda: _all(ecb.ecb_hist_csv(), ecb.ecb_zip(ecb.ecb_hist_csv()), ecb.ecb_xml()),
    "frankfurter_fx": _frankfurter,
    "fred_bills": _rates,
    "gld_trust": _gld,
    "ibja_rates": _ibja,
    "inbox_csv": lambda: _all(prices.entered(prices.ROW, prices.QUOTED)),
    "ine_copper": lambda: _all(asia.ine_daily_json(DAY)),
    "lbma_prices": lambda: _all(world.lbma_json(), hint="silver"),
    "lbma_vault": lambda: _all(world.vault_json(), world.vault_xlsx()),
    "mcx_bhavcopy": _mcx,
    "nyfed_sofr": lambda: _all(world.nyfed_json({"2026-02-12": 4.3, "2026-02-13": 4.3})),
    "sge_benchmark": _benchmark,
    "sge_history": _history,
    "sge_quotes": lambda: _all(shanghai.sge_page(shanghai.sge_rows(DAY))),
    "sge_weekly": lambda: _all(asia.weekly_pdf(), asia.weekly_pdf(packed=False)),
    "shfe_daily": _shfe_daily,
    "shfe_ranking": _ranking,
    "shfe_warrants": _warrants,
    "shfe_weekly": _weekly,
    "slv_trust": lambda: _all(world.slv_workbook(), world.slv_page()),
    "spot_quotes": _spot,
    "yahoo_bars": _bars,
}
"""Source -> its sound files."""
