"""The page Ask: answers are those of SQL, every refusal says why, and nothing stored becomes anything but text."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from monitor import queryfile
from monitor.adhoc_queue import Queue
from monitor.config import PageSettings
from monitor.tabular import Column, Result
from monitor.web import plot, serve
from monitor.web.look import Tools
from monitor.web.pages import ask
from tests import homes, pages
from tests.facts import stocks
from tests.test_web_payloads import PAYLOADS, Reader

DAYS = {date(2026, 2, 9): 102e6, date(2026, 2, 10): 101e6, date(2026, 2, 11): 98.5e6}
"""Made-up registered silver, troy ounces."""
HOSTILE = "select chr(8238) || 'gnp.exe' as a, chr(27) || '[2Jx' as b, 'zero' || chr(8203) || 'width' as c"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ask")
    with homes.house(folder) as opened:
        stocks(opened, DAYS)
        opened.publish(homes.NOW)
    return folder


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home, homes.NOW) as opened:
        yield opened


def asked(client: TestClient, path: str = "/ask", **query: str) -> tuple[int, str]:
    answer = client.get(f"{path}?{urlencode(query)}")
    return answer.status_code, answer.text


def text_of(html: str) -> str:
    return " ".join(Reader(html).text.split())


# --- answers -----------------------------------------------------------------------------------


def test_the_rows_are_those_of_sql(client: TestClient, home: Path) -> None:
    """Every cell of the answer stands in the table, all digits."""
    status, html = asked(client, sql="select session, value from (values (date '2026-02-10', 1.25)) t(session, value)")
    assert status == 200
    assert '<td>2026-02-10</td><td class="num">1.25</td>' in html
    html = asked(client, sql="select number from generation")[1]
    ((number,),) = homes.published(home, "select number from generation")
    assert f'<td class="num">{number}</td>' in html


def test_csv_and_json_hold_the_same_rows(client: TestClient) -> None:
    """Whole, with the file name of the saved question."""
    query = {"sql": "select i, i * 0.5 as half from range(3) r(i)"}
    rows = list(csv.reader(io.StringIO(asked(client, "/ask.csv", **query)[1])))
    assert rows == [["i", "half"], ["0", "0.0"], ["1", "0.5"], ["2", "1.0"]]
    told = json.loads(asked(client, "/ask.json", **query)[1])
    assert told == [{"i": 0, "half": 0.0}, {"i": 1, "half": 0.5}, {"i": 2, "half": 1.0}]
    saved = client.get("/ask.csv?q=curve&product=SI")
    assert saved.headers["content-disposition"] == 'attachment; filename="curve.csv"'


def test_every_saved_question_is_answered_by_its_address_alone(client: TestClient) -> None:
    """So that the address can be mailed."""
    for name in queryfile.saved():
        status, html = asked(client, q=name)
        assert status == 200, (name, text_of(html)[:400])


def test_a_parameter_in_the_address_reaches_the_question(client: TestClient) -> None:
    """And stands in its field."""
    status, html = asked(client, sql="select $metal as metal", metal="gold")
    assert (status, "<td>gold</td>" in html) == (200, True)
    assert '<input name="metal" value="gold"' in html


def test_no_saved_question_has_a_parameter_that_the_address_needs_itself() -> None:
    """`q`, `sql`, `as_of` and `known_at` are taken."""
    names = {one.name for question in queryfile.saved().values() for one in question.parameters}
    assert names & set(ask.RESERVED) == set()


def test_known_at_and_as_of_move_the_views(client: TestClient) -> None:
    """They reach the process of the question as variables."""
    query = {"sql": "select getvariable('as_of') as a, getvariable('known_at') as k"}
    html = asked(client, **query, as_of="2026-02-10", known_at="2026-02-10T12:00")[1]
    assert "<td>2026-02-10</td><td>2026-02-10 12:00:00</td>" in html


def test_a_cut_answer_says_so_and_its_file_is_whole(client: TestClient) -> None:
    """1,000 rows on the page, 100,000 in a file."""
    query = {"sql": "select i from range(5000) r(i)"}
    html = asked(client, **query)[1]
    assert "1,000 rows; there are more: only the first are shown" in text_of(html)
    assert len(asked(client, "/ask.csv", **query)[1].splitlines()) == 5001


def test_a_file_that_would_lack_rows_is_refused(client: TestClient) -> None:
    """It would look like one that has them all."""
    status, html = asked(client, "/ask.csv", sql="select i from range(100001) r(i)")
    assert status == 400
    assert "more than 100,000 rows or 16 MB" in text_of(html)


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"sql": "delete from stocks"}, "DELETE is not allowed"),
        ({"sql": "select 1; select 2"}, "2 statements"),
        ({"sql": "select * from read_csv('/etc/passwd')"}, "no files"),
        ({"sql": "selec 1"}, "syntax error"),
        ({"sql": "select $a"}, "needs a value for a"),
        ({"sql": "select $q"}, "$q cannot be a parameter here"),
        ({"q": "no_such"}, "no saved question of that name"),
        ({"q": "curve", "strange": "1"}, "has no parameter strange"),
        ({"q": "curve", "day": "soon"}, "which is no date"),
        ({"sql": "select 1", "as_of": "yesterday"}, "which is no moment"),
        ({"sql": "select " + "1" * 8_000}, "at most 8,000 characters"),
    ],
)
def test_a_refused_question_says_why_and_stays_in_its_field(
    client: TestClient, query: dict[str, str], why: str
) -> None:
    """400, for a page and for a file."""
    status, html = asked(client, **query)
    assert status == 400
    assert why in text_of(html).split("Limits:")[1]
    assert asked(client, "/ask.csv", **query)[0] == 400


def test_a_question_over_its_time_is_stopped_and_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second here, five on the page."""
    monkeypatch.setattr(ask, "SECONDS", 0.5)
    status, html = asked(client, sql="select sum(a.i * b.i) from range(1000000) a(i), range(1000000) b(i)")
    assert status == 400
    assert "Still running after 0.5 s" in text_of(html)


