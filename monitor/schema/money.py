"""Facts about money: exchange rates."""

from typing import Final

from monitor.schema.table import Column, Table, published

TABLES: Final = (
    Table(
        "fx_rows",
        "Reference exchange rates, quote currency per one base.",
        ("session", "base", "quote"),
        (
            Column("session", "DATE", "Date of the rate."),
            Column("base", "VARCHAR", "Base currency, e.g. EUR."),
            Column("quote", "VARCHAR", "Quoted currency, e.g. CNY."),
            Column("rate", "DOUBLE", "Quote currency per one base.", low=1e-6, high=1e7),
            *published(),
        ),
    ),
)
