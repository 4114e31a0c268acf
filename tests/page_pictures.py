"""`python -m tests.page_pictures`: draw the README's pictures of the page again, from the demo, with Chromium."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

from tests import pages
from tests.browser import DESK, PHONE, chromium, serving, tab

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PICTURES: Final = {
    "page_now.png": ("", DESK, "light"),
    "page_phone.png": ("", PHONE, "dark"),
    "page_measure.png": ("measure/coverage_raw/SIH26", DESK, "light"),
    "page_vaults.png": ("vaults?metal=silver", DESK, "light"),
}
"""Picture -> address, window, colour scheme."""
COLOURS: Final = 224


def main() -> int:
    """Write the pictures, and say how large they are."""
    with tempfile.TemporaryDirectory(prefix="bullion-pictures-") as folder, chromium() as browser:
        home = pages.demo_home(Path(folder))
        for name, (address, window, scheme) in PICTURES.items():
            with serving(home) as url, tab(browser, viewport=window, color_scheme=scheme) as page:
                page.goto(url + address)
                shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            shot.quantize(COLOURS, dither=Image.Dither.NONE).save(DOCS / name, optimize=True)
            print(f"{name}: {(DOCS / name).stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
