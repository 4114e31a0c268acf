"""The page of regions: figures are those of SQL; closed, locked and unknown days never have one."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from monitor import publish
from monitor.house import House
from monitor.web.pages import regions
from tests import facts, homes, pages
from tests.checks.shanghai import close, days, mumbai, new_york, rates

PER_KG = 32.15074656862798
BEFORE = days("2026-02-03", "2026-02-13", "SGE")
AFTER = days("2026-02-24", "2026-02-27", "SGE")
"""Sessions of Shanghai around its spring holiday."""
LOCKED, BARE = date(2026, 2, 6), date(2026, 2, 11)
"""A day at the price limit, and one without New York's settlement after it."""
NOW = datetime(2026, 2, 28, 8, tzinfo=UTC)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with homes.house(tmp_path, NOW) as found:
        yield found


def season(opened: House, left_out: date | None = None) -> None:
    """Shanghai 15 % over 80 USD with its tax of 13 %, India 10 % with a duty of 6 %, SOFR at 4.2. It is all made up."""
    every = (*BEFORE, *AFTER)
    for currency, quoted in (("CNY", 7.0), ("INR", 90.0)):
        rates(opened, dict.fromkeys(every, quoted), currency)
    traded = days("2026-02-02", "2026-02-27", "COMEX")
    new_york(opened, {day: 80.0 for day in traded if day != BARE})
    price = 80.0 * 1.15 * PER_KG * 7.0
    for day in every:
        limit: dict[str, Any] = {"high": price, "change": price - price / 0.85} if day == LOCKED else {}
        if day != left_out:
            close(opened, day, price, **limit)
    mumbai(opened, AFTER[-1], 80.0 * 1.1 * PER_KG * 90.0)
    facts.put(
        opened,
        "rate_rows",
        [{"session": day, "series": "SOFR", "percent": 4.2, "basis": "act_360", "revision": ""} for day in traded],
        source="nyfed_sofr",
    )


def page_of(opened: House, now: datetime = NOW) -> str:
    """The page over what was put into a house."""
    publish.publish(opened.store, opened.folders.published, now)
    with pages.served(opened.folders.home, now) as client:
        return client.get("/regions").text


def rows_of(text: str, table: str) -> list[list[str]]:
    """The cells of the body of a table."""
    body = text.split(f'id="{table}"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [
        [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in re.split(r"</t[hd]>", row)[:-1]]
        for row in body.split("</tr>")[:-1]
    ]


def made_up_day(day: date, state: str) -> dict[str, Any]:
    """A row as `sql/pages/regions_days.sql` answers it; it is made up."""
    return {"session": day, "state": state, "venue": "SHFE"}


# --- pure --------------------------------------------------------------------------------------


def test_neighbouring_closed_days_are_one_across_a_weekend() -> None:
    """A locked day between them is one of its own; a day whose price is not held is not marked."""
    told = [
        made_up_day(date(2026, 2, 19), "closed"), made_up_day(date(2026, 2, 20), "closed"),
        made_up_day(date(2026, 2, 23), "closed"), made_up_day(date(2026, 2, 24), "limit-locked"),
        made_up_day(date(2026, 2, 25), "not held"),
    ]  # fmt: skip
    assert [(run[0]["state"], len(run)) for run in regions.runs(told)] == [("closed", 3), ("limit-locked", 1)]


# --- made-up prices ----------------------------------------------------------------------------


def test_headline_net_cost_and_edge_of_each_venue_stand_side_by_side(opened: House) -> None:
    """15 % as quoted, 15/1.13 without tax; costs 13 + 2 + 4.2 * 30 / 360; the rest is the edge."""
    season(opened)
    india, shanghai = rows_of(page_of(opened), "newest")
    cost = 13 + 2 + 4.2 * 30 / 360
    assert shanghai[2:6] == [
        "+15.00", f"{100 * (1.15 / 1.13 - 1):+.2f} ex tax",
        f"{cost:+.2f}", f"{15 - cost:+.2f}",
    ]  # fmt: skip
    assert india[0].startswith("MCX")
    assert india[3] == f"{100 * (1.1 / 1.06 - 1):+.2f} ex duty"


