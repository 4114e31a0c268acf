"""SOFR: what it costs to borrow dollars overnight against Treasury paper, from the bank that computes it.

Publisher: Federal Reserve Bank of New York; about 08:00 America/New_York of the next business day. JSON, newest first:
`percentRate` is the volume-weighted median, percent a year on ACT/360, with its 1st, 25th, 75th and 99th percentiles
beside it; a file is believed only where the five are in order. `revisionIndicator` marks a figure revised on its day;
a revision is a newer row. Other rates of the same service (BGCR, TGCR, EFFR, averages) are left out with a note. The
hour of publication is assumed. From April 2018.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from monitor import clock, sessions
from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import histories, tables
from monitor.sources.tables import show

_ZONE: Final = "America/New_York"
_HOUR: Final = "08:00"
_FIRST: Final = date(2018, 4, 2)
_ORDERED: Final = (
    "percentPercentile1",
    "percentPercentile25",
    "percentRate",
    "percentPercentile75",
    "percentPercentile99",
)
_KNOWN: Final = (*_ORDERED, "effectiveDate", "type", "volumeInBillions", "revisionIndicator", "footnoteId")


def asks(day: date) -> tuple[Ask, ...]:
    """The rate of one day."""
    return backlog(day, day)


def backlog(start: date, end: date) -> tuple[Ask, ...]:
    """The rates of a span in one answer."""
    site = "https://markets.newyorkfed.org/api/rates/secured/sofr/search.json"
    return (Ask("nyfed_sofr", end, f"{site}?startDate={start}&endDate={end}"),)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A JSON object with refRates."""
    head = body[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"{") and b'"refRates"' in head


def parse(answer: Answer) -> Batch:
    """Rows of rate_rows, series SOFR.

    Raises NotPublished (no rate), Blocked (a firewall's page), Unreadable (another layout, a date twice, no SOFR),
    Implausible (percentiles out of order, a date of the future or a weekend, a rate beyond -5 or 30 percent).
    """
    text = tables.text_of(answer.body)
    if text.lstrip().startswith("<"):
        tables.refuse_block_page(text, "the New York Fed")
    payload = tables.json_of(text)
    items = tables.objects(payload, "refRates")
    if not items:
        raise NotPublished("the New York Fed has no rate for that date yet")
    notes = tables.unknown_fields([payload], ("refRates",)) + tables.unknown_fields(items, _KNOWN, "refRates")
    kinds = [tables.label(item.get("type"), f"refRates[{index}].type") for index, item in enumerate(items)]
    notes += tables.strangers(kinds, ("SOFR",), "rate, left out")
    rows = [_row(item, f"refRates[{index}]", answer) for index, item in enumerate(items) if kinds[index] == "SOFR"]
    if not rows:
        raise Unreadable(f"no SOFR among the rates: {show(', '.join(kinds[:5]))}")
    days = [day for row in rows if isinstance(day := row["session"], date)]
    if len(set(days)) != len(days):
        raise Unreadable("a date stands there twice")
    return Batch({"rate_rows": tables.frame("rate_rows", rows)}, notes)


def _row(item: dict[str, object], where: str, answer: Answer) -> dict[str, object]:
    day = tables.iso_date(tables.label(item.get("effectiveDate"), f"{where}.effectiveDate"), f"{where}.effectiveDate")
    histories.check_span([day], _FIRST, answer, _ZONE)
    if day.weekday() > 4:
        raise Implausible(f"a rate of a {day:%A}: {day}", where)
    values = {key: tables.number(item.get(key), f"{where}.{key}") for key in _ORDERED}
    rate = values["percentRate"]
    if rate is None:
        raise Unreadable("no rate", f"{where}.percentRate")
    known = [value for value in values.values() if value is not None]
    if known != sorted(known):
        raise Implausible(f"{day}: the percentiles {known} are out of order", where)
    if not -5 <= rate <= 30:
        raise Implausible(f"{day}: a rate of {rate:g} percent", f"{where}.percentRate")
    published = clock.local(sessions.following("SOFR", day), _HOUR, _ZONE)
    return {
        "session": day,
        "series": "SOFR",
        "percent": rate,
        "basis": "ACT/360",
        "revision": tables.label(item.get("revisionIndicator"), f"{where}.revisionIndicator"),
        "published_at": clock.naive(published),
        "published_assumed": True,
    }


SOURCE: Final = Source(
    name="nyfed_sofr",
    title="Secured Overnight Financing Rate",
    publisher="Federal Reserve Bank of New York",
    venue="SOFR",
    tables=("rate_rows",),
    due=Due(_HOUR, _ZONE, days=1, in_sessions=True, grace_minutes=36 * 60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    backlog=backlog,
    hosts=("markets.newyorkfed.org",),
    page="https://www.newyorkfed.org/markets/reference-rates/sofr",
    terms="Open without a key; the reference rates are subject to the bank's terms of use: name it as the source.",
    terms_url="https://www.newyorkfed.org/markets/reference-rates/terms-of-use",
    licence="free under the bank's terms of use",
    unit="percent a year, ACT/360",
    history_start="2018-04-03",
    proof=Proof.CAPTURES,
    verified="One captured answer, four rates of June 2024, equal to another publisher's copy of them.",
    parser_version=2,
)
