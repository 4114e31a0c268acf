"""CME's settlement files of fixed width, written from plain numbers, in both widths of the file; all made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NARROW = (15, 25, 34, 45, 55, 63, 75, 86, 98, 110)
"""Where the heads of 2015 end."""
WIDE = (22, 35, 48, 61, 74, 87, 99, 114, 126, 138)
"""Where those of 2026 do."""
HEADS = ("OPEN", "HIGH", "LOW", "LAST", "SETT", "CHGE", "ACTUAL VOL", "SETT", "VOL", "INT")
Cells = Sequence[str]
D = "----"
SILVER = {
    "MAR17": ("16.500", "16.700B", "16.400", "16.600A", "16.519", "-.120", "30", "16.639", "", "114593"),
    "JLY17": (D, D, D, D, "16.600", "+.023", "", "16.577", "12", "5909"),
    "DEC18": (D, D, D, D, "17.000", D, "", D, "", ""),
}
OTHERS = {
    "GC Gold Futures": {"FEB17": (D, D, D, D, "1173.4", "UNCH", "", "1173.4", "", "")},
    "HG Copper Futures": {"MAR17": (D, D, D, D, "2.5465", "-.0010", "7", "2.5475", "8", "9")},
}


def row(label: str, cells: Cells, edges: Sequence[int], wide: bool) -> str:
    """One line: each cell ends at its head, a letter one place behind it; the low of 2015 ends a place further."""
    line = [" "] * (edges[-1] + 2)
    line[: len(label)] = label
    for number, (text, edge) in enumerate(zip(cells, edges, strict=True)):
        end = edge + (1 if number == 2 and not wide else 0) + (1 if text.endswith(("A", "B")) else 0)
        line[end - len(text) : end] = text
    return "".join(line).rstrip()


def settle_file(
    products: Mapping[str, Mapping[str, Cells]],
    *,
    head: str = "01/06/17 10:33 PM (CST)",
    wide: bool = False,
    totals: Mapping[str, Cells] | None = None,
) -> bytes:
    """A file of these products by name, each a contract month's ten cells; TOTAL is added up unless given."""
    edges = WIDE if wide else NARROW
    lines = [f"        FINAL POST-CLEARING PRICES AS OF {head}", "MTH/" + "---- DAILY ---".rjust(30)]
    lines.append(row("STRIKE", [head.lower() for head in HEADS], edges, wide=True).upper())
    for name, months in products.items():
        lines.append(name)
        lines += [row(month, cells, edges, wide) for month, cells in months.items()]
        total = (totals or {}).get(name) or added(months)
        if any(total):
            lines.append(row("TOTAL", ("", "", "", "", "", "", "ACTUAL VOL", "", "VOLUME", "OPEN INT"), edges, wide))
            lines.append(row("TOTAL", total, edges, wide))
    return ("\n".join(lines) + "\n").encode()


def added(months: Mapping[str, Cells]) -> list[str]:
    """The cells of the TOTAL line."""
    sums = [sum(int(cells[at] or 0) for cells in months.values()) if at in (6, 8, 9) else 0 for at in range(10)]
    return [str(total) if total else "" for total in sums]


def made(silver: Mapping[str, Cells] = SILVER, **more: Any) -> bytes:
    """Gold, copper and this silver in one file."""
    return settle_file({**OTHERS, "SI Silver Futures": silver}, **more)
