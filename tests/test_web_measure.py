"""The page of one measure: its numbers are those of SQL and of `bullion explain`, and what is unknown stays unknown."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
from starlette.testclient import TestClient

from monitor import apart, checks, explain, judge, published
from monitor.archive import Archive
from monitor.checks import Moment
from monitor.clock import aware
from monitor.model import Reading, Verdict
from monitor.places import Folders
from monitor.web import history
from tests import homes, pages
from tests.test_web_payloads import PAYLOADS, Reader

CHECKS = checks.discover({})[0]
WRITTEN = (
    ("reading_rows", "subject"), ("reading_rows", "reason"), ("loads", "name"), ("event_rows", "label"),
    ("event_rows", "text"), ("comex_stock_rows", "depository"), ("contracts", "contract"), ("manual_rows", "series"),
    ("freight", "origin"), ("sources", "page"),
)  # fmt: skip
"""Columns that hold what others wrote."""
COVER = "/measure/coverage_raw/SIH26"
DROP = "/measure/registered_drop/COMEX%20silver"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages.demo_home(tmp_path_factory.mktemp("measure"))


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home) as opened:
        yield opened


def text_of(answer: str) -> str:
    """A page without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer)).split())


def charted(answer: str) -> dict[str, Any]:
    """What the first chart of a page hands to the script."""
    found = re.search(r'data-chart="([^"]*)"', answer)
    assert found
    data: dict[str, Any] = json.loads(html.unescape(found[1]))
    return data


def made_up(*values: float | None, check: str = "coverage_raw", **inputs: Any) -> list[Reading]:
    """Readings of neighbouring days, newest last; their figures are made up."""
    first = date(2026, 2, 2)
    return [
        Reading(
            check, "SIH26", first + timedelta(days=at), value,
            Verdict.NODATA if value is None else Verdict.CLEAR, warn=0.2,
            inputs={"metal": "silver", "delivery_month": "2026-03-01", "sessions_to_fnd": 14 - at} | inputs,
        )
        for at, value in enumerate(values)
    ]  # fmt: skip


# --- the chart ---------------------------------------------------------------------------------


def test_a_session_without_a_figure_is_a_gap_for_the_script_too() -> None:
    """Its value is null, and places only ever rise, as the script needs."""
    readings = made_up(0.3, None, 0.4)
    figure = history.figure(CHECKS["coverage_raw"], readings, [], [], None)
    assert figure
    data = history.data(CHECKS["coverage_raw"], readings, figure)
    assert data["y"] == [0.3, None, 0.4]
    assert data["x"] == sorted(set(data["x"]))  # type: ignore[call-overload]


def test_a_skipped_session_is_a_gap_half_a_day_later() -> None:
    """A gap that has no reading of its own has no words either."""
    days = ["2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05", "2026-02-09", "2026-02-10", "2026-02-11"]
    readings = [
        replace(one, session=date.fromisoformat(day), inputs={**one.inputs, "venue": "COMEX"})
        for one, day in zip(made_up(*[0.3] * 7), days, strict=True)
    ]
    figure = history.figure(CHECKS["coverage_raw"], readings, [], [], None)
    assert figure
    data = history.data(CHECKS["coverage_raw"], readings, figure)
    assert data["y"] == [0.3] * 4 + [None] + [0.3] * 3
    assert data["said"][4] == ""  # type: ignore[index]


def test_a_figure_published_more_than_once_is_hollow_and_a_stale_one_goes_on_dashed() -> None:
    """Both in the drawing of the server and in the numbers for the script."""
    readings, check = made_up(0.3, 0.4, None), CHECKS["coverage_raw"]
    figure = history.figure(check, readings, [], [date(2026, 2, 3)], date(2026, 2, 10))
    assert figure
    data = history.data(check, readings, figure)
    assert data["hollow"] == [data["x"][1]]  # type: ignore[index]
    assert data["stale"] == 1770681600
    svg = str(history_drawing(figure))
    assert svg.count('class="hollow accent"') == 1
    assert svg.count('class="series stale accent"') == 1


def history_drawing(figure: Any) -> str:
    from monitor.web.drawing import drawn

    made = drawn(figure)
    assert made
    return made.wide


