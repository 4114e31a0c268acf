"""What `import monitor` offers: frames of the main measures, any question, and a read-only connection.

Every function reads the newest published generation of a home (`home`, else BULLION_HOME, else the config's), never
the file the daemon writes. `as_of` leaves out later sessions; `known_at` leaves out what became known later, by
`basis` "published" (what the public could know) or "loaded" (what this home held). Dates are dates or ISO texts,
moments are datetimes (without a zone: UTC) or ISO texts, a delivery month is any of its days or a text "2026-03".
Frames have the columns of their view (`bullion sql --list VIEW`), moments as UTC without a zone, NULL where a figure
is not known, and no row where nothing was held.

Each raises QueryRefused for a question that cannot be asked, and BullionError before the first publication.
"""

from __future__ import annotations

import warnings
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from monitor import adhoc, dictionary, places, published, tabular
from monitor.clock import aware, naive, parse_moment, stamp
from monitor.errors import QueryRefused

if TYPE_CHECKING:
    import duckdb
    import polars as pl

Day = date | str
Moment = datetime | str


class When(TypedDict, total=False):
    """Which home, and as known when; `seconds` is the time limit (60)."""

    home: Path | str | None
    as_of: Day | None
    known_at: Moment | None
    basis: str
    seconds: float


def connect(
    home: Path | str | None = None,
    *,
    as_of: Day | None = None,
    known_at: Moment | None = None,
    basis: str = "published",
) -> duckdb.DuckDBPyConnection:
    """A read-only DuckDB connection to the newest generation, which it keeps though newer ones are published.

    The moment is set on the connection; its cursors do not inherit it. Close it, or use it as a context manager.
    """
    import duckdb

    con = duckdb.connect(str(_generation(home)), read_only=True)
    con.execute("SET TimeZone='UTC'")
    for name, text in _variables(as_of, known_at, basis).items():
        kind = {"as_of": "DATE", "known_at": "TIMESTAMP", "basis": "VARCHAR"}[name]
        con.execute(f"SET VARIABLE {name} = $value::{kind}", {"value": text.removesuffix("Z")})
    return con


def query(
    sql: str,
    *,
    home: Path | str | None = None,
    as_of: Day | None = None,
    known_at: Moment | None = None,
    basis: str = "published",
    seconds: float = 60,
    **params: Any,
) -> pl.DataFrame:
    """All rows of one SELECT, asked in the locked-down process of `bullion sql`; `params` fill its `$names`.

    Types are DuckDB's: whole numbers, DOUBLE, BOOLEAN, DECIMAL, DATE, TIMESTAMP; everything else is text. `seconds` is
    the time limit.
    """
    variables = _variables(as_of, known_at, basis)
    if (as_of or known_at) and (named := dictionary.unmoved(sql)):
        said = f"{', '.join(named)} tell the state of their generation: as_of and known_at do not move them"
        warnings.warn(said, stacklevel=2)
    result = adhoc.run(
        _generation(home), sql,
        limit=0, seconds=seconds, variables=variables, parameters=params,
    )  # fmt: skip
    return tabular.frame(result)


def coverage(product: str, *, month: Day | None = None, **when: Unpack[When]) -> pl.DataFrame:
    """Registered metal over claims: one row per session and delivery month, both legs of one session.

    `product`: SI, GC, HG, PL or PA; `month`: one delivery month (all without). Columns of the view `coverage_family`,
    among them `registered_oz` (troy ounces), `open_interest` (lots), `raw_coverage` (ratio, below 1 is normal before
    first notice), `projected_coverage` (ratio, over 8.8 percent of the month's peak), `remaining_coverage` (ratio, from
    first notice on), `sessions_to_fnd`, `oi_status`, `registered_published_at` (UTC), `oi_published_at` (UTC).
    """
    return _of("coverage_family", "session, delivery_month", when, product=product, delivery_month=_month(month))


def stocks(metal: str, **when: Unpack[When]) -> pl.DataFrame:
    """COMEX and NYMEX stocks: one row per session.

    `metal`: silver, gold, platinum, palladium or copper. Columns of the view `comex_flows`, among them `registered_oz`
    (troy ounces), `eligible_oz` (troy ounces), `received_oz` (troy ounces), `withdrawn_oz` (troy ounces), `outflow_oz`
    (troy ounces, above zero metal left), `registered_to_eligible_oz` (troy ounces, above zero it left registered),
    `registered_change_20_pct` (percent), `total_change_20_pct` (percent), `suspect`, `published_at` (UTC).
    """
    return _of("comex_flows", "session", when, metal=metal)


def open_interest(product: str, *, month: Day | None = None, **when: Unpack[When]) -> pl.DataFrame:
    """Open contracts: one row per session and delivery month, final where anything proves it, else preliminary.

    Columns of the view `open_interest_best`, among them `open_interest` (lots), `open_interest_change` (lots), `volume`
    (lots), `status`, `proof`, `published_at` (UTC).
    """
    return _of("open_interest_best", "session, delivery_month", when, product=product, delivery_month=_month(month))


