"""Every captured file, without exception: a source reads it, or a sentence says why none does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from monitor.errors import BullionError, Unreadable
from monitor.inbox import identify
from monitor.model import Answer, Batch, Source
from monitor.sources import mcx_bhavcopy, registry
from monitor.validate import checked
from tests.captures import CAPTURES, needs_captures

pytestmark = [needs_captures, pytest.mark.captures]
LATER: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)

READ: Final = {
    "comex/stocks/*.xls": "comex_stocks",
    "comex/issues_stops/*.pdf": "comex_notices",
    "comex/issues_stops_ytd/*.pdf": "comex_notices_ytd",
    "comex/bulletin62/*.pdf": "comex_bulletin",
    "comex/volume_oi_json/*.json": "comex_volume",
    "comex/settlements_json/*_settlements_*.json": "comex_settlements",
    "comex/settlements_json/*_volume_[!e]*.json": "comex_volume",
    "comex/settle_flatfile/*.txt": "comex_settle_file",
    "china/shfe/dailystock_*.html": "shfe_warrants",
    "china/shfe/weeklystock_*.html": "shfe_weekly",
    "china/sge/sge_quotation_*.html": "sge_quotes",
    "china/mcx/*.csv": "mcx_bhavcopy",
    "world/cot/raw_disagg_*": "cftc_disaggregated",
    "world/cot/raw_legacy_*": "cftc_legacy",
    "world/etf/GLD_US_archive_*.csv": "gld_trust",
    "world/fixtures/nyfed_sofr_*.json": "nyfed_sofr",
    "world/fx/ecb_eurofxref*": "ecb_fx",
}
"""Files (the first line that fits counts) and the source that recognises them and reads rows from each."""

REFUSED: Final = {
    "world/fixtures/cftc_socrata_jun7-fc8e_239747_*.json": ("cftc_legacy", "not one of our five markets"),
    "world/fixtures/yahoo_chart_BZ=F_*.json": ("yahoo_bars", "is a future"),
    "world/fixtures/yahoo_chart_null_closes_*.json": ("yahoo_bars", "is a future"),
    "comex/settlements_json/*_volume_empty_*.json": ("comex_volume", "has no figures for 2020-07-22 yet"),
}
"""Files that are recognised and say nothing we may keep: the source, and what it answers."""

PASSED_OVER: Final = {
    "README.md": "The list of these files.",
    "comex/expected/*": "Answers computed from the files beside them.",
    "comex/settlements_json/*_trade_dates_*.json": "A list of dates for which CME offers settlements, without figures.",
    "china/shfe/kx_pm_rows_quoted.json": "Single rows quoted from two reports, read one by one in the sources' tests.",
    "china/shfe/*_sina_continuous_*.csv": "A series another site strings together from nearest contracts.",
    "china/shfe/*_barchart_hourly_*.csv": "Polls of a website, with its own conversion to dollars.",
    "china/shfe/shfe_copper_*.csv": "Totals that others copied from the exchange's pages.",
    "china/sge/*_close_daily.csv": "Closes that others copied from the exchange's chart.",
    "china/shanghai_inventory/*": "Recorded by a third party: shape, not truth.",
    "world/cot/cot_release_overrides_*": "Release dates written down by hand from the CFTC's notices.",
    "world/cot/cotflow_*": "A third party's table, futures and options combined without saying so.",
    "world/cot/edwin_*": "A third party's table of chosen columns.",
    "world/curve/*": "Curves republished by others, rounded or stitched.",
    "world/equities/*": "A third party's CSV of Yahoo's bars; the source reads Yahoo's own answers.",
    "world/spot/*": "Histories republished by others, with known errors.",
    "world/etf/*.db": "A third party's database of mixed readings.",
    "world/fixtures/ecb_sdmx_*.yml": "A recorded conversation with the ECB's other service, trimmed.",
    "world/margins/cme_*_transcribed.csv": "Changes written down by hand from advisories.",
    "world/margins/lean_*.csv": "A third party's table of dated margins; the source reads CME's own list.",
    "world/rates/*": "A third party's table joined from several publishers.",
    "world/vault/*": "The LBMA's figures in a third party's columns; the source reads the LBMA's own file.",
}
"""Files no source may claim, and why."""


@cache
def sources() -> tuple[Source, ...]:
    return tuple(registry.discover()[0].values())


@cache
def captured() -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(CAPTURES).as_posix() for path in CAPTURES.rglob("*") if path.is_file()))


def line_of(name: str) -> str | None:
    """The line of the table that speaks of this file."""
    return next((line for line in (*READ, *REFUSED, *PASSED_OVER) if fnmatch(name, line)), None)


def files_of(line: str) -> Iterator[tuple[str, bytes]]:
    """Name as the inbox sees it (folder and file), and bytes, of every file this line speaks of."""
    for name in captured():
        if line_of(name) == line:
            path = Path(name)
            yield f"{path.parent.name}/{path.name}", (CAPTURES / name).read_bytes()


def read(name: str, body: bytes, product: str | None = None) -> tuple[str, Batch]:
    source, hint = identify(body, name, sources(), product)
    return source.name, source.parse(Answer(body, name, LATER, hint=hint))


def test_every_captured_file_has_its_line() -> None:
    assert len(captured()) > 480
    assert [name for name in captured() if line_of(name) is None] == []


@pytest.mark.parametrize("line", READ)
def test_every_covered_file_is_recognised_by_its_one_source_and_gives_rows(line: str) -> None:
    found = 0
    for name, body in files_of(line):
        source, batch = read(name, body)
        assert source == READ[line], name
        frames = checked(batch.frames)
        assert frames, name
        assert all(frame.height for frame in frames.values()), name
        assert batch.rejects == (), name
        found += 1
    assert found


@pytest.mark.parametrize("line", REFUSED)
def test_a_file_without_anything_for_us_is_refused_with_the_reason(line: str) -> None:
    source, reason = REFUSED[line]
    for name, body in files_of(line):
        product = "SI" if source == "comex_volume" else None
        assert identify(body, name, sources(), product)[0].name == source
        with pytest.raises(BullionError, match=reason):
            read(name, body, product)


@pytest.mark.parametrize("line", PASSED_OVER)
def test_no_source_claims_what_is_no_publishers_file(line: str) -> None:
    assert len(PASSED_OVER[line].split()) > 3
    for name, body in files_of(line):
        with pytest.raises(Unreadable, match="no report we know"):
            identify(body, name, sources(), None)


# --- the names people and browsers give ---------------------------------------------------------


def renamed(name: str) -> Iterator[str]:
    folder, file = name.split("/")
    stem, dot, ending = file.rpartition(".")
    yield f"{folder}/{stem} (1){dot}{ending}"
    yield f"{folder}/{stem}(12){dot}{ending}"
    yield f"{folder}/Copy of {file}"
    yield f"{folder}/{stem.replace('_', ' ')} - Kopie{dot}{ending.upper()}"
    yield f"new folder/{stem.upper()}{dot}{ending}"


@pytest.mark.parametrize("line", READ)
def test_a_copy_under_another_name_is_the_same_report(line: str) -> None:
    name, body = next(files_of(line))
    wanted = identify(body, name, sources(), None)
    assert {identify(body, other, sources(), None) for other in renamed(name)} == {wanted}


# --- figures of the design pages that no source's own test quotes -------------------------------


def test_mcx_gold_of_february_2014_closed_at_28_974_on_6_january() -> None:
    body = (CAPTURES / "china/mcx/05FEB2014.csv").read_bytes()
    frame = checked(mcx_bhavcopy.parse(Answer(body, "05FEB2014.csv", LATER)).frames)["mcx_rows"]
    rows = {row["session"]: row["close"] for row in frame.iter_rows(named=True)}
    assert rows[date(2014, 1, 6)] == 28_974
