"""The demo's bundled files: what the factory writes, every figure with its source, nothing of a publisher's own."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator

import pytest

from monitor.demo import stage
from tests.captures import CAPTURES, needs_captures
from tests.factories.squeeze import bundle


def figures() -> Iterator[dict[str, str]]:
    with stage.FIGURES.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def bundled() -> dict[str, bytes]:
    """Path under `monitor/demo` -> bytes, of everything there that is no code."""
    return {
        path.relative_to(stage.BUNDLED).as_posix(): path.read_bytes()
        for path in stage.BUNDLED.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }


def test_the_bundled_files_are_what_the_factory_writes() -> None:
    """Byte for byte, no more and no fewer: `make demo-files` would change nothing."""
    assert bundled() == bundle()


def test_every_bundled_file_has_its_figures_and_its_arrival() -> None:
    """figures.csv and arrivals.csv name each file, and no file that is not there."""
    files = {path.removeprefix("files/") for path in bundled() if path.startswith("files/")}
    assert {row["file"] for row in figures()} == files
    assert sorted(name for _, name in stage.arrivals()) == sorted(files)


def test_every_figure_has_a_source_and_says_what_it_is() -> None:
    """Each is reported, derived or invented, with where from or why."""
    for row in figures():
        assert row["kind"] in {"reported", "derived", "invented"}, row
        assert row["source"], row
        assert row["what"], row


def test_the_bundle_is_small() -> None:
    """All of it stays below 700 kB."""
    assert sum(len(body) for body in bundled().values()) < 700_000


@needs_captures
def test_no_captured_file_is_bundled() -> None:
    """None of the publishers' own files is among ours."""
    captured = {hashlib.sha256(path.read_bytes()).hexdigest() for path in CAPTURES.rglob("*") if path.is_file()}
    ours = {hashlib.sha256(body).hexdigest() for body in bundled().values()}
    assert len(captured) > 100
    assert not captured & ours


@needs_captures
def test_reported_figures_are_as_the_captured_files_have_them() -> None:
    """Stock totals and open interest marked as reported equal those of the captured files."""
    expected = CAPTURES / "comex" / "expected"
    with (expected / "stocks_totals.csv").open() as file:
        stocks = {
            (row["activity_date"], f"{row['category']}: {name}"): float(row[column])
            for row in csv.DictReader(file) if row["metal"] == "silver"
            for name, column in (
                ("previous total", "prev_total"), ("received", "received"), ("withdrawn", "withdrawn"),
                ("adjustment", "adjustment"), ("total today", "total_today"),
            )
        }  # fmt: skip
    names = {"2026-03": "MAR 2026", "2026-05": "MAY 2026", "2026-07": "JUL 2026"}
    with (expected / "volume_oi_by_month.csv").open() as file:
        lots = {
            (row["trade_date"], f"{names[row['contract_month']]}: {name}"): float(row[column])
            for row in csv.DictReader(file) if row["product"] == "SI" and row["contract_month"] in names
            for name, column in (
                ("open interest", "open_interest"), ("change", "oi_change"), ("volume", "total_volume"),
                ("privately negotiated", "pnt_volume"),
            )
        }  # fmt: skip
    checked = 0
    for row in figures():
        known = {"comex_stocks": stocks, "comex_volume": lots}.get(row["file"].partition("/")[0])
        if known is not None and row["kind"] == "reported" and row["what"] != "update":
            assert float(row["value"]) == pytest.approx(known[row["date"], row["what"]], abs=0.0006), row
            checked += 1
    assert checked > 600
