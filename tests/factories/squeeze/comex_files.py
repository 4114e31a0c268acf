"""COMEX silver as reported: stocks by activity date, open interest and settlements by trade date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from monitor import clock, sessions
from tests.factories import comex
from tests.factories.squeeze import facts
from tests.factories.squeeze.book import Bundle, table

DEPOSITORIES: Final = ("EXAMPLE DEPOSITORY A (INVENTED)", "EXAMPLE DEPOSITORY B (INVENTED)")
MONTHS: Final = {"MAR 2026": date(2026, 3, 1), "MAY 2026": date(2026, 5, 1), "JUL 2026": date(2026, 7, 1)}
FIRST_LOAD: Final = datetime(2026, 1, 26, 11, tzinfo=UTC)
RESTATED: Final = (date(2026, 2, 9), datetime(2026, 2, 10, 15, 30, 9, tzinfo=UTC))
"""The session whose final open interest arrives as a file of its own, and its update."""
BAD_REPORT: Final = date(2026, 2, 18)
BAD_BY: Final = 10_000_000
"""What the damaged copy of that report has too much in its total of registered, troy ounces."""
_TOTAL_REGISTERED: Final = (22, 7)
"""Where it is printed in a report of two depositories."""
_PUBLISHED: Final = {
    "I": "CME Group, Issues and Stops report of {day}, settlement of the month in delivery",
    "Y": "Yahoo Finance, SI=F daily bar of {day} (the spot month)",
    "S": "CME Group settlement of {day}, as quoted in a public snapshot",
    "F": "CME Group, Settlements, silver futures, final, trade date {day}",
    "C": "CME Group, Settlements, silver futures of 2026-02-25: its settlement less its printed change",
}


# --- COMEX warehouse stocks --------------------------------------------------------------------


def stocks(made: Bundle) -> None:
    """The stock reports, one of them twice: damaged first, then sound."""
    held = {"registered": Decimal(facts.REGISTERED_BEFORE), "eligible": Decimal(facts.ELIGIBLE_BEFORE)}
    split = {name: _halves(total) for name, total in held.items()}
    for activity, (reported_on, *rest) in table(facts.STOCKS):
        report = date.fromisoformat(reported_on)
        every = [Decimal(text) for text in rest if text != "|"]
        moved = {"registered": every[:3], "eligible": every[3:]}
        vaults = _vaults(split, moved)
        at = FIRST_LOAD if report < FIRST_LOAD.date() else clock.local(report, "17:01", "America/New_York")
        if report == BAD_REPORT:
            _damaged(made, activity, report, vaults, at, held["registered"] + _net(moved["registered"]) + BAD_BY)
            at += timedelta(hours=1)
        made.put(_stock_file(report), comex.silver_stocks_xls(activity, report, vaults), activity, at)
        source = f"CME Group, Metal Depository Statistics, Silver, report dated {report}"
        for name, numbers in moved.items():
            made.say(f"{name}: previous total", held[name], "troy oz", "reported", source)
            for what, number in zip(("received", "withdrawn", "adjustment"), numbers, strict=True):
                made.say(f"{name}: {what}", number, "troy oz", "reported", source)
            held[name] += _net(numbers)
            made.say(f"{name}: total today", held[name], "troy oz", "reported", source)
        made.say("combined total today", sum(held.values()), "troy oz", "derived", "registered plus eligible")
        halves = "every number of the reported totals in halves; the names are invented too"
        made.say("split between two depositories", "1/2 and 1/2", "", "invented", halves)


def _damaged(
    made: Bundle, activity: date, report: date, vaults: dict[str, comex.Vault], at: datetime, wrong: Decimal
) -> None:
    """The report with a digit of its total of registered put wrong."""
    knobs = comex.Knobs(cells={_TOTAL_REGISTERED: float(wrong)})
    body = comex.silver_stocks_xls(activity, report, vaults, knobs=knobs)
    made.put(_stock_file(report, "_saved_again"), body, activity, at)
    made.say("registered: total today", wrong, "troy oz", "invented", "a digit put wrong on purpose")
    made.say("everything else", "as the sound file", "", "derived", _stock_file(report))


def _stock_file(report: date, tail: str = "") -> str:
    return f"comex_stocks/Silver_stocks_{report}{tail}.xls"


def _halves(whole: Decimal) -> tuple[Decimal, Decimal]:
    """Two parts of a whole, to the thousandth; the first is the larger by at most that."""
    one = (whole / 2).quantize(Decimal("0.001"))
    return one, whole - one


def _net(moved: Sequence[Decimal]) -> Decimal:
    received, withdrawn, adjusted = moved
    return received - withdrawn + adjusted


def _vaults(split: dict[str, tuple[Decimal, Decimal]], moved: dict[str, list[Decimal]]) -> dict[str, comex.Vault]:
    """The two depositories' day; `split` goes from their previous totals to today's."""
    stocks: dict[str, list[comex.Stock]] = {}
    for name, numbers in moved.items():
        parts = [[half[index] for half in map(_halves, numbers)] for index in (0, 1)]
        before = split[name]
        stocks[name] = [comex.Stock(float(before[index]), *map(float, parts[index])) for index in (0, 1)]
        split[name] = before[0] + _net(parts[0]), before[1] + _net(parts[1])
    return {
        depository: comex.Vault(stocks["registered"][index], stocks["eligible"][index])
        for index, depository in enumerate(DEPOSITORIES)
    }


# --- COMEX open interest and settlements -------------------------------------------------------


def _months() -> Iterator[tuple[date, datetime, dict[str, comex.Month]]]:
    """Session, update and months of each volume payload as published."""
    for day, (updated, *rest) in table(facts.INTEREST):
        groups = [[int(text) for text in group.split()] for group in " ".join(rest).split("|")]
        months = {
            name: comex.Month(interest, volume, change, privately)
            for name, (interest, change, volume, privately) in zip(MONTHS, groups, strict=True)
        }
        yield day, datetime.fromisoformat(updated).replace(tzinfo=UTC), months


def interest(made: Bundle) -> None:
    """The volume payloads, and the final one of the restated session."""
    printed = list(_months())
    for day, updated, months in printed:
        source = f"CME Group, silver futures volume and open interest, trade date {day}, updated {clock.stamp(updated)}"
        _volume_file(made, f"silver_{day}.json", day, updated, months)
        for name, month in months.items():
            made.say(f"{name}: open interest", month.open_interest, "lots", "reported", source)
            made.say(f"{name}: change", month.change, "lots", "reported", source)
            made.say(f"{name}: volume", month.volume, "lots", "reported", source)
            made.say(f"{name}: privately negotiated", month.privately, "lots", "reported", source)
        made.say("update", clock.stamp(updated), "UTC", "reported", source)
        _reduced(made)
    day, updated = RESTATED
    index = next(i for i, (session, _, _) in enumerate(printed) if session == day)
    final = _final(printed[index][2], printed[index + 1][2])
    _volume_file(made, f"silver_{day}_final.json", day, updated, final)
    proof = "the next session's open interest less its printed change"
    for name, month in final.items():
        made.say(f"{name}: open interest", month.open_interest, "lots", "derived", proof)
        made.say(f"{name}: change", month.change, "lots", "derived", "against the same final figure of the day before")
        made.say(f"{name}: volume", month.volume, "lots", "invented", "as in the preliminary file")
        made.say(f"{name}: privately negotiated", month.privately, "lots", "invented", "as in the preliminary file")
    made.say("update", clock.stamp(updated), "UTC", "invented", "the hour at which other sessions became final")
    _reduced(made)


def _volume_file(made: Bundle, name: str, day: date, updated: datetime, months: dict[str, comex.Month]) -> None:
    body = comex.volume_json({MONTHS[month]: lots for month, lots in months.items()}, day, updated=updated)
    made.put(f"comex_volume/{name}", body, day, updated.replace(second=0) + timedelta(minutes=1))


def _reduced(made: Bundle) -> None:
    made.say("totals", "sums of the three months", "lots", "derived", "the other months are left out of this file")


def _final(now: dict[str, comex.Month], later: dict[str, comex.Month]) -> dict[str, comex.Month]:
    """Months as the next session's file proves them."""
    proven = {name: later[name].open_interest - later[name].change for name in now}
    return {
        name: month._replace(open_interest=proven[name], change=month.change + proven[name] - month.open_interest)
        for name, month in now.items()
    }


