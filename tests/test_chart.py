"""A chart shows what is known and leaves what is not known open."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from monitor.chart import Band, Level, Line, Tick, chart, pieces

FIRST = date(2026, 2, 2)
DAYS = [FIRST + timedelta(days=number) for number in range(10)]


def line(*values: float | None) -> Line:
    return Line("registered", list(zip(DAYS, values, strict=False)))


def drawn(svg: str, kind: str) -> list[str]:
    return re.findall(rf'<path class="{kind}" d="([^"]*)"', svg)


def test_a_missing_value_is_a_gap_and_never_joined() -> None:
    svg = chart("Fell", "Moz", line(1.0, 2.0, None, None, 3.0, 4.0))
    assert len(drawn(svg, "series accent")) == 2
    assert [len(run) for run in pieces(line(None, 1.0, None, 2.0, 3.0).points)] == [1, 2]


def test_a_single_value_between_gaps_is_a_point() -> None:
    svg = chart("Fell", "Moz", line(1.0, 2.0, None, 3.0, None, 4.0, 5.0))
    assert svg.count('class="dot"') == 1


def test_higher_values_stand_higher_and_later_days_farther_right() -> None:
    (path,) = drawn(chart("Rose", "Moz", line(1.0, 2.0, 5.0)), "series accent")
    places = [tuple(map(float, pair.split())) for pair in path.removeprefix("M").split(" L")]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_a_level_holds_until_the_next_one_and_one_point_spans_the_picture() -> None:
    steps = Level("warn", [(DAYS[0], 1.0), (DAYS[4], 3.0)])
    svg = chart(
        "Low", "ratio", line(2.0, 2.5, 2.0, 2.2, 2.1), levels=[steps, Level("critical", [(FIRST, 0.5)], "critical")]
    )
    (stairs,) = drawn(svg, "level warning")
    assert re.fullmatch(r"M[\d.]+ [\d.]+H[\d.]+V[\d.]+", stairs)
    (flat,) = drawn(svg, "level critical")
    assert len(set(re.findall(r"(?: |V)([\d.]+)", flat))) == 1


def test_labels_at_the_ends_do_not_cover_each_other() -> None:
    levels = [Level("warn", [(FIRST, 2.0)]), Level("critical", [(FIRST, 2.01)], "critical")]
    root = ET.fromstring(chart("Close", "ratio", line(1.0, 2.0), levels=levels))
    right = [float(e.get("y", "0")) for e in root.iter() if e.text in ("warn", "critical", "registered")]
    assert len(right) == 3
    assert all(b - a >= 14 for a, b in zip(sorted(right), sorted(right)[1:], strict=False))


def test_episodes_outside_the_picture_are_left_out_and_an_open_one_ends_with_it() -> None:
    bands = [Band(DAYS[3], None, "critical"), Band(date(2020, 1, 1), date(2020, 2, 1))]
    svg = chart("Low", "ratio", line(*range(1, 11)), bands=bands)
    assert svg.count('class="band ') == 1
    assert "band-critical" in svg


def test_labels_of_near_days_stand_in_rows_of_their_own() -> None:
    ticks = [Tick(DAYS[1], "margin 11 %"), Tick(DAYS[2], "margin 15 %"), Tick(DAYS[6], "FND")]
    svg = chart("Low", "ratio", line(*range(1, 11)), ticks=ticks)
    rows = {e.text: e.get("y") for e in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}
    assert rows["margin 11 %"] != rows["margin 15 %"]
    assert rows["margin 11 %"] == rows["FND"]


def test_text_from_reports_cannot_add_a_tag() -> None:
    svg = chart("<script>x</script>", 'a "b"', line(1.0, 2.0), ticks=[Tick(DAYS[1], "<b>FND</b>")])
    ET.fromstring(svg)
    assert "<script" not in svg
    assert "<b>" not in svg


def test_colours_are_variables_with_a_dark_twin_unless_one_is_asked_for() -> None:
    both, dark = chart("t", "s", line(1.0, 2.0)), chart("t", "s", line(1.0, 2.0), dark=True)
    assert "prefers-color-scheme: dark" in both
    assert "--paper: #fbfaf7" in both
    assert "prefers-color-scheme" not in dark
    assert "--paper: #14171a" in dark


@pytest.mark.parametrize("values", [(0.0, 0.0), (5.0,), (-3e9, 2e9), (1e-7, 2e-7)])
def test_any_finite_values_can_be_drawn(values: tuple[float, ...]) -> None:
    svg = chart("t", "s", line(*values))
    ET.fromstring(svg)
    assert "nan" not in svg
    assert svg.count('class="grid"') <= 8


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        chart("t", "s", line(None, None))
