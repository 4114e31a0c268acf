"""The pages Alerts and Sources on the demo's home: what is told, what a form does, which rows were put aside."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from alerts.ledger import Ledger
from monitor import selfwatch
from monitor.config import Mail
from monitor.model import Reading, Verdict
from monitor.news import News
from monitor.web.pages.alerts import MAIL_POLICY
from tests import pages
from tests.homes import published

pytestmark = pytest.mark.slow
OUTFLOW = {"check": "vault_outflow", "subject": "COMEX silver"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One for each test, which acts on it."""
    return pages.demo_home(tmp_path)


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home) as opened:
        yield opened


def send(client: TestClient, **form: str) -> tuple[int, str]:
    """(status, where it leads or what it says) of a form on the page Alerts."""
    answer = client.post("/alerts", data=form, headers=pages.OURS)
    return answer.status_code, answer.headers.get("location") or html.unescape(answer.text)


def ledger(home: Path) -> Ledger:
    return Ledger(home / "alerts.sqlite", guest=True)


# --- alerts ------------------------------------------------------------------------------------


def test_every_open_alert_is_listed(client: TestClient, home: Path) -> None:
    """As many rows as stories told open, and the page says how many."""
    ((count,),) = published(home, "select count(*) from alerts where state = 'open'")
    text = client.get("/alerts").text
    assert f"<h1>{count} open alerts</h1>" in text
    assert text.count('value="ack"') == count


def test_an_alert_says_what_it_mutes(client: TestClient, home: Path) -> None:
    """That a report is overdue, as long as it is told that it cannot be read."""
    assert "is muted" not in client.get("/alerts").text
    drift = Reading("schema_drift", "shfe_warrants", pages.DEMO_ENDS.date(), 1.0, Verdict.WARNING, reason="made up")
    with ledger(home) as opened:
        News(opened, selfwatch.CHECKS, {}, Mail(), "desk.example.org").tell([drift], pages.DEMO_ENDS)
    assert "source stale of it is muted" in client.get("/alerts").text


def test_the_history_and_the_mails_are_whole(client: TestClient, home: Path) -> None:
    """Every event ever told, and every message."""
    text = client.get("/alerts?all=1").text
    with ledger(home) as opened:
        assert text.count('data-label="Told"') == len(opened.told_events()) > 10
        assert text.count("/alerts/mail/") == len(opened.outbox.letters()) == 7


def test_acknowledging_needs_no_script(client: TestClient, home: Path) -> None:
    """A plain form; the ledger holds who did it, and the page says so."""
    assert send(client, do="ack", author="ana", **OUTFLOW) == (303, "/alerts?done=ack")
    with ledger(home) as opened:
        assert opened.acked_by()[("vault_outflow", "COMEX silver")] == ("ana", pages.DEMO_ENDS)
    text = client.get("/alerts?done=ack").text
    assert "Acknowledged: no reminders for 10 sessions." in text
    assert "acknowledged by ana" in client.get("/").text


def test_a_silence_begins_and_ends(client: TestClient, home: Path) -> None:
    """It holds from now for the time chosen; ending it is another form."""
    assert send(client, do="silence", metal="silver", length="3 days", author="ana", reason="a vault moves")[0] == 303
    with ledger(home) as opened:
        (silence,) = opened.silences(pages.DEMO_ENDS)
    assert dict(silence.matcher) == {"metal": "silver"}
    assert silence.ends - silence.starts == timedelta(days=3)
    assert "ana: a vault moves" in client.get("/alerts").text
    assert send(client, do="unsilence", number=str(silence.id), author="ben")[0] == 303
    with ledger(home) as opened:
        assert opened.silences(pages.DEMO_ENDS) == []


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        (
            {"do": "ack", "author": "ana", "check": "vault_outflow", "subject": "COMEX gold"},
            "no alert of vault_outflow",
        ),
        ({"do": "ack", "author": " ", **OUTFLOW}, "author is empty"),
        ({"do": "ack", "author": "a" * 301, **OUTFLOW}, "author is longer"),
        ({"do": "silence", "length": "3 days", "author": "ana", "reason": "x"}, "say what to silence"),
        ({"do": "silence", "metal": "silver", "length": "a year", "author": "ana", "reason": "x"}, "a silence lasts"),
        ({"do": "silence", "metal": "silver", "length": "1 day", "author": "ana"}, "reason is empty"),
        ({"do": "unsilence", "number": "77", "author": "ana"}, "77"),
        ({"do": "unsilence", "number": "1; drop table acks", "author": "ana"}, "no number"),
        ({"do": "delete"}, "nothing that can be done"),
        ({}, "nothing that can be done"),
    ],
)
def test_a_form_that_cannot_be_done_is_told_why(
    client: TestClient, home: Path, form: dict[str, str], complaint: str
) -> None:
    """400 with a sentence, and the ledger as it was."""
    status, said = send(client, **form)
    assert (status, complaint.lower() in said.lower()) == (400, True), said
    with ledger(home) as opened:
        assert (opened.acked_by(), opened.every_silence()) == ({}, [])


