"""Write the holiday tables in `monitor/calendars` anew; a maintainer's command, run by hand once a year.

    python -m venv /tmp/calendars
    /tmp/calendars/bin/pip install "exchange_calendars==4.13.2" "pandas_market_calendars==5.5.0"
    /tmp/calendars/bin/python tools/make_calendars.py

Bullion never imports exchange_calendars: it costs 57 MB and a second, ends without warning, and knows neither
COMEX's report days nor SHFE, SGE, CFETS, MCX, TARGET and the CFTC. It is asked here for three lists only, the holidays
of New York and of London and the sessions of the Shanghai stock exchange, and pandas_market_calendars for a fourth, the
holidays of American government securities; what differs is written below, with its reason, and
`tests/test_sessions.py` and `tests/test_more_calendars.py` hold the result to captured files.

When the Chinese holidays of a new year are announced (November or December): upgrade the library, move
CHINA_THROUGH, run, read the difference, run the tests. MCX and the CFTC publish their next year in December: move
MCX_THROUGH and CFTC_THROUGH with the lists below them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "monitor" / "calendars"
LIBRARY = "exchange_calendars 4.13.2"
BOND_LIBRARY = "pandas_market_calendars 5.5.0"

COMEX_FROM, COMEX_THROUGH = date(2008, 1, 1), date(2027, 12, 31)
SHFE_FROM, SGE_FROM, CHINA_THROUGH = date(2012, 1, 1), date(2015, 1, 1), date(2026, 12, 31)
TARGET_FROM, TARGET_THROUGH = date(1999, 1, 1), date(2030, 12, 31)

NYSE_FROM, NYSE_THROUGH = date(2000, 1, 1), date(2027, 12, 31)
LBMA_FROM, LBMA_THROUGH = date(2000, 1, 1), date(2027, 12, 31)
SIFMA_FROM, SIFMA_THROUGH = date(2018, 1, 1), date(2027, 12, 31)
CFTC_FROM, CFTC_THROUGH = date(2006, 1, 1), date(2026, 12, 31)
MCX_FROM, MCX_THROUGH = date(2025, 1, 1), date(2026, 12, 31)

SGE_OPEN = (date(2024, 2, 9),)
"""Sessions of SGE on which the stock exchange was closed: its own quotation has a row."""

NEW_YORK_AD_HOC = {
    date(2001, 9, 11): "Attacks of 11 September",
    date(2001, 9, 12): "Attacks of 11 September",
    date(2001, 9, 13): "Attacks of 11 September",
    date(2001, 9, 14): "Attacks of 11 September",
    date(2004, 6, 11): "Day of mourning, President Reagan",
    date(2007, 1, 2): "Day of mourning, President Ford",
    date(2012, 10, 29): "Hurricane Sandy",
    date(2012, 10, 30): "Hurricane Sandy",
    date(2018, 12, 5): "Day of mourning, President Bush",
    date(2025, 1, 9): "Day of mourning, President Carter",
}
"""What closed the stock exchange beside its regular holidays; the library must list these days and no others."""

LONDON_AD_HOC = {
    date(2002, 6, 3): "Golden Jubilee",
    date(2002, 6, 4): "Spring Bank Holiday (moved)",
    date(2011, 4, 29): "Royal wedding",
    date(2012, 6, 4): "Spring Bank Holiday (moved)",
    date(2012, 6, 5): "Diamond Jubilee",
    date(2020, 5, 8): "Early May Bank Holiday (moved to VE Day)",
    date(2022, 6, 2): "Spring Bank Holiday (moved)",
    date(2022, 6, 3): "Platinum Jubilee",
    date(2022, 9, 19): "State funeral of Queen Elizabeth II",
    date(2023, 5, 8): "Coronation of King Charles III",
}
"""England's bank holidays outside the rules; the library must list these days and no others."""

COT_MOVED = {
    date(2006, 7, 4): (date(2006, 7, 3), "Independence Day"),
    date(2007, 1, 2): (date(2007, 1, 3), "Day of mourning, President Ford"),
    date(2007, 12, 25): (date(2007, 12, 24), "Christmas"),
    date(2008, 1, 1): (date(2007, 12, 31), "New Year's Day"),
    date(2008, 12, 23): (date(2008, 12, 22), "Christmas week"),
    date(2009, 11, 10): (date(2009, 11, 9), "week of Veterans Day"),
    date(2012, 12, 25): (date(2012, 12, 24), "Christmas"),
    date(2013, 1, 1): (date(2012, 12, 31), "New Year's Day"),
    date(2017, 7, 4): (date(2017, 7, 3), "Independence Day"),
    date(2018, 12, 25): (date(2018, 12, 24), "Christmas"),
    date(2019, 1, 1): (date(2018, 12, 31), "New Year's Day"),
    date(2020, 12, 22): (date(2020, 12, 21), "Christmas week"),
    date(2023, 7, 4): (date(2023, 7, 3), "Independence Day"),
    date(2025, 11, 11): (date(2025, 11, 10), "Veterans Day"),
}
"""Tuesdays without a report, the day whose positions were reported in their place, and the holiday."""

