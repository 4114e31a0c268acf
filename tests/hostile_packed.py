"""Files that mean harm, of the packed and the binary kind: zips, workbooks, PDFs. Each function makes one."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from tests.factories import asia, comex, comex_pdf, cot, world

MEGABYTE: Final = 1 << 20
_DAY: Final = date(2026, 2, 27)
_SHEET: Final = "US GLD Historical Archive"


def rezipped(body: bytes, changed: dict[str, bytes]) -> bytes:
    """A zip with some of its files replaced."""
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    return world.zipped(files | changed)


def _workbook() -> bytes:
    return world.gld_xlsx([world.gld_line("20-Nov-2025")])


def dense(size: int) -> bytes:
    """Text that packs at 80 to 1, just below the ratio at which a zip is refused."""
    chance = random.Random(1)
    return b"".join(chance.randbytes(64).hex().encode() + b" " * 5_500 for _ in range(size // 5_628))


def blanks(megabytes: int, start: bytes = b"", *, bare: bool = False) -> bytes:
    """A deflated stream of `start` and blanks, made of the same packed megabyte again and again; `bare` has no head."""
    head = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = head.compress(start) + head.flush(zlib.Z_FULL_FLUSH)
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed += (block.compress(b" " * MEGABYTE) + block.flush(zlib.Z_FULL_FLUSH)) * megabytes + b"\x03\0"
    check = zlib.adler32(start)
    for _ in range(0 if bare else megabytes):
        check = zlib.adler32(b" " * MEGABYTE, check)
    return packed if bare else b"\x78\xda" + packed + check.to_bytes(4, "big")


# --- zips --------------------------------------------------------------------------------------


def zip_bomb() -> bytes:
    """A gigabyte of blanks where the rates should be."""
    return _zip_of({"eurofxref-hist.csv": blanks(1024, bare=True)}, claim=1 << 30)


def zip_that_lies() -> bytes:
    """Says 100 bytes, holds a gigabyte."""
    return _zip_of({"eurofxref-hist.csv": blanks(1024, bare=True)}, claim=100)


def _zip_of(packed: Mapping[str, bytes], claim: int, *, method: int = 8, flags: int = 0) -> bytes:
    """A zip of streams packed already, each said to hold `claim` bytes."""
    out, central = b"", b""
    for name, data in packed.items():
        key = name.encode()
        head = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 0, 0, len(data), claim, len(key), 0)
        central += b"PK\x01\x02\x14\0" + head + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + key
        out += b"PK\x03\x04" + head + key + data
    return (
        out + central + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(packed), len(packed), len(central), len(out), 0)
    )


def zip_of_zips() -> bytes:
    """Ten zips deep."""
    body = b"Date,USD,JPY,\n"
    for _ in range(10):
        body = world.zipped({"eurofxref.zip": body})
    return body


def zip_of_itself() -> bytes:
    """A zip whose one file is another zip with a bomb."""
    return world.zipped({"eurofxref-hist.csv": zip_bomb()})


def zip_of_many(count: int = 600_000) -> bytes:
    """As many files as 32 MB can list, all the same one."""
    head = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = b"PK\x01\x02\x14\0" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, 4, 0) + bytes(14)
    central = b"".join(entry + number.to_bytes(4, "little") for number in range(count))
    at = len(head)
    wide = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, len(central), at)
    link = struct.pack("<IIQI", 0x07064B50, 0, at + len(central), 1)
    return (
        head + central + wide + link + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    )


def zip_of_sixty_thousand() -> bytes:
    """As many files as a plain zip can list."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for number in range(60_000):
            package.writestr(zipfile.ZipInfo(f"xl/{number}"), b"")
    return out.getvalue()


def zip_that_climbs() -> bytes:
    """File names that point out of any folder."""
    return world.zipped({"../../../../tmp/eurofxref.csv": b"Date,USD,JPY,\n", "/etc/eurofxref": b"x"})