def test_another_site_cannot_acknowledge(client: TestClient, home: Path) -> None:
    """The form is refused before anything reads it."""
    form = {"do": "ack", "author": "eve", **OUTFLOW}
    assert client.post("/alerts", data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    with ledger(home) as opened:
        assert opened.acked_by() == {}


def test_a_visit_changes_nothing(client: TestClient, home: Path) -> None:
    """The same words behind a ? do nothing."""
    client.get("/alerts?do=ack&author=eve&check=vault_outflow&subject=COMEX+silver")
    with ledger(home) as opened:
        assert opened.acked_by() == {}


def test_a_mail_is_shown_as_it_was_sent(client: TestClient, home: Path) -> None:
    """The text part word for word, without its recipient."""
    with ledger(home) as opened:
        letter = opened.outbox.letter(1)
    assert letter is not None
    text = client.get("/alerts/mail/1").text
    assert html.unescape(text.split("<pre>")[1].split("</pre>")[0]).strip() == letter["text"].strip()
    assert "analyst@example.org" not in text
    assert "analyst@example.org" not in client.get("/alerts").text


def test_the_html_of_a_mail_is_a_document_that_may_do_nothing(client: TestClient) -> None:
    """Sandboxed by its own policy: no script, no form, no origin; its pictures are inside."""
    answer = client.get("/alerts/mail/2/html")
    assert answer.headers["content-security-policy"] == MAIL_POLICY
    assert "script-src" not in MAIL_POLICY
    assert MAIL_POLICY.startswith("sandbox; default-src 'none'")
    assert "cid:" not in answer.text
    assert "data:image/png;base64," in answer.text


def test_a_story_tells_everything_of_one_alert(client: TestClient) -> None:
    """Opened, escalated, in order, the newest first."""
    text = client.get("/alerts/of", params=OUTFLOW).text
    assert text.index("escalated") < text.index("firing")
    assert client.get("/alerts/of?check=vault_outflow&subject=tin").status_code == 404
    assert client.get("/alerts/mail/999").status_code == 404


def test_without_a_ledger_nothing_is_open(home: Path) -> None:
    """A home in which nothing was told shows an empty page, and makes no ledger."""
    (home / "alerts.sqlite").unlink()
    with pages.served(home) as client:
        assert "No open alerts" in client.get("/alerts").text
        assert send(client, do="ack", author="ana", **OUTFLOW)[0] == 400
    assert not (home / "alerts.sqlite").exists()


# --- sources -----------------------------------------------------------------------------------


def test_every_source_is_listed_with_what_is_wrong_first(client: TestClient, home: Path) -> None:
    """As many rows as source_health, those on time before those never loaded."""
    health = published(home, "select source from source_health")
    text = client.get("/sources").text
    assert text.count('<th scope="row">') == len(health)
    assert text.index(">comex stocks<") < text.index(">cfets fx<")


def test_a_refused_file_is_told_with_its_place(client: TestClient) -> None:
    """The damaged report of the demo: file, sheet, row and column, and why."""
    text = html.unescape(client.get("/sources/comex_stocks").text)
    assert "Silver_stocks_2026-02-18_saved_again.xls" in text
    assert "row 23, column H" in text
    assert "98791722.054" in text


def test_a_source_says_its_terms_and_what_is_due(client: TestClient, home: Path) -> None:
    """Publisher, terms, licence, sessions held, next report."""
    ((count, first, last),) = published(
        home,
        "select count(distinct session), min(session), max(session) from source_sessions where source = 'comex_stocks'",
    )
    text = html.unescape(client.get("/sources/comex_stocks").text)
    assert f"{count} sessions, {first} to {last}" in text
    assert "17:00 America/New_York" in text
    assert "Data Terms of Use" in text


def test_every_archived_file_has_its_outcome(client: TestClient, home: Path) -> None:
    """As many rows as files of the source were loaded or refused."""
    ((count,),) = published(home, "select count(*) from loads where source = 'comex_stocks'")
    assert client.get("/sources/comex_stocks").text.count('data-label="Outcome"') == count == 38


def test_an_unknown_source_is_not_there(client: TestClient) -> None:
    """404, whatever the name holds."""
    for name in ("tin", "..%2f..%2fetc", "<script>"):
        assert client.get(f"/sources/{name}").status_code == 404
