"""What SHFE's and INE's daily futures files share: the layout kx{YYYYMMDD}.dat, its identities and its rows.

One JSON file a session, contracts under `o_curinstrument`. The settlement is the day's volume-weighted price, so that
TURNOVER (10,000 CNY) over volume and lot must give it: that is checked, and catches a factor of 1,000.

Rows that are no contract are dropped: 小计 (checked against the sum first), 总计, efp, TAS, other products.
A blank price is NULL, never 0; a blank volume is 0. A contract without trades prints no open, high and low, and
its settlement as its close. Before the close the file is there already with every settlement blank: NotPublished.

Volume and open interest are single-sided since 2020-01-01. Earlier files count both sides; their figures are
stored halved, so that the series has no step, and a note says so.

Pure. Everything here raises only NotPublished, Blocked, Unreadable or Implausible, whatever the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from monitor.errors import Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch, Note, Reject
from monitor.sources import plausible, tables

ZONE: Final = "Asia/Shanghai"
HOUR: Final = "15:30"
_READ: Final = (
    "PRESETTLEMENTPRICE", "OPENPRICE", "HIGHESTPRICE", "LOWESTPRICE", "CLOSEPRICE", "SETTLEMENTPRICE", "ZD1_CHG",
    "ZD2_CHG", "OPENINTEREST", "OPENINTERESTCHG",
)  # fmt: skip
"""Fields every file had, old ones too."""
SINGLE_SIDED: Final = date(2020, 1, 1)
CALENDAR: Final = "SHFE"
"""INE keeps SHFE's trading days."""
META: Final = (
    "o_code", "o_msg", "o_year", "o_month", "o_day", "o_weekday", "o_year_num", "o_total_num", "o_trade_day",
    "o_tradingday", "o_IMChangeDate", "showlength", "report_date", "update_date", "print_date",
)  # fmt: skip
"""What the exchange's JSON files say of themselves beside their list."""
MOST_STOCK: Final = {"silver": 5e7, "gold": 5e6, "copper": 5e6}
"""Metal -> what the exchange's warehouses can hold of it, kg or tonnes for copper; at most a tenth was seen."""
STORE_FIELDS: Final = (
    "VARNAME", "VARID", "VARSORT", "REGNAME", "REGSORT", "WHABBRNAME", "WHROWS", "WHTYPE", "WGHTUNIT", "ROWORDER",
    "ROWSTATUS",
)  # fmt: skip
"""What the JSON files of stocks say of a warehouse beside its figures."""
_FIELDS: Final = frozenset(
    (
        "PRODUCTID", "PRODUCTGROUPID", "PRODUCTCLASS", "PRODUCTSORTNO", "PRODUCTNAME", "DELIVERYMONTH", "ORDERNO",
        "PRESETTLEMENTPRICE", "OPENPRICE", "HIGHESTPRICE", "LOWESTPRICE", "CLOSEPRICE", "SETTLEMENTPRICE", "ZD1_CHG",
        "ZD2_CHG", "VOLUME", "OPENINTEREST", "OPENINTERESTCHG", "TURNOVER", "TASVOLUME",
    )
)  # fmt: skip
_NO_CONTRACT: Final = ("小计", "合计", "总计", "efp", "")
_YEARS_AHEAD: Final = 5
_SHFE_METALS: Final = (b'"ag_f', b'"au_f', b'"cu_f')


@dataclass(frozen=True, slots=True)
class Product:
    """Lot size in the unit the price is for, that unit, and the smallest price step."""

    lot: float
    unit: str
    tick: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """Whose file it is: the venue of its rows, its name in messages, and the products read, by code."""

    venue: str
    name: str
    products: Mapping[str, Product]


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract's row as printed: prices in CNY per unit, volume and open interest in lots."""

    product: str
    spec: Product
    month: date
    where: str
    settle: float | None
    previous: float | None
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    close_change: float | None
    settle_change: float | None
    volume: int
    interest: int | None
    interest_change: int | None
    turnover: float | None


def is_futures_file(body: bytes) -> bool:
    """Whether this is a futures file of either exchange, not the options file."""
    return body.lstrip()[:1] == b"{" and b'"o_curinstrument"' in body and b'"o_cursigma"' not in body


def is_ine(body: bytes) -> bool:
    """Whether a futures file is INE's: bonded copper and none of SHFE's metals. SHFE's own file may list both."""
    return b'"bc_f' in body and not any(metal in body for metal in _SHFE_METALS)


