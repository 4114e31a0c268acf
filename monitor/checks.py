"""Run the checks: each SQL file over what was known, its rows turned into readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import duckdb

from monitor import checkfile, composite, published, reads, sqlfiles
from monitor.checkfile import Check
from monitor.clock import naive
from monitor.errors import ConfigError
from monitor.model import Reading
from monitor.verdicts import Shape, once_each

WINDOW_DAYS: Final = 400
FEW: Final = 5
BASE_VIEWS: Final = (
    "comex_stocks", "comex_stock_totals_long", "open_interest_versions", "settlements", "shfe_warrants", "sge_quotes",
    "fx_reference", "settlement_versions", "delivery_total_versions", "delivery_totals", "delivery_ytd", "shfe_weekly",
    "sge_history", "rates", "cot", "vault_holding_versions", "fund_holding_versions", "delivery_notices",
    "sge_stock_weekly", "member_positions", "mcx", "ibja", "fund_holdings", "bars", "spot_quotes", "lbma_prices",
)  # fmt: skip
DERIVED_VIEWS: Final = (
    "manual_prices", "fx", "open_interest", "open_interest_days", "open_interest_best",
    "open_interest_chain", "settlement_days", "comex_stock_chain", "comex_stock_totals", "coverage", "roll_curve",
    "roll_points", "curve", "active_pair", "comex_flows", "delivery_days", "delivery_chain", "delivery_month",
    "coverage_family", "money_rates", "curve_state", "implied_forward", "active_settlements", "price_moves",
    "price_strength", "gold_silver_ratios", "margin_steps", "margin_windows", "margin_levels", "miner_betas",
    "shanghai_stocks", "shfe_cover", "member_net", "shanghai_closes", "comex_front", "new_york_around",
    "regional_premium", "onshore_spot", "india_premium", "fund_flows", "fund_premiums", "positioning",
)  # fmt: skip
"""Views that several checks stand on: laid down once as well, in the order they need each other."""


BROKEN: Final = (duckdb.Error, ValueError, TypeError, KeyError)
"""What a check whose SQL or rows are wrong raises."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What to look at: sessions up to `as_of`, and what was known by `known_at` on a basis."""

    known_at: datetime
    basis: str = "published"
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every reading of every check at one moment, and the checks that failed to run."""

    readings: tuple[Reading, ...]
    broken: Mapping[str, str] = field(default_factory=dict)


def discover(overrides: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Check], dict[str, str]]:
    """(checks by name, reason by file name for those whose header is wrong); `overrides` is [checks] of config.toml."""
    found: dict[str, Check] = {}
    broken: dict[str, str] = {}
    for path in sqlfiles.folder("checks"):
        try:
            found[path.stem] = checkfile.read(path, overrides.get(path.stem))
        except ConfigError as error:
            broken[path.stem] = str(error)
    for check in list(found.values()):
        if odd := sorted(
            set(check.stands_on) - {name for name, one in found.items() if not one.stands_on} - set(broken)
        ):
            broken[check.name] = f"{check.name}.sql: it stands on {odd[0]}, which is no check of facts"
            del found[check.name]
    return found, broken


Readable = published.Readable


def evaluate(store: Readable, checks: Iterable[Check], moment: Moment) -> Evaluation:
    """Read all checks over the last 400 days as known at a moment. Nothing is written.

    For a few, only the views they read are laid down; to find those out for all takes longer than laying the rest.
    """
    wanted = list(checks)
    with store.cursor() as cur:
        look(cur, moment, views=_read_by(cur, wanted) if len(wanted) <= FEW else None)
        return read(cur, wanted)


def _read_by(cur: duckdb.DuckDBPyConnection, wanted: Sequence[Check]) -> frozenset[str]:
    below = composite.absent(wanted).values()
    return frozenset[str]().union(*(needs.views for needs in reads.needs(cur, (*wanted, *below)).values()))


def read(
    cur: duckdb.DuckDBPyConnection, checks: Iterable[Check], firsts: Mapping[str, date] | None = None
) -> Evaluation:
    """All checks on a cursor that looks at a moment already; see `look`.

    Those that stand on others come last; what they stand on and was not asked for is read too and not returned.
    `firsts` names, by check, the first session to return.
    """
    wanted = list(checks)
    found = _each(cur, (check for check in wanted if not check.stands_on), firsts or {})
    standing = [check for check in wanted if check.stands_on]
    if not standing:
        return found
    beside = _each(cur, composite.absent(wanted).values())
    more = compose(cur, standing, found.readings + beside.readings)
    return Evaluation(found.readings + more.readings, {**found.broken, **more.broken})


def compose(cur: duckdb.DuckDBPyConnection, standing: Iterable[Check], readings: Iterable[Reading]) -> Evaluation:
    """The checks that stand on these readings of others."""
    wanted = list(standing)
    composite.lay(cur, composite.wanted(wanted), readings)
    return _each(cur, wanted)


def _each(
    cur: duckdb.DuckDBPyConnection, checks: Iterable[Check], firsts: Mapping[str, date] | None = None
) -> Evaluation:
    readings: list[Reading] = []
    broken: dict[str, str] = {}
    for check in checks:
        try:
            readings.extend(run(cur, check, (firsts or {}).get(check.name)))
        except BROKEN as error:
            broken[check.name] = why(error)
    return Evaluation(tuple(readings), broken)


def why(error: BaseException) -> str:
    """What is said of a check that could not be read."""
    return f"{type(error).__name__}: {str(error).splitlines()[0]}"


def window_start(moment: Moment) -> date:
    """The first session that checks see at a moment."""
    return (moment.as_of or naive(moment.known_at).date()) - timedelta(days=WINDOW_DAYS)


def look(
    cur: duckdb.DuckDBPyConnection,
    moment: Moment,
    start: date | None = None,
    views: Iterable[str] | None = None,
) -> None:
    """Set what is known, and lay the window of each base view down as a temp table of its name.

    `start` is a later first session than the window's own; `views` some of them, where no check needs the others.
    A view that is not there, as in a generation of an older release, or cannot be read costs the checks that read it
    and no other.
    """
    known = naive(moment.known_at)
    cur.execute("set variable known_at = ?::timestamp", [known])
    cur.execute("set variable now = ?::timestamp", [known])
    cur.execute("set variable basis = ?", [moment.basis])
    if moment.as_of is not None:
        cur.execute("set variable as_of = ?::date", [moment.as_of])
    since, wanted = start or window_start(moment), {*BASE_VIEWS, *DERIVED_VIEWS} if views is None else set(views)
    for laid_before in _laid(cur) & wanted:  # the temp schema is called main too: it would be copied onto itself
        cur.execute(f"drop table temp.{laid_before}")
    for base in (view for view in BASE_VIEWS if view in wanted):
        _lay(cur, base, "where session >= ?", since)
    for derived in (view for view in DERIVED_VIEWS if view in wanted):
        _lay(cur, derived)


def _lay(cur: duckdb.DuckDBPyConnection, view: str, where: str = "", *values: date) -> None:
    with suppress(duckdb.CatalogException, duckdb.BinderException):
        cur.execute(f"create temp table {view} as select * from main.{view} {where}", values)  # noqa: S608


def _laid(cur: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in cur.execute("select table_name from duckdb_tables() where temporary").fetchall()}


def run(cur: duckdb.DuckDBPyConnection, check: Check, first: date | None = None) -> list[Reading]:
    """One check's rows as readings, on a cursor whose variables are set; only sessions from `first` on."""
    if first is None:
        result = cur.execute(check.sql)
    else:
        result = cur.execute(f"from ({check.sql}\n) where session >= ?", [first])
    shape = Shape(check, [column[0] for column in result.description or ()])
    return once_each(check, map(shape.reading, result.fetchall()))
