"""Now, Alerts and Sources in a real browser, over real sockets: figures, keyboard, phone, colours, print, no script."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from alerts.ledger import Ledger
from monitor import publish
from monitor.store import Store
from monitor.web.gate import Gate
from tests import pages
from tests.browser import AXE, DESK, PHONE, in_each_dress, is_wider_than_its_window, serious_findings, serving, tab
from tests.factories import shanghai
from tests.homes import published
from tests.test_run import DAYS, bullion, configured, until

pytestmark = pytest.mark.slow
ADDRESSES = (
    "", "place?metal=silver&venue=COMEX", "alerts", "alerts/of?check=vault_outflow&subject=COMEX+silver",
    "alerts/mail/1", "sources", "sources/comex_stocks",
)  # fmt: skip


def cell(page: Page, row: str, label: str) -> str:
    """The text of a cell of the table on Now, by the name of its row and its label."""
    found = page.locator("#now tbody tr").filter(has=page.get_by_role("link", name=row, exact=True))
    return found.locator(f'td[data-label="{label}"]').inner_text()


def test_the_figures_read_off_now_are_those_of_sql(browser: Browser, url: str, home: Path) -> None:
    """Value, level and session of the vaults' outflow and of Shanghai's warrants, to the digits shown."""
    with tab(browser) as page:
        page.goto(url)
        for row, check, subject in (
            ("Silver COMEX", "vault_outflow", "COMEX silver"),
            ("Silver SHFE", "shfe_warrant_drop", "SHFE silver"),
        ):
            ((value, warn, session),) = published(
                home,
                f"select value, warn, session from readings where check_name = '{check}' and subject = '{subject}' "
                "order by session desc limit 1",
            )
            shown = float(cell(page, row, "Value").removesuffix(" %"))
            assert shown == pytest.approx(value, rel=1e-5)
            assert f"below {warn:.3g}"[:8] in cell(page, row, "Bad when")
            assert str(session) in cell(page, row, "Legs")
        ((opened,),) = published(home, "select count(*) from alerts where state = 'open'")
        expect(page.get_by_role("heading", name=f"{opened} open alerts")).to_be_visible()


def test_every_link_of_the_pages_leads_somewhere(browser: Browser, url: str) -> None:
    """No link of ours on any page is answered by anything but a page."""
    with tab(browser) as page:
        links: set[str] = set()
        for address in ADDRESSES:
            page.goto(url + address)
            links |= {
                str(link).split("#")[0] for link in page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
            }
        ours = sorted(link for link in links if link.startswith(url))
        assert len(ours) > 40
        for link in ours:
            assert page.request.get(link).status == 200, link


@in_each_dress
def test_no_page_keeps_anybody_out(browser: Browser, url: str, viewport: dict[str, int], scheme: str) -> None:
    """axe-core finds nothing serious, and no page is wider than its window: both widths, both colour schemes."""
    with tab(browser, viewport=viewport, color_scheme=scheme) as page:
        for address in ADDRESSES:
            page.goto(url + address)
            assert serious_findings(page) == [], address
            assert not is_wider_than_its_window(page), address


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_page_full_of_overdue_reports_keeps_nobody_out(
    browser: Browser, home: Path, viewport: dict[str, int]
) -> None:
    """Three weeks after the last report: long addresses and reasons break, and nothing serious is found."""
    with serving(home, pages.DEMO_ENDS + timedelta(days=20)) as url, tab(browser, viewport=viewport) as page:
        for address in ("", "place?metal=silver&venue=COMEX", "sources"):
            page.goto(url + address)
            assert serious_findings(page) == [], address
            assert not is_wider_than_its_window(page), address


def test_states_are_told_by_shape_word_and_colour(browser: Browser, url: str) -> None:
    """Each state on Now has a drawing and a word of its own, and no two look the same."""
    with tab(browser) as page:
        page.goto(url + "place?metal=silver&venue=COMEX")
        looks = {}
        for state in ("critical", "warning", "unknown", "ok"):
            found = page.locator(f"#measures .state.{state}").first
            colour = found.evaluate("e => getComputedStyle(e).color")
            looks[state] = (found.inner_text().strip(), found.locator("svg").inner_html(), colour)
        assert [word for word, _, _ in looks.values()] == list(looks)
        assert len({drawing for _, drawing, _ in looks.values()}) == 4
        assert len({colour for _, _, colour in looks.values()}) == 4


def test_the_keyboard_reaches_every_page(browser: Browser, url: str) -> None:
    """A letter leads to a page; in a field the same letter is a letter."""
    with tab(browser) as page:
        page.goto(url)
        page.keyboard.press("a")
        page.wait_for_url(url + "alerts")
        page.get_by_label("Your name, to acknowledge Silver SHFE").press_sequentially("sana")
        assert page.url == url + "alerts"
        page.locator("h1").click()
        page.keyboard.press("s")
        page.wait_for_url(url + "sources")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="To the figures")).to_be_focused()


def test_without_script_everything_can_be_read_and_done(browser: Browser, tmp_path: Path) -> None:
    """Tables, links and forms work with scripts switched off: an alert is acknowledged by a form."""
    copy = pages.demo_home(tmp_path)
    with serving(copy) as url, tab(browser, java_script_enabled=False) as page:
        page.goto(url)
        expect(page.locator("#now tbody tr")).to_have_count(7)
        page.get_by_role("link", name="Silver COMEX, vault outflow").click()
        page.get_by_label("Your name").fill("ana")
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_role("status")).to_have_text("Acknowledged: no reminders for 10 sessions.")
        with Ledger(copy / "alerts.sqlite", guest=True) as ledger:
            assert ledger.acked_by()[("vault_outflow", "COMEX silver")][0] == "ana"


def test_a_silence_is_made_by_the_form(browser: Browser, tmp_path: Path) -> None:
    """Fields of the form become the silence, and the browser's own headers let it through."""
    copy = pages.demo_home(tmp_path)
    with serving(copy) as url, tab(browser) as page:
        page.goto(url + "alerts")
        page.get_by_text("Silence what is new of something").click()
        page.locator("select[name=metal]").select_option("silver")
        page.locator("select[name=length]").select_option("7 days")
        page.locator("input[name=reason]").fill("a vault moves")
        page.get_by_label("Your name", exact=True).fill("ana")
        page.get_by_role("button", name="Silence").click()
        expect(page.get_by_role("heading", name="1 silence")).to_be_visible()
        expect(page.get_by_text("ana: a vault moves")).to_be_visible()


