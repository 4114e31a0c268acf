"""The picture in a mail: drawn by the bundled font alone, gaps left open, said in words, and never a reason to fail."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from alerts.compose import compose
from alerts.mime import as_mail
from alerts.story import CheckCard, Story
from monitor import mailchart, raster, sessions
from monitor.chart import Line, chart, pieces
from monitor.model import Episode, Event, Reading, Severity, Transition, Verdict

CARD = CheckCard("drop", "Registered metal over 20 sessions", unit="%", headline="registered changed by {value}")
DAYS = sessions.sessions("COMEX", date(2026, 1, 5), date(2026, 2, 27))
EPISODE = Episode(DAYS[20], Severity.CRITICAL, Severity.CRITICAL)


def readings(**without: object) -> list[Reading]:
    """One a COMEX session, falling from 0; `days` are left out, `unknown` have no value."""
    left_out, unknown = (without.get(name, ()) for name in ("days", "unknown"))
    return [
        Reading(
            "drop", "COMEX silver", day, None if day in unknown else -0.6 * at,  # type: ignore[operator]
            Verdict.NODATA if day in unknown else Verdict.CLEAR,  # type: ignore[operator]
            -12.0, -20.0, -10.0, inputs={"venue": "COMEX", "metal": "silver"},
        )
        for at, day in enumerate(DAYS) if day not in left_out  # type: ignore[operator]
    ]  # fmt: skip


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_picture_is_a_png_of_its_size_and_says_in_words_what_it_shows() -> None:
    picture = mailchart.picture("c", CARD, readings(unknown=DAYS[5:8]), [EPISODE], [(DAYS[30], "FND SIH26")])
    assert picture is not None
    assert size(picture.png) == (900, 390)
    assert len(picture.png) < 60_000
    last = f"{-0.6 * (len(DAYS) - 1):.1f} % on {DAYS[-1]}"
    for words in ("0 % on 2026-01-05", last, "lowest " + last, "3 sessions without a value left open", "FND SIH26"):
        assert words in picture.words


def test_a_session_without_a_report_is_a_gap_and_a_holiday_is_none() -> None:
    runs = pieces(mailchart.points(readings(days=(DAYS[10],))))
    assert [len(run) for run in runs] == [10, len(DAYS) - 11]
    assert len(pieces(mailchart.points(readings()))) == 1  # 19 January and 16 February are no sessions


def test_two_readings_with_a_report_missing_between_them_are_not_joined() -> None:
    two = [reading for reading in readings() if reading.session in (DAYS[3], DAYS[5])]
    assert [len(run) for run in pieces(mailchart.points(two))] == [1, 1]


def test_weekly_readings_are_joined() -> None:
    assert len(pieces(mailchart.points(readings()[::5]))) == 1


def test_text_is_drawn_though_the_machine_has_no_font() -> None:
    """The title makes ink: without a font resvg leaves text out and says nothing."""
    line = Line("last", [(DAYS[0], 1.0), (DAYS[1], 2.0)])
    with_title, without = (raster.png(chart(title, "", line, dark=False), 600) for title in ("MMMMMMMM", ""))
    assert with_title is not None
    assert without is not None
    assert len(with_title) > len(without)


def test_the_picture_of_a_second_recipient_is_not_drawn_again() -> None:
    drawing = chart("t", "s", Line("l", [(DAYS[0], 1.0), (DAYS[1], 2.0)]), dark=False)
    assert raster.png(drawing, 600) is raster.png(drawing, 600)
    assert raster.png(drawing, 600) != raster.png(drawing, 500)


def test_no_colour_is_left_to_be_looked_up() -> None:
    drawn = raster._resolved(chart("t", "s", Line("l", [(DAYS[0], 1.0), (DAYS[1], 2.0)]), dark=False))
    assert "var(" not in drawn
    assert not re.search(r"--\w+:", drawn)
    assert "fill: #fbfaf7" in drawn


@pytest.mark.parametrize("svg", ["", "no picture", "<svg"])
def test_what_cannot_be_drawn_is_no_picture_and_no_error(svg: str) -> None:
    assert raster.png(svg, 600) is None


def test_a_panic_in_the_library_costs_the_picture_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        pass

    def panics(**_: object) -> bytes:
        raise Panic

    monkeypatch.setattr("resvg_py.svg_to_bytes", panics)
    raster._drawn.cache_clear()
    assert raster.png("<svg/>", 600) is None
    assert mailchart.picture("c", CARD, readings(), [EPISODE]) is None


def test_one_value_or_none_is_no_picture() -> None:
    assert mailchart.picture("c", CARD, readings(unknown=DAYS[1:]), []) is None
    assert mailchart.picture("c", CARD, [], []) is None


# --- in a mail ------------------------------------------------------------------------------


def story(pictures: int = 1, card: CheckCard = CARD) -> Story:
    shown = readings()
    transition = Transition("drop", "COMEX silver", Event.FIRING, Severity.CRITICAL, DAYS[20], DAYS[20])
    drawn = [mailchart.picture(f"chart-{n}", card, shown, [EPISODE]) for n in range(pictures)]
    return Story(
        transitions=(transition,),
        readings={("drop", "COMEX silver"): shown[-1]},
        cards={"drop": card},
        history={("drop", "COMEX silver"): tuple((r.session, r.value) for r in shown)},
        message_id="<a@desk.example.org>",
        references=(),
        now=datetime(2026, 2, 28, tzinfo=UTC),
        pictures=tuple(one for one in drawn if one),
        numbers={("drop", "COMEX silver"): "100 * (80 / 100 - 1) = -20"},
        ahead={("drop", "COMEX silver"): "2026-03-27: Last trade day of SIH26"},
        related={("drop", "COMEX silver"): "Delivery cover: 0.94, critical (2026-02-26)"},
    )


def composed(told: Story) -> bytes:
    notice = compose(told, "desk@example.org", host="desk.example.org", sent_from="desk")
    return as_mail(notice, "bullion@example.org", datetime(2026, 2, 28, tzinfo=UTC))


def test_a_mail_carries_its_picture_within_it_and_both_bodies_say_the_same() -> None:
    told = story()
    notice = compose(told, "desk@example.org", host="desk.example.org", sent_from="desk")
    assert [cid for cid, _ in notice.images] == ["chart-0"]
    assert 'src="cid:chart-0"' in notice.html
    assert "http" not in notice.html.replace("https://", "http").split("<body")[1].split("</body")[0]
    text, page = (" ".join(body.split()) for body in (notice.text, notice.html))
    for words in (told.pictures[0].words, "100 * (80 / 100 - 1) = -20", "Last trade day of SIH26", "0.94, critical"):
        assert words in text
        assert words in page
    assert page.index("cid:chart-0") < page.index("Value and inputs")


def test_pictures_that_make_a_mail_too_large_are_left_out_before_any_row_is() -> None:
    small = story(2)
    large = replace(small, pictures=tuple(replace(one, png=one.png + bytes(50_000)) for one in small.pictures))
    assert len(composed(small)) < 150_000
    notice = compose(large, "desk@example.org", host="desk.example.org", sent_from="desk")
    assert len(notice.images) == 1
    assert len(composed(large)) < 150_000
    assert "cid:chart-1" not in notice.html
    assert "2026-02-27" in notice.text
