"""`import monitor`: a small surface, lazy, typed, saying of each frame what it holds."""

from __future__ import annotations

import inspect
import pkgutil
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import polars as pl
import pytest

import monitor
from monitor import dictionary, surface
from monitor.errors import BullionError, QueryRefused
from tests.facts import interest, put, settle, stocks
from tests.homes import NOW, house

DAYS = (date(2026, 2, 9), date(2026, 2, 10))
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)
MEASURES = {
    "coverage": ("SI", "coverage_family"), "stocks": ("silver", "comex_flows"),
    "open_interest": ("SI", "open_interest_best"), "roll": ("SI", "roll_curve"), "curve": ("SI", "curve"),
    "backwardation": ("SI", "active_pair"), "premium": ("silver", "regional_premium"),
    "warrants": ("silver", "shfe_warrants"), "deliveries": ("SI", "delivery_month"),
    "readings": ("coverage_raw", "readings"),
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two invented sessions of silver, each public at noon UTC of the day after, published."""
    folder = tmp_path_factory.mktemp("surface") / "home"
    with house(folder) as opened:
        stocks(opened, {DAYS[0]: 102e6, DAYS[1]: 101e6})
        interest(opened, "SI", MARCH, {DAYS[0]: 73_000, DAYS[1]: 70_000})
        interest(opened, "SI", MAY, {DAYS[0]: 40_000, DAYS[1]: 42_000})
        settle(opened, "SI", {(day, month): 80.0 for day in DAYS for month in (MARCH, MAY)})
        row = {"session": DAYS[0], "metal": "silver", "region": "", "unit": "kg", "change": None}
        put(opened, "shfe_warrant_rows", [row | {"warehouse": "", "level": "total", "quantity": 300_000.0}])
        with opened.store.transaction() as cur:
            cur.execute(
                "insert into reading_rows by name select 'coverage_raw' as check_name, 'SIH26' as subject,"
                " date '2026-02-10' as session, 0.28 as value, 'clear' as verdict, 'ratio' as unit, '' as reason,"
                " '{}' as inputs, 'invented' as version, timestamp '2026-02-11' as evaluated_at"
            )
        opened.publish(NOW)
    return folder


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULLION_HOME", str(home))


def test_importing_monitor_imports_nothing_and_the_first_use_does() -> None:
    code = (
        "import sys, monitor; before = set(sys.modules); print(sorted(m for m in before if m.startswith('monitor')),"
        " *(m for m in ('polars', 'duckdb', 'json', 'pathlib.Path') if m in before)); monitor.query;"
        "print('monitor.surface' in sys.modules, 'duckdb' in sys.modules, 'polars' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith("['monitor']")
    assert not re.search("polars|duckdb", done.stdout.splitlines()[0])
    assert done.stdout.splitlines()[1] == "True False False"


def test_each_public_name_is_a_documented_function_and_no_module_takes_it_away() -> None:
    modules = {found.name for found in pkgutil.iter_modules(monitor.__path__)}
    assert set(monitor.__all__) & modules == set()
    for name in monitor.__all__:
        assert inspect.isfunction(getattr(monitor, name)), name
        assert getattr(monitor, name) is getattr(surface, name)
        assert inspect.getdoc(getattr(monitor, name)), name
    assert set(monitor.__all__) <= set(dir(monitor))
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        getattr(monitor, "nosuch")  # noqa: B009  the name is no name


def test_a_measure_has_the_rows_asked_for_and_the_figures_of_its_view() -> None:
    frame = monitor.coverage("SI", month="2026-03")
    assert frame["session"].to_list() == list(DAYS)
    assert frame["raw_coverage"].to_list() == pytest.approx([102e6 / 365e6, 101e6 / 350e6])
    assert frame.schema["all_months_open_interest"] == pl.Int64
    assert monitor.coverage("SI")["contract"].to_list() == ["SIH26", "SIK26"] * 2
    assert monitor.coverage("GC").is_empty()
    assert monitor.stocks("silver")["registered_oz"].to_list() == [102e6, 101e6]
    assert monitor.warrants("silver")["quantity"].to_list() == [300_000.0]


@pytest.mark.parametrize("month", ["2026-03", "2026-03-01", "2026-03-31", date(2026, 3, 17), datetime(2026, 3, 1)])  # noqa: DTZ001
def test_a_month_is_any_of_its_days(month: date | str) -> None:
    assert monitor.open_interest("SI", month=month)["open_interest"].to_list() == [73_000, 70_000]


@pytest.mark.parametrize(
    "known_at",
    [
        "2026-02-10T12:00", "2026-02-10 12:00:00Z", datetime(2026, 2, 10, 12), datetime(2026, 2, 10, 12, tzinfo=UTC),  # noqa: DTZ001
        datetime(2026, 2, 10, 20, tzinfo=timezone(timedelta(hours=8))),
    ],
)  # fmt: skip
def test_known_at_leaves_out_what_became_known_later(known_at: datetime | str) -> None:
    assert monitor.stocks("silver", known_at=known_at)["session"].to_list() == [DAYS[0]]
    with monitor.connect(known_at=known_at) as con:
        assert con.execute("select max(session) from comex_flows").fetchall() == [(DAYS[0],)]


def test_as_of_and_basis_and_home_are_as_at_the_command_line(tmp_path: Path, home: Path) -> None:
    assert monitor.stocks("silver", as_of=DAYS[0])["session"].to_list() == [DAYS[0]]
    assert monitor.stocks("silver", as_of="2026-02-08").is_empty()
    assert monitor.stocks("silver", basis="loaded", known_at="2026-03-01").is_empty(), "it was loaded in April"
    assert monitor.stocks("silver", home=home).height == 2
    with pytest.raises(BullionError, match="nothing is published"):
        monitor.stocks("silver", home=tmp_path)


def test_a_question_takes_its_values_by_name_and_keeps_its_types() -> None:
    frame = monitor.query(
        "select session, open_interest, sum(open_interest) over () as all_lots, [1] as list from open_interest_best"
        " where session >= $since and product = $product order by all",
        since=DAYS[1],
        product="SI",
    )
    assert frame.rows() == [(DAYS[1], 42_000, 112_000, "[1]"), (DAYS[1], 70_000, 112_000, "[1]")]
    assert frame.schema["all_lots"] == pl.Int64


def test_nothing_can_be_written() -> None:
    with pytest.raises(QueryRefused, match="DELETE is not allowed"):
        monitor.query("delete from alerts")
    with monitor.connect() as con, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        con.execute("delete from alerts")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: monitor.coverage("SI", month="March"), "'March' is no delivery month"),
        (lambda: monitor.stocks("silver", as_of="soon"), "not a moment"),
        (lambda: monitor.stocks("silver", known_at="soon"), "not a moment"),
        (lambda: monitor.stocks("silver", basis="both"), "basis is 'both'"),
        (lambda: monitor.query("select $x"), "No value was given for"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(call: object, said: str) -> None:
    assert callable(call)
    with pytest.raises(QueryRefused, match=said):
        call()


def test_an_argument_nobody_knows_is_an_error_and_never_a_silent_parameter() -> None:
    with pytest.raises(TypeError, match="unexpected argument 'known'"):
        monitor.stocks("silver", known="2026-02-10")  # type: ignore[call-arg]


def test_what_no_moment_moves_is_said() -> None:
    with pytest.warns(UserWarning, match="readings tell the state of their generation"):
        monitor.query("select count(*) from readings", known_at="2026-02-10")


def test_only_the_views_named_so_are_of_now(home: Path) -> None:
    """Known at the beginning of time, a view is empty or of now; dated tables of our own say from when they hold."""
    dated = {"contract_calendar", "market_events", "roll_points"}
    with monitor.connect(known_at="1900-01-01") as con:
        views = [name for (name,) in con.execute("select view_name from duckdb_views() where not internal").fetchall()]
        filled = {name for name in views if (con.execute(f"select count(*) from {name}").fetchone() or (0,))[0]}
    assert filled - dated - set(dictionary.OF_NOW) == set()
    assert filled >= {"source_health", "contract_calendar", "readings"}


@pytest.mark.parametrize("name", MEASURES)
def test_each_measure_says_its_view_and_the_units_of_the_columns_it_names(name: str, home: Path) -> None:
    subject, view = MEASURES[name]
    said = " ".join((inspect.getdoc(getattr(monitor, name)) or "").split())
    assert f"Columns of the view `{view}`" in said
    frame = getattr(monitor, name)(subject)
    with monitor.connect() as con:
        (shown,) = [v for v in dictionary.views(con.execute(dictionary.SQL).fetchall()) if v.name == view]
    assert frame.columns == [field.name for field in shown.fields]
    units = {field.name: field.unit for field in shown.fields}
    named = re.findall(r"`(\w+)`(?: \(([^):,]*))?", said.split("among them", 1)[1])
    assert len(named) >= 3
    for column, told in named:
        assert column in units, column
        if units[column]:
            assert told == units[column], column
