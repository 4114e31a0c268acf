"""Homes that claims are tested on: the demo, the captured season, figures entered by hand, bars, and nothing at all."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from monitor import claimfile, claims, claimtext, sessions
from monitor.claimtext import Claim
from monitor.claimverdict import Finding, Outcome
from monitor.collect import gather
from monitor.demo import stage
from monitor.house import House
from tests import facts
from tests.captures import CAPTURES
from tests.factories.prices import QUOTED, ROW, entered
from tests.homes import house, offer

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
YES, MOVED, NO, OPEN = Outcome.AGREES, Outcome.ELSEWHERE, Outcome.CONTRADICTED, Outcome.UNKNOWN


@pytest.fixture(scope="module")
def squeeze(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home that holds every file of the demo, published."""
    with house(tmp_path_factory.mktemp("claims"), NOW) as opened:
        list(opened.collector.offer(gather(sorted(stage.BUNDLED.glob("files/*/*")), NOW), NOW))
        opened.publish(NOW)
        yield opened


@pytest.fixture(scope="module")
def claim_season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home that holds the captured silver of January and February, and the delivery notices of both."""
    comex = CAPTURES / "comex"
    files = [*comex.glob("stocks/2026-0[12]-*_Silver_stocks.xls"), *comex.glob("volume_oi_json/silver_2026-02-*.json")]
    files += [*comex.glob("volume_oi_json/*_2026-01-2[6-9].json"), *comex.glob("volume_oi_json/silver_2026-01-30.json")]
    files += [*comex.glob("issues_stops/2026-0[12]-*.pdf"), *comex.glob("issues_stops/2026-03-23_*.pdf")]
    with house(tmp_path_factory.mktemp("season"), NOW) as opened:
        list(opened.collector.offer(gather(sorted(files), NOW), NOW))
        yield opened


@pytest.fixture(scope="module")
def entered_by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home with figures as they were published, entered by hand; the addresses are made up.

    Spot silver at the ends of 2024 and 2025 and its high of 29 January (Stooq's daily bars), its low of 6 February
    (about 64, as reported), settlements of 26 January and 17 February (CME), a dealer's quote of 31 January, banks'
    positions of 6 January (CFTC).
    """
    rows = [
        ("price_silver", "2024-12-31", "28.9015"), ("price_silver", "2025-12-31", "71.6275"),
        ("price_silver", "2026-01-26", "115.08"), ("price_silver", "2026-02-17", "73.447"),
        ("high_silver", "2026-01-29", "121.643"), ("low_silver", "2026-02-06", "64"),
        ("low_silver", "2026-02-17", "72"),
        ("bank_silver_non_us_long", "2026-01-06", "0"), ("bank_silver_non_us_short", "2026-01-06", "41189"),
    ]  # fmt: skip
    cells = [
        ROW | {"series": series, "session": day, "value": value, "published_at": day}
        | {"unit": "lot" if series.startswith("bank") else "usd_per_troy_oz"}
        for series, day, value in rows
    ]  # fmt: skip
    with house(tmp_path_factory.mktemp("entered"), NOW) as opened:
        (outcome,) = offer(opened, [("figures.csv", entered(*cells, QUOTED))], NOW)
        assert (outcome.status, outcome.rows) == ("loaded", len(rows) + 1)
        yield opened


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home with invented bars: a miner at 26.54 under its high of 26.58, moving 0.8 times as much as the trust."""
    days = sessions.sessions("NYSE", date(2024, 12, 2), date(2026, 1, 20))[-300:]
    moves = [(0.001, -0.001, 0.0005, -0.0005)[number % 4] for number in range(len(days))]
    trust, miner = [50.0], [20.0]
    for move in moves[1:]:
        trust.append(trust[-1] * math.exp(move))
        miner.append(miner[-1] * math.exp(0.8 * move))
    scale = 26.54 / miner[-1]
    stamp = {"currency": "USD", "adjusted_as_of": NOW.replace(tzinfo=None)}
    bars: list[dict[str, object]] = [
        stamp | {"session": day, "symbol": symbol, "close": close, "high": close}
        for symbol, closes in (("SLV", trust), ("HL", [close * scale for close in miner]))
        for day, close in zip(days, closes, strict=True)
    ]
    bars[-3]["high"] = 26.58
    with house(tmp_path_factory.mktemp("shares"), NOW) as opened:
        facts.put(opened, "bar_rows", bars, sha="a" * 64)
        yield opened


@pytest.fixture(scope="module")
def spot_month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home into which the captured prices of the spot month since the end of 2024 were entered by hand."""
    with (CAPTURES / "world" / "spot" / "yahoo_SI_F_ohlcv_2000_2026-06.csv").open(encoding="utf-8", newline="") as file:
        bars = [row for row in csv.DictReader(file) if "2024-12-31" <= row["Date"] <= "2026-02-20"]
    cells = [
        ROW | {"series": f"{kind}_silver", "session": bar["Date"], "value": f"{float(bar[column]):.4f}"}
        | {"unit": "usd_per_troy_oz", "published_at": bar["Date"], "note": "spot month of COMEX"}
        for bar in bars
        for kind, column in (("price", "Close"), ("high", "High"), ("low", "Low"))
    ]  # fmt: skip
    with house(tmp_path_factory.mktemp("spot"), NOW) as opened:
        (outcome,) = offer(opened, [("figures.csv", entered(*cells))], NOW)
        assert outcome.rows == len(cells) > 800
        yield opened


def read(text: str) -> tuple[Claim, ...]:
    return claimtext.read(text, claimfile.words())


@pytest.fixture(scope="module")
def nothing_loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("empty"), NOW) as opened:
        yield opened


def findings(opened: House, text: str) -> list[Finding]:
    """What the command tests: each part, and the coverage two of them make."""
    parts = read(text)
    both = claims.ratio(*parts) if len(parts) == 2 else None
    return [claims.test(opened.store, c, NOW, opened.archive) for c in (*parts, *([both] if both else []))]


def one(opened: House, text: str) -> Finding:
    (found,) = findings(opened, text)
    return found
