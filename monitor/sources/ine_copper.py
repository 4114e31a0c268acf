"""INE bonded copper (BC): settlement, prices, volume and open interest by contract.

Publisher: Shanghai International Energy Exchange; venue INE; Asia/Shanghai; SHFE's trading days, at about 15:30.
One JSON file in SHFE's layout, `kx{YYYYMMDD}.dat`, read and proved by `kx`. Of its products only 铜(BC), code bc, is
read: CNY per tonne without VAT and duty, lots of 5 t. SHFE's copper (cu) includes VAT, so the two are not comparable
as printed.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from monitor.model import Answer, Ask, Batch, Due, Proof, Source
from monitor.sources import kx
from monitor.sources.kx import Exchange, Product

_SITE: Final = "https://www.ine.cn/data/tradedata/future/dailydata"
_FIRST: Final = date(2020, 11, 19)
_INE: Final = Exchange(venue="INE", name="INE", products={"bc": Product(5, "tonne", 10.0)})


def asks(day: date) -> tuple[Ask, ...]:
    """The file of `day`; nothing before 2020-11-19, the first day of bonded copper."""
    return (Ask("ine_copper", day, f"{_SITE}/kx{day:%Y%m%d}.dat"),) if day >= _FIRST else ()


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A futures file with bonded copper and none of SHFE's silver, gold and copper."""
    return kx.is_futures_file(body) and kx.is_ine(body)


def parse(answer: Answer) -> Batch:
    """Rows of open_interest_rows (final) and settlement_rows (final) of bc; raises what `kx.read` does."""
    return kx.read(answer, _INE)


SOURCE: Final = Source(
    name="ine_copper",
    title="INE bonded copper",
    publisher="Shanghai International Energy Exchange",
    venue=kx.CALENDAR,
    tables=("open_interest_rows", "settlement_rows"),
    due=Due(clock=kx.HOUR, zone=kx.ZONE, grace_minutes=120),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hosts=("www.ine.cn",),
    page="https://www.ine.cn/reports/statistical/daily/",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.ine.cn/",
    licence="none stated in the file",
    unit="CNY per tonne without VAT and duty; lots of 5 tonnes",
    history_start="2020-11-19",
    proof=Proof.DOCUMENTS,
    verified="No file of INE was read. The address is documented; that its file has SHFE's layout, the lot of 5 tonnes "
    "and prices without tax are known from documents only.",
)
