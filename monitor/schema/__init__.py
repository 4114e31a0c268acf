"""The fact tables: columns, types, units, keys and plausible ranges.

A fact is identified by (its table's key, raw_sha256). `sql/schema` creates these tables and a test holds the
two descriptions together; `validate.py` holds every frame to this one.
"""

from typing import Final

from monitor.schema import asia, china, delivery, exchange, money, prices, world
from monitor.schema.table import METALS, STAMPS, UNITS, Column, Table

__all__ = ["METALS", "STAMPS", "TABLES", "UNITS", "Column", "Table"]

TABLES: Final[dict[str, Table]] = {
    table.name: table for part in (exchange, china, money, asia, world, delivery, prices) for table in part.TABLES
}