def test_the_html_of_a_mail_runs_and_asks_nothing(browser: Browser, url: str) -> None:
    """In a sandbox with an origin of its own; its chart is drawn from inside the document."""
    with tab(browser) as page:
        page.goto(url + "alerts/mail/2/html")
        assert page.evaluate("window.origin") == "null"
        assert page.eval_on_selector_all("img", "all => all.every(i => i.complete && i.naturalWidth > 0)")


def test_a_page_prints_as_a_clean_sheet(browser: Browser, url: str) -> None:
    """Navigation and forms stay off the paper; the table stays on it."""
    with tab(browser) as page:
        page.goto(url + "alerts")
        page.emulate_media(media="print")
        expect(page.get_by_role("navigation")).to_be_hidden()
        expect(page.get_by_role("button").first).to_be_hidden()
        expect(page.locator("#open")).to_be_visible()


def test_a_first_visit_weighs_less_than_150_kb(browser: Browser, url: str) -> None:
    """Page, style and scripts together, as they go over the wire."""
    with tab(browser) as page:
        page.goto(url, wait_until="load")
        sizes = page.evaluate(
            "['navigation', 'resource'].flatMap(t => performance.getEntriesByType(t)).map(e => e.transferSize)"
        )
        assert len(sizes) >= 4
        assert min(sizes) > 0
        assert sum(sizes) < 150_000


def test_a_new_generation_is_announced_and_shown_when_wanted(browser: Browser, tmp_path: Path) -> None:
    """The page stays as it is under its announcement; one key shows the new figures, without loading it anew."""
    copy = pages.demo_home(tmp_path)
    with serving(copy) as url, tab(browser) as page:
        page.goto(url)
        news = page.get_by_role("status")
        before = page.locator("#generation").inner_text()
        expect(news).to_be_hidden()
        page.evaluate("window.stays = true")
        store = Store(copy / "live" / "market.duckdb")
        publish.publish(store, copy / "published", pages.DEMO_ENDS)
        store.close()
        expect(news).to_be_visible()
        assert page.locator("#generation").inner_text() == before
        page.keyboard.press("r")
        expect(page.locator("#generation")).not_to_have_text(before)
        expect(news).to_be_hidden()
        assert page.evaluate("window.stays") is True
        expect(page.locator("#now tbody tr")).to_have_count(7)


def test_a_tab_out_of_sight_holds_no_connection_and_hears_the_news_when_it_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    """Hidden, it leaves the announcements; seen again, it hears at once that there are new figures."""
    copy = pages.demo_home(tmp_path)
    with serving(copy) as url, tab(browser) as page, tab(browser) as other:
        page.goto(url)
        other.goto(url)
        look = "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true}); "
        look += "document.dispatchEvent(new Event('visibilitychange')); }"
        page.evaluate(look, "hidden")
        store = Store(copy / "live" / "market.duckdb")
        publish.publish(store, copy / "published", pages.DEMO_ENDS)
        store.close()
        expect(other.get_by_role("status")).to_be_visible()
        expect(page.get_by_role("status")).to_be_hidden()
        page.evaluate(look, "visible")
        expect(page.get_by_role("status")).to_be_visible()


