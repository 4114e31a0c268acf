"""The lines and words of a PDF: places, soundness, and what is refused before pdfium sees it.

Every PDF that is not read from the captures is made up by `tests.factories.comex_pdf`.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import Unreadable
from monitor.sources import pdf
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex_pdf import EXAMPLES, Text, pdf_bytes

PAGES = [
    [
        Text(36, 500, "FIRM  ORG", 10),
        Text(300, 500, "STOPPED", 10),
        Text(36, 480, "072", 10),
        Text(321, 480, "1199", 10),
    ],
    [Text(36, 500, "TOTAL: 1,199 (all) \\ §", 10)],
]
BODY = pdf_bytes(PAGES)
PLAIN = pdf_bytes(PAGES, packed=False)


def lines(body: bytes) -> list[list[str]]:
    with pdf.opened(body) as pages:
        return [[line.text for line in page] for page in pages]


@pytest.mark.parametrize("body", [BODY, PLAIN])
def test_the_lines_come_in_order_page_by_page(body: bytes) -> None:
    """Texts of one height are one line; packed and plain streams are alike."""
    assert lines(body) == [["FIRM ORG STOPPED", "072 1199"], ["TOTAL: 1,199 (all) \\ §"]]


def test_a_word_has_its_left_and_right_edge_in_points() -> None:
    """Courier of 10 points is 6 wide; the edges are those of the glyphs, a point or two inside."""
    with pdf.opened(BODY) as pages:
        words = pages[0][1].words()
        where = pages[0][1].where
    assert [word.text for word in words] == ["072", "1199"]
    assert words[0].left == pytest.approx(36, abs=2)
    assert words[1].left == pytest.approx(321, abs=2)
    assert words[1].right == pytest.approx(321 + 24, abs=2)
    assert where == "page 1, line 2"


@needs_captures
@pytest.mark.captures
def test_every_captured_pdf_is_sound() -> None:
    """All four kinds, none with a character that cannot be placed."""
    paths = [path for name in ("bulletin62", "issues_stops", "issues_stops_ytd") for path in folder(name)]
    assert len(paths) == 69
    for path in paths:
        assert all(lines(path.read_bytes())), path.name


def folder(name: str) -> list[Path]:
    return sorted((CAPTURES / "comex" / name).iterdir())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "does not begin with %PDF-"),
        (b"PK\x03\x04", "does not begin with %PDF-"),
        (b"%PDF-1.4\n%%EOF", "damaged"),
        (BODY + b" " * 1_000_000, "no report is larger"),
        (BODY[:-10], "cut: it does not end with %%EOF"),
        (BODY[: len(BODY) // 2] + b"\n%%EOF\n", "cut|unpack|damaged"),
    ],
)
def test_what_is_no_whole_pdf_is_unreadable(body: bytes, says: str) -> None:
    """Not a PDF, too large, cut at the end or in the middle."""
    with pytest.raises(Unreadable, match=says):
        lines(body)


@pytest.mark.parametrize("cut", range(30, len(BODY) - 10, 97))
def test_a_cut_pdf_never_passes(cut: int) -> None:
    """Wherever the download ended."""
    with pytest.raises(Unreadable):
        lines(BODY[:cut])


@pytest.mark.parametrize(
    "word",
    [b"/Encrypt 9 0 R", b"/Type /ObjStm", b"/Subtype /Form", b"/Subtype /Type3", b"/F#69lter /LZWDecode"],
)
def test_constructions_that_hide_or_grow_are_refused(word: bytes) -> None:
    """Encryption, object streams, forms, drawn fonts, escaped names."""
    with pytest.raises(Unreadable, match="which this report does not use"):
        lines(BODY.replace(b"/Type /Catalog", b"/Type /Catalog " + word))


@pytest.mark.parametrize(
    "written",
    [b"/Filter [/FlateDecode /FlateDecode]", b"/Filter /LZWDecode", b"/Filter 9 0 R", b"/Filter [ /FlateDecode"],
)
def test_only_one_flate_filter_is_read(written: bytes) -> None:
    """A filter behind a filter, another, or one that lies elsewhere is refused."""
    with pytest.raises(Unreadable, match="'/Filter"):
        lines(BODY.replace(b"/Filter /FlateDecode", written, 1))


def test_a_bomb_is_refused_before_it_is_read() -> None:
    """Three megabytes of blanks in three kilobytes."""
    packed = zlib.compress(b" " * 3_000_000)
    found = re.search(rb"stream\n(.*?)\nendstream", BODY, re.DOTALL)
    assert found
    with pytest.raises(Unreadable, match="would grow beyond 2000000 bytes"):
        lines(BODY.replace(found[1], packed))


def test_a_list_of_very_many_parts_is_refused() -> None:
    """A page made of the same part a thousand times over."""
    with pytest.raises(Unreadable, match="a list of more than 300 parts"):
        lines(BODY.replace(b"/Contents 5 0 R", b"/Contents [" + b"5 0 R " * 1_000 + b"]"))


def test_a_part_used_again_and_again_is_refused() -> None:
    """A page of 100 kilobytes that is made of the same content a hundred times."""
    found = re.search(rb"stream\n(.*?)\nendstream", BODY, re.DOTALL)
    assert found
    body = BODY.replace(found[1], zlib.compress(b"0 0 m 1 1 l S\n" * 7_000))
    lines(body)
    with pytest.raises(Unreadable, match="it uses the same parts again and again"):
        lines(body.replace(b"/Contents 5 0 R", b"/Contents [" + b"5 0 R " * 100 + b"]"))


def test_more_pages_than_any_report_has_are_refused() -> None:
    """Two hundred and one of them, in a list that is not too long."""
    with pytest.raises(Unreadable, match="a PDF of 201 pages"):
        lines(pdf_bytes([[]] * 201))


def test_a_damaged_stream_is_unreadable() -> None:
    """It does not unpack, or ends too soon."""
    at = BODY.index(b"stream\n") + 12
    with pytest.raises(Unreadable, match=r"does not unpack|cut"):
        lines(BODY[:at] + b"\xff\xff\xff\xff" + BODY[at + 4 :])


def test_a_stream_that_ends_too_soon_is_unreadable() -> None:
    """Its last bytes are gone, all else is there."""
    at = BODY.index(b"\nendstream")
    with pytest.raises(Unreadable, match="a part of the PDF is cut"):
        lines(BODY[: at - 3] + BODY[at:])


EDITS = st.lists(st.tuples(st.integers(0, len(PLAIN)), st.binary(max_size=6)), min_size=1, max_size=6)


@settings(max_examples=EXAMPLES)
@given(EDITS, st.booleans())
def test_a_damaged_pdf_gives_lines_or_unreadable(edits: list[tuple[int, bytes]], packed: bool) -> None:
    """Bytes overwritten anywhere."""
    body = bytearray(BODY if packed else PLAIN)
    for at, value in edits:
        body[at : at + len(value)] = value
    with contextlib.suppress(Unreadable), pdf.opened(bytes(body)) as pages:
        for page in pages:
            for line in page:
                line.words()


@settings(max_examples=EXAMPLES)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_give_lines_or_unreadable(body: bytes) -> None:
    """Also between a head and an end of a PDF."""
    for candidate in (body, pdf.MAGIC + b"1.4\n" + body + b"\n%%EOF\n"):
        with contextlib.suppress(Unreadable):
            lines(candidate)
