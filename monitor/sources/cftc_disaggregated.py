"""CFTC Commitments of Traders, disaggregated: producers, swap dealers, managed money, others.

Publisher: U.S. Commodity Futures Trading Commission; public domain; positions of a Tuesday, released on the Friday at
15:30 America/New_York. Read: the JSON of the CFTC's data server, the yearly and historical zips (`f_year.txt`,
`c_year.txt`, `F_Disagg06_16.txt`, ...) and the weekly `f_disagg.txt` without headings. Each row says whether it is of
futures alone or with options; both are kept, under their own scope. Lots; shares of the largest traders in percent of
open interest. From 2006-06-13; what lies before September 2009 was computed later. See `cot`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import cot

_OWN: Final = {
    "prod_merc_long": ("prodmercpositionslong", "prodmercpositionslongall"),
    "prod_merc_short": ("prodmercpositionsshort", "prodmercpositionsshortall"),
    "swap_long": ("swappositionslongall",),
    "swap_short": ("swappositionsshortall",),
    "swap_spread": ("swappositionsspreadall",),
    "m_money_long": ("mmoneypositionslongall",),
    "m_money_short": ("mmoneypositionsshortall",),
    "m_money_spread": ("mmoneypositionsspread", "mmoneypositionsspreadall"),
    "other_rept_long": ("otherreptpositionslong", "otherreptpositionslongall"),
    "other_rept_short": ("otherreptpositionsshort", "otherreptpositionsshortall"),
    "other_rept_spread": ("otherreptpositionsspread", "otherreptpositionsspreadall"),
}
_COLUMNS: Final = cot.either(_OWN)
_POSITIONS: Final = ("open_interest", *_OWN, "tot_rept_long", "tot_rept_short", "nonrept_long", "nonrept_short")
LAYOUT: Final = cot.Layout(
    report="disaggregated",
    groups=("swap", "m_money", "other_rept"),
    plain_groups=("prod_merc",),
    columns=_COLUMNS,
    order=cot.places(_COLUMNS, {2: "session", 3: "market_code", 119: "traders_total"}, {7: _POSITIONS}, 161)
    | {190: "futonlyorcombined"},
    fields=191,
    datasets=("72hh-3qpy", "kh3c-gbw2"),
    marks=(b'"prod_merc_positions_long"', "prodmercpositionslong"),
)


def asks(day: date) -> tuple[Ask, ...]:
    """The report whose date lies in the seven days to `day`, of futures alone and combined."""
    return cot.asks("cftc_disaggregated", LAYOUT, day - timedelta(days=6), day)


def backlog(start: date, end: date) -> tuple[Ask, ...]:
    """All reports of a span."""
    return cot.asks("cftc_disaggregated", LAYOUT, start, end)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """JSON rows, headings or 191 fields that only this report has, also inside a zip."""
    return cot.recognised(LAYOUT, body)


def parse(answer: Answer) -> Batch:
    """Rows of cot_rows, report 'disaggregated'; raises as `cot.parse`."""
    return cot.parse(answer, LAYOUT)


SOURCE: Final = Source(
    name="cftc_disaggregated",
    title="CFTC Commitments of Traders, disaggregated",
    publisher="U.S. Commodity Futures Trading Commission",
    venue="CFTC",
    tables=("cot_rows",),
    due=Due(cot.HOUR, cot.ZONE, days=3, grace_minutes=cot.GRACE_MINUTES),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    hint_of=cot.hint_of,
    hosts=cot.HOSTS,
    page="https://www.cftc.gov/MarketReports/CommitmentsofTraders/index.htm",
    terms=cot.TERMS,
    terms_url=cot.TERMS_URL,
    licence=cot.LICENCE,
    cadence="weekly",
    unit="lots; percent of open interest",
    history_start="2006-06-13",
    proof=Proof.QUOTED,
    verified="81 weeks of gold futures, 2024-11-19 to 2026-06-02, in a captured text with the publisher's columns and "
    "four added by others. The JSON by the captured row of another market and documents; zips, the text without "
    "headings and the other metals by documents.",
)
