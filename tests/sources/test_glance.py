"""What a PDF prints first, told from its bytes in the process that has to live on."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources import glance, registry
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex_pdf import EXAMPLES, Text, pdf_bytes

PAGES = [[Text(36, 500, "FIRM  (ORG) \\ STOPPED"), Text(36, 480, "072")], [Text(36, 500, "another page")]]
BODY = pdf_bytes(PAGES)


def own_font(table: str, content: str, *, before: bytes = b"") -> bytes:
    """A PDF whose one font says itself what its codes mean."""
    parts = [
        b"%PDF-1.7\n", before,
        b"1 0 obj\n<< /Length 9 /Filter [ /FlateDecode ] >>\nstream\n", zlib.compress(content.encode("latin-1")),
        b"\nendstream\nendobj\n2 0 obj\n<< /Font << \n/9 7 0 R  \n/a 3 0 R  \n>> >>\nendobj\n"
        b"3 0 obj\n<< /Type /Font /ToUnicode 4 0 R >>\nendobj\n4 0 obj\n<< /Length 9 >>\nstream\n",
        f"begincmap {table} endcmap".encode(), b"\nendstream\nendobj\n%%EOF\n",
    ]  # fmt: skip
    return b"".join(parts)


@pytest.mark.parametrize("packed", [True, False])
def test_the_strings_of_the_first_page_come_without_blanks(packed: bool) -> None:
    """Also with brackets and backslashes in them."""
    assert glance.first_text(pdf_bytes(PAGES, packed=packed)) == "FIRM(ORG)\\STOPPED072"


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("2 beginbfrange <20> <20> <004d>\n<21> <21> <0045>", "MEMM!"),
        ("1 beginbfrange <20> <21> <004d>", "MNMM!"),
        ("2 beginbfchar <20> <0041>\n<21> <0042>", "ABAA!"),
    ],
)
def test_a_font_with_a_table_of_its_own_is_read_by_it(table: str, text: str) -> None:
    """As the bulletin has: its codes follow the order in which characters first appear; half a code ends in 0."""
    body = own_font(table, "BT /a 8 Tf [ ( !) 20 <2 0\n2> ] TJ /9 8 Tf (!) Tj ET")
    assert glance.first_text(body) == text


@pytest.mark.parametrize("body", [b"", b"%PDF-", b"PK\x03\x04" + BODY, b"<html>" + BODY, BODY + bytes(1_000_000)])
def test_what_is_no_small_pdf_says_nothing(body: bytes) -> None:
    assert glance.first_text(body) == ""


def test_large_files_of_another_kind_are_not_kept_in_mind() -> None:
    """The last answer is kept for the next recogniser, and with it the file; so only small ones are."""
    glance.first_text(BODY)
    before = glance._first_text.cache_info().misses
    glance.first_text(bytes(5_000_000))
    assert glance._first_text.cache_info().misses == before


@needs_captures
@pytest.mark.captures
def test_every_captured_pdf_is_recognised_by_one_source() -> None:
    """The bulletins, the daily reports and the one of the year."""
    sources = registry.discover()[0].values()
    found: dict[str, set[Sequence[str]]] = {}
    for path in CAPTURES.rglob("*.pdf"):
        names = tuple(source.name for source in sources if source.recognise(path.read_bytes(), "x"))
        found.setdefault(path.parent.name, set()).add(names)
    assert found == {
        "bulletin62": {("comex_bulletin",)},
        "issues_stops": {("comex_notices",)},
        "issues_stops_ytd": {("comex_notices_ytd",)},
    }


BOMB = zlib.compress(bytes(20_000_000))
PRINTS = b"%PDF-1.4 1 0 obj << /Length 9 >>\nstream\nBT Tj "
STREAM = b"\nstream\n%s\nendstream\n"
HOSTILE = {
    "words of streams": b"%PDF-" + b"stream" * 150_000,
    "streams": b"%PDF-" + STREAM % b"x" * 30_000,
    "bombs": b"%PDF-" + STREAM % BOMB * 40,
    "bombs of tables": b"%PDF-"
    + (STREAM % zlib.compress(b"begincmap beginbfrange" + b"<20> <20> <0041> " * 500_000, 9)) * 60,
    "ranges": own_font("beginbfrange" + "<0000> <FFFF> <0000> " * 4_000, "BT /a 8 Tf (!) Tj ET"),
    "open strings": PRINTS + b"(" * 90_000,
    "open escapes": PRINTS + b"(" + b"\\(" * 45_000,
    "open codes": PRINTS + b"<" * 45_000 + b"<" + b"20 " * 20_000,
    "fonts": PRINTS + b"endstream " + b"/Font<<" * 130_000,
    "a wide dictionary of fonts": PRINTS + b"endstream /Font<< " + b"/a 1 0 R " * 100_000,
    "tables of fonts": PRINTS + b"endstream " + b"/ToUnicode 1 " * 70_000,
    "objects": b"%PDF-" + b"1 0 obj " * 120_000 + b"stream",
    "blanks": b"%PDF-" + b"/Font" + b" " * 900_000 + b"<<",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pdf_costs_little_to_glance_at(name: str) -> None:
    """Less than a second of CPU time with all recognisers together; a report takes five thousandths."""
    started = time.process_time()
    glance.first_text(HOSTILE[name])
    for source in registry.discover()[0].values():
        source.recognise(HOSTILE[name], "file.pdf")
    assert time.process_time() - started < 1


@settings(max_examples=EXAMPLES)
@given(st.binary(max_size=400), st.integers(0, len(BODY)), st.sampled_from([BODY, b"%PDF-", PRINTS]))
def test_whatever_the_bytes_there_is_a_text(data: bytes, at: int, start: bytes) -> None:
    """Never an error."""
    assert isinstance(glance.first_text(start[:at] + data + start[at:]), str)
    assert isinstance(glance.first_text(start + data), str)
