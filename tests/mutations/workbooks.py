"""Grids of workbooks read into plain rows, and rows written as workbooks again, all in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import xlwt

from monitor.sources import biff, workbooks

Rows = list[list[Any]]


def cells_of(body: bytes) -> tuple[str, Rows]:
    """(sheet name, cells) of the first sheet of an .xls; an empty cell is ''."""
    sheet = biff.read_workbook(body)[0]
    return sheet.name, [list(row) for row in sheet.rows]


def writer(name: str) -> Callable[[Sequence[Sequence[Any]]], bytes]:
    """How rows become an .xls with one sheet of that name."""

    def write(rows: Sequence[Sequence[Any]]) -> bytes:
        book = xlwt.Workbook()
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value != "":
                    sheet.write(at, column, value)
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    return write


def xlsx_cells(body: bytes, sheet: str) -> Rows:
    """The cells of one sheet of an .xlsx; an empty cell is None."""
    return [[None if cell == "" else cell for cell in row] for row in workbooks.xlsx(body, sheet).rows]
