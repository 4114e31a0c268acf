"""*Vaults*: the COMEX stocks of one metal by depository and session, and who delivers and takes in a delivery month.

Figures stand in the unit of the report. No bank and no firm is named; a firm has its clearing number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from alerts.textual import number, quantity, unit_name
from monitor import chart
from monitor.figure import Figure, Kind, Series
from monitor.web.drawing import Drawn, drawn
from monitor.web.generations import Row
from monitor.web.lately import Window, newest_session, once, together
from monitor.web.look import Look, NoSuch
from monitor.web.page import Page

SHOWN: Final = 25
"""Sessions in the table of movements; the chart has all."""
_WINDOW: Final = Window(
    (
        "comex_stocks", "comex_stock_totals_long", "open_interest_versions", "delivery_notices", "delivery_totals",
        "shfe_warrants", "shfe_weekly", "sge_stock_weekly", "vault_holding_versions", "fund_holding_versions",
    ),
    ("comex_stock_totals", "comex_flows", "shanghai_stocks"),
)  # fmt: skip
_BEFORE: Final = timedelta(days=400)
"""How far back the page looks from the newest session."""
_MILLION, _THOUSAND = 1e6, 1e3


@dataclass(frozen=True, slots=True)
class Month:
    """Deliveries of one month by firm: rows of `sql/pages/vaults_firms.sql` and the month's own row."""

    row: Row
    firms: Sequence[Row]
    issued: int
    stopped: int
    house_net: int
    """Stopped minus issued of house accounts, lots."""

    @property
    def missing(self) -> int | None:
        """Lots delivered that no report by firm held here tells of; None where the month's total is not known."""
        delivered = self.row["delivered_lots"]
        return None if delivered is None else int(delivered) - self.stopped


@dataclass(frozen=True, slots=True)
class Vaults:
    """What the template shows."""

    title: str
    metal: str
    metals: Sequence[str]
    unit: str
    depositories: Sequence[Row]
    """Largest first, those alone that hold, moved or lost any."""
    empty: Sequence[str]
    """Depositories without metal or movement."""
    newest: Row | None
    """The totals of the newest session, as the report prints them."""
    flows: Sequence[Row]
    """Newest first."""
    chart: Drawn | None
    months: Sequence[Row]
    month: Month | None
    elsewhere: Sequence[Row]


def view(look: Look) -> Vaults:
    """One metal. Raises NoSuch where no stock of it is held, or no deliveries of the month asked for."""
    metals = [row["metal"] for row in once(look, "vaults_metals")]
    metal = look.path.get("metal") or (metals[0] if metals else "silver")
    asked = ("vaults_flows", "vaults_depositories", "vaults_months", "vaults_elsewhere")
    found = together(look, _WINDOW, newest_session(look) - _BEFORE, {name: {"metal": metal} for name in asked})
    flows, depositories, months, elsewhere = (found[name] for name in asked)
    if metal not in metals and not elsewhere:
        raise NoSuch(f"no stock of {metal} is held")
    newest = flows[-1] if flows else None
    return Vaults(
        title=title(metal, newest),
        metal=metal,
        metals=metals,
        unit=unit_name(newest["unit"]).replace("_", " ") if newest else "",
        depositories=[row for row in depositories if not is_empty(row)],
        empty=[row["vault"] for row in depositories if is_empty(row)],
        newest=newest,
        flows=flows[: -SHOWN - 1 : -1],
        chart=_drawn(metal, flows),
        months=months,
        month=_month(look, months),
        elsewhere=elsewhere,
    )


def is_empty(row: Row) -> bool:
    """Whether a depository neither holds metal, nor moved any, nor lost any over five sessions."""
    named = (
        "registered",
        "eligible",
        "received",
        "withdrawn",
        "to_eligible",
        "registered_a_session",
        "eligible_a_session",
    )
    return not any(row[name] for name in named)


def _month(look: Look, months: Sequence[Row]) -> Month | None:
    wanted = look.query.get("month", "")
    found = next((row for row in months if wanted in ("", row["contract"])), None)
    if found is None:
        if wanted:
            raise NoSuch(f"no deliveries by firm of {wanted} are held")
        return None
    return month(found, once(look, "vaults_firms", contract=found["contract"]))


def month(row: Row, firms: Sequence[Row]) -> Month:
    """The sums over all firms."""
    house = sum(int(one["net"]) for one in firms if one["account"] == "house")
    return Month(row, firms, sum(int(one["issued"]) for one in firms), sum(int(one["stopped"]) for one in firms), house)


def title(metal: str, newest: Row | None) -> str:
    """The answer in words: level, change and what moved it."""
    name = f"{metal.capitalize()} COMEX"
    if newest is None:
        return f"{name}: no stock report is held"
    unit = unit_name(newest["unit"]).replace("_", " ")
    said = f"{name}: {quantity(newest['registered'], unit)} registered, {quantity(newest['eligible'], unit)} eligible"
    rate = newest["registered_a_session"]
    if rate is None:
        return f"{said}; the five-session rate is unknown, a report of the five sessions before is missing"
    way = "rose" if rate > 0 else "fell"
    return f"{said}; registered {way} {quantity(abs(rate), unit)} a session over five sessions"


def _drawn(metal: str, flows: Sequence[Row]) -> Drawn | None:
    made = figure(metal, flows)
    return drawn(made) if made else None


def figure(metal: str, flows: Sequence[Row]) -> Figure | None:
    """Registered over the sessions and eligible beside it; a session without a report is a gap."""
    if not flows:
        return None
    ounces = flows[-1]["unit"] == "troy_oz"
    by, unit = (_MILLION, "Moz") if ounces and flows[-1]["total"] > _MILLION else (_THOUSAND, "koz")
    by, unit = (by, unit) if ounces else (_THOUSAND, "thousand short tons")
    series = [_series(flows, "eligible", "earlier", by), _series(flows, "registered", "accent", by)]
    days = [row["session"] for row in flows]
    return Figure(
        f"{metal.capitalize()} at COMEX: registered and eligible",
        f"Registered and eligible, {unit}, by activity date to {days[-1]}",
        series,
        chart.axis(min(days), max(days)),
    )


def _series(flows: Sequence[Row], name: str, kind: Kind, by: float) -> Series:
    points: list[tuple[float, float | None]] = []
    before: int | None = None
    for row in flows:
        if before is not None and row["ordinal"] != before + 1:
            points.append((points[-1][0], None))
        before = row["ordinal"]
        level = row[name]
        points.append((float(row["session"].toordinal()), None if level is None else level / by))
    last = next((value for _, value in reversed(points) if value is not None), None)
    return Series(f"{name} {number(last)}", points, kind)


PAGES: Final = (
    Page("/vaults", "Vaults", "vaults.html", view, key="v"),
    Page("/vaults/{metal}", "Vaults", "vaults.html", view),
)