@contextmanager
def full(queue: Queue) -> Iterator[None]:
    """The line with every place taken."""
    over, held = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        with queue.turn():
            held.release()
            over.wait(30)

    with ThreadPoolExecutor(2) as askers:
        work = [askers.submit(hold) for _ in range(2)]
        assert held.acquire(timeout=5)
        assert held.acquire(timeout=5)
        try:
            yield
        finally:
            over.set()
            assert [one.result() for one in work] == [None, None]


def test_a_full_line_answers_429_with_a_time_to_come_back(home: Path) -> None:
    """At once, and the question stays in its field."""
    queue = Queue(waiting=0)
    with pages.served(home, homes.NOW, tools=Tools(questions=queue)) as client, full(queue):
        for path in ("/ask", "/ask.csv"):
            answer = client.get(f"{path}?sql=select+1")
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
            assert "2 questions are running" in answer.text
        assert client.get("/").status_code == 200


def test_a_question_whose_generation_is_gone_when_its_turn_comes_is_told_to_ask_again(tmp_path: Path) -> None:
    """The line may be longer than the last few generations last."""
    with homes.house(tmp_path) as opened:
        path = opened.publish(homes.NOW)
    with pages.served(tmp_path, homes.NOW) as client:
        assert asked(client, sql="select 1")[0] == 200
        path.unlink()
        status, html = asked(client, sql="select 1")
    assert (status, "published while the question waited" in html) == (429, True)


@pytest.mark.parametrize(
    ("listen", "asks", "may"),
    [
        ("127.0.0.1:0", "loopback", True), ("[::1]:0", "loopback", True), ("0.0.0.0:0", "loopback", False),
        ("192.168.1.5:0", "loopback", False), ("0.0.0.0:0", "always", True), ("127.0.0.1:0", "never", False),
    ],
)  # fmt: skip
def test_questions_are_off_where_another_machine_can_ask(listen: str, asks: str, may: bool) -> None:
    """Unless config.toml turns them on."""
    assert serve.may_ask(PageSettings.model_validate({"listen": listen, "ask": asks})) is may


@pytest.mark.parametrize("path", ["/ask", "/ask.csv", "/ask.json"])
def test_where_questions_are_off_none_is_run(home: Path, path: str) -> None:
    """The page says how to turn them on."""
    with pages.served(home, homes.NOW, tools=Tools(questions=None)) as client:
        status, html = asked(client, path, sql="select 1")
    assert status == 404
    assert "no questions are answered here" in html.lower()


# --- text --------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_names_values_and_the_question_is_shown_as_text(client: TestClient, payload: str) -> None:
    """Column names, cells, fields, error messages."""
    quoted, name = payload.replace("'", "''"), payload.replace('"', '""')
    for sql in (f"select '{quoted}' as \"{name}\", '{quoted}' as x", f"select '{quoted}' from \"{name}\"", payload):
        _, html = asked(client, sql=sql)
        read = Reader(html.replace('<textarea name="sql"', "<div").replace("</textarea>", "</div>"))
        assert read.harm == []
        assert payload in read.text
    assert Reader(asked(client, q=payload)[1].replace("textarea", "div")).harm == []