def test_the_days_are_those_of_sql(opened: House) -> None:
    """Every session with its interval, as the view has it."""
    season(opened)
    text = page_of(opened)
    wanted = homes.published(
        opened.folders.home,
        "select session, ex_tax_low_pct, ex_tax_high_pct from regional_premium where unknown_because = ''",
    )
    shown = {row[0]: row for row in rows_of(text, "days-SGE")}
    assert len(wanted) >= 8
    for session, low, high in wanted:
        least, most = f"{low:+.2f}", f"{high:+.2f}"
        assert shown[str(session)][6] == (least if least == most else f"{least} to {most}")
        assert shown[str(session)][1] == "known"


def test_a_locked_day_has_no_figure_and_says_so(opened: House) -> None:
    """Nor has a day without the settlement after it; each with its reason."""
    season(opened)
    shown = {row[0]: row for row in rows_of(page_of(opened), "days-SGE")}
    assert shown[str(LOCKED)][1] == "limit-locked : unknown"
    assert shown[str(BARE)][1] == "unknown: a New York settlement around the Shanghai close is missing"
    for day in (LOCKED, BARE):
        assert shown[str(day)][5:7] == ["unknown", "unknown"]
        assert shown[str(day)][8] == "unknown"


def test_closed_days_stand_in_the_table_and_pale_in_the_chart(opened: House) -> None:
    """Shanghai's holiday, while New York traded; the locked day is marked too."""
    season(opened)
    text = page_of(opened)
    closed = [row[0] for row in rows_of(text, "days-SGE") if row[1:2] == ["closed"]]
    assert closed == [str(day) for day in reversed(days("2026-02-17", "2026-02-23", "COMEX"))]
    chart = text.split('id="SGE"')[1].split("</svg>")[0]
    assert chart.count('class="band band-unknown"') == 1
    assert chart.count('class="band band-critical"') == 1
    assert ">closed</text>" in chart
    assert ">limit-locked</text>" in chart


def test_unknown_sessions_are_gaps_in_the_chart(opened: House) -> None:
    """The locked day, the bare one and one whose price is not held cut the line; a holiday does not."""
    season(opened, left_out=AFTER[1])
    text = page_of(opened)
    chart = text.split('id="SGE"')[1].split("</svg>")[0]
    assert chart.count('class="series accent"') == 4
    assert {row[0]: row[1] for row in rows_of(text, "days-SGE")}[str(AFTER[1])] == "not held"
    assert "import costs" in chart


def test_the_title_says_each_venue_and_unknown_where_the_price_is_old(opened: House) -> None:
    """A month later the same prices say nothing of now."""
    season(opened)
    assert "<h1>Silver over New York: MCX +3.8 % without duty, SGE +1.8 % without tax</h1>" in page_of(opened)
    later = page_of(opened, NOW + timedelta(days=30))
    assert "<h1>Silver over New York: MCX unknown, SGE unknown</h1>" in later
    assert f"the newest price is of {AFTER[-1]}" in later
    assert {cell for row in rows_of(later, "newest") for cell in (row[2], row[3], row[5])} == {"unknown"}


def test_without_sofr_the_edge_is_unknown_and_says_why(opened: House) -> None:
    """The premium itself stands."""
    rates(opened, dict.fromkeys(AFTER, 7.0), "CNY")
    new_york(opened, dict.fromkeys(days("2026-02-23", "2026-02-27", "COMEX"), 80.0))
    for day in AFTER:
        close(opened, day, 80.0 * 1.15 * PER_KG * 7.0)
    (row,) = rows_of(page_of(opened), "newest")
    assert row[2] == "+15.00"
    assert row[4:6] == ["unknown", "unknown no SOFR within seven days"]


def test_a_home_without_prices_says_that_every_premium_is_unknown(opened: House) -> None:
    """And is no error."""
    assert "No price of another region is held: every premium is unknown" in page_of(opened)


# --- on the demo's home ------------------------------------------------------------------------


@pytest.mark.slow
def test_an_interval_that_is_too_wide_is_unknown_on_the_demo(tmp_path: Path) -> None:
    """The title, the row and its reason; a metal that is not held is not there."""
    with pages.served(pages.demo_home(tmp_path)) as client:
        answer: TestClient = client
        text = answer.get("/regions").text
        assert answer.get("/regions?metal=tin").status_code == 404
    assert "<h1>Silver over New York: SGE unknown, SHFE unknown</h1>" in text
    for row in rows_of(text, "newest"):
        assert row[1] == "unknown the New York settlements before and after lie more than 3 points apart"
        assert row[2:4] == ["unknown", "unknown"]