def test_a_figure_that_ended_with_a_reason_against_it_is_not_known() -> None:
    """A month that ended is clear, and its last figure stays as doubtful as it was: no point, no title."""
    readings = [replace(one, reason="less than 90 days are held") for one in made_up(0.3, 0.4)]
    assert history.newest_known(readings) is None
    assert history.figure(CHECKS["coverage_raw"], readings, [], [], None) is None
    assert "0.4" not in history.answer(CHECKS["coverage_raw"], readings[-1], readings[-1].reason)


def test_nothing_is_drawn_where_no_session_has_a_figure_that_counts() -> None:
    """No chart is better than an empty one."""
    assert history.figure(CHECKS["coverage_raw"], made_up(None, None), [], [], None) is None


def test_earlier_months_lie_below_this_one_at_the_same_distance() -> None:
    """Grey lines first, this month last and on top, places counted to first notice."""
    earlier = [{"subject": "SIZ25", "sessions_to_fnd": t, "value": value} for t, value in ((14, 0.25), (13, 0.26))]
    point = [{"contract": "May 2024", "sessions_to_fnd": 13, "value": 0.143}]
    figure = history.beside(CHECKS["coverage_raw"], made_up(0.3, 0.4), earlier, point)
    assert figure
    assert [(one.label, one.kind) for one in figure.series] == [
        ("SIZ25", "earlier"), ("May 2024, T\u221213", "earlier"), ("SIH26", "accent"),
    ]  # fmt: skip
    assert figure.series[-1].points == [(-14.0, 0.3), (-13.0, 0.4)]


def test_without_earlier_months_there_is_nothing_to_compare() -> None:
    """Nor is there for a measure that is about no delivery month."""
    assert history.beside(CHECKS["coverage_raw"], made_up(0.3), [], []) is None


# --- on the demo's home ------------------------------------------------------------------------


@pytest.mark.slow
def test_the_chart_and_the_table_carry_the_readings_of_sql(client: TestClient, home: Path) -> None:
    """Every value that counts, session by session."""
    wanted = homes.published(
        home,
        "select session, case when verdict not in ('nodata', 'error') then value end from readings "
        "where check_name = 'registered_drop' and subject = 'COMEX silver' order by session",
    )
    text = client.get(DROP).text
    data = charted(text)
    found = [value for value, said in zip(data["y"], data["said"], strict=True) if said]
    assert len(wanted) == 17
    assert found == [value for _, value in wanted]
    shown = text_of(text.split('id="sessions"')[1])
    for session, value in wanted:
        assert f"{session} {float(f'{value:.6g}'):,}" in shown


@pytest.mark.slow
def test_each_session_says_its_legs_with_as_of_and_moment(client: TestClient, home: Path) -> None:
    """What the pointer shows is what the reading stands on."""
    ((session, inputs),) = homes.published(
        home,
        "select session, inputs from readings where check_name = 'coverage_raw' and subject = 'SIH26' "
        "and value is not null order by session desc limit 1",
    )
    legs = json.loads(inputs)
    said = next(one for one in charted(client.get(COVER).text)["said"] if one and one[0].startswith(str(session)))
    assert f"public {legs['registered_published_at'][:16]} UTC" in said[1]
    assert f"of {legs['open_interest_session']}, public {legs['open_interest_published_at'][:16]} UTC" in said[2]
    assert "open interest 6,223 lots" in said[2]


@pytest.mark.slow
def test_the_explanation_is_that_of_bullion_explain(client: TestClient, home: Path) -> None:
    """The same numbers, legs and files as the command gives for the moment the reading was made."""
    ((made,),) = homes.published(
        home,
        "select max_by(evaluated_at, session) from readings where check_name = 'registered_drop'",
    )
    folders = Folders(home)
    with published.Reader(published.newest(folders.published)) as reader:
        archive = Archive(folders.archive)
        told = explain.explain(reader, CHECKS["registered_drop"], "COMEX silver", Moment(aware(made)), archive)
    shown = text_of(client.get(DROP).text)
    assert told.numbers
    assert f"Numbers {told.numbers} = " in shown
    assert len(told.legs) == 2
    for leg in told.legs:
        assert leg.file
        assert f"{leg.session} {leg.published_at:%Y-%m-%d %H:%M} UTC" in shown
        assert f"{leg.file.source} : {leg.file.name} {leg.file.path}" in shown
    assert f"Session {told.reading.session} explained" in shown
    assert f"Verdict {apart.verdict(told.reading)}" in shown