MCX_CLOSED = {
    date(2025, 4, 18): "Good Friday",
    date(2025, 8, 15): "Independence Day",
    date(2025, 10, 2): "Gandhi Jayanti",
    date(2025, 12, 25): "Christmas",
    date(2026, 1, 26): "Republic Day",
    date(2026, 4, 3): "Good Friday",
    date(2026, 10, 2): "Gandhi Jayanti",
    date(2026, 12, 25): "Christmas",
}
"""Days without a morning and without an evening session; on all other holidays MCX trades in the evening."""
MCX_OPEN = {date(2025, 2, 1): "Union Budget", date(2026, 2, 1): "Union Budget"}

Closures = dict[date, str]

BOND_REASONS = {
    "New Years Day US": "New Year's Day",
    "Dr. Martin Luther King Jr. Day": "Martin Luther King Jr. Day",
    "Presidents Day": "Presidents' Day",
    "Good Friday Thru 2020": "Good Friday",
    "July 4th": "Independence Day",
    "Juneteenth Starting at 2022": "Juneteenth",
}
"""Names of the library that we write otherwise."""
BOND_AD_HOC = {date(2018, 12, 5): "Day of mourning, President Bush"}
"""What closed the market for government securities beside its holidays, and is not in the library."""

COMEX_REASONS = {
    "New Year's Day": "New Year's Day",
    "Dr. Martin Luther King Jr. Day": "Martin Luther King Jr. Day",
    "President's Day": "Presidents' Day",
    "Good Friday": "Good Friday",
    "Memorial Day": "Memorial Day",
    "Juneteenth National Independence Day": "Juneteenth",
    "July 4th": "Independence Day",
    "Labor Day": "Labor Day",
    "Thanksgiving": "Thanksgiving",
    "Christmas": "Christmas",
}

LONDON_REASONS = {
    "New Year's Day": "New Year's Day",
    "Christmas": "Christmas Day",
    "Weekend Christmas": "Christmas Day (substitute)",
    "Weekend Boxing Day": "Boxing Day (substitute)",
}

# The library lists China's closures without names; the season tells which one it is. (from, through, name)
CHINA_SEASONS = (
    ("01-01", "01-04", "New Year"),
    ("01-20", "02-28", "Spring Festival"),
    ("04-01", "04-08", "Qingming"),
    ("04-27", "05-08", "Labour Day"),
    ("05-25", "06-30", "Dragon Boat Festival"),
    ("09-03", "09-04", "Victory Day"),
    ("09-08", "09-27", "Mid-Autumn Festival"),
    ("09-28", "10-08", "National Day"),
    ("12-31", "12-31", "New Year"),
)


def weekdays(first: date, last: date) -> Iterable[date]:
    """Monday to Friday, both ends included."""
    every = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return (day for day in every if day.weekday() < 5)


def observed(day: date, holiday: str) -> str:
    """`Independence Day (observed)` where a holiday of fixed date was moved off a weekend."""
    fixed = {"New Year's Day": (1, 1), "Juneteenth": (6, 19), "Independence Day": (7, 4), "Christmas": (12, 25)}
    moved = holiday in fixed and (day.month, day.day) != fixed[holiday]
    return f"{holiday} (observed)" if moved else holiday


def comex(xcals: Any) -> Closures:
    """New York's regular holidays. The two days of mourning since 2008 are left out: metals traded on both."""
    rules = xcals.get_calendar("XNYS").regular_holidays
    named = rules.holidays(str(COMEX_FROM), str(COMEX_THROUGH), return_name=True)
    days = {stamp.date(): COMEX_REASONS[name] for stamp, name in named.items()}
    return {day: observed(day, reason) for day, reason in days.items() if day.weekday() < 5}


def china(xcals: Any, first: date) -> Closures:
    """Weekdays without a session in Shanghai, from `first` on."""
    stock = xcals.get_calendar("XSHG", start=str(first), end=str(CHINA_THROUGH))
    sessions = {stamp.date() for stamp in stock.sessions}
    return {day: china_reason(day) for day in weekdays(first, CHINA_THROUGH) if day not in sessions}


def china_reason(day: date) -> str:
    """Which Chinese holiday a closure belongs to; ValueError for one outside every season."""
    for first, through, name in CHINA_SEASONS:
        if first <= f"{day:%m-%d}" <= through:
            return name
    raise ValueError(f"{day} is closed for no season we know: add it to CHINA_SEASONS")


