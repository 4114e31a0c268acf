"""What a publisher may add one day: a field, a column, a line. Each addition leaves every number where it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from tests.factories import comex_pdf
from tests.mutations.specimens import BULLETIN, FRIDAY, Specimen

FIELD: Final = "brandNew"
COLUMN: Final = "Brand New"
LINE: Final = "SOMETHING BRAND NEW"
PRODUCT: Final = "黄金 1,000 10 1,010"


NOT_OURS: Final = {
    "cfets_fx": ("head",),
    "cme_margins": ("props",),
    "gld_trust": ("metadata", "system"),
    "spot_quotes": ("currencies", "timestamps"),
    "frankfurter_fx": ("rates", "rates.2026-10-29", "rates.2026-10-30"),
}
"""Objects of which no number is ours, and those whose fields are the figures themselves: a field there is a rate."""


def with_stranger(specimen: Specimen) -> Iterator[tuple[str, bytes]]:
    """(what was added, bytes) for each place where this kind of file can grow."""
    yield from _MAKERS[specimen.kind](specimen)


def _json(specimen: Specimen) -> Iterator[tuple[str, bytes]]:
    """A field beside those of the document, and one in every item of each list of objects."""
    for path in _objects(json.loads(specimen.body), ()):
        if ".".join(path) in NOT_OURS.get(specimen.source, ()):
            continue
        payload = json.loads(specimen.body)
        for holder in _at(payload, path):
            holder[FIELD] = 1
        yield f"a field in {'.'.join(path) or 'the document'}", json.dumps(payload).encode()


def _objects(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Paths of objects: `*` stands for every item of a list."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield from _objects(inner, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _objects(value[0], (*path, "*"))


def _at(value: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    if not path:
        yield value
    elif path[0] == "*":
        for item in value:
            yield from _at(item, path[1:])
    elif path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _table(specimen: Specimen) -> Iterator[tuple[str, bytes]]:
    """A column at the right edge, and one before it."""
    width = len(specimen.rows[specimen.head])
    for place in (width, width - 1):
        rows = [list(row) for row in specimen.rows]
        for at, row in enumerate(rows[specimen.head :]):
            row.extend([""] * (width - len(row)))
            row.insert(place, COLUMN if at == 0 else "" if specimen.source == "comex_stocks" else "7")
        yield f"a column at {place}", specimen.write(rows)


def _page(specimen: Specimen) -> Iterator[tuple[str, bytes]]:
    """A column at the right edge of every table with headings; a row of title and unit grows inside."""
    grown = re.sub(r"<tr.*?</tr>", _grow, specimen.body.decode(), flags=re.DOTALL)
    yield "a column", re.sub(r"<thead.*?</thead>", _head, grown, flags=re.DOTALL).encode()


def _grow(row: re.Match[str]) -> str:
    """The row with one more cell; one that spans the table spans one column more."""
    if "单位" in row[0]:
        return re.sub(r'colspan="(\d+)"', lambda span: f'colspan="{int(span[1]) + 1}"', row[0])
    if "<td" not in row[0] or "content_intro" in row[0]:
        return row[0]
    label = f' data-label="{COLUMN}"' if "data-label" in row[0] else ""
    return row[0].removesuffix("</tr>") + f"<td{label}>7</td></tr>"


def _head(head: re.Match[str]) -> str:
    rows = head[0].count("<tr")
    return head[0].replace("</tr>", f'<th rowspan="{rows}">{COLUMN}</th></tr>', 1)


def _lines(specimen: Specimen) -> Iterator[tuple[str, bytes]]:
    pages = [list(page) for page in specimen.pages]
    if specimen.source == "comex_settle_file":
        pages[0][2:] = [f"{line:<150}{'7' if at else COLUMN}" for at, line in enumerate(pages[0][2:])]
        yield "a column", specimen.write(pages)
        return
    pages[-1].insert(len(pages[-1]) - specimen.foot, PRODUCT if specimen.source == "sge_weekly" else LINE)
    yield "a line", specimen.write(pages)


def _xml(specimen: Specimen) -> Iterator[tuple[str, bytes]]:
    yield "an attribute", specimen.body.replace(b" currency=", f" {FIELD}='1' currency=".encode())


def _bulletin(specimen: Specimen) -> Iterator[tuple[str, bytes]]:
    """A line under the last product of the first page."""
    first, *others = comex_pdf.bulletin_pages(FRIDAY, BULLETIN)
    yield "a line", comex_pdf.pdf_bytes([[*first, comex_pdf.Text(100, 700, LINE)], *others])


_MAKERS: Final = {
    "json": _json, "table": _table, "page": _page, "lines": _lines, "xml": _xml, "bulletin": _bulletin
}  # fmt: skip
