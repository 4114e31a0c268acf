"""CME's metals bulletin (Section 62): prices, volume, open interest and the ex-pit breakdown of every metal future.

Publisher: CME Group, one PDF for COMEX and NYMEX, overwritten. PRELIMINARY appears the evening of the trade date,
about 21:00 America/Chicago, FINAL about 10:00 of the next business morning; the file carries no hour, so both are
assumed. Prices and volumes of the two are alike; open interest differs in one month of eleven, and its change is
always against the FINAL of the session before. The number of a bulletin is not unique: date and status are the key.

Prices are dollars in the unit of the contract where `cme.PRICE_UNITS` has it; only those become settlements. B and A
behind a high or low are a bid and an ask. Dashes in the volumes are 0, elsewhere nothing. The months of a product must
add up to its TOTAL, the ex-pit months to theirs, and a month's privately negotiated volume is the sum of its kinds.
A month stays listed a day or more after its last trade, with a price that means nothing: `last_trade` tells.
`deliveries` are the notices of the business day BEFORE, blank in FINAL editions; month to date there counts the
calendar month. A holiday's edition has no volume.

Cut short is a PDF without its end, a page whose side is not the next, a product without TOTAL, last trade dates or
place in the ex-pit table, or a last page that is not the closing one, which has no figures (so in all captured files).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from monitor import clock, contracts, sessions
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.sources import cells, cme, glance, pdf, plausible, tables
from monitor.sources.bulletin import EXPIT, Month, Product, Reader
from monitor.sources.pdf import Line
from monitor.sources.tables import show

_ADDRESS: Final = "https://www.cmegroup.com/daily_bulletin/current/Section62_Metals_Futures_Products.pdf"
_TITLE: Final = "METAL FUTURES PRODUCTS"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HEAD: Final = re.compile(
    r"PG62 BULLETIN # ([0-9]{1,3})@ ([A-Z][a-z]{2}), ([A-Z][a-z]{2}) ([0-9]{2}), (20[0-9]{2}) PG62"
)
_SIDE: Final = re.compile(r"Side ([0-9]{2}) Side \1")
_STATUS: Final = {"PRELIMINARY": "preliminary", "FINAL": "final"}
_HEAD_LINES: Final = 15
_FOOT: Final = ("THE INFORMATION CONTAINED", "IS ACCEPTED BY THE USER", "©")


@dataclass(frozen=True, slots=True)
class _Edition:
    """What every page says of the bulletin."""

    session: date
    status: str
    number: int


def parse(answer: Answer) -> Batch:
    """One bulletin as `bulletin_rows`, `bulletin_expit_rows`, `open_interest_rows` and `settlement_rows`.

    Raises Blocked, Unreadable (no such PDF, cut, a line of figures that is not understood, heads of columns in
    another order) and Implausible (figures that do not add up, a date that cannot be).
    """
    cells.require(answer.body, pdf.MAGIC, "CME's metals bulletin, a PDF")
    with pdf.opened(answer.body) as pages:
        edition, bodies = _bodies(pages)
        cells.check_session(edition.session, answer, "the head of the pages")
        reader = Reader(edition.session)
        for body in bodies:
            for line in body:
                reader.take(line)
    reader.finish()
    products = list(reader.products.values())
    known: dict[str, object] = {
        "session": edition.session,
        "status": edition.status,
        "published_at": clock.naive(_published(edition)),
        "published_assumed": True,
    }
    frames = {
        "bulletin_rows": list(_bulletin(products, known | {"bulletin_number": edition.number})),
        "bulletin_expit_rows": list(_expit(products, known)),
        "open_interest_rows": list(_open_interest(products, known)),
        "settlement_rows": list(_settlements(products, known)),
    }
    notes = [*reader.notes, *_moved_days(products, edition)]
    return Batch({name: tables.frame(name, rows) for name, rows in frames.items()}, cme.few(notes))


def _published(edition: _Edition) -> datetime:
    if edition.status == "preliminary":
        return clock.local(edition.session, "21:00", cme.ZONE)
    return clock.local(sessions.following("COMEX", edition.session), "10:00", cme.ZONE)


# --- pages -------------------------------------------------------------------------------------


def _bodies(pages: Sequence[Sequence[Line]]) -> tuple[_Edition, list[Sequence[Line]]]:
    """The edition, and the lines of each page below its head; the closing page must be there and empty."""
    editions, bodies = set(), []
    for number, page in enumerate(pages, 1):
        edition, end = _edition(page, number)
        editions.add(edition)
        bodies.append(page[end:])
    if len(editions) != 1:
        raise Implausible("the pages are of different bulletins: their heads differ; look at the file")
    if any(not line.text.startswith(_FOOT) for line in bodies[-1]):
        raise Unreadable(
            "the bulletin is cut: its last page is not the closing one, which has no figures", f"page {len(pages)}"
        )
    return editions.pop(), bodies


def _edition(page: Sequence[Line], number: int) -> tuple[_Edition, int]:
    """What the page's head says, and how many lines it has."""
    texts = [line.text for line in page[:_HEAD_LINES]]
    where = f"page {number}"
    head = next((found for text in texts if (found := _HEAD.fullmatch(text))), None)
    side = next((found for text in texts if (found := _SIDE.fullmatch(text))), None)
    end = next((place for place, text in enumerate(texts) if text in _STATUS), None)
    if _TITLE not in texts or head is None or side is None or end is None:
        raise Unreadable(
            f"no page head of Section 62 with its bulletin number, side and status: {show(texts[:1])}", where
        )
    if int(side[1]) != number:
        raise Unreadable(f"the bulletin is cut: side {side[1]} where side {number:02} should be", where)
    month = cells.month_number(head[3])
    try:
        session = date(int(head[5]), month or 0, int(head[4]))
    except ValueError:
        raise Unreadable(f"{show(head[0])} has no date", where) from None
    if _DAYS[session.weekday()] != head[2]:
        raise Implausible(f"{session} is no {head[2]}; look at the file", where)
    return _Edition(session, _STATUS[texts[end]], int(head[1])), end + 1