def zip_overlapping() -> bytes:
    """A thousand files that all are the same stream, each small enough by itself."""
    body = _zip_of({"eurofxref": blanks(1, bare=True)}, claim=90_000)
    at = body.index(b"PK\x01\x02")
    entry = body[at : body.index(b"PK\x05\x06")]
    central = b"".join(entry[:-4] + f"{number:04}".encode() for number in range(1_000))
    return body[:at] + central + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1_000, 1_000, len(central), at, 0)


def zip_with_a_password() -> bytes:
    return _zip_of({"eurofxref.csv": b"secret"}, claim=6, method=0, flags=1)


def zip_packed_oddly() -> bytes:
    """LZMA, whose memory the file chooses."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("eurofxref-hist.csv", bytes(MEGABYTE))
    return out.getvalue()


def positions_in_one_line() -> bytes:
    """Positions of traders that go on without a line feed for 200 MB, packed no denser than a real file."""
    sound = cot.cot_text("legacy", [("084691", _DAY)] * 2_000)
    return world.zipped({"annual.txt": sound + dense(200 * MEGABYTE)})


def positions_of_a_million_columns() -> bytes:
    return world.zipped({"annual.txt": b"Market_and_Exchange_Names" + b",M_Money" * 1_000_000 + b"\n1,2,3\n"})


# --- workbooks ---------------------------------------------------------------------------------


def xlsx_bomb() -> bytes:
    """A sheet of 200 MB of blanks."""
    return rezipped(_workbook(), {"xl/worksheets/sheet2.xml": b"<worksheet>" + b" " * 200 * MEGABYTE})


def xlsx_dense_list_of_sheets() -> bytes:
    """The part that is read to recognise a workbook, 60 MB of it, packed no denser than is allowed."""
    return rezipped(_workbook(), {"xl/workbook.xml": b"<workbook><!--" + dense(60 * MEGABYTE) + b"--></workbook>"})


def xlsx_dense_sheet() -> bytes:
    """Sixty megabytes of one cell."""
    cell = b'<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>'
    return rezipped(_workbook(), {"xl/worksheets/sheet2.xml": cell + dense(60 * MEGABYTE)})


def xlsx_far_cell() -> bytes:
    return _with_cells(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def xlsx_laughs() -> bytes:
    """Entities of entities among the shared texts."""
    return rezipped(_workbook(), {"xl/sharedStrings.xml": laughs("sst")})


def _with_cells(rows: bytes) -> bytes:
    sheet = b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
    return rezipped(_workbook(), {"xl/worksheets/sheet1.xml": sheet, "xl/worksheets/sheet2.xml": sheet})


def entities(root: str) -> str:
    """A billion laughs: nine entities, each ten times the one before."""
    listed = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f"<!DOCTYPE {root} [{listed}]>"


def laughs(root: str, inside: str = "") -> bytes:
    return f'<?xml version="1.0"?>{entities(root)}<{root}>{inside}&a9;</{root}>'.encode()


def _stocks() -> bytearray:
    return bytearray(comex.silver_stocks_xls(date(2026, 2, 9), date(2026, 2, 10)))


def xls_with(mark: bytes, offset: int, value: bytes) -> Callable[[], bytes]:
    """An old workbook with other bytes so far behind the first place of `mark`."""

    def made() -> bytes:
        body = _stocks()
        at = body.index(mark) + offset
        body[at : at + len(value)] = value
        return bytes(body)

    return made


def xls_of_thirty_megabytes() -> bytes:
    return bytes(_stocks()) + bytes(30 * MEGABYTE)


# --- PDFs --------------------------------------------------------------------------------------

_HEAD: Final = b"BT /F1 8 Tf (DLV615-T CME CLEARING DAILY DELIVERY NOTICES) Tj ET "
_MAP: Final = b"begincmap <0001> <767d> <0002> <94f6> <0003> <5e93> <0004> <5b58> <0005> <5468> endcmap"


def pdf_of(objects: Mapping[int, bytes]) -> bytes:
    """A PDF of these objects; 1 is the catalog."""
    body, places = b"%PDF-1.4\n", {}
    for number, content in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%d 1\n%010d 00000 n \n" % item for item in places.items())
    tail = b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, len(body))
    return body + b"xref\n" + table + tail


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d /Filter /FlateDecode %s>>\nstream\n%s\nendstream" % (len(content), more, content)


def _pages(kids: bytes, count: int, more: Mapping[int, bytes] | None = None) -> dict[int, bytes]:
    """A catalog, a first page with the head of a daily delivery report, and whatever else."""
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        4: stream(zlib.compress(_HEAD)),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
        **(more or {}),
    }


def pdf_bomb() -> bytes:
    """A page of half a gigabyte of blanks, which recognising never sees since the first page is sound."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 7 0 R >>"
    return pdf_of(_pages(b"3 0 R 6 0 R", 2, {6: page, 7: stream(blanks(512))}))