def read(answer: Answer, exchange: Exchange) -> Batch:
    """Rows of open_interest_rows (final) and settlement_rows (final) of the exchange's products.

    Raises NotPublished (no rows, or a product with every settlement blank), Blocked (the firewall's page),
    Unreadable (layout, a contract twice, none of the products), Implausible (dates that differ, a subtotal that
    does not add up, a turnover or a change that contradicts the price, a price outside its day's range).
    """
    payload = payload_of(answer, exchange.name)
    session = session_of(payload, answer)
    items = tables.objects(payload, "o_curinstrument")
    if not items:
        raise NotPublished(f"{exchange.name} lists no contracts for {session}")
    contracts, sums, notes = _sorted_out(items, session, exchange)
    ordinal = tables.whole(payload.get("o_year_num"), "o_year_num")
    if ordinal is not None:
        notes += tables.ordinal_note(CALENDAR, session, ordinal)
    notes += tables.unknown_fields([payload], (*META, "o_curinstrument", "o_curproduct", "o_curmetalindex"))
    notes += tables.unknown_fields(items, _FIELDS, "o_curinstrument")
    notes += tables.absent({key for item in items for key in item}, _READ, "field", "o_curinstrument")
    rejects = [Reject(f"no {code} contracts in the file", code) for code in exchange.products if code not in contracts]
    if not contracts:
        codes = " or ".join(", ".join(exchange.products).rsplit(", ", 1))
        raise Unreadable(f"no contract of {codes}: not {exchange.name}'s daily futures report", "o_curinstrument")
    for code, rows in contracts.items():
        notes += _check_product(code, rows, sums.get(code, {}), session, exchange)
    published, assumed, more = tables.update_moment(payload.get("update_date"), session, HOUR, ZONE)
    stamp = {"venue": exchange.venue, "session": session, "status": "final", "published_at": published}
    stamp["published_assumed"] = assumed
    if session < SINGLE_SIDED:
        notes.append(Note("layout", "volume and open interest count both sides; stored halved", session))
    counts, prices = [], []
    for row in (row for rows in contracts.values() for row in rows):
        if row.interest is None:
            rejects.append(Reject(f"{row.product} {row.month:%y%m}: open interest is blank", row.where))
        else:
            counts.append(stamp | _count(row, session))
        if row.settle is None:
            rejects.append(Reject(f"{row.product} {row.month:%y%m}: the settlement is blank", row.where))
        else:
            prices.append(stamp | _price(row, session))
    frames = {
        "open_interest_rows": tables.frame("open_interest_rows", counts),
        "settlement_rows": tables.frame("settlement_rows", prices),
    }
    return Batch(frames, (*notes, *more), tuple(rejects))


# --- reading ---------------------------------------------------------------------------------


def payload_of(answer: Answer, publisher: str) -> dict[str, object]:
    """The JSON object of a .dat file; Blocked where it is the firewall's page, Unreadable where it is no JSON."""
    text = tables.text_of(answer.body)
    if text.lstrip()[:1] != "{":
        tables.refuse_block_page(text, publisher)
        raise Unreadable("no JSON")
    return tables.json_of(text)


def session_of(payload: Mapping[str, object], answer: Answer) -> date:
    """The date inside, from report_date and from o_year, o_month, o_day where they are given; all must agree."""
    parts = [tables.label(payload.get(key), key) for key in ("o_year", "o_month", "o_day")]
    whole = [tables.label(payload.get("report_date"), "report_date")]
    if all(parts):
        whole.append(parts[0] + parts[1].zfill(2) + parts[2].zfill(2))
    days = {tables.iso_date(text, "report_date") for text in whole if text}
    if not days:
        raise Unreadable("the file carries no date", "report_date")
    if len(days) > 1:
        raise Implausible(
            f"the file carries two dates: {' and '.join(str(day) for day in sorted(days))}", "report_date"
        )
    session = days.pop()
    tables.believable(session, answer, ZONE, "report_date")
    tables.same_day_as_address(session, answer.url)
    return session


