"""Where the real captured files are, for the tests that read them."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

CAPTURES = Path(__file__).resolve().parents[2] / "shared" / "captures"

needs_captures = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the captured files are not beside the project (../shared/captures)"
)


def answers(name: str) -> list[dict[str, str]]:
    """The rows of one file of expected answers for COMEX."""
    with (CAPTURES / "comex" / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def differing(wanted: Mapping[Any, Any], found: Mapping[Any, Any]) -> list[str]:
    """A line for every key whose values are not the same, or that only one side has."""
    keys = sorted({*wanted, *found}, key=str)
    return [f"{k}: wanted {wanted.get(k)}, found {found.get(k)}" for k in keys if wanted.get(k) != found.get(k)]
