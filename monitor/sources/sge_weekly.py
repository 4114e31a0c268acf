"""SGE weekly report: silver in the exchange's delivery vaults, this week and last.

Publisher: Shanghai Gold Exchange; venue SGE; Asia/Shanghai; one PDF a week, normally on the first session of the week
after. Its table 上交所交收库白银库存周度数据（千克） has one row, 白银, with three figures in kg: last week's stock,
the change, this week's stock. They must add up. It is metal in SGE's vaults, another series than SHFE's warrants.

The reports stand in a list under names that cannot be foreseen, so that nothing is asked for: save the file in a
browser. The week is read from the report where it names one, else from the file name, which on the site's list is
`20260518-20260522周报`; the session is its last day. 17:00 of the session after it is assumed as the hour.

No such file was seen: the table's title, its row and the order of its figures come from other people's programs.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator, Set
from datetime import date, timedelta
from typing import Any, Final

from monitor import sessions
from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Due, Note, Proof, Source
from monitor.sources import glance, tables
from monitor.sources.tables import show

_ZONE: Final = "Asia/Shanghai"
_HOUR: Final = "17:00"
_TITLES: Final = ("白银库存周度数据", "指定仓库库存周报")
_SILVER: Final = "白银"
_UNIT: Final = "千克"
_HEADINGS: Final = ("上周库存", "本周增减", "本周库存")
_LETTERS: Final = frozenset("白银库存周")
"""Characters a report must be able to print; PDFs of other publishers have none of them."""
_SECTION: Final = 3_000
_NUMBER: Final = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[+-]?[0-9]+(?:\.[0-9]+)?"
_ROW: Final = re.compile(rf"白\s?银\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})(?![0-9,.])")
_ANY_ROW: Final = re.compile(rf"([\u4e00-\u9fff]{{2,8}}) ({_NUMBER}) ({_NUMBER}) ({_NUMBER})(?![0-9,.])")
_WEEKS: Final = (
    re.compile(r"(?<![0-9])(20[0-9]{2})([0-9]{2})([0-9]{2})\s?[-~至]\s?(20[0-9]{2})([0-9]{2})([0-9]{2})(?![0-9])"),
    re.compile(
        r"(20[0-9]{2})\s?[年.-]\s?([0-9]{1,2})\s?[月.-]\s?([0-9]{1,2})\s?日?\s?[-~至]\s?"
        r"(?:(20[0-9]{2})\s?[年.-]\s?)?(?:([0-9]{1,2})\s?[月.-]\s?)?([0-9]{1,2})(?:\s?日|(?![0-9-]|\.[0-9]))"
    ),
)
_LARGEST: Final = 30_000_000
_MOST_PAGES: Final = 80
_MOST_CHARACTERS: Final = 500_000
_LONGEST_STREAM: Final = 2_000_000
_MOST_UNPACKED: Final = 50_000_000
_MOST_TEXTS: Final = 10_000
"""Pieces of text that one stream may print: 40,000 on one page cost seven seconds."""
_MOST_TABLES: Final = 1_000_000
"""Bytes of fonts' tables that are looked through."""
_HEX_PAIRS: Final = re.compile(rb"<([0-9A-Fa-f]{1,4})>\s*<([0-9A-Fa-f]{1,4})>\s*<([0-9A-Fa-f]{4})>")
_HEX: Final = re.compile(rb"<([0-9A-Fa-f]{4})>")


def hint_of(path_text: str) -> str | None:
    """The last day of the week a file or folder name says (`20260518-20260522周报`), None where it says none.

    Unreadable where it says two.
    """
    ends = {end for _, end in _weeks(_plain(path_text))}
    if len(ends) > 1:
        raise Unreadable(f"{show(path_text)} names {len(ends)} weeks: keep one, or say --product")
    return str(ends.pop()) if ends else None


def asks(day: date) -> tuple[Ask, ...]:  # noqa: ARG001
    """Nothing: the address of a report cannot be foreseen."""
    return ()


def recognise(body: bytes, name: str) -> bool:  # noqa: ARG001
    """A PDF whose fonts can print the characters of the table; pdfium is not asked, since this is not the child."""
    if not body.startswith(b"%PDF-") or len(body) > _LARGEST:
        return False
    left, room = set(map(ord, _LETTERS)), _MOST_TABLES
    for _, piece in glance.streams(body):
        if b"begincmap" in piece or b"beginbf" in piece:
            left -= _printed(piece, left)
            room -= len(piece)
            if not left or room < 0:
                break
    return not left


