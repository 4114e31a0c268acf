"""Where the real captured files are, for the tests that read them."""

from pathlib import Path

import pytest

CAPTURES = Path(__file__).resolve().parents[2] / "shared" / "captures"

needs_captures = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the captured files are not beside the project (../shared/captures)"
)
