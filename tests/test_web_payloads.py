"""Payloads in every text the pages read, of the database and of the ledger, come out as text and nothing else."""

from __future__ import annotations

import json
import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest

from monitor.published import newest
from tests import pages

pytestmark = pytest.mark.slow
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</title></textarea></pre><iframe srcdoc=x>",
    "{{ 7 * 191 }}{% for x in () %}",
    "javascript:alert(1)",
)
FORBIDDEN = {"img", "iframe", "object", "embed", "base", "style", "textarea"}
KEPT = {"calendar"}
"""Columns left as they are: nothing shows them."""


class Reader(HTMLParser):
    """The elements of a page that could do harm, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.harm: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        is_ours = tag == "script" and named.get("src", "").startswith("/static/")
        if tag in FORBIDDEN or (tag == "script" and not is_ours):
            self.harm.append(tag)
        self.harm += [f"{tag} {name}" for name in named if name.startswith("on") or name in ("style", "srcdoc")]
        for name in ("href", "action", "src", "hx-get"):
            if named.get(name, "/").split(":")[0] not in ("http", "https") and named.get(name, "/")[0] not in "/#":
                self.harm.append(f"{tag} {name}={named[name]}")

    def handle_data(self, data: str) -> None:
        self.text += data


def poison_database(path: Path, payload: str) -> None:
    """The payload behind every text in every table, in keys and values alike, so that joins still hold."""
    path.chmod(0o644)
    inputs = json.dumps({"metal": f"silver{payload}", "venue": f"COMEX{payload}", "typical": payload})
    leg = json.dumps({f"{payload}_session": "2026-02-26", f"{payload}_published_at": "2026-02-27 22:00:00"})
    with duckdb.connect(str(path)) as con:
        columns = con.execute(
            "select table_name, column_name from duckdb_columns() join duckdb_tables() using (table_name) "
            "where data_type = 'VARCHAR' and not duckdb_columns.internal"
        ).fetchall()
        for table, column in columns:
            if column not in KEPT and (table, column) not in {("reading_rows", "inputs"), ("reading_rows", "verdict")}:
                con.execute(f'update {table} set "{column}" = "{column}" || ?', [payload])
        con.execute("update reading_rows set inputs = ?", [inputs[:-1] + ", " + leg[1:]])
    path.chmod(0o444)


def poison_ledger(path: Path, payload: str) -> None:
    """The same for what people and mail servers said."""
    con = sqlite3.connect(path)
    con.execute(
        "insert into silences (matcher, author, reason, starts, ends, at) values (?, ?, ?, ?, ?, ?)",
        (
            json.dumps({"metal": payload}), payload, payload, "2026-02-28T00:00:00.000000Z",
            "2026-03-05T00:00:00.000000Z", "2026-02-28T00:00:00.000000Z",
        ),
    )  # fmt: skip
    for table, columns in {
        "told": ("check", "subject"), "events": ("check", "subject", "note"), "outbox": ("error", "message_id", "stage")
    }.items():  # fmt: skip
        for column in columns:
            con.execute(f'update {table} set "{column}" = "{column}" || ?', (payload,))
    for number, packed in con.execute("select id, payload from outbox").fetchall():
        notice = json.loads(packed)
        notice |= {part: notice[part] + payload for part in ("subject", "text", "html")}
        con.execute("update outbox set payload = ? where id = ?", (json.dumps(notice), number))
    con.commit()
    con.close()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_text_field_is_shown_as_text(tmp_path: Path, payload: str) -> None:
    """Pages of a poisoned home hold no element, attribute or address of the payload's, and do show its words."""
    home = pages.demo_home(tmp_path)
    poison_database(newest(home / "published"), payload)
    poison_ledger(home / "alerts.sqlite", payload)
    source = quote(f"comex_stocks{payload}", safe="")
    about = f"check={quote('vault_outflow' + payload)}&subject={quote('COMEX silver' + payload)}"
    place = f"/place?metal={quote('silver' + payload)}&venue={quote('COMEX' + payload)}"
    paths = ["/", "/alerts", f"/alerts/of?{about}", "/alerts/mail/1", "/sources"]
    paths += [] if '"' in payload else [place]  # the views read the metal up to the first quotation mark
    paths += [] if "/" in payload else [f"/sources/{source}"]
    with pages.served(home) as client:
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.text)
            read = Reader(answer.text)
            assert read.harm == [], path
            assert payload[:20] in read.text, path
            assert "1337" not in read.text
