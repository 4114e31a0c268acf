"""The page Now: what stands there is what the generation says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests import pages

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages.demo_home(tmp_path_factory.mktemp("now"))


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with pages.served(home) as opened:
        yield opened


def test_the_page_names_its_generation(client: TestClient) -> None:
    """The footer says which generation was read and when that was published."""
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Generation 16, published 2026-02-28 06:45 UTC" in answer.text
