"""Facts of Shanghai beside the daily warrants and quotations, and facts of India."""

from typing import Final

from monitor.schema.table import METALS, Column, Table, published

_MOST: Final = 5e8
_PRICE: Final = 1e9


def _price(name: str, meaning: str, *, null: bool = True) -> Column:
    return Column(name, "DOUBLE", meaning, null=null, low=0, high=_PRICE)


def _week(kind: str, what: str, aside: str = "") -> tuple[Column, ...]:
    return (
        Column(f"{kind}_last", "DOUBLE", f"{what} a week ago, in unit.", null=True, low=0, high=_MOST),
        Column(kind, "DOUBLE", f"{what}, in unit{aside}.", null=True, low=0, high=_MOST),
        Column(f"{kind}_change", "DOUBLE", f"{what}, change of the week, in unit.", null=True, low=-_MOST, high=_MOST),
    )


TABLES: Final = (
    Table(
        "shfe_weekly_rows",
        "SHFE weekly stocks, registered warrants and free capacity by warehouse, with the report's totals.",
        ("session", "metal", "region", "warehouse", "level"),
        (
            Column("session", "DATE", "Day of the report, the last session of its week."),
            Column("metal", "VARCHAR", "Metal.", among=METALS),
            Column("region", "VARCHAR", "Region as printed; '' on total rows."),
            Column("warehouse", "VARCHAR", "Warehouse as printed; the printed label on subtotal and total rows."),
            Column("level", "VARCHAR", "warehouse, subtotal or total.", among=("warehouse", "subtotal", "total")),
            *_week("stock", "Stock of deliverable grade (小计)", "; NULL for silver, which prints none"),
            *_week("warrants", "Stock under registered warrant (期货)"),
            *_week("capacity", "Free capacity (可用库容量)", "; room for more warrants, never stock"),
            Column("unit", "VARCHAR", "kg for silver and gold, tonne for copper.", among=("kg", "tonne")),
            *published(),
        ),
    ),
    Table(
        "member_position_rows",
        "Largest members by volume, long and short positions, by contract, with the report's totals.",
        ("session", "venue", "contract", "side", "rank"),
        (
            Column("session", "DATE", "Trade date."),
            Column("venue", "VARCHAR", "SHFE or INE.", among=("SHFE", "INE")),
            Column("product", "VARCHAR", "Exchange product code."),
            Column("contract", "VARCHAR", "Contract as printed, e.g. ag2612; agall for the whole product."),
            Column("delivery_month", "DATE", "First day of the delivery month; NULL for the whole product.", null=True),
            Column("rank", "BIGINT", "1 to 20; 999, 0 and -1 are totals.", low=-1, high=999),
            Column("side", "VARCHAR", "volume, long or short.", among=("volume", "long", "short")),
            Column("member_id", "VARCHAR", "Member's number; NULL on totals.", null=True),
            Column(
                "member",
                "VARCHAR",
                "Member as printed: a broker's seat with all its clients; NULL on totals.",
                null=True,
            ),
            Column("lots", "BIGINT", "Lots traded or held.", low=0, high=1e9),
            Column("change_lots", "BIGINT", "Change against the session before, lots.", null=True, low=-1e9, high=1e9),
            Column("is_total", "BOOLEAN", "True on ranks 999, 0 and -1, which must not be added to the members."),
            *published(),
        ),
    ),
    Table(
        "sge_history_rows",
        "SGE daily prices by contract, from the exchange's chart of the whole history.",
        ("session", "contract"),
        (
            Column("session", "DATE", "Trade date."),
            Column("contract", "VARCHAR", "Contract, e.g. Ag(T+D)."),
            _price("open", "First price, CNY per unit."),
            _price("high", "Highest price, CNY per unit."),
            _price("low", "Lowest price, CNY per unit."),
            _price("close", "Last price, CNY per unit.", null=False),
            Column("unit", "VARCHAR", "kg for silver, gram for gold and platinum.", among=("kg", "gram")),
            *published(),
        ),
    ),
    Table(
        "sge_benchmark_rows",
        "Shanghai gold and silver benchmark prices.",
        ("session", "metal", "fixing"),
        (
            Column("session", "DATE", "Day of the fixing."),
            Column("metal", "VARCHAR", "gold or silver.", among=METALS),
            Column("fixing", "VARCHAR", "morning or afternoon.", among=("morning", "afternoon")),
            _price("price", "Benchmark price, CNY per unit.", null=False),
            Column("unit", "VARCHAR", "gram for gold, kg for silver.", among=("kg", "gram")),
            *published(),
        ),
    ),
    Table(
        "sge_weekly_rows",
        "Metal in SGE's delivery vaults at the end of each week.",
        ("session", "metal"),
        (
            Column("session", "DATE", "Last day of the week reported."),
            Column("metal", "VARCHAR", "silver.", among=METALS),
            Column("last_week", "DOUBLE", "Stock a week before, kg.", low=0, high=_MOST),
            Column("change", "DOUBLE", "Change of the week, kg.", low=-_MOST, high=_MOST),
            Column("this_week", "DOUBLE", "Stock at the end of the week, kg.", low=0, high=_MOST),
            Column("unit", "VARCHAR", "kg.", among=("kg",)),
            *published(),
        ),
    ),
    Table(
        "mcx_rows",
        "MCX daily futures prices, volume and open interest by contract.",
        ("session", "symbol", "expiry"),
        (
            Column("session", "DATE", "Trade date."),
            Column("symbol", "VARCHAR", "Contract family, e.g. GOLD, SILVER, SILVERM."),
            Column("expiry", "DATE", "Last trading day of the contract."),
            _price("open", "First price, INR per price_quantity units; NULL without trades."),
            _price("high", "Highest price, INR per price_quantity units; NULL without trades."),
            _price("low", "Lowest price, INR per price_quantity units; NULL without trades."),
            _price(
                "close",
                "Closing price, carried over on a day without trades, INR per price_quantity units.",
                null=False,
            ),
            _price("previous_close", "Closing price the file prints for the session before."),
            Column("volume_lots", "BIGINT", "Contracts traded, lots.", low=0, high=1e9),
            Column(
                "volume_text", "VARCHAR", "Volume as printed in thousands of its own unit, e.g. 49.000 GRMS.", null=True
            ),
            Column("value", "DOUBLE", "Value traded, lakh (100,000) INR.", null=True, low=0, high=1e12),
            Column("open_interest", "BIGINT", "Open contracts, lots.", low=0, high=1e9),
            Column("price_quantity", "DOUBLE", "How many units the price is for: 10 for gold.", low=1, high=1_000),
            Column("unit", "VARCHAR", "gram for gold, kg for silver and copper.", among=("gram", "kg")),
            *published(),
        ),
    ),
    Table(
        "ibja_rows",
        "IBJA rates of gold and silver by fineness, without GST and making charges.",
        ("session", "metal", "fineness", "fixing"),
        (
            Column("session", "DATE", "Day of the rate."),
            Column("metal", "VARCHAR", "gold or silver.", among=METALS),
            Column(
                "fineness", "BIGINT", "Fineness in parts per thousand: 999, 995, 916, 750 or 585.", low=1, high=1_000
            ),
            Column("fixing", "VARCHAR", "morning (AM) or afternoon (PM).", among=("morning", "afternoon")),
            _price("price", "Rate, INR per price_quantity units.", null=False),
            Column("price_quantity", "DOUBLE", "How many units the rate is for: 10 for gold.", low=1, high=1_000),
            Column("unit", "VARCHAR", "gram for gold, kg for silver.", among=("gram", "kg")),
            *published(),
        ),
    ),
)
