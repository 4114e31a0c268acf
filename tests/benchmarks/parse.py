"""One silver stock report, from bytes to checked frames, against pandas with xlrd and against bare calamine."""

from __future__ import annotations

import warnings
from functools import partial
from io import BytesIO

import pandas as pd
from python_calamine import CalamineWorkbook

from monitor.model import Answer
from monitor.sources import comex_stocks
from monitor.validate import checked
from tests.benchmarks import _files
from tests.benchmarks._rows import Row, compared, faster, in_turns, seconds


def run(short: bool) -> list[Row]:
    """Two rows for a made-up workbook of twelve depositories, two for a captured one where there is one."""
    rows = _rows("made-up", _files.made_workbook(), 5 if short else 50)
    body = _files.captured_workbook()
    return rows + (_rows("captured", body, 5 if short else 50) if body else [])


def _rows(kind: str, body: bytes, rounds: int) -> list[Row]:
    jobs = [partial(seconds, partial(job, body), calls=5) for job in (_ours, _pandas, _calamine)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas announces the end of its xlrd reader
        in_turns(3, *jobs)
        ours, pandas, calamine = in_turns(rounds, *jobs)
    name = f"one {kind} silver .xls parsed and checked, against"
    return [
        faster(f"{name} pandas with xlrd", ours, pandas, times=3),
        compared(f"{name} bare calamine", ours, calamine, most=10),
    ]


def _ours(body: bytes) -> object:
    answer = Answer(body, "Silver_stocks.xls", _files.NOW)
    return checked(comex_stocks.parse(answer).frames)


def _pandas(body: bytes) -> object:
    return pd.read_excel(BytesIO(body), engine="xlrd")


def _calamine(body: bytes) -> object:
    return CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_index(0).to_python()
