"""Numbers of a warehouse report that are not believed.

Every workbook here is made up by `tests.factories.comex`.
"""

from __future__ import annotations

import pytest

from monitor.errors import Implausible
from monitor.sources import biff
from monitor.sources.comex_stocks import METALS
from tests.factories.comex import (
    SILVER,
    Stock,
    Vault,
    silver_stocks_xls,
)
from tests.sources.stock_reports import ACTIVITY, KINDS, REPORT, made, of, read


@pytest.mark.parametrize(
    ("place", "column", "says"),
    [
        ((13, 5), "F", "NET CHANGE of 'ASAHI DEPOSITORY LLC Registered' is 9.0, but RECEIVED - WITHDRAWN gives 500000"),
        ((13, 7), "H", r"TOTAL TODAY of .* but PREV TOTAL \+ NET CHANGE \+ ADJUSTMENT gives 31250000.25"),
        ((13, 6), "H", r"TOTAL TODAY of .* but PREV TOTAL \+ NET CHANGE \+ ADJUSTMENT gives 31500009.5"),
        ((15, 3), "F", "NET CHANGE of 'ASAHI DEPOSITORY LLC Total' is 500000.0, but RECEIVED - WITHDRAWN gives 9.0"),
    ],
)
def test_a_row_that_does_not_balance_is_refused_with_its_cell(place: tuple[int, int], column: str, says: str) -> None:
    """NET = RECEIVED - WITHDRAWN, TODAY = PREV + NET + ADJUSTMENT; the place is the one Excel shows."""
    with pytest.raises(Implausible, match=says) as error:
        read(made(cells={place: 9.0}))
    assert error.value.where == f"sheet 'Daily Metal Stocks Report', row {place[0] + 1}, column {column}"


SIX = [9.0, 9.0, 9.0, 0.0, 9.0, 18.0]
"""A row that balances in itself and belongs to nothing."""


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (15, r"'ASAHI DEPOSITORY LLC Total' is 9.0, but registered \+ eligible gives 37000000.5"),
        (13, r"'ASAHI DEPOSITORY LLC Total' is 37000000.5, but registered \+ eligible gives 6000009.0"),
        (32, r"'COMBINED TOTAL' is .*, but registered \+ eligible gives"),
        (34, r"'COMBINED TOTAL' is 9.0, but registered \+ eligible gives"),
    ],
)
def test_sums_that_do_not_hold_are_refused(row: int, says: str) -> None:
    """A depository's total, and the report's combined total, are registered and eligible together."""
    with pytest.raises(Implausible, match=says):
        read(made(cells={(row, 2 + index): value for index, value in enumerate(SIX)}))


@pytest.mark.parametrize(("first", "category"), [(32, "registered"), (33, "eligible")])
def test_the_reports_sums_are_those_of_its_depositories(first: int, category: str) -> None:
    """A sum and the combined total changed together still do not fit the depositories."""
    changed: dict[tuple[int, int], object] = {}
    sheet = biff.read_workbook(made())[0]
    for row in (first, 34):
        before = sheet.rows[row - sheet.top]
        for index, value in enumerate(SIX):
            printed = before[2 + index]
            assert isinstance(printed, float | int)
            changed[row, 2 + index] = printed + value
    with pytest.raises(Implausible, match=f"{category} of all depositories together gives") as error:
        read(made(cells=changed))
    assert error.value.where.endswith(f"row {first + 1}, column C")


def test_the_sum_of_pledged_is_that_of_its_depositories() -> None:
    """Previous and today of the memo rows add up as well."""
    body = made("gold")
    sheet = biff.read_workbook(body)[0]
    at = next(sheet.top + index for index, row in enumerate(sheet.rows) if row[0] == "TOTAL PLEDGED")
    with pytest.raises(Implausible, match=r"PREV TOTAL of 'TOTAL PLEDGED' is 1.0, but pledged of all depositories"):
        read(made("gold", cells={(at, 2): 1.0}))


def test_the_place_of_an_error_counts_leading_blank_rows_and_columns() -> None:
    """The reader drops them; Excel does not."""
    with pytest.raises(Implausible) as error:
        read(made(cells={(13, 7): 9.0}, blank_rows=5, blank_columns=2))
    assert error.value.where == "sheet 'Daily Metal Stocks Report', row 19, column J"


@pytest.mark.parametrize("value", [0.009, -0.009])
def test_float_dust_below_a_hundredth_is_no_error(value: float) -> None:
    """Sums of the publisher carry it in their last digits."""
    assert read(made(cells={(13, 7): 31_250_000.25 + value})).frames["comex_stock_rows"].height == 12


def test_dust_below_zero_is_zero() -> None:
    """A vault emptied by subtraction may print -0.0000001; more than a hundredth below zero is refused."""
    emptied = dict(SILVER) | {"MALCA-AMIT ARMORED, INC.": Vault(Stock(0.3, 0.0, 0.1 + 0.2), Stock(0.0))}
    batch = read(silver_stocks_xls(ACTIVITY, REPORT, emptied))
    assert Stock(0.3, 0.0, 0.1 + 0.2).six[5] < 0
    assert of(batch, "MALCA-AMIT ARMORED, INC.")["registered"][5] == 0.0


@pytest.mark.parametrize("stock", [Stock(-5.0), Stock(5.0, 0.0, 6.0), Stock(5.0, -1.0), Stock(5.0, 0.0, -1.0)])
def test_a_negative_stock_or_movement_is_refused(stock: Stock) -> None:
    """It balances, and is impossible all the same."""
    vaults = dict(SILVER) | {"MALCA-AMIT ARMORED, INC.": Vault(stock, Stock(100.0))}
    with pytest.raises(Implausible, match="of 'Registered' is -"):
        read(silver_stocks_xls(ACTIVITY, REPORT, vaults))


@pytest.mark.parametrize("column", range(2, 8))
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300])
def test_a_number_that_is_none_is_refused(value: float, column: int) -> None:
    """Not a number, infinite, absurd: nothing balances with them, in any column."""
    with pytest.raises(Implausible, match="of 'ASAHI DEPOSITORY LLC Registered' is "):
        read(made(cells={(13, column): value}))


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("factor", [1_000.0, 0.001])
def test_a_slip_of_three_digits_is_refused_in_every_metal(kind: str, factor: float) -> None:
    """Every identity still holds; the level is impossible."""
    with pytest.raises(Implausible, match="look at the unit"):
        read(made(kind, scale=factor))


def test_no_plausible_range_is_as_wide_as_a_factor_of_1000() -> None:
    """So that a slip of three digits from anywhere inside ends outside; the levels of 2026 lie well inside."""
    levels = {"silver": (316e6, 449e6), "gold": (29e6, 36e6), "platinum": (484e3, 645e3), "palladium": (211e3, 214e3)}
    for metal in METALS.values():
        assert metal.high / metal.low < 1_000
        low, high = levels.get(metal.name, (508e3, 633e3))
        assert metal.low * 3 < low < high < metal.high / 3
