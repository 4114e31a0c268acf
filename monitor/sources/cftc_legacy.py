"""CFTC Commitments of Traders, legacy: commercial and non-commercial traders.

Publisher: U.S. Commodity Futures Trading Commission; public domain; positions of a Tuesday, released on the Friday at
15:30 America/New_York. Read: the JSON of the CFTC's data server, the yearly and historical zips (`annual.txt`,
`annualof.txt`, `FUT86_16.txt`, `Com95_16.txt`) and the weekly `deafut.txt` without headings. The JSON says of each row
whether it is of futures alone or with options; the text does not, and then the file's own name must. From 1986-01-15;
twice a month until 1992, every two weeks until 2000. See `cot`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import cot

_OWN: Final = {
    "noncomm_long": ("noncommpositionslongall", "noncommercialpositionslongall"),
    "noncomm_short": ("noncommpositionsshortall", "noncommercialpositionsshortall"),
    "noncomm_spread": (
        "noncommpostionsspreadall",
        "noncommpositionsspreadall",
        "noncommercialpositionsspreadingall",
    ),
    "comm_long": ("commpositionslongall", "commercialpositionslongall"),
    "comm_short": ("commpositionsshortall", "commercialpositionsshortall"),
}
"""The JSON's noncomm_positions_spread is that of the old crop; the figure for all is spelled `postions`."""
_COLUMNS: Final = cot.either(_OWN)
_POSITIONS: Final = ("open_interest", *_OWN, "tot_rept_long", "tot_rept_short", "nonrept_long", "nonrept_short")
LAYOUT: Final = cot.Layout(
    report="legacy",
    groups=("noncomm",),
    plain_groups=("comm",),
    columns=_COLUMNS,
    order=cot.places(_COLUMNS, {2: "session", 3: "market_code", 77: "traders_total"}, {7: _POSITIONS}, 101),
    fields=129,
    datasets=("6dca-aqww", "jun7-fc8e"),
    marks=(b'"noncomm_positions_long_all"', "noncommercialpositionslongall"),
)


def asks(day: date) -> tuple[Ask, ...]:
    """The report whose date lies in the seven days to `day`, of futures alone and combined."""
    return cot.asks("cftc_legacy", LAYOUT, day - timedelta(days=6), day)


def backlog(start: date, end: date) -> tuple[Ask, ...]:
    """All reports of a span."""
    return cot.asks("cftc_legacy", LAYOUT, start, end)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """JSON rows, headings or 129 fields that only this report has, also inside a zip."""
    return cot.recognised(LAYOUT, body)


def parse(answer: Answer) -> Batch:
    """Rows of cot_rows, report 'legacy'; raises as `cot.parse`."""
    return cot.parse(answer, LAYOUT)


SOURCE: Final = Source(
    name="cftc_legacy",
    title="CFTC Commitments of Traders, legacy",
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
    history_start="1986-01-15",
    proof=Proof.QUOTED,
    verified="Six weeks of January and February 2024 of all five metals in a captured yearly text, futures alone. The "
    "JSON by one captured row of another market; zips, combined texts and the text without headings by documents.",
)
