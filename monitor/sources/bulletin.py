"""The tables of CME's metals bulletin (Section 62), as printed: contract months, last trade dates, ex-pit breakdown.

Pure. Everything here raises only Unreadable or Implausible, whatever the lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from monitor.errors import Implausible, Unreadable
from monitor.model import Note
from monitor.sources import cme, tables
from monitor.sources.pdf import Line, Word
from monitor.sources.tables import show

EXPIT: Final = (
    "deliveries_daily", "deliveries_month_to_date", "efp", "efs", "subs", "efm", "efr", "efb", "blocks", "block_tas",
    "tas",
)  # fmt: skip
"""The columns of the ex-pit table from left to right."""
_PRIVATE: Final = slice(EXPIT.index("efp"), EXPIT.index("blocks"))
_BLOCKS: Final = EXPIT.index("blocks")
"""The one column whose total the bulletin never prints."""
_BLOCK_TAS: Final = EXPIT.index("block_tas")
_DASHES: Final = "----"
_MONTH: Final = re.compile(
    r"([A-Z]{3}[0-9]{2}) ([0-9.]+|----) (?:(----)|([0-9.]+)(?:([AB])|(B?) ?/([0-9.]+)(A?))) (-?[0-9.]+|----) "
    r"(?:(UNCH|NEW|[+-] ?[0-9.]+) )?([0-9]{1,9}|----) ([0-9]{1,9}|----) ([0-9]{1,9}) (UNCH|[+-] ?[0-9]{1,9})"
)
_PRODUCT: Final = re.compile(r"([0-9A-Z]{1,5}) FUT(?: (\S.*))?")
_TOTAL: Final = re.compile(r"TOTAL ([0-9A-Z]{1,5}) FUT((?: [0-9]{1,9}){0,3})(?: ([+-] ?[0-9]{1,9}))?")
_DAYS: Final = re.compile(r"(?:[0-9]{2}/[0-9]{2} ?)*")
_MONTHS: Final = re.compile(r"[A-Z]{3}[0-9]{2}(?: [A-Z]{3}[0-9]{2})*")
_BROKEN_DOWN: Final = re.compile(r"([A-Z]{3}[0-9]{2})((?: (?:[0-9]{1,9}|---)){11})")
_SUMS: Final = re.compile(r"[0-9]+(?: [0-9]+)*")
_EXPIT_TITLE: Final = "EX-PIT & OTHER BREAKDOWN"
_NYMEX: Final = "NYMEX METAL FUTURES PRODUCTS"
_HEADING: Final = ("OPEN", "HIGH/LOW", "SETT.", "GLOBEX®", "PNT/PIT", "INTEREST")
"""Words of the column heads whose left edges must follow in this order."""
_HEADING_LINES: Final = frozenset({"GLOBEX OPEN SETT. PRICE", *_HEADING[1:2], *_HEADING[3:]})
_EXPIT_HEADING: Final = ("DELIVERY-------", "EFP", "EFS", "SUBS", "EFM", "EFR", "EFB", "BLOCKS", "BLOCK", "TAS")
_FURNITURE: Final = frozenset(
    {
        "METAL FUTURES PRODUCTS", "FUTURES PRODUCTS", "CME Group, Inc.", "PRICE INDICATOR KEY", "OPEN", "INTEREST",
        "VOLUME", "& PT. CHGE", "GLOBEX", "DAILY", "TOTAL", "TOTALS", "TO-DATE", "EXPIRATION:",
        "METALS CONTRACTS LAST TRADE DATES",
    }
)  # fmt: skip
_FURNITURE_STARTS: Final = (
    "THE CME GROUP DAILY BULLETIN ONLY DISPLAYS", "PRIVATELY NEGOTIATED TRANSACTIONS (PNT)", "TRADING) MAY BE AFFECTED",
    "EXERCISES OR ASSIGNMENTS.", "R= RECORD VOLUME", "THE RTH SESSION", "DAY’S SETTLEMENT PRICE.", "CASH OR PHY MONTH",
    "THE INFORMATION CONTAINED IN THIS REPORT", "IS ACCEPTED BY THE USER", "© Copyright CME Group", "20 South Wacker",
    "Customer Service:",
)  # fmt: skip
_FURNITURE_PATTERN: Final = re.compile(r"20[0-9]{2} DAILY INFORMATION BULLETIN .*|Side [0-9]+ Side [0-9]+")


@dataclass(frozen=True, slots=True)
class Month:
    """One contract month as printed; dashes are None, but 0 in the two volumes."""

    open: float | None
    high: float | None
    high_flag: str
    low: float | None
    low_flag: str
    settle: float | None
    change: float | None
    is_new: bool
    globex: int
    pnt: int
    open_interest: int
    interest_change: int


@dataclass(slots=True)
class Product:
    """One product of the bulletin as far as it has been read."""

    code: str
    name: str
    venue: str
    where: str
    months: dict[date, Month] = field(default_factory=dict)
    is_totalled: bool = False
    last_trade: dict[date, date] = field(default_factory=dict)
    is_dated: bool = False
    expit: dict[date, tuple[int | None, ...]] = field(default_factory=dict)
    expit_sums: dict[int, int] | None = None
    is_broken_down: bool = False


class Reader:
    """Takes the lines of the bulletin in order; `finish` says whether they were all there."""

    def __init__(self, session: date) -> None:
        self.products: dict[str, Product] = {}
        self.notes: list[Note] = []
        self._session = session
        self._venue = "COMEX"
        self._current: Product | None = None
        self._named: dict[str, Product] = {}
        self._columns: dict[str, float] = {}
        self._date_columns: tuple[list[date], list[float]] | None = None
        self._expit: dict[str, float] | None = None
        self._edges: list[float] = []
        """Right edges of the eleven ex-pit columns."""

    def take(self, line: Line) -> None:
        """One line of the bulletin, its page head left out."""
        known = self._take_expit(line) if self._expit is not None else self._take_month(line)
        if not known and not _is_furniture(line.text):
            self.notes.append(cme.stranger(line, self._session))

    def finish(self) -> None:
        """Raises Unreadable where a part is missing, Implausible where the breakdown contradicts the months."""
        if not self.products or self._date_columns is None:
            raise Unreadable("the bulletin is cut: no products, or no last trade dates")
        for product in self.products.values():
            dated = product.is_dated or min(product.months, default=date.max) > self._date_columns[0][-1]
            if not dated or not product.is_broken_down:
                part = "its name in the ex-pit table" if dated else "its last trade dates"
                raise Unreadable(f"the bulletin is cut: {product.code} without {part}", product.where)
            _check_expit(product)
            if text := _check_private(product):
                self.notes.append(Note("layout", text, self._session, product.where))

    # --- contract months -----------------------------------------------------------------

    def _take_month(self, line: Line) -> bool:
        text = line.text
        if found := _MONTH.fullmatch(text):
            self._add_month(found, line)
        elif found := _TOTAL.fullmatch(text):
            self._check_total(found, line)
        elif text == _EXPIT_TITLE:
            self._expit = {}
            self._current = None
        elif found := _PRODUCT.fullmatch(text):
            self._take_product(found, line)
        elif _MONTHS.fullmatch(text):
            self._take_date_heads(line)
        elif re.match(r"[A-Z]{3}[0-9]{2} |TOTAL ", text):
            raise Unreadable(f"a line of a contract month that is not understood: {show(text)}", line.where)
        else:
            return self._take_heading(line)
        return True

    def _take_product(self, found: re.Match[str], line: Line) -> None:
        code, rest = found[1], found[2] or ""
        if _DAYS.fullmatch(rest):
            self._take_dates(code, line)
            return
        if self._date_columns is not None:
            raise Unreadable(f"{code} after the last trade dates", line.where)
        self._require_total(line)
        if code in self.products or rest in self._named:
            raise Unreadable(f"{code} stands there twice", line.where)
        self._current = self.products[code] = self._named[rest] = Product(code, rest, self._venue, line.where)

    def _require_total(self, line: Line) -> None:
        if self._current is not None and not self._current.is_totalled:
            raise Unreadable(f"{self._current.code} is cut: no TOTAL before the next part", line.where)

    def _add_month(self, found: re.Match[str], line: Line) -> None:
        product = self._current
        if product is None or product.is_totalled or len(self._columns) != len(_HEADING):
            raise Unreadable("a contract month under no product, or under no heads of columns", line.where)
        delivery = cme.short_month(found[1], line.where)
        if delivery in product.months:
            raise Unreadable(f"{product.code} {found[1]} stands there twice", line.where)
        product.months[delivery] = _month(found, line.where)

    def _check_total(self, found: re.Match[str], line: Line) -> None:
        """Raises Implausible where the months do not add up; empty columns are left out of the printed total."""
        product = self._current
        if product is None or product.code != found[1] or product.is_totalled:
            raise Unreadable(f"a TOTAL of {found[1]} out of place", line.where)
        months = product.months.values()
        traded = [sum(month.globex for month in months), sum(month.pnt for month in months)]
        added = [*(volume for volume in traded if volume), sum(month.open_interest for month in months)]
        change = sum(month.interest_change for month in months)
        printed = [int(number) for number in found[2].split()]
        # A total of nothing may be printed as 0 or left out: it says the same.
        said = ([number for number in printed if number], _signed(found[3]) if found[3] else 0)
        if said != ([number for number in added if number], change):
            text = f"{product.code}: TOTAL is {found[0][6:]!r}, the months add up to {added} and {change:+d}"
            raise Implausible(f"{text}; look at the file", line.where)
        product.is_totalled = True

    def _take_heading(self, line: Line) -> bool:
        """The heads of the columns, whose order must be the known one, and the venue; False for anything else."""
        if line.text == _NYMEX:
            self._require_total(line)
            self._venue = "NYMEX"
            self._columns = {}
            return True
        if line.text not in _HEADING_LINES:
            return False
        self._columns |= {word.text: word.left for word in line.words() if word.text in _HEADING}
        if len(self._columns) == len(_HEADING):
            _check_order(self._columns, _HEADING, line)
        return True

    # --- last trade dates ----------------------------------------------------------------

    def _take_date_heads(self, line: Line) -> None:
        self._require_total(line)
        words = line.words()
        months = [cme.short_month(word.text, line.where) for word in words]
        edges = [word.left for word in words]
        if months != sorted(set(months)) or edges != sorted(edges):
            raise Unreadable("the months over the last trade dates are not in order", line.where)
        self._date_columns = (months, edges)
        self._current = None

    def _take_dates(self, code: str, line: Line) -> None:
        """The dates of one product, each in the column it stands under: a row has only the months it lists."""
        product = self.products.get(code)
        if self._date_columns is None or product is None or product.is_dated:
            raise Unreadable(
                f"last trade dates of {code}, which is no product of the bulletin or stands twice", line.where
            )
        months, edges = self._date_columns
        for word in line.words()[2:]:
            place = _under(edges, word)
            if place is None or months[place] in product.last_trade:
                raise Unreadable(f"the date {word.text} stands under no month", line.where)
            product.last_trade[months[place]] = _last_trade(months[place], word.text, line.where)
        product.is_dated = True

    # --- ex-pit ----------------------------------------------------------------------------

    def _take_expit(self, line: Line) -> bool:
        text = line.text
        if found := _BROKEN_DOWN.fullmatch(text):
            self._add_expit(found, line)
        elif product := self._named.get(text):
            if product.is_broken_down:
                raise Unreadable(f"{text} stands twice in the ex-pit table", line.where)
            product.is_broken_down = True
            self._current = product
        elif _SUMS.fullmatch(text) and self._edges:
            self._add_sums(line)
        elif re.match(r"[A-Z]{3}[0-9]{2} ", text):
            raise Unreadable(f"a line of the ex-pit table that is not understood: {show(text)}", line.where)
        else:
            return self._take_expit_heading(line)
        return True

    def _take_expit_heading(self, line: Line) -> bool:
        """The heads of the columns; any other unknown line ends the product above it. False where it is unknown."""
        heads = self._expit if self._expit is not None else {}
        if line.text in _EXPIT_HEADING or line.text == "BLOCK TAS":
            word = line.words()[0]
            heads[word.text] = word.left
            if len(heads) == len(_EXPIT_HEADING):
                _check_order(heads, _EXPIT_HEADING, line)
            return True
        if not _is_furniture(line.text):
            self._current = None
        return False

    def _add_expit(self, found: re.Match[str], line: Line) -> None:
        product, heads = self._current, self._expit or {}
        if product is None or product.expit_sums is not None or len(heads) != len(_EXPIT_HEADING):
            raise Unreadable("an ex-pit line under no product", line.where)
        delivery = cme.short_month(found[1], line.where)
        if delivery not in product.months or delivery in product.expit:
            raise Unreadable(
                f"an ex-pit line of {product.code} {found[1]}, which is no month of it or stands twice", line.where
            )
        if not self._edges:
            self._edges = [word.right for word in line.words()[1:]]
        product.expit[delivery] = tuple(None if cell == "---" else int(cell) for cell in found[2].split())

    def _add_sums(self, line: Line) -> None:
        """The totals of a product, each in the column above it; empty columns are left out."""
        product = self._current
        if product is None or product.expit_sums is not None:
            raise Unreadable("ex-pit totals under no product", line.where)
        sums: dict[int, int] = {}
        for word in line.words():
            place = min(range(len(self._edges)), key=lambda at: abs(self._edges[at] - word.right))
            if abs(self._edges[place] - word.right) > 6 or place in sums:
                raise Unreadable(f"the total {word.text} stands under no column", line.where)
            sums[place] = cme.count(word.text, line.where)
        product.expit_sums = sums


def _is_furniture(text: str) -> bool:
    return text in _FURNITURE or text.startswith(_FURNITURE_STARTS) or bool(_FURNITURE_PATTERN.fullmatch(text))


def _check_order(columns: dict[str, float], wanted: Sequence[str], line: Line) -> None:
    places = [columns[word] for word in wanted]
    if places != sorted(places):
        raise Unreadable(f"the columns are not in the known order {', '.join(wanted)}", line.where)


def _signed(text: str) -> int:
    return int(text.replace(" ", ""))


def _under(edges: Sequence[float], word: Word) -> int | None:
    """The column a word stands under, by their left edges, which are a column's width apart; None outside."""
    place = bisect_right(edges, word.left + 6) - 1
    return place if place >= 0 and word.left - edges[place] < 12 else None


