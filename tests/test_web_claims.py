"""The page Claims: what is on file, and the findings of `bullion claim` on the generation in view."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from monitor import claimfile, cli
from tests import homes, pages
from tests.test_web_payloads import PAYLOADS, Reader

CLAIM = "102 Moz registered on 2026-02-10"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("claims")
    with homes.house(folder) as opened:
        opened.publish(homes.NOW)
    return folder


@pytest.fixture
def client(empty: Path) -> Iterator[TestClient]:
    with pages.served(empty, homes.NOW) as opened:
        yield opened


def text_of(answer: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer)).split())


def asked(client: TestClient, text: str) -> tuple[int, str]:
    answer = client.get("/claims?" + urlencode({"text": text}))
    return answer.status_code, text_of(answer.text)


def test_every_claim_on_file_stands_in_the_list_with_its_verdict(client: TestClient) -> None:
    """Number, statement, verdict and evidence."""
    said = text_of(client.get("/claims").text)
    for row in claimfile.listed():
        for part in (row["statement"], row["verdict"], row["evidence"]):
            assert " ".join(part.split()) in said


def test_every_claim_on_file_has_a_page(client: TestClient) -> None:
    """With nothing loaded, no computed figure is anything but unknown or impossible; there is no 46."""
    for row in claimfile.listed():
        answer = client.get(f"/claims/{row['number']}")
        assert answer.status_code == 200, text_of(answer.text)
        assert ("cannot be computed here" in answer.text) is not bool(row["ask"])
    assert client.get("/claims/46").status_code == 404


def test_a_claim_that_no_report_tells_cannot_be_known(client: TestClient) -> None:
    """Unknown, and why; no number."""
    status, said = asked(client, CLAIM)
    assert status == 200
    assert "cannot be known no report on file tells it for 2026-02-10" in said
    assert "Reproduced unknown" in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("102 Moz registered", "must say one date"),
        ("102 Moz flibbertigibbet on 2026-02-10", "flibbertigibbet"),
        ("1" * 301, "at most 300 characters"),
    ],
)
def test_a_claim_that_cannot_be_read_names_the_word(client: TestClient, text: str, why: str) -> None:
    """400, and the text stays in its field."""
    status, said = asked(client, text)
    assert (status, why in said) == (400, True)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_as_a_claim_is_shown_as_text(client: TestClient, payload: str) -> None:
    """In the field and in the sentence that refuses it."""
    for text in (payload, f"102 Moz {payload} on 2026-02-10"):
        answer = client.get("/claims?" + urlencode({"text": text}))
        assert answer.status_code == 400
        assert Reader(answer.text).harm == []


@pytest.mark.slow
def test_a_finding_is_that_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the demo: verdict, value, definition, difference and every input with its file."""
    home = pages.demo_home(tmp_path)
    text = "366 Moz March open interest vs 102 Moz registered on 2026-02-10"
    assert cli.main(["--home", str(home), "claim", "--json", text]) == 0
    told = json.loads(capsys.readouterr().out)
    with pages.served(home) as client:
        _, said = asked(client, text)
    assert len(told) == 3
    for one in told:
        assert f"{one['verdict']} {one['why']}" in said
        assert f"Reproduced {one['value']:,.6g} {one['claim']['unit']} , session {one['session']}" in said
        assert f"Definition {one['definition']}" in said
        assert f"Difference {one['difference']:+,.6g} {one['claim']['unit']}" in said
        for leg in one["inputs"]:
            assert f"session {leg['session']}" in said
            assert leg["file"]["name"] in said
            assert leg["file"]["sha256"][:12] in said