Settle = tuple[Decimal, str, str]
"""Price, kind, source."""


def _settles() -> dict[date, dict[str, Settle]]:
    """Settlements of the three months, from 29 January: reported where they were, else carried over at fixed ratios."""
    spot = {day: (Decimal(price), mark) for day, (price, mark) in table(facts.SPOT_MONTH)}
    active = dict(table(facts.ACTIVE_MONTHS))
    reported = {day: _printed(day, rest) for day, rest in active.items()}
    pair = reported[date(2026, 2, 20)]["MAR 2026"][0] / spot[date(2026, 2, 20)][0]
    far = {name: settle[0] for name, settle in reported[date(2026, 2, 25)].items()}
    made: dict[date, dict[str, Settle]] = {}
    for day in sorted(spot.keys() | reported.keys()):
        row = dict(reported.get(day, {}))
        if "MAR 2026" not in row:
            price, mark = spot[day]
            of = f"{price} ({_PUBLISHED[mark].format(day=day)}) times 82.343/82.283, March over February on 20 February"
            row["MAR 2026"] = (_thousandth(price * pair), "derived", of)
        for name in ("MAY 2026", "JUL 2026"):
            ratio = f"March times {far[name]}/{far['MAR 2026']}, their ratio on 25 February"
            row.setdefault(name, (_thousandth(row["MAR 2026"][0] * far[name] / far["MAR 2026"]), "derived", ratio))
        made[day] = {name: row[name] for name in MONTHS}
    return made