def target() -> Closures:
    """TARGET's days: the calendar fixed from 2002 on, and the three years before it."""
    found: Closures = {}
    for year in range(TARGET_FROM.year, TARGET_THROUGH.year + 1):
        found |= {date(year, 1, 1): "New Year's Day", date(year, 12, 25): "Christmas Day"}
        if year >= 2000:
            sunday = easter(year)
            found |= {
                sunday - timedelta(days=2): "Good Friday",
                sunday + timedelta(days=1): "Easter Monday",
                date(year, 5, 1): "Labour Day",
                date(year, 12, 26): "Christmas Holiday",
            }
        if year in (1999, 2001):
            found[date(year, 12, 31)] = "Year-end changeover"
    return {day: reason for day, reason in found.items() if day.weekday() < 5}


def easter(year: int) -> date:
    """Gregorian Easter Sunday (the anonymous computus)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


def nyse(xcals: Any) -> Closures:
    """New York's regular holidays and the days the stock exchange stayed closed beside them."""
    calendar = xcals.get_calendar("XNYS")
    _same_days("New York", calendar, NEW_YORK_AD_HOC, NYSE_FROM)
    named = calendar.regular_holidays.holidays(str(NYSE_FROM), str(NYSE_THROUGH), return_name=True)
    days = {stamp.date(): COMEX_REASONS[name] for stamp, name in named.items()}
    regular = {day: observed(day, reason) for day, reason in days.items() if day.weekday() < 5}
    return regular | NEW_YORK_AD_HOC


def lbma(xcals: Any) -> Closures:
    """England's bank holidays, which London's bullion market keeps."""
    calendar = xcals.get_calendar("XLON")
    _same_days("London", calendar, LONDON_AD_HOC, LBMA_FROM)
    named = calendar.regular_holidays.holidays(str(LBMA_FROM), str(LBMA_THROUGH), return_name=True)
    days = {stamp.date(): name for stamp, name in named.items() if stamp.weekday() < 5}
    return {day: LONDON_REASONS.get(name, name) for day, name in days.items()} | LONDON_AD_HOC


def sifma(markets: Any, *, good_fridays: bool) -> Closures:
    """The holidays recommended for American government securities.

    Since 2021 a Good Friday on which the employment report appears (the first Friday of a month) is an early close and
    no holiday: Treasury has yields of it, while New York has no SOFR. `good_fridays` closes those as well.
    """
    calendar = markets.get_calendar("SIFMA_US")
    span = (str(SIFMA_FROM), str(SIFMA_THROUGH))
    named = calendar.regular_holidays.holidays(*span, return_name=True)
    days = {stamp.date(): BOND_REASONS.get(name, name) for stamp, name in named.items()}
    fridays = {easter(year) - timedelta(days=2) for year in range(SIFMA_FROM.year, SIFMA_THROUGH.year + 1)}
    listed = {stamp.date() for stamp in calendar.adhoc_holidays}
    days |= {day: "Good Friday" for day in fridays if good_fridays or day in listed}
    return {day: observed(day, reason) for day, reason in days.items() if day.weekday() < 5} | BOND_AD_HOC


def _same_days(place: str, calendar: Any, ours: Closures, first: date) -> None:
    """ValueError where the library knows other irregular closures than we have named."""
    theirs = {stamp.date() for stamp in calendar.adhoc_holidays if stamp.date() >= first}
    if theirs != ours.keys():
        raise ValueError(f"irregular closures of {place} to name or to drop: {sorted(theirs ^ ours.keys())}")


def write(
    venue: str,
    zone: str,
    span: tuple[date, date],
    source: str,
    closed: Closures,
    *,
    opened: Closures | None = None,
    extra: tuple[str, ...] = (),
) -> None:
    """One TOML file: the span it knows, where it comes from, every usual weekday without a session.

    `opened` are sessions on other days; `extra` further lines: `week` for the usual weekdays where they are not
    Monday to Friday, `weekends` where the operator may list a session on one.
    """
    what = f"Weekdays on which {venue} holds no session{', and its sessions on other days' if opened else ''}."
    lines = [
        f"# {what} Written by tools/make_calendars.py.",
        f'zone = "{zone}"',
        f"valid_from = {span[0]}",
        f"valid_through = {span[1]}",
        f'source = "{source}"',
        *extra,
        *_rows("closed", closed),
        *(_rows("open", opened) if opened else ()),
    ]
    path = FOLDER / f"{venue.lower()}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{path.name}: {len(closed)} closures, {span[0]} to {span[1]}\n")


def _rows(name: str, days: Closures) -> list[str]:
    return [f"{name} = [", *(f'    {{ day = {day}, reason = "{days[day]}" }},' for day in sorted(days)), "]"]


