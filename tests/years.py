"""Made-up years of every table the market checks read, put into the store directly. Every figure here is invented.

Each fact is public at its source's hour: Shanghai the same day, New York's settlements that night, stocks and final
open interest the next day. Some are restated later, some come late.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from monitor import contracts, sessions
from monitor.house import House
from tests import facts

Row = dict[str, Any]
LOADED = datetime(2030, 1, 1, tzinfo=UTC)
"""Long after everything was public: what counts is when that was."""
_VAULTS = ("VAULT A", "VAULT B", "VAULT C", "VAULT D")
_OUNCES = {"silver": 60e6, "gold": 8e6, "copper": 100e3, "platinum": 300e3, "palladium": 200e3}
"""Usual registered stock, copper in short tons."""
_PRICE = {
    "SI": 30.0, "GC": 2500.0, "HG": 4.5, "PL": 1000.0, "PA": 1100.0, "ag": 7_500.0, "au": 560.0, "cu": 72_000.0,
}  # fmt: skip
_NARROW = ("SI", "GC", "ag")


def fill(
    opened: House,
    start: date,
    end: date,
    *,
    seed: int = 1,
    restated: float = 0.03,
    late: float = 0.03,
    products: tuple[str, ...] = _NARROW,
) -> None:
    """All tables from `start` to `end`; `restated` and `late` are shares of sessions. `products` has SI and ag."""
    made = _Made(Random(seed), start, end, restated, late, products)
    for table, rows in (
        ("comex_stock_rows", made.stocks()),
        ("comex_stock_sums", made.sums()),
        ("open_interest_rows", made.interest()),
        ("settlement_rows", made.settlements()),
        ("shfe_warrant_rows", made.warrants()),
        ("sge_quote_rows", made.quotes()),
        ("fx_rows", made.rates()),
        ("delivery_total_rows", made.notices()),
        ("delivery_notice_rows", made.firms()),
        ("sge_history_rows", made.history()),
        ("open_interest_rows", made.shanghai_interest()),
        ("member_position_rows", made.seats()),
        ("rate_rows", made.money()),
        ("spot_quote_rows", made.spot()),
        ("bar_rows", made.bars()),
    ):
        first: list[Row] = []
        again: list[Row] = []
        for row, is_again in rows:
            (again if is_again else first).append(row)
        facts.put(opened, table, first, source=_SOURCES.get(table, ""), at=LOADED)
        if again:
            facts.put(opened, table, again, source=_SOURCES.get(table, ""), at=LOADED)


_SOURCES = {"delivery_total_rows": "comex_notices", "delivery_notice_rows": "comex_notices"}


class _Made:
    def __init__(
        self, random: Random, start: date, end: date, restated: float, late: float, products: tuple[str, ...]
    ) -> None:
        self.random, self.restated, self.late = random, restated, late
        self.products = [contracts.PRODUCTS[code] for code in products]
        self.american = [product for product in self.products if product.venue != "SHFE"]
        self.ounces = {product.metal: _OUNCES[product.metal] for product in self.american}
        self.comex = sessions.sessions("COMEX", start, end)
        self.shanghai = sessions.sessions("SHFE", start, end)
        self.active: dict[str, list[Row]] = {
            product: [
                dict(row)
                for row in contracts.contracts_between(start, end + timedelta(days=400))
                if row["product"] == product and row["is_active"]
            ]
            for product in products
        }
        self.levels: dict[tuple[str, date, str], float] = {}

    def publish(self, row: Row, days: int, hour: int, **changed: float) -> Iterator[tuple[Row, bool]]:
        """The row as published so many days later, perhaps late; perhaps restated, with `changed` scaled."""
        at = datetime.combine(row["session"], time(hour)) + timedelta(days=days)
        if self.random.random() < self.late:
            at += timedelta(days=self.random.randint(1, 6))
        yield row | {"published_at": at}, False
        if self.random.random() < self.restated:
            later = at + timedelta(days=self.random.choice((1, 2, 5, 30, 90)))
            yield row | {name: row[name] * by for name, by in changed.items()} | {"published_at": later}, True

    def stocks(self) -> Iterator[tuple[Row, bool]]:
        """Registered and eligible by vault, each day opening where the last closed."""
        now = {
            (metal, vault, category): self.ounces[metal] / 4 * (1 if category == "registered" else 2)
            for metal in self.ounces
            for vault in _VAULTS
            for category in ("registered", "eligible")
        }
        for day in self.comex:
            for metal, usual in self.ounces.items():
                for category in ("registered", "eligible"):
                    total = before = 0.0
                    for vault in _VAULTS:
                        held = now[metal, vault, category]
                        moved = held * (1 + self.random.gauss(0, 0.015) + 0.02 * (held < usual / 8))
                        row = _stock(day, metal, category, held, moved) | {"depository": vault}
                        yield from self.publish(row, 1, 22)
                        now[metal, vault, category] = moved
                        total, before = total + moved, before + held
                    self.levels[metal, day, category] = total
                    self.levels[metal, day, f"{category} before"] = before

    def sums(self) -> Iterator[tuple[Row, bool]]:
        for day in self.comex:
            for metal in self.ounces:
                total = before = 0.0
                for category in ("registered", "eligible"):
                    ends = (self.levels[metal, day, f"{category} before"], self.levels[metal, day, category])
                    before, total = before + ends[0], total + ends[1]
                    yield from self.publish(_stock(day, metal, category, *ends), 1, 22, total_today=0.97)
                yield from self.publish(_stock(day, metal, "total", before, total), 1, 22, total_today=0.97)

    def notices(self) -> Iterator[tuple[Row, bool]]:
        """Each delivery month's notices of silver, every session from the eve of first notice on."""
        for month in self.active["SI"]:
            to_date = 0
            for day in self.comex:
                if month["first_position"] <= day <= month["last_trade"]:
                    lots = self.random.randint(0, 800)
                    to_date += lots
                    row = _notice(month, day) | {"issued": lots, "stopped": lots, "month_to_date": to_date}
                    yield from self.publish(row, 1, 2)

    def firms(self) -> Iterator[tuple[Row, bool]]:
        for month in self.active["SI"]:
            for day in self.comex:
                if month["first_position"] <= day <= month["last_trade"]:
                    for account in ("house", "customer"):
                        lots = {"issued": self.random.randint(0, 400), "stopped": self.random.randint(0, 400)}
                        named = {"firm_id": "001", "firm": "MADE UP", "delivery_date": day, "account": account}
                        yield from self.publish(_notice(month, day) | named | lots, 1, 2)

    def interest(self) -> Iterator[tuple[Row, bool]]:
        """Open interest that rolls away before first notice: preliminary the next morning, final the same evening."""
        for product in [one.code for one in self.american]:
            for day in self.comex:
                for row in self.front(product, day):
                    left = (row["first_notice"] - day).days
                    lots = int(60_000 * min(1.0, max(left, 1) / 30) * (1 + self.random.gauss(0, 0.1)) + 500)
                    base = {
                        "venue": row["venue"], "product": product, "delivery_month": row["delivery_month"],
                        "session": day, "open_interest": lots, "volume": 5_000,
                    }  # fmt: skip
                    yield base | {"status": "preliminary", "published_at": _at(day, 1, 5)}, True
                    yield from self.publish(base | {"status": "final"}, 1, 16)

    def front(self, product: str, day: date) -> list[Row]:
        """The next four active months on a day."""
        return [row for row in self.active[product] if day <= row["last_trade"]][:4]

    def settlements(self) -> Iterator[tuple[Row, bool]]:
        for made in self.products:
            product, is_chinese = made.code, made.venue == "SHFE"
            days = self.shanghai if is_chinese else self.comex
            level, slope = _PRICE[product], 0.003
            before: dict[object, float] = {}
            for day in days:
                level *= 1 + self.random.gauss(0, 0.01)
                slope += self.random.gauss(0.1 * (0.003 - slope), 0.002)
                for step, row in enumerate(self.front(product, day)):
                    price = level * (1 + slope * step)
                    base = {
                        "venue": row["venue"], "product": product, "delivery_month": row["delivery_month"],
                        "session": day, "status": "final", "settle": price, "close": price, "high": price * 1.01,
                        "low": price * 0.99, "previous_settle": before.get(row["delivery_month"]), "volume": 5_000,
                        "currency": made.currency, "unit": made.price_unit,
                        "prior_open_interest": 20_000 - 3_000 * step,
                    }  # fmt: skip
                    before[row["delivery_month"]] = price
                    self.levels.setdefault((product, day, "settle"), price)
                    yield from self.publish(base, 0, 8 if is_chinese else 23, settle=1.002, close=1.002)

    def warrants(self) -> Iterator[tuple[Row, bool]]:
        held = 900_000.0
        for day in self.shanghai:
            held *= 1 + self.random.gauss(0, 0.02) + 0.03 * (held < 500_000) - 0.03 * (held > 1_500_000)
            row = {
                "session": day, "metal": "silver", "region": "", "warehouse": "总计", "level": "total",
                "quantity": held, "unit": "kg",
            }  # fmt: skip
            yield from self.publish(row, 0, 8, quantity=0.95)

    def quotes(self) -> Iterator[tuple[Row, bool]]:
        for day in self.shanghai:
            close = 7_500.0 * (1 + self.random.gauss(0, 0.02))
            row = {
                "session": day, "contract": "Ag(T+D)", "close": close, "high": close + 50, "low": close - 50,
                "change": 0.0, "unit": "kg",
            }  # fmt: skip
            yield from self.publish(row, 0, 8)

    def history(self) -> Iterator[tuple[Row, bool]]:
        """A second source of the quotations, which seldom tells the same close."""
        for day in self.shanghai:
            close = 7_500.0 * (1 + self.random.gauss(0, 0.02))
            row = {"session": day, "contract": "Ag(T+D)", "close": close, "unit": "kg"}
            yield from self.publish(row, 0, 9)

    def rates(self) -> Iterator[tuple[Row, bool]]:
        for day in self.comex:
            for quote, rate in (("USD", 1.1), ("CNY", 7.7)):
                yield from self.publish({"session": day, "base": "EUR", "quote": quote, "rate": rate}, 0, 15)

    def shanghai_interest(self) -> Iterator[tuple[Row, bool]]:
        """Open interest of the two nearest months of SHFE silver, one side, final the same day."""
        for day in self.shanghai:
            for row in self.front("ag", day)[:2]:
                lots = int(20_000 * max((row["last_trade"] - day).days, 10) / 10 * (1 + self.random.gauss(0, 0.2)))
                base = {
                    "venue": "SHFE", "product": "ag", "delivery_month": row["delivery_month"], "session": day,
                    "open_interest": max(lots, 1), "volume": 5_000, "status": "final",
                }  # fmt: skip
                yield from self.publish(base, 0, 8)

    def seats(self) -> Iterator[tuple[Row, bool]]:
        """Three short seats and a long one in the nearest month of SHFE silver."""
        for day in self.shanghai:
            front = self.front("ag", day)[0]
            for side, rank in (("short", 1), ("short", 2), ("short", 3), ("long", 1)):
                row = {
                    "session": day, "venue": "SHFE", "product": "ag", "contract": front["contract"],
                    "delivery_month": front["delivery_month"], "rank": rank, "side": side,
                    "member_id": f"{rank:04d}", "member": f"seat {rank}", "is_total": False,
                    "lots": int(60_000 / rank * (1 + self.random.gauss(0, 0.2))),
                }  # fmt: skip
                yield from self.publish(row, 0, 9)

    def money(self) -> Iterator[tuple[Row, bool]]:
        """SOFR, and one Treasury yield on every other day."""
        for number, day in enumerate(self.comex):
            for series, basis in (("SOFR", "ACT/360"), ("DGS3MO", "bond-equivalent"))[: 1 + number % 2]:
                row = {"session": day, "series": series, "basis": basis, "revision": ""}
                yield from self.publish(row | {"percent": 4.0 + self.random.gauss(0, 0.1)}, 1, 12, percent=1.02)

    def spot(self) -> Iterator[tuple[Row, bool]]:
        """A quote with both sides about the hour of the settlement, on most days."""
        for day in self.comex:
            for product, metal in (("SI", "silver"), ("GC", "gold")):
                if self.random.random() < 0.1 or product not in self.active:
                    continue
                price = self.levels[product, day, "settle"] * (1 + self.random.gauss(0, 0.005))
                row = {
                    "session": day, "metal": metal, "provider": "metals.dev", "price": price, "bid": price * 0.9995,
                    "ask": price * 1.0005, "spot_kind": "otc_quote", "currency": "USD", "unit": "troy_oz",
                    "quoted_at": datetime.combine(day, time(17, 24)),
                }  # fmt: skip
                yield from self.publish(row, 0, 19, price=1.001, bid=1.001, ask=1.001)

    def bars(self) -> Iterator[tuple[Row, bool]]:
        closes = {"SLV": 30.0, "HL": 6.0}
        for day in self.comex:
            metal = self.random.gauss(0, 0.015)
            for symbol, beta in (("SLV", 1.0), ("HL", 0.8)):
                closes[symbol] *= 1 + beta * metal + self.random.gauss(0, 0.01 if symbol == "HL" else 0)
                row = {
                    "session": day,
                    "symbol": symbol,
                    "currency": "USD",
                    "adjusted_as_of": datetime.combine(day, time(22)),
                }
                yield from self.publish(row | {"close": closes[symbol]}, 0, 22, close=1.01)


def _at(day: date, days: int, hour: int) -> datetime:
    return datetime.combine(day, time(hour)) + timedelta(days=days)


def _notice(month: Row, day: date) -> Row:
    return {
        "session": day, "intent_date": day, "run_time": _at(day, 1, 2), "delivery_month": month["delivery_month"],
        "venue": "COMEX", "contract": f"{month['contract']} COMEX SILVER FUTURES", "product": "SI",
    }  # fmt: skip


def _stock(day: date, metal: str, category: str, before: float, now: float) -> Row:
    return {
        "session": day, "report_date": sessions.following("COMEX", day), "metal": metal, "category": category,
        "unit": "short_ton" if metal == "copper" else "troy_oz", "prev_total": before, "total_today": now,
        "received": 0.0, "withdrawn": 0.0,
        "net_change": 0.0, "adjustment": now - before,
    }  # fmt: skip