def parse(answer: Answer) -> Batch:
    """The row of silver as sge_weekly_rows.

    Raises Unreadable (no PDF, no such table or row, no week), Implausible (figures that do not add up, weeks that
    differ).
    """
    text = _plain(_text(answer.body))
    section = _section(text)
    notes: list[Note] = []
    last, change, now = _figures(section, notes)
    session = _session(text, answer)
    tables.believable(session, answer, _ZONE, "week")
    if sessions.known("SGE", session) and not sessions.is_session("SGE", session):
        notes.append(Note("layout", f"{session}, the last day of the week, is no SGE session in our calendar", session))
    if abs(last + change - now) > 1:
        raise Implausible(f"silver: {last:,.0f} {change:+,.0f} does not make {now:,.0f} kg", _SILVER)
    if now < 0 or last < 0:
        raise Implausible(f"silver: a stock of {min(now, last):,.0f} kg", _SILVER)
    row = {
        "session": session,
        "metal": "silver",
        "last_week": last,
        "change": change,
        "this_week": now,
        "unit": "kg",
        "published_at": tables.usual_hour(sessions.following("SGE", session), _HOUR, _ZONE),
        "published_assumed": True,
    }
    return Batch({"sge_weekly_rows": tables.frame("sge_weekly_rows", [row])}, tuple(notes))


# --- the table -----------------------------------------------------------------------------------


def _section(text: str) -> str:
    """What follows the table's title; Unreadable where there is none, or its unit is not kg."""
    bare = re.sub(r"\s+", " ", text)
    at = min((place for title in _TITLES if (place := bare.find(title)) >= 0), default=-1)
    if at < 0:
        raise Unreadable(f"no table called {' or '.join(_TITLES)} in the report")
    section = bare[at : at + _SECTION]
    if _UNIT not in section:
        raise Unreadable(f"the table does not say that it is in {_UNIT}", _TITLES[0])
    return section


def _figures(section: str, notes: list[Note]) -> tuple[float, float, float]:
    """Last week, change, this week of the one row of silver."""
    places = [section.find(heading) for heading in _HEADINGS]
    if -1 in places:
        notes.append(Note("layout", f"the headings {', '.join(_HEADINGS)} are not all there"))
    elif places != sorted(places):
        raise Unreadable(f"the headings do not stand in the order {', '.join(_HEADINGS)}", _SILVER)
    rows = {found.groups() for found in _ROW.finditer(section)}
    if len(rows) != 1:
        raise Unreadable(f"{len(rows)} rows of silver with three figures in the table", _SILVER)
    texts = rows.pop()
    notes += tables.strangers(_beside(section), (_SILVER,), "product")
    figures = [tables.number(text, _SILVER) for text in texts]
    return figures[0] or 0.0, figures[1] or 0.0, figures[2] or 0.0


def _beside(section: str) -> list[str]:
    """Names of the rows with three figures that stand directly under or over silver's."""
    names = [(found.start(), found.end(), found[1]) for found in _ANY_ROW.finditer(section)]
    return [
        name
        for start, end, name in names
        for silver in _ROW.finditer(section)
        if start == silver.end() + 1 or end + 1 == silver.start()
    ]


def _session(text: str, answer: Answer) -> date:
    """The last day of the week, from the report and from the file name; both must agree."""
    named = tables.iso_date(answer.hint, "name") if answer.hint else None
    weeks = set(_weeks(text))
    ends = {end for start, end in weeks if timedelta(0) <= end - start <= timedelta(days=7)}
    if named is not None:
        if ends and named not in ends:
            raise Implausible(
                f"the name says a week to {named}, the report {', '.join(map(str, sorted(ends)))}", "name"
            )
        return named
    if len(ends) != 1:
        raise Unreadable(
            f"the report names {len(ends)} weeks: put its week into the file name, such as 20260518-20260522, or use "
            "--product"
        )
    return ends.pop()


def _weeks(text: str) -> Iterator[tuple[date, date]]:
    """Every range of days the text names, as (first, last)."""
    for pattern in _WEEKS:
        for found in pattern.finditer(text):
            year, month, day, last_year, last_month, last_day = found.groups()
            try:
                start = date(int(year), int(month), int(day))
                yield start, date(int(last_year or year), int(last_month or month), int(last_day))
            except ValueError:
                continue


