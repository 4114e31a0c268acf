"""Facts of the world outside the exchanges' own reports: London, positioning, interest rates, funds."""

from typing import Final

from monitor.schema.table import METALS, Column, Table, published


def _lots(name: str, meaning: str) -> Column:
    return Column(name, "BIGINT", f"{meaning}, lots.", null=True, low=0, high=5e7)


def _sides(name: str, who: str, *, spread: bool = True) -> tuple[Column, ...]:
    """Long, short and, where the report has it, spread positions of one group of traders."""
    sides = (_lots(f"{name}_long", f"{who}: long"), _lots(f"{name}_short", f"{who}: short"))
    if not spread:
        return sides
    return (*sides, _lots(f"{name}_spread", f"{who}: long and short at once, in different months"))


def _concentration(kind: str, count: int) -> tuple[Column, ...]:
    word = {"gross": "longs and shorts counted apart", "net": "each trader's longs less shorts"}[kind]
    return tuple(
        Column(
            f"conc_{kind}_{count}_{side}",
            "DOUBLE",
            f"Share of the {count} largest traders on the {side} side, {word}, percent of open interest.",
            null=True,
            low=0,
            high=100,
        )
        for side in ("long", "short")
    )


TABLES: Final = (
    Table(
        "lbma_price_rows",
        "LBMA auction prices, as the London market prints them; licensed, never shipped.",
        ("session", "metal", "fixing", "currency"),
        (
            Column("session", "DATE", "Day of the auction."),
            Column("metal", "VARCHAR", "Metal.", among=("gold", "silver", "platinum", "palladium")),
            Column("fixing", "VARCHAR", "am or pm; noon for silver, which has one.", among=("am", "pm", "noon")),
            Column("currency", "VARCHAR", "Currency of the price.", among=("USD", "GBP", "EUR")),
            Column("price", "DOUBLE", "Price per troy ounce, in currency.", low=0.1, high=1e5),
            *published(),
        ),
    ),
    Table(
        "vault_holding_rows",
        "Metal in London vaults at the end of a month, funds' and customers' metal included.",
        ("session", "venue", "metal"),
        (
            Column("session", "DATE", "Last London session of the month."),
            Column("venue", "VARCHAR", "LBMA.", among=("LBMA",)),
            Column("metal", "VARCHAR", "Metal.", among=("gold", "silver")),
            Column("quantity", "DOUBLE", "Metal held, in unit.", low=1e4, high=1e7),
            Column("unit", "VARCHAR", "koz: a thousand troy ounces, as printed.", among=("koz",)),
            *published(),
        ),
    ),
    Table(
        "cot_rows",
        "CFTC Commitments of Traders by market: positions of each group, and concentration.",
        ("session", "report", "scope", "market_code"),
        (
            Column("session", "DATE", "Date of the positions, usually a Tuesday."),
            Column("report", "VARCHAR", "disaggregated or legacy.", among=("disaggregated", "legacy")),
            Column(
                "scope",
                "VARCHAR",
                "futures: futures alone; combined: with options as their equivalent in futures. Never to be mixed.",
                among=("futures", "combined"),
            ),
            Column("market_code", "VARCHAR", "CFTC contract market code, e.g. 084691."),
            Column("metal", "VARCHAR", "Metal.", among=METALS),
            Column("open_interest", "BIGINT", "Open contracts, lots.", low=0, high=5e7),
            *_sides("prod_merc", "Producers, merchants, processors and users", spread=False),
            *_sides("swap", "Swap dealers"),
            *_sides("m_money", "Managed money"),
            *_sides("other_rept", "Other reportable traders"),
            *_sides("noncomm", "Non-commercial traders"),
            *_sides("comm", "Commercial traders", spread=False),
            *_sides("tot_rept", "All reportable traders, spreads on both sides", spread=False),
            *_sides("nonrept", "Traders too small to report", spread=False),
            *_concentration("gross", 4),
            *_concentration("gross", 8),
            *_concentration("net", 4),
            *_concentration("net", 8),
            Column("traders_total", "BIGINT", "Reportable traders.", null=True, low=0, high=1e5),
            *published(),
        ),
    ),
    Table(
        "rate_rows",
        "Interest rates in dollars, as published.",
        ("session", "series"),
        (
            Column("session", "DATE", "Date the rate is of."),
            Column(
                "series", "VARCHAR", "SOFR, DGS1MO, DGS3MO or DGS6MO.", among=("SOFR", "DGS1MO", "DGS3MO", "DGS6MO")
            ),
            Column("percent", "DOUBLE", "Rate, percent a year on basis.", low=-5, high=30),
            Column(
                "basis",
                "VARCHAR",
                "How days are counted: ACT/360 for SOFR; bond-equivalent for Treasury yields of constant maturity.",
                among=("ACT/360", "bond-equivalent"),
            ),
            Column("revision", "VARCHAR", "Publisher's mark of a revised figure; '' where there is none."),
            *published(),
        ),
    ),
    Table(
        "fund_rows",
        "Bullion funds: holdings, shares and values, each figure with its own date.",
        ("session", "fund", "measure"),
        (
            Column("session", "DATE", "Date of the figure, the same as as_of."),
            Column("fund", "VARCHAR", "SLV or GLD.", among=("SLV", "GLD")),
            Column(
                "measure",
                "VARCHAR",
                "ounces, tonnes, shares, ounces_per_share, nav, net_assets, close, indicative, mid, premium, volume or "
                "distribution.",
                among=(
                    "ounces",
                    "tonnes",
                    "shares",
                    "ounces_per_share",
                    "nav",
                    "net_assets",
                    "close",
                    "indicative",
                    "mid",
                    "premium",
                    "volume",
                    "distribution",
                ),
            ),
            Column("value", "DOUBLE", "The figure, in unit.", low=-100, high=1e13),
            Column(
                "unit",
                "VARCHAR",
                "Unit of the value.",
                among=("troy_oz", "tonne", "share", "troy_oz/share", "USD/share", "USD", "percent"),
            ),
            Column("as_of", "DATE", "Date the publisher prints beside the figure; ounces may lag shares by a day."),
            *published(),
        ),
    ),
)
