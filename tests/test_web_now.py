"""The page Now: what stands there is what the generation says, and nothing out of date looks fine."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from alerts.ledger import Ledger
from monitor import checks, publish
from monitor.web import measures, states
from tests import homes, pages
from tests.homes import published

CHECKS = checks.discover({})[0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages.demo_home(tmp_path_factory.mktemp("now"))


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home) as opened:
        yield opened


def rows_of(text: str, table: str) -> list[str]:
    """The text of each row in the body of a table, tags taken out."""
    body = text.split(f'id="{table}"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in body.split("</tr>")[:-1]]


def made_up_row(**changes: Any) -> dict[str, Any]:
    """A row as `sql/pages/now.sql` answers it; its figures are made up."""
    return {
        "check_name": "registered_drop", "subject": "COMEX silver", "metal": "silver", "venue": "COMEX",
        "session": date(2026, 2, 26), "value": -3.0, "unit": "%", "verdict": "clear", "warn": -12.0, "critical": -20.0,
        "reason": "", "inputs": "{}", "usual_count": None, "usual_low": None, "usual_middle": None, "usual_high": None,
        "overdue": None, "overdue_since": None,
    } | changes  # fmt: skip


def made_up_alert(**changes: Any) -> dict[str, Any]:
    """A row of open alerts; it is made up."""
    return {
        "check": "registered_drop", "subject": "COMEX silver", "severity": "warning", "opened": "2026-02-04",
        "acked_by": None, "silenced_by": [],
    } | changes  # fmt: skip


def one(*rows: dict[str, Any], alerts: tuple[dict[str, Any], ...] = ()) -> measures.Place:
    (place,) = measures.places(rows, CHECKS, alerts)
    return place


# --- states ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"verdict": "clear"}, "ok"),
        ({"verdict": "band"}, "ok"),
        ({"verdict": "warning"}, "warning"),
        ({"verdict": "critical"}, "critical"),
        ({"verdict": "nodata", "value": None, "reason": "not held"}, "unknown"),
        ({"verdict": "error", "value": None}, "unknown"),
        ({"verdict": "clear", "value": None}, "unknown"),
        ({"verdict": "band", "value": None}, "unknown"),
        ({"verdict": "clear", "reason": "less than 90 days of open interest are held"}, "unknown"),
        ({"verdict": "a word of a later version"}, "unknown"),
        ({"verdict": "clear", "overdue": ["comex_stocks"]}, "unknown"),
        ({"verdict": "critical", "overdue": ["comex_stocks"]}, "unknown"),
    ],
)
def test_each_verdict_has_its_state(changes: dict[str, Any], state: str) -> None:
    """No value and out of date are unknown, whatever the verdict was."""
    assert states.of_reading(made_up_row(**changes))[0] == state


def test_a_check_that_stands_on_others_is_overdue_with_them() -> None:
    """Signs of stress are unknown where a report behind one of them is overdue; those of another metal are not."""
    signs = made_up_row(check_name="stress_composite", venue="", subject="silver", unit="signs")
    late = made_up_row(check_name="vault_outflow", overdue=["comex_stocks"])
    assert "vault_outflow" in CHECKS["stress_composite"].stands_on
    found = {place.venue: place.lead for place in measures.places([signs, late], CHECKS, ())}
    assert (found[""].state, found[""].why) == ("unknown", "out of date: comex_stocks is overdue")
    found = {place.venue: place.lead for place in measures.places([signs, late | {"metal": "gold"}], CHECKS, ())}
    assert found[""].state == "ok"


def test_an_unknown_figure_says_why() -> None:
    """The report that is overdue, or the reason of the check."""
    assert one(made_up_row(overdue=["comex_stocks"])).lead.why == "out of date: comex_stocks is overdue"
    assert one(made_up_row(verdict="nodata", value=None, reason="limit-locked")).lead.why == "limit-locked"


def test_an_open_alert_stays_open_though_its_figure_is_unknown() -> None:
    """Missing data does not clear what was told."""
    lead = one(made_up_row(verdict="nodata", value=None), alerts=(made_up_alert(severity="critical"),)).lead
    assert (lead.state, lead.said) == ("critical", "unknown")


def test_a_figure_worse_than_its_alert_shows_its_own_state() -> None:
    """Critical by its figure while only a warning was told."""
    assert one(made_up_row(verdict="critical"), alerts=(made_up_alert(),)).lead.state == "critical"


def test_what_is_silenced_is_muted_and_says_what_it_would_be() -> None:
    """Not fine, not a warning: muted."""
    lead = one(made_up_row(verdict="warning"), alerts=(made_up_alert(silenced_by=[3]),)).lead
    assert (lead.state, lead.unmuted) == ("muted", "warning")


def test_the_worst_measure_speaks_for_its_venue() -> None:
    """Critical before warning before unknown before ok."""
    rows = [
        made_up_row(check_name="stock_identity"),
        made_up_row(check_name="vault_outflow", verdict="critical"),
        made_up_row(check_name="registered_drop_1d", verdict="warning"),
        made_up_row(check_name="registered_drop", verdict="nodata", value=None),
    ]
    place = one(*rows)
    assert (place.state, place.lead.check) == ("critical", "vault_outflow")
    assert place.counts == (("critical", 1), ("warning", 1), ("unknown", 1), ("ok", 1))


def test_one_unknown_of_what_is_mailed_makes_its_venue_unknown() -> None:
    """Beside it all others may be fine; what the memo alone tells does not."""
    mailed = made_up_row(verdict="nodata", value=None), made_up_row(check_name="vault_outflow")
    memo = made_up_row(check_name="lease", verdict="nodata", value=None), made_up_row(check_name="vault_outflow")
    assert (one(*mailed).state, one(*memo).state) == ("unknown", "ok")


def test_a_few_earlier_values_say_nothing_of_what_is_typical() -> None:
    """Twenty do."""
    few = made_up_row(usual_count=19, usual_low=-5.0, usual_middle=-1.0, usual_high=2.0)
    assert one(few).lead.usual is None
    assert one(few | {"usual_count": 20}).lead.usual == measures.Usual(-5.0, -1.0, 2.0, 20)


def test_a_level_that_cannot_be_reached_is_not_shown() -> None:
    """A check that is capped at warning shows no critical level."""
    assert CHECKS["registered_drop"].capped
    assert one(made_up_row()).lead.critical is None
    assert one(made_up_row(check_name="vault_outflow")).lead.critical == -20.0


def test_each_leg_carries_its_session_and_moment() -> None:
    """Legs are read off the inputs by their names; one without a session is none."""
    found = measures.legs(
        {
            "registered_oz": 1.0, "registered_session": "2026-02-26", "registered_published_at": "2026-02-27 22:00:00",
            "spot_session": None, "spot_published_at": None,
        }
    )  # fmt: skip
    assert found == (measures.Leg("registered", date(2026, 2, 26), datetime(2026, 2, 27, 22, tzinfo=UTC)),)


# --- the page on the demo's home ---------------------------------------------------------------


@pytest.mark.slow
def test_the_page_names_its_generation(client: TestClient, home: Path) -> None:
    """The footer says which generation was read and when that was published."""
    ((number, moment),) = published(home, "select number, published_at from generation")
    answer = client.get("/")
    assert answer.status_code == 200
    assert f"Generation {number}, published {moment:%Y-%m-%d %H:%M} UTC" in answer.text


@pytest.mark.slow
def test_the_values_are_those_of_sql(client: TestClient, home: Path) -> None:
    """Each measure of silver at COMEX that is known shows the value of its newest reading."""
    shown = rows_of(client.get("/place?metal=silver&venue=COMEX").text, "measures")
    readings = published(
        home,
        "select check_name, value from (from readings where subject = 'COMEX silver' "
        "qualify session = max(session) over (partition by check_name)) "
        "where value is not null and verdict in ('clear', 'band', 'warning', 'critical')",
    )
    assert len(readings) >= 7
    for check, value in readings:
        (row,) = [row for row in shown if f"{CHECKS[check].title} Silver COMEX " in row]
        said = "0" if abs(value) < 1e-9 else f"{float(f'{value:.6g}'):,}".removesuffix(".0")
        assert f"Silver COMEX {said} " in row, check


@pytest.mark.slow
def test_the_critical_alert_leads_the_page(client: TestClient) -> None:
    """Silver at COMEX is critical by the alert told, though its newest figure alone is a warning."""
    text = client.get("/").text
    first = rows_of(text, "now")[0]
    assert "<h1>Critical: Silver COMEX. Warning: Silver SHFE" in text
    assert first.startswith("Silver COMEX 1 critical 1 warning")
    assert "critical alert open since 2026-02-04 ; the newest figure alone is warning" in first
    assert "below -7.00 % , -12.0 %" in first


@pytest.mark.slow
def test_an_unknown_premium_says_why_and_shows_no_figure_as_its_value(client: TestClient) -> None:
    """Shanghai's premium lies between two settlements too far apart."""
    (row,) = [row for row in rows_of(client.get("/").text, "now") if row.startswith("Silver SGE")]
    assert "unknown the New York settlements before and after lie more than 3 points apart" in row


