"""A million made-up facts, put into the store directly: what takes years to collect."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import polars as pl

from monitor.store import Store, insert

MILLION: Final = 1_000_000
_PAIRS: Final = 50
_FIRST: Final = date(1999, 1, 4)
_LOADED: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - storage form is naive UTC


def fill(store: Store, rows: int = MILLION) -> None:
    """Half the rows are exchange rates, half are settlements, each as from a file a day."""
    rates = _days(rows // 2).select(
        "session",
        base=pl.lit("EUR"),
        quote=pl.format("C{}", pl.col("n")),
        rate=_spread(1) + 0.5,
        published_at=pl.col("session").cast(pl.Datetime("us")) + pl.duration(hours=15),
        published_assumed=pl.lit(value=False),
        raw_sha256=pl.format("{}-rates", pl.col("session")).hash(1).cast(pl.String).str.pad_start(64, "0"),
    )
    prices = _days(rows - rows // 2).select(
        "session",
        venue=pl.lit("COMEX"),
        product=pl.lit("SI"),
        delivery_month=pl.date(2030, 1, 1).dt.offset_by(pl.format("{}mo", pl.col("n"))),
        status=pl.lit("final"),
        settle=_spread(2) + 20,
        open=_spread(3) + 20,
        high=_spread(4) + 40,
        low=_spread(5) + 10,
        volume=pl.col("at").hash(6).mod(70_001).cast(pl.Int64),
        currency=pl.lit("USD"),
        unit=pl.lit("troy_oz"),
        published_at=pl.col("session").cast(pl.Datetime("us")) + pl.duration(hours=23),
        published_assumed=pl.lit(value=False),
        raw_sha256=pl.format("{}-prices", pl.col("session")).hash(1).cast(pl.String).str.pad_start(64, "0"),
    )
    with store.transaction() as cur:
        insert(cur, "fx_rows", rates, source="made_up", loaded_at=_LOADED)
        insert(cur, "settlement_rows", prices, source="made_up", loaded_at=_LOADED)


def touch(store: Store, number: int) -> None:
    """One more fact, so that a checkpoint has something to fold in."""
    with store.transaction() as cur:
        cur.execute(
            "insert into fx_rows values (?, 'EUR', 'USD', 1.1, ?, false, 'made_up', ?, ?)",
            [_FIRST, _LOADED, f"{number:064}", _LOADED],
        )


def _spread(seed: int) -> pl.Expr:
    """Numbers of five decimals that do not repeat, so that they compress as badly as real prices do."""
    return pl.col("at").hash(seed).mod(1_000_003) / 100_000


def _days(rows: int) -> pl.DataFrame:
    """`rows` rows, 50 a day from 1999 on: position `at`, number in the day `n`, `session`."""
    return pl.DataFrame({"at": pl.int_range(rows, eager=True)}).with_columns(
        n=pl.col("at") % _PAIRS, session=pl.lit(_FIRST) + pl.duration(days=pl.col("at") // _PAIRS)
    )