def _month(found: re.Match[str], where: str) -> Month:
    """The columns of one line; a lone price is the bid that stands for the high or the ask that stands for the low."""
    lone, pair = found[5], found[7]
    change = None if found[10] == "NEW" else found[10]
    return Month(
        open=_price(found[2], where),
        high=_price(found[4], where) if pair or lone == "B" else None,
        high_flag="B" if lone == "B" or found[6] == "B" else "",
        low=_price(pair, where) if pair else _price(found[4], where) if lone == "A" else None,
        low_flag="A" if lone == "A" or found[8] == "A" else "",
        settle=_price(found[9], where),
        change=0.0 if change == "UNCH" else _price(change.replace(" ", ""), where) if change else None,
        is_new=found[10] == "NEW",
        globex=_volume(found[11]),
        pnt=_volume(found[12]),
        open_interest=int(found[13]),
        interest_change=0 if found[14] == "UNCH" else _signed(found[14]),
    )


def _price(text: str, where: str) -> float | None:
    return None if text == _DASHES else tables.number(text, where)


def _volume(text: str) -> int:
    return 0 if text == _DASHES else int(text)


def _last_trade(delivery: date, text: str, where: str) -> date:
    """The day `mm/dd` in or before the delivery month, at most eleven months."""
    try:
        month, day = (int(part) for part in text.split("/"))
        return date(delivery.year - (1 if month > delivery.month else 0), month, day)
    except ValueError:
        raise Unreadable(f"{show(text)} is no day", where) from None


