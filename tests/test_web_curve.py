"""The page of the curve: settlements and spreads are those of SQL, days come by address, shapes tell liquidity."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from monitor.web.look import Refused
from monitor.web.pages import curve
from monitor.web.pages.curve import Day, Product
from tests import homes, pages

SILVER = Product("COMEX", "SI", "silver", date(2026, 2, 27))
SESSIONS = [date(2026, 2, day) for day in range(27, 0, -1)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages.demo_home(tmp_path_factory.mktemp("curve"))


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home) as opened:
        yield opened


def rows_of(text: str) -> list[list[str]]:
    """The cells of the table of months."""
    body = text.split('id="curve"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [
        [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in re.split(r"</t[hd]>", row)[:-1]]
        for row in body.split("</tr>")[:-1]
    ]


def made_up_month(contract: str, anchor: date, settle: float, **changes: Any) -> dict[str, Any]:
    """A row as `sql/pages/curve_months.sql` answers it; its figures are made up."""
    return {
        "contract": contract, "anchor": anchor, "settle": settle, "is_liquid": True, "spot_usd": None,
        "unknown_because": "",
    } | changes  # fmt: skip


# --- pure --------------------------------------------------------------------------------------


def test_a_day_means_the_newest_session_up_to_it() -> None:
    """Also among those compared with; the one shown is not compared with itself."""
    assert curve.chosen(SESSIONS, "2026-12-31", "2026-02-10, 2026-02-27") == (date(2026, 2, 27), [date(2026, 2, 10)])


def test_five_and_twenty_sessions_before_are_compared_where_nothing_is_asked_for() -> None:
    """An empty list asks for none."""
    assert curve.chosen(SESSIONS, "", None) == (SESSIONS[0], [SESSIONS[5], SESSIONS[20]])
    assert curve.chosen(SESSIONS, "", "") == (SESSIONS[0], [])


@pytest.mark.parametrize("against", ["yesterday", "2026-01-31", "1,2,3,4,5"])
def test_what_is_no_day_or_before_all_that_is_held_is_refused(against: str) -> None:
    """With a sentence, not another day instead."""
    with pytest.raises(Refused):
        curve.chosen(SESSIONS, "", against)


def test_illiquid_months_are_hollow_and_never_joined() -> None:
    """The liquid ones are filled and joined; the day stands at the end that goes farther."""
    months = [
        made_up_month("SIK26", date(2026, 4, 30), 90.0),
        made_up_month("SIM26", date(2026, 5, 29), 91.0, is_liquid=False),
        made_up_month("SIN26", date(2026, 6, 30), 92.0),
    ]  # fmt: skip
    figure = curve.prices(SILVER, [Day(date(2026, 2, 27), months)], "USD/oz")
    assert figure
    thin, thick = figure.series
    assert (thin.shape, thin.is_line, [value for _, value in thin.points]) == ("ring", False, [91.0])
    assert (thick.shape, thick.is_line, [value for _, value in thick.points]) == ("square", True, [90.0, 92.0])
    assert (thin.label, thick.label) == ("", "2026-02-27")


def test_shape_is_percent_over_the_nearest_liquid_month() -> None:
    """Not over the month that expires; without a liquid month there is no shape."""
    months = [
        made_up_month("SIH26", date(2026, 2, 27), 80.0, is_liquid=False),
        made_up_month("SIK26", date(2026, 4, 30), 90.0),
        made_up_month("SIN26", date(2026, 6, 30), 99.0),
    ]  # fmt: skip
    figure = curve.shape(SILVER, [Day(date(2026, 2, 27), months)])
    assert figure
    assert [value for _, value in figure.series[1].points] == [0.0, pytest.approx(10.0)]
    assert curve.shape(SILVER, [Day(date(2026, 2, 27), months[:1])]) is None


def test_spot_is_a_point_at_its_session_where_it_is_held() -> None:
    """And no point where it is not."""
    day = date(2026, 2, 27)
    with_spot = [made_up_month("SIK26", date(2026, 4, 30), 90.0, spot_usd=89.5)]
    figure = curve.prices(SILVER, [Day(day, with_spot)], "USD/oz")
    assert figure
    assert [one.points for one in figure.series if one.label == "spot"] == [[(float(day.toordinal()), 89.5)]]
    without = curve.prices(SILVER, [Day(day, [made_up_month("SIK26", date(2026, 4, 30), 90.0)])], "USD/oz")
    assert without
    assert not [one for one in without.series if one.label == "spot"]


# --- on the demo's home ------------------------------------------------------------------------


@pytest.mark.slow
def test_the_months_are_those_of_sql(client: TestClient, home: Path) -> None:
    """Settlement, open interest, volume, distance and spread to the next liquid month, month by month."""
    wanted = homes.published(
        home,
        "select contract, settle, is_liquid, open_interest, volume, sessions_to_fnd, next_minus_this_ann_pct "
        "from curve where product = 'SI' and session = '2026-02-27' order by delivery_month",
    )
    rows = rows_of(client.get("/curve/SI?against=").text)
    assert len(rows) == len(wanted) == 3
    for row, (contract, settle, is_liquid, interest, volume, left, spread) in zip(rows, wanted, strict=True):
        assert (row[0], float(row[1])) == (contract, settle)
        assert row[2].split()[1] == ("liquid" if is_liquid else "illiquid")
        assert [int(text.replace(",", "")) for text in (row[3].split()[0], row[4], row[5])] == [interest, volume, left]
        assert row[6] == (f"{spread:.6g}" if spread is not None else "")


@pytest.mark.slow
def test_another_day_has_a_column_and_a_line_of_its_own(client: TestClient, home: Path) -> None:
    """The settlements of that session beside those of the day shown."""
    ((settle,),) = homes.published(home, "select settle from curve where contract = 'SIK26' and session = '2026-02-12'")
    text = client.get("/curve/silver?day=2026-02-27&against=2026-02-12").text
    (row,) = [row for row in rows_of(text) if row[0] == "SIK26"]
    assert float(row[2]) == settle
    assert '<th scope="col" class="num">2026-02-12</th>' in text
    assert 'class="series earlier"' in text


@pytest.mark.slow
def test_the_title_says_the_state_and_the_pair(client: TestClient, home: Path) -> None:
    """Far minus near, named."""
    ((spread,),) = homes.published(
        home, "select front_ann_pct from curve_state where product = 'SI' and session = '2026-02-27'"
    )
    assert (
        f"<h1>Silver COMEX, SIN26 minus SIK26 {spread:.3g} %/yr: contango; no money rate" in client.get("/curve").text
    )


@pytest.mark.slow
def test_spot_and_lease_that_are_not_held_are_unknown_and_say_why(client: TestClient) -> None:
    """In the cells of the liquid months, with the reason below."""
    text = client.get("/curve/SI").text
    (row,) = [row for row in rows_of(text) if row[0] == "SIK26"]
    assert row[-3:-1] == ["unknown", "unknown"]
    assert "Spot and lease are unknown: no timestamped spot quote within 15 minutes of the settlement" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/curve", 200), ("/curve/ag", 200), ("/curve/gold", 404), ("/curve/XX", 404), ("/curve/SI?day=soon", 400),
        ("/curve/SI?day=2020-01-01", 400),
    ],
)  # fmt: skip
def test_each_address_answers_what_it_names(client: TestClient, address: str, status: int) -> None:
    """A product or a metal; what is not held is said to be not held."""
    assert client.get(address).status_code == status
