"""For each source the largest file it is likely to meet: captured where there is one, else made up at full length."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from monitor import sessions
from tests.benchmarks._files import File
from tests.captures import CAPTURES
from tests.factories import asia, comex, comex_pdf, cot, ecb, prices, shanghai, world

DAY: Final = date(2026, 11, 18)
_COT: Final = {
    "cftc_legacy": ("legacy", "FUT86_16.txt", 146_677, 1_600),
    "cftc_disaggregated": ("disaggregated", "F_Disagg06_16.txt", 110_000, 551),
}
"""Report, name inside the zip, lines of the publisher's history to 2016, weeks of each of our markets in it."""
_CAPTURED: Final = {
    "comex_bulletin": "comex/bulletin62/Section62_Metals_Futures_2026-04-01.pdf",
    "comex_notices": "comex/issues_stops/2026-01-30_MetalsIssuesAndStopsReport.pdf",
    "comex_notices_ytd": "comex/issues_stops_ytd/MetalsIssuesAndStopsYTDReport_2026-02-12.pdf",
    "comex_settle_file": "comex/settle_flatfile/stlcomex_2015-10-29_futures_only.txt",
    "comex_settlements": "comex/settlements_json/amc_settlements_si_final_20260225.json",
    "comex_stocks": "comex/stocks/2026-02-10_Silver_stocks.xls",
    "comex_volume": "comex/volume_oi_json/silver_2026-02-09.json",
    "ecb_fx": "world/fx/ecb_eurofxref-hist_2026-10-30.zip",
    "shfe_warrants": "china/shfe/dailystock_20260918_ZH_excerpt.html",
    "shfe_weekly": "china/shfe/weeklystock_20260918_ZH_excerpt.html",
    "sge_quotes": "china/sge/sge_quotation_daily_new_20260227_http_noscript.html",
}


def names() -> list[str]:
    """Every source that has a file here."""
    return sorted({*_MADE, *_COT})


def largest(name: str, *, short: bool = False) -> File:
    """Name and bytes of one source's file; `short` gives a fiftieth of the CFTC's histories."""
    path = CAPTURES / _CAPTURED.get(name, "absent")
    if path.is_file():
        return f"{path.parent.name}/{path.name}", path.read_bytes()
    return made_up(name, short=short)


def made_up(name: str, *, short: bool = False) -> File:
    """The same of a machine that holds no captured file."""
    if name in _COT:
        return cot_history(name, 50 if short else 1)
    file, made = _MADE[name]
    return file, made()


