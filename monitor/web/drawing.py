"""Charts inside a page: each drawn twice, for a wide window and for a phone; the stylesheet shows the one that fits.

They have classes and no style, which the policy of the pages forbids, and no title: the page says it as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from monitor.figure import Figure
from monitor.plot import plot

_WIDE: Final = ((960, 320), (16, 132, 30, 62))
_NARROW: Final = ((366, 270), (16, 96, 30, 46))
_LETTERS: Final = 15
"""How much of an end label fits on a phone."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart: its two drawings, what it says, and the numbers a script may draw it from again ({} for none)."""

    title: str
    subtitle: str
    wide: Markup
    narrow: Markup
    data: Mapping[str, object]


def drawn(figure: Figure, data: Mapping[str, object] | None = None) -> Drawn | None:
    """The figure in both sizes; None where it has no value at all."""
    if not any(value is not None for one in figure.series for _, value in one.points):
        return None
    (wide, wide_margins), (narrow, narrow_margins) = _WIDE, _NARROW
    short = replace(
        figure,
        series=[replace(one, label=_short(one.label)) for one in figure.series],
        levels=[replace(one, label=_short(one.label)) for one in figure.levels],
    )
    return Drawn(
        figure.title,
        figure.subtitle,
        _markup(replace(figure, size=wide, margins=wide_margins, is_titled=False)),
        _markup(replace(short, size=narrow, margins=narrow_margins, is_titled=False)),
        data or {},
    )


def _short(label: str) -> str:
    """The first words of a label, as many as fit."""
    first = label.partition(",")[0]
    return first if len(first) <= _LETTERS else first[: _LETTERS - 1] + "\u2026"


def _markup(figure: Figure) -> Markup:
    """Safe: `plot` escapes every text it is given."""
    return Markup(plot(figure))  # noqa: S704
