"""The child that parses: what one file may take of it, by its format."""

from __future__ import annotations

import subprocess
import sys

import pytest

from monitor.decode_worker import limits_of
from tests.benchmarks import _files

_TAKE = """
from monitor.decode_worker import Limits, _arm
_arm(Limits({memory}, {cpu}))
held = bytearray({megabytes} << 20)
print(len(held) >> 20)
while {spin}:
    pass
"""


def _taken(memory: int, cpu: int, megabytes: int, *, spin: bool = False) -> subprocess.CompletedProcess[str]:
    code = _TAKE.format(memory=memory, cpu=cpu, megabytes=megabytes, spin=spin)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def test_a_workbook_may_take_less_than_a_pdf_and_a_pdf_less_than_a_history_in_a_zip() -> None:
    workbook, zipped = limits_of(_files.made_workbook()), limits_of(b"PK\x03\x04")
    pdf = limits_of(b"%PDF-1.7")
    assert workbook.memory_mb < pdf.memory_mb < zipped.memory_mb
    assert workbook.cpu_seconds < pdf.cpu_seconds < zipped.cpu_seconds
    assert limits_of(b'{"monthData": []}') == limits_of(b"<html></html>") == limits_of(b"")


def test_a_file_that_wants_more_memory_than_its_format_may_have_gets_none() -> None:
    assert _taken(256, 5, 200).stdout == "200\n"
    assert "MemoryError" in _taken(256, 5, 400).stderr


def test_a_file_that_computes_longer_than_its_format_may_is_ended() -> None:
    assert _taken(256, 1, 1, spin=True).returncode < 0


@pytest.mark.parametrize("memory", [10_000, 1_000_000])
def test_no_file_gets_more_than_the_child_may_have_in_all(memory: int) -> None:
    assert "MemoryError" in _taken(memory, 5, 1_500).stderr