@pytest.mark.slow
def test_a_month_later_nothing_looks_fine(home: Path) -> None:
    """With the daemon dead and every report overdue, no measure of a metal is ok, and the reports are due by hand."""
    with pages.served(home, pages.DEMO_ENDS + timedelta(days=30)) as client:
        text = client.get("/").text
        metals = [row for row in rows_of(text, "now") if row.startswith(("Silver", "Gold"))]
    assert metals
    assert not [row for row in metals if " ok " in f"{row} "]
    assert "overdue" in text
    assert "7 reports due by hand" in text
    assert 'href="https://www.cmegroup.com/' in text


@pytest.mark.slow
def test_a_metal_without_readings_is_not_there(client: TestClient) -> None:
    """404 with a sentence."""
    assert client.get("/place?metal=tin&venue=LME").status_code == 404


@pytest.mark.slow
def test_what_was_never_loaded_is_named_unknown(client: TestClient) -> None:
    """Metals and venues with thresholds and no reading are listed, not left out."""
    assert "Unknown, for nothing was ever loaded of them: copper COMEX" in client.get("/").text


def test_a_new_home_has_a_page(tmp_path: Path) -> None:
    """A generation with nothing in it says that every figure is unknown."""
    with homes.house(tmp_path / "home") as opened:
        publish.publish(opened.store, opened.folders.published, pages.DEMO_ENDS)
    with pages.served(tmp_path / "home") as client:
        answer = client.get("/")
    assert answer.status_code == 200
    assert "Nothing was read yet: every figure is unknown" in answer.text


def test_before_the_first_generation_the_page_says_so(tmp_path: Path) -> None:
    """503 with what to do."""
    (tmp_path / "home").mkdir()
    with pages.served(tmp_path / "home") as client:
        answer = client.get("/")
    assert answer.status_code == 503
    assert "nothing is published" in answer.text.lower()
    assert "bullion run" in answer.text


@pytest.mark.slow
def test_a_silenced_alert_shows_muted(tmp_path: Path) -> None:
    """The row says muted, and what it would be."""
    copy = pages.demo_home(tmp_path)
    with Ledger(copy / "alerts.sqlite", guest=True) as ledger:
        tomorrow = pages.DEMO_ENDS + timedelta(days=1)
        ledger.silence({"venue": "SHFE"}, "ana", "known", pages.DEMO_ENDS, tomorrow, pages.DEMO_ENDS)
    with pages.served(copy) as client:
        rows = rows_of(client.get("/place?metal=silver&venue=SHFE").text, "measures")
    assert [row for row in rows if row.startswith("muted: warning warning alert open since 2026-02-27")]
