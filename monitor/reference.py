"""The reference tables whose truth is in the program: written by the store at every start and nightly."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from monitor import contracts, duetimes, sessions, units
from monitor.archive import AskLine
from monitor.clock import naive
from monitor.model import Source
from monitor.store import Store

FIRST: Final = date(2015, 1, 1)
AHEAD: Final = timedelta(days=730)
DUE_BACK: Final = timedelta(days=90)
DUE_AHEAD: Final = timedelta(days=120)
_TABLES: Final = Path(__file__).parent / "tables"
_Types = Mapping[str, pl.DataType | type[pl.DataType]]
_DATES: Final = (
    "valid_from",
    "valid_to",
    "known_from",
    "session",
    "date",
    "delivery_month",
    "period_end",
    "horizon_end",
)
_NUMBER: Final[_Types] = {"value": pl.Float64}
_FILES: Final[dict[str, tuple[str, _Types]]] = {
    "taxes": ("taxes", {"vat": pl.Float64, "quoted_inclusive": pl.Boolean}),
    "duties": ("duties", {"duty": pl.Float64, "content": pl.Float64}),
    "freight": ("freight", {"share": pl.Float64, "transit_days": pl.Float64}),
    "settlement_moments": ("settlement_moments", {}),
    "miners": ("miners", {}),
    "price_levels": ("price_levels", {"level_usd_oz": pl.Float64}),
    "claim_rows": ("claims", {"value": pl.Float64, "number": pl.Int32}),
    "published_roll_points": (
        "published_roll_points",
        {"sessions_to_fnd": pl.Int32, "peak_share": pl.Float64, "raw_coverage": pl.Float64},
    ),
    "silver_balance_rows": ("silver_balance", {"value": pl.Float64, "year": pl.Int32}),
    "miner_cost_rows": ("miner_costs", {"value_usd_oz": pl.Float64, "is_checked": pl.Boolean}),
    "target_rows": ("targets", {"value_usd_oz": pl.Float64}),
    "event_rows": ("events", {"value": pl.Float64}),
    "published_stock_rows": (
        "published_stocks",
        {"registered_oz": pl.Float64, "total_oz": pl.Float64, "is_rounded": pl.Boolean},
    ),
}
"""Table -> (file of `tables/`, types of the columns that are neither words nor dates)."""


def write(store: Store, sources: Iterable[Source], fetching: Mapping[str, bool], now: datetime) -> None:
    """Calendars, contracts, sources, due times and the files of `tables/`, each table whole."""
    known = tuple(sources)
    end = now.date() + AHEAD
    store.replace("calendars", _calendars())
    store.replace("venue_sessions", _venue_sessions(end, sessions.edition()))
    store.replace("contracts", _contracts(end, sessions.edition()))
    store.replace("sources", _sources(known, fetching))
    store.replace("source_parts", _parts(known))
    store.replace("due", _due(known, now.date(), sessions.edition()))
    for table in _FILES:
        store.replace(table, _csv(table))


def write_due(store: Store, sources: Iterable[Source], now: datetime) -> None:
    """The one table that moves with the day."""
    store.replace("due", _due(tuple(sources), now.date(), sessions.edition()))


def write_asks(store: Store, asks: Iterable[AskLine]) -> None:
    """How the last question to each source about each session ended."""
    rows = {(line.source, line.session): line for line in sorted(asks, key=lambda line: line.at)}
    frame = pl.DataFrame(
        [
            {
                "source": line.source, "session": line.session, "asked_at": naive(line.at),
                "outcome": line.outcome, "error": line.error,
            }
            for line in rows.values()
        ],
        schema={
            "source": pl.String, "session": pl.Date, "asked_at": pl.Datetime("us"),
            "outcome": pl.String, "error": pl.String,
        },
    )  # fmt: skip
    store.replace("ask_states", frame)


def proven(store: Store) -> dict[str, set[date]]:
    """By calendar, the days without a session in it of which a report tells of trading."""
    found: dict[str, set[date]] = {venue: set() for venue in sessions.VENUES}
    sql = (
        "select t.calendar, t.session from traded_days t where t.session >= ? and not exists ("
        "from venue_sessions v where v.calendar = t.calendar and v.session = t.session and v.proof <> 'report')"
    )
    for venue, day in store.rows(sql, [FIRST]):
        if venue in found:
            found[venue].add(day)
    return found


def _calendars() -> pl.DataFrame:
    known = [sessions.calendar(venue) for venue in sessions.VENUES]
    return pl.DataFrame(
        {
            "calendar": [one.venue for one in known],
            "valid_from": [one.valid_from for one in known],
            "valid_through": [one.valid_through for one in known],
            "source": [one.source for one in known],
        }
    )


# --- worked out once for a day and an edition of the calendars ---------------------------------


@lru_cache(maxsize=2)
def _venue_sessions(end: date, _edition: object) -> pl.DataFrame:
    parts = []
    for venue in sessions.VENUES:
        days = sessions.sessions(venue, FIRST, end)
        proof = _proofs(venue, days)
        parts.append(
            pl.DataFrame(
                {
                    "calendar": [venue] * len(days), "session": days, "ordinal": range(len(days)),
                    "is_known": [word != "assumed" for word in proof], "proof": proof,
                },
                schema={
                    "calendar": pl.String, "session": pl.Date, "ordinal": pl.Int32, "is_known": pl.Boolean,
                    "proof": pl.String,
                },
            )
        )  # fmt: skip
    return pl.concat(parts)


def _proofs(venue: str, days: Sequence[date]) -> list[str]:
    """What says of each session that it is one."""
    table, proven = sessions.calendar(venue), sessions.proven(venue)
    return [
        "report" if day in proven else "calendar" if table.valid_from <= day <= table.valid_through else "assumed"
        for day in days
    ]


@lru_cache(maxsize=2)
def _contracts(end: date, _edition: object) -> pl.DataFrame:
    rows = []
    for row in contracts.contracts_between(FIRST, end):
        product = str(row["product"])
        lot, unit = contracts.PRODUCTS[product].lot, contracts.PRODUCTS[product].unit
        rows.append(
            {
                "venue": row["venue"], "calendar": contracts.calendar_of(product), "product": product,
                "metal": row["metal"], "delivery_month": row["delivery_month"], "contract": row["contract"],
                "first_position": row["first_position"], "first_notice": row["first_notice"],
                "first_delivery": row["first_delivery"], "last_trade": row["last_trade"], "is_active": row["is_active"],
                "lot": lot, "lot_unit": unit, "lot_oz": units.convert(lot, unit, "troy_oz"),
            }
        )  # fmt: skip
    dates = ("delivery_month", "first_position", "first_notice", "first_delivery", "last_trade")
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(dates, pl.Date), infer_schema_length=None)


def _sources(sources: tuple[Source, ...], fetching: Mapping[str, bool]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "source": s.name, "title": s.title, "publisher": s.publisher, "calendar": s.venue,
                "fetches": fetching.get(s.name, False), "page": s.page, "terms": s.terms,
                "keeps_history": s.keeps_history,
            }
            for s in sources
        ]
    )  # fmt: skip


def _parts(sources: tuple[Source, ...]) -> pl.DataFrame:
    rows = [
        (source.name, " + ".join(part), position, subject)
        for source in sources
        for position, part in enumerate(source.parts)
        for subject in part
    ]
    schema = {"source": pl.String, "part": pl.String, "position": pl.Int32, "subject": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


@lru_cache(maxsize=2)
def _due(sources: tuple[Source, ...], today: date, _edition: object) -> pl.DataFrame:
    rows = duetimes.due_rows(sources, today - DUE_BACK, today + DUE_AHEAD)
    moment = pl.Datetime("us")
    return pl.DataFrame(rows, schema={"source": pl.String, "session": pl.Date, "due_at": moment, "late_at": moment})


@cache
def _csv(table: str) -> pl.DataFrame:
    """A small table of ours, an empty cell being NULL. Read by Python: the first file that polars reads costs 20 MB."""
    name, types = _FILES[table]
    with (_TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = {column: types.get(column, pl.Date if column in _DATES else pl.String) for column in rows[0]}
    return pl.DataFrame([{c: _cell(row[c], kind) for c, kind in wanted.items()} for row in rows], schema=wanted)


def _cell(text: str, kind: pl.DataType | type[pl.DataType]) -> object:
    if text == "":
        return None
    if kind == pl.Date:
        return date.fromisoformat(text)
    if kind == pl.Boolean:
        return text == "true"
    return text if kind == pl.String else float(text) if kind == pl.Float64 else int(text)
