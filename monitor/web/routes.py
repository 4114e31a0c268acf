"""Every page there is, in the order of the navigation. A new page adds itself here and nowhere else."""

from __future__ import annotations

from typing import Final

from monitor.web.page import Page
from monitor.web.pages import alerts, curve, measure, now, regions, sources, vaults

PAGES: Final[tuple[Page, ...]] = (
    *now.PAGES,
    *measure.PAGES,
    *curve.PAGES,
    *vaults.PAGES,
    *regions.PAGES,
    *alerts.PAGES,
    *sources.PAGES,
)
