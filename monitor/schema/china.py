"""Facts of Shanghai: warrants and spot quotations."""

from typing import Final

from monitor.schema.table import METALS, Column, Table, published

TABLES: Final = (
    Table(
        "shfe_warrant_rows",
        "SHFE registered warrants by warehouse, with the page's subtotals and totals.",
        ("session", "metal", "region", "warehouse", "level"),
        (
            Column("session", "DATE", "Trade date of the page."),
            Column("metal", "VARCHAR", "Metal.", among=METALS),
            Column("region", "VARCHAR", "Region as printed; '' on total rows."),
            Column("warehouse", "VARCHAR", "Warehouse as printed; the printed label on subtotal and total rows."),
            Column("level", "VARCHAR", "warehouse, subtotal or total.", among=("warehouse", "subtotal", "total")),
            Column("quantity", "DOUBLE", "Metal under warrant, in unit.", low=0, high=5e8),
            Column("change", "DOUBLE", "Change the page prints, in unit.", null=True, low=-5e8, high=5e8),
            Column("unit", "VARCHAR", "kg for silver and gold, tonne for copper.", among=("kg", "tonne")),
            *published(),
        ),
    ),
    Table(
        "sge_quote_rows",
        "SGE daily quotations by contract.",
        ("session", "contract"),
        (
            Column("session", "DATE", "Trade date."),
            Column("contract", "VARCHAR", "Contract as printed, e.g. Ag(T+D)."),
            Column("open", "DOUBLE", "First price, CNY per unit.", null=True, low=0, high=1e8),
            Column("high", "DOUBLE", "Highest price, CNY per unit.", null=True, low=0, high=1e8),
            Column("low", "DOUBLE", "Lowest price, CNY per unit.", null=True, low=0, high=1e8),
            Column("close", "DOUBLE", "Last price, CNY per unit.", null=True, low=0, high=1e8),
            Column("change", "DOUBLE", "Change the page prints, CNY per unit.", null=True, low=-1e8, high=1e8),
            Column("change_pct", "DOUBLE", "Change the page prints, percent.", null=True, low=-100, high=1000),
            Column("weighted_average", "DOUBLE", "Volume-weighted price, CNY per unit.", null=True, low=0, high=1e8),
            Column("volume_kg", "DOUBLE", "Traded, kg.", null=True, low=0, high=1e9),
            Column("turnover_cny", "DOUBLE", "Turnover, CNY.", null=True, low=0, high=1e14),
            Column("open_interest_lots", "BIGINT", "Open contracts, lots.", null=True, low=0, high=1e9),
            Column(
                "delivery_direction",
                "VARCHAR",
                "Who pays the deferral fee: shorts_pay_longs (more takers than deliverers) or longs_pay_shorts.",
                null=True,
                among=("shorts_pay_longs", "longs_pay_shorts"),
            ),
            Column("delivery_lots", "BIGINT", "Delivered, lots.", null=True, low=0, high=1e9),
            Column(
                "unit",
                "VARCHAR",
                "Unit of mass of the price: kg for silver, gram for gold and platinum.",
                among=("kg", "gram"),
            ),
            *published(),
        ),
    ),
)
