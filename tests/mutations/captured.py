"""Specimens of captured files, read where they lie and never kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.mutations import workbooks
from tests.mutations.specimens import Specimen, csv_bytes, csv_of, plain


def specimens(folder: Path) -> Iterator[Specimen]:
    """One captured file of every source whose bytes can be taken apart, a few of the larger families."""
    for path in sorted((folder / "comex" / "stocks").glob("*2026-02-1*.xls"))[:8]:
        name, rows = workbooks.cells_of(path.read_bytes())
        head = next(at for at, row in enumerate(rows) if "PREV TOTAL" in row)
        write = workbooks.writer(name)
        yield Specimen("comex_stocks", path.name, "table", write(rows), rows=rows, head=head, write=write)
    for path in sorted((folder / "comex" / "volume_oi_json").rglob("*.json"))[:6]:
        hint = "GC" if "437" in str(path) or "gold" in str(path).lower() else "SI"
        yield Specimen("comex_volume", path.name, "json", path.read_bytes(), hint=hint)
    for path in (folder / "comex" / "settlements_json").glob("*settle*.json"):
        yield Specimen("comex_settlements", path.name, "json", path.read_bytes())
    for path in sorted((folder / "comex" / "settle_flatfile").iterdir()):
        text = path.read_text().splitlines()
        yield Specimen("comex_settle_file", path.name, "lines", plain([text]), pages=[text], write=plain)
    yield from _pages(folder / "china")
    for path in sorted((folder / "china" / "mcx").glob("*.csv"))[:1]:
        rows = csv_of(path.read_bytes())[:60]
        yield Specimen("mcx_bhavcopy", path.name, "table", csv_bytes(rows), rows=rows, write=csv_bytes)
    sofr = folder / "world" / "fixtures" / "nyfed_sofr_search_2024-06.json"
    yield Specimen("nyfed_sofr", sofr.name, "json", sofr.read_bytes())


def _pages(folder: Path) -> Iterator[Specimen]:
    names = {
        "shfe_warrants": "shfe/dailystock_20260918_ZH_excerpt.html",
        "shfe_weekly": "shfe/weeklystock_20260918_ZH_excerpt.html",
        "sge_quotes": "sge/sge_quotation_daily_new_20260227_http_noscript.html",
    }
    for source, name in names.items():
        yield Specimen(source, name, "page", (folder / name).read_bytes())
