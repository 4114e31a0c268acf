"""Facts of prices no exchange reports: spot quotes, shares and funds, figures a person enters."""

from typing import Final

from monitor.schema.table import Column, Table, published


def _price(name: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name, "DOUBLE", meaning, null=null, low=1e-4, high=1e7)


TABLES: Final = (
    Table(
        "spot_quote_rows",
        "Quotes of spot metal with their own moment and kind.",
        ("session", "metal", "provider", "quoted_at", "currency"),
        (
            Column("session", "DATE", "Trade date of the quote; the day turns at 17:00 New York."),
            Column("metal", "VARCHAR", "Metal.", among=("silver", "gold", "platinum", "palladium")),
            Column("provider", "VARCHAR", "Who quotes.", among=("gold-api.com", "metals.dev")),
            Column("quoted_at", "TIMESTAMP", "Moment of the quote, UTC."),
            _price("bid", "Price at which metal can be sold, currency per unit.", null=True),
            _price("ask", "Price at which metal can be bought, currency per unit.", null=True),
            _price("price", "The quote as printed, currency per unit."),
            Column(
                "spot_kind",
                "VARCHAR",
                "otc_quote (both sides named), auction, or derived (a vendor's figure of unknown making).",
                among=("otc_quote", "auction", "derived"),
            ),
            Column("currency", "VARCHAR", "Currency of the price."),
            Column("unit", "VARCHAR", "Unit of mass of the price.", among=("troy_oz", "gram", "kg")),
            *published(),
        ),
    ),
    Table(
        "bar_rows",
        "Daily prices of mining shares and bullion funds.",
        ("session", "symbol"),
        (
            Column("session", "DATE", "Trade date in New York."),
            Column("symbol", "VARCHAR", "Ticker, e.g. HL."),
            _price("open", "First price, currency per share.", null=True),
            _price("high", "Highest price, currency per share.", null=True),
            _price("low", "Lowest price, currency per share.", null=True),
            _price("close", "Last price, currency per share, splits taken out.", null=False),
            _price("adjusted_close", "Close with splits and dividends taken out, currency per share.", null=True),
            Column("volume", "BIGINT", "Shares traded; never a fund's holdings.", null=True, low=0, high=1e12),
            Column("currency", "VARCHAR", "Currency of the prices.", among=("USD",)),
            Column("adjusted_as_of", "TIMESTAMP", "Splits and dividends up to this moment are taken out, UTC."),
            *published(),
        ),
    ),
    Table(
        "manual_rows",
        "Figures without a feed, entered by a person with their source.",
        ("series", "session", "source_url"),
        (
            Column("series", "VARCHAR", "Series, one of monitor/tables/inbox_series.csv."),
            Column("session", "DATE", "Day the figure is of."),
            Column("value", "DOUBLE", "Figure, in unit; the mid where the file gives bid and ask alone."),
            Column("bid", "DOUBLE", "Price at which a dealer buys, in unit.", null=True),
            Column("ask", "DOUBLE", "Price at which a dealer sells, in unit.", null=True),
            Column("unit", "VARCHAR", "Unit of the figure, one the series allows."),
            Column(
                "tax_basis",
                "VARCHAR",
                "Whether value-added or sales tax is in the figure: inclusive, exclusive, unknown, or not_taxed.",
                among=("inclusive", "exclusive", "unknown", "not_taxed"),
            ),
            Column("source_url", "VARCHAR", "Page the figure was read from."),
            Column("note", "VARCHAR", "What the person remarked."),
            Column("received_at", "TIMESTAMP", "When the file came in, UTC: a later file corrects an earlier one."),
            *published(),
        ),
    ),
)
