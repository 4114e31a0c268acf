"""The months of a curve: their places, and the file of the next."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests import facts
from tests.checks.comex import LATER
from tests.homes import house

MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)
MONDAY = date(2026, 3, 23)


def test_the_months_of_a_curve_are_placed_from_the_front_and_name_the_file_of_the_next(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as opened:
        facts.settle(opened, "SI", {(MONDAY, MAY): 70.0, (MONDAY, JULY): 71.0})
        for month in (MAY, JULY):
            facts.interest(opened, "SI", month, {MONDAY: 50_000})
        found = opened.store.rows(
            "select n.delivery_month, n.place, n.next_sha256 = f.settle_sha256, "
            "n.next_published_at = f.settle_published_at "
            "from curve n left join curve f on f.place = n.place + 1 order by n.delivery_month"
        )
    assert found == [(MAY, 1, True, True), (JULY, 2, None, None)]