def _plain(text: str) -> str:
    """The text with full-width signs, radicals and dashes made plain."""
    return re.sub(r"[\u2010-\u2015\u2212\u2500\uff5e\u301c]+", "-", unicodedata.normalize("NFKC", text))


# --- the PDF -------------------------------------------------------------------------------------


def _text(body: bytes) -> str:
    """The text of all pages; Unreadable where it is no sound PDF.

    Meant for the decoding child, whose limits stand in for those of `pdf`: that one refuses pictures and packed
    objects, which a market report with charts may well have.
    """
    if not body.startswith(b"%PDF-"):
        raise Unreadable("no PDF: it does not begin with %PDF-")
    if len(body) > _LARGEST:
        raise Unreadable(f"a PDF of {len(body)} bytes; no weekly report is larger than {_LARGEST}")
    if b"%%EOF" not in body[-2_048:]:
        raise Unreadable("the PDF is cut: it does not end with %%EOF", f"byte {len(body)}")
    _check_texts(body)
    import pypdfium2  # type: ignore[import-untyped]  # 0.05 s that only the first PDF pays

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"the PDF is damaged: {show(str(error))}") from None
    try:
        if len(document) > _MOST_PAGES:
            raise Unreadable(f"a PDF of {len(document)} pages; no weekly report has more than {_MOST_PAGES}")
        pages: list[str] = []
        for index in range(len(document)):
            page = document[index]
            words = page.get_textpage()
            pages.append(_page_text(pypdfium2.raw, words, f"page {index + 1}"))
            words.close()
            page.close()
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"the PDF is damaged: {show(str(error))}", "page") from None
    finally:
        document.close()
    return "\n".join(pages)


def _check_texts(body: bytes) -> None:
    """Raises Unreadable where more texts are printed than pdfium, which compares each with the others, can place."""
    total = 0
    for place, piece in glance.streams(body, _LONGEST_STREAM, _MOST_UNPACKED):
        texts = piece.count(b"Tj") + piece.count(b"TJ")
        total += texts
        if texts > _MOST_TEXTS or total > 6 * _MOST_TEXTS:
            raise Unreadable("more text than a report has", f"byte {place}")


def _page_text(raw: Any, words: Any, where: str) -> str:
    """The text of one page as pdfium itself gives it: its Python helper calls itself once for every blind character."""
    count = words.count_chars()
    if count > _MOST_CHARACTERS:
        raise Unreadable("more text than a report has", where)
    buffer = (ctypes.c_ushort * (count + 1))()
    got = raw.FPDFText_GetText(words, 0, count, buffer)
    return bytes(buffer)[: 2 * max(got - 1, 0)].decode("utf-16-le", "ignore")


def _printed(cmap: bytes, codes: Set[int]) -> set[int]:
    """Which of the characters a font's table from glyphs to characters has, by themselves or inside a range."""
    found = {int(code, 16) for code in _HEX.findall(cmap)} & codes
    for low, high, first in _HEX_PAIRS.findall(cmap):
        start = int(first, 16)
        found |= {code for code in codes if start <= code <= start + int(high, 16) - int(low, 16)}
    return found


SOURCE: Final = Source(
    name="sge_weekly",
    title="SGE weekly silver stock",
    publisher="Shanghai Gold Exchange",
    venue="SGE",
    tables=("sge_weekly_rows",),
    due=Due(clock="18:00", zone=_ZONE, days=1, in_sessions=True, grace_minutes=2 * 24 * 60),
    parse=parse,
    recognise=recognise,
    asks=asks,
    hint_of=hint_of,
    hosts=("www.sge.com.cn",),
    page="https://www.sge.com.cn/sjzx/hqzb",
    terms="Open to any reader of the exchange's site; its conditions were not reviewed here, read them before passing "
    "the figures on.",
    terms_url="https://www.sge.com.cn/",
    licence="none stated in the report",
    cadence="weekly",
    unit="kg",
    history_start="2013",
    proof=Proof.DOCUMENTS,
    verified="No report was read. The table's title, its row of three figures and their order are known from two "
    "programs of others; the figures of one third-party series lie in the range believed.",
)