def _check_expit(product: Product) -> None:
    """Raises Implausible where a printed total is not the sum of its months, or is missing."""
    sums = product.expit_sums or {}
    if not product.expit:
        return
    for place, column in enumerate(EXPIT):
        added = sum(cells[place] or 0 for cells in product.expit.values())
        printed = sums.get(place, 0)
        if printed != added and not (place == _BLOCKS and place not in sums):
            text = f"{product.code} ex-pit {column}: the total is {printed}, the months add up to {added}"
            raise Implausible(f"{text}; look at the file", product.where)


def _check_private(product: Product) -> str:
    """Raises Implausible where privately negotiated volume is not the sum of its kinds.

    Block trades at settlement are among the blocks; where those are blank they stand alone. E-mini gold has had such
    trades in its total and no line of a month: the sentence returned says so, else it is ''.
    """
    if not product.expit:
        pnt = sum(month.pnt for month in product.months.values())
        kinds = _kinds([(product.expit_sums or {}).get(place) for place in range(len(EXPIT))])
        _require_kinds(product, "in all", pnt, kinds)
        return f"{product.code}: {pnt} privately negotiated, no month of them in the ex-pit table" if pnt else ""
    for delivery, month in product.months.items():
        cells = product.expit.get(delivery, ())
        _require_kinds(product, f"{delivery:%b%y}", month.pnt, _kinds(cells))
        if cells and cells[_BLOCKS] is not None and (cells[_BLOCK_TAS] or 0) > (cells[_BLOCKS] or 0):
            text = f"{product.code} {delivery:%b%y}: more blocks at settlement than blocks; look at the file"
            raise Implausible(text, product.where)
    return ""


def _kinds(cells: Sequence[int | None]) -> int:
    if not cells:
        return 0
    blocks = cells[_BLOCK_TAS] if cells[_BLOCKS] is None else cells[_BLOCKS]
    return sum(cell or 0 for cell in cells[_PRIVATE]) + (blocks or 0)


def _require_kinds(product: Product, what: str, pnt: int, kinds: int) -> None:
    if pnt != kinds:
        text = f"{product.code} {what}: {pnt} privately negotiated, the kinds in the ex-pit table add up to {kinds}"
        raise Implausible(f"{text}; look at the file", product.where)
