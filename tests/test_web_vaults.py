"""The page of vaults: stocks, movements and deliveries are those of SQL, and what is missing is said to be missing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from monitor import publish
from monitor.house import House
from monitor.web.pages import vaults
from tests import facts, homes, pages
from tests.checks.comex import FIRST_NOTICE, FIRST_POSITION, LATER, MARCH, Day, days, notices, reports

TOLD = days("2026-02-02", "2026-02-12")
"""Nine sessions of made-up stock reports."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages.demo_home(tmp_path_factory.mktemp("vaults"))


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home) as opened:
        yield opened


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with homes.house(tmp_path, LATER) as found:
        yield found


def page_of(opened: House, address: str = "/vaults/silver") -> str:
    """The page over what was put into a house."""
    publish.publish(opened.store, opened.folders.published, LATER)
    with pages.served(opened.folders.home, LATER) as client:
        return client.get(address).text


def rows_of(text: str, table: str) -> list[list[str]]:
    """The cells of the body of a table."""
    body = text.split(f'id="{table}"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [
        [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in re.split(r"</t[hd]>", row)[:-1]]
        for row in body.split("</tr>")[:-1]
    ]


def number(text: str) -> float:
    """A printed figure."""
    return float(text.replace(",", ""))


def chained(opened: House, *, left_out: tuple[date, ...] = ()) -> None:
    """Nine sessions: 1 Moz a day becomes eligible, 2 Moz come, 0.5 Moz go. Every figure is made up."""
    reports(opened, dict.fromkeys(TOLD, Day(moved=1e6, received=2e6, withdrawn=5e5)), left_out=left_out)


# --- on the demo's home ------------------------------------------------------------------------


@pytest.mark.slow
def test_each_depository_stands_there_with_every_digit(client: TestClient, home: Path) -> None:
    """Registered, eligible, received, withdrawn and transfers of the newest session, and the totals as printed."""
    wanted = homes.published(
        home,
        "select depository, sum(total_today) filter (category = 'registered'), "
        "sum(total_today) filter (category = 'eligible'), "
        "sum(received) filter (category <> 'total'), sum(withdrawn) filter (category <> 'total'), "
        "-sum(adjustment) filter (category = 'registered') from comex_stocks where metal = 'silver' "
        "and session = (select max(session) from comex_stocks where metal = 'silver') group by all order by 1",
    )
    text = client.get("/vaults").text
    *shown, total = rows_of(text, "depositories")
    assert len(wanted) == 2
    for row, (name, *figures) in zip(sorted(shown), wanted, strict=True):
        assert row[0] == name
        assert [number(cell) for cell in row[1:6]] == pytest.approx(figures, abs=1e-6)
    ((registered, eligible),) = homes.published(
        home, "select registered, eligible from comex_flows where metal = 'silver' order by session desc limit 1"
    )
    assert [number(cell) for cell in total[1:3]] == pytest.approx([registered, eligible], abs=1e-6)


@pytest.mark.slow
def test_the_sessions_are_those_of_sql(client: TestClient, home: Path) -> None:
    """Outflow and five-session change, newest first."""
    wanted = homes.published(
        home,
        "select session, registered, outflow_oz, registered_change_5_pct from comex_flows where metal = 'silver' "
        "order by session desc limit 25",
    )
    shown = rows_of(client.get("/vaults/silver").text, "flows")
    for row, (session, registered, outflow, change) in zip(shown, wanted, strict=True):
        assert row[0] == str(session)
        assert (number(row[1]), number(row[5])) == pytest.approx((registered, outflow), abs=1e-6)
        assert number(row[7]) == pytest.approx(change, rel=1e-5)


@pytest.mark.slow
def test_deliveries_that_are_not_held_are_unknown(client: TestClient) -> None:
    """The demo has no delivery notices."""
    assert "no delivery notices of silver by firm are held" in client.get("/vaults/silver").text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "status"), [("/vaults", 200), ("/vaults/tin", 404), ("/vaults/silver?month=SIZ99", 404)]
)
def test_each_address_answers_what_it_names(client: TestClient, address: str, status: int) -> None:
    """A metal that is not held, or a month without deliveries, is said to be not there."""
    assert client.get(address).status_code == status


