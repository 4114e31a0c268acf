"""The order of a whole run: files with long tests first, so that two processes end together; homes of the claims."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests import once
from tests.claim_homes import claim_season, entered_by_hand, nothing_loaded, shares, spot_month, squeeze

__all__ = ["claim_season", "entered_by_hand", "nothing_loaded", "shares", "spot_month", "squeeze"]

settings.register_profile("bullion", deadline=None)  # how fast anything is, no test ever asks
settings.load_profile("bullion")


def pytest_configure() -> None:
    """Before any worker starts, so that all of them share where homes lie and what a run makes once."""
    once.begin()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    long = {item.path for item in items if item.get_closest_marker("slow")}
    # The longest file first, so that not both processes begin by waiting for the same scene.
    items.sort(key=lambda item: (item.path.name != "test_kills.py", item.path not in long))
