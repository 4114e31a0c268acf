"""The days of settlements: which sessions the checks of the curve are asked of, and which of them are in doubt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests import facts
from tests.checks.comex import LATER
from tests.homes import house

MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)
MONDAY, TUESDAY = date(2026, 3, 23), date(2026, 3, 24)
SUNDAY = date(2026, 3, 22)


def test_every_session_with_a_settlement_is_a_day_of_its_product_once_and_says_whether_it_is_in_doubt(
    tmp_path: Path,
) -> None:
    with house(tmp_path, LATER) as opened:
        facts.settle(opened, "SI", {(MONDAY, MAY): 70.0, (MONDAY, JULY): 71.0, (SUNDAY, MAY): 69.0})
        facts.settle(opened, "SI", {(TUESDAY, MAY): 72.0, (TUESDAY, JULY): 73.0}, previous_settle=90.0)
        found = opened.store.rows(
            "select venue, product, metal, session, suspect from settlement_days order by session"
        )
        apart = opened.store.rows("select max(ordinal) - min(ordinal) from settlement_days")
    assert found == [("COMEX", "SI", "silver", MONDAY, False), ("COMEX", "SI", "silver", TUESDAY, True)]
    assert apart == [(1,)]