def port_of(url: str) -> str:
    return url.rstrip("/").rpartition(":")[2]


def test_a_name_that_leads_here_shows_nothing(browser: Browser, url: str) -> None:
    """DNS rebinding: the browser reaches us under a name of somebody else, and gets a refusal."""
    with browser.new_context() as context:
        answer = context.new_page().goto(f"http://rebound.example.org:{port_of(url)}/")
        assert answer is not None
        assert answer.status == 421
        assert "Silver" not in answer.text()


def test_over_plain_http_beyond_this_machine_the_token_and_forms_work(browser: Browser, tmp_path: Path) -> None:
    """Where a browser sends no Sec-Fetch-Site, the origin of the form lets it through: log in, acknowledge."""
    token = "Zb3kQ0rVw8mTt1XyLd5cHg7uNs2eJfAa"
    home, host = pages.demo_home(tmp_path), "metals.example.org"
    allowed = frozenset({host})
    with serving(home, gate=Gate(token), hosts=allowed) as url, browser.new_context() as context:
        page = context.new_page()
        seen: list[dict[str, str]] = []
        page.on("request", lambda request: seen.append(request.all_headers()) if request.method == "POST" else None)
        page.goto(f"http://{host}:{port_of(url)}/alerts")
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Enter").click()
        page.get_by_role("link", name="Silver COMEX, vault outflow").click()
        page.get_by_label("Your name").fill("ana")
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_text("Acknowledged: no reminders")).to_be_visible()
        assert len(seen) == 2
        assert not [headers for headers in seen if "sec-fetch-site" in headers]


def test_a_page_of_another_site_cannot_write(browser: Browser, url: str, home: Path) -> None:
    """Its form reaches us from a real browser and is refused; nothing is acknowledged."""
    with browser.new_context() as context:
        page, form = context.new_page(), FORM % port_of(url)
        page.route("http://evil.example.org/**", lambda route: route.fulfill(content_type="text/html", body=form))
        page.goto("http://evil.example.org/")
        with page.expect_response(lambda response: response.url.endswith("/alerts")) as answered:
            page.get_by_role("button").click()
        assert answered.value.status == 403
    with Ledger(home / "alerts.sqlite", guest=True) as ledger:
        assert ledger.acked_by() == {}


FORM = """<form method=post action="http://127.0.0.1:%s/alerts"><input name=do value=ack><input name=author value=eve>
<input name=check value=vault_outflow><input name=subject value="COMEX silver"><button>Win</button></form>"""


@contextmanager
def daemon(folder: Path) -> Iterator[tuple[str, Path]]:
    """(address of its page, home) of a real daemon."""
    home = folder / "home"
    child = subprocess.Popen(bullion(home, "run", config=configured(folder)), stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr is not None
        for line in child.stderr:
            if found := re.search(r"the page is at (\S+)", line):
                yield found[1], home
                break
        else:
            pytest.fail("the daemon ended without a page")
    finally:
        child.terminate()
        child.communicate(timeout=30)
    assert child.returncode == 0


def test_the_daemon_serves_its_page_and_announces_what_it_loads(browser: Browser, tmp_path: Path) -> None:
    """From a cold start: an empty page, a report dropped in the inbox, the announcement, the figure."""
    with daemon(tmp_path) as (url, home), tab(browser) as page:
        until((home / "beat").exists)
        page.goto(url)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Nothing was read yet")
        pages_ = [("上海", "甲库", 1_000_000, 0)]
        (home / "inbox" / "page.html").write_bytes(shanghai.shfe_warrants_html(DAYS[0], silver=pages_))
        expect(page.get_by_role("status")).to_be_visible(timeout=20_000)
        page.get_by_role("link", name="New figures are published").click()
        expect(page.locator("#now")).to_contain_text("Silver SHFE")
        page.keyboard.press("s")
        expect(page.locator("#sources")).to_contain_text("shfe warrants")
        ((session,),) = published(home, "select newest_session from source_health where source = 'shfe_warrants'")
        row = page.locator("#sources tbody tr").filter(has_text="shfe warrants")
        expect(row.locator('td[data-label="Last"]')).to_have_text(str(session))


def test_the_accessibility_checker_is_the_one_that_was_published() -> None:
    """Its SHA-256 is the one noted beside it."""
    for line in (AXE.parent / "HASHES").read_text().splitlines():
        sha256, name = line.split()
        assert hashlib.sha256((AXE.parent / name).read_bytes()).hexdigest() == sha256
