"""A drawing over any axis: shapes, ranges and stale ends say what is known and no more."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from monitor.figure import Axis, Figure, Mark, Range, Series, Steps
from monitor.plot import plot
from monitor.web.drawing import drawn

AXIS = Axis(0, 10, [(0, "T\u221210"), (10, "T")])


def figure(*series: Series, ranges: tuple[Range, ...] = ()) -> Figure:
    return Figure("t", "s", series, AXIS, ranges=ranges)


def test_points_that_are_no_line_are_drawn_in_their_shape_alone() -> None:
    svg = plot(figure(Series("a", [(1, 1.0), (2, 2.0)], shape="ring", is_line=False)))
    assert svg.count('class="hollow accent"') == 2
    assert 'class="series' not in svg


def test_each_shape_is_drawn_differently() -> None:
    looks = set()
    for shape in ("dot", "ring", "square"):
        svg = plot(figure(Series("", [(1, 1.0)], shape=shape, is_line=False)))
        looks.add(
            next(line.split()[0] + line.split("class=")[1].split()[0] for line in svg.splitlines() if "accent" in line)
        )
    assert len(looks) == 3


def test_a_range_is_an_area_where_both_ends_are_known_and_upright_where_it_stands_alone() -> None:
    """A place without one of its ends cuts the area in two."""
    ends = Range([(0, 1.0, 2.0), (1, 1.0, 2.0), (2, None, 2.0), (3, 1.0, 2.0)])
    svg = plot(figure(Series("a", [(0, 1.5)]), ranges=(ends,)))
    assert svg.count('class="range band-accent"') == 1
    (upright,) = re.findall(r'<line class="series accent" x1="([\d.]+)" x2="([\d.]+)"', svg)
    assert upright[0] == upright[1]


def test_the_last_value_goes_on_dashed_only_where_it_is_out_of_date() -> None:
    fresh, stale = Series("a", [(0, 1.0), (5, 2.0)]), Series("a", [(0, 1.0), (5, 2.0)], stale_to=10)
    assert "stale" not in plot(figure(fresh))
    (line,) = [line for line in plot(figure(stale)).splitlines() if "stale" in line]
    assert re.search(r'y1="([\d.]+)" y2="\1"', line)


def labels(svg: str) -> dict[str, tuple[float, float, str]]:
    """What a mark is called -> x, y and the side from which it is written."""
    found = re.findall(r'<text class="quiet" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">(M[^<]+)</text>', svg)
    return {name: (float(x), float(y), anchor) for x, y, anchor, name in found}


def marked(*marks: Mark, level: float = 1.0) -> dict[str, tuple[float, float, str]]:
    line = Series("a", [(0, 0.0), (10, 10.0)])
    return labels(plot(Figure("t", "s", [line], AXIS, levels=[Steps("warn", [(5, level)])], marks=marks)))


def test_a_mark_at_the_end_is_named_on_the_side_where_there_is_room() -> None:
    named = marked(Mark(2, "M early"), Mark(10, "M at the end"))
    assert named["M early"][2] == "start"
    x, _, side = named["M at the end"]
    assert (side, x < 720 - 100) == ("end", True)


def test_two_marks_whose_names_would_meet_stand_in_two_rows() -> None:
    named = marked(Mark(9.8, "M before the end"), Mark(10, "M at the end"))
    assert len({y for _, y, _ in named.values()}) == 2


def test_the_name_of_a_mark_lies_on_no_level_and_no_line() -> None:
    free, on_level = marked(Mark(5, "Mark")), marked(Mark(5, "Mark"), level=10.2)
    on_line = marked(Mark(9.4, "Mark"))
    assert on_level["Mark"][1] > free["Mark"][1]
    assert on_line["Mark"][1] > free["Mark"][1]


def test_a_style_is_put_in_only_where_one_is_given() -> None:
    """Pages forbid styles inside documents."""
    assert "<style>" not in plot(figure(Series("a", [(0, 1.0)])))
    assert "<style>x{}</style>" in plot(figure(Series("a", [(0, 1.0)])), "x{}")


def test_text_cannot_add_a_tag() -> None:
    svg = plot(Figure("<b>t", '"s', [Series("<i>a", [(0, 1.0)])], Axis(0, 1, [(0, "<u>")])))
    ET.fromstring(svg)
    assert not re.search(r"<[biu]>", svg)


def test_a_page_draws_twice_untitled_and_shortens_labels_on_a_phone() -> None:
    """The title stays the name of both drawings."""
    made = drawn(figure(Series("without tax, as far as known", [(0, 1.0), (10, 2.0)])))
    assert made
    assert "without tax, as far as known</text>" in made.wide
    assert "without tax</text>" in made.narrow
    for svg in (made.wide, made.narrow):
        assert 'aria-label="t. s"' in svg
        assert 'class="title"' not in svg


def test_a_page_draws_nothing_where_there_is_nothing() -> None:
    assert drawn(figure(Series("a", [(0, None)]))) is None
    with pytest.raises(ValueError, match="at least one value"):
        plot(figure(Series("a", [(0, None)])))
