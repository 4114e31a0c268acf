"""An archive of a test's own."""

from pathlib import Path

import pytest

from monitor.archive import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")
