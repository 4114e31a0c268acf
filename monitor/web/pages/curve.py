"""*Curve*: the months of one product on one session against those of other days, spot and lease where they are held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from alerts.textual import quantity, subject_words, unit_name
from monitor.figure import Axis, Figure, Kind, Series, Shape
from monitor.web.drawing import Drawn, drawn
from monitor.web.generations import Row
from monitor.web.lately import Window, once, together
from monitor.web.look import Look, NoSuch, Refused
from monitor.web.page import Page

USUAL: Final = (5, 20)
"""How many sessions back it is compared where no day is asked for."""
_WINDOW: Final = Window(
    ("settlements", "open_interest_versions", "spot_quotes", "lbma_prices", "rates"), ("open_interest_best", "curve")
)
_BEFORE: Final = timedelta(days=40)
"""How far before the oldest session shown facts are read: what proves an open interest final lies about it."""
_HOLLOW: Final[Shape] = "ring"
_FILLED: Final[Shape] = "square"
MOST: Final = 4
"""Days to compare with, at most."""
_STATES: Final[Mapping[str | None, str]] = {
    "contango_full": "contango that pays the money rate",
    "contango_below_carry": "contango below the money rate",
    "contango": "contango; no money rate is held to compare with",
    "backwardated_front": "the first liquid pair in backwardation",
    "backwardated_multi": "the first pairs in backwardation",
    "backwardated_whole": "backwardation throughout",
    None: "fewer than two liquid months, so the shape is unknown",
}


@dataclass(frozen=True, slots=True)
class Product:
    """A product whose settlements are held."""

    venue: str
    product: str
    metal: str
    newest: date

    @property
    def name(self) -> str:
        """`Silver COMEX`."""
        return subject_words(f"{self.venue} {self.metal}")


@dataclass(frozen=True, slots=True)
class Day:
    """The months of one session, nearest first: rows of `sql/pages/curve_months.sql`."""

    session: date
    months: Sequence[Row]

    @property
    def front(self) -> Row | None:
        """The nearest liquid month."""
        return next((row for row in self.months if row["is_liquid"]), None)


@dataclass(frozen=True, slots=True)
class Curve:
    """What the template shows."""

    title: str
    product: Product
    products: Sequence[Product]
    day: Day
    others: Sequence[Day]
    state: Row | None
    prices: Drawn | None
    shape: Drawn | None
    unit: str
    """Of the settlements: `USD/oz`."""
    table: Sequence[tuple[Row, Sequence[float | None]]]
    """Each month with its settlement on the other days."""
    against: str
    """The other days as they were asked for."""

    @property
    def unknown(self) -> list[str]:
        """Why spot and lease of liquid months are not known, each reason once."""
        because = [row["unknown_because"] or "" for row, _ in self.table if row["is_liquid"]]
        return [text for text in dict.fromkeys(because) if text]


def view(look: Look) -> Curve:
    """One product. Raises NoSuch where none of its settlements is held, Refused for a day that is none."""
    products = [Product(**row) for row in once(look, "curve_products")]
    product = _product(products, look.path.get("name", ""))
    sessions = [row["session"] for row in once(look, "curve_sessions", venue=product.venue, product=product.product)]
    session, others = chosen(sessions, look.query.get("day", ""), look.query.get("against"))
    days, told = _read(look, product, [session, *others])
    first = days[0].months[0] if days[0].months else None
    unit = f"{first['currency']}/{unit_name(first['unit'])}" if first else ""
    return Curve(
        title=title(product, told[0] if told else None),
        product=product,
        products=products,
        day=days[0],
        others=days[1:],
        state=told[0] if told else None,
        prices=_drawn(prices(product, days, unit)),
        shape=_drawn(shape(product, days)),
        unit=unit,
        table=[(row, [_settle(day, row["contract"]) for day in days[1:]]) for row in days[0].months],
        against=",".join(str(day) for day in others),
    )


def _product(products: Sequence[Product], name: str) -> Product:
    """By product code, or the first of a metal; the first of all where none is named."""
    found = [one for one in products if name in ("", one.product)] or [one for one in products if one.metal == name]
    if not found:
        raise NoSuch(f"no settlements of {name or 'any product'} are held")
    return found[0]


def chosen(sessions: Sequence[date], day: str, against: str | None) -> tuple[date, list[date]]:
    """(session shown, sessions to compare with) of `sessions`, newest first; a day means the newest session up to it.

    `against` has days with commas between; None stands for five and twenty sessions before.
    """
    shown = _upto(sessions, day) if day else sessions[0]
    at = sessions.index(shown)
    if against is None:
        return shown, [sessions[at + back] for back in USUAL if at + back < len(sessions)]
    texts = [text for part in against.split(",") if (text := part.strip())]
    if len(texts) > MOST:
        raise Refused(f"at most {MOST} days can be compared")
    return shown, [found for found in dict.fromkeys(_upto(sessions, text) for text in texts) if found != shown]


def _upto(sessions: Sequence[date], text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text[:20]!r} is no day; write 2026-02-27") from None
    found = next((session for session in sessions if session <= day), None)
    if found is None:
        raise Refused(f"no session up to {day} is held")
    return found


def _read(look: Look, product: Product, sessions: Sequence[date]) -> tuple[list[Day], list[Row]]:
    """(the days, the state of the first) of these sessions."""
    named = {"venue": product.venue, "product": product.product}
    months = {**named, "sessions": ",".join(str(session) for session in sessions)}
    tiles = {"curve_months": months, "curve_state": {**named, "session": str(sessions[0])}}
    found = together(look, _WINDOW, min(sessions) - _BEFORE, tiles)
    rows = found["curve_months"]
    return [Day(day, [row for row in rows if row["session"] == day]) for day in sessions], found["curve_state"]


def _settle(day: Day, contract: str) -> float | None:
    return next((row["settle"] for row in day.months if row["contract"] == contract), None)


def _drawn(figure: Figure | None) -> Drawn | None:
    return drawn(figure) if figure else None


def title(product: Product, state: Row | None) -> str:
    """The answer in words."""
    said = _STATES.get(state["state"] if state else None, "")
    if state is None or state["front_ann_pct"] is None:
        return f"{product.name}: {said}"
    pair = f"{state['far_contract']} minus {state['near_contract']} {quantity(state['front_ann_pct'], '%/yr')}"
    return f"{product.name}, {pair}: {said}"


def prices(product: Product, days: Sequence[Day], unit: str) -> Figure | None:
    """Settlements by first notice day, those of the day shown on top, its spot where it is held."""
    series = [one for day in days[:0:-1] for one in _lines(day, "earlier", _price)]
    series += [*_spot(days[0]), *_lines(days[0], "accent", _price)]
    words = (
        f"Settlement, {unit}, by first notice day (Shanghai: last trade day); filled: liquid months, hollow: illiquid"
    )
    return _figure(f"{product.name}: settlements", words, series)


def shape(product: Product, days: Sequence[Day]) -> Figure | None:
    """The same as percent over the nearest liquid month of each day, so that days of other prices can be compared."""
    series = [one for day in days[:0:-1] for one in _lines(day, "earlier", _over_front)]
    series += _lines(days[0], "accent", _over_front)
    words = "Settlement over that of the nearest liquid month of the same session, %, by first notice day"
    return _figure(f"{product.name}: shape of the curve", words, series)


def _figure(name: str, words: str, series: Sequence[Series]) -> Figure | None:
    places = [place for one in series for place, _ in one.points]
    if not places:
        return None
    first, last = date.fromordinal(int(min(places))), date.fromordinal(int(max(places)))
    named = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    labels = [(float(day.toordinal()), day.isoformat()) for day in (first, last)]
    labels += [(float(d.toordinal()), str(d.year)) for d in named if (d - first).days > 120 and (last - d).days > 120]
    return Figure(name, words, series, Axis(min(places), max(places), labels))


def _price(_: Day, row: Row) -> float | None:
    return float(row["settle"]) if row["settle"] is not None else None


def _over_front(day: Day, row: Row) -> float | None:
    front = day.front
    if front is None or row["settle"] is None or not front["settle"]:
        return None
    return 100.0 * (float(row["settle"]) / float(front["settle"]) - 1)


def _lines(day: Day, kind: Kind, value: Callable[[Day, Row], float | None]) -> list[Series]:
    """Illiquid months as hollow points, the liquid ones filled and joined; the day stands at whichever goes farther."""
    points = [(float(row["anchor"].toordinal()), value(day, row), row["is_liquid"]) for row in day.months]
    thin = [(place, number) for place, number, is_liquid in points if not is_liquid and number is not None]
    thick = [(place, number) for place, number, is_liquid in points if is_liquid and number is not None]
    ends = max((found[-1][0] for found in (thin, thick) if found), default=0.0)
    return [
        Series(str(day.session) if found[-1][0] == ends else "", found, kind, shape=how, is_line=how == _FILLED)
        for found, how in ((thin, _HOLLOW), (thick, _FILLED))
        if found
    ]


def _spot(day: Day) -> list[Series]:
    row = next((row for row in day.months if row["spot_usd"] is not None), None)
    if row is None:
        return []
    return [Series("spot", [(float(day.session.toordinal()), row["spot_usd"])], "warning", shape="dot", is_line=False)]


PAGES: Final = (
    Page("/curve", "Curve", "curve.html", view, key="u"),
    Page("/curve/{name}", "Curve", "curve.html", view),
)
