"""Opening zips: what is refused before it is read, and what is found while reading."""

from __future__ import annotations

import random
import struct
import time
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import Unreadable
from monitor.sources.unzip import Package, only_file
from tests.factories import shanghai
from tests.factories.world import EDITS, EXAMPLES, zipped
from tests.hostile_packed import zip_of_many, zip_of_sixty_thousand

TEXT = random.Random(7).randbytes(4_000).replace(b"\n", b"") + b"\nsecond\n\nlast"


def test_the_files_of_a_zip_are_read_by_name() -> None:
    package = Package(zipped({"a.txt": b"one", "b/c.txt": b"two"}))
    assert package.names == ("a.txt", "b/c.txt")
    assert package.read("b/c.txt") == b"two"


def test_a_file_that_is_not_there_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no 'x' in the zip"):
        Package(zipped({"a": b"1"})).read("x")


def test_lines_come_one_by_one_with_an_unfinished_last_one() -> None:
    assert list(Package(zipped({"a": TEXT})).lines("a", 10_000)) == TEXT.split(b"\n")


def test_a_line_that_never_ends_is_refused() -> None:
    with pytest.raises(Unreadable, match="a line of more than 3000 bytes"):
        list(Package(zipped({"a": TEXT.replace(b"\n", b" ")})).lines("a", 3_000))


def test_more_files_than_wanted_are_refused_unread() -> None:
    with pytest.raises(Unreadable, match="2 files, not one"):
        only_file(zipped({"a": b"1", "b": b"2"}))
    with pytest.raises(Unreadable, match="3 files, not 1 to 2"):
        Package(zipped({"a": b"1", "b": b"2", "c": b"3"}), most_files=2)


@pytest.mark.parametrize("make", [zip_of_many, zip_of_sixty_thousand])
def test_a_list_of_very_many_files_is_refused_before_it_is_laid_out(make: Callable[[], bytes]) -> None:
    """Laying out 600,000 entries took ten seconds and 200 MB of the running program."""
    body = make()
    started = time.process_time()
    with pytest.raises(Unreadable, match="files, not 1 to 64"):
        Package(body)
    assert time.process_time() - started < 0.2


def test_a_list_longer_than_its_count_is_refused() -> None:
    """The count is one, the list a megabyte."""
    body = zip_of_sixty_thousand()
    with pytest.raises(Unreadable, match=r"a list of \d+ bytes for 1 files"):
        Package(body[:-12] + b"\1\0" + body[-10:])


def test_a_zip_without_its_end_is_refused() -> None:
    body = zipped({"a": b"1"})
    for wrong in (body[:-22], body[:-1], b"PK\x05\x06"):
        with pytest.raises(Unreadable, match="its end is missing"):
            Package(wrong)


def test_a_zip_may_have_a_comment() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", b"1")
        archive.comment = b"made up"
    assert Package(stream.getvalue()).read("a") == b"1"


def test_a_file_longer_than_is_wanted_is_refused_unread() -> None:
    with pytest.raises(Unreadable, match="'a' would grow to 5 bytes; the limit is 4"):
        Package(zipped({"a": b"12345"})).read("a", 4)


def test_two_files_of_one_name_are_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", b"2")
    with pytest.raises(Unreadable, match="two files of one name"):
        Package(stream.getvalue())


def test_files_that_are_large_together_are_refused() -> None:
    data = random.Random(3).randbytes(600)
    with pytest.raises(Unreadable, match="would grow to 1200 bytes; the limit is 1000"):
        Package(zipped({"a": data, "b": data[::-1]}), largest=1_000)


def test_a_file_packed_a_hundredfold_is_refused_unread() -> None:
    with pytest.raises(Unreadable, match="100 to 1"):
        Package(zipped({"a": b" " * 1_000_000}))


def test_a_zip_inside_a_zip_is_refused() -> None:
    with pytest.raises(Unreadable, match="a zip inside a zip"):
        only_file(zipped({"a": zipped({"b": b"1"})}))


def test_an_encrypted_file_is_refused() -> None:
    body = bytearray(zipped({"a": b"one"}))
    at = body.index(b"PK\x01\x02")
    struct.pack_into("<H", body, at + 8, 1)
    with pytest.raises(Unreadable, match="encrypted"):
        Package(bytes(body))


def test_damage_met_while_reading_is_unreadable() -> None:
    body = bytearray(zipped({"a": TEXT}))
    body[200:220] = bytes(20)
    package = Package(bytes(body))
    with pytest.raises(Unreadable, match="damaged"):
        package.read("a")
    with pytest.raises(Unreadable, match="damaged"):
        list(package.lines("a", 10_000))


@given(st.binary(max_size=500))
@settings(max_examples=EXAMPLES, database=None)
def test_arbitrary_bytes_are_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        only_file(b"PK\x03\x04" + body)


@given(EDITS)
@settings(max_examples=EXAMPLES, database=None)
def test_damaged_zips_are_read_or_unreadable(edits: list[tuple[str, int, bytes]]) -> None:
    body = shanghai.damage(zipped({"a": TEXT, "b": b"x"}), edits)
    try:
        package = Package(body)
        for name in package.names:
            package.read(name)
            list(package.lines(name, 10_000))
    except Unreadable:
        pass
