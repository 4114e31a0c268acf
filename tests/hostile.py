"""Files that mean harm: `FILES`, name -> how to make it. None may end as anything but refused."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from datetime import date
from typing import Final

from tests import hostile_packed as packed
from tests.factories import asia, comex, ecb, prices, shanghai, world

MEGABYTE: Final = 1 << 20
_MUCH: Final = 2 * MEGABYTE
_DAY: Final = date(2026, 11, 18)


def swapped(body: bytes, old: str, new: str | bytes, times: int = 1) -> bytes:
    """`body` with a text replaced; fails where it is not there, so that a file stays as hostile as it was meant."""
    assert old.encode() in body, old
    return body.replace(old.encode(), new if isinstance(new, bytes) else new.encode("utf-8", "surrogatepass"), times)


# --- pages ---------------------------------------------------------------------------------------


def page(cells: str) -> bytes:
    """A page of SHFE's warrants with something before its first row."""
    return swapped(shanghai.shfe_warrants_html(_DAY), "<tr", cells + "<tr")


def spreadsheet(prolog: str = "", inside: str = "") -> bytes:
    """The fund's workbook with something before the first row of the sheet that is read."""
    start = 'ss:Name="Historical"><ss:Table>'
    return swapped(world.slv_workbook(prolog=prolog), start, start + inside)


# --- JSON ----------------------------------------------------------------------------------------


def settlements(old: str, new: str) -> bytes:
    months = {date(2026, 5, 1): comex.Price("80.125", volume=40_000, prior_open_interest=90_000)}
    return swapped(comex.settlements_json(months, date(2026, 2, 27), product="Silver Future"), old, new)


def volume(start: str) -> bytes:
    """A volume payload that begins otherwise."""
    months = {date(2026, 5, 1): comex.Month(90_000, 40_000, -100)}
    return swapped(comex.volume_json(months, date(2026, 2, 27)), "{", start)


def quote(price: str, name: str = "Silver") -> bytes:
    """A spot quote with anything in the place of the price."""
    return swapped(swapped(prices.gold_api(), "64.2", price), '"Silver"', name if name != "Silver" else '"Silver"')


def repeated_rows() -> bytes:
    """The daily file of SHFE with 20,000 rows."""
    row = shanghai.shfe_contract("ag", "2612", 16_095)
    return shanghai.shfe_daily_json(_DAY, [row] * 20_000, subtotals=False)


def many_keys() -> bytes:
    """An object of a million keys."""
    keys = ",".join(f'"{number:x}":1' for number in range(1_000_000))
    return swapped(prices.gold_api(), "{", "{" + keys + ",")


# --- lines ---------------------------------------------------------------------------------------


def bills(rate: str) -> bytes:
    """FRED's file with anything in the place of one rate."""
    return world.fred_csv([["2026-02-12", rate, "4.35", "4.20", "4.30"]])


def by_hand(value: str) -> bytes:
    return prices.entered(prices.ROW | {"value": value})