# --- rows --------------------------------------------------------------------------------------


def _named(product: Product, delivery: date) -> dict[str, object]:
    return {"venue": product.venue, "product": product.code, "delivery_month": delivery}


def _months(products: Sequence[Product]) -> Iterator[tuple[Product, date, Month]]:
    for product in products:
        for delivery, month in product.months.items():
            yield product, delivery, month


def _bulletin(products: Sequence[Product], known: dict[str, object]) -> Iterator[dict[str, object]]:
    for product, delivery, month in _months(products):
        yield {
            **known,
            **_named(product, delivery),
            "product_name": product.name,
            "open": month.open,
            "high": month.high,
            "high_flag": month.high_flag,
            "low": month.low,
            "low_flag": month.low_flag,
            "settle": month.settle,
            "change": month.change,
            "is_new": month.is_new,
            "globex_volume": month.globex,
            "pnt_volume": month.pnt,
            "open_interest": month.open_interest,
            "open_interest_change": month.interest_change,
            "last_trade": product.last_trade.get(delivery),
        }


def _expit(products: Sequence[Product], known: dict[str, object]) -> Iterator[dict[str, object]]:
    for product in products:
        for delivery, printed in product.expit.items():
            yield {**known, **_named(product, delivery), **dict(zip(EXPIT, printed, strict=True))}


def _open_interest(products: Sequence[Product], known: dict[str, object]) -> Iterator[dict[str, object]]:
    """Volume is the book's and the private one together; a kind is 0 where the breakdown leaves nothing for it.

    Blocks are counted as CME's volume service counts them, without those at settlement.
    """
    for product, delivery, month in _months(products):
        printed = dict(zip(EXPIT, product.expit.get(delivery, (None,) * len(EXPIT)), strict=True))
        blocks = 0 if printed["blocks"] is None else printed["blocks"] - (printed["block_tas"] or 0)
        is_known = delivery in product.expit or not month.pnt
        yield {
            **known,
            **_named(product, delivery),
            "open_interest": month.open_interest,
            "open_interest_change": month.interest_change,
            "volume": month.globex + month.pnt,
            "globex_volume": month.globex,
            "pnt_volume": month.pnt,
            "block_volume": blocks if is_known else None,
            "efp_volume": (printed["efp"] or 0) if is_known else None,
            "deliveries": printed["deliveries_daily"],
        }


def _settlements(products: Sequence[Product], known: dict[str, object]) -> Iterator[dict[str, object]]:
    for product, delivery, month in _months(products):
        if month.settle is None or product.code not in cme.PRICE_UNITS:
            continue
        previous = None if month.change is None else round(month.settle - month.change, 6)
        prices = {"open": month.open, "high": month.high, "low": month.low}
        near = plausible.apart({**prices, "previous settlement": previous}, month.settle)
        if problem := plausible.price(product.code, month.settle) or near or plausible.order(prices):
            raise Implausible(f"{product.code} {delivery:%b%y}: {problem}; look at the file", product.where)
        yield {
            **known,
            **_named(product, delivery),
            "settle": month.settle,
            **prices,
            "previous_settle": previous,
            "volume": month.globex + month.pnt,
            "currency": "USD",
            "unit": cme.PRICE_UNITS[product.code],
        }


def _moved_days(products: Sequence[Product], edition: _Edition) -> Iterator[Note]:
    """A note for each last trade date that is not the one our rule gives."""
    for product in products:
        if product.code not in contracts.PRODUCTS:
            continue
        for delivery, printed in product.last_trade.items():
            ours = contracts.last_trade(product.code, delivery)
            if ours != printed:
                text = f"{product.code} {delivery:%b%y} trades last on {printed}, our rule says {ours}"
                yield Note("layout", text, edition.session, product.where)


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001 - the contract's second argument; names prove nothing
    """A PDF that first prints the head of Section 62 of the daily bulletin."""
    text = glance.first_text(body)
    return "PG62BULLETIN" in text and _TITLE.replace(" ", "") in text


def asks(day: date) -> tuple[Ask, ...]:
    """The one address, which holds the newest edition only."""
    return (Ask("comex_bulletin", day, _ADDRESS),)


SOURCE: Final = Source(
    name="comex_bulletin",
    title="CME metals bulletin (Section 62)",
    publisher="CME Group",
    venue="COMEX",
    tables=("bulletin_rows", "bulletin_expit_rows", "open_interest_rows", "settlement_rows"),
    due=Due("10:00", cme.ZONE, days=1, in_sessions=True),
    parse=parse,
    recognise=recognise,
    asks=asks,
    keeps_history=False,
    hosts=cells.HOSTS,
    page="https://www.cmegroup.com/market-data/daily-bulletin.html",
    terms=cells.TERMS,
    terms_url=cells.TERMS_URL,
    licence=cells.LICENCE,
    unit="lot; USD in the unit of each contract",
    history_start="none: only the newest report can be had",
    proof=Proof.CAPTURES,
    verified="18 captured bulletins, 2026-01-21 and 2026-03-20 to 2026-04-10, preliminary and final: every row of "
    "twelve products and of the ex-pit table, every total; gold's and silver's volumes and open interest equal those "
    "of the volume service's payloads of the same version. Hours of publication as others report them.",
)
