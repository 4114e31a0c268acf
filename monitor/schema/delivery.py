"""Facts of CME's printed reports: delivery notices, the metals bulletin, margins."""

from typing import Final

from monitor.schema.table import Column, Table, published

_SESSION: Final = Column("session", "DATE", "Business date of the report, on which intent was declared.")
_VENUE: Final = Column("venue", "VARCHAR", "COMEX or NYMEX.", among=("COMEX", "NYMEX"))
_CONTRACT: Final = (
    Column("contract", "VARCHAR", "Contract as printed, e.g. MARCH 2026 COMEX 5000 SILVER FUTURES."),
    Column("product", "VARCHAR", "Exchange product code, e.g. SI; NULL where the name is not known.", null=True),
    Column("delivery_month", "DATE", "First day of the delivery month."),
)
_FIRM: Final = (
    Column("firm_id", "VARCHAR", "Clearing firm's number as printed, leading zeros kept."),
    Column("account", "VARCHAR", "customer or house.", among=("customer", "house")),
    Column("firm", "VARCHAR", "Clearing firm's name as printed, cut at 20 characters."),
)
_RUN_TIME: Final = Column("run_time", "TIMESTAMP", "Run date and time of the report, UTC.", null=True)
_STATUS: Final = Column("status", "VARCHAR", "preliminary or final.", among=("preliminary", "final"))


def _lots(name: str, meaning: str, *, null: bool = False, high: float = 1e8) -> Column:
    return Column(name, "BIGINT", f"{meaning}, lots.", null=null, low=0, high=high)


def _price(name: str, meaning: str) -> Column:
    return Column(name, "DOUBLE", f"{meaning}, in the contract's own currency and unit.", null=True, low=-1e5, high=1e8)


def _flag(name: str, of: str) -> Column:
    meaning = f"B where the {of} is a bid, A where it is an ask, as printed; '' for a trade or none."
    return Column(name, "VARCHAR", meaning, among=("", "A", "B"))


def _off_exchange(name: str, meaning: str) -> Column:
    return _lots(name, f"{meaning}; NULL where dashes stand", null=True)


_DELIVERY: Final = (
    Table(
        "delivery_notice_rows",
        "Delivery notices of one day by contract, clearing firm and account.",
        ("session", "venue", "contract", "firm_id", "account"),
        (
            _SESSION,
            _VENUE,
            *_CONTRACT,
            *_FIRM,
            _lots("issued", "Notices issued, that is metal delivered; 0 where blank", high=1e7),
            _lots("stopped", "Notices stopped, that is metal taken; 0 where blank", high=1e7),
            Column("intent_date", "DATE", "Day on which intent was declared."),
            Column("delivery_date", "DATE", "Day of delivery, two business days after intent."),
            _RUN_TIME,
            *published(),
        ),
    ),
    Table(
        "delivery_total_rows",
        "Delivery notices of one day by contract: the report's own totals.",
        ("session", "venue", "contract"),
        (
            _SESSION,
            _VENUE,
            *_CONTRACT,
            Column("settlement", "DOUBLE", "Settlement price the report prints, USD.", null=True, low=-1e5, high=1e8),
            _lots("issued", "Notices issued", high=1e7),
            _lots("stopped", "Notices stopped", high=1e7),
            _lots("month_to_date", "Notices of this contract since its first intent day", high=1e7),
            Column("intent_date", "DATE", "Day on which intent was declared."),
            Column("delivery_date", "DATE", "Day of delivery; NULL where not printed.", null=True),
            _RUN_TIME,
            *published(),
        ),
    ),
    Table(
        "delivery_ytd_rows",
        "Delivery notices by product, clearing firm, account and contract month, December before the year included.",
        ("session", "venue", "product_name", "firm_id", "account", "delivery_month"),
        (
            Column("session", "DATE", "Business date up to which the report counts."),
            _VENUE,
            Column("product_name", "VARCHAR", "Product as printed, e.g. COMEX 5000 SILVER FUTURES."),
            Column("product", "VARCHAR", "Exchange product code; NULL where the name is not known.", null=True),
            *_FIRM,
            Column("delivery_month", "DATE", "First day of the contract month."),
            _lots("issued", "Notices issued", high=1e7),
            _lots("stopped", "Notices stopped", high=1e7),
            _RUN_TIME,
            *published(),
        ),
    ),
)

