"""The publisher, the clock and the fetcher of these tests."""

from collections.abc import Iterator

import pytest

from monitor.http import Fetcher
from tests.fetching.asking import Wait, made
from tests.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


@pytest.fixture
def wait() -> Wait:
    return Wait()


@pytest.fixture
def fetcher(wait: Wait) -> Fetcher:
    return made(sleep=wait.sleep, monotonic=wait.monotonic)