def cot_history(source: str, part: int = 1) -> File:
    """A zip like the CFTC's history of all markets to 2016, `part` times shorter: our five among hundreds."""
    report, file, lines, weeks = _COT[source]
    dates = [date(2016, 12, 27) - timedelta(weeks=n) for n in range(weeks // part)]
    head, *ours = cot.cot_text(report, [(code, day) for day in dates for code in cot.METALS]).split(b"\r\n")[:-1]
    (other,) = cot.cot_text(report, [("067651", dates[0])], head=False).split(b"\r\n")[:-1]
    draw = random.Random(1)
    others = [_varied(other, draw) for _ in range(500)]
    text = [head]
    for line in ours:
        text += [*draw.choices(others, k=lines // (5 * weeks) - 1), line]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(file, b"\r\n".join(text) + b"\r\n")
    return f"cot/{file}.zip", packed.getvalue()


def _varied(line: bytes, draw: random.Random) -> bytes:
    """Other numbers in a fifth of the cells, so that the zip is about as large as the publisher's."""
    cells = line.split(b",")
    for at in draw.sample(range(10, len(cells) - 4), len(cells) // 5):
        cells[at] = b"%8d" % draw.randrange(200_000)
    return b",".join(cells)


def bulletin() -> bytes:
    """A made-up bulletin of four products of forty months each."""
    months = [f"{name}{year}" for year in range(27, 31) for name in _MONTHS][:40]
    gold = ("4492.0", "- 71.3", "4560.0", "4601.5", "4450.0")
    silver = ("67.934", "- 4.707", "71.505", "72.385", "66.705")
    products = {
        "GC": ("COMEX GOLD FUTURES", gold), "SI": ("COMEX SILVER FUTURES", silver),
        "HG": ("COMEX COPPER FUTURES", ("5.4410", "- 0.0310", "5.4700", "5.4890", "5.4105")),
        "MGC": ("COMEX MICRO GOLD FUTURES", gold),
    }  # fmt: skip

    def block(code: str, name: str, prices: tuple[str, ...]) -> comex_pdf.Block:
        settle, change, *rest = prices
        lines = [
            comex_pdf.Line(month, settle, change, 56_308, None, 72_645 - 11 * n, -1_111, *rest)
            for n, month in enumerate(months)
        ]
        return comex_pdf.Block(code, name, lines)

    return comex_pdf.bulletin_pdf(date(2026, 3, 20), [block(code, *known) for code, known in products.items()])


def notices() -> bytes:
    """A made-up evening of delivery notices, five firms in each of twenty contracts."""
    firms = [comex_pdf.Firm(f"{100 + n}", "C", f"MADE-UP FIRM {n} LLC", 10, 10) for n in range(5)]
    months = [f"{name} 2026" for name in ("MARCH", "APRIL", "MAY", "JUNE", "JULY")]
    settled = {
        "COMEX 5000 SILVER FUTURES": "92.682000000", "COMEX 100 GOLD FUTURES": "5230.500000000",
        "COMEX COPPER FUTURES": "5.990000000", "MICRO GOLD FUTURES": "5230.500000000",
    }  # fmt: skip
    sections = [
        comex_pdf.Section(f"{month} {product}", firms, to_date=50, settlement=price)
        for month in months
        for product, price in settled.items()
    ]
    return comex_pdf.notices_pdf(date(2026, 2, 27), sections)


_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def _days(venue: str, first: date, last: date = DAY) -> list[date]:
    return list(sessions.sessions(venue, first, last))


def _rates(first: date) -> dict[date, dict[str, float | str]]:
    """Forty made-up currencies a day, as wide as the ECB's history."""
    draw = random.Random(2)
    codes = [f"{a}{b}Z" for a in "ABCDE" for b in "ABCDEFGH"]
    found: dict[date, dict[str, float | str]] = {}
    for day in _days("TARGET", first, date(2026, 10, 30)):
        rates: dict[str, float | str] = {"USD": 1.1234, "CNY": 7.4, "INR": 106.0, "JPY": 185.0}
        for code in codes:
            rates[code] = round(draw.uniform(1, 200), 4)
        found[day] = rates
    return found


def _frankfurter() -> bytes:
    days = {str(day): {"USD": 1.1, "CNY": 7.4, "INR": 106.0} for day in _days("TARGET", date(1999, 1, 4), DAY)}
    ends = {"start_date": min(days), "end_date": max(days)}
    return json.dumps({"amount": 1.0, "base": "EUR", **ends, "rates": days}).encode()


def _volume() -> bytes:
    return comex.volume_json({date(2026, 12, 1): comex.Month(70_000, 1_000, -5)}, DAY)


def _settlements() -> bytes:
    price = comex.Price("67.934", "-4.707", 56_308, 72_645)
    return comex.settlements_json({date(2027, month, 1): price for month in range(1, 13)}, DAY)


def _lbma() -> bytes:
    return world.lbma_json([(str(day), [30.5, 24.1, 28.2]) for day in _days("LBMA", date(2000, 1, 4))])


def _vaults() -> bytes:
    months = [f"{year}-{month:02}" for year in range(2016, 2026) for month in range(1, 13)][6:]
    return world.vault_json([(month, 290_000.0, 900_000.0) for month in months])


def _gld() -> bytes:
    return world.gld_csv([world.gld_line(f"{day:%d-%b-%Y}") for day in _days("NYSE", date(2004, 11, 18))])


def _slv() -> bytes:
    rows = [(f"{day:%b %d, %Y}", 55.0, "--", "545,800,000") for day in _days("NYSE", date(2006, 4, 28))]
    return world.slv_workbook([world.SLV_HISTORY[0], *reversed(rows)])


def _fred() -> bytes:
    return world.fred_csv([[str(day), "4.31", "4.35", "4.20", "4.30"] for day in _days("SIFMA", date(2001, 7, 31))])


def _sofr() -> bytes:
    return world.nyfed_json({str(day): 4.3 for day in _days("SOFR", date(2018, 4, 3))})


def _history() -> bytes:
    rows = [[str(day), 22_000.0, 22_100.0, 21_900.0, 22_200.0] for day in _days("SGE", date(2016, 12, 19))]
    return asia.dailyhq_json(rows)


def _benchmark() -> bytes:
    days = dict.fromkeys(_days("SGE", date(2019, 10, 14)), 22_000.0)
    return asia.benchmark_json(days, days)


def _bars() -> bytes:
    return prices.chart([(prices.opening(day), 25.0) for day in _days("NYSE", date(2000, 1, 3))])


def _entered() -> bytes:
    days = _days("COMEX", date(2016, 1, 4), date(2026, 1, 30))
    return prices.entered(*({**prices.ROW, "session": str(day), "published_at": f"{day}T18:00+00:00"} for day in days))


def _mcx() -> bytes:
    days = _days("MCX", date(2025, 1, 1))
    return asia.mcx_csv([asia.mcx_row(day, 128_425.0, expiry=f"05{month}2027") for day in days for month in _MONTHS])


def _mtd() -> bytes:
    contract = {"MARCH 2026 COMEX 5000 SILVER FUTURES": [(date(2026, 2, 26), 4_580), (date(2026, 2, 27), 306)]}
    return comex_pdf.printed(comex_pdf.mtd_pages(date(2026, 2, 27), contract))


def _year() -> bytes:
    firm = comex_pdf.YearFirm("072", "C", "GOLDMAN", {0: (271, 271), 1: (29, 29), 2: (2, 2)})
    return comex_pdf.ytd_pdf(date(2026, 2, 12), {"COMEX 5000 SILVER FUTURES": [firm]})


def _margins() -> bytes:
    from tests.factories.comex_margins import made

    return made()


def _settle_file() -> bytes:
    from tests.factories.comex_settle import made

    return made()


def _ibja() -> bytes:
    usual: Mapping[Any, Any] = asia.ibja_usual(DAY)
    return asia.ibja_page(usual)


_MADE: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "cfets_fx": ("ccpr.json", world.ccpr_json),
    "cme_margins": ("OUTRIGHT.csv", _margins),
    "comex_bulletin": ("Section62.pdf", bulletin),
    "comex_notices": ("notices.pdf", notices),
    "comex_notices_mtd": ("mtd.pdf", _mtd),
    "comex_notices_ytd": ("ytd.pdf", _year),
    "comex_settle_file": ("stlcomex.txt", _settle_file),
    "comex_settlements": ("settlements.json", _settlements),
    "comex_stocks": ("Silver_stocks.xls", partial(comex.silver_stocks_xls, date(2026, 2, 9), date(2026, 2, 10))),
    "comex_volume": ("silver.json", _volume),
    "ecb_fx": ("eurofxref-hist.zip", lambda: ecb.ecb_zip(ecb.ecb_hist_csv(_rates(date(1999, 1, 4))))),
    "frankfurter_fx": ("frankfurter.json", _frankfurter),
    "fred_bills": ("fredgraph.csv", _fred),
    "gld_trust": ("GLD.csv", _gld),
    "ibja_rates": (f"ibja {DAY}.html", _ibja),
    "inbox_csv": ("mine.csv", _entered),
    "ine_copper": ("kx.dat", partial(asia.ine_daily_json, DAY)),
    "lbma_prices": ("silver.json", _lbma),
    "lbma_vault": ("vault.json", _vaults),
    "mcx_bhavcopy": ("bhavcopy.csv", _mcx),
    "nyfed_sofr": ("sofr.json", _sofr),
    "sge_benchmark": ("shag.json", _benchmark),
    "sge_history": ("Dailyhq Ag(T+D).json", _history),
    "sge_quotes": ("quotation.html", lambda: shanghai.sge_page(shanghai.sge_rows(DAY))),
    "sge_weekly": ("20260518-20260522周报.pdf", asia.weekly_pdf),
    "shfe_daily": ("kx.dat", lambda: shanghai.shfe_daily_json(DAY, shanghai.shfe_daily_rows())),
    "shfe_ranking": ("pm.dat", partial(asia.pm_json, DAY)),
    "shfe_warrants": ("dailystock.html", partial(shanghai.shfe_warrants_html, DAY)),
    "shfe_weekly": ("weeklystock.html", partial(asia.shfe_weekly_html, date(2026, 11, 13))),
    "slv_trust": ("SLV.xls", _slv),
    "spot_quotes": ("gold-api.json", prices.gold_api),
    "yahoo_bars": ("HL.json", _bars),
}
"""File name and what makes it, of every source but the CFTC's two."""