_BULLETIN: Final = (
    Table(
        "bulletin_rows",
        "Metals section of the daily bulletin: every printed column by contract month.",
        ("venue", "product", "delivery_month", "session"),
        (
            _VENUE,
            Column("product", "VARCHAR", "Product code as printed."),
            Column("product_name", "VARCHAR", "Product name as printed."),
            Column("delivery_month", "DATE", "First day of the delivery month."),
            Column("session", "DATE", "Trade date of the bulletin."),
            _STATUS,
            Column("bulletin_number", "BIGINT", "Number as printed; two bulletins may share one.", low=0, high=999),
            _price("open", "First price"),
            _price("high", "Highest price"),
            _flag("high_flag", "high"),
            _price("low", "Lowest price"),
            _flag("low_flag", "low"),
            _price("settle", "Settlement price"),
            _price("change", "Change of the settlement; 0 for UNCH, NULL for NEW"),
            Column("is_new", "BOOLEAN", "True where NEW stands for the change: the month was just listed."),
            _lots("globex_volume", "Traded on the electronic book; 0 where dashes stand"),
            _lots("pnt_volume", "Privately negotiated; 0 where dashes stand"),
            _lots("open_interest", "Open contracts", high=5e7),
            Column(
                "open_interest_change",
                "BIGINT",
                "Change against the final figure of the session before, lots; 0 for UNCH.",
                low=-5e7,
                high=5e7,
            ),
            Column("last_trade", "DATE", "Last trade date the bulletin lists; NULL where it lists none.", null=True),
            *published(),
        ),
    ),
    Table(
        "bulletin_expit_rows",
        "Ex-pit breakdown of the daily bulletin by contract month: deliveries and trades off the book.",
        ("venue", "product", "delivery_month", "session"),
        (
            _VENUE,
            Column("product", "VARCHAR", "Product code."),
            Column("delivery_month", "DATE", "First day of the delivery month."),
            Column("session", "DATE", "Trade date of the bulletin."),
            _STATUS,
            _off_exchange("deliveries_daily", "Notices of the business day before, blank in final editions"),
            _off_exchange("deliveries_month_to_date", "Notices since the first of the calendar month"),
            _off_exchange("efp", "Exchange for physical"),
            _off_exchange("efs", "Exchange for swap"),
            _off_exchange("subs", "Substitutions"),
            _off_exchange("efm", "EFM as printed"),
            _off_exchange("efr", "Exchange for risk"),
            _off_exchange("efb", "EFB as printed"),
            _off_exchange("blocks", "Block trades"),
            _off_exchange("block_tas", "Block trades at settlement"),
            _off_exchange("tas", "Trades at settlement"),
            *published(),
        ),
    ),
)

_MARGIN: Final = (
    Table(
        "margin_rows",
        "Margins of one product and range of contract months, as CME lists them.",
        ("session", "venue", "product", "product_name", "start_month", "end_month", "kind"),
        (
            Column("session", "DATE", "Day of which the list is: in the file's name, else the day it was fetched."),
            _VENUE,
            Column("product", "VARCHAR", "Clearing code of the product as printed, e.g. SI."),
            Column("product_name", "VARCHAR", "Product name as printed."),
            Column("start_month", "DATE", "First contract month of the range."),
            Column("end_month", "DATE", "Last contract month of the range."),
            Column("kind", "VARCHAR", "maintenance.", among=("maintenance",)),
            Column("value", "DOUBLE", "Margin, in unit.", low=0, high=1e7),
            Column(
                "unit",
                "VARCHAR",
                "usd_per_contract, or pct_notional: percent of the contract's value.",
                among=("usd_per_contract", "pct_notional"),
            ),
            Column(
                "volatility_scan_pct",
                "DOUBLE",
                "Volatility scan, percent: a move of volatility, not a margin.",
                null=True,
                low=0,
                high=1e4,
            ),
            *published(),
        ),
    ),
)

TABLES: Final = (*_DELIVERY, *_BULLETIN, *_MARGIN)
