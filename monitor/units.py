"""Units of mass and the one table of factors between them."""

from typing import Final

GRAM_PER_TROY_OZ: Final = 31.1034768
TROY_OZ_PER_KG: Final = 1000 / GRAM_PER_TROY_OZ
GRAM_PER_POUND: Final = 453.59237

GRAMS: Final[dict[str, float]] = {
    "gram": 1.0,
    "kg": 1_000.0,
    "tonne": 1_000_000.0,
    "troy_oz": GRAM_PER_TROY_OZ,
    "pound": GRAM_PER_POUND,
    "short_ton": 2_000 * GRAM_PER_POUND,
}

METALS: Final = ("silver", "gold", "platinum", "palladium", "copper")


def factor(unit: str, into: str) -> float:
    """How many `into` make one `unit`; both are keys of GRAMS (KeyError otherwise)."""
    return GRAMS[unit] / GRAMS[into]


def convert(quantity: float, unit: str, into: str) -> float:
    """`quantity` of `unit`, expressed in `into`."""
    return quantity * factor(unit, into)