def _sorted_out(
    items: Sequence[Mapping[str, object]], session: date, exchange: Exchange
) -> tuple[dict[str, list[Contract]], dict[str, dict[str, Mapping[str, object]]], list[Note]]:
    """Our contracts by product, our 小计 and efp rows by product and name, and notes of rows of an unknown kind."""
    contracts: dict[str, list[Contract]] = {}
    sums: dict[str, dict[str, Mapping[str, object]]] = {}
    notes: list[Note] = []
    for index, item in enumerate(items):
        where = f"o_curinstrument[{index}]"
        code = _code(item, where, exchange)
        month = tables.label(item.get("DELIVERYMONTH"), f"{where}.DELIVERYMONTH")
        if code is None:
            continue
        if month in _NO_CONTRACT:
            sums.setdefault(code, {})[month] = item
        elif not re.fullmatch(r"[0-9]{4}", month):
            notes.append(Note("layout", f"a row of {code} of an unknown kind: {tables.show(month)}", session, where))
        else:
            contracts.setdefault(code, []).append(_contract(exchange, code, item, where, session))
    for code, rows in contracts.items():
        if len({row.month for row in rows}) != len(rows):
            raise Unreadable(f"{code}: a delivery month stands there twice", "o_curinstrument")
    return contracts, sums, notes


def _code(item: Mapping[str, object], where: str, exchange: Exchange) -> str | None:
    """The product code where the row is of one of our futures products (its efp row included), else None."""
    product = tables.label(item.get("PRODUCTID"), f"{where}.PRODUCTID")
    group = tables.label(item.get("PRODUCTGROUPID"), f"{where}.PRODUCTGROUPID") or product.partition("_")[0]
    if product not in ("", f"{group}_f", f"{group}efp"):
        return None
    return group if group in exchange.products else None


def _contract(exchange: Exchange, code: str, item: Mapping[str, object], where: str, session: date) -> Contract:
    month = tables.label(item.get("DELIVERYMONTH"), f"{where}.DELIVERYMONTH")
    year, number = 2000 + int(month[:2]), int(month[2:])
    if not 1 <= number <= 12:
        raise Unreadable(f"{month} is no delivery month", where)
    delivery = date(year, number, 1)
    if not session.replace(day=1) <= delivery <= date(session.year + _YEARS_AHEAD, 12, 1):
        raise Implausible(f"{code}{month} in a file of {session}", where)

    def number_at(key: str) -> float | None:
        return tables.number(item.get(key), f"{where}.{key}")

    def whole_at(key: str) -> int | None:
        return tables.whole(item.get(key), f"{where}.{key}")

    if "VOLUME" not in item:
        raise Unreadable("no VOLUME", where)
    volume = whole_at("VOLUME") or 0

    def price_at(key: str) -> float | None:
        value = number_at(key)
        return None if value == 0 and volume == 0 else value

    return Contract(
        product=code,
        spec=exchange.products[code],
        month=delivery,
        where=where,
        settle=number_at("SETTLEMENTPRICE"),
        previous=number_at("PRESETTLEMENTPRICE"),
        open=price_at("OPENPRICE"),
        high=price_at("HIGHESTPRICE"),
        low=price_at("LOWESTPRICE"),
        close=price_at("CLOSEPRICE"),
        close_change=number_at("ZD1_CHG"),
        settle_change=number_at("ZD2_CHG"),
        volume=volume,
        interest=whole_at("OPENINTEREST"),
        interest_change=whole_at("OPENINTERESTCHG"),
        turnover=number_at("TURNOVER"),
    )


# --- checking --------------------------------------------------------------------------------


def _check_product(
    code: str, rows: Sequence[Contract], sums: Mapping[str, Mapping[str, object]], session: date, exchange: Exchange
) -> list[Note]:
    if all(row.settle is None for row in rows):
        raise NotPublished(f"{exchange.name} has no settlement of {code} for {session} yet")
    for row in rows:
        _check_prices(row, session)
        if session < SINGLE_SIDED and any(
            count % 2 for count in (row.volume, row.interest or 0, row.interest_change or 0)
        ):
            raise Implausible(f"{code} {row.month:%y%m}: an odd figure where both sides are counted", row.where)
    printed = sums.get("小计")
    if printed is None:
        return [Note("layout", f"no 小计 row for {code}: the sum is unchecked", session, code)]
    efp = tables.whole(sums.get("efp", {}).get("VOLUME"), f"{code} efp.VOLUME") or 0
    volume, interest = sum(row.volume for row in rows), sum(row.interest or 0 for row in rows)
    _adds_up(code, "volume", (volume, volume + efp), tables.whole(printed.get("VOLUME"), f"{code} 小计.VOLUME"))
    _adds_up(code, "open interest", (interest,), tables.whole(printed.get("OPENINTEREST"), f"{code} 小计.OPENINTEREST"))
    return []