# --- made-up reports ---------------------------------------------------------------------------


def test_the_five_session_rate_is_the_change_by_five(opened: House) -> None:
    """Registered falls by 1 Moz a session; eligible gains 2.5."""
    chained(opened)
    (row, total) = rows_of(page_of(opened), "depositories")
    assert [number(cell) for cell in row[6:8]] == [-1e6, 2.5e6]
    assert [number(cell) for cell in total[6:8]] == [-1e6, 2.5e6]


def test_a_missing_report_makes_the_rate_unknown(opened: House) -> None:
    """Also in the title; the levels stand."""
    chained(opened, left_out=(TOLD[5],))
    text = page_of(opened)
    (row, _) = rows_of(text, "depositories")
    assert row[6:8] == ["unknown", "unknown"]
    assert number(row[1]) == 91e6
    assert "the five-session rate is unknown, a report of the five sessions before is missing" in text


def test_a_session_without_a_report_is_a_gap_in_the_chart(opened: House) -> None:
    """Two runs of registered, not one line across."""
    chained(opened, left_out=(TOLD[5],))
    assert page_of(opened).split("wide")[1].split("</svg>")[0].count('class="series accent"') == 2


def test_no_bank_is_named(opened: House) -> None:
    """Its vault has a number."""
    chained(opened)
    shared = {"session": TOLD[-1], "metal": "silver", "unit": "troy_oz", "report_date": TOLD[-1]}
    still = {"received": 0.0, "withdrawn": 0.0, "net_change": 0.0, "adjustment": 0.0}
    zero = still | {"prev_total": 5.0, "total_today": 5.0}
    facts.put(
        opened,
        "comex_stock_rows",
        [shared | zero | {"depository": "MADE-UP BANK, NA", "category": name} for name in ("registered", "eligible")],
    )
    text = page_of(opened)
    assert "vault of a bank, 1" in [row[0] for row in rows_of(text, "depositories")]
    assert "MADE-UP BANK" not in text


def test_deliveries_by_firm_add_up_to_what_was_delivered(opened: House) -> None:
    """House and customer apart, stopped minus issued, and the sums below."""
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200})
    chained(opened)
    notices(opened, FIRST_POSITION, 800, 800, house=(100, 300))
    notices(opened, FIRST_NOTICE, 50, 850, house=(50, 10))
    text = page_of(opened)
    assert rows_of(text, "firms") == [
        ["firm 001", "customer", "700", "540", "-160"], ["firm 001", "house", "150", "310", "160"],
        ["All", "", "850", "850", "0"],
    ]  # fmt: skip
    assert "House accounts stopped 160 lots net" in text
    assert f"That is all that was delivered by {FIRST_NOTICE}." in text
    assert "MADE UP" not in text


def test_lots_in_reports_that_are_not_held_are_named_as_missing(opened: House) -> None:
    """The month's total tells of 870; the reports by firm of 810."""
    tuesday = days("2026-03-02", "2026-03-03")[-1]
    facts.interest(opened, "SI", MARCH, {FIRST_POSITION: 1_000, FIRST_NOTICE: 200, tuesday: 90})
    chained(opened)
    notices(opened, FIRST_POSITION, 800, 800)
    notices(opened, tuesday, 10, 870)
    text = page_of(opened)
    assert f"870 lots were delivered by {tuesday}; 60 of them stand in reports that are not held" in text


def test_a_depository_that_lost_everything_this_week_is_not_hidden() -> None:
    """Nothing now, and something five sessions before."""
    gone = dict.fromkeys(("registered", "eligible", "received", "withdrawn", "to_eligible"), 0.0)
    assert not vaults.is_empty(gone | {"registered_a_session": -5.0, "eligible_a_session": 0.0})
    assert vaults.is_empty(gone | {"registered_a_session": None, "eligible_a_session": None})
