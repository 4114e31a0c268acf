"""No frame passes the last gate with a wrong column, type, key or range."""

from datetime import date, datetime

import polars as pl
import pytest

from monitor.errors import Implausible, Unreadable
from monitor.schema import TABLES
from monitor.validate import checked, frame_schema

ROW = {
    "session": date(2026, 2, 9),
    "base": "EUR",
    "quote": "CNY",
    "rate": 8.2,
    "published_at": datetime(2026, 2, 9, 15),  # noqa: DTZ001 - storage form is naive UTC
    "published_assumed": True,
}


def frame(**changes: object) -> pl.DataFrame:
    return pl.DataFrame([ROW | changes], schema=frame_schema(TABLES["fx_rows"]))


def test_an_honest_frame_passes_in_table_order() -> None:
    shuffled = frame().select(sorted(ROW))
    assert checked({"fx_rows": shuffled})["fx_rows"].columns == list(TABLES["fx_rows"].names)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rate": 0.0}, "below"),
        ({"rate": 1e9}, "above"),
        ({"rate": float("nan")}, "finite"),
        ({"quote": None}, "missing"),
    ],
)
def test_a_value_outside_the_schema_is_implausible(changes: dict[str, object], says: str) -> None:
    with pytest.raises(Implausible, match=says):
        checked({"fx_rows": frame(**changes)})


def test_the_same_key_twice_is_implausible() -> None:
    with pytest.raises(Implausible, match="twice: 2026-02-09, EUR, CNY"):
        checked({"fx_rows": pl.concat([frame(), frame(rate=8.3)])})


def test_a_missing_column_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="rate"):
        checked({"fx_rows": frame().drop("rate")})


def test_a_wrong_type_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="rate is String"):
        checked({"fx_rows": frame().cast({"rate": pl.String})})