@pytest.mark.slow
def test_the_csv_is_the_rows_of_the_view(client: TestClient, home: Path) -> None:
    """Column by column, offered under a name of its own."""
    answer = client.get(f"{DROP}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    wanted = homes.published(
        home,
        "select session::varchar, value from readings where check_name = 'registered_drop' order by session",
    )
    assert [(row["session"], float(row["value"])) for row in rows] == wanted
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="registered_drop_COMEX_silver.csv"' in answer.headers["content-disposition"]


@pytest.mark.slow
def test_the_sql_shown_gives_the_rows_shown(client: TestClient, home: Path) -> None:
    """Copied off the page and asked of the generation."""
    page = client.get(DROP).text
    sql = html.unescape(page.split("<pre>")[1].split("</pre>")[0])
    assert len(homes.published(home, sql)) == page.split('id="sessions"')[1].count("<tr>") - 1 == 17
    assert html.escape(CHECKS["registered_drop"].sql.strip()[:60], quote=False) in page


@pytest.mark.slow
def test_episodes_are_those_the_readings_fold_into(client: TestClient, home: Path) -> None:
    """The pale bands and the list tell the same days."""
    page = client.get(DROP).text
    rows = homes.published(
        home, "select session, value, verdict from readings where check_name = 'registered_drop' order by session"
    )
    check = CHECKS["registered_drop"]
    readings = [Reading("registered_drop", "COMEX silver", day, value, Verdict(said)) for day, value, said in rows]
    folded = judge.fold(readings, check.policy).episodes
    assert folded
    assert len(charted(page)["spans"]) == len(folded)
    for episode in folded:
        assert f"from {episode.opened}" in text_of(page)


@pytest.mark.slow
def test_first_notice_day_of_its_own_month_alone_is_marked(client: TestClient) -> None:
    """Of coverage of March 2026, that of SIH26 and no other."""
    labels = [label for _, label in charted(client.get(COVER).text)["marks"]]
    assert any("FND SIH26" in label for label in labels)
    assert not [label for label in labels if "GC" in label or "SIK26" in label]


@pytest.mark.slow
def test_out_of_date_is_said_first_and_drawn_dashed(home: Path) -> None:
    """A month later the title says unknown, not the old figure."""
    with pages.served(home, pages.DEMO_ENDS + timedelta(days=30)) as client:
        page = client.get(DROP).text
    (title,) = re.findall(r"<h1>(.*?)</h1>", page)
    assert "unknown, out of date: comex_stocks is overdue" in title
    assert "the last known figure was" in page
    assert 'class="series stale accent"' in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/measure/no_check/SIH26", 404), ("/measure/coverage_raw/SIX99", 404), (f"{COVER}?session=1999-01-01", 404),
        (f"{COVER}?last=many", 400), ("/measure/coverage_raw/SIX99.csv", 404),
        ("/measure/price_level/silver%20over%2090%20USD%2Foz", 200), ("/measure", 200),
    ],
)  # fmt: skip
def test_each_address_answers_what_it_names(client: TestClient, address: str, status: int) -> None:
    """A subject may have a stroke in it; what is not there is said to be not there."""
    assert client.get(address).status_code == status


@pytest.mark.slow
def test_every_measure_in_the_list_has_a_page(client: TestClient) -> None:
    """Each link leads to a page that can be made, with or without a figure."""
    links = re.findall(r'href="(/measure/[^"]+)"', client.get("/measure").text)
    assert len(links) >= 20
    assert {client.get(html.unescape(link)).status_code for link in links} == {200}


# --- text that is not ours ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_what_reports_and_people_wrote_is_shown_as_text(tmp_path: Path, payload: str) -> None:
    """In subjects, reasons, names of files, events, depositories, contracts and series: no element of its own."""
    home = pages.demo_home(tmp_path)
    path = published.newest(home / "published")
    path.chmod(0o644)
    with duckdb.connect(str(path)) as con:
        for table, column in WRITTEN:
            con.execute(f"update {table} set {column} = {column} || ?", [payload])
    path.chmod(0o444)
    subject = quote("COMEX silver" + payload, safe="/")
    with pages.served(home) as client:
        for address in ("/measure", f"/measure/registered_drop/{subject}", "/curve/SI", "/vaults/silver", "/regions"):
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.text)
            read = Reader(answer.text)
            assert read.harm == [], address
            assert payload[:20] in read.text or address in ("/measure", "/regions"), address
            assert "1337" not in read.text
