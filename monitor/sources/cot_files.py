"""The forms in which the CFTC publishes Commitments of Traders: JSON rows, text with and without headings, zips of it.

Every form comes out as one table of texts, the rows of our five markets alone, found by their exact code. The whole
history of all markets is never held at once: a zip is read line by line, and each line must have all its fields.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

from monitor.errors import NotPublished, Unreadable
from monitor.model import Answer
from monitor.sources import histories, tables, unzip
from monitor.sources.tables import show

CODES: Final = {"084691": "silver", "088691": "gold", "076651": "platinum", "075651": "palladium", "085692": "copper"}
"""Contract market code -> metal. Exact: MICRO GOLD is 088695 and another market."""
_OURS: Final = re.compile(rb"(?:" + b"|".join(code.lstrip("0").encode() for code in CODES) + rb")[ ,\"]")
_LONGEST: Final = 16_384
_MOST_LINES: Final = 1_000_000
_UNPACKED: Final = 512 * 1024 * 1024
"""The legacy history to 2016, 146,677 lines of about 1,100 bytes, is some 160 million bytes."""
_HEADLESS: Final = re.compile(rb'\s*"[^"\r\n]{3,120}",[ 0-9]{5,6},[0-9]{4}-[0-9]{2}-[0-9]{2},[0-9A-Z+]{5,6} *,')


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts as printed: `rows` under `names` (see `plain`), each with its place in the file."""

    names: tuple[str, ...]
    rows: list[list[str | None]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    hint: str = ""
    """What the name of a zip's member says of its scope: futures, combined or ''."""
    headings: tuple[str, ...] = ()
    """The headings as printed; () for a file without any."""

    def column(self, accepted: Sequence[str]) -> list[str | None] | None:
        """The column that has one of the accepted names; None where there is none."""
        for name in accepted:
            if name in self.names:
                at = self.names.index(name)
                return [row[at] for row in self.rows]
        return None


def plain(name: str) -> str:
    """A heading without its case, blanks, dashes and underscores, of which the publisher uses odd numbers."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def code_of(text: str) -> str:
    """A market code with the leading zeros that spreadsheets take, without the blanks that some years add."""
    bare = text.strip()
    return bare.zfill(6) if bare.isdigit() else bare


def scope_of(path_text: str) -> str | None:
    """futures or combined, where a file's name is one the CFTC uses or says the word; None otherwise.

    Unreadable where it says both.
    """
    name = path_text.lower()
    combined = re.search(r"deahistfo|deacom|annualof|com9[0-9]_|com_disagg|c_disagg|c_year|combined", name)
    futures = re.search(r"deacot|deafut|annual(?!of)|fut8[0-9]_|fut_disagg|f_disagg|f_year|futonly|futures", name)
    if combined and futures:
        raise Unreadable(f"{show(path_text)} says {combined[0]} and {futures[0]}: keep one, or say --product")
    return "combined" if combined else "futures" if futures else None


def head_of(body: bytes) -> bytes:
    """The first bytes of a file or of the one file inside a zip; b'' where the zip is damaged. For recognising."""
    if body[:2] != b"PK":
        return body[:20_000].lstrip(b"\xef\xbb\xbf \r\n\t")
    try:
        package = unzip.Package(body, most_files=1, largest=_UNPACKED)
        return next(package.lines(package.names[0], _LONGEST), b"")
    except Unreadable:
        return b""


def is_headless(head: bytes, fields: int) -> bool:
    """Whether the first line is a row of `fields` values rather than headings."""
    line = head.split(b"\n", 1)[0]
    if not _HEADLESS.match(line):
        return False
    try:
        return len(_split(line, "line 1")) == fields
    except Unreadable:
        return False


def read(answer: Answer, order: Mapping[int, str], fields: int) -> Rows:
    """The rows of our markets.

    `order` names the columns of a file without headings by their place, `fields` is how many it must have.
    Raises NotPublished (no rows at all), Blocked, Unreadable.
    """
    body = answer.body.removeprefix(b"\xef\xbb\xbf")
    if body[:2] == b"PK":
        package = unzip.Package(body, most_files=1, largest=_UNPACKED)
        name = package.names[0]
        return _from_lines(package.lines(name, _LONGEST), order, fields, scope_of(name) or "")
    start = body[:64].lstrip()[:1]
    if start == b"[":
        return _from_json(answer)
    if start in (b"<", b"{"):
        text = tables.text_of(body)
        tables.refuse_block_page(text, "the CFTC")
        raise Unreadable(f"a {'page' if start == b'<' else 'message'} where a report should be: {show(text[:200])}")
    return _from_lines(_lines(body), order, fields, "")


def _lines(body: bytes) -> Iterator[bytes]:
    for number, line in enumerate(body.split(b"\n"), 1):
        if len(line) > _LONGEST:
            raise Unreadable(f"a line of more than {_LONGEST} bytes", f"line {number}")
        yield line


def _from_lines(lines: Iterable[bytes], order: Mapping[int, str], fields: int, hint: str) -> Rows:
    found: Rows | None = None
    at, commas = 0, 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip(b"\r\x1a\0 ")
        if not line:
            continue
        if number > _MOST_LINES:
            raise Unreadable(f"more than {_MOST_LINES} lines")
        if found is None:
            found, rest = _opened(line, order, fields, hint)
            at, commas = _code_place(found), len(found.names) - 1
            if not rest:
                continue
        if line.count(b",") < commas:
            raise Unreadable(f"a line cut short: {line.count(b',') + 1} of {commas + 1} fields", f"line {number}")
        if _OURS.search(line[:400]):
            _keep(found, _split(line, f"line {number}"), at, f"line {number}")
    if found is None:
        raise Unreadable("the file is empty")
    return found


def _opened(line: bytes, order: Mapping[int, str], fields: int, hint: str) -> tuple[Rows, bool]:
    """The empty table that the first line describes, and whether that line is a row already."""
    cells = _split(line, "line 1")
    if not _HEADLESS.match(line):
        return Rows(
            tuple(plain(cell) for cell in cells), hint=hint, headings=tuple(cell.strip() for cell in cells)
        ), False
    if len(cells) != fields:
        raise Unreadable(f"{len(cells)} fields and no headings; such a file has {fields}", "line 1")
    return Rows(tuple(order.get(index, f"?{index}") for index in range(fields)), hint=hint), True


def _code_place(rows: Rows) -> int:
    if "cftccontractmarketcode" not in rows.names:
        raise Unreadable(f"no heading CFTC_Contract_Market_Code: {show(rows.headings[:5])}", "line 1")
    return rows.names.index("cftccontractmarketcode")


def _split(line: bytes, where: str) -> list[str]:
    try:
        return next(csv.reader([line.decode("latin-1")], strict=True), [])
    except csv.Error as error:
        raise Unreadable(f"the line does not split into fields: {error}", where) from None


def _keep(found: Rows, cells: list[str], at: int, where: str) -> None:
    if len(cells) != len(found.names):
        raise Unreadable(f"{len(cells)} fields under {len(found.names)} headings", where)
    if code_of(cells[at]) in CODES:
        found.rows.append(list(cells))
        found.places.append(where)


# --- JSON ------------------------------------------------------------------------------------


def _from_json(answer: Answer) -> Rows:
    items = histories.objects_of(histories.json_list(tables.text_of(answer.body)))
    if not items:
        raise NotPublished("the CFTC has no rows for that date yet")
    _check_limit(len(items), answer.url)
    keys = list(dict.fromkeys(key for item in items for key in item))
    names = tuple(plain(key) for key in keys)
    if len(set(names)) != len(names):
        raise Unreadable("two fields of the JSON have one name")
    rows = Rows(names, headings=tuple(keys))
    if "cftccontractmarketcode" not in names:
        raise Unreadable("no field cftc_contract_market_code")
    code = keys[names.index("cftccontractmarketcode")]
    for index, item in enumerate(items):
        where = f"[{index}]"
        if code_of(tables.label(item.get(code), where)) in CODES:
            rows.rows.append([_text(item.get(key), f"{where}.{key}") for key in keys])
            rows.places.append(where)
    return rows


def _text(raw: object, where: str) -> str | None:
    return None if raw is None else tables.label(raw, where)


def _check_limit(count: int, url: str | None) -> None:
    """Raises Unreadable where the answer is as long as was asked for at most: there may be more."""
    try:
        asked = parse_qs(urlsplit(url or "").query).get("$limit", [""])[0]
    except ValueError:
        return
    if re.fullmatch(r"[0-9]{1,9}", asked) and count >= int(asked):
        raise Unreadable(f"{count} rows, the most that were asked for: the rest is missing")