def main() -> None:
    """Write every table."""
    xcals = import_module("exchange_calendars")
    shfe = china(xcals, SHFE_FROM)
    sge = {day: reason for day, reason in china(xcals, SGE_FROM).items() if day not in SGE_OPEN}
    write(
        "COMEX",
        "America/New_York",
        (COMEX_FROM, COMEX_THROUGH),
        f"Regular holidays of New York ({LIBRARY}), on which trading counts for the next day and no report appears; "
        "metals traded on the days of mourning of 2018-12-05 and 2025-01-09 and, electronically, "
        "on 2012-10-29 and 10-30.",
        comex(xcals),
    )
    write(
        "SHFE",
        "Asia/Shanghai",
        (SHFE_FROM, CHINA_THROUGH),
        f"Sessions of the Shanghai stock exchange ({LIBRARY}), which keeps the same holidays: 201 of 201 report days "
        "from 2025-12-04 to 2026-09-30 agree. The holidays of 2027 are not announced.",
        shfe,
    )
    write(
        "SGE",
        "Asia/Shanghai",
        (SGE_FROM, CHINA_THROUGH),
        f"Sessions of the Shanghai stock exchange ({LIBRARY}), and 2024-02-09, on which SGE alone has quotations. "
        "The holidays of 2027 are not announced.",
        sge,
    )
    write(
        "TARGET",
        "Europe/Berlin",
        (TARGET_FROM, TARGET_THROUGH),
        "Closing days set by the ECB: New Year and Christmas in 1999; from 2000 also Good Friday, Easter Monday, 1 May "
        "and 26 December; 31 December in 1999 and 2001 only.",
        target(),
    )
    more(xcals, sge)


def more(xcals: Any, china_days: Closures) -> None:
    """The tables of New York's stocks, London, the CFTC's reports, India and China's currency market."""
    write(
        "NYSE",
        "America/New_York",
        (NYSE_FROM, NYSE_THROUGH),
        f"Regular holidays of New York and the ten days the stock exchange stayed closed beside them ({LIBRARY}).",
        nyse(xcals),
    )
    write(
        "LBMA",
        "Europe/London",
        (LBMA_FROM, LBMA_THROUGH),
        f"England's bank holidays ({LIBRARY}), on which no London price is set; 24 and 31 December are sessions "
        "with a morning price alone. Not held to files of the LBMA: none are at hand.",
        lbma(xcals),
    )
    markets = import_module("pandas_market_calendars")
    write(
        "SIFMA",
        "America/New_York",
        (SIFMA_FROM, SIFMA_THROUGH),
        f"Holidays recommended for American government securities ({BOND_LIBRARY}), and the day of mourning of "
        "2018-12-05: every day of 2018 to 2026-08-20 with Treasury's yields, and no other. A Good Friday that is the "
        "first Friday of its month is a session.",
        sifma(markets, good_fridays=False),
    )
    write(
        "SOFR",
        "America/New_York",
        (SIFMA_FROM, SIFMA_THROUGH),
        "The days of SIFMA but every Good Friday: all 2,094 of 2018-04-03 to 2026-08-20 with a rate, and no other.",
        sifma(markets, good_fridays=True),
    )
    moved = {into: f"in place of {tuesday}, {reason}" for tuesday, (into, reason) in COT_MOVED.items()}
    write(
        "CFTC",
        "America/New_York",
        (CFTC_FROM, CFTC_THROUGH),
        "The days whose positions the Commitments of Traders show: Tuesdays but for 14, as in its reports of silver "
        "and gold to 2026-06-23; the rest of 2026 follows its release schedule, that of 2027 is not announced.",
        {tuesday: reason for tuesday, (_, reason) in COT_MOVED.items()},
        opened=moved,
        extra=('week = ["Tuesday"]',),
    )
    write(
        "MCX",
        "Asia/Kolkata",
        (MCX_FROM, MCX_THROUGH),
        "The exchange's holiday lists of 2025 and 2026, days without any session only: on the other holidays it "
        "trades in the evening and has a daily file. Weekend sessions for the Union Budget; the evening of Diwali "
        "on Sunday 2026-11-08 is left out, not having been seen announced.",
        MCX_CLOSED,
        opened=MCX_OPEN,
        extra=("weekends = true",),
    )
    write(
        "CFETS",
        "Asia/Shanghai",
        (SGE_FROM, CHINA_THROUGH),
        "Days of the yuan's central parity: those of SGE, and no weekends, not even those China works to make up "
        "for a holiday, when the interbank money market does trade: on Monday 2025-10-13 the parity before was "
        "reported as Friday's, though Saturday the 11th was worked. Its history counts 65 from June to August 2026, "
        "as this table does. The holidays of 2027 are not announced.",
        china_days,
        extra=("weekends = true",),
    )


if __name__ == "__main__":
    main()
