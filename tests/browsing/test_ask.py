"""Ask, Claims and Backtest in a real browser: figures read off against SQL, keyboard, phone, colours, no script."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import PHONE, in_each_dress, is_wider_than_its_window, serious_findings, tab
from tests.homes import published

pytestmark = pytest.mark.slow
COVER = "select session, registered_oz, raw_coverage from coverage where contract = 'SIH26' order by session"
ADDRESSES = (
    "ask", "ask?q=cover", "ask/views", "claims",
    "claims?text=" + quote("366 Moz March open interest vs 102 Moz registered on 2026-02-10"), "claims/30", "backtest",
)  # fmt: skip
REPLAY = "backtest?check=vault_outflow&from=2026-02-20&to=2026-02-27"


def rows(page: Page, table: str) -> list[list[str]]:
    """The text of every cell of a table."""
    return [row.locator("th, td").all_inner_texts() for row in page.locator(f"#{table} tbody tr").all()]


def test_a_question_typed_in_is_answered_with_the_figures_of_sql(browser: Browser, url: str, home: Path) -> None:
    """Every digit; the drawing is of the same columns, and the file holds the same rows."""
    wanted = [[str(day), repr(ounces), repr(cover)] for day, ounces, cover in published(home, COVER)]
    assert len(wanted) > 10
    with tab(browser) as page:
        page.goto(url)
        page.keyboard.press("q")
        page.get_by_label("One SELECT").fill(COVER)
        page.get_by_role("button", name="Ask").click()
        expect(page.get_by_role("heading", name=f"{len(wanted)} rows")).to_be_visible()
        assert rows(page, "rows") == wanted
        drawn = page.get_by_role("img").all()
        assert (drawn[0].get_attribute("aria-label") or "").startswith("registered_oz, last ")
        assert len(drawn) == 2
        with page.expect_download() as saved:
            page.get_by_role("link", name="CSV").click()
        assert list(csv.reader(saved.value.path().read_text(encoding="utf-8").splitlines()))[1:] == wanted


def test_a_saved_question_is_asked_again_with_another_value(browser: Browser, url: str, home: Path) -> None:
    """Its address holds name and value, and is answered as it stands."""
    ((count,),) = published(home, "select count(*) from coverage_family where contract = 'SIK26'")
    with tab(browser) as page:
        page.goto(url + "ask")
        page.get_by_role("link", name="Cover of one delivery month, session by session").click()
        page.get_by_label("contract").fill("SIK26")
        page.get_by_role("button", name="Ask").click()
        expect(page.get_by_role("heading", name=f"{count} row" + "s" * (count != 1), exact=True)).to_be_visible()
        assert "q=cover" in page.url
        assert "contract=SIK26" in page.url


def test_the_claim_of_an_article_is_tested_in_the_browser(browser: Browser, url: str, home: Path) -> None:
    """The registered metal it reproduces is that of SQL."""
    ((ounces,),) = published(
        home, "select registered_oz from coverage where contract = 'SIH26' and session = '2026-02-06'"
    )
    with tab(browser) as page:
        page.goto(url + "claims")
        page.get_by_label("A figure somebody printed").fill("102 Moz registered on 2026-02-10")
        page.keyboard.press("Enter")
        found = page.locator(".finding")
        expect(found).to_have_count(1)
        assert f"{ounces / 1e6:.3f} Moz, session 2026-02-06" in found.inner_text()
        assert "agrees" in found.inner_text()


def test_a_backtest_comes_to_its_end_without_a_hand_or_a_script(browser: Browser, url: str) -> None:
    """The browser looks again by itself; the drawing is shown."""
    with tab(browser, java_script_enabled=False) as page:
        page.goto(url + REPLAY)
        expect(page.locator("#scores")).to_be_visible(timeout=120_000)
        assert [row[0] for row in rows(page, "scores")] == ["vault outflow"]
        assert page.locator(".chart img").evaluate("image => image.naturalWidth") > 0


@in_each_dress
def test_the_pages_keep_nobody_out(browser: Browser, url: str, viewport: dict[str, int], scheme: str) -> None:
    """axe-core finds nothing serious, and no page is wider than its window: both widths, both colour schemes."""
    with tab(browser, viewport=viewport, color_scheme=scheme) as page:
        for address in (*ADDRESSES, REPLAY):
            page.goto(url + address)
            if address == REPLAY:
                expect(page.locator("#scores")).to_be_visible(timeout=120_000)
            assert serious_findings(page) == [], address
            assert not is_wider_than_its_window(page), address


def test_a_refusal_is_read_out_and_keeps_nobody_out(browser: Browser, url: str) -> None:
    """The reason is an alert, and the question is still there to be mended."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url + "ask?sql=" + quote("select 1; select 2"))
    expect(page.get_by_role("alert")).to_contain_text("There are 2 statements here")
    expect(page.get_by_label("One SELECT")).to_have_value("select 1; select 2")
    assert serious_findings(page) == []
    assert not is_wider_than_its_window(page)
    context.close()


def test_the_pages_read_the_same_without_scripts(browser: Browser, url: str) -> None:
    """All their text, but for how long an answer took."""
    told: list[list[list[str]]] = []
    for is_on in (True, False):
        with tab(browser, java_script_enabled=is_on) as page:
            told.append([])
            for address in ADDRESSES:
                page.goto(url + address)
                lines = page.locator("main").inner_text().splitlines()
                told[-1].append([line for line in lines if "Answered in" not in line])
    assert told[0] == told[1]
