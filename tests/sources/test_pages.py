"""Pages that would cost a parser minutes, or show it a number that nobody printed, are refused before it sees them."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from monitor.errors import Unreadable
from monitor.model import Answer
from monitor.sources import ibja_rates, sge_quotes, shfe_warrants, tables
from tests.factories import asia, shanghai

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)
WARRANTS = shanghai.shfe_warrants_html(DAY).decode()
QUOTES = shanghai.sge_page(shanghai.sge_rows(DAY)).decode()


def swapped(page: str, old: str, new: str) -> bytes:
    assert old in page
    return page.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("junk", "says"),
    [
        ("<div><b><i>" * 60_000, "elements inside one another"),
        ("<DIV></b>" * 90_000, "elements inside one another"),
        ("</div>" * 90_000 + "<div>" * 90_000, "elements inside one another"),
        ("<table><tr><td>" * 2_000, "elements inside one another"),
        ("<td>1" * 250_000, "a page of 250[0-9]{3} tags"),
    ],
)
def test_a_page_that_is_too_deep_or_too_large_is_refused_at_once(junk: str, says: str) -> None:
    """60,000 times three open elements took a minute and a half."""
    body = swapped(WARRANTS, "<tr", junk + "<tr")
    started = time.process_time()
    with pytest.raises(Unreadable, match=says):
        shfe_warrants.parse(Answer(body, "page.html", NOW))
    assert time.process_time() - started < 1


def test_what_need_not_be_closed_does_not_count_as_deep() -> None:
    """Line breaks, pictures, paragraphs, items and cells."""
    junk = "<br><img src='x'><p>x<li>y" * 2_000 + "<div><b>z</b></div>" * 2_000
    body = swapped(WARRANTS, "</body>", f"{junk}</body>")
    sound = shfe_warrants.parse(Answer(WARRANTS.encode(), "page.html", NOW))
    assert (
        shfe_warrants.parse(Answer(body, "page.html", NOW))
        .frames["shfe_warrant_rows"]
        .equals(sound.frames["shfe_warrant_rows"])
    )


def test_the_cells_of_rows_inside_a_row_belong_to_those_rows_alone() -> None:
    """Read again for every row around them, 300 rows in one another were 50,000 cells and two seconds."""
    page = asia.ibja_page(asia.ibja_usual(DAY)).decode()
    start = page.index("<tr", page.index("<tr") + 1)
    row = page[start : page.index("</tr>", start)]
    body = (page[:start] + (row + "<td><table>") * 300 + page[start:]).encode()
    started = time.process_time()
    found = ibja_rates.parse(Answer(body, "page.html", NOW)).frames["ibja_rows"]
    assert time.process_time() - started < 1
    assert found.equals(ibja_rates.parse(Answer(page.encode(), "page.html", NOW)).frames["ibja_rows"])


def test_a_nul_in_a_number_does_not_vanish() -> None:
    """The parser leaves it out: a damaged 930.50 would be 90.50."""
    with pytest.raises(Unreadable, match=r"a NUL in the page.*character [0-9]+"):
        sge_quotes.parse(Answer(swapped(QUOTES, ">930.50<", ">9\x000.50<"), "page.html", NOW))


def test_a_cell_is_read_to_its_five_thousandth_character() -> None:
    """Cells hold cells, and each is read whole."""
    page = tables.page_of(f"<html><table><tr><td>{'ab ' * 5_000}</td></tr></table></html>")
    assert [len(cell.text) for cell in tables.grid(page.css("table")[0])[0]] == [5_000]
