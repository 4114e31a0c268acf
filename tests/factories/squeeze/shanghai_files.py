"""Shanghai's warrants, futures and quotations as reported, and the ECB's rates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from monitor import clock
from tests.factories import ecb, shanghai
from tests.factories.squeeze import facts
from tests.factories.squeeze.book import Bundle, table

WAREHOUSES: Final = (("上海", "示例仓库甲(虚构)"), ("广东", "示例仓库乙(虚构)"))
LATE_PAGE: Final = (date(2026, 2, 6), datetime(2026, 2, 9, 8, 5, tzinfo=UTC))
"""The warrants page that is saved late, and when."""
_SINA: Final = "SHFE silver main contract, daily series as republished by Sina Finance"
_WARRANTS: Final = "SHFE daily warrants page of {day}, silver, total"


def _tonnes() -> dict[date, tuple[int, str, str]]:
    """Warrants by session: kg, kind, source; what lies between reported totals in equal steps."""
    rows = list(table(facts.WARRANTS))
    known = [index for index, (_, rest) in enumerate(rows) if rest[0] != "-"]
    found = {}
    for index, (day, (_, *mark)) in enumerate(rows):
        low, high = max(i for i in known if i <= index), min(i for i in known if i >= index)
        ends = [round(Decimal(rows[i][1][0]) * 1000) for i in (low, high)]
        kg = ends[0] if low == high else ends[0] + (ends[1] - ends[0]) * (index - low) // (high - low)
        kind, source = {
            "": ("reported", _WARRANTS.format(day=day)),
            "implied": ("derived", "the total of 2026-02-09 less the -31.3 t reported with it"),
            "carried": ("invented", "the total of the next session carried back"),
            "interpolated": ("invented", f"equal steps between {rows[low][0]} and {rows[high][0]}"),
        }[mark[0] if mark else ""]
        found[day] = (kg, kind, source)
    return found


def warrants(made: Bundle) -> None:
    """The warrants pages, one of which arrives late."""
    before: tuple[int, ...] = ()
    for day, (kg, kind, source) in _tonnes().items():
        parts = (kg * 3 // 5, kg - kg * 3 // 5)
        changes = [part - was for part, was in zip(parts, before or parts, strict=True)]
        stocks = [(*who, part, change) for who, part, change in zip(WAREHOUSES, parts, changes, strict=True)]
        body = shanghai.shfe_warrants_html(day, silver=stocks, gold=(), copper=(), strangers=())
        at = LATE_PAGE[1] if day == LATE_PAGE[0] else clock.local(day, "15:31", "Asia/Shanghai")
        made.put(f"shfe_warrants/dailystock_{day:%Y%m%d}.html", body, day, at)
        made.say("silver under warrant, total", kg, "kg", kind, source)
        made.say("change, total", sum(changes), "kg", "derived" if before else "invented", "against the page before")
        made.say("split between two warehouses", "3/5 and 2/5", "", "invented", "the names are invented too")
        made.say(
            "number of the page", "as counted", "", "derived", "sessions of the year; the running number is made up"
        )
        if day == LATE_PAGE[0]:
            made.say("arrival", clock.stamp(at), "UTC", "invented", "saved late, to show a late source")
        before = parts


def prices(made: Bundle) -> None:
    """The daily futures files: the main contract alone."""
    days = list(table(facts.AG_MAIN))
    settled: int = facts.AG_SETTLED_30_JANUARY
    for (_, was), (day, now) in pairwise(days):
        close, interest, volume = (int(text) for text in now)
        blanks: dict[str, Any] = dict.fromkeys(("OPENPRICE", "HIGHESTPRICE", "LOWESTPRICE", "TURNOVER"), "")
        if day == date(2026, 2, 2):
            blanks["LOWESTPRICE"] = close
        row = shanghai.shfe_contract(
            "ag", "2604", close, volume=volume, interest=interest, interest_change=interest - int(was[1]),
            previous=settled, **blanks,
        )  # fmt: skip
        body = shanghai.shfe_daily_json(day, [row], others=False, update=None)
        made.put(f"shfe_daily/kx{day:%Y%m%d}.dat", body, day, clock.local(day, "15:31", "Asia/Shanghai"))
        made.say("ag2604: close", close, "CNY/kg", "reported", f"{_SINA}; taken to be ag2604")
        made.say("ag2604: open interest", interest, "lots", "reported", _SINA)
        made.say(
            "ag2604: change of open interest", interest - int(was[1]), "lots", "derived", "from the session before"
        )
        made.say("ag2604: volume", volume, "lots", "reported", _SINA)
        first = day == date(2026, 2, 2)
        kind = "reported" if first else "invented"
        source = "SHFE settlement of 2026-01-30" if first else "as printed for the session before"
        made.say("ag2604: previous settlement", settled, "CNY/kg", kind, source)
        made.say("ag2604: settlement", close, "CNY/kg", "invented", "the close stands in its place")
        if first:
            made.say("ag2604: low", close, "CNY/kg", "reported", "limit-down close: 29,919 x 0.83, cut to 24,832")
        made.say("other prices, turnover", "blank", "", "invented", "left out, as are the other months and products")
        settled = close


def quotations(made: Bundle) -> None:
    """The quotation pages: Ag(T+D) alone."""
    rows = dict(table(facts.AG_TD)) | {date(2026, 2, 27): []}
    for day, close in rows.items():
        printed = {"收盘价": f"{close[0]}.00", "成交量（kg）": "-", "成交金额（元）": "-"} if close else None
        row = shanghai.sge_quote(day, "Ag(T+D)", None, printed=printed or facts.AG_TD_27_FEBRUARY)
        at = clock.local(day, "16:01", "Asia/Shanghai")
        made.put(f"sge_quotes/quotation_{day:%Y%m%d}.html", shanghai.sge_page([row]), day, at)
        if close:
            source = "SGE Ag(T+D) daily closes, as republished in a public database"
            made.say("Ag(T+D): close", close[0], "CNY/kg", "reported", source)
            made.say("Ag(T+D): every other column", "dash", "", "invented", "left out, so that it reads as unknown")
        for heading, text in {} if close else facts.AG_TD_27_FEBRUARY.items():
            made.say(f"Ag(T+D): {heading}", text, "", "reported", "SGE, daily quotations, page of 2026-02-27")
        made.say("other contracts", "none", "", "invented", "left out")


def rates(made: Bundle) -> None:
    """The ECB's daily files: four currencies."""
    source = "Source: European Central Bank, euro foreign exchange reference rates"
    for day, (usd, jpy, cny, inr) in table(facts.EURO):
        rates = {"USD": usd, "JPY": jpy, "CNY": cny, "INR": inr}
        at = clock.local(day, "16:01", "Europe/Berlin")
        made.put(f"ecb_fx/eurofxref_{day}.csv", ecb.ecb_daily_csv(day, rates), day, at)
        for name, rate in rates.items():
            made.say(f"{name} per EUR", rate, name, "reported", source)
        made.say("other currencies", "none", "", "invented", "left out")
