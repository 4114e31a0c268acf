"""SHFE daily futures report: settlement, prices, volume and open interest of silver, gold and copper contracts.

Publisher: Shanghai Futures Exchange; venue SHFE; Asia/Shanghai; every trading day at about 15:30.
One JSON file, `kx{YYYYMMDD}.dat`; `kx` reads and proves it. Prices are CNY per kg (ag), gram (au), tonne
(cu), VAT included; lots are 15 kg, 1,000 g, 5 t.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import kx
from monitor.sources.kx import Exchange, Product

_SITE: Final = "https://www.shfe.com.cn/data/tradedata/future/dailydata"
_FIRST: Final = date(2002, 1, 7)
_SHFE: Final = Exchange(
    venue="SHFE",
    name="SHFE",
    products={
        "ag": Product(15, "kg", 1.0),
        "au": Product(1_000, "gram", 0.02),
        "cu": Product(5, "tonne", 10.0),
    },
)


def asks(day: date) -> tuple[Ask, ...]:
    """The file of `day`; nothing before 2002-01-07."""
    return (Ask("shfe_daily", day, f"{_SITE}/kx{day:%Y%m%d}.dat"),) if day >= _FIRST else ()


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """The futures file of SHFE; neither INE's, which has bonded copper and none of these, nor the options file."""
    return kx.is_futures_file(body) and not kx.is_ine(body)


def parse(answer: Answer) -> Batch:
    """Rows of open_interest_rows (final) and settlement_rows (final) of ag, au and cu; raises what `kx.read` does."""
    return kx.read(answer, _SHFE)


SOURCE: Final = Source(
    name="shfe_daily",
    title="SHFE daily futures report",
    publisher="Shanghai Futures Exchange",
    venue="SHFE",
    tables=("open_interest_rows", "settlement_rows"),
    due=Due(clock=kx.HOUR, zone=kx.ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hosts=("www.shfe.com.cn", "www.shfe.cn"),
    page="https://www.shfe.com.cn/reports/tradedata/dailyandweeklydata/",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.shfe.com.cn/",
    licence="none stated in the file",
    unit="CNY per kg (ag), gram (au), tonne (cu); lots",
    history_start="2002-01-07",
    proof=Proof.QUOTED,
    verified="Layout known from documents and single quoted rows only; no whole file was read.",
)