def pdf_first_page_bomb() -> bytes:
    return pdf_of(_pages(b"3 0 R", 1, {4: stream(blanks(512, _HEAD))}))


def pdf_twice_packed() -> bytes:
    inner = zlib.compress(blanks(512), 9)
    body = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream" % (len(inner), inner)
    return pdf_of(_pages(b"3 0 R 6 0 R", 2, {6: body}))


def pdf_page_loop() -> bytes:
    """A page tree that is its own child."""
    return pdf_of(_pages(b"3 0 R 2 0 R", 2))


def pdf_of_many_pages() -> bytes:
    """100,000 times the same page."""
    return pdf_of(_pages(b"3 0 R " * 100_000, 100_000))


def pdf_deep_page_tree() -> bytes:
    """50,000 nodes, each the only child of the one before."""
    nodes = {n: b"<< /Type /Pages /Parent 2 0 R /Kids [%d 0 R] /Count 1 >>" % (n + 1) for n in range(10, 20_000)}
    return pdf_of(_pages(b"3 0 R 10 0 R", 2, nodes))


def pdf_of_brackets() -> bytes:
    """Lists in lists, 300,000 deep."""
    return pdf_of(_pages(b"3 0 R", 1, {6: b"[" * 300_000}))


def pdf_form_loop() -> bytes:
    """A form that draws itself."""
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >> /Length 5 >>"
    return pdf_of(_pages(b"3 0 R", 1, {6: form + b"\nstream\n/X Do\nendstream"}))


def weekly_bomb() -> bytes:
    """A weekly report of the SGE whose font unpacks to half a gigabyte."""
    body = asia.weekly_pdf()
    extra = b"\n90 0 obj\n" + stream(blanks(512)) + b"\nendobj\n"
    page = b"/FontFile2 90 0 R /FontName /Made"
    return body.replace(b"/FontName /Made", page).replace(b"xref\n0", extra + b"xref\n0", 1)


def weekly_page_loop() -> bytes:
    return asia.weekly_pdf().replace(b"/Kids [3 0 R] /Count 1", b"/Kids [2 0 R] /Count 9")


def weekly_long_page() -> bytes:
    """A page that prints 800,000 characters."""
    body = asia.weekly_pdf(packed=False)
    line = b"BT /F1 10 Tf 1 0 0 1 %d %d Tm <0001000200030004> Tj ET\n"
    text = b"".join(line % (50 + 60 * (number % 9), 700 - number // 9) for number in range(200_000))
    return body.replace(b"BT /F1", text + b"BT /F1", 1)


def pdf_of_thirty_megabytes() -> bytes:
    return comex_pdf.notices_pdf(_DAY, []) + bytes(30 * MEGABYTE) + b"%%EOF"


def many_maps() -> bytes:
    """A PDF of 300 tables of characters."""
    table = stream(zlib.compress(_MAP[:-20] * 3_000))
    return pdf_of(_pages(b"3 0 R", 1, dict.fromkeys(range(6, 306), table)))