def test_hidden_characters_in_an_answer_are_visible(client: TestClient) -> None:
    """Right-to-left marks, control and zero-width characters stand as their codes."""
    html = asked(client, sql=HOSTILE)[1]
    for shown in (r"\u202egnp.exe", r"\x1b[2Jx", r"zero\u200bwidth"):
        assert f"<td>{shown}</td>" in html
    assert not set("\u202e\x1b\u200b") & set(html.split('id="rows"')[1])


def test_hidden_characters_in_a_question_are_said(client: TestClient) -> None:
    """What is asked may not be what is read; an address is easily mailed."""
    html = asked(client, sql="select 1 -- \u202e harmless")[1]
    assert r"hidden characters: select 1 -- \u202e harmless" in text_of(html)
    complaint = asked(client, sql='select * from "\u202eviews"')[1].split('id="complaint"')[1].split("</p>")[0]
    assert r"\u202eviews" in complaint
    assert "\u202e" not in complaint


# --- the dictionary ----------------------------------------------------------------------------


def test_the_dictionary_stands_beside_the_question(client: TestClient, home: Path) -> None:
    """The views it names with all their columns; all others by name."""
    html = asked(client, sql="select * from coverage_now")[1]
    columns = homes.published(home, "select column_name from duckdb_columns() where table_name = 'coverage_now'")
    beside = html.split('id="views"')[1]
    assert all(f'class="code">{name}</dt>' in beside for (name,) in columns)
    every = client.get("/ask/views").text
    views = homes.published(home, "select view_name from duckdb_views() where not internal")
    assert all(f'id="{name}"' in every for (name,) in views)


# --- drawings ----------------------------------------------------------------------------------


def made_up(kinds: tuple[str, ...], *rows: tuple[object, ...]) -> Result:
    return Result(tuple(Column(f"c{at}", kind) for at, kind in enumerate(kinds)), list(rows))


def test_numbers_over_days_are_drawn_a_panel_a_column() -> None:
    """Each with its own axis: two units never share one."""
    drawn = plot.panels(
        made_up(("VARCHAR", "DATE", "DOUBLE", "BIGINT"), ("a", "2026-02-10", 2.0, 7), ("b", "2026-02-09", 1.0, 9))
    )
    assert [one.name for one in drawn] == ["c2", "c3"]
    assert drawn[0].last == "2 at 2026-02-10"
    assert [foot[1] for foot in drawn[0].feet] == ["2026-02-09", "2026-02-10"]


@pytest.mark.parametrize(
    "result",
    [
        made_up(("VARCHAR", "DOUBLE"), ("a", 1.0), ("b", 2.0)),
        made_up(("DATE", "DOUBLE"), ("2026-02-09", 1.0), ("2026-02-09", 2.0)),
        made_up(("DATE", "DOUBLE"), ("2026-02-09", 1.0), (None, 2.0)),
        made_up(("DATE", "DOUBLE"), ("2026-02-09", 1.0)),
        made_up(("DATE", "VARCHAR"), ("2026-02-09", "1"), ("2026-02-10", "2")),
        made_up(("DATE", "DOUBLE"), ("infinity", 1.0), ("2026-02-10", 2.0)),
        made_up(("DOUBLE", "DOUBLE"), (float("inf"), 1.0), (1.0, 2.0)),
    ],
)
def test_what_is_no_line_over_one_axis_is_not_drawn(result: Result) -> None:
    """No x, a day twice, a day missing, one row, no number."""
    assert plot.panels(result) == ()


def test_a_missing_value_is_a_gap() -> None:
    """Two runs, and a dot where a value stands alone."""
    rows = [(f"2026-02-{day:02d}", value) for day, value in ((1, 1.0), (2, 2.0), (3, None), (4, 4.0), (5, None))]
    (drawn,) = plot.panels(made_up(("DATE", "DOUBLE"), *rows))
    assert (len(drawn.lines), len(drawn.dots)) == (1, 1)


def test_the_drawing_is_in_the_page(client: TestClient) -> None:
    """Without a script."""
    html = asked(client, sql="select date '2026-02-01' + i::int as day, i * i as square from range(5) r(i)")[1]
    assert html.count('<svg viewBox="0 0 640 150"') == 1
    assert 'aria-label="square, last 16 at 2026-02-05"' in html