def roll(product: str, *, month: Day | None = None, **when: Unpack[When]) -> pl.DataFrame:
    """How a month rolls away: one row per session and delivery month, final open interest alone.

    Columns of the view `roll_curve`, among them `open_interest` (lots), `peak_open_interest` (lots), `peak_share`
    (ratio, NULL where the peak is not held), `sessions_to_fnd`, `published_at` (UTC).
    """
    return _of("roll_curve", "session, delivery_month", when, product=product, delivery_month=_month(month))


def curve(product: str, **when: Unpack[When]) -> pl.DataFrame:
    """Settlements along the curve: one row per session and delivery month.

    Columns of the view `curve`, among them `settle` (currency per unit), `open_interest` (lots),
    `next_minus_this_ann_pct` (percent a year of this, to the next liquid month: negative is backwardation),
    `is_liquid`, `published_at` (UTC).
    """
    return _of("curve", "session, delivery_month", when, product=product)


def backwardation(product: str, **when: Unpack[When]) -> pl.DataFrame:
    """The two most liquid months against each other: one row per session.

    Columns of the view `active_pair`, among them `near_settle` (currency per unit), `far_settle` (currency per unit),
    `far_minus_near` (currency per unit), `far_minus_near_ann_pct` (percent a year of near: negative is backwardation),
    `days_between`, `published_at` (UTC).
    """
    return _of("active_pair", "session", when, product=product)


def premium(metal: str, *, venue: str | None = None, **when: Unpack[When]) -> pl.DataFrame:
    """Shanghai over New York: one row per session and venue.

    `venue`: SHFE or SGE (both without). Columns of the view `regional_premium`, among them `ex_tax_low_pct` (percent,
    without tax, the lower against the New York settlements before and after the Shanghai close), `ex_tax_high_pct`
    (percent, the higher), `price_usd_oz` (USD per troy ounce), `usdcny`, `unknown_because`, `published_at` (UTC).
    """
    return _of("regional_premium", "session, venue", when, metal=metal, venue=venue)


def warrants(metal: str, **when: Unpack[When]) -> pl.DataFrame:
    """SHFE registered warrants: one row per session, region and warehouse, and their totals.

    Columns of the view `shfe_warrants`, among them `level` (sum only warehouse), `quantity` (unit), `unit`,
    `published_at` (UTC).
    """
    return _of("shfe_warrants", "session, level, region, warehouse", when, metal=metal)


def deliveries(product: str, *, month: Day | None = None, **when: Unpack[When]) -> pl.DataFrame:
    """Delivery months from first position day on: one row per session and month.

    Columns of the view `delivery_month`, among them `delivered_lots` (lots, NULL where notices are missing),
    `standing_lots` (lots), `net_new_lots` (lots), `delivered_pct` (percent of the open contracts of first position
    day), `house_net_lots` (lots), `oi_status`, `notices_published_at` (UTC), `oi_published_at` (UTC).
    """
    return _of("delivery_month", "session, delivery_month", when, product=product, delivery_month=_month(month))


def readings(check: str, *, subject: str | None = None, home: Path | str | None = None) -> pl.DataFrame:
    """What a check read: one row per subject and session, as last evaluated; for another moment use `bullion check`.

    Columns of the view `readings`, among them `value` (unit, NULL is unknown), `unit`, `verdict`, `warn`, `critical`,
    `reason`, `published_at` (UTC).
    """
    return _of("readings", "subject, session", {"home": home}, check_name=check, subject=subject)


def _of(view: str, order: str, when: When, **wanted: Any) -> pl.DataFrame:
    """Rows of a view whose columns have these values; None wants all."""
    if strange := sorted(when.keys() - When.__annotations__.keys()):
        raise TypeError(f"unexpected argument {strange[0]!r}; known: {', '.join(When.__annotations__)}")
    named = {name: value for name, value in wanted.items() if value is not None}
    where = " and ".join(f"{name} = ${name}" for name in named) or "true"
    return query(f"select * from {view} where {where} order by {order}", **when, **named)  # noqa: S608  names of ours


def _generation(home: Path | str | None) -> Path:
    folders = places.Folders(places.home_of(None, None if home is None else str(home)))
    return published.newest(folders.published)


def _variables(as_of: Day | None, known_at: Moment | None, basis: str) -> dict[str, str]:
    if basis not in ("published", "loaded"):
        raise QueryRefused(f"basis is {basis!r}: it is published or loaded.")
    try:
        said = {
            "as_of": as_of and _day(as_of).isoformat(),
            "known_at": known_at and stamp(parse_moment(known_at) if isinstance(known_at, str) else aware(known_at)),
        }
    except ValueError as error:
        raise QueryRefused(f"not a moment: {error}.") from error
    return {"basis": basis, **{name: text for name, text in said.items() if text}}


def _day(said: Day) -> date:
    if isinstance(said, datetime):
        return naive(said).date() if said.tzinfo else said.date()
    return date.fromisoformat(said) if isinstance(said, str) else said


def _month(said: Day | None) -> date | None:
    if said is None:
        return None
    try:
        return _day(f"{said}-01" if isinstance(said, str) and len(said) == len("2026-03") else said).replace(day=1)
    except ValueError as error:
        raise QueryRefused(f"{said!r} is no delivery month: give 2026-03.") from error
