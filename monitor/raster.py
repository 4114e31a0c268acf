"""A drawing as PNG, by resvg with the bundled font: no system font, no network, the same bytes on every machine."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

_FONTS: Final = Path(__file__).parent / "fonts"
FAMILY: Final = "Bullion Chart"
"""A subset of DejaVu Sans; its licence lies beside it."""
_DECLARED: Final = re.compile(r"--(\w+):\s*(#[0-9a-fA-F]{3,8});")
_USED: Final = re.compile(r"var\(--(\w+)\)")


def png(svg: str, width: int) -> bytes | None:
    """The drawing, `width` pixels wide, in its first set of colours; None where it cannot be drawn.

    Whatever goes wrong in there must cost a mail its picture and nothing else.
    """
    try:
        return _drawn(svg, width)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001  (a panic in there is no Exception)
        return None


@lru_cache(maxsize=8)
def _drawn(svg: str, width: int) -> bytes:
    """Recipients of one alert get the same few pictures: each is drawn for the first of them."""
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=_resolved(svg), width=width, skip_system_fonts=True, font_files=_files(),
            font_family=FAMILY, sans_serif_family=FAMILY,
        )
    )  # fmt: skip


@lru_cache(maxsize=1)
def _files() -> list[str]:
    return [str(path) for path in sorted(_FONTS.glob("*.ttf"))]


def _resolved(svg: str) -> str:
    """Variables as colours: resvg looks none up, and drops a rule that declares one. The first of each name holds."""
    colours: dict[str, str] = {}
    for name, colour in _DECLARED.findall(svg):
        colours.setdefault(name, colour)
    return _USED.sub(lambda used: colours.get(used[1], used[0]), _DECLARED.sub("", svg))