def _adds_up(code: str, what: str, sums: Sequence[int], printed: int | None) -> None:
    """Whether the 小计 counts efp trades was not seen; the volume may be either sum."""
    if printed is not None and printed not in sums:
        raise Implausible(f"{code}: {what} adds up to {sums[0]}, 小计 prints {printed}", f"{code} 小计")


def _check_prices(row: Contract, session: date) -> None:
    """Identities of one row; a price of 0 or less, or one that contradicts another figure, is Implausible.

    In the last days of a contract the tolerance is 10 percent: its settlement may there be an average of several
    days (not verified), and one odd row must not stop the whole file.
    """
    last_days = row.month == session.replace(day=1) and session.day >= 15
    slack = 0.10 if last_days else 0.005
    prices = {"open": row.open, "high": row.high, "low": row.low, "close": row.close, "settlement": row.settle}
    for name, value in prices.items():
        if value is not None and value <= 0:
            raise Implausible(f"{row.product} {row.month:%y%m}: the {name} is {value:g}", row.where)
    _check_change(row, "close", row.close, row.close_change, row.spec.tick)
    _check_change(row, "settlement", row.settle, row.settle_change, row.spec.tick)
    if row.settle is not None and (problem := plausible.apart(prices, row.settle)):
        raise Implausible(f"{row.product} {row.month:%y%m}: {problem}", row.where)
    if row.interest is not None and row.interest_change is not None and row.interest < row.interest_change:
        text = f"{row.interest} open after a change of {row.interest_change:+}"
        raise Implausible(f"{row.product} {row.month:%y%m}: {text}", row.where)
    if row.volume > 0:
        _check_range(row, row.spec.tick, slack if last_days else 0.0)
        _check_turnover(row, row.spec.lot, slack)


def _check_change(row: Contract, name: str, price: float | None, change: float | None, tick: float) -> None:
    """ZD1_CHG is close minus previous settlement, ZD2_CHG settlement minus previous settlement."""
    if price is None or change is None or row.previous is None:
        return
    if abs(price - row.previous - change) > tick:
        text = f"the {name} {price:g} is not {row.previous:g} {change:+g}"
        raise Implausible(f"{row.product} {row.month:%y%m}: {text}", row.where)


def _check_range(row: Contract, tick: float, slack: float) -> None:
    if row.low is None or row.high is None:
        return
    low, high = row.low - tick, row.high + tick
    inside = {"open": row.open, "close": row.close}
    for name, value in inside.items():
        if value is not None and not low <= value <= high:
            raise Implausible(f"{row.product} {row.month:%y%m}: {name} {value:g} outside the day's range", row.where)
    if row.settle is not None and not low * (1 - slack) <= row.settle <= high * (1 + slack):
        text = f"settlement {row.settle:g} outside the day's {row.low:g} to {row.high:g}"
        raise Implausible(f"{row.product} {row.month:%y%m}: {text}", row.where)


def _check_turnover(row: Contract, lot: float, slack: float) -> None:
    if row.turnover is None or row.settle is None:
        return
    average = row.turnover * 10_000 / (row.volume * lot)
    if abs(average - row.settle) > slack * row.settle:
        text = f"turnover over volume gives {average:g}, the settlement is {row.settle:g}"
        raise Implausible(f"{row.product} {row.month:%y%m}: {text}", row.where)


# --- rows ------------------------------------------------------------------------------------


def _sides(session: date) -> int:
    return 1 if session >= SINGLE_SIDED else 2


def _count(row: Contract, session: date) -> dict[str, object]:
    sides = _sides(session)
    return {
        "product": row.product,
        "delivery_month": row.month,
        "open_interest": None if row.interest is None else row.interest // sides,
        "open_interest_change": None if row.interest_change is None else row.interest_change // sides,
        "volume": row.volume // sides,
    }


def _price(row: Contract, session: date) -> dict[str, object]:
    return {
        "product": row.product,
        "delivery_month": row.month,
        "settle": row.settle,
        "open": row.open,
        "high": row.high,
        "low": row.low,
        "close": row.close,
        "previous_settle": row.previous,
        "volume": row.volume // _sides(session),
        "currency": "CNY",
        "unit": row.spec.unit,
    }
