"""The captured warehouse workbooks against their answers."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from functools import cache
from itertools import zip_longest

import polars as pl
import pytest

from monitor.model import Batch
from monitor.sources import biff, comex_settlements, comex_volume
from monitor.sources.comex_stocks import recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex import (
    Stock,
    Vault,
)
from tests.sources.stock_reports import KINDS, of, read

STOCKS = CAPTURES / "comex" / "stocks"


@cache
def captured() -> dict[str, Batch]:
    """Every captured workbook by file name, read as of the summer of 2026."""
    return {path.name: read(path.read_bytes(), datetime(2026, 6, 1, tzinfo=UTC)) for path in sorted(STOCKS.iterdir())}


def differences(answers: str, table: str) -> tuple[int, list[str]]:
    """How many rows were compared, and every one that differs, is missing or is too many."""
    with (CAPTURES / "comex" / "expected" / answers).open(encoding="utf-8") as file:
        wanted = list(csv.DictReader(file))
    expected = {tuple(row.values()) for row in wanted}
    assert len(expected) == len(wanted)
    found = set()
    for name, batch in captured().items():
        frame = batch.frames[table].rename({"session": "activity_date"})
        for row in frame.with_columns(source_file=pl.lit(f"stocks/{name}")).iter_rows(named=True):
            found.add(tuple("" if row[key] is None else str(row[key]) for key in wanted[0]))
    return len(expected), [f"- {row}" for row in expected - found] + [f"+ {row}" for row in found - expected]


@needs_captures
@pytest.mark.captures
def test_every_captured_depository_row_equals_its_answer() -> None:
    """213 workbooks, 10,197 rows, every number to the last digit."""
    assert differences("stocks_by_depository.csv", "comex_stock_rows") == (10_197, [])
    assert len(captured()) == 213


@needs_captures
@pytest.mark.captures
def test_every_captured_sum_equals_its_answer() -> None:
    """213 workbooks, 851 rows, every number to the last digit."""
    assert differences("stocks_totals.csv", "comex_stock_sums") == (851, [])


@needs_captures
@pytest.mark.captures
def test_every_captured_workbook_is_recognised_by_this_source_alone() -> None:
    """Content decides: the name given is a wrong one."""
    for path in STOCKS.iterdir():
        body = path.read_bytes()
        assert recognise(body, "x.json")
        assert not comex_volume.recognise(body, path.name)
        assert not comex_settlements.recognise(body, path.name)


@needs_captures
@pytest.mark.captures
def test_no_captured_workbook_has_a_text_that_is_new_to_us() -> None:
    """The usual wording, the gold note and the ghost cells under it make no notes."""
    assert [batch.notes for batch in captured().values() if batch.notes] == []


@needs_captures
@pytest.mark.captures
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("2026-01-06_Silver_stocks.xls", "silver"),
        ("2026-03-20_Gold_Stocks.xls", "gold"),
        ("2026-01-06_Copper_Stocks.xls", "copper"),
        ("2026-01-06_PA-PL_Stck_Rprt.xls", "pa-pl"),
    ],
)
def test_a_made_workbook_has_the_layout_of_the_captured_one(name: str, kind: str) -> None:
    """Made from the captured numbers, it has every text and every number in the captured cell."""
    (real,) = biff.read_workbook((STOCKS / name).read_bytes())
    body = KINDS[kind](*made_from(captured()[name]))
    (ours,) = biff.read_workbook(body)
    assert (ours.top, ours.left, len(ours.rows)) == (real.top, real.left, len(real.rows))
    for index, (left, right) in enumerate(zip(ours.rows, real.rows, strict=True)):
        if str(right[0]).startswith("Note:"):
            assert str(left[0]).startswith("Note:")
            continue
        for column, (one, other) in enumerate(zip_longest(left, right, fillvalue="")):
            both = isinstance(one, int | float) and isinstance(other, int | float)
            assert one == other or (both and abs(float(str(one)) - float(str(other))) < 0.01), real.at(index, column)


def made_from(batch: Batch) -> list[object]:
    """The arguments that make the workbook this batch was read from."""
    frame = batch.frames["comex_stock_rows"]
    given: list[object] = [frame["session"][0], frame["report_date"][0]]
    for metal in frame["metal"].unique(maintain_order=True):
        one = Batch({"comex_stock_rows": frame.filter(pl.col("metal") == metal)})
        vaults = {}
        for name in one.frames["comex_stock_rows"]["depository"].unique(maintain_order=True):
            lines = of(one, name)
            both = [
                Stock(*(lines[category][index] or 0.0 for index in (0, 1, 2, 4)))
                for category in ("registered", "eligible")
            ]
            memo = lines.get("pledged")
            vaults[name] = Vault(both[0], both[1], (memo[0] or 0.0, memo[5] or 0.0) if memo else None)
        given.append(vaults)
    return given
