"""Units convert by one table of factors, and the quoted golden figures come out."""

import pytest

from monitor import units


@pytest.mark.parametrize(
    ("quantity", "unit", "into", "expected"),
    [
        (1, "kg", "troy_oz", 32.1507466),
        (1, "tonne", "troy_oz", 32_150.7466),
        (318.54, "tonne", "troy_oz", 10_241_299),
        (15, "kg", "troy_oz", 482.2612),
        (25_000, "pound", "short_ton", 12.5),
    ],
)
def test_a_quantity_converts_to_the_published_figure(quantity: float, unit: str, into: str, expected: float) -> None:
    assert units.convert(quantity, unit, into) == pytest.approx(expected, rel=1e-7)


def test_an_unknown_unit_is_an_error_and_not_one() -> None:
    with pytest.raises(KeyError):
        units.factor("ounce", "kg")
