"""Facts of the exchanges: stocks, open interest, settlements."""

from typing import Final

from monitor.schema.table import METALS, UNITS, Column, Table, published

_STOCK_NUMBERS: Final = (
    Column("prev_total", "DOUBLE", "Stock at the end of the previous activity date, in unit.", low=0, high=2e9),
    Column("received", "DOUBLE", "Received during the session, in unit.", null=True, low=0, high=2e9),
    Column("withdrawn", "DOUBLE", "Withdrawn during the session, in unit.", null=True, low=0, high=2e9),
    Column("net_change", "DOUBLE", "Received minus withdrawn, in unit.", null=True, low=-2e9, high=2e9),
    Column("adjustment", "DOUBLE", "Re-classification and correction, in unit.", null=True, low=-2e9, high=2e9),
    Column("total_today", "DOUBLE", "Stock at the end of the session, in unit.", low=0, high=2e9),
)

TABLES: Final = (
    Table(
        "comex_stock_rows",
        "COMEX and NYMEX warehouse stocks by depository and category.",
        ("session", "metal", "depository", "category"),
        (
            Column("session", "DATE", "Activity date."),
            Column("report_date", "DATE", "Date of the report, usually the next business day."),
            Column("metal", "VARCHAR", "Metal.", among=METALS),
            Column("depository", "VARCHAR", "Depository (for copper: city) as printed, trimmed."),
            Column(
                "category",
                "VARCHAR",
                "registered, pledged (a memo inside registered), eligible, or total.",
                among=("registered", "pledged", "eligible", "total"),
            ),
            *_STOCK_NUMBERS,
            Column("unit", "VARCHAR", "Unit of the quantities.", among=("troy_oz", "short_ton")),
            *published(),
        ),
    ),
    Table(
        "comex_stock_sums",
        "COMEX and NYMEX warehouse stocks: the report's own total rows.",
        ("session", "metal", "category"),
        (
            Column("session", "DATE", "Activity date."),
            Column("report_date", "DATE", "Date of the report."),
            Column("metal", "VARCHAR", "Metal.", among=METALS),
            Column(
                "category",
                "VARCHAR",
                "registered, pledged (a memo inside registered), eligible, or total.",
                among=("registered", "pledged", "eligible", "total"),
            ),
            *_STOCK_NUMBERS,
            Column("unit", "VARCHAR", "Unit of the quantities.", among=("troy_oz", "short_ton")),
            *published(),
        ),
    ),
    Table(
        "open_interest_rows",
        "Open interest and volume by contract month, every version kept.",
        ("venue", "product", "delivery_month", "session"),
        (
            Column("venue", "VARCHAR", "COMEX, NYMEX, SHFE or INE."),
            Column("product", "VARCHAR", "Exchange product code, e.g. SI, ag."),
            Column("delivery_month", "DATE", "First day of the delivery month."),
            Column("session", "DATE", "Trade date."),
            Column(
                "status", "VARCHAR", "preliminary or final, as far as the file tells.", among=("preliminary", "final")
            ),
            Column("open_interest", "BIGINT", "Open contracts at the end of the session, lots.", low=0, high=5e7),
            Column(
                "open_interest_change",
                "BIGINT",
                "Change against the previous session's final figure, lots.",
                null=True,
                low=-5e7,
                high=5e7,
            ),
            Column("volume", "BIGINT", "Contracts traded, lots.", null=True, low=0, high=1e8),
            Column(
                "globex_volume", "BIGINT", "Of these, traded on the electronic book, lots.", null=True, low=0, high=1e8
            ),
            Column("pnt_volume", "BIGINT", "Of these, privately negotiated, lots.", null=True, low=0, high=1e8),
            Column("block_volume", "BIGINT", "Of these, block trades, lots.", null=True, low=0, high=1e8),
            Column("efp_volume", "BIGINT", "Of these, exchange for physical, lots.", null=True, low=0, high=1e8),
            Column(
                "deliveries",
                "BIGINT",
                "Deliveries the file prints, lots; no marker of its status.",
                null=True,
                low=0,
                high=1e7,
            ),
            *published(),
        ),
    ),
    Table(
        "settlement_rows",
        "Settlement and day prices by contract month.",
        ("venue", "product", "delivery_month", "session"),
        (
            Column("venue", "VARCHAR", "COMEX, NYMEX, SHFE or INE."),
            Column("product", "VARCHAR", "Exchange product code."),
            Column("delivery_month", "DATE", "First day of the delivery month."),
            Column("session", "DATE", "Trade date."),
            Column("status", "VARCHAR", "preliminary or final.", among=("preliminary", "final")),
            Column("settle", "DOUBLE", "Settlement price, currency per unit.", low=-1e5, high=1e8),
            Column("open", "DOUBLE", "First price.", null=True, low=-1e5, high=1e8),
            Column("high", "DOUBLE", "Highest price.", null=True, low=-1e5, high=1e8),
            Column("low", "DOUBLE", "Lowest price.", null=True, low=-1e5, high=1e8),
            Column("close", "DOUBLE", "Last price of the day session.", null=True, low=-1e5, high=1e8),
            Column("previous_settle", "DOUBLE", "Settlement of the session before.", null=True, low=-1e5, high=1e8),
            Column("volume", "BIGINT", "Contracts traded, lots, as this file prints it.", null=True, low=0, high=1e8),
            Column("prior_session", "DATE", "The session prior_open_interest belongs to.", null=True),
            Column(
                "prior_open_interest",
                "BIGINT",
                "Open interest the file prints, of prior_session, lots.",
                null=True,
                low=0,
                high=5e7,
            ),
            Column("currency", "VARCHAR", "USD or CNY.", among=("USD", "CNY", "INR")),
            Column("unit", "VARCHAR", "Unit of mass the price is for.", among=UNITS),
            *published(),
        ),
    ),
)