FILES: Final[dict[str, Callable[[], bytes]]] = {
    # zips
    "eurofxref-bomb.zip": packed.zip_bomb,
    "eurofxref-lies.zip": packed.zip_that_lies,
    "eurofxref-ten-deep.zip": packed.zip_of_zips,
    "eurofxref-in-zip.zip": packed.zip_of_itself,
    "600000-members.zip": packed.zip_of_many,
    "60000-members.xlsx": packed.zip_of_sixty_thousand,
    "eurofxref-climbs.zip": packed.zip_that_climbs,
    "eurofxref-overlapping.zip": packed.zip_overlapping,
    "eurofxref-password.zip": packed.zip_with_a_password,
    "eurofxref-lzma.zip": packed.zip_packed_oddly,
    "eurofxref-cut.zip": lambda: ecb.ecb_zip(ecb.ecb_hist_csv())[:-40],
    "positions-one-line.zip": packed.positions_in_one_line,
    "positions-a-million-columns.zip": packed.positions_of_a_million_columns,
    # workbooks
    "gld-bomb.xlsx": packed.xlsx_bomb,
    "gld-dense-list-of-sheets.xlsx": packed.xlsx_dense_list_of_sheets,
    "gld-dense-sheet.xlsx": packed.xlsx_dense_sheet,
    "gld-far-cell.xlsx": packed.xlsx_far_cell,
    "gld-laughs.xlsx": packed.xlsx_laughs,
    "stocks-many-texts.xls": packed.xls_with(b"COMMODITY EXCHANGE", -7, b"\xff\xff\xff\x7f"),
    "stocks-wide-sheet.xls": packed.xls_with(b"\x00\x02\x0e\x00", 8, b"\xff\xff\xff\xff"),
    "stocks-far-cell.xls": packed.xls_with(b"\x03\x02\x0e\x00", 4, b"\xff\xff\xff\xff"),
    "stocks-circle-of-sectors.xls": packed.xls_with(b"\xd0\xcf\x11\xe0", 48, b"\xff\xff\xff\x00"),
    "stocks-many-tables.xls": packed.xls_with(b"\xd0\xcf\x11\xe0", 44, b"\xff\xff\xff\x00"),
    "stocks-huge-sectors.xls": packed.xls_with(b"\xd0\xcf\x11\xe0", 30, b"\x1f"),
    "stocks-30-megabytes.xls": packed.xls_of_thirty_megabytes,
    # XML
    "slv-laughs.xls": lambda: spreadsheet(packed.entities("Workbook")),
    "slv-other-file.xls": lambda: spreadsheet('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
    "slv-deep.xls": lambda: spreadsheet(inside="<a>" * 1_000_000),
    "slv-far-row.xls": lambda: spreadsheet(inside='<ss:Row ss:Index="999999999"></ss:Row>'),
    "slv-attributes.xls": lambda: spreadsheet(inside="<ss:Row " + " ".join(f'a{n}=""' for n in range(300_000)) + ">"),
    "slv-one-cell.xls": lambda: spreadsheet(inside=f"<ss:Row><ss:Cell><ss:Data>{'x' * 20 * MEGABYTE}</ss:Data>"),
    "slv-ampersands.xls": lambda: swapped(world.slv_workbook(), "Shares Outst", "&" * _MUCH + "Shares Outst"),
    "ecb-laughs.xml": lambda: packed.laughs("eurofxref", "<Cube>"),
    "ecb-deep.xml": lambda: swapped(ecb.ecb_xml(), "<Cube", "<Cube>" * 1_000_000 + "<Cube"),
    # PDFs
    "notices-bomb.pdf": packed.pdf_bomb,
    "notices-first-page-bomb.pdf": packed.pdf_first_page_bomb,
    "notices-packed-twice.pdf": packed.pdf_twice_packed,
    "notices-page-loop.pdf": packed.pdf_page_loop,
    "notices-100000-pages.pdf": packed.pdf_of_many_pages,
    "notices-deep-page-tree.pdf": packed.pdf_deep_page_tree,
    "notices-brackets.pdf": packed.pdf_of_brackets,
    "notices-form-loop.pdf": packed.pdf_form_loop,
    "notices-30-megabytes.pdf": packed.pdf_of_thirty_megabytes,
    "notices-many-maps.pdf": packed.many_maps,
    "weekly-bomb.pdf": packed.weekly_bomb,
    "weekly-page-loop.pdf": packed.weekly_page_loop,
    "weekly-long-page.pdf": packed.weekly_long_page,
    # pages
    "warrants-a-million-columns.html": lambda: page("<table><tr>" + "<td>1</td>" * 1_000_000 + "</tr></table>"),
    "warrants-20000-tables.html": lambda: page("<table><tr><td>" * 20_000),
    "warrants-tables-side-by-side.html": lambda: page("<table><tr><td>1</td></tr></table>" * 100_000),
    "warrants-spans.html": lambda: page('<td rowspan="999" colspan="999">x'),
    "warrants-deep.html": lambda: page("<div><b><i>" * 60_000),
    "warrants-very-deep.html": lambda: page("<div><b><i>" * 300_000),
    "warrants-attribute.html": lambda: page('<tr class="' + "x" * 20 * MEGABYTE),
    "warrants-a-million-rows.html": lambda: page("<table>" + "<tr><td>1</td></tr>" * 1_000_000 + "</table>"),
    "warrants-open-comment.html": lambda: page("<!--" + "-" * 5 * MEGABYTE),
    "quotes-nul.html": lambda: swapped(shanghai.sge_page(shanghai.sge_rows(_DAY)), "<td", "\0<td", 40),
    "quotes-european.html": lambda: swapped(shanghai.sge_page(shanghai.sge_rows(_DAY)), ">930.50<", ">1.234,5<", 9),
    "rates-of-india.html": lambda: swapped(asia.ibja_page(asia.ibja_usual(_DAY)), "150100", "9" * MEGABYTE),
    # JSON
    "silver-volume-deep.json": lambda: volume('{"x":' + "[" * 1_000_000),
    "silver-volume-digits.json": lambda: volume('{"x":' + "9" * 10 * MEGABYTE + ","),
    "settlements-twice.json": lambda: settlements('"tradeDate"', '"tradeDate": "02/26/2026", "tradeDate"'),
    "settlements-cut.json": lambda: settlements('"settlements"', '"settlements"')[:-9],
    "quote-nan.json": lambda: quote("NaN"),
    "quote-infinity.json": lambda: quote("-Infinity"),
    "quote-huge.json": lambda: quote("1e308"),
    "quote-beyond.json": lambda: quote("1e400"),
    "quote-european.json": lambda: quote('"1.234,5"'),
    "quote-surrogate.json": lambda: quote("64.2", '"\\ud800"'),
    "quote-half-encoded.json": lambda: quote("64.2", '"\ud800"'),
    "quote-digits.json": lambda: quote("9" * 900_000),
    "quote-million-keys.json": many_keys,
    "shfe-20000-rows.json": repeated_rows,
    "benchmark-blanks.json": lambda: b"{" + b" " * 5 * MEGABYTE + b'"zp" : [ ' + b'"zp" :' * 500_000,
    "backslashes.json": lambda: b'{"price": "' + b"\\" * 10 * MEGABYTE,
    # lines
    "bills-a-million-columns.csv": lambda: swapped(bills("4.31"), "SOFR", "SOFR" + ",x" * 1_000_000),
    "bills-european.csv": lambda: bills('"1.234,5"'),
    "bills-thousands.csv": lambda: bills("1,234.5"),
    "bills-huge.csv": lambda: bills("1e308"),
    "bills-nan.csv": lambda: bills("NaN"),
    "bills-nul.csv": lambda: bills("4.\x0031"),
    "bills-full-width.csv": lambda: bills("４.３１"),
    "bills-utf16.csv": lambda: bills("4.31").decode().encode("utf-16"),
    "bills-utf7.csv": lambda: swapped(bills("4.31"), "4.31", "+ADQ-.31"),
    "bills-open-quote.csv": lambda: bills('"' + "4.31\n" * 3_000_000),
    "bills-a-million-lines.csv": lambda: bills("4.31") + b"2026-02-12,1,2,3,4\n" * 1_000_000,
    "by-hand-nan.csv": lambda: by_hand("NaN"),
    "by-hand-formula.csv": lambda: by_hand("=1+1"),
    "by-hand-european.csv": lambda: by_hand("1.234,5"),
    "by-hand-minus.csv": lambda: by_hand("-" * MEGABYTE),
    "margins-nul.csv": lambda: b"Product Code,Start Period,Maintenance\n" + bytes(MEGABYTE),
    # anything else
    "empty.csv": lambda: b"",
    "blanks.txt": lambda: b" \r\n\t" * 7 * MEGABYTE,
    "nul.bin": lambda: bytes(30 * MEGABYTE),
    "33-megabytes.csv": lambda: b"Date,USD,JPY,\n" + b"x" * 33 * MEGABYTE,
    "gzip-of-gzip.gz": lambda: gzip.compress(gzip.compress(bytes(100 * MEGABYTE))),
    "noise.bin": lambda: random.Random(1).randbytes(5 * MEGABYTE),
    "picture.jpg": lambda: b"\xff\xd8\xff\xe0" + random.Random(2).randbytes(50_000),
    "line\nfeed \u202etxt.exe": lambda: b"{}",
    "=cmd|'calc'!A0.json": lambda: json.dumps({"=cmd|' /C calc'!A0": 1}).encode(),
    "a" * 240: lambda: b"<html>" + b"<a href='x'>" * 100_000,
}  # fmt: skip