def _printed(day: date, rest: Sequence[str]) -> dict[str, Settle]:
    kind = "derived" if rest[-1] == "C" else "reported"
    source = _PUBLISHED[rest[-1]].format(day=day)
    return {name: (Decimal(p), kind, source) for name, p in zip(MONTHS, rest[:-1], strict=True) if p != "-"}


def _thousandth(price: Decimal) -> Decimal:
    return price.quantize(Decimal("0.001"))


def settlements(made: Bundle) -> None:
    """The settlement payloads."""
    settles = _settles()
    for day, _, months in _months():
        before = settles[sessions.previous("COMEX", day)]
        prices = {
            MONTHS[name]: comex.Price(
                str(settle), f"{settle - before[name][0]:+}", months[name].volume,
                months[name].open_interest - months[name].change,
            )
            for name, (settle, _, _) in settles[day].items()
        }  # fmt: skip
        at = clock.local(day, "23:56", "America/Chicago")
        made.put(f"comex_settlements/silver_{day}.json", comex.settlements_json(dict(prices), day), day, at)
        for name, (settle, kind, source) in settles[day].items():
            made.say(f"{name}: settlement", settle, "USD/oz", kind, source)
            made.say(f"{name}: change", prices[MONTHS[name]].change, "USD/oz", "derived", "from the settlement before")
            made.say(f"{name}: volume", months[name].volume, "lots", "reported", f"CME Group, volume of {day}")
            prior = prices[MONTHS[name]].prior_open_interest
            made.say(f"{name}: open interest of the session before", prior, "lots", "derived", "open interest - change")
        made.say("update", "11:55 PM", "Chicago", "invented", "the hour of the final file of 2026-02-25")
        _reduced(made)
